"""The asset of matches between the rows of two assets, found on this machine."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl

import lantern
from lantern import Matches
from lantern.integrations.dagster._checks import share_check
from lantern.integrations.dagster._failures import failures
from lantern.integrations.dagster._metadata import share_chart, table_metadata
from lantern.integrations.dagster._tables import Output, called, read, upstream, written


def lantern_match_asset(
    *,
    name: Any,
    left: Any,
    right: Any,
    rules: Any = None,
    matching: dict[str, Any] | None = None,
    output: Output = "polars",
    min_match_rate: float | None = None,
    blocking_checks: bool = False,
    preview_rows: int = 5,
    **asset_options: Any,
) -> dg.AssetsDefinition:
    """Make an asset of the matches of two assets, without API calls or credits.

    The columns are those of `lantern.Matches`: `left` and `right` (row numbers), `left_id` and
    `right_id` if they are named, `confidence` and `rules`.

    Args:
        name: Name or key of the asset.
        left: Asset whose rows are matched: its key, its definition, or a `dagster.AssetIn`.
        right: Asset to match them against, likewise. With partitions, each partition is matched
            with what Dagster's partition mapping provides.
        rules: As for `lantern.match`; `None` (default) learns.
        matching: Further arguments of `lantern.match`: `fields`, `left_id`, `right_id`,
            `threshold`, `top`, `one_to_one`, `weights`, `model` and `labels`.
        output: What the I/O manager gets: a `polars.DataFrame` or, for "arrow", a `lantern.Table`.
        min_match_rate: Minimum share of the left rows with a match, 0 to 1. Adds the check
            `match_rate`.
        blocking_checks: Whether a failed check blocks downstream assets.
        preview_rows: Number of rows in the metadata; 0 shows none, and no explanations.
        asset_options: Further arguments of `dagster.asset`.

    Returns:
        The asset. It raises `dagster.Failure` if a rule is invalid or a column is missing.

    Example:
        >>> import dagster as dg
        >>> from lantern.integrations.dagster import lantern_match_asset
        >>> @dg.asset
        ... def people():
        ...     return server.people().to_polars()
        >>> @dg.asset
        ... def accounts():
        ...     return server.companies().to_polars()
        >>> employers = lantern_match_asset(
        ...     name="employers",
        ...     left=people,
        ...     right=accounts,
        ...     rules=["employer:eq"],
        ...     matching={"fields": {"employer": ("company_id", "id", "code")}},
        ... )
        >>> run = dg.materialize([people, accounts, employers])
        >>> run.output_for_node("employers").columns
        ['left', 'right', 'confidence', 'rules']
    """
    asset_key = dg.AssetKey.from_coercible(name)
    ins = {"left": upstream(left), "right": upstream(right)}
    specs = []
    if min_match_rate is not None:
        specs.append(dg.AssetCheckSpec("match_rate", asset=asset_key, blocking=blocking_checks))

    def match(context: dg.AssetExecutionContext, left: Any, right: Any) -> Iterator[Any]:
        with failures():
            matches = lantern.match(
                read(left, called(ins["left"])),
                read(right, called(ins["right"])),
                rules,
                progress=False,
                **(matching or {}),
            )
        result = pl.DataFrame(matches.table())
        counts = matches.summary()
        rows = counts["left_rows"]
        rate = counts["matched_left"] / rows if rows else None
        context.log.info(f"{counts['matched_left']} of {rows} rows have a match")
        metadata = table_metadata(result, preview_rows) | _match_metadata(counts, result, rate)
        if preview_rows > 0 and len(matches):
            metadata["explanations"] = _explanations(matches, preview_rows)
        yield dg.Output(written(result, output), metadata=metadata)
        if min_match_rate is not None:
            yield share_check("match_rate", "matched", rate, min_match_rate, blocking_checks)

    options: dict[str, Any] = {
        "description": f"Matches of {called(ins['left'])} and {called(ins['right'])}.",
        "kinds": {"lantern"},
        **asset_options,
    }
    return dg.asset(key=asset_key, ins=ins, check_specs=specs, **options)(match)


def _match_metadata(
    counts: dict[str, Any], result: pl.DataFrame, rate: float | None
) -> dict[str, dg.MetadataValue]:
    metadata = {
        "left_rows": dg.MetadataValue.int(counts["left_rows"]),
        "right_rows": dg.MetadataValue.int(counts["right_rows"]),
        "unmatched_left": dg.MetadataValue.int(counts["unmatched_left"]),
        "pairs_compared": dg.MetadataValue.int(counts["compared"]),
    }
    if rate is not None:
        metadata["match_rate"] = dg.MetadataValue.float(rate)
    if result.height:
        metadata["mean_confidence"] = dg.MetadataValue.float(counts["mean_confidence"])
        metadata["chart"] = _confidences(result)
    return metadata


def _confidences(result: pl.DataFrame) -> dg.MetadataValue:
    """Return the number of matches by confidence, in steps of 0.2."""
    steps = (result["confidence"] * 5).floor().clip(0, 4).cast(pl.Int64)
    counts = dict(steps.value_counts().iter_rows())
    return share_chart(
        "Matches by confidence",
        [
            (f"{step / 5:.1f} to {step / 5 + 0.2:.1f}", counts.get(step, 0) / result.height)
            for step in range(4, -1, -1)
        ],
    )


def _explanations(matches: Matches, count: int) -> dg.MetadataValue:
    """Return the explanations of the first matches, as a list of sentences."""
    sentences = [matches.explain(at).sentence for at in range(min(count, len(matches)))]
    return dg.MetadataValue.md("\n".join(f"* {sentence}" for sentence in sentences))
