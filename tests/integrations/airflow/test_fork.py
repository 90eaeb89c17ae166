"""Airflow starts tasks by a bare fork of a process with threads; nothing hangs there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lantern

pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")

SCRIPT = """
import os, signal, sys, threading, warnings
from pathlib import Path
from lantern.integrations.airflow import LanternHook
from lantern.integrations.airflow.tables import read_table, write_table

warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork: that is what is tested
folder = Path(sys.argv[1])
table = str(folder / "people.parquet")
client = LanternHook().get_conn()
stop = threading.Event()

def traffic():
    while not stop.is_set():
        client.credits.remaining()
        read_table(table, "table")

threads = [threading.Thread(target=traffic) for _ in range(2)]
for thread in threads:
    thread.start()
bad = 0
for number in range(20):
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)  # a hang ends the child, which the parent counts
        try:
            with LanternHook().get_conn() as own:
                people, key = read_table(table, "table"), f"child {number}"
                job = own.submit(people, "email", max_credits=20, key=key, reuse=False)
                assert job.wait(timeout=25, progress=False).state == "done"
                write_table(job.table().to_pyarrow(), folder / f"{number}.parquet")
            os._exit(0)
        except BaseException as error:
            print(number, repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    bad += os.waitpid(pid, 0)[1] != 0
stop.set()
for thread in threads:
    thread.join(timeout=60)
print("children that failed or hung:", bad)
"""


@pytest.mark.parametrize("ledger", ["sqlite", "postgresql"])
def test_forked_tasks_work_while_their_parent_does(
    server: lantern.LocalServer,
    airflow_database: None,
    tmp_path: Path,
    ledger: str,
    request: pytest.FixtureRequest,
) -> None:
    if ledger == "postgresql":
        request.getfixturevalue("shared_ledger")
    server.people().to_polars().head(20).write_parquet(tmp_path / "people.parquet")
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250, env=os.environ)
    assert done.stdout.splitlines()[-1:] == ["children that failed or hung: 0"], done.stderr
    assert len(list(tmp_path.glob("[0-9]*.parquet"))) == 20
    assert server.runs().num_rows == 20
