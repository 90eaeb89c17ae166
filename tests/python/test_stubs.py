"""The stubs are the reference: every public name is in them, and what they show runs."""

from __future__ import annotations

import ast
import doctest
import pydoc
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import getdoc, isclass, signature
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import polars
import pytest

import lantern
from lantern import _lantern

PACKAGE = Path(lantern.__file__).parent
# Each public module, and the files in which the names of its `__all__` are written down.
MODULES = {
    "__init__.py": "_*.py*",
    "duckdb.py": "duckdb.py",
    "exceptions.py": "exceptions.py",
    "integrations/airflow/__init__.py": "integrations/airflow/*.py",
    "integrations/dagster/__init__.py": "integrations/dagster/*.py",
    "integrations/dbt.py": "integrations/dbt.py",
    "normalize/__init__.py": "normalize/*.py",
    "polars.py": "polars.py",
    "pytest_plugin.py": "pytest_plugin.py",
    "rules.py": "rules.py",
    "similarity/__init__.py": "similarity/*.py",
    "spark/__init__.py": "spark/*.py",
}
# The version, and modules, which are looked at by themselves.
NOT_WRITTEN_DOWN = {"__version__", "exceptions", "normalize", "rules", "similarity"}
# Left out of `__all__`, so that `from lantern import *` does not load arro3.
LAZY = {"Table"}
# An entry under `Raises:`.
CONDITION = re.compile(r"[\w.]+: (If|As for) ")
# What Airflow and Dagster call and no user does: the class's example stands for them.
CALLED_BY_TOOLS = {
    *("execute", "execute_complete", "get_link", "poke", "run", "serialize"),
    *("get_job_result", "get_job_status", "is_job_active", "is_job_succeeded"),
    *("poll_until_complete", "submit_job"),
    *("dump_to_path", "load_from_path", "setup_for_execution", "teardown_after_execution"),
}


@dataclass(frozen=True)
class Entry:
    """One public name."""

    name: str
    kind: Literal["class", "function", "method", "property"]
    docstring: str
    parameters: tuple[str, ...] = ()
    owner: Entry | None = None

    @property
    def own_name(self) -> str:
        return re.split("[:.]", self.name)[-1]

    @property
    def shows_itself(self) -> bool:
        """Whether it has an example: a doctest, a test for pytest, or a DAG or model."""
        form = r"^Example:$" if self.in_integrations else r"^ +(>>> |def test_)"
        return bool(re.search(form, self.docstring, re.MULTILINE))

    @property
    def in_integrations(self) -> bool:
        """Whether it needs tools that are not installed here, where its own tests run."""
        return self.name.startswith("integrations/")

    @property
    def is_one_sentence(self) -> bool:
        return "\n\n" not in self.docstring


def exported(module: str) -> set[str]:
    """What a module's `__all__` says, without importing it."""
    for node in ast.parse((PACKAGE / module).read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    raise AssertionError(f"{module} has no __all__")


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    every += [arg for arg in (given.vararg, given.kwarg) if arg]
    return tuple(arg.arg for arg in every if arg.arg not in ("self", "cls"))


def entries(file: str, node: ast.stmt) -> Iterator[Entry]:
    """A function, or a class and what it has."""
    if isinstance(node, ast.FunctionDef):
        text = ast.get_docstring(node) or ""
        yield Entry(f"{file}:{node.name}", "function", text, parameters(node))
    if not isinstance(node, ast.ClassDef):
        return
    methods = [n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    given = next((parameters(n) for n in methods if n.name in ("__new__", "__init__")), ())
    attributes = tuple(
        inner.target.id
        for inner in node.body
        if isinstance(inner, ast.AnnAssign) and isinstance(inner.value, ast.Constant)
        if "ClassVar" not in ast.unparse(inner.annotation)
    )
    text = ast.get_docstring(node) or ""
    owner = Entry(f"{file}:{node.name}", "class", text, given + attributes)
    yield owner
    for method in methods:
        if not method.name.startswith("_"):
            decorators = [ast.unparse(decorator) for decorator in method.decorator_list]
            yield Entry(
                f"{owner.name}.{method.name}",
                "property" if "property" in decorators else "method",
                ast.get_docstring(method) or "",
                parameters(method),
                owner,
            )


def public() -> dict[str, Entry]:
    """Every public name with what it documents, read from the files: not all can be imported."""
    found: dict[str, Entry] = {}
    for module, pattern in MODULES.items():
        names = exported(module) - NOT_WRITTEN_DOWN | (LAZY if module == "__init__.py" else set())
        written = set()
        for path in sorted(PACKAGE.glob(pattern)):
            for node in ast.parse(path.read_text()).body:
                if getattr(node, "name", None) in names:
                    written.add(node.name)
                    # Of overloads the last one has the docstring.
                    file = path.relative_to(PACKAGE).as_posix()
                    found.update((entry.name, entry) for entry in entries(file, node))
        assert names == written, f"{module} exports {names - written}, which {pattern} has not"
    return found


PUBLIC = public()
# What is compiled: `match`, `Client`, `Client.submit`.
STUBS = {name.split(":")[1]: entry for name, entry in PUBLIC.items() if ".pyi:" in name}
FIXTURES = [name for name in PUBLIC if name.startswith("pytest_plugin.py:")]


def docstrings(name: str, node: ast.Module | ast.stmt) -> Iterator[tuple[str, str]]:
    """All docstrings of a file, public or not."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield name, ast.get_docstring(node) or ""
    if isinstance(node, ast.Module | ast.ClassDef):
        for inner in node.body:
            yield from docstrings(f"{name}.{getattr(inner, 'name', '')}", inner)


def examples() -> dict[str, str]:
    """Docstrings with examples, but of the integrations, whose tools are not installed here."""
    found = {}
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")]):
        file = path.relative_to(PACKAGE).as_posix()
        if not file.startswith(("integrations/", "spark/")):
            found.update(docstrings(file, ast.parse(path.read_text())))
    return {name: text for name, text in found.items() if ">>> " in text}


EXAMPLES = examples()


@pytest.fixture(scope="module")
def server() -> Iterator[lantern.LocalServer]:
    """One for all examples, which must not mind what those before them did."""
    with lantern.LocalServer(limits="off") as server:
        yield server


@pytest.fixture(scope="module")
def job(server: lantern.LocalServer, tmp_path_factory: pytest.TempPathFactory) -> lantern.Job:
    """One that has ended."""
    client = server.client(ledger=tmp_path_factory.mktemp("job") / "ledger.sqlite")
    people = server.people().slice(0, 5)
    job = client.submit(people, "phone-email", max_credits=30, key="weekly")
    assert job.wait(timeout=60).state == "done"
    return job


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(
    name: str, server: lantern.LocalServer, job: lantern.Job, tmp_path: Path
) -> None:
    with server.client(ledger=tmp_path / "ledger.sqlite") as client:
        given = {"server": server, "client": client, "job": job, "lantern": lantern, "pl": polars}
        test = doctest.DocTestParser().get_doctest(EXAMPLES[name], given, name, None, None)
        report: list[str] = []
        options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        result = doctest.DocTestRunner(optionflags=options).run(test, out=report.append)
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("name", FIXTURES)
def test_a_fixtures_example_passes(name: str, request: pytest.FixtureRequest) -> None:
    given: dict[str, Any] = {}
    exec(textwrap.dedent(PUBLIC[name].docstring.split("Example:\n")[1]), given)
    (test,) = (value for key, value in given.items() if key.startswith("test_"))
    test(**{fixture: request.getfixturevalue(fixture) for fixture in signature(test).parameters})


def test_every_public_name_has_a_docstring() -> None:
    assert [name for name, entry in PUBLIC.items() if not entry.docstring] == []


def test_every_public_name_is_shown_in_an_example() -> None:
    """Classes and functions show an example, and so do methods that need more than one sentence.

    Other methods may be called in the example of their class. A property counts as shown where any
    example reads it, or that of its class prints it by name.
    """
    code = "\n".join(EXAMPLES.values())
    missing = []
    for name, entry in PUBLIC.items():
        used = rf"\.{entry.own_name}\b"
        if entry.kind == "property":
            printed = f"'{entry.own_name}': " in entry.owner.docstring
            shown = printed or re.search(used, code)
        elif entry.kind == "method":
            called = re.search(used + r"\(", entry.owner.docstring)
            by_class = called and entry.is_one_sentence
            by_tool = entry.in_integrations and entry.own_name in CALLED_BY_TOOLS
            shown = entry.shows_itself or by_class or by_tool
        else:
            shown = entry.shows_itself
        if not shown:
            missing.append(name)
    assert missing == []


def test_every_argument_and_attribute_is_described() -> None:
    """Under its heading, by name in the text of the function or class, or where that refers to."""
    missing = []
    for name, entry in PUBLIC.items():
        texts = entry.docstring + (entry.owner.docstring if entry.owner else "")
        refers = re.search(r"\b(See|[Aa]s for|see) `", entry.docstring)
        if refers or entry.own_name in CALLED_BY_TOOLS or name in FIXTURES:
            continue
        for parameter in entry.parameters:
            if not re.search(rf"^ +\**{parameter}: |`{parameter}`", texts, re.MULTILINE):
                missing.append(f"{name}({parameter})")
    assert missing == []


def test_the_stubs_and_the_extension_have_the_same_names() -> None:
    """Also those that are not public: `_lantern.pyi` declares them, and exports the rest again."""
    own = ast.parse((PACKAGE / "_lantern.pyi").read_text()).body
    again = {
        alias.asname for node in own if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    declared = {node.name for node in own if isinstance(node, ast.FunctionDef)}
    constants = {ast.unparse(node.target) for node in own if isinstance(node, ast.AnnAssign)}
    constants -= {"_Key", "_Question"}  # types
    by_topic = {
        node.name
        for path in PACKAGE.glob("_*.pyi")
        if path.stem not in ("_lantern", "_types")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
    }
    assert again - {None} == by_topic
    assert by_topic | declared | constants == set(dir(_lantern)) - set(dir(ModuleType("any"))) - {
        "__all__",
        "__file__",
        "_Connection",  # what a job takes from its client
    }


def test_every_name_of_the_extension_has_a_home() -> None:
    public = {name for name in dir(_lantern) if not name.startswith("_")}
    assert public <= set(lantern.__all__)
    members = {
        f"{name}.{own}"
        for name in public
        if isclass(getattr(_lantern, name))
        for own in vars(getattr(_lantern, name))
        if not own.startswith("_")
    }
    assert public | members == set(STUBS)


def _told(name: str, docstring: str) -> str:
    """What `help` shows of a method: an awaitable one has all but the example of its twin."""
    twin = name.removeprefix("Async")
    if name == twin or not docstring.endswith(f"; see `{twin}`."):
        return docstring
    _, _, body = STUBS[twin].docstring.partition("\n\n")
    body, _, _ = f"\n{body}".partition("\nExample:")
    return f"{docstring}\n\n{body.strip()}".strip()


def test_help_shows_what_the_stubs_say() -> None:
    shown = {name: getdoc(attrgetter(name)(lantern)) for name in STUBS}
    assert shown == {name: _told(name, entry.docstring) for name, entry in STUBS.items()}
    for member in (lantern.AsyncJob.wait, lantern.AsyncClient.submit):
        text = pydoc.plain(pydoc.render_doc(member))
        assert all(f"{heading}:" in text for heading in ("Args", "Raises"))
    for member in (lantern.match, lantern.Client.submit):
        text = pydoc.plain(pydoc.render_doc(member))
        assert all(f"{heading}:" in text for heading in ("Args", "Returns", "Raises", "Example"))


def test_docstrings_begin_with_what_to_do_and_exceptions_with_their_condition() -> None:
    """As CONTRIBUTING asks: `Return the jobs`, not `Returns`; `InputError: If ...`."""
    other_form = re.compile(r"(?!As |Pass|Process|Compress)[A-Z][a-z]+s\b")
    wrong = []
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            text = ast.get_docstring(node) or ""
            where = f"{path.relative_to(PACKAGE)}:{node.name}"
            decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
            if not isinstance(node, ast.ClassDef) and "property" not in decorators:
                wrong += [where] if other_form.match(text) else []
            raised = re.search(r"^Raises:\n((?:    .*\n?)+)", text, re.MULTILINE)
            entries = re.findall(r"^    (\S.*)$", raised[1], re.MULTILINE) if raised else []
            wrong += [f"{where}: {entry}" for entry in entries if not CONDITION.match(entry)]
    assert wrong == []


def test_one_list_of_functions_over_columns_is_told_everywhere() -> None:
    """In the extension, its stub, the Python functions and the expressions of Polars."""
    own = ast.parse((PACKAGE / "_lantern.pyi").read_text()).body
    literals = {
        ast.unparse(node.target): ast.literal_eval(node.value.slice)
        for node in own
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Subscript)
    }
    names = {name for name, _ in _lantern._normalizers()}
    assert {*literals["_Key"], *literals["_Question"]} == names
    functions = {name: getattr(lantern.normalize, name) for name in names}
    functions |= {name: getattr(lantern.similarity, name) for name in lantern.similarity.__all__}
    told = {
        name: getdoc(method).splitlines()[0]
        for name, method in vars(lantern.polars.Methods).items()
        if not name.startswith("_")
    }
    assert told == {name: getdoc(made).splitlines()[0] for name, made in functions.items()}


def test_importing_lantern_imports_nothing_heavy() -> None:
    script = (
        "import sys; before = set(sys.modules); import lantern; print(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    heavy = {"pathlib", "asyncio", "polars", "pandas", "pyarrow", "arro3", "IPython", "logging"}
    assert not heavy & set(done.stdout.split())
