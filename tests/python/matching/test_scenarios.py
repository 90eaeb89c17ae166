"""Matching on tables that it was not tuned to: a quick slice of `benches/scenarios.py`.

The bounds are the same whatever made the tables; the whole matrix, with larger tables and other
seeds, is the bench's. A cell is judged only where it has enough pairs for a share to mean
something.
"""

import itertools
import sys
from pathlib import Path

import pytest

import lantern

sys.path.insert(0, str(Path(__file__).parents[3] / "benches"))
import scenarios
from synthetic import cases, design, measures
from synthetic.languages import language
from synthetic.tables import Cell

FACTORS = design.FACTORS | {"rows": (3, 30, 300)}
SEED = 20


@pytest.fixture(scope="module")
def outcomes():
    cells = itertools.islice(design.covering(FACTORS, SEED), 120)
    return [measures.measured(lantern, cell, SEED) for cell in cells]


def described(some):
    return "\n".join(scenarios.described(one) for one in some)


def test_no_table_is_an_error(outcomes):
    failed = [one for one in outcomes if one.error]
    assert not failed, described(failed)


def test_sure_pairs_are_true_in_every_cell(outcomes):
    assert sum(one.sure >= scenarios.ENOUGH for one in outcomes) >= 20, (
        "the slice judges too little"
    )
    wrong = scenarios.too_sure(outcomes)
    assert not wrong, described(wrong)


def test_sure_pairs_are_true_over_all_cells(outcomes):
    sure, true = sum(one.sure for one in outcomes), sum(one.sure_true for one in outcomes)
    assert true >= scenarios.OVER_ALL * sure, described(
        sorted(outcomes, key=lambda one: one.sure_share)[:10]
    )


def test_exact_copies_of_unique_values_are_found_in_every_cell(outcomes):
    assert len(scenarios.judged_copies(outcomes)) >= 10, "the slice judges too little"
    missed = scenarios.silent(outcomes)
    assert not missed, described(missed)


@pytest.mark.parametrize("columns", ["home_city", "title", "country", "employees"])
@pytest.mark.parametrize("call", ["match", "dedupe"])
def test_columns_that_cannot_identify_match_nobody_and_say_so(call, columns):
    cell = Cell(call, columns, 0.3, 300, 1, 1, "none", "en", 0.0, "unrelated")
    outcome = measures.measured(lantern, cell, SEED)
    assert not outcome.error
    assert outcome.sure < scenarios.ENOUGH or outcome.sure_share >= scenarios.IN_A_CELL, described(
        [outcome]
    )
    assert outcome.warnings, described([outcome])


@pytest.mark.parametrize("code", ["en", "de", "ja"])
@pytest.mark.parametrize("case", ["colleagues", "branches", "households", "funds"])
def test_nobody_matches_a_relative(case, code):
    figures = list(cases.figures(lantern, case, SEED, code, rows=300))
    broken = [str(figure) for figure in figures if not figure.holds]
    assert not broken, "\n".join(broken)
    assert len(figures) >= 12


@pytest.mark.parametrize("case", ["copied_columns", "copied_tables"])
def test_exact_copies_are_found_at_any_share(case):
    broken = [
        str(figure) for figure in cases.figures(lantern, case, SEED, rows=600) if not figure.holds
    ]
    assert not broken, "\n".join(broken)


def test_columns_made_of_others_count_once():
    broken = [
        str(figure)
        for figure in cases.figures(lantern, "derived", SEED, rows=1_000)
        if not figure.holds
    ]
    assert not broken, "\n".join(broken)


def test_a_cell_is_the_same_for_the_same_seed():
    cell = next(design.covering(FACTORS, SEED))
    one, same = measures.make(cell, 1), measures.make(cell, 1)
    assert one.left.equals(same.left)
    assert one.left_entities == same.left_entities
    assert not one.left.equals(measures.make(cell, 2).left)


def test_the_design_covers_every_pair_of_values():
    covered = set().union(
        *(design.pairs(vars(cell)) for cell in design.covering(design.FACTORS, SEED))
    )
    for a, b in itertools.combinations(design.FACTORS, 2):
        for x, y in itertools.product(design.FACTORS[a], design.FACTORS[b]):
            assert (a, x, b, y) in covered or not design.valid({"call": "match", a: x, b: y})


def test_true_rows_of_a_cell_are_what_it_asks_for():
    cell = Cell("match", "name+email", 0.3, 300, 1, 2, "usual", "fr", 0.1, "related")
    tables = measures.make(cell, SEED)
    known = set(tables.right_entities)
    assert len(known) == 150
    assert sum(entity in known for entity in tables.left_entities) == 90
    assert language("fr").code == "fr"
