"""The types of columns that functions take and return, for type checkers."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import arro3.core


class ArrowArray(Protocol):
    """An array in one piece: `pyarrow.Array`, `arro3.core.Array`, ..."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        """Return the array through the Arrow PyCapsule interface."""
        ...


class ArrowStream(Protocol):
    """A column in chunks: a Series of Polars or pandas, `pyarrow.ChunkedArray`, ..."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the column through the Arrow PyCapsule interface."""
        ...


class Listed(Protocol):
    """A column that does not export Arrow: a NumPy array of strings, a Series of pandas 2."""

    @property
    def dtype(self) -> object:
        """Type of the values."""
        ...

    def tolist(self) -> object:
        """Return the values as Python objects."""
        ...


Texts: TypeAlias = ArrowArray | ArrowStream | Listed
Column: TypeAlias = arro3.core.Array | arro3.core.ChunkedArray
