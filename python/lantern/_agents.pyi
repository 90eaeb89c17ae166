"""Batches of ids, `client.agents`, and their answers."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from lantern._types import AgentType, Effort, EntityType, RecordId

@final
class Agents:
    """Batches of people or companies, one API call each: `client.agents`.

    Every call spends credits and is never retried once it may have reached the API. To process a
    whole table with a budget and a ledger, use `client.submit`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> BatchAccepted:
        """Start a batch that finds phone numbers: `POST /v1/agents/phone`.

        Args:
            ids: Ids to look up, 1 to 1000. Give either `ids` or `records`.
            records: Records to look up, 1 to 1000, such as `{"first_name": ..., "company": ...}`.
            max_credits: Maximum number of credits that the batch may cost, above 0. The batch stops
                there.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Returns:
            The accepted batch, with the id of its run.

        Raises:
            ValidationError: If an argument is invalid. Nothing was sent.
            CreditLimitError: If too few credits are left.
            OutcomeUnknown: If it is unknown whether the call reached the API.

        Example:
            >>> run = client.agents.phone(["P0000003", "P0000004"], max_credits=10)
            >>> run.result_path
            's3://lantern-results/person/phone-enrichment-batch_....csv'
        """
    def email(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
        extra: Mapping[str, Any] | None = None,
    ) -> BatchAccepted:
        """Start a batch that finds e-mail addresses: `POST /v1/agents/email`.

        The arguments (`ids`, `records`, `max_credits`, `extra`), the return value and the
        exceptions are those of `phone`.

        Example:
            >>> person = {"first_name": "Pari", "last_name": "Agarwal", "company": "Jain Solar LLP"}
            >>> run = client.agents.email(records=[person], max_credits=1)
            >>> run.credits_csv_path
            's3://lantern-results/person/phone-email-enrichment/..._credits.csv'
        """
    def phone_email(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
        extra: Mapping[str, Any] | None = None,
    ) -> BatchAccepted:
        """Start a batch that finds both phone numbers and addresses: `POST /v1/agents/phone-email`.

        The arguments (`ids`, `records`, `max_credits`, `extra`), the return value and the
        exceptions are those of `phone`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> BatchAccepted:
        """Start a batch that researches people or companies: `POST /v1/agents/deep-research`.

        Args:
            ids: Ids to research, 1 to 1000.
            entity_type: What the ids identify: `person` or `company`.
            max_credits: Maximum number of credits that the batch may cost, above 0. The batch stops
                there.
            query_hint: What to look for, in words.
            effort: `low`, `medium` (default) or `high`. More effort costs more credits.
            agent_type: Agent that researches: `general` (default), `funding` or `legal`.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Returns:
            The accepted batch, with the id of its run.

        Raises:
            ValidationError: If an argument is invalid. Nothing was sent.
            CreditLimitError: If too few credits are left.
            OutcomeUnknown: If it is unknown whether the call reached the API.

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
        """Return the state of a run: `GET /v1/agents/runs/{run_id}/status`.

        Args:
            run_id: Id of the run, as returned when the batch was accepted.

        Raises:
            ValidationError: If `run_id` is empty, or the API refuses it.
            NotFoundError: If the API does not know the run.

        Example:
            >>> run = client.agents.email(["P0000004"], max_credits=1)
            >>> client.agents.status(run.run_id).status in ("queued", "completed")
            True
        """

@final
class AsyncAgents:
    """The awaitable form of `Agents`: `async_client.agents`.

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
        extra: Mapping[str, Any] | None = None,
    ) -> BatchAccepted:
        """Start a batch that finds phone numbers; see `Agents.phone`."""
    async def email(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
        extra: Mapping[str, Any] | None = None,
    ) -> BatchAccepted:
        """Start a batch that finds e-mail addresses; see `Agents.email`."""
    async def phone_email(
        self,
        ids: Sequence[RecordId] | None = None,
        *,
        records: Sequence[Mapping[str, Any]] | None = None,
        max_credits: int,
        extra: Mapping[str, Any] | None = None,
    ) -> BatchAccepted:
        """Start a batch that finds both phone numbers and addresses; see `Agents.phone_email`."""
    async def deep_research(
        self,
        ids: Sequence[RecordId],
        *,
        entity_type: EntityType,
        max_credits: int,
        query_hint: str = "",
        effort: Effort = "medium",
        agent_type: AgentType = "general",
        extra: Mapping[str, Any] | None = None,
    ) -> BatchAccepted:
        """Start a batch that researches people or companies; see `Agents.deep_research`."""
    async def status(self, run_id: str) -> RunState:
        """Return the state of a run; see `Agents.status`."""

@final
class BatchAccepted:
    """A batch that the API accepted, as returned by the calls of `client.agents`.

    Example:
        >>> accepted = client.agents.email(["P0000004"], max_credits=1)
        >>> accepted.to_dict()
        {'run_id': '...', 'result_path': 's3://...csv', 'credits_csv_path': 's3://...'}
        >>> len(accepted.request_id), accepted.credits_remaining < 1_000_001
        (36, True)
    """

    @property
    def run_id(self) -> str:
        """Id of the run that processes the batch: a UUID, or another text."""
    @property
    def result_path(self) -> str:
        """Where the result will be written: `s3://bucket/key`."""
    @property
    def credits_csv_path(self) -> str | None:
        """Where the credit report will be written, `s3://bucket/key`, or `None`."""
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
class RunState:
    """The state of a run, as returned by `client.agents.status`.

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
        """Id of the run."""
    @property
    def status(self) -> str:
        """`queued`, `completed` or `failed`; any other value means that the run is in progress."""
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
