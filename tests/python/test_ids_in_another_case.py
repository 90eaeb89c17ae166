"""A UUID in another case is the same record, in everything that knows records."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from postgresql import PostgreSQL, started

import lantern
from other_api import OtherApi, Reply, batch_api, other_api, serving

SMALL = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"person {n}")) for n in range(6)]
CAPITALS = [id.upper() for id in SMALL]
MIXED = [id[:8].upper() + id[8:] for id in SMALL]

LIMITS = dict.fromkeys(["sync", "batches", "credits", "bursts"])


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with started() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "ledger.sqlite")
    server: PostgreSQL = request.getfixturevalue("server")
    return server.database()


def client_of(api: OtherApi, ledger: str) -> lantern.Client:
    return lantern.Client("key", api.url, ledger=ledger, limits=LIMITS)


def people_api(spelled: Callable[[str], str] = str, order: int = 1) -> Any:
    """Finds an address for everybody, and spells ids in its own way, also in the credit report."""

    def result(asked: list[str]) -> str:
        rows = "".join(f"{spelled(id)},{id[-4:].lower()}@x.de,true\n" for id in asked[::order])
        return "id,email,email_found\n" + rows

    def credits(asked: list[str]) -> str:
        return "id,credits\n" + "".join(f"{spelled(id)},1\n" for id in asked)

    return batch_api(result, credits=credits)


def held(made: Any) -> tuple[Any, threading.Event]:
    """An API whose runs end once the event is set."""
    ended = threading.Event()

    def answer(method: str, path: str, body: Any) -> Any:
        if path.endswith("/status") and not ended.is_set():
            return {"run_id": path.split("/")[-2], "status": "queued"}
        return made(method, path, body)

    answer.hosts = made.hosts  # type: ignore[attr-defined]
    return answer, ended


def mail(id: str) -> str:
    return f"{id[-4:].lower()}@x.de"


def asked(api: OtherApi) -> list[list[str]]:
    return [body["ids"] for body in api.posts()]


def turned(id: str) -> str:
    return id.swapcase()


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "backwards"])
@pytest.mark.parametrize("spelled", [str, str.lower, str.upper, turned])
def test_both_spellings_in_a_table_are_asked_once_and_both_rows_are_answered(
    spelled: Callable[[str], str], order: int, tmp_path: Path
) -> None:
    ids = [CAPITALS[0], SMALL[0], "P7", None, SMALL[1], MIXED[1], CAPITALS[1], MIXED[2], "P7"]
    first = [CAPITALS[0], "P7", SMALL[1], MIXED[2]]
    with serving(people_api(spelled, order)) as api:
        client = client_of(api, str(tmp_path / "ledger.sqlite"))
        table = pa.table({"id": ids})
        plan = client.submit(table, "email", max_credits=50, dry_run=True)
        assert (plan["ids"], plan["duplicates"]) == (4, 4)
        job = client.submit(table, "email", max_credits=50, key="both")
        job.wait(timeout=60, progress=False)
        assert asked(api) == [first]
        assert job.progress().credits == 4
        for own in (job, client.job("both")):
            rows = own.table().to_pylist()
            assert [row["id"] for row in rows] == ids
            assert [row["email"] for row in rows] == [mail(id) if id else None for id in ids]
            parts = [row for part in own.tables() for row in pa.record_batch(part).to_pylist()]
            assert parts == rows
            own.write(tmp_path / "people.parquet")
            assert pl.read_parquet(tmp_path / "people.parquet")["id"].to_list() == ids
        assert job.missing().column("row").to_pylist() == [3]
        # The same table in another case is the same job, whose rows are now spelled so.
        other = [id and id.swapcase() if id != "P7" else id for id in ids]
        again = client.submit(pa.table({"id": other}), "email", max_credits=50, key="both")
        assert again.key == job.key
        assert again.table().column("id").to_pylist() == other
        assert job.table().column("id").to_pylist() == ids
        assert client.job("both").table().column("id").to_pylist() == other
        assert len(api.posts()) == 1


@pytest.mark.parametrize(
    ("before", "after"), [(SMALL, CAPITALS), (CAPITALS, SMALL), (MIXED, SMALL)]
)
@pytest.mark.parametrize("spelled", [str, str.lower])
def test_what_was_asked_in_one_case_is_known_in_the_other(
    before: list[str], after: list[str], spelled: Callable[[str], str], ledger: str
) -> None:
    with serving(people_api(spelled)) as api:
        client = client_of(api, ledger)
        client.submit(pa.table({"id": before[:4]}), "email", max_credits=50).wait(timeout=60)
        # The same set of records, and a larger one.
        same = client.submit(pa.table({"id": after[3::-1]}), "email", max_credits=50)
        assert same.wait(timeout=60, progress=False).state == "done"
        assert same.table().column("id").to_pylist() == after[3::-1]
        table = pa.table({"id": after})
        plan = client.submit(table, "email", max_credits=50, dry_run=True)
        assert (plan["known_ids"], plan["new_ids"], plan["most_credits"]) == (4, 2, 2)
        job = client.submit(table, "email", max_credits=50)
        job.wait(timeout=60, progress=False)
        assert asked(api) == [before[:4], after[4:]]
        rows = job.table(provenance=True).to_pylist()
        assert [row["id"] for row in rows] == after
        assert [row["email"] for row in rows] == [mail(id) for id in after]
        assert [row["reused"] for row in rows] == [True] * 4 + [False] * 2
        assert all(row["run_id"] and row["credits"] == 1 for row in rows)
        # A sample of the same records is the same sample.
        samples = [
            client.submit(pa.table({"id": ids}), "phone", max_credits=50, sample=2, dry_run=True)
            for ids in (before, after)
        ]
        assert samples[0]["key"] == samples[1]["key"]


def test_ids_that_are_no_uuids_are_records_of_their_own_in_each_spelling(tmp_path: Path) -> None:
    ids = ["p1", "P1", "001D000000IqhSL", "001d000000iqhsl", "7", "007", " p1"]
    ids += [form.format(id) for id in (SMALL[0], CAPITALS[0]) for form in ("{{{}}}", "urn:uuid:{}")]
    ids += [id.replace("-", "") for id in (SMALL[0], CAPITALS[0])]
    with serving(people_api()) as api:
        client = client_of(api, str(tmp_path / "ledger.sqlite"))
        job = client.submit(pa.table({"id": ids}), "email", max_credits=50)
        job.wait(timeout=60, progress=False)
        assert asked(api) == [ids]
        assert job.table().column("id").to_pylist() == ids


def test_the_parts_of_a_pair_are_known_in_every_case(tmp_path: Path) -> None:
    columns = {"email": "email,email_found", "phone": "phone_number,phone_found"}
    kinds: list[str] = []

    def answer(method: str, path: str, body: Any) -> Any:
        if method == "POST":
            kinds.append(path.rsplit("/", 1)[1])
        return made(method, path, body)

    def result(asked: list[str]) -> str:
        header = ",".join(columns.get(kinds[-1], ",".join(columns.values())).split())
        cells = ",".join(["x@y.de,true", "+4930123,true"][: header.count("_found")])
        return f"id,{header}\n" + "".join(f"{id.lower()},{cells}\n" for id in asked)

    made = batch_api(result)
    answer.hosts = made.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        client = client_of(api, str(tmp_path / "ledger.sqlite"))
        for kind, ids in (("email", CAPITALS), ("phone", MIXED), ("phone-email", SMALL)):
            job = client.submit(pa.table({"id": ids}), kind, max_credits=100)
            job.wait(timeout=60, progress=False)
        assert kinds == ["email", "phone"]
        assert len(api.posts()) == 2
        assert set(job.table().column("status").to_pylist()) == {"found"}
        assert job.table().column("id").to_pylist() == SMALL


@pytest.mark.parametrize(("listed", "submitted"), [(SMALL, CAPITALS), (CAPITALS, SMALL)])
def test_who_is_suppressed_in_one_case_is_suppressed_in_the_other(
    listed: list[str], submitted: list[str], ledger: str
) -> None:
    with serving(people_api()) as api:
        client = client_of(api, ledger)
        assert client.suppress.add([listed[0]]) == 1
        assert client.suppress.has(submitted[0])
        job = client.submit(
            pa.table({"id": submitted}), "email", max_credits=50, suppress=[listed[1]]
        )
        job.wait(timeout=60, progress=False)
        assert asked(api) == [submitted[2:]]
        assert job.table().column("status").to_pylist()[:2] == ["suppressed"] * 2
        with pytest.raises(lantern.exceptions.InputError, match="suppressed"):
            client.enrich.company(record_id=submitted[0], company_name="Acme")
        assert client.suppress.remove([submitted[0]]) == 1
        assert not client.suppress.has(listed[0])


@pytest.mark.parametrize(("before", "named"), [(SMALL, CAPITALS), (CAPITALS, SMALL)])
@pytest.mark.parametrize("spelled", [str.lower, str.upper])
def test_who_is_forgotten_in_one_case_is_forgotten_in_the_other(
    before: list[str], named: list[str], spelled: Callable[[str], str], ledger: str
) -> None:
    with serving(people_api(spelled)) as api:
        client = client_of(api, ledger)
        job = client.submit(pa.table({"id": before}), "email", max_credits=50)
        job.wait(timeout=60, progress=False)
        done = lantern.forget(id=named[0], suppress=False, ledger=ledger)
        assert (done["rows"] > 0, done["ledger"]["ids"]) == (True, 1)
        assert done["ledger"]["memory"] == 1
        rows = job.table().to_pylist()
        assert (rows[0]["id"], rows[0]["status"], rows[0]["email"]) == (None, "erased", None)
        assert [row["id"] for row in rows[1:]] == before[1:]
        # Nothing about them is known any more.
        again = client.submit(pa.table({"id": before[:1]}), "email", max_credits=50)
        again.wait(timeout=60, progress=False)
        assert asked(api)[1:] == [before[:1]]


def test_two_jobs_that_ask_in_other_cases_at_the_same_time_buy_once(ledger: str) -> None:
    answer, ended = held(people_api(str.lower))
    with serving(answer) as api:
        first, second = client_of(api, ledger), client_of(api, ledger)
        one = first.submit(pa.table({"id": CAPITALS}), "email", max_credits=50, key="one")
        one.poll()
        plan = second.submit(
            pa.table({"id": SMALL}), "email", max_credits=50, key="two", dry_run=True
        )
        assert (plan["in_flight_ids"], plan["new_ids"]) == (len(SMALL), 0)
        other = second.submit(pa.table({"id": SMALL}), "email", max_credits=50, key="two")
        other.poll()
        assert asked(api) == [CAPITALS]
        ended.set()
        assert other.wait(timeout=60, progress=False).state == "done"
        assert one.wait(timeout=60, progress=False).state == "done"
        assert asked(api) == [CAPITALS]
        assert other.table().column("id").to_pylist() == SMALL
        assert other.table().column("email").to_pylist() == [mail(id) for id in SMALL]


def written_by_an_earlier_version(ledger: Path) -> None:
    """Records the ids of all jobs as a version did that compared them letter for letter."""
    with sqlite3.connect(ledger) as db:
        ((key,),) = db.execute("SELECT key FROM lantern_hash_key")

        def of(id: str) -> bytes:
            return hashlib.sha256((key + id).encode()).digest()[:12]

        other = {of(small): of(capital) for small, capital in zip(SMALL, CAPITALS, strict=True)}
        changed = 0
        # What was asked is there until it is put into layers, whose entries are sorted.
        for row, hashes in db.execute("SELECT id, hashes FROM lantern_asked").fetchall():
            own = [other[hashes[at : at + 12]] for at in range(0, len(hashes), 12)]
            changed += len(own)
            db.execute("UPDATE lantern_asked SET hashes = ? WHERE id = ?", (b"".join(own), row))
        for place, entries in db.execute("SELECT place, entries FROM lantern_buckets").fetchall():
            all = [entries[at : at + 27] for at in range(0, len(entries), 27)]
            own = sorted(other[entry[:12]] + entry[12:] for entry in all)
            changed += len(own)
            db.execute(
                "UPDATE lantern_buckets SET entries = ? WHERE place = ?", (b"".join(own), place)
            )
        assert changed == len(CAPITALS)
        whole = hashlib.sha256()
        for part in ("email", '{"entity_type":"person"}', *sorted(CAPITALS)):
            whole.update(len(part.encode()).to_bytes(8, "little") + part.encode())
        digest = whole.hexdigest()
        db.execute("UPDATE lantern_jobs SET digest = ?", (digest,))
        db.execute(
            "UPDATE lantern_jobs SET key = ? WHERE key LIKE 'email-%'", (f"email-{digest[:16]}",)
        )
    db.close()


def test_what_an_earlier_version_bought_is_known_in_every_case(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    with serving(people_api()) as api:
        with client_of(api, str(ledger)) as client:
            client.submit(pa.table({"id": CAPITALS}), "email", max_credits=50).wait(timeout=60)
        written_by_an_earlier_version(ledger)
        with client_of(api, str(ledger)) as client:
            (known,) = lantern.jobs(ledger=ledger).column("key").to_pylist()
            own = client.submit(pa.table({"id": CAPITALS}), "email", max_credits=50)
            assert own.key == known
            for ids in (SMALL, CAPITALS[:5], MIXED):
                job = client.submit(pa.table({"id": ids}), "email", max_credits=50)
                assert job.wait(timeout=60, progress=False).state == "done"
                assert job.table().column("email").to_pylist() == [mail(id) for id in ids]
            assert lantern.forget(id=SMALL[0], suppress=False, ledger=ledger)["ledger"]["memory"]
        assert len(api.posts()) == 1


def test_what_an_earlier_version_has_under_way_is_waited_for(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    answer, ended = held(people_api())
    with serving(answer) as api:
        with client_of(api, str(ledger)) as client:
            client.submit(pa.table({"id": CAPITALS}), "email", max_credits=50, key="one").poll()
        written_by_an_earlier_version(ledger)
        with client_of(api, str(ledger)) as client:
            job = client.submit(pa.table({"id": SMALL}), "email", max_credits=50, key="two")
            job.poll()
            assert asked(api) == [CAPITALS]
            ended.set()
            assert job.wait(timeout=60, progress=False).state == "done"
            assert job.table().column("email").to_pylist() == [mail(id) for id in SMALL]
        assert asked(api) == [CAPITALS]


def test_a_job_of_an_earlier_version_with_a_key_is_still_the_same_job(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    table = pa.table({"id": CAPITALS})
    with serving(people_api()) as api:
        with client_of(api, str(ledger)) as client:
            client.submit(table, "email", max_credits=50, key="weekly").wait(timeout=60)
        written_by_an_earlier_version(ledger)
        with client_of(api, str(ledger)) as client:
            for ids in (CAPITALS, SMALL):
                job = client.submit(pa.table({"id": ids}), "email", max_credits=50, key="weekly")
                assert job.table().column("id").to_pylist() == ids
            with pytest.raises(lantern.exceptions.JobError, match="1 ids that the job does not"):
                client.submit(
                    pa.table({"id": [*SMALL, "P1"]}), "email", max_credits=50, key="weekly"
                )
        assert len(api.posts()) == 1


def test_records_with_an_id_of_their_own_are_the_same_in_every_case(tmp_path: Path) -> None:
    runs: dict[str, list[Any]] = {}

    def answer(method: str, path: str, body: Any) -> Any:
        if method == "POST":
            run = str(uuid.UUID(int=len(runs)))
            runs[run] = body["records"]
            return {"run_id": run, "result_path": f"{api.url}/files/{run}.csv"}
        if path.endswith("/status"):
            return {"run_id": path.split("/")[-2], "status": "completed"}
        if not path.startswith("/files/"):
            return Reply({"success": False, "error": "nothing here"}, 404)
        records = runs[path.removeprefix("/files/").removesuffix(".csv")]
        rows = "".join(f"{one['id'].lower()},{one['linkedin']}@x.de,true\n" for one in records)
        return Reply(f"id,email,email_found\n{rows}".encode())

    columns = {"record_id": "Id", "linkedin": "Profile"}
    profiles = [f"person-{n}" for n in range(6)]
    with other_api(answer) as api:
        client = client_of(api, str(tmp_path / "ledger.sqlite"))
        for ids in (CAPITALS, SMALL):
            table = pa.table({"Id": [*ids, ids[0].swapcase()], "Profile": [*profiles, "person-0"]})
            job = client.submit(table, "email", columns=columns, max_credits=50)
            job.wait(timeout=60, progress=False)
            emails = job.table().column("email").to_pylist()
            assert emails == [f"{one}@x.de" for one in [*profiles, "person-0"]]
        (sent,) = runs.values()
        assert [one["id"] for one in sent] == CAPITALS


def test_mapped_calls_that_know_a_record_by_its_uuid_alone_ask_once(tmp_path: Path) -> None:
    def answer(method: str, path: str, body: Any) -> Any:
        if method != "POST":
            return Reply({"success": False, "error": "nothing here"}, 404)
        return {
            "success": True,
            "record_id": body["record_id"].lower(),
            "company": {"name": f"Company of {body['record_id'].lower()}"},
            "credits_consumed": 1,
        }

    def of(ids: list[str]) -> pa.Table:
        return pa.table({"id": ids, "country": ["India"] * len(ids)})

    with other_api(answer) as api:
        client = client_of(api, str(tmp_path / "ledger.sqlite"))
        columns = {"record_id": "id", "country": "country"}
        for ids in ([*CAPITALS, SMALL[0]], SMALL, MIXED):
            done = client.map(
                of(ids), "enrich.company", columns=columns, max_credits=50, concurrency=1
            )
            names = [row["name"] for row in done.to_pylist()]
            assert names == [f"Company of {id.lower()}" for id in ids]
        assert [body["record_id"] for body in api.posts()] == CAPITALS
