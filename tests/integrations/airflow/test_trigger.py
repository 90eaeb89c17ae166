"""`LanternJobTrigger` and `LanternJobSensor`: waiting without a worker."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

import lantern

pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")


def fire(trigger: Any) -> dict[str, Any]:
    """The event of a trigger, which is made anew from what is stored of it, as a triggerer does."""
    from airflow.sdk._shared.module_loading import import_string

    path, arguments = trigger.serialize()

    async def first() -> Any:
        return await anext(import_string(path)(**arguments).run())

    return asyncio.run(first()).payload


@pytest.fixture
def job(server: lantern.LocalServer, tmp_path: Path) -> lantern.Job:
    client = server.client(ledger=tmp_path / "ledger.sqlite")
    return client.submit(server.people().slice(0, 20), "email", max_credits=20, key="elsewhere")


def test_a_trigger_fires_once_the_job_has_ended(job: lantern.Job, airflow_database: None) -> None:
    from lantern.integrations.airflow import LanternJobTrigger

    event = fire(LanternJobTrigger("elsewhere"))
    assert event == {"job": "elsewhere", "state": "done"}
    assert job.progress().loaded == 1


def test_a_waiting_trigger_leaves_the_event_loop_to_others(
    server: lantern.LocalServer, job: lantern.Job, airflow_database: None
) -> None:
    from lantern.integrations.airflow import LanternJobTrigger

    server.add_fault("GET /v1/agents/runs/*: delay 500ms")

    async def longest_pause() -> float:
        longest = 0.0
        fired = asyncio.ensure_future(anext(LanternJobTrigger("elsewhere").run()))
        while not fired.done():
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        assert (await fired).payload["state"] == "done"
        return longest

    assert asyncio.run(longest_pause()) < 0.4


def test_a_trigger_that_is_stopped_leaves_a_job_that_another_ends(
    server: lantern.LocalServer, job: lantern.Job, airflow_database: None
) -> None:
    from lantern.integrations.airflow import LanternJobTrigger

    async def stopped() -> None:
        server.add_fault("GET /v1/agents/runs/*: delay 60s times 1")
        running = asyncio.ensure_future(anext(LanternJobTrigger("elsewhere").run()))
        await asyncio.wait({running}, timeout=0.5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(stopped())
    server.clear_faults()
    assert fire(LanternJobTrigger("elsewhere"))["state"] == "done"
    assert server.runs().num_rows == 1


def test_what_is_stored_of_a_trigger_holds_no_key(server: lantern.LocalServer) -> None:
    from lantern.integrations.airflow import LanternJobTrigger

    trigger = LanternJobTrigger("a job", "a_connection", "skip")
    assert trigger.serialize()[1] == {
        "job_key": "a job",
        "lantern_conn_id": "a_connection",
        "on_in_doubt": "skip",
    }
    assert server.key not in repr(trigger)


@pytest.mark.parametrize("way", ["deferred", "poking"])
def test_a_sensor_waits_for_a_job_of_others(job: lantern.Job, run_dag: Any, way: str) -> None:
    ran = run_dag(f"lantern_sensor_{way}", job="elsewhere")
    assert ran.state == "success", ran.failures
    assert job.progress().state == "done"


@pytest.mark.parametrize("way", ["deferred", "poking"])
def test_a_sensor_of_no_job_fails_at_once(
    server: lantern.LocalServer, run_dag: Any, way: str
) -> None:
    (failure,) = run_dag(f"lantern_sensor_{way}", job="not there").failures
    assert 'has no job "not there"' in failure["message"]
    assert "AirflowFailException" in failure["kinds"]
