"""What the tests share."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgresql import PostgreSQL, started

import lantern

# Where the properties in Rust draw the same inputs in every run, as in CI, those in Python do so
# too. The environments with other versions of Polars have no Hypothesis.
if "PROPTEST_RNG_SEED" in os.environ:
    with contextlib.suppress(ModuleNotFoundError):
        from hypothesis import settings

        settings.register_profile("same", derandomize=True, database=None)
        settings.load_profile("same")

# Secrets are searched for in all that the run leaves.
pytest_plugins = ["sentinels"]


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test meets the user's own key, ledger or AWS credentials."""
    for name in ("LANTERN_API_KEY", "LANTERN_BASE_URL", "LANTERN_LOG", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANTERN_LEDGER", str(tmp_path / "default" / "ledger.sqlite"))


@pytest.fixture(scope="session")
def databases() -> Iterator[PostgreSQL]:
    """A PostgreSQL server, which makes a database for each test."""
    with started() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty ledger, in SQLite and in PostgreSQL."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.sqlite")
    databases: PostgreSQL = request.getfixturevalue("databases")
    return databases.database()


@pytest.fixture
def answering() -> Iterator[Callable[[bytes | None], tuple[str, list[bytes]]]]:
    """Starts a server that answers every request with given bytes, or never; and what it got."""
    sockets: list[socket.socket] = []

    def start(answer: bytes | None) -> tuple[str, list[bytes]]:
        listener = socket.create_server(("127.0.0.1", 0))
        sockets.append(listener)
        requests: list[bytes] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                sockets.append(connection)
                received = b""
                while b"\r\n\r\n" not in received:
                    received += connection.recv(65536)
                head, _, body = received.partition(b"\r\n\r\n")
                length = [
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                ]
                while length and len(body) < length[0]:
                    body += connection.recv(65536)
                requests.append(head + b"\r\n\r\n" + body)
                if answer is not None:
                    connection.sendall(answer)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}", requests

    yield start
    for opened in sockets:
        opened.close()


def http(status: str, body: str, *headers: str) -> bytes:
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body.encode())}"]
    return ("\r\n".join([*lines, "Connection: close", "", ""]) + body).encode()


@pytest.fixture
def client_of(tmp_path: Path) -> Callable[..., lantern.Client]:
    """Makes a client of any base URL, with a ledger of its own and no rate limits."""

    def make(
        base_url: str, api_key: str = "sentinel-key-7f3a", **options: object
    ) -> lantern.Client:
        settings: dict[str, object] = {
            "ledger": tmp_path / "ledger.sqlite",
            "limits": dict.fromkeys(["sync", "batches", "credits", "bursts"]),
        }
        return lantern.Client(api_key, base_url, **(settings | options))

    return make
