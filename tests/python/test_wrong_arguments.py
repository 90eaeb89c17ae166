"""Every public callable refuses an argument of a wrong type: it names the argument and says what it
must be and what it is, in Python's words."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import lantern
from lantern import exceptions

STUBS = sorted(Path(lantern.__file__).parent.glob("_*.pyi"))
TREES = {stub.name: ast.parse(stub.read_text()) for stub in STUBS}
ALIASES = {
    node.target.id: node.value
    for tree in TREES.values()
    for node in tree.body
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value
}

WRONG: dict[str, Any] = {
    "int": 5,
    "None": None,
    "list": [object()],
    "dict": {"a": object()},
    "bytes": b"x",
    "object": object(),
}
# Words of Rust and of PyO3.
FOREIGN = re.compile(
    r"PyAny|Vec\b|Option\b|BTreeMap|HashMap|usize|\bu\d\d|\bi\d\d|cannot be (converted|cast)|"
    r"is not an instance of|Can't extract|cannot be interpreted|NoneType|PathBuf|downcast|"
    r"while processing|required: |extract"
)
CALLED = {"list": "list", "dict": "dict", "None": "None"}


def permitted(annotation: ast.expr | None) -> set[str]:
    """The kinds of values that an annotation takes, as far as they are in `WRONG`."""
    match annotation:
        case None:
            return set(WRONG)
        case ast.Constant(value=None):
            return {"None"}
        case ast.Constant(value=str(text)):
            return permitted(ast.parse(text, mode="eval").body)
        case ast.BinOp(left=left, right=right):
            return permitted(left) | permitted(right)
        case ast.Name(id=name) if name in ALIASES:
            return permitted(ALIASES[name])
        case ast.Name(id="Any" | "object" | "JSON"):
            return set(WRONG)
        case ast.Name(id="int" | "float"):
            return {"int"}
        case ast.Name(id="bytes"):
            return {"bytes"}
        case ast.Subscript(value=ast.Name(id="Sequence" | "Iterable" | "list"), slice=item):
            return {"list"} & permitted(item)
        case ast.Subscript(value=ast.Name(id="Mapping"), slice=ast.Tuple(elts=[_, item])):
            return {"dict"} & permitted(item)
        case ast.Attribute(attr=name):
            return permitted(ast.Name(id=name))
        case _:
            return set()


def good(annotation: ast.expr | None, name: str) -> Any:
    """A value of the right type."""
    text = ast.unparse(annotation) if annotation else ""
    if name == "rules":
        return ["name:eq"]
    if (
        isinstance(annotation, ast.Name)
        and annotation.id in ALIASES
        and annotation.id != "TableLike"
    ):
        return good(ALIASES[annotation.id], name)
    if text.startswith("Sequence[Mapping"):
        return [{"company": "Acme"}]
    if "Table" in text:
        return pa.table({"id": ["1", "2"], "name": ["Ada", "Bob"]})
    if text.startswith("Literal"):
        return ast.literal_eval(ast.parse(text, mode="eval").body.slice.elts[0])  # type: ignore[attr-defined]
    for start, value in [
        ("TimeLike", "2026-01-01"), ("str | datetime", "2026-01-01"), ("str", "x"), ("int", 1),
        ("float", 0.5), ("bool", True), ("Mapping", {"record_id": "id"}), ("dict", {}),
        ("Sequence", ["x"]), ("Iterable", ["x"]), ("PathLike", "x"), ("os.PathLike", "x"),
    ]:  # fmt: skip
        if text.startswith(start):
            return value
    return None


Case = tuple[str, str, ast.FunctionDef | ast.AsyncFunctionDef, str]


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for tree in TREES.values():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name in lantern.__all__:
                yield "lantern", node
            if isinstance(node, ast.ClassDef):
                for own in node.body:
                    if isinstance(own, ast.FunctionDef | ast.AsyncFunctionDef) and (
                        own.name == "__init__" or not own.name.startswith("_")
                    ):
                        yield node.name, own


def cases() -> Iterator[Any]:
    for owner, function in functions():
        if any(ast.unparse(word) in ("property", "overload") for word in function.decorator_list):
            continue
        given = function.args
        for argument in [*given.posonlyargs, *given.args, *given.kwonlyargs]:
            kinds = permitted(argument.annotation)
            if argument.arg in ("self", "cls") or kinds == set(WRONG):
                continue
            # This argument exists only to say why it cannot be given.
            if argument.annotation and ast.unparse(argument.annotation) == "None":
                continue
            yield pytest.param(
                owner, function, argument, id=f"{owner}.{function.name}-{argument.arg}"
            )


@pytest.fixture(scope="module")
def instances(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    table = pa.table({"id": ["1", "2"], "name": ["Acme Ltd", "Beta GmbH"]})
    with lantern.LocalServer(size=20, limits="off") as server:
        client, awaited = server.client(), server.async_client()
        job = client.submit(server.people().slice(0, 2), "email", max_credits=8)
        matches = lantern.match(table, table, ["name:eq"], left_id="id", right_id="id")
        made = {
            "Client": client,
            "AsyncClient": awaited,
            "LocalServer": server,
            "Job": job,
            "AsyncJob": asyncio.run(lantern.AsyncJob.load(job.key, client=client)),
            "Matches": matches,
            "Duplicates": lantern.dedupe(table, ["name:eq"], id="id"),
            "Model": lantern.learn(table, table),
            "Evaluation": lantern.evaluate(matches, [("1", "1")]),
            "Progress": job.progress(),
            "Summary": job.summary(),
        }
        for name in ("agents", "budgets", "credits", "enrich", "forms", "logs", "routing",
                     "salesforce", "suppress", "triggers", "workflows"):  # fmt: skip
            for owner in (client, awaited):
                own = getattr(owner, name)
                made[type(own).__name__] = own
        made["lantern"] = lantern
        yield made


def called(instances: dict[str, Any], owner: str, name: str) -> Callable[..., Any] | None:
    if name == "__init__":
        return getattr(lantern, owner, None)
    of = instances.get(owner) or getattr(lantern, owner, None)
    return getattr(of, name, None)


@pytest.mark.parametrize(("owner", "function", "argument"), list(cases()))
def test_a_wrong_argument_is_named(
    owner: str,
    function: ast.FunctionDef,
    argument: ast.arg,
    instances: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    call = called(instances, owner, function.name)
    if call is None:
        pytest.fail(f"the test has no {owner}")
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    first_default = len(positional) - len(given.defaults)
    required = [one for one in positional[:first_default] if one.arg not in ("self", "cls")]
    required += [
        one for one, usual in zip(given.kwonlyargs, given.kw_defaults, strict=True) if not usual
    ]
    names = {one.arg for one in given.posonlyargs}
    usual = {one.arg: good(one.annotation, one.arg) for one in required}
    usual |= {"matches": instances["Matches"]} if "matches" in usual else {}
    for kind, value in WRONG.items():
        if kind in permitted(argument.annotation):
            continue
        arguments = usual | {argument.arg: value}
        before = [arguments.pop(name) for name in list(arguments) if name in names]
        with pytest.raises((TypeError, exceptions.LanternError)) as caught:  # noqa: PT012
            made = call(*before, **arguments)
            if inspect.isawaitable(made):
                asyncio.run(as_coroutine(made))
        said = str(caught.value)
        assert argument.arg in said, f"{kind}: {said}"
        assert not FOREIGN.search(said), f"{kind}: {said}"
        # Of a list or a dictionary, what is in it may be what is wrong.
        came = [CALLED.get(kind) or type(value).__name__, repr(value)]
        came += ["object"] if kind in ("list", "dict") else []
        assert any(word in said for word in came), f"{kind}: {said}"


async def as_coroutine(made: Any) -> Any:
    return await made
