"""The account's credits, `client.credits`, and its answers."""

from collections.abc import Sequence
from typing import Any, Literal, final, overload

from lantern._table import Table
from lantern._types import TimeLike

@final
class Credits:
    """Credits used and credits left: `client.credits`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(credits=1000) as server:
        ...     server.client().credits.remaining().total_credits
        1000.0
    """

    @overload
    def usage(
        self,
        start_date: TimeLike,
        end_date: TimeLike,
        *,
        by: Literal["day"],
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Table: ...
    @overload
    def usage(
        self,
        start_date: Sequence[TimeLike],
        end_date: None = None,
        *,
        by: Literal["day"] | None = None,
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Table: ...
    @overload
    def usage(
        self,
        start_date: TimeLike,
        end_date: TimeLike,
        *,
        by: None = None,
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Usage:
        """Return the credits used in a period, as a total or day by day: `GET /v1/credits/usage`.

        Args:
            start_date: Start of the period: a datetime with a time zone, a date (midnight UTC), or
                ISO 8601 text such as `2026-11-24T00:00:00Z`. Or a list of days, each of which is
                looked up.
            end_date: End of the period, in the same forms, exclusive. Omit it with a list of days.
            by: `"day"` for a table with one row for each day (UTC) of the period. The first and the
                last day are partial if the period does not start or end at midnight.
            workflow_id: Workflow to count; `None` (default) counts all.
            workflow_run_id: Workflow run to count; `None` (default) counts all.
            custom_key: Custom key that the usage must carry; `None` (default) counts all.
            custom_value: Value that the usage must carry under `custom_key`; `None` (default)
                counts all.

        Returns:
            A `Usage` for the whole period. With `by="day"` or a list of days, a table with the
            columns `day` (a date), `credits_used`, `start_date` and `end_date` (UTC). Each day is
            one call; by default the limit is 10 calls a minute.

        Raises:
            ValueError: If a time is invalid or has no time zone.
            ValidationError: If `start_date` is after `end_date`.
            InputError: If `end_date` is missing, the period by day is longer than ten years, or a
                day is listed twice.

        Example:
            >>> client.credits.usage("2025-01-01", "2025-02-01").credits_used
            0.0
            >>> days = client.credits.usage("2025-01-01", "2025-01-04", by="day")
            >>> days.column("credits_used").to_pylist()
            [0.0, 0.0, 0.0]
            >>> client.credits.usage("2025-02-01", "2025-01-01")
            Traceback (most recent call last):
                ...
            lantern.exceptions.ValidationError: start_date 2025-02-01 00:00:00 UTC is after end_date
            2025-01-01 00:00:00 UTC; swap them
        """
    def remaining(self) -> Remaining:
        """Return the credits left and the credits bought: `GET /v1/credits/remaining`.

        Raises:
            AuthenticationError: If the API key is invalid.

        Example:
            >>> left = client.credits.remaining()
            >>> left.remaining_credits <= left.total_credits
            True
        """

@final
class AsyncCredits:
    """The awaitable form of `Credits`: `async_client.credits`.

    Example:
        >>> import asyncio
        >>> async def used_and_left() -> tuple[float, bool]:
        ...     async with server.async_client() as client:
        ...         used = await client.credits.usage("2025-01-01", "2025-02-01")
        ...         left = await client.credits.remaining()
        ...         return used.credits_used, left.remaining_credits > 0
        >>> asyncio.run(used_and_left())
        (0.0, True)
    """

    @overload
    async def usage(
        self,
        start_date: TimeLike,
        end_date: TimeLike,
        *,
        by: Literal["day"],
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Table: ...
    @overload
    async def usage(
        self,
        start_date: Sequence[TimeLike],
        end_date: None = None,
        *,
        by: Literal["day"] | None = None,
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Table: ...
    @overload
    async def usage(
        self,
        start_date: TimeLike,
        end_date: TimeLike,
        *,
        by: None = None,
        workflow_id: str | None = None,
        workflow_run_id: str | None = None,
        custom_key: str | None = None,
        custom_value: str | None = None,
    ) -> Usage:
        """Return the credits used in a period; see `Credits.usage`."""
    async def remaining(self) -> Remaining:
        """Return the credits left and the credits bought; see `Credits.remaining`."""

@final
class Usage:
    """Credits used in a period, as returned by `client.credits.usage`.

    Example:
        >>> client.credits.usage("2025-01-01", "2025-02-01").to_dict()
        {'success': True, 'tenant_id': 1, 'start_date': '2025-01-01T00:00:00Z',
         'end_date': '2025-02-01T00:00:00Z', 'credits_used': 0.0}
    """

    @property
    def credits_used(self) -> float:
        """Number of credits used in the period."""
    @property
    def tenant_id(self) -> int | None:
        """Number that identifies the account."""
    @property
    def start_date(self) -> str | None:
        """Start of the period, ISO 8601."""
    @property
    def end_date(self) -> str | None:
        """End of the period, ISO 8601."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def credits_remaining(self) -> float | None:
        """Number of credits left in the account, if the answer reports it."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Remaining:
    """Credits left, as returned by `client.credits.remaining`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(credits=500) as server:
        ...     server.client().credits.remaining().to_dict()
        {'success': True, 'tenant_id': 1, 'remaining_credits': 500.0, 'total_credits': 500.0}
    """

    @property
    def remaining_credits(self) -> float:
        """Number of credits left."""
    @property
    def total_credits(self) -> float | None:
        """Number of credits bought."""
    @property
    def tenant_id(self) -> int | None:
        """Number that identifies the account."""
    @property
    def request_id(self) -> str | None:
        """Id of the request, which the API's support can look up."""
    @property
    def credits_remaining(self) -> float | None:
        """Number of credits left in the account, if the answer reports it."""
    @property
    def extra(self) -> dict[str, Any]:
        """Fields that this version does not know, and values whose type is not the expected one."""
    def to_dict(self) -> dict[str, Any]:
        """Return all fields of the answer, including those that this version does not know."""
    def __eq__(self, other: object, /) -> bool: ...
