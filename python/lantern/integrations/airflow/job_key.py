"""The names of a task's jobs in the ledger.

A task instance that is retried, cleared or run again has the same name, so it finds its job and
pays nothing twice. The try number is therefore not part of the name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from airflow.sdk import Context

# What may follow the name of a task instance: the words of a research, and the digest of the ids.
AFTER_NAME = re.compile(r"(:deep-research(-[0-9a-f]{8})?)?(:[0-9a-f]{16})?")
DIGEST = re.compile(r":[0-9a-f]{16}$")


def job_key(context: Context) -> str:
    """Return `airflow/dag/task/run`, with `/map index` for a mapped task."""
    ti = context["ti"]
    parts = [_task(context), run_name(context)]
    if ti.map_index is not None and ti.map_index >= 0:
        parts.append(str(ti.map_index))
    return "/".join(parts)


def run_name(context: Context) -> str:
    """Return what identifies a DAG run: its logical date, or its run id if it has no date.

    A run that an asset started has none.
    """
    when = getattr(context["dag_run"], "logical_date", None)
    return str(when.isoformat()) if when else str(context["ti"].run_id)


def _task(context: Context) -> str:
    ti = context["ti"]
    return f"airflow/{ti.dag_id}/{ti.task_id}"


@dataclass(frozen=True)
class TaskJobs:
    """The jobs of a task.

    The first job of a task instance has the instance's name. If its table gets further ids, they
    are in jobs with that name and a digest. The answers of all runs of the task count.

    Attributes:
        name: Name of the task instance, or one that the user chose.
        task: What the names of all runs of the task begin with; `None` if the user chose the name.
    """

    name: str
    task: str | None = None

    @classmethod
    def of(cls, context: Context, chosen: str | None) -> TaskJobs:
        """Return the names for a task instance."""
        return cls(chosen) if chosen else cls(job_key(context), _task(context) + "/")

    @property
    def per_run(self) -> bool:
        """Whether each run has a name of its own, which one that the user chose need not be."""
        return self.task is not None

    def related(self, key: str, kind: str, words: Collection[str]) -> bool:
        """Return whether a job asked the same question for this task."""
        if not self._named(key) and not (self.task and key.startswith(self.task)):
            return False
        if kind != "deep-research":
            return kind in words
        head = DIGEST.sub("", key)
        return any(head.endswith(f":{word}") for word in words)

    def own(self, key: str) -> bool:
        """Return whether a job was submitted by this run of the task."""
        return self.per_run and self._named(key)

    def new(self, word: str, ids: str, taken: Collection[str]) -> str:
        """Return the name of the task instance, with a digest if it has a job already."""
        name = f"{self.name}:{word}" if word.startswith("deep-research") else self.name
        return f"{name}:{ids[:16]}" if name in taken else name

    def _named(self, key: str) -> bool:
        return key.startswith(self.name) and bool(AFTER_NAME.fullmatch(key[len(self.name) :]))
