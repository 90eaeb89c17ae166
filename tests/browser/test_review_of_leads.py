"""The 200 pairs of notebook 3, decided on the page by keys, and what the decisions change."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from playwright.sync_api import Page, expect

import lantern
from conftest import SCREENSHOTS, keep

DATA = Path(__file__).parents[2] / "notebooks" / "data"
IDS = {"left_id": "lead_id", "right_id": "account_id"}


def test_200_decisions_of_leads_make_the_result_better(page: Page, tmp_path: Path) -> None:
    leads = pl.read_parquet(DATA / "leads.parquet")
    accounts = pl.read_parquet(DATA / "accounts.parquet")
    account = "A" + pl.col("account").cast(pl.String)
    truth = pl.read_parquet(DATA / "truth.parquet").select(
        left_id=leads["lead_id"], right_id=account
    )
    known = set(truth.drop_nulls().iter_rows())
    matches = lantern.match(leads, accounts, progress=False, **IDS)
    review = tmp_path / "review.html"
    pairs = matches.review(200, review).to_polars()
    page.goto(review.as_uri())
    for number, pair in enumerate(pairs.select("left_id", "right_id").iter_rows(), start=1):
        expect(page.locator("#count")).to_contain_text(f"Pair {number} of 200")
        if number == 5:
            keep(page, "review_of_leads")
        page.keyboard.press("y" if pair in known else "n")
    expect(page.locator("#decided")).to_contain_text("200 of 200 decided")
    keep(page, "review_of_leads_decided")
    with page.expect_download() as download:
        page.keyboard.press("s")
    # The notebook shows such a file, so it is kept beside the pictures.
    decisions = SCREENSHOTS / "decisions.csv"
    download.value.save_as(decisions)

    taught = lantern.match(leads, accounts, labels=decisions, progress=False, **IDS)
    assert taught.summary()["labels"] == 200
    before, after = (lantern.evaluate(of, truth.drop_nulls()) for of in (matches, taught))
    assert before.f1 is not None
    assert after.f1 is not None
    assert after.f1 > before.f1
    found = set(taught.table().to_polars().select("left_id", "right_id").iter_rows())
    decided = pl.read_csv(decisions)
    said = dict(
        zip(decided.select("left_id", "right_id").iter_rows(), decided["decision"], strict=True)
    )
    assert {pair for pair, decision in said.items() if decision == "yes"} <= found
    assert not {pair for pair, decision in said.items() if decision == "no"} & found
    # The notebook's own decisions are of this form, and agree with what is known.
    committed = pl.read_csv(DATA / "decisions.csv")
    assert committed.columns == decided.columns
    agreed = [
        (pair in known) == (decision == "yes")
        for pair, decision in zip(
            committed.select("left_id", "right_id").iter_rows(), committed["decision"], strict=True
        )
    ]
    assert all(agreed)
    assert len(agreed) == 200
