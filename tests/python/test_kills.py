"""SIGKILL at random moments: nothing is paid for twice, and in the end every answer is there.

A few kills each time; `LANTERN_KILLS=50` makes 200 of them, as the nightly run does.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest

import lantern
from lantern import exceptions
from other_api import OtherApi, other_api

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")

KILLS = int(os.environ.get("LANTERN_KILLS", "5"))
SEED = int(os.environ.get("LANTERN_KILLS_SEED", str(random.SystemRandom().randrange(1_000_000))))
BATCHES, SIZE, ROWS = 12, 10, 60
LIMITS = dict.fromkeys(["sync", "batches", "credits", "bursts"])

# The client that is killed: it says when it begins, so that the kill meets its work.
WORKER = """
import json, sys
import arro3.core, lantern
work = json.loads(sys.argv[1])
client = lantern.Client(work["key"], work["url"], ledger=work["ledger"],
                        storage_options=work["storage"], limits=work["limits"])
text = arro3.core.DataType.utf8()
table = arro3.core.Table.from_pydict(
    {name: arro3.core.Array(values, text) for name, values in work["table"].items()})
print("ready", flush=True)
if work["call"]:
    client.map(table, work["call"], columns=work["columns"], max_credits=work["budget"],
               key=work["job"], concurrency=4, on_in_doubt="skip")
else:
    job = client.submit(table, "email", max_credits=work["budget"], key=work["job"],
                        batch_size=work["size"], reuse=False)
    job.wait(progress=False)
print("done", flush=True)
"""


def start(work: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, json.dumps(work)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    return process


def kill_at_random(work: dict[str, Any], chance: random.Random, longest: float) -> bool:
    """Kills a client on the way, and says whether it was not done by then."""
    process = start(work)
    # A kill has no event to wait for: any moment is what is tried.
    time.sleep(chance.uniform(0, longest))
    process.kill()
    said, _ = process.communicate()
    return "done" not in said


def seconds(work: dict[str, Any]) -> float:
    """How long a client takes that nobody kills."""
    process = start(work)
    begun = time.perf_counter()
    said, errors = process.communicate()
    assert said == "done\n", errors
    return time.perf_counter() - begun


def test_batches_survive_kills(ledger: str) -> None:
    chance = random.Random(SEED)
    with lantern.LocalServer(limits="off", faults=["POST /v1/agents/*: delay 30ms"]) as server:
        ids = server.people().column("id").to_pylist()[: BATCHES * SIZE]
        work = {
            "key": server.key,
            "url": server.url,
            "ledger": ledger,
            "storage": dict(server.storage_options),
            "limits": LIMITS,
            "table": {"id": ids},
            "call": None,
            "budget": 10 * len(ids),
            "size": SIZE,
        }
        longest = seconds({**work, "job": "untouched"})
        client = lantern.Client(
            server.key,
            server.url,
            ledger=ledger,
            storage_options=server.storage_options,
            limits=LIMITS,
        )
        killed = number = doubts = 0
        while killed < KILLS:
            number += 1
            key = f"job {number}"
            # Several kills in one job, each while it resumes.
            for _ in range(min(3, KILLS - killed)):
                killed += kill_at_random({**work, "job": key}, chance, longest)
            doubts += finish(client, server, {**work, "job": key})
            job = client.job(key)
            sent = [batch["idempotency_key"] for batch in job.credits().to_pylist()]
            noted = Counter(run["idempotency_key"] for run in server.runs().to_pylist())
            assert [noted[own] for own in sent] == [1] * BATCHES, f"seed {SEED}, {key}"
            statuses = Counter(job.table().column("status").to_pylist())
            answered = statuses["found"] + statuses["not_found"]
            assert answered == len(ids), f"seed {SEED}, {key}: {statuses}"
            state = job.progress()
            assert state.credits + state.committed <= work["budget"]
        print(f"{killed} kills of {number} jobs, {doubts} batches in doubt, seed {SEED}")


def finish(client: lantern.Client, server: lantern.LocalServer, work: dict[str, Any]) -> int:
    """Waits for the job; a batch in doubt is decided as a person would, who looks at the API."""
    import arro3.core

    doubts = 0
    text = arro3.core.DataType.utf8()
    table = arro3.core.Table.from_pydict({"id": arro3.core.Array(work["table"]["id"], text)})
    while True:
        try:
            # Each job asks anew: what an earlier one was answered is not what is tried here.
            job = client.submit(
                table,
                "email",
                max_credits=work["budget"],
                key=work["job"],
                batch_size=SIZE,
                reuse=False,
            )
            job.wait(timeout=120, progress=False)
            return doubts
        except exceptions.OutcomeUnknown:
            runs = {run["idempotency_key"]: run for run in server.runs().to_pylist()}
            job = client.job(work["job"])
            for batch in job.in_doubt().to_pylist():
                doubts += 1
                run = runs.get(batch["idempotency_key"])
                if run is None:
                    job.resend(batch["batch"])
                    continue
                job.resolve(
                    batch["batch"],
                    run["run_id"],
                    result_path=run["result_path"],
                    credits_path=run["credits_csv_path"],
                )


def companies(method: str, path: str, body: Any) -> Any:
    """An API of one call, which takes a while so that kills meet it under way."""
    if method != "POST":
        return {"success": True, "tenant_id": 7, "remaining_credits": 1_000_000}
    time.sleep(0.01)
    name = {"name": body["domain"]}
    return {"success": True, "credits_consumed": 1, "record_id": body["record_id"], "company": name}


def paid(api: OtherApi, key: str) -> Counter[str]:
    """How often each row of a job was paid for: the server has read the whole request."""
    return Counter(body["record_id"] for body in api.posts() if body["domain"].startswith(key))


def test_tables_of_calls_survive_kills(ledger: str) -> None:
    chance = random.Random(SEED)
    with other_api(companies) as api:

        def work(job: str) -> dict[str, Any]:
            rows = [str(row) for row in range(ROWS)]
            return {
                "key": "sentinel-key-7f3a",
                "url": api.url,
                "ledger": ledger,
                "storage": {},
                "limits": LIMITS,
                "table": {"id": rows, "domain": [f"{job}-{row}.example" for row in rows]},
                "call": "enrich.company",
                "columns": {"record_id": "id", "domain": "domain"},
                "budget": 3 * ROWS,
                "job": job,
            }

        longest = seconds(work("untouched"))
        killed = number = doubts = 0
        while killed < KILLS:
            number += 1
            own = work(f"job{number}")
            for _ in range(min(3, KILLS - killed)):
                killed += kill_at_random(own, chance, longest)
            seconds(own)
            times = paid(api, own["job"] + "-")
            assert max(times.values()) == 1, f"seed {SEED}, {own['job']}: paid twice"
            with lantern.Client(own["key"], own["url"], ledger=ledger, limits=LIMITS) as client:
                job = client.job(own["job"])
                statuses = Counter(job.table().column("status").to_pylist())
                state = job.progress()
            # What is not known was given up, and may have been paid for; all else has its answer.
            unknown = ROWS - statuses["done"]
            doubts += unknown
            assert statuses["done"] >= ROWS - 3 * 4, f"seed {SEED}, {own['job']}: {statuses}"
            assert len(times) >= statuses["done"]
            counted = state.credits + state.committed
            assert len(times) <= counted <= own["budget"], f"seed {SEED}: {counted} counted"
        print(f"{killed} kills of {number} jobs, {doubts} rows given up, seed {SEED}")
