"""Jobs that were submitted before: which belong to a task, and what they know of its ids."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict

import pyarrow

from lantern.integrations._ids import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from lantern import Job, Progress

#: The statuses of ids that the API has dealt with; asking again would change nothing.
ANSWERED = ("found", "not_found", "missing")
#: The statuses of ids that were not sent, or whose answer is still to come.
OPEN = ("pending", "over_budget")


class Request(TypedDict, total=False):
    """The optional parts of a request; see `lantern.Client.submit` and `lantern.Job.wait`."""

    entity_type: Literal["person", "company"]
    query_hint: str
    effort: Literal["low", "medium", "high"]
    agent_type: Literal["general", "funding", "legal"]
    batch_size: int
    credits_per_id: int | None
    on_in_doubt: Literal["raise", "resend", "skip"]
    on_failed: Literal["raise", "resend", "keep"]


#: What makes it another question, so that earlier answers do not answer it, with its default.
QUESTION = {
    "entity_type": "person",
    "query_hint": "",
    "effort": "medium",
    "agent_type": "general",
}


def questions(kind: str, request: Request) -> tuple[str, ...]:
    """Return the words for a question in the names of jobs: the kind, and a digest of the rest.

    The first word names new jobs. The others are in the names of jobs from earlier versions, which
    also digested settings that are equal to their defaults.
    """
    said = {name: request[name] for name in QUESTION if name in request}  # type: ignore[literal-required]
    special = {name: value for name, value in said.items() if value != QUESTION[name]}
    return tuple(dict.fromkeys(_question(kind, settings) for settings in (special, said)))


def _question(kind: str, settings: dict[str, Any]) -> str:
    if not settings:
        return kind
    return f"{kind}-{digest(json.dumps(settings, sort_keys=True))[:8]}"


def digest(text: str) -> str:
    """Return a hash of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


class Names(Protocol):
    """What the jobs of a task are called."""

    @property
    def per_run(self) -> bool:
        """Whether each run has jobs of its own, and with them a budget that its tries share."""

    def related(self, key: str, kind: str, words: Collection[str]) -> bool:
        """Return whether a job answers the task's question for any run of it."""

    def own(self, key: str) -> bool:
        """Return whether a job belongs to the present run, whose budget it uses."""

    def new(self, word: str, ids: str, taken: Collection[str]) -> str:
        """Return the key of a new job, from the question and the digest of its ids."""


@dataclass(frozen=True)
class Prefixed:
    """Jobs called `name:question:digest`, which no run owns.

    Attributes:
        name: Name of the new jobs.
        others: Which other names have answers that count.
    """

    name: str
    others: Callable[[str], bool] = lambda _: False
    per_run: bool = False

    def related(self, key: str, kind: str, words: Collection[str]) -> bool:
        """Return whether the name and the question of a job are among those that count."""
        head, _, _ = key.rpartition(":")
        name, _, word = head.rpartition(":")
        return word in words and (name == self.name or self.others(name))

    def own(self, key: str) -> bool:
        """Return `False`: a run has no name of its own."""
        return False

    def new(self, word: str, ids: str, taken: Collection[str]) -> str:
        """Return the name, the question and the digest."""
        return f"{self.name}:{word}:{ids[:16]}"


@dataclass
class Earlier:
    """A job as it is now."""

    key: str
    job: Job
    progress: Progress

    @cached_property
    def table(self) -> pyarrow.Table:
        """The answers, one row per row of the job's table."""
        return pyarrow.table(self.job.table())

    @cached_property
    def status(self) -> dict[str, str]:
        """Return the status of each id."""
        ids = texts(self.table.column(0)).to_pylist()
        statuses = self.table.column("status").to_pylist()
        return {id: status for id, status in zip(ids, statuses, strict=True) if id}

    def having(self, *statuses: str) -> set[str]:
        """Return the ids that have one of the statuses."""
        return {id for id, status in self.status.items() if status in statuses}

    @property
    def used(self) -> int:
        """Credits spent, and those that batches under way can still cost."""
        return self.progress.credits + self.progress.committed

    def ids(self) -> pyarrow.Table:
        """Return the ids of the job, under their original name."""
        return self.table.select(self.table.column_names[:1])

    def batches(self, state: str) -> list[dict[str, Any]]:
        """Return the batches in this state, in the columns of `Job.credits`."""
        return [row for row in self.job.credits().to_pylist() if row["state"] == state]
