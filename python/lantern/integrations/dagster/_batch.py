"""The asset of a batch: the answers to another asset's ids."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg
import polars as pl
import pyarrow

from lantern.integrations._run import Answers, Named, Request, ask
from lantern.integrations.dagster._checks import credits_check, share_check
from lantern.integrations.dagster._failures import failures
from lantern.integrations.dagster._metadata import share_chart, table_metadata
from lantern.integrations.dagster._tables import Output, called, read, upstream, written


class LanternBatchConfig(dg.Config):  # type: ignore[misc]
    """Settings that a run can change, in the launchpad or by `RunConfig`.

    Attributes:
        max_credits: Budget in credits of this run, instead of the asset's. A higher one resumes
            with ids that the last one did not reach; 0 sends nothing and uses known answers only.

    Example:
        >>> import dagster as dg
        >>> from lantern.integrations.dagster import LanternBatchConfig, lantern_batch_asset
        >>> @dg.asset
        ... def people():
        ...     return server.people().to_polars()
        >>> emails = lantern_batch_asset(name="emails", source=people, kind="email", max_credits=10)
        >>> more = dg.RunConfig(ops={"emails": LanternBatchConfig(max_credits=300)})
        >>> run = dg.materialize([people, emails], resources={"lantern": resource}, run_config=more)
        >>> (run.output_for_node("emails")["status"] == "over_budget").any()
        False
    """

    max_credits: int | None = None


def job_key(context: dg.AssetExecutionContext) -> str:
    """Return the key prefix of an asset's jobs: the asset and, if any, the partition or range."""
    asset = _asset(context)
    if context.has_partition_key_range:
        # A backfill in a single run; a run for one partition has a range of one.
        keys = context.partition_key_range
        if keys.start != keys.end:
            return f"{asset}[{keys.start}...{keys.end}]"
        return f"{asset}[{keys.start}]"
    return f"{asset}[{context.partition_key}]" if context.has_partition_key else asset


def _asset(context: dg.AssetExecutionContext) -> str:
    return f"dagster:{context.asset_key.to_user_string()}"


def lantern_batch_asset(
    *,
    name: Any,
    source: Any,
    kind: str,
    max_credits: int,
    id: str = "id",
    key: Callable[[dg.AssetExecutionContext], str] = job_key,
    request: Request | None = None,
    output: Output = "polars",
    timeout: float | None = None,
    min_found_rate: float | None = None,
    min_credits_left: float | None = None,
    blocking_checks: bool = False,
    preview_rows: int = 5,
    resource_key: str = "lantern",
    **asset_options: Any,
) -> dg.AssetsDefinition:
    """Make an asset of the API's answers to another asset's ids.

    The asset has the rows of `source`, in order: the id, `status`, `error`, `reused` and the
    result. Only ids without an answer in the ledger are sent, and the answers of all partitions,
    assets and other jobs count. A retry, another materialization or a backfill, also one in a
    single run, therefore spends nothing twice, and new rows upstream cost only themselves.

    Args:
        name: Name or key of the asset.
        source: Asset that holds the ids: its key, its definition, or a `dagster.AssetIn`. Its value
            can be any table that exports an Arrow stream, or the path of a Parquet file.
        kind: What to find for each id: `phone`, `email`, `phone-email` or `deep-research`.
        max_credits: Budget in credits of a run, for ids without an answer. Ids that it does not
            reach are looked up once it is raised. 0 sends nothing and uses known answers only.
        id: Column of the ids.
        key: Function that returns the name of the jobs in the ledger from the context; by default
            the asset's key and partition. It does not matter for what is known.
        request: Further options of `Client.submit`: `entity_type`, `query_hint`, `effort`,
            `agent_type`, `batch_size`, `credits_per_id`, `on_in_doubt`, `reuse` (`True` by
            default, `False`, or an age such as `"90d"` from which on answers are asked for again),
            `retry_not_found`, `budget` (the name of a budget above the jobs) and `suppress` (those
            who are never sent); and `on_failed`, what to do if a run fails at the API: `raise`
            (default) fails the step, `resend` sends the batch again, at most three times in total,
            and `keep` marks its rows `failed`.
        output: What the I/O manager gets: a `polars.DataFrame` or, for "arrow", a `lantern.Table`.
        timeout: Maximum time to wait for a job, in seconds. After that, the step fails; a retry
            resumes.
        min_found_rate: Minimum share of the answered ids that was found, 0 to 1. Ids whose run
            failed count as not found. Adds the check `found_rate`.
        min_credits_left: Minimum number of credits left afterwards. Adds the check `credits_left`.
        blocking_checks: Whether failed checks block downstream assets.
        preview_rows: Number of rows in the metadata. They contain personal data; 0 shows none.
        resource_key: Key of the `LanternResource`.
        asset_options: Further arguments of `dagster.asset`: `partitions_def`, `group_name`,
            `retry_policy`, `io_manager_key`, `automation_condition`, ...

    Returns:
        The asset. It raises `dagster.Failure`, and allows a retry only if one can help.

    Example:
        >>> import dagster as dg
        >>> from lantern.integrations.dagster import lantern_batch_asset
        >>> @dg.asset
        ... def people():
        ...     return server.people().to_polars()
        >>> emails = lantern_batch_asset(
        ...     name="emails", source=people, kind="email", max_credits=300, min_found_rate=0.5
        ... )
        >>> run = dg.materialize([people, emails], resources={"lantern": resource})
        >>> run.output_for_node("emails").columns[:3]
        ['id', 'status', 'error']
        >>> [check.passed for check in run.get_asset_check_evaluations()]
        [True]
    """
    asset_key = dg.AssetKey.from_coercible(name)
    ids_from = upstream(source)
    specs = [
        dg.AssetCheckSpec(check, asset=asset_key, blocking=blocking_checks)
        for check, wanted in (("found_rate", min_found_rate), ("credits_left", min_credits_left))
        if wanted is not None
    ]

    def batch(
        context: dg.AssetExecutionContext, config: LanternBatchConfig, table: Any
    ) -> Iterator[Any]:
        with failures():
            client = getattr(context.resources, resource_key).get_client()
            answers = ask(
                client,
                pyarrow.table(read(table, called(ids_from))),
                kind,
                id=id,
                names=Named(key(context)),
                max_credits=max_credits if config.max_credits is None else config.max_credits,
                request=request or {},
                timeout=timeout,
                tell=context.log.info,
            )
            left = None
            if min_credits_left is not None:
                left = client.credits.remaining().remaining_credits
        result = pl.DataFrame(answers.table)
        rates = found_rates(result)
        failed = result.filter(pl.col("status") == "failed").height
        if failed:
            context.log.warning(f"the runs of {failed} rows failed at the API")
        over = result.filter(pl.col("status") == "over_budget").height
        if over:
            context.log.warning(
                f"the budget did not reach {over} rows; materialize again with more max_credits"
            )
        metadata = table_metadata(result, preview_rows) | _batch_metadata(answers, result, rates)
        if left is not None:
            metadata["credits_left"] = dg.MetadataValue.float(left)
        yield dg.Output(written(result, output), metadata=metadata)
        if min_found_rate is not None:
            share = found_share(result)
            yield share_check("found_rate", "found", share, min_found_rate, blocking_checks)
        if left is not None and min_credits_left is not None:
            yield credits_check(left, min_credits_left, blocking_checks)

    options: dict[str, Any] = {
        "description": f"What Lantern answers to {kind} for the ids of {called(ids_from)}.",
        "kinds": {"lantern"},
        **asset_options,
    }
    return dg.asset(
        key=asset_key,
        ins={"table": ids_from},
        required_resource_keys={resource_key},
        check_specs=specs,
        **options,
    )(batch)


def found_share(result: pl.DataFrame) -> float | None:
    """Return the share that was found of the rows that were asked; `None` without any.

    Rows whose run failed were asked, so a failed run does not pass for a good one.
    """
    asked = result.filter(pl.col("status").is_in(["found", "not_found", "failed"]))
    if asked.is_empty():
        return None
    return asked.filter(pl.col("status") == "found").height / asked.height


def found_rates(result: pl.DataFrame) -> Mapping[str, float]:
    """Return the shares of the answered rows that were found, 0 to 1; empty without any."""
    answered = result.filter(pl.col("status").is_in(["found", "not_found"]))
    if answered.is_empty():
        return {}
    rates = {"found": answered.filter(pl.col("status") == "found").height / answered.height}
    for name in ("email", "phone"):
        if f"{name}_found" in answered.columns:
            rates[name] = answered.filter(pl.col(f"{name}_found")).height / answered.height
    return rates


def _batch_metadata(
    answers: Answers, result: pl.DataFrame, rates: Mapping[str, float]
) -> dict[str, dg.MetadataValue]:
    statuses = dict(result["status"].value_counts(sort=True).iter_rows())
    metadata = {
        "rows_by_status": dg.MetadataValue.json(statuses),
        "ids_sent": dg.MetadataValue.int(answers.sent),
        "credits_spent": dg.MetadataValue.int(answers.spent),
        "credits_of_all_runs": dg.MetadataValue.int(answers.credits),
        "rows_known": dg.MetadataValue.int(int(result["reused"].sum())),
        "job_key": dg.MetadataValue.text(answers.job),
    }
    for name, share in rates.items():
        metadata[f"{name}_rate"] = dg.MetadataValue.float(share)
    if rates:
        metadata["chart"] = share_chart("Found, of the rows answered", list(rates.items()))
    return metadata
