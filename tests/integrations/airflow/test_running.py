"""A scheduler, local workers and a triggerer: what is killed or cleared in the middle pays once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import lantern
from conftest import HERE

pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")

from running import DagRun, RunningAirflow

# Some 20 s where nothing else runs. Each wait ends with its event; limits are for busy machines.
pytestmark = pytest.mark.timeout(1200)

# A batch every ten seconds, so that a job has a middle.
SLOWLY = {"batches": 6, "sync": None}


@pytest.fixture(scope="module")
def airflow(
    airflow_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningAirflow]:
    home = tmp_path_factory.mktemp("airflow")
    with RunningAirflow(home, HERE / "dags", airflow_database) as running:
        yield running


@pytest.fixture
def conf(tmp_path: Path) -> dict[str, str]:
    """What a run is told: its table of 250 people, its output, and a connection of its own."""
    return {
        "table": str(tmp_path / "people.parquet"),
        "output": str(tmp_path / "out.parquet"),
        "connection": tmp_path.name,
    }


def write_people(server: lantern.LocalServer, conf: dict[str, str], count: int = 250) -> None:
    server.people().to_polars().head(count).write_parquet(conf["table"])


def assert_paid_once(server: lantern.LocalServer, conf: dict[str, str], batches: list[int]) -> None:
    """Every id was sent in one batch, and every address found was paid for once."""
    assert sorted(server.runs().column("ids").to_pylist()) == sorted(batches)
    result = pl.read_parquet(conf["output"])
    assert result["id"].to_list() == pl.read_parquet(conf["table"])["id"].to_list()
    assert set(result["status"]) == {"found", "not_found"}
    assert server.credits_used == result["email"].drop_nulls().len() > 0


def sent(airflow: RunningAirflow, server: lantern.LocalServer, batches: int) -> None:
    airflow.until(lambda: server.runs().num_rows == batches, 240, f"{batches} batches to be sent")


def noted(run: DagRun) -> list[str]:
    """The runs that the task state store of Airflow names."""
    entries = run.get("taskInstances/enrich/state-store")["task_state_store"]
    return [
        run for entry in entries if entry["key"] == "lantern_job" for run in entry["value"]["runs"]
    ]


def sending(ledger: Path) -> str | None:
    """The key of the job that has a batch under way."""
    if not ledger.exists():
        return None
    jobs = lantern.jobs(ledger=ledger).to_pylist()
    return next((job["key"] for job in jobs if job["in_flight"]), None)


def test_a_worker_killed_while_it_waits_is_followed_by_one_that_goes_on(
    airflow: RunningAirflow, conf: dict[str, str], tmp_path: Path
) -> None:
    with lantern.LocalServer(limits=SLOWLY) as server:
        write_people(server, conf)
        ledger = tmp_path / "ledger.sqlite"
        airflow.connect(conf["connection"], server, ledger)
        run = airflow.trigger("lantern_alone_on_worker", **conf)
        sent(airflow, server, 1)
        run.kill_worker("enrich")
        assert server.runs().num_rows == 1
        assert run.ends(240) == "success"
        assert run.task("enrich")["try_number"] == 2
        assert_paid_once(server, conf, [100, 100, 50])
        assert set(noted(run)) == set(server.runs().column("run_id").to_pylist())


def test_a_retry_without_the_ledger_reads_the_runs_in_the_state_store_and_sends_nothing(
    airflow: RunningAirflow, conf: dict[str, str], tmp_path: Path
) -> None:
    with lantern.LocalServer(limits=SLOWLY) as server:
        write_people(server, conf)
        own, other = tmp_path / "own.sqlite", tmp_path / "other.sqlite"
        airflow.connect(conf["connection"], server, own)
        run = airflow.trigger("lantern_alone_on_worker", **conf)
        sent(airflow, server, 1)
        airflow.until(lambda: noted(run), 240, "the run to be noted")
        airflow.connect(conf["connection"], server, other)
        run.kill_worker("enrich")
        assert run.ends(240) == "failed"
        assert run.task("enrich")["try_number"] == 2  # the third would say the same
        (known,) = noted(run)
        assert f"as runs {known}, and the ledger {other} does not know it" in run.failures()[-1]
        assert server.runs().num_rows == 1

        airflow.connect(conf["connection"], server, own)
        run.clear("enrich")
        assert run.ends(240) == "success"
        assert_paid_once(server, conf, [100, 100, 50])


def test_a_worker_killed_while_it_sends_leaves_a_batch_in_doubt_for_a_person(
    airflow: RunningAirflow, conf: dict[str, str], tmp_path: Path
) -> None:
    with lantern.LocalServer(limits="off") as server:
        write_people(server, conf, 40)
        ledger = tmp_path / "ledger.sqlite"
        airflow.connect(conf["connection"], server, ledger)
        server.add_fault("POST /v1/agents/*: delay 60s times 1")
        run = airflow.trigger("lantern_alone_deferred", **conf)
        key = airflow.until(lambda: sending(ledger), 240, "a batch to be sent")
        run.kill_worker("enrich")
        server.clear_faults()
        assert run.ends(240) == "failed"
        assert run.task("enrich")["try_number"] == 2
        assert "decide with job.resolve(1, run_id=...), job.resend" in run.failures()[-1]
        assert server.runs().num_rows == 0

        # The server's delay came before its work, so a person knows: it did not arrive.
        job = server.client(ledger=ledger).job(key)
        (doubt,) = job.in_doubt().to_pylist()
        job.resend(doubt["batch"])
        run.clear("enrich")
        assert run.ends(240) == "success"
        assert_paid_once(server, conf, [40])


@pytest.mark.end_to_end
def test_a_task_cleared_while_it_is_deferred_finds_its_job(
    airflow: RunningAirflow, conf: dict[str, str], tmp_path: Path
) -> None:
    with lantern.LocalServer(limits="off", work_delay=5.0) as server:
        write_people(server, conf)
        airflow.connect(conf["connection"], server, tmp_path / "ledger.sqlite")
        run = airflow.trigger("lantern_alone_deferred", **conf)
        run.comes_to("enrich", "deferred")
        sent(airflow, server, 3)
        run.clear("enrich")
        assert run.ends(240) == "success"
        assert run.task("enrich")["try_number"] == 2
        assert_paid_once(server, conf, [100, 100, 50])


@pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.end_to_end)]
)
def test_mapped_tasks_forked_at_once_all_end_and_spend_nothing_when_cleared(
    airflow: RunningAirflow,
    conf: dict[str, str],
    tmp_path: Path,
    kind: str,
    request: pytest.FixtureRequest,
) -> None:
    ledger: Path | str = tmp_path / "ledger.sqlite"
    if kind == "postgresql":
        ledger = request.getfixturevalue("postgresql").database()
    with lantern.LocalServer(limits="off") as server:
        tables = [str(tmp_path / f"people-{index}.parquet") for index in range(4)]
        for index, table in enumerate(tables):
            server.people().to_polars().slice(30 * index, 30).write_parquet(table)
        airflow.connect(conf["connection"], server, ledger)
        told = {"tables": tables, "output": f"{tmp_path}/results/"}
        run = airflow.trigger("lantern_mapped_on_worker", **(conf | told))
        assert run.ends(240) == "success"
        results = sorted((tmp_path / "results").iterdir())
        assert len(results) == 4
        found = [pl.read_parquet(path)["email"].drop_nulls().len() for path in results]
        assert server.credits_used == sum(found) > 0
        for path in results:
            path.unlink()
        run.clear("enrich")
        assert run.ends(240) == "success"
        assert all(path.exists() for path in results)
        assert server.runs().column("ids").to_pylist() == [30, 30, 30, 30]
        assert server.credits_used == sum(found)


def test_a_run_that_an_asset_event_starts_pays_for_new_rows_alone(
    airflow: RunningAirflow, conf: dict[str, str], tmp_path: Path
) -> None:
    with lantern.LocalServer(limits="off") as server:
        airflow.connect(conf["connection"], server, tmp_path / "ledger.sqlite")
        for number, count in enumerate((40, 40, 55)):
            write_people(server, conf, count)
            output = tmp_path / f"out-{number}.parquet"
            run = airflow.trigger("lantern_produces", **(conf | {"output": str(output)}))
            assert run.ends(240) == "success"
            airflow.until(output.exists, 240, "the run that the event starts to write its result")
            assert pl.read_parquet(output).height == count
        assert server.runs().column("ids").to_pylist() == [40, 15]


def test_no_page_shows_a_secret_of_a_connection(
    airflow: RunningAirflow, conf: dict[str, str], tmp_path: Path
) -> None:
    extra = {
        "ledger": "postgresql://me@127.0.0.1:9/ledger",
        "ledger_password": "sentinel-1",
        "proxy": "http://me:sentinel-2@127.0.0.1:9",
        "storage_options": {
            "aws_secret_access_key": "sentinel-3",
            "aws_session_token": "sentinel-4",
            "google_service_account_key": "sentinel-5",
        },
        "storage_secrets": {
            "azure_storage_account_key": "sentinel-6",
            "azure_storage_sas_key": "sentinel-7",
        },
    }
    body = {
        "connection_id": conf["connection"],
        "conn_type": "lantern",
        "host": "http://127.0.0.1:9",
        "password": "sentinel-0",
        "extra": json.dumps(extra),
    }
    airflow.rest.post("connections", json=body).raise_for_status()
    (tmp_path / "people.parquet").write_bytes(b"")
    pl.DataFrame({"id": ["P0000001"]}).write_parquet(conf["table"])
    run = airflow.trigger("lantern_alone_on_worker", **conf)
    assert run.ends(240) == "failed"
    instance = f"{run.path}/taskInstances/enrich"
    number = run.task("enrich")["try_number"]
    shown = airflow.texts(
        "connections", f"connections/{conf['connection']}", run.path, instance,
        f"{instance}/xcomEntries", f"{instance}/logs/{number}", "providers",
    )  # fmt: skip
    assert "azure_storage_account_key" in shown[1]
    logs = [path.read_text(errors="replace") for path in airflow.home.rglob("*.log")]
    assert logs
    leaks = [text for text in [*shown, *logs, *run.failures()] if "sentinel" in text]
    assert not leaks, leaks[0][:2000]
