"""The end of the interpreter, in every state of a client: nobody hears of it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import lantern

# Functions of `atexit` run in reverse order: threads go on for a moment after lantern's end.
START = """
import asyncio, atexit, sys, threading, time
atexit.register(time.sleep, 0.1)
import lantern
client = lantern.Client(limits=dict.fromkeys(["sync", "batches", "credits"]))

def asynchronous():
    return lantern.AsyncClient(limits=dict.fromkeys(["sync", "batches", "credits"]))
"""

# The status of a run is never answered, and a company only after a while.
STATES = {
    "a time-out": """
async def main():
    try:
        await asyncio.wait_for(asynchronous().enrich.company(record_id="1", domain="a.com"), 0.05)
    except TimeoutError:
        pass
asyncio.run(main())
""",
    "a cancelled task": """
async def main():
    async def ask():
        await asynchronous().enrich.company(record_id="1", domain="a.com")
    task = asyncio.ensure_future(ask())
    await asyncio.sleep(0.03)
    task.cancel()
asyncio.run(main())
""",
    "many tasks that the loop leaves behind": """
async def main():
    async def ask(number):
        await asynchronous().enrich.company(record_id=str(number), domain="a.com")
    tasks = [asyncio.ensure_future(ask(n)) for n in range(20)]
    await asyncio.sleep(0.05)
asyncio.run(main())
""",
    "a loop in a thread that is left": """
async def main():
    await asynchronous().enrich.company(record_id="1", domain="a.com")
threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
""",
    "a thread that waits for an answer": """
def ask():
    client.enrich.company(record_id="1", domain="a.com")
threading.Thread(target=ask, daemon=True).start()
""",
    "a thread that waits for a job": """
import polars
job = client.submit(polars.DataFrame({"id": ["P0000001"]}), "email", max_credits=1)
threading.Thread(target=lambda: job.wait(progress=False), daemon=True).start()
""",
    "a thread that asks again after the end": """
def ask():
    while True:
        try:
            client.credits.remaining()
        except SystemExit:
            pass
threading.Thread(target=ask, daemon=True).start()
client.credits.remaining()
""",
    "a job that is left": """
import polars
client.submit(polars.DataFrame({"id": ["P0000002"]}), "email", max_credits=1)
""",
    "a server that is left": """
server = lantern.LocalServer()
server.client().credits.remaining()
""",
    "nothing": "",
    "sys.exit": "sys.exit(0)",
}

# More for a longer look: LANTERN_EXITS=100 makes a thousand of them.
TIMES = int(os.environ.get("LANTERN_EXITS", "2"))


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> lantern.LocalServer:
    faults = ["POST /v1/enrich/*: delay 200ms", "GET /v1/agents/runs/*: delay 30s"]
    with lantern.LocalServer(limits="off", faults=faults) as server:
        monkeypatch.setenv("LANTERN_API_KEY", server.key)
        monkeypatch.setenv("LANTERN_BASE_URL", server.url)
        monkeypatch.setenv("LANTERN_LEDGER", server.client().ledger)
        yield server


@pytest.mark.parametrize("state", STATES)
def test_an_exit_says_nothing(state: str, slow: lantern.LocalServer) -> None:
    for _ in range(TIMES):
        done = subprocess.run(
            [sys.executable, "-c", START + STATES[state]],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_paid_batch_that_is_being_sent_is_awaited_at_exit(
    slow: lantern.LocalServer,
) -> None:
    slow.add_fault("POST /v1/agents/*: delay 1s")
    script = """
import polars
def submit():
    client.submit(polars.DataFrame({"id": ["P0000001"]}), "email", max_credits=1, key="exit")
threading.Thread(target=submit, daemon=True).start()
while not [job for job in lantern.jobs().to_pylist() if job["in_flight"]]:
    time.sleep(0.01)
"""
    # The thread hears of the end while the interpreter still waits for the batch, or after it.
    done = subprocess.run(
        [sys.executable, "-c", START + script], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    client = slow.client(ledger=os.environ["LANTERN_LEDGER"])
    assert client.job("exit").wait(timeout=60).answered == 1
    assert slow.runs().num_rows == 1
