"""Form submissions, `client.forms`, and their answer."""

from collections.abc import Mapping
from typing import Any, final

@final
class Forms:
    """Submission of web forms: `client.forms`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> FormSubmitted:
        """Validate, enrich and pass on a submitted form: `POST /v1/forms/submit`.

        Args:
            email: E-mail address. It must be valid and not disposable.
            name: Full name.
            company: Company.
            phone: Phone number. It must be valid.
            title: Job title.
            additional_fields: Further fields. The local server reads `consent` and `country`.
            form_source: Name of the form.
            enrichment_preferences: Enrichment options. On the local server, `{"enrich": False}`
                turns enrichment off.
            output_preferences: Where the lead goes. The local server reads `push_to` (`salesforce`
                or `webhook`) and `return_data`.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If the address or the number is invalid, or another argument is.
            CreditLimitError: If too few credits are left.
            OutcomeUnknown: If it is unknown whether the call reached the API.

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
    """The awaitable form of `Forms`: `async_client.forms`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> FormSubmitted:
        """Validate, enrich and pass on a submitted form; see `Forms.submit`."""

@final
class FormSubmitted:
    """The result of a form, as returned by `client.forms.submit`.

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
        """Lead with the data that was found, a dictionary, or `None`."""
    @property
    def push_status(self) -> str | None:
        """Result of the push, if one was requested."""
    @property
    def gdpr_safe(self) -> bool | None:
        """Whether the lead may be processed under the GDPR."""
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
