"""A disk that is full while paid requests are under way: nothing that was paid for is lost."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource")

# An API in the same process as its client. When a paid request arrives, the disk is full: no file
# can grow, as SQLite sees it. The limit would also hold for what pytest writes, hence another
# process.
API = """
import http.server, json, resource, sys, threading, time
import lantern
from lantern import exceptions

HARD = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
posts = []

def disk(full):
    resource.setrlimit(resource.RLIMIT_FSIZE, (0 if full else HARD, HARD))

class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body):
        body = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        posts.append(asked)
        disk(full=True)
        if self.path.startswith("/v1/agents/"):
            path = "s3://bucket/person/run-1.csv"
            self.answer({"run_id": "6f2c1a9e-8d54-4b7e-9a43-0d1f5a2b7c11", "result_path": path})
        else:
            name = {"name": asked["domain"]}
            self.answer({"success": True, "credits_consumed": 1, "company": name})

    def do_GET(self):
        if not self.path.startswith("/v1/agents/runs/"):
            self.send_error(404)
            return
        self.answer({"run_id": self.path.split("/")[4], "status": "queued"})

    def log_message(self, *args):
        pass

port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
limits = {"sync": None, "batches": None}

def client():
    return lantern.Client("key", url, ledger=sys.argv[1], limits=limits)
"""


def run(script: str, ledger: Path, *more: str) -> str:
    """Runs a script after the API, and returns what it wrote."""
    done = subprocess.run(
        [sys.executable, "-c", API + script, str(ledger), *more],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_answers_to_calls_are_kept_until_they_can_be_written(tmp_path: Path) -> None:
    said = run(
        """
table = {"id": [str(row) for row in range(30)], "domain": [f"{row}.example" for row in range(30)]}
import arro3.core
table = arro3.core.Table.from_pydict({k: arro3.core.Array(v, arro3.core.DataType.utf8())
                                      for k, v in table.items()})
def go():
    columns = {"record_id": "id", "domain": "domain"}
    return client_.map(table, "enrich.company", columns=columns, max_credits=30, key="k",
                       concurrency=4)
client_ = client()
try:
    go()
except exceptions.LedgerError as error:
    print("full")
disk(full=False)
# Each further call fills the disk anew.
for _ in range(30):
    try:
        done = go()
        break
    except exceptions.LedgerError:
        disk(full=False)
print(set(done.column("status").to_pylist()), sum(done.column("credits").to_pylist()))
rows = [asked["record_id"] for asked in posts]
print(len(rows), len(set(rows)))
""",
        tmp_path / "ledger.sqlite",
    )
    assert said.splitlines() == ["full", "{'done'} 30", "30 30"]


def test_a_run_that_was_accepted_is_written_down_later(tmp_path: Path) -> None:
    said = run(
        """
import arro3.core
ids = arro3.core.Array(["a", "b"], arro3.core.DataType.utf8())
table = arro3.core.Table.from_pydict({"id": ids})
client_ = client()
try:
    client_.submit(table, "email", max_credits=10, key="k")
except exceptions.LanternError as error:
    print(type(error).__name__)
disk(full=False)
# Another handle, as a notebook or a retry makes it: nothing is sent again.
job = client_.job("k")
job.poll()
until = time.monotonic() + 30
while job.credits().column("state").to_pylist() == ["sending"] and time.monotonic() < until:
    time.sleep(0.05)
    job.poll()
print(job.credits().column("state").to_pylist(), len(posts))
""",
        tmp_path / "ledger.sqlite",
    )
    assert said.splitlines()[1] == "['accepted'] 1", said


@pytest.fixture
def port() -> str:
    """A port that is free now: the API of another process is known by its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.mark.parametrize("kind", ["batches", "calls"])
def test_what_a_process_could_not_write_before_it_ended_can_be_decided(
    kind: str, port: str, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.sqlite"
    table = """
import arro3.core
text = lambda values: arro3.core.Array(values, arro3.core.DataType.utf8())
table = arro3.core.Table.from_pydict({"id": text(list("abc")), "domain": text(list("abc"))})
columns = {"record_id": "id", "domain": "domain"}
"""
    send = {
        "batches": 'client().submit(table, "email", max_credits=9, key="k", batch_size=1)',
        "calls": 'client().map(table, "enrich.company", columns=columns, max_credits=9, key="k",'
        " concurrency=1)",
    }[kind]
    # It ends with its disk full.
    said = run(
        f"""{table}
try:
    {send}
except exceptions.LanternError as error:
    print(type(error).__name__, len(posts))
""",
        ledger,
        port,
    )
    sent = int(said.split()[1])
    assert sent > 0
    said = run(
        f"""{table}
job = client().job("k")
doubts = job.in_doubt().to_pylist()
for doubt in doubts:
    job.skip(doubt["batch"])
    job.resend(doubt["batch"])
states = set(job.credits().column("state").to_pylist())
print(len(doubts), states, job.progress().credits, len(posts))
""",
        ledger,
        port,
    )
    # What an earlier sending may have cost stays counted.
    assert said.strip() == f"{sent} {{'planned'}} {sent} 0"
