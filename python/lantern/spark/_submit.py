"""Lookup of a Spark column of ids, with the ledger of the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import pyarrow.compute

import lantern
from lantern.integrations._run import Named, Request, ask, texts
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
    """Look up the ids of a Spark DataFrame with the API.

    The distinct ids are collected on the driver as Arrow. The driver sends those that the ledger
    has no answer for, from any job, and waits; it uses one ledger, so no worker spends anything.
    The same call again, also after a driver was killed, spends nothing twice; new ids cost only
    themselves. The ledger must be the same file each time: see docs/spark.md.

    Args:
        df: Rows with ids.
        kind: What to find for each id: `phone`, `email`, `phone-email` or `deep-research`.
        id: Column of the ids, text or integers. Null and empty ids are left out.
        max_credits: Budget in credits of this call, for ids without an answer. Ids that it does not
            reach are looked up once it is raised. 0 sends nothing and returns known answers only.
        key: Name of the jobs. It does not matter for what is known.
        client: Client to use; by default `lantern.Client()`, with `LANTERN_API_KEY`.
        timeout: Maximum time to wait for a job, in seconds. After that, `JobTimeout` is raised, and
            the next call resumes the job.
        request: Further options of `Client.submit`: `entity_type`, `query_hint`, `effort`,
            `agent_type`, `batch_size`, `credits_per_id`, `on_in_doubt`, `reuse` and
            `retry_not_found` (which known answers to use), `budget` and `suppress`; and
            `on_failed`, what to do if a run fails at the API, as for `Job.wait`.

    Returns:
        One row per distinct id: the id under its name, `status`, `error` and the result. Join it to
        the rows by the id.

    Raises:
        InputError: If the column is missing or cannot hold ids.
        TypeError: If `df` is not a Spark DataFrame.
        JobError: If a run failed at the API, unless `on_failed` says otherwise.
        LanternError: If the job fails; see `Client.submit`.

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
        names=Named(key),
        max_credits=max_credits,
        request=request,
        timeout=timeout,
    )
    return df.sparkSession.createDataFrame(answers.table)
