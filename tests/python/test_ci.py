"""`.ci/run` makes a run through each tool while there is time and room, and fails if one fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "run"
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason=".ci/run is for Linux"),
    pytest.mark.skipif(not SCRIPT.exists(), reason="only a checkout has .ci/run"),
]

TOOLS = ["Documentation", "Dagster and dbt", "Spark", "Browser", "Airflow"]
#: What stands in for the programs: each writes down how it was called.
STUBS = {
    "make": """
        echo "make $*" >> "$CALLS"
        for target; do [[ " $FAILING " != *" $target "* ]] || exit 2; done
        for target; do
            [[ " $ONCE " != *" $target "* || -e "failed-$target" ]] && continue
            touch "failed-$target"
            exit 2
        done
        case "$1" in
            docs) mkdir -p .venv-docs ;;
            test-*) mkdir -p ".venv-${1#test-}" ;;
        esac
    """,
    "timeout": """
        echo "timeout $2" >> "$CALLS"
        [[ "$*" != *"${ENDLESS:-nothing}"* ]] || exit 124
        "${@:3}"
    """,
    "df": """
        echo Filesystem 1024-blocks Used Available Capacity Mounted on
        echo /dev/vda 100000000 1 "$FREE" 1% /
    """,
    "chromium": "",
    "pgbouncer": "",
    "java": "",
}


class Clone:
    """A folder with `.ci/run` and programs that stand in for the real ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".ci").mkdir()
        shutil.copy(SCRIPT, folder / ".ci" / "run")
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name, body in STUBS.items():
            program = self.programs / name
            program.write_text(f"#!/usr/bin/env bash\n{body}\n")
            program.chmod(0o755)
        self.calls: list[str] = []

    def run(
        self,
        *,
        after: int = 0,
        free: int = 50_000_000,
        failing: str = "",
        once: str = "",
        endless: str = "nothing",
    ) -> tuple[int, dict[str, str]]:
        """Runs it as if it had begun `after` seconds ago: its status, and its word on each tool."""
        calls = self.folder / "calls"
        calls.unlink(missing_ok=True)
        environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "CALLS": str(calls),
            # Bash counts from here on.
            "SECONDS": str(after),
            "FREE": str(free),
            "FAILING": failing,
            "ONCE": once,
            "ENDLESS": endless,
        }
        command = [str(self.folder / ".ci" / "run")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        self.calls = [
            call
            for call in calls.read_text().splitlines()
            if call not in ("make postgresql", "make chromium", "make pgbouncer")
        ]
        # The report at the end says it once more.
        said = [line.removeprefix("== ").split(": ", 1) for line in done.stdout.splitlines()]
        return done.returncode, {line[0]: line[1] for line in said if line[0] in TOOLS and line[1:]}

    def made(self) -> str:
        return " ".join(call for call in self.calls if call.startswith("make "))


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_each_tool_runs_after_the_tests_and_its_environment_is_removed(clone: Clone) -> None:
    (clone.folder / ".venv-spark").mkdir()
    status, said = clone.run()
    assert status == 0
    assert list(said) == TOOLS
    assert all("passed in" in word for word in said.values())
    assert clone.calls[0] == "make test"
    for target in ("docs", "test-dagster test-dbt", "test-spark", "test-browser", "test-airflow"):
        assert f"make {target} ONLY=-m end_to_end" in clone.calls
    # The one that was there is kept.
    assert [path.name for path in clone.folder.glob(".venv-*")] == [".venv-spark"]


def test_nothing_runs_after_tests_that_fail(clone: Clone) -> None:
    status, said = clone.run(failing="test")
    assert status != 0
    assert not said
    assert clone.calls == ["make test"]


@pytest.mark.parametrize("target", ["docs", "test-dbt", "test-airflow"])
def test_a_tool_that_fails_fails_ci_after_the_others_ran(clone: Clone, target: str) -> None:
    status, said = clone.run(failing=target)
    assert status == 1
    assert ["FAILED" in word for word in said.values()].count(True) == 1
    assert ["passed" in word for word in said.values()].count(True) == len(TOOLS) - 1


def test_a_tool_that_misses_a_deadline_of_its_own_is_made_once_more(clone: Clone) -> None:
    status, said = clone.run(once="test-airflow")
    assert status == 0
    assert "passed in" in said["Airflow"]
    assert clone.made().count("test-airflow") == 2


def test_a_slow_machine_leaves_out_what_would_not_end_in_time_and_says_so(clone: Clone) -> None:
    status, said = clone.run(after=4_000)
    assert status == 0
    assert "passed" in said["Documentation"]
    assert "left out after 66 minutes" in said["Airflow"]
    assert "test-airflow" not in clone.made()

    status, said = clone.run(after=4_600)
    assert status == 0
    assert all("left out after 76 minutes" in word for word in said.values())
    assert clone.made() == "make test"


def test_a_tool_is_stopped_before_the_time_of_ci_is_over(clone: Clone) -> None:
    status, said = clone.run(after=3_000, endless="test-airflow")
    assert status == 0
    assert "unfinished" in said["Airflow"]
    limits = [int(call.split()[1]) for call in clone.calls if call.startswith("timeout ")]
    assert len(limits) == len(TOOLS)
    # Five minutes of 90 are kept back, and this script has taken some seconds.
    assert all(5_100 - 3_000 - 60 < limit <= 5_100 - 3_000 for limit in limits)


def test_a_full_disk_leaves_the_tools_out_and_says_so(clone: Clone) -> None:
    status, said = clone.run(free=2_000_000)
    assert status == 0
    assert all("only 1953 MiB of the disk are free" in word for word in said.values())
    assert clone.made() == "make test"
