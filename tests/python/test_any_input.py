"""Whatever a caller hands in, the answer is a value or an error of `lantern`, and never a panic."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lantern
from lantern import exceptions, normalize, similarity

# A test may be slow on a machine that is busy; what counts is what it answers.
SETTINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MEASURES = sorted(name for name in similarity.__all__ if not name.endswith("distance"))
KEYS = sorted(name for name in normalize.__all__ if name.islower())

# With halves of surrogates, which Python's own text may hold and no other does.
any_text = st.text(st.characters(codec=None), max_size=40)
text = st.text(max_size=40)
cells = st.one_of(st.none(), text)
rules = st.lists(
    st.one_of(
        text,
        st.tuples(st.sampled_from("ab"), st.sampled_from(["eq", "exact", "contains", "fuzzy"])).map(
            ":".join
        ),
        st.floats().map(lambda number: f"a:fuzzy{number}"),
    ),
    max_size=3,
)
frames = st.lists(st.tuples(cells, cells), max_size=12).map(
    lambda rows: pl.DataFrame(rows, schema={"a": pl.String, "b": pl.String}, orient="row")
)
EXPECTED = (exceptions.LanternError, TypeError, ValueError)


def outcome(call: Callable[..., Any], *arguments: Any) -> Any:
    """What a call returns, or the error that it raises."""
    try:
        return call(*arguments)
    except EXPECTED as error:
        return error


@pytest.mark.parametrize("name", MEASURES)
@SETTINGS
@given(a=st.one_of(any_text, st.none()), b=st.one_of(any_text, st.none()))
def test_a_similarity_is_between_0_and_1(name: str, a: str | None, b: str | None) -> None:
    measure = getattr(similarity, name)
    try:
        score = measure(a, b)
    except EXPECTED:
        return
    assert score is None if a is None or b is None else 0.0 <= score <= 1.0


@pytest.mark.parametrize("name", KEYS)
@SETTINGS
@given(value=st.one_of(any_text, st.none(), st.integers(), st.binary(max_size=8)))
def test_a_key_is_a_text_or_nothing(name: str, value: Any) -> None:
    try:
        key = getattr(normalize, name)(value)
    except EXPECTED:
        return
    assert key is None or isinstance(key, str | bool | int | float)


@SETTINGS
@given(left=frames, right=frames, rules=rules)
def test_a_match_of_any_tables_by_any_rules(
    left: pl.DataFrame, right: pl.DataFrame, rules: list[str]
) -> None:
    try:
        matches = lantern.match(left, right, rules=rules).table().to_polars()
    except EXPECTED:
        return
    assert all(0 <= row < len(left) for row in matches["left"])
    assert all(0 <= row < len(right) for row in matches["right"])
    assert all(math.isfinite(c) and 0 <= c <= 1 for c in matches["confidence"])


@SETTINGS
@given(data=st.binary(max_size=400))
def test_a_result_file_of_any_bytes(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "result.csv"
    path.write_bytes(data)
    found = outcome(lantern.read_results, path)
    if isinstance(found, Exception):
        assert isinstance(found, exceptions.LanternError)
        assert len(str(found)) < 20_000
    else:
        assert "id" in found.column_names


@SETTINGS
@given(
    settings_=st.dictionaries(
        st.one_of(st.sampled_from(["sync", "batches"]), text),
        st.one_of(st.integers(-(2**63), 2**63 - 1), st.none(), text, st.floats()),
        max_size=3,
    ),
    url=st.one_of(text, st.just("http://127.0.0.1:9")),
    key=text,
)
def test_a_client_of_any_settings(
    settings_: dict[str, Any], url: str, key: str, tmp_path: Path
) -> None:
    path = tmp_path / "l.sqlite"
    made = outcome(lambda: lantern.Client(key, url, limits=settings_, ledger=path))
    assert len(key) < 8 or key not in repr(made)


@SETTINGS
@given(fields=st.dictionaries(text, st.one_of(text, st.integers(), st.none()), max_size=4))
def test_a_call_with_any_fields_is_refused_before_it_is_sent(
    fields: dict[str, Any], tmp_path: Path
) -> None:
    # Nobody listens there: what is sent is a ConnectionError.
    closed = "http://127.0.0.1:9"
    with lantern.Client("key-of-a-test", closed, retries=0, ledger=tmp_path / "l") as client:
        try:
            client.enrich.company(**fields)
        except (*EXPECTED, KeyError):
            return
        raise AssertionError("it was answered")
