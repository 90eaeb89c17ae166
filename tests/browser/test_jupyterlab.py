"""A notebook in a real JupyterLab: run from its menu, looked at as it comes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from conftest import keep

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
PLUGINS = {
    # All cells are on the page, so that one picture shows them.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
}
# What a cell shows, frame by frame: its height, and how often it has changed.
WATCH = """cell => {
  const seen = { heights: [], changes: 0, now: "" };
  window.seen = seen;
  const look = () => {
    const output = cell.querySelector(".jp-OutputArea-output");
    const text = output ? output.innerText : "";
    if (text !== seen.now) { seen.changes += 1; seen.now = text; }
    seen.heights.push(output ? output.getBoundingClientRect().height : 0);
    requestAnimationFrame(look);
  };
  look();
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab on copies of the notebooks, with settings of its own."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(NOTEBOOKS, home / "notebooks")
    for plugin, settings in PLUGINS.items():
        path = home / "settings" / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"]
    command += ["--ip=127.0.0.1", "--LabApp.extension_manager=readonly"]
    places = {
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }
    environment = os.environ | {name: str(home / folder) for name, folder in places.items()}
    with subprocess.Popen(
        command, cwd=home, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        said = []
        for line in process.stderr or ():
            said.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+/lab\?token=\w+", line)
            if found:
                break
        else:
            raise AssertionError("JupyterLab did not start:\n" + "".join(said))
        # What it says from here on must not fill the pipe.
        drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        yield found[0]
        process.terminate()
        process.wait(20)
        drain.wait(20)


@pytest.fixture
def notebook(lab: str, page: Page) -> Page:
    """The notebook of the budget, opened, its old outputs cleared."""
    page.goto(lab.replace("/lab?", "/lab/tree/notebooks/02_enrich_under_a_budget.ipynb?"))
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=60_000)
    idle = page.get_by_role("button", name="Python 3 (ipykernel) | Idle")
    expect(idle).to_be_visible(timeout=60_000)
    expect(page.locator(".jp-OutputArea-output").last).to_be_visible()
    choose(page, "Edit", "Clear Outputs of All Cells")
    expect(page.locator(".jp-OutputArea-output")).to_have_count(0)
    return page


def choose(page: Page, menu: str, entry: str) -> None:
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.locator(".lm-Menu-item", has_text=entry).first.click()


@pytest.mark.end_to_end
def test_a_notebook_runs_and_its_progress_does_not_flicker(notebook: Page) -> None:
    waiting = notebook.locator(".jp-CodeCell", has_text="emails.wait()").first
    waiting.evaluate(WATCH)
    choose(notebook, "Run", "Run All Cells")
    last = notebook.locator(".jp-CodeCell").last
    expect(last.locator(".jp-InputArea-prompt")).to_have_text(
        re.compile(r"\[\d+\]:"), timeout=120_000
    )
    outputs = notebook.locator(".jp-OutputArea-output")
    assert outputs.count() >= 10
    for wrong in ("application/vnd.jupyter.error", "application/vnd.jupyter.stderr"):
        assert notebook.locator(f'[data-mime-type="{wrong}"]').count() == 0
    assert notebook.locator(".jp-RenderedSVG").count() == 2
    expect(waiting.locator(".jp-OutputArea-output").first).to_contain_text("2,400 of 2,400")

    seen = notebook.evaluate("window.seen")
    assert seen["changes"] >= 2, "the bar was drawn once only"
    heights = seen["heights"]
    first = next(at for at, height in enumerate(heights) if height > 0)
    assert min(heights[first:]) > 0.5 * heights[-1], "the bar vanished between two states"

    panel = notebook.locator(".jp-WindowedPanel-outer")
    height = panel.evaluate("panel => panel.scrollHeight")
    notebook.set_viewport_size({"width": 1200, "height": height + 200})
    panel.evaluate("panel => { panel.scrollTop = 0; }")
    keep(notebook, "jupyterlab_budget")
