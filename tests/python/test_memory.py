"""What is paid once is remembered: a second job asks only what is not known."""

from __future__ import annotations

import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import lantern
from lantern import Client, LocalServer
from lantern.exceptions import OutcomeUnknown, ValidationError
from other_api import OtherApi, batch_api, serving

PRICES = {"email": 1, "phone": 5, "phone-email": 6}


def table(ids: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"id": ids})


def people(first: int, last: int) -> list[str]:
    return [f"P{number}" for number in range(first, last)]


def contact_api() -> Any:
    """Finds an e-mail address of every even person, and a number of every third."""
    sent: list[tuple[str, list[str]]] = []

    def rows(ids: list[str], kind: str) -> str:
        columns = {"email": ("email", "email_found"), "phone": ("phone_number", "phone_found")}
        asked = [part for part in ("email", "phone") if part in kind]
        lines = [
            ",".join(["id", "first_name", *(name for part in asked for name in columns[part])])
        ]
        for id in ids:
            cells = [id, f"name of {id}"]
            for part in asked:
                found = int(id[1:]) % (2 if part == "email" else 3) == 0
                cells += [f"{part} of {id}" if found else "", "true" if found else "false"]
            lines.append(",".join(cells))
        return "\n".join(lines) + "\n"

    def credits(ids: list[str], kind: str) -> str:
        lines = ["id,credits"]
        for id in ids:
            cost = (int(id[1:]) % 2 == 0 and "email" in kind) * 1
            cost += (int(id[1:]) % 3 == 0 and "phone" in kind) * 5
            lines.append(f"{id},{cost}")
        return "\n".join(lines) + "\n"

    of_run: dict[tuple[str, ...], str] = {}
    answer = batch_api(
        lambda ids: rows(ids, of_run[tuple(ids)]),
        credits=lambda ids: credits(ids, of_run[tuple(ids)]),
    )

    def noting(method: str, path: str, body: Any) -> Any:
        if method == "POST":
            kind = path.rsplit("/", 1)[-1]
            sent.append((kind, body["ids"]))
            of_run[tuple(body["ids"])] = kind
        return answer(method, path, body)

    noting.hosts = answer.hosts  # type: ignore[attr-defined]
    noting.sent = sent  # type: ignore[attr-defined]
    return noting


def client_of(api: OtherApi, folder: Path, name: str = "ledger") -> Client:
    limits = dict.fromkeys(["sync", "batches", "credits", "bursts"])
    return Client("key", api.url, ledger=str(folder / f"{name}.sqlite"), limits=limits)


def asked(api: OtherApi) -> list[str]:
    return [id for body in api.posts() for id in body["ids"]]


def test_an_overlapping_table_asks_for_its_new_ids_only(tmp_path: Path) -> None:
    with serving(contact_api()) as api:
        client = client_of(api, tmp_path)
        first = client.submit(table(people(0, 20)), "email", max_credits=100)
        first.wait(timeout=60, progress=False)
        second = client.submit(table(people(10, 25)[::-1]), "email", max_credits=100)
        done = second.wait(timeout=60, progress=False)
        assert sorted(asked(api)) == sorted(people(0, 25))
        assert (done.answered, done.reused, done.batches) == (15, 10, 1)
        rows = {row["id"]: row for row in second.table(provenance=True).to_pylist()}
        assert list(rows) == people(10, 25)[::-1], "the rows keep their order"
        for id, row in rows.items():
            found = int(id[1:]) % 2 == 0
            assert row["status"] == ("found" if found else "not_found")
            assert row["email"] == (f"email of {id}" if found else None)
            assert row["first_name"] == f"name of {id}"
            assert row["reused"] == (int(id[1:]) < 20)
            assert row["credits"] == int(found)
        runs = {job.table(provenance=True).to_pylist()[0]["run_id"] for job in (first, second)}
        assert {row["run_id"] for row in rows.values()} == runs
        assert all(row["answered_at"] is not None for row in rows.values())
        assert second.summary().rows == {"found": 8, "not_found": 7}
        assert done.credits == 3


def test_a_second_job_over_the_same_ids_makes_no_call(tmp_path: Path) -> None:
    with serving(contact_api()) as api:
        client = client_of(api, tmp_path)
        client.submit(table(people(0, 30)), "email", max_credits=100).wait(progress=False)
        calls = len(api.requests)
        again = client.submit(table(people(0, 30)), "email", max_credits=0, key="again")
        assert again.wait(timeout=60, progress=False).state == "done"
        assert again.table().column("email_found").to_pylist() == [True, False] * 15
        assert len(api.requests) == calls
        assert again.missing().num_rows == 0


def test_ids_of_every_whole_type_are_the_same_records(tmp_path: Path) -> None:
    """A warehouse gives ids as decimals or huge integers, and a file gives them as texts."""
    whole = pa.array([Decimal(7), None, Decimal(8)], pa.decimal128(38, 0))
    tables: list[Any] = [
        pl.DataFrame({"id": ["7", None, "8"]}),
        pl.DataFrame({"id": pl.Series([7, None, 8], dtype=pl.UInt8)}),
        pa.table({"id": whole}),
        duckdb.sql("SELECT * FROM (VALUES (7::HUGEINT), (NULL), (8)) t(id)"),
    ]
    answer = batch_api(
        lambda ids: "id,email,email_found\n" + "".join(f"{id},a{id}@b.com,true\n" for id in ids)
    )
    with serving(answer) as api:
        client = client_of(api, tmp_path)
        for number, given in enumerate(tables):
            job = client.submit(given, "email", max_credits=9, key=str(number))
            job.wait(timeout=60, progress=False)
            rows = job.table()
            assert rows.column("email").to_pylist() == ["a7@b.com", None, "a8@b.com"]
            assert [str(id) for id in rows.column("id").to_pylist()] == ["7", "None", "8"]
        assert asked(api) == ["7", "8"]
        last = pa.table(rows).schema.field("id").type
        assert last == pa.decimal128(38, 0)


def test_a_pair_is_answered_from_its_halves(tmp_path: Path) -> None:
    with serving(api_of := contact_api()) as api:
        client = client_of(api, tmp_path)
        client.submit(table(people(0, 6)), "email", max_credits=100).wait(progress=False)
        client.submit(table(people(3, 9)), "phone", max_credits=100).wait(progress=False)
        before = len(api_of.sent)
        pair = client.submit(table(people(0, 12)), "phone-email", max_credits=100)
        done = pair.wait(timeout=60, progress=False)
        assert dict(api_of.sent[before:]) == {
            "phone-email": people(9, 12),
            "phone": people(0, 3),
            "email": people(6, 9),
        }
        assert done.reused == 3
        for row in pair.table().to_pylist():
            number = int(row["id"][1:])
            email, phone = number % 2 == 0, number % 3 == 0
            assert row["email"] == (f"email of P{number}" if email else None), row
            assert row["phone_number"] == (f"phone of P{number}" if phone else None), row
            assert (row["email_found"], row["phone_found"]) == (email, phone), row
            assert row["status"] == ("found" if email or phone else "not_found")
            assert row["first_name"] == f"name of P{number}"
        # And the halves are answered from a pair.
        calls = len(api.posts())
        half = client.submit(table(people(8, 12)), "phone", max_credits=0, key="half")
        half.wait(timeout=60, progress=False)
        assert half.table().column("phone_found").to_pylist() == [False, True, False, False]
        assert "email" not in half.table().column_names
        assert len(api.posts()) == calls


def test_reuse_false_asks_for_everything_and_resumes_what_it_began(tmp_path: Path) -> None:
    with serving(contact_api()) as api:
        client = client_of(api, tmp_path)
        client.submit(table(people(0, 4)), "email", max_credits=100).wait(progress=False)
        fresh = client.submit(table(people(0, 4)), "email", max_credits=100, reuse=False)
        fresh.wait(timeout=60, progress=False)
        assert len(api.posts()) == 2
        assert not any(fresh.table().column("reused").to_pylist())
        # All that is known is recent.
        recent = client.submit(table(people(0, 4)), "email", max_credits=100, reuse="90d")
        recent.wait(timeout=60, progress=False)
        assert len(api.posts()) == 2


def test_what_was_not_found_is_asked_again_once_it_is_old_enough(tmp_path: Path) -> None:
    with serving(contact_api()) as api:
        client = client_of(api, tmp_path)
        client.submit(table(people(0, 4)), "email", max_credits=100).wait(progress=False)
        soon = client.submit(
            table(people(0, 4)), "email", max_credits=9, key="soon", retry_not_found="30d"
        )
        soon.wait(timeout=60, progress=False)
        assert len(api.posts()) == 1
        again = client.submit(
            table(people(0, 4)), "email", max_credits=9, key="again", retry_not_found="1us"
        )
        again.wait(timeout=60, progress=False)
        assert api.posts()[1]["ids"] == ["P1", "P3"]


@pytest.mark.parametrize("reuse", ["90", "true", "", "0d", "-1d"])
def test_an_age_that_is_none_is_refused(tmp_path: Path, reuse: str) -> None:
    with serving(contact_api()) as api:
        client = client_of(api, tmp_path)
        with pytest.raises(ValidationError, match=f'reuse is "{reuse}"'):
            client.submit(table(["P1"]), "email", max_credits=9, reuse=reuse)
        with pytest.raises(ValidationError, match="retry_not_found"):
            client.submit(table(["P1"]), "email", max_credits=9, retry_not_found=reuse)


def test_what_another_job_asks_is_waited_for_and_not_bought_twice(tmp_path: Path) -> None:
    ready = threading.Event()
    inner = contact_api()

    def answer(method: str, path: str, body: Any) -> Any:
        if path.endswith("/status") and not ready.is_set():
            return {"run_id": path.split("/")[-2], "status": "queued"}
        return inner(method, path, body)

    answer.hosts = inner.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        one, two = client_of(api, tmp_path), client_of(api, tmp_path)
        first = one.submit(table(people(0, 10)), "email", max_credits=100)
        second = two.submit(table(people(5, 15)), "email", max_credits=100)
        plan = two.submit(table(people(5, 20)), "email", max_credits=100, dry_run=True)
        assert (plan["known_ids"], plan["in_flight_ids"], plan["new_ids"]) == (0, 10, 5)
        ready.set()
        # The first is never waited for: the second loads what it needs of it.
        done = second.wait(timeout=60, progress=False)
        assert sorted(asked(api)) == sorted(people(0, 15))
        assert (done.state, done.answered, done.reused) == ("done", 10, 5)
        assert second.table().column("email_found").to_pylist() == [
            int(id[1:]) % 2 == 0 for id in people(5, 15)
        ]
        assert first.wait(timeout=60, progress=False).answered == 10


def test_a_batch_of_another_job_that_is_in_doubt_is_named(tmp_path: Path) -> None:
    faults = ["POST /v1/agents/*: reset after times 1"]
    with LocalServer(limits="off", faults=faults) as server:
        client = server.client()
        ids = server.people().slice(0, 3)
        with pytest.raises(OutcomeUnknown):
            client.submit(ids, "email", max_credits=10, key="first")
        second = client.submit(ids, "email", max_credits=10, key="second")
        with pytest.raises(OutcomeUnknown, match="first"):
            second.wait(timeout=60, progress=False)
        assert server.runs().num_rows == 1, "nothing was bought twice"
        client.job("first").resend(1)
        client.job("first").wait(timeout=60, progress=False)
        assert second.wait(timeout=60, progress=False).reused == 3


def test_ids_of_a_failed_run_are_asked_by_the_job_that_waits(tmp_path: Path) -> None:
    inner = contact_api()

    def answer(method: str, path: str, body: Any) -> Any:
        if path.endswith("/status"):
            run = path.split("/")[-2]
            failed = run.endswith("0" * 12)
            return {"run_id": run, "status": "failed" if failed else "completed"}
        return inner(method, path, body)

    answer.hosts = inner.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        client = client_of(api, tmp_path)
        client.submit(table(people(0, 4)), "email", max_credits=100, key="first")
        second = client.submit(table(people(2, 6)), "email", max_credits=100, key="second")
        done = second.wait(timeout=60, progress=False)
        assert (done.state, done.answered) == ("done", 4)
        assert second.missing().num_rows == 0


# Leaves a ledger as an earlier version did: the files are here, and nothing is remembered.
FORGET = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as ledger:
    for name in ("asked", "layers", "buckets"):
        ledger.execute(f"DELETE FROM lantern_{name}")
    ledger.execute("UPDATE lantern_units SET remembered = 0")
"""


def test_a_credit_report_that_cannot_be_read_is_told_and_leaves_prices_unknown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(contact_api()) as api:
        client = client_of(api, tmp_path)
        first = client.submit(table(people(0, 4)), "email", max_credits=9, key="first")
        first.wait(timeout=60, progress=False)
        [report] = tmp_path.rglob("*.credits.csv")

        def prices(key: str) -> list[int | None]:
            # In a process of its own: two SQLite libraries in one end each other's locks.
            subprocess.run([sys.executable, "-c", FORGET, tmp_path / "ledger.sqlite"], check=True)
            job = client.submit(table(people(0, 4)), "email", max_credits=9, key=key)
            assert job.wait(timeout=60, progress=False).reused == 4
            return job.table(provenance=True).column("credits").to_pylist()  # type: ignore[no-any-return]

        told = "the credit report cannot be read"
        assert prices("second") == [1, 0, 1, 0]
        assert told not in caplog.text
        report.write_text('id,credits\n"P0,1\n')
        assert prices("third") == [None] * 4
        assert told in caplog.text
        report.unlink()
        assert prices("fourth") == [None] * 4
        assert len(api.posts()) == 1


def test_two_accounts_share_no_answers(tmp_path: Path) -> None:
    with serving(contact_api()) as one, serving(contact_api()) as two:
        for api in (one, two):
            job = client_of(api, tmp_path).submit(table(people(0, 4)), "email", max_credits=9)
            job.wait(timeout=60, progress=False)
        assert len(one.posts()) == len(two.posts()) == 1


def test_a_job_of_the_local_server_knows_what_an_earlier_one_bought() -> None:
    with LocalServer(limits="off") as server:
        client = server.client()
        table = server.people()
        client.submit(table.slice(0, 200), "email", max_credits=500).wait(progress=False)
        bought = server.credits_used
        client.submit(table.slice(0, 210), "email", max_credits=500).wait(progress=False)
        few = client.submit(table.slice(200, 10), "email", max_credits=0, key="few")
        few.wait(progress=False)
        found = sum(few.table().column("email_found").to_pylist())
        assert server.credits_used == bought + found
        assert lantern.jobs(ledger=client.ledger).num_rows == 3


def test_a_sample_is_bought_once_and_the_plan_of_the_whole_learns_from_it(tmp_path: Path) -> None:
    with serving(contact_api()) as api:
        client = client_of(api, tmp_path)
        whole = table(people(0, 1_000))
        plan = client.submit(whole, "email", max_credits=1_000, dry_run=True)
        assert (plan["new_ids"], plan["likely_credits"]) == (1_000, None)
        for _ in range(2):
            sample = client.submit(whole, "email", max_credits=1_000, sample=100)
            sample.wait(timeout=60, progress=False)
        assert len(set(asked(api))) == len(asked(api)) == 100
        assert sample.table().num_rows == 100
        plan = client.submit(whole, "email", max_credits=1_000, dry_run=True)
        assert (plan["known_ids"], plan["new_ids"], plan["seen_records"]) == (100, 900, 100)
        assert plan["most_credits"] == 900
        assert plan["likely_least"] < plan["likely_credits"] < plan["likely_most"]
        job = client.submit(whole, "email", max_credits=1_000)
        spent = job.wait(timeout=60, progress=False).credits
        assert plan["likely_least"] <= spent <= plan["likely_most"]
        assert len(asked(api)) == 1_000
