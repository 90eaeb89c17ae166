"""Matching on tables that it was not tuned to: a quick slice of `benches/scenarios.py`.

The bounds are the same whatever made the tables; the matrix, with larger tables and other seeds, is
the bench's. `OPEN` names the figures that do not hold yet.
"""

import sys
from pathlib import Path

import pytest

import lantern

sys.path.insert(0, str(Path(__file__).parents[3] / "benches"))
from synthetic import cases, measures
from synthetic.tables import Cell

SEED = 20
OPEN = {
    # One name and two phone numbers: the tables do not show whether these are two branches.
    "branches: company phone",
    # One pair of copies among 400 bare names: too few to learn from.
    "copies: name, 0.1%",
    # The words of the address are those of street and city, and count beside the company.
    "derived: company street city address",
}


def broken(case, rows):
    figures = list(cases.figures(lantern, case, SEED, rows=rows))
    assert len(figures) >= 5
    return [str(figure) for figure in figures if not figure.holds and figure.case not in OPEN]


@pytest.mark.parametrize("case", ["colleagues", "branches", "households", "funds"])
def test_nobody_matches_a_relative(case):
    assert not broken(case, 200)


@pytest.mark.parametrize("case", ["copied_columns", "copied_tables", "derived"])
def test_copies_are_found_and_derived_columns_count_once(case):
    assert not broken(case, 400)


@pytest.mark.parametrize(
    "columns",
    [
        "home_city",
        # Rare titles that both tables have are taken for the same person.
        pytest.param("title", marks=pytest.mark.xfail(reason="does not hold yet", strict=True)),
        "country",
    ],
)
@pytest.mark.parametrize("call", ["match", "dedupe"])
def test_columns_that_cannot_identify_match_nobody_and_say_so(call, columns):
    cell = Cell(call, columns, 0.3, 300, 1, 1, "none", "en", 0.0, "unrelated")
    outcome = measures.measured(lantern, cell, SEED)
    assert not outcome.error
    assert outcome.sure < 30 or outcome.sure_share >= 0.85, outcome
    assert outcome.warnings, outcome


def test_a_cell_is_the_same_for_the_same_seed():
    cell = Cell("match", "name+email", 0.3, 300, 1, 2, "usual", "fr", 0.1, "related")
    one, same = measures.make(cell, 1), measures.make(cell, 1)
    assert one.left.equals(same.left)
    assert not one.left.equals(measures.make(cell, 2).left)
