"""Every whole number among the arguments: what is none, or does not fit, is refused by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import lantern
from lantern import exceptions
from other_api import other_api

TABLE = pa.table({"id": ["1"], "domain": ["a.example"]})
PERSON = {"record_id": "1", "first_name": "A", "last_name": "B"}
COLUMNS = {"record_id": "id", "domain": "domain"}


def mapped(client: lantern.Client, **number: Any) -> Any:
    settings: dict[str, Any] = {"max_credits": 1} | number
    return client.map(TABLE, "enrich.company", columns=COLUMNS, **settings)


def submitted(client: lantern.Client, **number: Any) -> Any:
    settings: dict[str, Any] = {"max_credits": 1} | number
    return client.submit(TABLE, "email", **settings)


def cascaded(client: lantern.Client, **number: Any) -> Any:
    settings: dict[str, Any] = {"max_credits": 1} | number
    return client.match_cascade(TABLE, TABLE, ["domain:exact"], **settings)


def of_client(_: lantern.Client, **number: Any) -> Any:
    return lantern.Client("key", "https://api.example.com", **number)


def of_server(_: lantern.Client, **number: Any) -> Any:
    with lantern.LocalServer(**number) as server:
        return server.url


def found(_: lantern.Client, **number: Any) -> Any:
    return lantern.match(TABLE, TABLE, ["domain:exact"], **number)


Call = Callable[..., Any]
NUMBERS: list[tuple[str, Call, int]] = [
    ("max_credits", lambda c, **n: c.enrich.phone(**PERSON, company="x", **n), 1),
    ("max_credits", lambda c, **n: c.enrich.email(**PERSON, company="x", **n), 1),
    ("max_credits", lambda c, **n: c.enrich.company(record_id="1", domain="a.de", **n), 1),
    ("max_credits", lambda c, **n: c.enrich.person(**PERSON, company_domain="a.de", **n), 1),
    ("max_credits", lambda c, **n: c.enrich.ai("?", **n), 1),
    (
        "max_credits",
        lambda c, **n: c.match(object="lead", candidates=[{"a": 1}], rules=["a:eq"], **n),
        1,
    ),
    ("max_credits", lambda c, **n: c.agents.phone(["1"], **n), 1),
    ("max_credits", lambda c, **n: c.agents.email(["1"], **n), 1),
    ("max_credits", lambda c, **n: c.agents.phone_email(["1"], **n), 1),
    ("max_credits", lambda c, **n: c.agents.deep_research(["1"], entity_type="person", **n), 1),
    ("max_credits", mapped, 1),
    ("credits_per_call", mapped, 1),
    ("concurrency", mapped, 1),
    ("max_credits", submitted, 1),
    ("batch_size", submitted, 1),
    ("credits_per_id", submitted, 1),
    ("max_credits", cascaded, 1),
    ("rows_per_call", cascaded, 1),
    ("concurrency", cascaded, 1),
    ("max_credits", lambda c, **n: c.convert_leads(TABLE, **n), 1),
    ("concurrency", lambda c, **n: c.convert_leads(TABLE, max_credits=1, **n), 1),
    ("max_credits", lambda c, **n: c.assign(TABLE, object="lead", pool="p", **n), 2),
    ("max_credits", lambda c, **n: c.trigger(TABLE, "flow", **n), 4),
    ("max_credits", lambda c, **n: c.submit_forms(pa.table({"email": ["a@b.de"]}), **n), 3),
    ("max_credits", lambda c, **n: c.budgets.set("team", **n), 1),
    ("retries", of_client, 1),
    ("pool_size", of_client, 1),
    ("limits", lambda _, limits: of_client(_, limits={"batches": limits}), 1),
    ("port", of_server, 0),
    ("s3_port", of_server, 0),
    ("seed", of_server, 1),
    ("size", of_server, 10),
    ("limits", lambda _, limits: of_server(_, limits={"batches": limits}), 1),
    ("prices", lambda _, prices: of_server(_, prices={"email": prices}), 1),
    ("top", found, 1),
    ("limit", lambda c, **n: c.logs.routing("2026-01-01", "2026-01-02", **n), 1),
    ("days", lambda c, days: c.logs.retention(days), 1),
    ("batch", lambda c, batch: c.job("k").resend(batch), 1),
    ("batch", lambda c, batch: c.job("k").skip(batch), 1),
    ("batch", lambda c, batch: c.job("k").resolve(batch, "r"), 1),
    ("score_cutoff", lambda _, **n: lantern.similarity.levenshtein_distance("a", "b", **n), 1),
]
WRONG = {
    "negative": -1,
    "huge": 10**30,
    "endless": 10**6000,
    "a truth value": True,
    "of NumPy": np.True_,
    "a float": 1.5,
    "a whole float": 1.0,
    "NaN": float("nan"),
    "a text": "1",
    "a list": [1],
    "an array": np.array([1, 2]),
}
NAMES = [f"{at} {name}" for at, (name, _, _) in enumerate(NUMBERS)]


@pytest.fixture
def client(client_of: Callable[..., lantern.Client]) -> Iterator[lantern.Client]:
    answer = {"success": True, "credits_consumed": 0, "entries": [], "results": []}
    with other_api(lambda *_: answer) as api:
        made = client_of(api.url)
        made.submit(TABLE, "email", max_credits=0, key="k")
        yield made


@pytest.mark.parametrize(("name", "call", "fine"), NUMBERS, ids=NAMES)
def test_a_number_that_is_none_is_refused_by_its_name(
    name: str, call: Call, fine: int, client: lantern.Client
) -> None:
    for what, value in WRONG.items():
        with pytest.raises(exceptions.InputError) as caught:
            call(client, **{name: value})
        said = str(caught.value)
        assert said.startswith(name), (what, said)
        assert "; give " in said, (what, said)
        assert len(said) < 200, said
    for value in (np.int64(fine), np.uint8(fine)):
        # What else the call says of it is not the point.
        try:
            call(client, **{name: value})
        except exceptions.InputError as error:
            raise AssertionError(f"{value!r}: {error}") from error
        except exceptions.LanternError:
            pass


def test_ids_are_texts_or_integers_of_any_size(client_of: Callable[..., lantern.Client]) -> None:
    with other_api(lambda *_: {"success": True, "credits_consumed": 0}) as api:
        client = client_of(api.url)
        for given, sent in [("a", "a"), (7, "7"), (10**30, str(10**30)), (np.int32(-3), "-3")]:
            client.enrich.company(record_id=given, domain="a.de")
            assert api.posts()[-1]["record_id"] == sent
        for wrong in (1.0, True, None, b"a", np.float64(2)):
            with pytest.raises(TypeError, match="record_id must be str or int, not "):
                client.enrich.company(record_id=wrong, domain="a.de")  # type: ignore[arg-type]
        assert len(api.posts()) == 4
