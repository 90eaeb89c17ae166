"""What a task may spend is the run's budget, and answers of other runs are not paid again."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow
import pytest

import lantern

pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")

DAYS = [datetime.datetime(2026, 11, day, tzinfo=datetime.UTC) for day in (23, 24, 25)]
WAYS = ["deferred", "on_worker"]


def sent(server: lantern.LocalServer) -> list[int]:
    return server.runs().column("ids").to_pylist()


@pytest.fixture
def conf(tmp_path: Path) -> dict[str, str]:
    return {"table": f"{tmp_path}/people.parquet", "output": f"{tmp_path}/out.parquet"}


def write(server: lantern.LocalServer, conf: dict[str, str], first: int, count: int) -> None:
    server.people().to_polars().slice(first, count).write_parquet(conf["table"])


@pytest.mark.parametrize("way", WAYS)
def test_a_cleared_upstream_and_another_run_pay_for_new_rows_alone(
    server: lantern.LocalServer, run_dag: Any, conf: dict[str, str], way: str
) -> None:
    write(server, conf, 0, 40)
    assert run_dag(f"lantern_{way}", DAYS[0], **conf).state == "success"
    write(server, conf, 5, 45)  # upstream is cleared, and its table has other rows now
    ran = run_dag(f"lantern_{way}", DAYS[0], **conf)
    assert ran.state == "success", ran.failures
    assert sent(server) == [40, 10]
    write(server, conf, 0, 55)
    ran = run_dag(f"lantern_{way}", DAYS[1], **conf)
    assert ran.state == "success", ran.failures
    assert sent(server) == [40, 10, 5]
    result = pl.read_parquet(conf["output"])
    assert result["id"].to_list() == pl.read_parquet(conf["table"])["id"].to_list()
    assert set(result["status"]) <= {"found", "not_found"}
    assert server.credits_used == result["email"].drop_nulls().len()
    summary = ran.xcom("enrich", "summary")
    assert (summary["reused"], summary["sent"]) == (50, 5)
    assert summary["spent"] < 5 + 1


@pytest.mark.parametrize("way", WAYS)
def test_a_budget_is_that_of_the_run_with_all_its_tries(
    server: lantern.LocalServer, run_dag: Any, conf: dict[str, str], way: str
) -> None:
    write(server, conf, 0, 200)
    for day in DAYS[:2]:
        before = server.credits_used
        for _ in range(2):
            ran = run_dag(f"lantern_{way}", day, max_credits=20, **conf)
            assert ran.xcom("enrich", "summary")["state"] == "budget_spent"
            assert server.credits_used - before == 20
    write(server, conf, 150, 60)  # more rows in the same run do not get another budget
    before = server.credits_used
    ran = run_dag(f"lantern_{way}", DAYS[1], max_credits=20, **conf)
    assert ran.state == "success", ran.failures
    assert server.credits_used == before
    # A raised budget is raised for this run alone, and only for the rows that there are now.
    ran = run_dag(f"lantern_{way}", DAYS[1], max_credits=30, **conf)
    assert server.credits_used - before <= 10
    assert sent(server)[-1] <= 60


@pytest.mark.parametrize("way", WAYS)
def test_runs_write_files_of_their_own_into_a_folder(
    server: lantern.LocalServer, run_dag: Any, conf: dict[str, str], tmp_path: Path, way: str
) -> None:
    conf["output"] = f"{tmp_path}/enriched/"
    write(server, conf, 0, 10)
    first = run_dag(f"lantern_{way}", DAYS[0], **conf).xcom("enrich")
    write(server, conf, 10, 20)
    second = run_dag(f"lantern_{way}", DAYS[1], **conf).xcom("enrich")
    again = run_dag(f"lantern_{way}", DAYS[1], **conf).xcom("enrich")
    assert first != second == again
    assert Path(first).name.startswith(f"lantern_{way}.")
    assert [pl.read_parquet(path).height for path in (first, second)] == [10, 20]
    assert len(list((tmp_path / "enriched").iterdir())) == 2


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", ["rows", "columns"])
def test_a_task_returns_a_table(
    server: lantern.LocalServer, run_dag: Any, conf: dict[str, str], way: str, form: str
) -> None:
    ids = server.people().column("id").to_pylist()[:20]
    table: Any = {"id": ids, "note": ["x"] * 20}
    if form == "rows":
        table = [{"id": id} | ({"note": "x"} if at else {}) for at, id in enumerate(ids)]
    ran = run_dag(f"lantern_rows_{way}", rows=table, output=conf["output"])
    assert ran.state == "success", ran.failures
    assert pl.read_parquet(conf["output"])["id"].to_list() == ids
    assert sent(server) == [20]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["P0000001"]], "table is a list; give a path, a data frame"),
        (17, "table is a int; give a path, a data frame"),
        ([{"id": "P1", "x": 1}, {"id": "P2", "x": "sentinel"}], "cannot be read as a table"),
        ([{"person": "P0000001"}], 'has no column "id"'),
    ],
)
def test_what_is_no_table_is_said_and_no_value_of_it(
    server: lantern.LocalServer, run_dag: Any, conf: dict[str, str], rows: Any, said: str
) -> None:
    ran = run_dag("lantern_rows_deferred", rows=rows, output=conf["output"])
    assert ran.state == "failed"
    (failure,) = ran.failures
    assert said in failure["message"]
    assert "sentinel" not in failure["message"]
    assert sent(server) == []


def test_tables_in_memory_are_read_as_arrow(server: lantern.LocalServer) -> None:
    from lantern.integrations.airflow.tables import read_table

    people = server.people().to_polars().head(3)
    for table in (people, people.lazy(), people.to_arrow(), server.people().slice(0, 3)):
        assert read_table(table, "table")["id"].to_pylist() == people["id"].to_list()
    empty = read_table([], "table", ["id"])
    assert (empty.num_rows, empty.schema) == (0, pyarrow.schema({"id": pyarrow.string()}))


@pytest.mark.parametrize("way", WAYS)
def test_without_a_budget_known_answers_are_written_and_nothing_is_sent(
    server: lantern.LocalServer, run_dag: Any, conf: dict[str, str], way: str
) -> None:
    write(server, conf, 0, 20)
    run_dag(f"lantern_{way}", DAYS[0], **conf)
    spent = server.credits_used
    write(server, conf, 0, 30)
    ran = run_dag(f"lantern_{way}", DAYS[1], max_credits=0, **conf)
    assert ran.state == "success", ran.failures
    assert (server.credits_used, sent(server)) == (spent, [20])
    result = pl.read_parquet(conf["output"])
    assert set(result["status"].tail(10)) == {"over_budget"}
    assert set(result["status"].head(20)) <= {"found", "not_found"}


FAILS = "POST /v1/agents/*: run-fails times 1"


@pytest.mark.parametrize("way", WAYS)
def test_a_run_that_fails_at_the_api_fails_the_task(
    server: lantern.LocalServer, run_dag: Any, conf: dict[str, str], way: str
) -> None:
    write(server, conf, 0, 20)
    server.add_fault(FAILS)
    ran = run_dag(f"lantern_{way}", DAYS[0], **conf)
    assert ran.state == "failed"
    (failure,) = ran.failures
    assert "AirflowFailException" in failure["kinds"]
    assert sent(server) == [20]
    assert server.credits_used == 0


@pytest.mark.parametrize("way", WAYS)
def test_a_failed_run_is_sent_again_or_kept_as_the_task_says(
    server: lantern.LocalServer, run_dag: Any, conf: dict[str, str], way: str
) -> None:
    write(server, conf, 0, 20)
    server.add_fault(FAILS)
    ran = run_dag(f"lantern_keep_{way}", DAYS[0], **conf)
    assert ran.state == "success", ran.failures
    assert set(pl.read_parquet(conf["output"])["status"]) == {"failed"}
    assert ran.xcom("enrich", "summary")["row_status"] == {"failed": 20}
    assert ran.xcom("enrich", "summary")["spent"] == 0
    server.add_fault(FAILS)
    ran = run_dag(f"lantern_resend_{way}", DAYS[0], **conf)
    assert ran.state == "success", ran.failures
    assert set(pl.read_parquet(conf["output"])["status"]) <= {"found", "not_found"}
    assert sent(server) == [20, 20, 20]
