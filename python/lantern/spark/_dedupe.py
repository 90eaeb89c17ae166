"""Duplicates of a Spark DataFrame, as `lantern.dedupe` finds those of a table."""

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
    """Finds rows of a Spark DataFrame that are the same, as clusters.

    The clusters are those of `lantern.dedupe` on the same rows: what pairs that match connect. Rows
    are shuffled by the keys that the rules join on and deduplicated part by part; what the parts
    found is connected by large and small stars, in a few rounds of shuffling pairs of ids.

    The call does all but the last step; the pairs of ids lie on the workers' disks, or in
    `spark.checkpoint.dir` where that is set.

    Args:
        df: The rows.
        rules: Field rules, as for `lantern.dedupe`.
        id: The column that identifies the rows: texts or integers.
        fields: What to compare, as for `lantern.dedupe`. Kinds that it does not name are recognized
            from the first 1,000 rows.
        threshold: The least confidence of a pair, 0 to 1; 0 by default.
        weights: How much a field says, above 0 and at most 1.
        small: A table of at most so many rows is collected and deduplicated on the driver; 0 never.
        part_rows: About how many rows a part has: what a task holds in memory.
        check_ids: Whether ids are checked to be unique and not null, which shuffles them once.

    Returns:
        One row per row: `id`, `cluster` (the lowest id in it) and `rows`, how many it has.

    Raises:
        InputError: As for `lantern.spark.match`.
        TypeError: What is no Spark DataFrame.

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
    # The lowest of a cluster is connected to itself by no pair.
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
    """For each row, the first row of its cluster.

    Of rows with the same values two are compared with the others, since a value that a million rows
    have would give half a billion pairs. If the two match, so do all of them; if not, no row
    matches them.
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
    # A row that is in no cluster of those compared is in one of its own.
    cluster = table.num_rows + row
    cluster[compared] = found["cluster"].to_numpy()
    second = numpy.full(len(equal), -1)
    second[group[rank == 1]] = cluster[rank == 1]
    first = cluster[rank == 0][numpy.argsort(group[rank == 0])]
    alike = (rank > 1) & (first == second)[group]
    cluster[alike] = first[group[alike]]

    _, begins, numbers = numpy.unique(cluster, return_index=True, return_inverse=True)
    return begins[numbers]
