"""Those who are suppressed are never sent and never given back."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import lantern
from lantern import Client
from lantern.exceptions import InputError
from other_api import OtherApi, batch_api, other_api, serving

LIMITS = dict.fromkeys(["sync", "batches", "credits", "bursts"])


def people_api() -> Any:
    """Finds an address for everybody; that of P3 is at a domain, and P4 has a LinkedIn page."""

    def rows(ids: list[str]) -> str:
        lines = ["id,email,email_found,linkedin_url"]
        for id in ids:
            domain = "acme.com" if id == "P3" else "example.com"
            lines.append(f"{id},{id.lower()}@{domain},true,https://linkedin.com/in/page-{id}/")
        return "\n".join(lines) + "\n"

    def credits(ids: list[str]) -> str:
        return "\n".join(["id,credits", *(f"{id},1" for id in ids)]) + "\n"

    return batch_api(rows, credits=credits)


def client_of(api: OtherApi, folder: Path) -> Client:
    return Client("key", api.url, ledger=str(folder / "ledger.sqlite"), limits=LIMITS)


def table(count: int) -> pl.DataFrame:
    return pl.DataFrame({"id": [f"P{number}" for number in range(count)]})


def asked(api: OtherApi) -> list[str]:
    return sorted(id for body in api.posts() for id in body["ids"])


def test_a_column_is_a_list(tmp_path: Path) -> None:
    with serving(people_api()) as api:
        client = client_of(api, tmp_path)
        columns: list[Any] = [
            pl.Series(["P1", None]),
            pd.Series(["P2"]),
            pa.chunked_array([["P3"], ["P4@example.com"]]),
            pa.array([5, None]),
        ]
        assert [client.suppress.add(column) for column in columns] == [1, 1, 3, 1]
        assert all(client.suppress.has(text) for text in ("P1", "P2", "P3", "p4@example.com", "5"))
        # A reader gives its rows once.
        reader = pa.table({"id": ["P6"]}).to_reader()
        assert client.suppress.add(reader) == 1
        with pytest.raises(InputError, match="Float64"):
            client.suppress.add(pl.Series([1.5]))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([""], r"entries\[0\] is empty"),
        (["P1", "  "], r"entries\[1\] is empty"),
        ([None], r"entries\[0\] is None"),
        (iter([7, "P1", None]), r"entries\[2\] is None"),
        (pl.Series([None, ""], dtype=pl.String), "entries is a column of nulls and empty texts"),
    ],
    ids=["empty", "blank", "None", "iterator", "column"],
)
def test_an_entry_that_is_empty_is_refused(tmp_path: Path, entries: Any, said: str) -> None:
    client = Client("key", "http://127.0.0.1:9", ledger=str(tmp_path / "ledger.sqlite"))
    with pytest.raises(InputError, match=said):
        client.suppress.add(entries)
    assert client.suppress.list().get("id", 0) == 0, "none of the list is taken"
    # A column may have gaps, and an empty table is a list of nobody.
    assert client.suppress.add(pl.Series([None, "P1", ""])) == 1
    assert client.suppress.add(pl.DataFrame({"id": []}, schema={"id": pl.String})) == 0


def test_ids_are_never_sent_and_answers_are_never_given_back(tmp_path: Path) -> None:
    with serving(people_api()) as api:
        client = client_of(api, tmp_path)
        hidden = ["P1", "P2@Example.com", "ACME.com", "http://www.linkedin.com/in/Page-P4"]
        assert client.suppress.add(hidden) > len(hidden) - 1
        job = client.submit(table(6), "email", max_credits=50)
        done = job.wait(timeout=60, progress=False)
        assert asked(api) == ["P0", "P2", "P3", "P4", "P5"]
        assert done.state == "done"
        rows = {row["id"]: row for row in job.table().to_pylist()}
        assert [rows[f"P{at}"]["status"] for at in range(6)] == [
            "found",
            *["suppressed"] * 4,
            "found",
        ]
        for id in ("P1", "P2", "P3", "P4"):
            row = rows[id]
            assert (row["email"], row["linkedin_url"], row["email_found"]) == (None, None, None)
            assert "suppressed" in row["error"]
        assert rows["P0"]["email"] == "p0@example.com"
        # The other ways out give nothing back either.
        parts = pl.concat(pl.DataFrame(part) for part in job.tables()).to_dicts()
        assert parts == list(rows.values())
        job.write(tmp_path / "people.parquet")
        assert pl.read_parquet(tmp_path / "people.parquet")["email"].drop_nulls().len() == 2
        assert {row["id"] for row in job.missing().to_pylist()} == {"P1", "P2", "P3", "P4"}
        # An earlier answer is not given back through the memory.
        again = client.submit(table(7), "email", max_credits=50)
        again.wait(timeout=60, progress=False)
        assert asked(api) == ["P0", "P2", "P3", "P4", "P5", "P6"]
        statuses = again.table().column("status").to_pylist()
        assert statuses == ["found", *["suppressed"] * 4, "found", "found"]


def test_a_list_holds_from_the_next_batch_on_and_can_be_taken_back(tmp_path: Path) -> None:
    with serving(people_api()) as api:
        client = client_of(api, tmp_path)
        job = client.submit(table(4), "email", max_credits=2, batch_size=2)
        assert job.wait(timeout=60, progress=False).state == "budget_spent"
        client.suppress.add(["P2", "P0"])
        # The plan is old, and P2 is not sent all the same.
        job = client.submit(table(4), "email", max_credits=50, batch_size=2)
        job.wait(timeout=60, progress=False)
        assert asked(api) == ["P0", "P1", "P3"]
        statuses = job.table().column("status").to_pylist()
        assert statuses == ["suppressed", "found", "suppressed", "found"]
        assert client.suppress.remove(["P0"]) == 1
        assert job.table().column("status").to_pylist()[0] == "found", "it was paid for"


def test_a_list_of_one_job_holds_for_that_job(tmp_path: Path) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text("name,e_mail\nAda,P1@example.com\n")
    lines = tmp_path / "lines.txt"
    lines.write_text("P2\nP3\n")
    with serving(people_api()) as api:
        client = client_of(api, tmp_path)
        frame = pl.DataFrame({"record_id": ["P0"]})
        for suppress in (frame, frame.lazy(), [0, "P0"]):
            job = client.submit(table(4), "email", max_credits=9, key="one", suppress=suppress)
        client.submit(table(4), "email", max_credits=9, key="one", suppress=listed)
        job = client.submit(table(4), "email", max_credits=9, key="one", suppress=str(lines))
        job.wait(timeout=60, progress=False)
        assert asked(api) == ["P1"] or asked(api) == ["P1", "P2", "P3"]
        assert job.table().column("status").to_pylist() == ["suppressed"] * 4
        other = client.submit(table(4), "email", max_credits=9, key="other")
        other.wait(timeout=60, progress=False)
        assert other.table().column("status").to_pylist() == ["found"] * 4
        # As a spreadsheet writes it where commas are decimal signs, with columns of Salesforce.
        semicolons = tmp_path / "semicolons.csv"
        semicolons.write_text("ContactId;Work Email\nP0;\n;p1@EXAMPLE.com\n")
        third = client.submit(table(4), "email", max_credits=9, key="3", suppress=semicolons)
        third.wait(timeout=60, progress=False)
        assert third.table().column("status").to_pylist() == [*["suppressed"] * 2, *["found"] * 2]
        fourth = client.submit(table(4), "email", max_credits=9, key="4", suppress=["@example.com"])
        fourth.wait(timeout=60, progress=False)
        assert fourth.table().column("status").to_pylist() == [*["suppressed"] * 3, "found"]
        for wrong in ([1.5], 7, {"a": 1}, b"P1"):
            with pytest.raises((TypeError, InputError)):
                client.suppress.add(wrong)  # type: ignore[arg-type]
        with pytest.raises(InputError, match="known to hold ids"):
            client.suppress.add(pl.DataFrame({"a": ["x"], "b": ["y"]}))
        with pytest.raises(InputError):
            client.suppress.add(tmp_path / "none.csv")


def companies(method: str, path: str, body: Any) -> Any:
    if method != "POST":
        return {"success": True, "tenant_id": 7, "remaining_credits": 1_000_000}
    name = {"name": body["domain"], "domain": body["domain"].replace("alias", "acme")}
    return {"success": True, "credits_consumed": 1, "record_id": body["record_id"], "company": name}


def test_mapped_calls_keep_to_the_list(tmp_path: Path) -> None:
    with other_api(companies) as api:
        client = client_of(api, tmp_path)
        client.suppress.add(["acme.com"])
        rows = pl.DataFrame(
            {
                "id": ["1", "2", "3", "4"],
                "domain": ["a.com", "https://www.acme.com/", "alias.com", "b.com"],
            }
        )
        columns = {"record_id": "id", "domain": "domain"}
        done = client.map(
            rows, "enrich.company", columns=columns, max_credits=9, suppress=["4"], key="k"
        )
        assert done.column("status").to_pylist() == ["done", *["suppressed"] * 3]
        assert done.column("name").to_pylist() == ["a.com", None, None, None]
        assert sorted(body["record_id"] for body in api.posts()) == ["1", "3"]
        assert client.job("k").table().column("status").to_pylist() == ["done", *["suppressed"] * 3]
        assert client.budgets.list() == []


def test_candidates_of_one_call_are_left_out_of_it(tmp_path: Path) -> None:
    with lantern.LocalServer(limits="off") as server:
        client = server.client()
        client.suppress.add(["L2"])
        leads = pl.DataFrame({"id": ["L1", "L2", "L3"], "last_name": ["Abe", "Ishida", "Nobody"]})
        done = client.map(
            leads,
            "match",
            columns={"id": "id", "last_name": "last_name"},
            arguments={"object": "contact", "rules": ["last_name:eq"]},
            max_credits=10,
        )
        assert done.column("status").to_pylist() == ["done", "suppressed", "done"]
        assert done.column("sf_id").to_pylist()[1] is None
        # Whom it left out does not move the answers of the others.
        alone = client.map(
            leads.filter(pl.col("id") != "L2"),
            "match",
            columns={"id": "id", "last_name": "last_name"},
            arguments={"object": "contact", "rules": ["last_name:eq"]},
            max_credits=10,
        )
        found = done.column("sf_id").to_pylist()
        assert [found[0], found[2]] == alone.column("sf_id").to_pylist()


def test_the_ledger_keeps_hashes_only(tmp_path: Path) -> None:
    place = tmp_path / "ledger.sqlite"
    client = Client("key", "http://127.0.0.1:9", ledger=place, limits=LIMITS)
    client.suppress.add(["hush@quiet.example", "https://linkedin.com/in/hush-hush"])
    assert client.suppress.has("HUSH@quiet.example")
    assert client.suppress.has("linkedin.com/in/Hush-Hush")
    assert not client.suppress.has("hush@loud.example")
    counts = client.suppress.list()
    assert (counts["email"], counts["linkedin"]) == (1, 1)
    database = sqlite3.connect(place)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"hush" not in path.read_bytes().lower(), path
    other = Client("key", "http://127.0.0.1:9", ledger=tmp_path / "other.sqlite", limits=LIMITS)
    other.suppress.add(["hush@quiet.example"])

    def hashes(name: str) -> set[bytes]:
        connection = sqlite3.connect(tmp_path / name)
        found = {row[0] for row in connection.execute("SELECT hash FROM lantern_suppressed")}
        connection.close()
        return found

    assert not hashes("ledger.sqlite") & hashes("other.sqlite"), "each ledger has its own key"

    async def work() -> tuple[int, bool, int]:
        with lantern.LocalServer() as server:
            own = server.async_client()
            added = await own.suppress.add(["hush@quiet.example"])
            has = await own.suppress.has("hush@quiet.example")
            assert (await own.suppress.list())["email"] == 1
            return added, has, await own.suppress.remove(["hush@quiet.example"])

    assert asyncio.run(work())[1]


def test_the_command_takes_ids_of_records_and_says_what_it_took(tmp_path: Path) -> None:
    (tmp_path / "stop.csv").write_text(
        "Contact ID,owner_id,campaign_id,Mail,Work e-mail\nC1,O1,K1,a@x.de,b@x.de\n"
    )
    (tmp_path / "lines.txt").write_text("C7\nd@x.de\n")
    command = [str(Path(sys.executable).parent / "lantern"), "suppress"]
    environment = os.environ | {"LANTERN_LEDGER": str(tmp_path / "l.sqlite")}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    added = run("add", "stop.csv", "lines.txt")
    assert added.returncode == 0, added.stderr
    assert 'from stop.csv: "Contact ID" (id), "Mail" (email), "Work e-mail" (email)' in added.stdout
    assert "from lines.txt: its lines" in added.stdout
    with lantern.LocalServer(limits="off") as server:
        client = server.client(ledger=tmp_path / "l.sqlite")
        has = [text for text in ["C1", "O1", "K1", "a@x.de", "b@x.de"] if client.suppress.has(text)]
    assert has == ["C1", "a@x.de", "b@x.de"]
    named = run("add", "stop.csv", "--column", "id=owner_id", "--column", "Mail", "--json")
    assert json.loads(named.stdout)["columns"] == {"stop.csv": ["owner_id", "Mail"]}
    empty = run("add", "--id", "C2", "--email", " ")
    assert empty.returncode != 0
    assert "--email is empty" in empty.stderr
    wrong = run("add", "stop.csv", "--column", "ownr_id")
    assert wrong.returncode != 0
    assert 'no column "ownr_id"' in wrong.stderr
    assert "owner_id" in wrong.stderr


@pytest.mark.parametrize("columns", [None, {"first_name": "name", "company_domain": "domain"}])
def test_the_parts_of_a_result_leave_out_what_the_table_leaves_out(
    columns: dict[str, str] | None, lantern_server: lantern.LocalServer, tmp_path: Path
) -> None:
    """Ids that were left out before they were sent, a whole batch of them, ids that were suppressed
    afterwards, and an answer that names somebody."""
    client = lantern_server.client()
    people = lantern_server.people().to_polars().head(60)
    if columns:
        people = people.select(
            name="first_name", domain=pl.col("company_url"), id="id", last="last_name"
        )
        columns = columns | {"last_name": "last"}
    ids = people["id"].to_list()
    if columns is None:
        client.suppress.add([*ids[:10], ids[25], ids[59]])
    job = client.submit(people, "email", columns=columns, max_credits=500, batch_size=10)
    job.wait(timeout=60, progress=False)
    before = job.table().to_polars()
    assert pl.DataFrame(job.tables()).equals(before)
    found = before.filter(pl.col("email").is_not_null())["email"].to_list()
    client.suppress.add([*ids[30:33], found[-1]])
    after = job.table().to_polars()
    assert pl.DataFrame(job.tables()).equals(after)
    assert (after["status"] == "suppressed").sum() > (before["status"] == "suppressed").sum()
    assert job.write(tmp_path / "rows.parquet") == after.height
    assert pl.read_parquet(tmp_path / "rows.parquet").equals(after)
    assert found[-1] not in after["email"].to_list()
