"""The operator that sends a table to Lantern and writes the answers as Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.sdk import BaseOperator, ResumableJobMixin

from lantern.integrations.airflow.failure import Refused, in_airflow_terms
from lantern.integrations.airflow.hook import LanternHook
from lantern.integrations.airflow.job_key import TaskJobs
from lantern.integrations.airflow.link import RUN_URL, LanternRunLink
from lantern.integrations.airflow.resumption import Trace
from lantern.integrations.airflow.tables import (
    check_destination,
    destination_path,
    read_table,
    write_table,
)
from lantern.integrations.airflow.trigger import LanternJobTrigger, raise_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from lantern import Client, Job
    from lantern.integrations._run import TaskRun


class LanternBatchOperator(ResumableJobMixin, BaseOperator):
    """Submit a table of ids within a budget, wait, and write one row per input row.

    Only ids that the ledger has no answer for, from any task or job, are sent. A task instance that
    is retried, cleared or run again, mapped or not, therefore pays nothing twice, also if the table
    has changed in the meantime or an asset event started another run. A deferred task holds no
    worker slot while it waits. With `deferrable=False` it waits on the worker, and Airflow's task
    state store has its runs in addition to the ledger.

    Returns the address of the result. XCom `summary` has counts and credits, and XCom `job` the key
    of the run's job.

    Args:
        table: Path, address (`s3://connection@bucket/key`) or `ObjectStoragePath` of a Parquet, CSV
            or Arrow file; or a table itself: a data frame or Arrow table, a list of dictionaries
            (rows), or a dictionary of lists (columns). Another task can return any of them.
        kind: What to find for each id: `phone`, `email`, `phone-email` or `deep-research`.
        max_credits: Budget in credits of this run of the task, with all its tries, never exceeded.
            0 sends nothing and writes only answers that are known.
        destination: Path or address of the Parquet file to write. If it ends in `/`, it is a folder
            in which each DAG run and mapped task instance gets its own file.
        id_column: Column of the ids.
        job_key: Name of the job; by default made of DAG, task, logical date and map index. It does
            not matter for what is known.
        lantern_conn_id: Id of the connection.
        entity_type: For deep research, what the ids identify. See `lantern.Client.submit` for this
            and the following arguments.
        query_hint: For deep research, what to look for, in words.
        effort: For deep research, `low`, `medium` or `high`.
        agent_type: For deep research, the agent.
        batch_size: Number of ids per batch.
        credits_per_id: Maximum number of credits that one id can cost.
        on_in_doubt: What to do with a batch that may have been sent: `raise`, `resend` or `skip`.
        on_failed: What to do if a run fails at the API: `raise` (default) fails the task, `resend`
            sends the batch again, at most three times in total, and `keep` marks its rows `failed`.
        reuse: Which known answers to use: all of them (`True`, default), none (`False`: each run
            looks up every id), or those that are not older than an age such as `"90d"`.
        retry_not_found: Age such as `"30d"` from which on an id for which nothing was found is
            looked up again; `None` (default) never does.
        budget: Name of a budget above the job, as `client.budgets.set` made it; `None` (default)
            has none. A task fails if nothing is left of it.
        suppress: List or path of those who are never sent and never given back, beside those of the
            ledger's list; see `lantern.Client.submit`.
        deferrable: Whether the triggerer waits instead of the worker.
        kwargs: Arguments of Airflow's `BaseOperator`, and `durable` of its `ResumableJobMixin`.

    Example:
        from airflow.sdk import DAG

        from lantern.integrations.airflow import LanternBatchOperator

        with DAG("enrich_people"):
            LanternBatchOperator(
                task_id="enrich",
                table="people.csv",
                kind="email",
                max_credits=20,
                destination="enriched/",  # a folder with a file for each run
                batch_size=10,
            )
    """

    template_fields: Sequence[str] = (
        "table",
        "kind",
        "max_credits",
        "destination",
        "id_column",
        "job_key",
        "lantern_conn_id",
        "query_hint",
        "budget",
        "suppress",
    )
    operator_extra_links = (LanternRunLink(),)
    external_id_key: ClassVar[str] = "lantern_job"
    ui_color = "#f4e8c1"

    def __init__(
        self,
        *,
        table: Any,
        kind: str,
        max_credits: int | str,
        destination: Any,
        id_column: str = "id",
        job_key: str | None = None,
        lantern_conn_id: str = LanternHook.default_conn_name,
        entity_type: str = "person",
        query_hint: str = "",
        effort: str = "medium",
        agent_type: str = "general",
        batch_size: int = 1000,
        credits_per_id: int | None = None,
        on_in_doubt: Literal["raise", "resend", "skip"] = "raise",
        on_failed: Literal["raise", "resend", "keep"] = "raise",
        reuse: bool | str = True,
        retry_not_found: str | None = None,
        budget: str | None = None,
        suppress: Any = None,
        deferrable: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.table = table
        self.kind = kind
        self.max_credits = max_credits
        self.destination = destination
        self.id_column = id_column
        self.job_key = job_key
        self.lantern_conn_id = lantern_conn_id
        self.entity_type = entity_type
        self.query_hint = query_hint
        self.effort = effort
        self.agent_type = agent_type
        self.batch_size = batch_size
        self.credits_per_id = credits_per_id
        self.on_in_doubt = on_in_doubt
        self.on_failed = on_failed
        self.reuse = reuse
        self.retry_not_found = retry_not_found
        self.budget = budget
        self.suppress = suppress
        self.deferrable = deferrable

    def execute(self, context: Context) -> Any:
        """Submit what is not known, then wait in the triggerer or here."""
        with LanternHook(self.lantern_conn_id).get_conn() as client:
            check_destination(self.destination, context)
            if self.deferrable:
                return self._advance(client, context)
            self._client = client
            self.execute_resumable(context)
            # On a reconnect Airflow leaves get_job_result out; so the result is made here.
            run = self._run_of(client, context)
            return self._deliver(run, self._submitted(run), client, context)

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> Any:
        """Continue after the trigger has fired: write the result, or wait for the next job."""
        raise_for(event)
        with LanternHook(self.lantern_conn_id).get_conn() as client:
            return self._advance(client, context)

    def _advance(self, client: Client, context: Context) -> Any:
        run = self._run_of(client, context)
        job = self._submitted(run)
        if self._ended(job):
            return self._deliver(run, job, client, context)
        self._show_run(job, client, context)
        self.defer(
            trigger=LanternJobTrigger(
                job.key, self.lantern_conn_id, self.on_in_doubt, self.on_failed
            ),
            method_name="execute_complete",
            timeout=self.execution_timeout,
        )
        raise AssertionError("defer raises")

    def submit_job(self, context: Context) -> Any:
        """Submit what is not known and name its runs for the state store (`ResumableJobMixin`)."""
        trace = Trace(self, context)
        key = self._names(context).name
        trace.before_sending(key)
        try:
            job = self._submitted(self._run_of(self._client, context))
            key = job.key
            self._ended(job)
            self._show_run(job, self._client, context)
        finally:
            noted = trace.note(self._client, key)
        return noted

    def get_job_status(self, external_id: Any, context: Context) -> str:
        """Return the state of the jobs in the ledger (`ResumableJobMixin`).

        Raises:
            AirflowFailException: If runs were sent from another worker, whose ledger is not here.
        """
        if not Trace(self, context).known_here(external_id, self._client):
            return "absent"
        # Submitting again also finds new ids and a higher budget, and sends nothing twice.
        job = self._submitted(self._run_of(self._client, context))
        return "done" if self._ended(job) else "running"

    def is_job_active(self, status: str) -> bool:
        """Return whether there is more to wait for (`ResumableJobMixin`)."""
        return status == "running"

    def is_job_succeeded(self, status: str) -> bool:
        """Return whether nothing more is to be done (`ResumableJobMixin`)."""
        return status == "done"

    def poll_until_complete(self, external_id: Any, context: Context) -> None:
        """Wait on the worker and keep the recorded runs up to date (`ResumableJobMixin`)."""
        job = self._submitted(self._run_of(self._client, context))
        Trace(self, context).wait(job, self._client, self.on_failed)

    def get_job_result(self, external_id: Any, context: Context) -> None:
        """Return nothing (`ResumableJobMixin`): `execute` writes the result."""

    def _names(self, context: Context) -> TaskJobs:
        return TaskJobs.of(context, self.job_key)

    def _run_of(self, client: Client, context: Context) -> TaskRun:
        table = read_table(self.table, "table", [self.id_column])
        # It needs PyArrow, which a scheduler that only parses DAGs need not have.
        from lantern.integrations._run import TaskRun

        request: Any = {
            "entity_type": self.entity_type,
            "query_hint": self.query_hint,
            "effort": self.effort,
            "agent_type": self.agent_type,
            "batch_size": self.batch_size,
            "credits_per_id": self.credits_per_id,
            "on_in_doubt": self.on_in_doubt,
            "on_failed": self.on_failed,
            "reuse": self.reuse,
            "retry_not_found": self.retry_not_found,
            "budget": self.budget,
            "suppress": self.suppress,
        }
        with in_airflow_terms():
            return TaskRun(
                client,
                table,
                self.kind,
                id=self.id_column,
                names=self._names(context),
                max_credits=self._budget(),
                request=request,
                tell=self.log.info,
            )

    def _submitted(self, run: TaskRun) -> Job:
        """Submit the table, or continue the run's job."""
        with in_airflow_terms():
            return run.submit()

    def _ended(self, job: Job) -> bool:
        """Return whether the job needs no wait; raise an error if it did not end well."""
        with in_airflow_terms():
            if not job.progress().ended:
                return False
            if self.on_failed != "resend" or not job.progress().failed:
                job.wait(progress=False, on_failed=self.on_failed)
                return True
            return False

    def _budget(self) -> int:
        # A template gives text.
        try:
            return int(str(self.max_credits))
        except ValueError as error:
            raise Refused(
                f"max_credits is {self.max_credits!r}; give a whole number of credits"
            ) from error

    def _show_run(self, job: Job, client: Client, context: Context) -> None:
        with in_airflow_terms():
            runs = [run for run in job.credits().column("run_id").to_pylist() if run]
        if runs:
            url = LanternHook(self.lantern_conn_id).run_url(runs[0], client.base_url)
            context["ti"].xcom_push(key=RUN_URL, value=url)

    def _deliver(self, run: TaskRun, job: Job, client: Client, context: Context) -> Any:
        """Write the result and return its address."""
        path = destination_path(self.destination, context)
        with in_airflow_terms():
            answers = run.answers(job)
            write_table(answers.table, path)
            summary = run.summary(answers)
            self._show_run(job, client, context)
        context["ti"].xcom_push(key="job", value=job.key)
        context["ti"].xcom_push(key="summary", value=summary)
        for status, what in (("failed", "failed"), ("skipped", "were given up")):
            if count := summary["row_status"].get(status):
                self.log.warning("%s: %d rows %s; see the column error", job.key, count, what)
        if summary["state"] == "budget_spent":
            self.log.warning("%s: the budget of %s credits is spent", job.key, self.max_credits)
        return path if path is self.destination else str(path)
