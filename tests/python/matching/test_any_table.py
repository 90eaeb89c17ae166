"""Tables with nothing in them, columns of any name and type, rows that occur often."""

from __future__ import annotations

import datetime as dt
import decimal
import random
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lantern
from lantern import rules

COLUMNS = ["left", "right", "confidence", "rules"]
TEXT = {"email": pl.String, "name": pl.String}
TABLES = {
    "no rows": pl.DataFrame(schema=TEXT),
    "nulls": pl.DataFrame({"email": [None, None], "name": [None, None]}, schema=TEXT),
    "no type": pl.DataFrame({"email": [None], "name": [None]}),
    "blank": pl.DataFrame({"email": ["", "n/a"], "name": [" ", "unknown"]}),
    "values": pl.DataFrame({"email": ["a@b.com", "c@d.com"], "name": ["Ada B", "Carl D"]}),
    "no columns": pl.DataFrame(),
}


@pytest.mark.parametrize("right", TABLES)
@pytest.mark.parametrize("left", TABLES)
def test_nothing_to_match_is_an_empty_result(left: str, right: str) -> None:
    settings_: list[dict[str, Any]] = [{}, {"top": None}, {"one_to_one": True}]
    for given_ in settings_:
        matches = lantern.match(TABLES[left], TABLES[right], **given_)
        assert matches.table().column_names == COLUMNS
        assert matches.summary()["matches"] == len(matches)
        if "values" not in (left, right):
            assert len(matches) == 0
    if "no columns" not in (left, right):
        for ruled in (["email:eq", "name:fuzzy0.9"], ["name:contains"]):
            assert lantern.match(TABLES[left], TABLES[right], ruled).table().column_names == COLUMNS


@pytest.mark.parametrize("name", TABLES)
def test_nothing_to_deduplicate_is_a_cluster_a_row(name: str) -> None:
    table = TABLES[name]
    ruled: list[list[str] | None] = [None] if name == "no columns" else [None, ["email:eq"]]
    for one in ruled:
        duplicates = lantern.dedupe(table, one)
        assert duplicates.table().to_polars()["cluster"].to_list() == list(range(table.height))
        assert len(duplicates.golden()) == table.height


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    rng = random.Random(5)
    first = [
        "Anna",
        "Bernd",
        "Carla",
        "Dieter",
        "Emma",
        "Frank",
        "Gerda",
        "Hans",
        "Ilse",
        "Jan",
        "Karl",
        "Lena",
        "Max",
        "Nora",
        "Otto",
    ]
    last = [
        "Abel",
        "Bauer",
        "Conrad",
        "Dorn",
        "Ebert",
        "Falk",
        "Graf",
        "Haas",
        "Imhof",
        "Jung",
        "Kern",
        "Lang",
        "Moser",
        "Nagel",
    ]
    rows = []
    for _ in range(1_000):
        one, other = rng.choice(first), rng.choice(last)
        firm = f"{rng.choice(last)} {rng.choice(['Foods', 'Steel', 'Labs'])} {rng.randint(1, 99)}"
        rows.append(
            {
                "first_name": one,
                "last_name": other,
                "company": firm,
                "email": f"{one}.{other}{rng.randint(1, 99)}@{firm.split()[0]}.de".lower(),
                "phone": f"+49301{rng.randint(100_000, 999_999)}",
                "city": rng.choice(["Bonn", "Köln", "Ulm"]),
            }
        )
    return pl.DataFrame(rows)


def test_a_saved_model_matches_single_rows_of_any_shape(people: pl.DataFrame) -> None:
    left = people.head(400).with_columns(pl.col("company").str.to_uppercase())
    model = lantern.learn(left, people)
    rng, found = random.Random(6), 0
    for number in range(300):
        row: dict[str, Any] = left.row(number, named=True)
        row = {name: None if rng.random() < 0.3 else value for name, value in row.items()}
        row |= {"extra": "x"} if rng.random() < 0.3 else {}
        names = rng.sample(list(row), len(row))
        one = pl.DataFrame({name: [row[name]] for name in names})
        matches = lantern.match(one, people, model=model)
        assert matches.table().column_names == COLUMNS
        found += matches.table().to_polars()["right"].to_list() == [number]
    assert found > 200
    for empty in (left.clear(), left.clear().select(reversed(left.columns))):
        assert lantern.match(empty, people, model=model).table().column_names == COLUMNS
    assert len(lantern.match(left, people.clear(), model=model)) == 0


@pytest.mark.parametrize("copies", [2, 60, 200])
def test_all_copies_are_matches_and_pairs(copies: int) -> None:
    rng = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(rng.choices(letters, k=7)).title() for _ in range(600)]
    names = [f"{a} {b}" for a, b in zip(words[:300], words[300:], strict=True)]
    right = pl.DataFrame(
        {
            "email": [f"p{at}@acme{at}.com" for at in range(300)] + ["ada@acme.com"] * copies,
            "name": names + ["Ada Byron"] * copies,
        }
    )
    left = pl.DataFrame({"email": ["ada@acme.com", "bob@x.com"], "name": ["Ada Byron", "Bob Dole"]})
    expected = list(range(300, 300 + copies))
    for ruled in (None, ["email:eq"]):
        found = lantern.match(left, right, ruled, top=None).table().to_polars()
        assert sorted(found.filter(left=0)["right"]) == expected
        duplicates = lantern.dedupe(right, ruled)
        assert len(duplicates.pairs) == copies * (copies - 1) // 2
        assert duplicates.table().to_polars()["rows"].max() == copies


def test_one_to_one_assigns_before_it_cuts() -> None:
    left = pl.DataFrame({"company": ["Acme Foods", "Acme Food"]})
    right = pl.DataFrame({"company": ["Acme Foods", "Acme Foodz"]})
    for top in (1, None):
        found = lantern.match(left, right, ["company:fuzzy0.8"], one_to_one=True, top=top)
        assert found.table().to_polars().select("left", "right").rows() == [(0, 0), (1, 1)]


def test_what_contains_the_next_does_not_chain() -> None:
    texts = ["a", "ab", "abc", "abcd", "abcde", "bcde", "cde", "de", "e", "ef", "efg", "fgh"]
    duplicates = lantern.dedupe(pl.DataFrame({"text": texts}), ["text:contains"])
    assert duplicates.table().to_polars()["rows"].max() < len(texts) - 2


@pytest.mark.parametrize(
    "name",
    ["Account Name", "crm: Account Name", "a:b", " x ", '"q"', "a_b c", "会社 名", "x\ny", ":"],
)
def test_rules_name_columns_with_spaces_and_colons(name: str) -> None:
    table = pl.DataFrame({name: ["x corp", "y corp", "X corp"]})
    for rule in (rules.eq(name), rules.fuzzy(name, 0.9), str(rules.Rule(name, "contains"))):
        assert rules.parse(rule).field == name
        matches = lantern.match(table, table, [rule], top=None)
        assert len(matches) == 5
        assert matches.explain(0).table().to_pylist()[0]["field"] == name
        assert matches.table().to_pylist()[0]["rules"] == [rule]
        assert lantern.explain_plan(table, table, [rule]).to_pylist()[0]["rules"] == rule
        assert len(lantern.dedupe(table, [rule], weights={name: 0.9}).pairs) == 1


@given(st.text(min_size=1), st.sampled_from(["exact", "eq", "contains", "fuzzy"]))
def test_a_rule_on_any_name_is_read_as_it_was_written(name: str, operator: Any) -> None:
    rule = rules.Rule(name, operator, 0.85 if operator == "fuzzy" else None)
    assert rules.parse(str(rule)) == rule


def test_plain_names_are_written_as_the_api_spells_them() -> None:
    assert rules.eq("Account Name") == "Account Name:eq"
    assert rules.eq(" x") == '" x":eq'
    assert rules.parse("a:b:eq") == rules.Rule("a:b", "eq")


D = decimal.Decimal


def test_decimals_moments_and_lists_are_compared() -> None:
    rng = random.Random(3)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(rng.choices(letters, k=6)).title() for _ in range(240)]
    names = [f"{first} {last}" for first, last in zip(words[:120], words[120:], strict=True)]
    authors = [names[at * 3 : at * 3 + 3] for at in range(40)]
    days = [dt.date(1950 + at, 1 + at % 12, 1 + at % 28) for at in range(40)]
    left = pl.DataFrame(
        {
            "price": pl.Series([D(at) + D("0.50") for at in range(40)], dtype=pl.Decimal(12, 2)),
            "founded": [dt.datetime(day.year, day.month, day.day) for day in days],
            "seen": [dt.datetime(2024, 1, 1, 10, at) for at in range(40)],
            "authors": [rng.sample(of_one, 3) for of_one in authors],
            "took": [dt.timedelta(days=at) for at in range(40)],
        }
    )
    right = left.with_columns(
        price=pl.Series([at + 0.5 for at in range(40)]),
        founded=pl.Series(days),
        authors=pl.Series(authors),
    )
    described = {row["column"]: row for row in lantern.describe(left, right).to_pylist()[:5]}
    assert described["price"]["kind"] == "amount"
    assert described["founded"]["kind"] == described["seen"]["kind"] == "date"
    assert described["authors"]["kind"] == "list"
    assert described["took"]["because"].startswith("it is of type Duration")
    assert "cast it to text" in described["took"]["why_not"]
    for column in ("price", "founded", "seen"):
        assert len(lantern.match(left, right, [f"{column}:eq"])) == 40
    found = lantern.match(left, right, fields=["authors"]).table().to_polars()
    assert found.select("left", "right").rows() == [(at, at) for at in range(40)]
    with pytest.raises(lantern.exceptions.InputError, match=r"'took' of type Duration"):
        lantern.match(left, right, ["took:eq"])


def test_a_list_of_each_type_is_read() -> None:
    values = [["Ada B", "Carl D"], [], None, ["Eve F", None], ["", "Gus H"]]
    for kind in (pa.list_(pa.string()), pa.large_list(pa.string_view())):
        table = pa.table({"names": pa.array(values, kind)})
        assert len(lantern.match(table, table, ["names:eq"])) == 3
        assert len(lantern.match(table.slice(3), table, ["names:eq"])) == 2
    pairs = pa.array([[1, 2], [3, 4], None], pa.list_(pa.int64(), 2))
    table = pa.table({"pair": pairs})
    found = lantern.match(table.slice(1), table, ["pair:eq"]).table().to_polars()
    assert found.select("left", "right").rows() == [(0, 1)]


def test_placeholders_of_a_kind_are_described_as_missing() -> None:
    phones = [f"+141555526{at}" for at in range(10, 16)]
    table = pl.DataFrame(
        {
            "phone": [*phones, "000-000-0000", "unknown"],
            "email": [*[f"ada{at}@acme.com" for at in range(6)], "test@test.com", None],
            "born": [*[f"198{at}-02-03" for at in range(6)], "1900-01-01", "n/a"],
        }
    )
    assert lantern.describe(table).to_polars()["nulls"].to_list() == [0.25, 0.25, 0.25]


SECOND = {
    "int8": pa.array([3, 1, 1], pa.int8()),
    "uint64": pa.array([2**63, 5, 5], pa.uint64()),
    "float16": pa.array([1.5, 2.5, 2.5], pa.float16()),
    "bool": pa.array([True, False, False]),
    "text": pa.array(["a", "b", "b"]),
    "view": pa.array(["a", "b", "b"], pa.string_view()),
    "binary": pa.array([b"a", b"b", b"b"]),
    "fixed binary": pa.array([b"aa", b"bb", b"bb"], pa.binary(2)),
    "date": pa.array([dt.date(2020, 1, 1), dt.date(2021, 1, 1), dt.date(2021, 1, 1)]),
    "time": pa.array([1, 2, 2], pa.time64("ns")),
    "timestamp": pa.array([1, 2, 2], pa.timestamp("us", "Europe/Berlin")),
    "duration": pa.array([1, 2, 2], pa.duration("ms")),
    "interval": pa.array([pa.MonthDayNano([1, 2, at]) for at in (3, 4, 4)]),
    "decimal32": pa.array([D("1.10"), D("2.20"), D("2.20")], pa.decimal32(5, 2)),
    "decimal128": pa.array([D("1.10"), D("2.20"), D("2.20")]),
    "decimal256": pa.array([D("1.10"), D("2.20"), D("2.20")], pa.decimal256(50, 2)),
    "list": pa.array([[1], [1, 2], [1, 2]]),
    "fixed list": pa.array([[1, 1], [1, 2], [1, 2]], pa.list_(pa.int64(), 2)),
    "list view": pa.array([[1], [1, 2], [1, 2]], pa.list_view(pa.int64())),
    "struct": pa.array([{"a": 1}, {"a": 2}, {"a": 2}]),
    "map": pa.array([[("a", 1)], [("b", 2)], [("b", 2)]], pa.map_(pa.string(), pa.int64())),
    "dictionary": pa.array(["a", "b", "b"]).dictionary_encode(),
    "run-end": pa.RunEndEncodedArray.from_arrays(pa.array([1, 3], pa.int32()), pa.array([5, 6])),
}


@pytest.mark.parametrize("kind", SECOND)
def test_golden_records_have_a_value_of_their_rows_whatever_its_type(kind: str) -> None:
    values = SECOND[kind]
    duplicates = lantern.dedupe(pa.table({"key": ["a", "a", "a"], "value": values}), ["key:exact"])
    strategies = ["most_frequent", "first", "last", "longest", "min", "max", "most_complete"]
    for strategy in [*strategies, "newest:value"]:
        golden = pa.table(duplicates.golden(strategy))
        row = golden["value_row"][0].as_py()
        assert golden["value"].type == values.type
        assert golden["value"][0].as_py() == values[row].as_py()
        expected = {"most_frequent": 1, "first": 0, "last": 2}.get(strategy, row)
        assert row == expected, strategy


RESERVED = [
    ["cluster", "rows", "row", "left", "right", "score", "confidence"],
    ["left_id", "right_id", "rules", "id", "email_row", "email"],
    ["field", "value", "kind", "m", "u", "agreement", "weight"],
    ["label", "match", "pair", "index", "ties", "key", "part"],
]


@pytest.mark.parametrize("names", RESERVED, ids=lambda names: names[0])
def test_columns_may_be_called_as_those_of_results(names: list[str]) -> None:
    texts = ("alpha one", "beta two", "gamma three", "alpha one")
    table = pl.DataFrame({name: [f"{name} {text}" for text in texts] for name in names})
    ruled: list[Any] = [None, [f"{names[0]}:eq"], [[f"{name}:eq"] for name in names]]
    for one in ruled:
        matches = lantern.match(table, table, one, left_id=names[-1], right_id=names[-1], top=None)
        if one:
            assert len(matches) == 6
            matches.explain(0).plot().to_dict()
        matches.plot().to_dict()
        matches._repr_html_()
        assert matches.table().to_polars()["left"].dtype == pl.UInt64
        assert set(names) <= set(matches.unmatched_left().to_polars().columns)
        duplicates = lantern.dedupe(table, one)
        golden = duplicates.golden(f"newest:{names[0]}", columns={names[1]: "min"}).to_polars()
        assert set(names) <= set(golden.columns)
        duplicates.plot().to_dict()
    lantern.learn(table).plot().to_dict()
    assert set(names) <= set(lantern.describe(table, table).to_polars()["column"])
    keys = table.lazy().with_columns(
        *[pl.col(name).lantern.company_key() for name in names],
        alike=pl.col(names[0]).lantern.jaro(names[1]),
    )
    assert keys.collect().columns == [*names, "alike"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=3)), max_size=8))
def test_every_golden_value_is_one_of_its_cluster(rows: list[tuple[str, str]]) -> None:
    table = pl.DataFrame(
        {"key": [key for key, _ in rows], "value": [value for _, value in rows]},
        schema={"key": pl.String, "value": pl.String},
    )
    duplicates = lantern.dedupe(table, ["key:exact"])
    clusters = duplicates.table().to_polars()["cluster"].to_list()
    for strategy in ("most_frequent", "longest", "first", "last", "min", "max"):
        for golden in duplicates.golden(strategy).to_pylist():
            assert clusters[golden["value_row"]] == golden["cluster"]
            assert table["value"][golden["value_row"]] == golden["value"]
