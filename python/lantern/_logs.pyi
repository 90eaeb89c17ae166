"""The audit log, `client.logs`, and its answers."""

from typing import Any, Literal, final

from lantern._table import Table
from lantern._types import LogAction, SalesforceObject, TimeLike

@final
class Logs:
    """The log of what was done to records: `client.logs`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     _ = client.routing.assign(object="lead", sf_id="00QLc0000000001MAA", pool="emea")
        ...     log = client.logs.routing("2026-01-01", "2100-01-01", pool="emea")
        ...     log.column("action").to_pylist(), log.column("sequence").to_pylist()
        (['assign'], [1])
    """

    def routing(
        self,
        from_: TimeLike,
        to: TimeLike,
        *,
        pool: str | None = None,
        object: SalesforceObject | None = None,
        action: LogAction | None = None,
        format: Literal["json", "csv"] | None = None,
        include_diff: bool = True,
        limit: int | None = None,
    ) -> Table:
        """Entries of the log as a table, the oldest first: `GET /v1/logs/routing`.

        One answer of the API holds at most 10,000 entries; as many calls are made as it takes, and
        no entry is lost or comes twice.

        Args:
            from_: The beginning: an aware datetime, a date (its first moment in UTC), or ISO 8601.
            to: The end, likewise.
            pool: Only of this pool; None for all.
            object: Only of this kind of record; None for all.
            action: Only where this was done; None for all.
            format: How the API sends it, JSON by default; the table is the same.
            include_diff: With what was changed.
            limit: So many entries at most; None for all.

        Returns:
            `timestamp` (UTC), `object`, `object_id`, `action`, `pool`, `assigned_to`, `prev_owner`,
            `sequence` (integer), `reason`, `request_id`, `idempotency_key`, and `diff`: a list of
            changes with `field`, `from` and `to`.

        Raises:
            ValidationError: The filters do not hold to the contract.
            ResultError: More than 10,000 entries are of one moment.

        Example:
            >>> _ = client.routing.put_pool("logged", ["005Lc0000000003IAA"])
            >>> _ = client.routing.assign(object="lead", sf_id="00QLc0000000007MAA", pool="logged")
            >>> log = client.logs.routing("2026-01-01", "2100-01-01", pool="logged", limit=1)
            >>> log.select(["action", "object", "assigned_to", "sequence"]).to_pylist()
            [{'action': 'assign', 'object': 'Lead', 'assigned_to': '005Lc0000000003IAA',
              'sequence': 1}]
        """
    def stats(
        self,
        from_: TimeLike,
        to: TimeLike,
        *,
        pool: str | None = None,
        object: SalesforceObject | None = None,
        action: LogAction | None = None,
    ) -> LogCounts:
        """Counts the log's entries: `GET /v1/logs/routing/stats`, on the local server alone.

        Args:
            from_: As for `routing`.
            to: As for `routing`.
            pool: As for `routing`.
            object: As for `routing`.
            action: As for `routing`.

        Raises:
            ValidationError: The filters do not hold to the contract.

        Example:
            >>> _ = client.routing.put_pool("counted", ["005Lc0000000003IAA"])
            >>> _ = client.routing.assign(object="lead", sf_id="00QLc0000000008MAA", pool="counted")
            >>> client.logs.stats("2026-01-01", "2100-01-01", pool="counted").by_action
            {'assign': 1}
        """
    def retention(self, days: int | None = None) -> Retention:
        """How long entries are kept: `GET` or `PUT /v1/logs/retention`, on the local server alone.

        Args:
            days: Keeps them so long from now on; older ones go at once. None only asks.

        Raises:
            ValidationError: `days` is not 1 to 36525.

        Example:
            >>> client.logs.retention(days=30).days, client.logs.retention().days
            (30, 30)
        """

@final
class AsyncLogs:
    """`Logs`, awaitable: `async_client.logs`.

    Example:
        >>> import asyncio
        >>> async def look() -> tuple[bool, int]:
        ...     async with server.async_client() as client:
        ...         log = await client.logs.routing("2026-01-01", "2100-01-01")
        ...         counts = await client.logs.stats("2026-01-01", "2100-01-01")
        ...         kept = await client.logs.retention(days=30)
        ...         return log.num_rows == counts.total, kept.days
        >>> asyncio.run(look())
        (True, 30)
    """

    async def routing(
        self,
        from_: TimeLike,
        to: TimeLike,
        *,
        pool: str | None = None,
        object: SalesforceObject | None = None,
        action: LogAction | None = None,
        format: Literal["json", "csv"] | None = None,
        include_diff: bool = True,
        limit: int | None = None,
    ) -> Table:
        """See `Logs.routing`."""
    async def stats(
        self,
        from_: TimeLike,
        to: TimeLike,
        *,
        pool: str | None = None,
        object: SalesforceObject | None = None,
        action: LogAction | None = None,
    ) -> LogCounts:
        """See `Logs.stats`."""
    async def retention(self, days: int | None = None) -> Retention:
        """See `Logs.retention`."""

@final
class LogCounts:
    """How many entries the log has: the answer to `client.logs.stats`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     _ = client.salesforce.convert(lead_sf_id="00QLc0000000001MAA")
        ...     client.logs.stats("2026-01-01", "2100-01-01").to_dict()
        {'success': True, 'total': 2, 'by_action': {'convert': 1, 'merge': 1},
         'by_object': {'Contact': 1, 'Lead': 1}, 'by_pool': {}, 'by_day': {'...': 2}}
    """

    @property
    def total(self) -> int:
        """All of them."""
    @property
    def by_action(self) -> dict[str, int]:
        """By what was done."""
    @property
    def by_object(self) -> dict[str, int]:
        """By kind of record."""
    @property
    def by_pool(self) -> dict[str, int]:
        """By pool."""
    @property
    def by_day(self) -> dict[str, int]:
        """By day (UTC)."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Retention:
    """How long the log is kept: the answer to `client.logs.retention`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     server.client().logs.retention(days=90).to_dict()
        {'success': True, 'days': 90, 'deleted': 0}
    """

    @property
    def days(self) -> int | None:
        """How many days."""
    @property
    def deleted(self) -> int | None:
        """Entries that were older and are gone now; None unless the days were set."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...
