"""Arrow memory that breaks Arrow's rules is refused, by column and row, before it is read."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import arro3.core
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest

import lantern
import lantern.polars  # Registers the expressions.
from lantern.exceptions import InputError
from lantern.normalize import company_key
from lantern.similarity import jaro_winkler, levenshtein

TEXTS = ["Acme", "Müller GmbH", "a name of more than twelve bytes", "Ada"]


def buffer(*numbers: int, kind: str = "i") -> pyarrow.Buffer:
    return pyarrow.py_buffer(struct.pack(f"={len(numbers)}{kind}", *numbers))


@dataclass
class Poked:
    """A column, and offsets that are written into its memory when PyArrow has looked at it."""

    column: Any
    offsets: bytes = b""

    def poke(self) -> Any:
        if self.offsets:
            ctypes.memmove(self.column.buffers()[1].address, self.offsets, len(self.offsets))
        return self.column


def text(offsets: tuple[int, ...], values: bytes = b"abcdefgh") -> Poked:
    """A column of strings with these offsets."""
    parts = [None, buffer(*range(len(offsets))), pyarrow.py_buffer(values)]
    column = pyarrow.Array.from_buffers(pyarrow.string(), len(offsets) - 1, parts)
    return Poked(column, struct.pack(f"={len(offsets)}i", *offsets))


def large(offsets: tuple[int, ...], values: bytes = b"abcdefgh") -> Poked:
    parts = [None, buffer(*range(len(offsets)), kind="q"), pyarrow.py_buffer(values)]
    column = pyarrow.Array.from_buffers(pyarrow.large_string(), len(offsets) - 1, parts)
    return Poked(column, struct.pack(f"={len(offsets)}q", *offsets))


def view(*views: bytes) -> pyarrow.Array:
    """A column of views into one buffer of 32 bytes."""
    parts = [None, pyarrow.py_buffer(b"".join(views)), pyarrow.py_buffer(b"0123456789abcdef" * 2)]
    return pyarrow.Array.from_buffers(pyarrow.string_view(), len(views), parts)


def long(length: int, prefix: bytes, place: int, offset: int) -> bytes:
    return struct.pack("=i4sii", length, prefix, place, offset)


def dictionary(keys: list[int], kind: str = "b", values: Any = None) -> pyarrow.Array:
    types = {"b": pyarrow.int8(), "i": pyarrow.int32(), "q": pyarrow.int64()}
    indices = pyarrow.Array.from_buffers(types[kind], len(keys), [None, buffer(*keys, kind=kind)])
    values = pyarrow.array(["a", "b"]) if values is None else values
    return pyarrow.DictionaryArray.from_arrays(indices, values, safe=False)


LATIN = pyarrow.array([b"Acme", b"M\xfcller GmbH", b"Ada"])
SHORT = struct.pack("=i12s", 3, b"abc")

# Each, with the first row that is wrong.
WRONG: dict[str, tuple[Callable[[], Any], int]] = {
    "latin-1": (lambda: LATIN.view(pyarrow.string()), 1),
    "large latin-1": (lambda: LATIN.cast(pyarrow.large_binary()).view(pyarrow.large_string()), 1),
    "a cut character": (lambda: text((0, 4, 5, 8), "abc\u00fcdef".encode()), 0),
    "decreasing offsets": (lambda: text((0, 4, 2, 8)), 1),
    "a negative offset": (lambda: text((0, 4, -2, 8)), 1),
    "a negative end": (lambda: text((0, 4, 6, -8)), 2),
    "a negative beginning": (lambda: text((-4, 4, 6, 8)), 0),
    "an end past the buffer": (lambda: text((0, 4, 6, 1 << 30)), 2),
    "large decreasing offsets": (lambda: large((0, 4, 2, 8)), 1),
    "a large negative end": (lambda: large((0, 4, 6, -(1 << 60))), 2),
    "a large end past the buffer": (lambda: large((0, 4, 6, 1 << 60)), 2),
    "a view of no buffer": (lambda: view(SHORT, long(16, b"0123", 7, 0)), 1),
    "a view of a negative buffer": (lambda: view(SHORT, long(16, b"0123", -1, 0)), 1),
    "a view past its buffer": (lambda: view(SHORT, long(16, b"0123", 0, 20)), 1),
    "a view before its buffer": (lambda: view(SHORT, long(16, b"0123", 0, -16)), 1),
    "a view of negative length": (lambda: view(SHORT, long(-16, b"0123", 0, 0)), 1),
    "a view of huge length": (lambda: view(SHORT, long(1 << 30, b"0123", 0, 0)), 1),
    "a view with another prefix": (lambda: view(SHORT, long(16, b"9999", 0, 0)), 1),
    "a view with bytes after its end": (lambda: view(struct.pack("=i12s", 3, b"abcdef")), 0),
    "a view of latin-1": (lambda: view(SHORT, struct.pack("=i12s", 3, b"\xfcbc")), 1),
    "a key too high": (lambda: dictionary([0, 1, 2]), 2),
    "a negative key": (lambda: dictionary([0, -1, 0], "i"), 1),
    "a huge key": (lambda: dictionary([1 << 60, 1], "q"), 0),
    "a key without values": (lambda: dictionary([0], values=pyarrow.array([], "string")), 0),
    "a dictionary of latin-1": (
        lambda: dictionary([0, 1, 2], values=LATIN.view(pyarrow.string())),
        1,
    ),
}


@pytest.mark.parametrize(("make", "row"), WRONG.values(), ids=WRONG)
def test_a_wrong_column_of_text_is_refused(make: Callable[[], Any], row: int) -> None:
    for call in (company_key, lambda x: jaro_winkler(x, "a"), lambda x: levenshtein(TEXTS[0], x)):
        wrong = make()
        column = wrong.poke() if isinstance(wrong, Poked) else wrong
        with pytest.raises(InputError) as raised:
            call(column)
        assert raised.value.row == row
        assert str(raised.value).startswith(f"the column, row {row}: ")


@pytest.mark.parametrize(("make", "row"), WRONG.values(), ids=WRONG)
def test_a_wrong_column_of_a_table_is_refused_by_name(make: Callable[[], Any], row: int) -> None:
    poked = make()
    wrong = poked.column if isinstance(poked, Poked) else poked
    rows = min(len(wrong), 3)
    good = pyarrow.array(TEXTS[:1] * rows)
    calls: list[Callable[[Any], Any]] = [
        lambda table: lantern.dedupe(table, fields=["name"]),
        lambda table: lantern.match(table, table, ["name:eq"]),
    ]
    whole = pyarrow.table([good, wrong.slice(0, rows)], ["id", "name"])
    # Rows are counted over the chunks.
    before = pyarrow.table([good, pyarrow.array(TEXTS[:1] * rows, wrong.type)], ["id", "name"])
    wholes = [whole, pyarrow.concat_tables([before, whole])]
    if isinstance(poked, Poked):
        poked.poke()
    for first, table in zip((0, rows), wholes, strict=True):
        for call in calls:
            with pytest.raises(InputError) as raised:
                call(table)
            assert raised.value.column == "name"
            assert raised.value.row == first + row
            assert f'column "name", row {first + row}: ' in str(raised.value)


def test_a_column_of_ids_is_refused_before_it_is_sent(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    table = pyarrow.table({"id": LATIN.view(pyarrow.string())})
    with pytest.raises(InputError, match=r'column "id", row 1: .*0xfc at position 1') as raised:
        client.submit(table, "email", max_credits=3)
    assert raised.value.row == 1
    with pytest.raises(InputError, match='column "id", row 1'):
        client.map(
            table, "enrich.company", columns={"record_id": "id", "domain": "id"}, max_credits=9
        )
    assert lantern_server.runs().num_rows == 0
    assert client.credits.remaining().total_credits == 1_000_000


def test_only_the_column_that_is_read_is_checked(lantern_server: lantern.LocalServer) -> None:
    ids = lantern_server.people().slice(0, 3).to_pyarrow()["id"]
    table = pyarrow.table({"id": ids, "note": LATIN.view(pyarrow.string())})
    job = lantern_server.client().submit(table, "email", max_credits=3)
    assert job.wait(timeout=60).state == "done"


def test_a_parquet_file_in_latin_1_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "latin.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"name": LATIN}), path, store_schema=False)
    # The file says that its bytes are text, as some writers do.
    schema = pyarrow.schema([("name", pyarrow.string())])
    table = pyarrow.parquet.read_table(path)
    table = pyarrow.table([table["name"].chunk(0).view(pyarrow.string())], schema=schema)
    with pytest.raises(InputError, match='column "name", row 1: the text is not valid UTF-8'):
        lantern.dedupe(table, fields=["name"])


def nested() -> dict[str, tuple[Any, int]]:
    latin = LATIN.view(pyarrow.string())
    lists = pyarrow.ListArray.from_arrays(pyarrow.array([0, 1, 1, 3], "int32"), latin)
    backwards = pyarrow.array([[1], [2, 3], []], pyarrow.list_(pyarrow.int32()))
    Poked(backwards, struct.pack("=4i", 0, 3, 1, 3)).poke()
    return {
        "struct": (pyarrow.StructArray.from_arrays([latin], ["part"]), 1),
        "list": (lists, 2),
        "list of a struct": (
            pyarrow.ListArray.from_arrays(
                pyarrow.array([0, 2, 3], "int32"),
                pyarrow.StructArray.from_arrays([latin], ["part"]),
            ),
            0,
        ),
        "backwards": (backwards, 1),
        "fixed list": (pyarrow.FixedSizeListArray.from_arrays(latin, 1), 1),
        "map": (
            pyarrow.MapArray.from_arrays(
                pyarrow.array([0, 1, 3], "int32"), pyarrow.array(["a", "b", "c"]), latin
            ),
            1,
        ),
        "large list": (
            pyarrow.LargeListArray.from_arrays(pyarrow.array([0, 1, 1, 3], "int64"), latin),
            2,
        ),
    }


@pytest.mark.parametrize("kind", nested())
def test_nested_columns_are_checked_too(kind: str) -> None:
    column, row = nested()[kind]
    table = pyarrow.table({"name": ["a"] * len(column), "more": column})
    with pytest.raises(InputError, match='column "more"') as raised:
        lantern.dedupe(table, fields=["name"])
    assert (raised.value.column, raised.value.row) == ("more", row)


def test_run_ends_out_of_order_are_refused() -> None:
    runs = pyarrow.RunEndEncodedArray.from_arrays(
        pyarrow.array([2, 3], "int32"), pyarrow.array(["a", "b"])
    )
    good = pyarrow.table({"name": ["a", "b", "c"], "runs": runs})
    assert lantern.dedupe(good, fields=["name"]) is not None
    ends = pyarrow.array([2, 3], "int32")
    wrong = pyarrow.RunEndEncodedArray.from_arrays(ends, pyarrow.array(["a", "b"]))
    ctypes.memmove(ends.buffers()[1].address, struct.pack("=2i", 3, 3), 8)
    with pytest.raises(InputError, match='column "runs"'):
        lantern.dedupe(pyarrow.table({"name": ["a", "b", "c"], "runs": wrong}), fields=["name"])


def test_rows_outside_of_a_slice_are_not_the_callers() -> None:
    wrong = LATIN.view(pyarrow.string())
    assert (
        company_key(wrong.slice(0, 1)).to_pylist()
        == company_key(pyarrow.array(["Acme"])).to_pylist()
    )
    assert (
        company_key(wrong.slice(2)).to_pylist() == company_key(pyarrow.array(["Ada"])).to_pylist()
    )
    table = pyarrow.table({"name": wrong})
    assert lantern.dedupe(table.slice(2), fields=["name"]) is not None
    with pytest.raises(InputError) as raised:
        company_key(wrong.slice(1))
    assert raised.value.row == 0


def test_bytes_under_a_null_may_be_anything() -> None:
    nulls = pyarrow.py_buffer(bytes([0b101]))
    parts = [nulls, *LATIN.view(pyarrow.string()).buffers()[1:]]
    column = pyarrow.Array.from_buffers(pyarrow.string(), 3, parts)
    expected = company_key(pyarrow.array(["Acme", None, "Ada"])).to_pylist()
    assert company_key(column).to_pylist() == expected
    odd = pyarrow.Array.from_buffers(
        pyarrow.string_view(),
        2,
        [pyarrow.py_buffer(bytes([0b01])), pyarrow.py_buffer(SHORT + b"\xff" * 16)],
    )
    assert company_key(odd).to_pylist() == [*company_key(pyarrow.array(["abc"])).to_pylist(), None]
    keys = pyarrow.Array.from_buffers(pyarrow.int8(), 2, [nulls, buffer(0, 9, kind="b")])
    gap = pyarrow.DictionaryArray.from_arrays(keys, pyarrow.array(["Acme"]), safe=False)
    assert company_key(gap).to_pylist()[1] is None


@pytest.mark.parametrize("rows", [1, 70_000, 300_000])
def test_the_row_is_found_among_many(rows: int) -> None:
    # Beyond some rows, the threads of the process share the work.
    values = b"abcd" * rows
    place = 4 * (rows * 2 // 3)
    values = values[:place] + b"\xff" + values[place + 1 :]
    offsets = pyarrow.array(range(0, 4 * rows + 1, 4), "int32").buffers()[1]
    column = pyarrow.Array.from_buffers(
        pyarrow.string(), rows, [None, offsets, pyarrow.py_buffer(values)]
    )
    with pytest.raises(InputError) as raised:
        company_key(column)
    assert raised.value.row == place // 4
    with pytest.raises(InputError) as raised:
        lantern.dedupe(pyarrow.table({"name": column}), fields=["name"])
    assert (raised.value.column, raised.value.row) == ("name", place // 4)


def test_good_columns_of_every_layout_give_the_same_keys() -> None:
    texts = [*TEXTS, None, "", "Łódź"]
    expected = company_key(polars.Series(texts)).to_pylist()
    plain = pyarrow.array(texts)
    for column in (
        plain,
        plain.cast(pyarrow.large_string()),
        pyarrow.array(texts, pyarrow.string_view()),
        plain.dictionary_encode(),
        pyarrow.chunked_array([plain.slice(0, 3), plain.slice(3)]),
        pyarrow.concat_arrays([pyarrow.array(["?"]), plain]).slice(1),
        arro3.core.Array(plain),
        pandas.Series(texts, dtype="string"),
        polars.Series(texts, dtype=polars.Categorical),
    ):
        assert company_key(column).to_pylist() == expected


def wrong_for_polars() -> polars.Series:
    """A Series over memory of which nobody has looked at the bytes."""
    series = polars.Series("name", ["Acme", "Mxller", "Ada, of a length that is no view's"])
    column = series.to_arrow(compat_level=polars.CompatLevel.newest())
    views = column.buffers()[1]
    # The first letter of the second view's text, in place.
    ctypes.memset(views.address + 16 + 5, 0xFC, 1)
    return series


def test_an_expression_of_polars_refuses_wrong_text() -> None:
    frame = polars.DataFrame([wrong_for_polars()])
    name = polars.col("name")
    for expression in (
        name.lantern.company_key(),  # type: ignore[attr-defined]
        name.lantern.jaro_winkler(polars.lit("a")),  # type: ignore[attr-defined]
        name.lantern.levenshtein(name),  # type: ignore[attr-defined]
    ):
        with pytest.raises(polars.exceptions.ComputeError, match='column "name", row 1: the text'):
            frame.select(expression)


NUL = "na\0me"


def test_a_name_with_nul_is_refused(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.client()
    tables: list[Any] = [
        pyarrow.table({"id": ["1"], NUL: ["a"]}),
        pyarrow.record_batch({"id": ["1"], NUL: ["a"]}),
        pyarrow.table({"id": ["1"], NUL: ["a"]}).to_reader(),
        pandas.DataFrame({"id": ["1"], NUL: ["a"]}),
        polars.DataFrame({"id": ["1"], NUL: ["a"]}),
    ]
    for table in tables:
        with pytest.raises(InputError, match=r'column 2, "na\\0me", has a NUL') as raised:
            lantern.dedupe(table, fields=["id"])
        assert raised.value.column == NUL
    with pytest.raises(InputError, match="NUL"):
        client.submit(tables[0], "email", id=NUL, max_credits=1)


def test_a_stream_that_fails_is_said_as_it_is() -> None:
    def batches() -> Any:
        yield pyarrow.record_batch({"name": ["a"]})
        raise ValueError("the disk is gone")

    schema = pyarrow.schema([("name", pyarrow.string())])
    reader = pyarrow.RecordBatchReader.from_batches(schema, batches())
    with pytest.raises(InputError, match="the disk is gone"):
        lantern.dedupe(reader, fields=["name"])
    read = pyarrow.table({"name": ["a"]}).to_reader()
    read.read_all()
    assert lantern.dedupe(read, fields=["name"]) is not None


def test_metadata_need_not_be_text() -> None:
    schema = pyarrow.schema([pyarrow.field("name", "string", metadata={b"\xff": b"\xfe"})])
    table = pyarrow.table([["a", "b"]], schema=schema.with_metadata({b"\xff": b"\xfe"}))
    assert lantern.dedupe(table, fields=["name"]) is not None


def test_a_name_that_is_no_text_is_refused() -> None:
    field = pyarrow.field(b"\xff", pyarrow.string())
    table = pyarrow.table([["a"], ["b"]], schema=pyarrow.schema([("id", "string"), field]))
    with pytest.raises((InputError, UnicodeDecodeError)):
        lantern.dedupe(table, fields=["id"])


def test_a_type_that_is_nested_very_deep_is_refused() -> None:
    kind = pyarrow.int32()
    for _ in range(500):
        kind = pyarrow.list_(kind)
    table = pyarrow.table({"name": ["a"], "deep": pyarrow.nulls(1, kind)})
    with pytest.raises(InputError, match="64 levels"):
        lantern.dedupe(table, fields=["name"])


@pytest.mark.parametrize(
    "many",
    [
        lambda: pyarrow.nulls((1 << 28) + 1),
        lambda: pyarrow.chunked_array([pyarrow.nulls(1 << 27)] * 3),
        lambda: pyarrow.table({"a": pyarrow.nulls(1 << 29), "b": pyarrow.nulls(1 << 29)}),
        lambda: pyarrow.table({"id": pyarrow.nulls(1 << 31)}),
    ],
)
def test_more_nulls_than_memory_may_hold_are_refused(many: Callable[[], Any]) -> None:
    def use(given: Any) -> Any:
        is_table = isinstance(given, pyarrow.Table)
        return lantern.dedupe(given, ["id:exact"]) if is_table else company_key(given)

    with pytest.raises(InputError, match="at most 268435456 of them are read"):
        use(many())
