"""Tables, matches and explanations as a notebook shows them."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import polars as pl
import pytest

import lantern
from lantern import Table


@pytest.fixture(scope="module")
def matches() -> lantern.Matches:
    left = pl.DataFrame({"company": ["ACME Incorporated", "Globex", "<b>Initech</b>"]})
    right = pl.DataFrame({"company": ["Acme, Inc.", "Globexx", "<b>Initech</b>"]})
    return lantern.match(left, right, ["company:fuzzy0.8"])


def test_a_table_shows_its_ends_and_its_size() -> None:
    table = Table(pl.DataFrame({"n": range(1_000), "text": [None, "<i>"] * 500}))
    shown = table._repr_html_()
    assert "1,000 rows, 2 columns" in shown
    assert re.findall(r">(\d+)</td>", shown) == [str(n) for n in [*range(5), *range(995, 1_000)]]
    assert "null" in shown
    assert "&lt;i&gt;" in shown
    assert "Int64" in shown
    assert "…" not in table.slice(0, 10)._repr_html_()


def test_matches_are_side_by_side_with_differences_marked(matches: lantern.Matches) -> None:
    shown = matches._repr_html_()
    assert "<b>3 of 3</b> left rows matched" in shown
    assert "globex<mark>x</mark>" in shown
    assert "<b>Initech" not in shown


def test_a_table_of_matches_says_how_many_more_there_are() -> None:
    names = pl.DataFrame({"email": [f"a{n}@acme.com" for n in range(8)]})
    shown = lantern.match(names, names, ["email:eq"])._repr_html_()
    assert shown.count("<td") == 5 * 4
    assert "and 3 more" in shown


def test_each_bar_of_an_explanation_begins_where_the_last_one_ends() -> None:
    with lantern.LocalServer(seed=1, size=500) as server:
        people = server.people().select(["first_name", "last_name", "company_name"])
    explained = lantern.match(people, people).explain(0)
    bars = re.findall(r"left:([\d.]+)%;height:100%;width:([\d.]+)%", explained._repr_html_())
    ends = [(float(left), float(left) + float(width)) for left, width in bars]
    assert len(ends) == explained.table().num_rows
    assert min(begin for begin, _ in ends) == 0
    assert max(end for _, end in ends) == pytest.approx(100, abs=0.2)
    for before, after in pairwise(ends):
        assert min(abs(a - b) for a in before for b in after) < 0.2
    steps = explained.plot().to_dict()["data"]["values"]
    assert [step["from"] for step in steps[1:]] == [step["to"] for step in steps[:-1]]


def test_charts_are_drawn(matches: lantern.Matches) -> None:
    vl_convert = pytest.importorskip("vl_convert")
    for chart in (matches.plot(), matches.explain(0).plot()):
        assert vl_convert.vegalite_to_svg(chart.to_dict()).startswith("<svg")


def test_the_key_and_the_axes_of_a_measurement_can_be_read(matches: lantern.Matches) -> None:
    measured = lantern.evaluate(matches, [(0, 0), (1, 1)])
    calibration = measured.plot_calibration().to_dict()
    for layer in calibration["layer"]:
        assert layer["encoding"]["x"]["title"] == "confidence"
        assert layer["encoding"]["y"]["title"] == "share of true matches"
    for layer in measured.plot().to_dict()["layer"]:
        assert layer["encoding"]["color"]["legend"]["symbolOpacity"] == 1
    shown = matches._repr_html_()
    assert re.findall(r"<text[^>]*>([\d.]+)</text>", shown) == ["0", "0.5", "1"]


def test_clusters_are_drawn_in_the_order_of_their_numbers() -> None:
    emails = [f"a{at}@x.com" for at in range(12)]
    duplicates = lantern.dedupe(pl.DataFrame({"email": emails * 2}), ["email:eq"])
    order = [f"cluster {at}" for at in range(12)]
    assert duplicates.plot_clusters().to_dict()["facet"]["sort"] == order
    assert re.findall(r"<text[^>]*>(\d+)</text></svg>", duplicates._repr_html_()) == [
        str(at) for at in range(12)
    ]


def test_duplicates_are_shown_as_counts_and_pairs() -> None:
    people = pl.DataFrame({"email": ["a@acme.com", "b@acme.com", "A@acme.com", "c@acme.com"]})
    duplicates = lantern.dedupe(people, ["email:eq"])
    shown = duplicates._repr_html_()
    assert "<b>3</b> of 4 rows are distinct" in shown
    assert "<b>1</b> pairs of rows are the same" in shown
    assert "left rows" not in shown
    assert "a@acme.com" in shown
    values = duplicates.plot().to_dict()["data"]["values"]
    assert values == [{"rows": 1, "clusters": 2}, {"rows": 2, "clusters": 1}]


def test_a_job_shows_found_rates_and_its_summary_a_chart() -> None:
    with lantern.LocalServer(limits="off") as server:
        job = server.client().submit(server.people().slice(0, 100), "email", max_credits=100)
        job.wait(timeout=60)
        assert "e-mail addresses found" in job._repr_html_()
        assert "phone numbers found" not in job._repr_html_()
        chart = job.summary().plot().to_dict()
    assert sum(row["rows"] for row in chart["data"]["values"]) == 100
    assert "e-mail addresses found" in chart["title"]["text"]


def test_a_key_is_shown_as_the_text_it_is() -> None:
    key = 'it\'s <b>"bold"</b> & so on'
    with lantern.LocalServer(limits="off") as server:
        people = server.people().slice(0, 3)
        job = server.client().submit(people, "email", max_credits=3, key=key)
        job.wait(timeout=60)
        shown = [job, job.progress(), job.summary()]
    for html in (each._repr_html_() for each in shown):
        page = ElementTree.fromstring(html)
        assert page.findtext("b") == key
        assert [row[0].text for row in page.iter("tr")][:2] == ["ids answered", "batches loaded"]
