"""The answers of `client.enrich`."""

from typing import Any, final

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
