"""One run of a task over a table of ids: a job whose known ids the ledger answers.

A pipeline submits the same table again and again, each time with some new rows. The ledger's memory
answers every id that any job asked the same about, under whichever name, and waits for those that
another job is asking about. So a run is one job over the whole table; what is left to decide here
is what that job is called and how much of the run's budget it has.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict

import pyarrow
import pyarrow.compute

import lantern
from lantern.exceptions import InputError, JobError
from lantern.integrations._ids import texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from lantern import Client, Job
    from lantern._types import Suppressible

__all__ = ["ANSWERED", "Answers", "Named", "Names", "Request", "TaskRun", "ask", "texts"]

#: The statuses of ids that the API has dealt with; asking again would change nothing.
ANSWERED = ("found", "not_found", "missing")


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
    reuse: bool | str
    retry_not_found: str | None
    budget: str | None
    suppress: Suppressible | None


#: The parameters that make it another question, with their defaults.
QUESTION = {
    "entity_type": "person",
    "query_hint": "",
    "effort": "medium",
    "agent_type": "general",
}


class Names(Protocol):
    """Keys of the jobs of a task."""

    @property
    def per_run(self) -> bool:
        """Whether each run has jobs of its own, and with them a budget that its tries share."""

    def keys(self, word: str, ids: str) -> list[str]:
        """Return the keys that a job may have, the preferred one first.

        Args:
            word: The question, in a word.
            ids: Digest of the ids.
        """

    def own(self, key: str) -> bool:
        """Return whether a job belongs to the present run, whose budget it uses."""


@dataclass(frozen=True)
class Named:
    """Jobs called `name:question:digest`, which no run owns.

    Attributes:
        name: Name of the task.
    """

    name: str
    per_run: bool = False

    def keys(self, word: str, ids: str) -> list[str]:
        """Return the name, the question and the digest."""
        return [f"{self.name}:{word}:{ids}"]

    def own(self, key: str) -> bool:
        """Return `False`: a run has no name of its own."""
        return False


@dataclass(frozen=True)
class Answers:
    """The answers for the rows of a table, and their cost.

    Attributes:
        table: Id and result, one row per row of the input.
        job: Key of the job.
        spent: Number of credits that the job spent in this call.
        credits: Number of credits that the answers cost when they were bought, in any job.
        sent: Number of ids that were sent in this call.
    """

    table: pyarrow.Table
    job: str
    spent: int
    credits: int
    sent: int


def ask(
    client: Client,
    table: pyarrow.Table,
    kind: Any,
    *,
    id: str,
    names: Names,
    max_credits: int,
    request: Request,
    timeout: float | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Answers:
    """Answer every row of a table, from the ledger where possible.

    Args:
        client: Client whose ledger has the earlier answers.
        table: Rows to answer.
        kind: Kind of batch, as for `client.submit`.
        id: Column of the ids.
        names: Names of the jobs.
        max_credits: Budget in credits of this run.
        request: Optional parts of the request.
        timeout: Maximum time to wait for the job, in seconds; `None` waits as long as it takes.
        tell: Function that receives progress messages, for a log.
    """
    run = TaskRun(
        client,
        table,
        kind,
        id=id,
        names=names,
        max_credits=max_credits,
        request=request,
        tell=tell,
    )
    job = run.submit()
    job.wait(timeout, progress=False, on_failed=run.on_failed)
    return run.answers(job)


class TaskRun:
    """A run of a task. Everything is in the ledger, so another process can continue at any step."""

    def __init__(
        self,
        client: Client,
        table: pyarrow.Table,
        kind: Any,
        *,
        id: str,
        names: Names,
        max_credits: int,
        request: Request,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.client = client
        self.id = id
        self.names = names
        self.max_credits = max_credits
        self.on_failed: Any = request.get("on_failed", "raise")
        self.options: dict[str, Any] = {k: v for k, v in request.items() if k != "on_failed"}
        self.tell = tell
        if id not in table.column_names:
            columns = ", ".join(table.column_names)
            raise InputError(f'the table has no column "{id}" (its columns: {columns})')
        self.rows = table.select([id])
        # A wrong column, kind or budget is found before anything is sent.
        plan = self._plan(kind, max_credits)
        self.kind: Any = plan["kind"]
        self._word = question(self.kind, request)
        self._before: dict[str, tuple[int, int]] = {}

    def submit(self) -> Job:
        """Submit the rows as the job of this run, or continue it. Sends what the limits allow."""
        budget = self._budget()
        first, *others = self._keys()
        try:
            return self._submit(first, budget)
        except JobError:
            # The run's table has changed: its first job has other ids.
            if not others:
                raise
            return self._submit(others[0], budget)

    def answers(self, job: Job) -> Answers:
        """Return one row per row of the table, as the ledger knows it now."""
        table = pyarrow.table(job.table(provenance=True))
        bought = pyarrow.compute.sum(_once(table).column("credits")).as_py() or 0
        table = table.drop_columns(["answered_at", "run_id", "credits"])
        table = table.set_column(0, self.id, self.rows.column(0))
        spent, sent = self._before.get(job.key, (0, 0))
        return Answers(
            table=table,
            job=job.key,
            spent=job.progress().credits - spent,
            credits=int(bought),
            sent=_sent(job) - sent,
        )

    def summary(self, answers: Answers) -> dict[str, Any]:
        """Return counts and credits, for people and for other tasks."""
        statuses = answers.table.column("status").value_counts().to_pylist()
        rows = {count["values"]: count["counts"] for count in statuses}
        found = {
            f"{what}s": int(pyarrow.compute.sum(answers.table.column(f"{what}_found")).as_py() or 0)
            for what in ("email", "phone")
            if f"{what}_found" in answers.table.column_names
        }
        ids = pyarrow.compute.unique(texts(self.rows.column(0)))
        # A run may have been continued by another process, which sent the rest.
        own = self._own()
        return {
            "kind": self.kind,
            "state": "budget_spent" if "over_budget" in rows else "done",
            "rows": answers.table.num_rows,
            "ids": len([id for id in ids.to_pylist() if id]),
            "row_status": rows,
            "emails": 0,
            "phones": 0,
            **found,
            "reused": int(pyarrow.compute.sum(answers.table.column("reused")).as_py() or 0),
            "sent": sum(map(_sent, own)) if self.names.per_run else answers.sent,
            "spent": sum(job.progress().credits for job in own)
            if self.names.per_run
            else answers.spent,
            "max_credits": self.max_credits,
            "job": answers.job,
        }

    def _plan(self, kind: Any, max_credits: int, **options: Any) -> dict[str, Any]:
        plan: Any = self.client.submit(
            self.rows, kind, id=self.id, max_credits=max_credits, dry_run=True, **self.options
        )
        return dict(plan)

    def _submit(self, key: str, budget: int) -> Job:
        try:
            known = self.client.job(key, spend=False)
            self._before.setdefault(key, (known.progress().credits, _sent(known)))
        except JobError:
            known = None
        # Credits that other jobs of the run used are not available to this one.
        others = sum(used(job) for job in self._own() if job.key != key)
        left = max(0, budget - others)
        if left < self._price() and (known is None or used(known) > left):
            left = 0 if known is None else used(known)
        job = self.client.submit(
            self.rows, self.kind, id=self.id, max_credits=left, key=key, **self.options
        )
        now = job.progress()
        self.tell(
            f"job {key}: {now.reused} of {now.ids} ids were known, "
            f"and {left} credits at most are spent on the others"
        )
        return job

    def _budget(self) -> int:
        return self.max_credits

    def _keys(self) -> list[str]:
        """Return the keys of this run's job, the preferred one first."""
        ids = pyarrow.compute.unique(texts(self.rows.column(0))).to_pylist()
        digest = _digest("\n".join(sorted(id for id in ids if id)))[:16]
        keys = self.names.keys(self._word, digest)
        if self.names.per_run or not self._refreshes():
            return keys
        return [self._refreshed(keys[0])]

    def _refreshes(self) -> bool:
        """Return whether answers of an earlier run may be too old."""
        reuse = self.options.get("reuse", True)
        return reuse is not True or self.options.get("retry_not_found") is not None

    def _refreshed(self, key: str) -> str:
        """Return the key of the newest job, or of the next one if that has ended and is too old."""
        number, newest = 1, None
        while True:
            name = key if number == 1 else f"{key}-{number}"
            try:
                newest = self.client.job(name, spend=False)
            except JobError:
                break
            number += 1
        if newest is None or newest.progress().state != "done":
            return name if newest is None else newest.key
        plan = self._plan(self.kind, self.max_credits)
        return name if plan["new_ids"] + plan["in_flight_ids"] else newest.key

    def _own(self) -> list[Job]:
        """Return the jobs of this run."""
        if not self.names.per_run:
            return []
        own = []
        for key in lantern.jobs(ledger=self.client.ledger).column("key").to_pylist():
            if not self.names.own(key):
                continue
            try:
                own.append(self.client.job(key, spend=False))
            except JobError:
                continue  # the job of another API or account
        return own

    def _price(self) -> int:
        """Return the maximum number of credits that one id can cost."""
        given = self.options.get("credits_per_id")
        if given:
            return int(given)
        # The rest of a budget above the job would otherwise be taken for the cost of an id.
        none = dict.fromkeys(["retry_not_found", "budget", "suppress"])
        options = self.options | {"reuse": False} | none
        one = pyarrow.table({self.id: ["one"]})
        plan: Any = self.client.submit(
            one, self.kind, id=self.id, max_credits=1_000_000, dry_run=True, **options
        )
        return int(plan["most_credits"])


def question(kind: str, request: Request) -> str:
    """Return the word for a question in the names of jobs: the kind, with a digest of the rest."""
    said = {name: request[name] for name in QUESTION if name in request}  # type: ignore[literal-required]
    special = {name: value for name, value in said.items() if value != QUESTION[name]}
    if not special:
        return kind
    return f"{kind}-{_digest(json.dumps(special, sort_keys=True))[:8]}"


def used(job: Job) -> int:
    """Return the credits that a job spent, and those that its batches under way can still cost."""
    progress = job.progress()
    return progress.credits + progress.committed


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sent(job: Job) -> int:
    """Return how many ids of a job were sent."""
    batches: list[dict[str, Any]] = job.credits().to_pylist()
    return sum(batch["ids"] for batch in batches if batch["run_id"])


def _once(table: pyarrow.Table) -> pyarrow.Table:
    """Return the first row of each id."""
    ids = texts(table.column(0))
    seen = pyarrow.table({"id": ids, "row": pyarrow.array(range(len(ids)), pyarrow.int64())})
    first = seen.group_by("id", use_threads=False).aggregate([("row", "min")])
    return table.take(first.column("row_min"))
