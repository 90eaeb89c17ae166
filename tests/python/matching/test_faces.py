"""Every similarity and normalizer is in Python, Polars, DuckDB, the stub and the docs."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import duckdb
import pytest

import lantern
import lantern.polars
from lantern import _lantern

FUNCTIONS = {name: (kind, option, about) for name, kind, option, about in _lantern._functions()}
ROOT = Path(__file__).parents[3]


def module(name: str) -> object:
    """Where Python has a function."""
    kind = FUNCTIONS[name][0]
    return lantern.similarity if kind in ("similarity", "distance") else lantern.normalize


def first_line(function: object) -> str:
    return (inspect.getdoc(function) or "").splitlines()[0]


def test_no_face_has_a_function_that_the_list_lacks() -> None:
    in_python = {*lantern.similarity.__all__, *lantern.normalize.__all__} - {"versions"}
    assert in_python == FUNCTIONS.keys()
    methods = {name for name in vars(lantern.polars.Methods) if not name.startswith("_")}
    assert methods == FUNCTIONS.keys()
    for namespace in (lantern.polars.Expressions, lantern.polars.Values):
        assert {name for name in dir(namespace) if not name.startswith("_")} >= FUNCTIONS.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_python_and_polars_take_and_say_the_same(name: str) -> None:
    kind, option, about = FUNCTIONS[name]
    texts = ["a", "b"] if kind in ("similarity", "distance") else ["text"]
    options = [] if option is None else [option]
    function = getattr(module(name), name)
    method = getattr(lantern.polars.Methods, name)
    assert list(inspect.signature(function).parameters) == [*texts, *options]
    others = ["other"] if len(texts) == 2 else []
    assert list(inspect.signature(method).parameters) == ["self", *others, *options]
    assert first_line(function) == about
    assert first_line(method) == about


def test_duckdb_has_every_function() -> None:
    con = duckdb.connect()
    lantern.duckdb.register(con, prefix="faces_")
    rows = con.sql("select function_name from duckdb_functions()").fetchall()
    con.close()
    ours = {name.removeprefix("faces_") for (name,) in rows if name.startswith("faces_")}
    assert ours == FUNCTIONS.keys()


def test_the_stub_names_every_normalizer() -> None:
    stub = "".join(path.read_text() for path in (ROOT / "python/lantern").rglob("*.pyi"))
    for alias, kind in (("_Key", "key"), ("_Question", "question")):
        listed = re.search(rf"{alias}: TypeAlias = Literal\[(.*?)\]", stub, re.DOTALL)
        assert listed is not None
        names = set(re.findall(r'"(\w+)"', listed[1]))
        assert names == {name for name, (of, _, _) in FUNCTIONS.items() if of == kind}


def test_versions_are_those_of_the_normalizers() -> None:
    normalizers = {name for name, (kind, _, _) in FUNCTIONS.items() if kind in ("key", "question")}
    assert lantern.normalize.versions().keys() == normalizers


def test_the_documentation_names_every_function() -> None:
    page = (ROOT / "docs/matching.md").read_text()
    assert [name for name in FUNCTIONS if f"`{name}`" not in page] == []
