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
    """The Lantern API on this machine, with results behind a real S3 endpoint. No key needed.

    It starts when it is made, works in threads of its own, and stops with `stop()` or at the end
    of a `with` block.

    Args:
        host: Where to listen; elsewhere than on loopback only with a `key`.
        port: The port of the API; 0 takes any free one.
        s3_port: The port of the S3 endpoint; 0 takes any free one.
        data: The folder of runs, credits, results and the ledger of `client()`. A server started
            on the same folder goes on with what was queued. By default a temporary one.
        key: The key that calls must carry; by default a well-known one.
        people: The people to look up: a table, or the path of a Parquet, CSV or Arrow file, with a
            column `id`. By default `size` people are made from `seed`.
        companies: The companies, likewise; by default those of the people.
        seed: Makes the same directory again.
        size: How many people are made, at a tenth as many companies.
        limits: `"api"` (the default) for the API's own limits, `"off"`, or requests a minute by
            class, such as `{"batches": 60, "sync": None}`.
        prices: Credits for what is found: `phone` (5), `email` (1), `company` (1), `person` (2).
        credits: The credits that the tenant begins with.
        faults: Faults to answer with, such as `"POST /v1/agents/*: status 503 times 2"`,
            `"GET /v1/*: delay 250ms"`, `"POST /v1/agents/*: reset after nth 2"` or
            `"POST /v1/agents/*: truncate half"`.
        work_delay: Seconds that each batch lies before it is worked.
        workflows: A TOML or JSON file of workflows; by default there is one, `default`, which
            enriches.
        webhook: Where forms push to with `{"push_to": "webhook"}`, signed with the key.
        crm: The records that the CRM begins with where `data` is new: `accounts`, `contacts`,
            `leads`, `opportunities`, `users`, `tasks`, `notes` or `pools` (`pool`, `user_id`) to a
            table, or to the path of a Parquet, CSV or Arrow file. Columns are named as `crm()`
            gives them or as Salesforce spells them; `id` may be left out. What is not given is
            empty, but for users. By default all are made from the directory.
        tenants: The keys of further tenants: each has credits, limits, batches, results and a CRM
            of its own, whose ids no other has. `client(api_key=...)` is a client of theirs.
        model_url: An endpoint that speaks OpenAI's protocol, such as `http://localhost:11434/v1`,
            whose language model answers AI matching, `enrich.ai` and `enrich.research`. By default
            what is known on this machine answers. Each answer says which.
        model: The model's name; by default the first that the endpoint lists.
        model_key: The endpoint's API key.

    Raises:
        LocalServerError: The port is taken, or the folder, a file or a table cannot be used.
        ConfigError: A limit or price that is not understood, workflows that cannot be read, or a
            `host` that others reach without a `key`.
        ValidationError: A fault that is not understood.
        ValueError: `work_delay` is below 0.

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
        """Where the API is: `http://127.0.0.1:port`."""
    @property
    def key(self) -> str:
        """The API key that calls must carry."""
    @property
    def storage_options(self) -> dict[str, str]:
        """What S3 clients need to read results, in obstore's and Polars' spelling."""
    @property
    def credits_used(self) -> float:
        """Credits charged so far."""
    def people(self) -> Table:
        """The people that can be looked up.

        Example:
            >>> server.people().slice(3, 1).select(["id", "first_name", "company_name"]).to_pylist()
            [{'id': 'P0000004', 'first_name': 'Pari', 'company_name': 'Jain Solar LLP'}]
        """
    def companies(self) -> Table:
        """The companies that can be looked up.

        Example:
            >>> server.companies().slice(40, 1).select(["id", "name", "domain"]).to_pylist()
            [{'id': 'C000041', 'name': 'Jain Solar LLP', 'domain': 'jain-solar.in'}]
        """
    def crm(self, objects: str) -> Table:
        """All records of one kind in the CRM: `id`, its fields, `created_at` and `modified_at`.

        Args:
            objects: `accounts`, `contacts`, `leads`, `opportunities`, `users`, `tasks` or `notes`.

        Raises:
            ConfigError: Another kind.

        Example:
            >>> server.crm("users").slice(0, 1).select(["id", "name", "active"]).to_pylist()
            [{'id': '005Lc0000000001IAA', 'name': 'Maya Reyes', 'active': True}]
        """
    def crm_add(self, objects: str, /, **fields: str | float | bool | None) -> dict[str, Any]:
        """Makes a record in the CRM, as one of its users would.

        Args:
            objects: Its kind: `accounts`, `contacts`, `leads`, `opportunities`, `users`, `tasks` or
                `notes`.
            **fields: Its fields, as `crm()` names them.

        Returns:
            The record with its `id`.

        Raises:
            InputError: Another kind, or a field that the kind does not have.

        Example:
            >>> server.crm_add("leads", email="ada@acme.example", last_name="Byron")["last_name"]
            'Byron'
        """
    def crm_set(self, id: str, /, **fields: str | float | bool | None) -> dict[str, Any]:
        """Changes a record of the CRM, as one of its users would; the poll will find it.

        Args:
            id: Its Salesforce id.
            **fields: What to change; None empties a field.

        Returns:
            The record.

        Raises:
            InputError: There is no such record, or a field that its kind does not have.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     lead = server.crm_add("leads", email="ada@acme.example", last_name="Byron")
            ...     server.crm_set(lead["id"], title="Analyst")["title"]
            'Analyst'
        """
    def runs(self) -> Table:
        """What the server was asked: one row per batch, in the order in which they came.

        `run_id`, `kind`, `ids` (how many), `max_credits`, `credits` (what it cost), `status`
        (`queued`, `completed` or `failed`), `error`, `idempotency_key`, `result_path`,
        `credits_csv_path`, and the times `received_at` and `finished_at` (UTC).

        Example:
            >>> run = client.agents.phone_email(["P0000004"], max_credits=6)
            >>> last = server.runs().to_pylist()[-1]
            >>> last["run_id"] == run.run_id, last["kind"], last["ids"], last["max_credits"]
            (True, 'phone-email', 1, 6)
        """
    def client(self, **options: Any) -> Client:
        """A client of this server, with a ledger of its own beside the server's data.

        Args:
            options: Arguments of `Client`, to change some.

        Example:
            >>> server.client(timeout=10).base_url == server.url + "/"
            True
        """
    def async_client(self, **options: Any) -> AsyncClient:
        """An awaitable client of this server; see `client`.

        Args:
            options: Arguments of `AsyncClient`, to change some.

        Example:
            >>> import asyncio
            >>> async def left() -> float:
            ...     async with server.async_client() as client:
            ...         return (await client.credits.remaining()).total_credits
            >>> asyncio.run(left())
            1000000.0
        """
    def add_fault(self, rule: str) -> None:
        """Answers with a fault from now on.

        Args:
            rule: Which calls meet which fault, and how often; see `faults` above for the spelling.

        Raises:
            ValidationError: The rule is not understood.

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
        """Ends all faults.

        Example:
            >>> server.add_fault("GET /v1/credits/*: status 503")
            >>> server.clear_faults()
            >>> client.credits.remaining().tenant_id
            1
        """
    def stop(self) -> None:
        """Ends the calls under way and stops; what was queued is kept where there is a `data`.

        The end of a `with` block does it too.

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
