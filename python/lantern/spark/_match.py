"""Matching of two Spark DataFrames, equal to `lantern.match` on one machine."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow
from pyspark.sql import Window
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DoubleType, StringType, StructField, StructType

import lantern
from lantern import _lantern
from lantern.exceptions import InputError
from lantern.spark import _frames
from lantern.spark._parts import PART, Keyed, parts, shuffled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import DataFrame

    from lantern._types import Fields, Rules
    from lantern.spark._frames import Rows

#: Number of comparisons from which a rule without a key causes a warning, as in `lantern.match`.
MANY_COMPARISONS = 20_000_000_000


def match(
    left: DataFrame,
    right: DataFrame,
    rules: Rules | None = None,
    *,
    left_id: str | None = None,
    right_id: str | None = None,
    fields: Fields | None = None,
    threshold: float | None = None,
    top: int | None = 1,
    weights: Mapping[str, float] | None = None,
    model: lantern.Model | None = None,
    small: int = 100_000,
    part_rows: int = 50_000,
    check_ids: bool = True,
) -> DataFrame:
    """Match the rows of two Spark DataFrames, without an API key or credits.

    The result equals that of `lantern.match` for the same rows, with the right rows in the order of
    their ids. A small side is sent to all workers. Otherwise, both sides are shuffled by the keys
    on which the rules join, so that rows that can match meet in one part, and keys that very many
    rows share are spread over several parts.

    The call itself looks at the first rows of both sides, counts the rows and takes a sample, in a
    few small jobs. The matching runs when the result is used.

    Args:
        left: Rows to match.
        right: Rows to match them against.
        rules: Field rules, as for `lantern.match`. `None` requires a `model` and a small right
            side.
        left_id: Column that identifies the rows of `left`, text or integers.
        right_id: Column that identifies the rows of `right`, text or integers.
        fields: Fields to compare, as for `lantern.match`. Kinds that are not named are recognized
            from the first 1,000 rows.
        threshold: Minimum confidence to keep, 0 to 1 (default 0.5 without rules, 0 with rules).
        top: Maximum number of matches to keep per left row; `None` keeps all. Of equal confidences,
            those with the lowest ids are kept.
        weights: With rules, the weights of the fields, above 0 and at most 1.
        model: Without rules, a model that `lantern.learn` returned for samples of the two sides.
        small: Maximum number of rows of a side that is collected on the driver and sent to all
            workers; 0 never collects.
        part_rows: Approximate number of rows of both sides per part, which a task holds in memory.
        check_ids: Whether to check that ids are unique and not null, which shuffles them once.

    Returns:
        The matches: `left_id`, `right_id`, `confidence` and `rules` (the rules that hold).

    Raises:
        InputError: If an id is missing, null or repeated, a column is missing or has an unsupported
            type, a rule is invalid, `threshold` is outside 0 to 1, or both `rules` and `model` are
            missing.
        TypeError: If an argument is not a Spark DataFrame.

    Example:
        >>> from pyspark.sql import SparkSession
        >>> import lantern.spark
        >>> session = SparkSession.builder.master("local[1]").getOrCreate()
        >>> leads = session.createDataFrame([(1, "acme.com"), (2, None)], ["id", "domain"])
        >>> accounts = session.createDataFrame([("A7", "www.acme.com")], ["id", "domain"])
        >>> matches = lantern.spark.match(
        ...     leads, accounts, ["domain:eq"], left_id="id", right_id="id"
        ... )
        >>> matches.collect()
        [Row(left_id=1, right_id='A7', confidence=0.75, rules=['domain:eq'])]
    """
    _frames.check(left, "left", left_id, "left_id")
    _frames.check(right, "right", right_id, "right_id")
    assert left_id is not None
    assert right_id is not None
    if rules is None and model is None:
        raise InputError(
            "without rules there has to be a model, which is learned on one machine: "
            "pass model=lantern.learn(...) of a sample of each side, or rules"
        )
    heads = _frames.head(left), _frames.head(right)
    with _frames.named_columns(left, right):
        bound = _lantern._bound_fields(
            *heads,
            rules,
            fields=fields,
            left_id=left_id,
            right_id=right_id,
            threshold=threshold,
            top=top,
            weights=weights,
            model=model,
        )
    needed = [
        {name for field in bound.values() for name in field[side]} for side in ("left", "right")
    ]
    lefts = _frames.rows(left, "left", left_id, needed[0], check_ids=check_ids)
    rights = _frames.rows(right, "right", right_id, needed[1], check_ids=check_ids)
    matching = _Matching(
        rules,
        {
            "fields": _frames.renamed(bound, lefts, rights),
            "left_id": "id",
            "right_id": "id",
            "threshold": threshold,
            "top": top,
            "weights": weights,
            "model": model,
        },
        StructType(
            [
                StructField("left_id", left.schema[left_id].dataType),
                StructField("right_id", right.schema[right_id].dataType),
                StructField("confidence", DoubleType()),
                StructField("rules", ArrayType(StringType())),
            ]
        ),
    )
    if rights.count <= small:
        # Each left row meets all right rows at once, so there is nothing to merge.
        return matching.in_each_part(lefts, rights.collect(), right=False, at_once=part_rows)
    if rules is None:
        raise InputError(
            f"the right side has {rights.count} rows, and without rules it is matched by a model "
            "that has to see all of them: pass small= with at least that many, or rules"
        )
    _warn_of_many(heads, rules, bound, lefts.count * rights.count)
    if lefts.count <= small:
        pairs = matching.in_each_part(rights, lefts.collect(), right=True, at_once=part_rows)
    else:
        pairs = matching.shuffled(lefts, rights, part_rows)
    return _surest(pairs, top)


def _surest(pairs: DataFrame, top: int | None) -> DataFrame:
    """Return each pair once, and the best pairs of each left row, from the pairs of all parts."""
    if top is not None:
        order = Window.partitionBy("left_id").orderBy(F.desc("confidence"), "right_id")
        # A pair that two parts found has the same rank twice.
        pairs = pairs.withColumn(PART, F.dense_rank().over(order)).where(F.col(PART) <= top)
    return pairs.dropDuplicates(["left_id", "right_id"]).drop(PART)


def _warn_of_many(
    heads: tuple[pyarrow.Table, pyarrow.Table], rules: Rules, fields: Fields, pairs: int
) -> None:
    if pairs <= MANY_COMPARISONS:
        return
    plan = pyarrow.table(lantern.explain_plan(*heads, rules, fields=fields)).to_pylist()
    scans = [group["scan"] for group in plan if group["scan"]]
    if scans:
        warnings.warn(
            f"{', '.join(scans)} has no key to shuffle by, so that every value is compared with "
            f"every other, of up to {pairs} pairs of rows; add a rule with eq or exact to its "
            "group",
            stacklevel=3,
        )


@dataclass(frozen=True)
class _Matching:
    """How tables are matched on a worker."""

    rules: Any
    options: dict[str, Any]
    schema: StructType

    def tables(self, left: pyarrow.Table, right: pyarrow.Table) -> pyarrow.Table:
        """Match two tables; the right rows are in the order of their ids."""
        found = lantern.match(left, right, self.rules, progress=False, **self.options)
        return pyarrow.table(found).drop_columns(["left", "right"])

    def in_each_part(
        self, rows: Rows, other: pyarrow.Table, *, right: bool, at_once: int
    ) -> DataFrame:
        """Match the rows, some at a time, with the whole other side."""

        def matched(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
            _frames.use_task_cores()
            for table in _tables(batches, max(at_once, other.num_rows)):
                pair = (other, table.sort_by("id")) if right else (table, other)
                yield from self.tables(*pair).to_batches()

        return rows.frame.mapInArrow(matched, self.schema)

    def shuffled(self, lefts: Rows, rights: Rows, part_rows: int) -> DataFrame:
        """Match both sides part by part. A pair can be found in several parts."""
        fields = self.options["fields"]
        left, right = Keyed(self.rules, fields, "left"), Keyed(self.rules, fields, "right")
        into = parts([(lefts, left), (rights, right)], part_rows)

        def matched(left: pyarrow.Table, right: pyarrow.Table) -> pyarrow.Table:
            _frames.use_task_cores()
            return self.tables(left, right.sort_by("id"))

        grouped = shuffled(lefts, left, into).groupBy(PART)
        return grouped.cogroup(shuffled(rights, right, into).groupBy(PART)).applyInArrow(
            matched, self.schema
        )


def _tables(batches: Iterator[pyarrow.RecordBatch], rows: int) -> Iterator[pyarrow.Table]:
    """Combine the batches to tables of at least the given number of rows, except the last."""
    held: list[pyarrow.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        if count >= rows:
            yield pyarrow.Table.from_batches(held)
            held, count = [], 0
    if count:
        yield pyarrow.Table.from_batches(held)
