"""Checks and preparation of a Spark DataFrame before its rows are matched."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark import TaskContext
from pyspark.errors import PySparkTypeError, UnsupportedOperationException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_type
from pyspark.sql.types import IntegralType, StringType

from lantern.exceptions import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import pyarrow

#: Number of rows from which the kind of a column is recognized, as in `lantern.match`.
LOOKED_AT = 1_000


@dataclass(frozen=True)
class Rows:
    """The rows of one side.

    Attributes:
        frame: The needed columns: `id`, and each column under a new name, because PySpark does not
            pass a column to a function if its name contains a dot or a backtick.
        names: New name of each column.
        count: Number of rows.
    """

    frame: DataFrame
    names: dict[str, str]
    count: int

    def collect(self) -> pyarrow.Table:
        """Collect the rows on the driver, sorted by id, which orders equal confidences."""
        return self.frame.toArrow().sort_by("id")


def column(name: str) -> Column:
    """Return the column with exactly this name, whatever characters it contains."""
    quoted = name.replace("`", "``")
    return F.col(f"`{quoted}`")


def check(frame: object, side: str, id: str | None, parameter: str) -> None:
    """Raise an error unless this is a Spark DataFrame whose rows a column identifies."""
    if not isinstance(frame, DataFrame):
        raise TypeError(
            f"the {side} is a {type(frame).__name__} and no Spark DataFrame; "
            "lantern.match and lantern.dedupe take tables of this machine"
        )
    if id is None:
        raise InputError(
            "rows of a Spark DataFrame have no numbers, so a column has to identify them; "
            f"pass {parameter}= with its name"
        )


def check_id(frame: DataFrame, side: str, id: str) -> None:
    """Raise an error if the id column is missing or its type cannot hold ids."""
    if id not in frame.columns:
        raise InputError(
            f"the {side} has no column '{id}' (its columns: {', '.join(frame.columns)})"
        )
    kind = frame.schema[id].dataType
    if not isinstance(kind, StringType | IntegralType):
        raise InputError(
            f"column '{id}' of the {side} is of type {kind.simpleString()}, and ids are texts or "
            "integers; cast it first"
        )


def head(frame: DataFrame) -> pyarrow.Table:
    """Return the first rows, from which the kinds of the columns are recognized.

    Columns that Arrow cannot hold, such as intervals, are left out: nothing matches them.
    """
    held = frame.select([column(name) for name in frame.columns if _is_held(frame, name)])
    rows = held.head(LOOKED_AT)
    return frame.sparkSession.createDataFrame(rows, held.schema).toArrow()


def _is_held(frame: DataFrame, name: str) -> bool:
    try:
        to_arrow_type(frame.schema[name].dataType)
    except (PySparkTypeError, UnsupportedOperationException):
        return False
    return True


@contextmanager
def named_columns(*frames: DataFrame) -> Iterator[None]:
    """Raise an error that names the type of a column that was left out although a rule names it."""
    try:
        yield
    except InputError as error:
        name: str | None = getattr(error, "column", None)
        for frame in frames:
            if name is not None and name in frame.columns and not _is_held(frame, name):
                kind = frame.schema[name].dataType.simpleString()
                raise InputError(
                    f"column '{name}' is of type {kind}, which cannot be matched; cast it first"
                ) from None
        raise


def rows(
    frame: DataFrame, side: str, id: str, columns: Collection[str], *, check_ids: bool
) -> Rows:
    """Count the rows, and raise an error for ids that are null, repeated or of an invalid type."""
    check_id(frame, side, id)
    names = {name: f"c{number}" for number, name in enumerate(sorted(columns))}
    needed = frame.select(
        column(id).alias("id"), *(column(name).alias(new) for name, new in names.items())
    )
    if not check_ids:
        return Rows(needed, names, frame.count())
    of_id = needed.groupBy("id").agg(F.count(F.lit(1)).alias("rows"))
    (counted,) = of_id.agg(
        F.coalesce(F.sum("rows"), F.lit(0)).alias("rows"),
        F.max(F.when(F.col("id").isNull(), F.col("rows"))).alias("without"),
        F.max_by("id", "rows").alias("most"),
        F.max("rows").alias("times"),
    ).collect()
    if counted.without:
        raise InputError(
            f"{counted.without} rows of the {side} have no id: column '{id}' is null there; "
            "leave them out, or give each an id"
        )
    if counted.times and counted.times > 1:
        raise InputError(
            f"column '{id}' of the {side} has {counted.most!r} in {counted.times} rows, and an id "
            "identifies one; leave rows out, or pass a column in which each row has its own id"
        )
    return Rows(needed, names, counted.rows)


def renamed(fields: dict[str, dict[str, Any]], left: Rows, right: Rows) -> dict[str, Any]:
    """Return the fields in terms of the columns' new names."""
    return {
        name: {
            "left": [left.names[column] for column in field["left"]],
            "right": [right.names[column] for column in field["right"]],
            "kind": field["kind"],
        }
        for name, field in fields.items()
    }


def use_task_cores() -> None:
    """Use as many threads as Spark gave cores to this task; the others belong to other tasks."""
    task = TaskContext.get()
    if task is not None:
        os.environ.setdefault("RAYON_NUM_THREADS", str(task.cpus()))
