"""The CRM of the local server, brought by the user: tables and files."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import lantern
from lantern import exceptions

LEADS = pl.DataFrame(
    {
        "FirstName": ["Ada", "Grace"],
        "LastName": ["Byron", "Hopper"],
        "Email": ["ada@engines.example", "grace@navy.example"],
        "Company": ["Engines Ltd", "Navy"],
        "AnnualRevenue": [1.5, 2.5],
    }
)


def test_what_is_given_is_there_and_what_is_not_is_empty(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.csv"
    accounts.write_text("name,domain,postal_code\nEngines Limited,engines.example,00700\n")
    with lantern.LocalServer(limits="off", crm={"leads": LEADS, "accounts": accounts}) as server:
        leads = server.crm("leads").to_polars()
        assert leads["first_name"].to_list() == ["Ada", "Grace"]
        assert leads["status"].to_list() == ["New", "New"]
        assert leads["id"].str.starts_with("00Q").all()
        assert server.crm("accounts").column("postal_code").to_pylist() == ["00700"]
        assert server.crm("contacts").num_rows == 0
        # Without users nobody could be given anything.
        assert server.crm("users").num_rows == 12
        client = server.client()
        done = client.salesforce.convert(
            lead_sf_id=leads["id"][0],
            match_policy={"account": {"by": ["company:fuzzy0.8"]}},
        )
        assert done.account_id == server.crm("accounts").column("id")[0].as_py()
        assert client.routing.assign(object="lead", sf_id=leads["id"][1], pool="emea").sequence == 1


def test_a_crm_is_given_to_another_server_as_it_is(tmp_path: Path) -> None:
    kinds = ["accounts", "contacts", "leads", "opportunities", "users", "tasks", "notes"]
    with lantern.LocalServer(limits="off") as server:
        first = {kind: server.crm(kind).to_polars() for kind in kinds}
    for kind in kinds[:4]:
        first[kind].write_parquet(tmp_path / f"{kind}.parquet")
    given = first | {kind: tmp_path / f"{kind}.parquet" for kind in kinds[:4]}
    data = tmp_path / "data"
    times = ["created_at", "modified_at"]
    with lantern.LocalServer(limits="off", crm=given, data=data) as server:
        for kind in kinds:
            assert server.crm(kind).to_polars().drop(times).equals(first[kind].drop(times)), kind
        # A new record gets an id that none has.
        lead = server.crm("leads").column("id")[0].as_py()
        made = server.client().salesforce.convert(
            lead_sf_id=lead,
            match_policy={
                "contact": {"by": ["email:eq", "phone:exact"]},
                "account": {"by": ["phone:exact"]},
            },
        )
        assert made.status == "converted"
        assert made.account_id not in first["accounts"]["id"]
    # The same command again goes on with what the folder holds.
    with lantern.LocalServer(limits="off", crm=given, data=data) as server:
        assert made.account_id in server.crm("accounts").column("id").to_pylist()


def test_pools_are_given_in_the_order_of_turns() -> None:
    users = pl.DataFrame(
        {
            "id": ["005000000000001AAA", "005000000000002AAA", "005000000000003AAA"],
            "name": ["A", "B", "C"],
            "active": ["true", "no", "yes"],
        }
    )
    pools = pl.DataFrame({"pool": ["south"] * 3, "user_id": users["id"].reverse()})
    with lantern.LocalServer(limits="off", crm={"users": users, "pools": pools}) as server:
        [pool] = server.client().routing.pools()
        assert pool.pool == "south"
        assert [(user.name, user.active) for user in pool.users] == [
            ("C", True),
            ("B", False),
            ("A", True),
        ]


@pytest.mark.parametrize(
    ("crm", "said"),
    [
        ({"lead": LEADS, "leads": LEADS}, "leads are given twice"),
        ({"deals": LEADS}, 'the CRM has no "deals"'),
        ({"leads": "/no/such/leads.csv"}, "/no/such/leads.csv cannot be read"),
        ({"leads": LEADS.select("AnnualRevenue")}, "none of its columns"),
        ({"leads": LEADS.with_columns(id=pl.lit("7"))}, 'row 0: id is "7"'),
        ({"opportunities": pl.DataFrame({"amount": ["much"]})}, 'column "amount"'),
        ({"contacts": LEADS.with_columns(phone=pl.lit(1.5))}, "cast it to text"),
        ({"pools": pl.DataFrame({"pool": ["a"]})}, 'no column "user_id"'),
    ],
)
def test_a_crm_that_cannot_be_read_says_why(crm: dict[str, object], said: str) -> None:
    with pytest.raises(exceptions.LanternError, match=said):
        lantern.LocalServer(crm=crm)  # type: ignore[arg-type]
