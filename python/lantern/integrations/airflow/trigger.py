"""The trigger, which waits for a job in the triggerer, so that no worker slot is held."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Literal

from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from lantern.exceptions import JobError
from lantern.integrations.airflow.failure import Refused, in_airflow_terms
from lantern.integrations.airflow.hook import LanternHook

if TYPE_CHECKING:
    from lantern import AsyncClient, Progress

# How often the progress of a job is written to the triggerer's log.
REPORT_SECONDS = 60.0


class LanternJobTrigger(BaseTrigger):
    """Run a job until it has ended, then fire.

    Sends what the rate limits allow, checks the runs and loads their results, all through the
    ledger, so the triggerer needs the same ledger as the worker. After a restart, a triggerer
    resumes the job where it is; so does another triggerer.

    Args:
        job_key: Key of the job.
        lantern_conn_id: Id of the connection.
        on_in_doubt: As for `client.submit`.
        on_failed: As for `Job.wait`.
        spend: Whether to send what is left of the job. If not, the trigger waits for the batches
            that were sent.

    Example:
        from airflow.sdk import DAG, BaseOperator

        from lantern.integrations.airflow import LanternJobTrigger


        class WaitForJob(BaseOperator):
            def execute(self, context):
                self.defer(trigger=LanternJobTrigger("weekly"), method_name="ended")

            def ended(self, context, event):
                return event["state"]  # "error" has a "message", and whether it is "final"


        with DAG("wait_in_the_triggerer"):
            WaitForJob(task_id="wait")
    """

    def __init__(
        self,
        job_key: str,
        lantern_conn_id: str = LanternHook.default_conn_name,
        on_in_doubt: Literal["raise", "resend", "skip"] = "raise",
        on_failed: Literal["raise", "resend", "keep"] = "raise",
        *,
        spend: bool = True,
    ) -> None:
        super().__init__()
        self.job_key = job_key
        self.lantern_conn_id = lantern_conn_id
        self.on_in_doubt = on_in_doubt
        self.on_failed = on_failed
        self.spend = spend

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class and its arguments, from which a triggerer creates it again."""
        return (
            f"{type(self).__module__}.{type(self).__qualname__}",
            {
                "job_key": self.job_key,
                "lantern_conn_id": self.lantern_conn_id,
                "on_in_doubt": self.on_in_doubt,
                "on_failed": self.on_failed,
                "spend": self.spend,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire once, with how the job ended or why it could not continue."""
        try:
            client = await LanternHook(self.lantern_conn_id).get_async_conn()
            async with client:
                progress = await self._ended(client)
            yield TriggerEvent({"job": self.job_key, "state": progress.state})
        except AirflowException as error:
            yield TriggerEvent(
                {
                    "job": self.job_key,
                    "state": "error",
                    "message": str(error),
                    "final": isinstance(error, AirflowFailException),
                }
            )

    async def _ended(self, client: AsyncClient) -> Progress:
        with in_airflow_terms():
            try:
                job = await client.job(self.job_key, on_in_doubt=self.on_in_doubt, spend=self.spend)
            except JobError as error:
                raise Refused(
                    f"{error}; the triggerer needs the ledger of the worker (the connection's "
                    "extra 'ledger'), or set deferrable=False on the task"
                ) from error
            waiting = asyncio.ensure_future(job.wait(progress=False, on_failed=self.on_failed))
            try:
                while not (await asyncio.wait({waiting}, timeout=REPORT_SECONDS))[0]:
                    now = await job.progress()
                    self.log.info(
                        "%s: %d of %d ids answered, %d of %d batches loaded, %d credits spent",
                        *(self.job_key, now.answered, now.ids, now.loaded, now.batches),
                        now.credits,
                    )
                return await waiting
            finally:
                waiting.cancel()


def raise_for(event: dict[str, Any] | None) -> None:
    """Raise the error in an event of the trigger, if there is one."""
    if event is None:
        raise AirflowException("the trigger ended without an event; the job continues, try again")
    if event["state"] == "error":
        raise (Refused if event["final"] else AirflowException)(event["message"])
