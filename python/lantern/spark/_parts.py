"""Which parts of a shuffle a row goes to, so that two rows that can match meet in one.

A row goes to the part of each of its keys (`lantern._lantern._row_keys`). A key that very many rows
share (with rules of only `contains` and `fuzzy`, all do) is spread over a grid of cells: a left row
goes to the cells of one line, a right row to those of one column, and any two meet in one cell
(Okcan and Riedewald, "Processing theta-joins using MapReduce", 2011). If a table is matched with
itself, the line and the column of a row have the same number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy
import pyarrow
import pyarrow.compute
from pyspark.sql import functions as F
from pyspark.sql.types import IntegerType, StructField, StructType

from lantern import _lantern
from lantern.spark._frames import use_task_cores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from lantern.spark._frames import Rows

    Numbers: TypeAlias = NDArray[numpy.uint64]

Side: TypeAlias = Literal["left", "right", "both"]

#: The columns that a shuffle adds.
PART, SPREAD = "__lantern_part", "__lantern_spread"
#: Number of rows of a side in the sample in which very frequent keys are found.
SAMPLED = 100_000
#: Minimum number of times that such a key occurs in the sample.
SEEN = 20


class Keys(NamedTuple):
    """The keys of some rows, the row of each key, and the profile of each row."""

    keys: Numbers
    rows: NDArray[numpy.int64]
    profiles: Numbers


@dataclass(frozen=True)
class Keyed:
    """How the keys of the rows of one side are computed."""

    rules: Any
    fields: dict[str, Any]
    side: Side

    def keys(self, rows: pyarrow.Table | pyarrow.RecordBatch) -> Keys:
        """Return the keys and the profile of each row."""
        found = _lantern._row_keys(rows, self.rules, fields=self.fields, right=self.side == "right")
        keys, profiles = pyarrow.table(found).columns
        lists = keys.combine_chunks()
        return Keys(
            lists.flatten().to_numpy(zero_copy_only=False),
            pyarrow.compute.list_parent_indices(lists).to_numpy(zero_copy_only=False),
            profiles.to_numpy(),
        )


@dataclass(frozen=True)
class Parts:
    """Parts of about the same size.

    Attributes:
        count: Number of parts.
        hot: Keys that are spread over a grid, ascending.
        lines: Number of lines over which the left rows of each such key are spread.
        columns: Number of columns over which the right rows of each such key are spread.
        profiles: Profiles that very many rows have, ascending, for each side.
        over: Number of lines or columns over which the rows of each such profile are spread.
    """

    count: int
    hot: Numbers = field(default_factory=lambda: numpy.empty(0, numpy.uint64))
    lines: Numbers = field(default_factory=lambda: numpy.empty(0, numpy.uint64))
    columns: Numbers = field(default_factory=lambda: numpy.empty(0, numpy.uint64))
    profiles: dict[Side, Numbers] = field(default_factory=dict)
    over: dict[Side, Numbers] = field(default_factory=dict)

    def places(
        self, found: Keys, spread: Numbers, side: Side
    ) -> tuple[NDArray[numpy.int64], NDArray[numpy.int32]]:
        """Return the rows and the parts that they go to. A row can go to many parts.

        Args:
            found: Keys and profile of each row.
            spread: Hash of the id of each row.
            side: Side of the rows: `left`, `right`, or `both` if they are matched among themselves.
        """
        key, row, profile = found
        at = _at(self.hot, key)
        cold = at < 0
        rows, parts = [row[cold]], [key[cold] % numpy.uint64(self.count)]
        place = self._place(profile, spread, side)
        for hot in numpy.unique(at[~cold]):
            here = row[at == hot]
            lines, columns = int(self.lines[hot]), int(self.columns[hot])
            others = columns if side == "left" else lines
            own = place[here] % numpy.uint64(columns if side == "right" else lines)
            for other in numpy.arange(others, dtype=numpy.uint64):
                line, across = {
                    "left": (own, other),
                    "right": (other, own),
                    "both": (numpy.minimum(own, other), numpy.maximum(own, other)),
                }[side]
                cell = line * numpy.uint64(columns) + across
                rows.append(here)
                parts.append((self.hot[hot] + cell) % numpy.uint64(self.count))
        count = numpy.int64(self.count)
        once = numpy.unique(
            numpy.concatenate(rows).astype(numpy.int64) * count
            + numpy.concatenate(parts).astype(numpy.int64)
        )
        return once // count, (once % count).astype(numpy.int32)

    def _place(self, profile: Numbers, spread: Numbers, side: Side) -> Numbers:
        """Return the hash that decides the line or column of a row.

        Equal rows have the same hash, unless there are too many of them.
        """
        at = _at(self.profiles.get(side, numpy.empty(0, numpy.uint64)), profile)
        hot = at >= 0
        place = profile.copy()
        if hot.any():
            place[hot] += spread[hot] % self.over[side][at[hot]]
        return place


def _at(sorted_numbers: Numbers, numbers: Numbers) -> NDArray[numpy.int64]:
    """Return the position of each number among the sorted ones; -1 if it is not among them."""
    if not len(sorted_numbers):
        return numpy.full(len(numbers), -1)
    at = numpy.minimum(numpy.searchsorted(sorted_numbers, numbers), len(sorted_numbers) - 1)
    return numpy.where(sorted_numbers[at] == numbers, at, -1)


def parts(sides: list[tuple[Rows, Keyed]], part_rows: int) -> Parts:
    """Return parts of about `part_rows` rows, based on a sample of each side."""
    count = max(1, math.ceil(sum(rows.count for rows, _ in sides) / part_rows))
    if count == 1:
        return Parts(1)
    shares: dict[int, dict[Side, float]] = {}
    profiles: dict[Side, Numbers] = {}
    over: dict[Side, Numbers] = {}
    for rows, keyed in sides:
        fraction = min(1.0, SAMPLED / max(rows.count, 1))
        sample = keyed.keys(rows.frame.sample(fraction, seed=0).toArrow())
        seen = len(sample.profiles)
        for key, share in _hot(sample.keys, seen, count):
            shares.setdefault(key, {})[keyed.side] = share
        found = _hot(sample.profiles, seen, count)
        profiles[keyed.side] = numpy.array([number for number, _ in found], numpy.uint64)
        over[keyed.side] = numpy.array(
            [math.ceil(share * count) for _, share in found], numpy.uint64
        )
    hot = sorted(shares)
    grids = [_grid(shares[key], count) for key in hot]
    return Parts(
        count,
        numpy.array(hot, numpy.uint64),
        numpy.array([lines for lines, _ in grids], numpy.uint64),
        numpy.array([columns for _, columns in grids], numpy.uint64),
        profiles,
        over,
    )


def _hot(numbers: Numbers, rows: int, parts: int) -> list[tuple[int, float]]:
    """Return the numbers that more rows share than two parts hold, and their share of the rows."""
    found, counts = numpy.unique(numbers, return_counts=True)
    most = (counts >= SEEN) & (counts * parts > 2 * rows)
    return [
        (int(number), int(seen) / rows)
        for number, seen in zip(found[most], counts[most], strict=True)
    ]


def _grid(shares: dict[Side, float], parts: int) -> tuple[int, int]:
    """Return numbers of lines and columns with which a key's cells are about as large as a part.

    A key gets at most `parts` cells.
    """
    if "both" in shares:
        # Half of the cells are those of the other half with lines and columns swapped.
        lines = min(math.ceil(shares["both"] * parts), math.isqrt(2 * parts))
        return lines, lines
    lines, columns = (
        max(1, math.ceil(shares.get(side, 0.0) * parts)) for side in ("left", "right")
    )
    shrink = math.sqrt(min(1.0, parts / (lines * columns)))
    return max(1, int(lines * shrink)), max(1, int(columns * shrink))


def shuffled(rows: Rows, keyed: Keyed, parts: Parts) -> DataFrame:
    """Return the rows, once for each part that they go to, with the number of the part."""

    def place(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        use_task_cores()
        for batch in batches:
            spread = batch.column(SPREAD).to_numpy(zero_copy_only=False).view(numpy.uint64)
            batch = batch.drop_columns([SPREAD])
            if batch.num_rows == 0:
                continue
            numbers, part = parts.places(keyed.keys(batch), spread, keyed.side)
            yield batch.take(pyarrow.array(numbers)).append_column(PART, pyarrow.array(part))

    fields = [*rows.frame.schema.fields, StructField(PART, IntegerType(), False)]
    spread = rows.frame.withColumn(SPREAD, F.xxhash64("id"))
    return spread.mapInArrow(place, StructType(fields))
