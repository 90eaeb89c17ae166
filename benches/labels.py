"""What labels do for matches, with tables whose true matches are known.

    python benches/labels.py                      # leads and accounts, and people, made here
    python benches/labels.py --sets FOLDER        # one folder per set, see below
    python benches/labels.py --draws 20           # how often labels are drawn anew

For each draw: F1 and calibration error with 300 labels drawn at random from the pairs that were
compared, and with 100 that `review` chose in two rounds; and whether the true precision of pairs
that were no labels is in the interval that `at_precision(0.98)` states by the 300 labels.

The folder of a set contains `left.parquet`, `right.parquet` (missing if one table holds duplicates)
and `truth.parquet` with the numbers of rows `left` and `right`. The first column whose name ends
in "id" identifies the rows. Of duplicates in more than 5,000 rows, whole entities are drawn.
"""

import argparse
import random
from functools import partial
from pathlib import Path

import leads_to_accounts
import polars as pl

import lantern
from lantern.exceptions import InputError

PARTS = "ba be da di fa go ha je ki la mo na pe ri so tu".split()


def leads():
    accounts, left, truth = leads_to_accounts.generate(2_000, 1_000, seed=7)
    pairs = [(row, at) for row, at in enumerate(truth) if at is not None]
    return left, accounts, pairs


def people():
    """People of whom a third is there twice, with errors, beside relatives and namesakes."""
    r = random.Random(7)

    def word(parts):
        return "".join(r.choice(PARTS) for _ in range(parts)).capitalize()

    def typed(text):
        at = r.randrange(1, len(text))
        return text[:at] + text[at + 1 :] if r.random() < 0.3 else text

    rows, truth = [], []
    surnames = [word(3) for _ in range(200)]
    for _ in range(1_200):
        first, last, city = word(2), r.choice(surnames), word(2)
        phone = f"+4930{r.randrange(10**6, 10**7)}"
        rows.append((first, last, city, phone))
        if r.random() < 1 / 3:
            truth.append((len(rows), len(rows) - 1))
            rows.append((typed(first), typed(last), city, phone if r.random() < 0.5 else None))
    columns = ["first_name", "last_name", "city", "phone"]
    table = pl.DataFrame(rows, schema=columns, orient="row")
    return table.with_row_index("id"), None, truth


def read(folder, rows=5_000):
    left = pl.read_parquet(folder / "left.parquet")
    right = folder / "right.parquet"
    right = pl.read_parquet(right) if right.exists() else None
    truth = pl.read_parquet(folder / "truth.parquet").select("left", "right").rows()
    if right is not None or left.height <= rows:
        return left, right, truth
    entity = list(range(left.height))

    def first(row):
        while entity[row] != row:
            entity[row] = entity[entity[row]]
            row = entity[row]
        return row

    for one, other in truth:
        entity[first(one)] = first(other)
    groups = {}
    for row in range(left.height):
        groups.setdefault(first(row), []).append(row)
    order = list(groups)
    random.Random(1).shuffle(order)
    kept = []
    for group in order:
        if len(kept) < rows:
            kept += groups[group]
    new = {row: at for at, row in enumerate(kept)}
    return left[kept], None, [(new[a], new[b]) for a, b in truth if a in new and b in new]


def id_of(table):
    return next((name for name in table.columns if name.lower().endswith("id")), None)


class Set:
    """Tables with their truth, as they are or in another order of rows."""

    def __init__(self, left, right, truth, seed=None):
        self.two = right is not None
        if seed is not None:
            # Another order of rows is another draw of `review`.
            mixed = [self.mix(left, seed), self.mix(right if self.two else left, seed)]
            (left, lefts), (right, rights) = mixed
            truth = [(lefts[a], rights[b]) for a, b in truth]
            right = right if self.two else None
        self.left, self.right = left, right
        self.truth = {(a, b) if self.two else (max(a, b), min(a, b)) for a, b in truth}
        self.pairs = pl.DataFrame(truth, schema=["left", "right"], orient="row")
        self.id = id_of(left)

    @staticmethod
    def mix(table, seed):
        order = list(range(table.height))
        random.Random(seed).shuffle(order)
        return table[order], {row: at for at, row in enumerate(order)}

    def match(self, **options):
        if self.two:
            ids = {"left_id": self.id, "right_id": id_of(self.right)}
            return lantern.match(self.left, self.right, progress=False, **ids, **options)
        return lantern.dedupe(self.left, id=self.id, progress=False, **options)

    def compared(self):
        """All pairs that were compared, and the matches of the default."""
        every = self.match(threshold=0, **({"top": None} if self.two else {}))
        return rows_of(every if self.two else every.pairs)

    def labelled(self, pairs):
        return [(left, right, (left, right) in self.truth) for left, right in pairs]

    def f1_and_error(self, found):
        summary = (measured := lantern.evaluate(found, self.pairs)).summary()
        clusters = summary["clusters"]
        f1 = clusters["pairwise_f1"] if clusters else summary["f1"][0]
        return f1, measured.calibration_error or 0.0


def rows_of(matches):
    return matches.table().to_polars().select("left", "right").rows()


def held(of, labels):
    """Whether the stated interval holds the precision of other pairs, its width, and why not."""
    try:
        found = of.match(labels=labels, threshold=lantern.at_precision(0.98))
    except InputError as error:
        return None, 0.0, str(error)
    matches = found if of.two else found.pairs
    _, low, high = matches.summary()["precision"]
    known = {label[:2] for label in labels}
    true = [pair in of.truth for pair in rows_of(matches) if pair not in known]
    precision = sum(true) / max(len(true), 1)
    return low <= precision <= high, high - low, f"{precision:.3f} in {low:.3f} to {high:.3f}"


def shown(numbers):
    return f"{sum(numbers) / len(numbers):.3f} (least {min(numbers):.3f})"


def run(name, tables, draws):
    of = Set(*tables)
    plain, error = of.f1_and_error(of.match())
    print(f"{name}: no labels, F1 {plain:.3f}, calibration {error:.3f}", flush=True)
    pool = of.compared()
    at_random, by_review, intervals = [], [], []
    for seed in range(draws):
        labels = of.labelled(random.Random(seed).sample(pool, min(300, len(pool))))
        at_random.append(of.f1_and_error(of.match(labels=labels)))
        intervals.append(held(of, labels))
        mixed, labels = Set(*tables, seed=seed), []
        for _ in range(2):
            chosen = mixed.match(labels=labels).review(50).to_polars()
            labels += mixed.labelled(chosen.select("left", "right").rows())
        by_review.append(mixed.f1_and_error(mixed.match(labels=labels)))
    for what, of_draws in (("300 at random", at_random), ("review, 2 x 50", by_review)):
        f1, errors = zip(*of_draws, strict=True)
        error = sum(errors) / len(errors)
        print(f"  {what:<15} F1 {shown(f1)}, calibration {error:.3f} (most {max(errors):.3f})")
    kept = sum(is_held is True for is_held, *_ in intervals)
    widest = max(width for _, width, _ in intervals)
    print(f"  at_precision(0.98) holds in {kept} of {draws}, at most {widest:.3f} wide")
    for is_held, _, why in intervals:
        if not is_held:
            print(f"    not held: {why}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=Path, help="a folder with a folder for each set")
    parser.add_argument("--only", nargs="+", help="names of sets")
    parser.add_argument("--draws", type=int, default=5)
    args = parser.parse_args()
    sets = {"leads and accounts": leads, "people": people}
    if args.sets:
        folders = sorted(path.parent for path in args.sets.glob("*/truth.parquet"))
        sets = {folder.name: partial(read, folder) for folder in folders}
    for name, tables in sets.items():
        if not args.only or name in args.only:
            run(name, tables(), args.draws)


if __name__ == "__main__":
    main()
