"""`client.match_cascade`: local matching first, and the API only where that is unsure."""

from __future__ import annotations

import polars as pl
import pytest

import lantern
from lantern import exceptions

FIELDS = {"company": ("company", "name"), "domain": "domain"}
SURE, UNSURE = 0.995, 0.1


def tables(server: lantern.LocalServer) -> tuple[pl.DataFrame, pl.DataFrame]:
    return server.crm("leads").to_polars(), server.crm("accounts").to_polars()


def ask(client: lantern.Client, server: lantern.LocalServer, **more: object) -> pl.DataFrame:
    leads, accounts = tables(server)
    arguments = {
        "fields": FIELDS,
        "left_id": "id",
        "max_credits": 1000,
        "sure": SURE,
        "unsure": UNSURE,
    } | more
    return client.match_cascade(leads, accounts, **arguments).to_polars()  # type: ignore[arg-type]


async def test_only_what_is_unsure_is_asked_and_each_row_says_who_decided(
    lantern_server: lantern.LocalServer,
) -> None:
    leads, accounts = tables(lantern_server)
    client = lantern_server.client()
    local = lantern.match(leads, accounts, fields=FIELDS, threshold=UNSURE, progress=False)
    best = local.table().to_polars()
    confidences = best["confidence"]
    found = ask(client, lantern_server)
    assert found["left_id"].to_list() == leads["id"].to_list()
    counts = dict(found.group_by("decided_by").len().iter_rows())
    unsure = confidences.filter(confidences < SURE).len()
    assert 0 < unsure == counts["api"] < counts["local"]
    # What was asked cost 5 credits each, and what was decided here nothing.
    assert found.filter(decided_by="api")["credits"].to_list() == [5] * unsure
    assert found.filter(decided_by="local")["credits"].sum() == 0
    assert lantern_server.credits_used == 5 * unsure
    sure = found.filter(decided_by="local", status="matched")
    assert (sure["confidence"] >= SURE).all()
    assert sure["right_id"].to_list() == accounts["id"].gather(sure["right"]).to_list()
    assert found.filter(decided_by="local", status="no_match")["right"].null_count() == counts[
        "local"
    ] - len(sure)
    # What the API matched is linked with the right row that it is.
    asked = found.filter(decided_by="api", status="matched")
    assert asked["right_id"].to_list() == accounts["id"].gather(asked["right"]).to_list()
    assert asked["model"].str.contains("learned local model").all()
    # The same again, by the other client, asks nothing.
    lantern_server.add_fault("POST /v1/*: status 500")
    async with lantern_server.async_client(ledger=client.ledger) as awaited:
        again = await awaited.match_cascade(
            leads,
            accounts,
            fields=FIELDS,
            left_id="id",
            max_credits=1000,
            sure=SURE,
            unsure=UNSURE,
        )
    assert again.to_polars().equals(found)


def test_a_budget_leaves_rows_undecided_and_a_larger_one_goes_on(
    lantern_server: lantern.LocalServer,
) -> None:
    client = lantern_server.client()
    few = ask(client, lantern_server, max_credits=9, key="k")
    assert few.filter(decided_by="api").height == 1
    left = few.filter(status="over_budget")
    assert left.height > 0
    assert left["decided_by"].null_count() == left.height
    assert left["local_confidence"].is_between(UNSURE, SURE).all()
    assert lantern_server.credits_used == 5
    all_of_them = ask(client, lantern_server, max_credits=1000, key="k")
    assert all_of_them.filter(status="over_budget").height == 0
    assert lantern_server.credits_used == 5 * (1 + left.height)


def test_rules_decide_as_lantern_match_does(lantern_server: lantern.LocalServer) -> None:
    leads, accounts = tables(lantern_server)
    client = lantern_server.client()
    found = ask(client, lantern_server, rules=["domain:eq"], sure=0.5, unsure=0.5).sort("left")
    local = lantern.match(leads, accounts, ["domain:eq"], fields=FIELDS, progress=False)
    expected = local.table().to_polars().sort("left")
    matched = found.filter(status="matched")
    assert matched["left"].to_list() == expected["left"].to_list()
    assert matched["right"].to_list() == expected["right"].to_list()
    assert lantern_server.credits_used == 0


def test_bad_bounds_and_ids_are_said_before_anything_is_asked(
    lantern_server: lantern.LocalServer,
) -> None:
    leads, accounts = tables(lantern_server)
    client = lantern_server.client()
    for bounds in ({"sure": 0.5, "unsure": 0.6}, {"unsure": 0.0}, {"sure": 1.5}):
        with pytest.raises(exceptions.InputError, match="with unsure at most sure"):
            ask(client, lantern_server, **bounds)
    with pytest.raises(exceptions.InputError, match="no column 'nr'"):
        ask(client, lantern_server, right_id="nr")
    with pytest.raises(exceptions.InputError, match="the same id"):
        client.match_cascade(leads, pl.concat([accounts, accounts]), fields=FIELDS, max_credits=100)
    with pytest.raises(exceptions.ValidationError, match="use account or contact or lead"):
        ask(client, lantern_server, object="opportunity")
    assert lantern_server.credits_used == 0
