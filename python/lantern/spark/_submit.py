"""A Spark column of ids, asked about by the ledger of the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import pyarrow.compute

import lantern
from lantern.integrations._answers import Request, ask, texts
from lantern.spark import _frames
from lantern.spark._frames import column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lantern import Client
    from lantern._types import BatchKind


def submit(
    df: DataFrame,
    kind: BatchKind,
    *,
    id: str = "id",
    max_credits: int,
    key: str,
    client: Client | None = None,
    timeout: float | None = None,
    **request: Unpack[Request],
) -> DataFrame:
    """Asks the API about the ids of a Spark DataFrame.

    The ids come to the driver as Arrow, once each. The driver sends those that were never asked
    about under this key, by its one ledger, so that no worker spends anything; then it waits. The
    same call again, after a driver was killed too, spends nothing twice; ids that are new cost only
    themselves. The ledger must be the same file each time: see docs/spark.md.

    Args:
        df: The rows.
        kind: What is asked for each id: phone, email, phone-email or deep-research.
        id: The column of ids: texts or integers. Null and empty ones are left out.
        max_credits: The budget in credits of the ids that are new. Ids that it did not reach are
            asked about once it is raised.
        key: Names the answers. Under another key all is asked, and paid, anew.
        client: A client; by default `lantern.Client()`, with `LANTERN_API_KEY`.
        timeout: Seconds to wait for a job; JobTimeout is raised then, and the job goes on in the
            next call.
        request: More of the request, as for `Client.submit`: entity_type, query_hint, effort,
            agent_type, batch_size, credits_per_id, on_in_doubt.

    Returns:
        One row per distinct id: the id under its name, `status`, `error` and the result; join it
        to the rows by the id.

    Raises:
        InputError: There is no such column, or it holds no ids.
        TypeError: What is no Spark DataFrame.
        LanternError: As for `Client.submit`.

    Example:
        >>> from pyspark.sql import SparkSession
        >>> import lantern.spark
        >>> session = SparkSession.builder.master("local[1]").getOrCreate()
        >>> people = session.createDataFrame([("P0000001",), ("P0000003",)], ["id"])
        >>> with lantern.LocalServer(limits="off") as server:
        ...     answers = lantern.spark.submit(
        ...         people, "phone", max_credits=10, key="docs", client=server.client()
        ...     )
        >>> answers.select("id", "status").orderBy("id").collect()
        [Row(id='P0000001', status='not_found'), Row(id='P0000003', status='found')]
    """
    _frames.check(df, "table", id, "id")
    _frames.check_id(df, "table", id)
    ids = df.select(column(id)).distinct().toArrow().sort_by(id)
    there = pyarrow.compute.not_equal(texts(ids[id]), "")
    answers = ask(
        client or lantern.Client(user_agent="lantern-spark"),
        ids.filter(pyarrow.compute.fill_null(there, False)),
        kind,
        id=id,
        under=key,
        max_credits=max_credits,
        request=request,
        timeout=timeout,
    )
    return df.sparkSession.createDataFrame(answers.table)
