"""The notebooks run from top to bottom, as a reader would run them."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def is_bar(output: nbformat.NotebookNode) -> bool:
    """Whether it is the progress of matching, which is shown only where that takes a while."""
    said = str(output.get("data", {}).get("text/plain", ""))
    return re.fullmatch(r"[\d,]+ of [\d,]+ rows matched", said) is not None


def shapes(notebook: nbformat.NotebookNode) -> list[list[str]]:
    """The kinds of output of each cell."""
    return [
        sorted(
            {
                kind
                for output in cell.outputs
                if not is_bar(output)
                for kind in output.get("data", {})
            }
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore")
def test_a_notebook_runs_and_shows_what_is_committed(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    committed = shapes(notebook)
    where = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    assert not [output for output in outputs(notebook) if output.output_type == "error"]
    assert shapes(notebook) == committed
    pages = [str(output.get("data", {}).get("text/html", "")) for output in outputs(notebook)]
    waits = any(".wait()" in cell.source for cell in notebook.cells)
    assert any("ids answered" in page for page in pages) == waits, "no progress was shown"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_with_small_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum(bool(cell.outputs) for cell in code) > len(code) / 2
    assert all(cell.execution_count for cell in code)
    assert path.stat().st_size < 150_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_output_has_a_text_and_every_chart_a_picture(path: Path) -> None:
    """Where HTML is not shown (a terminal, a diff), there is text; charts need no network."""
    shown = [
        output.data for output in outputs(nbformat.read(path, as_version=4)) if "data" in output
    ]
    assert all(data.get("text/plain") for data in shown)
    assert any(data.get("image/svg+xml", "").startswith("<svg") for data in shown)
    assert not any("http" in str(data.get("text/html", "")) for data in shown)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_in_a_notebook_lead_somewhere(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", prose)
    assert links
    for link in links:
        assert (FOLDER / link).exists(), link
