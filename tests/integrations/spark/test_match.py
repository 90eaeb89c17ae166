"""`lantern.spark.match` gives what `lantern.match` gives."""

from __future__ import annotations

import pyarrow
import pyarrow.compute
import pytest

import lantern
import lantern.spark
from conftest import companies, rows
from lantern.exceptions import InputError

IDS = {"left_id": "id", "right_id": "id"}
RULES = {
    "one join": ["domain:eq"],
    "a join and more": ["domain:eq", "company:fuzzy0.6"],
    "two groups": [["domain:exact"], ["company:fuzzy0.85"]],
    "no join": ["company:contains"],
    "numbers": [["size:eq", "company:eq"], ["size:exact", "domain:eq"]],
}
WAYS = {
    "right collected": {"small": 600},
    "left collected": {"small": 500, "part_rows": 100},
    "shuffled": {"small": 0, "part_rows": 100},
}


@pytest.fixture
def same(tables, frames):
    """Matches on Spark and on this machine, and holds them against each other."""

    def both(rules, way, **options) -> None:
        local = lantern.match(*tables, rules, progress=False, **IDS, **options)
        assert len(local) > 50
        on_spark = lantern.spark.match(*frames, rules, **IDS, **options, **way)
        assert rows(on_spark) == rows(local)

    return both


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("way", WAYS)
def test_the_best_matches_are_those_of_one_machine(rules: str, way: str, same) -> None:
    same(RULES[rules], WAYS[way], top=2)


@pytest.mark.parametrize("top", [1, None])
@pytest.mark.parametrize("way", WAYS)
def test_one_match_and_all_are_those_of_one_machine(top: int | None, way: str, same) -> None:
    same(RULES["two groups"], WAYS[way], top=top)


@pytest.mark.parametrize("way", WAYS)
def test_fields_weights_and_threshold_mean_the_same(way: str, same) -> None:
    same(
        [["who:fuzzy0.7"], ["domain:eq"]],
        WAYS[way],
        fields={"who": {"left": ["company", "size"], "right": ["company", "size"], "kind": "text"}},
        weights={"who": 0.9, "domain": 0.2},
        threshold=0.7,
        top=3,
    )


@pytest.mark.parametrize("way", WAYS)
def test_joined_columns_mean_the_same_where_no_kind_is_said(way: str, same) -> None:
    same([["company_domain:eq"], ["domain:eq", "company_size:fuzzy0.8"]], WAYS[way], top=3)


@pytest.mark.parametrize("way", WAYS)
def test_columns_of_any_name_and_ids_of_integers(way: str, spark) -> None:
    left = pyarrow.table(
        {"the.id": [1, 2, 3], "a`b": ["acme.com", None, "x.de"], "left": [0, 0, 0]}
    )
    right = pyarrow.table({"n": [9, 8], "who owns it": ["www.acme.com", "acme.com"]})
    options = {
        "fields": {"site": ("a`b", "who owns it", "domain")},
        "left_id": "the.id",
        "right_id": "n",
    }
    found = lantern.spark.match(
        spark.createDataFrame(left),
        spark.createDataFrame(right),
        ["site:eq"],
        **options,
        **{**WAYS[way], "small": min(WAYS[way]["small"], 2)},
    )
    # Of equally sure ones, the one with the lowest id.
    assert rows(found) == [{"left_id": 1, "right_id": 8, "confidence": 0.75, "rules": ["site:eq"]}]


@pytest.mark.parametrize("way", WAYS)
def test_a_side_without_rows_has_no_match(way: str, spark, frames) -> None:
    none = frames[0].limit(0)
    for left, right in [(none, frames[1]), (frames[1], none), (none, none)]:
        found = lantern.spark.match(left, right, RULES["two groups"], **IDS, **WAYS[way])
        assert found.columns == ["left_id", "right_id", "confidence", "rules"]
        assert found.count() == 0


@pytest.mark.end_to_end
def test_a_key_that_most_rows_have_is_matched_the_same(spark) -> None:
    sides = [companies(700, seed) for seed in (3, 4)]
    hot = pyarrow.array(["acme.com" if row % 5 else f"d{row}.com" for row in range(700)])
    sides = [side.set_column(2, "domain", hot) for side in sides]
    rules = ["domain:eq", "company:fuzzy0.7"]
    local = lantern.match(*sides, rules, progress=False, top=3, **IDS)
    on_spark = lantern.spark.match(
        *map(spark.createDataFrame, sides), rules, top=3, small=0, part_rows=70, **IDS
    )
    assert rows(on_spark) == rows(local)


def test_a_model_matches_without_rules(spark) -> None:
    with lantern.LocalServer(size=800) as server:
        right = server.people().to_pyarrow().sort_by("id")
    names = ["id", "first_name", "last_name", "company_name"]
    right = right.select(names)
    upper = pyarrow.compute.utf8_upper(right["company_name"])
    left = right.set_column(3, "company_name", upper).slice(0, 500)
    model = lantern.learn(left, right, progress=False, **IDS)
    local = lantern.match(left, right, model=model, top=2, progress=False, **IDS)
    assert len(local) > 450
    on_spark = lantern.spark.match(
        spark.createDataFrame(left),
        spark.createDataFrame(right),
        model=model,
        top=2,
        part_rows=100,
        **IDS,
    )
    assert rows(on_spark) == rows(local)


@pytest.mark.parametrize("way", WAYS)
def test_columns_that_arrow_cannot_hold_are_no_matter_unless_a_rule_names_one(
    way: str, spark
) -> None:
    left = spark.sql(
        "select 1 as id, 'acme.com' as domain, interval '2' month as term, "
        "interval '3' day as days, parse_json('{}') as more, null as nothing"
    )
    right = left.withColumn("domain", left.domain)
    options = {"left_id": "id", "right_id": "id"} | WAYS[way]
    found = lantern.spark.match(left, right, ["domain:eq"], **options).collect()
    assert [(row.left_id, row.right_id) for row in found] == [(1, 1)]
    assert lantern.spark.dedupe(left.union(left), ["domain:eq"], id="id", check_ids=False).count()
    with pytest.raises(InputError, match="column 'term' is of type interval month"):
        lantern.spark.match(left, right, ["term:eq"], **options)
