"""Ids as text, the form in which the ledger compares them."""

from __future__ import annotations

import pyarrow
import pyarrow.compute

from lantern.exceptions import InputError


def texts(column: pyarrow.Array | pyarrow.ChunkedArray) -> pyarrow.Array:
    """Return ids as the ledger writes them: as text, with integers in decimal."""
    chunks = column.chunks if isinstance(column, pyarrow.ChunkedArray) else [column]
    try:
        written = [_text_chunk(chunk) for chunk in chunks]
    except pyarrow.ArrowException:
        raise InputError(
            f"a column of type {column.type} holds no ids; cast it to text or to an integer"
        ) from None
    return pyarrow.concat_arrays(written) if written else pyarrow.array([], pyarrow.large_string())


def _text_chunk(chunk: pyarrow.Array) -> pyarrow.Array:
    # PyArrow cannot cast dictionaries of string views, which Polars' categories are.
    if pyarrow.types.is_dictionary(chunk.type):
        return _text_chunk(chunk.dictionary).take(chunk.indices)
    return pyarrow.compute.cast(chunk, pyarrow.large_string())
