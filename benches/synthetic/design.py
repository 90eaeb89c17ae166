"""Which cells of the matrix are run: all, or a few that have every pair of values of factors."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

from .columns import BY_NAME
from .languages import LANGUAGES
from .noise import LEVELS
from .tables import Cell

FACTORS: dict[str, tuple[Any, ...]] = {
    "call": ("match", "dedupe"),
    "columns": tuple(BY_NAME),
    "share": (0.0, 0.02, 0.1, 0.3, 0.5, 0.9, 1.0),
    "rows": (3, 30, 300, 3_000, 30_000),
    "left_copies": (1, 2, 5),
    "right_copies": (1, 2, 5),
    "noise": LEVELS,
    "language": LANGUAGES,
    "nulls": (0.0, 0.1, 0.4),
    "others": ("unrelated", "related"),
}
TRIED = 40
"""Random cells of which the one that covers most is taken."""


def valid(values: dict[str, Any]) -> bool:
    # People cannot be duplicates of accounts.
    return not (values["call"] == "dedupe" and BY_NAME[values["columns"]].accounts)


def pairs(values: dict[str, Any]) -> set[tuple[str, Any, str, Any]]:
    return {(a, values[a], b, values[b]) for a, b in itertools.combinations(FACTORS, 2)}


def every(factors: dict[str, tuple[Any, ...]]) -> Iterator[Cell]:
    for combination in itertools.product(*factors.values()):
        values = dict(zip(factors, combination, strict=True))
        if valid(values):
            yield Cell(**values)


def covering(factors: dict[str, tuple[Any, ...]], seed: int) -> Iterator[Cell]:
    """Cells that together have every pair of values; the first ones cover the most."""
    r = random.Random(seed)
    left = {
        (a, x, b, y)
        for a, b in itertools.combinations(factors, 2)
        for x, y in itertools.product(factors[a], factors[b])
        if {a, b} != {"call", "columns"} or valid({a: x, b: y})
    }
    while left:
        # One pair that is still missing, so that each cell covers something new.
        a, x, b, y = r.choice(sorted(left, key=repr))
        tried = []
        for _ in range(TRIED):
            values = {name: r.choice(choices) for name, choices in factors.items()} | {a: x, b: y}
            if valid(values):
                tried.append((len(pairs(values) & left), len(tried), values))
        if not tried:
            left.discard((a, x, b, y))
            continue
        values = max(tried)[2]
        left -= pairs(values)
        yield Cell(**values)
