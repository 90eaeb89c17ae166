"""An I/O manager that stores tables as Parquet files and loads them as Arrow."""

from typing import Any, ClassVar

import dagster as dg
import polars as pl
from pydantic import PrivateAttr
from upath import UPath

from lantern import Table


class LanternParquetIOManager(dg.ConfigurableIOManager, dg.UPathIOManager):  # type: ignore[misc]
    """Store any table that exports an Arrow stream as Parquet, one file per asset and partition.

    It loads a `lantern.Table`, which Polars, pandas, PyArrow and DuckDB accept without a copy. If
    all tables are Polars frames, `dagster_polars.PolarsParquetIOManager` works as well.

    Attributes:
        base_dir: Folder, or object storage URI that fsspec supports.

    Example:
        >>> import polars
        >>> import dagster as dg
        >>> from lantern.integrations.dagster import LanternParquetIOManager
        >>> @dg.asset
        ... def people():
        ...     return server.people().to_polars()
        >>> tables = LanternParquetIOManager(base_dir=str(folder))
        >>> run = dg.materialize([people], resources={"io_manager": tables})
        >>> polars.read_parquet(folder / "people.parquet").height
        300
    """

    extension: ClassVar[str | None] = ".parquet"
    base_dir: str

    _base_path: UPath = PrivateAttr()

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        """Open the folder."""
        self._base_path = UPath(self.base_dir)

    def dump_to_path(self, context: dg.OutputContext, obj: Any, path: UPath) -> None:
        """Write the table."""
        table = obj.collect() if isinstance(obj, pl.LazyFrame) else pl.DataFrame(obj)
        with path.open("wb") as file:
            table.write_parquet(file)

    def load_from_path(self, context: dg.InputContext, path: UPath) -> Table:
        """Read the table."""
        return Table(pl.read_parquet(path.read_bytes()))
