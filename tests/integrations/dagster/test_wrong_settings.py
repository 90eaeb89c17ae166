"""A wrong setting fails the step with one sentence, is not retried, and costs nothing."""

from __future__ import annotations

import dagster as dg
import polars as pl
import pytest

from conftest import asset_of, failure_of
from lantern.integrations.dagster import LanternResource, lantern_batch_asset

PEOPLE = pl.DataFrame({"id": ["P0000001", "P0000002"], "score": [0.5, 0.25]})


@pytest.mark.parametrize(
    ("value", "settings", "options", "said"),
    [
        (PEOPLE, {"api_key": None}, {}, "there is no API key"),
        (PEOPLE, {"api_key": "wrong"}, {}, "the API key is wrong"),
        (PEOPLE, {"base_url": "nonsense"}, {}, "the base URL is not a URL"),
        (PEOPLE, {}, {"id": "person"}, 'no column "person"'),
        (PEOPLE, {}, {"id": "score"}, "score"),
        (PEOPLE, {}, {"kind": "fax"}, "fax"),
        (PEOPLE, {}, {"max_credits": -1}, "max_credits"),
        (PEOPLE, {}, {"request": {"effort": "heroic"}}, "heroic"),
        (7, {}, {}, "is a int and no table"),
        ("/nowhere/people.parquet", {}, {}, "cannot be read as Parquet"),
        (__file__, {}, {}, "cannot be read as Parquet"),
    ],
)
def test_a_wrong_setting_fails_at_once(
    value: object, settings: dict, options: dict, said: str, server, tmp_path
) -> None:
    resource = LanternResource(
        **(
            {"api_key": server.key, "base_url": server.url, "ledger": str(tmp_path / "l.sqlite")}
            | settings
        )
    )
    source = asset_of(value)
    emails = lantern_batch_asset(
        **({"name": "emails", "source": source, "kind": "email", "max_credits": 2} | options),
        retry_policy=dg.RetryPolicy(max_retries=3),
    )
    result = dg.materialize([source, emails], resources={"lantern": resource}, raise_on_error=False)
    failure = failure_of(result, "emails")
    assert said in failure.description
    assert "\n" not in failure.description
    assert not [e for e in result.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]
    assert server.runs().num_rows == 0


@pytest.mark.parametrize(
    ("settings", "said", "tries"),
    [
        ({"base_url": "http://127.0.0.1:9"}, "no connection (Connection refused", 2),
        (
            {"ledger": "/proc/no/ledger.sqlite"},
            "No such file or directory (os error 2); ledger= of the LanternResource says where it "
            "is",
            1,
        ),
    ],
)
def test_an_api_out_of_reach_is_tried_again_and_an_unusable_ledger_is_not(
    settings: dict, said: str, tries: int, server, tmp_path
) -> None:
    good = {"api_key": server.key, "base_url": server.url, "ledger": str(tmp_path / "l.sqlite")}
    source = asset_of(PEOPLE)
    emails = lantern_batch_asset(
        name="emails",
        source=source,
        kind="email",
        max_credits=2,
        retry_policy=dg.RetryPolicy(max_retries=1),
    )
    resources = {"lantern": LanternResource(**(good | settings))}
    result = dg.materialize([source, emails], resources=resources, raise_on_error=False)
    failure = failure_of(result, "emails")
    assert said in failure.description
    assert "\n" not in failure.description
    retried = [e for e in result.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]
    assert len(retried) == tries - 1
    assert server.runs().num_rows == 0


def test_an_asset_whose_resource_is_missing_is_refused_when_it_is_defined() -> None:
    source = asset_of(PEOPLE)
    emails = lantern_batch_asset(name="emails", source=source, kind="email", max_credits=2)
    with pytest.raises(dg.DagsterInvalidDefinitionError, match="'lantern' required by op 'emails'"):
        dg.Definitions(assets=[source, emails]).resolve_all_job_defs()


def test_a_job_goes_on_once_the_key_is_right(server, resource, tmp_path) -> None:
    source = asset_of(PEOPLE)
    emails = lantern_batch_asset(name="emails", source=source, kind="email", max_credits=2)
    wrong = LanternResource(api_key="wrong", base_url=server.url, ledger=resource.ledger)
    for given, runs in ((wrong, 0), (resource, 1), (resource, 1)):
        dg.materialize([source, emails], resources={"lantern": given}, raise_on_error=False)
        assert server.runs().num_rows == runs


def test_a_batch_in_doubt_is_not_retried_and_not_sent_again(server, resource) -> None:
    server.add_fault("POST /v1/agents/*: reset after times 1")
    source = asset_of(PEOPLE)
    emails = lantern_batch_asset(
        name="emails",
        source=source,
        kind="email",
        max_credits=2,
        retry_policy=dg.RetryPolicy(max_retries=3),
    )
    for _ in range(2):
        result = dg.materialize(
            [source, emails], resources={"lantern": resource}, raise_on_error=False
        )
        assert "OutcomeUnknown" in str(failure_of(result, "emails").metadata)
        assert server.runs().num_rows == 1
