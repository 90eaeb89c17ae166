"""Asset checks: what was found, what matched, and how many credits are left."""

from typing import Any

import dagster as dg

from lantern.integrations.dagster._failures import failures


def share_check(
    name: str, what: str, share: float | None, at_least: float, blocking: bool
) -> dg.AssetCheckResult:
    """Check that a share is high enough. Without any rows, the check passes."""
    text = "nothing to count" if share is None else f"{share:.1%}"
    return dg.AssetCheckResult(
        check_name=name,
        passed=share is None or share >= at_least,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        description=f"{what}: {text}, expected at least {at_least:.1%}",
        metadata={"at_least": at_least} | ({} if share is None else {"share": share}),
    )


def credits_check(
    left: float, at_least: float, blocking: bool, name: str = "credits_left"
) -> dg.AssetCheckResult:
    """Check that enough credits are left."""
    return dg.AssetCheckResult(
        check_name=name,
        passed=left >= at_least,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        description=f"{left:,.0f} credits are left, expected at least {at_least:,.0f}",
        metadata={"credits_left": left, "at_least": at_least},
    )


def lantern_credits_check(
    *,
    asset: Any,
    at_least: float,
    name: str = "credits_left",
    blocking: bool = True,
    resource_key: str = "lantern",
) -> dg.AssetChecksDefinition:
    """Check that the account has enough credits left, before or after an asset is materialized.

    If the check is blocking and belongs to the asset from which a batch reads its ids, it blocks
    the batch while there are too few credits.

    Args:
        asset: Asset that the check belongs to.
        at_least: Minimum number of credits left.
        name: Name of the check.
        blocking: Whether a failed check blocks downstream assets.
        resource_key: Key of the `LanternResource`.

    Returns:
        The check, for `dagster.Definitions(asset_checks=[...])`.

    Example:
        >>> import dagster as dg
        >>> from lantern.integrations.dagster import lantern_credits_check
        >>> @dg.asset
        ... def people():
        ...     return server.people().to_polars()
        >>> enough = lantern_credits_check(asset=people, at_least=300)
        >>> defs = dg.Definitions([people], asset_checks=[enough], resources={"lantern": resource})
        >>> run = defs.resolve_implicit_global_asset_job_def().execute_in_process()
        >>> [check.passed for check in run.get_asset_check_evaluations()]
        [True]
    """

    def credits_left(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
        with failures():
            left = getattr(context.resources, resource_key).get_client().credits.remaining()
        return credits_check(left.remaining_credits, at_least, blocking, name)

    return dg.asset_check(
        asset=asset,
        name=name,
        blocking=blocking,
        description=f"At least {at_least:,.0f} Lantern credits are left.",
        required_resource_keys={resource_key},
    )(credits_left)
