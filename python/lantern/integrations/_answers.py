"""Answers for a table whose rows change: only ids that were never submitted are sent.

A pipeline submits the same table again and again, each time with some new rows. The ledger refuses
a different table under the key of an existing job, so each set of new ids is a job of its own. The
keys of these jobs have a common prefix, `under:request:`, and the answers of earlier jobs are
reused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import pyarrow
import pyarrow.compute

import lantern
from lantern.exceptions import InputError, JobError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lantern import Client, Job

#: The statuses of ids that the API has dealt with; asking again would change nothing.
ANSWERED = ("found", "not_found", "missing")


class Request(TypedDict, total=False):
    """The optional parts of a request; see `lantern.Client.submit`."""

    entity_type: Literal["person", "company"]
    query_hint: str
    effort: Literal["low", "medium", "high"]
    agent_type: Literal["general", "funding", "legal"]
    batch_size: int
    credits_per_id: int | None
    on_in_doubt: Literal["raise", "resend", "skip"]


#: What makes it another question, so that earlier answers do not answer it.
QUESTION = ("entity_type", "query_hint", "effort", "agent_type")


@dataclass(frozen=True)
class Answers:
    """The answers for the rows of a table, and their cost.

    Attributes:
        table: Id and result, one row per row of the input.
        jobs: Keys of the jobs that the answers come from.
        credits: Number of credits that these jobs have spent in total.
        spent: Number of credits that they spent in this call.
        sent: Number of ids in a new job.
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
    under: str,
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
        under: Prefix of the keys of the jobs.
        max_credits: Budget in credits for the job of the new ids. An earlier job that did not reach
            all of its ids resumes if this is more than its own budget.
        request: Optional parts of the request.
        timeout: Maximum time to wait for each job, in seconds; `None` waits as long as it takes.
        tell: Function that receives progress messages, for a log.
    """
    # Finds a wrong column, kind or budget while nothing is sent.
    plan: Any = client.submit(table, kind, id=id, max_credits=max_credits, dry_run=True, **request)
    prefix = f"{under}:{_question(plan['kind'], request)}:"
    unanswered = dict.fromkeys(text for text in texts(table.column(id)).to_pylist() if text)

    jobs: list[Job] = []
    before = 0
    for earlier in lantern.jobs(ledger=client.ledger).to_pylist():
        key = str(earlier["key"])
        if not unanswered:
            break
        if not key.startswith(prefix):
            continue
        try:
            job = client.job(key, on_in_doubt=request.get("on_in_doubt", "raise"))
        except JobError:
            continue  # the job of another API or account
        ids = _ids(job)
        known = texts(ids.column(0)).to_pylist()
        if unanswered.keys().isdisjoint(known):
            continue
        for text in known:
            unanswered.pop(text, None)
        progress = job.progress()
        before += progress.credits
        raised = progress.state != "done" and max_credits > progress.max_credits
        if raised:
            job = client.submit(
                ids, kind, id=ids.column_names[0], max_credits=max_credits, key=key, **request
            )
        if raised or not progress.ended or progress.state == "in_doubt":
            tell(f"job {key} goes on: {progress.answered} of {progress.ids} ids are answered")
            job.wait(timeout, progress=False)
        jobs.append(job)

    if unanswered or not jobs:
        rows = pyarrow.table({id: pyarrow.array(list(unanswered), pyarrow.large_string())})
        digest = hashlib.sha256("\n".join(sorted(unanswered)).encode()).hexdigest()
        key = prefix + digest[:16]
        tell(f"{rows.num_rows} new ids are sent as job {key}, for {max_credits} credits at most")
        job = client.submit(rows, kind, id=id, max_credits=max_credits, key=key, **request)
        job.wait(timeout, progress=False)
        jobs.append(job)

    credits = sum(job.progress().credits for job in jobs)
    return Answers(
        table=_joined(table.column(id), id, [pyarrow.table(job.table()) for job in jobs]),
        jobs=tuple(job.key for job in jobs),
        credits=credits,
        spent=credits - before,
        sent=len(unanswered),
    )


def _question(kind: str, request: Request) -> str:
    """Return the kind, and a digest of everything else that makes the question a different one."""
    said = {name: request[name] for name in QUESTION if name in request}  # type: ignore[literal-required]
    if not said:
        return kind
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return f"{kind}-{digest[:8]}"


def texts(column: pyarrow.Array | pyarrow.ChunkedArray) -> pyarrow.Array:
    """Return ids as the ledger writes them: as text, with integers in decimal."""
    chunks = column.chunks if isinstance(column, pyarrow.ChunkedArray) else [column]
    try:
        written = [_text_chunk(chunk) for chunk in chunks]
    except pyarrow.ArrowException:
        raise InputError(
            f"a column of type {column.type} holds no ids; cast it to text or to an integer"
        ) from None
    return pyarrow.concat_arrays(written) if written else pyarrow.array([], pyarrow.large_string())


def _text_chunk(chunk: pyarrow.Array) -> pyarrow.Array:
    # PyArrow casts no dictionaries of string views, as Polars' categories are.
    if pyarrow.types.is_dictionary(chunk.type):
        return _text_chunk(chunk.dictionary).take(chunk.indices)
    return pyarrow.compute.cast(chunk, pyarrow.large_string())


def _ids(job: Job) -> pyarrow.Table:
    """Return the ids of the job, under their original name."""
    table = pyarrow.table(job.table())
    return table.select([table.column_names[0]])


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
