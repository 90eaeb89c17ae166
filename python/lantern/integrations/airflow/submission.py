"""What a task submits to Lantern, independent of how it waits for the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lantern.integrations.airflow.failure import Refused, in_airflow_terms
from lantern.integrations.airflow.tables import read_table

if TYPE_CHECKING:
    from lantern import Client, Job


@dataclass(frozen=True)
class Submission:
    """One table, one request and one budget, under the key of the task instance.

    Submitting it again finds the same job, checks that table and request are unchanged, resumes
    what is left, and sends nothing twice.
    """

    table: object
    kind: Any
    id_column: str
    max_credits: object
    key: str
    on_in_doubt: Any
    options: dict[str, Any] = field(default_factory=dict)

    def send(self, client: Client) -> Job:
        """Submit the job.

        Raises:
            AirflowFailException: If a table, column or request is invalid, or the key belongs to
                another job.
            AirflowException: If the API could not be reached. Nothing is lost.
        """
        ids = read_table(self.table, "table", [self.id_column])
        with in_airflow_terms():
            return client.submit(
                ids,
                self.kind,
                id=self.id_column,
                max_credits=self._budget(),
                key=self.key,
                on_in_doubt=self.on_in_doubt,
                **self.options,
            )

    def _budget(self) -> int:
        # A template gives text.
        try:
            return int(str(self.max_credits))
        except ValueError as error:
            raise Refused(
                f"max_credits is {self.max_credits!r}; give a whole number of credits"
            ) from error
