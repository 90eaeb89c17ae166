"""The documentation in a real browser, where `make docs` has built it."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conftest import keep

SITE = Path(__file__).parents[2] / "site"
pytestmark = pytest.mark.skipif(not SITE.exists(), reason="make docs has not built site/")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(SITE))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_tutorial_shows_its_tables_and_charts(site: str, page: Page) -> None:
    page.goto(f"{site}/notebooks/03_match_leads_to_accounts.html", wait_until="networkidle")
    expect(page.locator("h1")).to_contain_text("Which of these leads do we sell to already?")
    expect(page.locator(".jp-RenderedSVG img").first).to_be_visible()
    expect(page.locator("mark").first).to_be_visible()
    keep(page, "site_tutorial")


def test_the_reference_and_the_search_work_without_a_network(site: str, page: Page) -> None:
    page.goto(f"{site}/reference/jobs.html", wait_until="networkidle")
    expect(page.locator("#lantern\\.Job\\.wait")).to_be_visible()
    keep(page, "site_reference")
    page.locator("input.md-search__input").click()
    page.locator("input.md-search__input").press_sequentially("max_credits")
    expect(page.locator(".md-search-result__item").first).to_be_visible()


@pytest.mark.end_to_end
def test_the_search_works_on_a_page_that_is_opened_as_a_file(page: Page) -> None:
    page.goto((SITE / "index.html").as_uri())
    page.locator("input.md-search__input").click()
    page.locator("input.md-search__input").press_sequentially("expectation maximisation")
    found = page.locator("a.md-search-result__link", has_text="How confidence is learned").first
    expect(found).to_be_visible()
    keep(page, "site_search_in_a_file")
    found.click()
    expect(page).to_have_url(
        re.compile(r"^file://.*/matching\.html\?.*#how-confidence-is-learned$")
    )
    expect(page.locator("#how-confidence-is-learned")).to_be_in_viewport()


def test_the_first_page_is_the_readme(site: str, page: Page) -> None:
    page.goto(f"{site}/index.html", wait_until="networkidle")
    expect(page.locator("h1")).to_contain_text("lantern")
    keep(page, "site_start")
