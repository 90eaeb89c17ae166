"""The button on a task's page that leads to its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink
from airflow.sdk.execution_time.xcom import XCom

if TYPE_CHECKING:
    from airflow.sdk.types import TaskInstanceKey

RUN_URL = "run_url"


class LanternRunLink(BaseOperatorLink):
    """Leads to the first run of a task's job; the operator leaves its address in XCom."""

    name = "Lantern run"

    def get_link(self, operator: Any, *, ti_key: TaskInstanceKey) -> str:
        """The address, or nothing before a run was accepted."""
        return XCom.get_value(ti_key=ti_key, key=RUN_URL) or ""
