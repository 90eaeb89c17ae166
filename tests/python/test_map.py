"""`client.map`: one call a row, within a budget, never paid twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import lantern
from lantern import exceptions

COLUMNS = {"record_id": "id", "domain": "domain"}


async def test_a_table_comes_back_typed_and_in_order(lantern_server: lantern.LocalServer) -> None:
    companies = lantern_server.companies().to_polars().head(60)
    client = lantern_server.client()
    answers = client.map(companies, "enrich.company", columns=COLUMNS, max_credits=60).to_polars()
    assert answers["name"].to_list() == companies["name"].to_list()
    assert answers["lat"].dtype == pl.Float64
    assert set(answers["status"]) == {"done"}
    assert answers["credits"].sum() == lantern_server.credits_used == 60
    # The same again, from a lazy frame, by the other client, sends nothing.
    lantern_server.add_fault("POST /v1/*: status 500")
    async with lantern_server.async_client(ledger=client.ledger) as awaited:
        again = await awaited.map(
            companies.lazy(), "enrich.company", columns=COLUMNS, max_credits=60
        )
    assert again.to_polars().equals(answers)


def test_an_empty_answer_has_the_same_types(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    table = pl.DataFrame({"id": [1], "domain": ["nowhere.example"]})
    nothing = client.map(table, "enrich.company", columns=COLUMNS, max_credits=1)
    some = client.map(
        lantern_server.companies().slice(0, 1), "enrich.company", columns=COLUMNS, max_credits=1
    )
    assert nothing.schema == some.schema
    assert nothing.column("credits").to_pylist() == [0]


def test_every_family_of_one_record_can_be_mapped(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    people = lantern_server.people().to_polars().drop_nulls().head(3)
    leads = lantern_server.crm("leads").to_polars().head(3)
    name = {"record_id": "id", "first_name": "first_name", "last_name": "last_name"}
    for call, table, columns, arguments in (
        ("enrich.phone", people, name | {"company": "company_name"}, {}),
        ("enrich.email", people, name | {"company": "company_name"}, {}),
        ("enrich.person", people, name | {"company_domain": "company_url"}, {"effort": "low"}),
        ("enrich.ai", people, {"query": "email"}, {"options": {"format_json": True}}),
        ("enrich.research", people, {"query": "email"}, {"agent_type": "legal"}),
        ("routing.assign", leads, {"sf_id": "id"}, {"object": "lead", "pool": "default"}),
        ("salesforce.convert", leads, {"lead_sf_id": "id"}, {}),
        (
            "workflows.trigger",
            people,
            {"record_data.email": "email"},
            {"workflow_id": "default", "source_system": "cdp"},
        ),
        ("forms.submit", people, {"email": "email"}, {"additional_fields": {"consent": True}}),
    ):
        answers = client.map(table, call, columns=columns, arguments=arguments, max_credits=100)
        assert answers.column("status").to_pylist() == ["done"] * 3, (call, answers.to_polars())
        assert answers.num_columns > 4


def test_a_killed_map_goes_on_and_pays_nothing_twice(tmp_path: Path) -> None:
    with lantern.LocalServer(
        limits="off", faults=["POST /v1/enrich/company: delay 5ms"], size=2_000
    ) as server:
        script = f"""
import lantern
client = lantern.Client({server.key!r}, {server.url!r}, ledger={str(tmp_path / "l.sqlite")!r},
                        limits={{"sync": None}})
table = lantern.LocalServer(size=2_000).companies()
print("go", flush=True)
client.map(table, "enrich.company", columns={COLUMNS!r}, max_credits=200, key="k")
"""
        child = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"go\n"
        while server.credits_used < 40:
            assert child.poll() is None
        child.kill()
        child.wait()
        child.stdout.close()
        server.clear_faults()
        client = server.client(ledger=tmp_path / "l.sqlite", limits={"sync": None})

        def go_on(on_in_doubt: str) -> pl.DataFrame:
            return client.map(
                server.companies(),
                "enrich.company",
                columns=COLUMNS,
                max_credits=200,
                key="k",
                on_in_doubt=on_in_doubt,
            ).to_polars()

        try:
            answers = go_on("raise")
        except exceptions.OutcomeUnknown:
            answers = go_on("skip")
        doubts = answers.filter(pl.col("status") == "in_doubt").height
        # Only the calls that were under way can be in doubt.
        assert doubts <= 8
        assert answers.filter(pl.col("status") == "done").height == 200 - doubts
        assert 200 - doubts <= server.credits_used <= 200


def test_a_bad_map_says_what_is_wrong(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    table = pl.DataFrame({"id": ["1", None], "domain": ["a.example", "b.example"], "x": [1.5, 2.5]})

    def go(call: str = "enrich.company", **columns: str) -> None:
        client.map(table, call, columns=columns, max_credits=5)

    with pytest.raises(exceptions.ValidationError, match=r"use enrich\.phone"):
        go("enrich.everything", record_id="id")
    with pytest.raises(exceptions.InputError, match="row 1: record_id"):
        go(record_id="id", domain="domain")
    with pytest.raises(exceptions.InputError, match="did you mean"):
        go(record_id="ids")
    with pytest.raises(exceptions.InputError, match="cast it to text"):
        go(record_id="x")
    with pytest.raises(exceptions.InputError, match="columns is empty"):
        go()
    assert lantern_server.credits_used == 0


def test_a_mapped_job_is_a_job(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    companies = lantern_server.companies().to_polars().drop_nulls("domain").head(6)

    def go(max_credits: int) -> pl.DataFrame:
        return client.map(
            companies, "enrich.company", columns=COLUMNS, max_credits=max_credits, key="mapped"
        ).to_polars()

    go(4)
    job = client.job("mapped")
    assert (job.kind, job.progress().state, job.progress().credits) == (
        "enrich.company",
        "budget_spent",
        4,
    )
    assert job.table().column("status").to_pylist() == ["done"] * 4 + ["over_budget"] * 2
    assert job.missing().column("row").to_pylist() == [4, 5]
    assert job.summary().rows == {"done": 4, "over_budget": 2}
    answers = go(10)
    assert job.wait(progress=False).state == "done"
    assert job.table().to_polars().equals(answers)
    listed = lantern.jobs(ledger=client.ledger).to_polars()
    assert listed.filter(pl.col("key") == "mapped")["kind"].to_list() == ["enrich.company"]
