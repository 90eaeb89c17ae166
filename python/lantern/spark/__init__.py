"""Lantern on PySpark: match and deduplicate tables on a cluster, and look up ids.

With rules, `match` and `dedupe` return what `lantern.match` and `lantern.dedupe` return for the
same rows, for tables that are too large for one machine. Rows are shuffled by the keys on which
their rules join, and each part is matched by the same kernels, through Arrow. `submit` looks up a
column of ids from the driver, with the driver's ledger.

Example:
    >>> from pyspark.sql import SparkSession
    >>> import lantern.spark
    >>> session = SparkSession.builder.master("local[1]").getOrCreate()
    >>> leads = session.createDataFrame([(1, "ACME Incorporated")], ["id", "company"])
    >>> accounts = session.createDataFrame([("A7", "Acme, Inc.")], ["id", "company"])
    >>> matches = lantern.spark.match(
    ...     leads, accounts, ["company:eq"], left_id="id", right_id="id"
    ... )
    >>> matches.select("left_id", "right_id", "confidence").collect()
    [Row(left_id=1, right_id='A7', confidence=0.65)]

Install it with `pip install 'lantern[spark]'`, on the driver and on the workers.
"""

try:
    import numpy  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401
    import pyspark  # noqa: F401
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"lantern.spark needs {missing.name}, which is not installed; "
        "install it with: pip install 'lantern[spark]'",
        name=missing.name,
    ) from None

from lantern.spark._dedupe import dedupe
from lantern.spark._match import match
from lantern.spark._submit import submit

__all__ = ["dedupe", "match", "submit"]
