"""Normalizers over columns and strings."""

from __future__ import annotations

import arro3.core
import polars as pl
import pyarrow as pa
import pytest

import lantern
from lantern import normalize

TEXTS = [
    "The Acme Corporation, Inc.",
    "Dr. Byron, Ada J.",
    None,
    "",
    "ada.byron+x@gmail.com",
    "https://www.acme.co.uk/x",
    "+44 20 7946 0958",
    "Deutschland",
    "123 N. Main St., Suite 4",
    "SW1A 1AA",
    "株式会社東京",
]
KINDS = {
    "string": pa.array(TEXTS),
    "large string": pa.array(TEXTS, pa.large_string()),
    "string view": pa.array(TEXTS, pa.string_view()),
    "dictionary": pa.array(TEXTS).dictionary_encode(),
    "slice": pa.array(["x", *TEXTS]).slice(1),
    "chunks": pa.chunked_array([TEXTS[:3], TEXTS[3:]]),
    "categorical": pl.Series(TEXTS, dtype=pl.Categorical),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(normalize.versions()))
def test_a_column_gives_what_each_string_gives(name: str, kind: str) -> None:
    function = getattr(normalize, name)
    made = function(KINDS[kind])
    assert made.to_pylist() == [None if text is None else function(text) for text in TEXTS]
    chunked = kind in ("chunks", "categorical")
    assert type(made) is (arro3.core.ChunkedArray if chunked else arro3.core.Array)


def test_every_normalizer_has_a_name_and_a_version() -> None:
    assert {*normalize.versions(), "versions"} == set(normalize.__all__)
    assert all(version >= 1 for version in normalize.versions().values())


def test_questions_give_booleans_and_the_others_text() -> None:
    for name in normalize.versions():
        kind = pa.bool_() if name.startswith("is_") else pa.string()
        assert pa.array(getattr(normalize, name)(pa.array(TEXTS))).type == kind
        assert pa.array(getattr(normalize, name)(pa.nulls(2))).type == kind


def test_a_region_is_what_numbers_without_a_country_code_are_read_by() -> None:
    numbers = pa.array(["(415) 555-2671", "030 901820", "+44 20 7946 0958", None])
    american = normalize.phone_e164(numbers, default_region="us").to_pylist()
    assert american == ["+14155552671", None, "+442079460958", None]
    assert normalize.phone_e164("030 901820", default_region="DE") == "+4930901820"
    assert normalize.phone_e164("030 901820") is None
    assert normalize.phone_region("030 901820", default_region="DE") == "DE"
    assert normalize.is_valid_phone("030 901820", default_region="DE")
    assert normalize.postal_code("2138", country="United States") == "02138"


def test_an_unknown_region_or_country_is_said() -> None:
    for function in (normalize.phone_e164, normalize.phone_region, normalize.is_valid_phone):
        with pytest.raises(lantern.exceptions.InputError, match='"XX" is not a region'):
            function("030 901820", default_region="XX")
    with pytest.raises(lantern.exceptions.InputError, match='"Nowhere" is not a country'):
        normalize.postal_code(pa.array(["2138"]), country="Nowhere")


def test_ten_megabytes_are_normalized() -> None:
    long = "Acme Widgets " * 800_000
    for name in normalize.versions():
        getattr(normalize, name)(pa.array([long, "x"]))
