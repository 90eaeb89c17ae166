"""The DAGs of the tests; what they work on comes with each run, as its configuration."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

from airflow.sdk import DAG, Asset, Metadata, task

from lantern.integrations.airflow import (
    LanternBatchOperator,
    LanternJobSensor,
    LanternMatchOperator,
)


def note_failure(context):
    """Keeps the error, so that a test can read what a person would."""
    error = context["exception"]
    kinds = [kind.__name__ for kind in type(error).__mro__]
    with Path(os.environ["FAILURES"]).open("a") as file:
        told = {"run": context["run_id"], "message": str(error), "kinds": kinds}
        file.write(json.dumps(told) + "\n")


def conf(name: str, default: str = "") -> str:
    return "{{ dag_run.conf.get('" + name + "', '" + default + "') }}"


REQUEST = {
    "kind": conf("kind", "email"),
    "max_credits": conf("max_credits", "1000"),
    "id_column": conf("id_column", "id"),
    "lantern_conn_id": conf("connection", "lantern_default"),
}
LEADS = Asset("lantern_leads")
ARGUMENTS = {"retries": 2, "retry_delay": timedelta(0), "on_failure_callback": note_failure}


def batches(dag_id: str, deferrable: bool) -> DAG:
    with DAG(dag_id, schedule=None, default_args=ARGUMENTS) as dag:

        @task
        def people(**context):
            return context["dag_run"].conf["table"]

        enrich = LanternBatchOperator(
            task_id="enrich",
            table=people(),
            destination=conf("output"),
            batch_size=100,
            deferrable=deferrable,
            **REQUEST,
        )
        LanternJobSensor(
            task_id="ended",
            job_key=enrich.output["job"],
            lantern_conn_id=REQUEST["lantern_conn_id"],
        )
    return dag


def alone(dag_id: str, deferrable: bool) -> DAG:
    with DAG(dag_id, schedule=None, default_args=ARGUMENTS) as dag:
        LanternBatchOperator(
            task_id="enrich",
            table=conf("table"),
            destination=conf("output"),
            batch_size=100,
            deferrable=deferrable,
            **REQUEST,
        )
    return dag


def mapped(dag_id: str, deferrable: bool) -> DAG:
    with DAG(dag_id, schedule=None, default_args=ARGUMENTS) as dag:

        @task
        def tables(**context):
            return context["dag_run"].conf["tables"]

        LanternBatchOperator.partial(
            task_id="enrich", destination=conf("output"), deferrable=deferrable, **REQUEST
        ).expand(table=tables())
    return dag


def waiting(dag_id: str, **sensor: object) -> DAG:
    with DAG(dag_id, schedule=None, default_args=ARGUMENTS) as dag:
        LanternJobSensor(task_id="ended", job_key=conf("job"), **sensor)
    return dag


def rows(dag_id: str, deferrable: bool) -> DAG:
    with DAG(dag_id, schedule=None, default_args=ARGUMENTS) as dag:

        @task
        def people(**context):
            return context["dag_run"].conf["rows"]

        LanternBatchOperator(
            task_id="enrich",
            table=people(),
            destination=conf("output"),
            deferrable=deferrable,
            **REQUEST,
        )
    return dag


def failing(dag_id: str, on_failed: str, deferrable: bool) -> DAG:
    with DAG(dag_id, schedule=None, default_args=ARGUMENTS) as dag:
        LanternBatchOperator(
            task_id="enrich",
            table=conf("table"),
            destination=conf("output"),
            on_failed=on_failed,
            deferrable=deferrable,
            **REQUEST,
        )
    return dag


rows_deferred = rows("lantern_rows_deferred", deferrable=True)
rows_on_worker = rows("lantern_rows_on_worker", deferrable=False)
resend_deferred = failing("lantern_resend_deferred", "resend", deferrable=True)
resend_on_worker = failing("lantern_resend_on_worker", "resend", deferrable=False)
keep_deferred = failing("lantern_keep_deferred", "keep", deferrable=True)
keep_on_worker = failing("lantern_keep_on_worker", "keep", deferrable=False)

deferred = batches("lantern_deferred", deferrable=True)
on_worker = batches("lantern_on_worker", deferrable=False)
alone_deferred = alone("lantern_alone_deferred", deferrable=True)
alone_on_worker = alone("lantern_alone_on_worker", deferrable=False)
mapped_deferred = mapped("lantern_mapped_deferred", deferrable=True)
mapped_on_worker = mapped("lantern_mapped_on_worker", deferrable=False)
sensor_deferred = waiting("lantern_sensor_deferred")
sensor_poking = waiting("lantern_sensor_poking", deferrable=False, poke_interval=0.1)

with DAG("lantern_match", schedule=None, default_args=ARGUMENTS) as matching:
    LanternMatchOperator(
        task_id="match",
        left=conf("left"),
        right=conf("right"),
        destination=conf("output"),
        rules=[conf("rule", "company:fuzzy0.85")],
        left_id="id",
        right_id="account",
    )

with DAG("lantern_produces", schedule=None) as producing:

    @task(outlets=[LEADS])
    def produce(**context):
        yield Metadata(LEADS, context["dag_run"].conf)

    produce()


def event(name: str) -> str:
    return "{{ (triggering_asset_events.values() | first | first).extra['" + name + "'] }}"


with DAG("lantern_on_event", schedule=[LEADS], default_args=ARGUMENTS) as on_event:
    LanternBatchOperator(
        task_id="enrich",
        table=event("table"),
        kind="email",
        max_credits=1000,
        destination=event("output"),
        lantern_conn_id=event("connection"),
    )
