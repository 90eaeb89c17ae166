"""The team's DAG: what it looks up, and where the answers go, come with each run."""

from __future__ import annotations

from airflow.sdk import DAG

from lantern.integrations.airflow import LanternBatchOperator

with DAG("enrich_people", schedule=None):
    LanternBatchOperator(
        task_id="enrich",
        kind="email",
        table="{{ dag_run.conf['table'] }}",
        destination="{{ dag_run.conf['destination'] }}",
        max_credits=10_000,
        budget="team",
        # It waits on the worker: the triggerer is tested elsewhere.
        deferrable=False,
    )
