"""Lantern in dbt: Python models that enrich and match relations, on dbt-duckdb and on Spark.

`enrich` asks the API about the ids of a relation, `match` matches two relations without it. Both
take what `dbt.ref(...)` and `dbt.source(...)` give and return what a model may return: Arrow, or
Spark DataFrames where the relations are these (dbt-databricks, dbt-spark).

The key is `LANTERN_API_KEY`. Install it with `pip install 'lantern[dbt]'`; docs/dbt.md and
examples/dbt show it at work.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Unpack, cast

try:
    import pyarrow
    import pyarrow.compute
    from dbt_common.exceptions import DbtRuntimeError
except ModuleNotFoundError as missing:
    # A cluster runs models that dbt sends to it, and has no dbt itself.
    package = (missing.name or "").partition(".")[0]
    if package == "pyarrow" or "pyspark" not in sys.modules:
        raise ModuleNotFoundError(
            f"lantern.integrations.dbt needs {package}, which is not installed; "
            "install it with: pip install 'lantern[dbt]'",
            name=package,
        ) from None
    from lantern.exceptions import LanternError as DbtRuntimeError

import lantern
from lantern.exceptions import LanternError, LedgerError
from lantern.integrations._answers import ANSWERED, Request, ask, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    from pyspark.sql import SparkSession

    from lantern import Client

__all__ = ["enrich", "match"]


def enrich(
    dbt: Any,
    session: duckdb.DuckDBPyConnection | SparkSession,
    relation: Any,
    kind: str,
    *,
    id: str = "id",
    max_credits: int,
    key: str | None = None,
    client: Client | None = None,
    timeout: float | None = None,
    **request: Unpack[Request],
) -> Any:
    """Asks the API about the ids of a relation.

    Ids that this model has sent before are not sent again, be it in an earlier run, a run that
    was killed, or one with `--full-refresh`: the ledger knows their answers. In a run of an
    incremental model, ids whose answer is in the model's table are left out altogether, so that
    what comes back is what is new. Give the model `unique_key=<id>`, and ids that a budget did
    not reach are replaced when one reaches them.

    Args:
        dbt: The model's `dbt`.
        session: The model's `session`.
        relation: What `dbt.ref(...)` gave, or any table that exports an Arrow stream.
        kind: What is asked for each id: phone, email, phone-email or deep-research.
        id: The column of ids.
        max_credits: The budget in credits of the ids that are new. Ids that it did not reach are
            asked about once it is raised.
        key: Names the answers. Under another key all is asked, and paid, anew; such as a month,
            where answers are to be that fresh.
        client: A client; by default one from the environment (`LANTERN_API_KEY`, `LANTERN_RATE`).
        timeout: Seconds to wait for a job; then the model fails, and goes on in the next run.
        request: More of the request, as for `Client.submit`: entity_type, query_hint, effort,
            agent_type, batch_size, credits_per_id, on_in_doubt.

    Returns:
        One row per distinct id, in the order of the relation: the id, `status`, `error` and the
        result. Rows without an id are left out. A `pyarrow.Table`, or a Spark DataFrame if the
        relation is one.

    Raises:
        DbtRuntimeError: A sentence that says what to do; a wrong setting costs nothing.

    Example:
        from lantern.integrations.dbt import enrich


        def model(dbt, session):
            dbt.config(materialized="incremental", unique_key="id")
            return enrich(dbt, session, dbt.ref("people"), "phone-email", max_credits=60)
    """
    with _model_errors(dbt):
        on_spark = _is_spark(relation)
        rows = relation if on_spark else _arrow(relation, "the relation")
        names = rows.columns if on_spark else rows.column_names
        if id not in names:
            raise lantern.exceptions.InputError(
                f'the relation has no column "{id}" (its columns: {", ".join(names)}); '
                "pass id= with the name of the column of ids"
            )
        ids = _distinct(_arrow(rows.select([id]), "the relation").column(0))
        if dbt.is_incremental:
            ids = _not_in(ids, _answered(dbt, session, id))
            if not len(ids):
                none: Any = session.sql(f"select * from {dbt.this} limit 0")
                return none if on_spark else _arrow(none, "the model")
        answers = ask(
            client or lantern.Client(user_agent="lantern-dbt"),
            pyarrow.table({id: ids}),
            kind,
            id=id,
            under=_job_key(dbt, key),
            max_credits=max_credits,
            request=request,
            timeout=timeout,
        )
        if on_spark:
            return cast("SparkSession", session).createDataFrame(answers.table)
        return answers.table


def match(
    dbt: Any,
    session: duckdb.DuckDBPyConnection | SparkSession,
    left: Any,
    right: Any,
    rules: Any = None,
    **matching: Any,
) -> Any:
    """Matches the rows of two relations, with no key and no credits.

    Spark DataFrames are matched on their cluster by `lantern.spark.match`, others on this machine.

    Args:
        dbt: The model's `dbt`.
        session: The model's `session`; it is not used, and is taken so that both calls are alike.
        left: What `dbt.ref(...)` gave; its rows are matched.
        right: What they are matched against.
        rules: Field rules, as for `lantern.match`; None to learn, which Spark does not.
        matching: More arguments of `lantern.match`: fields, left_id, right_id, threshold, top,
            one_to_one, weights, model; or of `lantern.spark.match`. Name `left_id` and
            `right_id`: a relation's rows have no lasting order, so that row numbers say little.

    Returns:
        The matches: `left` and `right` (row numbers, which Spark has not), `left_id`, `right_id`,
        `confidence`, `rules`.

    Raises:
        DbtRuntimeError: A rule or column that there is not, in one sentence.

    Example:
        from lantern.integrations.dbt import match


        def model(dbt, session):
            left, right = dbt.ref("people"), dbt.ref("companies")
            fields = {"employer": ("company_id", "id", "code")}
            return match(dbt, session, left, right, ["employer:eq"], fields=fields, left_id="id")
    """
    del session
    with _model_errors(dbt):
        if _is_spark(left):
            from lantern.spark import match as match_on_spark

            return match_on_spark(left, right, rules, **matching)
        matches = lantern.match(
            _arrow(left, "the left relation"),
            _arrow(right, "the right relation"),
            rules,
            **{"progress": False, **matching},
        )
        return pyarrow.table(matches)


@contextmanager
def _model_errors(dbt: Any) -> Iterator[None]:
    """Raises what Lantern raises as dbt does, with the model's name."""
    try:
        yield
    except LanternError as error:
        text = f"model {dbt.this.identifier}: {error}"
        if isinstance(error, LedgerError):
            text += "; LANTERN_LEDGER says where it is"
        raise DbtRuntimeError(text) from None


def _is_spark(relation: Any) -> bool:
    return type(relation).__module__.startswith("pyspark.")


def _arrow(relation: Any, name: str) -> pyarrow.Table:
    """A relation as Arrow."""
    if _is_spark(relation):
        return relation.toArrow()
    if hasattr(relation, "to_arrow_table"):
        return relation.to_arrow_table()
    if hasattr(relation, "__arrow_c_stream__"):
        return pyarrow.table(relation)
    raise lantern.exceptions.InputError(
        f"{name} is a {type(relation).__name__} and no table; pass what dbt.ref(...) gives, or a "
        "table that exports an Arrow stream"
    )


def _job_key(dbt: Any, key: str | None) -> str:
    """What the keys of a model's jobs begin with; the same in every run and for every target."""
    model = f"dbt:{dbt.this.identifier}"
    return model if key is None else f"{model}[{key}]"


def _distinct(ids: pyarrow.ChunkedArray) -> pyarrow.Array:
    """The ids in order of first appearance, without null and empty ones."""
    distinct = pyarrow.compute.unique(ids)
    there = pyarrow.compute.not_equal(texts(distinct), "")
    return distinct.filter(pyarrow.compute.fill_null(there, False))


def _not_in(ids: pyarrow.Array, known: pyarrow.ChunkedArray) -> pyarrow.Array:
    are_known = pyarrow.compute.is_in(texts(ids), value_set=texts(known))
    return ids.filter(pyarrow.compute.invert(are_known))


def _answered(dbt: Any, session: Any, id: str) -> pyarrow.ChunkedArray:
    """The ids in the model's own table that have an answer."""
    table = session.sql(f"select * from {dbt.this}")
    if id not in table.columns:
        raise lantern.exceptions.InputError(
            f'the table {dbt.this} has no column "{id}"; rename it there, or run '
            "dbt build --full-refresh (answers that were paid for come from the ledger)"
        )
    if "status" in table.columns:
        statuses = ", ".join(f"'{status}'" for status in ANSWERED)
        table = table.filter(f"status in ({statuses})")
    if _is_spark(table):
        ids = table.select([id])
    else:
        quoted = id.replace('"', '""')
        ids = table.project(f'"{quoted}"')
    return _arrow(ids, "the model").column(0)
