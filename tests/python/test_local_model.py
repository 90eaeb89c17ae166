"""AI matching, `enrich.ai` and `enrich.research` by an endpoint that speaks OpenAI's protocol."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import lantern
from lantern import exceptions
from other_api import OtherApi, Reply

Complete = Callable[[dict[str, Any]], str]


class Endpoint:
    """A language model's HTTP server: lists its model, and completes chats by a function."""

    def __init__(self) -> None:
        self.status = 200
        self.complete: Complete = lambda data: json.dumps({"response": "yes", "confidence": 0.9})
        self.server = OtherApi(self.answer)
        self.url = f"{self.server.url}/v1"

    @property
    def asked(self) -> list[Any]:
        return self.server.posts()

    @property
    def keys(self) -> list[str | None]:
        requests = self.server.requests
        return [
            headers.get("authorization") for method, _, _, headers in requests if method == "POST"
        ]

    def answer(self, method: str, path: str, body: Any) -> Any:
        if (method, path) == ("GET", "/v1/models"):
            return {"object": "list", "data": [{"id": "tiny-1", "object": "model"}]}
        if (method, path) != ("POST", "/v1/chat/completions"):
            return Reply({"error": {"message": "nothing here"}}, 404)
        if self.status != 200:
            return Reply({"error": {"message": "the model is loading"}}, self.status)
        content = self.complete(json.loads(body["messages"][-1]["content"]))
        message = {"role": "assistant", "content": content}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        }


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.server.stop()


async def test_the_model_decides_among_the_records_that_look_alike(endpoint: Endpoint) -> None:
    def reply(data: dict[str, Any]) -> str:
        best = data["records"][0]["id"]
        known = {"sf_id": best, "confidence": "83%", "explanation": "They share an address."}
        # What it was not shown, it cannot know.
        invented = {"sf_id": "003Lc000000zzzzAAA", "confidence": 0.99, "explanation": "?"}
        return "```json\n" + json.dumps({"matches": [invented, known]}) + "\n```"

    endpoint.complete = reply
    with lantern.LocalServer(
        limits="off", model_url=endpoint.url, model="tiny-2", model_key="sentinel-key"
    ) as server:
        contact = server.crm("contacts").to_polars().drop_nulls("email").row(0, named=True)
        candidates = [{"email": contact["email"]}, {"email": "nobody@nowhere.example"}]
        rules = {"mode": "ai", "instructions": "Ignore titles."}
        client = server.client()
        found = client.match(object="contact", candidates=candidates, rules=rules)
        [match] = found.results[0].matches
        assert match.sf_id == contact["id"]
        assert match.confidence == 0.83
        assert match.explanation == "They share an address."
        assert found.results[1].matches == []
        assert found.to_dict()["decided_by"] == "the language model tiny-2"
        assert found.credits_consumed == 10
        # Nobody looks like the second: it is not asked about.
        [asked] = endpoint.asked
        assert asked["model"] == "tiny-2"
        assert "Ignore titles." in asked["messages"][0]["content"]
        assert json.loads(asked["messages"][1]["content"])["candidate"] == candidates[0]
        assert endpoint.keys == ["Bearer sentinel-key"]
        async with server.async_client() as awaited:
            again = await awaited.match(object="contact", candidates=candidates, rules=rules)
        assert again.results == found.results
        # Rules need no model.
        client.match(object="contact", candidates=candidates, rules=["email:eq"])
        assert len(endpoint.asked) == 2


async def test_questions_are_answered_by_the_model_with_what_the_directory_knows(
    endpoint: Endpoint,
) -> None:
    def reply(data: dict[str, Any]) -> str:
        name = data["directory"][0]["name"] if data["directory"] else "nobody"
        return json.dumps({"response": f"It is {name}.", "confidence": 0.4})

    endpoint.complete = reply
    with lantern.LocalServer(limits="off", model_url=endpoint.url) as server:
        company = server.companies().to_polars().row(0, named=True)
        client = server.client()
        told = client.enrich.ai(query=f"Who is {company['domain']}?")
        assert (told.response, told.confidence) == (f"It is {company['name']}.", 0.4)
        assert told.token_usage is not None
        assert told.token_usage.total_tokens == 18
        # The first model that the endpoint lists.
        assert told.to_dict()["answered_by"] == "the language model tiny-1"
        assert told.credits_consumed == 1
        async with server.async_client() as awaited:
            found = await awaited.enrich.research(query="Who is it?", agent_type="legal")
        assert (found.response, found.agent_used) == ("It is nobody.", "legal")
        assert found.credits_consumed == 5
        endpoint.complete = lambda _: json.dumps({"response": {"a": 1}, "confidence": 2})
        as_json = client.enrich.ai(query="?", format_json=True)
        assert (as_json.response, as_json.confidence) == ({"a": 1}, 1)
        # What holds to no form is an answer all the same, where text is asked for.
        endpoint.complete = lambda _: "I do not know."
        assert client.enrich.ai(query="?").response == "I do not know."


def test_a_model_that_does_not_answer_costs_nothing(endpoint: Endpoint) -> None:
    with lantern.LocalServer(limits="off", model_url=endpoint.url) as server:
        client = server.client()
        email = server.crm("contacts").to_polars().drop_nulls("email")["email"][0]

        def match() -> None:
            client.match(object="contact", candidates=[{"email": email}], rules={"mode": "ai"})

        endpoint.complete = lambda _: "I will not."
        with pytest.raises(exceptions.OutcomeUnknown, match="does not have the requested form"):
            match()
        with pytest.raises(exceptions.OutcomeUnknown, match="did not answer with a JSON object"):
            client.enrich.ai(query="?", format_json=True)
        endpoint.status = 503
        with pytest.raises(exceptions.OutcomeUnknown, match=r"503 .*the model is loading"):
            match()
        # What the caller cannot pay is not asked.
        asked = len(endpoint.asked)
        with pytest.raises(exceptions.CreditLimitError, match="raise it"):
            client.match(
                object="contact",
                candidates=[{"email": email}],
                rules={"mode": "ai"},
                max_credits=4,
            )
        assert len(endpoint.asked) == asked
        assert server.credits_used == 0
    with (
        lantern.LocalServer(limits="off", model_url="http://127.0.0.1:1/v1") as server,
        pytest.raises(exceptions.OutcomeUnknown, match=r"no connection .*nothing was charged"),
    ):
        server.client().enrich.ai(query="?")


def test_a_model_url_that_is_none_is_said_at_the_start() -> None:
    with pytest.raises(exceptions.ConfigError, match="no http"):
        lantern.LocalServer(model_url="localhost:1234")
    with pytest.raises(exceptions.ConfigError, match="give it too"):
        lantern.LocalServer(model="tiny-1")


def test_without_a_model_the_learned_local_one_decides(
    lantern_server: lantern.LocalServer,
) -> None:
    contact = lantern_server.crm("contacts").to_polars().drop_nulls().row(0, named=True)
    typo = contact["last_name"][:-1]
    candidate = {
        "name": f"{contact['first_name']} {typo}",
        "company": contact["company"],
        "email": contact["email"].upper(),
    }
    found = lantern_server.client().match(
        object="contact", candidates=[candidate], rules={"mode": "ai"}
    )
    match = found.results[0].matches[0]
    assert match.sf_id == contact["id"]
    assert match.confidence is not None
    assert match.confidence > 0.9
    assert "email" in match.matched_rules
    assert match.explanation is not None
    assert "email is the same" in match.explanation
    assert "learned local model" in found.to_dict()["decided_by"]
