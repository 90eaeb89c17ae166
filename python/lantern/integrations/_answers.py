"""Answers for a table whose rows change: only ids without an answer are sent.

A pipeline submits the same table again and again, each time with some new rows. The ledger refuses
a different table under the key of an existing job, so each set of new ids is a job of its own, and
the answers of earlier jobs of the same task are reused. What a run may cost is the run's budget,
however many jobs it touches, and only ids that the table has now are sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow
import pyarrow.compute

import lantern
from lantern.exceptions import JobError
from lantern.integrations._earlier import ANSWERED, OPEN, Earlier, Request, digest, questions
from lantern.integrations._ids import texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lantern import Client, Job
    from lantern.integrations._earlier import Names

__all__ = ["ANSWERED", "Answers", "Asking", "Request", "ask", "texts"]

#: How often a batch is sent automatically.
MOST_SENDS = 3


@dataclass(frozen=True)
class Answers:
    """The answers for the rows of a table, and their cost.

    Attributes:
        table: Id and result, one row per row of the input.
        jobs: Keys of the jobs that the answers come from.
        credits: Number of credits that these jobs have spent in total.
        spent: Number of credits that they spent in this call.
        sent: Number of ids in new jobs.
    """

    table: pyarrow.Table
    jobs: tuple[str, ...]
    credits: int
    spent: int
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
    """Answer every row of a table, from earlier jobs where possible.

    Args:
        client: Client whose ledger has the earlier jobs.
        table: Rows to answer.
        kind: Kind of batch, as for `client.submit`.
        id: Column of the ids.
        names: Names of the jobs.
        max_credits: Budget in credits of this call. Ids that an earlier budget did not reach are
            asked if this one is higher.
        request: Optional parts of the request.
        timeout: Maximum time to wait for each job, in seconds; `None` waits as long as it takes.
        tell: Function that receives progress messages, for a log.
    """
    asking = Asking(
        client,
        table,
        kind,
        id=id,
        names=names,
        max_credits=max_credits,
        request=request,
        tell=tell,
    )
    while waiting := asking.step():
        waiting.job.wait(timeout, progress=False, on_failed=waiting.on_failed)
    return asking.answers()


@dataclass(frozen=True)
class Waiting:
    """A job to wait for.

    Attributes:
        job: The job, as it is to be waited for.
        spend: Whether more of it may be sent.
        on_failed: What to do with failed batches, as for `Job.wait`.
    """

    job: Job
    spend: bool
    on_failed: Any


class Spent(NamedTuple):
    """What a job had spent before, without and with what was under way."""

    credits: int
    used: int


class Asking:
    """What is left to do until every id has its answer, one job at a time.

    Everything is read from the ledger, so another process can continue at any step.
    """

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
        self.on_in_doubt = request.get("on_in_doubt", "raise")
        self.on_failed = request.get("on_failed", "raise")
        self.options: dict[str, Any] = {k: v for k, v in request.items() if k != "on_failed"}
        self.tell = tell
        # Finds a wrong column, kind or budget while nothing is sent.
        plan: Any = client.submit(
            table, kind, id=id, max_credits=max_credits, dry_run=True, **self.options
        )
        self.column = table.column(id)
        self.kind: Any = plan["kind"]
        self.words = questions(self.kind, request)
        self.wanted = [
            text for text in pyarrow.compute.unique(texts(self.column)).to_pylist() if text
        ]
        self._earlier: dict[str, Earlier] = {}
        self._before: dict[str, Spent] = {}
        self._own: list[Earlier] = []
        self._taken: set[str] = set()
        self._raised: set[str] = set()
        self._sent = 0
        self._most_per_id: int | None = None

    def step(self) -> Waiting | None:
        """Return the next job to wait for, submitted where something is to be sent.

        Returns:
            The job, or `None` once nothing more is to be done. Call `step` again after the wait.
        """
        parts, latest, new = self._look()
        left = self._left()
        can_send = left >= self._price()
        anew = list(new)
        for part in parts:
            held = {id for id in part.status if latest.get(id) is part}
            if not held:
                continue
            if not held.isdisjoint(part.having("in_doubt")):
                return self._decide_doubt(part) or self.step()
            failed = part.having("failed")
            if self.on_failed == "raise" and not held.isdisjoint(failed):
                return self._raising(part)
            if self.on_failed == "resend" and not held.isdisjoint(failed):
                if failed <= held:
                    return self._resend(part, failed) or self.step()
                anew.extend(held & failed)
            unsent = part.having(*OPEN)
            # What a budget left over is asked in a new job, so that it is that run's budget and not
            # each earlier job's which is raised.
            if not part.progress.ended and unsent and unsent <= held:
                resumed = self._resume(part, left)
                if resumed:
                    return resumed
                continue
            if part.progress.in_flight and not held.isdisjoint(part.having("pending")):
                # These are paid for. Nothing else of the job is sent, as not all of it is wanted.
                return self._settling(part)
            anew.extend(id for id in held & unsent if self._is_asked_again(part, id))
        if new or (anew and can_send):
            # In the order of the table, which a budget reaches from the top.
            chosen = set(anew) if can_send else set(new)
            return self._submit([id for id in self.wanted if id in chosen], left if can_send else 0)
        return None

    def answers(self) -> Answers:
        """Return one row per row of the table, as the ledger knows it now."""
        parts, holder, _ = self._look(everything=True)
        holders = {part.key for part in holder.values()}
        if not holders:
            # A table without ids; its columns are those of any answer.
            return self._answers([self._read(self._submit([], 0).job.key)], {})
        return self._answers([part for part in parts if part.key in holders], holder)

    def summary(self, answers: Answers) -> dict[str, Any]:
        """Return counts and credits, for people and for other tasks."""
        statuses = answers.table.column("status").value_counts().to_pylist()
        rows = {count["values"]: count["counts"] for count in statuses}
        found = {
            f"{what}s": int(pyarrow.compute.sum(answers.table.column(f"{what}_found")).as_py() or 0)
            for what in ("email", "phone")
            if f"{what}_found" in answers.table.column_names
        }
        own = sum(part.progress.credits for part in self._own)
        return {
            "kind": self.kind,
            "state": "budget_spent" if "over_budget" in rows else "done",
            "rows": answers.table.num_rows,
            "ids": len(self.wanted),
            "row_status": rows,
            "emails": 0,
            "phones": 0,
            **found,
            "sent": self._sent,
            "spent": own if self.names.per_run else answers.credits,
            "max_credits": self.max_credits,
            "jobs": list(answers.jobs),
        }

    def _answers(self, parts: list[Earlier], holder: dict[str, Earlier]) -> Answers:
        tables = []
        for part in parts:
            held = [id for id in part.status if holder.get(id) is part]
            chosen = pyarrow.compute.is_in(
                texts(part.table.column(0)), value_set=pyarrow.array(held, pyarrow.large_string())
            )
            tables.append(part.table.filter(chosen))
        touched = [part.progress.credits - self._before[part.key].credits for part in self._seen()]
        return Answers(
            table=_joined(self.column, self.id, tables),
            jobs=tuple(part.key for part in parts),
            credits=sum(part.progress.credits for part in parts),
            spent=sum(touched),
            sent=self._sent,
        )

    def _look(
        self, *, everything: bool = False
    ) -> tuple[list[Earlier], dict[str, Earlier], dict[str, None]]:
        """Look for the ids in earlier jobs, newest first.

        Args:
            everything: Whether answered ids are among those that a job holds.

        Returns:
            The jobs that have one of the ids; for each id without an answer the newest job that has
            it; and the ids that no job has.
        """
        unanswered = dict.fromkeys(self.wanted)
        parts: list[Earlier] = []
        latest: dict[str, Earlier] = {}
        answered: dict[str, Earlier] = {}
        self._own = []
        self._taken = set()
        for record in lantern.jobs(ledger=self.client.ledger).to_pylist():
            key = str(record["key"])
            self._taken.add(key)
            own = self.names.own(key)
            if not own and not self.names.related(key, str(record["kind"]), self.words):
                continue
            if not own and not unanswered:
                continue
            try:
                part = self._read(key)
            except JobError:
                continue  # the job of another API or account
            if own:
                self._own.append(part)
            if not self.names.related(key, str(record["kind"]), self.words):
                continue
            if unanswered.keys().isdisjoint(part.status):
                continue
            parts.append(part)
            for id, status in part.status.items():
                if id not in unanswered:
                    continue
                if status in ANSWERED:
                    del unanswered[id]
                    latest.pop(id, None)
                    answered[id] = part
                else:
                    latest.setdefault(id, part)
        new = {id: None for id in unanswered if id not in latest}
        return parts, (latest | answered if everything else latest), new

    def _read(self, key: str) -> Earlier:
        if key not in self._earlier:
            job = self.client.job(key, on_in_doubt=self.on_in_doubt)
            self._earlier[key] = Earlier(key, job, job.progress())
            known = self._earlier[key]
            self._before.setdefault(key, Spent(known.progress.credits, known.used))
        return self._earlier[key]

    def _seen(self) -> Iterator[Earlier]:
        for key in self._before:
            yield self._read(key)

    def _left(self) -> int:
        """Return what is left of the run's budget."""
        own = sum(part.used for part in self._own)
        others = sum(
            max(0, part.used - self._before[part.key].used)
            for part in self._seen()
            if not self.names.own(part.key)
        )
        return max(0, self.max_credits - own - others)

    def _price(self) -> int:
        """Return the maximum number of credits that one id can cost."""
        if self._most_per_id is None:
            self._most_per_id = self._ask_price()
        return self._most_per_id

    def _ask_price(self) -> int:
        given = self.options.get("credits_per_id")
        if given:
            return int(given)
        plan: Any = self.client.submit(
            pyarrow.table({self.id: ["one"]}),
            self.kind,
            id=self.id,
            max_credits=1_000_000,
            dry_run=True,
            **self.options,
        )
        return int(plan["most_credits"])

    def _is_asked_again(self, part: Earlier, id: str) -> bool:
        """Return whether an id that was not sent is asked in a new job."""
        if part.status[id] == "pending" or self.names.per_run:
            return True
        tried = [seen.progress.max_credits for seen in self._seen() if seen.status.get(id) in OPEN]
        return self.max_credits > max(tried)

    def _resume(self, part: Earlier, left: int) -> Waiting | None:
        """Continue an interrupted job, whose unsent ids are all wanted, within both budgets."""
        progress = part.progress
        more = max(0, min(progress.max_credits - part.used, left))
        if more < self._price() and not progress.in_flight:
            return None
        if more < self._price():
            return self._settling(part)
        self.tell(
            f"job {part.key} continues: {progress.answered} of {progress.ids} ids are answered"
        )
        if part.used + more != progress.max_credits:
            ids = part.ids()
            self.client.submit(
                ids,
                self.kind,
                id=ids.column_names[0],
                max_credits=part.used + more,
                key=part.key,
                **self.options,
            )
        del self._earlier[part.key]
        return Waiting(part.job, True, self.on_failed)

    def _submit(self, ids: list[str], max_credits: int) -> Waiting:
        rows = pyarrow.table({self.id: pyarrow.array(ids, pyarrow.large_string())})
        key = self.names.new(self.words[0], digest("\n".join(sorted(ids))), self._taken)
        if max_credits:
            self._sent += len(ids)
            self.tell(
                f"{len(ids)} new ids are sent as job {key}, for {max_credits} credits at most"
            )
        job = self.client.submit(
            rows, self.kind, id=self.id, max_credits=max_credits, key=key, **self.options
        )
        self._before.setdefault(key, Spent(0, 0))
        self._earlier.pop(key, None)
        return Waiting(job, True, self.on_failed)

    def _raising(self, part: Earlier) -> Waiting:
        """Return a job whose wait raises what a person has to decide."""
        if part.key in self._raised:
            raise JobError(
                f"job {part.key!r} has batches that failed or are in doubt; decide with "
                f"`lantern status {part.key}` and `lantern resolve`"
            )
        self._raised.add(part.key)
        del self._earlier[part.key]
        return Waiting(self.client.job(part.key, spend=False), False, self.on_failed)

    def _settling(self, part: Earlier) -> Waiting:
        """Return a job whose batches under way are awaited, and of which nothing else is sent."""
        # It is read anew after the wait.
        del self._earlier[part.key]
        return Waiting(self.client.job(part.key, spend=False), False, "keep")

    def _decide_doubt(self, part: Earlier) -> Waiting | None:
        """Decide about the batches in doubt, or return the job whose wait raises them."""
        batches = part.batches("in_doubt")
        worn = [batch for batch in batches if batch["sends"] >= MOST_SENDS]
        if self.on_in_doubt == "raise" or (self.on_in_doubt == "resend" and worn):
            return self._raising(part)
        for batch in batches:
            decide = part.job.skip if self.on_in_doubt == "skip" else part.job.resend
            decide(batch["batch"])
        del self._earlier[part.key]
        return None

    def _resend(self, part: Earlier, failed: set[str]) -> Waiting | None:
        """Plan the failed batches again, or return the job whose wait raises them."""
        batches = part.batches("failed")
        if any(batch["sends"] >= MOST_SENDS for batch in batches):
            return self._raising(part)
        for batch in batches:
            part.job.resend(batch["batch"])
        self.tell(f"job {part.key}: {len(failed)} ids whose run failed are sent again")
        del self._earlier[part.key]
        return None


def _joined(ids: pyarrow.ChunkedArray, name: str, parts: list[pyarrow.Table]) -> pyarrow.Table:
    """Return one row per id, in order, each from the part that has its answer."""
    known = [texts(part.column(0)) for part in parts]
    answers = pyarrow.concat_tables(
        [part.drop_columns(part.column_names[:1]) for part in parts], promote_options="permissive"
    )
    at = pyarrow.compute.index_in(
        texts(ids), value_set=pyarrow.concat_arrays(known), skip_nulls=True
    )
    rows = answers.take(at)
    without = pyarrow.compute.is_null(at)
    for column, text in (
        ("status", "no_id"),
        ("error", "the id is null or empty, so nothing was sent"),
    ):
        place = rows.schema.get_field_index(column)
        filled = pyarrow.compute.if_else(without, text, rows.column(place))
        rows = rows.set_column(place, column, filled)
    return rows.add_column(0, name, ids)
