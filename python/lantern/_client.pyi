"""The client that blocks."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, final

from lantern._agents import Agents
from lantern._credits import Credits
from lantern._enrich import Enrich
from lantern._forms import Forms
from lantern._job import Job
from lantern._logs import Logs
from lantern._model import Model
from lantern._record_match import Matched
from lantern._routing import Routing
from lantern._salesforce import Salesforce
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
    TableLike,
)
from lantern._workflows import Workflows

@final
class Client:
    """A client of the Lantern API.

    It may be used from threads, in notebooks, and after a fork (a child gets connections of its
    own). The interpreter lock is released while it waits. The key is never printed, and a pickled
    client does not hold it: it comes from `LANTERN_API_KEY` where the pickle is opened.

    Besides what they name, calls may raise AuthenticationError, RateLimitError, ServerError,
    APIConnectionError and APITimeoutError.

    Args:
        api_key: The API key; by default `LANTERN_API_KEY`.
        base_url: Where the API is; by default `LANTERN_BASE_URL`, else Lantern's own address.
        ledger: The file that spends are written down in, and that shares rate limits between
            processes; by default `LANTERN_LEDGER`, else `~/.local/state/lantern/ledger.sqlite`.
            A `postgresql://user@host/database` URL is a ledger for many machines; its password may
            come from `PGPASSWORD`.
        storage_options: Credentials and endpoint of the result storage, in the spelling of
            obstore, Polars and object_store (`aws_access_key_id`, `aws_endpoint_url`, ...); by
            default the AWS credential chain.
        limits: Requests a minute for `sync` (50), `batches` (1), `credits` (10) and `bursts` (300);
            None is no limit. `X-RateLimit-Limit` in an answer corrects them.
        timeout: Seconds that a call may take in all, with its retries (180).
        connect_timeout: Seconds to a connection (10).
        read_timeout: Seconds between two pieces of an answer (60).
        retries: How often a failed call is tried again (5). A call that spends credits is never
            tried again once it may have arrived.
        ca_bundle: A PEM file of certificate authorities, beside the system's.
        proxy: A proxy's URL; by default `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` decide.
        allow_http: Allows a base URL with plain http that is not this machine.
        user_agent: Added to the `User-Agent`, to tell an application apart.
        pool_size: The most idle connections that are kept open (32).

    Raises:
        ConfigError: No key, or a setting that cannot be used.

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
    ) -> Self: ...
    @property
    def base_url(self) -> str:
        """Where the API is."""
    @property
    def ledger(self) -> str:
        """Where the ledger is: the path of its file.

        Raises:
            LedgerError: It cannot be opened.
        """
    @property
    def agents(self) -> Agents:
        """Batches of people and companies, one call each."""
    @property
    def credits(self) -> Credits:
        """Credits used and left."""
    @property
    def enrich(self) -> Enrich:
        """Enrichment of one record, and questions in words; see `Enrich`."""
    @property
    def salesforce(self) -> Salesforce:
        """Leads of Salesforce; see `Salesforce`."""
    @property
    def routing(self) -> Routing:
        """Assignments from pools, by turns, and the pools; see `Routing`."""
    @property
    def triggers(self) -> Triggers:
        """Records that have changed; see `Triggers`."""
    @property
    def logs(self) -> Logs:
        """The log of what was done to records; see `Logs`."""
    @property
    def workflows(self) -> Workflows:
        """Workflows; see `Workflows`."""
    @property
    def forms(self) -> Forms:
        """Forms; see `Forms`."""
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
    ) -> Table:
        """Makes one call for each row of a table, within a budget.

        Every row is written down before it is sent, in a file beside the ledger. The same job
        again goes on where it was: nothing is paid twice, and rows that were refused are tried
        again. Calls leave as others end, so that a slow one holds nobody up.

        Args:
            table: Anything that exports an Arrow stream; of a LazyFrame only the columns named.
            call: Which call: `enrich.company` and the like. The rows of `match` are candidates,
                which are sent in chunks; `object` and `rules` are among its `arguments`.
            columns: Field of the call to column of the table, such as `{"record_id": "id"}`;
                `record_data.email` is a field within a field.
            max_credits: The budget for all rows. No row is sent that could pass it.
            arguments: Fields that are the same for all rows, such as `{"effort": "high"}`.
            credits_per_call: What one row may cost at most; calls of `enrich` and `match` carry it
                as their own `max_credits`. By default 5 for phone, 1 for email and company, 2 for
                person, 4 for ai, 20 for research, 1 for convert, 2 for assign, 4 for workflows, 3
                for forms, and for match 1 with simple rules, 2 with groups and 5 with AI.
            rows_per_call: How many candidates a call of `match` takes; by default 100.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per input row, in their order: `status` (`done`, `failed`, `in_doubt`,
            `over_budget`), `error`, `credits`, `cached`, and the fields of the answer.

        Raises:
            InputError: A row does not hold to the contract; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too, such as a wrong key. The same call
                goes on later.

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
            True
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
    ) -> Table:
        """Converts the leads of a table: `client.map` with `salesforce.convert`.

        Args:
            leads: A table with the leads' Salesforce ids.
            id: The column of the ids.
            match_policy: How contacts and accounts are recognized; see `client.salesforce.convert`.
            merge_policy: What happens to those that are; likewise.
            set_owner_round_robin_pool: The pool that owners come from.
            max_credits: The budget for all rows. No row is sent that could pass it.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per lead, in their order: `status`, `error`, `credits`, `cached`,
            `convert_status` (`converted`, `failed` or `duplicate`), `account_id`, `contact_id`,
            `owner_id`, `actions` (a JSON list).

        Raises:
            InputError: A lead without an id; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            APIError: What every further call would meet too. The same call goes on later.

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
    ) -> Table:
        """Gives each record of a table to the next of a pool: `client.map` with `routing.assign`.

        Args:
            records: A table with the records' Salesforce ids.
            object: What the records are.
            pool: The pool whose users take turns.
            id: The column of the ids.
            exclude_inactive: Whether inactive users are passed over.
            reset_rules: Why turns are given anew, and who is next; see `client.routing.assign`.
            max_credits: The budget for all rows. No row is sent that could pass it.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per record, in their order: `status`, `error`, `credits` (1, and 1 more with
            reset rules), `cached`, `assigned_to`, `sequence`, `pool_size`, `timestamp`.

        Raises:
            InputError: A record without an id; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too. The same call goes on later.

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
    ) -> Table:
        """Sends each row of a table through a workflow: `client.map` with `workflows.trigger`.

        Args:
            records: A table; its columns are the fields of the record.
            workflow_id: The workflow.
            columns: Field of the record to column of the table; by default every column that can be
                written as text, under its own name.
            source_system: Where the records come from, such as `cdp`.
            enrichment_preferences: What is looked up, and how.
            max_credits: The budget for all rows. No row is sent that could pass it.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per record, in their order: `status`, `error`, `credits`, `cached`,
            `workflow_status` (`triggered`, `queued` or `failed`), `request_id`,
            `enrichment_job_id`.

        Raises:
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too. The same call goes on later.

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
    ) -> Table:
        """Submits each row of a table as a form: `client.map` with `forms.submit`.

        Args:
            forms: A table with what people typed.
            columns: Field of the form to column of the table, such as
                `{"email": "mail", "additional_fields.consent": "consent"}`; by default those of
                `name`, `email`, `company`, `phone` and `title` that the table has.
            additional_fields: Further fields that are the same for all forms.
            form_source: Where the forms come from.
            enrichment_preferences: What is looked up, and how.
            output_preferences: Whether data is answered, and where it is pushed to.
            max_credits: The budget for all rows. No row is sent that could pass it.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from the call, the account and all fields.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per form, in their order: `status`, `error`, `credits`, `cached`, `form_status`
            (`enriched`, `pushed` or `failed`), `request_id`, `push_status`, `gdpr_safe`,
            `enriched_lead` (a JSON object).

        Raises:
            InputError: A form without an e-mail address; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too. The same call goes on later.

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
        unsure: float = 0.6,
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
    ) -> Table:
        """Matches two tables on this machine, and asks the API about what is left unsure.

        Local matching is free and comes first. Of each left row the best pair decides: from `sure`
        on it is a match, below `unsure` there is none, and only the rows between the two go to
        `/v1/match` in AI mode, at 5 credits each, within the budget. Like `client.map` it can be
        stopped and gone on with, and pays nothing twice.

        Args:
            left: The rows to find a record for.
            right: The records of Salesforce that they may be.
            rules: Rules of the local matching, as `lantern.match` takes them; by default what is
                learned from the tables.
            object: What the right records are.
            sure: From this confidence on, 0 to 1, a local match counts.
            unsure: Below this confidence a local pair is no match.
            max_credits: The budget for what is asked. Rows beyond it stay undecided.
            fields: The fields to compare; see `lantern.match`.
            left_id: The column that names left rows.
            right_id: The column of the right with the records' Salesforce ids.
            weights: What each field of the rules says; see `lantern.match`.
            model: A model that was learned before; see `lantern.learn`.
            instructions: What the API's language model is told beside the task.
            threshold: The least confidence of the API's matches, 0 to 1; by default the API's own.
            rows_per_call: How many rows a call takes; by default 100.
            concurrency: How many calls are under way at once.
            key: The job's name; by default made from what is asked.
            on_in_doubt: What to do with rows that may have been sent: `raise` at the end, `resend`
                them at the risk of paying twice, or `skip` them.

        Returns:
            One row per left row, in their order: `left`, `left_id`; `status` (`matched`,
            `no_match`, or undecided: `over_budget`, `in_doubt`, `failed`); `decided_by` (`local`,
            `api`, or null where nobody did); `right` (the row, null where the API names a record
            that is not among them), `right_id`, `confidence`, `credits`, `explanation`; `model`
            (what the API says of who decided there); `local_right` and `local_confidence` (the best
            local pair, if it is not below `unsure`); `error`.

        Raises:
            InputError: Bounds that are none, tables that cannot be matched, or right ids that come
                twice; nothing was sent.
            JobError: The key is another job's, or the job is being worked on already.
            OutcomeUnknown: Rows may have been sent, and their answers are not known.
            APIError: What every further call would meet too. The same call goes on later.

        Example:
            >>> import lantern
            >>> with lantern.LocalServer(limits="off") as server:
            ...     leads, accounts = server.crm("leads"), server.crm("accounts")
            ...     found = server.client().match_cascade(
            ...         leads,
            ...         accounts,
            ...         fields={"company": ("company", "name"), "domain": "domain"},
            ...         left_id="id",
            ...         max_credits=100,
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
    ) -> Matched:
        """Looks for the Salesforce records that candidates are: `POST /v1/match`.

        Args:
            object: What the candidates are matched against.
            candidates: Records: field to value. An `id` among them comes back.
            rules: A list of field rules that must all hold, such as `["email:eq",
                "company:fuzzy0.85"]`, or a dictionary with a `mode`: `simple` (`rules`), `grouped`
                (`groups` of `all`, `any`) or `ai` (`instructions`), each with a `threshold`.
            context: The Salesforce instance, org id and the like.
            max_credits: The most credits that the call may cost, above 0.

        Returns:
            For each candidate its matches, the most confident first.

        Raises:
            ValidationError: The rules are not understood, or the request does not hold to the
                contract; nothing was sent.
            CreditLimitError: Too few credits are left, or the call costs more than `max_credits`.
            OutcomeUnknown: The call may have arrived, and its answer is not known.

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
    ) -> Job:
        """Submits a table of ids as batches under a budget, and sends what the limits allow now.

        Every batch is written down in the ledger before it is sent. The same job again (the same
        request for the same ids, or the same `key`) resumes it and spends nothing twice; with a
        higher `max_credits` it goes on to ids that the budget did not reach.

        Args:
            table: Anything that exports an Arrow stream: Polars (also LazyFrame), pandas, PyArrow,
                DuckDB, arro3, ibis.
            kind: What is asked for each id.
            id: The column of ids: integers or strings of any Arrow type. Null and empty ids are
                not sent and come back marked; repeated ids are sent once.
            max_credits: The budget in credits, never exceeded. What a batch does not use goes to
                later ones.
            key: The job's name; by default a hash of the request and the set of ids.
            entity_type: For deep research: what the ids stand for.
            query_hint: For deep research: what to look for, in words.
            effort: For deep research: more effort costs more.
            agent_type: For deep research: which agent.
            batch_size: Ids a batch, 1 to 1000.
            credits_per_id: The most that one id can cost; by default what it costs on the local
                server (phone 5, email 1, phone-email 6, deep research 5, 10 or 20 by effort).
                A batch is sent once the budget can pay for it at this price.
            on_in_doubt: What happens to a batch that may have been sent: `raise` stops sending and
                raises OutcomeUnknown once all else is loaded; `resend` may pay twice (and
                sends three times at most); `skip` gives the batch up.
            dry_run: Sends nothing, and answers a dictionary instead of a job: `key`, `kind`,
                `rows`, `ids`, `without_id`, `duplicates`, `batches`, `most_credits`,
                `ids_within_budget`, `least_seconds` and whether the job is `known`.

        Returns:
            The job. It goes on as often as it is polled or waited for, here or elsewhere.

        Raises:
            InputError: No such column, or a type that holds no ids.
            ValidationError: A budget that pays for nothing, or a word that is not known.
            JobError: Another job has this key.
            LedgerError: The ledger cannot be written; nothing was sent.
            APIError: A batch was refused or could not be sent; the job is kept, submit it again.

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
    def job(self, key: str, *, on_in_doubt: OnInDoubt = "raise") -> Job:
        """Picks up a job that was submitted before, here or in another process.

        Args:
            key: The job's key; `lantern.jobs()` lists them.
            on_in_doubt: As for `submit`.

        Raises:
            JobError: The ledger has no such job for this client's API.
            LedgerError: The ledger cannot be read.

        Example:
            >>> _ = client.submit(server.people().slice(0, 3), "email", max_credits=3, key="weekly")
            >>> client.job("weekly").wait(timeout=60).state
            'done'
        """
    def close(self) -> None:
        """Drops the connections. A closed one makes no more calls; a `with` closes it at its end.

        Example:
            >>> client.close()
            >>> client.credits.remaining()
            Traceback (most recent call last):
                ...
            lantern.exceptions.ConfigError: the client is closed; make another one
        """
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc: BaseException | None = None,
        tb: TracebackType | None = None,
    ) -> None: ...
