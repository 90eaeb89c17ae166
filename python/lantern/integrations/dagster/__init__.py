"""Lantern in Dagster: a resource, assets of batches and of matches, and checks of them.

`LanternResource` holds the key and makes the client. `lantern_batch_asset` makes an asset of the
answers to another asset's ids, `lantern_match_asset` one of the matches of two assets, each with
metadata and checks. `lantern_credits_check` checks that credits are left, before they are needed.
`LanternParquetIOManager` keeps the tables as Parquet and hands them on as Arrow.

Install it with `pip install 'lantern[dagster]'`; docs/dagster.md shows it at work. In examples that
do not make them, `server` is a `lantern.LocalServer(size=300)`, `resource` a `LanternResource` with
its key, address and storage options, and `folder` an empty folder.
"""

try:
    import dagster
    import polars
    import pyarrow
    import upath
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"lantern.integrations.dagster needs {error.name}, which is not installed; "
        "install it with: pip install 'lantern[dagster]'",
        name=error.name,
    ) from None
else:
    del dagster, polars, pyarrow, upath

from lantern.integrations.dagster._batch import LanternBatchConfig, lantern_batch_asset
from lantern.integrations.dagster._checks import lantern_credits_check
from lantern.integrations.dagster._match import lantern_match_asset
from lantern.integrations.dagster._parquet import LanternParquetIOManager
from lantern.integrations.dagster._resource import LanternResource

__all__ = [
    "LanternBatchConfig",
    "LanternParquetIOManager",
    "LanternResource",
    "lantern_batch_asset",
    "lantern_credits_check",
    "lantern_match_asset",
]
