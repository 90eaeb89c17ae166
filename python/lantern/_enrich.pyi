"""Enrichment of single records, `client.enrich`."""

from collections.abc import Mapping
from typing import Any, final

from lantern._enriched import (
    Asked,
    CompanyEnriched,
    EmailEnriched,
    PersonEnriched,
    PhoneEnriched,
    Researched,
)
from lantern._types import AgentType, Effort, RecordId

@final
class Enrich:
    """Enrichment of single records, and questions in words: `client.enrich`.

    Every call spends credits and is never retried once it may have reached the API. If the API
    still has its answer to an earlier call with the same `record_id`, it returns that answer at no
    cost.

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
        record_id: RecordId,
        first_name: str | None = None,
        last_name: str | None = None,
        company: str | None = None,
        email: str | None = None,
        linkedin_id: str | None = None,
        domain: str | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> PhoneEnriched:
        """Find the phone number of a person: `POST /v1/enrich/phone`.

        The API searches by name and company (`domain` helps), else by LinkedIn profile, else by
        e-mail address. At least one of the three is required.

        Args:
            record_id: Your id of the record. The API caches answers under it.
            first_name: First name.
            last_name: Last name.
            company: Name or website of the company.
            email: E-mail address.
            linkedin_id: Slug of the LinkedIn profile.
            domain: Domain of the company.
            max_credits: Maximum number of credits that the call may cost, above 0.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid or missing. Nothing was sent.
            CreditLimitError: If too few credits are left, or the call costs more than
                `max_credits`.
            OutcomeUnknown: If it is unknown whether the call reached the API.

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
        record_id: RecordId,
        first_name: str,
        last_name: str,
        company: str,
        domain: str | None = None,
        linkedin: str | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> EmailEnriched:
        """Find the e-mail address of a person: `POST /v1/enrich/email`.

        Args:
            record_id: Your id of the record. The API caches answers under it.
            first_name: First name.
            last_name: Last name.
            company: Name or website of the company.
            domain: Domain of the company; by default taken from `company`.
            linkedin: LinkedIn profile.
            max_credits: Maximum number of credits that the call may cost, above 0.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid. Nothing was sent.
            CreditLimitError: If too few credits are left, or the call costs more than
                `max_credits`.
            OutcomeUnknown: If it is unknown whether the call reached the API.

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
        record_id: RecordId,
        company_name: str | None = None,
        domain: str | None = None,
        country: str | None = None,
        external_ids: Mapping[str, str] | None = None,
        effort: Effort | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> CompanyEnriched:
        """Look up a company: `POST /v1/enrich/company`.

        Args:
            record_id: Your id of the record. The API caches answers under it.
            company_name: Name of the company.
            domain: Domain or website of the company.
            country: Country of the company, to distinguish companies with the same name.
            external_ids: Ids of the company in other systems, such as `{"sf_account_id":
                "001..."}`.
            effort: `low` (the API's default), `medium` or `high`.
            max_credits: Maximum number of credits that the call may cost, above 0.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid. Nothing was sent.
            CreditLimitError: If too few credits are left, or the call costs more than
                `max_credits`.
            OutcomeUnknown: If it is unknown whether the call reached the API.

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
        record_id: RecordId,
        first_name: str,
        last_name: str,
        company_domain: str,
        email: str | None = None,
        linkedin_id: str | None = None,
        effort: Effort | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> PersonEnriched:
        """Look up a person: `POST /v1/enrich/person`.

        Args:
            record_id: Your id of the record. The API caches answers under it.
            first_name: First name.
            last_name: Last name.
            company_domain: Domain or website of the company.
            email: E-mail address.
            linkedin_id: Slug or URL of the LinkedIn profile.
            effort: `low` (the API's default), `medium` or `high`.
            max_credits: Maximum number of credits that the call may cost, above 0.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid. Nothing was sent.
            CreditLimitError: If too few credits are left, or the call costs more than
                `max_credits`.
            OutcomeUnknown: If it is unknown whether the call reached the API.

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
        effort: Effort | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Asked:
        """Ask a question in words: `POST /v1/enrich/ai`.

        Args:
            query: Question, 1 to 8000 characters.
            format_json: Whether the response is a dictionary instead of text (default `False`).
            effort: `low` (the API's default), `medium` or `high`. More effort costs more credits.
            max_credits: Maximum number of credits that the call may cost, above 0.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid. Nothing was sent.
            CreditLimitError: If too few credits are left, or the call costs more than
                `max_credits`.
            OutcomeUnknown: If it is unknown whether the call reached the API.

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
        agent_type: AgentType | None = None,
        max_credits: None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Researched:
        """Ask a question that takes research: `POST /v1/enrich/research`.

        Args:
            query: Question in words.
            format_json: Whether the response is a dictionary instead of text (default `False`).
            agent_type: Agent that researches: `general` (the API's default), `funding` or `legal`.
            max_credits: Must be left out: the API takes no limit for what research costs.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid. Nothing was sent.
            CreditLimitError: If too few credits are left.
            OutcomeUnknown: If it is unknown whether the call reached the API.

        Example:
            >>> found = client.enrich.research("Who funds jain-solar.in?", agent_type="funding")
            >>> found.agent_used, found.credits_consumed
            ('funding', 5)
        """

@final
class AsyncEnrich:
    """The awaitable form of `Enrich`: `async_client.enrich`.

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
        record_id: RecordId,
        first_name: str | None = None,
        last_name: str | None = None,
        company: str | None = None,
        email: str | None = None,
        linkedin_id: str | None = None,
        domain: str | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> PhoneEnriched:
        """Find the phone number of a person; see `Enrich.phone`."""
    async def email(
        self,
        *,
        record_id: RecordId,
        first_name: str,
        last_name: str,
        company: str,
        domain: str | None = None,
        linkedin: str | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> EmailEnriched:
        """Find the e-mail address of a person; see `Enrich.email`."""
    async def company(
        self,
        *,
        record_id: RecordId,
        company_name: str | None = None,
        domain: str | None = None,
        country: str | None = None,
        external_ids: Mapping[str, str] | None = None,
        effort: Effort | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> CompanyEnriched:
        """Look up a company; see `Enrich.company`."""
    async def person(
        self,
        *,
        record_id: RecordId,
        first_name: str,
        last_name: str,
        company_domain: str,
        email: str | None = None,
        linkedin_id: str | None = None,
        effort: Effort | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> PersonEnriched:
        """Look up a person; see `Enrich.person`."""
    async def ai(
        self,
        query: str,
        *,
        format_json: bool = False,
        effort: Effort | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Asked:
        """Ask a question in words; see `Enrich.ai`."""
    async def research(
        self,
        query: str,
        *,
        format_json: bool = False,
        agent_type: AgentType | None = None,
        max_credits: None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Researched:
        """Ask a question that takes research; see `Enrich.research`."""
