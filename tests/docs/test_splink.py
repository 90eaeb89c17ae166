"""The page about coming from Splink shows a link that Splink takes."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

PAGE = Path(__file__).parents[2] / "docs" / "migrating.md"
DATA = Path(__file__).parents[2] / "notebooks" / "data"


def test_the_splink_link_runs() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if "from splink" in block]
    names: dict[str, object] = {}
    exec(block, names)
    leads = pl.read_parquet(DATA / "leads.parquet")
    accounts = pl.read_parquet(DATA / "accounts.parquet")
    pairs = names["link"](  # type: ignore[operator]
        leads.rename({"lead_id": "unique_id", "email_domain": "domain"}),
        accounts.rename({"account_id": "unique_id", "name": "company"}),
    )
    assert pairs.height > 100
    assert {"unique_id_l", "unique_id_r", "match_probability"} <= set(pairs.columns)
