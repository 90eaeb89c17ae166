"""Enrichment of single records, `client.enrich`."""

from collections.abc import Mapping
from typing import final

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
        record_id: RecordId,
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
        record_id: RecordId,
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
        record_id: RecordId,
        company_name: str | None = None,
        domain: str | None = None,
        country: str | None = None,
        external_ids: Mapping[str, str] | None = None,
        effort: Effort | None = None,
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
        record_id: RecordId,
        first_name: str,
        last_name: str,
        company_domain: str,
        email: str | None = None,
        linkedin_id: str | None = None,
        effort: Effort | None = None,
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
        effort: Effort | None = None,
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
        agent_type: AgentType | None = None,
        effort: Effort | None = None,
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
        record_id: RecordId,
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
        record_id: RecordId,
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
        record_id: RecordId,
        company_name: str | None = None,
        domain: str | None = None,
        country: str | None = None,
        external_ids: Mapping[str, str] | None = None,
        effort: Effort | None = None,
        max_credits: int | None = None,
    ) -> CompanyEnriched:
        """See `Enrich.company`."""
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
    ) -> PersonEnriched:
        """See `Enrich.person`."""
    async def ai(
        self,
        query: str,
        *,
        format_json: bool = False,
        effort: Effort | None = None,
        max_credits: int | None = None,
    ) -> Asked:
        """See `Enrich.ai`."""
    async def research(
        self,
        query: str,
        *,
        format_json: bool = False,
        agent_type: AgentType | None = None,
        effort: Effort | None = None,
        max_credits: int | None = None,
    ) -> Researched:
        """See `Enrich.research`."""
