"""The local server's own pages in a real browser, with no network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

import lantern
from conftest import keep


@pytest.fixture(scope="module")
def server() -> Iterator[lantern.LocalServer]:
    """A server that has done something."""
    with lantern.LocalServer(limits="off") as server:
        client = server.client()
        client.submit(server.people().slice(0, 200), "email", max_credits=200).wait(timeout=60)
        lead = server.crm("leads").column("id")[0].as_py()
        client.routing.assign(object="lead", sf_id=lead, pool="emea")
        yield server


@pytest.mark.end_to_end
def test_the_status_page_says_what_the_server_did(server: lantern.LocalServer, page: Page) -> None:
    page.goto(f"{server.url}/", wait_until="networkidle")
    run = server.runs().to_pylist()[0]
    expect(page.locator("body")).to_contain_text(str(run["run_id"])[:8])
    expect(page.locator("body")).to_contain_text("/v1/routing/assign")
    keep(page, "server_status")


def test_the_reference_lists_the_calls(server: lantern.LocalServer, page: Page) -> None:
    page.goto(f"{server.url}/docs", wait_until="networkidle")
    for path in ("/v1/agents/phone-email", "/v1/enrich/company", "/v1/logs/routing"):
        expect(page.locator("body")).to_contain_text(path)
    keep(page, "server_docs")
