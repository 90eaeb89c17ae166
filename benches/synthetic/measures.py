"""How right a result is: whether its confidences hold, and whether what can be found is found."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from .columns import BY_NAME
from .tables import Cell, Tables, make

SURE = 0.9
DEFAULT = 0.5
IDENTIFYING = {
    "person": ("name", "email", "mobile", "linkedin"),
    "company": ("company", "domain", "website", "phone", "address"),
}
# What differs between copies whatever they are of, and is not looked at when copies are called
# exact.
INCIDENTAL = ("owner", "created", "source")


@dataclass
class Outcome:
    """What one cell gave."""

    cell: Cell
    seconds: float = 0.0
    pairs: int = 0
    sure: int = 0
    sure_true: int = 0
    matches: int = 0
    true: int = 0
    possible: int = 0
    evident: int = 0
    evident_found: int = 0
    evident_reliable: float = 0.0
    """Share that is true of all pairs that are equal: what the tables themselves can prove."""
    compared: int = 0
    warnings: int = 0
    error: str = ""
    confidences: list[tuple[float, bool]] = field(default_factory=list)

    @property
    def sure_share(self) -> float:
        return self.sure_true / self.sure if self.sure else float("nan")

    @property
    def f1(self) -> float:
        if self.error:
            return 0.0
        return (
            2 * self.true / (self.matches + self.possible) if self.matches + self.possible else 1.0
        )

    def row(self) -> dict[str, Any]:
        kept = {
            name: value for name, value in vars(self).items() if name not in ("cell", "confidences")
        }
        return vars(self.cell) | kept | {"sure_share": self.sure_share, "f1": self.f1}


def pairs_of(matches: Any) -> list[tuple[int, int, float]]:
    table = pl.DataFrame(matches.table())
    return list(table.select("left", "right", "confidence").iter_rows())


def exact_copies(cell: Cell, tables: Tables) -> tuple[dict[int, set[int]], float]:
    """Rows of the left with equal rows of their entity on the right, and how reliable equality is.

    A row counts where something of it can identify, and no other entity has the same values.
    """
    columns = BY_NAME[cell.columns]
    if not columns.identifies or columns.accounts:
        return {}, 0.0
    right = tables.right if tables.right is not None else tables.left
    kept = [at for at, name in enumerate(columns.attributes) if name not in INCIDENTAL]
    identifying = [
        at for at, name in enumerate(columns.attributes) if name in IDENTIFYING[columns.of]
    ]
    named = [
        columns.attributes.index(part) for part in ("first", "last") if part in columns.attributes
    ]
    rows: dict[tuple[str | None, ...], list[int]] = defaultdict(list)
    for number, values in enumerate(right.iter_rows()):
        rows[tuple(values[at] for at in kept)].append(number)
    equal = true = 0
    found: dict[int, set[int]] = {}
    for number, values in enumerate(tables.left.iter_rows()):
        others = [
            at
            for at in rows.get(tuple(values[at] for at in kept), [])
            if tables.right is not None or at != number
        ]
        if not others or not (
            any(values[at] for at in identifying)
            or (len(named) == 2 and all(values[at] for at in named))
        ):
            continue
        same = {at for at in others if tables.right_entities[at] == tables.left_entities[number]}
        equal, true = equal + len(others), true + len(same)
        if len(same) == len(others):
            found[number] = same
    return found, true / equal if equal else 0.0


def measured(module: Any, cell: Cell, seed: int) -> Outcome:
    """Runs one cell with nothing set."""
    tables = make(cell, seed)
    outcome = Outcome(cell)
    begun = time.perf_counter()
    try:
        if tables.right is None:
            duplicates = module.dedupe(tables.left, progress=False)
            matches = duplicates.pairs
        else:
            matches = module.match(tables.left, tables.right, progress=False)
        outcome.seconds = time.perf_counter() - begun
        found = pairs_of(matches)
        summary = matches.summary()
        clusters = (
            None
            if tables.right is not None
            else pl.DataFrame(duplicates.table())["cluster"].to_list()
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # what fails, by a panic even, is a result as well
        outcome.error = f"{type(error).__name__}: {error}"
        return outcome
    outcome.compared = summary.get("compared") or 0
    outcome.warnings = len(summary.get("warnings") or ())
    whose_left, whose_right = tables.left_entities, tables.right_entities
    outcome.confidences = [(sure, whose_left[a] == whose_right[b]) for a, b, sure in found]
    outcome.pairs = len(found)
    outcome.sure = sum(sure >= SURE for sure, _ in outcome.confidences)
    outcome.sure_true = sum(sure >= SURE and true for sure, true in outcome.confidences)
    evident, outcome.evident_reliable = exact_copies(cell, tables)
    outcome.evident = len(evident)
    if clusters is None:
        outcome.matches = len(found)
        outcome.true = sum(true for _, true in outcome.confidences)
        right = set(whose_right)
        outcome.possible = sum(entity in right for entity in whose_left)
        given = {a for (a, b, _), (_, true) in zip(found, outcome.confidences, strict=True) if true}
        outcome.evident_found = sum(row in given for row in evident)
    else:
        outcome.matches, outcome.true, outcome.possible = cluster_pairs(clusters, whose_left)
        outcome.evident_found = sum(
            any(clusters[a] == clusters[b] for b in rows) for a, rows in evident.items()
        )
    return outcome


def cluster_pairs(clusters: Sequence[int], entities: Sequence[int]) -> tuple[int, int, int]:
    """Pairs within clusters, those that are true, and all true ones."""

    def count(of: Counter[Any]) -> int:
        return sum(size * (size - 1) // 2 for size in of.values())

    together = Counter(zip(clusters, entities, strict=True))
    return count(Counter(clusters)), count(together), count(Counter(entities))
