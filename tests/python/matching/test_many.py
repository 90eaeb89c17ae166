"""Rows that have several matches, and rows that have one beside many near misses."""

from __future__ import annotations

import random
import re

import polars as pl

import lantern

FIRST = [
    "Amber",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Falcon",
    "Garnet",
    "Harbor",
    "Indigo",
    "Juniper",
    "Keystone",
    "Lotus",
]
SECOND = [
    "Ridge",
    "Field",
    "Bay",
    "Gate",
    "Park",
    "Creek",
    "Wood",
    "Rock",
    "Hill",
    "Wave",
    "Shore",
    "Cliff",
]
TRADE = [
    "Foods",
    "Logistics",
    "Software",
    "Dental",
    "Media",
    "Capital",
    "Energy",
    "Robotics",
    "Textiles",
    "Pharma",
]
COLOURS = ["Black", "White", "Silver", "Red", "Blue", "Green"]


def accounts_and_leads() -> tuple[pl.DataFrame, pl.DataFrame, set[tuple[int, int]]]:
    """Accounts, each with none to seven leads that were typed by hand."""
    r = random.Random(5)
    names = [f"{a} {b} {c}" for a in FIRST for b in SECOND for c in TRADE]
    r.shuffle(names)
    accounts, leads = [], []
    truth = set()
    for at, name in enumerate(names[:300]):
        domain = name.lower().replace(" ", "") + ".com"
        accounts.append({"account": f"a{at}", "name": f"{name} Inc.", "domain": domain})
        for _ in range(r.choice([0, 1, 1, 2, 4, 7])):
            typed = r.choice([name, f"{name} LLC", name.upper(), f"The {name}", f"{name}, Inc"])
            if r.random() < 0.2:
                cut = r.randrange(1, len(typed) - 1)
                typed = typed[:cut] + typed[cut + 1 :]
            truth.add((at, len(leads)))
            leads.append({"company": typed, "website": domain if r.random() < 0.5 else None})
    for name in names[300:500]:
        leads.append({"company": name, "website": None})
    order = list(range(len(leads)))
    r.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    return (
        pl.DataFrame(accounts),
        pl.DataFrame([leads[old] for old in order], schema=["company", "website"]),
        {(left, place[right]) for left, right in truth},
    )


def shares(matches: lantern.Matches, truth: set[tuple[int, int]]) -> tuple[float, float]:
    found = set(matches.table().to_polars().select("left", "right").iter_rows())
    return len(found & truth) / len(found), len(found & truth) / len(truth)


def test_several_matches_of_a_row_are_found() -> None:
    accounts, leads, truth = accounts_and_leads()
    matches = lantern.match(accounts, leads, left_id="account", top=None)
    precision, recall = shares(matches, truth)
    assert precision > 0.95
    # What is left are typing errors in names that stand alone.
    assert recall > 0.85
    names = dict(enumerate(accounts["name"].str.strip_suffix(" Inc.").str.to_lowercase()))
    written = dict(enumerate(leads["company"].str.to_lowercase()))
    copies = {
        (left, right)
        for left, right in truth
        if re.sub(r"^the |,? (inc|llc)$", "", written[right]) == names[left]
    }
    assert len(copies) > 500
    assert shares(matches, copies)[1] > 0.95
    back = lantern.match(leads, accounts, right_id="account")
    turned = {(right, left) for left, right in truth}
    assert min(shares(back, turned)) > 0.9, shares(back, turned)


def test_a_pair_that_was_compared_says_so_where_all_matches_are_asked_for() -> None:
    accounts, leads, truth = accounts_and_leads()
    everything = lantern.match(accounts, leads, left_id="account", top=None, threshold=0)
    known = pl.DataFrame(list(truth), ["left", "right"], orient="row")
    evaluation = lantern.evaluate(everything, known)
    compared = set(everything.table().to_polars().select("left", "right").iter_rows())
    share = len(compared & truth) / len(truth)
    assert evaluation.blocking_recall()[0] >= share - 1e-9


def test_near_misses_are_not_given_beside_the_match_of_a_row() -> None:
    r = random.Random(6)
    makers = ["Fluxon", "Grantec", "Helmwood", "Ortiva"]
    lefts, rights = [], []
    for at in range(240):
        maker, trade = makers[at % 4], TRADE[at // 24]
        code = f"{maker[:2].upper()}{r.randrange(1000, 9999)}{r.choice('ABKTX')}"
        title = f"{maker} {trade} Kit {r.choice(COLOURS)}"
        lefts.append({"title": f"{title} - {code}"})
        rights.append({"title": f"{maker} {code} {trade} Kit"})
    left, right = pl.DataFrame(lefts), pl.DataFrame(rights)
    truth = {(at, at) for at in range(240)}
    for top in (1, None):
        found = shares(lantern.match(left, right, top=top), truth)
        assert min(found) > 0.95, (top, found)
