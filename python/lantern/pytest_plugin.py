"""Fixtures for tests of code that uses `lantern`. pytest finds them automatically."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lantern import Client, LocalServer

__all__ = ["lantern_client", "lantern_environment", "lantern_server"]


@pytest.fixture
def lantern_server() -> Iterator[LocalServer]:
    """Start a local server for one test, without rate limits, so that nothing waits.

    Example:
        def test_all_are_answered(lantern_server):
            people = lantern_server.people().slice(0, 10)
            job = lantern_server.client().submit(people, "email", max_credits=10)
            assert job.wait(timeout=60).answered == 10
    """
    import lantern

    with lantern.LocalServer(limits="off") as server:
        yield server


@pytest.fixture
def lantern_client(lantern_server: LocalServer) -> Iterator[Client]:
    """Return a client of `lantern_server`, with a ledger that is deleted after the test.

    Example:
        def test_an_address_is_found(lantern_client):
            found = lantern_client.enrich.email(
                record_id="1", first_name="Pari", last_name="Agarwal", company="Jain Solar LLP"
            )
            assert found.email == "pagarwal@jain-solar.in"
    """
    with lantern_server.client() as client:
        yield client


@pytest.fixture
def lantern_environment(
    lantern_server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> LocalServer:
    """Set the environment variables so that `lantern.Client()` is a client of `lantern_server`.

    Example:
        import lantern


        def test_code_that_makes_its_own_client(lantern_environment):
            client = lantern.Client()
            assert client.base_url == lantern_environment.url + "/"
            assert client.credits.remaining().remaining_credits == 1_000_000
    """
    client = lantern_server.client()
    monkeypatch.setenv("LANTERN_API_KEY", lantern_server.key)
    monkeypatch.setenv("LANTERN_BASE_URL", lantern_server.url)
    monkeypatch.setenv("LANTERN_LEDGER", client.ledger)
    for name, value in lantern_server.storage_options.items():
        monkeypatch.setenv(name.upper(), value)
    return lantern_server
