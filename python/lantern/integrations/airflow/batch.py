"""The operator that sends a table to Lantern and writes the answers as Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from airflow.sdk import BaseOperator, ResumableJobMixin

from lantern.exceptions import JobError
from lantern.integrations.airflow.failure import Refused, in_airflow_terms
from lantern.integrations.airflow.hook import LanternHook
from lantern.integrations.airflow.job_key import job_key
from lantern.integrations.airflow.link import RUN_URL, LanternRunLink
from lantern.integrations.airflow.resumption import Trace
from lantern.integrations.airflow.submission import Submission
from lantern.integrations.airflow.tables import check_destination, destination_path, write_table
from lantern.integrations.airflow.trigger import LanternJobTrigger, raise_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context

    from lantern import Client, Job


class LanternBatchOperator(ResumableJobMixin, BaseOperator):
    """Submit a table of ids within a budget, wait, and write one row per input row.

    A task instance that is retried, cleared or run again, mapped or not, finds its job and pays
    nothing twice. A deferred task holds no worker slot while it waits. With `deferrable=False` it
    waits on the worker, and Airflow's task state store has its runs in addition to the ledger.

    Returns the address of the result. XCom `summary` has counts and credits, XCom `job` the key of
    the job.

    Args:
        table: Path, address (`s3://connection@bucket/key`) or `ObjectStoragePath` of a Parquet, CSV
            or Arrow file, also one that another task returns.
        kind: What to find for each id: `phone`, `email`, `phone-email` or `deep-research`.
        max_credits: Budget in credits, never exceeded.
        destination: Path or address of the Parquet file to write. If it ends in `/`, it is a folder
            in which each mapped task instance gets its own file.
        id_column: Column of the ids.
        job_key: Key of the job; by default made of DAG, task, logical date and map index.
        lantern_conn_id: Id of the connection.
        entity_type: For deep research, what the ids identify. See `lantern.Client.submit` for this
            and the following arguments.
        query_hint: For deep research, what to look for, in words.
        effort: For deep research, `low`, `medium` or `high`.
        agent_type: For deep research, the agent.
        batch_size: Number of ids per batch.
        credits_per_id: Maximum number of credits that one id can cost.
        on_in_doubt: What to do with a batch that may have been sent: `raise`, `resend` or `skip`.
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
                destination="enriched/",  # a folder: enriched/enrich.parquet
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
        self.deferrable = deferrable

    def execute(self, context: Context) -> Any:
        """Submit the job, then wait in the triggerer or here."""
        with LanternHook(self.lantern_conn_id).get_conn() as client:
            check_destination(self.destination, context)
            if not self.deferrable:
                self._client = client
                self.execute_resumable(context)
                # On a reconnect Airflow leaves get_job_result out; so the result is made here.
                return self._deliver(client, context)
            job = self._submission(context).send(client)
            self._show_run(job, client, context)
            if job.progress().ended:
                return self._deliver(client, context)
            key = job.key
        self.defer(
            trigger=LanternJobTrigger(key, self.lantern_conn_id, self.on_in_doubt),
            method_name="execute_complete",
            timeout=self.execution_timeout,
        )
        raise AssertionError("defer raises")

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> Any:
        """Write the result after the trigger has fired."""
        raise_for(event)
        with LanternHook(self.lantern_conn_id).get_conn() as client:
            return self._deliver(client, context)

    def submit_job(self, context: Context) -> Any:
        """Submit the job and name its runs for the task state store (`ResumableJobMixin`)."""
        trace = Trace(self, context)
        trace.before_sending(self._key(context))
        try:
            job = self._submission(context).send(self._client)
        finally:
            noted = trace.note(self._client, self._key(context))
        self._show_run(job, self._client, context)
        return noted

    def get_job_status(self, external_id: Any, context: Context) -> str:
        """Return the state of the job in the ledger (`ResumableJobMixin`).

        Raises:
            AirflowFailException: If runs were sent from another worker, whose ledger is not here.
        """
        if not Trace(self, context).known_here(external_id, self._client):
            return "absent"
        # Submitting again is how one asks: it checks that table and request are the same, takes a
        # higher budget, and sends nothing twice.
        job = self._submission(context).send(self._client)
        self._show_run(job, self._client, context)
        return job.progress().state

    def is_job_active(self, status: str) -> bool:
        """Return whether the job is in progress (`ResumableJobMixin`)."""
        return status in ("running", "in_doubt")

    def is_job_succeeded(self, status: str) -> bool:
        """Return whether the job has ended successfully (`ResumableJobMixin`)."""
        return status in ("done", "budget_spent")

    def poll_until_complete(self, external_id: Any, context: Context) -> None:
        """Wait on the worker and keep the recorded runs up to date (`ResumableJobMixin`)."""
        with in_airflow_terms():
            job = self._client.job(external_id["job"], on_in_doubt=self.on_in_doubt)
        Trace(self, context).wait(job, self._client)

    def get_job_result(self, external_id: Any, context: Context) -> None:
        """Return nothing (`ResumableJobMixin`): `execute` writes the result."""

    def _key(self, context: Context) -> str:
        return self.job_key or job_key(context)

    def _submission(self, context: Context) -> Submission:
        return Submission(
            table=self.table,
            kind=self.kind,
            id_column=self.id_column,
            max_credits=self.max_credits,
            key=self._key(context),
            on_in_doubt=self.on_in_doubt,
            options={
                "entity_type": self.entity_type,
                "query_hint": self.query_hint,
                "effort": self.effort,
                "agent_type": self.agent_type,
                "batch_size": self.batch_size,
                "credits_per_id": self.credits_per_id,
            },
        )

    def _show_run(self, job: Job, client: Client, context: Context) -> None:
        with in_airflow_terms():
            runs = [run for run in job.credits().column("run_id").to_pylist() if run]
        if runs:
            url = LanternHook(self.lantern_conn_id).run_url(runs[0], client.base_url)
            context["ti"].xcom_push(key=RUN_URL, value=url)

    def _deliver(self, client: Client, context: Context) -> Any:
        """Write the result and return its address."""
        key = self._key(context)
        path = destination_path(self.destination, context)
        with in_airflow_terms():
            try:
                job = client.job(key)
            except JobError as error:
                raise Refused(
                    f"{error}; this worker needs the ledger of the one that submitted it (the "
                    "connection's extra 'ledger')"
                ) from error
            summary = job.summary().to_dict()
            write_table(job.table().to_pyarrow(), path)
        self._show_run(job, client, context)
        context["ti"].xcom_push(key="job", value=key)
        context["ti"].xcom_push(key="summary", value=summary)
        for count, what in ((summary["failed"], "failed"), (summary["skipped"], "were given up")):
            if count:
                self.log.warning("%s: %d batches %s; see the column error", key, count, what)
        if summary["state"] == "budget_spent":
            self.log.warning("%s: the budget of %s credits is spent", key, summary["max_credits"])
        return path if path is self.destination else str(path)
