"""Workflows, `client.workflows`, and their answer."""

from collections.abc import Mapping
from typing import Any, final

@final
class Workflows:
    """Workflows that process records: `client.workflows`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> WorkflowTriggered:
        """Send a record through a workflow: `POST /v1/workflows/{workflow_id}/trigger`.

        Args:
            workflow_id: Id of the workflow.
            record_data: Fields of the record: a lead, a contact, an opportunity or anything else.
            source_system: System that the record comes from, such as `eloqua`, `cdp` or
                `data_lake`.
            enrichment_preferences: Enrichment options. On the local server, `{"enrich": False}`
                turns enrichment off.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid. Nothing was sent.
            NotFoundError: If the workflow does not exist.
            CreditLimitError: If too few credits are left.
            OutcomeUnknown: If it is unknown whether the call reached the API.

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
    """The awaitable form of `Workflows`: `async_client.workflows`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> WorkflowTriggered:
        """Send a record through a workflow; see `Workflows.trigger`."""

@final
class WorkflowTriggered:
    """The result for one record, as returned by `client.workflows.trigger`.

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
        """Id of the workflow."""
    @property
    def enrichment_job_id(self) -> str | None:
        """Id of the enrichment job, or `None` if nothing is enriched."""
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
