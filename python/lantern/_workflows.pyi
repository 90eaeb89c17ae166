"""Workflows, `client.workflows`, and their answer."""

from collections.abc import Mapping
from typing import Any, final

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
