"""The table in which results are returned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import arro3.core

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas
    import polars
    import pyarrow


class Table(arro3.core.Table):
    """An Arrow table: an `arro3.core.Table` with conversions to the common data frames.

    It exports the Arrow PyCapsule stream, so Polars, pandas, PyArrow and DuckDB accept it directly
    and without a copy. The conversions are a convenience.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     print(server.people().to_polars().height)
        10000
    """

    def slice(self, offset: int = 0, length: int | None = None) -> Table:
        """Return a range of rows, without a copy.

        Args:
            offset: Number of the first row, from 0 (default). Beyond the end, the result is empty.
            length: Maximum number of rows; `None` (default) returns all to the end.

        Example:
            >>> server.people().slice(2, 2).column("first_name").to_pylist()
            ['Bruce', 'Pari']
        """
        return Table(super().slice(offset, length))

    def select(self, columns: Sequence[int] | Sequence[str]) -> Table:
        """Return some of the columns, without a copy.

        Args:
            columns: Names of the columns, or their positions from 0.

        Raises:
            ValueError: If a column does not exist.

        Example:
            >>> server.people().select(["id", "email"]).column_names
            ['id', 'email']
        """
        return Table(super().select(columns))

    def rename_columns(self, names: Sequence[str]) -> Table:
        """Return the table with other column names.

        Args:
            names: New name of each column, in order.

        Raises:
            ValueError: If the number of names is not the number of columns.

        Example:
            >>> people = server.people().slice(2, 2).select(["id", "first_name"])
            >>> people.rename_columns(["person", "name"]).column_names
            ['person', 'name']
        """
        return Table(super().rename_columns(names))

    def combine_chunks(self) -> Table:
        """Return the table in one chunk.

        Example:
            >>> people = server.people().slice(2, 2).select(["id", "first_name"])
            >>> people.combine_chunks().column("id").num_chunks
            1
        """
        return Table(super().combine_chunks())

    def to_polars(self) -> polars.DataFrame:
        """Return the table as a `polars.DataFrame`, without a copy where Polars allows it.

        Raises:
            ModuleNotFoundError: If Polars is not installed.

        Example:
            >>> people = server.people().slice(2, 2).select(["id", "first_name"])
            >>> people.to_polars().rows()
            [('P0000003', 'Bruce'), ('P0000004', 'Pari')]
        """
        import polars

        return polars.DataFrame(self)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the table as a `pandas.DataFrame`, converted by PyArrow.

        Raises:
            ModuleNotFoundError: If PyArrow or pandas is not installed.

        Example:
            >>> people = server.people().slice(2, 2).select(["id", "first_name"])
            >>> people.to_pandas()
                     id first_name
            0  P0000003      Bruce
            1  P0000004       Pari
        """
        return self.to_pyarrow().to_pandas()

    def to_pyarrow(self) -> pyarrow.Table:
        """Return the table as a `pyarrow.Table`, without a copy.

        Raises:
            ModuleNotFoundError: If PyArrow is not installed.

        Example:
            >>> people = server.people().slice(2, 2).select(["id", "first_name"])
            >>> people.to_pyarrow().num_rows
            2
        """
        import pyarrow

        return pyarrow.table(self)

    def to_pylist(self) -> list[dict[str, object]]:
        """Return the rows as a list of dictionaries. Meant for small tables.

        Example:
            >>> people = server.people().slice(2, 2).select(["id", "first_name"])
            >>> people.to_pylist()
            [{'id': 'P0000003', 'first_name': 'Bruce'}, {'id': 'P0000004', 'first_name': 'Pari'}]
        """
        columns = {name: self.column(name).to_pylist() for name in self.column_names}
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _repr_html_(self) -> str:
        from lantern._plots import table_html

        return table_html(self)
