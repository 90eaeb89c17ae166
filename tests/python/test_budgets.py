"""Budgets above jobs: exact across jobs, processes and kills, counted at a real server."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantern
from lantern import Client, LocalServer
from lantern.exceptions import CreditLimitError, ValidationError
from other_api import other_api

PROCESSES, ROWS, BUDGET = 8, 40, 100
LIMITS = dict.fromkeys(["sync", "batches", "credits", "bursts"])

WORKER = """
import json, sys
import arro3.core, lantern
work = json.loads(sys.argv[1])
client = lantern.Client("key", work["url"], ledger=work["ledger"], limits=work["limits"])
text = arro3.core.DataType.utf8()
table = arro3.core.Table.from_pydict(
    {name: arro3.core.Array(values, text) for name, values in work["table"].items()})
print("ready", flush=True)
sys.stdin.readline()
done = client.map(table, "enrich.company", columns={"record_id": "id", "domain": "domain"},
                  max_credits=1000, key=work["job"], budget="team", concurrency=4,
                  on_in_doubt="skip")
print(json.dumps([done.column("status").to_pylist(), done.column("error").to_pylist()]))
"""


def companies(method: str, path: str, body: Any) -> Any:
    """An API of one call, each of which costs a credit."""
    if method != "POST":
        return {"success": True, "tenant_id": 7, "remaining_credits": 1_000_000}
    time.sleep(0.002)
    name = {"name": body["domain"]}
    return {"success": True, "credits_consumed": 1, "record_id": body["record_id"], "company": name}


def start(url: str, ledger: str, number: int) -> subprocess.Popen[str]:
    rows = [str(row) for row in range(ROWS)]
    work = {
        "url": url,
        "ledger": ledger,
        "limits": LIMITS,
        "job": f"job {number}",
        "table": {"id": rows, "domain": [f"{number}-{row}.example" for row in rows]},
    }
    command = [sys.executable, "-c", WORKER, json.dumps(work)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


def test_eight_processes_spend_exactly_the_budget(ledger: str) -> None:
    with other_api(companies) as api:
        client = Client("key", api.url, ledger=ledger, limits=LIMITS)
        client.budgets.set("team", max_credits=BUDGET, per="month")
        workers = [start(api.url, ledger, number) for number in range(PROCESSES)]
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
        statuses, errors = [], []
        for worker in workers:
            said, failed = worker.communicate()
            if worker.returncode and "CreditLimitError" in failed:
                # It came so late that the others had already reserved all, so it planned nothing.
                statuses += ["over_budget"] * ROWS
                errors += [failed.partition("CreditLimitError: ")[2]] * ROWS
                continue
            assert worker.returncode == 0, failed
            own = json.loads(said)
            statuses += own[0]
            errors += own[1]
        budget = client.budgets.get("team")
        assert len(api.posts()) == BUDGET
        assert (budget["spent"], budget["reserved"], budget["left"]) == (BUDGET, 0, 0)
        assert statuses.count("done") == BUDGET
        assert statuses.count("over_budget") == PROCESSES * ROWS - BUDGET
        told = next(
            error for status, error in zip(statuses, errors, strict=True) if status != "done"
        )
        assert told.startswith('the budget "team" has 0 of 100 credits left')
        # A new job is refused before anything is sent, with what is left and when it renews.
        table = pl.DataFrame({"id": ["1"], "domain": ["new.example"]})
        columns = {"record_id": "id", "domain": "domain"}
        with pytest.raises(CreditLimitError, match=r"credits left and renews at .* 00:00 UTC"):
            client.map(table, "enrich.company", columns=columns, max_credits=5, budget="team")
        assert len(api.posts()) == BUDGET


def test_kills_never_make_a_budget_forget(ledger: str) -> None:
    chance = random.Random(7)
    with other_api(companies) as api:
        client = Client("key", api.url, ledger=ledger, limits=LIMITS)
        client.budgets.set("team", max_credits=BUDGET)
        for number in range(PROCESSES):
            worker = start(api.url, ledger, number)
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
            # A kill has no event to wait for: any moment is what is tried.
            time.sleep(chance.uniform(0, 0.15))
            worker.kill()
            worker.communicate()
            budget = client.budgets.get("team")
            assert budget["spent"] + budget["reserved"] <= BUDGET
        begun = []
        for number in range(PROCESSES):
            worker = start(api.url, ledger, number)
            said, failed = worker.communicate("\n")
            # One that was killed before its job was written down comes too late, and is told so.
            assert worker.returncode == 0 or "so nothing is sent" in failed, (said, failed)
            begun += [number] * (worker.returncode == 0)
        budget = client.budgets.get("team")
        assert budget["left"] == 0, "it was used up"
        # What was given up may have arrived; all that arrived is counted. A job that nobody takes
        # up again keeps what it reserved.
        assert len(api.posts()) <= budget["spent"] + budget["reserved"] == BUDGET
        done = sum(
            client.job(f"job {number}").table().column("status").to_pylist().count("done")
            for number in begun
        )
        assert done <= len(api.posts())


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(limits="off") as server:
        yield server


def test_two_jobs_of_batches_pause_where_the_budget_ends(server: LocalServer) -> None:
    client = server.client()
    client.budgets.set("marketing", max_credits=100, per="month")
    people = server.people()
    first = client.submit(
        people.slice(0, 100), "email", max_credits=1_000, budget="marketing", batch_size=20
    )
    first.wait(timeout=60, progress=False)
    spent = client.budgets.get("marketing")["spent"]
    assert spent == first.progress().credits == server.credits_used
    second = client.submit(
        people.slice(100, 200), "email", max_credits=1_000, budget="marketing", batch_size=20
    )
    state = second.wait(timeout=60, progress=False)
    assert state.state == "budget_spent"
    assert server.credits_used == 100
    assert 'the budget "marketing" has 0 of 100 credits left' in str(second.summary())
    missing = second.missing().to_pylist()
    assert {row["status"] for row in missing} == {"over_budget"}
    assert 'client.budgets.set("marketing", max_credits=...)' in missing[0]["error"]
    with pytest.raises(CreditLimitError) as refused:
        client.submit(people.slice(400, 5), "email", max_credits=10, budget="marketing")
    assert (refused.value.remaining, refused.value.required) == (0, 1)
    # What is known costs nothing, so it is answered.
    again = client.submit(people.slice(0, 50), "email", max_credits=10, budget="marketing")
    assert again.wait(timeout=60, progress=False).reused == 50
    # Raised, the job goes on.
    client.budgets.set("marketing", max_credits=10_000, per="month")
    assert second.wait(timeout=60, progress=False).state == "done"
    assert client.budgets.get("marketing")["spent"] == server.credits_used


def test_a_budget_renews_at_the_end_of_its_month(tmp_path: Path, server: LocalServer) -> None:
    place = tmp_path / "ledger.sqlite"
    client = Client(
        server.key,
        server.url,
        ledger=place,
        storage_options=server.storage_options,
        limits=LIMITS,
    )
    budget = client.budgets.set("marketing", max_credits=20, per="month")
    today = datetime.now(UTC)
    first = datetime(today.year + today.month // 12, today.month % 12 + 1, 1, tzinfo=UTC)
    assert datetime.fromisoformat(budget["renews_at"]) == first
    job = client.submit(server.people().slice(0, 200), "email", max_credits=500, budget="marketing")
    assert job.wait(timeout=60, progress=False).state == "budget_spent"
    assert client.budgets.get("marketing")["left"] == 0
    # A month goes by.
    database = sqlite3.connect(place)
    database.execute("UPDATE lantern_budget_days SET day = day - 31")
    database.execute("UPDATE lantern_units SET sent_at = sent_at - 31 * 86400000000")
    database.commit()
    database.close()
    assert client.budgets.get("marketing")["left"] == 20
    job.wait(timeout=60, progress=False)
    assert server.credits_used == 40


def test_budgets_are_checked_and_told(server: LocalServer) -> None:
    client = server.client()
    people = server.people().slice(0, 3)
    with pytest.raises(ValidationError, match="which is not a budget of the ledger; make it with"):
        client.submit(people, "email", max_credits=5, budget="marketing")
    client.budgets.set("marketing", max_credits=5)
    with pytest.raises(ValidationError, match='did you mean "marketing"'):
        client.submit(people, "email", max_credits=5, budget="markteing")
    calls: list[Callable[[], object]] = [
        lambda: client.budgets.set("", max_credits=5),
        lambda: client.budgets.set("x", max_credits=5, per="hour"),  # type: ignore[arg-type]
        lambda: client.budgets.remove("x"),
        lambda: client.budgets.rename("marketing", " "),
    ]
    for call in calls:
        with pytest.raises(ValidationError):
            call()
    for credits in (-1, 10**13):
        with pytest.raises(lantern.exceptions.InputError):
            client.budgets.set("x", max_credits=credits)
    assert [budget["name"] for budget in client.budgets.list()] == ["marketing"]

    async def work() -> list[dict[str, Any]]:
        own = server.async_client()
        await own.budgets.set("sales", max_credits=7, per="week")
        await own.budgets.rename("sales", "field")
        await own.budgets.get("field")
        await own.budgets.remove("field")
        return await own.budgets.list()

    assert asyncio.run(work()) == client.budgets.list()
