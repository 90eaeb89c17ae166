"""The client that blocks."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, final

from lantern._agents import Agents
from lantern._budgets import Budgets
from lantern._credits import Credits
from lantern._enrich import Enrich
from lantern._forms import Forms
from lantern._job import Job
from lantern._logs import Logs
from lantern._model import Model
from lantern._record_match import Matched
from lantern._routing import Routing
from lantern._salesforce import Salesforce
from lantern._suppression import Suppression
from lantern._table import Table
from lantern._triggers import Triggers
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
from lantern._workflows import Workflows

@final
class Client:
    """A client of the Lantern API.

    A client can be shared by threads and used in notebooks. After a fork, the child opens
    connections of its own. While a call waits, the interpreter lock is released. A copy, also a
    deep one, is the same client.

    The API key is never printed or pickled. When a pickle is loaded, the key is read from
    `LANTERN_API_KEY` again, and all other settings are restored. A client that was given `api_key=`
    or another secret cannot be pickled.

    Every call can raise `AuthenticationError`, `RateLimitError`, `ServerError`,
    `APIConnectionError` and `APITimeoutError`, in addition to the exceptions that it lists.

    Args:
        api_key: API key; by default read from `LANTERN_API_KEY`.
        base_url: URL of the API; by default read from `LANTERN_BASE_URL`, else Lantern's own.
        ledger: File that records spending and shares rate limits between processes; by default read
            from `LANTERN_LEDGER`, else `~/.local/state/lantern/ledger.sqlite`. A
            `postgresql://user@host/database` URL is a ledger for many machines; its password can
            come from `PGPASSWORD`.
        storage_options: Credentials and endpoint of the result storage, in the spelling of obstore,
            Polars and object_store (`aws_access_key_id`, `aws_endpoint_url`, ...); by default the
            AWS credential chain. `retry_timeout_ms` is how long a store may take to answer with all
            retries (default `timeout`, if you set that, else 60 s).
        limits: Requests per minute for `sync` (default 50), `batches` (1), `credits` (10) and
            `bursts` (300); `None` is no limit. By default read from `LANTERN_RATE`, such as
            `batches=10,sync=off`. The API's `X-RateLimit-Limit` header corrects the defaults, but a
            limit that you set is never exceeded.
        timeout: Maximum time of a call with all its retries, in seconds (default 180).
        connect_timeout: Maximum time to open a connection, in seconds (default 10).
        read_timeout: Maximum time between two parts of a response, in seconds (default 60).
        retries: Number of times that a failed call is retried (default 5). A call that spends
            credits is never retried once it may have reached the API.
        ca_bundle: PEM file of certificate authorities to trust in addition to the system's.
        proxy: URL of a proxy; by default `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` apply.
        allow_http: Whether `base_url` may be plain http on another machine (default `False`).
        user_agent: Text to add to the `User-Agent` header, to identify your application.
        pool_size: Maximum number of idle connections to keep open (default 32).
        results: Places from which results may be read, such as `s3://bucket/prefix`. By default the
            API may name `s3://` and `https://` places; plain http and local files only if it runs
            on this machine.
        poll_share: Maximum share of the `sync` limit for checks of runs, above 0 and at most 1
            (default 0.5). The rest is left to other calls and other users of the key.

    Raises:
        ConfigError: If there is no API key, or a setting is invalid.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     with server.client() as client:
        ...         people = server.people().slice(0, 100)
        ...         job = client.submit(people, "phone-email", max_credits=600)
        ...         _ = job.wait(timeout=60)
        ...         job.table().num_rows
        100
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
        """Path of the ledger's file, or its `postgresql://` URL.

        Raises:
            LedgerError: If the ledger cannot be opened.
        """
    @property
    def agents(self) -> Agents:
        """Batches of people or companies, one call each; see `Agents`."""
    @property
    def credits(self) -> Credits:
        """Credits used and credits left; see `Credits`."""
    @property
    def budgets(self) -> Budgets:
        """Budgets that several jobs share; see `Budgets`."""
    @property
    def suppress(self) -> Suppression:
        """List of people who are never sent and never returned; see `Suppression`."""
    @property
    def enrich(self) -> Enrich:
        """Enrichment of single records, and questions in words; see `Enrich`."""
    @property
    def salesforce(self) -> Salesforce:
        """Conversion of Salesforce leads; see `Salesforce`."""
    @property
    def routing(self) -> Routing:
        """Assignment of records to the users of a pool, in turn; see `Routing`."""
    @property
    def triggers(self) -> Triggers:
        """Enrichment of Salesforce records that changed; see `Triggers`."""
    @property
    def logs(self) -> Logs:
        """The log of assignments, conversions and other changes; see `Logs`."""
    @property
    def workflows(self) -> Workflows:
        """Workflows that process records; see `Workflows`."""
    @property
    def forms(self) -> Forms:
        """Submission of web forms; see `Forms`."""
    def map(
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
        """Make one API call for each row of a table, within a budget.

        Each call is recorded in the ledger before it is sent. If you make the same call again, it
        resumes: nothing is paid for twice, and rows that the API refused are retried. Calls run
        concurrently, so a slow one does not delay the others.

        If an earlier job asked the same about a row, the row is answered from the ledger's memory
        and costs nothing. Rows that ask the same are sent once. Two rows ask the same if the call,
        its arguments and the fields of the row are the same; case, spaces and Unicode forms make no
        difference, and `record_id` counts only if no other field says whom the row is about. Calls
        that change something (`salesforce.convert`, `routing.assign`, `workflows.trigger` and
        `forms.submit`) are made for every row and never answered from memory.

        Args:
            table: Table that exports an Arrow stream, or a LazyFrame, of which only the named
                columns are collected.
            call: Name of the call, such as `enrich.company`. For `match`, the rows are the
                candidates, several per call; `arguments` must contain `object` and `rules`.
            columns: Mapping of the call's fields to columns of the table, such as `{"record_id":
                "id"}`. Write `record_data.email` for a nested field.
            max_credits: Budget in credits for all rows. A row that could exceed it is not sent; 0
                asks for known answers only.
            arguments: Fields that are the same for all rows, such as `{"effort": "high"}`.
            credits_per_call: Maximum number of credits that one row may cost. Calls of `match` and
                of `enrich`, except `research`, send it as their own `max_credits`. The default is
                5 for phone, 1 for email and company, 2 for person, 4 for ai, 20 for research, 1
                for convert, 2 for assign, 4 for workflows and 3 for forms; for match, it is 1 with
                simple rules, 2 with groups and 5 with AI.
            rows_per_call: Number of candidates per call of `match`, 1 to 100 (default 100). Other
                calls take one row.
            concurrency: Maximum number of calls in flight (default 8).
            key: Name of the job; by default a hash of the call, the account and all fields.
            on_in_doubt: What to do with rows of which it is unknown whether they reached the API:
                `raise` (default) an error at the end, `resend` them at the risk of paying twice, or
                `skip` them.
            extra: Fields of the API that this version of lantern does not know, for every call,
                nested as in the request. With other extra fields, it is another job.
            budget: Name of a budget that the calls share with other jobs; see `Budgets`. `None`
                (default) keeps the budget that the same calls had before, if any.
            suppress: People who are never sent and never returned, in addition to those of
                `client.suppress`, in any form that `Suppression.add` takes. `None` (default) adds
                nobody.
            reuse: Which known answers to use: all of them (`True`, default), none (`False`: every
                row is asked for again), or those that are not older than an age such as `"90d"`.
            retry_not_found: Age such as `"30d"`: rows that were not found at least that long ago
                are asked for again. `None` (default) never asks again.
            sample: Number of rows to ask for, chosen at random. A later `dry_run` of the whole
                table estimates its cost from these rows. The same table has the same sample. `None`
                (default) asks for all rows.
            dry_run: Whether to send nothing and return a plan instead of a table (default `False`).
            provenance: Whether to add columns that say where each answer comes from (default
                `False`).

        Returns:
            A table with one row per input row, in the same order:

            - `row`: only with `sample`, the number of the row in your table. The table then has
              only the rows of the sample.
            - `status`: `done`, `failed`, `in_doubt`, `over_budget`, `suppressed` or `erased`.
            - `error`: why there is no answer, or null.
            - `credits`: what this job spent on the row.
            - `reused`: whether the answer was known from an earlier job.
            - `cached`: whether the API returned a cached answer.
            - The fields of the answer.
            - Only with `provenance`: `answered_at` (time), `run_id` (the idempotency key with which
              the call was sent) and `answer_credits` (what the answer cost when it was bought).

            With `dry_run`, a dictionary:

            - `key` and `kind` of the job, and `known`: whether the ledger already has it.
            - `rows`, and `duplicates`: rows that ask the same as an earlier row.
            - `known_rows`, `in_flight_rows` (another job is asking for them), `new_rows` and
              `suppressed_rows`. Rows that ask the same count once.
            - `calls`: number of calls that would be made.
            - `most_credits`: the maximum cost, within the budget.
            - `likely_credits`: the estimated cost, and `likely_least` and `likely_most`: the range
              in which the cost is nine times in ten. `seen_records` is the number of records in the
              ledger that the estimate is based on; without any, the estimates are `None`.
            - `rows_within_budget`: number of rows that the budget is sure to reach.
            - `least_seconds`: minimum duration under the rate limit.
            - `budget`: the shared budget, as `client.budgets.get` returns it, or `None`.
            - `refused`: why the calls would be refused now, or `None`.

        Raises:
            InputError: If a row is invalid, or an age or a sample is given for a call that changes
                something. Nothing was sent.
            ValidationError: If `reuse`, `retry_not_found` or `sample` is invalid.
            CreditLimitError: If nothing is left of the shared budget. Nothing was sent.
            JobError: If the key belongs to another job, or another process is running the job.
            OutcomeUnknown: If it is unknown whether some rows reached the API, sent by this job or
                by another job that asks for them.
            LedgerError: If the ledger cannot be read or written.
            APIError: If an error would affect every further call, such as an invalid API key. Make
                the same call again to resume.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     client = server.client()
            ...     answers = client.map(
            ...         server.companies().slice(0, 5),
            ...         "enrich.company",
            ...         columns={"record_id": "id", "domain": "domain"},
            ...         max_credits=5,
            ...     )
            ...     answers.column("status").to_pylist() == ["done"] * 5
            ...     again = client.map(
            ...         server.companies().slice(0, 6),  # one more
            ...         "enrich.company",
            ...         columns={"record_id": "id", "domain": "domain"},
            ...         max_credits=5,
            ...     )
            ...     again.column("reused").to_pylist()
            True
            [True, True, True, True, True, False]
        """
    def convert_leads(
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
        """Convert the leads of a table, one `salesforce.convert` call each; see `map`.

        Args:
            leads: Table with the Salesforce ids of the leads.
            id: Column of the ids (default `id`).
            match_policy: Rules by which contacts and accounts are found; see
                `client.salesforce.convert`.
            merge_policy: What happens if they are found; see `client.salesforce.convert`.
            set_owner_round_robin_pool: Name of the pool whose users become the owners, in turn.
            max_credits: Budget in credits for all rows. A row that could exceed it is not sent; 0
                sends nothing.
            concurrency: Maximum number of calls in flight (default 8).
            key: Name of the job; by default a hash of the call, the account and all fields.
            on_in_doubt: What to do with rows of which it is unknown whether they reached the API:
                `raise` (default) an error at the end, `resend` them at the risk of paying twice, or
                `skip` them.
            extra: Fields of the API that this version of lantern does not know, for every call,
                nested as in the request. With other extra fields, it is another job.
            budget: Name of a budget that the calls share with other jobs; see `Budgets`. `None`
                (default) keeps the budget that the same calls had before, if any.
            suppress: People who are never sent and never returned, in addition to those of
                `client.suppress`, in any form that `Suppression.add` takes. `None` (default) adds
                nobody.
            dry_run: Whether to send nothing and return a plan instead of a table (default `False`);
                see `map`.
            provenance: Whether to add columns that say where each answer comes from (default
                `False`); see `map`.

        Returns:
            A table with one row per lead, in the same order: `status`, `error`, `credits`,
            `reused`, `cached`, `convert_status` (`converted`, `failed` or `duplicate`),
            `account_id`, `contact_id`, `owner_id` and `actions` (a JSON list).

        Raises:
            InputError: If a lead has no id. Nothing was sent.
            JobError: If the key belongs to another job, or another process is running the job.
            APIError: If an error would affect every further call. Make the same call again to
                resume.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     leads = server.crm("leads").slice(0, 3)
            ...     done = server.client().convert_leads(leads, max_credits=3)
            ...     done.column("convert_status").to_pylist()
            ['converted', 'converted', 'converted']
        """
    def assign(
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
        """Assign the records of a table to the users of a pool, in turn; see `map`.

        Makes one `routing.assign` call for each record.

        Args:
            records: Table with the Salesforce ids of the records.
            object: Kind of the records: `lead`, `contact`, `opportunity` or `account`.
            pool: Name of the pool.
            id: Column of the ids (default `id`).
            exclude_inactive: Whether inactive users are skipped (default `True`).
            reset_rules: Why the records are assigned again; see `client.routing.assign`.
            max_credits: Budget in credits for all rows. A row that could exceed it is not sent; 0
                sends nothing.
            concurrency: Maximum number of calls in flight (default 8).
            key: Name of the job; by default a hash of the call, the account and all fields.
            on_in_doubt: What to do with rows of which it is unknown whether they reached the API:
                `raise` (default) an error at the end, `resend` them at the risk of paying twice, or
                `skip` them.
            extra: Fields of the API that this version of lantern does not know, for every call,
                nested as in the request. With other extra fields, it is another job.
            budget: Name of a budget that the calls share with other jobs; see `Budgets`. `None`
                (default) keeps the budget that the same calls had before, if any.
            suppress: People who are never sent and never returned, in addition to those of
                `client.suppress`, in any form that `Suppression.add` takes. `None` (default) adds
                nobody.
            dry_run: Whether to send nothing and return a plan instead of a table (default `False`);
                see `map`.
            provenance: Whether to add columns that say where each answer comes from (default
                `False`); see `map`.

        Returns:
            A table with one row per record, in the same order: `status`, `error`, `credits` (1, or
            2 with `reset_rules`), `reused`, `cached`, `assigned_to`, `sequence`, `pool_size` and
            `timestamp`.

        Raises:
            InputError: If a record has no id. Nothing was sent.
            JobError: If the key belongs to another job, or another process is running the job.
            OutcomeUnknown: If it is unknown whether some rows reached the API.
            APIError: If an error would affect every further call. Make the same call again to
                resume.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     leads = server.crm("leads").slice(0, 4)
            ...     client = server.client()
            ...     done = client.assign(leads, object="lead", pool="default", max_credits=4)
            ...     sorted(done.column("sequence").to_pylist())
            [1, 2, 3, 4]
        """
    def trigger(
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
        """Send the rows of a table through a workflow, one call each; see `map`.

        Makes one `workflows.trigger` call for each row.

        Args:
            records: Table whose columns are the fields of the records.
            workflow_id: Id of the workflow.
            columns: Mapping of the record's fields to columns of the table; by default every column
                that can be written as text, under its own name.
            source_system: System that the records come from, such as `cdp`.
            enrichment_preferences: Enrichment options; see `client.workflows.trigger`.
            max_credits: Budget in credits for all rows. A row that could exceed it is not sent; 0
                sends nothing.
            concurrency: Maximum number of calls in flight (default 8).
            key: Name of the job; by default a hash of the call, the account and all fields.
            on_in_doubt: What to do with rows of which it is unknown whether they reached the API:
                `raise` (default) an error at the end, `resend` them at the risk of paying twice, or
                `skip` them.
            extra: Fields of the API that this version of lantern does not know, for every call,
                nested as in the request. With other extra fields, it is another job.
            budget: Name of a budget that the calls share with other jobs; see `Budgets`. `None`
                (default) keeps the budget that the same calls had before, if any.
            suppress: People who are never sent and never returned, in addition to those of
                `client.suppress`, in any form that `Suppression.add` takes. `None` (default) adds
                nobody.
            dry_run: Whether to send nothing and return a plan instead of a table (default `False`);
                see `map`.
            provenance: Whether to add columns that say where each answer comes from (default
                `False`); see `map`.

        Returns:
            A table with one row per record, in the same order: `status`, `error`, `credits`,
            `reused`, `cached`, `workflow_status` (`triggered`, `queued` or `failed`), `request_id`
            and `enrichment_job_id`.

        Raises:
            JobError: If the key belongs to another job, or another process is running the job.
            OutcomeUnknown: If it is unknown whether some rows reached the API.
            APIError: If an error would affect every further call. Make the same call again to
                resume.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     people = server.people().slice(0, 2)
            ...     client = server.client()
            ...     done = client.trigger(people, "default", source_system="cdp", max_credits=8)
            ...     done.column("workflow_status").to_pylist()
            ['triggered', 'triggered']
        """
    def submit_forms(
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
        """Submit the rows of a table as forms, one `forms.submit` call each; see `map`.

        Args:
            forms: Table with the submitted forms.
            columns: Mapping of the form's fields to columns of the table, such as `{"email":
                "mail", "additional_fields.consent": "consent"}`; by default those of `name`,
                `email`, `company`, `phone` and `title` that the table has.
            additional_fields: Further fields that are the same for all forms.
            form_source: Name of the form.
            enrichment_preferences: Enrichment options; see `client.forms.submit`.
            output_preferences: Where the leads go; see `client.forms.submit`.
            max_credits: Budget in credits for all rows. A row that could exceed it is not sent; 0
                sends nothing.
            concurrency: Maximum number of calls in flight (default 8).
            key: Name of the job; by default a hash of the call, the account and all fields.
            on_in_doubt: What to do with rows of which it is unknown whether they reached the API:
                `raise` (default) an error at the end, `resend` them at the risk of paying twice, or
                `skip` them.
            extra: Fields of the API that this version of lantern does not know, for every call,
                nested as in the request. With other extra fields, it is another job.
            budget: Name of a budget that the calls share with other jobs; see `Budgets`. `None`
                (default) keeps the budget that the same calls had before, if any.
            suppress: People who are never sent and never returned, in addition to those of
                `client.suppress`, in any form that `Suppression.add` takes. `None` (default) adds
                nobody.
            dry_run: Whether to send nothing and return a plan instead of a table (default `False`);
                see `map`.
            provenance: Whether to add columns that say where each answer comes from (default
                `False`); see `map`.

        Returns:
            A table with one row per form, in the same order: `status`, `error`, `credits`,
            `reused`, `cached`, `form_status` (`enriched`, `pushed` or `failed`), `request_id`,
            `push_status`, `gdpr_safe` and `enriched_lead` (a JSON object).

        Raises:
            InputError: If a form has no e-mail address. Nothing was sent.
            JobError: If the key belongs to another job, or another process is running the job.
            OutcomeUnknown: If it is unknown whether some rows reached the API.
            APIError: If an error would affect every further call. Make the same call again to
                resume.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     people = server.people().to_polars().drop_nulls("email").head(2)
            ...     done = server.client().submit_forms(
            ...         people, additional_fields={"consent": True}, max_credits=6
            ...     )
            ...     done.column("gdpr_safe").to_pylist()
            [True, True]
        """
    def match_cascade(
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
        """Match two tables on this machine, and ask the API about uncertain rows only.

        Local matching is free and runs first. The best pair of each left row decides: with a
        confidence of at least `sure` it is a match, and below `unsure` there is no match. Only the
        rows in between are sent to `/v1/match` in AI mode, at 5 credits each, within the budget. As
        with `map`, making the same call again resumes it, and nothing is paid for twice.

        Args:
            left: Table whose rows are matched.
            right: Table of Salesforce records to match them against.
            rules: Rules for the local matching, as for `lantern.match`; `None` (default) learns
                from the tables.
            object: Kind of the right records: `account` (default), `contact` or `lead`.
            sure: Minimum confidence of a match that is decided locally, 0 to 1 (default 0.95: of
                such matches at most one in twenty is expected to be wrong).
            unsure: Confidence below which a local pair is not a match, 0 to 1 (default 0.05: of
                such pairs at most one in twenty is expected to be a match).
            max_credits: Budget in credits for the calls. Rows beyond it stay undecided.
            fields: Fields to compare; see `lantern.match`.
            left_id: Column of `left` that identifies its rows. It is not compared.
            right_id: Column of `right` with the Salesforce ids of the records (default `id`).
            weights: Weights of the fields in the rules; see `lantern.match`.
            model: Model that `lantern.learn` returned.
            instructions: Further instructions for the API's language model.
            threshold: Minimum confidence of the API's matches, 0 to 1; by default the API's own.
            rows_per_call: Number of rows per call (default 100).
            concurrency: Maximum number of calls in flight (default 8).
            key: Name of the job; by default a hash of what is asked.
            on_in_doubt: What to do with rows of which it is unknown whether they reached the API:
                `raise` (default) an error at the end, `resend` them at the risk of paying twice, or
                `skip` them.
            extra: Fields of the API that this version of lantern does not know, for every call,
                nested as in the request. With other extra fields, it is another job.
            budget: Name of a budget that the calls share with other jobs; see `Budgets`. `None`
                (default) keeps the budget that the same calls had before, if any.
            suppress: People who are never sent and never returned, in addition to those of
                `client.suppress`, in any form that `Suppression.add` takes. `None` (default) adds
                nobody.
            reuse: Which known answers of the API to use; see `map`. An answer is known for a row
                with the same fields and the same `object`, `instructions` and `threshold`.
            retry_not_found: Age such as `"30d"`: rows for which the API found no match at least
                that long ago are asked for again. `None` (default) never asks again.
            dry_run: Whether to match on this machine only and return a plan of what the API would
                be asked instead of a table (default `False`).

        Returns:
            A table with one row per left row, in the same order:

            - `left` (row number) and `left_id`.
            - `status`: `matched` or `no_match`; for undecided rows `over_budget`, `in_doubt`,
              `failed`, `suppressed` or `erased`.
            - `decided_by`: `local` or `api`; null for undecided rows.
            - `right` (row number; null if the API's record is not in the table), `right_id`,
              `confidence`, `credits`, `reused` (whether an earlier job had the API's answer) and
              `explanation`.
            - `model`: what the API reports about how it decided.
            - `local_right` and `local_confidence`: the best local pair, unless it is below
              `unsure`.
            - `error`.

            With `dry_run`, the dictionary of `map` about the rows that the API would be asked, and
            `local_rows`: number of rows that local matching decides.

        Raises:
            InputError: If `sure` or `unsure` is invalid, a table cannot be matched, or a right id
                is repeated. Nothing was sent.
            JobError: If the key belongs to another job, or another process is running the job.
            OutcomeUnknown: If it is unknown whether some rows reached the API.
            APIError: If an error would affect every further call. Make the same call again to
                resume.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     leads, accounts = server.crm("leads"), server.crm("accounts")
            ...     found = server.client().match_cascade(
            ...         leads,
            ...         accounts,
            ...         fields={"company": ("company", "name"), "domain": "domain"},
            ...         left_id="id",
            ...         sure=0.995,
            ...         unsure=0.1,
            ...         max_credits=500,
            ...     )
            ...     sorted(set(found.column("decided_by").to_pylist()))
            ['api', 'local']
        """
    def match(
        self,
        *,
        object: MatchedObject,
        candidates: Sequence[Mapping[str, Any]],
        rules: Sequence[str] | Mapping[str, Any],
        context: Mapping[str, Any] | None = None,
        max_credits: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> Matched:
        """Find the Salesforce records that match candidates: `POST /v1/match`.

        Args:
            object: Kind of record to match against: `account`, `contact` or `lead`.
            candidates: 1 to 100 records, each a mapping of fields to values. An `id` is returned
                with the matches.
            rules: List of field rules that must all hold, such as `["email:eq",
                "company:fuzzy0.85"]`; or a dictionary with a `mode`: `simple` (with `rules`),
                `grouped` (with `groups` of `all` and `any`) or `ai` (with `instructions`), each
                with an optional `threshold`.
            context: Salesforce instance, org id and similar facts.
            max_credits: Maximum number of credits that the call may cost, above 0.
            extra: Fields of the API that this version of lantern does not know, nested as in the
                request. Unknown names anywhere else are refused.

        Returns:
            The matches of each candidate, most confident first.

        Raises:
            ValidationError: If a rule or another argument is invalid. Nothing was sent.
            CreditLimitError: If too few credits are left, or the call costs more than
                `max_credits`.
            OutcomeUnknown: If it is unknown whether the call reached the API.

        Example:
            >>> ishida = {"id": 7, "last_name": "Ishida", "company": "Stonepeak Seisakusho"}
            >>> answer = client.match(
            ...     object="contact",
            ...     candidates=[ishida],
            ...     rules=["last_name:eq", "company:fuzzy0.85"],
            ... )
            >>> found = answer.results[0]
            >>> found.candidate_id, found.matches[0].sf_id, found.matches[0].confidence
            ('7', '003Lc0000000001IAA', 0.8425)
        """
    def submit(
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
    ) -> Job:
        """Submit a table of ids, or of people's names and companies, as batches within a budget.

        Sends as many batches as the rate limits allow now, and returns without waiting for results:
        call `Job.wait` or `Job.poll` to continue. Every batch is recorded in the ledger before it
        is sent. Submitting the same job again (the same request for the same ids, or the same
        `key`) resumes it, and nothing is paid for twice; with a higher `max_credits`, it continues
        with the ids that the budget did not reach. If an earlier job asked the same about an id,
        the id is answered from the ledger's memory and costs nothing.

        Args:
            table: Table that exports an Arrow stream: Polars (also LazyFrame), pandas, PyArrow,
                DuckDB, arro3, ibis.
            kind: What to find for each id: `phone`, `email`, `phone-email` or `deep-research`.
            id: Column of the ids (default `id`), integers, decimals without a fraction
                (`DECIMAL(38, 0)`) or strings of any Arrow type. Null and empty ids are not sent and
                are marked in the result; repeated ids are sent once.
            columns: Mapping of a person's fields to columns of the table, instead of ids:
                `{"first_name": "First", "last_name": "Last", "company_name": "Account", "linkedin":
                "Profile"}`. A row is sent if it has a first name, a last name and a company (its
                name or `company_domain`), or a LinkedIn profile, or for phone numbers an `email`.
                Other rows have the status `incomplete`, and `error` names the missing field. A
                person in several rows, in any spelling, is sent once. Not for deep research. `None`
                (default) sends ids.
            max_credits: Budget in credits, never exceeded. What a batch does not use is available
                to later batches. 0 sends nothing and uses known answers only.
            key: Name of the job, at most 500 characters; by default a hash of the request and the
                set of ids.
            entity_type: For deep research, what the ids identify: `person` (default) or `company`.
            query_hint: For deep research, what to look for, in words.
            effort: For deep research, `low`, `medium` (default) or `high`. More effort costs more
                credits.
            agent_type: For deep research, `general` (default), `funding` or `legal`.
            batch_size: Number of ids per batch, 1 to 1000 (default 1000).
            credits_per_id: Maximum number of credits that one id can cost; by default its price on
                the local server (phone 5, email 1, phone-email 6, deep research 5, 10 or 20 by
                effort). A batch is sent when the budget can pay for it at this price.
            on_in_doubt: What to do with a batch of which it is unknown whether it reached the API:
                `raise` (default) stops sending and raises `OutcomeUnknown` when everything else is
                loaded; `resend` sends it again, at most three times in total, at the risk of paying
                twice; `skip` gives it up.
            dry_run: Whether to send nothing and return a plan instead of a job (default `False`).
            extra: Fields of the API that this version of lantern does not know, for every batch,
                nested as in the request. With other extra fields, it is another job.
            reuse: Which known answers to use: all of them (`True`, default), none (`False`: every
                id is asked for again), or those that are not older than an age such as `"90d"`.
            retry_not_found: Age such as `"30d"`: ids that were not found at least that long ago are
                asked for again. `None` (default) never asks again.
            sample: Number of ids to ask for, chosen at random. A later `dry_run` of the whole table
                estimates its cost from these ids. The job has only the rows of these ids, and the
                same table has the same sample. `None` (default) asks for all ids.
            budget: Name of a budget that the job shares with others; see `Budgets`. The job stops
                when this budget or `max_credits` is used up. `None` (default) keeps the budget that
                the job had before, if any.
            suppress: People who are never sent and never returned, in addition to those of
                `client.suppress`, in any form that `Suppression.add` takes. If the job is submitted
                again, the people of all its lists are suppressed. `None` (default) adds nobody.

        Returns:
            The job. It can be polled or waited for any number of times, also in another process.

            With `dry_run`, a dictionary:

            - `key` and `kind` of the job, and `known`: whether the ledger already has it.
            - `rows`, `without_id` (rows without an id), `incomplete` (rows that lack a field),
              `duplicates` (rows whose id is in an earlier row), and `ids` (distinct ids).
            - `known_ids`, `in_flight_ids` (another job is asking for them), `new_ids` and
              `suppressed_ids`.
            - `batches`: number of batches that would be sent.
            - `most_credits`: the maximum cost, within the budget.
            - `likely_credits`: the estimated cost, and `likely_least` and `likely_most`: the range
              in which the cost is nine times in ten. `seen_records` is the number of records in the
              ledger that the estimate is based on; without any, the estimates are `None`.
            - `ids_within_budget`: number of ids that the budget is sure to reach.
            - `least_seconds`: minimum duration under the rate limit.
            - `budget`: the shared budget, as `client.budgets.get` returns it, or `None`.
            - `refused`: why the job would be refused now, or `None`.

        Raises:
            InputError: If a column is missing or its type cannot hold ids, or `id` and `columns`
                are both given.
            ValidationError: If the budget pays for nothing, `columns` holds an unknown field or
                does not say who is meant, or another argument is invalid.
            CreditLimitError: If nothing is left of the shared budget for a new job. Nothing was
                sent.
            JobError: If the key belongs to another job.
            LedgerError: If the ledger cannot be written. Nothing was sent.
            OutcomeUnknown: If it is unknown whether a batch reached the API, and `on_in_doubt` is
                `raise`. The job is kept; see `Job.in_doubt`.
            APIError: If a batch was refused or could not be sent. The job is kept; submit it again
                to resume.

        Example:
            >>> import lantern
            >>> import polars
            >>> with lantern.LocalServer() as server:
            ...     client = server.client()
            ...     people = polars.DataFrame({"person": ["P0000001", None, "P0000001"]})
            ...     plan = client.submit(people, "email", id="person", max_credits=5, dry_run=True)
            ...     plan["ids"], plan["without_id"], plan["duplicates"], plan["most_credits"]
            (1, 1, 1, 1)
        """
    def job(self, key: str, *, on_in_doubt: OnInDoubt = "raise", spend: bool = True) -> Job:
        """Return a job that was submitted before, here or in another process.

        Args:
            key: Key of the job; `lantern.jobs()` lists them.
            on_in_doubt: As for `submit`.
            spend: Whether `wait` and `poll` send batches (default `True`). With `False`, they only
                load what was sent before, and `wait` ends when nothing is in flight.

        Raises:
            JobError: If the ledger has no such job for this client's API.
            LedgerError: If the ledger cannot be read.

        Example:
            >>> _ = client.submit(server.people().slice(0, 3), "email", max_credits=3, key="weekly")
            >>> client.job("weekly").wait(timeout=60).state
            'done'
        """
    def close(self) -> None:
        """Close the connections. A closed client makes no more calls.

        Leaving a `with` block closes the client too.

        Example:
            >>> client.close()
            >>> client.credits.remaining()
            Traceback (most recent call last):
                ...
            lantern.exceptions.ConfigError: the client is closed; make another one
        """
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: dict[int, Any]) -> Self: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        tb: TracebackType | None = None,
    ) -> None: ...
