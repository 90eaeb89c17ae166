"""The ledger in PostgreSQL: a real server, several processes."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from postgresql import PostgreSQL, started

import lantern
from email_api import EmailApi, client_of, emails, people
from lantern import exceptions
from other_api import other_api


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with started() as server:
        yield server


@pytest.fixture
def url(server: PostgreSQL) -> str:
    return server.database()


def test_a_job_of_one_worker_is_picked_up_by_another(
    url: str, lantern_server: lantern.LocalServer, tmp_path: Path
) -> None:
    people = lantern_server.people().slice(0, 300)

    def client() -> lantern.Client:
        return lantern.Client(
            lantern_server.key,
            lantern_server.url,
            ledger=url,
            storage_options=lantern_server.storage_options,
        )

    with client() as first:
        job = first.submit(people, "email", max_credits=300, key="k", batch_size=100)
        job.wait(timeout=60, progress=False)
        table = job.table().to_polars()
        assert "sentinel" not in first.ledger
        assert "sentinel" not in repr(first)
        with pytest.raises(lantern.exceptions.ConfigError, match="api_key="):
            pickle.dumps(first)
    # Another machine has none of the files that the first one fetched.
    script = f"""
import os, lantern, polars as pl
client = lantern.Client({lantern_server.key!r}, {lantern_server.url!r}, ledger={url!r},
                        storage_options={lantern_server.storage_options!r})
job = lantern.Job.load("k", client=client)
job.wait(timeout=60, progress=False)
job.table().to_polars().write_parquet("again.parquet")
print(lantern.jobs(ledger={url!r}).to_polars()["state"].to_list())
"""
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "other")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['done']\n"
    import polars as pl

    assert pl.read_parquet(tmp_path / "again.parquet").equals(table)
    assert lantern_server.runs().num_rows == 3


def test_people_by_name_are_resumed_on_another_machine_with_their_table(
    url: str, lantern_server: lantern.LocalServer, tmp_path: Path
) -> None:
    people = lantern_server.people().to_polars().head(40)
    people.write_parquet(tmp_path / "people.parquet")
    names = ("first_name", "last_name", "company_name")
    columns = {name: name for name in names}
    limits = dict.fromkeys(["sync", "batches", "credits", "bursts"])

    with lantern.Client(
        lantern_server.key,
        lantern_server.url,
        ledger=url,
        limits=limits,
        storage_options=lantern_server.storage_options,
    ) as client:
        # The budget pays for the first batch for sure.
        job = client.submit(
            people, "email", columns=columns, max_credits=10, key="k", batch_size=10
        )
        job.wait(timeout=120, progress=False)
        first = lantern_server.runs().num_rows
    # Another machine has none of the files of the first one.
    script = f"""
import lantern, polars as pl
client = lantern.Client({lantern_server.key!r}, {lantern_server.url!r}, ledger={url!r},
                        limits={limits!r}, storage_options={lantern_server.storage_options!r})
job = client.job("k", spend=False)
job.wait(timeout=120, progress=False)
print(job.table().num_rows)
people = pl.read_parquet("people.parquet")
options = {{"columns": {columns!r}, "key": "k", "batch_size": 10}}
job = client.submit(people, "email", max_credits=100, **options)
print(job.wait(timeout=120, progress=False).state)
job.table().to_polars().write_parquet("again.parquet")
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "other")},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "40\ndone\n"
    import polars as pl

    again = pl.read_parquet(tmp_path / "again.parquet")
    found = again.filter(pl.col("status") == "found")
    assert found["email"].to_list() == people["email"].gather(found["row"]).to_list()
    assert again.height == 40
    assert not again["status"].is_in(["over_budget", "pending"]).any()
    assert lantern_server.runs().num_rows > first
    charged = sum(job.credits().to_polars()["credits"])
    assert charged == lantern_server.credits_used, "nothing was paid twice"


def test_a_killed_worker_leaves_a_doubt_and_not_a_second_payment(
    url: str, lantern_server: lantern.LocalServer, tmp_path: Path
) -> None:
    lantern_server.add_fault("POST /v1/agents/email: delay 30s")
    script = f"""
import lantern
client = lantern.Client({lantern_server.key!r}, {lantern_server.url!r}, ledger={url!r})
people = __import__("polars").DataFrame({{"id": ["P0000001", "P0000002"]}})
print("begun", flush=True)
client.submit(people, "email", max_credits=10, key="killed").wait(progress=False)
"""
    worker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    assert worker.stdout.readline() == "begun\n"
    end = time.monotonic() + 60
    with lantern.Client(lantern_server.key, lantern_server.url, ledger=url) as client:
        while time.monotonic() < end:
            jobs = lantern.jobs(ledger=url)
            if jobs.num_rows and jobs.column("in_flight").to_pylist() == [1]:
                break
            time.sleep(0.1)
        worker.kill()
        worker.communicate()
        job = lantern.Job.load("killed", client=client)
        with pytest.raises(exceptions.OutcomeUnknown, match="ended before an answer came"):
            job.wait(timeout=60, progress=False)


def test_a_server_that_was_started_again_is_connected_to_anew(
    url: str, server: PostgreSQL, lantern_server: lantern.LocalServer
) -> None:
    people = lantern_server.people().slice(0, 10)
    with lantern.Client(
        lantern_server.key,
        lantern_server.url,
        ledger=url,
        storage_options=lantern_server.storage_options,
    ) as client:
        job = client.submit(people, "email", max_credits=10, key="k")
        server.restart()
        job.poll()
        job.wait(timeout=60, progress=False)
        assert job.table().num_rows == 10
    assert lantern_server.runs().num_rows == 1


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        ("postgresql://u:sentinel@127.0.0.1:1/d", "cannot be used: error connecting"),
        ("postgresql://u:sentinel@127.0.0.1/d?sslmode=maybe", 'sslmode "maybe" is not known'),
        ("postgresql://u:sentinel@127.0.0.1/d?sslrootcert=/no/file", "/no/file cannot be used"),
        ("mysql://u:sentinel@127.0.0.1/d", "the ledger cannot be at mysql://"),
    ],
)
def test_a_ledger_that_cannot_be_opened_says_why_without_its_password(
    ledger: str, said: str
) -> None:
    with pytest.raises(exceptions.LanternError, match=said) as error:
        lantern.jobs(ledger=ledger)
    assert "sentinel" not in str(error.value)


def connection(lantern_server: lantern.LocalServer, url: str) -> lantern.Client:
    return lantern.Client(
        lantern_server.key,
        lantern_server.url,
        ledger=url,
        storage_options=lantern_server.storage_options,
        limits=dict.fromkeys(["sync", "batches", "credits"]),
    )


def test_sessions_that_an_administrator_ends_do_not_end_a_wait(
    url: str, server: PostgreSQL, lantern_server: lantern.LocalServer
) -> None:
    lantern_server.add_fault("GET /v1/agents/runs/*: delay 100ms")
    lantern_server.add_fault("POST /v1/agents/*: delay 50ms")
    people = lantern_server.people().slice(0, 60)
    stop = threading.Event()
    ended = []

    def administrator() -> None:
        end = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        while not stop.is_set():
            ended.append(int(server.say(url, end)))

    thread = threading.Thread(target=administrator)
    with connection(lantern_server, url) as client:
        job = client.submit(people, "email", max_credits=60, key="k", batch_size=10)
        thread.start()
        try:
            job.wait(timeout=120, progress=False)
        finally:
            stop.set()
            thread.join()
        assert job.table().num_rows == 60
    assert sum(ended) > 0, "no session was ended"
    assert lantern_server.runs().num_rows == 6


def test_a_role_without_create_uses_a_ledger_that_is_there(
    url: str, server: PostgreSQL, lantern_server: lantern.LocalServer
) -> None:
    role = f"worker_{time.monotonic_ns()}"
    server.say(url, f"CREATE ROLE {role} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    own = url.replace("postgres:sentinel-password", f"{role}:sentinel-password")
    with pytest.raises(exceptions.LedgerError) as refused:
        lantern.jobs(ledger=own)
    assert "sentinel" not in str(refused.value)
    with connection(lantern_server, url) as client:
        client.submit(lantern_server.people().slice(0, 5), "email", max_credits=5, key="owner's")
    tables = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO"
    numbers = "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO"
    server.say(url, f"{tables} {role}; {numbers} {role}")
    with connection(lantern_server, own) as client:
        job = client.submit(lantern_server.people().slice(0, 20), "email", max_credits=20, key="k")
        job.wait(timeout=60, progress=False)
        assert job.table().num_rows == 20
        keys = set(lantern.jobs(ledger=own).column("key").to_pylist())
    assert keys == {"k", "owner's"}


def at_once(work: Callable[[int], object]) -> None:
    """Does the work of three clients at once, and raises the first error."""
    ready = threading.Barrier(3)

    def begin(number: int) -> None:
        ready.wait(60)
        work(number)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(begin, number) for number in range(3)]:
            done.result()


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_nothing_is_paid_twice_under_another_default_isolation(
    isolation: str, url: str, server: PostgreSQL, lantern_server: lantern.LocalServer
) -> None:
    name = server.say(url, "SELECT current_database()")
    server.say(url, f"ALTER DATABASE {name} SET default_transaction_isolation = '{isolation}'")
    ids = lantern_server.people().slice(0, 30)

    def submit(number: int) -> None:
        # Each opens the ledger, which has no tables yet.
        with connection(lantern_server, url) as client:
            job = client.submit(ids, "email", max_credits=30, key=f"k{number}", batch_size=3)
            job.wait(timeout=60, progress=False)
            assert set(job.table().to_polars()["status"]) <= {"found", "not_found"}

    at_once(submit)
    assert sum(run["ids"] for run in lantern_server.runs().to_pylist()) == 30

    table = people([f"Ada {at}" for at in range(24)])
    with other_api(EmailApi()) as api:

        def ask(number: int) -> None:
            with client_of(api, url) as client:
                answered = emails(client, table, key=f"m{number}", max_credits=24, concurrency=4)
                assert set(answered["status"]) == {"done"}

        at_once(ask)
        assert sorted(int(body["record_id"]) for body in api.posts()) == list(range(24))
