"""Enrichment of changed records, `client.triggers`, and its answer."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from lantern._types import SalesforceObject, TriggerEvent

@final
class Triggers:
    """Enrichment of Salesforce records that changed: `client.triggers`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> Triggered:
        """Enrich records that changed: `POST /v1/triggers/salesforce`.

        Args:
            object: Kind of the records: `Lead`, `Contact`, `Account` or `Opportunity`.
            ids: 1 to 100 Salesforce ids of the records.
            event: What happened to the records: `after_insert`, `after_update` or `after_undelete`.
            org_id: Id of the Salesforce org.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Raises:
            ValidationError: If an argument is invalid. Nothing was sent.
            CreditLimitError: If too few credits are left.
            OutcomeUnknown: If it is unknown whether the call reached the API.

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
    """The awaitable form of `Triggers`: `async_client.triggers`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> Triggered:
        """Enrich records that changed; see `Triggers.salesforce`."""

@final
class Triggered:
    """The result for records that changed, as returned by `client.triggers.salesforce`.

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
        """Number of records that were processed."""
    @property
    def enrichment_jobs(self) -> list[str]:
        """Ids of the enrichment jobs."""
    @property
    def workflow_status(self) -> str | None:
        """`started`, `queued` or `failed`."""
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
