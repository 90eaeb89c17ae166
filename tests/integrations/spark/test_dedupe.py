"""`lantern.spark.dedupe` gives the clusters that `lantern.dedupe` gives."""

from __future__ import annotations

import subprocess
import sys

import pyarrow
import pytest

import lantern
import lantern.spark
from conftest import companies, rows

RULES = {
    "a join": ["domain:eq", "size:eq"],
    "two groups": [["domain:eq", "company:fuzzy0.5"], ["company:fuzzy0.9", "size:eq"]],
    "no join": ["company:fuzzy0.95"],
}


def local(table: pyarrow.Table, rules: object, **options: object) -> list[dict[str, object]]:
    """Clusters named by the lowest id in them."""
    found = rows(lantern.dedupe(table, rules, id="id", progress=False, **options))
    lowest: dict[object, object] = {}
    for row in sorted(found, key=lambda row: row["id"]):
        lowest.setdefault(row["cluster"], row["id"])
    return sorted(({**row, "cluster": lowest[row["cluster"]]} for row in found), key=repr)


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("small", [100_000, 0])
def test_the_clusters_are_those_of_one_machine(rules: str, small: int, tables, frames) -> None:
    expected = local(tables[1], RULES[rules])
    assert len({row["cluster"] for row in expected}) < 590
    found = lantern.spark.dedupe(frames[1], RULES[rules], id="id", small=small, part_rows=60)
    assert rows(found) == expected


def test_threshold_and_weights_mean_the_same(tables, frames) -> None:
    options = {"threshold": 0.84, "weights": {"company": 0.9, "domain": 0.2}}
    rules = [["company:fuzzy0.8"], ["domain:eq"]]
    expected = local(tables[0], rules, **options)
    assert 1 < len({row["cluster"] for row in expected}) < 500
    found = lantern.spark.dedupe(frames[0], rules, id="id", small=0, part_rows=60, **options)
    assert rows(found) == expected


@pytest.mark.parametrize("small", [100_000, 0])
def test_a_value_that_very_many_rows_have_is_one_cluster(small: int, spark) -> None:
    count = 40_000  # whose pairs would be 800 million, more than are held
    same = pyarrow.table(
        {
            "id": range(count + 3),
            "email": ["info@acme.com"] * count + ["INFO@Acme.com", None, "ada@acme.com"],
        }
    )
    found = lantern.spark.dedupe(
        spark.createDataFrame(same), ["email:eq"], id="id", small=small, part_rows=8_000
    )
    sizes = {
        row["cluster"]: row["rows"] for row in found.select("cluster", "rows").distinct().collect()
    }
    assert sizes == {0: count + 1, count + 1: 1, count + 2: 1}


def test_a_table_without_rows_and_one_without_duplicates(spark, frames) -> None:
    for small in (100, 0):
        none = lantern.spark.dedupe(frames[0].limit(0), ["domain:eq"], id="id", small=small)
        assert rows(none) == []
    alone = spark.createDataFrame([("a", "x.com"), ("b", "y.com")], ["id", "domain"])
    found = lantern.spark.dedupe(alone, ["domain:eq"], id="id", small=0)
    assert rows(found) == [
        {"id": "a", "cluster": "a", "rows": 1},
        {"id": "b", "cluster": "b", "rows": 1},
    ]


CHAIN = """
import sys
from pyspark.sql import SparkSession
from lantern.spark._components import components

session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
session = session.config("spark.sql.shuffle.partitions", "1")
if sys.argv[1:]:
    session = session.config("spark.checkpoint.dir", sys.argv[1])
chain = [(number + 1, number) for number in range(64)]
apart = [(1_001, 1_000), (1_002, 1_001), (1_003, 1_001)]
found = components(session.getOrCreate().createDataFrame(chain + apart, ["id", "lowest"]))
print(sorted(map(tuple, found.collect())))
"""


@pytest.mark.parametrize("kept", ["by the workers", "in a folder"])
def test_a_chain_is_one_component(kept: str, tmp_path) -> None:
    folder = [str(tmp_path)] if kept == "in a folder" else []
    done = subprocess.run([sys.executable, "-c", CHAIN, *folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected = [(number, 0) for number in range(1, 65)]
    expected += [(number, 1_000) for number in (1_001, 1_002, 1_003)]
    assert done.stdout.strip() == str(expected)
    assert any(tmp_path.iterdir()) == bool(folder)


def test_a_larger_table_of_companies_has_the_same_clusters(spark) -> None:
    table = companies(3_000, 5)
    rules = [["domain:eq", "company:eq"], ["company:fuzzy0.97", "size:eq"]]
    found = lantern.spark.dedupe(
        spark.createDataFrame(table), rules, id="id", small=0, part_rows=500
    )
    assert rows(found) == local(table, rules)
