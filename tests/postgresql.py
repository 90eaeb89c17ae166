"""A PostgreSQL server for the tests of the ledger, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Encryption:
    """How a server is reached over TLS: files in PEM, and what `pg_hba.conf` says."""

    certificate: bytes
    key: bytes
    authorities: bytes
    rules: str


@dataclass
class PostgreSQL:
    """A server that runs."""

    programs: Path
    folder: Path
    control: list[str]
    options: list[str]
    port: int = 5432

    def database(self, name: str | None = None) -> str:
        """The URL of a new database, over the socket."""
        name = name or f"ledger_{time.monotonic_ns()}"
        where = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres"]
        subprocess.run([str(self.programs / "createdb"), *where, name], check=True)
        return f"postgresql://postgres:sentinel-password@/{name}?host={self.folder}"

    def say(self, url: str, statements: str) -> str:
        """Runs statements in a database as its owner, and returns what they print."""
        name = url.split("@/")[1].split("?")[0]
        where = ["-h", str(self.folder), "-p", str(self.port), "-U", "postgres", "-d", name]
        command = [str(self.programs / "psql"), *where, "-qAt", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(
            [*command, "-c", statements], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

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
def started(encryption: Encryption | None = None) -> Iterator[PostgreSQL]:
    """A server, stopped at the end; where none is installed the test is skipped.

    In CI on Linux it fails instead. The server listens on a socket in its folder, and with
    `encryption` on a port of 127.0.0.1 as well.
    """
    where = installed()
    if where is None:
        # The machines of CI with macOS and Windows have none.
        missed = os.environ.get("CI") and sys.platform == "linux"
        assert not missed, "there is no PostgreSQL; make postgresql"
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
    port = 5432
    listen = "-c listen_addresses=''"
    if encryption:
        port = free_port()
        listen = f"-c listen_addresses=127.0.0.1 -p {port} -c ssl=on"
        for name, content in {
            "server.crt": encryption.certificate,
            "server.key": encryption.key,
            "root.crt": encryption.authorities,
            "pg_hba.conf": encryption.rules.encode(),
        }.items():
            file = folder / "data" / name
            file.write_bytes(content)
            file.chmod(0o600)
            if other:
                shutil.chown(file, "postgres")
        listen += " -c ssl_ca_file=root.crt"
    options = ["-o", f"-k {folder} -F {listen}", "-l", f"{folder}/log"]
    subprocess.run([*control, *options, "start"], cwd="/", check=True)
    try:
        yield PostgreSQL(where, folder, control, options, port)
    finally:
        subprocess.run([*control, "stop", "-m", "immediate"], cwd="/", check=True)
        shutil.rmtree(folder)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
