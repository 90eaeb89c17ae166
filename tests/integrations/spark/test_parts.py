"""Rows that have a key in common meet in a part, however the key is spread."""

from __future__ import annotations

import numpy
import pytest
from test_match import RULES

from lantern.spark import _parts
from lantern.spark._frames import Rows
from lantern.spark._parts import Keyed, Keys, Parts

COUNT = 60


def keyed(chance: numpy.random.Generator) -> tuple[Keys, numpy.ndarray]:
    """Rows with up to three keys each, of which most are hot, and few profiles."""
    lists = [chance.choice(9, chance.integers(0, 4), replace=False) for _ in range(COUNT)]
    row = numpy.repeat(numpy.arange(COUNT), [len(keys) for keys in lists])
    keys = numpy.concatenate(lists).astype(numpy.uint64) * numpy.uint64(7_777_777_777_777_777)
    profiles = chance.integers(0, 5, COUNT).astype(numpy.uint64)
    return Keys(keys, row, profiles), chance.integers(0, 2**63, COUNT).astype(numpy.uint64)


def spread(side: str, chance: numpy.random.Generator) -> Parts:
    numbers = numpy.array([0, 1, 3, 5], numpy.uint64) * numpy.uint64(7_777_777_777_777_777)
    lines = chance.integers(1, 5, 4).astype(numpy.uint64)
    columns = lines if side == "both" else chance.integers(1, 5, 4).astype(numpy.uint64)
    hot = numpy.array([1, 4], numpy.uint64)
    sides = ("both",) if side == "both" else ("left", "right")
    over = {name: numpy.array([3, 2], numpy.uint64) for name in sides}
    return Parts(13, numpy.sort(numbers), lines, columns, dict.fromkeys(sides, hot), over)


@pytest.mark.parametrize("sides", [("left", "right"), ("both", "both")])
@pytest.mark.parametrize("seed", range(20))
def test_rows_with_a_common_key_meet(sides: tuple[str, str], seed: int) -> None:
    chance = numpy.random.default_rng(seed)
    parts = spread(sides[0], chance)
    one, other = keyed(chance), keyed(chance)
    if sides[0] == "both":
        other = one
    placed = []
    for (keys, hashes), side in zip((one, other), sides, strict=True):
        rows, numbers = parts.places(keys, hashes, side)
        assert len(set(zip(rows, numbers, strict=True))) == len(rows), "a row once to a part"
        placed.append([set(numbers[rows == row]) for row in range(COUNT)])
    with_key = [
        [set(keys.keys[keys.rows == row]) for row in range(COUNT)] for keys, _ in (one, other)
    ]
    for a in range(COUNT):
        for b in range(COUNT):
            if with_key[0][a] & with_key[1][b]:
                assert placed[0][a] & placed[1][b], (a, b)
        if not with_key[0][a]:
            assert not placed[0][a]


@pytest.mark.parametrize("rules", ["one join", "no join"])
def test_no_part_holds_much_more_than_its_share(rules: str, spark, frames) -> None:
    sides = []
    fields = {
        name: {"left": [name], "right": [name], "kind": name} for name in ("company", "domain")
    }
    for frame, side in zip(frames, ("left", "right"), strict=True):
        rows = Rows(frame.select("id", "company", "domain"), {}, frame.count())
        sides.append((rows, Keyed(RULES[rules], fields, side)))
    count = sum(rows.count for rows, _ in sides)
    parts = _parts.parts(sides, 50)
    assert parts.count == 22
    assert len(parts.hot) >= 1
    in_parts: dict[int, int] = {}
    for rows, keyed in sides:
        for row in _parts.shuffled(rows, keyed, parts).groupBy(_parts.PART).count().collect():
            in_parts[row[_parts.PART]] = in_parts.get(row[_parts.PART], 0) + row["count"]
    # Half of the rows have one key, or all do; a grid of 22 cells has some four lines.
    assert max(in_parts.values()) < count / 2.5
    assert len(in_parts) >= 16
