"""What the tests of the dbt integration share: the example project, and `dbt build` in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import lantern

EXAMPLE = Path(__file__).parents[3] / "examples" / "dbt"


@pytest.fixture
def server() -> Iterator[lantern.LocalServer]:
    with lantern.LocalServer(limits="off") as started:
        yield started


@dataclass
class Project:
    """A copy of the example project, whose models meet the local server."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *arguments]
        surroundings = {k: v for k, v in os.environ.items() if not k.startswith("LANTERN_")}
        return subprocess.run(
            [*command, "--profiles-dir", "."],
            cwd=self.folder,
            env=surroundings | {"DO_NOT_TRACK": "1"} | self.environment,
            capture_output=True,
            text=True,
        )

    def build(self, *arguments: str) -> None:
        done = self.dbt("build", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "example.duckdb"), read_only=True) as con:
            return con.sql(sql).fetchall()

    def execute(self, sql: str) -> None:
        with duckdb.connect(str(self.folder / "example.duckdb")) as con:
            con.execute(sql)

    def profile(self, target: str, path: str, attach: str) -> None:
        """Adds a target with a database of its own, which also reads another."""
        file = self.folder / "profiles.yml"
        profile = yaml.safe_load(file.read_text())
        (name,) = (name for name in profile if name != "config")
        first = next(iter(profile[name]["outputs"].values()))
        profile[name]["outputs"][target] = first | {
            "path": path,
            "attach": [{"path": attach, "read_only": True}],
        }
        file.write_text(yaml.safe_dump(profile))

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))


@pytest.fixture
def project(server: lantern.LocalServer, tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"))
    return Project(
        folder,
        {
            "LANTERN_API_KEY": server.key,
            "LANTERN_BASE_URL": server.url,
            "LANTERN_RATE": "off",
            "LANTERN_LEDGER": str(tmp_path / "ledger.sqlite"),
            "LANTERN_EXAMPLE_DB": "example.duckdb",
        }
        | {name.upper(): value for name, value in server.storage_options.items()},
    )
