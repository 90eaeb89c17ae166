"""The names of a task's jobs in the ledger.

A task instance that is retried, cleared or run again has the same name, so it finds its job and
pays nothing twice. The try number is therefore not part of the name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import Context

# What may follow the name of a task instance: the words of a research, and the digest of the ids.
AFTER_NAME = re.compile(r"(:deep-research(-[0-9a-f]{8})?)?(:[0-9a-f]{16})?")


def job_key(context: Context) -> str:
    """Return `airflow/dag/task/run`, with `/map index` for a mapped task."""
    ti = context["ti"]
    parts = [f"airflow/{ti.dag_id}/{ti.task_id}", run_name(context)]
    if ti.map_index is not None and ti.map_index >= 0:
        parts.append(str(ti.map_index))
    return "/".join(parts)


def run_name(context: Context) -> str:
    """Return the name of a DAG run: its logical date, or its run id if it has no date.

    A run that an asset started has no date.
    """
    when = getattr(context["dag_run"], "logical_date", None)
    return str(when.isoformat()) if when else str(context["ti"].run_id)


@dataclass(frozen=True)
class TaskJobs:
    """The jobs of a task.

    The first job of a task instance has the instance's name. If its table changes, the job of the
    changed one has that name and a digest.

    Attributes:
        name: Name of the task instance, or one that the user chose.
        per_run: Whether each run has a name of its own, which one that the user chose need not be.
    """

    name: str
    per_run: bool = False

    @classmethod
    def of(cls, context: Context, chosen: str | None) -> TaskJobs:
        """Return the names for a task instance."""
        return cls(chosen) if chosen else cls(job_key(context), per_run=True)

    def own(self, key: str) -> bool:
        """Return whether a job was submitted by this run of the task."""
        named = key.startswith(self.name) and AFTER_NAME.fullmatch(key[len(self.name) :])
        return self.per_run and bool(named)

    def keys(self, word: str, ids: str) -> list[str]:
        """Return the name of the task instance, and the one for a table that has changed."""
        name = f"{self.name}:{word}" if word.startswith("deep-research") else self.name
        return [name, f"{name}:{ids}"]
