"""The account's credits, `client.credits`, and its answers."""

from collections.abc import Sequence
from typing import Any, Literal, final, overload

from lantern._table import Table
from lantern._types import TimeLike

@final
class Credits:
    """Credits used and left: `client.credits`.

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
        """Credits used between two times, or day by day as a table: `GET /v1/credits/usage`.

        Args:
            start_date: The beginning: an aware datetime, a date (its first moment in UTC), or ISO
                8601 such as `2026-11-24T00:00:00Z`. Or a list of days, each of which is asked for.
            end_date: The end, likewise; it is not part of the time. Left out with a list of days.
            by: `"day"` for a table with a row for each day (UTC) between the two; the first and the
                last are parts of days where the times are no midnights.
            workflow_id: Only what this workflow used; None for all.
            workflow_run_id: Only what this run used; None for all.
            custom_key: Only what carries this key; None for all.
            custom_value: Only what carries this value under `custom_key`; None for all.

        Returns:
            One `Usage`; or for days a table, fit for a chart: `day` (a date), `credits_used`,
            `start_date` and `end_date` (UTC). Each day is a call: 10 a minute, unless your limit is
            higher.

        Raises:
            ValueError: A time without a zone, or no time at all.
            ValidationError: The beginning is after the end.
            InputError: No end, more than ten years by day, or a day that is there twice.

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
        """Credits left and bought: `GET /v1/credits/remaining`.

        Raises:
            AuthenticationError: The key is wrong.

        Example:
            >>> left = client.credits.remaining()
            >>> left.remaining_credits <= left.total_credits
            True
        """

@final
class AsyncCredits:
    """`Credits`, awaitable: `async_client.credits`.

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
        """See `Credits.usage`."""
    async def remaining(self) -> Remaining:
        """See `Credits.remaining`."""

@final
class Usage:
    """Credits used in a span of time: the answer to `client.credits.usage`.

    Example:
        >>> client.credits.usage("2025-01-01", "2025-02-01").to_dict()
        {'success': True, 'tenant_id': 1, 'start_date': '2025-01-01T00:00:00Z',
         'end_date': '2025-02-01T00:00:00Z', 'credits_used': 0.0}
    """

    @property
    def credits_used(self) -> float:
        """Credits used."""
    @property
    def tenant_id(self) -> int | None:
        """The tenant's number."""
    @property
    def start_date(self) -> str | None:
        """The beginning, ISO 8601."""
    @property
    def end_date(self) -> str | None:
        """The end, ISO 8601."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left, where the answer says so."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...

@final
class Remaining:
    """Credits left: the answer to `client.credits.remaining`.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(credits=500) as server:
        ...     server.client().credits.remaining().to_dict()
        {'success': True, 'tenant_id': 1, 'remaining_credits': 500.0, 'total_credits': 500.0}
    """

    @property
    def remaining_credits(self) -> float:
        """Credits left."""
    @property
    def total_credits(self) -> float | None:
        """Credits bought."""
    @property
    def tenant_id(self) -> int | None:
        """The tenant's number."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left, where the answer says so."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...
