"""Answers for a table whose rows come and go: only ids that were never asked about are sent.

A pipeline asks about the same table again and again, with some rows more each time. The ledger
refuses another table under a job's key, so each set of new ids is a job of its own. The keys of
these jobs begin alike, `under:request:`, and what an earlier one answered is taken from it.
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
    """What may be said of a request beside its kind; see `lantern.Client.submit`."""

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
    """What is known of a table's rows, and what it took.

    Attributes:
        table: The id and the result, one row per row that was asked about.
        jobs: The keys of the jobs that the answers come from.
        credits: Credits spent on these jobs at any time.
        spent: Credits spent on them just now.
        sent: Ids of a new job.
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
    """Answers every row of a table, from earlier jobs where they know it.

    Args:
        client: The client, whose ledger knows the earlier jobs.
        table: The rows.
        kind: What is asked, as for `client.submit`.
        id: The column of ids.
        under: What the keys of the jobs begin with.
        max_credits: The budget of the new ids' job. An earlier job that did not reach all its ids
            goes on if this is more than it had.
        request: What else to say of the request.
        timeout: Seconds to wait for each job; None waits as long as it takes.
        tell: Is told what goes on, for a log.
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
    """The kind, and a digest of what else makes it another question."""
    said = {name: request[name] for name in QUESTION if name in request}  # type: ignore[literal-required]
    if not said:
        return kind
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    return f"{kind}-{digest[:8]}"


def texts(column: pyarrow.Array | pyarrow.ChunkedArray) -> pyarrow.Array:
    """Ids as the ledger writes them: texts, where integers are decimal."""
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
    """The job's ids, under the name that they had."""
    table = pyarrow.table(job.table())
    return table.select([table.column_names[0]])


def _joined(ids: pyarrow.ChunkedArray, name: str, parts: list[pyarrow.Table]) -> pyarrow.Table:
    """One row per id in order, each from the part that knows it."""
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
        ("error", "the id is null or empty; nothing was sent"),
    ):
        place = rows.schema.get_field_index(column)
        filled = pyarrow.compute.if_else(without, text, rows.column(place))
        rows = rows.set_column(place, column, filled)
    return rows.add_column(0, name, ids)
