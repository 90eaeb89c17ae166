"""Batches, `client.agents`, and their answers."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from lantern._types import AgentType, Effort, EntityType, RecordId

@final
class Agents:
    """Batches of people and companies, one call each: `client.agents`.

    Each call spends credits and is never sent again by itself once it may have arrived.
    `client.submit` does the same for a whole table, with a budget and a ledger.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     accepted = server.client().agents.phone(["P0000001", "P0000002"], max_credits=10)
        ...     len(accepted.run_id)
        36
    """

    def phone(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """Looks for phone numbers: `POST /v1/agents/phone`.

        Args:
            ids: 1 to 1000 ids. Give either `ids` or `records`.
            records: 1 to 1000 records, such as `{"first_name": ..., "company": ...}`.
            max_credits: The most credits that the batch may cost, above 0; it stops there.

        Returns:
            The run that works the batch.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> run = client.agents.phone(["P0000003", "P0000004"], max_credits=10)
            >>> run.result_path
            's3://lantern-results/1/phone/.../results.csv'
        """
    def email(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """Looks for e-mail addresses: `POST /v1/agents/email`.

        Arguments, what it returns and what it raises are as for `phone`: `ids` or `records`, and
        `max_credits`.

        Example:
            >>> person = {"first_name": "Pari", "last_name": "Agarwal", "company": "Jain Solar LLP"}
            >>> run = client.agents.email(records=[person], max_credits=1)
            >>> run.credits_csv_path
            's3://lantern-results/1/email/.../credits.csv'
        """
    def phone_email(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """Looks for both: `POST /v1/agents/phone-email`.

        Arguments, what it returns and what it raises are as for `phone`: `ids` or `records`, and
        `max_credits`.

        Example:
            >>> len(client.agents.phone_email(["P0000004"], max_credits=6).run_id)
            36
        """
    def deep_research(
        self,
        ids: Sequence[RecordId],
        *,
        entity_type: EntityType,
        max_credits: int,
        query_hint: str = "",
        effort: Effort = "medium",
        agent_type: AgentType = "general",
    ) -> BatchAccepted:
        """Researches people or companies: `POST /v1/agents/deep-research`.

        Args:
            ids: 1 to 1000 ids.
            entity_type: What the ids stand for.
            max_credits: The most credits that the batch may cost, above 0; it stops there.
            query_hint: What to look for, in words.
            effort: More effort costs more credits.
            agent_type: Which agent researches.

        Raises:
            ValidationError: The request does not hold to the contract; nothing was sent.
            CreditLimitError: Too few credits are left.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

        Example:
            >>> run = client.agents.deep_research(
            ...     ["C000041"],
            ...     entity_type="company",
            ...     max_credits=20,
            ...     query_hint="recent funding",
            ...     effort="high",
            ...     agent_type="funding",
            ... )
            >>> client.agents.status(run.run_id).run_id == run.run_id
            True
        """
    def status(self, run_id: str) -> RunState:
        """Tells how far a run is: `GET /v1/agents/runs/{run_id}/status`.

        Args:
            run_id: The run, as a batch answered it: a UUID.

        Raises:
            ValidationError: `run_id` is no UUID; nothing was sent.
            NotFoundError: There is no such run.

        Example:
            >>> run = client.agents.email(["P0000004"], max_credits=1)
            >>> client.agents.status(run.run_id).status in ("queued", "completed")
            True
        """

@final
class AsyncAgents:
    """`Agents`, awaitable: `async_client.agents`.

    Example:
        >>> import asyncio
        >>> async def ask() -> set[str]:
        ...     async with server.async_client() as client:
        ...         agents = client.agents
        ...         runs = await asyncio.gather(
        ...             agents.phone(["P0000004"], max_credits=5),
        ...             agents.email(["P0000004"], max_credits=1),
        ...             agents.phone_email(["P0000004"], max_credits=6),
        ...             agents.deep_research(["P0000004"], entity_type="person", max_credits=10),
        ...         )
        ...         states = [await agents.status(run.run_id) for run in runs]
        ...         return {state.status for state in states}
        >>> asyncio.run(ask()) <= {"queued", "completed"}
        True
    """

    async def phone(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """See `Agents.phone`."""
    async def email(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """See `Agents.email`."""
    async def phone_email(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
    ) -> BatchAccepted:
        """See `Agents.phone_email`."""
    async def deep_research(
        self,
        ids: Sequence[RecordId],
        *,
        entity_type: EntityType,
        max_credits: int,
        query_hint: str = "",
        effort: Effort = "medium",
        agent_type: AgentType = "general",
    ) -> BatchAccepted:
        """See `Agents.deep_research`."""
    async def status(self, run_id: str) -> RunState:
        """See `Agents.status`."""

@final
class BatchAccepted:
    """A batch that the API accepted: the answer to the calls of `client.agents`.

    Example:
        >>> accepted = client.agents.email(["P0000004"], max_credits=1)
        >>> accepted.to_dict()
        {'run_id': '...', 'result_path': 's3://.../results.csv', 'credits_csv_path': 's3://...'}
        >>> len(accepted.request_id), accepted.credits_remaining < 1_000_001
        (36, True)
    """

    @property
    def run_id(self) -> str:
        """The run that works the batch: a UUID."""
    @property
    def result_path(self) -> str:
        """Where the result will lie: `s3://bucket/key`."""
    @property
    def credits_csv_path(self) -> str | None:
        """Where the credit report will lie: `s3://bucket/key`."""
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
class RunState:
    """How far a run is: the answer to `client.agents.status`.

    Example:
        >>> run = client.agents.email(["P0000004"], max_credits=1)
        >>> state = client.agents.status(run.run_id)
        >>> state.status in ("queued", "completed")
        True
        >>> state.to_dict()
        {'run_id': '...', 'status': '...'}
    """

    @property
    def run_id(self) -> str:
        """The run: a UUID."""
    @property
    def status(self) -> str:
        """`queued`, `completed` or `failed`; any other word means that it still runs."""
    @property
    def request_id(self) -> str | None:
        """The id under which the API's support finds the call."""
    @property
    def credits_remaining(self) -> float | None:
        """Credits that are left, where the answer says so."""
    def to_dict(self) -> dict[str, Any]:
        """The fields of the answer, those beyond the contract too."""
    def __eq__(self, other: object, /) -> bool: ...
