"""`LanternBatchOperator` in DAG runs of a real Airflow."""

from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantern

pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")

import boto3

MONDAY = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
WAYS = ["deferred", "on_worker"]


def people(server: lantern.LocalServer, folder: Path, first: int = 0, count: int = 250) -> Path:
    path = folder / f"people-{first}-{count}.parquet"
    server.people().to_polars().slice(first, count).write_parquet(path)
    return path


@pytest.mark.parametrize("way", WAYS)
def test_a_table_becomes_a_table(
    server: lantern.LocalServer, run_dag: Any, tmp_path: Path, way: str
) -> None:
    table, output = people(server, tmp_path), tmp_path / "new folder" / "enriched.parquet"
    ran = run_dag(f"lantern_{way}", table=str(table), output=str(output))
    assert ran.state == "success", ran.failures
    result = pl.read_parquet(output)
    assert result["id"].to_list() == pl.read_parquet(table)["id"].to_list()
    truth = pl.read_parquet(table).select("id", "email")
    both = result.join(truth, on="id", suffix="_true")
    assert both["email"].to_list() == both["email_true"].to_list()
    assert server.runs().num_rows == 3  # batches of 100

    assert ran.xcom("enrich") == str(output)
    summary = ran.xcom("enrich", "summary")
    assert summary["state"] == "done"
    assert summary["rows"] == 250
    assert summary["emails"] == result["email"].drop_nulls().len() == server.credits_used
    assert ran.xcom("enrich", "job").startswith(f"airflow/lantern_{way}/enrich/")


@pytest.mark.parametrize("way", WAYS)
def test_the_link_leads_to_the_run(
    server: lantern.LocalServer, run_dag: Any, tmp_path: Path, way: str
) -> None:
    table = people(server, tmp_path, count=10)
    ran = run_dag(f"lantern_{way}", table=str(table), output=str(tmp_path / "out.parquet"))
    run = server.runs().column("run_id")[0].as_py()
    link = ran.xcom("enrich", "_link_LanternRunLink")
    assert link == f"{server.url}/v1/agents/runs/{run}/status"


@pytest.mark.parametrize("ledger", ["sqlite", "postgresql"])
@pytest.mark.parametrize("way", WAYS)
def test_a_task_that_runs_again_spends_nothing(
    server: lantern.LocalServer,
    run_dag: Any,
    tmp_path: Path,
    way: str,
    ledger: str,
    request: pytest.FixtureRequest,
) -> None:
    if ledger == "postgresql":
        url = request.getfixturevalue("shared_ledger")
    conf = {"table": str(people(server, tmp_path)), "output": str(tmp_path / "out.parquet")}
    assert run_dag(f"lantern_{way}", MONDAY, **conf).state == "success"
    spent, runs = server.credits_used, server.runs().num_rows
    before = pl.read_parquet(conf["output"])
    Path(conf["output"]).unlink()
    again = run_dag(f"lantern_{way}", MONDAY, **conf)
    assert again.state == "success", again.failures
    if ledger == "postgresql":
        assert lantern.jobs(ledger=url).column("state").to_pylist() == ["done"]
    assert spent > 0
    assert (server.credits_used, server.runs().num_rows) == (spent, runs)
    assert pl.read_parquet(conf["output"]).equals(before)


@pytest.mark.parametrize("way", WAYS)
def test_a_higher_budget_goes_on_with_the_ids_that_were_left(
    server: lantern.LocalServer, run_dag: Any, tmp_path: Path, way: str
) -> None:
    conf = {"table": str(people(server, tmp_path)), "output": str(tmp_path / "out.parquet")}
    first = run_dag(f"lantern_{way}", MONDAY, max_credits=50, **conf)
    assert first.xcom("enrich", "summary")["state"] == "budget_spent"
    assert server.credits_used == 50
    second = run_dag(f"lantern_{way}", MONDAY, max_credits=1000, **conf)
    assert second.xcom("enrich", "summary")["state"] == "done"
    assert server.credits_used == pl.read_parquet(conf["output"])["email"].drop_nulls().len()


@pytest.mark.parametrize("way", WAYS)
def test_mapped_tasks_have_a_job_and_a_file_each(
    server: lantern.LocalServer, run_dag: Any, tmp_path: Path, way: str
) -> None:
    tables = [people(server, tmp_path, first, 20) for first in (0, 20, 40)]
    conf = {"tables": [str(table) for table in tables], "output": f"{tmp_path}/results/"}
    ran = run_dag(f"lantern_mapped_{way}", MONDAY, **conf)
    assert ran.state == "success", ran.failures
    for index, table in enumerate(tables):
        written = Path(ran.xcom("enrich", map_index=index))
        assert written.parent == tmp_path / "results"
        result = pl.read_parquet(written)
        assert result["id"].to_list() == pl.read_parquet(table)["id"].to_list()
        assert ran.xcom("enrich", "job", index).endswith(f"/2026-11-23T00:00:00+00:00/{index}")
    spent = server.credits_used
    assert run_dag(f"lantern_mapped_{way}", MONDAY, **conf).state == "success"
    assert (server.credits_used, server.runs().num_rows) == (spent, 3)


@pytest.mark.parametrize("way", WAYS)
def test_a_failed_api_leaves_a_task_that_is_tried_again_and_pays_once(
    server: lantern.LocalServer, run_dag: Any, tmp_path: Path, way: str
) -> None:
    # The task fails after it has paid.
    conf = {"table": str(people(server, tmp_path)), "output": str(tmp_path / "out.parquet")}
    server.add_fault("GET /v1/agents/runs/*: status 401 times 1")
    failed = run_dag(f"lantern_{way}", MONDAY, **conf)
    assert failed.state == "failed"
    assert server.runs().num_rows > 0
    ran = run_dag(f"lantern_{way}", MONDAY, **conf)
    assert ran.state == "success", ran.failures
    assert server.runs().num_rows == 3
    assert server.credits_used == pl.read_parquet(conf["output"])["email"].drop_nulls().len()


@pytest.mark.parametrize("way", WAYS)
def test_tables_come_from_and_go_to_s3(
    server: lantern.LocalServer, run_dag: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    from conftest import connect_store

    options = server.storage_options
    s3 = boto3.client(
        "s3",
        endpoint_url=options["aws_endpoint_url"],
        region_name=options["aws_region"],
        aws_access_key_id=options["aws_access_key_id"],
        aws_secret_access_key=options["aws_secret_access_key"],
    )
    s3.create_bucket(Bucket="crm")
    known = server.people().to_polars().head(30)
    known.write_parquet(written := io.BytesIO())
    s3.put_object(Bucket="crm", Key="people.parquet", Body=written.getvalue())

    bucket = f"s3://{connect_store(monkeypatch, server)}@crm"
    conf = {"table": f"{bucket}/people.parquet", "output": f"{bucket}/out/"}
    ran = run_dag(f"lantern_{way}", MONDAY, **conf)
    assert ran.state == "success", ran.failures
    written = ran.xcom("enrich").removeprefix(f"{bucket}/")
    assert written.startswith(f"out/lantern_{way}.")
    # What looked whether it can write there is gone.
    keys = [there["Key"] for there in s3.list_objects_v2(Bucket="crm")["Contents"]]
    assert keys == [written, "people.parquet"]
    stored = s3.get_object(Bucket="crm", Key=written)["Body"].read()
    result = pl.read_parquet(stored)
    assert result["id"].to_list() == known["id"].to_list()
    assert server.credits_used == result["email"].drop_nulls().len() > 0

    spent = server.credits_used
    assert run_dag(f"lantern_{way}", MONDAY, **conf).state == "success"
    assert server.credits_used == spent


def test_tables_come_from_and_go_to_addresses_of_files(
    server: lantern.LocalServer, run_dag: Any, tmp_path: Path
) -> None:
    source = people(server, tmp_path, count=30)
    output = tmp_path / "there" / "out.parquet"
    ran = run_dag("lantern_deferred", table=f"file://{source}", output=f"file://{output}")
    assert ran.state == "success", ran.failures
    assert ran.xcom("enrich") == f"file://{output}"
    assert pl.read_parquet(output).height == 30


@pytest.mark.parametrize("ending", ["csv", "arrow"])
def test_ids_keep_their_zeros_whatever_the_format(
    run_dag: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: str
) -> None:
    from conftest import connect

    known = pl.DataFrame({"id": ["007", "008"], "email": ["bond@example.com", None]})
    table = tmp_path / f"people.{ending}"
    (known.write_csv if ending == "csv" else known.write_ipc)(table)
    with lantern.LocalServer(people=known, limits="off") as server:
        connect(monkeypatch, "lantern_default", server, tmp_path / "ledger.sqlite")
        output = tmp_path / "out.parquet"
        ran = run_dag("lantern_deferred", table=str(table), output=str(output))
        assert ran.state == "success", ran.failures
    rows = pl.read_parquet(output).select("id", "status", "email").rows()
    assert rows == [("007", "found", "bond@example.com"), ("008", "not_found", None)]
