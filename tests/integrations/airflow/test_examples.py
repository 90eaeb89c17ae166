"""What the docstrings and docs/airflow.md show is run: as DAG files, or doctests with prompts."""

from __future__ import annotations

import datetime
import doctest
import inspect
import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantern

pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")

from lantern.integrations import airflow as integration

PAGE = Path(__file__).parents[3] / "docs" / "airflow.md"
MONDAY = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
METHODS = ["get_async_conn", "get_conn", "run_url", "test_connection"]


@pytest.fixture
def files(server: lantern.LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the examples work in, with the tables and the job that they name."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    people = server.people().to_polars().head(20)
    people.write_csv("people.csv")
    server.companies().to_polars().write_parquet("companies.parquet")
    client = server.client(ledger=tmp_path / "ledger.sqlite")
    client.submit(people, "email", max_credits=20, key="weekly")
    return folder


@pytest.fixture
def succeed(
    airflow_database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Runs the DAG of a file."""
    from airflow.dag_processing.dagbag import DagBag

    def run(code: str) -> None:
        dags = tmp_path / "dags"
        dags.mkdir()
        (dags / "shown.py").write_text(code)
        local = "airflow.dag_processing.bundles.local.LocalDagBundle"
        bundle = {"name": "shown", "classpath": local, "kwargs": {"path": str(dags)}}
        bundles = json.dumps([bundle])
        monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", bundles)
        bag = DagBag(str(dags))
        assert not bag.import_errors, bag.import_errors
        (dag,) = bag.dags.values()
        assert str(dag.test(logical_date=MONDAY).state) == "success"

    return run


@pytest.mark.parametrize("name", integration.__all__)
def test_a_dag_that_is_shown_succeeds(
    name: str, files: Path, succeed: Callable[[str], None]
) -> None:
    shown = inspect.getdoc(getattr(integration, name)).split("Example:\n")[1]
    succeed(textwrap.dedent(shown))
    written = {
        # A file of the DAG run.
        "LanternBatchOperator": {"enriched/enrich_people"},
        "LanternMatchOperator": {"pairs"},
    }
    now = {
        str(path.relative_to(files)).partition(".")[0]
        for path in files.rglob("*.parquet")
        if path.name != "companies.parquet"
    }
    assert now == written.get(name, set())


def test_the_dag_of_the_docs_succeeds(files: Path, succeed: Callable[[str], None]) -> None:
    (shown,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    people = pl.read_csv("people.csv")
    people.write_parquet("leads-2026-11-23.parquet")
    people.select("company_name").write_parquet("accounts.parquet")
    succeed(shown.replace("/data/", f"{files}/"))
    assert pl.read_parquet("pairs-2026-11-23.parquet").height == people.height


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_the_hook_does_what_is_shown(name: str, server: lantern.LocalServer) -> None:
    text = inspect.getdoc(getattr(integration.LanternHook, name))
    given: dict[str, Any] = {"LanternHook": integration.LanternHook}
    test = doctest.DocTestParser().get_doctest(text, given, name, None, None)
    assert test.examples
    report: list[str] = []
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    result = doctest.DocTestRunner(optionflags=options).run(test, out=report.append)
    assert result.failed == 0, "".join(report)
