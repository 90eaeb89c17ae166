"""The compiled part of `lantern`. Its public names are those of the package.

In examples that do not make them, `server` is a `lantern.LocalServer(limits="off")` and `client` a
client of it, `server.client()`; `job` is one that has ended, with five people and the key `weekly`,
and `pl` is `polars`.
"""

import datetime
import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Protocol, Self, TypeAlias, final, overload

from lantern._columns import Column, Texts
from lantern._table import Table

__version__: str
__debug_build__: bool

class _ArrowStream(Protocol):
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class _LazyFrame(Protocol):
    def collect(self) -> Any: ...

_Table: TypeAlias = _ArrowStream | _LazyFrame
_Path: TypeAlias = str | os.PathLike[str]
_Id: TypeAlias = str | int
_When: TypeAlias = str | datetime.date | datetime.datetime
_Kind: TypeAlias = Literal["phone", "email", "phone-email", "phone_email", "deep-research"]
_OnInDoubt: TypeAlias = Literal["raise", "resend", "skip"]
_Entity: TypeAlias = Literal["person", "company"]
_Effort: TypeAlias = Literal["low", "medium", "high"]
_Agent: TypeAlias = Literal["general", "funding", "legal"]
_Limits: TypeAlias = Mapping[str, int | None]
_Matched: TypeAlias = Literal["account", "contact", "lead"]
_Routed: TypeAlias = Literal["lead", "contact", "opportunity", "account"]
_SalesforceObject: TypeAlias = Literal["Lead", "Contact", "Account", "Opportunity"]
_Event: TypeAlias = Literal["after_insert", "after_update", "after_undelete"]
_MappedCall: TypeAlias = Literal[
    "enrich.phone",
    "enrich.email",
    "enrich.company",
    "enrich.person",
    "enrich.ai",
    "enrich.research",
    "match",
    "salesforce.convert",
    "routing.assign",
    "workflows.trigger",
    "forms.submit",
]
_Action: TypeAlias = Literal["assign", "convert", "merge", "enrich"]

@final
class BatchAccepted:
    """A batch that the API accepted: the answer to the calls of `client.agents`.

    Example:
        >>> accepted = client.agents.email(["P0000004"], max_credits=1)
        >>> accepted.to_dict()
        {'run_id': '...', 'result_path': 's3://.../results.csv', 'credits_csv_path': 's3://...'}
        >>> len(accepted.request_id), accepted.credits_remaining < 1_000_001
        (36, True)
    """

    @property
    def run_id(self) -> str:
        """The run that works the batch: a UUID."""
    @property
    def result_path(self) -> str:
        """Where the result will lie: `s3://bucket/key`."""
    @property
    def credits_csv_path(self) -> str | None:
        """Where the credit report will lie: `s3://bucket/key`."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left, where the answer says so."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class RunState:
    """How far a run is: the answer to `client.agents.status`.

    Example:
        >>> run = client.agents.email(["P0000004"], max_credits=1)
        >>> state = client.agents.status(run.run_id)
        >>> state.status in ("queued", "completed")
        True
        >>> state.to_dict()
        {'run_id': '...', 'status': '...'}
    """

    @property
    def run_id(self) -> str:
        """The run: a UUID."""
    @property
    def status(self) -> str:
        """`queued`, `completed` or `failed`; any other word means that it still runs."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left, where the answer says so."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Usage:
    """Credits used in a span of time: the answer to `client.credits.usage`.

    Example:
        >>> client.credits.usage("2025-01-01", "2025-02-01").to_dict()
        {'success': True, 'tenant_id': 1, 'start_date': '2025-01-01T00:00:00Z',
         'end_date': '2025-02-01T00:00:00Z', 'credits_used': 0.0}
    """

    @property
    def credits_used(self) -> float:
        """Credits used."""
    @property
    def tenant_id(self) -> int | None:
        """The tenant's number."""
    @property
    def start_date(self) -> str | None:
        """The beginning, ISO 8601."""
    @property
    def end_date(self) -> str | None:
        """The end, ISO 8601."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left, where the answer says so."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Remaining:
    """Credits left: the answer to `client.credits.remaining`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(credits=500) as server:
        ...     server.client().credits.remaining().to_dict()
        {'success': True, 'tenant_id': 1, 'remaining_credits': 500.0, 'total_credits': 500.0}
    """

    @property
    def remaining_credits(self) -> float:
        """Credits left."""
    @property
    def total_credits(self) -> float | None:
        """Credits bought."""
    @property
    def tenant_id(self) -> int | None:
        """The tenant's number."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left, where the answer says so."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Headquarters:
    """Where a company has its seat.

    Example:
        >>> answer = client.enrich.company(record_id="C1", domain="jain-solar.in")
        >>> answer.company.hq.to_dict()
        {'city': 'Chennai', 'state': 'Tamil Nadu', 'country': 'India', 'postal_code': '600057'}
    """

    @property
    def city(self) -> str | None:
        """The city."""
    @property
    def state(self) -> str | None:
        """The state or region."""
    @property
    def country(self) -> str | None:
        """The country."""
    @property
    def postal_code(self) -> str | None:
        """The postal code."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Geo:
    """A place on earth.

    Example:
        >>> answer = client.enrich.company(record_id="C1", domain="jain-solar.in")
        >>> answer.company.geo.to_dict()
        {'lat': 12.99405, 'lon': 80.31538, 'county': None}
    """

    @property
    def lat(self) -> float | None:
        """Degrees north."""
    @property
    def lon(self) -> float | None:
        """Degrees east."""
    @property
    def county(self) -> str | None:
        """The county."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class EnrichedCompany:
    """What is known of a company.

    Example:
        >>> answer = client.enrich.company(record_id="C1", domain="jain-solar.in")
        >>> answer.company.to_dict()
        {'name': 'Jain Solar LLP', 'domain': 'jain-solar.in',
         'linkedin_url': 'https://www.linkedin.com/company/jain-solar', 'hq': {...},
         'size_range': '51-200', 'industry': 'Energy', 'geo': {...}, 'last_verified_at': '...Z'}
    """

    @property
    def name(self) -> str | None:
        """Its name."""
    @property
    def domain(self) -> str | None:
        """Its domain."""
    @property
    def linkedin_url(self) -> str | None:
        """Its page on LinkedIn."""
    @property
    def hq(self) -> Headquarters | None:
        """Where it has its seat."""
    @property
    def size_range(self) -> str | None:
        """Employees, such as `500+`."""
    @property
    def industry(self) -> str | None:
        """What it does."""
    @property
    def geo(self) -> Geo | None:
        """Where it is."""
    @property
    def last_verified_at(self) -> str | None:
        """When this was last verified, ISO 8601."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class EnrichedPerson:
    """What is known of a person.

    Example:
        >>> answer = client.enrich.person(
        ...     record_id="P1",
        ...     first_name="Pari",
        ...     last_name="Agarwal",
        ...     company_domain="jain-solar.in",
        ... )
        >>> answer.person.to_dict()
        {'full_name': 'Pari Agarwal', 'email': 'pagarwal@jain-solar.in', 'email_confidence': 0.95,
         'email_status': 'valid', 'phone': '+919971381872', 'title': 'Senior Research Specialist',
         'linkedin_url': 'https://www.linkedin.com/in/pari-agarwal-9ecdcaa9',
         'job_last_seen_at': '...Z'}
    """

    @property
    def full_name(self) -> str | None:
        """The full name."""
    @property
    def email(self) -> str | None:
        """The e-mail address."""
    @property
    def email_confidence(self) -> float | None:
        """How sure the address is, 0 to 1."""
    @property
    def email_status(self) -> str | None:
        """`valid`, `accept_all`, `risky`, `invalid` or `unknown`."""
    @property
    def phone(self) -> str | None:
        """The phone number."""
    @property
    def title(self) -> str | None:
        """What the person does."""
    @property
    def linkedin_url(self) -> str | None:
        """The profile on LinkedIn."""
    @property
    def job_last_seen_at(self) -> str | None:
        """When the person was last seen in this job, ISO 8601."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class TokenUsage:
    """What a language model read and wrote, in tokens; 0 on the local server, which has no model.

    Example:
        >>> client.enrich.ai("Where is jain-solar.in?").token_usage.to_dict()
        {'prompt_tokens': 0, 'completion_tokens': 0, 'total_tokens': 0}
    """

    @property
    def prompt_tokens(self) -> float | None:
        """Tokens read."""
    @property
    def completion_tokens(self) -> float | None:
        """Tokens written."""
    @property
    def total_tokens(self) -> float | None:
        """Both."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class RecordMatch:
    """One Salesforce record that a candidate may be.

    Example:
        >>> answer = client.match(
        ...     object="contact",
        ...     candidates=[{"last_name": "Ishida", "company": "Stonepeak Seisakusho"}],
        ...     rules=["last_name:eq", "company:fuzzy0.85"],
        ... )
        >>> answer.results[0].matches[0].to_dict()
        {'sf_id': '003Lc0000000001IAA', 'confidence': 0.8425,
         'matched_rules': ['last_name:eq', 'company:fuzzy0.85'],
         'explanation': "last_name is the same ('ishida'); company is 1.000 alike
         ('stonepeak seisakusho')"}
    """

    @property
    def sf_id(self) -> str | None:
        """The record's id."""
    @property
    def confidence(self) -> float | None:
        """How sure it is, 0 to 1."""
    @property
    def matched_rules(self) -> list[str]:
        """The rules that hold."""
    @property
    def explanation(self) -> str | None:
        """Why, in words."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class CandidateMatches:
    """What was found for one candidate.

    Example:
        >>> answer = client.match(
        ...     object="contact",
        ...     candidates=[{"id": 7, "email": "nobody@nowhere.example"}],
        ...     rules=["email:eq"],
        ... )
        >>> answer.results[0].to_dict()
        {'candidate_index': 0, 'candidate_id': '7', 'matches': []}
    """

    @property
    def candidate_index(self) -> int:
        """The candidate's place in the request, from 0."""
    @property
    def candidate_id(self) -> str | None:
        """The candidate's `id`, if it has one."""
    @property
    def matches(self) -> list[RecordMatch]:
        """The most confident first."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class PoolUser:
    """A user of a pool.

    Example:
        >>> pool = client.routing.put_pool("east", ["005Lc0000000001IAA"])
        >>> pool.users[0].to_dict()
        {'id': '005Lc0000000001IAA', 'name': 'Maya Reyes', 'active': True, 'assigned': 0}
    """

    @property
    def id(self) -> str:
        """The user's id."""
    @property
    def name(self) -> str | None:
        """The user's name."""
    @property
    def active(self) -> bool | None:
        """Whether the user gets records."""
    @property
    def assigned(self) -> float | None:
        """How many records of this pool the user got."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Pool:
    """Users who take turns: what `client.routing.pools` and `put_pool` answer.

    Example:
        >>> pool = client.routing.put_pool("west", ["005Lc0000000001IAA", "005Lc0000000002IAA"])
        >>> [user.name for user in pool.users]
        ['Maya Reyes', 'Jonas Lindqvist']
        >>> pool.to_dict()
        {'success': True, 'pool': 'west', 'users': [...], 'sequence': 0}
    """

    @property
    def pool(self) -> str:
        """Its name."""
    @property
    def users(self) -> list[PoolUser]:
        """In the order of their turns."""
    @property
    def sequence(self) -> float | None:
        """How many records were assigned."""
    def to_dict(self) -> dict[str, Any]:
        """The fields, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class PhoneEnriched:
    """A phone number, or that there is none: the answer to `client.enrich.phone`.

    Example:
        >>> answer = client.enrich.phone(record_id="P1", email="pagarwal@jain-solar.in")
        >>> answer.to_dict()
        {'success': True, 'record_id': 'P1', 'first_name': 'Pari', 'last_name': 'Agarwal',
         'company': 'Jain Solar LLP', 'email': 'pagarwal@jain-solar.in',
         'linkedin_id': 'pari-agarwal-9ecdcaa9', 'phone_number': '+919971381872',
         'confidence': 'high', 'credits_consumed': 5, 'credits_remaining': ...,
         'processing_time_ms': ..., 'cached': False}
    """

    @property
    def record_id(self) -> str | None:
        """What was sent."""
    @property
    def first_name(self) -> str | None:
        """What was sent or found."""
    @property
    def last_name(self) -> str | None:
        """What was sent or found."""
    @property
    def company(self) -> str | None:
        """What was sent or found."""
    @property
    def email(self) -> str | None:
        """What was sent or found."""
    @property
    def linkedin_id(self) -> str | None:
        """What was sent or found."""
    @property
    def phone_number(self) -> str | None:
        """The number, in E.164 where it can be; None if there is none."""
    @property
    def confidence(self) -> str | None:
        """`high`, `medium` or `low`."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class EmailEnriched:
    """An e-mail address, or that there is none: the answer to `client.enrich.email`.

    Example:
        >>> answer = client.enrich.email(
        ...     record_id="P1", first_name="Pari", last_name="Agarwal", company="jain-solar.in"
        ... )
        >>> answer.to_dict()
        {'success': True, 'record_id': 'P1', 'first_name': 'Pari', 'last_name': 'Agarwal',
         'company': 'jain-solar.in', 'email': 'pagarwal@jain-solar.in', 'confidence': 'medium',
         'credits_consumed': 1, 'credits_remaining': ..., 'processing_time_ms': ...,
         'cached': False}
    """

    @property
    def record_id(self) -> str | None:
        """What was sent."""
    @property
    def first_name(self) -> str | None:
        """What was sent."""
    @property
    def last_name(self) -> str | None:
        """What was sent."""
    @property
    def company(self) -> str | None:
        """What was sent."""
    @property
    def email(self) -> str | None:
        """The address; None if there is none."""
    @property
    def confidence(self) -> str | None:
        """`high`, `medium` or `low`."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class CompanyEnriched:
    """A company, or that it is not known: the answer to `client.enrich.company`.

    Example:
        >>> answer = client.enrich.company(record_id="C2", domain="nowhere.example")
        >>> answer.to_dict()
        {'success': True, 'record_id': 'C2', 'company': None, 'confidence': None,
         'credits_consumed': 0, 'credits_remaining': ..., 'processing_time_ms': ...,
         'cached': False}
    """

    @property
    def record_id(self) -> str | None:
        """What was sent."""
    @property
    def company(self) -> EnrichedCompany | None:
        """What is known; None if nothing is."""
    @property
    def confidence(self) -> float | None:
        """How sure it is, 0 to 1."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class PersonEnriched:
    """A person, or that nobody is known: the answer to `client.enrich.person`.

    Example:
        >>> answer = client.enrich.person(
        ...     record_id="P2", first_name="No", last_name="Body", company_domain="nowhere.example"
        ... )
        >>> answer.to_dict()
        {'success': True, 'record_id': 'P2', 'person': None, 'confidence': None,
         'credits_consumed': 0, 'credits_remaining': ..., 'processing_time_ms': ...,
         'cached': False}
    """

    @property
    def record_id(self) -> str | None:
        """What was sent."""
    @property
    def person(self) -> EnrichedPerson | None:
        """What is known; None if nothing is."""
    @property
    def confidence(self) -> float | None:
        """How sure it is, 0 to 1."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Asked:
    """An answer in words: what `client.enrich.ai` answers.

    Example:
        >>> answer = client.enrich.ai("In which country is jain-solar.in?")
        >>> answer.response
        'From the local directory: Jain Solar LLP works in energy in Chennai, India ...'
        >>> answer.to_dict()
        {'success': True, 'query': 'In which country is jain-solar.in?', 'response': '...',
         'confidence': ..., 'token_usage': {...}, 'credits_consumed': 1, 'credits_remaining': ...,
         'processing_time_ms': ..., ...}
    """

    @property
    def query(self) -> str | None:
        """What was asked."""
    @property
    def response(self) -> Any:
        """Text, or a dictionary with `format_json`."""
    @property
    def confidence(self) -> float | None:
        """How sure it is, 0 to 1."""
    @property
    def token_usage(self) -> TokenUsage | None:
        """What a language model read and wrote."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Researched:
    """What was found out: what `client.enrich.research` answers.

    Example:
        >>> answer = client.enrich.research("What does jain-solar.in do?", effort="medium")
        >>> answer.to_dict()
        {'success': True, 'query': 'What does jain-solar.in do?',
         'response': 'From the local directory: Jain Solar LLP ...', 'confidence': ...,
         'token_usage': {...}, 'agent_used': 'general', 'credits_consumed': 10,
         'credits_remaining': ..., 'processing_time_ms': ..., ...}
    """

    @property
    def query(self) -> str | None:
        """What was asked."""
    @property
    def response(self) -> Any:
        """Text, or a dictionary with `format_json`."""
    @property
    def confidence(self) -> float | None:
        """How sure it is, 0 to 1."""
    @property
    def token_usage(self) -> TokenUsage | None:
        """What a language model read and wrote."""
    @property
    def agent_used(self) -> str | None:
        """Which agent found it out."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Matched:
    """What was found for each candidate: the answer to `client.match`.

    Example:
        >>> answer = client.match(
        ...     object="contact",
        ...     candidates=[{"email": "gabriel.siqueira@silvertec-assurances.fr"}],
        ...     rules=["email:eq"],
        ... )
        >>> [found.matches[0].sf_id for found in answer.results]
        ['003Lc000000001dIAA']
        >>> answer.to_dict()
        {'success': True, 'results': [...], 'credits_consumed': 1, 'credits_remaining': ...,
         'processing_time_ms': ..., 'cached': False, ...}
    """

    @property
    def results(self) -> list[CandidateMatches]:
        """One for each candidate, in their order."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Converted:
    """What became of a lead: the answer to `client.salesforce.convert`.

    Example:
        >>> client.salesforce.convert(lead_sf_id="00QLc0000000001MAA").to_dict()
        {'success': True, 'status': 'converted', 'account_id': '001...', 'contact_id': '003...',
         'owner_id': '005Lc0000000004IAA',
         'actions': ['created_account:001...', 'merged_into_contact:003...', 'converted_lead'],
         'credits_consumed': 0, 'credits_remaining': ..., 'processing_time_ms': ...,
         'cached': False}
    """

    @property
    def status(self) -> str | None:
        """`converted`, `failed` or `duplicate`."""
    @property
    def account_id(self) -> str | None:
        """The account."""
    @property
    def contact_id(self) -> str | None:
        """The contact."""
    @property
    def owner_id(self) -> str | None:
        """Who owns it."""
    @property
    def actions(self) -> list[str]:
        """What was done, in order."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Assigned:
    """Who got a record: the answer to `client.routing.assign`.

    Example:
        >>> _ = client.routing.put_pool("solo", ["005Lc0000000001IAA"])
        >>> answer = client.routing.assign(object="lead", sf_id="00QLc0000000002MAA", pool="solo")
        >>> answer.to_dict()
        {'success': True, 'assigned_to': '005Lc0000000001IAA', 'sequence': 1, 'pool_size': 1,
         'timestamp': '...Z', 'credits_consumed': 1, 'credits_remaining': ...,
         'processing_time_ms': ..., 'cached': False}
    """

    @property
    def assigned_to(self) -> str | None:
        """The user's id."""
    @property
    def sequence(self) -> float | None:
        """The number of the assignment in its pool, from 1."""
    @property
    def pool_size(self) -> float | None:
        """Active users of the pool."""
    @property
    def timestamp(self) -> str | None:
        """When, ISO 8601."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Triggered:
    """What became of records that have changed: the answer to `client.triggers.salesforce`.

    Example:
        >>> answer = client.triggers.salesforce(
        ...     object="Lead",
        ...     ids=["00QLc0000000002MAA"],
        ...     event="after_update",
        ...     org_id="00D000000000001",
        ... )
        >>> answer.to_dict()
        {'success': True, 'processed_count': 1, 'enrichment_jobs': ['...'],
         'workflow_status': 'started', 'credits_consumed': ..., 'credits_remaining': ...,
         'processing_time_ms': ..., 'cached': False}
    """

    @property
    def processed_count(self) -> float | None:
        """How many records were worked."""
    @property
    def enrichment_jobs(self) -> list[str]:
        """The ids of the jobs."""
    @property
    def workflow_status(self) -> str | None:
        """`started`, `queued` or `failed`."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class WorkflowTriggered:
    """What became of a record: the answer to `client.workflows.trigger`.

    Example:
        >>> answer = client.workflows.trigger(
        ...     "default", record_data={"email": "pagarwal@jain-solar.in"}
        ... )
        >>> answer.to_dict()
        {'success': True, 'status': 'triggered', 'request_id': '...', 'workflow_id': 'default',
         'enrichment_job_id': '...', 'credits_consumed': 3, 'credits_remaining': ...,
         'processing_time_ms': ..., 'cached': False, 'record': {...}}
    """

    @property
    def status(self) -> str | None:
        """`triggered`, `queued` or `failed`."""
    @property
    def workflow_id(self) -> str | None:
        """The workflow."""
    @property
    def enrichment_job_id(self) -> str | None:
        """The enrichment's job, where there is one."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class FormSubmitted:
    """What became of a form: the answer to `client.forms.submit`.

    Example:
        >>> answer = client.forms.submit(email="pagarwal@jain-solar.in", name="Pari Agarwal")
        >>> answer.enriched_lead["company_details"]["industry"]
        'Energy'
        >>> answer.to_dict()
        {'success': True, 'status': 'enriched', 'request_id': '...', 'enriched_lead': {...},
         'push_status': None, 'gdpr_safe': False, 'credits_consumed': 1, 'credits_remaining': ...,
         'processing_time_ms': ..., 'cached': False}
    """

    @property
    def status(self) -> str | None:
        """`enriched`, `pushed` or `failed`."""
    @property
    def enriched_lead(self) -> Any:
        """The lead with what was found, as a dictionary, or None."""
    @property
    def push_status(self) -> str | None:
        """How the push went, where one was asked for."""
    @property
    def gdpr_safe(self) -> bool | None:
        """Whether the lead may be worked under the GDPR."""
    @property
    def credits_consumed(self) -> float | None:
        """Credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left."""
    @property
    def processing_time_ms(self) -> float | None:
        """How long the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the answer was kept from an earlier call and cost nothing."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class LogCounts:
    """How many entries the log has: the answer to `client.logs.stats`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     _ = client.salesforce.convert(lead_sf_id="00QLc0000000001MAA")
        ...     client.logs.stats("2026-01-01", "2100-01-01").to_dict()
        {'success': True, 'total': 2, 'by_action': {'convert': 1, 'merge': 1},
         'by_object': {'Contact': 1, 'Lead': 1}, 'by_pool': {}, 'by_day': {'...': 2}}
    """

    @property
    def total(self) -> int:
        """All of them."""
    @property
    def by_action(self) -> dict[str, int]:
        """By what was done."""
    @property
    def by_object(self) -> dict[str, int]:
        """By kind of record."""
    @property
    def by_pool(self) -> dict[str, int]:
        """By pool."""
    @property
    def by_day(self) -> dict[str, int]:
        """By day (UTC)."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Retention:
    """How long the log is kept: the answer to `client.logs.retention`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     server.client().logs.retention(days=90).to_dict()
        {'success': True, 'days': 90, 'deleted': 0}
    """

    @property
    def days(self) -> int | None:
        """How many days."""
    @property
    def deleted(self) -> int | None:
        """Entries that were older and are gone now; None unless the days were set."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Progress:
    """A job at one moment: what `job.poll()`, `job.wait()` and `job.progress()` answer.

    Example:
        >>> progress = job.progress()
        >>> progress
        <weekly [phone-email] done: 5 of 5 ids answered, 1 of 1 batches loaded, 11 of 30 credits
        spent>
        >>> progress.key, progress.state, progress.ended, progress.next
        ('weekly', 'done', True, 0.0)
        >>> progress.rows, progress.ids, progress.answered, progress.emails, progress.phones
        (5, 5, 5, 1, 2)
        >>> progress.batches, progress.loaded, progress.in_flight, progress.failed
        (1, 1, 0, 0)
        >>> progress.credits, progress.committed, progress.max_credits
        (11, 0, 30)
    """

    @property
    def key(self) -> str:
        """The job's key."""
    @property
    def state(self) -> Literal["running", "in_doubt", "budget_spent", "done"]:
        """What the job is doing.

        `budget_spent`: all is loaded that the budget reaches, and ids are left that it does not
        reach. `in_doubt`: a batch may have been sent, and a person has to decide.
        """
    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself: any state but `running`."""
    @property
    def rows(self) -> int:
        """Rows of the table."""
    @property
    def ids(self) -> int:
        """Distinct ids."""
    @property
    def answered(self) -> int:
        """Ids that have an answer, be it that nothing was found."""
    @property
    def emails(self) -> int:
        """Ids for which an e-mail address was found."""
    @property
    def phones(self) -> int:
        """Ids for which a phone number was found."""
    @property
    def batches(self) -> int:
        """Batches in all."""
    @property
    def loaded(self) -> int:
        """Batches whose result is here."""
    @property
    def in_flight(self) -> int:
        """Batches that are sent and not loaded."""
    @property
    def in_doubt(self) -> int:
        """Batches that may have been sent."""
    @property
    def failed(self) -> int:
        """Batches whose run failed."""
    @property
    def credits(self) -> int:
        """Credits spent; a batch whose report cannot be read counts with all it may have cost."""
    @property
    def committed(self) -> int:
        """Credits that batches in flight may still cost."""
    @property
    def max_credits(self) -> int:
        """The budget in credits."""
    @property
    def next(self) -> float:
        """Seconds until there is something to do; 0 if the job has ended."""
    def to_dict(self) -> dict[str, Any]:
        """All of it as a dictionary, under the ledger's names.

        `answered` is `returned` here and `credits` is `spent`; and there are `kind`, `planned` and
        `skipped` (batches), and `cut` (ids that the budget did not reach).

        Example:
            >>> job.progress().to_dict()
            {'key': 'weekly', 'kind': 'phone-email', 'state': 'done', 'rows': 5, 'ids': 5,
             'max_credits': 30, 'batches': 1, 'planned': 0, 'in_flight': 0, 'in_doubt': 0,
             'loaded': 1, 'failed': 0, 'skipped': 0, 'spent': 11, 'committed': 0, 'returned': 5,
             'emails': 1, 'phones': 2, 'cut': 0, 'next': 0.0}
        """

@final
class Summary:
    """A job as a whole: what was found, what it cost, what is missing and why.

    Example:
        >>> summary = job.summary()
        >>> print(summary)
        weekly [phone-email] done: 5 of 5 ids answered, 1 of 1 batches loaded, 11 of 30 credits
        spent
          e-mail addresses found for 20.0 % of the ids answered
          phone numbers found for 40.0 % of the ids answered
          2 rows found
          3 rows not found
        >>> summary.rows, summary.email_rate, summary.phone_rate, summary.progress.state
        ({'found': 2, 'not_found': 3}, 0.2, 0.4, 'done')
    """

    @property
    def progress(self) -> Progress:
        """How far the job is."""
    @property
    def rows(self) -> dict[str, int]:
        """Rows by status (`found`, `not_found`, `missing`, `over_budget`, ...), without zeros."""
    @property
    def email_rate(self) -> float | None:
        """E-mail addresses found, as a part (0..1) of the ids answered; None if not asked for."""
    @property
    def phone_rate(self) -> float | None:
        """Phone numbers found, as a part (0..1) of the ids answered; None if not asked for."""
    @property
    def credits(self) -> int:
        """Credits spent."""
    def to_dict(self) -> dict[str, Any]:
        """What `Progress.to_dict` answers, and `row_status`, `email_rate` and `phone_rate`.

        Example:
            >>> job.summary().to_dict()["row_status"]
            {'found': 2, 'not_found': 3}
        """
    def plot(self) -> Any:
        """A chart of what was found and of the rows by status (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

        Example:
            >>> job.summary().plot().to_dict()["title"]["subtitle"]
            '11 credits'
        """
    def _repr_html_(self) -> str: ...

@final
class Agents:
    """Batches of people and companies, one call each: `client.agents`.

    Each call spends credits and is never sent again by itself once it may have arrived.
    `client.submit` does the same for a whole table, with a budget and a ledger.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     accepted = server.client().agents.phone(["P0000001", "P0000002"], max_credits=10)
        ...     len(accepted.run_id)
        36
    """

    def phone(
        self,
        ids: Sequence[_Id] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """Looks for phone numbers: `POST /v1/agents/phone`.

        Args:
            ids: 1 to 1000 ids. Give either `ids` or `records`.
            records: 1 to 1000 records, such as `{"first_name": ..., "company": ...}`.
            max_credits: The most credits that the batch may cost, above 0; it stops there.

        Returns:
            The run that works the batch.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> run = client.agents.phone(["P0000003", "P0000004"], max_credits=10)
            >>> run.result_path
            's3://lantern-results/1/phone/.../results.csv'
        """
    def email(
        self,
        ids: Sequence[_Id] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """Looks for e-mail addresses: `POST /v1/agents/email`.

        Arguments, what it returns and what it raises are as for `phone`: `ids` or `records`, and
        `max_credits`.

        Example:
            >>> person = {"first_name": "Pari", "last_name": "Agarwal", "company": "Jain Solar LLP"}
            >>> run = client.agents.email(records=[person], max_credits=1)
            >>> run.credits_csv_path
            's3://lantern-results/1/email/.../credits.csv'
        """
    def phone_email(
        self,
        ids: Sequence[_Id] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """Looks for both: `POST /v1/agents/phone-email`.

        Arguments, what it returns and what it raises are as for `phone`: `ids` or `records`, and
        `max_credits`.

        Example:
            >>> len(client.agents.phone_email(["P0000004"], max_credits=6).run_id)
            36
        """
    def deep_research(
        self,
        ids: Sequence[_Id],
        *,
        entity_type: _Entity,
        max_credits: int,
        query_hint: str = "",
        effort: _Effort = "medium",
        agent_type: _Agent = "general",
    ) -> BatchAccepted:
        """Researches people or companies: `POST /v1/agents/deep-research`.

        Args:
            ids: 1 to 1000 ids.
            entity_type: What the ids stand for.
            max_credits: The most credits that the batch may cost, above 0; it stops there.
            query_hint: What to look for, in words.
            effort: More effort costs more credits.
            agent_type: Which agent researches.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> run = client.agents.deep_research(
            ...     ["C000041"],
            ...     entity_type="company",
            ...     max_credits=20,
            ...     query_hint="recent funding",
            ...     effort="high",
            ...     agent_type="funding",
            ... )
            >>> client.agents.status(run.run_id).run_id == run.run_id
            True
        """
    def status(self, run_id: str) -> RunState:
        """Tells how far a run is: `GET /v1/agents/runs/{run_id}/status`.

        Args:
            run_id: The run, as a batch answered it: a UUID.

        Raises:
            ValidationError: `run_id` is no UUID; nothing was sent.
            NotFoundError: There is no such run.

        Example:
            >>> run = client.agents.email(["P0000004"], max_credits=1)
            >>> client.agents.status(run.run_id).status in ("queued", "completed")
            True
        """

@final
class AsyncAgents:
    """`Agents`, awaitable: `async_client.agents`.

    Example:
        >>> import asyncio
        >>> async def ask() -> set[str]:
        ...     async with server.async_client() as client:
        ...         agents = client.agents
        ...         runs = await asyncio.gather(
        ...             agents.phone(["P0000004"], max_credits=5),
        ...             agents.email(["P0000004"], max_credits=1),
        ...             agents.phone_email(["P0000004"], max_credits=6),
        ...             agents.deep_research(["P0000004"], entity_type="person", max_credits=10),
        ...         )
        ...         states = [await agents.status(run.run_id) for run in runs]
        ...         return {state.status for state in states}
        >>> asyncio.run(ask()) <= {"queued", "completed"}
        True
    """

    async def phone(
        self,
        ids: Sequence[_Id] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """See `Agents.phone`."""
    async def email(
        self,
        ids: Sequence[_Id] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """See `Agents.email`."""
    async def phone_email(
        self,
        ids: Sequence[_Id] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """See `Agents.phone_email`."""
    async def deep_research(
        self,
        ids: Sequence[_Id],
        *,
        entity_type: _Entity,
        max_credits: int,
        query_hint: str = "",
        effort: _Effort = "medium",
        agent_type: _Agent = "general",
    ) -> BatchAccepted:
        """See `Agents.deep_research`."""
    async def status(self, run_id: str) -> RunState:
        """See `Agents.status`."""

@final
class Credits:
    """Credits used and left: `client.credits`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(credits=1000) as server:
        ...     server.client().credits.remaining().total_credits
        1000.0
    """

    @overload
    def usage(
        self,
        start_date: _When,
        end_date: _When,
        *,
        by: Literal["day"],
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Table: ...
    @overload
    def usage(
        self,
        start_date: Sequence[_When],
        end_date: None = None,
        *,
        by: Literal["day"] | None = None,
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Table: ...
    @overload
    def usage(
        self,
        start_date: _When,
        end_date: _When,
        *,
        by: None = None,
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Usage:
        """Credits used between two times, or day by day as a table: `GET /v1/credits/usage`.

        Args:
            start_date: The beginning: an aware datetime, a date (its first moment in UTC), or ISO
                8601 such as `2026-11-24T00:00:00Z`. Or a list of days, each of which is asked for.
            end_date: The end, likewise; it is not part of the time. Left out with a list of days.
            by: `"day"` for a table with a row for each day (UTC) between the two; the first and the
                last are parts of days where the times are no midnights.
            workflow_id: Only what this workflow used; None for all.
            workflow_run_id: Only what this run used; None for all.
            custom_key: Only what carries this key; None for all.
            custom_value: Only what carries this value under `custom_key`; None for all.

        Returns:
            One `Usage`; or for days a table, fit for a chart: `day` (a date), `credits_used`,
            `start_date` and `end_date` (UTC). Each day is a call: 10 a minute, unless your limit is
            higher.

        Raises:
            ValueError: A time without a zone, or no time at all.
            ValidationError: The beginning is after the end.
            InputError: No end, more than ten years by day, or a day that is there twice.

        Example:
            >>> client.credits.usage("2025-01-01", "2025-02-01").credits_used
            0.0
            >>> days = client.credits.usage("2025-01-01", "2025-01-04", by="day")
            >>> days.column("credits_used").to_pylist()
            [0.0, 0.0, 0.0]
            >>> client.credits.usage("2025-02-01", "2025-01-01")
            Traceback (most recent call last):
                ...
            lantern.exceptions.ValidationError: start_date 2025-02-01 00:00:00 UTC is after end_date
            2025-01-01 00:00:00 UTC; swap them
        """
    def remaining(self) -> Remaining:
        """Credits left and bought: `GET /v1/credits/remaining`.

        Raises:
            AuthenticationError: The key is wrong.

        Example:
            >>> left = client.credits.remaining()
            >>> left.remaining_credits <= left.total_credits
            True
        """

@final
class AsyncCredits:
    """`Credits`, awaitable: `async_client.credits`.

    Example:
        >>> import asyncio
        >>> async def used_and_left() -> tuple[float, bool]:
        ...     async with server.async_client() as client:
        ...         used = await client.credits.usage("2025-01-01", "2025-02-01")
        ...         left = await client.credits.remaining()
        ...         return used.credits_used, left.remaining_credits > 0
        >>> asyncio.run(used_and_left())
        (0.0, True)
    """

    @overload
    async def usage(
        self,
        start_date: _When,
        end_date: _When,
        *,
        by: Literal["day"],
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Table: ...
    @overload
    async def usage(
        self,
        start_date: Sequence[_When],
        end_date: None = None,
        *,
        by: Literal["day"] | None = None,
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Table: ...
    @overload
    async def usage(
        self,
        start_date: _When,
        end_date: _When,
        *,
        by: None = None,
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Usage:
        """See `Credits.usage`."""
    async def remaining(self) -> Remaining:
        """See `Credits.remaining`."""

@final
class Enrich:
    """Enrichment of one record, and questions in words: `client.enrich`.

    Each call spends credits and is never sent again by itself once it may have arrived. An answer
    that the API kept from an earlier call with the same `record_id` costs nothing.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     one = {"first_name": "Pari", "last_name": "Agarwal", "company": "Jain Solar LLP"}
        ...     found = client.enrich.email(record_id="1", **one)
        ...     again = client.enrich.email(record_id="1", **one)
        ...     found.email, found.credits_consumed, again.cached, again.credits_consumed
        ('pagarwal@jain-solar.in', 1, True, 0)
    """

    def phone(
        self,
        *,
        record_id: _Id,
        first_name: str | None = None,
        last_name: str | None = None,
        company: str | None = None,
        email: str | None = None,
        linkedin_id: str | None = None,
        domain: str | None = None,
        max_credits: int | None = None,
    ) -> PhoneEnriched:
        """Looks for a phone number: `POST /v1/enrich/phone`.

        It is looked for by name and company (`domain` helps), else by LinkedIn profile, else by
        e-mail address; at least one of the three is needed.

        Args:
            record_id: Your id of the record; answers are kept by it.
            first_name: The first name.
            last_name: The last name.
            company: The company's name or website.
            email: An e-mail address.
            linkedin_id: The slug of the LinkedIn profile.
            domain: The company's domain.
            max_credits: The most credits that the call may cost, above 0.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left, or the call costs more than `max_credits`.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> client.enrich.phone(record_id="P3", email="pagarwal@jain-solar.in").phone_number
            '+919971381872'
            >>> client.enrich.phone(record_id="P4")
            Traceback (most recent call last):
                ...
            lantern.exceptions.ValidationError: first_name, last_name and company are missing: give
            first_name, last_name and company, or linkedin_id, or email
        """
    def email(
        self,
        *,
        record_id: _Id,
        first_name: str,
        last_name: str,
        company: str,
        domain: str | None = None,
        linkedin: str | None = None,
        max_credits: int | None = None,
    ) -> EmailEnriched:
        """Looks for an e-mail address: `POST /v1/enrich/email`.

        Args:
            record_id: Your id of the record; answers are kept by it.
            first_name: The first name.
            last_name: The last name.
            company: The company's name or website.
            domain: The company's domain; taken from `company` when it is absent.
            linkedin: The LinkedIn profile.
            max_credits: The most credits that the call may cost, above 0.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left, or the call costs more than `max_credits`.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> found = client.enrich.email(
            ...     record_id="P3", first_name="Pari", last_name="Agarwal", company="Jain Solar LLP"
            ... )
            >>> found.email, found.confidence
            ('pagarwal@jain-solar.in', 'medium')
        """
    def company(
        self,
        *,
        record_id: _Id,
        company_name: str | None = None,
        domain: str | None = None,
        country: str | None = None,
        external_ids: Mapping[str, str] | None = None,
        effort: _Effort | None = None,
        max_credits: int | None = None,
    ) -> CompanyEnriched:
        """Looks a company up: `POST /v1/enrich/company`.

        Args:
            record_id: Your id of the record; answers are kept by it.
            company_name: The company's name.
            domain: The company's domain or website.
            country: The company's country, to tell companies of one name apart.
            external_ids: Ids of other systems, such as `{"sf_account_id": "001..."}`.
            effort: How hard the API tries; `low` by default.
            max_credits: The most credits that the call may cost, above 0.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left, or the call costs more than `max_credits`.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> found = client.enrich.company(
            ...     record_id="C3", company_name="Jain Solar", country="India"
            ... )
            >>> found.company.domain, found.company.size_range
            ('jain-solar.in', '51-200')
        """
    def person(
        self,
        *,
        record_id: _Id,
        first_name: str,
        last_name: str,
        company_domain: str,
        email: str | None = None,
        linkedin_id: str | None = None,
        effort: _Effort | None = None,
        max_credits: int | None = None,
    ) -> PersonEnriched:
        """Looks a person up: `POST /v1/enrich/person`.

        Args:
            record_id: Your id of the record; answers are kept by it.
            first_name: The first name.
            last_name: The last name.
            company_domain: The company's domain or website.
            email: An e-mail address.
            linkedin_id: The slug or URL of the LinkedIn profile.
            effort: How hard the API tries; `low` by default.
            max_credits: The most credits that the call may cost, above 0.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left, or the call costs more than `max_credits`.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> found = client.enrich.person(
            ...     record_id="P5",
            ...     first_name="Pari",
            ...     last_name="Agarwal",
            ...     company_domain="jain-solar.in",
            ...     max_credits=2,
            ... )
            >>> found.person.title, found.person.email_status
            ('Senior Research Specialist', 'valid')
        """
    def ai(
        self,
        query: str,
        *,
        format_json: bool = False,
        effort: _Effort | None = None,
        max_credits: int | None = None,
    ) -> Asked:
        """Asks a question: `POST /v1/enrich/ai`.

        Args:
            query: The question, of 1 to 8000 characters.
            format_json: The answer is a dictionary instead of text.
            effort: More effort costs more credits; `low` by default.
            max_credits: The most credits that the call may cost, above 0.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left, or the call costs more than `max_credits`.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> found = client.enrich.ai("Who is pagarwal@jain-solar.in?", format_json=True)
            >>> found.response["subjects"][0]["summary"]
            'Pari Agarwal is Senior Research Specialist at Jain Solar LLP in Hyderabad, India.'
        """
    def research(
        self,
        query: str,
        *,
        format_json: bool = False,
        agent_type: _Agent | None = None,
        effort: _Effort | None = None,
        max_credits: int | None = None,
    ) -> Researched:
        """Asks a question that needs looking around: `POST /v1/enrich/research`.

        Args:
            query: The question.
            format_json: The answer is a dictionary instead of text.
            agent_type: Which agent researches; `general` by default.
            effort: More effort costs more credits; `low` by default.
            max_credits: The most credits that the call may cost, above 0.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left, or the call costs more than `max_credits`.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> found = client.enrich.research("Who funds jain-solar.in?", agent_type="funding")
            >>> found.agent_used, found.credits_consumed
            ('funding', 5)
        """

@final
class AsyncEnrich:
    """`Enrich`, awaitable: `async_client.enrich`.

    Example:
        >>> import asyncio
        >>> async def ask() -> list[object]:
        ...     async with server.async_client() as client:
        ...         enrich = client.enrich
        ...         pari = {"record_id": "P6", "first_name": "Pari", "last_name": "Agarwal"}
        ...         phone, email, company, person, said, researched = await asyncio.gather(
        ...             enrich.phone(**pari, company="Jain Solar LLP"),
        ...             enrich.email(**pari, company="Jain Solar LLP"),
        ...             enrich.company(record_id="C6", domain="jain-solar.in"),
        ...             enrich.person(**pari, company_domain="jain-solar.in"),
        ...             enrich.ai("Where is jain-solar.in?"),
        ...             enrich.research("What does jain-solar.in do?"),
        ...         )
        ...         return [phone.phone_number, email.email, company.company.hq.city]
        >>> asyncio.run(ask())
        ['+919971381872', 'pagarwal@jain-solar.in', 'Chennai']
    """

    async def phone(
        self,
        *,
        record_id: _Id,
        first_name: str | None = None,
        last_name: str | None = None,
        company: str | None = None,
        email: str | None = None,
        linkedin_id: str | None = None,
        domain: str | None = None,
        max_credits: int | None = None,
    ) -> PhoneEnriched:
        """See `Enrich.phone`."""
    async def email(
        self,
        *,
        record_id: _Id,
        first_name: str,
        last_name: str,
        company: str,
        domain: str | None = None,
        linkedin: str | None = None,
        max_credits: int | None = None,
    ) -> EmailEnriched:
        """See `Enrich.email`."""
    async def company(
        self,
        *,
        record_id: _Id,
        company_name: str | None = None,
        domain: str | None = None,
        country: str | None = None,
        external_ids: Mapping[str, str] | None = None,
        effort: _Effort | None = None,
        max_credits: int | None = None,
    ) -> CompanyEnriched:
        """See `Enrich.company`."""
    async def person(
        self,
        *,
        record_id: _Id,
        first_name: str,
        last_name: str,
        company_domain: str,
        email: str | None = None,
        linkedin_id: str | None = None,
        effort: _Effort | None = None,
        max_credits: int | None = None,
    ) -> PersonEnriched:
        """See `Enrich.person`."""
    async def ai(
        self,
        query: str,
        *,
        format_json: bool = False,
        effort: _Effort | None = None,
        max_credits: int | None = None,
    ) -> Asked:
        """See `Enrich.ai`."""
    async def research(
        self,
        query: str,
        *,
        format_json: bool = False,
        agent_type: _Agent | None = None,
        effort: _Effort | None = None,
        max_credits: int | None = None,
    ) -> Researched:
        """See `Enrich.research`."""

@final
class Salesforce:
    """Leads of Salesforce: `client.salesforce`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     first = client.salesforce.convert(lead_sf_id="00QLc0000000001MAA")
        ...     again = client.salesforce.convert(lead_sf_id="00QLc0000000001MAA")
        ...     first.status, again.status, first.contact_id == again.contact_id
        ('converted', 'duplicate', True)
    """

    def convert(
        self,
        *,
        lead_sf_id: str,
        match_policy: Mapping[str, Any] | None = None,
        merge_policy: Mapping[str, Any] | None = None,
        set_owner_round_robin_pool: str | None = None,
        logs: Any = None,
    ) -> Converted:
        """Converts a lead to a contact and an account: `POST /v1/salesforce/convert`.

        A lead that is converted already answers `duplicate`; so the call may be sent again.

        Args:
            lead_sf_id: The lead's Salesforce id.
            match_policy: By what the contact and the account are looked for, such as
                `{"contact": {"by": ["email:eq"], "create_if_no_match": True}}`.
            merge_policy: What to do where they are found: `on_contact_match`
                (`merge_lead_into_contact` or `create_separate_contact`) and `on_account_match`
                (`attach_to_account` or `create_separate_account`).
            set_owner_round_robin_pool: The pool that the owner is taken from, by turns.
            logs: What to log; the API does not say how.

        Raises:
            ValidationError: The request does not hold to the contract, or the id is of no lead.
            NotFoundError: There is no such lead or pool.

        Example:
            >>> answer = client.salesforce.convert(
            ...     lead_sf_id="00QLc0000000003MAA",
            ...     match_policy={"contact": {"by": ["email:eq"], "create_if_no_match": True}},
            ...     merge_policy={"on_account_match": "attach_to_account"},
            ... )
            >>> answer.status, answer.actions[-1]
            ('converted', 'converted_lead')
        """

@final
class AsyncSalesforce:
    """`Salesforce`, awaitable: `async_client.salesforce`.

    Example:
        >>> import asyncio
        >>> async def convert(lead: str) -> str:
        ...     async with server.async_client() as client:
        ...         return (await client.salesforce.convert(lead_sf_id=lead)).status
        >>> asyncio.run(convert("00QLc0000000004MAA"))
        'converted'
    """

    async def convert(
        self,
        *,
        lead_sf_id: str,
        match_policy: Mapping[str, Any] | None = None,
        merge_policy: Mapping[str, Any] | None = None,
        set_owner_round_robin_pool: str | None = None,
        logs: Any = None,
    ) -> Converted:
        """See `Salesforce.convert`."""

@final
class Routing:
    """Assignments from pools, by turns, and the pools: `client.routing`.

    The pools can be seen and changed on the local server alone.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     users = server.crm("users").column("id").to_pylist()
        ...     _ = client.routing.put_pool("two", users[:2])
        ...     lead = {"object": "lead", "sf_id": "00QLc0000000001MAA"}
        ...     answers = [client.routing.assign(**lead, pool="two") for _ in range(3)]
        ...     [users.index(answer.assigned_to) for answer in answers]
        [0, 1, 0]
    """

    def assign(
        self,
        *,
        object: _Routed,
        sf_id: str,
        pool: str,
        exclude_inactive: bool = True,
        reset_rules: Mapping[str, Any] | None = None,
    ) -> Assigned:
        """Gives a record to the next user of a pool: `POST /v1/routing/assign`.

        Args:
            object: What kind of record it is.
            sf_id: The record's Salesforce id.
            pool: The pool's name.
            exclude_inactive: Inactive users are passed over.
            reset_rules: Why it is assigned again, such as `{"reason": "bad_fit",
                "place_user_at_top": "005..."}`; costs one credit more.

        Raises:
            ValidationError: The request does not hold to the contract, or nobody is active.
            NotFoundError: There is no such record or pool.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> _ = client.routing.put_pool("north", ["005Lc0000000001IAA", "005Lc0000000002IAA"])
            >>> lead = {"object": "lead", "sf_id": "00QLc0000000005MAA", "pool": "north"}
            >>> first = client.routing.assign(**lead)
            >>> again = client.routing.assign(**lead, reset_rules={"reason": "bad_fit"})
            >>> first.assigned_to, again.assigned_to, again.credits_consumed
            ('005Lc0000000001IAA', '005Lc0000000002IAA', 2)
        """
    def pools(self) -> list[Pool]:
        """All pools: `GET /v1/routing/pools`.

        Example:
            >>> {"amer", "default", "emea"} <= {pool.pool for pool in client.routing.pools()}
            True
        """
    def put_pool(self, pool: str, users: Sequence[str]) -> Pool:
        """Makes a pool, or changes its users: `PUT /v1/routing/pools/{pool}`.

        Args:
            pool: The pool's name.
            users: The ids of its users, in the order of their turns. Who is in the pool already
                keeps turn and count.

        Raises:
            ValidationError: No users, the same one twice, or one that is not in the CRM.

        Example:
            >>> client.routing.put_pool("south", ["005Lc0000000003IAA"]).users[0].name
            'Priya Nair'
            >>> client.routing.put_pool("south", [])
            Traceback (most recent call last):
                ...
            lantern.exceptions.ValidationError: users is empty; a pool needs at least one user
        """
    def delete_pool(self, pool: str) -> bool:
        """Removes a pool, and says whether there was one: `DELETE /v1/routing/pools/{pool}`.

        Args:
            pool: The pool's name.

        Example:
            >>> _ = client.routing.put_pool("summer", ["005Lc0000000003IAA"])
            >>> client.routing.delete_pool("summer"), client.routing.delete_pool("summer")
            (True, False)
        """

@final
class AsyncRouting:
    """`Routing`, awaitable: `async_client.routing`.

    Example:
        >>> import asyncio
        >>> async def assign(lead: str) -> tuple[str, int, bool]:
        ...     async with server.async_client() as client:
        ...         routing = client.routing
        ...         _ = await routing.put_pool("night", ["005Lc0000000003IAA"])
        ...         owner = await routing.assign(object="lead", sf_id=lead, pool="night")
        ...         night = [pool for pool in await routing.pools() if pool.pool == "night"]
        ...         return owner.assigned_to, night[0].sequence, await routing.delete_pool("night")
        >>> asyncio.run(assign("00QLc0000000006MAA"))
        ('005Lc0000000003IAA', 1, True)
    """

    async def assign(
        self,
        *,
        object: _Routed,
        sf_id: str,
        pool: str,
        exclude_inactive: bool = True,
        reset_rules: Mapping[str, Any] | None = None,
    ) -> Assigned:
        """See `Routing.assign`."""
    async def pools(self) -> list[Pool]:
        """See `Routing.pools`."""
    async def put_pool(self, pool: str, users: Sequence[str]) -> Pool:
        """See `Routing.put_pool`."""
    async def delete_pool(self, pool: str) -> bool:
        """See `Routing.delete_pool`."""

@final
class Triggers:
    """Records that have changed: `client.triggers`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     ids = server.crm("accounts").column("id").to_pylist()[:3]
        ...     answer = server.client().triggers.salesforce(
        ...         object="Account", ids=ids, event="after_update", org_id="00D000000000001"
        ...     )
        ...     answer.processed_count, answer.workflow_status
        (3, 'started')
    """

    def salesforce(
        self,
        *,
        object: _SalesforceObject,
        ids: Sequence[str],
        event: _Event,
        org_id: str,
    ) -> Triggered:
        """Enriches records that have changed: `POST /v1/triggers/salesforce`.

        Args:
            object: What kind of records they are.
            ids: Their Salesforce ids.
            event: What happened to them.
            org_id: The Salesforce org's id.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> answer = client.triggers.salesforce(
            ...     object="Contact",
            ...     ids=["003Lc0000000001IAA", "003Lc0000000002IAA"],
            ...     event="after_insert",
            ...     org_id="00D000000000001",
            ... )
            >>> answer.processed_count, len(answer.enrichment_jobs)
            (2, 2)
        """

@final
class AsyncTriggers:
    """`Triggers`, awaitable: `async_client.triggers`.

    Example:
        >>> import asyncio
        >>> async def enrich(ids: list[str]) -> int:
        ...     async with server.async_client() as client:
        ...         answer = await client.triggers.salesforce(
        ...             object="Contact", ids=ids, event="after_update", org_id="00D000000000001"
        ...         )
        ...         return answer.processed_count
        >>> asyncio.run(enrich(["003Lc0000000001IAA"]))
        1
    """

    async def salesforce(
        self,
        *,
        object: _SalesforceObject,
        ids: Sequence[str],
        event: _Event,
        org_id: str,
    ) -> Triggered:
        """See `Triggers.salesforce`."""

@final
class Logs:
    """The log of what was done to records: `client.logs`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     _ = client.routing.assign(object="lead", sf_id="00QLc0000000001MAA", pool="emea")
        ...     log = client.logs.routing("2026-01-01", "2100-01-01", pool="emea")
        ...     log.column("action").to_pylist(), log.column("sequence").to_pylist()
        (['assign'], [1])
    """

    def routing(
        self,
        from_: _When,
        to: _When,
        *,
        pool: str | None = None,
        object: _SalesforceObject | None = None,
        action: _Action | None = None,
        format: Literal["json", "csv"] | None = None,
        include_diff: bool = True,
        limit: int | None = None,
    ) -> Table:
        """Entries of the log as a table, the oldest first: `GET /v1/logs/routing`.

        One answer of the API holds at most 10,000 entries; as many calls are made as it takes, and
        no entry is lost or comes twice.

        Args:
            from_: The beginning: an aware datetime, a date (its first moment in UTC), or ISO 8601.
            to: The end, likewise.
            pool: Only of this pool; None for all.
            object: Only of this kind of record; None for all.
            action: Only where this was done; None for all.
            format: How the API sends it, JSON by default; the table is the same.
            include_diff: With what was changed.
            limit: So many entries at most; None for all.

        Returns:
            `timestamp` (UTC), `object`, `object_id`, `action`, `pool`, `assigned_to`, `prev_owner`,
            `sequence` (integer), `reason`, `request_id`, `idempotency_key`, and `diff`: a list of
            changes with `field`, `from` and `to`.

        Raises:
            ValidationError: The filters do not hold to the contract.
            ResultError: More than 10,000 entries are of one moment.

        Example:
            >>> _ = client.routing.put_pool("logged", ["005Lc0000000003IAA"])
            >>> _ = client.routing.assign(object="lead", sf_id="00QLc0000000007MAA", pool="logged")
            >>> log = client.logs.routing("2026-01-01", "2100-01-01", pool="logged", limit=1)
            >>> log.select(["action", "object", "assigned_to", "sequence"]).to_pylist()
            [{'action': 'assign', 'object': 'Lead', 'assigned_to': '005Lc0000000003IAA',
              'sequence': 1}]
        """
    def stats(
        self,
        from_: _When,
        to: _When,
        *,
        pool: str | None = None,
        object: _SalesforceObject | None = None,
        action: _Action | None = None,
    ) -> LogCounts:
        """Counts the log's entries: `GET /v1/logs/routing/stats`, on the local server alone.

        Args:
            from_: As for `routing`.
            to: As for `routing`.
            pool: As for `routing`.
            object: As for `routing`.
            action: As for `routing`.

        Raises:
            ValidationError: The filters do not hold to the contract.

        Example:
            >>> _ = client.routing.put_pool("counted", ["005Lc0000000003IAA"])
            >>> _ = client.routing.assign(object="lead", sf_id="00QLc0000000008MAA", pool="counted")
            >>> client.logs.stats("2026-01-01", "2100-01-01", pool="counted").by_action
            {'assign': 1}
        """
    def retention(self, days: int | None = None) -> Retention:
        """How long entries are kept: `GET` or `PUT /v1/logs/retention`, on the local server alone.

        Args:
            days: Keeps them so long from now on; older ones go at once. None only asks.

        Raises:
            ValidationError: `days` is not 1 to 36525.

        Example:
            >>> client.logs.retention(days=30).days, client.logs.retention().days
            (30, 30)
        """

@final
class AsyncLogs:
    """`Logs`, awaitable: `async_client.logs`.

    Example:
        >>> import asyncio
        >>> async def look() -> tuple[bool, int]:
        ...     async with server.async_client() as client:
        ...         log = await client.logs.routing("2026-01-01", "2100-01-01")
        ...         counts = await client.logs.stats("2026-01-01", "2100-01-01")
        ...         kept = await client.logs.retention(days=30)
        ...         return log.num_rows == counts.total, kept.days
        >>> asyncio.run(look())
        (True, 30)
    """

    async def routing(
        self,
        from_: _When,
        to: _When,
        *,
        pool: str | None = None,
        object: _SalesforceObject | None = None,
        action: _Action | None = None,
        format: Literal["json", "csv"] | None = None,
        include_diff: bool = True,
        limit: int | None = None,
    ) -> Table:
        """See `Logs.routing`."""
    async def stats(
        self,
        from_: _When,
        to: _When,
        *,
        pool: str | None = None,
        object: _SalesforceObject | None = None,
        action: _Action | None = None,
    ) -> LogCounts:
        """See `Logs.stats`."""
    async def retention(self, days: int | None = None) -> Retention:
        """See `Logs.retention`."""

@final
class Workflows:
    """Workflows: `client.workflows`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     answer = server.client().workflows.trigger(
        ...         "default", record_data={"email": "ada@engines.example"}, source_system="cdp"
        ...     )
        ...     answer.status, answer.credits_consumed
        ('triggered', 3)
    """

    def trigger(
        self,
        workflow_id: str,
        *,
        record_data: Mapping[str, Any],
        source_system: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
    ) -> WorkflowTriggered:
        """Sends a record through a workflow: `POST /v1/workflows/{workflow_id}/trigger`.

        Args:
            workflow_id: The workflow's id.
            record_data: The record: a lead, contact, opportunity, or anything else.
            source_system: Where it comes from, such as `eloqua`, `cdp` or `data_lake`.
            enrichment_preferences: How it is enriched; on the local server `{"enrich": False}`
                leaves it out.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            NotFoundError: There is no such workflow.
            CreditLimitError: Too few credits are left.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> answer = client.workflows.trigger(
            ...     "default",
            ...     record_data={"email": "pagarwal@jain-solar.in"},
            ...     source_system="cdp",
            ...     enrichment_preferences={"enrich": False},
            ... )
            >>> answer.status, answer.enrichment_job_id
            ('triggered', None)
        """

@final
class AsyncWorkflows:
    """`Workflows`, awaitable: `async_client.workflows`.

    Example:
        >>> import asyncio
        >>> async def trigger(email: str) -> str:
        ...     async with server.async_client() as client:
        ...         answer = await client.workflows.trigger("default", record_data={"email": email})
        ...         return answer.status
        >>> asyncio.run(trigger("pagarwal@jain-solar.in"))
        'triggered'
    """

    async def trigger(
        self,
        workflow_id: str,
        *,
        record_data: Mapping[str, Any],
        source_system: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
    ) -> WorkflowTriggered:
        """See `Workflows.trigger`."""

@final
class Forms:
    """Forms: `client.forms`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     answer = server.client().forms.submit(
        ...         name="Ada Byron",
        ...         email="ada@engines.example",
        ...         additional_fields={"country": "US"},
        ...         output_preferences={"push_to": "salesforce"},
        ...     )
        ...     answer.status, answer.gdpr_safe
        ('pushed', True)
    """

    def submit(
        self,
        *,
        email: str,
        name: str | None = None,
        company: str | None = None,
        phone: str | None = None,
        title: str | None = None,
        additional_fields: Mapping[str, Any] | None = None,
        form_source: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
        output_preferences: Mapping[str, Any] | None = None,
    ) -> FormSubmitted:
        """Checks, enriches and passes on what a person typed: `POST /v1/forms/submit`.

        Args:
            email: The e-mail address; it must be valid and lasting.
            name: The full name.
            company: The company.
            phone: The phone number; it must be valid.
            title: What the person does.
            additional_fields: More fields; the local server reads `consent` and `country`.
            form_source: Which form it was.
            enrichment_preferences: How it is enriched; on the local server `{"enrich": False}`
                leaves it out.
            output_preferences: What becomes of it; on the local server `push_to` (`salesforce` or
                `webhook`) and `return_data`.

        Raises:
            ValidationError: The address or number is not valid, or the request does not hold to
                the contract.
            CreditLimitError: Too few credits are left.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> answer = client.forms.submit(
            ...     email="pagarwal@jain-solar.in",
            ...     name="Pari Agarwal",
            ...     additional_fields={"country": "IN", "consent": True},
            ...     output_preferences={"push_to": "salesforce"},
            ... )
            >>> answer.status, answer.push_status, answer.gdpr_safe
            ('pushed', 'created:00Q...', True)
        """

@final
class AsyncForms:
    """`Forms`, awaitable: `async_client.forms`.

    Example:
        >>> import asyncio
        >>> async def submit(email: str) -> str:
        ...     async with server.async_client() as client:
        ...         return (await client.forms.submit(email=email)).status
        >>> asyncio.run(submit("pagarwal@jain-solar.in"))
        'enriched'
    """

    async def submit(
        self,
        *,
        email: str,
        name: str | None = None,
        company: str | None = None,
        phone: str | None = None,
        title: str | None = None,
        additional_fields: Mapping[str, Any] | None = None,
        form_source: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
        output_preferences: Mapping[str, Any] | None = None,
    ) -> FormSubmitted:
        """See `Forms.submit`."""

@final
class Client:
    """A client of the Lantern API.

    It may be used from threads, in notebooks, and after a fork (a child gets connections of its
    own). The interpreter lock is released while it waits. The key is never printed, and a pickled
    client does not hold it: it comes from `LANTERN_API_KEY` where the pickle is opened.

    Besides what they name, calls may raise AuthenticationError, RateLimitError, ServerError,
    APIConnectionError and APITimeoutError.

    Args:
        api_key: The API key; by default `LANTERN_API_KEY`.
        base_url: Where the API is; by default `LANTERN_BASE_URL`, else Lantern's own address.
        ledger: The file that spends are written down in, and that shares rate limits between
            processes; by default `LANTERN_LEDGER`, else `~/.local/state/lantern/ledger.sqlite`.
            A `postgresql://user@host/database` URL is a ledger for many machines; its password may
            come from `PGPASSWORD`.
        storage_options: Credentials and endpoint of the result storage, in the spelling of
            obstore, Polars and object_store (`aws_access_key_id`, `aws_endpoint_url`, ...); by
            default the AWS credential chain.
        limits: Requests a minute for `sync` (50), `batches` (1), `credits` (10) and `bursts` (300);
            None is no limit. `X-RateLimit-Limit` in an answer corrects them.
        timeout: Seconds that a call may take in all, with its retries (180).
        connect_timeout: Seconds to a connection (10).
        read_timeout: Seconds between two pieces of an answer (60).
        retries: How often a failed call is tried again (5). A call that spends credits is never
            tried again once it may have arrived.
        ca_bundle: A PEM file of certificate authorities, beside the system's.
        proxy: A proxy's URL; by default `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` decide.
        allow_http: Allows a base URL with plain http that is not this machine.
        user_agent: Added to the `User-Agent`, to tell an application apart.
        pool_size: The most idle connections that are kept open (32).

    Raises:
        ConfigError: No key, or a setting that cannot be used.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     with server.client() as client:
        ...         people = server.people().slice(0, 100)
        ...         job = client.submit(people, "phone-email", max_credits=600)
        ...         _ = job.wait(timeout=60)
        ...         job.table().num_rows
        100
    """

    def __new__(
        cls,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        ledger: _Path | None = None,
        storage_options: Mapping[str, str] | None = None,
        limits: _Limits | None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        read_timeout: float | None = None,
        retries: int | None = None,
        ca_bundle: _Path | None = None,
        proxy: str | None = None,
        allow_http: bool = False,
        user_agent: str | None = None,
        pool_size: int | None = None,
    ) -> Self: ...
    @property
    def base_url(self) -> str:
        """Where the API is."""
    @property
    def ledger(self) -> str:
        """Where the ledger is: the path of its file.

        Raises:
            LedgerError: It cannot be opened.
        """
    @property
    def agents(self) -> Agents:
        """Batches of people and companies, one call each."""
    @property
    def credits(self) -> Credits:
        """Credits used and left."""
    @property
    def enrich(self) -> Enrich:
        """Enrichment of one record, and questions in words; see `Enrich`."""
    @property
    def salesforce(self) -> Salesforce:
        """Leads of Salesforce; see `Salesforce`."""
    @property
    def routing(self) -> Routing:
        """Assignments from pools, by turns, and the pools; see `Routing`."""
    @property
    def triggers(self) -> Triggers:
        """Records that have changed; see `Triggers`."""
    @property
    def logs(self) -> Logs:
        """The log of what was done to records; see `Logs`."""
    @property
    def workflows(self) -> Workflows:
        """Workflows; see `Workflows`."""
    @property
    def forms(self) -> Forms:
        """Forms; see `Forms`."""
    def map(
        self,
        table: _Table,
        call: _MappedCall,
        *,
        columns: Mapping[str, str],
        max_credits: int,
        arguments: Mapping[str, Any] | None = None,
        credits_per_call: int | None = None,
        rows_per_call: int | None = None,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """Makes one call for each row of a table, within a budget.

        Every row is written down before it is sent, in a file beside the ledger. The same job
        again goes on where it was: nothing is paid twice, and rows that were refused are tried
        again. Calls leave as others end, so that a slow one holds nobody up.

        Args:
            table: Anything that exports an Arrow stream; of a LazyFrame only the columns named.
            call: Which call: `enrich.company` and the like. The rows of `match` are candidates,
                which are sent in chunks; `object` and `rules` are among its `arguments`.
            columns: Field of the call to column of the table, such as `{"record_id": "id"}`;
                `record_data.email` is a field within a field.
            max_credits: The budget for all rows. No row is sent that could pass it.
            arguments: Fields that are the same for all rows, such as `{"effort": "high"}`.
            credits_per_call: What one row may cost at most; calls of `enrich` and `match` carry it
                as their own `max_credits`. By default 5 for phone, 1 for email and company, 2 for
                person, 4 for ai, 20 for research, 1 for convert, 2 for assign, 4 for workflows, 3
                for forms, and for match 1 with simple rules, 2 with groups and 5 with AI.
            rows_per_call: How many candidates a call of `match` takes; by default 100.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per input row, in their order: `status` (`done`, `failed`, `in_doubt`,
            `over_budget`), `error`, `credits`, `cached`, and the fields of the answer.

        Raises:
            InputError: A row does not hold to the contract; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too, such as a wrong key. The same call
                goes on later.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     client = server.client()
            ...     answers = client.map(
            ...         server.companies().slice(0, 5),
            ...         "enrich.company",
            ...         columns={"record_id": "id", "domain": "domain"},
            ...         max_credits=5,
            ...     )
            ...     answers.column("status").to_pylist() == ["done"] * 5
            True
        """
    def convert_leads(
        self,
        leads: _Table,
        *,
        id: str = "id",
        match_policy: Mapping[str, Any] | None = None,
        merge_policy: Mapping[str, Any] | None = None,
        set_owner_round_robin_pool: str | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """Converts the leads of a table: `client.map` with `salesforce.convert`.

        Args:
            leads: A table with the leads' Salesforce ids.
            id: The column of the ids.
            match_policy: How contacts and accounts are recognized; see `client.salesforce.convert`.
            merge_policy: What happens to those that are; likewise.
            set_owner_round_robin_pool: The pool that owners come from.
            max_credits: The budget for all rows. No row is sent that could pass it.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per lead, in their order: `status`, `error`, `credits`, `cached`,
            `convert_status` (`converted`, `failed` or `duplicate`), `account_id`, `contact_id`,
            `owner_id`, `actions` (a JSON list).

        Raises:
            InputError: A lead without an id; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            APIError: What every further call would meet too. The same call goes on later.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     leads = server.crm("leads").slice(0, 3)
            ...     done = server.client().convert_leads(leads, max_credits=3)
            ...     done.column("convert_status").to_pylist()
            ['converted', 'converted', 'converted']
        """
    def assign(
        self,
        records: _Table,
        *,
        object: _Routed,
        pool: str,
        id: str = "id",
        exclude_inactive: bool = True,
        reset_rules: Mapping[str, Any] | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """Gives each record of a table to the next of a pool: `client.map` with `routing.assign`.

        Args:
            records: A table with the records' Salesforce ids.
            object: What the records are.
            pool: The pool whose users take turns.
            id: The column of the ids.
            exclude_inactive: Whether inactive users are passed over.
            reset_rules: Why turns are given anew, and who is next; see `client.routing.assign`.
            max_credits: The budget for all rows. No row is sent that could pass it.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per record, in their order: `status`, `error`, `credits` (1, and 1 more with
            reset rules), `cached`, `assigned_to`, `sequence`, `pool_size`, `timestamp`.

        Raises:
            InputError: A record without an id; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too. The same call goes on later.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     leads = server.crm("leads").slice(0, 4)
            ...     client = server.client()
            ...     done = client.assign(leads, object="lead", pool="default", max_credits=4)
            ...     sorted(done.column("sequence").to_pylist())
            [1, 2, 3, 4]
        """
    def trigger(
        self,
        records: _Table,
        workflow_id: str,
        *,
        columns: Mapping[str, str] | None = None,
        source_system: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """Sends each row of a table through a workflow: `client.map` with `workflows.trigger`.

        Args:
            records: A table; its columns are the fields of the record.
            workflow_id: The workflow.
            columns: Field of the record to column of the table; by default every column that can be
                written as text, under its own name.
            source_system: Where the records come from, such as `cdp`.
            enrichment_preferences: What is looked up, and how.
            max_credits: The budget for all rows. No row is sent that could pass it.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per record, in their order: `status`, `error`, `credits`, `cached`,
            `workflow_status` (`triggered`, `queued` or `failed`), `request_id`,
            `enrichment_job_id`.

        Raises:
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too. The same call goes on later.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     people = server.people().slice(0, 2)
            ...     client = server.client()
            ...     done = client.trigger(people, "default", source_system="cdp", max_credits=8)
            ...     done.column("workflow_status").to_pylist()
            ['triggered', 'triggered']
        """
    def submit_forms(
        self,
        forms: _Table,
        *,
        columns: Mapping[str, str] | None = None,
        additional_fields: Mapping[str, Any] | None = None,
        form_source: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
        output_preferences: Mapping[str, Any] | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """Submits each row of a table as a form: `client.map` with `forms.submit`.

        Args:
            forms: A table with what people typed.
            columns: Field of the form to column of the table, such as
                `{"email": "mail", "additional_fields.consent": "consent"}`; by default those of
                `name`, `email`, `company`, `phone` and `title` that the table has.
            additional_fields: Further fields that are the same for all forms.
            form_source: Where the forms come from.
            enrichment_preferences: What is looked up, and how.
            output_preferences: Whether data is answered, and where it is pushed to.
            max_credits: The budget for all rows. No row is sent that could pass it.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per form, in their order: `status`, `error`, `credits`, `cached`, `form_status`
            (`enriched`, `pushed` or `failed`), `request_id`, `push_status`, `gdpr_safe`,
            `enriched_lead` (a JSON object).

        Raises:
            InputError: A form without an e-mail address; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too. The same call goes on later.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     people = server.people().to_polars().drop_nulls("email").head(2)
            ...     done = server.client().submit_forms(
            ...         people, additional_fields={"consent": True}, max_credits=6
            ...     )
            ...     done.column("gdpr_safe").to_pylist()
            [True, True]
        """
    def match_cascade(
        self,
        left: _Table,
        right: _Table,
        rules: _Rules | None = None,
        *,
        object: _Matched = "account",
        sure: float = 0.95,
        unsure: float = 0.6,
        max_credits: int,
        fields: _Fields | None = None,
        left_id: str | None = None,
        right_id: str = "id",
        weights: Mapping[str, float] | None = None,
        model: Model | None = None,
        instructions: str | None = None,
        threshold: float | None = None,
        rows_per_call: int | None = None,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """Matches two tables on this machine, and asks the API about what is left unsure.

        Local matching is free and comes first. Of each left row the best pair decides: from `sure`
        on it is a match, below `unsure` there is none, and only the rows between the two go to
        `/v1/match` in AI mode, at 5 credits each, within the budget. Like `client.map` it can be
        stopped and gone on with, and pays nothing twice.

        Args:
            left: The rows to find a record for.
            right: The records of Salesforce that they may be.
            rules: Rules of the local matching, as `lantern.match` takes them; by default what is
                learned from the tables.
            object: What the right records are.
            sure: From this confidence on, 0 to 1, a local match counts.
            unsure: Below this confidence a local pair is no match.
            max_credits: The budget for what is asked. Rows beyond it stay undecided.
            fields: The fields to compare; see `lantern.match`.
            left_id: The column that names left rows.
            right_id: The column of the right with the records' Salesforce ids.
            weights: What each field of the rules says; see `lantern.match`.
            model: A model that was learned before; see `lantern.learn`.
            instructions: What the API's language model is told beside the task.
            threshold: The least confidence of the API's matches, 0 to 1; by default the API's own.
            rows_per_call: How many rows a call takes; by default 100.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from what is asked.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per left row, in their order: `left`, `left_id`; `status` (`matched`,
            `no_match`, or undecided: `over_budget`, `in_doubt`, `failed`); `decided_by` (`local`,
            `api`, or null where nobody did); `right` (the row, null where the API names a record
            that is not among them), `right_id`, `confidence`, `credits`, `explanation`; `model`
            (what the API says of who decided there); `local_right` and `local_confidence` (the best
            local pair, if it is not below `unsure`); `error`.

        Raises:
            InputError: Bounds that are none, tables that cannot be matched, or right ids that come
                twice; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too. The same call goes on later.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     leads, accounts = server.crm("leads"), server.crm("accounts")
            ...     found = server.client().match_cascade(
            ...         leads,
            ...         accounts,
            ...         fields={"company": ("company", "name"), "domain": "domain"},
            ...         left_id="id",
            ...         max_credits=100,
            ...     )
            ...     sorted(set(found.column("decided_by").to_pylist()))
            ['api', 'local']
        """
    def match(
        self,
        *,
        object: _Matched,
        candidates: Sequence[Mapping[str, Any]],
        rules: Sequence[str] | Mapping[str, Any],
        context: Mapping[str, Any] | None = None,
        max_credits: int | None = None,
    ) -> Matched:
        """Looks for the Salesforce records that candidates are: `POST /v1/match`.

        Args:
            object: What the candidates are matched against.
            candidates: Records: field to value. An `id` among them comes back.
            rules: A list of field rules that must all hold, such as `["email:eq",
                "company:fuzzy0.85"]`, or a dictionary with a `mode`: `simple` (`rules`), `grouped`
                (`groups` of `all`, `any`) or `ai` (`instructions`), each with a `threshold`.
            context: The Salesforce instance, org id and the like.
            max_credits: The most credits that the call may cost, above 0.

        Returns:
            For each candidate its matches, the most confident first.

        Raises:
            ValidationError: The rules are not understood, or the request does not hold to the
                contract; nothing was sent.
            CreditLimitError: Too few credits are left, or the call costs more than `max_credits`.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> ishida = {"id": 7, "last_name": "Ishida", "company": "Stonepeak Seisakusho"}
            >>> answer = client.match(
            ...     object="contact",
            ...     candidates=[ishida],
            ...     rules=["last_name:eq", "company:fuzzy0.85"],
            ... )
            >>> found = answer.results[0]
            >>> found.candidate_id, found.matches[0].sf_id, found.matches[0].confidence
            ('7', '003Lc0000000001IAA', 0.8425)
        """
    def submit(
        self,
        table: _Table,
        kind: _Kind,
        *,
        id: str = "id",
        max_credits: int,
        key: str | None = None,
        entity_type: _Entity = "person",
        query_hint: str = "",
        effort: _Effort = "medium",
        agent_type: _Agent = "general",
        batch_size: int = 1000,
        credits_per_id: int | None = None,
        on_in_doubt: _OnInDoubt = "raise",
        dry_run: bool = False,
    ) -> Job:
        """Submits a table of ids as batches under a budget, and sends what the limits allow now.

        Every batch is written down in the ledger before it is sent. The same job again (the same
        request for the same ids, or the same `key`) resumes it and spends nothing twice; with a
        higher `max_credits` it goes on to ids that the budget did not reach.

        Args:
            table: Anything that exports an Arrow stream: Polars (also LazyFrame), pandas, PyArrow,
                DuckDB, arro3, ibis.
            kind: What is asked for each id.
            id: The column of ids: integers or strings of any Arrow type. Null and empty ids are
                not sent and come back marked; repeated ids are sent once.
            max_credits: The budget in credits, never exceeded. What a batch does not use goes to
                later ones.
            key: The job's name; by default a hash of the request and the set of ids.
            entity_type: For deep research: what the ids stand for.
            query_hint: For deep research: what to look for, in words.
            effort: For deep research: more effort costs more.
            agent_type: For deep research: which agent.
            batch_size: Ids a batch, 1 to 1000.
            credits_per_id: The most that one id can cost; by default what it costs on the local
                server (phone 5, email 1, phone-email 6, deep research 5, 10 or 20 by effort).
                A batch is sent once the budget can pay for it at this price.
            on_in_doubt: What happens to a batch that may have been sent: `raise` stops sending and
                raises OutcomeUnknown once all else is loaded; `resend` may pay twice (and
                sends three times at most); `skip` gives the batch up.
            dry_run: Sends nothing, and answers a dictionary instead of a job: `key`, `kind`,
                `rows`, `ids`, `without_id`, `duplicates`, `batches`, `most_credits`,
                `ids_within_budget`, `least_seconds` and whether the job is `known`.

        Returns:
            The job. It goes on as often as it is polled or waited for, here or elsewhere.

        Raises:
            InputError: No such column, or a type that holds no ids.
            ValidationError: A budget that pays for nothing, or a word that is not known.
            JobError: Another job has this key.
            LedgerError: The ledger cannot be written; nothing was sent.
            APIError: A batch was refused or could not be sent; the job is kept, submit it again.

        Example:
            >>> import lantern
            >>> import polars
            >>> with lantern.LocalServer() as server:
            ...     client = server.client()
            ...     people = polars.DataFrame({"person": ["P0000001", None, "P0000001"]})
            ...     plan = client.submit(people, "email", id="person", max_credits=5, dry_run=True)
            ...     plan["ids"], plan["without_id"], plan["duplicates"], plan["most_credits"]
            (1, 1, 1, 1)
        """
    def job(self, key: str, *, on_in_doubt: _OnInDoubt = "raise") -> Job:
        """Picks up a job that was submitted before, here or in another process.

        Args:
            key: The job's key; `lantern.jobs()` lists them.
            on_in_doubt: As for `submit`.

        Raises:
            JobError: The ledger has no such job for this client's API.
            LedgerError: The ledger cannot be read.

        Example:
            >>> _ = client.submit(server.people().slice(0, 3), "email", max_credits=3, key="weekly")
            >>> client.job("weekly").wait(timeout=60).state
            'done'
        """
    def close(self) -> None:
        """Drops the connections. A closed one makes no more calls; a `with` closes it at its end.

        Example:
            >>> client.close()
            >>> client.credits.remaining()
            Traceback (most recent call last):
                ...
            lantern.exceptions.ConfigError: the client is closed; make another one
        """
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        tb: TracebackType | None = None,
    ) -> None: ...

@final
class AsyncClient:
    """`Client`, awaitable: the same names, and the arguments as for `Client`.

    Example:
        >>> import asyncio, lantern
        >>> async def work() -> tuple[int, int, str]:
        ...     with lantern.LocalServer(limits="off") as server:
        ...         client = server.async_client()
        ...         companies = await client.map(
        ...             server.companies().slice(0, 5),
        ...             "enrich.company",
        ...             columns={"record_id": "id", "domain": "domain"},
        ...             max_credits=5,
        ...         )
        ...         matched = await client.match(
        ...             object="contact", candidates=[{"last_name": "Abe"}], rules=["last_name:eq"]
        ...         )
        ...         people = server.people().slice(0, 10)
        ...         _ = await client.submit(people, "email", max_credits=10, key="monday")
        ...         job = await client.job("monday")
        ...         progress = await job.wait(timeout=60)
        ...         await client.close()  # as the end of an `async with` does
        ...         return companies.num_rows, len(matched.results), progress.state
        >>> asyncio.run(work())
        (5, 1, 'done')
        >>> async def tables() -> list[int]:
        ...     with lantern.LocalServer(limits="off") as server:
        ...         client = server.async_client()
        ...         leads = server.crm("leads").slice(0, 3)
        ...         by = {"object": "lead", "pool": "default"}
        ...         people = server.people().to_polars().drop_nulls("email").head(2)
        ...         return [
        ...             table.num_rows
        ...             for table in (
        ...                 await client.convert_leads(leads, max_credits=3),
        ...                 await client.assign(leads, **by, max_credits=3),
        ...                 await client.trigger(leads, "default", max_credits=12),
        ...                 await client.submit_forms(people, max_credits=6),
        ...                 await client.match_cascade(leads, leads, left_id="id", max_credits=20),
        ...             )
        ...         ]
        >>> asyncio.run(tables())
        [3, 3, 3, 2, 3]
    """

    def __new__(
        cls,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        ledger: _Path | None = None,
        storage_options: Mapping[str, str] | None = None,
        limits: _Limits | None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        read_timeout: float | None = None,
        retries: int | None = None,
        ca_bundle: _Path | None = None,
        proxy: str | None = None,
        allow_http: bool = False,
        user_agent: str | None = None,
        pool_size: int | None = None,
    ) -> Self: ...
    @property
    def base_url(self) -> str:
        """Where the API is."""
    @property
    def ledger(self) -> str:
        """Where the ledger is: the path of its file."""
    @property
    def agents(self) -> AsyncAgents:
        """Batches of people and companies, one call each."""
    @property
    def credits(self) -> AsyncCredits:
        """Credits used and left."""
    @property
    def enrich(self) -> AsyncEnrich:
        """Enrichment of one record, and questions in words; see `AsyncEnrich`."""
    @property
    def salesforce(self) -> AsyncSalesforce:
        """Leads of Salesforce; see `AsyncSalesforce`."""
    @property
    def routing(self) -> AsyncRouting:
        """Assignments from pools, by turns, and the pools; see `AsyncRouting`."""
    @property
    def triggers(self) -> AsyncTriggers:
        """Records that have changed; see `AsyncTriggers`."""
    @property
    def logs(self) -> AsyncLogs:
        """The log of what was done to records; see `AsyncLogs`."""
    @property
    def workflows(self) -> AsyncWorkflows:
        """Workflows; see `AsyncWorkflows`."""
    @property
    def forms(self) -> AsyncForms:
        """Forms; see `AsyncForms`."""
    async def map(
        self,
        table: _Table,
        call: _MappedCall,
        *,
        columns: Mapping[str, str],
        max_credits: int,
        arguments: Mapping[str, Any] | None = None,
        credits_per_call: int | None = None,
        rows_per_call: int | None = None,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """See `Client.map`."""
    async def convert_leads(
        self,
        leads: _Table,
        *,
        id: str = "id",
        match_policy: Mapping[str, Any] | None = None,
        merge_policy: Mapping[str, Any] | None = None,
        set_owner_round_robin_pool: str | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """See `Client.convert_leads`."""
    async def assign(
        self,
        records: _Table,
        *,
        object: _Routed,
        pool: str,
        id: str = "id",
        exclude_inactive: bool = True,
        reset_rules: Mapping[str, Any] | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """See `Client.assign`."""
    async def trigger(
        self,
        records: _Table,
        workflow_id: str,
        *,
        columns: Mapping[str, str] | None = None,
        source_system: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """See `Client.trigger`."""
    async def submit_forms(
        self,
        forms: _Table,
        *,
        columns: Mapping[str, str] | None = None,
        additional_fields: Mapping[str, Any] | None = None,
        form_source: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
        output_preferences: Mapping[str, Any] | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """See `Client.submit_forms`."""
    async def match_cascade(
        self,
        left: _Table,
        right: _Table,
        rules: _Rules | None = None,
        *,
        object: _Matched = "account",
        sure: float = 0.95,
        unsure: float = 0.6,
        max_credits: int,
        fields: _Fields | None = None,
        left_id: str | None = None,
        right_id: str = "id",
        weights: Mapping[str, float] | None = None,
        model: Model | None = None,
        instructions: str | None = None,
        threshold: float | None = None,
        rows_per_call: int | None = None,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Table:
        """See `Client.match_cascade`."""
    async def match(
        self,
        *,
        object: _Matched,
        candidates: Sequence[Mapping[str, Any]],
        rules: Sequence[str] | Mapping[str, Any],
        context: Mapping[str, Any] | None = None,
        max_credits: int | None = None,
    ) -> Matched:
        """See `Client.match`."""
    async def submit(
        self,
        table: _Table,
        kind: _Kind,
        *,
        id: str = "id",
        max_credits: int,
        key: str | None = None,
        entity_type: _Entity = "person",
        query_hint: str = "",
        effort: _Effort = "medium",
        agent_type: _Agent = "general",
        batch_size: int = 1000,
        credits_per_id: int | None = None,
        on_in_doubt: _OnInDoubt = "raise",
        dry_run: bool = False,
    ) -> AsyncJob:
        """See `Client.submit`."""
    async def job(self, key: str, *, on_in_doubt: _OnInDoubt = "raise") -> AsyncJob:
        """See `Client.job`."""
    async def close(self) -> None:
        """See `Client.close`."""
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        tb: TracebackType | None = None,
    ) -> None: ...

@final
class Job:
    """A submitted table: what `client.submit` answers, or `Job.load(key)` picks up.

    A job lives in the ledger: any process may poll it, and several may at once.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     client = server.client()
        ...     people = server.people().slice(0, 10)
        ...     job = client.submit(people, "email", max_credits=10, key="monday")
        ...     _ = job.wait(timeout=60)
        ...     lantern.Job.load("monday", client=client).table().num_rows
        10
    """

    @staticmethod
    def load(
        key: str,
        *,
        client: Client | AsyncClient | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> Job:
        """Picks up a job that was submitted before, here or in another process.

        Args:
            key: The job's key; `lantern.jobs()` lists them.
            client: The client to work it with; by default one from the environment.
            on_in_doubt: As for `client.submit`.

        Raises:
            JobError: The ledger has no such job for this client's API.

        Example:
            >>> people = server.people().slice(0, 3)
            >>> _ = client.submit(people, "email", max_credits=3, key="nightly")
            >>> lantern.Job.load("nightly", client=client).kind
            'email'
        """
    @property
    def key(self) -> str:
        """The job's key: its name in the ledger."""
    @property
    def kind(self) -> str:
        """What is asked: `phone`, `email`, `phone-email` or `deep-research`."""
    def poll(self) -> Progress:
        """Does one round: sends what the limits allow, looks at what is in flight, loads results.

        It waits for nothing but the answers to its own calls. `Progress.next` of what it answers is
        the seconds until another round has something to do.

        Raises:
            APIError: The first error of the round, after all else in it was done. Nothing is lost:
                the next round goes on.
            OutcomeUnknown: A batch may have been sent, and nothing else is left to do.
            ResultError: A result is damaged or missing.
            LedgerError: The ledger cannot be read or written.

        Example:
            >>> import time
            >>> job = client.submit(server.people().slice(0, 3), "email", max_credits=3)
            >>> while not (progress := job.poll()).ended:
            ...     time.sleep(progress.next)
            >>> progress.answered
            3
        """
    def wait(self, timeout: float | None = None, *, progress: bool = True) -> Progress:
        """Repeats `poll` until nothing more will happen.

        Runs are looked at after 1 s, then less and less often, up to once a minute. An API that
        answered before may be out of reach for five minutes. Ctrl-C leaves a job that goes on
        when it is submitted or loaded again.

        Args:
            timeout: Seconds to wait at most; None waits as long as it takes.
            progress: Shows a bar in a terminal and in a notebook, and nothing elsewhere.

        Raises:
            JobTimeout: The time ran out; the job goes on where it is.
            APIError: As for `poll`.

        Example:
            >>> job = client.submit(server.people().slice(0, 3), "phone", max_credits=15)
            >>> job.wait(timeout=60).state
            'done'
        """
    def progress(self) -> Progress:
        """How far the job is, as the ledger knows; makes no call.

        Raises:
            LedgerError: The ledger cannot be read.

        Example:
            >>> progress = job.progress()
            >>> progress.credits, progress.max_credits
            (11, 30)
        """
    def table(self) -> Table:
        """One row per input row, in the order of the input.

        The columns are the id (under the input's name and, for integers, in its type), `status`
        (`found`, `not_found`, `missing`, `over_budget`, `pending`, `failed`, `in_doubt`,
        `skipped`, `no_id`), `error` (why there is no answer, else null), and those of the result:
        `first_name`, `last_name`, `company_name`, `company_url`, `linkedin`, `email`,
        `phone_number` (strings), `email_found`, `phone_found` (booleans), and any others that
        came. A result column that has the name of one before it gets the ending `_result`.

        Raises:
            ResultError: A result file is damaged, or gone and cannot be fetched again.

        Example:
            >>> table = job.table()
            >>> table.select(["id", "status", "email", "phone_number"]).slice(2, 2).to_pylist()
            [{'id': 'P0000003', 'status': 'found', 'email': None, 'phone_number': '+15148696779'},
             {'id': 'P0000004', 'status': 'found', 'email': 'pagarwal@jain-solar.in',
              'phone_number': '+919971381872'}]
        """
    def credits(self) -> Table:
        """One row per batch.

        `batch` (from 1), `state` (`planned`, `sending`, `accepted`, `completed`, `loaded`,
        `in_doubt`, `failed` or `skipped`), `ids`, `returned`, `over_budget`, `emails`, `phones`,
        `max_credits` (what it may cost), `credits` (what it cost; null until it is known),
        `run_id`, `error`, `sends`, `idempotency_key` (the header by which the API's support finds
        the request), and the times `sent_at`, `accepted_at`, `finished_at` and `loaded_at` (UTC).

        Raises:
            LedgerError: The ledger cannot be read.

        Example:
            >>> batches = job.credits()
            >>> batches.select(["batch", "state", "ids", "max_credits", "credits"]).to_pylist()
            [{'batch': 1, 'state': 'loaded', 'ids': 5, 'max_credits': 30, 'credits': 11}]
        """
    def missing(self) -> Table:
        """The rows that have no answer: `row` (from 0), the id, `status` and `error`.

        Raises:
            ResultError: As for `table`.

        Example:
            >>> people = pl.DataFrame({"id": ["P0000004", None, "P9999999"]})
            >>> job = client.submit(people, "email", max_credits=2)
            >>> _ = job.wait(timeout=60)
            >>> job.missing().select(["row", "id", "status"]).to_pylist()
            [{'row': 1, 'id': None, 'status': 'no_id'},
             {'row': 2, 'id': 'P9999999', 'status': 'missing'}]
        """
    def summary(self) -> Summary:
        """What was found, what it cost, what is missing and why; makes no call.

        Raises:
            ResultError: As for `table`.

        Example:
            >>> job.summary().rows
            {'found': 2, 'not_found': 3}
        """
    def in_doubt(self) -> Table:
        """The batches that may have been sent, as rows of `credits()`.

        Raises:
            LedgerError: The ledger cannot be read.

        Example:
            >>> server.add_fault("POST /v1/agents/*: reset after times 1")
            >>> client.submit(server.people().slice(0, 5), "email", max_credits=5, key="lost")
            Traceback (most recent call last):
                ...
            lantern.exceptions.OutcomeUnknown: POST /v1/agents/email got no answer: job "lost":
            batch 1 may have arrived and cost up to 5 credits (...); decide with ...
            >>> job = client.job("lost")
            >>> job.in_doubt().select(["batch", "ids", "max_credits", "sends"]).to_pylist()
            [{'batch': 1, 'ids': 5, 'max_credits': 5, 'sends': 1}]
        """
    def resolve(
        self,
        batch: int,
        run_id: str,
        *,
        result_path: str | None = None,
        credits_path: str | None = None,
    ) -> None:
        """Says that a batch did arrive, as this run.

        For a batch that is in doubt, was skipped or failed, and for one to which a wrong run was
        attached, as long as its result is not loaded. The API is asked whether it knows the run.

        Args:
            batch: The batch's number, as in `credits()`.
            run_id: The run that the API or its support names.
            result_path: Where its result lies; by default as for the other batches of the job.
            credits_path: Where its credit report lies, likewise.

        Raises:
            JobError: There is no such batch, it is in none of these states, another batch has the
                run, or no other batch shows where results lie.
            ValidationError: `run_id` is no UUID.
            NotFoundError: The API does not know the run.
            APIError: The API could not be asked; nothing was changed.

        Example:
            >>> server.add_fault("POST /v1/agents/*: reset after times 1")
            >>> job = client.submit(
            ...     server.people().slice(0, 5), "email", max_credits=5, on_in_doubt="skip"
            ... )
            >>> job.wait(timeout=60).state, job.table().column("status").to_pylist()[3]
            ('done', 'skipped')
            >>> run = server.runs().to_pylist()[-1]  # it did arrive; here the server tells its run
            >>> job.resolve(1, run["run_id"], result_path=run["result_path"])
            >>> job.wait(timeout=60).state, job.table().column("status").to_pylist()[3]
            ('done', 'found')
        """
    def resend(self, batch: int) -> None:
        """Sends a batch again that is in doubt, failed or skipped, at the risk of paying twice.

        It is sent at the next `poll` or `wait`. What the former sending may have cost stays counted
        as spent, so the budget may have to be raised: submit the job again with a higher one.

        Args:
            batch: The batch's number, as in `credits()`.

        Raises:
            JobError: There is no such batch, or it is in none of these states.

        Example:
            >>> server.add_fault("POST /v1/agents/*: run-fails times 1")
            >>> job = client.submit(server.people().slice(0, 5), "email", max_credits=10)
            >>> job.wait(timeout=60).failed
            1
            >>> job.resend(1)
            >>> job.wait(timeout=60).answered
            5
        """
    def skip(self, batch: int) -> None:
        """Gives a batch up that is in doubt, or whose run is the wrong one or does not end.

        Its credits count as spent. `resolve` and `resend` can still take it up again.

        Args:
            batch: The batch's number, as in `credits()`.

        Raises:
            JobError: There is no such batch, or it is neither in doubt nor accepted or completed.

        Example:
            >>> server.add_fault("POST /v1/agents/*: reset after times 1")
            >>> client.submit(server.people().slice(0, 5), "email", max_credits=5, key="lost")
            Traceback (most recent call last):
                ...
            lantern.exceptions.OutcomeUnknown: POST /v1/agents/email got no answer: job "lost":
            batch 1 may have arrived and cost up to 5 credits (...); decide with ...
            >>> job = client.job("lost")
            >>> job.skip(1)
            >>> job.wait(timeout=60).credits, job.summary().rows
            (5, {'skipped': 5})
        """

@final
class AsyncJob:
    """`Job`, awaitable: what `async_client.submit` answers.

    Example:
        >>> import asyncio, lantern
        >>> async def work() -> list[str]:
        ...     faults = ["POST /v1/agents/*: reset after times 1"]
        ...     with lantern.LocalServer(limits="off", faults=faults) as server:
        ...         client = server.async_client()
        ...         people = server.people().slice(0, 4)
        ...         job = await client.submit(people, "email", max_credits=8, on_in_doubt="skip")
        ...         print(await job.wait(timeout=60))
        ...         job = await lantern.AsyncJob.load(job.key, client=client)
        ...         lost = server.runs().to_pylist()[0]  # the batch that was in doubt did arrive
        ...         await job.resolve(1, lost["run_id"], result_path=lost["result_path"])
        ...         await job.skip(1)  # or give it up
        ...         await job.resend(1)  # or send it again
        ...         while not (progress := await job.poll()).ended:
        ...             await asyncio.sleep(progress.next)
        ...         assert (await job.progress()).answered == (await job.table()).num_rows == 4
        ...         assert (await job.missing()).num_rows == (await job.in_doubt()).num_rows == 0
        ...         print((await job.summary()).rows)
        ...         return (await job.credits()).column("state").to_pylist()
        >>> asyncio.run(work())
        <email-... [email] done: 0 of 4 ids answered, 0 of 1 batches loaded, 1 skipped, 4 of 8
        credits spent>
        {'found': 1, 'not_found': 3}
        ['loaded']
    """

    @staticmethod
    async def load(
        key: str,
        *,
        client: Client | AsyncClient | None = None,
        on_in_doubt: _OnInDoubt = "raise",
    ) -> AsyncJob:
        """See `Job.load`."""
    @property
    def key(self) -> str:
        """The job's key: its name in the ledger."""
    @property
    def kind(self) -> str:
        """What is asked: `phone`, `email`, `phone-email` or `deep-research`."""
    async def poll(self) -> Progress:
        """See `Job.poll`."""
    async def wait(self, timeout: float | None = None, *, progress: bool = True) -> Progress:
        """See `Job.wait`."""
    async def progress(self) -> Progress:
        """See `Job.progress`."""
    async def table(self) -> Table:
        """See `Job.table`."""
    async def credits(self) -> Table:
        """See `Job.credits`."""
    async def missing(self) -> Table:
        """See `Job.missing`."""
    async def summary(self) -> Summary:
        """See `Job.summary`."""
    async def in_doubt(self) -> Table:
        """See `Job.in_doubt`."""
    async def resolve(
        self,
        batch: int,
        run_id: str,
        *,
        result_path: str | None = None,
        credits_path: str | None = None,
    ) -> None:
        """See `Job.resolve`."""
    async def resend(self, batch: int) -> None:
        """See `Job.resend`."""
    async def skip(self, batch: int) -> None:
        """See `Job.skip`."""

@final
class LocalServer:
    """The Lantern API on this machine, with results behind a real S3 endpoint. No key needed.

    It starts when it is made, works in threads of its own, and stops with `stop()` or at the end
    of a `with` block.

    Args:
        host: Where to listen; elsewhere than on loopback only with a `key`.
        port: The port of the API; 0 takes any free one.
        s3_port: The port of the S3 endpoint; 0 takes any free one.
        data: The folder of runs, credits, results and the ledger of `client()`. A server started
            on the same folder goes on with what was queued. By default a temporary one.
        key: The key that calls must carry; by default a well-known one.
        people: The people to look up: a table, or the path of a Parquet, CSV or Arrow file, with a
            column `id`. By default `size` people are made from `seed`.
        companies: The companies, likewise; by default those of the people.
        seed: Makes the same directory again.
        size: How many people are made, at a tenth as many companies.
        limits: `"api"` (the default) for the API's own limits, `"off"`, or requests a minute by
            class, such as `{"batches": 60, "sync": None}`.
        prices: Credits for what is found: `phone` (5), `email` (1), `company` (1), `person` (2).
        credits: The credits that the tenant begins with.
        faults: Faults to answer with, such as `"POST /v1/agents/*: status 503 times 2"`,
            `"GET /v1/*: delay 250ms"`, `"POST /v1/agents/*: reset after nth 2"` or
            `"POST /v1/agents/*: truncate half"`.
        work_delay: Seconds that each batch lies before it is worked.
        workflows: A TOML or JSON file of workflows; by default there is one, `default`, which
            enriches.
        webhook: Where forms push to with `{"push_to": "webhook"}`, signed with the key.
        crm: The records that the CRM begins with where `data` is new: `accounts`, `contacts`,
            `leads`, `opportunities`, `users`, `tasks`, `notes` or `pools` (`pool`, `user_id`) to a
            table, or to the path of a Parquet, CSV or Arrow file. Columns are named as `crm()`
            gives them or as Salesforce spells them; `id` may be left out. What is not given is
            empty, but for users. By default all are made from the directory.
        tenants: The keys of further tenants: each has credits, limits, batches, results and a CRM
            of its own, whose ids no other has. `client(api_key=...)` is a client of theirs.
        model_url: An endpoint that speaks OpenAI's protocol, such as `http://localhost:11434/v1`,
            whose language model answers AI matching, `enrich.ai` and `enrich.research`. By default
            what is known on this machine answers. Each answer says which.
        model: The model's name; by default the first that the endpoint lists.
        model_key: The endpoint's API key.

    Raises:
        LocalServerError: The port is taken, or the folder, a file or a table cannot be used.
        ConfigError: A limit or price that is not understood, workflows that cannot be read, or a
            `host` that others reach without a `key`.
        ValidationError: A fault that is not understood.
        ValueError: `work_delay` is below 0.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(size=100) as server:
        ...     server.url.startswith("http://127.0.0.1:"), server.people().num_rows
        ...     server.storage_options["aws_endpoint_url"].startswith("http://127.0.0.1:")
        (True, 100)
        True
    """

    def __new__(
        cls,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        s3_port: int = 0,
        data: _Path | None = None,
        key: str | None = None,
        people: _Path | _ArrowStream | None = None,
        companies: _Path | _ArrowStream | None = None,
        seed: int = 7,
        size: int = 10_000,
        limits: Literal["api", "off"] | _Limits | None = None,
        prices: Mapping[str, int] | None = None,
        credits: float = 1_000_000.0,
        faults: Sequence[str] = ...,
        work_delay: float = 0.0,
        workflows: _Path | None = None,
        webhook: str | None = None,
        crm: Mapping[str, _Path | _ArrowStream] | None = None,
        tenants: Sequence[str] = ...,
        model_url: str | None = None,
        model: str | None = None,
        model_key: str | None = None,
    ) -> Self: ...
    @property
    def url(self) -> str:
        """Where the API is: `http://127.0.0.1:port`."""
    @property
    def key(self) -> str:
        """The API key that calls must carry."""
    @property
    def storage_options(self) -> dict[str, str]:
        """What S3 clients need to read results, in obstore's and Polars' spelling."""
    @property
    def credits_used(self) -> float:
        """Credits charged so far."""
    def people(self) -> Table:
        """The people that can be looked up.

        Example:
            >>> server.people().slice(3, 1).select(["id", "first_name", "company_name"]).to_pylist()
            [{'id': 'P0000004', 'first_name': 'Pari', 'company_name': 'Jain Solar LLP'}]
        """
    def companies(self) -> Table:
        """The companies that can be looked up.

        Example:
            >>> server.companies().slice(40, 1).select(["id", "name", "domain"]).to_pylist()
            [{'id': 'C000041', 'name': 'Jain Solar LLP', 'domain': 'jain-solar.in'}]
        """
    def crm(self, objects: str) -> Table:
        """All records of one kind in the CRM: `id`, its fields, `created_at` and `modified_at`.

        Args:
            objects: `accounts`, `contacts`, `leads`, `opportunities`, `users`, `tasks` or `notes`.

        Raises:
            ConfigError: Another kind.

        Example:
            >>> server.crm("users").slice(0, 1).select(["id", "name", "active"]).to_pylist()
            [{'id': '005Lc0000000001IAA', 'name': 'Maya Reyes', 'active': True}]
        """
    def crm_add(self, objects: str, /, **fields: str | float | bool | None) -> dict[str, Any]:
        """Makes a record in the CRM, as one of its users would.

        Args:
            objects: Its kind: `accounts`, `contacts`, `leads`, `opportunities`, `users`, `tasks` or
                `notes`.
            **fields: Its fields, as `crm()` names them.

        Returns:
            The record with its `id`.

        Raises:
            InputError: Another kind, or a field that the kind does not have.

        Example:
            >>> server.crm_add("leads", email="ada@acme.example", last_name="Byron")["last_name"]
            'Byron'
        """
    def crm_set(self, id: str, /, **fields: str | float | bool | None) -> dict[str, Any]:
        """Changes a record of the CRM, as one of its users would; the poll will find it.

        Args:
            id: Its Salesforce id.
            **fields: What to change; None empties a field.

        Returns:
            The record.

        Raises:
            InputError: There is no such record, or a field that its kind does not have.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     lead = server.crm_add("leads", email="ada@acme.example", last_name="Byron")
            ...     server.crm_set(lead["id"], title="Analyst")["title"]
            'Analyst'
        """
    def runs(self) -> Table:
        """What the server was asked: one row per batch, in the order in which they came.

        `run_id`, `kind`, `ids` (how many), `max_credits`, `credits` (what it cost), `status`
        (`queued`, `completed` or `failed`), `error`, `idempotency_key`, `result_path`,
        `credits_csv_path`, and the times `received_at` and `finished_at` (UTC).

        Example:
            >>> run = client.agents.phone_email(["P0000004"], max_credits=6)
            >>> last = server.runs().to_pylist()[-1]
            >>> last["run_id"] == run.run_id, last["kind"], last["ids"], last["max_credits"]
            (True, 'phone-email', 1, 6)
        """
    def client(self, **options: Any) -> Client:
        """A client of this server, with a ledger of its own beside the server's data.

        Args:
            options: Arguments of `Client`, to change some.

        Example:
            >>> server.client(timeout=10).base_url == server.url + "/"
            True
        """
    def async_client(self, **options: Any) -> AsyncClient:
        """An awaitable client of this server; see `client`.

        Args:
            options: Arguments of `AsyncClient`, to change some.

        Example:
            >>> import asyncio
            >>> async def left() -> float:
            ...     async with server.async_client() as client:
            ...         return (await client.credits.remaining()).total_credits
            >>> asyncio.run(left())
            1000000.0
        """
    def add_fault(self, rule: str) -> None:
        """Answers with a fault from now on.

        Args:
            rule: Which calls meet which fault, and how often; see `faults` above for the spelling.

        Raises:
            ValidationError: The rule is not understood.

        Example:
            >>> server.add_fault("GET /v1/credits/remaining: status 503 times 1")
            >>> server.client(retries=0).credits.remaining()
            Traceback (most recent call last):
                ...
            lantern.exceptions.ServerError: request ...: GET /v1/credits/remaining answered 503: ...
            >>> client.credits.remaining().tenant_id
            1
        """
    def clear_faults(self) -> None:
        """Ends all faults.

        Example:
            >>> server.add_fault("GET /v1/credits/*: status 503")
            >>> server.clear_faults()
            >>> client.credits.remaining().tenant_id
            1
        """
    def stop(self) -> None:
        """Ends the calls under way and stops; what was queued is kept where there is a `data`.

        The end of a `with` block does it too.

        Example:
            >>> small = lantern.LocalServer(size=10)
            >>> people = small.people()
            >>> small.stop()
            >>> people.num_rows
            10
        """
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        tb: TracebackType | None = None,
    ) -> None: ...

def jobs(*, ledger: _Path | None = None) -> Table:
    """Jobs of a ledger as a table, the newest first.

    Args:
        ledger: The ledger's file or `postgresql://` URL; by default `LANTERN_LEDGER`, else the file
            in the home folder.

    Returns:
        `key`, `kind`, `state`, `account`, `rows`, `ids`, `answered`, `emails`, `phones`, `batches`,
        `loaded`, `in_flight`, `in_doubt`, `failed`, `max_credits`, `credits`, `created_at` (UTC).

    Raises:
        LedgerError: The ledger cannot be read.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     client = server.client()
        ...     _ = client.submit(server.people().slice(0, 10), "email", max_credits=10, key="a")
        ...     lantern.jobs(ledger=client.ledger).column("key").to_pylist()
        ['a']
    """

def read_results(
    paths: _Path | Sequence[_Path],
    *,
    kind: _Kind | None = None,
    storage_options: Mapping[str, str] | None = None,
) -> Table:
    """Reads result files into one table.

    Columns are found by name and have the documented types: strings, and booleans for
    `email_found` and `phone_found`. An empty cell is null. Unknown columns are kept.

    Args:
        paths: A path, an `s3://`, `https://` or `file://` URL, with wildcards or without, or
            several of them.
        kind: What the files answer; by default told from their headers.
        storage_options: As for `Client`.

    Raises:
        ResultError: A file is missing, truncated or malformed; it names the file and the line.

    Example:
        >>> import lantern, pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "result.csv")
        ...     _ = path.write_text("id,email,email_found\\n007,ada@acme.com,true\\n")
        ...     lantern.read_results(path).column("id").to_pylist()
        ['007']
    """

def _main(arguments: Sequence[str]) -> int: ...
def _field_rule(
    text: str,
) -> tuple[str, Literal["exact", "eq", "contains", "fuzzy"], float | None]: ...
def _similarity(
    name: str, a: str | Texts, b: str | Texts, score_cutoff: float | None = None
) -> float | Column: ...
def _distance(
    name: str, a: str | Texts, b: str | Texts, score_cutoff: int | None = None
) -> int | Column: ...

_Key: TypeAlias = Literal[
    "company_key",
    "legal_form",
    "legal_form_country",
    "acronym",
    "person_key",
    "first_name_key",
    "last_name_key",
    "given_name_key",
    "family_name_key",
    "email_key",
    "email_domain",
    "domain_key",
    "company_domain_key",
    "phone_e164",
    "phone_region",
    "linkedin_slug",
    "country_code",
    "us_state",
    "street_key",
    "postal_code",
    "soundex",
    "metaphone",
    "double_metaphone",
    "double_metaphone_alternate",
    "nysiis",
    "cologne",
]
_Question: TypeAlias = Literal[
    "is_free_email",
    "is_disposable_email",
    "is_valid_email",
    "is_valid_phone",
]

@overload
def _normalize(name: _Key, text: str, parameter: str | None = None) -> str | None: ...
@overload
def _normalize(name: _Question, text: str, parameter: str | None = None) -> bool: ...
@overload
def _normalize(name: _Key | _Question, text: Texts, parameter: str | None = None) -> Column: ...
def _normalizers() -> list[tuple[_Key | _Question, int]]: ...
def _functions() -> list[tuple[str, str, str | None, str]]: ...

_Fields: TypeAlias = (
    Sequence[str]
    | Mapping[str, str | Sequence[str] | tuple[Any, ...] | Mapping[str, str | Sequence[str]]]
)
_Rules: TypeAlias = (
    str | Sequence[str] | Sequence[Sequence[str]] | Sequence[Mapping[str, Sequence[str]]]
)
_Labels: TypeAlias = Sequence[tuple[int, int, bool]]

def _bound_fields(
    left: _Table,
    right: _Table | None = None,
    rules: _Rules | None = None,
    *,
    fields: _Fields | None = None,
    left_id: str | None = None,
    right_id: str | None = None,
    threshold: float | None = None,
    top: int | None = None,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
) -> dict[str, dict[str, Any]]: ...
def _row_keys(table: _Table, rules: _Rules, *, fields: _Fields, right: bool = False) -> Table: ...
def match(
    left: _Table,
    right: _Table,
    rules: _Rules | None = None,
    *,
    fields: _Fields | None = None,
    left_id: str | None = None,
    right_id: str | None = None,
    threshold: float | None = None,
    top: int | None = 1,
    one_to_one: bool = False,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
    labels: _Labels | None = None,
    approximate: bool = False,
    progress: bool = True,
) -> Matches:
    """Matches the rows of two tables on this machine, with no key and no credits.

    Without `rules`, it recognizes what the columns hold, compares those that belong together, and
    learns without labels how matches agree (Fellegi and Sunter's model, by expectation
    maximisation); the confidence is the probability of the match. With rules, a pair matches if
    all rules of a group hold, and the result equals that of comparing every pair.

    Args:
        left: Any table that exports an Arrow stream; its rows are matched.
        right: The table that they are matched against.
        rules: Field rules that must all hold, such as `["domain:eq", "company:fuzzy0.85"]`; or
            a list of such lists, of which one must. `exact` compares what is there, `eq`,
            `contains` and `fuzzy` normalized values. Null and empty match nothing. Fuzzy is token
            sort for company and person names, Jaro-Winkler for first and last names, normalized
            Levenshtein for the rest.
        fields: What to compare: a list of columns, or a mapping of a field's name to a column,
            to `(left, right)`, to `(left, right, kind)`, or to `{"left", "right", "kind"}`, where
            several columns may make one value. Kinds: company, person, first_name, last_name,
            email, phone, domain, linkedin, country, category, postal, street, city, date, code,
            text.
        left_id: A column of `left` that identifies its rows; it is no evidence.
        right_id: The same of `right`.
        threshold: The least confidence, 0 to 1; 0.5 without rules, 0 with them.
        top: The most matches of a left row; None for all.
        one_to_one: Whether a right row is given to one left row at most; the confidences then add
            up to the most that is possible.
        weights: With rules: how much a field says, above 0 and at most 1. The confidence is 1 minus
            the product of what the rules leave open, each its weight times its similarity.
        model: Without rules: what `lantern.learn` learned before.
        labels: Without rules: pairs that are known, `(left row, right row, whether they match)`.
        approximate: With rules: whether groups with `fuzzy` and `contains` alone, which compare
            every value with every other, look at the 256 values with the most rare trigrams in
            common alone; `summary()["recall"]` then gives the share of all matches that this
            finds, measured on 200 values.
        progress: Whether long work shows a bar in a terminal or a notebook.

    Raises:
        InputError: A column that is not there or cannot be matched, a rule that is none, a
            threshold beyond 0 to 1, a model of other fields.
        TypeError: What is no table.

    Example:
        >>> import lantern, polars as pl
        >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
        >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
        >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
        >>> matches.table().to_polars().select("left", "right", "confidence").rows()
        [(0, 1, 0.65)]
    """

def dedupe(
    table: _Table,
    rules: _Rules | None = None,
    *,
    fields: _Fields | None = None,
    id: str | None = None,
    threshold: float | None = None,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
    labels: _Labels | None = None,
    approximate: bool = False,
    progress: bool = True,
) -> Duplicates:
    """Finds rows of one table that are the same, as clusters.

    Pairs are found as `lantern.match` finds them, and joined from the surest on; two clusters are
    joined only if their rows match on average by half the threshold, so that chains of pairs do
    not make unlike rows one. With rules, more than 64 rows that are equal under them are each
    paired with the first alone.

    Args:
        table: Any table that exports an Arrow stream.
        rules: As for `lantern.match`; None to learn.
        fields: As for `lantern.match`.
        id: A column that identifies rows; it is no evidence.
        threshold: The least confidence of a pair, 0 to 1; 0.5 without rules, 0 with them.
        weights: As for `lantern.match`.
        model: As for `lantern.match`.
        labels: Pairs of rows that are known.
        approximate: As for `lantern.match`.
        progress: Whether long work shows a bar.

    Raises:
        InputError: As for `lantern.match`.
        TypeError: What is no table.

    Example:
        >>> import lantern, polars as pl
        >>> people = pl.DataFrame({"email": ["ada@acme.com", "bob@acme.com", "Ada@Acme.com"]})
        >>> lantern.dedupe(people, ["email:eq"]).table().to_polars()["cluster"].to_list()
        [0, 1, 0]
    """

def learn(
    left: _Table,
    right: _Table | None = None,
    *,
    fields: _Fields | None = None,
    left_id: str | None = None,
    right_id: str | None = None,
    labels: _Labels | None = None,
    progress: bool = True,
) -> Model:
    """Learns how matches of two tables, or duplicates of one, agree, to look at and to use again.

    Args:
        left: Any table that exports an Arrow stream.
        right: The table that it is matched against; None for duplicates of `left`.
        fields: As for `lantern.match`.
        left_id: A column that identifies rows; it is no evidence.
        right_id: The same of `right`.
        labels: Pairs that are known, `(left row, right row, whether they match)`.
        progress: Whether long work shows a bar.

    Raises:
        InputError: As for `lantern.match`.
        TypeError: What is no table.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     people = server.people()
        >>> model = lantern.learn(people, fields=["first_name", "last_name", "company_name"])
        >>> model.table().column_names
        ['field', 'kind', 'agreement', 'm', 'u']
    """

def explain_plan(
    left: _Table, right: _Table | None, rules: _Rules, *, fields: _Fields | None = None
) -> Table:
    """How rules would find their pairs, without finding them: one row a group of rules.

    `join` names the rules that are joined on, `scan` the one whose distinct values are compared
    with each other where there is none to join on; `candidates` counts the pairs of rows that the
    join finds, or the pairs of distinct values that the scan compares; `warning` says what would
    take long, and what to do.

    Args:
        left: As for `lantern.match`.
        right: As for `lantern.match`; None for duplicates of `left`.
        rules: As for `lantern.match`.
        fields: As for `lantern.match`.

    Raises:
        InputError: As for `lantern.match`.
        TypeError: What is no table.

    Example:
        >>> import lantern, polars as pl
        >>> a = pl.DataFrame({"domain": ["acme.com", "globex.com"]})
        >>> lantern.explain_plan(a, a, ["domain:eq"]).to_pylist()
        [{'rules': 'domain:eq', 'join': 'domain:eq', 'scan': None, 'candidates': 2,
          'warning': None}]
    """

@final
class Matches:
    """Pairs of rows that match, by left row and falling confidence; itself an Arrow stream.

    Columns: `left` and `right` (row numbers, uint64), `left_id` and `right_id` where they were
    named, `confidence` (0 to 1), `rules` (those that held; null where no rules were given).

    Example:
        >>> import lantern, polars as pl
        >>> a = pl.DataFrame({"domain": ["acme.com", "globex.com"]})
        >>> b = pl.DataFrame({"domain": ["https://www.acme.com", "initech.com"]})
        >>> matches = lantern.match(a, b, ["domain:eq"])
        >>> len(matches), matches.unmatched_left().to_polars()["domain"].to_list()
        (1, ['globex.com'])
    """

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def table(self) -> Table:
        """The matches as a table.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.table().to_pylist()
            [{'left': 0, 'right': 1, 'confidence': 0.65, 'rules': ['company:fuzzy0.85']}]
        """
    def unmatched_left(self) -> Table:
        """The left rows without a match: `row`, and the columns of the left table.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.unmatched_left().to_pylist()
            [{'row': 1, 'company': 'Globex'}]
        """
    def unmatched_right(self) -> Table:
        """The right rows without a match: `row`, and the columns of the right table.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.unmatched_right().to_pylist()
            [{'row': 0, 'company': 'Initech LLC'}]
        """
    def summary(self) -> dict[str, Any]:
        """Counts of rows, matches and pairs; the threshold, the mean confidence and the recall.

        The recall, 0 to 1, is measured with `approximate=True` alone.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> matches.summary()
            {'left_rows': 2, 'right_rows': 2, 'matches': 1, 'matched_left': 1, 'unmatched_left': 1,
             'unmatched_right': 1, 'compared': 1, 'threshold': 0.0, 'mean_confidence': 0.65,
             'recall': None}
        """
    def explain(self, i: int) -> Explanation:
        """Why one match is one.

        Args:
            i: The number of the match, as its row in `table()`, from 0; negative numbers count from
                the end.

        Raises:
            IndexError: There is no such match.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> print(matches.explain(-1))
            Left row 0 and right row 1 match with confidence 0.650: company is 1.000 alike ('acme').
        """
    @property
    def model(self) -> Model | None:
        """What was learned; None where rules decided."""
    def plot(self) -> Any:
        """A chart of how many matches have which confidence (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

        Example:
            >>> leads = pl.DataFrame({"company": ["ACME Incorporated", "Globex"]})
            >>> accounts = pl.DataFrame({"company": ["Initech LLC", "Acme, Inc."]})
            >>> matches = lantern.match(leads, accounts, ["company:fuzzy0.85"])
            >>> type(matches.plot()).__name__.endswith("Chart")
            True
        """
    def _repr_html_(self) -> str: ...
    def _shown(
        self, count: int
    ) -> list[tuple[float, list[tuple[str, str | None, str | None]]]]: ...

@final
class Explanation:
    """Why two rows match: a sentence, and what each field adds.

    Example:
        >>> import lantern, polars as pl
        >>> a = pl.DataFrame({"domain": ["acme.com"]})
        >>> explanation = lantern.match(a, a, ["domain:eq"]).explain(0)
        >>> explanation.sentence
        "Left row 0 and right row 0 match with confidence 0.750: domain is the same ('acme.com')."
        >>> explanation.left, explanation.right, explanation.confidence
        (0, 0, 0.75)
    """

    @property
    def left(self) -> int:
        """The number of the left row."""
    @property
    def right(self) -> int:
        """The number of the right row."""
    @property
    def confidence(self) -> float:
        """How sure the match is, 0 to 1."""
    @property
    def sentence(self) -> str:
        """Why, in one sentence."""
    def table(self) -> Table:
        """What each field adds: `field`, `left`, `right`, `agreement`, `weight`.

        Where the model was learned, weights are bits and add up to the log-odds of the confidence
        (to base 2); the last rows are what is known before comparing, and what other candidates
        take away. Where rules decided, they add up to the confidence.

        Example:
            >>> a = pl.DataFrame({"domain": ["acme.com"]})
            >>> lantern.match(a, a, ["domain:eq"]).explain(0).table().to_pylist()
            [{'field': 'domain', 'left': 'acme.com', 'right': 'acme.com', 'agreement': 'the same',
              'weight': 0.75}]
        """
    def plot(self) -> Any:
        """The contributions as a waterfall (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

        Example:
            >>> a = pl.DataFrame({"domain": ["acme.com"]})
            >>> explanation = lantern.match(a, a, ["domain:eq"]).explain(0)
            >>> type(explanation.plot()).__name__.endswith("Chart")
            True
        """
    def _repr_html_(self) -> str: ...

@final
class Duplicates:
    """Rows of a table in clusters of the same; itself an Arrow stream.

    Columns: `row` (uint64), `id` where it was named, `cluster` (numbered from 0 by first
    appearance), `rows` (how many the cluster has).

    Example:
        >>> import lantern, polars as pl
        >>> people = pl.DataFrame({"email": ["a@acme.com", "A@acme.com"], "phone": [None, "1"]})
        >>> duplicates = lantern.dedupe(people, ["email:eq"])
        >>> duplicates.golden(provenance=False).to_pylist()
        [{'cluster': 0, 'rows': 2, 'email': 'a@acme.com', 'phone': '1'}]
        >>> duplicates.pairs.table().to_pylist()
        [{'left': 1, 'right': 0, 'confidence': 0.97, 'rules': ['email:eq']}]
    """

    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def table(self) -> Table:
        """The cluster of each row as a table.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> duplicates = lantern.dedupe(people, ["email:eq"])
            >>> duplicates.table().to_pylist()
            [{'row': 0, 'cluster': 0, 'rows': 2}, {'row': 1, 'cluster': 1, 'rows': 1},
             {'row': 2, 'cluster': 0, 'rows': 2}]
        """
    @property
    def pairs(self) -> Matches:
        """The pairs that the clusters were made of."""
    def golden(
        self,
        strategy: str = "most_frequent",
        *,
        columns: Mapping[str, str] | None = None,
        provenance: bool = True,
    ) -> Table:
        """One record of each cluster, with the row that every value comes from.

        Args:
            strategy: Which value survives: most_frequent, longest, first, last, most_complete (of
                the row with the fewest nulls), min, max, or newest:COLUMN (of the row where that
                column is the greatest). Nulls and empty texts never do while there is another.
            columns: Strategies of single columns.
            provenance: Whether each column has a `<column>_row` beside it.

        Raises:
            InputError: A strategy that there is not, or a column that is not there.

        Example:
            >>> people = pl.DataFrame(
            ...     {"email": ["a@x.com", "A@x.com"], "title": ["CTO", None], "seen": [2024, 2026]}
            ... )
            >>> duplicates = lantern.dedupe(people, ["email:eq"])
            >>> duplicates.golden("newest:seen", columns={"seen": "min"}).to_pylist()
            [{'cluster': 0, 'rows': 2, 'email': 'A@x.com', 'title': 'CTO', 'seen': 2024,
              'email_row': 1, 'title_row': 0, 'seen_row': 0}]
        """
    def summary(self) -> dict[str, Any]:
        """Counts: rows, clusters, duplicates, pairs, pairs compared; the threshold, and `recall`.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> duplicates = lantern.dedupe(people, ["email:eq"])
            >>> duplicates.summary()
            {'rows': 3, 'clusters': 2, 'duplicates': 1, 'pairs': 1, 'compared': 2, 'threshold': 0.0,
              'recall': None}
        """
    def plot(self) -> Any:
        """A chart of how many clusters have how many rows (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

        Example:
            >>> people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com"]})
            >>> lantern.dedupe(people, ["email:eq"]).plot().to_dict()["data"]["values"]
            [{'rows': 1, 'clusters': 1}, {'rows': 2, 'clusters': 1}]
        """
    def _repr_html_(self) -> str: ...

@final
class Model:
    """How matches agree, as it was learned; can be saved, read again and pickled.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     people = server.people()
        >>> model = lantern.learn(people, fields=["first_name", "last_name"])
        >>> lantern.Model.from_json(model.to_json()) == model, 0 < model.matched < 1
        (True, True)
        >>> duplicates = lantern.dedupe(people, fields=["first_name", "last_name"], model=model)
        >>> duplicates.pairs.model == model
        True
    """

    @staticmethod
    def from_json(text: str) -> Model:
        """Reads a model from JSON text.

        Args:
            text: What `to_json` wrote.

        Raises:
            InputError: No model, or one of another version.

        Example:
            >>> lantern.Model.from_json("{}")
            Traceback (most recent call last):
                ...
            lantern.exceptions.InputError: this is no matching model (...); save one with
            model.save()
        """
    @staticmethod
    def load(path: _Path) -> Model:
        """Reads a model from a file.

        Args:
            path: The file that `save` wrote.

        Raises:
            InputError: The file cannot be read, or holds no model of this version.

        Example:
            >>> import pathlib, tempfile
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     path = pathlib.Path(folder, "people.json")
            ...     model.save(path)
            ...     lantern.Model.load(path) == model
            True
        """
    def to_json(self) -> str:
        """The model as JSON text.

        Example:
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> import json
            >>> json.loads(model.to_json())["version"]
            2
        """
    def save(self, path: _Path) -> None:
        """Writes the model to a file as JSON.

        Args:
            path: The file; one that is there is replaced.

        Raises:
            InputError: The file cannot be written.

        Example:
            >>> import os, pathlib, tempfile
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     model.save(pathlib.Path(folder, "people.json"))
            ...     os.listdir(folder)
            ['people.json']
        """
    def table(self) -> Table:
        """Of each field and level of agreement, `m` and `u`: the shares of matches and others.

        `u` is null where it follows for each pair from how rare its values are: of equal values,
        and of names, which are compared word by word.

        Example:
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> model.table().column_names, model.table().to_pylist()[0]["agreement"]
            (['field', 'kind', 'agreement', 'm', 'u'], 'the same')
        """
    def plot(self) -> Any:
        """A chart of what was learned (an `altair.Chart`).

        Raises:
            ImportError: Altair is not installed.

        Example:
            >>> people = server.people().slice(0, 500)
            >>> model = lantern.learn(people, fields=["first_name", "last_name"])
            >>> type(model.plot()).__name__.endswith("Chart")
            True
        """
    @property
    def matched(self) -> float:
        """The share of left rows that have a match; of duplicates, earlier duplicates a row."""
    def __eq__(self, other: object, /) -> bool: ...
