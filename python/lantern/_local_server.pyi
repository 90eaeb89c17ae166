"""The local server."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self, final

from lantern._async_client import AsyncClient
from lantern._client import Client
from lantern._columns import ArrowStream
from lantern._table import Table
from lantern._types import Limits, PathLike

@final
class LocalServer:
    """The Lantern API on this machine, with results behind a real S3 endpoint. Needs no API key.

    The server starts when the object is created and runs in threads of its own. It stops at the end
    of a `with` block or when `stop()` is called.

    Args:
        host: Address to listen on (default `127.0.0.1`).
        port: Port of the API; 0 (default) chooses a free one.
        s3_port: Port of the S3 endpoint; 0 (default) chooses a free one.
        data: Folder for runs, credits, results and the ledger of `client()`; by default a temporary
            one. A server that is started again on the same folder resumes what was queued.
        key: API key that calls must carry; by default a random one, which `data` keeps.
        people: People to look up: a table, or the path of a Parquet, CSV, Excel or Arrow file, with
            a column `id`. By default `size` people are generated from `seed`.
        companies: Companies to look up, in the same forms; by default those of the people.
        seed: Seed of the generated directory (default 7). The same seed generates the same
            directory.
        size: Number of people to generate (default 10,000), with a tenth as many companies.
        limits: `"api"` (default) for the API's own rate limits, `"off"`, or requests per minute by
            class, such as `{"batches": 60, "sync": None}`.
        prices: Credits per item found: `phone` (default 5), `email` (1), `company` (1) and `person`
            (2).
        credits: Number of credits in the account at the start (default 1,000,000).
        faults: Faults to inject, such as `"POST /v1/agents/*: status 503 times 2"`, `"GET /v1/*:
            delay 250ms"`, `"POST /v1/agents/*: reset after nth 2"` or `"POST /v1/agents/*: truncate
            half"`.
        work_delay: Time that each batch waits before it is processed, in seconds (default 0).
        workflows: TOML or JSON file of workflows; by default there is one, `default`, which
            enriches.
        webhook: URL to which forms with `{"push_to": "webhook"}` are pushed, signed with the key.
        crm: Records in the CRM at the start, if `data` is new: a mapping of `accounts`, `contacts`,
            `leads`, `opportunities`, `users`, `tasks`, `notes` or `pools` (`pool`, `user_id`) to a
            table or to the path of a Parquet, CSV or Arrow file. Columns are named as in `crm()` or
            as in Salesforce; `id` is optional. Kinds that are left out are empty, except users. By
            default all are generated from the directory.
        tenants: API keys of further tenants. Each has its own credits, limits, batches, results and
            CRM, whose ids are unique. `client(api_key=...)` returns a client of a tenant.
        model_url: Endpoint with OpenAI's protocol, such as `http://localhost:11434/v1`, whose
            language model answers AI matching, `enrich.ai` and `enrich.research`. By default they
            are answered from the directory. Each answer says which was used.
        model: Name of the language model; by default the first that the endpoint lists.
        model_key: API key of the endpoint.

    Raises:
        LocalServerError: If a port is taken, or the folder, a file or a table cannot be used.
        ConfigError: If a limit, a price or the workflows file is invalid, or other machines can
            reach `host` and `key` is missing.
        ValidationError: If a fault is invalid.
        ValueError: If `work_delay` is below 0.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer(size=100) as server:
        ...     server.url.startswith("http://127.0.0.1:"), server.people().num_rows
        ...     server.storage_options["aws_endpoint_url"].startswith("http://127.0.0.1:")
        (True, 100)
        True
    """

    def __new__(
        cls,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        s3_port: int = 0,
        data: PathLike | None = None,
        key: str | None = None,
        people: PathLike | ArrowStream | None = None,
        companies: PathLike | ArrowStream | None = None,
        seed: int = 7,
        size: int = 10_000,
        limits: Literal["api", "off"] | Limits | None = None,
        prices: Mapping[str, int] | None = None,
        credits: float = 1_000_000.0,
        faults: Sequence[str] = ...,
        work_delay: float = 0.0,
        workflows: PathLike | None = None,
        webhook: str | None = None,
        crm: Mapping[str, PathLike | ArrowStream] | None = None,
        tenants: Sequence[str] = ...,
        model_url: str | None = None,
        model: str | None = None,
        model_key: str | None = None,
    ) -> Self: ...
    @property
    def url(self) -> str:
        """URL of the API: `http://127.0.0.1:port`."""
    @property
    def key(self) -> str:
        """API key that calls must carry."""
    @property
    def storage_options(self) -> dict[str, str]:
        """Options with which S3 clients can read results, in the spelling of obstore and Polars."""
    @property
    def credits_used(self) -> float:
        """Number of credits charged so far."""
    def people(self) -> Table:
        """Return the people who can be looked up.

        Example:
            >>> server.people().slice(3, 1).select(["id", "first_name", "company_name"]).to_pylist()
            [{'id': 'P0000004', 'first_name': 'Pari', 'company_name': 'Jain Solar LLP'}]
        """
    def companies(self) -> Table:
        """Return the companies that can be looked up.

        Example:
            >>> server.companies().slice(40, 1).select(["id", "name", "domain"]).to_pylist()
            [{'id': 'C000041', 'name': 'Jain Solar LLP', 'domain': 'jain-solar.in'}]
        """
    def crm(self, objects: str) -> Table:
        """Return all CRM records of one kind: `id`, its fields, `created_at` and `modified_at`.

        Args:
            objects: Kind of record: `accounts`, `contacts`, `leads`, `opportunities`, `users`,
                `tasks` or `notes`.

        Raises:
            ConfigError: If `objects` is another kind.

        Example:
            >>> server.crm("users").slice(0, 1).select(["id", "name", "active"]).to_pylist()
            [{'id': '005Lc0000000001IAA', 'name': 'Maya Reyes', 'active': True}]
        """
    def crm_add(self, objects: str, /, **fields: str | float | bool | None) -> dict[str, Any]:
        """Create a record in the CRM, as one of its users would.

        Args:
            objects: Kind of record: `accounts`, `contacts`, `leads`, `opportunities`, `users`,
                `tasks` or `notes`.
            **fields: Fields of the record, named as in `crm()`.

        Returns:
            The record with its `id`.

        Raises:
            InputError: If `objects` is another kind, or the kind does not have a field.

        Example:
            >>> server.crm_add("leads", email="ada@acme.example", last_name="Byron")["last_name"]
            'Byron'
        """
    def crm_set(self, id: str, /, **fields: str | float | bool | None) -> dict[str, Any]:
        """Change a record of the CRM, as one of its users would.

        The next poll of the CRM finds the change.

        Args:
            id: Salesforce id of the record.
            **fields: Fields to change; `None` empties a field.

        Returns:
            The record.

        Raises:
            InputError: If the record does not exist, or its kind does not have a field.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     lead = server.crm_add("leads", email="ada@acme.example", last_name="Byron")
            ...     server.crm_set(lead["id"], title="Analyst")["title"]
            'Analyst'
        """
    def runs(self) -> Table:
        """Return the batches that the server received, one row each, in the order of arrival.

        The columns are `run_id`, `kind`, `entity_type`, `ids` (number of ids), `max_credits`,
        `credits` (cost), `status` (`queued`, `completed` or `failed`), `error`, `idempotency_key`,
        `result_path`, `credits_csv_path`, and the times `received_at` and `finished_at` (UTC).

        Example:
            >>> run = client.agents.phone_email(["P0000004"], max_credits=6)
            >>> last = server.runs().to_pylist()[-1]
            >>> last["run_id"] == run.run_id, last["kind"], last["ids"], last["max_credits"]
            (True, 'phone-email', 1, 6)
        """
    def client(self, **options: Any) -> Client:
        """Return a client of this server, with its own ledger beside the server's data.

        Args:
            options: Arguments of `Client` to change.

        Example:
            >>> server.client(timeout=10).base_url == server.url + "/"
            True
        """
    def async_client(self, **options: Any) -> AsyncClient:
        """Return an awaitable client of this server; see `client`.

        Args:
            options: Arguments of `AsyncClient` to change.

        Example:
            >>> import asyncio
            >>> async def left() -> float:
            ...     async with server.async_client() as client:
            ...         return (await client.credits.remaining()).total_credits
            >>> asyncio.run(left())
            1000000.0
        """
    def add_fault(self, rule: str) -> None:
        """Inject a fault from now on.

        Args:
            rule: Calls to affect, the fault and how often it occurs; see `faults` of `LocalServer`.

        Raises:
            ValidationError: If the rule is invalid.

        Example:
            >>> server.add_fault("GET /v1/credits/remaining: status 503 times 1")
            >>> server.client(retries=0).credits.remaining()
            Traceback (most recent call last):
                ...
            lantern.exceptions.ServerError: request ...: GET /v1/credits/remaining answered 503: ...
            >>> client.credits.remaining().tenant_id
            1
        """
    def clear_faults(self) -> None:
        """Remove all faults.

        Example:
            >>> server.add_fault("GET /v1/credits/*: status 503")
            >>> server.clear_faults()
            >>> client.credits.remaining().tenant_id
            1
        """
    def stop(self) -> None:
        """Cancel the calls in progress and stop the server.

        What was queued is kept if the server has a `data` folder. Leaving a `with` block stops the
        server too.

        Example:
            >>> small = lantern.LocalServer(size=10)
            >>> people = small.people()
            >>> small.stop()
            >>> people.num_rows
            10
        """
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        tb: TracebackType | None = None,
    ) -> None: ...
