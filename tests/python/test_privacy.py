"""Where personal data lies, and that it goes away: marked people are searched for in every file."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from postgresql import started

import lantern
from lantern import Client
from lantern.exceptions import InputError
from other_api import OtherApi, Reply, batch_api, other_api, serving

LIMITS = dict.fromkeys(["sync", "batches", "credits", "bursts"])
PAGE = Path(__file__).parents[2] / "docs" / "privacy.md"
ZSTD = b"\x28\xb5\x2f\xfd"


def unpacked(data: bytes) -> bytes:
    """Bytes with everything in them that is compressed."""
    found = [data]
    for match in re.finditer(re.escape(ZSTD), data):
        stream = pa.CompressedInputStream(pa.BufferReader(data[match.start() :]), "zstd")
        text = bytearray()
        try:
            # One by one: what follows the end is an error, and takes along what was read with it.
            while byte := stream.read(1):
                text += byte
        except OSError:
            pass
        found.append(bytes(text))
    return b"\n".join(found)


def cells(database: Path) -> Iterator[bytes]:
    """Every value of every table, also where it lies on several pages of the file."""
    connection = sqlite3.connect(database)
    tables = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    ]
    for table in tables:
        for row in connection.execute(f'SELECT * FROM "{table}"'):
            for value in row:
                if isinstance(value, bytes | str):
                    yield unpacked(value if isinstance(value, bytes) else value.encode())
    connection.close()


def places(folder: Path, *marks: str) -> set[str]:
    """The files that hold one of the marks, compressed or not."""
    wanted = [mark.lower().encode() for mark in marks]

    def holds(data: bytes) -> bool:
        return any(mark in data.lower() for mark in wanted)

    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and holds(unpacked(path.read_bytes())):
            found.add(path.relative_to(folder).as_posix())
    for path in folder.rglob("*.sqlite"):
        if any(holds(cell) for cell in cells(path)):
            found.add(path.relative_to(folder).as_posix())
    return found


def people(ids: list[str]) -> str:
    lines = ["id,first_name,email,email_found"]
    lines += [f"{id},Name-{id},{id.lower()}@mark.example,true" for id in ids]
    return "\n".join(lines) + "\n"


def credits(ids: list[str]) -> str:
    return "\n".join(["id,credits", *(f"{id},1" for id in ids)]) + "\n"


def companies(method: str, path: str, body: Any) -> Any:
    if method != "POST":
        return {"success": True, "tenant_id": 7, "remaining_credits": 1_000_000}
    if body["record_id"] == "MARKU":
        return Reply(b'{"success": true, "for": "MARKU", "company": ', 200)
    email = {"full_name": f"Name-{body['record_id']}", "email": f"{body['record_id']}@mark.example"}
    return {"success": True, "credits_consumed": 1, "record_id": body["record_id"], "person": email}


def client_of(api: OtherApi, folder: Path) -> Client:
    return Client("key", api.url, ledger=str(folder / "ledger.sqlite"), limits=LIMITS)


COLUMNS = {
    "record_id": "id",
    "first_name": "id",
    "last_name": "id",
    "company_domain": "domain",
}


def calls(ids: list[str]) -> pl.DataFrame:
    """The rows of mapped calls."""
    return table(ids).with_columns(domain=pl.lit("firm.example"))


def table(ids: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"id": ids})


@pytest.fixture
def batches() -> Iterator[OtherApi]:
    with serving(batch_api(people, credits=credits)) as api:
        yield api


def everyone(number: int) -> list[str]:
    return [f"MARK{at:03}" for at in range(number)]


def test_personal_data_lies_where_the_page_says_and_nowhere_else(
    tmp_path: Path, batches: OtherApi
) -> None:
    client = client_of(batches, tmp_path)
    client.submit(table(everyone(10)), "email", max_credits=50).wait(timeout=60, progress=False)
    with other_api(companies) as api:
        ids = [*everyone(5), "MARKU"]
        client_of(api, tmp_path).map(
            calls(ids),
            "enrich.person",
            columns=COLUMNS,
            max_credits=50,
            on_in_doubt="skip",
        )
    client.suppress.add(["hidden-mark@mark.example"])
    page = PAGE.read_text()
    for place in places(tmp_path, "MARK0", "mark.example"):
        name = place.split("/")[-1]
        known = {
            "ledger.sqlite": "`ledger.sqlite`",
            "ledger.sqlite-wal": "`-wal`",
            "ledger.sqlite-shm": "`-shm`",
        }.get(place)
        if known is None and place.startswith("ledger.results/"):
            known = "`ledger.results/<job>/*.credits.csv`" if ".credits." in name else None
            known = known or ("`ledger.results/<job>/*.csv`" if name.endswith(".csv") else None)
        assert known is not None, f"{place} is not on the page"
        assert known in page
    assert not places(tmp_path, "hidden-mark")
    for path in tmp_path.rglob("*"):
        if path.name.startswith("ledger"):
            assert path.stat().st_mode & 0o077 == 0, f"{path} can be read by others"


def test_a_person_is_erased_from_everything(tmp_path: Path, batches: OtherApi) -> None:
    client = client_of(batches, tmp_path)
    first = client.submit(table(everyone(10)), "email", max_credits=50)
    first.wait(timeout=60, progress=False)
    # A second job that has the answer from the memory.
    second = client.submit(table(everyone(5)), "email", max_credits=50, key="second")
    second.wait(timeout=60, progress=False)
    spent = first.progress().credits
    with other_api(companies) as api:
        caller = client_of(api, tmp_path)
        caller.map(
            calls(everyone(5)), "enrich.person", columns=COLUMNS, max_credits=50, key="calls"
        )
        called = caller.job("calls").progress().credits
        assert len(places(tmp_path, "MARK003")) >= 3
        client.close()
        # By an address alone: the id is found in what is here.
        done = lantern.forget(email="Mark003@Mark.Example", ledger=tmp_path / "ledger.sqlite")
        assert done["ids"] == ["MARK003"]
        assert (done["rows"], done["files"]) == (2, 2), done
        assert done["ledger"]["ids"] >= 2
        assert done["ledger"]["calls"] == 1
        assert done["ledger"]["memory"] >= 1
        assert done["suppressed"]
        assert places(tmp_path, "MARK003") == set(), done
        # Others are as they were, and what was paid stays counted.
        client = client_of(batches, tmp_path)
        for key, count in ((first.key, 10), ("second", 5)):
            job = client.job(key)
            rows = job.table().to_pylist()
            assert [row["status"] for row in rows].count("found") == count - 1
            assert rows[3]["status"] == "erased"
            assert rows[3]["id"] is None
            assert rows[3]["email"] is None
            assert rows[4]["email"] == "mark004@mark.example"
        assert client.job(first.key).progress().credits == spent
        mapped = caller.job("calls")
        assert mapped.progress().credits == called
        statuses = mapped.table().column("status").to_pylist()
        assert statuses == ["done", "done", "done", "erased", "done"]
    # The same table again neither sends nor shows the person.
    sent = len(batches.posts())
    again = client.submit(table(everyone(10)), "email", max_credits=50)
    again.wait(timeout=60, progress=False)
    other = client.submit(table(everyone(12)), "email", max_credits=50)
    other.wait(timeout=60, progress=False)
    later = [id for body in batches.posts()[sent:] for id in body["ids"]]
    assert later == ["MARK010", "MARK011"]
    statuses = other.table().column("status").to_pylist()
    assert statuses[3] == "suppressed"
    assert statuses.count("found") == 11
    assert again.table().column("status").to_pylist().count("found") == 9
    # Once more: there is nothing left but the id in the new job's plan.
    client.close()
    lantern.forget(id="MARK003", ledger=tmp_path / "ledger.sqlite")
    assert places(tmp_path, "MARK003") == set()


@pytest.mark.parametrize("suppress", [True, False])
def test_parts_and_files_show_the_erased_as_the_table_does(tmp_path: Path, suppress: bool) -> None:
    ids = pl.Series("id", range(100, 120), dtype=pl.Int64)
    with serving(batch_api(people, credits=credits)) as api:
        client = client_of(api, tmp_path)
        job = client.submit(ids.to_frame(), "email", max_credits=50, batch_size=5)
        job.wait(timeout=60, progress=False)
        client.close()
        lantern.forget(id=[103, 117], ledger=tmp_path / "ledger.sqlite", suppress=suppress)
        job = client_of(api, tmp_path).job(job.key)
        whole = job.table().to_polars()
        assert whole["status"].to_list().count("erased") == whole["id"].null_count() == 2
        assert pl.concat(pl.DataFrame(part) for part in job.tables()).equals(whole)
        assert job.write(tmp_path / "people.parquet") == 20
        assert pl.read_parquet(tmp_path / "people.parquet").equals(whole)


def test_a_server_loses_a_forgotten_person_when_its_tables_are_rewritten(
    tmp_path: Path, batches: OtherApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with started() as server, other_api(companies) as api:
        url = server.database()
        for own in (batches, api):
            client = Client("key", own.url, ledger=url, limits=LIMITS)
            if own is batches:
                job = client.submit(table(everyone(10)), "email", max_credits=50)
                job.wait(timeout=60, progress=False)
            else:
                client.map(calls(everyone(5)), "enrich.person", columns=COLUMNS, max_credits=50)
            client.close()

        def in_tables() -> set[str]:
            server.say(url, "CHECKPOINT")
            # The log is written anew in its own time.
            return {
                place
                for place in places(server.folder / "data", "MARK003")
                if not place.startswith("pg_wal/")
            }

        assert in_tables()
        assert places(tmp_path, "MARK003")
        done = lantern.forget(id="MARK003", ledger=url)
        assert (done["rows"] > 0, done["ledger"]["calls"], done["overwritten"]) == (True, 1, False)
        assert places(tmp_path, "MARK003") == set()
        server.say(url, "VACUUM FULL")
        assert in_tables() == set()


def test_a_result_that_is_fetched_again_comes_without_those_who_were_erased(
    tmp_path: Path, batches: OtherApi
) -> None:
    client = client_of(batches, tmp_path)
    jobs = [
        client.submit(table(ids), "email", max_credits=50, key=key)
        for key, ids in (("ten", everyone(10)), ("one", ["MARK077"]))
    ]
    for job in jobs:
        job.wait(timeout=60, progress=False)
    client.close()
    lantern.forget(id=["MARK003", "MARK077"], ledger=tmp_path / "ledger.sqlite")
    # As on another machine with the same ledger, which has fetched none of the results.
    for path in tmp_path.glob("ledger.results/*/*.csv"):
        path.unlink()
    client = client_of(batches, tmp_path)
    rows = client.job("ten").table().to_pylist()
    assert [row["status"] for row in rows].count("found") == 9
    assert (rows[3]["status"], rows[3]["id"], rows[3]["email"]) == ("erased", None, None)
    assert rows[4]["email"] == "mark004@mark.example"
    assert [row["status"] for row in client.job("one").table().to_pylist()] == ["erased"]
    assert list(tmp_path.glob("ledger.results/*/*.csv"))
    assert places(tmp_path, "MARK003", "MARK077") == set()


def test_records_that_are_fetched_again_come_without_those_who_were_erased(
    tmp_path: Path,
) -> None:
    columns = {name: name for name in ("first_name", "last_name", "company_name")}
    ledger = tmp_path / "ledger.sqlite"
    with lantern.LocalServer(limits="off") as server:
        client = server.client(ledger=str(ledger))
        people = server.people().to_polars().head(20)
        job = client.submit(people, "email", columns=columns, max_credits=50, key="records")
        job.wait(timeout=60, progress=False)
        before = job.table().to_pylist()
        gone = next(row for row in before if row["status"] == "found")
        client.close()
        lantern.forget(email=gone["email"], ledger=ledger)
        for path in tmp_path.glob("ledger.results/*/*.csv"):
            path.unlink()
        after = server.client(ledger=str(ledger)).job("records").table().to_pylist()
        for old, new in zip(before, after, strict=True):
            erased = old["row"] == gone["row"]
            assert new["status"] == ("erased" if erased else old["status"])
            assert new["email"] == (None if erased else old["email"])
        assert places(tmp_path, gone["email"]) == set()


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.replace(",", ";").encode(),
        lambda text: ("sep=\t\n" + text.replace(",", "\t")).encode(),
        lambda text: text.encode("utf-16"),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
        lambda text: text.replace("MARK", "mark").encode(),
    ],
    ids=["semicolons", "tabs", "utf-16", "gzip", "crlf", "respelled"],
)
def test_a_person_is_erased_from_results_in_any_form(
    tmp_path: Path, written: Callable[[str], bytes]
) -> None:
    place = tmp_path / "ledger.sqlite"
    with serving(batch_api(lambda ids: Reply(written(people(ids))))) as api:
        client = client_of(api, tmp_path)
        job = client.submit(table(everyone(6)), "email", max_credits=50)
        job.wait(timeout=60, progress=False)
        client.close()
        done = lantern.forget(email="mark003@mark.example", ledger=place)
        assert "MARK003" in done["ids"]
        assert done["rows"] >= 1
        assert places(tmp_path, "MARK003") == set()
        for path in tmp_path.rglob("*.csv"):
            assert path.read_bytes().decode().count("@mark.example") == 5, "the others stay"
        rows = client_of(api, tmp_path).job(job.key).table().to_pylist()
        assert [row["status"] for row in rows] == [*["found"] * 3, "erased", *["found"] * 2]
        assert rows[5]["email"] == "mark005@mark.example"


def test_the_original_of_an_erased_result_goes_too(tmp_path: Path) -> None:
    """The API repeats only names, so nothing in the original says which row to erase."""
    place = tmp_path / "ledger.sqlite"
    frame = pl.DataFrame(
        {
            "first": ["Markus", "Ada"],
            "last": ["Markson", "Byron"],
            "company": ["Acme", "Acme"],
            "mail": ["own@mark.example", None],
        }
    )
    columns = {
        "first_name": "first",
        "last_name": "last",
        "company_name": "company",
        "email": "mail",
    }
    sent: list[dict[str, Any]] = []

    def answer(method: str, path: str, body: Any) -> Any:
        run = "00000000-0000-4000-8000-000000000000"
        if method == "POST":
            sent.extend(body["records"])
            return {"run_id": run, "result_path": f"{api.url}/files/{run}.csv"}
        if path.endswith("/status"):
            return {"run_id": run, "status": "completed"}
        if path.startswith("/files/"):
            names = ["first_name", "last_name", "company_name"]
            lines = [",".join([*names, "email", "email_found"])]
            lines += [",".join([*(row[name] for name in names), "", "false"]) for row in sent]
            return Reply(("\n".join(lines) + "\n").encode())
        return Reply({"success": False, "error": "nothing here"}, 404)

    with other_api(answer) as api:
        client = client_of(api, tmp_path)
        job = client.submit(frame, "email", columns=columns, max_credits=9)
        assert job.wait(timeout=60, progress=False).answered == 2
        assert any("original" in name for name in places(tmp_path, "Markson"))
        client.close()
        lantern.forget(email="own@mark.example", ledger=place)
        assert places(tmp_path, "Markson", "own@mark.example") == set()
        assert places(tmp_path, "Byron")


def test_nobody_is_named_or_an_address_is_none(tmp_path: Path) -> None:
    place = tmp_path / "ledger.sqlite"
    with pytest.raises(InputError, match="no person was given"):
        lantern.forget(ledger=place)
    with pytest.raises(InputError, match="not an e-mail address"):
        lantern.forget(email="ada", ledger=place)
    assert lantern.forget(id=7, suppress=False, ledger=place)["ids"] == ["7"]


def age(place: Path, days: int) -> None:
    """Lets days go by."""
    connection = sqlite3.connect(place)
    change = "UPDATE lantern_units SET loaded_at = loaded_at - ?"
    connection.execute(change, [days * 86_400_000_000])
    connection.execute("DELETE FROM lantern_settings WHERE name = 'purged_at'")
    connection.commit()
    connection.close()


def test_old_answers_go_and_stay_paid(tmp_path: Path, batches: OtherApi) -> None:
    place = tmp_path / "ledger.sqlite"
    client = client_of(batches, tmp_path)
    job = client.submit(table(everyone(5)), "email", max_credits=50)
    job.wait(timeout=60, progress=False)
    with other_api(companies) as api:
        caller = client_of(api, tmp_path)
        caller.map(calls(everyone(3)), "enrich.person", columns=COLUMNS, max_credits=9, key="calls")
        assert lantern.purge("180d", ledger=place)["units"] == 0
        age(place, 200)
        done = lantern.purge("180d", ledger=place)
        assert (done["units"], done["files"]) == (4, 2)
        assert not places(tmp_path, "mark.example", "Name-MARK")
        assert job.table().column("status").to_pylist() == ["erased"] * 5
        assert caller.job("calls").table().column("status").to_pylist() == ["erased"] * 3
    sent = len(batches.posts())
    other = client.submit(table(everyone(6)), "email", max_credits=50)
    other.wait(timeout=60, progress=False)
    assert [body["ids"] for body in batches.posts()[sent:]] == [["MARK005"]], "paid once"
    assert other.table().column("status").to_pylist() == [*["erased"] * 5, "found"]
    anew = client.submit(table(everyone(5)), "email", max_credits=50, reuse=False, key="anew")
    anew.wait(timeout=60, progress=False)
    assert anew.table().column("status").to_pylist() == ["found"] * 5


def test_a_retention_is_kept_by_whoever_submits(tmp_path: Path, batches: OtherApi) -> None:
    place = tmp_path / "ledger.sqlite"
    client = client_of(batches, tmp_path)
    client.submit(table(everyone(3)), "email", max_credits=9).wait(timeout=60, progress=False)
    assert lantern.purge("30d", always=True, ledger=place)["retention"] == "30d"
    age(place, 31)
    later = client.submit(table(["LATER1"]), "email", max_credits=9)
    later.wait(timeout=60, progress=False)
    assert not places(tmp_path, "mark000@mark.example")
    assert places(tmp_path, "later1@mark.example")
    assert lantern.purge(always=True, ledger=place)["retention"] is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_what_dead_processes_left_is_removed(tmp_path: Path, batches: OtherApi) -> None:
    place = tmp_path / "ledger.sqlite"
    client = client_of(batches, tmp_path)
    job = client.submit(table(everyone(3)), "email", max_credits=9)
    job.wait(timeout=60, progress=False)
    code = (
        "import sys, os, signal, fcntl, lantern\n"
        "client = lantern.Client('key', sys.argv[1], ledger=sys.argv[2],"
        " limits=dict.fromkeys(['sync', 'batches', 'credits', 'bursts']))\n"
        "import polars as pl\n"
        "client.submit(pl.DataFrame({'id': ['X1']}), 'email', max_credits=9)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, batches.url, str(place)], check=False)
    folder = next((tmp_path / "ledger.results").iterdir())
    left = folder / ".lantern-abc.part"
    left.write_text("half of a result")
    owners = list((tmp_path / "ledger.owners").iterdir())
    assert len(owners) == 2, "this process and the one that was killed"
    done = lantern.purge(ledger=place)
    assert done["leftovers"] == 2
    assert not left.exists()
    assert len(list((tmp_path / "ledger.owners").iterdir())) == 1, "this one lives"


def test_the_shell_suppresses_forgets_and_purges(tmp_path: Path, batches: OtherApi) -> None:
    client = client_of(batches, tmp_path)
    client.submit(table(everyone(3)), "email", max_credits=9).wait(timeout=60, progress=False)
    client.close()
    listed = tmp_path / "listed.txt"
    listed.write_text("P7\nada@acme.example\n")

    def run(*words: str) -> Any:
        ledger = ["--ledger", str(tmp_path / "ledger.sqlite"), "--json"]
        code = "import sys; from lantern._lantern import _main; sys.exit(_main(sys.argv))"
        done = subprocess.run(
            [sys.executable, "-c", code, *words, *ledger],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert run("suppress", "add", str(listed), "--domain", "quiet.example")["suppressed"] >= 3
    assert run("suppress", "list")["domain"] >= 1
    assert run("suppress", "remove", "--domain", "quiet.example")["removed"] == 1
    assert run("forget", "--email", "mark001@mark.example")["ids"] == ["MARK001"]
    assert run("purge", "--older-than", "180d", "--always")["retention"] == "180d"
    assert run("budget", "set", "team", "--max-credits", "50", "--per", "month")["left"] == 50
    assert run("budget", "list")[0]["name"] == "team"
    assert run("budget", "rename", "team", "field")["name"] == "field"
    assert run("budget", "remove", "field")["removed"]
