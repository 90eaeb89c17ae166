"""Tables from upstream assets, and for downstream ones."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import dagster as dg
import polars as pl

from lantern import Table

Output = Literal["polars", "arrow"]


def upstream(asset: Any) -> dg.AssetIn:
    """Return an input from an asset's key, its definition, or an `AssetIn`."""
    if isinstance(asset, dg.AssetIn):
        return asset
    return dg.AssetIn(key=dg.AssetKey.from_coercible_or_definition(asset))


def called(asset: dg.AssetIn) -> str:
    """Return the name of the asset, for people."""
    return str(asset.key.to_user_string()) if asset.key else "upstream"


def read(value: Any, name: str) -> pl.DataFrame:
    """Return the value of an upstream asset as a data frame.

    The value can be any table that exports an Arrow stream, a LazyFrame, the path of a Parquet file
    (which an asset that writes the file itself returns), or one of these by partition.

    Raises:
        dagster.Failure: If the value is none of these, or the file cannot be read.
    """
    if isinstance(value, Mapping):
        return pl.concat([read(part, name) for part in value.values()], how="diagonal_relaxed")
    if isinstance(value, pl.LazyFrame):
        return value.collect()
    if isinstance(value, str | Path):
        try:
            return pl.read_parquet(value)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise dg.Failure(
                description=f"the asset {name} is the path {value}, which cannot be read as "
                f"Parquet ({error}); materialize it again, or return a table",
                allow_retries=False,
            ) from error
    if isinstance(value, pl.DataFrame):
        return value
    if hasattr(value, "__arrow_c_stream__"):
        return pl.DataFrame(value)
    raise dg.Failure(
        description=f"the asset {name} is a {type(value).__name__} and no table; return a Polars, "
        "pandas or PyArrow table from it, or the path of a Parquet file",
        allow_retries=False,
    )


def written(table: pl.DataFrame, output: Output) -> Any:
    """Return the table in the form that the I/O manager gets."""
    return Table(table) if output == "arrow" else table
