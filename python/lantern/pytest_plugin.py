"""Fixtures for tests of code that uses `lantern`; pytest finds them by itself.

Example:
    def test_my_pipeline(lantern_server):
        client = lantern_server.client()
        job = client.submit(lantern_server.people(), "email", max_credits=10_000)
        assert job.wait().state == "done"
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lantern import Client, LocalServer


@pytest.fixture
def lantern_server() -> Iterator[LocalServer]:
    """A local server of its own for one test, without rate limits, so that nothing waits."""
    import lantern

    with lantern.LocalServer(limits="off") as server:
        yield server


@pytest.fixture
def lantern_client(lantern_server: LocalServer) -> Iterator[Client]:
    """A client of `lantern_server`, with a ledger that goes with it."""
    with lantern_server.client() as client:
        yield client


@pytest.fixture
def lantern_environment(
    lantern_server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> LocalServer:
    """Sets the variables that make `lantern.Client()` a client of `lantern_server`."""
    client = lantern_server.client()
    monkeypatch.setenv("LANTERN_API_KEY", lantern_server.key)
    monkeypatch.setenv("LANTERN_BASE_URL", lantern_server.url)
    monkeypatch.setenv("LANTERN_LEDGER", client.ledger)
    for name, value in lantern_server.storage_options.items():
        monkeypatch.setenv(name.upper(), value)
    return lantern_server
