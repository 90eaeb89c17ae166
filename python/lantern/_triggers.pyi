"""Enrichment of changed records, `client.triggers`, and its answer."""

from collections.abc import Sequence
from typing import Any, final

from lantern._types import SalesforceObject, TriggerEvent

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
        object: SalesforceObject,
        ids: Sequence[str],
        event: TriggerEvent,
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
        object: SalesforceObject,
        ids: Sequence[str],
        event: TriggerEvent,
        org_id: str,
    ) -> Triggered:
        """See `Triggers.salesforce`."""

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
