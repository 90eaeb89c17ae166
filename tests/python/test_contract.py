"""Every word and example of the contract, through the blocking and the awaited client."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

import lantern
from lantern import exceptions

SPAN = ("2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
EFFORTS = ["low", "medium", "high"]
AGENTS = ["general", "funding", "legal"]
OBJECTS = ["lead", "contact", "opportunity", "account"]
CONSENT = {"consent": True}


class Facts:
    """Somebody and something that the server knows, and the ids of its records."""

    def __init__(self, server: lantern.LocalServer) -> None:
        self.person = server.people().to_polars().drop_nulls().row(0, named=True)
        self.company = server.companies().to_polars().drop_nulls("domain").row(0, named=True)
        self.ids: dict[str, list[str]] = {
            kind: server.crm(kind).column("id").to_pylist()
            for kind in ("leads", "contacts", "opportunities", "accounts", "users")
        }
        self.contact = server.crm("contacts").to_polars().drop_nulls("email").row(0, named=True)

    def of(self, kind: str) -> list[str]:
        return self.ids["opportunities" if kind == "opportunity" else f"{kind}s"]


Call = Callable[[Any, Facts], Any]
CALLS: dict[str, tuple[Call, dict[str, Any]]] = {}


def add(name: str, call: Call, **expected: Any) -> None:
    """A call and the attributes that its answer has."""
    CALLS[name] = (call, expected)


def company(effort: str) -> Call:
    return lambda client, facts: client.enrich.company(
        record_id=f"c-{effort}",
        company_name=facts.company["name"],
        domain=facts.company["domain"],
        country=facts.company["country"],
        external_ids={"sf_account_id": "001"},
        effort=effort,
        max_credits=1,
    )


def person(effort: str) -> Call:
    return lambda client, facts: client.enrich.person(
        record_id=f"p-{effort}",
        first_name=facts.person["first_name"],
        last_name=facts.person["last_name"],
        company_domain=facts.person["company_url"],
        linkedin_id=facts.person["linkedin"],
        effort=effort,
    )


def ask(effort: str, format_json: bool) -> Call:
    return lambda client, facts: client.enrich.ai(
        query=facts.company["domain"], effort=effort, format_json=format_json
    )


def research(agent: str) -> Call:
    return lambda client, facts: client.enrich.research(
        query=facts.company["domain"], agent_type=agent
    )


def match(kind: str, rules: Any) -> Call:
    return lambda client, facts: client.match(
        object=kind,
        candidates=[{"id": 1, "name": "Ada Byron", "company": "Acme", "email": "a@acme.example"}],
        rules=rules,
        context={"instance": "x", "org_id": "00D"},
        max_credits=5,
    )


def assign(kind: str, reset: dict[str, Any] | None) -> Call:
    return lambda client, facts: client.routing.assign(
        object=kind, sf_id=facts.of(kind)[0], pool="default", reset_rules=reset
    )


def convert(row: int, on_contact: str, on_account: str) -> Call:
    return lambda client, facts: client.salesforce.convert(
        lead_sf_id=facts.ids["leads"][row],
        match_policy={
            "contact": {"by": ["email:eq"], "create_if_no_match": True},
            "account": {"by": ["company:fuzzy0.9"], "create_if_no_match": True},
        },
        merge_policy={"on_contact_match": on_contact, "on_account_match": on_account},
        set_owner_round_robin_pool="default",
    )


def salesforce(kind: str, event: str) -> Call:
    return lambda client, facts: client.triggers.salesforce(
        object=kind, ids=facts.of(kind.lower())[:2], event=event, org_id="00D"
    )


def log(kind: str, action: str, form: str, diff: bool) -> Call:
    return lambda client, facts: client.logs.routing(
        *SPAN, object=kind, action=action, format=form, include_diff=diff, limit=10_000
    )


def workflow(source: str | None) -> Call:
    return lambda client, facts: client.workflows.trigger(
        "default",
        record_data={"email": "a@b.example", "custom": {"deep": [1, None]}},
        source_system=source,
        enrichment_preferences={"enrich": False},
    )


def form(output: dict[str, Any]) -> Call:
    return lambda client, facts: client.forms.submit(
        name="Ada Byron",
        email="ada@navy.example",
        company="Navy",
        phone="+44 20 7946 0958",
        title="Analyst",
        additional_fields=CONSENT,
        form_source="web",
        enrichment_preferences={"enrich": True},
        output_preferences=output,
    )


def batch(kind: str) -> Call:
    return lambda client, facts: getattr(client.agents, kind)([facts.person["id"]], max_credits=6)


def deep(entity: str, effort: str, agent: str) -> Call:
    return lambda client, facts: client.agents.deep_research(
        ["P0000001"],
        entity_type=entity,
        effort=effort,
        agent_type=agent,
        query_hint="funding",
        max_credits=20,
    )


add(
    "enrich.phone",
    lambda client, facts: client.enrich.phone(record_id="1", email=facts.person["email"]),
    confidence="high",
)
add(
    "enrich.email",
    lambda client, facts: client.enrich.email(
        record_id="1",
        first_name=facts.person["first_name"],
        last_name=facts.person["last_name"],
        company=facts.person["company_name"],
    ),
)
for effort in EFFORTS:
    add(f"enrich.company {effort}", company(effort))
    add(f"enrich.person {effort}", person(effort))
    for as_json in (False, True):
        price = 2 ** EFFORTS.index(effort)
        add(f"enrich.ai {effort} {as_json}", ask(effort, as_json), credits_consumed=price)
    for agent in AGENTS:
        for entity in ("person", "company"):
            add(f"deep_research {entity} {effort} {agent}", deep(entity, effort, agent))
for agent in AGENTS:
    add(f"enrich.research {agent}", research(agent), agent_used=agent, credits_consumed=5)
GROUPS = [{"all": ["email:eq"]}, {"all": ["name:fuzzy0.9", "company:fuzzy0.85"]}]
RULES: list[tuple[Any, int]] = [
    (["email:exact"], 1),
    (["email:eq", "company:fuzzy0.85"], 1),
    (["company:contains"], 1),
    (["name_company:fuzzy0.8"], 1),
    ({"mode": "simple", "rules": ["email:eq", "company:fuzzy0.85"], "threshold": 0.8}, 1),
    ({"mode": "grouped", "groups": GROUPS, "any": True, "threshold": 0.8}, 2),
    ({"mode": "grouped", "groups": GROUPS, "any": False}, 2),
    ({"groups": GROUPS}, 2),
    ({"rules": ["email:eq"]}, 1),
    ({"mode": "ai", "threshold": 0.8, "instructions": "optional text"}, 5),
]
for kind, (at, (rules, price)) in itertools.product(
    ["account", "contact", "lead"], enumerate(RULES)
):
    add(f"match {kind} {at}", match(kind, rules), credits_consumed=price)
for kind, reason in itertools.product(OBJECTS, [None, "bad_fit", "user_request"]):
    reset = {"reason": reason} if reason else None
    add(f"assign {kind} {reason}", assign(kind, reset), credits_consumed=2 if reason else 1)
for row, (on_contact, on_account) in enumerate(
    itertools.product(
        ["merge_lead_into_contact", "create_separate_contact"],
        ["attach_to_account", "create_separate_account"],
    )
):
    add(f"convert {on_contact} {on_account}", convert(row, on_contact, on_account))
for kind, event in itertools.product(
    ["Lead", "Contact", "Account", "Opportunity"],
    ["after_insert", "after_update", "after_undelete"],
):
    add(f"trigger {kind} {event}", salesforce(kind, event), processed_count=2)
for kind, action, written, diff in itertools.product(
    ["Lead", "Contact", "Account", "Opportunity"],
    ["assign", "convert", "merge", "enrich"],
    ["json", "csv"],
    [True, False],
):
    add(f"log {kind} {action} {written} {diff}", log(kind, action, written, diff))
for source in (None, "eloqua", "cdp", "data_lake"):
    add(f"workflow {source}", workflow(source), status="triggered", credits_consumed=1)
add("form", form({}), status="enriched", gdpr_safe=True)
add("form push", form({"push_to": "salesforce"}), status="pushed", gdpr_safe=True)
for kind in ("phone", "email", "phone_email"):
    add(f"batch {kind}", batch(kind))
add("usage", lambda client, facts: client.credits.usage(*SPAN, workflow_id="default"))
add("remaining", lambda client, facts: client.credits.remaining())
add("stats", lambda client, facts: client.logs.stats(*SPAN))
add("retention", lambda client, facts: client.logs.retention(90), days=90)
add("pools", lambda client, facts: client.routing.pools())


async def test_every_word_is_taken_and_answered_alike_both_ways() -> None:
    with lantern.LocalServer(limits="off", size=500) as server:
        facts = Facts(server)
        client = server.client()
        async with server.async_client() as awaited:
            for name, (call, expected) in CALLS.items():
                blocking, waited = call(client, facts), await call(awaited, facts)
                assert type(blocking) is type(waited), name
                for attribute, value in expected.items():
                    assert getattr(blocking, attribute) == value, name
                    assert getattr(waited, attribute) == value, name
                if name.startswith("convert"):
                    assert (blocking.status, waited.status) == ("converted", "duplicate"), name


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("company:fuzzy1.2", "must be above 0 and at most 1"),
        ("company:fuzzy0", "must be above 0 and at most 1"),
        ("company", "no colon"),
        ("company:like", "like"),
        (":eq", "field"),
    ],
)
async def test_a_bad_rule_is_said_before_it_is_sent(
    rule: str, said: str, lantern_server: lantern.LocalServer
) -> None:
    with pytest.raises(exceptions.ValidationError, match=said):
        lantern_server.client().match(object="lead", candidates=[{"a": "b"}], rules=[rule])
    async with lantern_server.async_client() as client:
        with pytest.raises(exceptions.ValidationError, match=said):
            await client.match(object="lead", candidates=[{"a": "b"}], rules=[rule])
    with pytest.raises(exceptions.InputError, match=said):
        lantern.match(lantern_server.companies(), lantern_server.companies(), [rule])
    assert lantern_server.credits_used == 0
