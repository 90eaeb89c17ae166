"""Connected components of a graph whose edges are rows, by large and small stars.

Every vertex points to the lowest vertex that it knows. A large star points the greater neighbours
of a vertex to its lowest neighbour, a small star the lesser ones. Alternating the two turns each
component into a star around its lowest vertex, in a number of rounds that grows at most with the
square of the logarithm of its size (Kiveris, Lattanzi, Mirrokni, Rastogi and Vassilvitskii,
"Connected components in MapReduce and beyond", 2014).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def components(edges: DataFrame) -> DataFrame:
    """Return each vertex but the lowest of its component as `id`, with the lowest as `lowest`.

    Args:
        edges: Edges as rows of `id` and `lowest`, which is less than `id`.
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
    """Return the same edges, stored, so that a round does not repeat all rounds before it."""
    if edges.sparkSession.conf.get("spark.checkpoint.dir", None):
        return edges.checkpoint()
    return edges.localCheckpoint()


def _state(edges: DataFrame) -> tuple[int, int]:
    """Return a count and a hash, by which a changed set of edges is recognized."""
    (counted,) = edges.agg(
        F.count(F.lit(1)).alias("edges"), F.bit_xor(F.xxhash64("id", "lowest")).alias("hash")
    ).collect()
    return counted.edges, counted.hash
