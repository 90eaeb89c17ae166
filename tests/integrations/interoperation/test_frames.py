"""Every frame that people have goes in and comes out, without a copy where its memory is Arrow's.

Run with pandas 2; `tests/python/test_tables.py` runs with pandas 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import ibis
import narwhals
import numpy
import pandas
import polars
import pyarrow
import pytest

import lantern

NAMES = ["Acme GmbH", None, "Globex Corporation of the North", "Müller & Söhne KG"]
KEYS = ["acme", None, "globex north", "muller sohne"]


def arrow() -> pyarrow.Table:
    return pyarrow.table({"id": [1, 2, 3, 4], "company": NAMES, "share": [0.5, None, 1.0, 2.0]})


FRAMES: dict[str, Callable[[], Any]] = {
    "polars": lambda: polars.from_arrow(arrow()),
    "polars lazy": lambda: polars.from_arrow(arrow()).lazy(),
    "pandas 2, objects": lambda: arrow().to_pandas(),
    "pandas 2, string": lambda: arrow().to_pandas().astype({"company": "string"}),
    "pandas 2, Arrow": lambda: arrow().to_pandas(types_mapper=pandas.ArrowDtype),
    "pyarrow": arrow,
    "duckdb": lambda: duckdb.from_arrow(arrow()).order("id"),
    "ibis": lambda: ibis.memtable(arrow()).order_by("id"),
    "narwhals of polars": lambda: narwhals.from_native(polars.from_arrow(arrow())),
    "narwhals of pandas": lambda: narwhals.from_native(arrow().to_pandas()),
    "narwhals of pyarrow": lambda: narwhals.from_native(arrow()),
}

COLUMNS: dict[str, Callable[[], Any]] = {
    "polars": lambda: polars.Series(NAMES),
    "pandas 2, objects": lambda: pandas.Series(NAMES, dtype=object),
    "pandas 2, string": lambda: pandas.Series(NAMES, dtype="string"),
    "pandas 2, Arrow": lambda: pandas.Series(NAMES, dtype=pandas.ArrowDtype(pyarrow.string())),
    "pandas 2, category": lambda: pandas.Series(NAMES, dtype="category"),
    "pyarrow": lambda: pyarrow.array(NAMES),
    "pyarrow chunked": lambda: pyarrow.chunked_array([NAMES[:1], NAMES[1:]]),
    "narwhals": lambda: narwhals.from_native(polars.Series(NAMES), series_only=True),
    "numpy objects": lambda: numpy.array(NAMES, dtype=object),
    "numpy strings": lambda: numpy.array(NAMES, dtype=numpy.dtypes.StringDType(na_object=None)),
    "numpy with NaN": lambda: numpy.array(
        [float("nan") if name is None else name for name in NAMES], dtype=object
    ),
}


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_any_frame_is_matched(make: Callable[[], Any]) -> None:
    found = lantern.match(make(), arrow(), ["company:eq"], left_id="id", right_id="id").table()
    assert found.column("left_id").to_pylist() == [1, 3, 4]
    assert found.column("right_id").to_pylist() == [1, 3, 4]


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_any_frame_is_submitted(make: Callable[[], Any]) -> None:
    with lantern.LocalServer(limits="off") as server:
        job = server.client().submit(make(), "email", id="id", max_credits=4)
        job.wait(timeout=60)
        assert job.table().column("id").to_pylist() == [1, 2, 3, 4]


@pytest.mark.parametrize("make", COLUMNS.values(), ids=COLUMNS)
def test_any_column_is_compared_and_normalized(make: Callable[[], Any]) -> None:
    column = make()
    alike = lantern.similarity.jaro_winkler(column, column)
    assert pyarrow.chunked_array(alike).to_pylist() == [1.0, None, 1.0, 1.0]
    with_one = pyarrow.chunked_array(lantern.similarity.indel(column, "Acme GmbH")).to_pylist()
    assert with_one[:2] == [1.0, None]
    keys = pyarrow.chunked_array(lantern.normalize.company_key(column))
    assert (
        keys.to_pylist()
        == pyarrow.chunked_array(lantern.normalize.company_key(pyarrow.array(NAMES))).to_pylist()
    )


def test_numpy_strings_without_gaps_are_compared() -> None:
    names = [name for name in NAMES if name]
    for column in (numpy.array(names), numpy.array(names, dtype=numpy.dtypes.StringDType())):
        alike = pyarrow.chunked_array(lantern.similarity.osa(column, column))
        assert alike.to_pylist() == [1.0] * 3


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (numpy.array([1, 2]), r"type int64 and not text.*astype\(str\)"),
        (numpy.array([["a"], ["b"]]), r"2 dimensions; pick one"),
        (numpy.array(["a", 1], dtype=object), r"row 1 of the array is a int and not text"),
        (pandas.Series([1, 2]), r"type Int64 and not text.*astype"),
        (["a", "b"], r"of type list; wrap it"),
    ],
    ids=str,
)
def test_what_is_no_column_of_text_is_said(column: object, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        lantern.similarity.osa(column, "a")  # type: ignore[arg-type]


def test_the_streaming_engine_gives_what_the_eager_one_does() -> None:
    frame = polars.from_arrow(arrow())
    expression = polars.col("company").lantern.jaro_winkler("company")
    eager = frame.select(expression)
    lazy = frame.lazy().select(expression)
    assert eager.equals(lazy.collect())
    assert eager.equals(lazy.collect(engine="streaming"))


def addresses(table: Any) -> list[list[int]]:
    """Where the buffers of each column lie, of whatever exports Arrow."""
    exported = pyarrow.table(table)
    return [
        [buffer.address for chunk in column.chunks for buffer in chunk.buffers() if buffer]
        for column in exported.columns
    ]


LENDING = {
    "polars": FRAMES["polars"],
    "pandas 2, Arrow": FRAMES["pandas 2, Arrow"],
    "pyarrow": FRAMES["pyarrow"],
    "narwhals of polars": FRAMES["narwhals of polars"],
    "narwhals of pyarrow": FRAMES["narwhals of pyarrow"],
}


@pytest.mark.parametrize("make", LENDING.values(), ids=LENDING)
def test_what_is_arrow_already_is_not_copied(make: Callable[[], Any]) -> None:
    frame = make()
    assert addresses(frame) == addresses(frame), "its own export lends"
    assert addresses(lantern.Table(frame)) == addresses(frame)


def found() -> lantern.Table:
    return lantern.match(arrow(), arrow(), ["company:eq"], left_id="id", right_id="id").table()


def test_what_comes_out_is_not_copied() -> None:
    table = found()
    own = addresses(table)
    assert own == addresses(table)
    assert own == addresses(table.to_pyarrow())
    assert own == addresses(narwhals.from_arrow(table, backend="pyarrow").to_native())
    numbers = table.to_pyarrow()["confidence"].chunk(0)
    assert numbers.to_numpy(zero_copy_only=True).ctypes.data == numbers.buffers()[1].address
    frame = table.to_polars()
    at = table.column_names.index("confidence")
    assert frame["confidence"].to_numpy().ctypes.data == own[at][0]


def test_every_frame_takes_what_comes_out() -> None:
    table = found()
    rows = table.num_rows
    assert table.to_polars().height == polars.DataFrame(table).height == rows
    assert len(table.to_pandas()) == len(pyarrow.table(table).to_pandas()) == rows
    assert duckdb.from_arrow(table).aggregate("count(*)").fetchall() == [(rows,)]
    assert ibis.memtable(pyarrow.table(table)).count().execute() == rows
    assert narwhals.from_arrow(table, backend="polars").shape[0] == rows
    assert numpy.asarray(table.column("confidence")).shape == (rows,)
