"""Batches of records: people by name, company and profile in place of ids."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantern
from lantern import Client, LocalServer
from lantern.exceptions import InputError, JobError, OutcomeUnknown, ValidationError
from other_api import OtherApi, Reply, other_api

COLUMNS = {
    "first_name": "First",
    "last_name": "Last",
    "company_name": "Account",
    "linkedin": "Profile",
}
NO_LIMITS: Any = dict.fromkeys(["sync", "batches", "credits", "bursts"])


def leads(first: int, last: int) -> pl.DataFrame:
    numbers = range(first, last)
    return pl.DataFrame(
        {
            "First": [f"Ada{number}" for number in numbers],
            "Last": [f"Byron{number}" for number in numbers],
            "Account": [f"Acme {number}" for number in numbers],
            "Profile": [f"ada-{number}" if number % 3 == 0 else None for number in numbers],
        },
        schema_overrides={"Profile": pl.String},
    )


Rows = list[dict[str, Any]]


def echo_ids(records: Rows) -> Rows:
    """What the API answers: every other person has an address."""
    rows = []
    for record in records:
        number = int(record["first_name"].removeprefix("Ada"))
        email = f"ada{number}@acme.com" if number % 2 == 0 else ""
        found = "true" if email else "false"
        fields = {name: record.get(name, "") for name in ("id", *COLUMNS)}
        rows.append(fields | {"email": email, "email_found": found})
    return rows


def as_csv(rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@contextmanager
def api_of(
    result: Callable[[Rows], Rows] = echo_ids,
    credits: Callable[[Rows], str] | None = None,
) -> Iterator[OtherApi]:
    """An API with batches of records; `result` makes the rows of a result."""
    runs: dict[str, Rows] = {}

    def answer(method: str, path: str, body: Any) -> Any:
        if method == "POST":
            assert "ids" not in body, "records were to be sent"
            run = f"00000000-0000-4000-8000-{len(runs):012}"
            runs[run] = body["records"]
            places = {"run_id": run, "result_path": f"{api.url}/files/{run}.csv"}
            if credits:
                places["credits_csv_path"] = f"{api.url}/files/{run}_credits.csv"
            return places
        if path.endswith("/status"):
            return {"run_id": path.split("/")[-2], "status": "completed"}
        if path.startswith("/files/"):
            name = path.removeprefix("/files/").removesuffix(".csv")
            if credits and name.endswith("_credits"):
                return Reply(credits(runs[name.removesuffix("_credits")]).encode())
            return Reply(as_csv(result(runs[name])).encode())
        return Reply({"success": False, "error": "nothing here"}, 404)

    with other_api(answer) as api:
        yield api


def client_of(api: OtherApi, folder: Path, name: str = "ledger") -> Client:
    place = name if "://" in name else str(folder / f"{name}.sqlite")
    return Client("key", api.url, ledger=place, limits=NO_LIMITS)


def sent(api: OtherApi) -> Rows:
    return [record for body in api.posts() for record in body["records"]]


def check(rows: Rows, first: int, last: int) -> None:
    """Every row has its own answer."""
    assert [row["row"] for row in rows] == list(range(last - first))
    for number, row in enumerate(rows, first):
        found = number % 2 == 0
        assert row["status"] == ("found" if found else "not_found"), row
        assert row["email"] == (f"ada{number}@acme.com" if found else None), row


def test_records_are_sent_and_answers_come_back_row_for_row(tmp_path: Path) -> None:
    with api_of() as api:
        client = client_of(api, tmp_path)
        job = client.submit(leads(0, 25), "email", columns=COLUMNS, max_credits=100, batch_size=10)
        done = job.wait(timeout=60, progress=False)
        assert (done.state, done.answered, done.batches) == ("done", 25, 3)
        check(job.table().to_pylist(), 0, 25)
        # Batches leave side by side.
        by_row = sorted(sent(api), key=lambda record: int(record["first_name"][3:]))
        first = by_row[0]
        assert first.pop("id").startswith("r-")
        assert first == {
            "first_name": "Ada0",
            "last_name": "Byron0",
            "company_name": "Acme 0",
            "linkedin": "ada-0",
        }
        assert "linkedin" not in by_row[1], "what a row has not is not sent"
        check(pl.DataFrame(job.tables()).to_dicts(), 0, 25)
        assert job.write(tmp_path / "out.parquet") == 25
        check(pl.read_parquet(tmp_path / "out.parquet").to_dicts(), 0, 25)
        # The same table again is the same job, in another order as well.
        calls = len(api.requests)
        again = client.submit(leads(0, 25)[::-1], "email", columns=COLUMNS, max_credits=100)
        assert again.key == job.key
        assert again.wait(progress=False).state == "done"
        assert again.table().column("email").to_pylist()[::-1] == (
            job.table().column("email").to_pylist()
        )
        assert len(api.requests) == calls


def other_fields(records: Rows) -> Rows:
    """Fields alone, in another order and spelling, with ids of the API's own."""
    rows = echo_ids(records)
    for number, row in enumerate(rows):
        row["id"] = f"P{number}"
        row["first_name"] = row["first_name"].upper()
        row["company_name"] = f"{row['company_name']}, Inc."
        if row["linkedin"]:
            row["linkedin"] = f"https://www.linkedin.com/in/{row['linkedin'].title()}/"
    return rows[::-1]


def without_ids(records: Rows) -> Rows:
    return [
        {name: value for name, value in row.items() if name != "id"}
        for row in other_fields(records)
    ]


def twice(records: Rows) -> Rows:
    """Each row a second time, as one for which nothing was found, and rows of nobody."""
    rows = without_ids(records)
    empty = [row | {"email": "", "email_found": "false"} for row in rows]
    nobody = [
        {
            "first_name": "Zoe",
            "last_name": "None",
            "company_name": "Elsewhere",
            "linkedin": "zoe-none",
            "email": "z@e.com",
            "email_found": "true",
        }
    ]
    return empty + nobody + rows


def camel_case(records: Rows) -> Rows:
    names = {"first_name": "firstName", "last_name": "lastName", "company_name": "companyName"}
    return [{names.get(name, name): row[name] for name in row} for row in without_ids(records)]


def full_names(records: Rows) -> Rows:
    """Both names in one column."""
    kept = ("email", "email_found")
    return [
        {"name": f"{row['first_name']} {row['last_name']}"} | {name: row[name] for name in kept}
        for row in without_ids(records)
    ]


def as_record_ids(records: Rows) -> Rows:
    """The ids that were sent, in another column, and nothing else."""
    kept = ("email", "email_found")
    rows = [
        {"record_id": row["id"]} | {name: row[name] for name in kept} for row in echo_ids(records)
    ]
    return rows[::-1]


@pytest.mark.parametrize(
    "result", [other_fields, without_ids, twice, camel_case, full_names, as_record_ids]
)
def test_answers_find_their_rows_by_the_fields_alone(
    tmp_path: Path, result: Callable[[Rows], Rows]
) -> None:
    with api_of(result) as api:
        client = client_of(api, tmp_path)
        job = client.submit(leads(0, 12), "email", columns=COLUMNS, max_credits=100, batch_size=5)
        assert job.wait(timeout=60, progress=False).state == "done"
        check(job.table().to_pylist(), 0, 12)
        # What was answered is remembered, whatever the columns are called.
        renamed = leads(6, 15).rename({"First": "given"})
        more = client.submit(
            renamed, "email", columns=COLUMNS | {"first_name": "given"}, max_credits=100
        )
        assert more.wait(timeout=60, progress=False).reused == 6
        check(more.table().to_pylist(), 6, 15)
        assert len(sent(api)) == 15


def test_a_row_that_is_left_out_is_missing_and_those_of_one_name_are_not_guessed(
    tmp_path: Path,
) -> None:
    def result(records: Rows) -> Rows:
        rows = without_ids(records)
        for row in rows:
            row["linkedin"] = ""
        return [row for row in rows if row["first_name"] != "ADA4"]

    twins = leads(0, 6).with_columns(
        First=pl.when(pl.col("First") == "Ada3").then(pl.lit("Ada0")).otherwise("First"),
        Last=pl.when(pl.col("Last") == "Byron3").then(pl.lit("Byron0")).otherwise("Last"),
        Account=pl.when(pl.col("Account") == "Acme 3").then(pl.lit("Acme 0")).otherwise("Account"),
    )
    with api_of(result) as api:
        client = client_of(api, tmp_path)
        job = client.submit(twins, "email", columns=COLUMNS, max_credits=100)
        job.wait(timeout=60, progress=False)
        rows = job.table().to_pylist()
        # Rows 0 and 3 have one name and two profiles, which the API does not echo.
        statuses = ["missing", "not_found", "found", "missing", "missing", "not_found"]
        assert [row["status"] for row in rows] == statuses
        assert "could be that of several records" in rows[0]["error"]
        # They may have been paid for, so they are not bought again.
        again = client.submit(twins, "email", columns=COLUMNS, max_credits=100, key="again")
        again.wait(timeout=60, progress=False)
        assert len(api.posts()) == 1
        assert again.table().column("status").to_pylist() == statuses
        anew = client.submit(
            twins, "email", columns=COLUMNS, max_credits=100, key="anew", reuse=False
        )
        anew.wait(timeout=60, progress=False)
        assert [len(body["records"]) for body in api.posts()] == [6, 6]


def test_a_record_that_is_left_out_of_a_result_of_certain_rows_is_asked_again(
    tmp_path: Path,
) -> None:
    with api_of(lambda records: without_ids(records)[len(records) > 1 :]) as api:
        client = client_of(api, tmp_path)
        for key in ("one", "two"):
            job = client.submit(leads(0, 3), "email", columns=COLUMNS, max_credits=9, key=key)
            job.wait(timeout=60, progress=False)
        assert [len(body["records"]) for body in api.posts()] == [3, 1]


def test_a_result_of_other_people_is_refused(tmp_path: Path) -> None:
    def result(records: Rows) -> Rows:
        return [
            row
            | {
                "first_name": f"X{n}",
                "last_name": "Y",
                "company_name": "Z",
                "id": f"n{n}",
                "linkedin": f"somebody-{n}",
            }
            for n, row in enumerate(echo_ids(records))
        ]

    with api_of(result) as api:
        job = client_of(api, tmp_path).submit(leads(0, 4), "email", columns=COLUMNS, max_credits=9)
        with pytest.raises(JobError, match="batch 1"):
            job.wait(timeout=60, progress=False)
        assert set(job.table().column("status").to_pylist()) == {"failed"}
        assert "Byron" not in str(job.credits().to_pylist())


def telling_nothing(records: Rows) -> Rows:
    """Addresses alone, which say nothing of whose they are."""
    return [{name: row[name] for name in ("email", "email_found")} for row in echo_ids(records)]


def test_records_of_a_result_that_tells_nothing_are_not_bought_by_another_job(
    tmp_path: Path,
) -> None:
    with api_of(telling_nothing) as api:
        client = client_of(api, tmp_path)

        def submit(key: str) -> lantern.Job:
            return client.submit(leads(0, 4), "email", columns=COLUMNS, max_credits=9, key=key)

        first = submit("first")
        with pytest.raises(JobError, match=r"does not fit its batch.*kept as") as failed:
            first.wait(timeout=60, progress=False)
        assert 'skip(1) of client.job("first")' in str(failed.value)
        (kept,) = tmp_path.rglob("*.csv")
        assert "ada0@acme.com" in kept.read_text()
        second = submit("second")
        with pytest.raises(OutcomeUnknown, match='paid for in job "first"') as refused:
            second.wait(timeout=60, progress=False)
        assert refused.value.job == "first"
        assert "kept as" in str(refused.value)
        assert 'resend(1) or skip(1) of client.job("first")' in str(refused.value)
        assert len(api.posts()) == 1, "nothing was bought twice"
        # A person gives the first result up, and only then the second job buys.
        first.skip(1)
        assert first.wait(timeout=60, progress=False).state == "done"
        assert first.summary().rows == {"skipped": 4}
        with pytest.raises(JobError):
            second.wait(timeout=60, progress=False)
        assert len(api.posts()) == 2


def test_rows_that_lack_a_field_are_not_sent_and_say_which(tmp_path: Path) -> None:
    table = pl.DataFrame(
        {
            "First": ["Ada2", None, "Ada4", "Ada6", " "],
            "Last": ["Byron2", "Byron3", "Byron4", None, None],
            "Account": ["Acme 2", "Acme 3", "", None, None],
            "Profile": [None, None, None, "ada-6", "https://linkedin.com/company/acme"],
        }
    )
    with api_of() as api:
        client = client_of(api, tmp_path)
        plan = client.submit(table, "email", columns=COLUMNS, max_credits=9, dry_run=True)
        assert (plan["rows"], plan["ids"], plan["incomplete"], plan["new_ids"]) == (5, 2, 3, 2)
        assert (plan["without_id"], plan["duplicates"]) == (0, 0)
        assert api.posts() == []
        job = client.submit(table, "email", columns=COLUMNS, max_credits=9)
        job.wait(timeout=60, progress=False)
        assert len(sent(api)) == 2
        rows = job.table().to_pylist()
        assert [row["status"] for row in rows] == [
            "found", "incomplete", "incomplete", "found", "incomplete",
        ]  # fmt: skip
        assert rows[1]["error"] == (
            'first_name (column "First") is missing, so the row was not sent'
        )
        assert rows[2]["error"].startswith('company_name (column "Account") is missing')
        assert 'linkedin (column "Profile") is not the profile of a person' in rows[4]["error"]
        assert [row["row"] for row in job.missing().to_pylist()] == [1, 2, 4]
        assert job.summary().rows == {"found": 2, "incomplete": 3}
        parts = pl.DataFrame(job.tables()).to_dicts()
        assert [row["error"] for row in parts] == [row["error"] for row in rows]


def test_columns_are_checked_before_anything_is_sent(tmp_path: Path) -> None:
    with api_of() as api:
        client = client_of(api, tmp_path)

        def submit(columns: dict[str, str], kind: Any = "email", **more: Any) -> None:
            client.submit(leads(0, 2), kind, columns=columns, max_credits=20, **more)

        with pytest.raises(ValidationError, match=r"did you mean.*first_name") as wrong:
            submit({"frist_name": "First", "last_name": "Last", "company_name": "Account"})
        assert 'columns have a field "frist_name"' in str(wrong.value)
        assert "records[0]" not in str(wrong.value)
        with pytest.raises(ValidationError, match="columns do not identify a person"):
            submit({"first_name": "First", "last_name": "Last"})
        with pytest.raises(ValidationError, match="ids only"):
            submit(COLUMNS, "deep-research")
        with pytest.raises(InputError, match="no column"):
            submit(COLUMNS | {"first_name": "Frist"})
        with pytest.raises(InputError, match="id and columns are both given"):
            submit(COLUMNS, id="Last")
        with pytest.raises(ValidationError, match="first_name"):
            client.agents.email(records=[{"frist_name": "Ada"}], max_credits=1)
        with pytest.raises(ValidationError, match=r"records\[0\] lacks first_name and last_name"):
            client.agents.phone(records=[{}], max_credits=1)
        named = {"first_name": "Ada", "last_name": "Byron"}
        with pytest.raises(ValidationError, match=r"records\[1\] lacks company_name; give"):
            client.agents.phone_email(records=[{"linkedin": "ada"}, named], max_credits=1)
        assert api.posts() == []


def names_alone(records: Rows) -> Rows:
    """What an API echoes that was sent e-mail addresses and finds the people."""
    found = {
        "ada.byron@acme.com": ("Ada", "Byron", "acme.com", "+4930111"),
        "g.hopper@navy.mil": ("Grace", "Hopper", "navy.mil", "+4930222"),
        "info@zeta.com": ("Alan", "Turing", "zeta.com", ""),
    }
    names = ("first_name", "last_name", "company_url", "phone_number")
    rows = [dict(zip(names, found[record["email"]], strict=True)) for record in records]
    return [row | {"phone_found": str(row["phone_number"] != "").lower()} for row in rows[::-1]]


def test_records_of_an_address_alone_are_assigned_by_the_names_that_it_spells(
    tmp_path: Path,
) -> None:
    table = pl.DataFrame({"Mail": ["ada.byron@acme.com", "g.hopper@navy.mil", "info@zeta.com"]})
    with api_of(names_alone) as api:
        client = client_of(api, tmp_path)
        job = client.submit(table, "phone", columns={"email": "Mail"}, max_credits=50)
        assert job.wait(timeout=60, progress=False).state == "done"
        rows = job.table().to_pylist()
        assert [row["phone_number"] for row in rows] == ["+4930111", "+4930222", None]
        assert [row["status"] for row in rows] == ["found", "found", "not_found"]


def test_the_answer_to_one_record_is_its_own_unless_it_names_somebody_else(tmp_path: Path) -> None:
    for at, columns in enumerate(({"email": "Mail"}, {"email": "Mail", "last_name": "Last"})):
        table = pl.DataFrame({"Mail": ["info@zeta.com"], "Last": ["Byron"]})
        with api_of(names_alone) as api:
            client = client_of(api, tmp_path, f"ledger-{at}")
            job = client.submit(table, "phone", columns=columns, max_credits=50)
            if at == 0:
                assert job.wait(timeout=60, progress=False).state == "done"
                assert job.table().column("status").to_pylist() == ["not_found"]
                continue
            with pytest.raises(JobError):
                job.wait(timeout=60, progress=False)
            assert job.table().column("status").to_pylist() == ["failed"]


def test_an_id_of_the_callers_own_is_the_id_of_the_record(tmp_path: Path) -> None:
    with api_of() as api:
        client = client_of(api, tmp_path)
        table = leads(0, 4).with_columns(nr=pl.Series(["a", "b", None, "d"]))
        job = client.submit(table, "email", columns=COLUMNS | {"id": "nr"}, max_credits=9)
        job.wait(timeout=60, progress=False)
        check(job.table().to_pylist(), 0, 4)
        ids = [record["id"] for record in sent(api)]
        assert ids[:2] + ids[3:] == ["a", "b", "d"]
        assert ids[2].startswith("r-")


def test_no_name_reaches_the_ledger_in_clear(tmp_path: Path) -> None:
    with api_of(other_fields) as api:
        client = client_of(api, tmp_path)
        job = client.submit(leads(0, 30), "email", columns=COLUMNS, max_credits=9, batch_size=10)
        job.wait(timeout=60, progress=False)
        client.submit(leads(20, 40), "email", columns=COLUMNS, max_credits=90).wait(progress=False)
    texts = []
    with sqlite3.connect(tmp_path / "ledger.sqlite") as ledger:
        tables = ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in ledger.execute(f"SELECT * FROM {table}"):
                texts += [unpacked(value) for value in row if isinstance(value, str | bytes)]
    assert any("r-" in text for text in texts), "the hashes are there"
    for word in ("Ada", "Byron", "Acme", "ADA", "acme.com"):
        assert not [text for text in texts if word in text], word
    # What is sent lies beside the results, for their owner alone.
    kept = list(tmp_path.glob("ledger.results/*/records-*.zst"))
    assert len(kept) == 2
    assert all(place.stat().st_mode & 0o77 == 0 for place in kept)


def unpacked(value: str | bytes) -> str:
    if isinstance(value, str):
        return value
    if value[:4] == b"\x28\xb5\x2f\xfd":
        import pyarrow as pa

        value = pa.input_stream(pa.BufferReader(value), compression="zstd").read()
    return value.decode("utf-8", "replace")


def test_another_process_sends_the_rest_without_the_table(tmp_path: Path) -> None:
    with api_of(without_ids) as api:
        client = client_of(api, tmp_path)
        # The budget pays for two batches.
        job = client.submit(
            leads(0, 20), "email", columns=COLUMNS, max_credits=10, batch_size=5, key="leads"
        )
        job.wait(timeout=60, progress=False)
        first = len(sent(api))
        assert first < 20
        code = (
            "import lantern, sys\n"
            "limits = dict.fromkeys(['sync', 'batches', 'credits', 'bursts'])\n"
            "client = lantern.Client('key', sys.argv[1], ledger=sys.argv[2], limits=limits)\n"
            "job = client.job('leads')\n"
            "job.wait(timeout=60, progress=False)\n"
            "print(job.table().to_polars().write_json())\n"
        )
        place = str(tmp_path / "ledger.sqlite")
        with sqlite3.connect(place) as ledger:
            ledger.execute("UPDATE lantern_jobs SET max_credits = 100")
        ended = subprocess.run(
            [sys.executable, "-c", code, api.url, place], capture_output=True, text=True, check=True
        )
        check(json.loads(ended.stdout), 0, 20)
        assert len(sent(api)) == 20


def test_without_what_the_records_say_nothing_is_sent_and_that_is_said(tmp_path: Path) -> None:
    with api_of() as api:
        client = client_of(api, tmp_path)
        table, options = leads(0, 20), {"columns": COLUMNS, "batch_size": 5, "key": "leads"}
        client.submit(table, "email", max_credits=7, **options).wait(timeout=60, progress=False)
        before = len(sent(api))
        place = tmp_path / "ledger.sqlite"
        with sqlite3.connect(place) as ledger:
            ledger.execute("UPDATE lantern_jobs SET max_credits = 100")
        # Another machine has the ledger and not the files beside it.
        shutil.rmtree(tmp_path / "ledger.results")
        elsewhere = client_of(api, tmp_path)
        with pytest.raises(JobError, match="what they say is not on this machine"):
            elsewhere.job("leads").wait(timeout=60, progress=False)
        assert len(sent(api)) == before
        # The same table brings it.
        job = elsewhere.submit(table, "email", max_credits=100, **options)
        assert job.wait(timeout=60, progress=False).state == "done"
        check(job.table().to_pylist(), 0, 20)
        assert len(sent(api)) == 20


def test_a_batch_in_doubt_is_decided_about_as_with_ids(tmp_path: Path) -> None:
    with LocalServer(limits="off", faults=["POST /v1/agents/*: reset after times 1"]) as server:
        client = server.client()
        people = server.people().to_polars().head(30)
        columns = {"first_name": "first_name", "last_name": "last_name", "company": "company_name"}
        with pytest.raises(OutcomeUnknown):
            client.submit(people, "email", columns=columns, max_credits=60, key="doubt").wait(
                timeout=60, progress=False
            )
        job = client.job("doubt")
        assert job.in_doubt().column("ids").to_pylist() == [30]
        job.resend(1)
        assert job.wait(timeout=60, progress=False).state == "done"
        assert job.table().num_rows == 30


def test_the_local_server_answers_records_as_it_answers_ids() -> None:
    with LocalServer(limits="off") as server:
        client = server.client()
        people = server.people().to_polars().filter(pl.col("linkedin").is_not_null()).head(60)
        columns = {name: name for name in ("first_name", "last_name", "company_name", "linkedin")}
        by_record = client.submit(people, "phone-email", columns=columns, max_credits=600)
        by_record.wait(timeout=60, progress=False)
        by_id = client.submit(people, "phone-email", max_credits=600)
        by_id.wait(timeout=60, progress=False)
        wanted = ["status", "email", "phone_number", "first_name", "linkedin"]
        assert (
            by_record.table()
            .to_polars()
            .select(wanted)
            .equals(by_id.table().to_polars().select(wanted))
        )
        assert by_record.credits().column("credits").to_pylist() == (
            by_id.credits().column("credits").to_pylist()
        )


def test_halves_sample_reuse_and_provenance_work_for_records(tmp_path: Path) -> None:
    with LocalServer(limits="off") as server:
        client = server.client()
        people = server.people().to_polars().head(40)
        options: Any = {"columns": {n: n for n in ("first_name", "last_name", "company_name")}}
        sample = client.submit(people, "email", max_credits=40, sample=8, **options)
        assert sample.wait(timeout=60, progress=False).ids == 8
        rows = sample.table().to_polars()
        assert rows.height == 8
        assert rows["row"].is_sorted()
        assert rows["row"].to_list() != list(range(8))
        for row in rows.filter(pl.col("status") == "found").to_dicts():
            assert row["email"] == people["email"][row["row"]]
        assert pl.DataFrame(sample.tables()).equals(rows)
        plan = client.submit(people, "email", max_credits=40, dry_run=True, **options)
        assert (plan["known_ids"], plan["new_ids"]) == (8, 32)
        email = client.submit(people, "email", max_credits=40, **options)
        assert email.wait(timeout=60, progress=False).reused == 8
        pair = client.submit(people, "phone-email", max_credits=400, **options)
        pair.wait(timeout=60, progress=False)
        kinds = server.runs().to_polars()["kind"].to_list()
        assert kinds.count("phone") == 1, "the addresses were known"
        table = pair.table(provenance=True).to_polars()
        assert table["run_id"].str.contains(", ").any(), "from two runs"
        assert not email.table().to_polars()["reused"].all()
        anew = client.submit(people, "email", max_credits=40, reuse=False, key="anew", **options)
        assert anew.wait(timeout=60, progress=False).reused == 0


def test_an_async_client_submits_records(tmp_path: Path) -> None:
    async def run(url: str) -> Rows:
        place = str(tmp_path / "ledger.sqlite")
        async with lantern.AsyncClient("key", url, ledger=place, limits=NO_LIMITS) as client:
            job = await client.submit(leads(0, 7), "email", columns=COLUMNS, max_credits=9)
            await job.wait(timeout=60, progress=False)
            return (await job.table()).to_pylist()

    with api_of(other_fields) as api:
        check(asyncio.run(run(api.url)), 0, 7)


def test_a_credit_report_that_names_the_apis_own_ids_is_understood(tmp_path: Path) -> None:
    def credits(records: Rows) -> str:
        rows = other_fields(records)[::-1]
        return as_csv([{"id": row["id"], "credits": 1 if row["email"] else 0} for row in rows])

    with api_of(other_fields, credits) as api:
        client = client_of(api, tmp_path)
        job = client.submit(leads(0, 6), "email", columns=COLUMNS, max_credits=9)
        assert job.wait(timeout=60, progress=False).credits == 3
        table = job.table(provenance=True).to_pylist()
        assert [row["credits"] for row in table] == [1, 0, 1, 0, 1, 0]
        assert [row["api_id"] for row in table] == [f"P{number}" for number in range(6)]


@pytest.mark.parametrize("kind", ["polars lazy", "pandas", "pyarrow", "reader"])
def test_any_table_has_columns(tmp_path: Path, kind: str) -> None:
    frame = leads(0, 6)
    table: Any
    if kind == "polars lazy":
        table = frame.lazy().filter(pl.col("First") != "")
    elif kind == "pandas":
        table = frame.to_pandas()
    else:
        table = frame.to_arrow()
        if kind == "reader":
            table = table.to_reader()
    with api_of() as api:
        job = client_of(api, tmp_path).submit(table, "email", columns=COLUMNS, max_credits=9)
        job.wait(timeout=60, progress=False)
        check(job.table().to_pylist(), 0, 6)


def test_two_jobs_at_once_buy_a_record_once(tmp_path: Path) -> None:
    with api_of(without_ids) as api:
        client, other = client_of(api, tmp_path), client_of(api, tmp_path)
        one = client.submit(leads(0, 10), "email", columns=COLUMNS, max_credits=99, key="one")
        two = other.submit(leads(5, 15), "email", columns=COLUMNS, max_credits=99, key="two")
        two.wait(timeout=60, progress=False)
        one.wait(timeout=60, progress=False)
        check(one.table().to_pylist(), 0, 10)
        check(two.table().to_pylist(), 5, 15)
        assert len(sent(api)) == 15
