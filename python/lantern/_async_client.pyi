"""The client that is awaited."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, final

from lantern._agents import AsyncAgents
from lantern._budgets import AsyncBudgets
from lantern._credits import AsyncCredits
from lantern._enrich import AsyncEnrich
from lantern._forms import AsyncForms
from lantern._job import AsyncJob
from lantern._logs import AsyncLogs
from lantern._model import Model
from lantern._record_match import Matched
from lantern._routing import AsyncRouting
from lantern._salesforce import AsyncSalesforce
from lantern._suppression import AsyncSuppression
from lantern._table import Table
from lantern._triggers import AsyncTriggers
from lantern._types import (
    AgentType,
    BatchKind,
    Effort,
    EntityType,
    Fields,
    Limits,
    MappedCall,
    MatchedObject,
    OnInDoubt,
    PathLike,
    RoutedObject,
    Rules,
    Suppressible,
    TableLike,
)
from lantern._workflows import AsyncWorkflows

@final
class AsyncClient:
    """The awaitable form of `Client`, with the same arguments (see `Client`) and methods.

    The methods, including those of its namespaces and jobs, are coroutine functions. Nothing is
    read or sent before they are awaited, and Python warns about a call that is never awaited.

    Example:
        >>> import asyncio, lantern
        >>> async def work() -> tuple[int, int, str]:
        ...     with lantern.LocalServer(limits="off") as server:
        ...         client = server.async_client()
        ...         companies = await client.map(
        ...             server.companies().slice(0, 5),
        ...             "enrich.company",
        ...             columns={"record_id": "id", "domain": "domain"},
        ...             max_credits=5,
        ...         )
        ...         matched = await client.match(
        ...             object="contact", candidates=[{"last_name": "Abe"}], rules=["last_name:eq"]
        ...         )
        ...         people = server.people().slice(0, 10)
        ...         _ = await client.submit(people, "email", max_credits=10, key="monday")
        ...         job = await client.job("monday")
        ...         progress = await job.wait(timeout=60)
        ...         await client.close()  # as the end of an `async with` does
        ...         return companies.num_rows, len(matched.results), progress.state
        >>> asyncio.run(work())
        (5, 1, 'done')
        >>> async def tables() -> list[int]:
        ...     with lantern.LocalServer(limits="off") as server:
        ...         client = server.async_client()
        ...         leads = server.crm("leads").slice(0, 3)
        ...         by = {"object": "lead", "pool": "default"}
        ...         people = server.people().to_polars().drop_nulls("email").head(2)
        ...         return [
        ...             table.num_rows
        ...             for table in (
        ...                 await client.convert_leads(leads, max_credits=3),
        ...                 await client.assign(leads, **by, max_credits=3),
        ...                 await client.trigger(leads, "default", max_credits=12),
        ...                 await client.submit_forms(people, max_credits=6),
        ...                 await client.match_cascade(leads, leads, left_id="id", max_credits=20),
        ...             )
        ...         ]
        >>> asyncio.run(tables())
        [3, 3, 3, 2, 3]
    """

    def __new__(
        cls,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        ledger: PathLike | None = None,
        storage_options: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        read_timeout: float | None = None,
        retries: int | None = None,
        ca_bundle: PathLike | None = None,
        proxy: str | None = None,
        allow_http: bool = False,
        user_agent: str | None = None,
        pool_size: int | None = None,
        results: PathLike | Sequence[PathLike] | None = None,
        poll_share: float | None = None,
    ) -> Self: ...
    @property
    def base_url(self) -> str:
        """URL of the API."""
    @property
    def ledger(self) -> str:
        """Path of the ledger's file, or its `postgresql://` URL."""
    @property
    def agents(self) -> AsyncAgents:
        """Batches of people or companies, one call each; see `AsyncAgents`."""
    @property
    def credits(self) -> AsyncCredits:
        """Credits used and credits left; see `AsyncCredits`."""
    @property
    def budgets(self) -> AsyncBudgets:
        """Budgets that several jobs share; see `AsyncBudgets`."""
    @property
    def suppress(self) -> AsyncSuppression:
        """List of people who are never sent and never returned; see `AsyncSuppression`."""
    @property
    def enrich(self) -> AsyncEnrich:
        """Enrichment of single records, and questions in words; see `AsyncEnrich`."""
    @property
    def salesforce(self) -> AsyncSalesforce:
        """Conversion of Salesforce leads; see `AsyncSalesforce`."""
    @property
    def routing(self) -> AsyncRouting:
        """Assignment of records to the users of a pool, in turn; see `AsyncRouting`."""
    @property
    def triggers(self) -> AsyncTriggers:
        """Enrichment of Salesforce records that changed; see `AsyncTriggers`."""
    @property
    def logs(self) -> AsyncLogs:
        """The log of assignments, conversions and other changes; see `AsyncLogs`."""
    @property
    def workflows(self) -> AsyncWorkflows:
        """Workflows that process records; see `AsyncWorkflows`."""
    @property
    def forms(self) -> AsyncForms:
        """Submission of web forms; see `AsyncForms`."""
    async def map(
        self,
        table: TableLike,
        call: MappedCall,
        *,
        columns: Mapping[str, str],
        max_credits: int,
        arguments: Mapping[str, Any] | None = None,
        credits_per_call: int | None = None,
        rows_per_call: int | None = None,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: OnInDoubt = "raise",
        extra: Mapping[str, Any] | None = None,
        budget: str | None = None,
        suppress: Suppressible | None = None,
        reuse: bool | str = True,
        retry_not_found: str | None = None,
        sample: int | None = None,
        dry_run: bool = False,
        provenance: bool = False,
    ) -> Table:
        """Make one API call for each row of a table, within a budget; see `Client.map`."""
    async def convert_leads(
        self,
        leads: TableLike,
        *,
        id: str = "id",
        match_policy: Mapping[str, Any] | None = None,
        merge_policy: Mapping[str, Any] | None = None,
        set_owner_round_robin_pool: str | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: OnInDoubt = "raise",
        extra: Mapping[str, Any] | None = None,
        budget: str | None = None,
        suppress: Suppressible | None = None,
        dry_run: bool = False,
        provenance: bool = False,
    ) -> Table:
        """Convert the leads of a table; see `Client.convert_leads`."""
    async def assign(
        self,
        records: TableLike,
        *,
        object: RoutedObject,
        pool: str,
        id: str = "id",
        exclude_inactive: bool = True,
        reset_rules: Mapping[str, Any] | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: OnInDoubt = "raise",
        extra: Mapping[str, Any] | None = None,
        budget: str | None = None,
        suppress: Suppressible | None = None,
        dry_run: bool = False,
        provenance: bool = False,
    ) -> Table:
        """Assign the records of a table to the users of a pool, in turn; see `Client.assign`."""
    async def trigger(
        self,
        records: TableLike,
        workflow_id: str,
        *,
        columns: Mapping[str, str] | None = None,
        source_system: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: OnInDoubt = "raise",
        extra: Mapping[str, Any] | None = None,
        budget: str | None = None,
        suppress: Suppressible | None = None,
        dry_run: bool = False,
        provenance: bool = False,
    ) -> Table:
        """Send the rows of a table through a workflow; see `Client.trigger`."""
    async def submit_forms(
        self,
        forms: TableLike,
        *,
        columns: Mapping[str, str] | None = None,
        additional_fields: Mapping[str, Any] | None = None,
        form_source: str | None = None,
        enrichment_preferences: Mapping[str, Any] | None = None,
        output_preferences: Mapping[str, Any] | None = None,
        max_credits: int,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: OnInDoubt = "raise",
        extra: Mapping[str, Any] | None = None,
        budget: str | None = None,
        suppress: Suppressible | None = None,
        dry_run: bool = False,
        provenance: bool = False,
    ) -> Table:
        """Submit the rows of a table as forms; see `Client.submit_forms`."""
    async def match_cascade(
        self,
        left: TableLike,
        right: TableLike,
        rules: Rules | None = None,
        *,
        object: MatchedObject = "account",
        sure: float = 0.95,
        unsure: float = 0.05,
        max_credits: int,
        fields: Fields | None = None,
        left_id: str | None = None,
        right_id: str = "id",
        weights: Mapping[str, float] | None = None,
        model: Model | None = None,
        instructions: str | None = None,
        threshold: float | None = None,
        rows_per_call: int | None = None,
        concurrency: int = 8,
        key: str | None = None,
        on_in_doubt: OnInDoubt = "raise",
        extra: Mapping[str, Any] | None = None,
        budget: str | None = None,
        suppress: Suppressible | None = None,
        reuse: bool | str = True,
        retry_not_found: str | None = None,
        dry_run: bool = False,
    ) -> Table:
        """Match two tables, asking the API about uncertain rows; see `Client.match_cascade`."""
    async def match(
        self,
        *,
        object: MatchedObject,
        candidates: Sequence[Mapping[str, Any]],
        rules: Sequence[str] | Mapping[str, Any],
        context: Mapping[str, Any] | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Matched:
        """Find the Salesforce records that match candidates; see `Client.match`."""
    async def submit(
        self,
        table: TableLike,
        kind: BatchKind,
        *,
        id: str = "id",
        columns: Mapping[str, str] | None = None,
        max_credits: int,
        key: str | None = None,
        entity_type: EntityType = "person",
        query_hint: str = "",
        effort: Effort = "medium",
        agent_type: AgentType = "general",
        batch_size: int = 1000,
        credits_per_id: int | None = None,
        on_in_doubt: OnInDoubt = "raise",
        dry_run: bool = False,
        extra: Mapping[str, Any] | None = None,
        reuse: bool | str = True,
        retry_not_found: str | None = None,
        sample: int | None = None,
        budget: str | None = None,
        suppress: Suppressible | None = None,
    ) -> AsyncJob:
        """Submit a table of ids or people as batches, within a budget; see `Client.submit`."""
    async def job(
        self, key: str, *, on_in_doubt: OnInDoubt = "raise", spend: bool = True
    ) -> AsyncJob:
        """Return a job that was submitted before; see `Client.job`."""
    async def close(self) -> None:
        """Close the connections; see `Client.close`."""
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: dict[int, Any]) -> Self: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        tb: TracebackType | None = None,
    ) -> None: ...
