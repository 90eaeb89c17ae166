"""`LanternMatchOperator` in a DAG run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")


def test_two_tables_become_pairs(run_dag: Any, tmp_path: Path) -> None:
    left, right, output = (tmp_path / name for name in ("l.csv", "r.parquet", "pairs.parquet"))
    leads = {"id": ["01", "02"], "company": ["ACME Incorporated", "Globex"]}
    pl.DataFrame(leads).write_csv(left)
    accounts = {"account": ["a", "b"], "company": ["Initech LLC", "Acme, Inc."]}
    pl.DataFrame(accounts).write_parquet(right)
    ran = run_dag("lantern_match", left=str(left), right=str(right), output=str(output))
    assert ran.state == "success", ran.failures
    pairs = pl.read_parquet(output)
    assert pairs.select("left_id", "right_id").rows() == [("01", "b")]
    assert ran.xcom("match") == str(output)
    summary = ran.xcom("match", "summary")
    assert (summary["left_rows"], summary["matches"], summary["unmatched_left"]) == (2, 1, 1)
