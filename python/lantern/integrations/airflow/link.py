"""The button on a task's page that opens its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperatorLink
from airflow.sdk.execution_time.xcom import XCom

if TYPE_CHECKING:
    from airflow.sdk.types import TaskInstanceKey

RUN_URL = "run_url"


class LanternRunLink(BaseOperatorLink):
    """A link to the first run of a task's job. The operator stores its address in XCom.

    Example:
        from airflow.sdk import DAG, BaseOperator

        from lantern.integrations.airflow import LanternHook, LanternRunLink


        class ResearchCompany(BaseOperator):
            operator_extra_links = (LanternRunLink(),)

            def execute(self, context):
                with LanternHook().get_conn() as client:
                    agents = client.agents
                    run = agents.deep_research(["C000001"], entity_type="company", max_credits=10)
                    url = LanternHook().run_url(run.run_id, client.base_url)
                context["ti"].xcom_push(key="run_url", value=url)
                return url


        with DAG("research_a_company"):
            ResearchCompany(task_id="research")
    """

    name = "Lantern run"

    def get_link(self, operator: Any, *, ti_key: TaskInstanceKey) -> str:
        """Return the address, or empty text before a run was accepted."""
        return XCom.get_value(ti_key=ti_key, key=RUN_URL) or ""
