"""A PostgreSQL server for the tests of the ledger, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class PostgreSQL:
    """A server that runs."""

    programs: Path
    folder: Path
    control: list[str]
    options: list[str]

    def database(self) -> str:
        """The URL of a new database."""
        name = f"ledger_{time.monotonic_ns()}"
        make = [str(self.programs / "createdb"), "-h", str(self.folder), "-U", "postgres", name]
        subprocess.run(make, check=True)
        return f"postgresql://postgres:sentinel-password@/{name}?host={self.folder}"

    def restart(self) -> None:
        """Stops it as a power cut would, and starts it again."""
        again = [*self.control, *self.options, "restart", "-m", "immediate"]
        subprocess.run(again, cwd="/", check=True)


def installed() -> Path | None:
    """Where the server's programs are."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return Path(found).resolve().parent if found else next(iter(folders), None)


@contextmanager
def started() -> Iterator[PostgreSQL]:
    """A server, stopped at the end; where none is installed the test is skipped, but not in CI."""
    where = installed()
    if where is None:
        assert not os.environ.get("CI"), "there is no PostgreSQL; make postgresql"
        pytest.skip("there is no PostgreSQL here; make postgresql installs it")
    # Paths of sockets are short.
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    other: list[str] = []
    if os.geteuid() == 0:
        # It does not run as root.
        shutil.chown(folder, "postgres")
        other = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    control = [*other, str(where / "pg_ctl"), "-D", f"{folder}/data", "-s", "-w"]
    initdb = f"--auth=trust --username=postgres --no-sync --pgdata={folder}/data"
    subprocess.run(
        [*other, str(where / "initdb"), *initdb.split()],
        cwd="/",
        check=True,
        stdout=subprocess.DEVNULL,
    )
    options = ["-o", f"-k {folder} -F -c listen_addresses=''", "-l", f"{folder}/log"]
    subprocess.run([*control, *options, "start"], cwd="/", check=True)
    try:
        yield PostgreSQL(where, folder, control, options)
    finally:
        subprocess.run([*control, "stop", "-m", "immediate"], cwd="/", check=True)
        shutil.rmtree(folder)
