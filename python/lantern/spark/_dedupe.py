"""Deduplication of a Spark DataFrame, equal to `lantern.dedupe` on one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy
import pyarrow
import pyarrow.compute
from pyspark.sql import Window
from pyspark.sql import functions as F
from pyspark.sql.types import LongType, StructField, StructType

import lantern
from lantern import _lantern
from lantern.spark import _frames
from lantern.spark._components import components
from lantern.spark._parts import PART, Keyed, parts, shuffled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from lantern._types import Fields, Rules


def dedupe(
    df: DataFrame,
    rules: Rules,
    *,
    id: str | None = None,
    fields: Fields | None = None,
    threshold: float | None = None,
    weights: Mapping[str, float] | None = None,
    small: int = 100_000,
    part_rows: int = 50_000,
    check_ids: bool = True,
) -> DataFrame:
    """Group the rows of a Spark DataFrame that describe the same entity.

    Rows are shuffled by the keys on which the rules join, and deduplicated part by part. Clusters
    of two parts that share a row are joined, by large and small stars, in a few rounds of shuffling
    pairs of ids. With rules of only `exact` and `eq`, and for at most `small` rows, the clusters
    are those of `lantern.dedupe`. With `fuzzy` and `contains` rules, a chain of pairs across parts
    can join rows that `lantern.dedupe` would keep apart.

    The call itself runs everything but the last step. Pairs of ids are stored on the workers'
    disks, or in `spark.checkpoint.dir` if it is set.

    Args:
        df: Rows to deduplicate.
        rules: Field rules, as for `lantern.dedupe`.
        id: Column that identifies the rows, text or integers.
        fields: Fields to compare, as for `lantern.dedupe`. Kinds that are not named are recognized
            from the first 1,000 rows.
        threshold: Minimum confidence of a pair, 0 to 1 (default 0).
        weights: Weights of the fields, above 0 and at most 1.
        small: Maximum number of rows of a table that is collected and deduplicated on the driver; 0
            never collects.
        part_rows: Approximate number of rows per part, which a task holds in memory.
        check_ids: Whether to check that ids are unique and not null, which shuffles them once.

    Returns:
        One row per row: `id`, `cluster` (the lowest id in the cluster) and `rows` (its size).

    Raises:
        InputError: If a column, a rule or another argument is invalid; see `lantern.spark.match`.
        TypeError: If `df` is not a Spark DataFrame.

    Example:
        >>> from pyspark.sql import SparkSession
        >>> import lantern.spark
        >>> session = SparkSession.builder.master("local[1]").getOrCreate()
        >>> people = session.createDataFrame(
        ...     [(1, "ada@acme.com"), (2, "bob@acme.com"), (3, "Ada@Acme.com")], ["id", "email"]
        ... )
        >>> lantern.spark.dedupe(people, ["email:eq"], id="id").orderBy("id").collect()
        [Row(id=1, cluster=1, rows=2), Row(id=2, cluster=2, rows=1), Row(id=3, cluster=1, rows=2)]
    """
    _frames.check(df, "table", id, "id")
    assert id is not None
    with _frames.named_columns(df):
        bound = _lantern._bound_fields(
            _frames.head(df),
            None,
            rules,
            fields=fields,
            left_id=id,
            threshold=threshold,
            weights=weights,
        )
    needed = {name for field in bound.values() for name in field["left"]}
    rows = _frames.rows(df, "table", id, needed, check_ids=check_ids)
    kind = df.schema[id].dataType
    columns = list(rows.names.values())
    renamed = _frames.renamed(bound, rows, rows)
    options: dict[str, Any] = {
        "fields": renamed,
        "threshold": threshold,
        "weights": weights,
        "progress": False,
    }
    if rows.count <= small:
        table = rows.collect()
        lowest = _lowest(table, columns, rules, options)
        counts = numpy.bincount(lowest, minlength=table.num_rows)[lowest]
        clusters = pyarrow.table(
            {"id": table["id"], "cluster": table["id"].take(lowest), "rows": counts}
        )
        schema = StructType(
            [StructField("id", kind), StructField("cluster", kind), StructField("rows", LongType())]
        )
        return df.sparkSession.createDataFrame(clusters, schema)

    def connected(part: pyarrow.Table) -> pyarrow.Table:
        _frames.use_task_cores()
        part = part.sort_by("id")
        lowest = _lowest(part, columns, rules, options)
        others = numpy.flatnonzero(lowest != numpy.arange(len(lowest)))
        return pyarrow.table(
            {"id": part["id"].take(others), "lowest": part["id"].take(lowest[others])}
        )

    pair = StructType([StructField("id", kind), StructField("lowest", kind)])
    keyed = Keyed(rules, renamed, "both")
    grouped = shuffled(rows, keyed, parts([(rows, keyed)], part_rows)).groupBy(PART)
    joined = components(grouped.applyInArrow(connected, pair))
    # No pair connects the lowest row of a cluster with itself.
    count = F.count(F.lit(1)).over(Window.partitionBy("lowest")) + 1
    members = joined.select("id", "lowest", count.alias("rows"))
    lowest = members.select(F.col("lowest").alias("id"), "lowest", "rows").distinct()
    clustered = members.unionByName(lowest)
    return (
        rows.frame.select("id")
        .join(clustered, "id", "left")
        .select(
            "id",
            F.coalesce("lowest", "id").alias("cluster"),
            F.coalesce("rows", F.lit(1)).cast("long").alias("rows"),
        )
    )


def _lowest(
    table: pyarrow.Table, columns: list[str], rules: Rules, options: dict[str, Any]
) -> NDArray[numpy.int64]:
    """Return the first row of the cluster of each row.

    Of rows with the same values, only two are compared with the others, because a value that a
    million rows share would give half a trillion pairs. If the two match, so do all of them; if
    not, no row matches them.
    """
    row = numpy.arange(table.num_rows)
    grouped = table.append_column("__row", pyarrow.array(row)).group_by(columns, use_threads=False)
    equal = grouped.aggregate([("__row", "list")])["__row_list"].combine_chunks()
    group = numpy.empty(table.num_rows, numpy.int64)
    rank = numpy.empty(table.num_rows, numpy.int64)
    rows = equal.flatten().to_numpy()
    group[rows] = pyarrow.compute.list_parent_indices(equal).to_numpy()
    rank[rows] = row - equal.offsets.to_numpy()[group[rows]]

    compared = numpy.flatnonzero(rank < 2)
    found = pyarrow.table(lantern.dedupe(table.take(compared), rules, **options))
    # A row that is in none of these clusters has one of its own.
    cluster = table.num_rows + row
    cluster[compared] = found["cluster"].to_numpy()
    second = numpy.full(len(equal), -1)
    second[group[rank == 1]] = cluster[rank == 1]
    first = cluster[rank == 0][numpy.argsort(group[rank == 0])]
    alike = (rank > 1) & (first == second)[group]
    cluster[alike] = first[group[alike]]

    _, begins, numbers = numpy.unique(cluster, return_index=True, return_inverse=True)
    return begins[numbers]
