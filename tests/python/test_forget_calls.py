"""People are erased from mapped calls that asked for some of their rows, and from no other row."""

from __future__ import annotations

import io
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import lantern
from lantern import Client
from other_api import OtherApi, Reply, batch_api, other_api, serving

LIMITS = dict.fromkeys(["sync", "batches", "credits", "bursts"])


class Api:
    """Answers without repeating who was asked about: `sf_id` and `email` are made of the name."""

    def __init__(self) -> None:
        self.wait = threading.Event()
        self.wait.set()
        self.asked = threading.Event()

    def __call__(self, method: str, path: str, body: Any) -> Any:
        if method != "POST":
            return Reply({"success": False, "error": "no such call"}, 404)
        self.asked.set()
        self.wait.wait(60)
        if path.startswith("/v1/match"):
            results = [
                {"candidate_index": at, "matches": [{"sf_id": f"00Q{one['id'][::-1]}"}]}
                for at, one in enumerate(body["candidates"])
            ]
            return {"success": True, "results": results, "credits_consumed": len(results)}
        name = body["first_name"].lower()
        return {"success": True, "email": f"{name}@x.example", "credits_consumed": 1}


@pytest.fixture
def api() -> Iterator[tuple[Api, OtherApi]]:
    answer = Api()
    with other_api(answer) as server:
        yield answer, server


def client_of(server: OtherApi, ledger: str) -> Client:
    return Client("key", server.url, ledger=ledger, limits=LIMITS)


KEPT = {
    "lantern_requests": "requests",
    "lantern_answers": "answers",
    "lantern_bodies": "body",
    "lantern_unit_ids": "ids",
    "lantern_reused": "ids",
}


def kept(request: pytest.FixtureRequest, ledger: str) -> str:
    """All that the ledger keeps of calls, as text."""
    if ledger.startswith("postgresql"):
        say = request.getfixturevalue("databases").say
        columns = [f"SELECT encode({column}, 'hex') FROM {table}" for table, column in KEPT.items()]
        found = [bytes.fromhex(row) for row in say(ledger, " UNION ALL ".join(columns)).split()]
    else:
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as database:
            found = [
                row[0]
                for table, column in KEPT.items()
                for row in database.execute(f"SELECT {column} FROM {table}")
            ]
    texts = (pa.CompressedInputStream(io.BytesIO(data), "zstd").read() for data in found if data)
    return b"\n".join(bytes(text) for text in texts).decode()


def match(client: Client, names: list[str], **options: Any) -> pl.DataFrame:
    """Matches people whose answers do not say who they are."""
    table = pl.DataFrame({"id": names, "mail": [f"{name}@a.example" for name in names]})
    return client.map(
        table,
        "match",
        columns={"id": "id", "email": "mail"},
        arguments={"object": "lead", "rules": ["email:exact"]},
        **({"max_credits": 100} | options),
    ).to_polars()


def answers(client: Client, key: str) -> dict[str, Any]:
    table = client.job(key).table().to_polars()
    return {"status": table["status"].to_list(), "sf_id": table["sf_id"].to_list()}


def sf(*names: str | None) -> list[str | None]:
    return [None if name is None else f"00Q{name[::-1]}" for name in names]


@pytest.mark.parametrize("by", ["id", "email"])
@pytest.mark.parametrize("who", ["Wim", "Xan", "Yan", "Zoe"])
def test_a_call_that_asked_for_some_of_its_rows(
    api: tuple[Api, OtherApi], ledger: str, by: str, who: str, request: pytest.FixtureRequest
) -> None:
    _, server = api
    client = client_of(server, ledger)
    names = ["Wim", "Xan", "Yan", "Zoe"]
    # All four are planned as one call. Once it is sent, another job knows the first two.
    planned = match(client, names, max_credits=0, key="later")
    assert planned["status"].to_list() == ["over_budget"] * 4
    match(client, names[:2], key="first")
    done = match(client, names, key="later")
    assert [len(body["candidates"]) for body in server.posts()] == [2, 2]
    assert done["sf_id"].to_list() == sf(*names)
    text = kept(request, ledger)
    assert f"{who}@a.example" in text
    person = {"id": who} if by == "id" else {"email": f"{who}@A.example".upper()}
    result = lantern.forget(**person, ledger=ledger)
    jobs = 2 if who in names[:2] else 1
    assert result["ledger"]["calls"] == jobs, result
    assert result["ledger"]["memory"] == 1
    text = kept(request, ledger)
    assert f"{who}@a.example" not in text
    assert f"00Q{who[::-1]}" not in text
    rest = [None if name == who else name for name in names]
    statuses = ["erased" if name is None else "done" for name in rest]
    assert answers(client, "later") == {"status": statuses, "sf_id": sf(*rest)}
    assert answers(client, "first") == {"status": statuses[:2], "sf_id": sf(*rest[:2])}
    # Nobody buys an answer again: not that of the others, and not that of who was erased.
    sent = len(server.posts())
    again = match(client, names[::-1], key="again")
    assert again["status"].to_list() == [
        "suppressed" if name == who else "done" for name in names[::-1]
    ]
    assert again["sf_id"].to_list() == sf(*rest[::-1])
    assert len(server.posts()) == sent
    assert client.job("later").progress().credits == 2


def test_rows_that_are_suppressed_or_known_when_the_call_is_planned(
    api: tuple[Api, OtherApi], ledger: str, request: pytest.FixtureRequest
) -> None:
    _, server = api
    client = client_of(server, ledger)
    match(client, ["Ada", "Bob"], key="first")
    client.suppress.add(["Cleo@a.example"])
    names = ["Ada", "Cleo", "Dan", "Bob", "Eve"]
    done = match(client, names, key="second")
    assert done["status"].to_list() == ["done", "suppressed", "done", "done", "done"]
    assert [len(body["candidates"]) for body in server.posts()] == [2, 2]
    for who in ("Dan", "Bob", "Cleo"):
        lantern.forget(email=f"{who}@a.example", ledger=ledger, suppress=False)
        text = kept(request, ledger)
        assert f"{who}@a.example" not in text
        assert f"00Q{who[::-1]}" not in text
    table = answers(client, "second")
    assert table["sf_id"] == sf("Ada", None, None, None, "Eve")
    assert table["status"] == ["done", "erased", "erased", "erased", "done"]
    assert answers(client, "first")["sf_id"] == sf("Ada", None)


PERSON = {"record_id": "n", "first_name": "first", "last_name": "last", "company": "company"}


def people(names: list[str], first: int = 0) -> pl.DataFrame:
    rows = enumerate(names, first)
    return pl.DataFrame(
        [{"n": str(at), "first": name, "last": "Byron", "company": "Acme"} for at, name in rows]
    )


def emails(client: Client, table: pl.DataFrame, key: str, **options: Any) -> pl.DataFrame:
    options = {"max_credits": 100} | options
    return client.map(table, "enrich.email", columns=PERSON, key=key, **options).to_polars()


def test_the_number_of_a_row_is_nobodys_id(
    api: tuple[Api, OtherApi], ledger: str, request: pytest.FixtureRequest
) -> None:
    _, server = api
    client = client_of(server, ledger)
    names = ["Aone", "Btwo", "Cthree"]
    emails(client, people(names), "monday")
    # The same people under other numbers, and somebody new.
    emails(client, people(["Dfour", *names[::-1]]), "tuesday")
    assert len(server.posts()) == 4
    result = lantern.forget(email="AONE@x.example", ledger=ledger)
    assert result["ids"] == [], "0 and 3 are numbers of others as well"
    text = kept(request, ledger)
    assert "Aone" not in text
    assert "aone@x.example" not in text
    for key, rest in (("monday", [None, *names[1:]]), ("tuesday", ["Dfour", *names[:0:-1], None])):
        table = client.job(key).table().to_polars()
        assert table["email"].to_list() == [
            name and f"{name.lower()}@x.example" for name in rest
        ], key
    # Their next list does not bring the person back: neither sent, nor kept, nor shown.
    done = emails(client, people(names, 50), "wednesday")
    assert done["status"].to_list() == ["suppressed", "done", "done"]
    assert len(server.posts()) == 4


def test_an_id_that_stands_beside_nobody_else_is_erased_everywhere(tmp_path: Path) -> None:
    ledger = str(tmp_path / "ledger.sqlite")
    result = "id,email,email_found\n{}\n".format
    rows = batch_api(lambda ids: result("\n".join(f"{id},{id}@y.example,true" for id in ids)))
    with other_api(Api()) as calls, serving(rows) as batches:
        client = client_of(calls, ledger)
        table = people(["Ada", "Bob"]).with_columns(n=pl.Series(["CRM-1", "CRM-2"]))
        emails(client, table, "calls")
        own = client_of(batches, ledger)
        job = own.submit(pl.DataFrame({"id": ["CRM-2", "CRM-1"]}), "email", max_credits=9)
        job.wait(timeout=60, progress=False)
        done = lantern.forget(email="ada@x.example", ledger=ledger)
        assert done["ids"] == ["CRM-1"]
        assert job.table().column("status").to_pylist() == ["found", "erased"]


def test_what_is_on_its_way_is_left_and_erased_afterwards(
    api: tuple[Api, OtherApi], ledger: str, request: pytest.FixtureRequest
) -> None:
    answer, server = api
    client = client_of(server, ledger)
    answer.wait.clear()
    working = threading.Thread(target=match, args=(client, ["Ada", "Bob"]), kwargs={"key": "k"})
    working.start()
    assert answer.asked.wait(60)
    waits = match(client_of(server, ledger), ["Ada", "Cleo"], max_credits=0, key="waits")
    assert waits["status"].to_list()[1] == "over_budget"
    done = lantern.forget(id="Ada", ledger=ledger, suppress=False)
    assert done["ledger"]["under_way"] == 1
    answer.wait.set()
    working.join(60)
    assert answers(client, "k")["sf_id"] == sf("Ada", "Bob")
    done = lantern.forget(id="Ada", ledger=ledger, suppress=False)
    assert (done["ledger"]["under_way"], done["ledger"]["calls"]) == (0, 1)
    assert "Ada" not in kept(request, ledger)
    assert answers(client, "k")["sf_id"] == sf(None, "Bob")
    # Who waited for the answer waits for nothing any more, and sends the rest.
    rest = match(client, ["Ada", "Cleo"], key="waits")
    assert rest["sf_id"].to_list() == sf(None, "Cleo")
    assert rest["status"].to_list() == ["erased", "done"]


def test_old_answers_of_other_jobs_are_erased_rows(
    api: tuple[Api, OtherApi], ledger: str, request: pytest.FixtureRequest
) -> None:
    _, server = api
    client = client_of(server, ledger)
    match(client, ["Ada"], key="old")
    match(client, ["Ada"], key="new")
    assert lantern.purge("1us", ledger=ledger)["units"] == 1
    for key in ("old", "new"):
        assert answers(client, key) == {"status": ["erased"], "sf_id": [None]}
    assert "Ada" not in kept(request, ledger)
    done = match(client, ["Ada"], key="later")
    assert done["status"].to_list() == ["erased"], "it was paid for, and what it was is gone"
    assert len(server.posts()) == 1
    assert match(client, ["Ada"], key="anew", reuse=False)["sf_id"].to_list() == sf("Ada")
