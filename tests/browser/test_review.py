"""The page on which pairs are decided, in a real browser and from a file."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from playwright.sync_api import Page, expect

import lantern
from conftest import keep

EVIL = "<img src=x onerror=alert(1)>"
LEADS = pl.DataFrame(
    {
        "lead": ["l0", "l1", "=l2", "l3"],
        "company": ["ACME Incorporated", "Globexx", f"Umbrella {EVIL}", 'Initech, "the" firm'],
    }
)
ACCOUNTS = pl.DataFrame(
    {
        "account": ["a0", "a1", "a2", "a3"],
        "company": ["Globex LLC", "Acme, Inc.", f"Umbrela {EVIL}", 'Initech, "the" firm'],
    }
)
RULES = ["company:fuzzy0.8"]
IDS = {"left_id": "lead", "right_id": "account"}


def test_pairs_are_decided_by_keys_saved_and_given_back(page: Page, tmp_path: Path) -> None:
    matches = lantern.match(LEADS, ACCOUNTS, RULES, **IDS)
    assert len(matches) == 4
    review = tmp_path / "review.html"
    pairs = matches.review(50, review).to_polars()
    page.goto(review.as_uri())
    expect(page.locator("#count")).to_contain_text("Pair 1 of 4")
    differing = {"l1", "=l2"}
    for number, left in enumerate(pairs["left_id"]):
        expect(page.locator("#count")).to_contain_text(f"Pair {number + 1} of 4")
        expect(page.locator("#fields tr").first).to_contain_text(left)
        if left == "l1":
            expect(page.locator("mark").first).to_be_visible()
            keep(page, "review")
        if left == "=l2":
            # What stands in the table is shown as it is, and does not run.
            expect(page.locator("#fields")).to_contain_text(EVIL)
            assert page.locator("#fields img").count() == 0
        page.keyboard.press("n" if left in differing else "y")
    expect(page.locator("#decided")).to_contain_text("4 of 4 decided")
    # The last decision is taken back and made again; a pair can be visited again.
    page.keyboard.press("z")
    expect(page.locator("#decided")).to_contain_text("3 of 4 decided")
    page.keyboard.press("n" if pairs["left_id"][3] in differing else "y")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#count")).to_contain_text("Pair 3 of 4")
    keep(page, "review_decided")
    with page.expect_download() as download:
        page.keyboard.press("s")
    decisions = tmp_path / download.value.suggested_filename
    download.value.save_as(decisions)
    assert decisions.name == "decisions.csv"
    decided = pl.read_csv(decisions)
    assert decided.columns == ["left", "right", "left_id", "right_id", "decision"]
    assert decided.height == 4
    result = lantern.match(LEADS, ACCOUNTS, RULES, labels=decisions, **IDS)
    kept = dict(result.table().to_polars().select("left_id", "confidence").iter_rows())
    assert kept == {"l0": 1.0, "l3": 1.0}


def test_decisions_outlive_a_reload(page: Page, tmp_path: Path) -> None:
    matches = lantern.match(LEADS, ACCOUNTS, RULES, **IDS)
    matches.review(50, tmp_path / "review.html")
    page.goto((tmp_path / "review.html").as_uri())
    page.keyboard.press("y")
    page.keyboard.press("u")
    page.reload()
    expect(page.locator("#decided")).to_contain_text("2 of 4 decided")
    expect(page.locator("#count")).to_contain_text("Pair 3 of 4")
    page.get_by_role("button", name="Different").click()
    expect(page.locator("#strip button").nth(2)).to_have_class("no")
