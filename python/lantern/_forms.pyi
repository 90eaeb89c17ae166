"""Form submissions, `client.forms`, and their answer."""

from collections.abc import Mapping
from typing import Any, final

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
