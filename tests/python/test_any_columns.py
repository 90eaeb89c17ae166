"""Tables of every type of Arrow, and answers of the right shape or errors of `lantern`."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import math
import string
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lantern
from lantern import exceptions

SETTINGS = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# What a call may raise. A panic is none of these: it is no `Exception` at all.
EXPECTED = (exceptions.LanternError, TypeError, ValueError)

words = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "Acme GmbH",
            "acme",
            "ada@acme.com",
            "+49 30 901820",
            "https://acme.com/",
            "2024-02-30",
            "0042",
        ]
    ),
    st.text(max_size=12),
)
times = st.datetimes(datetime.datetime(1678, 1, 1), datetime.datetime(2262, 1, 1))

numbers = st.floats(width=32)


def plain(kind: pa.DataType, values: st.SearchStrategy[Any]) -> tuple[Any, Any]:
    return (lambda cells: pa.array(cells, kind)), values


def whole(kind: pa.DataType) -> tuple[Any, Any]:
    bits = kind.bit_width
    signed = pa.types.is_signed_integer(kind)
    least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return plain(kind, st.one_of(st.integers(least, most), st.sampled_from([0, 1, least, most])))


def union(cells: list[Any]) -> pa.Array:
    kinds = pa.array([number % 2 for number in range(len(cells))], pa.int8())
    parts = [pa.array(cells, pa.string()), pa.array(range(len(cells)), pa.int32())]
    return pa.UnionArray.from_sparse(kinds, parts)


def decimals(digits: int) -> st.SearchStrategy[decimal.Decimal]:
    return st.integers(-(10**digits) + 1, 10**digits - 1).map(
        lambda number: decimal.Decimal(number).scaleb(-2)
    )


# How an array of each type is made, and of what.
KINDS: dict[str, tuple[Any, Any]] = {
    "text": plain(pa.string(), words),
    "large text": plain(pa.large_string(), words),
    "view of text": plain(pa.string_view(), words),
    "bytes": plain(pa.binary(), st.binary(max_size=6)),
    "views of bytes": plain(pa.binary_view(), st.binary(max_size=20)),
    "three bytes": plain(pa.binary(3), st.binary(min_size=3, max_size=3)),
    "truths": plain(pa.bool_(), st.booleans()),
    "nulls": plain(pa.null(), st.none()),
    **{
        str(kind): whole(kind)
        for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint64())
    },
    "half": plain(pa.float16(), st.floats(width=16)),
    "single": plain(pa.float32(), numbers),
    "double": plain(pa.float64(), st.floats()),
    "decimals": plain(pa.decimal128(9, 2), decimals(9)),
    "wide decimals": plain(pa.decimal256(70, 2), decimals(20)),
    "dates": plain(pa.date32(), times.map(lambda time: time.date())),
    "dates in ms": plain(pa.date64(), times.map(lambda time: time.date())),
    "seconds of the day": plain(
        pa.time32("s"), times.map(lambda time: time.time().replace(microsecond=0))
    ),
    "nanoseconds of the day": plain(pa.time64("ns"), times.map(lambda time: time.time())),
    "times": plain(pa.timestamp("us"), times),
    "times in ns": plain(pa.timestamp("ns"), times),
    "times of a zone": plain(pa.timestamp("ms", "America/New_York"), times),
    "durations": plain(
        pa.duration("us"), st.timedeltas(datetime.timedelta(-99_999), datetime.timedelta(99_999))
    ),
    "intervals": plain(
        pa.month_day_nano_interval(), st.tuples(*[st.integers(-(2**31), 2**31 - 1)] * 3)
    ),
    "lists": plain(pa.list_(pa.string()), st.lists(words, max_size=3)),
    "large lists": plain(pa.large_list(pa.int8()), st.lists(st.integers(0, 9), max_size=3)),
    "views of lists": plain(pa.list_view(pa.string()), st.lists(words, max_size=3)),
    "pairs": plain(pa.list_(pa.float64(), 2), st.lists(st.floats(), min_size=2, max_size=2)),
    "structs": plain(pa.struct({"a": pa.string()}), st.fixed_dictionaries({"a": words})),
    "maps": plain(pa.map_(pa.string(), pa.int8()), st.just([("a", 1)])),
    "dictionary": ((lambda cells: pa.array(cells, pa.string()).dictionary_encode()), words),
    "dictionary of numbers": (
        (lambda cells: pa.array(cells, pa.int64()).dictionary_encode()),
        st.integers(0, 3),
    ),
    "runs": ((lambda cells: pc.run_end_encode(pa.array(cells, pa.string()))), words),
    "union": (union, words),
    "uuids": (
        (lambda cells: pa.ExtensionArray.from_storage(pa.uuid(), pa.array(cells, pa.binary(16)))),
        st.binary(min_size=16, max_size=16),
    ),
}
# Some names say what a column holds, some are those of lantern's own columns.
NAMES = [
    "email",
    "Company",
    "phone",
    "first_name",
    "id",
    "a",
    "cluster",
    "row",
    "rows",
    "a_row",
    "",
]


@st.composite
def arrays(draw: st.DrawFn, rows: int) -> pa.Array:
    make, values = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    # Few values, so that rows are alike.
    some = draw(st.lists(st.one_of(st.none(), values), min_size=1, max_size=3))
    return make(draw(st.lists(st.sampled_from(some), min_size=rows, max_size=rows)))


@st.composite
def tables(draw: st.DrawFn, least: int = 0) -> pa.Table:
    rows = draw(st.integers(least, 7))
    names = draw(st.lists(st.one_of(st.sampled_from(NAMES), words), min_size=1, max_size=3))
    return pa.table([draw(arrays(rows)) for _ in names], names=names)


rules = st.one_of(
    st.none(),
    st.lists(
        st.tuples(
            st.sampled_from(NAMES[:6]), st.sampled_from(["eq", "exact", "contains", "fuzzy0.8"])
        ).map(":".join),
        min_size=1,
        max_size=2,
    ),
)


def refused_or(call: Any) -> Any:
    """What a call returns, or `None` if it is refused."""
    try:
        return call()
    except EXPECTED as error:
        said = str(error)
    assert len(said) < 5_000
    return None


@SETTINGS
@given(table=tables(), other=tables())
def test_each_column_of_any_table_is_described(table: pa.Table, other: pa.Table) -> None:
    described = refused_or(lambda: lantern.describe(table))
    if described is not None:
        assert described.column("column").to_pylist() == table.column_names
    both = refused_or(lambda: lantern.describe(table, other))
    assert both is None or both.num_rows == table.num_columns + other.num_columns


@SETTINGS
@given(
    table=tables(),
    rules=rules,
    strategy=st.sampled_from(
        ["most_frequent", "longest", "first", "last", "most_complete", "min", "max", "newest:a", ""]
    ),
    before=tables(),
)
def test_duplicates_and_golden_records_of_any_table(
    table: pa.Table, rules: list[str] | None, strategy: str, before: pa.Table
) -> None:
    duplicates = refused_or(lambda: lantern.dedupe(table, rules))
    if duplicates is None:
        return
    clusters = duplicates.table().column("cluster").to_pylist()
    assert len(clusters) == len(duplicates) == table.num_rows
    assert duplicates.summary()["rows"] == table.num_rows
    golden = refused_or(lambda: duplicates.golden(strategy))
    if golden is not None:
        # A table may have columns of these names itself, so the first two have others then.
        assert sorted(golden.column(0).to_pylist()) == sorted(set(clusters))
        assert sum(golden.column(1).to_pylist()) == table.num_rows
    for earlier in (before, duplicates.table()):
        stable = refused_or(lambda earlier=earlier: duplicates.stable(earlier))
        assert stable is None or stable.num_rows == table.num_rows
    assert "<" in duplicates._repr_html_()


@SETTINGS
@given(left=tables(), right=tables(), rules=rules, pair=st.tuples(*[st.integers(-9, 9)] * 2))
def test_matches_of_any_tables_are_explained(
    left: pa.Table, right: pa.Table, rules: list[str] | None, pair: tuple[int, int]
) -> None:
    matches = refused_or(lambda: lantern.match(left, right, rules, threshold=0))
    if matches is None:
        return
    rows = matches.table().to_pylist()
    assert len(rows) == len(matches)
    assert all(0 <= row["left"] < left.num_rows for row in rows)
    assert all(0 <= row["right"] < right.num_rows for row in rows)
    explanations = [
        refused_or(lambda place=place: matches.explain(place)) for place in range(len(rows))
    ]
    for explanation, row in zip(explanations, rows, strict=True):
        assert (explanation.left, explanation.right) == (row["left"], row["right"])
        assert math.isclose(explanation.confidence, row["confidence"])
    any_pair = refused_or(lambda: matches.explain(left=pair[0], right=pair[1]))
    if any_pair is not None:
        assert 0 <= any_pair.confidence <= 1
        assert any_pair.sentence
    assert matches.joined() is not None or not rows


truths = st.one_of(
    st.lists(st.tuples(*[st.integers(-2, 9)] * 2), max_size=5),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=5),
    tables(),
)


@SETTINGS
@given(
    left=tables(least=2), rules=rules, truth=truths, complete=st.sampled_from([None, True, False])
)
def test_any_truth_measures_any_matches(
    left: pa.Table, rules: list[str] | None, truth: Any, complete: bool | None
) -> None:
    for made in (
        lambda: lantern.match(left, left, rules, threshold=0, top=None),
        lambda: lantern.dedupe(left, rules),
    ):
        matches = refused_or(made)
        if matches is None:
            continue
        measured = refused_or(
            lambda given=matches: lantern.evaluate(given, truth, complete=complete)
        )
        if measured is None:
            continue
        for share in (measured.precision, measured.recall, measured.f1):
            assert share is None or 0 <= share <= 1
        assert isinstance(measured.summary(), dict)
        assert measured.errors().num_rows >= 0


# Python's writer does not quote a carriage return, which ends a line as well.
cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)
header = st.lists(
    st.one_of(st.sampled_from(["email", "email_found", "phone_number", "company_name"]), cell),
    max_size=4,
    unique=True,
).filter(lambda names: "id" not in names)


@SETTINGS
@given(names=header, data=st.data())
def test_a_result_file_of_any_cells_keeps_its_rows(
    names: list[str], data: st.DataObject, tmp_path: Path
) -> None:
    ids = data.draw(st.lists(st.text(string.ascii_letters, min_size=1), max_size=5, unique=True))
    rows = [[one, *[data.draw(cell) for _ in names]] for one in ids]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["id", *names], *rows])
    path = tmp_path / "result.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    read = refused_or(lambda: lantern.read_results(path))
    assert read is None or read.column("id").to_pylist() == ids


@SETTINGS
@given(
    table=tables(),
    kind=st.sampled_from(["email", "phone", "phone-email"]),
    columns=st.dictionaries(
        st.sampled_from(
            ["first_name", "last_name", "company", "email", "linkedin_id", "record_id"]
        ),
        st.sampled_from(NAMES),
        max_size=3,
    ),
)
def test_any_table_of_records_is_counted(
    table: pa.Table, kind: Any, columns: dict[str, str], lantern_client: lantern.Client
) -> None:
    by_id: dict[str, Any] = {"id": "id"}
    for records in (by_id, {"columns": columns}):
        counted = refused_or(
            lambda records=records: lantern_client.submit(
                table, kind, max_credits=9, dry_run=True, **records
            )
        )
        if counted is not None:
            parts = ["ids", "without_id", "incomplete", "duplicates", "suppressed_ids"]
            assert counted["rows"] == table.num_rows == sum(counted[part] for part in parts)
    refused_or(
        lambda: lantern_client.map(
            table, "enrich.person", columns=columns, max_credits=9, dry_run=True
        )
    )


@SETTINGS
@given(left=tables(least=2), right=st.one_of(st.none(), tables(least=2)))
def test_what_is_learned_of_any_tables_is_the_same_after_saving(
    left: pa.Table, right: pa.Table | None, tmp_path: Path
) -> None:
    model = refused_or(lambda: lantern.learn(left, right))
    if model is not None:
        model.save(tmp_path / "model.json")
        assert lantern.Model.load(tmp_path / "model.json") == model
