"""Lantern in Dagster: a resource, assets of batches and of matches, and asset checks.

`LanternResource` holds the API key and makes the client. `lantern_batch_asset` makes an asset of
the answers to another asset's ids, and `lantern_match_asset` one of the matches of two assets, each
with metadata and checks. `lantern_credits_check` checks that enough credits are left before they
are needed. `LanternParquetIOManager` stores tables as Parquet and loads them as Arrow.

Install with `pip install 'lantern[dagster]'`; see docs/dagster.md for a complete project. In
examples that do not create them, `server` is a `lantern.LocalServer(size=300)`, `resource` a
`LanternResource` with its key, address and storage options, and `folder` an empty folder.
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
