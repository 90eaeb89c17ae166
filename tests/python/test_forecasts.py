"""What a job would do is told before: who is suppressed, and whether a budget refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantern
from lantern import Client, LocalServer
from lantern.exceptions import CreditLimitError, InputError
from other_api import OtherApi, other_api

LIMITS = dict.fromkeys(["sync", "batches", "credits", "bursts"])
ADA = {"record_id": "1", "first_name": "Ada", "last_name": "Byron", "company_domain": "a.example"}


def companies(method: str, path: str, body: Any) -> Any:
    if method != "POST":
        return {"success": True, "tenant_id": 7, "remaining_credits": 1_000_000}
    answer = {"success": True, "credits_consumed": 1, "record_id": body.get("record_id")}
    if path.endswith("/person"):
        return answer | {"person": {"email": f"{body['first_name'].lower()}@found.example"}}
    return answer | {"company": {"name": body.get("domain")}, "converted": True}


@pytest.fixture
def api() -> Iterator[OtherApi]:
    with other_api(companies) as server:
        yield server


def client_of(api: OtherApi, folder: Path) -> Client:
    return Client("key", api.url, ledger=folder / "ledger.sqlite", limits=LIMITS)


@pytest.fixture
def server() -> Iterator[LocalServer]:
    with LocalServer(limits="off") as started:
        yield started


def test_a_plan_of_pairs_counts_only_the_part_that_is_not_known(server: LocalServer) -> None:
    client = server.client()
    people = server.people()
    known, pairs = people.slice(0, 300), people.slice(300, 300)
    client.submit(known, "email", max_credits=500).wait(timeout=60, progress=False)
    # Nothing was seen that a phone number costs.
    plan: Any = client.submit(known, "phone-email", max_credits=5_000, dry_run=True)
    assert (plan["new_ids"], plan["likely_credits"], plan["seen_records"]) == (300, None, 0)
    client.submit(pairs, "phone-email", max_credits=5_000).wait(timeout=60, progress=False)
    plan = client.submit(known, "phone-email", max_credits=5_000, dry_run=True)
    assert plan["seen_records"] == 300
    before = server.credits_used
    client.submit(known, "phone-email", max_credits=5_000).wait(timeout=60, progress=False)
    spent = server.credits_used - before
    assert plan["likely_least"] <= spent <= plan["likely_most"]
    # The addresses are not counted once more.
    rows = client.submit(pairs, "phone-email", max_credits=0, key="again").table().to_pylist()
    phones = sum(row["phone_found"] for row in rows)
    assert plan["likely_credits"] == pytest.approx(5 * phones, abs=30)


def test_a_plan_counts_who_is_suppressed_and_what_the_budget_leaves(server: LocalServer) -> None:
    client = server.client()
    ids = server.people().column("id").to_pylist()[:20]
    client.suppress.add(ids[:2])
    client.budgets.set("team", max_credits=5)
    options: dict[str, Any] = {"max_credits": 100, "budget": "team", "suppress": [ids[2]]}
    plan: Any = client.submit(pl.DataFrame({"id": ids}), "email", dry_run=True, **options)
    assert (plan["suppressed_ids"], plan["new_ids"], plan["known_ids"]) == (3, 17, 0)
    assert (plan["most_credits"], plan["ids_within_budget"]) == (5, 5)
    assert (plan["budget"]["name"], plan["budget"]["left"], plan["refused"]) == ("team", 5, None)
    job = client.submit(pl.DataFrame({"id": ids}), "email", key="one", **options)
    assert job.wait(timeout=60, progress=False).state == "budget_spent"
    # The job goes on; a new one is refused, with the same words.
    plan = client.submit(pl.DataFrame({"id": ids}), "email", key="one", dry_run=True, **options)
    assert (plan["known"], plan["refused"], plan["most_credits"]) == (True, None, 0)
    assert plan["suppressed_ids"] == 3
    table = pl.DataFrame({"id": ids[:2] + server.people().column("id").to_pylist()[30:33]})
    plan = client.submit(table, "email", dry_run=True, **options)
    assert "has 0 of 5 credits left" in plan["refused"]
    with pytest.raises(CreditLimitError) as refused:
        client.submit(table, "email", **options)
    assert str(refused.value).startswith(plan["refused"])
    # Where nobody would be asked, nothing is refused.
    hidden = pl.DataFrame({"id": ids[:2]})
    plan = client.submit(hidden, "email", dry_run=True, **options)
    assert (plan["refused"], plan["batches"], plan["suppressed_ids"]) == (None, 0, 2)
    job = client.submit(hidden, "email", **options)
    job.wait(timeout=60, progress=False)
    assert job.table().column("status").to_pylist() == ["suppressed"] * 2


def test_people_by_name_are_counted_as_suppressed(server: LocalServer) -> None:
    client = server.client()
    client.suppress.add(["linkedin.com/in/ada"])
    table = pl.DataFrame({"page": ["https://linkedin.com/in/Ada/", "linkedin.com/in/bob", None]})
    plan: Any = client.submit(
        table, "email", columns={"linkedin": "page"}, max_credits=9, dry_run=True
    )
    assert (plan["suppressed_ids"], plan["new_ids"], plan["incomplete"]) == (1, 1, 1)


def test_a_plan_of_mapped_calls_says_the_same(api: OtherApi, tmp_path: Path) -> None:
    client = client_of(api, tmp_path)
    client.suppress.add(["quiet.example"])
    client.budgets.set("team", max_credits=1, per="month")
    table = pl.DataFrame(
        {"n": ["1", "2", "3"], "d": ["a.example", "www.quiet.example", "b.example"]}
    )
    options: dict[str, Any] = {
        "columns": {"record_id": "n", "domain": "d"},
        "max_credits": 9,
        "budget": "team",
    }
    plan: Any = client.map(table, "enrich.company", dry_run=True, **options)
    assert (plan["suppressed_rows"], plan["new_rows"], plan["calls"]) == (1, 2, 2)
    assert (plan["most_credits"], plan["rows_within_budget"]) == (1, 1)
    assert (plan["budget"]["per"], plan["refused"]) == ("month", None)
    done = client.map(table, "enrich.company", **options)
    assert done.column("status").to_pylist() == ["done", "suppressed", "over_budget"]
    other = table.with_columns(d=pl.Series(["c.example", "quiet.example", "d.example"]))
    plan = client.map(other, "enrich.company", dry_run=True, **options)
    assert "has 0 of 1 credits left" in plan["refused"]
    with pytest.raises(CreditLimitError):
        client.map(other, "enrich.company", **options)
    hidden = client.map(other[1:2], "enrich.company", **options)
    assert hidden.column("status").to_pylist() == ["suppressed"]


def test_helpers_plan_and_say_where_answers_come_from(server: LocalServer) -> None:
    client = server.client()
    leads = server.crm("leads").slice(0, 3)
    plan: Any = client.convert_leads(leads, max_credits=3, dry_run=True)
    assert (plan["new_rows"], plan["calls"], plan["most_credits"]) == (3, 3, 3)
    assert server.credits_used == 0
    done = client.convert_leads(leads, max_credits=3, provenance=True)
    assert done.column_names[-3:] == ["answered_at", "run_id", "answer_credits"]
    options: dict[str, Any] = {"object": "lead", "pool": "default", "max_credits": 3}
    plan = client.assign(leads, dry_run=True, **options)
    assert (plan["kind"], plan["most_credits"]) == ("routing.assign", 3)
    spent = server.credits_used
    with pytest.raises(InputError, match="do so again for the rows of the sample"):
        client.map(
            leads, "salesforce.convert", columns={"lead_sf_id": "id"}, max_credits=3, sample=1
        )
    assert server.credits_used == spent
    accounts = server.crm("accounts")
    cascade: Any = client.match_cascade(
        server.crm("leads"),
        accounts,
        fields={"company": ("company", "name"), "domain": "domain"},
        left_id="id",
        sure=0.995,
        unsure=0.1,
        max_credits=500,
        dry_run=True,
    )
    rows = server.crm("leads").num_rows
    assert cascade["local_rows"] + cascade["rows"] == rows
    assert cascade["most_credits"] <= 5 * cascade["new_rows"]
    assert server.credits_used == spent


def test_single_calls_keep_to_the_list(api: OtherApi, tmp_path: Path) -> None:
    client = client_of(api, tmp_path)
    assert client.enrich.person(**ADA).person.email == "ada@found.example"
    client.suppress.add(["Bob@A.example", "found.example"])
    with pytest.raises(InputError, match="not sent") as refused:
        client.enrich.person(**ADA, email="bob@a.example")
    assert 'field "email"' in str(refused.value)
    with pytest.raises(InputError, match="not sent"):
        client.agents.email(["P1", "bob@a.example"], max_credits=9)
    assert len(api.posts()) == 1
    # The answer is paid for, and not given back.
    with pytest.raises(InputError, match="not given back") as kept:
        client.enrich.person(**ADA)
    assert len(api.posts()) == 2
    assert "ada@found" not in str(kept.value)
    client.suppress.remove(["found.example"])
    assert client.enrich.person(**ADA).person.email == "ada@found.example"


def test_files_are_read_without_those_who_are_suppressed(tmp_path: Path) -> None:
    path = tmp_path / "result.csv"
    path.write_text("id,email,email_found\nP1,ada@a.example,true\nP2,b@b.example,true\nP3,,false\n")
    ledger = tmp_path / "ledger.sqlite"
    client = Client("key", "http://127.0.0.1:9", ledger=ledger)
    client.suppress.add(["P1"])
    assert lantern.read_results(path).column("id").to_pylist() == ["P1", "P2", "P3"]
    rest = lantern.read_results(path, ledger=client.ledger)
    assert rest.column("id").to_pylist() == ["P2", "P3"]
    rest = lantern.read_results(path, ledger=ledger, suppress=["B.example"])
    assert rest.column("id").to_pylist() == ["P3"]
    with pytest.raises((TypeError, InputError)):
        lantern.read_results(path, suppress=7)  # type: ignore[arg-type]


def test_the_shell_plans_with_budgets_and_lists(server: LocalServer, tmp_path: Path) -> None:
    table = tmp_path / "companies.csv"
    pl.DataFrame({"n": ["1", "2"], "d": ["a.example", "quiet.example"]}).write_csv(table)
    listed = tmp_path / "list.txt"
    listed.write_text("quiet.example\n")
    settings = ["--ledger", str(tmp_path / "l.sqlite"), "--base-url", server.url, "--rate", "off"]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        code = "import sys; from lantern._lantern import _main; sys.exit(_main(sys.argv))"
        return subprocess.run(
            [sys.executable, "-c", code, *words, *settings, "--api-key", server.key],
            capture_output=True,
            text=True,
            check=False,
        )

    made = run("budget", "set", "team", "--max-credits", "1")
    assert made.returncode == 0, made.stderr
    ask = ["map", str(table), "--call", "enrich.company", "--field", "record_id=n"]
    ask += ["--field", "domain=d", "--max-credits", "9", "--budget", "team"]
    ask += ["--suppress", str(listed)]
    told = run(*ask, "--dry-run", "--json")
    plan = json.loads(told.stdout)
    assert (plan["suppressed_rows"], plan["new_rows"], plan["budget"]["left"]) == (1, 1, 1)
    spoken = run(*ask, "--dry-run")
    assert "1 suppressed" in spoken.stdout
    assert 'the budget "team" has 1 of 1 credits left' in spoken.stdout
    done = run(*ask, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["row_counts"] == {"done": 1, "suppressed": 1}
