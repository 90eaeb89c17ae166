"""Connected components of a graph whose edges are rows, by large and small stars.

Every vertex points to the least vertex that it knows of. A large star points the greater neighbours
of a vertex to the least of all its neighbours, a small star the lesser ones; in turn they make each
component a star around its least vertex, in a number of rounds that grows as the square of the
logarithm of its size at most (Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii, "Connected
components in MapReduce and beyond", 2014).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def components(edges: DataFrame) -> DataFrame:
    """For each vertex but the least of its component: `id`, and the least as `lowest`.

    Args:
        edges: `id` and `lowest`, which is less than `id`.
    """
    edges = _kept(edges.distinct())
    before, now = None, _state(edges)
    while before != now:
        edges = _kept(_small_star(_large_star(edges)))
        before, now = now, _state(edges)
    return edges


def _large_star(edges: DataFrame) -> DataFrame:
    both = edges.unionByName(edges.select(F.col("lowest").alias("id"), F.col("id").alias("lowest")))
    least = F.least("id", F.min("lowest").over(Window.partitionBy("id")))
    stars = both.select(F.col("lowest").alias("other"), "id", least.alias("least"))
    return stars.where("other > id").select(
        F.col("other").alias("id"), F.col("least").alias("lowest")
    )


def _small_star(edges: DataFrame) -> DataFrame:
    least = F.min("lowest").over(Window.partitionBy("id"))
    stars = edges.select("id", "lowest", least.alias("least"))
    others = stars.where("lowest > least").select(
        F.col("lowest").alias("id"), F.col("least").alias("lowest")
    )
    return stars.select("id", F.col("least").alias("lowest")).unionByName(others).distinct()


def _kept(edges: DataFrame) -> DataFrame:
    """The same edges, written down, so that a round does not begin with all rounds before it."""
    if edges.sparkSession.conf.get("spark.checkpoint.dir", None):
        return edges.checkpoint()
    return edges.localCheckpoint()


def _state(edges: DataFrame) -> tuple[int, int]:
    """What two sets of edges do not have in common unless they are the same."""
    (counted,) = edges.agg(
        F.count(F.lit(1)).alias("edges"), F.bit_xor(F.xxhash64("id", "lowest")).alias("hash")
    ).collect()
    return counted.edges, counted.hash
