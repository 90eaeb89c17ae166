"""The loop of matching: look at pairs, decide them, measure, choose a threshold, ask why."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import polars as pl
import pytest

import lantern
from lantern.exceptions import InputError

LEADS = pl.DataFrame(
    {
        "id": ["l0", "l1", "l2"],
        "company": ["ACME Incorporated", "Globex", "Umbrella"],
        "city": ["Bonn", "Köln", None],
    }
)
ACCOUNTS = pl.DataFrame(
    {"id": ["a0", "a1", "a2"], "company": ["Globex LLC", "Acme, Inc.", "Initech"]}
)
RULES = ["company:fuzzy0.85"]
IDS = {"left_id": "id", "right_id": "id"}


def names(first: int, last: int, *, wrong: int = 0) -> pl.DataFrame:
    """People of whom every `wrong`th has a letter too few."""
    parts = ["bar", "cel", "dor", "fen", "gul", "hav", "jis", "kor", "lem", "min", "nov", "pra"]
    parts += ["qui", "ros", "tav", "wex"]

    def word(number: int) -> str:
        mixed = number * 40_503 % 65_536
        return "".join(parts[mixed >> shift & 15] for shift in (12, 8, 4, 0))

    rows = []
    for at in range(first, last):
        name = f"{word(at)} {word(at + 20_000)}"
        if wrong and at % wrong == 0:
            name = name[:-2]
        rows.append({"key": f"k{at}", "name": name, "email": f"{word(at)}@{word(at + 9_000)}.com"})
    return pl.DataFrame(rows)


def test_both_sides_are_joined_to_the_matches() -> None:
    matches = lantern.match(LEADS, ACCOUNTS, RULES, **IDS)
    joined = matches.joined().to_polars()
    assert joined.columns == [
        *("left", "right", "left_id", "right_id", "confidence"),
        *("left_company", "left_city", "right_company"),
    ]
    assert joined["right_company"].to_list() == ["Acme, Inc.", "Globex LLC"]
    few = matches.joined(left=["city"], right=[]).to_polars()
    assert few.columns[5:] == ["left_city"]
    with pytest.raises(InputError, match="did you mean 'city'"):
        matches.joined(left=["citi"])


def test_any_pair_is_explained() -> None:
    matches = lantern.match(LEADS, ACCOUNTS, RULES, **IDS)
    assert matches.explain(left="l0", right="a1").sentence == matches.explain(0).sentence
    assert matches.explain(left=0, right=1).matched
    other = matches.explain(left="l2", right="a2")
    assert not other.matched
    assert "'company:fuzzy0.85'" in str(other.why_not)
    assert other.sentence.startswith("Left row 2 and right row 2 do not match")
    with pytest.raises(InputError, match="no row has the id 'x'"):
        matches.explain(left="x", right="a1")
    with pytest.raises(InputError, match="no row 7 in the right table"):
        matches.explain(left=0, right=7)
    with pytest.raises(TypeError, match="left= and right="):
        matches.explain(left=0)
    with pytest.raises(IndexError):
        matches.explain(2)


def test_a_pair_is_explained_as_it_was_matched() -> None:
    twice = pl.DataFrame({"domain": ["acme.com", "www.acme.com"]})
    one = pl.DataFrame({"domain": ["acme.com"]})
    assert lantern.explain(twice, one, ["domain:eq"], left=1).matched
    assert not lantern.explain(twice, one, ["domain:eq"], left=1, one_to_one=True).matched


def test_a_learned_pair_says_why_it_is_none() -> None:
    people = names(0, 150)
    matches = lantern.match(people, people, left_id="key", right_id="key")
    never = matches.explain(left="k3", right="k77")
    assert "never compared" in str(never.why_not)
    assert never.confidence < 0.5
    contributions = never.table().to_polars()
    assert {"name", "email"} <= set(contributions["field"].to_list())
    one = lantern.explain(people, left=3, right=77, left_id="key")
    assert one.left == 77, "of one table the later row comes first"
    assert not one.matched
    again = lantern.explain({"company": "Acme"}, {"company": "ACME Inc"}, ["company:eq"])
    assert again.matched


def labels_in(form: str, folder: Path) -> object:
    rows = [("l0", "a1", False), ("l2", "a2", True)]
    table = pl.DataFrame(
        {
            "right_id": [right for _, right, _ in rows],
            "decision": ["yes" if is_ else "no" for *_, is_ in rows],
            "left_id": [left for left, *_ in rows],
        }
    )
    if form == "tuples":
        return rows
    if form == "rows":
        return [(0, 1, False), (2, 2, True)]
    if form == "swapped":
        return table.rename({"left_id": "right_id", "right_id": "left_id"})
    if form == "file":
        table.write_csv(folder / "decisions.csv")
        return folder / "decisions.csv"
    return table


@pytest.mark.parametrize("form", ["tuples", "rows", "table", "swapped", "file"])
def test_labels_bind_in_every_form(form: str, tmp_path: Path) -> None:
    given = labels_in(form, tmp_path)
    matches = lantern.match(LEADS, ACCOUNTS, RULES, labels=given, **IDS)  # type: ignore[arg-type]
    found = matches.table().to_polars().select("left_id", "right_id", "confidence").rows()
    assert found[0][:2] == ("l1", "a0")
    assert found[1:] == [("l2", "a2", 1.0)]
    assert matches.summary()["labels"] == 2
    assert matches.explain(left=0, right=1).why_not == "a label says that they are not"


def test_a_decision_in_a_tuple_is_read_as_in_a_table() -> None:
    for no, yes in ((0, 1), ("no", "yes"), ("nein", "x"), (False, True)):
        labels = [("l0", "a1", no), ("l2", "a2", yes), ("l1", "a0", None)]
        matches = lantern.match(LEADS, ACCOUNTS, RULES, labels=labels, **IDS)
        found = matches.table().to_polars().select("left_id", "confidence").rows()
        assert found[1:] == [("l2", 1.0)]
        assert found[0][1] < 1
        assert matches.summary()["labels"] == 2
    # Rows keep their places in errors where others are undecided.
    labels_of_rows = [(1, 0, None), (0, 1, True), (0, 1, False)]
    with pytest.raises(InputError, match=r"row 1 of the labels .* row 2 of the labels"):
        lantern.match(LEADS, ACCOUNTS, RULES, labels=labels_of_rows)
    for unclear in (2, "perhaps", 0.5):
        with pytest.raises(TypeError, match="entry 0 is no such tuple"):
            lantern.match(LEADS, ACCOUNTS, RULES, labels=[(0, 1, unclear)])  # type: ignore[list-item]


def test_ids_may_be_uuids() -> None:
    ids = [uuid.UUID(int=number) for number in range(3)]
    leads = LEADS.with_columns(id=pl.Series([str(id_) for id_ in ids]))
    labels = [(ids[2], "a2", True), (ids[0], "a1", False)]
    matches = lantern.match(leads, ACCOUNTS, RULES, labels=labels, **IDS)
    pairs = matches.table().to_polars().select("left_id", "right_id").rows()
    assert pairs == [(str(ids[1]), "a0"), (str(ids[2]), "a2")]


def test_a_truth_says_which_of_its_pairs_are_not_in_the_tables() -> None:
    matches = lantern.match(LEADS, ACCOUNTS, RULES, **IDS)
    evaluation = lantern.evaluate(matches, [("l0", "a1"), ("l7", "a1"), ("l8", "a1")])
    assert evaluation.recall == 1.0
    (warning,) = evaluation.summary()["warnings"]
    assert "2 labels name ids that the tables do not have" in warning
    assert "2 labels name ids" in evaluation._repr_html_()
    with pytest.raises(InputError, match="name no rows of these tables: 1 label"):
        lantern.evaluate(matches, [("l7", "a1")])
    assert lantern.evaluate(matches, [("l0", "a1")]).summary()["warnings"] == []


def test_labels_of_rows_that_are_gone_are_said_and_wrong_ones_refused() -> None:
    labels = [("l0", "a1", False), ("l9", "a1", True)]
    matches = lantern.match(LEADS, ACCOUNTS, RULES, labels=labels, **IDS)
    assert any("1 label names an id" in text for text in matches.summary()["warnings"])
    with pytest.raises(InputError, match="left row 9"):
        lantern.match(LEADS, ACCOUNTS, RULES, labels=[(9, 0, True)])
    with pytest.raises(InputError, match="no column 'decision'"):
        lantern.match(LEADS, ACCOUNTS, RULES, labels=pl.DataFrame({"left": [0], "right": [1]}))
    with pytest.raises(TypeError, match="whether they match"):
        lantern.match(LEADS, ACCOUNTS, RULES, labels=[(1, 2)])  # type: ignore[list-item]
    emails = pl.DataFrame({"email": ["a@x.com"] * 3})
    contradiction = [(0, 1, True), (1, 2, True), (0, 2, False)]
    with pytest.raises(InputError, match="rows 0 and 2 differ"):
        lantern.dedupe(emails, ["email:eq"], labels=contradiction)


def test_clusters_are_merged_and_split_by_hand_and_keep_their_numbers() -> None:
    people = pl.DataFrame(
        {"id": list("abcde"), "email": ["x@x.com", "x@x.com", "x@x.com", "y@y.com", "z@z.com"]}
    )
    before = lantern.dedupe(people, ["email:eq"], id="id")
    assert before.table().to_polars()["cluster"].to_list() == [0, 0, 0, 1, 2]
    labels = [("a", "b", False), ("a", "c", True), ("d", "e", True)]
    after = lantern.dedupe(people, ["email:eq"], id="id", labels=labels)
    clusters = dict(after.table().to_polars().select("id", "cluster").iter_rows())
    assert clusters["a"] != clusters["b"]
    assert clusters["d"] == clusters["e"]
    assert after.golden(provenance=False).num_rows == 3
    became = after.since(before).to_polars()
    assert sorted(became["change"].to_list()) == ["merged", "split", "split"]
    # The same labels on tomorrow's table, in another order and with a new row.
    tomorrow = pl.concat([people.reverse(), pl.DataFrame({"id": ["f"], "email": ["y@y.com"]})])
    again = lantern.dedupe(tomorrow, ["email:eq"], id="id", labels=labels)
    of = dict(again.table().to_polars().select("id", "cluster").iter_rows())
    assert of["a"] != of["b"]
    assert of["d"] == of["e"] == of["f"]
    changes = again.since(after).to_polars()
    assert set(changes["change"].to_list()) <= {"kept", "grown"}
    stable = dict(changes.select("cluster", "stable").iter_rows())
    for id_ in "abcde":
        assert stable[of[id_]] == clusters[id_]


def test_labels_change_what_a_model_believes() -> None:
    left, right = names(0, 200, wrong=3), names(0, 200)
    plain = lantern.match(left, right, left_id="key", right_id="key", threshold=0, top=None)
    first = dict.fromkeys([*range(0, 60, 3)], False)
    labels = [(row, row, is_) for row, is_ in first.items()]
    labels += [(row, row, True) for row in range(1, 60, 3)]
    taught = lantern.match(
        left, right, left_id="key", right_id="key", threshold=0, top=None, labels=labels
    )
    # A row with a letter too few that no label names.
    assert plain.explain(left=99, right=99).confidence > 0.9
    assert taught.explain(left=99, right=99).confidence < 0.5
    assert taught.explain(left=100, right=100).confidence > 0.9
    model = taught.model
    assert model is not None
    assert json.loads(model.to_json())["labelled"]["labels"] == len(labels)
    again = lantern.match(
        left, right, left_id="key", right_id="key", threshold=0, top=None, model=model
    )
    assert again.explain(left=99, right=99).confidence < 0.5


def test_a_labelled_pair_that_was_never_compared_binds_and_is_judged() -> None:
    left, right = names(0, 200, wrong=3), names(0, 200)
    ids = {"left_id": "key", "right_id": "key"}
    plain = lantern.match(left, right, **ids)
    assert "never compared" in str(plain.explain(left="k3", right="k77").why_not)
    labels = [(row, row, True) for row in range(1, 60, 3)]
    labels += [(row, row + 1, False) for row in range(1, 60, 3)]
    taught = lantern.match(left, right, labels=[*labels, (3, 77, True)], **ids)
    explained = taught.explain(left="k3", right="k77")
    assert explained.matched
    assert explained.confidence == 1.0
    # It is an exception: no other pair like it is taken for a match.
    assert taught.explain(left="k6", right="k80").confidence < 0.01
    measured = lantern.evaluate(taught, [(3, 77, True), (4, 4, True)], complete=False)
    assert measured.recall == 0.5, "without its own label it would not be found"


def test_contributions_add_up_after_labels() -> None:
    left, right = names(0, 200, wrong=3), names(0, 200)
    labels = [(row, row, row % 3 > 0) for row in range(60)]
    matches = lantern.match(left, right, fields=["name", "email"], labels=labels, threshold=0.01)
    unlabelled = [at for at, row in enumerate(matches.table().to_pylist()) if row["left"] >= 60]
    for at in unlabelled[:10]:
        explanation = matches.explain(at)
        if explanation.confidence < 1 - 1e-6:
            bits = sum(float(str(part["weight"])) for part in explanation.table().to_pylist())
            assert 1 / (1 + 2**-bits) == pytest.approx(explanation.confidence, abs=0.01)


def test_a_result_is_measured_with_intervals() -> None:
    matches = lantern.match(LEADS, ACCOUNTS, RULES, **IDS)
    evaluation = lantern.evaluate(matches, [("l0", "a1"), ("l1", "a2")])
    found = evaluation.summary()
    assert found["precision"] == pytest.approx((0.5, 0.0945, 0.9055), abs=1e-3)
    assert found["recall"][0] == 0.5
    assert evaluation.f1 == pytest.approx(0.5)
    mistakes = evaluation.errors().to_polars()
    assert sorted(mistakes["mistake"].to_list()) == ["false_match", "missed_match"]
    assert "do not match" in mistakes.filter(pl.col("mistake") == "missed_match")["sentence"][0]
    assert evaluation.table().num_rows == 101
    assert evaluation.blocking_recall() is not None
    # Of a sample nothing is known of other pairs.
    sample = lantern.evaluate(matches, [("l0", "a1", True), ("l1", "a2", False)])
    assert sample.precision == 1.0
    assert sample.recall == 1.0
    # Nor of a file in which a person has decided some pairs, even if all of these match.
    decided = pl.DataFrame({"left_id": ["l0"], "right_id": ["a1"], "decision": ["yes"]})
    assert lantern.evaluate(matches, decided).precision == 1.0
    assert lantern.evaluate(matches, decided, complete=True).precision == 0.5
    assert lantern.evaluate(matches, decided.drop("decision")).precision == 0.5
    with pytest.raises(InputError, match="names no pair"):
        lantern.evaluate(matches, [])
    with pytest.raises(TypeError, match="matches must be the result"):
        lantern.evaluate(LEADS, [(0, 1)])  # type: ignore[arg-type]


def test_duplicates_have_cluster_measures() -> None:
    emails = pl.DataFrame({"email": ["a@x.com", "A@x.com", "b@x.com", "c@x.com", "d@x.com"]})
    duplicates = lantern.dedupe(emails, ["email:eq"])
    of = lantern.evaluate(duplicates, [(0, 1), (2, 3)]).summary()["clusters"]
    assert of["pairwise_precision"] == 1.0
    assert of["pairwise_recall"] == 0.5
    assert of["b_cubed_precision"] == 1.0
    assert of["b_cubed_recall"] == pytest.approx((1 + 1 + 0.5 + 0.5 + 1) / 5)
    assert (of["exact"], of["clusters"], of["entities"]) == (2, 4, 3)


def test_labels_are_judged_without_their_own_help() -> None:
    left, right = names(0, 200, wrong=3), names(0, 200)
    labels = [(row, row, row % 2 == 0) for row in range(100)]
    matches = lantern.match(left, right, left_id="key", right_id="key", labels=labels)
    measured = lantern.evaluate(matches, labels)
    # That a label binds does not make the model right about it: these are a coin's.
    assert measured.precision is not None
    assert measured.precision < 0.9


def test_a_precision_chooses_the_threshold() -> None:
    left, right = names(0, 300, wrong=3), names(0, 300)
    low = lantern.match(left, right, threshold=lantern.at_precision(0.7))
    high = lantern.match(left, right, threshold=lantern.at_precision(0.97))
    assert low.summary()["threshold"] <= high.summary()["threshold"]
    value, least, most = high.summary()["precision"]
    assert least < value <= most
    assert value >= 0.97
    with pytest.raises(InputError, match="labels are needed"):
        lantern.match(LEADS, ACCOUNTS, RULES, threshold=lantern.at_precision(0.9))
    with pytest.raises(InputError, match="between 0 and 1"):
        lantern.at_precision(1.2)
    assert lantern.at_precision(0.9) == lantern.at_precision(0.9)


def test_a_review_teaches_and_is_given_back(tmp_path: Path) -> None:
    left, right = names(0, 200, wrong=3), names(100, 300)
    ids = {"left_id": "key", "right_id": "key"}
    matches = lantern.match(left, right, **ids)
    pairs = matches.review(30, tmp_path / "review.csv").to_polars()
    assert pairs.height == 30
    doubt = [abs(confidence - 0.5) for confidence in pairs["confidence"]]
    assert doubt == sorted(doubt)
    table = pl.read_csv(tmp_path / "review.csv")
    assert table.columns == pairs.columns
    same = pl.col("left_id") == pl.col("right_id")
    decision = pl.when(same).then(pl.lit("yes")).otherwise(pl.lit("no"))
    decided = table.with_columns(decision=decision)
    decided.write_csv(tmp_path / "decided.csv")
    taught = lantern.match(left, right, labels=tmp_path / "decided.csv", **ids)
    assert taught.summary()["labels"] == 30
    more = taught.review(30).to_polars()
    seen = set(pairs.select("left", "right").iter_rows())
    assert not seen & set(more.select("left", "right").iter_rows())
    with pytest.raises(InputError, match=r"end it in \.html"):
        matches.review(5, tmp_path / "review.pdf")


def test_a_page_of_500_pairs_is_small_and_holds_nothing_that_runs(tmp_path: Path) -> None:
    evil = '</script><script>alert("x")</script><img src=x onerror=alert(1)>'
    left = names(0, 700).with_columns(name=pl.col("name") + " " + evil)
    matches = lantern.match(left, names(0, 700, wrong=3), left_id="key", right_id="key")
    assert matches.review(500, tmp_path / "review.html").num_rows == 500
    page = (tmp_path / "review.html").read_text()
    assert len(page.encode()) < 1_000_000
    assert page.count("<script") == 2
    assert "<img" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    shown = json.loads(data[1])["pairs"]
    assert len(shown) == 500
    assert any(evil in str(field[1]) for pair in shown for field in pair["fields"])


def test_a_chart_of_many_matches_holds_their_counts() -> None:
    emails = pl.DataFrame({"email": [f"a{n}@acme.com" for n in range(5_000)]})
    matches = lantern.match(emails, emails, ["email:eq"])
    values = matches.plot().to_dict()["data"]["values"]
    assert sum(bar["matches"] for bar in values) == 5_000
    assert len(values) <= 40
