"""What README and docs show is run, and prints what they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
# Their tools have environments of their own, and tests there that run these pages.
ELSEWHERE = {"airflow.md", "dagster.md", "dbt.md", "migrating.md", "spark.md"}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples() -> list[object]:
    """Each Python block that is run here, with the output that is shown right below it."""
    found = []
    for page in PAGES:
        blocks = list(FENCE.finditer(page.read_text()))
        for block, after in zip(blocks, [*blocks[1:], None], strict=False):
            if block[1] != "python" or page.name in ELSEWHERE:
                continue
            shown = ""
            text = page.read_text()
            if after and after[1] == "text" and not text[block.end() : after.start()].strip():
                shown = after[2]
            line = text[: block.start()].count("\n") + 1
            found.append(pytest.param(block[2], shown, id=f"{page.name}:{line}"))
    return found


@pytest.mark.parametrize(("code", "shown"), examples())
def test_an_example_prints_what_is_shown(
    code: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANTERN_API_KEY", "no call is made with it")
    script = tmp_path / "test_example.py"
    script.write_text(code)
    if code.startswith("def test_"):
        # Another plugin of these tests' environment takes seconds to import.
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:schemathesis"]
        command = [sys.executable, "-m", "pytest", *options, str(script)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout
    else:
        done = subprocess.run(
            [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == (shown or "")


def test_the_examples_that_show_output_are_found() -> None:
    assert sum(example.values[1] != "" for example in examples()) >= 3


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_page_of_the_command_line_has_every_command_and_exit_code() -> None:
    page = (ROOT / "docs" / "reference" / "command.md").read_text()
    script = (
        "import sys; from lantern._command import main; sys.argv = ['lantern', '--help']; main()"
    )
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    commands = said.partition("Commands:")[2].partition("Options:")[0]
    codes = said.partition("Exit codes:")[2]
    for name in re.findall(r"^  (\w+)", commands, re.MULTILINE):
        assert name == "help" or f"`lantern {name}`" in page, name
    assert re.findall(r"^\| (\d+) \|", page, re.MULTILINE) == re.findall(
        r"^  (\d+)", codes, re.MULTILINE
    )
