"""What is set up wrongly fails at once, in one sentence, and costs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantern
from conftest import connect, connect_store

pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")


@pytest.fixture
def good(server: lantern.LocalServer, tmp_path: Path) -> dict[str, Any]:
    table = tmp_path / "people.parquet"
    server.people().to_polars().head(20).write_parquet(table)
    return {"table": str(table), "output": str(tmp_path / "out.parquet")}


CASES = {
    "no connection": ({"connection": "not_there"}, "there is no connection 'not_there'; add one"),
    "another type": ({"connection": "postgres"}, "is of type 'postgres'; choose one of type"),
    "no key": ({"connection": "keyless"}, "has no API key; enter it as the connection's password"),
    "wrong key": ({"connection": "wrong_key"}, "the API key is wrong"),
    "wrong extra": ({"connection": "typo"}, "'leger', which is no setting; there are ledger"),
    "broken extra": ({"connection": "broken"}, "is no JSON object; correct it"),
    "wrong column": (
        {"id_column": "person"},
        'the table has no column "person" (its',
    ),
    "wrong kind": ({"kind": "emil"}, '"emil" is not a kind of batch; use phone, email'),
    "no file": ({"table": "/not/there.parquet"}, "there is no file /not/there.parquet"),
    "damaged file": (
        {"table": "{damaged}"},
        "damaged.parquet cannot be read as parquet: Parquet magic",
    ),
    "no bucket": ({"table": "s3://{store}@nowhere/a.parquet"}, "there is no file s3://"),
    "no access": (
        {"table": "s3://{no_access}@lantern-results/a.parquet"},
        "@lantern-results/a.parquet may not be read by this worker",
    ),
    "no storage connection": (
        {"output": "s3://lost@lantern-results/a.parquet"},
        "there is no connection 'lost', which s3://lost@lantern-results/a.parquet names; add it",
    ),
    "no bucket for output": (
        {"output": "s3://{store}@nowhere/a.parquet"},
        "@nowhere/a.parquet cannot be written here",
    ),
    "no access for output": (
        {"output": "s3://{no_access}@lantern-results/a.parquet"},
        "@lantern-results/a.parquet cannot be written here",
    ),
    "no table": ({"table": "/etc/hostname"}, "is no .parquet, .csv or .arrow file"),
    "no provider": ({"table": "gs://bucket/a.parquet"}, "no filesystem for gs:// is installed"),
    "no number": ({"max_credits": "many"}, "max_credits is 'many'; give a whole number"),
    "no output": ({"output": ""}, "destination is empty; give the path"),
    "unwritable": ({"output": "/proc/out.parquet"}, "destination: /proc/out.parquet"),
    "no Parquet": ({"output": "/tmp/out.xlsx"}, "is no .parquet file"),
}


@pytest.mark.parametrize("way", ["deferred", "on_worker"])
@pytest.mark.parametrize("case", CASES)
def test_a_wrong_setting_fails_at_once_and_costs_nothing(
    server: lantern.LocalServer,
    good: dict[str, Any],
    run_dag: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    way: str,
    case: str,
) -> None:
    ledger = tmp_path / "ledger.sqlite"
    connect(monkeypatch, "postgres", server, ledger, conn_type="postgres")
    connect(monkeypatch, "keyless", server, ledger, password="")
    connect(monkeypatch, "wrong_key", server, ledger, password="sentinel-key-7f3a")
    connect(monkeypatch, "typo", server, ledger, extra='{"leger": "/tmp/ledger"}')
    connect(monkeypatch, "broken", server, ledger, extra="{ledger")
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(b"no Parquet at all")
    named = {
        "store": connect_store(monkeypatch, server),
        "no_access": connect_store(monkeypatch, server, password="not the secret"),
        "damaged": damaged,
    }
    changes, message = CASES[case]
    changes = {name: value.format_map(named) for name, value in changes.items()}
    ran = run_dag(f"lantern_{way}", **(good | changes))
    assert ran.state == "failed"
    (failure,) = ran.failures  # once, although the task may be tried three times
    assert message in failure["message"]
    assert "\n" not in failure["message"]
    assert "AirflowFailException" in failure["kinds"]
    assert "sentinel-key-7f3a" not in failure["message"]
    assert server.key not in failure["message"]
    assert server.runs().num_rows == 0
    assert server.credits_used == 0


@pytest.mark.parametrize("way", ["deferred", "on_worker"])
@pytest.mark.parametrize(
    ("connection", "message"),
    [
        ("dead", "no connection (Connection refused (os error 111)); check the base URL"),
        ("no_ledger", "/proc/no/ledger.sqlite cannot be"),
    ],
)
def test_what_may_pass_is_tried_again_and_costs_nothing(
    server: lantern.LocalServer,
    good: dict[str, Any],
    run_dag: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    way: str,
    connection: str,
    message: str,
) -> None:
    connect(monkeypatch, "dead", server, tmp_path / "ledger.sqlite", host="http://127.0.0.1:9")
    connect(monkeypatch, "no_ledger", server, Path("/proc/no/ledger.sqlite"))
    ran = run_dag(f"lantern_{way}", **good, connection=connection)
    assert ran.state == "failed"
    (failure,) = ran.failures  # the last of three tries
    assert ran.task("enrich").try_number == 3
    assert message in failure["message"]
    assert "\n" not in failure["message"]
    assert "AirflowException" in failure["kinds"]
    assert "AirflowFailException" not in failure["kinds"]
    assert server.runs().num_rows == 0


@pytest.mark.parametrize("way", ["deferred", "on_worker"])
def test_a_batch_in_doubt_fails_at_once_and_is_never_sent_again(
    server: lantern.LocalServer, good: dict[str, Any], run_dag: Any, way: str
) -> None:
    from test_batch import MONDAY

    server.add_fault("POST /v1/agents/*: reset after times 1")
    for _ in range(2):
        ran = run_dag(f"lantern_{way}", MONDAY, **good)
        (failure,) = ran.failures
        assert "AirflowFailException" in failure["kinds"]
        assert server.runs().num_rows == 1


class Store(dict[str, Any]):
    """The task state store of one task instance, which outlives a worker."""

    set = dict.__setitem__
    delete = dict.__delitem__


def test_runs_that_another_ledger_knows_are_named_and_not_sent_again(
    server: lantern.LocalServer,
    airflow_database: None,
    good: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from unittest.mock import Mock

    from airflow.sdk.exceptions import AirflowFailException

    from lantern.integrations.airflow import LanternBatchOperator, LanternHook

    store = Store()
    context: Any = {"ti": Mock(), "task_state_store": store}

    def on_a_worker(ledger: str) -> LanternBatchOperator:
        connect(monkeypatch, "lantern_default", server, tmp_path / ledger)
        task = LanternBatchOperator(
            task_id="enrich",
            table=good["table"],
            destination=good["output"],
            kind="email",
            max_credits=20,
            job_key="one job",
            deferrable=False,
        )
        task._client = LanternHook().get_conn()
        return task

    first = on_a_worker("first.sqlite")
    noted = first.submit_job(context)
    (run,) = server.runs().column("run_id").to_pylist()
    assert store["lantern_job"] == noted
    assert noted["runs"] == [run]

    second = on_a_worker("second.sqlite")
    with pytest.raises(AirflowFailException, match=f"as runs {run}.*nothing was sent again"):
        second.get_job_status(noted, context)
    assert server.runs().num_rows == 1

    again = on_a_worker("first.sqlite")
    again.poll_until_complete(noted, context)
    assert again.is_job_succeeded(again.get_job_status(noted, context))
    assert server.runs().num_rows == 1


def test_a_triggerer_without_the_ledger_says_so(
    server: lantern.LocalServer, airflow_database: None
) -> None:
    from airflow.sdk.exceptions import AirflowFailException
    from test_trigger import fire

    from lantern.integrations.airflow.trigger import LanternJobTrigger, raise_for

    event = fire(LanternJobTrigger("airflow/not/there"))
    with pytest.raises(AirflowFailException, match="needs the ledger of the worker"):
        raise_for(event)


def test_a_missing_package_is_named(
    server: lantern.LocalServer, good: dict[str, Any], run_dag: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (failure,) = run_dag("lantern_deferred", **good).failures
    assert "install it with: pip install 'lantern[airflow]'" in failure["message"]
    assert "AirflowOptionalProviderFeatureException" in failure["kinds"]
    assert "AirflowFailException" in failure["kinds"]
    assert server.credits_used == 0


def test_matching_a_wrong_column_fails_at_once(
    server: lantern.LocalServer, run_dag: Any, tmp_path: Path
) -> None:
    left, right = tmp_path / "left.csv", tmp_path / "right.csv"
    pl.DataFrame({"id": ["1"], "company": ["Acme"]}).write_csv(left)
    pl.DataFrame({"account": ["a"], "company": ["Acme"]}).write_csv(right)
    good = {"left": str(left), "right": str(right), "output": str(tmp_path / "pairs.parquet")}
    (failure,) = run_dag("lantern_match", **good, rule="compny:eq").failures
    assert "compny" in failure["message"]
    (failure,) = run_dag("lantern_match", **(good | {"left": "/not/there.csv"})).failures
    assert failure["message"] == "left: there is no file /not/there.csv"
    assert "AirflowFailException" in failure["kinds"]
