"""Budgets that several jobs share, `client.budgets`."""

import builtins
from typing import Any, final

from lantern._types import Period

@final
class Budgets:
    """Budgets that several jobs share: `client.budgets`.

    A budget is a number of credits that all jobs which name it (`client.submit(..., budget=...)`)
    may spend together: once, or in each day, week, month or year. It belongs to the ledger, so it
    holds for all processes, and with a ledger in PostgreSQL for all machines.

    Before a batch or a call is sent, its maximum cost is reserved. When its cost is known, the rest
    is given back. The possible cost of a batch in doubt stays counted. Credits count in the period
    (UTC) in which the request was sent.

    Methods return a budget as a dictionary: `name`, `max_credits`, `per`, `spent` and `reserved`
    (credits in the present period), `left`, and `renews_at` (ISO 8601, or `None`).

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(limits="off") as server:
        ...     client = server.client()
        ...     _ = client.budgets.set("marketing", max_credits=100, per="month")
        ...     people = server.people().slice(0, 50)
        ...     job = client.submit(people, "email", max_credits=1_000, budget="marketing")
        ...     spent = job.wait(timeout=60).credits
        ...     client.budgets.get("marketing")["spent"] == spent
        True
    """

    def set(self, name: str, *, max_credits: int, per: Period | None = None) -> dict[str, Any]:
        """Create a budget, or change it, and return it.

        What was spent stays counted. If a budget is lowered below what is spent, nothing is left of
        it. If its period is changed, it counts what was sent in the new period.

        Args:
            name: Name of the budget, 1 to 200 characters.
            max_credits: Maximum number of credits that its jobs may spend in a period, 0 or more.
            per: Period after which it renews: `day`, `week`, `month` or `year`. Each begins at
                midnight UTC, weeks on Monday. `None` (default) never renews it.

        Raises:
            ValidationError: If an argument is invalid.
            LedgerError: If the ledger cannot be written.

        Example:
            >>> client.budgets.set("events", max_credits=500)["left"]
            500
        """
    def get(self, name: str) -> dict[str, Any]:
        """Return a budget, with the credits spent and left.

        Args:
            name: Name of the budget.

        Raises:
            ValidationError: If there is no budget of this name.
            LedgerError: If the ledger cannot be read.

        Example:
            >>> _ = client.budgets.set("sales", max_credits=500)
            >>> client.budgets.get("sales")["renews_at"] is None
            True
        """
    def list(self) -> builtins.list[dict[str, Any]]:
        """Return all budgets, by name.

        Raises:
            LedgerError: If the ledger cannot be read.

        Example:
            >>> _ = client.budgets.set("sales", max_credits=500)
            >>> "sales" in [budget["name"] for budget in client.budgets.list()]
            True
        """
    def rename(self, name: str, new: str) -> dict[str, Any]:
        """Rename a budget, and return it. Its jobs keep it.

        Args:
            name: Name of the budget.
            new: New name, which no other budget has or had.

        Raises:
            ValidationError: If there is no such budget, or the new name is taken.
            LedgerError: If the ledger cannot be written.

        Example:
            >>> _ = client.budgets.set("press", max_credits=500)
            >>> client.budgets.rename("press", "media")["name"]
            'media'
        """
    def remove(self, name: str) -> None:
        """Remove a budget.

        Its jobs send nothing until they are submitted again with another budget, or until the
        budget is set again. What was spent stays counted.

        Args:
            name: Name of the budget.

        Raises:
            ValidationError: If there is no budget of this name.
            LedgerError: If the ledger cannot be written.

        Example:
            >>> _ = client.budgets.set("fair", max_credits=500)
            >>> client.budgets.remove("fair")
            >>> "fair" in [budget["name"] for budget in client.budgets.list()]
            False
        """

@final
class AsyncBudgets:
    """The awaitable form of `Budgets`: `async_client.budgets`.

    Example:
        >>> import asyncio
        >>> async def left() -> int:
        ...     async with server.async_client() as client:
        ...         await client.budgets.set("trial", max_credits=50, per="week")
        ...         await client.budgets.rename("trial", "pilot")
        ...         budget = await client.budgets.get("pilot")
        ...         await client.budgets.remove("pilot")
        ...         assert budget not in await client.budgets.list()
        ...         return budget["left"]
        >>> asyncio.run(left())
        50
    """

    async def set(
        self, name: str, *, max_credits: int, per: Period | None = None
    ) -> dict[str, Any]:
        """Create a budget, or change it, and return it; see `Budgets.set`."""
    async def get(self, name: str) -> dict[str, Any]:
        """Return a budget, with the credits spent and left; see `Budgets.get`."""
    async def list(self) -> builtins.list[dict[str, Any]]:
        """Return all budgets, by name; see `Budgets.list`."""
    async def rename(self, name: str, new: str) -> dict[str, Any]:
        """Rename a budget, and return it; see `Budgets.rename`."""
    async def remove(self, name: str) -> None:
        """Remove a budget; see `Budgets.remove`."""
