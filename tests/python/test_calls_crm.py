"""`client.salesforce`, `routing`, `triggers`, `workflows` and `forms`, blocking and awaited."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lantern
from lantern import exceptions


def ids(server: lantern.LocalServer, objects: str) -> list[str]:
    return server.crm(objects).column("id").to_pylist()


async def test_a_lead_is_converted_once(lantern_server: lantern.LocalServer) -> None:
    lead = ids(lantern_server, "leads")[0]
    first = lantern_server.client().salesforce.convert(
        lead_sf_id=lead,
        match_policy={
            "contact": {"by": ["email:eq"], "create_if_no_match": True},
            "account": {"by": ["company:fuzzy0.9"], "create_if_no_match": True},
        },
        merge_policy={
            "on_contact_match": "create_separate_contact",
            "on_account_match": "attach_to_account",
        },
        set_owner_round_robin_pool="default",
        logs={"level": "all"},
    )
    assert first.status == "converted"
    assert first.actions[-1] == "converted_lead"
    assert first.credits_consumed == 1
    contacts = lantern_server.crm("contacts").to_polars()
    contact = contacts.filter(contacts["id"] == first.contact_id).row(0, named=True)
    assert (contact["account_id"], contact["owner_id"]) == (first.account_id, first.owner_id)
    async with lantern_server.async_client() as client:
        again = await client.salesforce.convert(lead_sf_id=lead)
    assert again.status == "duplicate"
    assert again.contact_id == first.contact_id


async def test_parallel_assignments_are_fair(lantern_server: lantern.LocalServer) -> None:
    users = ids(lantern_server, "users")[:4]
    leads = ids(lantern_server, "leads")
    async with lantern_server.async_client() as client:
        pool = await client.routing.put_pool("four", users)
        assert [user.id for user in pool.users] == users
        answers = await asyncio.gather(
            *(
                client.routing.assign(object="lead", sf_id=leads[at], pool="four")
                for at in range(100)
            )
        )
        assert Counter(answer.assigned_to for answer in answers) == dict.fromkeys(users, 25)
        assert sorted(answer.sequence for answer in answers) == list(range(1, 101))
        assert {answer.pool_size for answer in answers} == {4}
        pools = {pool.pool: pool for pool in await client.routing.pools()}
        assert pools["four"].sequence == 100
        assert await client.routing.delete_pool("four") is True
        assert await client.routing.delete_pool("four") is False


def test_a_reset_names_its_reason(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    lead = ids(lantern_server, "leads")[0]
    first = client.routing.assign(object="lead", sf_id=lead, pool="default")
    again = client.routing.assign(
        object="lead",
        sf_id=lead,
        pool="default",
        exclude_inactive=True,
        reset_rules={"reason": "user_request", "place_user_at_top": first.assigned_to},
    )
    assert again.assigned_to != first.assigned_to
    assert again.credits_consumed == 2
    third = client.routing.assign(object="lead", sf_id=lead, pool="default")
    assert third.assigned_to == first.assigned_to


async def test_every_object_and_event_of_a_trigger(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    for object_ in ("Lead", "Contact", "Account", "Opportunity"):
        table = {"Opportunity": "opportunities"}.get(object_, object_.lower() + "s")
        some = ids(lantern_server, table)[:2]
        for event in ("after_insert", "after_update", "after_undelete"):
            answer = client.triggers.salesforce(
                object=object_, ids=some, event=event, org_id="00D000000000001"
            )
            assert answer.processed_count == len(answer.enrichment_jobs) == 2
            assert answer.workflow_status == "started"
    async with lantern_server.async_client() as awaited:
        answer = await awaited.triggers.salesforce(
            object="Lead", ids=["00QLc0zzzzzzzzz"], event="after_insert", org_id="00D"
        )
        assert answer.workflow_status == "failed"


async def test_workflows_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "workflows.json"
    steps = [{"do": "enrich"}, {"do": "push", "to": "crm"}, {"do": "route", "pool": "emea"}]
    file.write_text(json.dumps({"workflow": [{"id": "new lead", "step": steps}]}))
    with lantern.LocalServer(limits="off", size=300, workflows=file) as server:
        answer = server.client().workflows.trigger(
            "new lead",
            record_data={"email": "jean@navy.example", "amount": 5},
            source_system="data_lake",
            enrichment_preferences={"enrich": True},
        )
        assert (answer.status, answer.workflow_id) == ("triggered", "new lead")
        assert answer.credits_consumed == 4
        assert answer.request_id
        record = answer.to_dict()["record"]
        leads = server.crm("leads").to_polars()
        lead = leads.filter(leads["id"] == record["id"]).row(0, named=True)
        assert (lead["owner_id"], lead["source"]) == (record["owner_id"], "data_lake")
        async with server.async_client() as client:
            with pytest.raises(exceptions.NotFoundError, match="no workflow"):
                await client.workflows.trigger("../other", record_data={"a": 1})


async def test_forms_are_checked_enriched_and_pushed(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    answer = client.forms.submit(
        name="Jean Bartik",
        email="jean@navy.example",
        company="Navy",
        phone="(212) 555-0105",
        title="Programmer",
        additional_fields={"country": "US", "consent": True},
        form_source="pricing",
        enrichment_preferences={"enrich": True},
        output_preferences={"push_to": "salesforce"},
    )
    assert (answer.status, answer.gdpr_safe) == ("pushed", True)
    assert answer.enriched_lead["phone"] == "+12125550105"
    assert answer.push_status.startswith("created:00Q")
    async with lantern_server.async_client() as awaited:
        again = await awaited.forms.submit(
            email="jean@navy.example", output_preferences={"return_data": False}
        )
        assert (again.status, again.enriched_lead, again.push_status) == ("enriched", None, None)
        for field, value in (("email", "x@mailinator.com"), ("phone", "123")):
            with pytest.raises(exceptions.ValidationError) as raised:
                await awaited.forms.submit(**({"email": "a@navy.example"} | {field: value}))
            assert raised.value.field == field


Call = Callable[[lantern.Client], Any]

BAD: list[tuple[str, str, Call]] = [
    ("lead_sf_id", "is empty", lambda c: c.salesforce.convert(lead_sf_id="")),
    (
        "merge_policy.on_contact_match",
        "unknown variant",
        lambda c: c.salesforce.convert(lead_sf_id="x", merge_policy={"on_contact_match": "eat"}),
    ),
    (
        "match_policy.contact.by[0]",
        "must be above 0 and at most 1",
        lambda c: c.salesforce.convert(
            lead_sf_id="x", match_policy={"contact": {"by": ["a:fuzzy0"]}}
        ),
    ),
    (
        "object",
        "use lead or contact or opportunity or account",
        lambda c: c.routing.assign(object="Lead", sf_id="x", pool="p"),
    ),
    ("pool", "pool is empty", lambda c: c.routing.assign(object="lead", sf_id="x", pool=" ")),
    (
        "reset_rules.reason",
        "is missing or null, and the call needs it",
        lambda c: c.routing.assign(object="lead", sf_id="x", pool="p", reset_rules={}),
    ),
    ("pool", "a step in a path", lambda c: c.routing.delete_pool("..")),
    ("users", "users is empty", lambda c: c.routing.put_pool("p", [])),
    (
        "event",
        "use after_insert or after_update or after_undelete",
        lambda c: c.triggers.salesforce(object="Lead", ids=["x"], event="before", org_id="o"),
    ),
    (
        "ids",
        "ids is empty",
        lambda c: c.triggers.salesforce(object="Lead", ids=[], event="after_insert", org_id="o"),
    ),
    (
        "workflow_id",
        "a step in a path",
        lambda c: c.workflows.trigger("..", record_data={"a": 1}),
    ),
    ("record_data", "is empty", lambda c: c.workflows.trigger("x", record_data={})),
    ("email", "is not an e-mail address", lambda c: c.forms.submit(email="ada")),
]


@pytest.mark.parametrize(("field", "says", "call"), BAD)
def test_a_bad_call_is_refused_before_it_is_sent(
    field: str, says: str, call: Call, client_of: Callable[..., lantern.Client]
) -> None:
    client = client_of("http://127.0.0.1:9", retries=0)
    with pytest.raises(exceptions.ValidationError, match=says) as raised:
        call(client)
    assert (raised.value.field or "").startswith(field.split("[")[0].split(".reason")[0])
    assert raised.value.status is None


def test_a_record_that_is_not_there_is_not_found(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    nobody = "00QLc0zzzzzzzzz"
    with pytest.raises(exceptions.NotFoundError, match="no Lead"):
        client.salesforce.convert(lead_sf_id=nobody)
    with pytest.raises(exceptions.NotFoundError, match="no pool"):
        client.routing.assign(
            object="lead", sf_id=ids(lantern_server, "leads")[0], pool="x'; DROP TABLE pools; --"
        )
    assert len(client.routing.pools()) == 3
