"""`client.convert_leads`, `.assign`, `.trigger` and `.submit_forms`, and `match` over a table."""

from __future__ import annotations

import polars as pl
import pytest

import lantern
from lantern import exceptions


async def test_leads_are_converted_once(lantern_server: lantern.LocalServer) -> None:
    leads = lantern_server.crm("leads").slice(0, 5)
    client = lantern_server.client()
    done = client.convert_leads(
        leads, match_policy={"contact": {"by": ["email:eq"]}}, max_credits=5
    ).to_polars()
    assert done["convert_status"].to_list() == ["converted"] * 5
    contacts = set(lantern_server.crm("contacts").column("id").to_pylist())
    assert set(done["contact_id"]) <= contacts
    # Another job over the same leads changes nothing.
    async with lantern_server.async_client() as awaited:
        again = await awaited.convert_leads(leads, max_credits=5, key="again")
    assert again.column("convert_status").to_pylist() == ["duplicate"] * 5
    assert again.column("contact_id").to_pylist() == done["contact_id"].to_list()


def test_a_lead_that_cannot_be_converted_says_so(lantern_server: lantern.LocalServer) -> None:
    leads = lantern_server.crm("leads").slice(0, 2)
    client = lantern_server.client()
    policy = {"account": {"by": ["name:eq"], "create_if_no_match": False}}
    asked = {"match_policy": policy, "max_credits": 5, "key": "strict"}
    done = client.convert_leads(leads, **asked).to_polars()
    assert done["status"].to_list() == ["failed"] * 2 == done["convert_status"].to_list()
    assert all("no account matches the lead" in error for error in done["error"])
    assert client.convert_leads(leads, **asked).to_polars().equals(done)


async def test_records_are_given_out_in_turn(lantern_server: lantern.LocalServer) -> None:
    leads = lantern_server.crm("leads").to_polars().rename({"id": "Lead ID"}).head(20)
    client = lantern_server.client()
    done = client.assign(
        leads, object="lead", pool="default", id="Lead ID", max_credits=20
    ).to_polars()
    assert sorted(done["sequence"]) == list(range(1, 21))
    counts = done.group_by("assigned_to").len()["len"]
    assert counts.max() == counts.min() == 2
    # With reset rules it costs twice as much, so the same budget pays for half.
    async with lantern_server.async_client() as awaited:
        again = await awaited.assign(
            leads,
            object="lead",
            pool="default",
            id="Lead ID",
            reset_rules={"reason": "bad_fit"},
            max_credits=20,
        )
    status = again.to_polars()["status"]
    assert (status == "done").sum() == 10 == (status == "over_budget").sum()


async def test_every_column_is_a_field_of_a_workflows_record(
    lantern_server: lantern.LocalServer,
) -> None:
    people = lantern_server.people().to_polars().drop_nulls().head(3)
    client = lantern_server.client()
    done = client.trigger(people, "default", source_system="cdp", max_credits=12)
    assert done.column("workflow_status").to_pylist() == ["triggered"] * 3
    async with lantern_server.async_client() as awaited:
        some = await awaited.trigger(
            people, "default", columns={"email": "email"}, max_credits=12, key="some"
        )
    assert some.column("workflow_status").to_pylist() == ["triggered"] * 3
    with pytest.raises(exceptions.InputError, match="did you mean"):
        client.trigger(people, "default", columns={"email": "emial"}, max_credits=12)


async def test_forms_are_submitted_from_columns(lantern_server: lantern.LocalServer) -> None:
    people = lantern_server.people().to_polars().drop_nulls().head(2)
    people = people.with_columns(pl.Series("ok", [True, False]))
    client = lantern_server.client()
    columns = {"email": "email", "additional_fields.consent": "ok"}
    done = client.submit_forms(
        people,
        columns=columns,
        additional_fields={"region": "DE"},
        output_preferences={"push_to": "salesforce"},
        max_credits=6,
    ).to_polars()
    assert done["form_status"].to_list() == ["pushed"] * 2
    assert done["gdpr_safe"].to_list() == [True, False]
    async with lantern_server.async_client() as awaited:
        plain = await awaited.submit_forms(people, max_credits=6)
    assert plain.column("form_status").to_pylist() == ["enriched"] * 2
    with pytest.raises(exceptions.InputError, match="row 0: email"):
        client.submit_forms(people.select("title"), max_credits=6)


async def test_candidates_go_out_in_chunks_within_the_budget(
    lantern_server: lantern.LocalServer,
) -> None:
    contacts = lantern_server.crm("contacts").to_polars().drop_nulls("email").head(50)
    contacts = contacts.unique("email", maintain_order=True)
    arguments = {"object": "contact", "rules": ["email:eq"]}
    client = lantern_server.client()

    def go(budget: int) -> pl.DataFrame:
        return client.map(
            contacts,
            "match",
            columns={"email": "email"},
            arguments=arguments,
            rows_per_call=7,
            max_credits=budget,
            key="chunks",
        ).to_polars()

    found = go(12)
    assert found["status"].to_list() == ["done"] * 12 + ["over_budget"] * (len(contacts) - 12)
    assert found["sf_id"].to_list()[:12] == contacts["id"].to_list()[:12]
    assert lantern_server.credits_used == 12 == found["credits"].sum()
    found = go(len(contacts))
    assert found["sf_id"].to_list() == contacts["id"].to_list()
    assert lantern_server.credits_used == len(contacts)
    async with lantern_server.async_client(ledger=client.ledger) as awaited:
        grouped = await awaited.map(
            contacts.head(3),
            "match",
            columns={"email": "email"},
            arguments={
                "object": "contact",
                "rules": {"mode": "grouped", "groups": [{"all": ["email:eq"]}]},
            },
            max_credits=6,
        )
    assert grouped.column("credits").to_pylist() == [2, 2, 2]


def test_bad_chunks_are_refused(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    table = pl.DataFrame({"email": ["a@b.example", None]})

    def go(call: str, rows: int | None, **arguments: object) -> None:
        client.map(
            table,
            call,  # type: ignore[arg-type]
            columns={"email": "email"},
            arguments=arguments,
            rows_per_call=rows,
            max_credits=5,
        )

    with pytest.raises(exceptions.InputError, match="takes one record a call"):
        client.map(
            pl.DataFrame({"email": ["a@b.example"]}),
            "forms.submit",
            columns={"email": "email"},
            rows_per_call=2,
            max_credits=5,
        )
    with pytest.raises(exceptions.InputError, match="give at least 1"):
        client.map(
            pl.DataFrame({"email": ["a@b.example"]}),
            "match",
            columns={"email": "email"},
            arguments={"object": "lead", "rules": ["email:eq"]},
            rows_per_call=0,
            max_credits=5,
        )
    with pytest.raises(exceptions.InputError, match=r"row 1: candidates\[0\] holds no fields"):
        go("match", None, object="lead", rules=["email:eq"])
    with pytest.raises(exceptions.InputError, match="row 0: rules"):
        go("match", None, object="lead")
    with pytest.raises(exceptions.InputError, match="above 0 and at most 1"):
        go("match", None, object="lead", rules=["email:fuzzy1.2"])
    assert lantern_server.credits_used == 0
