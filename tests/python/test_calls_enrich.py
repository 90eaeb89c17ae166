"""`client.enrich` and `client.match`, one call each, blocking and awaited."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import lantern
from lantern import exceptions


def known(server: lantern.LocalServer) -> dict[str, str]:
    """Somebody of whom the directory knows everything."""
    people = server.people().to_polars().drop_nulls()
    return people.row(0, named=True)


Ask = Callable[[Any], Any]

CALLS: dict[str, Callable[[Any, dict[str, str]], Any]] = {
    "phone": lambda client, one: client.enrich.phone(
        record_id=1,
        first_name=one["first_name"],
        last_name=one["last_name"],
        company=one["company_name"],
        domain=one["company_url"],
    ),
    "email": lambda client, one: client.enrich.email(
        record_id="1",
        first_name=one["first_name"],
        last_name=one["last_name"],
        company=one["company_name"],
        linkedin=one["linkedin"],
    ),
    "company": lambda client, one: client.enrich.company(
        record_id="1", domain=one["company_url"], external_ids={"sf": "001"}, effort="high"
    ),
    "person": lambda client, one: client.enrich.person(
        record_id="1",
        first_name=one["first_name"],
        last_name=one["last_name"],
        company_domain=one["company_url"],
        effort="medium",
    ),
    "ai": lambda client, one: client.enrich.ai(one["email"]),
    "research": lambda client, one: client.enrich.research(one["email"], agent_type="legal"),
    "match": lambda client, one: client.match(
        object="contact", candidates=[{"email": one["email"]}], rules=["email:eq"]
    ),
}
PRICES = {
    "phone": 5,
    "email": 1,
    "company": 1,
    "person": 2,
    "ai": 1,
    "research": 5,
    "match": 1,
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_answers_the_same_blocking_and_awaited(name: str) -> None:
    with lantern.LocalServer(limits="off", size=300) as server:
        one = known(server)
        first = CALLS[name](server.client(), one)
        assert first.credits_consumed == PRICES[name]
        assert first.credits_remaining == 1_000_000 - PRICES[name]
        assert first.processing_time_ms >= 0
        assert len(first.request_id) == 36
        async with server.async_client() as client:
            awaited = CALLS[name](client, one)
            assert inspect.isawaitable(awaited)
            second = await awaited
        assert type(second) is type(first)
        metering = {"credits_consumed", "credits_remaining", "processing_time_ms", "cached"}
        assert set(first.to_dict()) >= {"success", "credits_consumed", "credits_remaining"}
        for field in first.to_dict().keys() - metering - {"person", "company"}:
            assert first.to_dict()[field] == second.to_dict()[field], field
        cached = name in ("phone", "email", "company", "person")
        assert second.cached is (cached or (False if name == "match" else None))
        assert (second.credits_consumed == 0) is cached


def test_answers_are_frozen_typed_and_print_themselves(lantern_server: lantern.LocalServer) -> None:
    one = known(lantern_server)
    client = lantern_server.client()
    answer = CALLS["company"](client, one)
    company = answer.company
    assert isinstance(company, lantern.EnrichedCompany)
    assert isinstance(company.hq, lantern.Headquarters)
    assert isinstance(company.geo, lantern.Geo)
    assert isinstance(company.geo.lat, float)
    assert company.to_dict()["hq"]["city"] == company.hq.city
    assert company == answer.company
    assert repr(answer).startswith("CompanyEnriched(record_id='1', company=EnrichedCompany(name=")
    with pytest.raises(AttributeError):
        answer.record_id = "2"
    person = CALLS["person"](client, one).person
    assert isinstance(person, lantern.EnrichedPerson)
    assert (person.title, person.phone) == (one["title"], one["phone_number"])
    assert person.email_status == "valid"


def test_an_answer_in_words_can_be_a_dictionary(lantern_server: lantern.LocalServer) -> None:
    one = known(lantern_server)
    client = lantern_server.client()
    assert one["title"] in client.enrich.ai(one["email"]).response
    answer = client.enrich.ai(one["email"], format_json=True)
    assert answer.response["subjects"][0]["id"] == one["id"]
    assert answer.token_usage.total_tokens == 0
    assert "without a language model" in answer.to_dict()["answered_by"]
    assert client.enrich.research(one["email"]).agent_used == "general"


def test_matches_say_what_and_why(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    contacts = lantern_server.crm("contacts").to_polars().drop_nulls("email")
    one = contacts.row(0, named=True)
    candidate = {"id": 7, "email": one["email"].upper(), "name": "X"}
    for rules in (
        ["email:eq"],
        {"mode": "simple", "rules": ["email:eq"], "threshold": 0.8},
        {"mode": "grouped", "groups": [{"all": ["email:eq"]}, {"all": ["name:eq"]}], "any": True},
        {"mode": "ai", "threshold": 0.1, "instructions": "be strict"},
    ):
        answer = client.match(object="contact", candidates=[candidate], rules=rules)
        result = answer.results[0]
        assert (result.candidate_index, result.candidate_id) == (0, "7")
        best = result.matches[0]
        assert best.sf_id == one["id"]
        # Without rules, what decided is the fields that agree.
        fields = isinstance(rules, dict) and rules["mode"] == "ai"
        assert best.matched_rules == (["email"] if fields else ["email:eq"])
        assert 0 < best.confidence <= 1
        assert "email is the same" in best.explanation


@pytest.mark.parametrize(
    "rules",
    [
        ["email:eq"],
        ["company:fuzzy0.8", "country:eq"],
        ["last_name:fuzzy0.9", "first_name:eq"],
        ["first_name_company:fuzzy0.7"],
        [["email:exact"], ["last_name:eq", "company:contains"]],
    ],
    ids=str,
)
def test_rules_decide_as_local_matching_does(
    lantern_server: lantern.LocalServer, rules: list[Any]
) -> None:
    columns = ["id", "first_name", "last_name", "email", "company", "country"]
    contacts = lantern_server.crm("contacts").to_polars().select(columns)
    leads = lantern_server.crm("leads").to_polars().select(columns).head(60)
    grouped = isinstance(rules[0], list)
    spelled = (
        {"mode": "grouped", "groups": [{"all": group} for group in rules], "any": True}
        if grouped
        else {"mode": "simple", "rules": rules}
    )
    answer = lantern_server.client().match(
        object="contact", candidates=leads.to_dicts(), rules={**spelled, "threshold": 0.3}
    )
    paid = {
        (result.candidate_id, match.sf_id, match.confidence)
        for result in answer.results
        for match in result.matches
    }
    found = lantern.match(
        leads, contacts, rules, left_id="id", right_id="id", top=50, threshold=0.3
    ).table()
    pairs = zip(
        *(found.column(name).to_pylist() for name in ("left_id", "right_id", "confidence")),
        strict=True,
    )
    # The API rounds halves up.
    free = {(left, right, int(confidence * 1e4 + 0.5) / 1e4) for left, right, confidence in pairs}
    assert free == paid
    assert paid


BAD: list[tuple[str, str, Ask]] = [
    (
        "first_name",
        "give first_name, last_name and company, or linkedin_id, or email",
        lambda client: client.enrich.phone(record_id="1"),
    ),
    ("record_id", "record_id is empty", lambda client: client.enrich.company(record_id=" ")),
    (
        "company",
        "company is empty",
        lambda c: c.enrich.email(record_id="1", first_name="A", last_name="B", company=""),
    ),
    (
        "company_domain",
        "company_domain is empty",
        lambda c: c.enrich.person(record_id="1", first_name="A", last_name="B", company_domain=""),
    ),
    ("query", "8001 characters", lambda client: client.enrich.ai("x" * 8001)),
    ("query", "query is empty", lambda client: client.enrich.research("")),
    ("effort", "use low or medium or high", lambda client: client.enrich.ai("x", effort="max")),
    (
        "agent_type",
        "use general or funding or legal",
        lambda client: client.enrich.research("x", agent_type="spy"),
    ),
    (
        "max_credits",
        "max_credits is 0",
        lambda client: client.enrich.ai("x", max_credits=0),
    ),
    (
        "object",
        "use account or contact or lead",
        lambda client: client.match(object="Lead", candidates=[{"a": 1}], rules=["a:eq"]),
    ),
    (
        "candidates",
        "candidates is empty",
        lambda client: client.match(object="lead", candidates=[], rules=["a:eq"]),
    ),
    (
        "rules",
        "must be above 0 and at most 1",
        lambda c: c.match(object="lead", candidates=[{"a": 1}], rules=["company:fuzzy1.2"]),
    ),
    (
        "rules",
        "give a list of rules",
        lambda client: client.match(object="lead", candidates=[{"a": 1}], rules="email:eq"),
    ),
    (
        "rules.mode",
        "unknown variant",
        lambda client: client.match(object="lead", candidates=[{"a": 1}], rules={"mode": "x"}),
    ),
]


@pytest.mark.parametrize(("field", "says", "call"), BAD)
def test_a_bad_call_is_refused_before_it_is_sent(
    field: str, says: str, call: Ask, client_of: Callable[..., lantern.Client]
) -> None:
    # Nobody listens there: a call that were sent would fail otherwise.
    client = client_of("http://127.0.0.1:9", retries=0)
    with pytest.raises(exceptions.ValidationError, match=says) as raised:
        call(client)
    assert raised.value.field == field
    assert raised.value.status is None


def test_arguments_of_another_type_are_type_errors(
    client_of: Callable[..., lantern.Client],
) -> None:
    client = client_of("http://127.0.0.1:9")
    for call in (
        lambda: client.enrich.company(record_id=1.5),
        lambda: client.enrich.ai(5),
        lambda: client.enrich.company(record_id="1", external_ids=["a"]),
        lambda: client.match(object="lead", candidates=["a"], rules=["a:eq"]),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(exceptions.InputError, match="max_credits is 'many'"):
        client.enrich.ai("x", max_credits="many")
    with pytest.raises(ValueError, match=r"JSON compliant|Out of range"):
        client.match(object="lead", candidates=[{"a": float("nan")}], rules=["a:eq"])


async def test_errors_of_the_api_are_typed(lantern_server: lantern.LocalServer) -> None:
    one = known(lantern_server)
    with pytest.raises(exceptions.CreditLimitError, match="max_credits is 4") as raised:
        lantern_server.client().enrich.phone(record_id="1", email=one["email"], max_credits=4)
    assert raised.value.required == 5
    with lantern.LocalServer(limits="off", credits=3) as poor:
        one = known(poor)
        async with poor.async_client() as client:
            with pytest.raises(exceptions.CreditLimitError):
                await client.enrich.phone(record_id="1", email=one["email"])
    with pytest.raises(exceptions.AuthenticationError):
        lantern_server.client(api_key="wrong").enrich.ai("x")


def test_unknown_fields_and_second_spellings_are_taken(
    answering: Callable[[bytes | None], tuple[str, list[bytes]]],
    client_of: Callable[..., lantern.Client],
) -> None:
    from conftest import http

    body = (
        '{"success": true, "record_id": "1", "phone": "+14155552671", "credits_consumed": 5.0,'
        ' "credits_remaining": "7.5", "eta": [1], "confidence": "certain"}'
    )
    url, requests = answering(http("200 OK", body))
    answer = client_of(url).enrich.phone(record_id="1", email="a@b.example")
    assert answer.phone_number == "+14155552671"
    assert (answer.credits_consumed, answer.credits_remaining) == (5, 7.5)
    assert isinstance(answer.credits_consumed, int)
    assert answer.confidence == "certain"
    assert answer.to_dict()["eta"] == [1]
    assert requests[0].startswith(b"POST /v1/enrich/phone ")
    assert requests[0].endswith(b'{"record_id":"1","email":"a@b.example"}')


def test_a_call_that_may_have_arrived_is_not_sent_again(
    answering: Callable[[bytes | None], tuple[str, list[bytes]]],
    client_of: Callable[..., lantern.Client],
) -> None:
    from conftest import http

    url, requests = answering(http("502 Bad Gateway", "oops"))
    with pytest.raises(exceptions.OutcomeUnknown):
        client_of(url).enrich.ai("x")
    assert len(requests) == 1
