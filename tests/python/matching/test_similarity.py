"""Measures over columns of every kind, and what they refuse."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable

import arro3.core
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import lantern
from lantern import similarity

LEFT = ["Acme Corp", "Müller & Söhne", None, "", "東京", "Acme Corp"]
RIGHT = ["Acme Corporation", "Mueller und Soehne", "x", "", None, "Acme Corp"]

# What makes a column of a list, and whether it is in chunks.
KINDS: dict[str, tuple[Callable[[list[str | None]], object], bool]] = {
    "pyarrow string": (lambda x: pa.array(x, pa.string()), False),
    "pyarrow large string": (lambda x: pa.array(x, pa.large_string()), False),
    "pyarrow string view": (lambda x: pa.array(x, pa.string_view()), False),
    "pyarrow dictionary": (lambda x: pa.array(x).dictionary_encode(), False),
    "pyarrow dictionary of large strings": (
        lambda x: pa.array(x, pa.large_string()).dictionary_encode(),
        False,
    ),
    "pyarrow slice": (lambda x: pa.array(["a", *x, "b"]).slice(1, len(x)), False),
    "pyarrow chunks": (lambda x: pa.chunked_array([x[:1], x[1:1], x[1:]], pa.string()), True),
    "arro3": (lambda x: arro3.core.Array(pa.array(x, pa.string())), False),
    "arro3 chunks": (lambda x: arro3.core.ChunkedArray(pa.chunked_array([x])), True),
    "polars": (lambda x: pl.Series(x, dtype=pl.String), True),
    "polars chunks": (
        lambda x: pl.concat([pl.Series(x[:2]), pl.Series(x[2:])], rechunk=False),
        True,
    ),
    "polars categorical": (lambda x: pl.Series(x, dtype=pl.Categorical), True),
    "pandas": (lambda x: pd.Series(x, dtype="str"), True),
    "pandas objects": (lambda x: pd.Series(x, dtype=object), True),
    "pandas category": (lambda x: pd.Series(x, dtype="category"), True),
    "pandas of pyarrow": (lambda x: pd.Series(x, dtype=pd.ArrowDtype(pa.string())), True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_column_gives_the_same_and_comes_back_as_it_was(kind: str) -> None:
    make, chunked = KINDS[kind]
    for name in similarity.__all__:
        compare = getattr(similarity, name)
        alone = [
            None if a is None or b is None else compare(a, b)
            for a, b in zip(LEFT, RIGHT, strict=True)
        ]
        made = compare(make(LEFT), make(RIGHT))
        assert type(made) is (arro3.core.ChunkedArray if chunked else arro3.core.Array)
        assert made.to_pylist() == alone, name
        one = [None if a is None else compare(a, "Acme Corp") for a in LEFT]
        assert compare(make(LEFT), "Acme Corp").to_pylist() == pytest.approx(one)
        assert compare("Acme Corp", make(LEFT)).to_pylist() == pytest.approx(one)


def test_columns_of_two_kinds_are_compared() -> None:
    for left, _ in KINDS.values():
        for right, _ in KINDS.values():
            made = similarity.indel(left(LEFT), right(RIGHT))
            assert (
                made.to_pylist() == similarity.indel(pl.Series(LEFT), pl.Series(RIGHT)).to_pylist()
            )


def test_a_similarity_is_float64_and_a_distance_uint32() -> None:
    column = pa.array(["a"])
    for name in similarity.__all__:
        kind = pa.uint32() if name.endswith("_distance") else pa.float64()
        assert pa.array(getattr(similarity, name)(column, column)).type == kind
        assert isinstance(
            getattr(similarity, name)("a", "b"), int if kind == pa.uint32() else float
        )


def test_empty_and_all_null_columns_give_as_many_rows() -> None:
    nothing = pa.chunked_array([], pa.string())
    assert similarity.jaro(nothing, nothing).to_pylist() == []
    assert similarity.jaro(pa.array([], pa.string()), "x").to_pylist() == []
    assert pa.chunked_array(similarity.jaro(nothing, "x")).type == pa.float64()
    for nulls in (pa.nulls(3), pa.nulls(3, pa.string()), pl.Series([None] * 3)):
        assert similarity.osa_distance(nulls, "x").to_pylist() == [None] * 3
        assert similarity.jaro(nulls, pa.array(["x"] * 3)).to_pylist() == [None] * 3


def test_a_cutoff_makes_lower_similarities_nothing_and_higher_distances_one_more() -> None:
    for name in similarity.__all__:
        compare = getattr(similarity, name)
        every = compare(pa.array(LEFT), pa.array(RIGHT)).to_pylist()
        if name.endswith("_distance"):
            expected = [None if x is None else min(x, 4) for x in every]
            cut = compare(pa.array(LEFT), pa.array(RIGHT), score_cutoff=3).to_pylist()
            assert cut == expected
            assert compare("kitten", "sitting", score_cutoff=2**40) == compare("kitten", "sitting")
        else:
            cut = compare(pa.array(LEFT), pa.array(RIGHT), score_cutoff=0.8).to_pylist()
            assert cut == [None if x is None else x if x >= 0.8 else 0.0 for x in every]


NOT_TEXT = [
    (pl.Series([1, 2]), r"Int64 and not text.*\.cast\(pl\.String\)"),
    (pl.Series([b"x"]), r"Binary.*\.cast\(pl\.String\)"),
    (pd.Series([1.5]), r'Float64 and not text.*\.astype\("str"\)'),
    (pd.Series(pd.to_datetime(["2026-01-01"])), r'Timestamp.*\.astype\("str"\)'),
    (pa.array([True]), r"Boolean and not text.*\.cast\(pa\.string\(\)\)"),
    (pa.array([["x"]]), r"List.*not text"),
    (pa.array([1, 2]).dictionary_encode(), r"Dictionary\(Int32, Int64\) and not text"),
    (arro3.core.Array(pa.array([1])), r"Int64.*arro3\.core\.DataType\.string\(\)"),
    (pl.DataFrame({"a": ["x"], "b": [1]}), r'table or struct of "a", "b"; pick one'),
    (duckdb.sql("select 'x' as a"), r'table or struct of "a"'),
    (["x", "y"], r"this is of type list; wrap it"),
    (None, r"this is of type NoneType"),
    (3, r"this is of type int"),
    (b"x", r"this is of type bytes"),
]


@pytest.mark.parametrize(("given", "said"), NOT_TEXT)
def test_what_is_no_text_is_a_type_error_that_says_the_cast(given: object, said: str) -> None:
    for call in (
        lambda: similarity.jaro(given, "x"),  # type: ignore[arg-type]
        lambda: similarity.osa_distance("x", given),  # type: ignore[arg-type]
        lambda: lantern.normalize.company_key(given),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError, match=said):
            call()


def test_unlike_lengths_are_an_error_that_says_both() -> None:
    for name in similarity.__all__:
        with pytest.raises(ValueError, match="a has 3 rows and b has 2"):
            getattr(similarity, name)(pl.Series(["x"] * 3), pa.array(["x"] * 2))


@pytest.mark.parametrize("cutoff", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_cutoff_out_of_range_is_an_error(cutoff: float) -> None:
    for b in ("x", pa.array(["x"])):
        with pytest.raises(lantern.exceptions.InputError, match="between 0 and 1"):
            similarity.jaro("x", b, score_cutoff=cutoff)
    with pytest.raises(lantern.exceptions.InputError, match="give 0 or more"):
        similarity.osa_distance("x", "y", score_cutoff=-1)


def test_strings_of_ten_megabytes_are_compared() -> None:
    a, b = "abcdefgh  " * 1_000_000, "abcdefgh  " * 999_999 + "xbcdefgh  "
    assert similarity.levenshtein_distance(a, b, score_cutoff=5) == 1
    assert similarity.prefix(pa.array([a]), pa.array([b])).to_pylist()[0] > 0.99
    assert similarity.token_set("abcdefgh", a) == 1.0


def test_a_million_equal_names_are_compared_once_or_at_least_soon() -> None:
    names = pl.Series(["Acme Corporation"]).new_from_index(0, 1_000_000)
    assert set(similarity.jaro_winkler(names, names).to_pylist()) == {1.0}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_forked_child_computes_what_its_parent_did() -> None:
    script = """
import os, signal, sys, warnings
import lantern, pyarrow as pa
warnings.simplefilter("ignore", DeprecationWarning)
names = pa.array([f"Acme {row} Corporation" for row in range(100_000)])
def work():
    total = sum(lantern.similarity.jaro(names, "Acme 7 Corp").to_pylist())
    return total, lantern.normalize.company_key(names).to_pylist()[7]
expected = work()
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        signal.alarm(60)  # a hang ends the child
        os._exit(0 if work() == expected else 1)
    print(os.waitpid(pid, 0)[1])
assert work() == expected
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["0", "0", "0"], done.stderr


def test_other_threads_run_while_columns_are_compared() -> None:
    names = pa.array([f"Acme {row} Corporation " * 8 for row in range(8_000)])
    pattern = "Corporation of Acme and others, 1234567 in all, and more"

    def longest_wait() -> float:
        """How long this thread stood still at most, as a part of the work in the other one."""
        begun, times = threading.Event(), []

        def work() -> None:
            begun.set()
            start = time.perf_counter()
            similarity.partial_ratio(names, pattern)
            times.append(time.perf_counter() - start)

        thread = threading.Thread(target=work)
        thread.start()
        begun.wait()
        last, longest = time.perf_counter(), 0.0
        while not times:
            now = time.perf_counter()
            last, longest = now, max(longest, now - last)
        thread.join()
        return longest / times[0]

    # With the interpreter's lock held it would be nearly all of the time. A busy machine may take
    # the processor away for a while, hardly so three times over.
    assert min(longest_wait() for _ in range(3)) < 0.5
