"""Matches as assets."""

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import lantern
from conftest import asset_of, failure_of, metadata_of
from lantern.integrations.dagster import lantern_match_asset

LEADS = pl.DataFrame({"lead": [1, 2, 3], "company": ["ACME Incorporated", "Globex", "Umbrella"]})
ACCOUNTS = pl.DataFrame({"account": ["a", "b"], "company": ["Globex Corp.", "Acme, Inc."]})
RULES = ["company:fuzzy0.85"]
IDS = {"left_id": "lead", "right_id": "account"}


def matched(**options: object) -> list[dg.AssetsDefinition]:
    leads, accounts = asset_of(LEADS, "leads"), asset_of(ACCOUNTS, "accounts")
    settings = {"name": "matches", "left": leads, "right": accounts, "rules": RULES}
    return [leads, accounts, lantern_match_asset(**(settings | {"matching": IDS} | options))]


def test_an_asset_holds_what_a_match_finds() -> None:
    result = dg.materialize(matched())
    expected = lantern.match(LEADS, ACCOUNTS, RULES, **IDS).table().to_polars()
    assert expected.height == 2
    assert_frame_equal(result.output_for_node("matches"), expected)


def test_metadata_say_how_much_matched_and_why() -> None:
    metadata = metadata_of(dg.materialize(matched()), "matches")
    assert metadata["match_rate"] == pytest.approx(2 / 3)
    assert (metadata["left_rows"], metadata["right_rows"], metadata["unmatched_left"]) == (3, 2, 1)
    sentence = lantern.match(LEADS, ACCOUNTS, RULES).explain(0).sentence
    assert sentence in metadata["explanations"]
    assert metadata["chart"].startswith("![Matches by confidence](data:image/svg+xml;base64,")


@pytest.mark.parametrize(("at_least", "passed"), [(0.6, True), (0.7, False)])
def test_the_match_rate_is_checked(at_least: float, passed: bool) -> None:
    result = dg.materialize(matched(min_match_rate=at_least))
    (check,) = result.get_asset_check_evaluations()
    assert (check.check_name, check.passed) == ("match_rate", passed)


def test_no_rows_match_nothing_and_pass() -> None:
    assets = matched(min_match_rate=0.5)
    assets[0] = asset_of(LEADS.clear(), "leads")
    result = dg.materialize(assets)
    (check,) = result.get_asset_check_evaluations()
    assert check.passed
    assert result.output_for_node("matches").height == 0


def test_partitions_are_matched_each_with_its_own() -> None:
    sides = dg.StaticPartitionsDefinition(["acme", "globex"])

    @dg.asset(partitions_def=sides)
    def leads(context: dg.AssetExecutionContext) -> pl.DataFrame:
        return LEADS.filter(
            pl.col("company").str.to_lowercase().str.contains(context.partition_key)
        )

    accounts = asset_of(ACCOUNTS, "accounts")
    matches = lantern_match_asset(
        name="matches",
        left=leads,
        right=accounts,
        rules=RULES,
        matching=IDS,
        partitions_def=sides,
    )
    with dg.DagsterInstance.ephemeral() as instance:
        found = [
            dg.materialize([leads, accounts, matches], partition_key=side, instance=instance)
            .output_for_node("matches")
            .select("left_id", "right_id")
            .rows()
            for side in ("acme", "globex")
        ]
    assert found == [[(1, "b")], [(2, "a")]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rules": ["company:fuzy"]}, "fuzy"),
        ({"rules": ["domain:eq"]}, "domain"),
        ({"matching": {"left_id": "nobody"}}, "nobody"),
    ],
)
def test_a_wrong_rule_or_column_fails_with_a_sentence(options: dict, said: str) -> None:
    assets = matched(**options, retry_policy=dg.RetryPolicy(max_retries=2))
    result = dg.materialize(assets, raise_on_error=False)
    failure = failure_of(result, "matches")
    assert said in failure.description
    assert not [e for e in result.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]
