"""The stubs are the reference: every public name is in them, and what they show runs."""

from __future__ import annotations

import ast
import doctest
import inspect
from pathlib import Path
from types import ModuleType

import pytest

import lantern
from lantern import _lantern

PACKAGE = Path(lantern.__file__).parent
FILES = sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")])


def documented(path: Path) -> list[tuple[str, str]]:
    """The docstrings of a file, by name."""
    tree = ast.parse(path.read_text())
    file = path.relative_to(PACKAGE).as_posix()
    found = [(file, ast.get_docstring(tree) or "")]
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found.append((f"{file}:{node.name}", ast.get_docstring(node) or ""))
            found += [
                (f"{file}:{node.name}.{inner.name}", ast.get_docstring(inner) or "")
                for inner in node.body
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
    found += [
        (f"{file}:{node.name}", ast.get_docstring(node) or "")
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    ]
    return found


DOCSTRINGS = dict(entry for path in FILES for entry in documented(path))
# Those of `lantern.spark` run where Spark is, in tests/integrations/spark.
EXAMPLES = {
    name: text
    for name, text in DOCSTRINGS.items()
    if ">>>" in text and not name.startswith("spark/")
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name: str) -> None:
    test = doctest.DocTestParser().get_doctest(EXAMPLES[name], {}, name, None, None)
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert result.failed == 0, "".join(report)


def test_every_name_of_the_extension_has_a_home_and_a_docstring() -> None:
    public = [name for name in dir(_lantern) if not name.startswith("_")]
    assert set(public) <= set(lantern.__all__)
    for name in public:
        assert DOCSTRINGS[f"_lantern.pyi:{name}"], f"{name} has no docstring in the stubs"
        member = getattr(_lantern, name)
        assert member.__doc__, f"{name} has no docstring at run time"
        if inspect.isclass(member):
            for own in (own for own in vars(member) if not own.startswith("_")):
                assert DOCSTRINGS[f"_lantern.pyi:{name}.{own}"], f"{name}.{own}"


def test_every_class_and_function_shows_an_example() -> None:
    public = [name for name in dir(_lantern) if not name.startswith("_")]
    alike = {name for name in public if name.startswith("Async") and name != "AsyncClient"}
    without = [n for n in public if f"_lantern.pyi:{n}" not in EXAMPLES and n not in alike]
    assert without == []


@pytest.mark.parametrize("module", [lantern.similarity, lantern.normalize, lantern.duckdb])
def test_every_function_of_a_module_shows_an_example(module: ModuleType) -> None:
    for name in module.__all__:
        assert ">>>" in (getattr(module, name).__doc__ or ""), name


def test_importing_lantern_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    script = (
        "import sys; before = set(sys.modules); import lantern; print(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    heavy = {"pathlib", "asyncio", "polars", "pandas", "pyarrow", "arro3", "IPython", "logging"}
    assert not heavy & set(done.stdout.split())
