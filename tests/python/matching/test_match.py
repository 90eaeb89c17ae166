"""Matching and deduplicating tables from Python."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import lantern
from lantern.exceptions import InputError

sys.path.insert(0, str(Path(__file__).parents[3] / "benches"))
from leads_to_accounts import generate

LEADS = {"company": ["ACME Incorporated", "Globex", None], "domain": ["acme.com", "", "x.com"]}
ACCOUNTS = {"company": ["Globex LLC", "Acme, Inc."], "domain": [None, "https://www.acme.com"]}
RULES = [["domain:eq", "company:fuzzy0.85"], ["company:eq"]]


def pairs(matches):
    return matches.table().to_polars().select("left", "right").rows()


@pytest.mark.parametrize(
    "make",
    [
        pl.DataFrame,
        pl.LazyFrame,
        pd.DataFrame,
        pa.table,
        lambda columns: relation(columns),
        lambda columns: pl.DataFrame(columns).with_columns(pl.all().cast(pl.Categorical)),
        lambda columns: pa.table(columns).cast(
            pa.schema([(name, pa.large_string()) for name in columns])
        ),
        lambda columns: pa.table(columns).cast(
            pa.schema([(name, pa.string_view()) for name in columns])
        ),
    ],
)
def test_any_table_gives_the_same_matches(make):
    matches = lantern.match(make(LEADS), make(ACCOUNTS), RULES)
    assert pairs(matches) == [(0, 1), (1, 0)]


def relation(columns):
    arrow_table = pa.table(columns)  # noqa: F841, DuckDB reads it by its name
    return duckdb.connect().sql("from arrow_table")


def test_matches_are_an_arrow_stream_that_can_be_read_twice():
    matches = lantern.match(pl.DataFrame(LEADS), pl.DataFrame(ACCOUNTS), RULES)
    for _ in range(2):
        assert pl.DataFrame(matches).columns == ["left", "right", "confidence", "rules"]
    assert pa.table(matches).schema.field("left").type == pa.uint64()
    assert pl.DataFrame(matches)["rules"].to_list()[0] == [
        "domain:eq",
        "company:fuzzy0.85",
        "company:eq",
    ]


def test_ids_come_back_and_are_no_evidence():
    left = pl.DataFrame({"id": [7, 8], "email": ["a@x.com", "b@x.com"]})
    right = pl.DataFrame({"key": ["r", "s"], "email": ["B@x.com", "A@x.com"]})
    matches = lantern.match(left, right, "email:eq", left_id="id", right_id="key")
    assert pl.DataFrame(matches).select("left_id", "right_id").rows() == [(7, "s"), (8, "r")]


def test_rows_without_a_match_are_rows_of_the_tables():
    matches = lantern.match(pl.DataFrame(LEADS), pl.DataFrame(ACCOUNTS), ["domain:eq"])
    assert matches.unmatched_left().to_polars().rows() == [(1, "Globex", ""), (2, None, "x.com")]
    assert matches.unmatched_right().to_polars()["row"].to_list() == [0]
    summary = matches.summary()
    assert (summary["matches"], summary["unmatched_left"], summary["unmatched_right"]) == (1, 2, 1)


def test_one_to_one_gives_each_right_row_once():
    left = pl.DataFrame({"company": ["Acme Foods", "Acme Food", "Acme Foot"]})
    right = pl.DataFrame({"company": ["Acme Foods", "Acme Food"]})
    loose = lantern.match(left, right, ["company:fuzzy0.8"])
    strict = lantern.match(left, right, ["company:fuzzy0.8"], one_to_one=True)
    assert pairs(loose) == [(0, 0), (1, 1), (2, 1)]
    assert pairs(strict) == [(0, 0), (1, 1)]


@pytest.fixture(scope="module")
def leads():
    accounts, leads, truth = generate(10_000, 3_000, 11)
    return leads, accounts, truth


def f1(matches, truth):
    found = pairs(matches)
    true = sum(truth[left] == right for left, right in found)
    return 2 * true / (len(found) + sum(row is not None for row in truth))


def test_nothing_set_matches_leads_to_accounts(leads):
    matches = lantern.match(leads[0], leads[1], left_id="lead_id", right_id="account_id")
    assert f1(matches, leads[2]) > 0.96
    kinds = {row["field"]: row["kind"] for row in matches.model.table().to_pylist()}
    assert kinds == {"company": "company", "email_domain": "domain", "country": "country"}


def test_confidence_is_the_share_of_true_matches(leads):
    found = pl.DataFrame(
        lantern.match(leads[0], leads[1], left_id="lead_id", right_id="account_id", threshold=0)
    )
    true = [leads[2][left] == right for left, right in found.select("left", "right").rows()]
    sure = [is_true for is_true, c in zip(true, found["confidence"], strict=True) if c >= 0.9]
    unsure = [is_true for is_true, c in zip(true, found["confidence"], strict=True) if c < 0.3]
    assert sum(sure) / len(sure) >= 0.9
    assert sum(unsure) / len(unsure) <= 0.3


def test_a_model_is_saved_pickled_and_used_again(leads, tmp_path):
    given = {"left_id": "lead_id", "right_id": "account_id"}
    model = lantern.learn(leads[0], leads[1], **given)
    learned = model.table().to_polars()
    assert learned["m"].is_between(0, 1).all()
    assert learned["u"].drop_nulls().is_between(0, 1).all()
    assert learned.filter(agreement="the same")["u"].null_count() == learned["field"].n_unique()
    model.save(tmp_path / "model.json")
    for again in (lantern.Model.load(tmp_path / "model.json"), pickle.loads(pickle.dumps(model))):
        assert again == model
    first = lantern.match(leads[0], leads[1], **given)
    assert pairs(lantern.match(leads[0], leads[1], model=model, **given)) == pairs(first)
    (tmp_path / "old.json").write_text('{"version": 0}')
    with pytest.raises(InputError, match=r"version 0.*learn it again"):
        lantern.Model.load(tmp_path / "old.json")


def test_an_explanation_adds_up_and_is_shown(leads):
    matches = lantern.match(leads[0], leads[1], left_id="lead_id", right_id="account_id")
    explained = matches.explain(-1)
    table = explained.table().to_polars()
    assert table.columns == ["field", "left", "right", "agreement", "weight"]
    assert str(explained) == explained.sentence
    assert "with confidence" in explained.sentence
    assert "<table" in matches._repr_html_()
    for chart in (explained.plot(), matches.plot(), matches.model.plot()):
        assert chart.to_dict()["$schema"]
    with pytest.raises(IndexError, match="counted from 0"):
        matches.explain(len(matches))


def test_values_are_escaped_in_html():
    left = pl.DataFrame({"name": ["<script>alert(1)</script> Inc"]})
    matches = lantern.match(left, left, ["name:exact"])
    assert "<script>" not in matches._repr_html_() + matches.explain(0)._repr_html_()


def test_labels_are_believed(leads):
    given = {"left_id": "lead_id", "right_id": "account_id"}
    plain = lantern.learn(leads[0], leads[1], **given)
    found = pairs(lantern.match(leads[0], leads[1], **given))
    told = lantern.learn(
        leads[0], leads[1], labels=[(left, right, False) for left, right in found[:1000]], **given
    )
    assert told.matched < plain.matched - 0.1


def test_duplicates_and_golden_records():
    people = pl.DataFrame(
        {
            "email": ["ada@acme.com", "bob@acme.com", "Ada@Acme.com", None],
            "phone": [None, "1", "2", "3"],
            "seen": [1, 2, 3, 4],
        }
    )
    duplicates = lantern.dedupe(people, ["email:eq"], id="seen")
    assert pl.DataFrame(duplicates).rows() == [
        (0, 1, 0, 2),
        (1, 2, 1, 1),
        (2, 3, 0, 2),
        (3, 4, 2, 1),
    ]
    golden = duplicates.golden("first", columns={"email": "newest:seen"}).to_polars()
    assert golden.row(0, named=True) == {
        "cluster": 0,
        "rows": 2,
        "email": "Ada@Acme.com",
        "phone": "2",
        "seen": 1,
        "email_row": 2,
        "phone_row": 2,
        "seen_row": 0,
    }
    assert duplicates.summary()["duplicates"] == 1
    assert pairs(duplicates.pairs) == [(2, 0)]
    with pytest.raises(InputError, match="no strategy 'best'"):
        duplicates.golden("best")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rules": ["compny:eq"]}, r"no column 'compny'.*; did you mean 'company'\?"),
        ({"rules": ["company:like"]}, "no operator"),
        ({"rules": ["company:fuzzy1.2"]}, "above 0 and at most 1"),
        ({"rules": ["company"]}, "no colon"),
        ({"rules": []}, "would match everything"),
        ({"rules": ["company:eq", ["domain:eq"]]}, "and not both"),
        ({"rules": ["n:fuzzy0.9"]}, "holds numbers; cast it to text"),
        ({"rules": ["company:eq"], "threshold": 1.2}, "between 0 and 1"),
        ({"rules": ["company:eq"], "top": 0}, "top is 0"),
        ({"rules": ["company:eq"], "weights": {"phone": 0.5}}, "weight for 'phone'"),
        ({"weights": {"company": 0.5}}, "leave weights out"),
        ({"left_id": "nope"}, "left table has no column 'nope'"),
        ({"fields": {"company": ("company", "nope")}}, "right table has no column 'nope'"),
        ({"fields": {"company": ("company", "company", "thing")}}, "no kind of field"),
        ({"fields": {"company": {"both": "company"}}}, "left, right, columns and kind"),
    ],
)
def test_bad_input_is_one_sentence_that_says_what_to_do(arguments, message):
    left = pl.DataFrame({**LEADS, "n": [1, 2, 3]})
    right = pl.DataFrame({**ACCOUNTS, "n": [1, 2]})
    with pytest.raises(InputError, match=message) as raised:
        lantern.match(left, right, **arguments)
    assert "\n" not in str(raised.value)


def test_what_is_no_table_is_a_type_error():
    with pytest.raises(TypeError, match="Arrow stream"):
        lantern.match([1], [2])
    with pytest.raises(TypeError, match="fields must be a list of columns, or a mapping"):
        lantern.match(pl.DataFrame(LEADS), pl.DataFrame(ACCOUNTS), fields=3)


def test_tables_that_have_nothing_in_common_say_so():
    left, right = pl.DataFrame({"founded": [1990, 2004]}), pl.DataFrame({"color": ["red", "blue"]})
    with pytest.raises(InputError, match=r"no column of the left table .* name them with fields="):
        lantern.match(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"a": [None]}, {"b": ["x"]}),
        ({"name": []}, {"name": ["Ada Byron"]}),
        ({"name": ["Ada Byron"]}, {"name": []}),
        ({"name": [None, ""]}, {"name": ["Ada Byron"]}),
    ],
)
def test_nothing_to_match_is_an_empty_result(left, right):
    matches = lantern.match(pl.DataFrame(left), pl.DataFrame(right))
    assert pl.DataFrame(matches).columns == ["left", "right", "confidence", "rules"]
    assert len(matches) == 0


def test_a_model_knows_its_fields_whatever_the_columns_of_the_day_are(leads):
    model = lantern.learn(leads[0], leads[1], left_id="lead_id", right_id="account_id")
    expected = pairs(lantern.match(leads[0], leads[1], model=model))
    shuffled = leads[0].select(reversed(leads[0].columns)).with_columns(note=pl.lit("2024-01-31"))
    assert pairs(lantern.match(shuffled, leads[1], model=model)) == expected
    nulls = leads[0].head(3).with_columns(country=pl.lit(None, pl.String))
    assert len(lantern.match(nulls, leads[1], model=model)) <= 3
    assert len(lantern.match(leads[0].clear(), leads[1], model=model)) == 0


def test_phones_without_a_country_code_meet_those_with_one():
    phones = [f"555-{number}" for number in range(2671, 2691)]
    left = pl.DataFrame({"phone": [f"(415) {phone}" for phone in phones]})
    right = pl.DataFrame({"phone": [f"+1 415 {phone}" for phone in phones]})
    matches = lantern.match(left, right, default_region="US")
    assert pairs(matches) == [(row, row) for row in range(20)]
    with pytest.raises(InputError, match="XX"):
        lantern.match(left, right, default_region="XX")


def test_added_columns_give_way_to_those_of_the_table():
    table = pl.DataFrame({"row": ["a", "b"], "email": ["a@x.com", "b@x.com"]})
    matches = lantern.match(table, table.head(1), ["email:eq"])
    assert matches.unmatched_left().to_pylist() == [{"row_": 1, "row": "b", "email": "b@x.com"}]


def test_all_matches_of_a_row_are_given():
    firms = [f"Firm{number} Dorn{number * 7}" for number in range(200)]
    accounts = pl.DataFrame({"company": firms + ["Amber Foods"] * 30})
    found = lantern.match(pl.DataFrame({"company": [*firms, "Amber Foods"]}), accounts, top=None)
    assert sum(left == 200 for left, _ in pairs(found)) == 30
    assert len(lantern.dedupe(accounts).pairs) == 30 * 29 // 2


@pytest.mark.parametrize("rules", [None, ["company:fuzzy0.5"]])
def test_empty_tables_and_nulls_give_no_match(rules):
    some, none = (
        pl.DataFrame({"company": ["Acme", "Globex"]}),
        pl.DataFrame({"company": ["x"]}).clear(),
    )
    nulls = pl.DataFrame({"company": [None, ""]}, schema={"company": pl.String})
    for left, right in [(some, none), (none, some), (nulls, some), (none, none)]:
        matches = lantern.match(
            left, right, rules, fields={"company": ("company", "company", "company")}
        )
        assert len(matches) == 0
        assert matches.unmatched_left().num_rows == left.height


def test_rules_that_would_compare_everything_say_so_first():
    many = pl.DataFrame({"name": [f"name {n}" for n in range(200_000)]})
    plan = lantern.explain_plan(many, many, ["name:fuzzy0.9"]).to_pylist()[0]
    assert plan["candidates"] == 200_000**2
    assert "compares 40000000000 pairs" in plan["warning"]


def work(queue):
    # Polars does not work in a forked child.
    table = lantern.match(pa.table(LEADS), pa.table(ACCOUNTS), RULES).table()
    queue.put([(row["left"], row["right"]) for row in table.to_pylist()])


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_a_forked_child_matches_after_its_parent_did(leads):
    lantern.match(leads[0], leads[1], left_id="lead_id", right_id="account_id")
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=work, args=(queue,))
    child.start()
    try:
        assert queue.get(timeout=60) == [(0, 1), (1, 0)]
    finally:
        child.kill()
        child.join()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_ctrl_c_stops_it():
    code = """
        import lantern, polars as pl, sys
        texts = [f"amber {n} ridge {n * 7919 % 99991}" for n in range(400_000)]
        names = pl.DataFrame({"company": texts})
        print("begun", flush=True)
        try:
            lantern.match(names, names, ["company:fuzzy0.55"])
        except KeyboardInterrupt:
            print("stopped", flush=True)
    """
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    time.sleep(1)
    os.kill(running.pid, signal.SIGINT)
    out, _ = running.communicate(timeout=60)
    assert out == "stopped\n"


@pytest.mark.parametrize("rows", [1_000, 5_000])
def test_colleagues_and_neighbours_are_no_duplicates(rows: int) -> None:
    with lantern.LocalServer(size=rows) as server:
        people, companies = server.people().to_polars(), server.companies().to_polars()
    # Two people of one name at one company are taken for one; there are few.
    assert pl.DataFrame(lantern.dedupe(people))["cluster"].n_unique() >= 0.995 * rows
    clusters = pl.DataFrame(lantern.dedupe(companies))["cluster"].n_unique()
    assert clusters >= 0.99 * companies.height


def test_duplicates_among_colleagues_are_found() -> None:
    with lantern.LocalServer(size=2_000) as server:
        people = server.people().to_polars()
    again = people.sample(300, seed=1).with_columns(
        # A letter is doubled, the address is that of a private mailbox, the profile is unknown.
        last_name=pl.col("last_name").str.replace(r"(.)$", "$1$1"),
        first_name=pl.col("first_name").str.to_uppercase(),
        email=pl.lit(None, pl.String),
        linkedin=pl.lit(None, pl.String),
        id=pl.col("id") + "-2",
    )
    both = pl.concat([people, again])
    found = pl.DataFrame(lantern.dedupe(both)).with_columns(person=both["id"].str.head(8))
    pairs = (
        found.select("person", "cluster")
        .join(found, on="cluster")
        .filter(pl.col("person") <= pl.col("person_right"))
    )
    joined = found.group_by("person").agg(pl.col("cluster").n_unique(), pl.len())
    true = joined.filter((pl.col("len") == 2) & (pl.col("cluster") == 1)).height
    assert true >= 0.95 * 300
    false = pairs.filter(pl.col("person") != pl.col("person_right")).height
    assert false <= 0.02 * 300
