"""What Airflow's task state store records about a job, in addition to the ledger.

The ledger makes a retry free if the workers share it. If they do not, the state store still tells a
retry on another worker which runs were sent, so that it does not send them again.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from lantern.exceptions import JobError, JobTimeout, LanternError
from lantern.integrations.airflow.failure import Refused, airflow_error, in_airflow_terms

if TYPE_CHECKING:
    from airflow.sdk import Context

    from lantern import Client, Job

# How often the runs that were sent meanwhile are recorded. It is longer than the five minutes for
# which a wait tolerates an unreachable API, so that the task ends if the API stays unreachable.
NOTE_SECONDS = 600.0
# The store warns of values beyond 64 KB by default; the first runs are enough to find a job by.
MOST_RUNS = 200


class Trace:
    """The record of one task instance's job in its task state store."""

    def __init__(self, operator: Any, context: Context) -> None:
        self.key = operator.external_id_key
        self.log = operator.log
        self.store = context.get("task_state_store") if operator.durable else None

    def before_sending(self, job: str) -> None:
        """Record that runs may be sent from now on."""
        self._set({"job": job, "host": socket.gethostname(), "may_have_sent": True, "runs": []})

    def note(self, client: Client, key: str) -> dict[str, Any]:
        """Record the runs that were sent.

        Delete the record of a job that the ledger has never seen.
        """
        with in_airflow_terms():
            try:
                rows = client.job(key).credits().to_pylist()
            except JobError:
                if self.store is not None:
                    self.store.delete(self.key)
                return {"job": key, "runs": []}
        sent = [row["run_id"] for row in rows if row["run_id"]]
        noted = {
            "job": key,
            "host": socket.gethostname(),
            "ledger": client.ledger,
            "may_have_sent": any(row["state"] in ("sending", "in_doubt") for row in rows),
            "batches": len(rows),
            "sent": len(sent),
            "runs": sent[:MOST_RUNS],
        }
        self._set(noted)
        return noted

    def known_here(self, noted: dict[str, Any], client: Client) -> bool:
        """Return whether the ledger has the job; if not, it can be started.

        Raises:
            AirflowFailException: If runs were sent, and the ledger that has them is not here.
        """
        try:
            client.job(noted["job"])
        except JobError:
            if not noted["runs"] and not noted.get("may_have_sent"):
                return False
            sent = f"as runs {', '.join(noted['runs'])}" if noted["runs"] else "perhaps"
            raise Refused(
                f"job {noted['job']} was sent from {noted['host']}, {sent}, and the ledger "
                f"{client.ledger} does not know it; nothing was sent again: give all workers one "
                "ledger (the connection's extra 'ledger') and clear the task, or delete "
                f"{self.key!r} from its state store to pay again"
            ) from None
        except LanternError as error:
            raise airflow_error(error) from error
        return True

    def wait(self, job: Job, client: Client, on_failed: Any) -> None:
        """Wait until the job has ended, and record its runs from time to time."""
        self.note(client, job.key)
        while True:
            try:
                with in_airflow_terms():
                    try:
                        job.wait(NOTE_SECONDS, progress=False, on_failed=on_failed)
                    except JobTimeout:
                        now = job.progress()
                        self.log.info("%s: %d of %d ids answered", job.key, now.answered, now.ids)
                        continue
                return
            finally:
                self.note(client, job.key)

    def _set(self, value: dict[str, Any]) -> None:
        if self.store is not None:
            self.store.set(self.key, value)
