"""The answers of `client.enrich`."""

from typing import Any, final

@final
class PhoneEnriched:
    """The phone number of a person, if found, as returned by `client.enrich.phone`.

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
        """Id of the record, as it was sent."""
    @property
    def first_name(self) -> str | None:
        """First name, as it was sent or found."""
    @property
    def last_name(self) -> str | None:
        """Last name, as it was sent or found."""
    @property
    def company(self) -> str | None:
        """Company, as it was sent or found."""
    @property
    def email(self) -> str | None:
        """E-mail address, as it was sent or found."""
    @property
    def linkedin_id(self) -> str | None:
        """Slug of the LinkedIn profile, as it was sent or found."""
    @property
    def phone_number(self) -> str | None:
        """Phone number, in E.164 format where possible; `None` if none was found."""
    @property
    def confidence(self) -> str | None:
        """Confidence in the number: `high`, `medium` or `low`."""
    @property
    def credits_consumed(self) -> float | None:
        """Number of credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Number of credits left in the account, if the answer reports it."""
    @property
    def processing_time_ms(self) -> float | None:
        """Time that the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the API returned a cached answer, which costs nothing."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class EmailEnriched:
    """The e-mail address of a person, if found, as returned by `client.enrich.email`.

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
        """Id of the record, as it was sent."""
    @property
    def first_name(self) -> str | None:
        """First name, as it was sent."""
    @property
    def last_name(self) -> str | None:
        """Last name, as it was sent."""
    @property
    def company(self) -> str | None:
        """Company, as it was sent."""
    @property
    def email(self) -> str | None:
        """E-mail address; `None` if none was found."""
    @property
    def confidence(self) -> str | None:
        """Confidence in the address: `high`, `medium` or `low`."""
    @property
    def credits_consumed(self) -> float | None:
        """Number of credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Number of credits left in the account, if the answer reports it."""
    @property
    def processing_time_ms(self) -> float | None:
        """Time that the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the API returned a cached answer, which costs nothing."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class CompanyEnriched:
    """A company, if found, as returned by `client.enrich.company`.

    Example:
        >>> answer = client.enrich.company(record_id="C2", domain="nowhere.example")
        >>> answer.to_dict()
        {'success': True, 'record_id': 'C2', 'company': None, 'confidence': None,
         'credits_consumed': 0, 'credits_remaining': ..., 'processing_time_ms': ...,
         'cached': False}
    """

    @property
    def record_id(self) -> str | None:
        """Id of the record, as it was sent."""
    @property
    def company(self) -> EnrichedCompany | None:
        """The company; `None` if it was not found."""
    @property
    def confidence(self) -> float | None:
        """Confidence that it is the right company, 0 to 1."""
    @property
    def credits_consumed(self) -> float | None:
        """Number of credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Number of credits left in the account, if the answer reports it."""
    @property
    def processing_time_ms(self) -> float | None:
        """Time that the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the API returned a cached answer, which costs nothing."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class PersonEnriched:
    """A person, if found, as returned by `client.enrich.person`.

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
        """Id of the record, as it was sent."""
    @property
    def person(self) -> EnrichedPerson | None:
        """The person; `None` if nobody was found."""
    @property
    def confidence(self) -> float | None:
        """Confidence that it is the right person, 0 to 1."""
    @property
    def credits_consumed(self) -> float | None:
        """Number of credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Number of credits left in the account, if the answer reports it."""
    @property
    def processing_time_ms(self) -> float | None:
        """Time that the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the API returned a cached answer, which costs nothing."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class EnrichedCompany:
    """What the API knows about a company.

    Example:
        >>> answer = client.enrich.company(record_id="C1", domain="jain-solar.in")
        >>> answer.company.to_dict()
        {'name': 'Jain Solar LLP', 'domain': 'jain-solar.in',
         'linkedin_url': 'https://www.linkedin.com/company/jain-solar', 'hq': {...},
         'size_range': '51-200', 'industry': 'Energy', 'geo': {...}, 'last_verified_at': '...Z'}
    """

    @property
    def name(self) -> str | None:
        """Name of the company."""
    @property
    def domain(self) -> str | None:
        """Domain of the company."""
    @property
    def linkedin_url(self) -> str | None:
        """URL of the company's page on LinkedIn."""
    @property
    def hq(self) -> Headquarters | None:
        """Address of the headquarters."""
    @property
    def size_range(self) -> str | None:
        """Number of employees as a range, such as `51-200` or `500+`."""
    @property
    def industry(self) -> str | None:
        """Industry of the company."""
    @property
    def geo(self) -> Geo | None:
        """Coordinates of the company."""
    @property
    def last_verified_at(self) -> str | None:
        """Time at which the data was last verified, ISO 8601."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class EnrichedPerson:
    """What the API knows about a person.

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
        """Full name."""
    @property
    def email(self) -> str | None:
        """E-mail address."""
    @property
    def email_confidence(self) -> float | None:
        """Confidence in the e-mail address, 0 to 1."""
    @property
    def email_status(self) -> str | None:
        """Status of the e-mail address: `valid`, `accept_all`, `risky`, `invalid` or `unknown`."""
    @property
    def phone(self) -> str | None:
        """Phone number."""
    @property
    def title(self) -> str | None:
        """Job title."""
    @property
    def linkedin_url(self) -> str | None:
        """URL of the LinkedIn profile."""
    @property
    def job_last_seen_at(self) -> str | None:
        """Time at which the person was last seen in this job, ISO 8601."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Headquarters:
    """The address of a company's headquarters.

    Example:
        >>> answer = client.enrich.company(record_id="C1", domain="jain-solar.in")
        >>> answer.company.hq.to_dict()
        {'city': 'Chennai', 'state': 'Tamil Nadu', 'country': 'India', 'postal_code': '600057'}
    """

    @property
    def city(self) -> str | None:
        """City."""
    @property
    def state(self) -> str | None:
        """State or region."""
    @property
    def country(self) -> str | None:
        """Country."""
    @property
    def postal_code(self) -> str | None:
        """Postal code."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Geo:
    """The coordinates of a place.

    Example:
        >>> answer = client.enrich.company(record_id="C1", domain="jain-solar.in")
        >>> answer.company.geo.to_dict()
        {'lat': 12.99405, 'lon': 80.31538, 'county': None}
    """

    @property
    def lat(self) -> float | None:
        """Latitude in degrees; north is positive."""
    @property
    def lon(self) -> float | None:
        """Longitude in degrees; east is positive."""
    @property
    def county(self) -> str | None:
        """County."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Asked:
    """The answer to a question in words, as returned by `client.enrich.ai`.

    Example:
        >>> answer = client.enrich.ai("In which country is jain-solar.in?")
        >>> answer.response
        'From the local directory: Jain Solar LLP works in energy in Chennai, India ...'
        >>> answer.to_dict()
        {'success': True, 'query': 'In which country is jain-solar.in?', 'response': '...',
         'confidence': ..., 'token_usage': {...}, 'credits_consumed': 1, 'credits_remaining': ...,
         'processing_time_ms': ..., ...}
        >>> answer.extra  # fields of the answer that have no attribute of their own
        {'answered_by': 'the local directory, extractive, without a language model'}
    """

    @property
    def query(self) -> str | None:
        """Question, as it was sent."""
    @property
    def response(self) -> Any:
        """Text, or a dictionary if `format_json` was set."""
    @property
    def confidence(self) -> float | None:
        """Confidence in the response, 0 to 1."""
    @property
    def token_usage(self) -> TokenUsage | None:
        """Number of tokens that the language model read and wrote."""
    @property
    def credits_consumed(self) -> float | None:
        """Number of credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Number of credits left in the account, if the answer reports it."""
    @property
    def processing_time_ms(self) -> float | None:
        """Time that the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the API returned a cached answer, which costs nothing."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Researched:
    """The answer to a research question, as returned by `client.enrich.research`.

    Example:
        >>> answer = client.enrich.research("What does jain-solar.in do?")
        >>> answer.to_dict()
        {'success': True, 'query': 'What does jain-solar.in do?',
         'response': 'From the local directory: Jain Solar LLP ...', 'confidence': ...,
         'token_usage': {...}, 'agent_used': 'general', 'credits_consumed': 5,
         'credits_remaining': ..., 'processing_time_ms': ..., ...}
        >>> answer.extra["answered_by"]
        'the local directory, extractive, without a language model'
    """

    @property
    def query(self) -> str | None:
        """Question, as it was sent."""
    @property
    def response(self) -> Any:
        """Text, or a dictionary if `format_json` was set."""
    @property
    def confidence(self) -> float | None:
        """Confidence in the response, 0 to 1."""
    @property
    def token_usage(self) -> TokenUsage | None:
        """Number of tokens that the language model read and wrote."""
    @property
    def agent_used(self) -> str | None:
        """Agent that researched the answer."""
    @property
    def credits_consumed(self) -> float | None:
        """Number of credits that the call cost."""
    @property
    def credits_remaining(self) -> float | None:
        """Number of credits left in the account, if the answer reports it."""
    @property
    def processing_time_ms(self) -> float | None:
        """Time that the API took, in milliseconds."""
    @property
    def cached(self) -> bool | None:
        """Whether the API returned a cached answer, which costs nothing."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class TokenUsage:
    """Number of tokens that a language model read and wrote.

    All are 0 on a local server without a language model.

    Example:
        >>> client.enrich.ai("Where is jain-solar.in?").token_usage.to_dict()
        {'prompt_tokens': 0, 'completion_tokens': 0, 'total_tokens': 0}
    """

    @property
    def prompt_tokens(self) -> float | None:
        """Number of tokens read."""
    @property
    def completion_tokens(self) -> float | None:
        """Number of tokens written."""
    @property
    def total_tokens(self) -> float | None:
        """Number of tokens read and written."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...
