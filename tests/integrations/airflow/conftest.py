"""A real Airflow on SQLite for the tests, with an API of its own for each."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from postgresql import PostgreSQL, started

import lantern

HERE = Path(__file__).parent
HOME = tempfile.TemporaryDirectory(prefix="lantern-airflow-", ignore_cleanup_errors=True)
# Airflow reads its settings when it is imported.
os.environ |= {
    "AIRFLOW_HOME": HOME.name,
    "AIRFLOW__CORE__DAGS_FOLDER": str(HERE / "dags"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME.name}/airflow.db",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": os.environ.get("LEVEL", "WARNING"),
}


@pytest.fixture(scope="session")
def airflow_database() -> Path:
    """Migrates the database of the tests, and answers an empty copy of it."""
    pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return Path(shutil.copy(f"{HOME.name}/airflow.db", f"{HOME.name}/empty.db"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[lantern.LocalServer]:
    """An API, and the connection `lantern_default` that leads to it."""
    with lantern.LocalServer(limits="off") as server:
        connect(monkeypatch, "lantern_default", server, tmp_path / "ledger.sqlite")
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server."""
    with started() as running:
        yield running


@pytest.fixture
def shared_ledger(
    server: lantern.LocalServer, monkeypatch: pytest.MonkeyPatch, postgresql: PostgreSQL
) -> str:
    """The connection `lantern_default` with its ledger in PostgreSQL."""
    url = postgresql.database()
    connect(monkeypatch, "lantern_default", server, url)
    return url


def connect(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    server: lantern.LocalServer,
    ledger: Path | str,
    **changes: Any,
) -> None:
    url, password = without_password(str(ledger))
    extra = {
        "ledger": url,
        "ledger_password": password,
        "storage_options": server.storage_options,
        "limits": dict.fromkeys(["sync", "batches", "credits", "bursts"]),  # so that nothing waits
    }
    connection = {
        "conn_type": "lantern",
        "host": server.url,
        "password": server.key,
        "extra": json.dumps(extra),
    }
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection | changes))


def without_password(ledger: str) -> tuple[str, str]:
    """The URL of a ledger as a connection has it, and its password, which Airflow hides."""
    before, _, after = ledger.partition("://")
    user, at, place = after.partition("@")
    name, _, password = user.partition(":")
    return (f"{before}://{name}@{place}", password) if at else (ledger, "")


def connect_store(
    monkeypatch: pytest.MonkeyPatch, server: lantern.LocalServer, **changes: Any
) -> str:
    """Makes a connection to the server's S3 endpoint, as Amazon's provider reads it."""
    options = server.storage_options
    extra = {"endpoint_url": options["aws_endpoint_url"], "region_name": options["aws_region"]}
    connection = {
        "conn_type": "aws",
        "login": options["aws_access_key_id"],
        "password": options["aws_secret_access_key"],
        "extra": json.dumps(extra),
    }
    # Airflow keeps a filesystem by the connection's name for as long as the process lives.
    name = f"store_{secrets.token_hex(4)}"
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(connection | changes))
    return name


class Ran:
    """One DAG run that has ended."""

    def __init__(self, run: Any, failures: Path) -> None:
        self.run = run
        self.failures = (
            [json.loads(line) for line in failures.read_text().splitlines()]
            if failures.exists()
            else []
        )

    @property
    def state(self) -> str:
        return str(self.run.state)

    def task(self, task_id: str, map_index: int = -1) -> Any:
        return self.run.get_task_instance(task_id, map_index=map_index)

    def xcom(self, task_id: str, key: str = "return_value", map_index: int = -1) -> Any:
        from airflow.models.xcom import XComModel
        from airflow.utils.session import create_session

        with create_session() as session:
            row = session.scalars(
                XComModel.get_many(
                    run_id=self.run.run_id, key=key, task_ids=task_id, map_indexes=map_index
                )
            ).first()
            return None if row is None else XComModel.deserialize_value(row)


@pytest.fixture
def run_dag(
    airflow_database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Ran]:
    """Runs a DAG of the tests by `dag.test()`."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(HERE / "dags"))
    assert not bag.import_errors, bag.import_errors

    def run(dag_id: str, logical_date: Any = None, **conf: Any) -> Ran:
        failures = tmp_path / "failures.jsonl"
        failures.unlink(missing_ok=True)
        monkeypatch.setenv("FAILURES", str(failures))
        dates = {} if logical_date is None else {"logical_date": logical_date}
        return Ran(bag.dags[dag_id].test(run_conf=conf, **dates), failures)

    return run
