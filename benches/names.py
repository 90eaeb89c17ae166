"""Prints how well measures tell names of one person or organisation from names of two.

    pip install rapidfuzz
    python benches/names.py PAIRS.csv

The CSV has a row for each pair: `name1`, `name2`, `is_match` (true or false) and, if it wants,
`schema` (Person, Company, ...). For each measure the table has the best F1 with its threshold, the
F1 on one random half at the threshold that is best on the other (mean and least of 200 draws), and
the best F1 of each schema of at least 100 pairs. rapidfuzz is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from lantern import normalize, similarity

Measure = Callable[[str, str], float]


def over(key: Callable[[str], str | None], measure: Callable[[str, str], float]) -> Measure:
    return lambda a, b: measure(key(a) or "", key(b) or "")


def measures() -> dict[str, Measure]:
    found: dict[str, Measure] = {
        "names": similarity.names,
        "wratio": similarity.wratio,
        "wratio, company_key": over(normalize.company_key, similarity.wratio),
        "token_set, company_key": over(normalize.company_key, similarity.token_set),
        "token_sort, company_key": over(normalize.company_key, similarity.token_sort),
        "jaro_winkler, company_key": over(normalize.company_key, similarity.jaro_winkler),
    }
    try:
        from rapidfuzz import fuzz, utils
    except ModuleNotFoundError:
        return found
    found["rapidfuzz WRatio, default_process"] = lambda a, b: (
        fuzz.WRatio(a, b, processor=utils.default_process) / 100
    )
    return found


def f1(scores: Sequence[float], truth: Sequence[bool], threshold: float) -> float:
    found = sum(score >= threshold for score in scores)
    right = sum(true and score >= threshold for score, true in zip(scores, truth, strict=True))
    return 2 * right / (found + sum(truth)) if right else 0.0


def best(scores: Sequence[float], truth: Sequence[bool]) -> tuple[float, float]:
    """The best F1 and its threshold."""
    ranked = sorted(zip(scores, truth, strict=True), reverse=True)
    right, top = 0, (0.0, 1.0)
    for count, (score, true) in enumerate(ranked, 1):
        right += true
        if count < len(ranked) and ranked[count][0] == score:
            continue  # Pairs of one score are found together.
        top = max(top, (2 * right / (count + sum(truth)), score))
    return top


def halves(scores: Sequence[float], truth: Sequence[bool], draws: int) -> tuple[float, float]:
    """Mean and least F1 on one half, at the threshold that is best on the other."""
    rng, found = random.Random(7), []
    rows = list(range(len(scores)))
    for _ in range(draws):
        rng.shuffle(rows)
        half = len(rows) // 2
        learned, held = rows[:half], rows[half:]
        _, threshold = best([scores[row] for row in learned], [truth[row] for row in learned])
        found.append(f1([scores[row] for row in held], [truth[row] for row in held], threshold))
    return sum(found) / len(found), min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pairs", help="the CSV of labelled pairs")
    parser.add_argument("--draws", type=int, default=200, help="random halves to try")
    arguments = parser.parse_args()
    with Path(arguments.pairs).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    truth = [row["is_match"].strip().lower() == "true" for row in rows]
    schemas = Counter(row.get("schema") or "" for row in rows)
    large = [schema for schema, count in schemas.most_common() if schema and count >= 100]
    print(f"{len(rows)} pairs, {sum(truth)} of them matches")
    head = ["measure", "best F1", "from", "halves", "least", *large]
    print(f"{head[0]:34}" + "".join(f"{title:>9}" for title in head[1:]))
    for name, measure in measures().items():
        scores = [measure(row["name1"], row["name2"]) for row in rows]
        top, threshold = best(scores, truth)
        mean, least = halves(scores, truth, arguments.draws)
        figures = [top, threshold, mean, least]
        for schema in large:
            of = [at for at, row in enumerate(rows) if row.get("schema") == schema]
            figures.append(best([scores[at] for at in of], [truth[at] for at in of])[0])
        print(f"{name:34}" + "".join(f"{figure:9.3f}" for figure in figures))


if __name__ == "__main__":
    main()
