"""A misspelt name is refused before anything is sent; `extra=` passes on what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

import lantern
from lantern import exceptions
from other_api import OtherApi, other_api

Call = Callable[[Any, dict[str, Any]], Any]


@pytest.fixture
def api() -> Iterator[OtherApi]:
    """An API that answers every call with little."""
    answer = {
        "success": True,
        "credits_consumed": 0,
        "results": [],
        "run_id": "0b0f4f3e-6f0a-4c43-9f8e-7d6c5b4a3f21",
        "result_path": "s3://b/k",
    }
    with other_api(lambda *_: answer) as server:
        yield server


@pytest.fixture
def client(api: OtherApi, tmp_path: Any) -> lantern.Client:
    return lantern.Client(
        "key",
        api.url,
        allow_http=True,
        ledger=str(tmp_path / "ledger.sqlite"),
        limits={"sync": None, "batches": None, "bursts": None},
    )


TABLE = pl.DataFrame({"id": ["1"], "website": ["acme.com"], "nothing": [None]})
COLUMNS = {"record_id": "id", "domain": "website"}
BY = {"by": ["email:eq"], "create_if_no_match": True}


def mapped(call: str, columns: dict[str, str], **arguments: Any) -> Callable[[Any], Any]:
    return lambda client: client.map(
        TABLE, call, columns=columns, arguments=arguments, max_credits=50
    )


def match(rules: Any) -> Callable[[Any], Any]:
    return lambda client: client.match(object="lead", candidates=[{"email": "a"}], rules=rules)


MISSPELT: list[tuple[str, str, Callable[[Any], Any]]] = [
    (
        "match_policy.contact.create_if_no_mach",
        "create_if_no_match",
        lambda client: client.salesforce.convert(
            lead_sf_id="00Q", match_policy={"contact": BY | {"create_if_no_mach": False}}
        ),
    ),
    (
        "match_policy.acount",
        "account",
        lambda client: client.salesforce.convert(lead_sf_id="00Q", match_policy={"acount": BY}),
    ),
    (
        "merge_policy.on_contact_mtach",
        "on_contact_match",
        lambda client: client.salesforce.convert(
            lead_sf_id="00Q", merge_policy={"on_contact_mtach": "create_separate_contact"}
        ),
    ),
    (
        "merge_policy.on_acount_match",
        "on_account_match",
        lambda client: client.convert_leads(
            TABLE, merge_policy={"on_acount_match": "attach_to_account"}, max_credits=5
        ),
    ),
    (
        "reset_rules.place_user_on_top",
        "place_user_at_top",
        lambda client: client.routing.assign(
            object="lead",
            sf_id="00Q",
            pool="p",
            reset_rules={"reason": "bad_fit", "place_user_on_top": "005"},
        ),
    ),
    ("rules.treshold", "threshold", match({"mode": "ai", "treshold": 0.9})),
    ("rules.groups[0].al", "all", match({"groups": [{"al": ["email:eq"]}]})),
    ("rules.ruls", "rules", match({"mode": "simple", "ruls": ["email:eq"]})),
    (
        "records[1].frist_name",
        "first_name",
        lambda client: client.agents.email(
            records=[{"id": "1"}, {"frist_name": "Ada"}], max_credits=5
        ),
    ),
    (
        "enrichment_preferences.enrihc",
        "enrich",
        lambda client: client.workflows.trigger(
            "w", record_data={"a": 1}, enrichment_preferences={"enrihc": False}
        ),
    ),
    (
        "output_preferences.push_too",
        "push_to",
        lambda client: client.forms.submit(
            email="a@b.example", output_preferences={"push_too": "salesforce"}
        ),
    ),
    ("effrot", "effort", mapped("enrich.ai", {"query": "website"}, effrot="high")),
    ("domian", "domain", mapped("enrich.company", {"record_id": "id", "domian": "website"})),
    # A column without a value is no excuse.
    ("domian", "domain", mapped("enrich.company", COLUMNS | {"domian": "nothing"})),
    ("options.format_jsn", "format_json", mapped("enrich.ai", {"options.format_jsn": "id"})),
    (
        "match_policy.contact.create_if_no_mach",
        "create_if_no_match",
        mapped(
            "salesforce.convert",
            {"lead_sf_id": "id"},
            match_policy={"contact": {"by": ["email:eq"], "create_if_no_mach": False}},
        ),
    ),
    (
        "rules.treshold",
        "threshold",
        mapped("match", {"email": "website"}, object="lead", rules={"mode": "ai", "treshold": 1}),
    ),
    (
        "candidats",
        "candidates",
        mapped("match", {"a": "id"}, object="lead", candidats=[], rules=[]),
    ),
]


@pytest.mark.parametrize(("field", "nearest", "call"), MISSPELT, ids=[one[0] for one in MISSPELT])
def test_a_misspelt_name_is_refused_before_anything_is_sent(
    field: str, nearest: str, call: Callable[[Any], Any], client: lantern.Client, api: OtherApi
) -> None:
    with pytest.raises(exceptions.ValidationError) as raised:
        call(client)
    assert raised.value.field == field
    assert f'did you mean "{nearest}"?' in str(raised.value)
    assert "extra=" in str(raised.value)
    assert api.posts() == []


def test_limits_and_prices_name_what_was_meant() -> None:
    with pytest.raises(exceptions.ConfigError, match='did you mean "batches"'):
        lantern.Client("key", limits={"batchs": 2})
    with pytest.raises(exceptions.ConfigError, match='did you mean "phone"'):
        lantern.LocalServer(prices={"phnoe": 2})


EXTRA: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (lambda client, **extra: client.enrich.ai("?", **extra), {"query": "?"}),
    (lambda client, **extra: client.enrich.research("?", **extra), {"query": "?"}),
    (
        lambda client, **extra: client.enrich.phone(record_id="1", email="a@b.example", **extra),
        {"record_id": "1", "email": "a@b.example"},
    ),
    (
        lambda client, **extra: client.enrich.company(record_id="1", **extra),
        {"record_id": "1"},
    ),
    (
        lambda client, **extra: client.match(
            object="lead", candidates=[{"a": "b"}], rules=["a:eq"], **extra
        ),
        {
            "object": "lead",
            "candidates": [{"a": "b"}],
            "rules": {"mode": "simple", "rules": ["a:eq"]},
        },
    ),
    (
        lambda client, **extra: client.salesforce.convert(lead_sf_id="00Q", **extra),
        {"lead_sf_id": "00Q"},
    ),
    (
        lambda client, **extra: client.triggers.salesforce(
            object="Lead", ids=["1"], event="after_insert", org_id="00D", **extra
        ),
        {"object": "Lead", "ids": ["1"], "event": "after_insert", "org_id": "00D"},
    ),
    (
        lambda client, **extra: client.routing.assign(object="lead", sf_id="1", pool="p", **extra),
        {"object": "lead", "sf_id": "1", "pool": "p", "exclude_inactive": True},
    ),
    (
        lambda client, **extra: client.workflows.trigger("w", record_data={"a": 1}, **extra),
        {"record_data": {"a": 1}},
    ),
    (
        lambda client, **extra: client.forms.submit(email="a@b.example", **extra),
        {"email": "a@b.example"},
    ),
    (
        lambda client, **extra: client.agents.phone(["1"], max_credits=5, **extra),
        {"ids": ["1"], "entity_type": "person", "max_credits": 5},
    ),
    (
        lambda client, **extra: client.agents.deep_research(
            ["1"], entity_type="person", max_credits=5, **extra
        ),
        {
            "ids": ["1"],
            "entity_type": "person",
            "query_hint": "",
            "effort": "medium",
            "agent_type": "general",
            "max_credits": 5,
        },
    ),
]


@pytest.mark.parametrize(("call", "body"), EXTRA)
def test_extra_fields_are_sent_as_they_are(
    call: Callable[..., Any], body: dict[str, Any], client: lantern.Client, api: OtherApi
) -> None:
    extra = {"priority": "high", "deep": {"a": [1, None]}}
    call(client, extra=extra)
    assert api.posts() == [body | extra]


def test_extra_fields_stand_inside_the_objects_of_a_request(
    client: lantern.Client, api: OtherApi
) -> None:
    client.salesforce.convert(
        lead_sf_id="00Q",
        match_policy={"contact": BY},
        extra={"match_policy": {"contact": {"region": "EU"}, "household": {"by": []}}},
    )
    client.agents.email(
        records=[{"id": "1"}, {"id": "2"}], max_credits=5, extra={"records": [{}, {"vip": True}]}
    )
    client.forms.submit(email="a@b.example", extra={"output_preferences": {"hubspot": True}})
    convert, batch, form = api.posts()
    assert convert["match_policy"] == {"contact": BY | {"region": "EU"}, "household": {"by": []}}
    assert batch["records"] == [{"id": "1"}, {"id": "2", "vip": True}]
    assert form["output_preferences"] == {"hubspot": True}


@pytest.mark.parametrize(
    ("field", "extra"),
    [
        ("effort", {"effort": "high"}),
        ("query", {"query": "another"}),
        ("options.format_json", {"options": {"format_json": True}}),
    ],
)
def test_a_known_field_is_no_extra_one(
    field: str, extra: dict[str, Any], client: lantern.Client, api: OtherApi
) -> None:
    with pytest.raises(exceptions.ValidationError, match="give it there") as raised:
        client.enrich.ai("?", extra=extra)
    assert raised.value.field == field
    assert api.posts() == []


def test_research_says_that_its_cost_has_no_bound(client: lantern.Client, api: OtherApi) -> None:
    with pytest.raises(exceptions.ValidationError, match="the API takes no limit"):
        client.enrich.research("?", max_credits=5)  # type: ignore[arg-type]
    for arguments in ({"max_credits": 5}, {"effort": "high"}):
        with pytest.raises(exceptions.ValidationError, match="has no field"):
            client.map(
                TABLE,
                "enrich.research",
                columns={"query": "website"},
                arguments=arguments,
                max_credits=50,
            )
    assert api.posts() == []
    client.map(TABLE, "enrich.research", columns={"query": "website"}, max_credits=50)
    assert api.posts() == [{"query": "acme.com"}]


def test_more_than_100_candidates_or_records_are_refused(
    client: lantern.Client, api: OtherApi
) -> None:
    with pytest.raises(exceptions.ValidationError, match="at most 100"):
        client.match(object="lead", candidates=[{"a": "b"}] * 101, rules=["a:eq"])
    with pytest.raises(exceptions.ValidationError, match="at most 100"):
        client.triggers.salesforce(
            object="Lead", ids=["1"] * 101, event="after_insert", org_id="00D"
        )
    with pytest.raises(exceptions.InputError, match="at most 100"):
        client.map(
            TABLE,
            "match",
            columns={"a": "id"},
            arguments={"object": "lead", "rules": ["a:eq"]},
            max_credits=5,
            rows_per_call=101,
        )
    assert api.posts() == []


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("company_domain", {"company_domain": "https://acme.com"}),
        ("company_domain", {"company_domain": "acme"}),
        ("email", {"company_domain": "acme.com", "email": "ada"}),
        ("email", {"company_domain": "acme.com", "email": "ada@acme"}),
    ],
)
def test_an_address_and_a_domain_are_checked_where_the_reference_says_so(
    field: str, arguments: dict[str, Any], client: lantern.Client, api: OtherApi
) -> None:
    with pytest.raises(exceptions.ValidationError) as raised:
        client.enrich.person(record_id="1", first_name="A", last_name="B", **arguments)
    assert raised.value.field == field
    assert api.posts() == []


def test_the_example_of_a_person_whose_domain_is_fine_is_sent(
    client: lantern.Client, api: OtherApi
) -> None:
    client.enrich.person(
        record_id="1", first_name="A", last_name="B", company_domain="m\u00fcller.example"
    )
    assert len(api.posts()) == 1
