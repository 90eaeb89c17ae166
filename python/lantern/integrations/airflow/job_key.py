"""The ledger's key for the job of one task instance.

A task instance that is retried, cleared or run again has the same key, so it finds its job and pays
nothing twice. The try number is therefore not part of the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import Context


def job_key(context: Context) -> str:
    """Return `airflow/dag/task/logical date`, with `/map index` for a mapped task.

    A DAG run without a logical date (started by an asset) is identified by its run id.
    """
    ti = context["ti"]
    when = getattr(context["dag_run"], "logical_date", None)
    parts = ["airflow", ti.dag_id, ti.task_id, when.isoformat() if when else ti.run_id]
    if ti.map_index is not None and ti.map_index >= 0:
        parts.append(str(ti.map_index))
    return "/".join(parts)
