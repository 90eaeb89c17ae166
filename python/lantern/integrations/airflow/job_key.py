"""The key under which the ledger knows what one task instance submits.

A retried, cleared or re-run task instance has the same key, so it finds its job and pays nothing
twice. The try number is therefore no part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import Context


def job_key(context: Context) -> str:
    """`airflow/dag/task/logical date`, for a mapped task with `/map index`.

    A DAG run without a logical date (one that an asset started) is told by its run id.
    """
    ti = context["ti"]
    when = getattr(context["dag_run"], "logical_date", None)
    parts = ["airflow", ti.dag_id, ti.task_id, when.isoformat() if when else ti.run_id]
    if ti.map_index is not None and ti.map_index >= 0:
        parts.append(str(ti.map_index))
    return "/".join(parts)
