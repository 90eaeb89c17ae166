"""The table that results come back as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import arro3.core

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas
    import polars
    import pyarrow


class Table(arro3.core.Table):
    """An Arrow table: an `arro3.core.Table` with ways into the common data frames.

    It exports the Arrow PyCapsule stream, so Polars, pandas, PyArrow and DuckDB take it as it is,
    without a copy; the methods are there for convenience.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     print(server.people().to_polars().height)
        10000
    """

    def slice(self, offset: int = 0, length: int | None = None) -> Table:
        """The rows from `offset` on, `length` of them at most, without a copy."""
        return Table(super().slice(offset, length))

    def select(self, columns: Sequence[int] | Sequence[str]) -> Table:
        """Some of the columns, without a copy."""
        return Table(super().select(columns))

    def rename_columns(self, names: Sequence[str]) -> Table:
        """The same columns under other names."""
        return Table(super().rename_columns(names))

    def combine_chunks(self) -> Table:
        """The same data in one chunk."""
        return Table(super().combine_chunks())

    def to_polars(self) -> polars.DataFrame:
        """The same data as a `polars.DataFrame`, without a copy where Polars allows it."""
        import polars

        return polars.DataFrame(self)

    def to_pandas(self) -> pandas.DataFrame:
        """The same data as a `pandas.DataFrame`, by way of PyArrow."""
        return self.to_pyarrow().to_pandas()

    def to_pyarrow(self) -> pyarrow.Table:
        """The same data as a `pyarrow.Table`, without a copy."""
        import pyarrow

        return pyarrow.table(self)

    def to_pylist(self) -> list[dict[str, object]]:
        """The rows as dictionaries; for small tables."""
        columns = {name: self.column(name).to_pylist() for name in self.column_names}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _repr_html_(self) -> str:
        from lantern._plots import table_html

        return table_html(self)
