"""Calls that fail: each says in one sentence what happened and what to do."""

from __future__ import annotations

import socket
from collections.abc import Callable

import polars as pl
import pytest

import lantern
from conftest import http
from lantern import exceptions

Answering = Callable[[bytes | None], tuple[str, list[bytes]]]
ClientOf = Callable[..., lantern.Client]
ACCEPTED = http("200 OK", '{"success": false, "error": "the tenant is locked"}')


def test_a_wrong_key_is_refused_and_never_shown(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client(api_key="sentinel-key-7f3a")
    with pytest.raises(exceptions.AuthenticationError, match="check the API key") as caught:
        client.credits.remaining()
    assert caught.value.status == 401
    assert caught.value.path == "/v1/credits/remaining"
    assert caught.value.request_id
    for text in (str(caught.value), repr(caught.value), repr(client), str(vars(caught.value))):
        assert "sentinel" not in text


def test_an_empty_key_and_no_key_are_refused_before_anything_is_sent() -> None:
    with pytest.raises(exceptions.ConfigError, match="the API key is empty"):
        lantern.Client("  ")
    with pytest.raises(exceptions.ConfigError, match="LANTERN_API_KEY"):
        lantern.Client()


def test_an_unreachable_host_is_named_as_such(client_of: ClientOf) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    client = client_of(f"http://127.0.0.1:{port}", retries=1)
    with pytest.raises(exceptions.APIConnectionError, match="Connection refused") as caught:
        client.credits.remaining()
    assert caught.value.attempts == 2
    # A paid call that did not leave is not in doubt.
    with pytest.raises(exceptions.APIConnectionError, match="check the base URL"):
        client.agents.email(["1"], max_credits=1)


def test_a_host_that_never_answers_ends_a_read_by_time(
    answering: Answering, client_of: ClientOf
) -> None:
    url, _ = answering(None)
    client = client_of(url, read_timeout=0.2, retries=0)
    with pytest.raises(exceptions.APITimeoutError, match="pass a longer timeout="):
        client.credits.remaining()


def test_a_host_that_never_answers_leaves_a_paid_call_in_doubt(
    answering: Answering, client_of: ClientOf
) -> None:
    url, requests = answering(None)
    client = client_of(url, read_timeout=0.2)
    with pytest.raises(exceptions.OutcomeUnknown, match="may have arrived"):
        client.agents.email(["1"], max_credits=1)
    assert len(requests) == 1, "a paid call was sent again"


def test_an_answer_that_is_no_json_says_so(answering: Answering, client_of: ClientOf) -> None:
    url, requests = answering(http("200 OK", "<html>Welcome to nginx</html>"))
    client = client_of(url)
    with pytest.raises(
        exceptions.ServerError, match="that the base URL is that of the Lantern API"
    ):
        client.credits.remaining()
    with pytest.raises(exceptions.OutcomeUnknown, match="is not JSON"):
        client.agents.email(["1"], max_credits=1)
    assert len(requests) == 2


def test_a_200_that_says_no_success_is_an_error(answering: Answering, client_of: ClientOf) -> None:
    url, requests = answering(ACCEPTED)
    client = client_of(url)
    with pytest.raises(exceptions.ServerError, match="the tenant is locked"):
        client.credits.remaining()
    with pytest.raises(exceptions.ServerError, match="the tenant is locked"):
        client.agents.email(["1"], max_credits=1)
    assert len(requests) == 2


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad", "503 Busy", "504 Late"])
def test_a_paid_call_is_never_sent_again_after_a_5xx(
    status: str, answering: Answering, client_of: ClientOf
) -> None:
    url, requests = answering(http(status, '{"success": false, "error": "sorry"}'))
    with pytest.raises(exceptions.OutcomeUnknown):
        client_of(url).agents.phone(["1"], max_credits=5)
    assert len(requests) == 1


def test_a_read_is_tried_again_after_a_503(answering: Answering, client_of: ClientOf) -> None:
    url, requests = answering(http("503 Busy", '{"success": false, "error": "sorry"}'))
    with pytest.raises(exceptions.ServerError, match="not available") as caught:
        client_of(url, retries=2).credits.remaining()
    assert len(requests) == caught.value.attempts == 3


def test_1001_ids_in_one_call_are_refused_before_sending(
    answering: Answering, client_of: ClientOf
) -> None:
    url, requests = answering(ACCEPTED)
    with pytest.raises(exceptions.ValidationError, match="1001 entries") as caught:
        client_of(url).agents.email([str(n) for n in range(1001)], max_credits=1001)
    assert caught.value.field == "ids"
    assert requests == []


def test_no_credits_and_no_ids_are_refused_before_sending(
    answering: Answering, client_of: ClientOf
) -> None:
    url, requests = answering(ACCEPTED)
    client = client_of(url)
    with pytest.raises(exceptions.ValidationError, match="give at least 1"):
        client.agents.email(["1"], max_credits=0)
    with pytest.raises(exceptions.ValidationError, match="neither ids nor records"):
        client.agents.email(max_credits=1)
    with pytest.raises(exceptions.ValidationError, match="use low or medium or high"):
        client.agents.deep_research(["1"], entity_type="company", max_credits=9, effort="max")  # type: ignore[arg-type]
    assert requests == []


@pytest.mark.parametrize(
    ("name", "value"), [("effort", "high"), ("query_hint", "the CFO"), ("agent_type", "legal")]
)
def test_what_a_kind_does_not_use_is_refused_before_sending(
    answering: Answering, client_of: ClientOf, name: str, value: str
) -> None:
    url, requests = answering(ACCEPTED)
    table = pl.DataFrame({"id": ["1"]})
    with pytest.raises(exceptions.ValidationError, match=f"{name} is .* phone does not use it"):
        client_of(url).submit(table, "phone", max_credits=5, **{name: value})  # type: ignore[arg-type]
    assert not [request for request in requests if request.startswith(b"POST")]


def test_too_few_credits_say_how_many(lantern_server: lantern.LocalServer) -> None:
    with lantern.LocalServer(credits=3, limits="off") as server:
        with pytest.raises(exceptions.CreditLimitError, match="not enough credits") as caught:
            server.client().agents.phone(["P0000001"], max_credits=5)
        assert caught.value.required == 5
        assert caught.value.remaining == 3


def test_an_unknown_run_and_one_that_is_no_run_are_told_apart(
    lantern_client: lantern.Client,
) -> None:
    with pytest.raises(exceptions.NotFoundError) as caught:
        lantern_client.agents.status("0d5ba1c9-8f0f-4d0c-a1f8-7d5a3b2a4c11")
    assert caught.value.status == 404
    with pytest.raises(exceptions.ValidationError, match="not a UUID"):
        lantern_client.agents.status("run-1")


def test_over_the_rate_limit_says_when_to_come_back() -> None:
    with lantern.LocalServer(limits={"credits": 1}) as server:
        client = server.client(limits={"credits": None}, retries=0)
        client.credits.remaining()
        client = server.client(limits={"credits": None}, retries=0)
        with pytest.raises(exceptions.RateLimitError, match="over the rate limit") as caught:
            client.credits.remaining()
        assert 50 < caught.value.retry_after <= 60


def test_a_redirect_is_not_followed(answering: Answering, client_of: ClientOf) -> None:
    elsewhere, requests = answering(ACCEPTED)
    url, _ = answering(http("302 Found", "", f"Location: {elsewhere}/v1/credits/remaining"))
    with pytest.raises(exceptions.ServerError, match="correct the base URL"):
        client_of(url).credits.remaining()
    assert requests == []


def test_plain_http_to_another_machine_is_refused() -> None:
    with pytest.raises(exceptions.ConfigError, match="unencrypted"):
        lantern.Client("k", "http://api.example.com")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"limits": {"batch": 3}}, "the limits are sync, batches, credits and bursts"),
        ({"limits": {"sync": 0}}, "None for no limit"),
        ({"timeout": -1.0}, "number of seconds above 0"),
        ({"ca_bundle": "/no/such.pem"}, "cannot be used"),
        ({"storage_options": {"aws_acess_key_id": "x"}}, "aws_access_key_id"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(options: dict[str, object], said: str) -> None:
    with pytest.raises(exceptions.ConfigError, match=said):
        lantern.Client("k", "http://localhost:1", **options)  # type: ignore[arg-type]


def test_a_key_of_a_job_that_no_message_can_show_is_refused(
    lantern_server: lantern.LocalServer,
) -> None:
    client, people = lantern_server.client(), lantern_server.people().slice(0, 2)
    columns = {"record_id": "id", "domain": "company_url"}
    for key, said in (
        ("k" * 800_000, "key has 800000 characters; give at most 500"),
        (" ", "empty"),
    ):
        with pytest.raises(exceptions.ValidationError, match=said) as refused:
            client.submit(people, "email", max_credits=2, key=key)
        assert len(str(refused.value)) < 200
        with pytest.raises(exceptions.ValidationError, match=said):
            client.map(people, "enrich.company", columns=columns, max_credits=2, key=key)
    with pytest.raises(exceptions.JobError, match="has no job") as unknown:
        client.job("k" * 800_000)
    assert len(str(unknown.value)) < 600
    assert lantern_server.runs().num_rows == 0
    # A long key is a name like any other, and a line about the job stays short.
    job = client.submit(people, "email", max_credits=2, key="k" * 500)
    assert client.job(job.key).key == "k" * 500
    for shown in (repr(job), repr(job.progress()), job._repr_html_()):
        assert "k" * 100 + "…" in shown
        assert "k" * 101 not in shown


def test_a_closed_client_makes_no_calls(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    client.close()
    with pytest.raises(exceptions.ConfigError, match="closed"):
        client.credits.remaining()


def test_a_naive_time_is_refused(lantern_client: lantern.Client) -> None:
    import datetime

    with pytest.raises(ValueError, match="no time zone"):
        lantern_client.credits.usage(datetime.datetime(2026, 1, 1), "2026-02-01")
    used = lantern_client.credits.usage(datetime.date(2026, 1, 1), "2026-02-01T00:00:00Z")
    assert used.credits_used == 0
