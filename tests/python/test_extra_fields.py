"""`extra=` where a table is sent: fields that this version does not know."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

import lantern
from lantern import exceptions
from other_api import Reply, batch_api, other_api, serving

TABLE = pa.table({"id": ["1", "2"], "domain": ["a.example", "b.example"]})
EXTRA = {"priority": "high", "options": {"language": "de"}}


def email_csv(ids: list[str]) -> str:
    return "id,email,email_found\n" + "".join(f"{id},{id}@x.de,true\n" for id in ids)


def test_extra_fields_go_with_every_batch_and_make_another_job(
    client_of: Callable[..., lantern.Client],
) -> None:
    with serving(batch_api(email_csv)) as api:
        client = client_of(api.url)
        settings: dict[str, Any] = {"max_credits": 9, "batch_size": 1}
        plain = client.submit(TABLE, "email", **settings)
        job = client.submit(TABLE, "email", extra=EXTRA, **settings)
        assert job.wait(timeout=30).state == "done"
        assert plain.wait(timeout=30).state == "done"
        assert plain.key != job.key
        sent = [body for body in api.posts() if "priority" in body]
        assert len(api.posts()) == 4
        assert sorted(body["ids"] for body in sent) == [["1"], ["2"]]
        assert all(body["options"] == {"language": "de"} for body in sent)
        # The same again is the same job.
        client.submit(TABLE, "email", extra=EXTRA, **settings).wait(timeout=30)
        assert len(api.posts()) == 4


def test_a_job_that_is_picked_up_sends_its_extra_fields(
    client_of: Callable[..., lantern.Client],
) -> None:
    with serving(batch_api(email_csv)) as api:
        client = client_of(api.url)
        settings: dict[str, Any] = {"key": "k", "batch_size": 1, "extra": EXTRA}
        client.submit(TABLE, "email", max_credits=0, **settings)
        assert not api.posts()
        client.submit(TABLE, "email", max_credits=9, dry_run=True, **settings)
        assert not api.posts()
        client.submit(TABLE, "email", max_credits=9, **settings)
        client.job("k").wait(timeout=30)
        assert [body["priority"] for body in api.posts()] == ["high", "high"]


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"ids": []}, "ids"),
        ({"max_credits": 1}, "max_credits"),
        ({"entity_type": "company"}, "entity_type"),
        ({"x": 1, "records": [{"id": "1"}]}, "records"),
    ],
)
def test_a_known_field_of_a_batch_is_no_extra_field(
    extra: dict[str, Any], said: str, client_of: Callable[..., lantern.Client]
) -> None:
    with serving(batch_api(email_csv)) as api:
        client = client_of(api.url)
        for dry_run in (True, False):
            with pytest.raises(exceptions.ValidationError, match=said):
                client.submit(TABLE, "email", max_credits=9, extra=extra, dry_run=dry_run)
        assert not api.posts()


def test_extra_fields_go_with_every_mapped_call_also_when_it_is_picked_up(
    client_of: Callable[..., lantern.Client],
) -> None:
    answered: list[bool] = []

    def answer(method: str, path: str, body: Any) -> Any:
        if method != "POST":
            return Reply({}, 404)
        answered.append(True)
        return {"success": True, "credits_consumed": 1, "company": {"name": body["domain"]}}

    with other_api(answer) as api:
        client = client_of(api.url)
        columns = {"record_id": "id", "domain": "domain"}
        settings: dict[str, Any] = {"columns": columns, "extra": EXTRA, "key": "k"}
        table = client.map(TABLE, "enrich.company", max_credits=1, concurrency=1, **settings)
        assert table.column("status").to_pylist() == ["done", "over_budget"]
        client.map(TABLE, "enrich.company", max_credits=2, **settings)
        job = client.job("k")
        job.wait(timeout=30)
        assert [body["priority"] for body in api.posts()] == ["high", "high"]
        assert [body["options"] for body in api.posts()] == [{"language": "de"}] * 2
        with pytest.raises(exceptions.JobError, match="another job"):
            client.map(
                TABLE, "enrich.company", columns=columns, max_credits=2, key="k", extra={"x": 1}
            )
        with pytest.raises(exceptions.ValidationError, match="effort"):
            client.map(
                TABLE, "enrich.company", columns=columns, max_credits=2, extra={"effort": "high"}
            )
        assert len(api.posts()) == 2


CALLS: dict[str, Callable[[lantern.Client, dict[str, Any]], Any]] = {
    "convert_leads": lambda c, e: c.convert_leads(TABLE, max_credits=9, extra=e),
    "assign": lambda c, e: c.assign(TABLE, object="lead", pool="west", max_credits=9, extra=e),
    "trigger": lambda c, e: c.trigger(TABLE, "flow", max_credits=9, extra=e),
    "submit_forms": lambda c, e: c.submit_forms(
        pa.table({"email": ["a@b.example"]}), max_credits=9, extra=e
    ),
    "match": lambda c, e: c.map(
        TABLE,
        "match",
        columns={"domain": "domain"},
        arguments={"object": "account", "rules": ["domain:eq"]},
        max_credits=9,
        extra=e,
    ),
    "match_cascade": lambda c, e: c.match_cascade(
        pa.table({"name": ["Acme Inc", "Bolt Ltd"]}),
        pa.table({"id": ["1", "2"], "name": ["Acme", "Bolt Limited"]}),
        ["name:fuzzy0.5"],
        sure=1.0,
        unsure=0.1,
        max_credits=99,
        extra=e,
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_over_a_table_takes_extra_fields(
    call: str, client_of: Callable[..., lantern.Client]
) -> None:
    with other_api(lambda *_: {"success": True, "credits_consumed": 1, "results": []}) as api:
        CALLS[call](client_of(api.url), EXTRA)
        assert api.posts()
        assert all(body["priority"] == "high" for body in api.posts()), json.dumps(api.posts())
        sent = len(api.posts())
        known = "candidates" if "match" in call else "email"
        known = {"convert_leads": "lead_sf_id", "assign": "pool", "trigger": "source_system"}.get(
            call, known
        )
        with pytest.raises(exceptions.ValidationError, match=known):
            CALLS[call](client_of(api.url), {known: None})
        assert len(api.posts()) == sent
