"""The types of columns on their way in and out, for type checkers."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import arro3.core


class ArrowArray(Protocol):
    """One array: `pyarrow.Array`, `arro3.core.Array`, ..."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """The array, by the Arrow PyCapsule interface."""
        ...


class ArrowStream(Protocol):
    """A column in chunks: a Series of Polars or pandas, `pyarrow.ChunkedArray`, ..."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The column, by the Arrow PyCapsule interface."""
        ...


class Listed(Protocol):
    """A column that exports no Arrow: a NumPy array of strings, a Series of pandas 2."""

    @property
    def dtype(self) -> object:
        """What it holds."""
        ...

    def tolist(self) -> object:
        """Its values as Python's own."""
        ...


Texts: TypeAlias = ArrowArray | ArrowStream | Listed
Column: TypeAlias = arro3.core.Array | arro3.core.ChunkedArray
