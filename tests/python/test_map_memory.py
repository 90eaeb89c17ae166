"""What a mapped row was answered is remembered: no later table buys it again."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantern
from email_api import PERSON, EmailApi, client_of, emails, people
from lantern import LocalServer
from lantern.exceptions import InputError, ValidationError
from other_api import OtherApi, other_api


@pytest.fixture
def api() -> Iterator[tuple[EmailApi, OtherApi]]:
    answer = EmailApi()
    with other_api(answer) as server:
        yield answer, server


def test_a_growing_table_pays_for_new_rows_only_under_any_key(
    api: tuple[EmailApi, OtherApi], ledger: str
) -> None:
    _, server = api
    client = client_of(server, ledger)
    names = [f"N{number}" for number in range(30)]
    emails(client, people(names[:20]), key="monday")
    assert len(server.posts()) == 20
    # The rows have other numbers, and another order, on the next day.
    tuesday = emails(client, people(names[::-1], 100), key="tuesday")
    assert len(server.posts()) == 30
    assert tuesday["email"].to_list() == [f"{name}@x.example" for name in names[::-1]]
    assert tuesday["reused"].to_list() == [False] * 10 + [True] * 20
    assert tuesday["credits"].to_list() == [1] * 10 + [0] * 20
    progress = client.job("tuesday").progress()
    assert (progress.credits, progress.reused, progress.ids) == (10, 20, 30)
    # All of it is known: the budget may be 0, and another client asks nothing either.
    again = emails(client_of(server, ledger), people(names, 300), max_credits=0)
    assert (len(server.posts()), set(again["status"])) == (30, {"done"})
    assert client.job("tuesday").table().to_polars().equals(tuesday)


@pytest.mark.parametrize(
    "variant",
    [
        {"first_name": "JOSÉ"},
        {"first_name": "  josé "},
        {"first_name": "JOSE\u0301"},
        {"last_name": "van   der Byron"},
        {"company": "\uff21\uff23\uff2d\uff25"},
        {"record_id": "another"},
        {"domain": None},
        {"domain": " "},
    ],
    ids=repr,
)
def test_spellings_of_a_row_are_one_question(
    api: tuple[EmailApi, OtherApi], tmp_path: Path, variant: dict[str, Any]
) -> None:
    _, server = api
    client = client_of(server, str(tmp_path / "l.sqlite"))
    row = {"record_id": "1", "first_name": "José", "last_name": "Van der Byron", "company": "Acme"}

    def ask(fields: dict[str, Any], key: str) -> pl.DataFrame:
        table = pl.DataFrame([fields], schema=dict.fromkeys(fields, pl.String))
        columns = {name: name for name in fields}
        done = client.map(table, "enrich.email", columns=columns, max_credits=5, key=key)
        return done.to_polars()

    ask(row, "first")
    again = ask(row | variant, "second")
    assert (len(server.posts()), again["reused"].to_list()) == (1, [True])


@pytest.mark.parametrize(
    ("columns", "arguments"),
    [
        ({"query": "q"}, {"options": {"format_json": True}}),
        ({"query": "q"}, {"effort": "high"}),
        ({"query": "upper"}, {}),
    ],
    ids=repr,
)
def test_another_option_is_another_question(
    api: tuple[EmailApi, OtherApi], tmp_path: Path, columns: Any, arguments: Any
) -> None:
    _, server = api
    client = client_of(server, str(tmp_path / "l.sqlite"))
    table = pl.DataFrame({"q": ["who is it?"], "upper": ["Who is IT?"]})
    client.map(table, "enrich.ai", columns={"query": "q"}, max_credits=9)
    other = client.map(
        table, "enrich.ai", columns=columns, arguments=arguments, max_credits=9
    ).to_polars()
    assert (len(server.posts()), other["reused"].to_list()) == (2, [False])
    extra = client.map(
        table, "enrich.ai", columns={"query": "q"}, extra={"beta": 1}, max_credits=9
    ).to_polars()
    assert (len(server.posts()), extra["reused"].to_list()) == (3, [False])


def test_a_record_that_says_nothing_but_its_number_is_known_by_that(
    api: tuple[EmailApi, OtherApi], tmp_path: Path
) -> None:
    _, server = api
    client = client_of(server, str(tmp_path / "l.sqlite"))
    table = pl.DataFrame({"id": ["1", "2", "1"], "country": ["India"] * 3})
    columns = {"record_id": "id", "country": "country"}
    done = client.map(table, "enrich.company", columns=columns, max_credits=9).to_polars()
    assert len(server.posts()) == 2
    assert done["status"].to_list() == ["done"] * 3


def test_rows_of_one_table_that_ask_the_same_are_sent_once(
    api: tuple[EmailApi, OtherApi], ledger: str
) -> None:
    _, server = api
    client = client_of(server, ledger)
    names = ["A", "B", "a ", "A", "Nobody", "B"]
    plan: Any = client.map(
        people(names), "enrich.email", columns=PERSON, max_credits=9, dry_run=True
    )
    assert (plan["rows"], plan["duplicates"], plan["new_rows"], plan["calls"]) == (6, 3, 3, 3)
    done = emails(client, people(names))
    assert len(server.posts()) == 3
    assert done["credits"].to_list() == [1, 1, 0, 0, 0, 0]
    found = [f"{name}@x.example" if name else None for name in ["A", "B", "A", "A", None, "B"]]
    assert done["email"].to_list() == found
    # The budget counts a question once.
    table = people(["C", "C", "D"], 50)
    few = emails(client, table, max_credits=1)
    assert few["status"].to_list() == ["done", "done", "over_budget"]
    assert emails(client, table, max_credits=2)["status"].to_list() == ["done"] * 3
    assert len(server.posts()) == 3 + 2


def test_what_was_not_found_is_known_until_it_is_to_be_asked_again(
    api: tuple[EmailApi, OtherApi], tmp_path: Path
) -> None:
    _, server = api
    client = client_of(server, str(tmp_path / "l.sqlite"))
    table = people(["Nobody", "A"])
    first = emails(client, table)
    assert (first["status"].to_list(), first["credits"].to_list()) == (["done"] * 2, [0, 1])
    assert emails(client, table, key="again")["reused"].to_list() == [True, True]
    assert emails(client, table, retry_not_found="30d")["credits"].to_list() == [0, 1]
    assert len(server.posts()) == 2
    later = emails(client, table, retry_not_found="1us")
    assert (len(server.posts()), later["reused"].to_list()) == (3, [False, True])
    emails(client, table, reuse="1us", key="month")
    assert len(server.posts()) == 5


def test_reuse_false_asks_for_everything_and_resumes_what_it_began(
    api: tuple[EmailApi, OtherApi], ledger: str
) -> None:
    _, server = api
    client = client_of(server, ledger)
    table = people(["A", "B"])
    emails(client, table)
    anew = emails(client, table, reuse=False)
    assert (len(server.posts()), anew["reused"].to_list()) == (4, [False, False])
    old = emails(client, table, reuse="90d")
    assert len(server.posts()) == 4
    assert old["credits"].sum() == 2


def test_calls_that_change_something_are_made_for_every_row(tmp_path: Path) -> None:
    with LocalServer(limits="off") as server:
        client = server.client(ledger=tmp_path / "l.sqlite")
        leads = server.crm("leads").to_polars().head(2)
        twice = pl.concat([leads, leads])

        def assign(table: pl.DataFrame, **options: Any) -> pl.DataFrame:
            return client.map(
                table,
                "routing.assign",
                columns={"sf_id": "id"},
                arguments={"object": "lead", "pool": "default"},
                max_credits=50,
                **options,
            ).to_polars()

        first = assign(twice, key="one")
        second = assign(twice, key="two")
        assert server.credits_used == 8
        sequences = first["sequence"].to_list() + second["sequence"].to_list()
        assert len(set(sequences)) == 8, "each is a call of its own"
        assert not second["reused"].any()
        for wanted in ({"reuse": "90d"}, {"retry_not_found": "1d"}):
            with pytest.raises(InputError, match=r"routing\.assign changes something"):
                assign(twice, key="three", **wanted)
        # The same job again is not made again, whatever it is told about the memory.
        assert assign(twice, key="one", reuse=False).equals(first)
        forms = pl.DataFrame({"email": ["a@acme.example"] * 2})
        sent = [client.submit_forms(forms, max_credits=20, key=key) for key in ("f1", "f2")]
        requests = [id for done in sent for id in done.column("request_id").to_pylist()]
        assert len(set(requests)) == 4


def test_failed_rows_are_not_remembered(api: tuple[EmailApi, OtherApi], tmp_path: Path) -> None:
    answer, server = api
    client = client_of(server, str(tmp_path / "l.sqlite"))
    answer.refusals = 2
    assert set(emails(client, people(["A", "B"]), key="one")["status"]) == {"failed"}
    done = emails(client, people(["A", "B"], 7), key="two")
    assert (done["status"].to_list(), done["reused"].to_list()) == (["done"] * 2, [False] * 2)


def test_a_sample_is_bought_first_and_the_plan_of_the_whole_learns_from_it(
    api: tuple[EmailApi, OtherApi], tmp_path: Path
) -> None:
    _, server = api
    client = client_of(server, str(tmp_path / "l.sqlite"))
    names = [f"N{number}" if number % 2 else "Nobody" for number in range(100)]
    table = people(names).with_columns(last=pl.col("id"))
    sample = emails(client, table, sample=20)
    assert len(server.posts()) == sample.height == 20
    assert table[sample["row"].to_list()]["first"].to_list() == [
        name.removesuffix("@x.example") if name else "Nobody" for name in sample["email"]
    ]
    assert emails(client, table, sample=20).equals(sample)
    plan: Any = client.map(table, "enrich.email", columns=PERSON, max_credits=100, dry_run=True)
    assert (plan["known_rows"], plan["new_rows"], plan["seen_records"]) == (20, 80, 20)
    assert plan["likely_least"] <= plan["likely_credits"] <= plan["likely_most"] <= 80
    assert plan["most_credits"] == 80
    assert len(server.posts()) == 20
    with pytest.raises(ValidationError, match="sample is 0"):
        emails(client, table, sample=0)


def test_provenance_says_where_each_answer_comes_from(
    api: tuple[EmailApi, OtherApi], ledger: str
) -> None:
    _, server = api
    client = client_of(server, ledger)
    before = datetime.datetime.now(datetime.UTC)
    emails(client, people(["A"]), key="first")
    done = emails(client, people(["A", "B", "B"]), key="second", provenance=True)
    assert done.columns[-3:] == ["answered_at", "run_id", "answer_credits"]
    assert done["run_id"].to_list() == ["first:0", "second:0", "second:0"]
    assert done["answer_credits"].to_list() == [1, 1, 1]
    assert done["credits"].to_list() == [0, 1, 0]
    assert all(before <= at for at in done["answered_at"])
    sent = [headers for method, _, _, headers in server.requests if method == "POST"]
    keys = [{k.lower(): v for k, v in headers.items()}["idempotency-key"] for headers in sent]
    assert keys == ["first:0", "second:0"]
    table = client.job("second").table(provenance=True).to_polars()
    assert table.equals(done)


def test_candidates_of_a_match_are_known_one_by_one(
    api: tuple[EmailApi, OtherApi], ledger: str
) -> None:
    _, server = api
    client = client_of(server, ledger)

    def match(addresses: list[str], **options: Any) -> pl.DataFrame:
        return client.map(
            pl.DataFrame({"email": addresses}),
            "match",
            columns={"email": "email"},
            arguments={"object": "lead", "rules": ["email:exact"]},
            **({"max_credits": 100} | options),
        ).to_polars()

    match(["a", "b", "c"], key="one")
    done = match(["d", "b", "a", "A", "d"], rows_per_call=2, key="two")
    sizes = [len(body["candidates"]) for body in server.posts()]
    assert sizes == [3, 2], "d and A are new: exact rules compare every letter"
    assert done["sf_id"].to_list() == ["of d", "of b", "of a", "of A", "of d"]
    assert done["credits"].to_list() == [1, 0, 0, 1, 0]
    # A budget that reaches a part of a call, and then the rest.
    few = match(["e", "f", "g", "h", "a"], max_credits=3, key="three")
    assert few["status"].to_list() == ["done"] * 3 + ["over_budget", "done"]
    rest = match(["e", "f", "g", "h", "a"], max_credits=4, key="three")
    assert rest["sf_id"].to_list() == ["of e", "of f", "of g", "of h", "of a"]
    assert rest["credits"].to_list() == [1, 1, 1, 1, 0]
    # Other rules are another question.
    other = client.map(
        pl.DataFrame({"email": ["a"]}),
        "match",
        columns={"email": "email"},
        arguments={"object": "lead", "rules": ["email:eq"]},
        max_credits=1,
    )
    assert other.column("reused").to_pylist() == [False]


async def test_the_awaited_client_shares_the_memory(
    api: tuple[EmailApi, OtherApi], tmp_path: Path
) -> None:
    _, server = api
    ledger = str(tmp_path / "l.sqlite")
    emails(client_of(server, ledger), people(["A"]))
    async with lantern.AsyncClient("key", server.url, ledger=ledger) as client:
        options: Any = {"columns": PERSON, "max_credits": 9}
        plan: Any = await client.map(people(["A", "B"]), "enrich.email", dry_run=True, **options)
        assert (plan["known_rows"], plan["new_rows"]) == (1, 1)
        done = await client.map(people(["A", "B"]), "enrich.email", provenance=True, **options)
    assert done.column("reused").to_pylist() == [True, False]


def test_many_rows_are_folded_while_they_are_asked(
    api: tuple[EmailApi, OtherApi], tmp_path: Path
) -> None:
    _, server = api
    client = client_of(server, str(tmp_path / "l.sqlite"))
    table = people([f"N{number}" for number in range(2_500)])
    emails(client, table, max_credits=2_500, concurrency=32)
    assert len(server.posts()) == 2_500
    grown = people([f"N{number}" for number in range(2_510)], 9_000)
    again = emails(client, grown, max_credits=2_510)
    assert (len(server.posts()), again["reused"].sum()) == (2_510, 2_500)
    assert again["email"].to_list() == [f"N{number}@x.example" for number in range(2_510)]


def test_the_cascade_asks_only_for_rows_that_the_memory_does_not_know() -> None:
    with LocalServer(limits="off") as server:
        client = server.client()
        leads, accounts = server.crm("leads").to_polars(), server.crm("accounts")

        def cascade(table: pl.DataFrame, key: str) -> pl.DataFrame:
            return client.match_cascade(
                table,
                accounts,
                fields={"company": ("company", "name"), "domain": "domain"},
                left_id="id",
                sure=0.995,
                unsure=0.1,
                max_credits=5_000,
                key=key,
            ).to_polars()

        first = cascade(leads.head(leads.height - 20), "first")
        spent = server.credits_used
        assert spent > 0
        second = cascade(leads.head(leads.height - 20), "second")
        assert server.credits_used == spent
        asked = second.filter(pl.col("decided_by") == "api")
        assert asked["reused"].all()
        assert asked["credits"].sum() == 0
        assert first["right_id"].equals(second["right_id"])


def test_ages_that_are_none_are_refused(tmp_path: Path) -> None:
    with other_api(EmailApi()) as server:
        client = client_of(server, str(tmp_path / "l.sqlite"))
        for wrong in ("always", "90", "-1d", "0d", ""):
            for name in ("reuse", "retry_not_found"):
                with pytest.raises(ValidationError, match=f"{name} is"):
                    emails(client, people(["A"]), **{name: wrong})
        assert server.posts() == []
