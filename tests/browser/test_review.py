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


HOSTILE = {
    "html": "<img src=x onerror=alert(1)><b>bold</b> &amp; </script>",
    "quotes": 'He said "it\'s fine", `really`; --',
    "right to left": "\u05d7\u05d1\u05e8\u05d4 \u202eevil\u202c \u0634\u0631\u0643\u0629",
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 GmbH \U0001f1e9\U0001f1ea",
    "long": "word " * 2_000,
    "one word": "x" * 10_000,
    "lines": "one\ntwo\r\nthree\tfour",
    "nothing": None,
    "unseen": "Acme\u200b Holding\u0007",
    "end of a script": "</script><script>alert(1)</script><!--<script>",
    "formula": '=HYPERLINK("http://evil.example","click")',
    "a zero byte": "Acme\0Holding",
    "a template": "${alert(1)} {{7*7}} \\u003cimg src=x onerror=alert(1)\\u003e",
    "ends of lines": "one\u2028two\u2029three\x85four",
    "an address": "javascript:alert(1)//",
}


def test_whatever_stands_in_the_cells_is_shown_and_does_no_harm(page: Page, tmp_path: Path) -> None:
    keys = list(HOSTILE)
    left = pl.DataFrame({"key": keys, "code": keys, "note": list(HOSTILE.values())})
    right = left.with_columns(note=pl.col("note") + "!")
    matches = lantern.match(left, right, ["code:eq"], left_id="key", right_id="key")
    assert len(matches) == len(keys)
    review = tmp_path / "review.html"
    pairs = matches.review(50, review).to_polars()
    assert review.stat().st_size < 100_000
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    page.goto(review.as_uri())
    width = page.evaluate("document.documentElement.clientWidth")
    for number in range(len(keys)):
        expect(page.locator("#count")).to_contain_text(f"Pair {number + 1} of {len(keys)}")
        # Nothing runs, nothing is wider than the window, and all of it can be decided.
        assert page.locator("#fields img, #fields b, #fields script").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("y")
    expect(page.locator("#decided")).to_contain_text(f"{len(keys)} of {len(keys)} decided")
    keep(page, "review_hostile")
    assert alerts == []
    with page.expect_download() as download:
        page.keyboard.press("s")
    download.value.save_as(tmp_path / "decisions.csv")
    decided = lantern.match(
        left, right, ["code:eq"], left_id="key", right_id="key", labels=tmp_path / "decisions.csv"
    )
    assert decided.summary()["labels"] == pairs.height
