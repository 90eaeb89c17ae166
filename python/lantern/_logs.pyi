"""The audit log, `client.logs`, and its answers."""

from typing import Any, Literal, final

from lantern._table import Table
from lantern._types import LogAction, SalesforceObject, TimeLike

@final
class Logs:
    """The log of assignments, conversions and other changes to records: `client.logs`.

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
        """Return the entries of the log as a table, oldest first: `GET /v1/logs/routing`.

        One answer of the API holds at most 10,000 entries. This method makes as many calls as it
        needs; no entry is lost or repeated.

        Args:
            from_: Start of the period: a datetime with a time zone, a date (midnight UTC), or ISO
                8601 text.
            to: End of the period, in the same forms.
            pool: Pool whose entries to return; `None` (default) returns all.
            object: Kind of record whose entries to return; `None` (default) returns all.
            action: Action whose entries to return: `assign`, `convert`, `merge` or `enrich`; `None`
                (default) returns all.
            format: Format in which the API sends the entries, `json` (default) or `csv`. The table
                is the same.
            include_diff: Whether to include the changed fields (default `True`).
            limit: Maximum number of entries; `None` (default) returns all.

        Returns:
            A table with the columns `timestamp` (UTC), `object`, `object_id`, `action`, `pool`,
            `assigned_to`, `prev_owner`, `sequence` (integer), `reason`, `request_id`,
            `idempotency_key`, and `diff`: a list of changes with `field`, `from` and `to`.

        Raises:
            ValidationError: If a filter is invalid.
            ResultError: If more than 10,000 entries have the same timestamp.

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
        """Count the entries of the log: `GET /v1/logs/routing/stats`. Only on the local server.

        Args:
            from_: As for `routing`.
            to: As for `routing`.
            pool: As for `routing`.
            object: As for `routing`.
            action: As for `routing`.

        Raises:
            ValidationError: If a filter is invalid.

        Example:
            >>> _ = client.routing.put_pool("counted", ["005Lc0000000003IAA"])
            >>> _ = client.routing.assign(object="lead", sf_id="00QLc0000000008MAA", pool="counted")
            >>> client.logs.stats("2026-01-01", "2100-01-01", pool="counted").by_action
            {'assign': 1}
        """
    def retention(self, days: int | None = None) -> Retention:
        """Return or set how many days the log is kept: `GET` or `PUT /v1/logs/retention`.

        Only on the local server.

        Args:
            days: Number of days to keep entries from now on, 1 to 36525; older entries are deleted
                at once. `None` (default) changes nothing.

        Raises:
            ValidationError: If `days` is outside 1 to 36525.

        Example:
            >>> client.logs.retention(days=30).days, client.logs.retention().days
            (30, 30)
        """

@final
class AsyncLogs:
    """The awaitable form of `Logs`: `async_client.logs`.

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
        """Return the entries of the log as a table, oldest first; see `Logs.routing`."""
    async def stats(
        self,
        from_: TimeLike,
        to: TimeLike,
        *,
        pool: str | None = None,
        object: SalesforceObject | None = None,
        action: LogAction | None = None,
    ) -> LogCounts:
        """Count the entries of the log; see `Logs.stats`."""
    async def retention(self, days: int | None = None) -> Retention:
        """Return or set how many days the log is kept; see `Logs.retention`."""

@final
class LogCounts:
    """The number of entries in the log, as returned by `client.logs.stats`.

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
        """Number of all entries."""
    @property
    def by_action(self) -> dict[str, int]:
        """Number of entries by action."""
    @property
    def by_object(self) -> dict[str, int]:
        """Number of entries by kind of record."""
    @property
    def by_pool(self) -> dict[str, int]:
        """Number of entries by pool."""
    @property
    def by_day(self) -> dict[str, int]:
        """Number of entries by day (UTC)."""
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
class Retention:
    """How long the log is kept, as returned by `client.logs.retention`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     server.client().logs.retention(days=90).to_dict()
        {'success': True, 'days': 90, 'deleted': 0}
    """

    @property
    def days(self) -> int | None:
        """Number of days for which entries are kept."""
    @property
    def deleted(self) -> int | None:
        """Number of older entries that were deleted; `None` if no number of days was set."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...
