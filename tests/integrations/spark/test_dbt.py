"""The models of the example dbt project, run on a Spark session as dbt-databricks runs them."""

from __future__ import annotations

import csv
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

import lantern
from lantern.exceptions import LanternError

EXAMPLE = Path(__file__).parents[3] / "examples" / "dbt"


class This:
    """The model's table, which dbt writes as SQL does."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier

    def __str__(self) -> str:
        return f"`default`.`{self.identifier}`"


class Dbt:
    """What a model is given: relations that are Spark DataFrames, and its own table."""

    def __init__(self, spark, name: str, *, incremental: bool = False) -> None:
        self.spark = spark
        self.is_incremental = incremental
        self.this = This(name)

    def config(self, **settings: object) -> None:
        self.settings = settings

    def ref(self, name: str):
        with (EXAMPLE / "seeds" / f"{name}.csv").open() as file:
            rows = [
                {key: value or None for key, value in row.items()} for row in csv.DictReader(file)
            ]
        return self.spark.createDataFrame(rows, ", ".join(f"`{key}` string" for key in rows[0]))


def model(name: str, dbt: Dbt, spark):
    return runpy.run_path(str(EXAMPLE / "models" / f"{name}.py"))["model"](dbt, spark)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[lantern.LocalServer]:
    with lantern.LocalServer(limits="off") as started:
        monkeypatch.setenv("LANTERN_API_KEY", started.key)
        monkeypatch.setenv("LANTERN_BASE_URL", started.url)
        monkeypatch.setenv("LANTERN_RATE", "off")
        monkeypatch.setenv("LANTERN_LEDGER", str(tmp_path / "ledger.sqlite"))
        for name, value in started.storage_options.items():
            monkeypatch.setenv(name.upper(), value)
        yield started


def test_the_model_that_matches_finds_what_it_finds_on_duckdb(spark) -> None:
    found = model("lead_accounts", Dbt(spark, "lead_accounts"), spark)
    matches = sorted((row["left_id"], row["right_id"]) for row in found.collect())
    assert matches == [("1", "A1"), ("2", "A2"), ("3", "A3")]


def test_the_model_that_enriches_sends_new_ids_only(spark, server) -> None:
    dbt = Dbt(spark, "people_enriched")
    first = model("people_enriched", dbt, spark)
    assert dbt.settings["unique_key"] == "id"
    spent = server.credits_used
    assert first.count() == 30
    assert spent > 0
    model("people_enriched", dbt, spark)
    assert server.credits_used == spent

    first.write.saveAsTable("people_enriched")
    try:
        none = model("people_enriched", Dbt(spark, "people_enriched", incremental=True), spark)
        assert (none.count(), none.columns) == (0, first.columns)
    finally:
        spark.sql("drop table people_enriched")


def test_a_wrong_model_says_which_and_why(spark) -> None:
    from lantern.integrations.dbt import match

    dbt = Dbt(spark, "m")
    with pytest.raises(
        LanternError, match=r"model m: .*no column 'lead'.*; did you mean 'lead_id'"
    ):
        match(
            dbt, spark, dbt.ref("leads"), dbt.ref("accounts"), ["domain:eq"],
            left_id="lead", right_id="account_id",
        )  # fmt: skip
