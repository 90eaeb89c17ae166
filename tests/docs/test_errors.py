"""The page about errors names each error, with the exit code and the kind that a shell shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "errors.md").read_text()
# A shell ends with these without an error of the library.
OTHER_CODES = {"0", "2"}
# Their subclasses are on the page.
BASES = {"APIError", "LanternError"}


def rows() -> list[list[str]]:
    """The cells of the table of errors."""
    section = PAGE.partition("## Which errors there are")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in lines]


def test_every_exception_of_python_is_in_the_table() -> None:
    tree = ast.parse((ROOT / "python" / "lantern" / "exceptions.py").read_text())
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert {row[1] for row in rows()} == classes - BASES | {"KeyboardInterrupt"}


def test_the_exit_codes_are_those_of_the_command() -> None:
    page = (ROOT / "docs" / "reference" / "command.md").read_text()
    codes = set(re.findall(r"^\| (\d+) \|", page, re.MULTILINE))
    assert {row[2] for row in rows()} == codes - OTHER_CODES


def test_each_attribute_of_an_exception_is_named() -> None:
    tree = ast.parse((ROOT / "python" / "lantern" / "exceptions.py").read_text())
    section = PAGE.partition("| attribute | of |")[2].partition("\n## ")[0]
    named = {
        (of, name)
        for line in section.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
        for of in re.findall(r"`(\w+)`", line.split("|")[2])
    }
    declared = {
        (node.name, line.target.id)
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for line in node.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }
    assert named == declared
