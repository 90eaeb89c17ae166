"""Draws the pictures of `matching-charts.md`: python docs/_charts.py."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import vl_convert

import lantern

FOLDER = Path(__file__).parent / "pictures" / "matching"


def misspelt(names: pl.Expr, every: int) -> pl.Expr:
    """Leave out the third letter of some names."""
    some = pl.int_range(pl.len()) % every == 0
    return pl.when(some).then(names.str.head(2) + names.str.slice(3)).otherwise(names)


def main() -> None:
    """Draw all pictures."""
    columns = ["id", "first_name", "last_name", "company_name"]
    with lantern.LocalServer(seed=1) as server:
        people = server.people().to_polars().head(1_500).select(columns)
    noisy = people.with_columns(
        misspelt(pl.col("last_name"), 3),
        misspelt(pl.col("company_name"), 4),
        pl.when(pl.int_range(pl.len()) % 5 > 0).then("first_name").alias("first_name"),
    )
    leads = noisy.head(900).sample(fraction=1, shuffle=True, seed=1)
    ids = {"left_id": "id", "right_id": "id"}
    matches = lantern.match(leads, people.tail(1_200), threshold=0, **ids)
    truth = leads.join(people.tail(1_200), on="id").select(left_id="id", right_id="id")
    measured = lantern.evaluate(matches, truth)
    confidence = matches.table().to_polars()["confidence"]
    unsure = min(range(len(confidence)), key=lambda at: abs(confidence[at] - 0.7))
    twice = pl.concat([people.head(400), noisy.head(400), noisy.slice(0, 90)])
    duplicates = lantern.dedupe(twice.drop("id"))
    charts = {
        "matches": matches.plot(),
        "explanation": matches.explain(unsure).plot(),
        "model": matches.model.plot() if matches.model else None,
        "curve": measured.plot(),
        "calibration": measured.plot_calibration(),
        "clusters": duplicates.plot(),
        "graphs": duplicates.plot_clusters(),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, chart in charts.items():
        assert chart is not None
        (FOLDER / f"{name}.svg").write_text(vl_convert.vegalite_to_svg(chart.to_dict()))


if __name__ == "__main__":
    main()
