"""Waiting: progress, threads, Ctrl-C, and jobs that are picked up."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

import lantern
from lantern import exceptions
from other_api import Reply, batch_api, serving

WAITING = """
import sys, lantern
client = lantern.Client(limits=dict.fromkeys(["sync", "batches", "credits"]))
import polars
table = polars.DataFrame({"id": [f"P{n:07}" for n in range(1, 201)]})
job = client.submit(table, "email", max_credits=200, key="wait", batch_size=20)
print("waiting", flush=True)
job.wait()
"""


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> lantern.LocalServer:
    with lantern.LocalServer(limits="off", work_delay=0.3) as server:
        monkeypatch.setenv("LANTERN_API_KEY", server.key)
        monkeypatch.setenv("LANTERN_BASE_URL", server.url)
        monkeypatch.setenv("LANTERN_LEDGER", server.client().ledger)
        for name, value in server.storage_options.items():
            monkeypatch.setenv(name.upper(), value)
        yield server


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_ctrl_c_ends_a_wait_and_the_job_goes_on(slow: lantern.LocalServer) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | {"LANTERN_LOG": "debug"},
    )
    assert process.stderr is not None
    # A run is first looked at while the job is awaited.
    while "/status" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert "KeyboardInterrupt" in errors
    assert "keeps its state" in errors
    job = lantern.Job.load("wait", client=slow.client())
    assert job.wait(timeout=60).state == "done"
    assert slow.runs().num_rows == 10


def test_a_wait_that_ends_by_time_says_so(slow: lantern.LocalServer) -> None:
    job = slow.client().submit(slow.people().slice(0, 5), "email", max_credits=5)
    with pytest.raises(lantern.exceptions.JobTimeout, match=r"call job.wait\(\) again") as caught:
        job.wait(timeout=0.05)
    assert isinstance(caught.value, TimeoutError)
    assert job.wait(timeout=60).state == "done"


def test_nothing_is_shown_where_there_is_no_terminal(slow: lantern.LocalServer) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WAITING], capture_output=True, text=True, env=dict(os.environ)
    )
    assert (done.stdout, done.stderr) == ("waiting\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminal")
def test_a_bar_is_shown_in_a_terminal(slow: lantern.LocalServer) -> None:
    import pty

    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING],
        stdout=subprocess.DEVNULL,
        stderr=follower,
        env=dict(os.environ) | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(follower)
    shown = b""
    while True:
        ready, _, _ = select.select([leader], [], [], 60)
        try:
            piece = os.read(leader, 4096) if ready else b""
        except OSError:
            break
        if not piece:
            break
        shown += piece
    assert process.wait(timeout=60) == 0
    text = shown.decode()
    assert "200/200 ids" in text
    assert "10/10 batches" in text


def test_other_threads_run_while_one_waits(slow: lantern.LocalServer) -> None:
    job = slow.client().submit(slow.people().slice(0, 5), "email", max_credits=5)
    ended = threading.Event()
    turns = 0

    def count() -> None:
        nonlocal turns
        while not ended.is_set():
            turns += 1
            ended.wait(0.005)

    counting = threading.Thread(target=count)
    counting.start()
    job.wait(timeout=60)
    ended.set()
    counting.join()
    assert turns > 30


def test_a_client_is_used_by_many_threads(lantern_client: lantern.Client) -> None:
    answers: list[float] = []

    def ask() -> None:
        answers.extend(lantern_client.credits.remaining().remaining_credits for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [1_000_000.0] * 320


def test_jobs_and_summaries_are_readable(lantern_client: lantern.Client) -> None:
    with lantern.LocalServer(limits="off") as server:
        client = server.client()
        job = client.submit(server.people().slice(0, 2000), "phone-email", max_credits=3000)
        progress = job.wait(timeout=60)
        assert progress.state == "budget_spent"
        assert "credits spent" in repr(job)
        assert "over budget" in repr(job.summary())
        for shown in (job._repr_html_(), progress._repr_html_(), job.summary()._repr_html_()):
            assert shown.startswith("<div>")
            assert "credits spent" in shown
        assert job.summary().to_dict()["row_status"]["over_budget"] > 0
        assert progress.to_dict()["spent"] == progress.credits


def until_ended(ends: Callable[..., lantern.Progress]) -> None:
    """Wait or poll again until the job has ended: a poll may come too early."""
    while not ends(timeout=30).ended:
        pass


def test_a_failed_run_is_an_error_unless_it_is_kept(slow: lantern.LocalServer) -> None:
    slow.add_fault("POST /v1/agents/*: run-fails times 1")
    job = slow.client().submit(slow.people().slice(0, 5), "email", max_credits=5)
    for ends in (job.wait, job.poll):
        with pytest.raises(lantern.exceptions.JobError, match=r"batch 1 failed") as caught:
            until_ended(ends)
        assert caught.value.key == job.key
    assert job.wait(timeout=60, on_failed="keep").failed == 1
    assert job.progress().credits == 0
    done = job.wait(timeout=60, on_failed="resend")
    assert (done.failed, done.answered) == (0, 5)
    with pytest.raises(lantern.exceptions.ValidationError, match="raise, resend or keep"):
        job.wait(on_failed="explode")


def test_known_answers_only(slow: lantern.LocalServer) -> None:
    client, people = slow.client(), slow.people().slice(0, 5)
    unknown = client.submit(people, "email", max_credits=0)
    assert unknown.wait(timeout=60).state == "budget_spent"
    assert set(unknown.table().column("status").to_pylist()) == {"over_budget"}
    assert slow.runs().num_rows == 0
    client.submit(people, "email", max_credits=5).wait(timeout=60)
    assert client.submit(people, "email", max_credits=0).wait(timeout=60).answered == 5


def test_a_job_is_loaded_without_spending(slow: lantern.LocalServer) -> None:
    client = slow.client()
    sent = client.submit(slow.people().slice(0, 40), "email", max_credits=40, batch_size=20)
    sent.wait(timeout=60)
    left = client.submit(
        slow.people().slice(40, 40), "email", max_credits=40, key="left", dry_run=True
    )
    assert left["known"] is False
    job = client.job(sent.key, spend=False)
    assert job.wait(timeout=60).state == "done"


def test_spending_can_be_switched_off(
    slow: lantern.LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, people = slow.client(), slow.people().slice(0, 5)
    known = client.submit(people, "email", max_credits=5)
    known.wait(timeout=60)
    monkeypatch.setenv("LANTERN_SPEND", "off")
    with pytest.raises(lantern.exceptions.CreditLimitError, match="LANTERN_SPEND"):
        client.enrich.company(record_id="1", domain="acme.com")
    with pytest.raises(lantern.exceptions.CreditLimitError, match="LANTERN_SPEND"):
        client.submit(slow.people().slice(5, 5), "email", max_credits=5)
    # It may be repeated and is free on this server, but its answer can say that it cost credits.
    with pytest.raises(lantern.exceptions.CreditLimitError, match="LANTERN_SPEND"):
        client.salesforce.convert(lead_sf_id="00Q000000000001")
    assert client.submit(people, "email", max_credits=5).wait(timeout=60).answered == 5
    assert slow.runs().num_rows == 1


class Outage:
    """An API whose first calls about runs fail: more of them than one check of a run makes."""

    def __init__(self, failure: Any, times: int) -> None:
        self.failure = failure
        self.left = times
        self.batches = batch_api(lambda ids: "id,email,email_found\n" + f"{ids[0]},a@b.de,true\n")
        self.hosts = self.batches.hosts  # type: ignore[attr-defined]

    def __call__(self, method: str, path: str, body: Any) -> Any:
        if not path.endswith("/status") or self.left == 0:
            return self.batches(method, path, body)
        self.left -= 1
        return self.failure


FAILURES = {
    str(status): Reply({"success": False, "error": "down"}, status)
    for status in (408, 500, 502, 503, 504, 520)
} | {"closed": None}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_a_wait_goes_on_through_an_outage(
    failure: Any, client_of: Callable[..., lantern.Client]
) -> None:
    # A check of a run makes six attempts.
    api = Outage(failure, 12)
    with serving(api) as server:
        client = client_of(server.url)
        job = client.submit(pa.table({"id": ["a"]}), "email", max_credits=1)
        assert job.wait(timeout=60).state == "done"
        assert api.left == 0
        assert len(server.posts()) == 1


def test_a_wait_ends_at_its_deadline_in_an_outage(client_of: Callable[..., lantern.Client]) -> None:
    with serving(Outage(Reply({"success": False, "error": "down"}, 503), -1)) as server:
        client = client_of(server.url)
        job = client.submit(pa.table({"id": ["a"]}), "email", max_credits=1)
        with pytest.raises(exceptions.JobTimeout, match="the last failure was"):
            job.wait(timeout=3)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, exceptions.ValidationError),
        (401, exceptions.AuthenticationError),
        (403, exceptions.AuthenticationError),
        (410, exceptions.ValidationError),
    ],
)
def test_a_refusal_ends_a_wait_at_once(
    status: int, kind: type[Exception], client_of: Callable[..., lantern.Client]
) -> None:
    api = Outage(Reply({"success": False, "error": "no"}, status), -1)
    with serving(api) as server:
        client = client_of(server.url)
        job = client.submit(pa.table({"id": ["a"]}), "email", max_credits=1)
        with pytest.raises(kind):
            job.wait(timeout=60)
        asked = [path for _, path, _, _ in server.requests if path.endswith("/status")]
        assert len(asked) == 1


@pytest.mark.parametrize("silent", ["/status", "/files/"])
def test_every_call_keeps_its_deadline_while_a_server_does_not_answer(
    silent: str, client_of: Callable[..., lantern.Client]
) -> None:
    batches = batch_api(lambda ids: "id,email,email_found\n" + f"{ids[0]},a@b.de,true\n")
    ended = threading.Event()

    def answer(method: str, path: str, body: Any) -> Any:
        if silent in path:
            ended.wait(60)
            return None
        return batches(method, path, body)

    answer.hosts = batches.hosts  # type: ignore[attr-defined]
    with serving(answer) as server:
        client = client_of(server.url, timeout=2.0)
        job = client.submit(pa.table({"id": ["a"]}), "email", max_credits=1)
        begun = time.monotonic()
        with pytest.raises(exceptions.JobTimeout):
            job.wait(timeout=1)
        # Nothing has answered in the whole poll, which is an error, or a file has not come yet.
        with contextlib.suppress(exceptions.APITimeoutError):
            assert job.poll(timeout=1).state == "running"
        if silent == "/status":
            with pytest.raises(exceptions.APITimeoutError, match="within 2 s"):
                client.agents.status("00000000-0000-4000-8000-000000000000")
        assert time.monotonic() - begun < 10
        ended.set()


@pytest.mark.parametrize("limit", [{"timeout": "1s"}, {"retry_timeout_ms": "1000"}])
@pytest.mark.parametrize("place", ["http", "s3"])
def test_a_store_that_does_not_answer_holds_up_no_time_limit(
    place: str, limit: dict[str, str]
) -> None:
    # Connections are made, and nobody reads from them.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        store = {
            "aws_endpoint_url": url,
            "aws_access_key_id": "a",
            "aws_secret_access_key": "b",
            "aws_region": "us-east-1",
        }
        address = f"{url}/a.csv" if place == "http" else "s3://results/a.csv"
        begun = time.monotonic()
        with pytest.raises(exceptions.ResultError, match="could not be fetched"):
            lantern.read_results(address, storage_options=store | limit)
        assert time.monotonic() - begun < 6


# For how many seconds another process locks the ledger; `LANTERN_LOCKED=36`, as in
# `make test-kills`, is longer than a single attempt of SQLite waits.
LOCKED = float(os.environ.get("LANTERN_LOCKED", "3"))

# Another process, because the locks of a file belong to a process.
LOCKING = """
import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
ledger.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


def test_a_ledger_that_another_process_locks_holds_up_no_deadline(
    slow: lantern.LocalServer,
) -> None:
    client = slow.client()
    job = client.submit(slow.people().slice(0, 40), "email", max_credits=40, batch_size=2)
    command = [sys.executable, "-c", LOCKING, client.ledger]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as locking:
        assert locking.stdout is not None
        assert locking.stdout.readline().strip() == b"locked"
        # The progress is read while what the poll would write waits for the lock.
        assert job.poll(timeout=2).state == "running"
        with pytest.raises(exceptions.JobTimeout):
            job.wait(timeout=1)
        locking.communicate(b"\n")
    assert job.wait(timeout=60).state == "done"
    assert slow.runs().num_rows == 20


def test_a_submit_waits_for_a_ledger_that_another_process_locks(slow: lantern.LocalServer) -> None:
    client, people = slow.client(), slow.people()
    client.submit(people.slice(0, 1), "email", max_credits=1).wait(timeout=60)
    command = [sys.executable, "-c", LOCKING, client.ledger]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as locking:
        assert locking.stdout is not None
        assert locking.stdout.readline().strip() == b"locked"
        release = threading.Timer(LOCKED, locking.communicate, [b"\n"])
        release.start()
        begun = time.monotonic()
        job = client.submit(people.slice(1, 5), "email", max_credits=5)
        assert time.monotonic() - begun > 0.9 * LOCKED
        release.join()
    assert job.wait(timeout=60).state == "done"
    assert slow.runs().num_rows == 2, "each batch was sent once"
