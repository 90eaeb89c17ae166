"""What a call cost counts, whatever else is wrong with its answer: in budgets, jobs and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

import lantern
from lantern import exceptions
from other_api import Reply, batch_api, other_api, serving

ClientOf = Callable[..., lantern.Client]

ACCOUNT = {"remaining_credits": 1_000, "tenant_id": "t-1", "success": True}
ROWS = pa.table({"id": [str(n) for n in range(6)], "site": [f"acme{n}.com" for n in range(6)]})
COLUMNS = {"record_id": "id", "domain": "site"}

REFUSALS = [400, 401, 402, 403, 404, 409, 422, 429, 451]
SPELLINGS: list[dict[str, Any]] = [
    {"credits_consumed": 3},
    {"credits_consumed": "3"},
    {"credits_consumed": 2.5},
    {"creditsConsumed": 3},
    {"error": {"message": "no", "credits_consumed": 3}},
    {"detail": [{"credits_consumed": 1}, {"credits_consumed": 2}]},
]
CASES = [(status, SPELLINGS[0]) for status in REFUSALS] + [(403, body) for body in SPELLINGS[1:]]


def refusing(status: int, body: dict[str, Any]) -> Callable[[str, str, Any], Any]:
    def answer(method: str, path: str, _: Any) -> Any:
        if method == "GET":
            return ACCOUNT
        return Reply({"success": False, "error": "no"} | body, status)

    return answer


@pytest.mark.parametrize(("status", "body"), CASES, ids=str)
def test_a_refused_call_says_what_it_cost(
    status: int, body: dict[str, Any], client_of: ClientOf
) -> None:
    with (
        other_api(refusing(status, body)) as api,
        pytest.raises(exceptions.APIError) as caught,
    ):
        client_of(api.url).enrich.company(record_id="1", domain="acme.com")
    assert caught.value.credits_consumed in (2.5, 3)


@pytest.mark.parametrize(("status", "body"), CASES, ids=str)
def test_a_refused_call_of_a_map_counts_against_its_budget(
    status: int, body: dict[str, Any], client_of: ClientOf
) -> None:
    """Six rows at three credits each, and nine credits: not more than three calls leave."""
    with other_api(refusing(status, body)) as api:
        client = client_of(api.url)
        for _ in range(4):
            try:
                client.map(
                    ROWS,
                    "enrich.company",
                    columns=COLUMNS,
                    max_credits=9,
                    credits_per_call=3,
                    concurrency=1,
                    key="refused",
                )
            except exceptions.LanternError:
                continue
        assert 1 <= len(api.posts()) <= 3
        assert client.job("refused").progress().credits == 3 * len(api.posts())


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refused_batch_counts_against_its_budget(status: int, client_of: ClientOf) -> None:
    with other_api(refusing(status, {"credits_consumed": "7"})) as api:
        client = client_of(api.url)
        for _ in range(3):
            with pytest.raises(exceptions.LanternError):
                client.submit(ROWS, "email", id="id", max_credits=10, key="refused").wait(timeout=9)
        assert len(api.posts()) == 1
        job = client.job("refused")
        assert job.progress().credits == 7
        job.resend(1)
        with pytest.raises(exceptions.LanternError):
            job.wait(timeout=9)
        # Ten credits less seven: the second sending may cost three.
        assert [body["max_credits"] for body in api.posts()] == [6, 3]


def test_a_call_that_cost_something_is_not_sent_again(client_of: ClientOf) -> None:
    """A conversion may be repeated, but what a 503 charged is not charged once more."""
    charged = {"success": False, "error": "busy", "credits_consumed": 2}
    with other_api(lambda *_: Reply(charged, 503)) as api:
        with pytest.raises(exceptions.ServerError) as caught:
            client_of(api.url).salesforce.convert(lead_sf_id="00Q1")
        assert (len(api.posts()), caught.value.credits_consumed) == (1, 2)


def test_a_call_that_cost_nothing_is_sent_again(client_of: ClientOf) -> None:
    busy = Reply({"success": False, "error": "busy", "credits_consumed": 0}, 503)
    replies = iter([busy, Reply({"success": True, "status": "converted"})])
    with other_api(lambda *_: next(replies)) as api:
        assert client_of(api.url).salesforce.convert(lead_sf_id="00Q1").status == "converted"
        assert len(api.posts()) == 2


def test_a_batch_after_a_refusal_that_cost_something_is_loaded(client_of: ClientOf) -> None:
    """A person sends it again, and the sum counts both sendings."""
    made = batch_api(
        lambda ids: "id,email,email_found\n" + "".join(f"{id},a@x.de,true\n" for id in ids),
        credits=lambda ids: "id,service,credits\n" + "".join(f"{id},email,1\n" for id in ids),
    )
    refuse = iter([True])

    def answer(method: str, path: str, body: Any) -> Any:
        if method == "GET" and path.startswith("/v1/credits"):
            return ACCOUNT
        if method == "POST" and next(refuse, False):
            return Reply({"error": "slow down", "credits_consumed": 2}, 429)
        return made(method, path, body)

    answer.hosts = made.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        client = client_of(api.url)
        job = client.submit(ROWS, "email", id="id", max_credits=20)
        job.wait(on_failed="resend", timeout=60)
        assert job.table().column("email").to_pylist() == ["a@x.de"] * 6
        assert (job.progress().credits, len(api.posts())) == (8, 2)
