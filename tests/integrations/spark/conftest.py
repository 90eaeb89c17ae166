"""What the tests of `lantern.spark` share: one local Spark, and tables of companies."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pytest

os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"

from pyspark.sql import DataFrame, SparkSession

WORDS = ["Acme", "Acne", "Amber", "Umber", "Foods", "Food", "Globex", "Initech", "Umbrella", "Xylo"]
FORMS = ["", " Inc", " GmbH", ", Ltd."]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        # Several batches to a partition.
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "150")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test meets the user's own key, ledger or AWS credentials."""
    for name in ("LANTERN_API_KEY", "LANTERN_BASE_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANTERN_LEDGER", str(tmp_path / "default" / "ledger.sqlite"))


def companies(count: int, seed: int) -> pyarrow.Table:
    """Companies of which some are alike; every other has the same domain, some none.

    The ids are in order, as ties are broken by them.
    """
    chance = random.Random(seed)

    def name() -> str | None:
        words = " ".join(chance.choices(WORDS, k=chance.randint(1, 3)))
        return words + chance.choice(FORMS) if chance.random() > 0.1 else None

    def domain() -> str | None:
        return chance.choice(["acme.com", "www.acme.com", f"c{chance.randint(0, 250)}.com", None])

    return pyarrow.table(
        {
            "id": [f"{seed}-{number:05}" for number in range(count)],
            "company": [name() for _ in range(count)],
            "domain": [domain() for _ in range(count)],
            "size": [chance.randint(1, 40) for _ in range(count)],
        }
    )


@pytest.fixture(scope="session")
def tables() -> tuple[pyarrow.Table, pyarrow.Table]:
    return companies(500, 1), companies(600, 2)


@pytest.fixture(scope="session")
def frames(
    spark: SparkSession, tables: tuple[pyarrow.Table, pyarrow.Table]
) -> tuple[DataFrame, DataFrame]:
    left, right = (spark.createDataFrame(table).repartition(3) for table in tables)
    return left.cache(), right.cache()


def rows(table: object) -> list[dict[str, object]]:
    """The rows of matches or clusters, in an order that is the same for both ways."""
    found = table.toArrow() if isinstance(table, DataFrame) else pyarrow.table(table)
    dropped = [name for name in ("left", "right", "row") if name in found.column_names]
    return sorted(found.drop_columns(dropped).to_pylist(), key=repr)
