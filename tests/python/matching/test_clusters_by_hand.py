"""Clusters that people merged and split, from one run to the next."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import lantern
from lantern.exceptions import InputError

PEOPLE = pl.DataFrame(
    {
        "id": [1, 2, 3, 4, 5, 6],
        "name": ["Ada", "Ada B.", "Ada C.", "Bob", "Robert", "Cyd"],
        "email": ["x@x.com", "x@x.com", "x@x.com", "y@y.com", "z@z.com", "c@c.com"],
    }
)
# The second Ada is someone else, and Bob is Robert.
DECIDED = pl.DataFrame(
    {"left_id": ["1", "2", "4"], "right_id": ["2", "3", "5"], "decision": ["no", "no", "yes"]}
)
RULES = ["email:eq"]


def clusters(table: pl.DataFrame, labels: pl.DataFrame = DECIDED) -> lantern.Duplicates:
    return lantern.dedupe(table, RULES, id="id", labels=labels)


def groups(duplicates: lantern.Duplicates) -> set[frozenset[int]]:
    """The ids of each cluster, as numbers."""
    number = pl.col("id").cast(pl.String).cast(pl.Float64).cast(pl.Int64)
    rows = duplicates.table().to_polars().with_columns(number)
    return {frozenset(ids) for ids in rows.group_by("cluster").agg("id")["id"].to_list()}


EXPECTED = {frozenset({1, 3}), frozenset({2}), frozenset({4, 5}), frozenset({6})}


@pytest.mark.parametrize(
    "kind", [pl.Int8, pl.Int64, pl.UInt32, pl.Float64, pl.String, pl.Categorical]
)
def test_decisions_hold_whatever_the_order_and_the_type_of_ids(kind: type[pl.DataType]) -> None:
    for seed in range(3):
        moved = PEOPLE.sample(fraction=1, shuffle=True, seed=seed)
        ids = pl.col("id").cast(pl.String) if kind is pl.Categorical else pl.col("id")
        assert groups(clusters(moved.with_columns(ids.cast(kind)))) == EXPECTED


def test_decisions_outlive_rows_that_go_and_come() -> None:
    gone = PEOPLE.filter(pl.col("id") != 5)
    duplicates = clusters(gone)
    assert frozenset({4}) in groups(duplicates)
    assert any("1 label names an id" in text for text in duplicates.summary()["warnings"])
    new = pl.DataFrame({"id": [7, 8], "name": ["Ada", "Rob"], "email": ["x@x.com", "z@z.com"]})
    more = groups(clusters(pl.concat([new, PEOPLE])))
    assert frozenset({4, 5, 8}) in more
    assert not any({1, 2} <= cluster or {2, 3} <= cluster for cluster in more)


def test_numbers_stay_from_day_to_day(tmp_path: Path) -> None:
    monday = clusters(PEOPLE)
    number = dict(monday.table().to_polars().select("id", "cluster").iter_rows())
    saved = tmp_path / "monday.csv"
    monday.stable(monday).to_polars().write_csv(saved)
    tuesday_people = pl.concat(
        [
            pl.DataFrame({"id": [9], "name": ["Eve"], "email": ["e@e.com"]}),
            PEOPLE.filter(pl.col("id") != 6).reverse(),
        ]
    )
    # A file of texts tells the same ids as numbers do.
    tuesday = clusters(tuesday_people)
    rows = tuesday.stable(saved).to_polars()
    kept = dict(rows.select("id", "stable").iter_rows())
    assert rows.columns == ["row", "id", "cluster", "rows", "stable", "stable_next"]
    assert {id_: kept[id_] for id_ in (1, 2, 3, 4, 5)} == {
        id_: number[id_] for id_ in (1, 2, 3, 4, 5)
    }
    assert kept[9] > max(number.values())
    changes = dict(tuesday.since(saved).to_polars().select("stable", "change").iter_rows())
    assert changes[number[6]] == "gone"
    assert changes[kept[9]] == "new"
    assert {changes[number[id_]] for id_ in (1, 2, 4)} == {"kept"}
    # A decision that is taken back merges again, and the number of the larger part stays.
    wednesday = clusters(tuesday_people, DECIDED.filter(pl.col("decision") == "yes"))
    after = dict(wednesday.stable(rows).to_polars().select("id", "stable").iter_rows())
    assert after[1] == after[2] == after[3] == number[1]
    assert after[9] == kept[9]


def test_the_number_of_a_cluster_that_is_gone_never_comes_back(tmp_path: Path) -> None:
    saved = tmp_path / "saved.csv"

    def day(ids: list[str]) -> dict[str, int]:
        people = pl.DataFrame({"id": ids, "email": [f"{id_}@x.com" for id_ in ids]})
        duplicates = lantern.dedupe(people, ["email:eq"], id="id")
        rows = duplicates.stable(saved if saved.exists() else duplicates).to_polars()
        rows.write_csv(saved)
        return dict(rows.select("id", "stable").iter_rows())

    assert day(["a", "b", "c"]) == {"a": 0, "b": 1, "c": 2}
    assert day(["b", "a"]) == {"a": 0, "b": 1}
    # The number 2 was that of c.
    assert day(["d", "b", "a"]) == {"a": 0, "b": 1, "d": 3}
    assert day(["e", "b"]) == {"b": 1, "e": 4}
    assert day(["d", "b"]) == {"b": 1, "d": 5}


def test_rows_without_an_id_are_new_and_wrong_tables_are_refused() -> None:
    nobody = PEOPLE.with_columns(id=pl.when(pl.col("id") < 6).then("id"))
    first = lantern.dedupe(nobody, RULES, id="id")
    changes = first.since(first).to_polars()
    assert sorted(changes["change"].to_list()).count("new") == 1
    with pytest.raises(InputError, match="no number of a cluster"):
        first.stable(pl.DataFrame({"id": ["1"], "cluster": ["first"]}))
    with pytest.raises(InputError, match="cluster"):
        first.stable(pl.DataFrame({"id": ["1"]}))
    with pytest.raises(TypeError, match="earlier run"):
        first.stable(3)  # type: ignore[arg-type]


def test_golden_records_follow_decisions() -> None:
    golden = clusters(PEOPLE).golden("longest", provenance=False).to_polars()
    names = dict(golden.select("cluster", "name").iter_rows())
    assert sorted(names.values()) == ["Ada B.", "Ada C.", "Cyd", "Robert"]
