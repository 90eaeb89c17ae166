"""What a person sees of an asset: the pages of `dagster dev`, in a headless Chromium.

`make chromium` installs the browser; pictures of the pages are kept in `screenshots/`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from playwright.sync_api import Page, expect, sync_playwright

import lantern

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = Path(__file__).parents[3] / "screenshots"
# Some 30 s where nothing else runs, but there is much to start.
pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; see make chromium"),
]

DEFINITIONS = """
import dagster as dg

from lantern.integrations.dagster import (
    LanternResource,
    lantern_batch_asset,
    lantern_match_asset,
)


@dg.asset
def people():
    return "people.parquet"


@dg.asset
def companies():
    return "companies.parquet"


contacts = lantern_batch_asset(
    name="contacts", source=people, kind="phone-email", max_credits=2_000, min_found_rate=0.5
)
employers = lantern_match_asset(
    name="employers",
    left=people,
    right=companies,
    rules=["company:fuzzy0.9"],
    matching={"fields": {"company": ("company_name", "name", "company")}, "right_id": "id"},
)
defs = dg.Definitions(
    assets=[people, companies, contacts, employers],
    resources={
        "lantern": LanternResource(
            api_key=dg.EnvVar("LANTERN_API_KEY"),
            base_url=dg.EnvVar("LANTERN_BASE_URL"),
            ledger="ledger.sqlite",
            storage_options=STORAGE_OPTIONS,
        ),
        # No asset uses it.
        "spare": LanternResource(
            api_key="sentinel-key",
            base_url="http://127.0.0.1:9",
            ledger="postgresql://me:sentinel-password@127.0.0.1:9/ledger",
            storage_options={"azure_storage_account_key": "sentinel-storage"},
        ),
    },
)
"""


@dataclass
class Dagster:
    """A running `dagster dev`, whose assets were materialized once."""

    url: str
    key: str
    secret: str
    credits: int
    metadata: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dagster]:
    folder = tmp_path_factory.mktemp("dagster")
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    with (
        lantern.LocalServer(limits="off", size=300) as server,
        pytest.MonkeyPatch.context() as patch,
        socket.socket() as free,
    ):
        options = server.storage_options
        written = DEFINITIONS.replace("STORAGE_OPTIONS", repr(options))
        (folder / "defs.py").write_text(written)
        server.people().to_polars().write_parquet(folder / "people.parquet")
        server.companies().to_polars().write_parquet(folder / "companies.parquet")
        patch.chdir(folder)
        patch.setenv("DAGSTER_HOME", str(folder))
        patch.setenv("LANTERN_API_KEY", server.key)
        patch.setenv("LANTERN_BASE_URL", server.url)
        metadata = materialized(written, folder)

        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        url = f"http://127.0.0.1:{port}"
        secret = options["aws_secret_access_key"]
        command = [sys.executable, "-m", "dagster", "dev", "-f", "defs.py", "-p", str(port)]
        with (folder / "dev.log").open("wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            until_it_answers(f"{url}/server_info", process, folder / "dev.log")
            yield Dagster(url, server.key, secret, int(server.credits_used), metadata)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=10)


def materialized(code: str, home: Path) -> dict[str, dict[str, Any]]:
    """Materializes all assets, and answers the metadata of each."""
    names: dict[str, Any] = {}
    exec(compile(code, "defs.py", "exec"), names)
    job = names["defs"].resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.from_config(str(home)) as instance:
        run = job.execute_in_process(instance=instance)
    assert run.success
    return {
        name: {
            key: value.value
            for key, value in run.asset_materializations_for_node(name)[0].metadata.items()
        }
        for name in ("contacts", "employers")
    }


def until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 300
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-4000:]
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer: {log.read_text()[-4000:]}")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        opened = browser.new_page(viewport={"width": 1400, "height": 1800})
        opened.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        yield opened
        browser.close()


def metadata_row(page: Page, name: str) -> Any:
    """The row of the overview's table of metadata that has this name."""
    return page.locator("tr", has=page.get_by_text(name, exact=True)).last


def keep(page: Page, name: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def test_the_page_of_a_batch_shows_rows_rates_credits_and_a_chart(
    dagster: Dagster, page: Page
) -> None:
    page.goto(f"{dagster.url}/assets/contacts?view=overview")
    known = dagster.metadata["contacts"]
    assert known["credits_spent"] == dagster.credits > 0
    for name in ("found_rate", "email_rate", "phone_rate", "ids_sent", "credits_spent"):
        expect(metadata_row(page, name)).to_be_visible()
        # A check may have the same name, and a row of its own that shows when it ran.
        rows = page.locator("tr", has=page.get_by_text(name, exact=True)).all_inner_texts()
        shown = re.findall(r"\d[\d,.]*", " ".join(rows))
        numbers = [float(number.rstrip(".,").replace(",", "")) for number in shown]
        assert any(number == pytest.approx(known[name], abs=0.01) for number in numbers), rows
    keep(page, "dagster-contacts")


def test_the_page_of_matches_shows_the_match_rate(dagster: Dagster, page: Page) -> None:
    page.goto(f"{dagster.url}/assets/employers?view=overview")
    shown = metadata_row(page, "match_rate")
    expect(shown).to_be_visible()
    keep(page, "dagster-employers")


def test_no_page_shows_the_key(dagster: Dagster, page: Page) -> None:
    page.goto(f"{dagster.url}/locations/defs.py/resources/lantern")
    expect(page.get_by_text("base_url").first).to_be_visible()
    keep(page, "dagster-resource")
    text = page.content()
    assert dagster.key not in text
    assert dagster.secret not in text
    asked: list[str] = []
    page.on("response", lambda response: asked.append(response.text()))
    page.goto(f"{dagster.url}/locations/defs.py/resources/spare")
    expect(page.get_by_text("storage_options").first).to_be_visible()
    assert "http://127.0.0.1:9" in page.content()
    # A script of Dagster's own has the word "sentinel".
    secrets = ("sentinel-key", "sentinel-password", "sentinel-storage")
    texts = [page.content(), *asked]
    assert not [text for text in texts if any(secret in text for secret in secrets)]
