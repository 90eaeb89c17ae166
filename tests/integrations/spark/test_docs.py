"""What docs/spark.md and the docstrings show is run, and prints what they say."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lantern.spark

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "spark.md").read_text()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_page_print_what_is_shown(tmp_path: Path) -> None:
    """One script of all blocks but the model, and all that is shown."""
    blocks = [match.groups() for match in FENCE.finditer(PAGE)]
    code = [text for kind, text in blocks if kind == "python" and "def model(" not in text]
    shown = [text for kind, text in blocks if kind == "text"]
    assert len(shown) == len(code) - 1, "all but the session print"
    script = tmp_path / "example.py"
    script.write_text("\n".join(code))
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "".join(shown)


def test_the_model_shown_is_that_of_the_example_project() -> None:
    (shown,) = (
        text for kind, text in FENCE.findall(PAGE) if kind == "python" and "def model(" in text
    )
    models = (ROOT / "examples" / "dbt" / "models").glob("*.py")
    assert any(model.read_text().endswith(shown) for model in models)


@pytest.mark.parametrize("name", ["", *lantern.spark.__all__])
def test_an_example_of_a_docstring_runs(name: str, spark) -> None:
    documented = getattr(lantern.spark, name) if name else lantern.spark
    test = doctest.DocTestParser().get_doctest(documented.__doc__, {}, name, None, None)
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert (result.failed, result.attempted > 0) == (0, True), "".join(report)
