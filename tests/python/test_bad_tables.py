"""Tables, budgets and ledgers that cannot be used: nothing is sent, and the reason is said."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path

import polars
import pyarrow as pa
import pytest

import lantern
from lantern import exceptions


def sent(server: lantern.LocalServer) -> int:
    return server.runs().num_rows


def test_no_such_column_names_the_nearest(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    frame = polars.DataFrame({"person_id": ["1"], "name": ["Ada"]})
    for table in (frame, frame.lazy(), frame.to_pandas(), frame.to_arrow()):
        with pytest.raises(exceptions.InputError, match='did you mean "person_id"') as caught:
            client.submit(table, "email", id="persn_id", max_credits=1)
        assert caught.value.column == "persn_id"
    assert sent(lantern_server) == 0


def test_a_float_column_is_refused_with_advice(lantern_server: lantern.LocalServer) -> None:
    frame = polars.DataFrame({"id": [1.0, None]})
    with pytest.raises(exceptions.InputError, match="nullable integer") as caught:
        lantern_server.client().submit(frame, "email", max_credits=2)
    assert caught.value.column == "id"
    assert sent(lantern_server) == 0


def test_a_decimal_with_more_digits_than_its_type_is_not_cut_to_another_id(
    lantern_server: lantern.LocalServer,
) -> None:
    # DuckDB passes on a HUGEINT like this.
    value = pa.py_buffer((2**127 - 1).to_bytes(16, "little"))
    long = pa.Array.from_buffers(pa.decimal128(38, 0), 1, [None, value])
    client = lantern_server.client()
    with pytest.raises(exceptions.InputError, match="too large to store in a Decimal128"):
        client.submit(pa.table({"id": long}), "email", max_credits=2)
    columns = {"record_id": "id", "domain": "domain"}
    table = pa.table({"id": long, "domain": ["acme.com"]})
    with pytest.raises(exceptions.InputError, match="too large to store in a Decimal128"):
        client.map(table, "enrich.company", columns=columns, max_credits=2)
    assert (sent(lantern_server), lantern_server.credits_used) == (0, 0)


def test_ids_in_a_column_that_the_result_has_itself_are_refused(
    lantern_server: lantern.LocalServer,
) -> None:
    client = lantern_server.client()
    for name in ("status", "error", "reused"):
        with pytest.raises(exceptions.InputError, match=f'"{name}" cannot be the ids') as caught:
            client.submit(pa.table({name: ["P0000001"]}), "email", id=name, max_credits=2)
        assert caught.value.column == name
    assert sent(lantern_server) == 0
    # The other columns of the result make room.
    job = client.submit(pa.table({"run_id": ["P0000001"]}), "email", id="run_id", max_credits=2)
    job.wait(timeout=30, progress=False)
    names = job.table(provenance=True).column_names
    assert names[0] == "run_id"
    assert "run_id_result" in names
    assert len(set(names)) == len(names)


def test_uuids_in_their_bytes_are_ids(lantern_server: lantern.LocalServer) -> None:
    own = [uuid.UUID(int=7), None, uuid.UUID(int=8)]
    bytes_of = [one and one.bytes for one in own]
    table = pa.table({"id": pa.array(bytes_of, pa.binary(16))})
    client = lantern_server.client()
    job = client.submit(table, "email", max_credits=5, key="uuids")
    job.wait(timeout=30, progress=False)
    assert job.table().column("id").to_pylist() == [one and str(one) for one in own]
    texts = pa.table({"id": [str(one).upper() for one in own if one]})
    client.submit(texts, "email", max_credits=5, key="uuids").wait(timeout=30, progress=False)
    assert sent(lantern_server) == 1


@pytest.mark.parametrize("ids", [[], [None, None], ["", "  ", None]])
def test_a_table_without_ids_makes_no_call(
    ids: list[str | None], lantern_server: lantern.LocalServer
) -> None:
    frame = polars.DataFrame({"id": ids}, schema={"id": polars.String})
    job = lantern_server.client().submit(frame, "phone-email", max_credits=100)
    assert job.wait(timeout=30).state == "done"
    table = job.table()
    assert table.num_rows == len(ids)
    assert {"email", "phone_number", "email_found"} <= set(table.column_names)
    assert table.column("status").to_pylist() == ["no_id"] * len(ids)
    assert sent(lantern_server) == 0


def test_what_is_no_table_is_said(lantern_client: lantern.Client) -> None:
    with pytest.raises(TypeError, match="exports an Arrow stream"):
        lantern_client.submit(["1", "2"], "email", max_credits=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_credits": 5}, "one phone-email record can cost 6"),
        ({"max_credits": 9, "batch_size": 1001}, "batch_size is 1001"),
        ({"max_credits": 9, "credits_per_id": 0}, "credits_per_id is 0"),
        ({"max_credits": 9, "key": " "}, "key is empty"),
        ({"max_credits": 9, "on_in_doubt": "retry"}, "use raise, resend or skip"),
        ({"max_credits": 9, "entity_type": "company"}, "use deep-research for companies"),
    ],
)
def test_a_submission_that_cannot_be_is_refused(
    options: dict[str, object], said: str, lantern_server: lantern.LocalServer
) -> None:
    frame = polars.DataFrame({"id": ["P0000001"]})
    with pytest.raises(exceptions.ValidationError, match=said):
        lantern_server.client().submit(frame, "phone-email", **options)  # type: ignore[arg-type]
    assert sent(lantern_server) == 0


def test_a_budget_of_0_sends_nothing_and_a_negative_one_is_refused(
    lantern_server: lantern.LocalServer,
) -> None:
    frame = polars.DataFrame({"id": ["P0000001"]})
    client = lantern_server.client()
    with pytest.raises(exceptions.InputError, match="max_credits is -1; give 0 or more"):
        client.submit(frame, "phone-email", max_credits=-1)
    job = client.submit(frame, "phone-email", max_credits=0)
    assert job.wait(timeout=30).state == "budget_spent"
    assert job.table().column("status").to_pylist() == ["over_budget"]
    assert sent(lantern_server) == 0


def test_a_kind_that_does_not_exist_is_said(lantern_client: lantern.Client) -> None:
    with pytest.raises(exceptions.ValidationError, match="use phone, email, phone-email"):
        lantern_client.submit(polars.DataFrame({"id": ["1"]}), "fax", max_credits=1)  # type: ignore[arg-type]


def test_another_table_under_the_same_key_is_refused(
    lantern_server: lantern.LocalServer,
) -> None:
    client = lantern_server.client()
    people = lantern_server.people()
    client.submit(people.slice(0, 5), "email", max_credits=9, key="monday")
    with pytest.raises(exceptions.JobError, match="lacks 2 that it has") as caught:
        client.submit(people.slice(0, 3), "email", max_credits=9, key="monday")
    assert caught.value.key == "monday"
    assert sent(lantern_server) == 1


def test_an_unknown_job_is_said(lantern_client: lantern.Client) -> None:
    with pytest.raises(exceptions.JobError, match=r"lantern\.jobs\(\) lists"):
        lantern.Job.load("nowhere", client=lantern_client)


def fill(path: Path) -> None:
    """Writes until the disk is full."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def submit_with(server: lantern.LocalServer, ledger: Path) -> None:
    client = server.client(ledger=ledger)
    client.submit(polars.DataFrame({"id": ["P0000001"]}), "email", max_credits=1)


def test_a_ledger_of_a_newer_version_is_refused(
    lantern_server: lantern.LocalServer, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.sqlite"
    with sqlite3.connect(ledger) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(exceptions.LedgerError, match=r"schema version 99.*upgrade lantern"):
        submit_with(lantern_server, ledger)
    assert sent(lantern_server) == 0


def test_a_ledger_that_is_no_database_is_refused(
    lantern_server: lantern.LocalServer, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger.sqlite"
    ledger.write_text("id,email\n" * 500)
    with pytest.raises(exceptions.LedgerError, match="not a SQLite file"):
        submit_with(lantern_server, ledger)
    assert sent(lantern_server) == 0


@pytest.mark.skipif(not Path("/proc/mounts").exists(), reason="mounts are a matter of Linux")
def test_a_full_and_a_read_only_disk_lose_nothing(
    lantern_server: lantern.LocalServer, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        reason = f"no file system can be mounted: {mounted.stderr.decode().strip()}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    try:
        client = lantern_server.client(ledger=disk / "ledger.sqlite")
        people = lantern_server.people().slice(0, 20)
        job = client.submit(people, "email", max_credits=20, batch_size=10, key="full")
        job.wait(timeout=30)
        runs = sent(lantern_server)
        fill(disk / "filler")
        with pytest.raises(exceptions.LedgerError, match="disk is full"):
            client.submit(lantern_server.people(), "email", max_credits=10_000, key="more")
        assert sent(lantern_server) == runs, "something was sent that is not written down"
        assert job.table().num_rows == 20

        readonly = tmp_path / "readonly"
        readonly.mkdir()
        subprocess.run(["mount", "--bind", str(disk), str(readonly)], check=True)
        subprocess.run(["mount", "-o", "remount,ro,bind", str(readonly)], check=True)
        with pytest.raises(exceptions.LedgerError, match="read-only"):
            lantern_server.client(ledger=readonly / "ledger.sqlite").submit(
                lantern_server.people(), "email", max_credits=10_000, key="more"
            )
        assert sent(lantern_server) == runs
        subprocess.run(["umount", "-l", str(readonly)], check=True)
        (disk / "filler").unlink()
        again = client.submit(people, "email", max_credits=20, batch_size=10, key="full")
        assert again.wait(timeout=30).state == "done"
        assert sent(lantern_server) == runs
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_two_processes_that_submit_the_same_job_send_one_set_of_batches(
    lantern_environment: lantern.LocalServer,
) -> None:
    script = """
import lantern, polars
ids = [f"P{n:07}" for n in range(1, 2001)]
table = polars.DataFrame({"id": ids})
client = lantern.Client(limits=dict.fromkeys(["sync", "batches", "credits"]))
job = client.submit(table, "email", max_credits=5000, key="race", batch_size=100)
progress = job.wait(timeout=60)
print(progress.state, progress.answered, job.table().num_rows)
"""
    command = [sys.executable, "-c", script]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(2)
    ]
    assert [process.communicate()[0].split() for process in both] == [["done", "2000", "2000"]] * 2
    assert sent(lantern_environment) == 20
