"""How long a million matches take to be measured, looked at and explained, and how large it shows.

    python benches/evaluate.py              # 10,000, 100,000 and 1,000,000 rows
    python benches/evaluate.py --rows 1000  # other sizes

Matches by rules and by a learned model. Every line is a step that a person waits for; sizes are
those of the page, of the chart and of what a notebook keeps.
"""

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path

import polars as pl

import lantern

PARTS = "bar cel dor fen gul hav jis kor lem min nov pra qui ros tav wex".split()


def word(number):
    mixed = number * 40_503 % 65_536
    return "".join(PARTS[mixed >> shift & 15] for shift in (12, 8, 4, 0))


def people(rows):
    return pl.DataFrame(
        {
            "id": [f"p{row}" for row in range(rows)],
            "name": [f"{word(row)} {word(row // 7 + 20_000)}" for row in range(rows)],
            "email": [f"p{row}@firm{row % 5_000}.com" for row in range(rows)],
        }
    )


def timed(what, work, size=None):
    begun = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - begun
    shown = f"  {size(done):>10,} bytes" if size else ""
    print(f"  {what:<28} {seconds:8.3f} s{shown}", flush=True)
    return done


def walk(matches, rows):
    """Every step of the loop but the match itself."""
    pairs = matches.table().to_polars().select("left", "right")
    # One in fifty is wrong, and as many are missed.
    spoilt = (pl.col("right") + 1) % rows
    truth = pairs.with_columns(
        right=pl.when(pl.int_range(pl.len()) % 50 == 0).then(spoilt).otherwise("right")
    )
    evaluation = timed("evaluate, rows in a table", lambda: lantern.evaluate(matches, truth))
    named = [("p" + pl.col(side).cast(str)).alias(f"{side}_id") for side in ("left", "right")]
    ids = truth.select(named)
    timed("evaluate, ids in a table", lambda: lantern.evaluate(matches, ids))
    tuples = truth.rows()
    timed("evaluate, tuples", lambda: lantern.evaluate(matches, tuples))
    timed("evaluation.errors(20)", evaluation.errors)
    timed("evaluation.blocking_recall", evaluation.blocking_recall)
    timed("evaluation in a notebook", evaluation._repr_html_, len)
    timed("matches in a notebook", matches._repr_html_, len)
    timed("matches.plot()", lambda: matches.plot().to_json(), len)
    timed("matches.joined()", matches.joined)
    timed("matches.explain(0)", lambda: matches.explain(0))
    timed("explain a pair that is none", lambda: matches.explain(left=0, right=1))
    with tempfile.TemporaryDirectory() as folder:
        for end in ("html", "xlsx"):
            path = Path(folder, f"review.{end}")
            timed(
                f"review(500), .{end}",
                lambda path=path: matches.review(500, path),
                lambda _, path=path: path.stat().st_size,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rules-only", action="store_true", help="leave the learned model out")
    args = parser.parse_args()
    ids = {"left_id": "id", "right_id": "id", "progress": False}
    for rows in args.rows:
        left = people(rows)
        right = left.sample(fraction=1, shuffle=True, seed=1)
        for rules in [["email:exact"], None][: 1 if args.rules_only else 2]:
            print(f"{rows:,} rows, {'by rules' if rules else 'learned'}")
            match = partial(lantern.match, left, right, rules, **ids)
            walk(timed("match", match), rows)


if __name__ == "__main__":
    main()
