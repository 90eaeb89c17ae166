"""One DAG run of a real Airflow: `python airflow_day.py DATE CONF`, with the run's conf as JSON.

The connection and Airflow's settings come from the environment.
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Any


def run(date: str, conf: dict[str, Any]) -> None:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(Path(__file__).parent / "dags"))
    assert not bag.import_errors, bag.import_errors
    day = datetime.datetime.fromisoformat(date).replace(tzinfo=datetime.UTC)
    done = bag.dags["enrich_people"].test(logical_date=day, run_conf=conf)
    if str(done.state) != "success":
        raise SystemExit(f"the run is {done.state}")


if __name__ == "__main__":
    run(sys.argv[1], json.loads(sys.argv[2]))
