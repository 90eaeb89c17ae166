"""A Chromium that reaches this machine alone, and says what a page did wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

expect.set_options(timeout=60_000)  # machines are busy at times

SCREENSHOTS = Path(__file__).parents[2] / "target" / "screenshots"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert chromium, "there is no Chromium; install it with: apt-get install -y chromium"
    offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium has no sandbox.
        started = playwright.chromium.launch(
            executable_path=chromium, chromium_sandbox=os.getuid() != 0, args=[offline]
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must ask nobody but this machine, and must not complain."""
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    page.set_default_timeout(120_000)
    asked: set[str] = set()
    complaints: list[str] = []
    page.on("request", lambda request: asked.add(request.url))
    page.on("websocket", lambda socket: asked.add(socket.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    away = {url for url in asked if urlsplit(url).hostname not in ("127.0.0.1", None, "")}
    assert asked
    assert not away
    assert not complaints


def keep(page: Page, name: str, selector: str | None = None) -> Path:
    """A screenshot of the whole page, or of one element."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    if selector:
        page.locator(selector).first.screenshot(path=path)
    else:
        page.screenshot(path=path, full_page=True)
    return path
