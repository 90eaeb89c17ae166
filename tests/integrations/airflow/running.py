"""An Airflow of real processes on SQLite, which a test drives by its REST API."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import psutil

import lantern
from conftest import without_password

T = TypeVar("T")

COMPONENTS = {
    "api-server": ["--workers", "1"],
    "scheduler": [],
    "dag-processor": [],
    "triggerer": ["--capacity", "10"],
}


class RunningAirflow:
    """API server, scheduler with local workers, DAG processor and triggerer.

    Args:
        home: The folder of database and logs.
        dags: The folder of the DAGs.
        database: A database that is migrated and empty.
    """

    def __init__(self, home: Path, dags: Path, database: Path) -> None:
        self.home = home
        shutil.copy(database, home / "airflow.db")
        self.failures = home / "failures.jsonl"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.environment = os.environ | {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__FERNET_KEY": "",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db?timeout=120",
            # A worker that was killed is missed after this many seconds, and not after 300.
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "12",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
            # Tests may run on a machine that is busy with other things.
            "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
            "FAILURES": str(self.failures),
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.rest = httpx.Client(base_url=f"{self.url}/api/v2", timeout=120)

    def __enter__(self) -> Self:
        try:
            for name, options in COMPONENTS.items():
                self._start(name, options)
            self.until(self._is_ready, 400, "Airflow to start")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def connect(self, name: str, server: lantern.LocalServer, ledger: Path | str) -> None:
        """Makes a connection to the server, or changes it."""
        url, password = without_password(str(ledger))
        extra = {
            "ledger": url,
            "ledger_password": password,
            "storage_options": server.storage_options,
            "limits": {"sync": None, "credits": None, "bursts": None},
        }
        body = {
            "connection_id": name,
            "conn_type": "lantern",
            "host": server.url,
            "password": server.key,
            "extra": json.dumps(extra),
        }
        # Airflow answers 500 while another of its processes has SQLite's file locked.
        for _ in range(5):
            answer = self.rest.post("connections", json=body)
            if answer.status_code == httpx.codes.CONFLICT:
                answer = self.rest.patch(f"connections/{name}", json=body)
            if not answer.is_server_error:
                break
            time.sleep(1)
        answer.raise_for_status()

    def texts(self, *paths: str) -> list[str]:
        """The answers of the REST API, which is all that the pages know."""
        return [self.rest.get(path).raise_for_status().text for path in paths]

    def trigger(self, dag: str, **conf: Any) -> DagRun:
        body = {"logical_date": None, "conf": conf}
        answer = self.rest.post(f"dags/{dag}/dagRuns", json=body).raise_for_status()
        return DagRun(self, dag, answer.json()["dag_run_id"])

    def until(self, find: Callable[[], T], seconds: float, what: str) -> T:
        """Waits for something to be true, while all components live."""
        end = time.monotonic() + seconds
        while not (found := find()):
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended: {self._log(name)}"
            assert time.monotonic() < end, (
                f"waited {seconds} s for {what}: {self._log('scheduler')}"
            )
            time.sleep(0.2)
        return found

    def _start(self, name: str, options: list[str]) -> None:
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "airflow", name, *options],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _is_ready(self) -> bool:
        try:
            token = httpx.get(f"{self.url}/auth/token").json()["access_token"]
            self.rest.headers["Authorization"] = f"Bearer {token}"
            health = self.rest.get("monitor/health").json()
            dags = self.rest.get("dags").json()["total_entries"]
        except (httpx.TransportError, json.JSONDecodeError):
            return False
        parts = ("scheduler", "triggerer", "dag_processor")
        return dags > 0 and all(health[part]["status"] == "healthy" for part in parts)

    def _log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text()[-4000:]

    def _stop(self) -> None:
        """Asks all to end, and kills what has not ended in five seconds, with its children."""
        self.rest.close()
        alive = [process for process in self.processes.values() if process.poll() is None]
        family = [child for p in alive for child in psutil.Process(p.pid).children(recursive=True)]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        for left in psutil.wait_procs([*family, *alive], timeout=5)[1]:
            left.kill()
        for process in alive:
            process.wait(timeout=10)


class DagRun:
    """One run of a DAG."""

    def __init__(self, airflow: RunningAirflow, dag: str, run: str) -> None:
        self.airflow = airflow
        self.dag = dag
        self.path = f"dags/{dag}/dagRuns/{run}"
        self.run = run

    def get(self, path: str) -> Any:
        return self.airflow.rest.get(f"{self.path}/{path}").raise_for_status().json()

    def task(self, task: str) -> dict[str, Any]:
        return self.get(f"taskInstances/{task}")

    def ends(self, seconds: float) -> str:
        """Waits for the run to end, and answers how."""

        def state() -> str | None:
            now = self.airflow.rest.get(self.path).raise_for_status().json()["state"]
            return now if now in ("success", "failed") else None

        return self.airflow.until(state, seconds, f"{self.dag} to end") or ""

    def comes_to(self, task: str, state: str, seconds: float = 240) -> None:
        what = f"{task} to be {state}"
        self.airflow.until(lambda: self.task(task)["state"] == state, seconds, what)

    def clear(self, task: str) -> None:
        """Clears a task as a person does on its page, with what comes after it."""
        body = {
            "dry_run": False,
            "dag_run_id": self.run,
            "task_ids": [task],
            "only_failed": False,
            "include_downstream": True,
        }
        path = f"dags/{self.dag}/clearTaskInstances"
        self.airflow.rest.post(path, json=body).raise_for_status()

    def kill_worker(self, task: str) -> None:
        """Kills the process of a task and the worker that supervises it, as a lost machine does."""
        process = psutil.Process(self.task(task)["pid"])
        scheduler = self.airflow.processes["scheduler"].pid
        worker = process.parent()
        assert worker is not None
        assert worker.ppid() == scheduler, "the task's parent is no worker of the scheduler"
        worker.kill()
        process.kill()

    def failures(self) -> list[str]:
        """What the callbacks for failed tasks were told."""
        lines = map(json.loads, self.airflow.failures.read_text().splitlines())
        return [line["message"] for line in lines if line["run"] == self.run]
