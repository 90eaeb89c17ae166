"""Lantern in dbt: Python models that enrich and match relations, on dbt-duckdb and on Spark.

`enrich` looks up the ids of a relation with the API; `match` matches two relations without it. Both
take what `dbt.ref(...)` and `dbt.source(...)` return and return what a model can return: an Arrow
table, or a Spark DataFrame if the relations are Spark DataFrames (dbt-databricks, dbt-spark).

The API key is read from `LANTERN_API_KEY`. Install with `pip install 'lantern[dbt]'`. See
docs/dbt.md and examples/dbt for complete projects.
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
from lantern.integrations._run import ANSWERED, Named, Request, ask, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    from pyspark.sql import SparkSession

    from lantern import Client

__all__ = ["enrich", "match"]

#: The columns of a result for each kind that the API documents, with their types.
COLUMNS = {
    "phone": {"phone_number": "string", "phone_found": "bool"},
    "email": {"email": "string", "email_found": "bool"},
}
COLUMNS["phone-email"] = COLUMNS["email"] | COLUMNS["phone"]
#: The columns that the results of these kinds have before their own.
PERSON = ("first_name", "last_name", "company_name", "company_url", "linkedin")


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
    """Look up the ids of a relation with the API.

    Ids that the ledger has an answer for, from any model or job, are not sent again, also after a
    run that was killed or one with `--full-refresh`. In a run of an incremental model, ids
    whose answer is already in the model's table are left out, so that only new rows are returned.
    Give the model `unique_key=<id>`, so that ids that a budget did not reach are replaced once one
    does.

    With `dbt run --empty`, nothing is sent and no row is returned. With `--sample`, nothing is sent
    and the ids without an answer are `over_budget`, because dbt samples no relation of a Python
    model. On a cluster, which does not know how dbt was called, set `max_credits=0` instead.

    Args:
        dbt: The model's `dbt`.
        session: The model's `session`.
        relation: Result of `dbt.ref(...)`, or any table that exports an Arrow stream.
        kind: What to find for each id: `phone`, `email`, `phone-email` or `deep-research`.
        id: Column of the ids.
        max_credits: Budget in credits of a run, for ids without an answer. Ids that it does not
            reach are looked up once it is raised. 0 sends nothing and returns known answers only.
        key: Addition to the name of the model's jobs. It does not matter for what is known.
        client: Client to use; by default one from the environment (`LANTERN_API_KEY`,
            `LANTERN_RATE`).
        timeout: Maximum time to wait for a job, in seconds. After that, the model fails, and the
            next run resumes the job.
        request: Further options of `Client.submit`: `entity_type`, `query_hint`, `effort`,
            `agent_type`, `batch_size`, `credits_per_id`, `on_in_doubt`, `reuse` (`True` by
            default, `False`, or an age such as `"90d"` from which on answers are asked for again),
            `retry_not_found`, `budget` (the name of a budget above the jobs) and `suppress` (those
            who are never sent); and `on_failed`, what to do if a run fails at the API: `raise`
            (default) fails the model, `resend` sends the batch again, at most three times in total,
            and `keep` marks its rows `failed`.

    Returns:
        One row per distinct id, in the order of the relation: the id, `status`, `error`, `reused`
        and the result. Rows without an id are left out. A `pyarrow.Table`, or a Spark DataFrame if
        the relation is one.

    Raises:
        DbtRuntimeError: If a setting is invalid (which costs nothing) or the job fails. The message
            says what to do.

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
        empty = _flag("EMPTY")
        column = rows.select([id])
        if empty:
            column = column.limit(0) if on_spark or hasattr(column, "limit") else column.slice(0, 0)
        ids = _distinct(_arrow(column, "the relation").column(0))
        if dbt.is_incremental:
            known = _answered(dbt, session, id, kind)
            ids = _not_in(ids, known)
            if not len(ids):
                none: Any = session.sql(f"select * from {dbt.this} limit 0")
                return none if on_spark else _arrow(none, "the model")
        if empty:
            without_rows = _without_rows(id, ids.type, kind)
            if on_spark:
                return cast("SparkSession", session).createDataFrame(without_rows)
            return without_rows
        answers = ask(
            client or lantern.Client(user_agent="lantern-dbt"),
            pyarrow.table({id: ids}),
            kind,
            id=id,
            names=Named(_job_key(dbt, key)),
            # dbt samples no relation of a Python model, so a sample would cost as much as all of
            # it.
            max_credits=0 if _flag("SAMPLE") else max_credits,
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
    """Match the rows of two relations, without an API key or credits.

    Spark DataFrames are matched on their cluster by `lantern.spark.match`, other relations on this
    machine.

    Args:
        dbt: The model's `dbt`.
        session: The model's `session`. It is not used; `enrich` has the same argument.
        left: Result of `dbt.ref(...)`. Its rows are matched.
        right: Relation to match them against.
        rules: Field rules, as for `lantern.match`; `None` (default) learns, which Spark does not
            support.
        matching: Further arguments of `lantern.match` (`fields`, `left_id`, `right_id`,
            `threshold`, `top`, `one_to_one`, `weights`, `model`) or of `lantern.spark.match`. Set
            `left_id` and `right_id`: the rows of a relation have no fixed order, so row numbers do
            not identify them.

    Returns:
        The matches: `left` and `right` (row numbers, not on Spark), `left_id`, `right_id`,
        `confidence` and `rules`.

    Raises:
        DbtRuntimeError: If a rule is invalid or a column is missing. The message is one sentence.

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
    """Raise Lantern's exceptions as dbt's, with the name of the model."""
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
    """Return a relation as Arrow."""
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
    """Return the key prefix of a model's jobs, the same in every run and for every target."""
    model = f"dbt:{dbt.this.identifier}"
    return model if key is None else f"{model}[{key}]"


def _distinct(ids: pyarrow.ChunkedArray) -> pyarrow.Array:
    """Return the ids in order of first appearance, without null and empty ones."""
    distinct = pyarrow.compute.unique(ids)
    there = pyarrow.compute.not_equal(texts(distinct), "")
    return distinct.filter(pyarrow.compute.fill_null(there, False))


def _not_in(ids: pyarrow.Array, known: pyarrow.ChunkedArray) -> pyarrow.Array:
    are_known = pyarrow.compute.is_in(texts(ids), value_set=texts(known))
    return ids.filter(pyarrow.compute.invert(are_known))


def _flag(name: str) -> bool:
    """Return a flag of the dbt command that runs in this process, `False` without one."""
    try:
        from dbt.flags import get_flags
    except ImportError:
        return False
    return bool(getattr(get_flags(), name, False))


def _without_rows(id: str, kind_of_id: pyarrow.DataType, kind: str) -> pyarrow.Table:
    """Return a table with the columns of the answers, so that later models find them."""
    answer = COLUMNS.get(kind.replace("_", "-"))
    columns: dict[str, Any] = {
        id: kind_of_id,
        "status": pyarrow.string(),
        "error": pyarrow.string(),
        "reused": pyarrow.bool_(),
    }
    if answer is not None:
        columns |= dict.fromkeys(PERSON, pyarrow.string())
        columns |= {name: pyarrow.type_for_alias(alias) for name, alias in answer.items()}
    return pyarrow.schema(list(columns.items())).empty_table()


def _check_columns(dbt: Any, columns: list[str], kind: str) -> None:
    """Raise an error if the model's table has the answers of another kind.

    dbt would leave out the columns that the table lacks, and with them answers that were paid for.
    """
    parts = [part for part in kind.replace("_", "-").split("-") if part in COLUMNS]
    gone = [part for part in parts if not set(columns) & set(COLUMNS[part])]
    # A model may select or rename columns, but then it lacks those of all kinds.
    if gone and set(columns) & set(COLUMNS["phone-email"]):
        column = next(iter(COLUMNS[gone[0]]))
        raise lantern.exceptions.InputError(
            f'the table {dbt.this} has no column "{column}", so dbt would drop these answers; '
            f"nothing was sent: run dbt build --full-refresh --select {dbt.this.identifier} once "
            "(answers that were paid for come from the ledger), and rename columns in a later model"
        )


def _answered(dbt: Any, session: Any, id: str, kind: str) -> pyarrow.ChunkedArray:
    """Return the ids that already have an answer in the model's own table."""
    table = session.sql(f"select * from {dbt.this}")
    if id not in table.columns:
        raise lantern.exceptions.InputError(
            f'the table {dbt.this} has no column "{id}"; rename it there, or run '
            "dbt build --full-refresh (answers that were paid for come from the ledger)"
        )
    _check_columns(dbt, table.columns, kind)
    if "status" in table.columns:
        statuses = ", ".join(f"'{status}'" for status in ANSWERED)
        table = table.filter(f"status in ({statuses})")
    for name in COLUMNS.get(kind.replace("_", "-"), {}):
        # A row that was answered for an earlier kind lacks what this kind asks in addition.
        if name.endswith("_found") and name in table.columns:
            table = table.filter(f"{name} is not null")
    if _is_spark(table):
        ids = table.select([id])
    else:
        quoted = id.replace('"', '""')
        ids = table.project(f'"{quoted}"')
    return _arrow(ids, "the model").column(0)
