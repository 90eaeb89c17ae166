"""A week of a team: the shell, Airflow and dbt on one ledger pay what a perfect memory would pay.

Airflow and dbt are the real ones, each in the virtual environment of its own tests. The server, the
ledger file and the bill are shared. What a perfect memory would have spent is computed beside it,
from who is found and a set of what is known.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantern

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
MAIN = "import sys; from lantern._command import main; sys.exit(main())"


def environment_of(name: str) -> Path:
    """The interpreter of a tool's environment; where there is none the test is skipped."""
    folder = Path(os.environ.get("LANTERN_TOOLS", ROOT)) / f".venv-{name}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        assert not os.environ.get("CI"), f"there is no {python}; make test-week"
        pytest.skip(f"there is no {python}; make test-week installs it")
    return python


class PerfectMemory:
    """What the cheapest possible team would spend: each person once, while that is known."""

    def __init__(self, found: dict[str, bool]) -> None:
        self.found = found
        #: When each person was asked about.
        self.asked: dict[str, int] = {}
        self.never: set[str] = set()
        self.today = 0

    def asks(self, ids: list[str], left: int | None = None, within: int | None = None) -> int:
        """Ask about people in this order, and return what it costs: one credit for each found."""
        spent = 0
        for person in dict.fromkeys(ids):
            if person in self.never:
                continue
            known = self.asked.get(person)
            if known is not None and (within is None or self.today - known <= within):
                continue
            if left is not None and spent == left:
                break
            self.asked[person] = self.today
            spent += self.found[person]
        return spent


class Team:
    """The tools of the team, on one ledger."""

    def __init__(self, server: lantern.LocalServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.ledger = folder / "ledger.sqlite"
        self.environment = {
            **{name: value for name, value in os.environ.items() if "LANTERN" not in name},
            "PYTHONPATH": str(ROOT / "python"),
            "LANTERN_API_KEY": server.key,
            "LANTERN_BASE_URL": server.url,
            "LANTERN_RATE": "off",
            "LANTERN_LEDGER": str(self.ledger),
            "DO_NOT_TRACK": "1",
            **{name.upper(): value for name, value in server.storage_options.items()},
        }
        self.airflow = environment_of("airflow")
        self.dbt = environment_of("dagster")
        self.prepare_airflow()
        self.project = folder / "project"
        shutil.copytree(
            ROOT / "examples" / "dbt",
            self.project,
            ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"),
        )

    def run(self, *command: str | Path, **changes: Any) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(word) for word in command],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            **changes,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def client(self) -> lantern.Client:
        limits = dict.fromkeys(["sync", "batches", "credits", "bursts"])
        return lantern.Client(
            self.server.key,
            self.server.url,
            ledger=self.ledger,
            storage_options=self.server.storage_options,
            limits=limits,
        )

    def people(self, ids: list[str]) -> Path:
        path = self.folder / f"people-{len(list(self.folder.iterdir()))}.csv"
        pl.DataFrame({"id": ids}).write_csv(path)
        return path

    def shell_command(self, ids: list[str], *options: str) -> list[str]:
        table = self.people(ids)
        submit = ["submit", str(table), "--kind", "email", "--max-credits", "10000"]
        return [sys.executable, "-c", MAIN, *submit, "--budget", "team", "--json", *options]

    def shell(self, ids: list[str], *options: str) -> dict[str, Any]:
        """`lantern submit`, whose exit code 4 says that a budget was used up."""
        done = subprocess.run(
            self.shell_command(ids, *options),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def prepare_airflow(self) -> None:
        home = self.folder / "airflow"
        connection = {
            "conn_type": "lantern",
            "host": self.server.url,
            "password": self.server.key,
            "extra": json.dumps(
                {
                    "ledger": str(self.ledger),
                    "storage_options": self.server.storage_options,
                    "limits": dict.fromkeys(["sync", "batches", "credits", "bursts"]),
                }
            ),
        }
        self.environment |= {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(HERE / "dags"),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
            "AIRFLOW_CONN_LANTERN_DEFAULT": json.dumps(connection),
        }
        home.mkdir()
        self.run(self.airflow, "-m", "airflow", "db", "migrate")

    def airflow_run(self, ids: list[str], date: str) -> pl.DataFrame:
        """`dag.test()` of a DAG with the operator."""
        output = self.folder / f"{date}.parquet"
        conf = {"table": str(self.people(ids)), "destination": str(output)}
        self.run(self.airflow, HERE / "airflow_day.py", date, json.dumps(conf))
        return pl.read_parquet(output)

    def dbt_build(self, ids: list[str]) -> None:
        """`dbt build` of the example's incremental model, over a relation with these people."""
        lines = "".join(f"{id},Engineer,Spain\n" for id in ids)
        (self.project / "seeds" / "people.csv").write_text("id,title,country\n" + lines)
        model = self.project / "models" / "people_enriched.py"
        model.write_text(
            model.read_text()
            .replace('"phone-email"', '"email"')
            .replace("max_credits=300", 'max_credits=10_000, budget="team"')
        )
        only = ["--select", "people", "people_enriched", "--exclude-resource-type", "test"]
        dbt = [self.dbt, "-m", "dbt.cli.main", "--no-use-colors", "build", "--profiles-dir", "."]
        self.run(*dbt, *only, cwd=self.project)

    def let_days_go_by(self, days: int) -> None:
        self.run(sys.executable, HERE / "clock.py", self.ledger, str(days))


@pytest.fixture
def server() -> Iterator[lantern.LocalServer]:
    with lantern.LocalServer(limits="off") as started:
        yield started


def everybody(server: lantern.LocalServer, count: int) -> tuple[list[str], dict[str, bool]]:
    """People, and who of them has an e-mail address: bought from another account, on the side."""
    ids = server.people().column("id").to_pylist()[:count]
    with lantern.LocalServer(limits="off") as other:
        job = other.client().submit(pl.DataFrame({"id": ids}), "email", max_credits=count)
        job.wait(timeout=120, progress=False)
        statuses = job.table().column("status").to_pylist()
    return ids, {id: status == "found" for id, status in zip(ids, statuses, strict=True)}


def test_a_week_costs_what_a_perfect_memory_would_have_spent(
    server: lantern.LocalServer, tmp_path: Path
) -> None:
    ids, found = everybody(server, 1_000)
    team, perfect = Team(server, tmp_path), PerfectMemory(found)
    days: list[tuple[str, float, int]] = []

    def close_the_day(name: str, ideal: int) -> None:
        spent = server.credits_used - sum(day[1] for day in days)
        days.append((name, spent, ideal))
        print(
            f"\n{name:<18} {spent:>6.0f} credits, a perfect memory {ideal:>6}", end="", flush=True
        )
        assert spent == ideal, days

    client = team.client()
    client.budgets.set("team", max_credits=5_000, per="month")
    client.close()

    # Monday: the shell, over the first list; the second time it costs nothing.
    for _ in range(2):
        team.shell(ids[:300])
    close_the_day("monday", perfect.asks(ids[:300]))

    # Tuesday: Airflow. The list has grown and shrunk, and is in another order.
    tuesday = ids[449:50:-1]
    result = team.airflow_run(tuesday, "2026-11-24")
    assert result["id"].to_list() == tuesday
    assert [status == "found" for status in result["status"]] == [found[id] for id in tuesday]
    close_the_day("tuesday", perfect.asks(tuesday))

    # Wednesday: dbt, incrementally, with people of both days and new ones.
    team.dbt_build(ids[200:400])
    team.dbt_build(ids[250:520])
    close_the_day("wednesday", perfect.asks(ids[200:520]))

    # Thursday: two workers at once, over lists that overlap.
    lists = [ids[480:700], ids[600:800]]
    workers = [
        subprocess.Popen(
            team.shell_command(own, "--batch-size", "20"),
            env=team.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for own in lists
    ]
    for worker in workers:
        out, err = worker.communicate(timeout=300)
        assert worker.returncode == 0, out + err
    close_the_day("thursday", perfect.asks(lists[0]) + perfect.asks(lists[1]))

    # Friday: five ask never to be contacted, one of them old and four new; one is to be forgotten.
    never = [ids[5], *ids[800:804]]
    listed = tmp_path / "never.txt"
    listed.write_text("\n".join(never) + "\n")
    team.run(sys.executable, "-c", MAIN, "suppress", "add", str(listed))
    gone = next(id for id in ids if found[id] and id not in never)
    told = team.run(sys.executable, "-c", MAIN, "forget", "--id", gone, "--json")
    assert json.loads(told.stdout)["rows"] > 0
    perfect.never = {*never, gone}
    result = team.airflow_run(ids[:820], "2026-11-27")
    statuses = dict(zip(result["id"], result["status"], strict=True))
    assert {statuses[id] for id in perfect.never} == {"suppressed"}
    shown = result.filter(pl.col("id").is_in(list(perfect.never)))
    assert shown["email"].drop_nulls().is_empty()
    close_the_day("friday", perfect.asks(ids[:820]))
    results = list(tmp_path.glob("ledger.results/*/*.csv"))
    assert results
    assert not [path for path in results if gone in path.read_text()]

    # Saturday: the budget of the team is nearly used up, and then raised.
    client = team.client()
    spent = client.budgets.get("team")["spent"]
    assert spent == server.credits_used
    client.budgets.set("team", max_credits=spent + 40, per="month")
    plan = client.submit(
        pl.DataFrame({"id": ids[790:950]}),
        "email",
        max_credits=1_000,
        budget="team",
        dry_run=True,
    )
    assert (plan["new_ids"], plan["suppressed_ids"], plan["most_credits"]) == (130, 4, 40)
    client.close()
    told_by = team.shell(ids[790:950])
    assert told_by["state"] == "budget_spent", told_by
    close_the_day("saturday", perfect.asks(ids[790:950], left=40))
    client = team.client()
    assert client.budgets.get("team")["left"] == 0
    client.budgets.set("team", max_credits=5_000, per="month")
    client.close()
    team.dbt_build(ids[790:950])
    close_the_day("saturday, raised", perfect.asks(ids[790:950]))

    # Sunday, three months later: what is older than 90 days is asked again.
    team.let_days_go_by(91)
    perfect.today += 91
    team.shell(ids[:100], "--reuse", "90d")
    close_the_day("sunday", perfect.asks(ids[:100], within=90))
    # What is not looked up today is known as before, and another tool knows what is new.
    team.airflow_run(ids[:1_000], "2026-11-29")
    close_the_day("sunday, all", perfect.asks(ids))

    assert sum(day[1] for day in days) == server.credits_used
    client = team.client()
    budget = client.budgets.get("team")
    assert (budget["spent"], budget["reserved"]) == (sum(d[1] for d in days[-2:]), 0)
