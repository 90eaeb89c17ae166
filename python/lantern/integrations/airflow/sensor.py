"""The sensor that waits for a job that something else submitted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from airflow.sdk import BaseSensorOperator

from lantern.integrations.airflow.failure import in_airflow_terms
from lantern.integrations.airflow.hook import LanternHook
from lantern.integrations.airflow.trigger import LanternJobTrigger, raise_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import Context


class LanternJobSensor(BaseSensorOperator):
    """Wait until a job has ended.

    Each check sends what the rate limits allow and loads results, so the sensor also moves the job
    forward. A batch in doubt fails the sensor, because a person has to decide, and so does a failed
    run unless `on_failed` says otherwise.

    Args:
        job_key: Key of the job in the ledger, such as the XCom `job` of a `LanternBatchOperator`.
        lantern_conn_id: Id of the connection.
        on_failed: What to do if a run fails at the API: `raise` (default), `resend` or `keep`.
        deferrable: Whether the triggerer waits. If not, `mode` and `poke_interval` apply.
        kwargs: Arguments of Airflow's `BaseSensorOperator`.

    Example:
        from airflow.sdk import DAG

        from lantern.integrations.airflow import LanternJobSensor

        with DAG("wait_for_people"):
            LanternJobSensor(task_id="wait", job_key="weekly")  # submitted by something else
    """

    template_fields: Sequence[str] = ("job_key", "lantern_conn_id")
    ui_color = "#f4e8c1"

    def __init__(
        self,
        *,
        job_key: str,
        lantern_conn_id: str = LanternHook.default_conn_name,
        on_failed: Literal["raise", "resend", "keep"] = "raise",
        deferrable: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.job_key = job_key
        self.lantern_conn_id = lantern_conn_id
        self.on_failed = on_failed
        self.deferrable = deferrable

    def execute(self, context: Context) -> Any:
        """Defer, unless the job has already ended."""
        if not self.deferrable:
            return super().execute(context)
        if not self.poke(context):
            self.defer(
                trigger=LanternJobTrigger(
                    self.job_key, self.lantern_conn_id, on_failed=self.on_failed
                ),
                method_name="execute_complete",
                timeout=timedelta(seconds=self.timeout),
            )
        return None

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> None:
        """Finish after the trigger has fired."""
        raise_for(event)

    def poke(self, context: Context) -> bool:
        """Poll the job once."""
        with in_airflow_terms(), LanternHook(self.lantern_conn_id).get_conn() as client:
            progress = client.job(self.job_key).poll(on_failed=self.on_failed)
        self.log.info("%s: %s, %d ids answered", self.job_key, progress.state, progress.answered)
        return progress.ended
