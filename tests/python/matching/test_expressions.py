"""Polars expressions: every data type, mode and context, on the Polars that is installed."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

import polars as pl
import pytest

import lantern

VERSION = tuple(int(part) for part in pl.__version__.split(".")[:2])
MEASURES = [name for name in lantern.similarity.__all__ if not name.endswith("_distance")]
DISTANCES = [name for name in lantern.similarity.__all__ if name.endswith("_distance")]
NORMALIZERS = sorted(lantern.normalize.versions())

LEFT = ["The Acme Corp.", "Müller & Söhne GmbH", None, "", "東京株式会社", "ada@gmail.com", "Acme"]
RIGHT = ["Acme Corporation", "Mueller Soehne", "x", "", "株式会社東京", None, "Acme"]

Modes = dict[str, Callable[[pl.LazyFrame], pl.DataFrame]]


def streaming(frame: pl.LazyFrame) -> pl.DataFrame:
    if VERSION >= (1, 23):
        return frame.collect(engine="streaming")
    return frame.collect(new_streaming=True)  # type: ignore[call-overload]


MODES: Modes = {"lazy": pl.LazyFrame.collect, "streaming": streaming}


def frame(kind: pl.DataType | type[pl.DataType] = pl.String) -> pl.DataFrame:
    if kind == pl.Enum:
        kind = pl.Enum(sorted({text for text in [*LEFT, *RIGHT] if text is not None}))
    return pl.DataFrame({"a": LEFT, "b": RIGHT}).with_columns(pl.all().cast(kind))


def expected(name: str, *columns: list[str | None]) -> list[object]:
    series = [pl.Series(column, dtype=pl.String) for column in columns]
    if len(series) == 2:
        return getattr(lantern.similarity, name)(*series).to_pylist()
    return getattr(lantern.normalize, name)(*series).to_pylist()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum])
def test_every_function_gives_in_polars_what_it_gives_elsewhere(
    kind: pl.DataType, mode: str
) -> None:
    a = pl.col("a").lantern
    expressions = [getattr(a, name)("b").alias(name) for name in [*MEASURES, *DISTANCES]]
    expressions += [getattr(a, name)().alias(name) for name in NORMALIZERS]
    for made in (
        frame(kind).select(expressions),
        MODES[mode](frame(kind).lazy().select(expressions)),
    ):
        for name in [*MEASURES, *DISTANCES]:
            assert made[name].to_list() == expected(name, LEFT, RIGHT), name
            assert made.schema[name] == (pl.UInt32 if name in DISTANCES else pl.Float64)
        for name in NORMALIZERS:
            assert made[name].to_list() == expected(name, LEFT), name
            assert made.schema[name] == (pl.Boolean if name.startswith("is_") else pl.String)


def test_the_planned_schema_is_that_of_the_result() -> None:
    query = (
        frame()
        .lazy()
        .select(
            x=pl.col("a").lantern.jaro("b"),
            y=pl.col("a").lantern.osa_distance("b"),
            z=pl.col("a").lantern.company_key(),
            w=pl.col("a").lantern.is_free_email(),
        )
    )
    assert query.collect_schema() == query.collect().schema


# What is no text, with Polars' name for it.
OTHERS: dict[str, pl.Series] = {
    "Boolean": pl.Series([True, None]),
    "Int8": pl.Series([1, None], dtype=pl.Int8),
    "Int16": pl.Series([1, None], dtype=pl.Int16),
    "Int32": pl.Series([1, None], dtype=pl.Int32),
    "Int64": pl.Series([1, None], dtype=pl.Int64),
    "UInt8": pl.Series([1, None], dtype=pl.UInt8),
    "UInt16": pl.Series([1, None], dtype=pl.UInt16),
    "UInt32": pl.Series([1, None], dtype=pl.UInt32),
    "UInt64": pl.Series([1, None], dtype=pl.UInt64),
    "Int128": pl.Series([1, None], dtype=pl.Int128),
    "Float32": pl.Series([1.5, None], dtype=pl.Float32),
    "Float64": pl.Series([1.5, None], dtype=pl.Float64),
    "Decimal": pl.Series([Decimal("1.5"), None]),
    "Binary": pl.Series([b"x", None]),
    "Date": pl.Series([dt.date(2026, 1, 1), None]),
    "Time": pl.Series([dt.time(12), None]),
    "Datetime": pl.Series([dt.datetime(2026, 1, 1), None], dtype=pl.Datetime("us", "UTC")),
    "Duration": pl.Series([dt.timedelta(1), None]),
    "List(String)": pl.Series([["x"], None]),
    "List(Int64)": pl.Series([[1], None]),
    "Array(String)": pl.Series([["x", "y"], None], dtype=pl.Array(pl.String, 2)),
    "Array(Int64)": pl.Series([[1, 2], None], dtype=pl.Array(pl.Int64, 2)),
    "Struct": pl.Series([{"x": "y"}, None]),
}
for new in ("Float16", "UInt128"):
    if hasattr(pl, new):
        OTHERS[new] = pl.Series([1, None], dtype=getattr(pl, new))


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_text_is_an_error_that_names_column_type_and_cast(kind: str) -> None:
    table = pl.DataFrame({"a": ["x", "y"], "it": OTHERS[kind]})
    calls = [
        ("jaro", pl.col("it").lantern.jaro("a")),
        ("indel", pl.col("a").lantern.indel("it")),
        ("osa_distance", pl.col("it").lantern.osa_distance(pl.lit("x"))),
        ("company_key", pl.col("it").lantern.company_key()),
    ]
    for name, expression in calls:
        for run in (
            table.select,
            *(lambda e, m=m: m(table.lazy().select(e)) for m in MODES.values()),
        ):
            with pytest.raises(pl.exceptions.ComputeError) as caught:
                run(expression)
            said = str(caught.value)
            assert f'{name} takes text, and column "it" is of type {kind}; ' in said
            assert 'pl.col("it").' in said


def test_the_cast_that_an_error_says_is_one_that_works() -> None:
    for kind, series in OTHERS.items():
        if kind == "Int128" and VERSION < (1, 30):
            continue  # These Polars have no cast from it to text at all.
        table = pl.DataFrame({"it": series})
        with pytest.raises(pl.exceptions.ComputeError) as caught:
            table.select(pl.col("it").lantern.company_key())
        advice = str(caught.value).rsplit(": ", 1)[1].split("\n")[0]
        text = eval(advice, {"pl": pl})
        assert table.select(text.lantern.company_key()).height == 2, kind


def test_objects_are_an_error_and_not_the_end_of_the_process() -> None:
    script = """
import lantern, polars as pl
class Thing: pass
table = pl.DataFrame({"a": ["x"], "it": pl.Series([Thing()], dtype=pl.Object)})
for expression in (pl.col("it").lantern.jaro("a"), pl.col("it").lantern.company_key()):
    try:
        table.select(expression)
    except BaseException as error:
        print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == 2


def test_null_columns_give_nulls_of_the_right_type() -> None:
    table = pl.DataFrame({"a": ["x", "y"], "n": [None, None]})
    made = table.select(
        x=pl.col("n").lantern.jaro("a"),
        y=pl.col("a").lantern.osa_distance("n"),
        z=pl.col("n").lantern.company_key(),
        w=pl.col("a").lantern.jaro(pl.lit(None)),
        v=pl.col("n").lantern.is_free_email(),
    )
    assert made.schema == {
        "x": pl.Float64,
        "y": pl.UInt32,
        "z": pl.String,
        "w": pl.Float64,
        "v": pl.Boolean,
    }
    assert made.null_count().row(0) == (2, 2, 2, 2, 2)


@pytest.mark.parametrize("mode", MODES)
def test_a_literal_is_one_value_for_all_rows(mode: str) -> None:
    query = (
        frame()
        .lazy()
        .select(
            right=pl.col("a").lantern.jaro_winkler(pl.lit("Acme")),
            left=pl.lit("Acme").lantern.jaro_winkler("a"),
            cut=pl.col("a").lantern.jaro_winkler(pl.lit("Acme"), score_cutoff=0.9),
            distance=pl.col("a").lantern.osa_distance(pl.lit("Acme"), score_cutoff=2),
        )
    )
    made = MODES[mode](query)
    scores = lantern.similarity.jaro_winkler(pl.Series(LEFT), "Acme").to_pylist()
    assert made["right"].to_list() == made["left"].to_list() == scores
    assert made["cut"].to_list() == [s and (s if s >= 0.9 else 0.0) for s in scores]
    assert made["distance"].to_list() == [
        None if d is None else min(d, 3)
        for d in lantern.similarity.osa_distance(pl.Series(LEFT), "Acme").to_pylist()
    ]


def test_two_literals_give_one_row() -> None:
    made = pl.select(pl.lit("martha").lantern.jaro(pl.lit("marhta")))
    assert made.to_series().to_list() == [pytest.approx(0.9444444444)]


@pytest.mark.parametrize("mode", MODES)
def test_slices_chunks_and_empty_columns_are_read(mode: str) -> None:
    whole = frame()
    expressions = [
        pl.col("a").lantern.token_set("b").alias("t"),
        pl.col("a").lantern.company_key().alias("k"),
    ]
    scores, keys = expected("token_set", LEFT, RIGHT), expected("company_key", LEFT)
    run = MODES[mode]
    for offset in range(len(LEFT)):
        for length in (0, 1, 3):
            made = run(whole.slice(offset, length).lazy().select(expressions))
            assert made["t"].to_list() == scores[offset : offset + length]
            assert made["k"].to_list() == keys[offset : offset + length]
    chunked = pl.concat([whole.slice(0, 2), whole.slice(2, 1), whole.slice(3)], rechunk=False)
    assert chunked["a"].n_chunks() == 3
    made = run(chunked.lazy().select(expressions))
    assert (made["t"].to_list(), made["k"].to_list()) == (scores, keys)
    uneven = pl.DataFrame([chunked["a"], whole["b"]])
    assert uneven.select(expressions)["t"].to_list() == scores
    for empty in (whole.clear(), pl.DataFrame(schema={"a": pl.Categorical, "b": pl.Null})):
        made = run(empty.lazy().select(expressions))
        assert (made.height, made.schema) == (0, {"t": pl.Float64, "k": pl.String})


@pytest.mark.parametrize("mode", MODES)
def test_many_rows_in_many_chunks_are_each_scored_once(mode: str) -> None:
    rows = 300_000
    names = pl.Series("a", [f"Acme {row % 7919} Corporation" for row in range(rows)])
    others = pl.Series("b", [f"Acme {row % 7907} Corp" for row in range(rows)])
    whole = pl.DataFrame([names, others])
    parts = pl.concat([whole.slice(start, 1000) for start in range(0, rows, 1000)], rechunk=False)
    query = parts.lazy().select(
        pl.col("a").lantern.levenshtein("b"), k=pl.col("a").lantern.company_key()
    )
    made = MODES[mode](query)
    assert made["a"].to_list() == lantern.similarity.levenshtein(names, others).to_pylist()
    assert made["k"].to_list() == lantern.normalize.company_key(names).to_pylist()


def test_it_works_in_groups_windows_filters_and_branches() -> None:
    table = frame().with_columns(g=pl.Series(["x", "y"] * 3 + ["x"]))
    scores = dict(enumerate(expected("jaro", LEFT, RIGHT)))
    groups = table.group_by("g", maintain_order=True).agg(
        pl.col("a").lantern.jaro("b").alias("each"),
        pl.col("a").lantern.jaro("b").max().alias("best"),
        pl.col("a").lantern.jaro(pl.lit("Acme")).alias("acme"),
        pl.col("a").lantern.jaro(pl.col("b").first()).alias("first"),
        pl.col("a").lantern.company_key().n_unique().alias("keys"),
    )
    assert groups["each"].to_list() == [
        [scores[i] for i in (0, 2, 4, 6)],
        [scores[i] for i in (1, 3, 5)],
    ]
    assert groups["best"].to_list() == [1.0, 1.0]
    acme = lantern.similarity.jaro(pl.Series(LEFT), "Acme").to_pylist()
    assert groups["acme"].to_list() == [
        [acme[i] for i in (0, 2, 4, 6)],
        [acme[i] for i in (1, 3, 5)],
    ]
    first = lantern.similarity.jaro(pl.Series(LEFT), RIGHT[0]).to_pylist()
    assert groups["first"].to_list()[0] == [first[i] for i in (0, 2, 4, 6)]

    over = table.select(pl.col("a").lantern.jaro(pl.col("b").first()).over("g"))["a"].to_list()
    assert [over[i] for i in (0, 2, 4, 6)] == [first[i] for i in (0, 2, 4, 6)]
    best = table.select(pl.col("a").lantern.jaro("b").max().over("g"))["a"].to_list()
    assert best == [1.0] * 7

    kept = table.filter(pl.col("a").lantern.jaro("b") >= 0.9)
    assert kept["a"].to_list() == [a for i, a in enumerate(LEFT) if (scores[i] or 0) >= 0.9]
    branch = table.select(pl.when(pl.col("g") == "x").then(pl.col("a").lantern.company_key()))
    assert branch.to_series().to_list()[0] == "acme"
    joined = table.join(
        table, left_on=pl.col("a").lantern.company_key(), right_on=pl.col("b").lantern.company_key()
    )
    assert ("The Acme Corp.", "Acme Corporation") in joined.select("a", "b_right").rows()
    every = table.select(pl.col("a", "b").lantern.company_key())
    assert every.columns == ["a", "b"]


def test_unlike_lengths_are_an_error() -> None:
    with pytest.raises(pl.exceptions.PolarsError):
        frame().select(pl.col("a").lantern.jaro(pl.col("b").head(2)))


def test_a_wrong_parameter_is_said_when_the_expression_is_made() -> None:
    a = pl.col("a").lantern
    with pytest.raises(lantern.exceptions.InputError, match="between 0 and 1"):
        a.jaro("b", score_cutoff=1.5)
    with pytest.raises(lantern.exceptions.InputError, match="give 0 or more"):
        a.osa_distance("b", score_cutoff=-1)
    with pytest.raises(lantern.exceptions.InputError, match='"XX" is not a region'):
        a.phone_e164(default_region="XX")


def test_a_parameter_reaches_the_normalizer() -> None:
    table = pl.DataFrame({"p": ["(415) 555-2671"], "c": ["2138"]})
    made = table.select(
        pl.col("p").lantern.phone_e164(default_region="US"),
        pl.col("c").lantern.postal_code(country="US"),
    )
    assert made.row(0) == ("+14155552671", "02138")


def test_series_have_the_same_methods() -> None:
    series = pl.Series("a", LEFT)
    for name in (*MEASURES, *DISTANCES):
        made = getattr(series.lantern, name)(pl.Series("b", RIGHT))
        assert (made.name, made.to_list()) == ("a", expected(name, LEFT, RIGHT))
    for name in NORMALIZERS:
        assert getattr(series.lantern, name)().to_list() == expected(name, LEFT)
    one = series.lantern.jaro("Acme").to_list()
    assert one == lantern.similarity.jaro(series, "Acme").to_pylist()
    assert series.clear().lantern.jaro("Acme").to_list() == []


def test_expressions_can_be_written_down_and_read_back() -> None:
    expression = pl.col("a").lantern.jaro("b")
    again = pl.Expr.deserialize(expression.meta.serialize())
    assert frame().select(again).equals(frame().select(expression))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows counts memory in another way")
def test_no_memory_is_lost_in_results_and_failures() -> None:
    script = """
import resource, sys
import lantern, polars as pl
table = pl.DataFrame({"n": range(100_000)})
text = pl.format("a name that is longer than a view {}", "n")
def once():
    made = table.select(a=text, b=text)
    made.select(pl.col("a").lantern.prefix("b"))
    made.select(pl.col("a").lantern.email_domain())
    try:
        pl.select(pl.lit(made["a"]).lantern.jaro(pl.lit(made["b"].head(7))))
    except pl.exceptions.PolarsError:
        pass
    else:
        sys.exit("no failure")
for _ in range(5):
    once()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(60):
    once()
unit = 1024**2 if sys.platform == "darwin" else 1024
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // unit)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 60  # One of the columns of 100,000 rows takes some 5 MB.
