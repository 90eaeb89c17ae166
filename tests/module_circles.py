"""Find circles between the modules of a Rust crate: files or folders of which each uses another.

A circle is a sign that a type or a function is in the wrong place. A module and the modules inside
it belong together, so paths between them do not count. A path between two folders counts for the
folders. Only paths are read, not types: a method that is called without naming its module is not
seen.

Run as `python tests/module_circles.py`; it reads the sources and needs no build.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CRATES = [ROOT / "src", *sorted(ROOT.glob("crates/*/src"))]

# A module by the names on its path; the crate itself is empty.
Module = tuple[str, ...]

_NOT_CODE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|r(\#*)".*?"\1|"(?:\\.|[^"\\])*"|'(?:\\.[^']*|[^'\\])'""", re.DOTALL
)
_TEST = re.compile(r"#\[cfg\((?:test|all\(test)[^\]]*\]")
_USE = re.compile(r"\b(pub(?:\s*\([^)]*\))?\s+)?use\s+([^;]+);")
_PATH = re.compile(r"(?<![\w:])(\w+)(?:\s*::\s*\w+)+")
_DEFINITION = r"\b(?:fn|struct|enum|trait|type|const|static|mod|macro_rules!)\s+{}\b"


def code(text: str) -> str:
    """Return a source without comments, strings and tests."""
    text = _NOT_CODE.sub(lambda found: '""' if '"' in found[0] else "", text)
    while test := _TEST.search(text):
        text = text[: test.start()] + text[_end_of_item(text, test.end()) :]
    return text


def _end_of_item(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        if text[at] in "{(":
            depth += 1
        elif text[at] in "})":
            depth -= 1
        if depth == 0 and text[at] in ";}":
            return at + 1
    return len(text)


def paths_of_use(tree: str) -> Iterator[tuple[list[str], str]]:
    """Yield each path of what stands after `use`, and the name that it gets."""
    tree = tree.strip()
    if group := re.fullmatch(r"((?:\w+\s*::\s*)*)\{(.*)\}", tree, re.DOTALL):
        before = re.findall(r"\w+", group[1])
        part, depth = "", 0
        for letter in group[2] + ",":
            depth += {"{": 1, "}": -1}.get(letter, 0)
            if letter == "," and depth == 0:
                if part.strip():
                    for path, name in paths_of_use(part):
                        yield before + path, name or before[-1]
                part = ""
            else:
                part += letter
        return
    tree, _, name = tree.partition(" as ")
    path = [part.strip() for part in tree.split("::") if part.strip()]
    if path == ["self"]:
        # The group's own name, which the caller knows.
        path = []
    yield path, name.strip() or "".join(path[-1:])


class Crate:
    """The modules of a crate, and which other modules each one uses."""

    def __init__(self, sources: dict[Module, str]) -> None:
        self._sources = {module: code(text) for module, text in sources.items()}
        self._names: dict[Module, dict[str, Module]] = {module: {} for module in sources}
        self._globs: dict[Module, list[Module]] = {module: [] for module in sources}
        self._used: dict[Module, list[Module]] = {module: [] for module in sources}
        for module, text in self._sources.items():
            for public, tree in _USE.findall(text):
                for path, name in paths_of_use(tree):
                    self._add_use(module, path, name, bool(public))
        for module, text in self._sources.items():
            for found in _PATH.finditer(_USE.sub("", text)):
                path = [part.strip() for part in found[0].split("::")]
                if named := self._absolute(module, path):
                    self._used[module].append(named)

    @classmethod
    def read(cls, folder: Path) -> Crate:
        """Read the modules of a crate from its folder of sources."""
        sources: dict[Module, str] = {}
        for file in sorted(folder.rglob("*.rs")):
            module = file.relative_to(folder).with_suffix("").parts
            # Tests may use all that they test.
            if module[-1] == "tests" or module == ("main",):
                continue
            if module[-1] == "mod" or module == ("lib",):
                module = module[:-1]
            sources[module] = file.read_text()
        return cls(sources)

    def _add_use(self, module: Module, path: list[str], name: str, public: bool) -> None:
        named = self._absolute(module, path)
        if named is None:
            return
        if name == "*":
            self._globs[module].append(named[:-1])
        else:
            self._names[module][name] = named
        # A module that only hands on what is inside it does not use it.
        if not (public and named[: len(module)] == module):
            self._used[module].append(named)

    def _absolute(self, module: Module, path: list[str]) -> Module | None:
        """Return a path from the root of the crate, or None for one into another crate."""
        first, rest = path[0], tuple(path[1:])
        if first == "crate":
            return rest
        if first in ("self", "super"):
            around = module if first == "self" else module[:-1]
            while rest[:1] == ("super",):
                around, rest = around[:-1], rest[1:]
            return around + rest
        if first in self._names[module]:
            return self._names[module][first] + rest
        for around in (module, *self._globs[module]):
            if (*around, first) in self._sources:
                return (*around, *path)
        return None

    def _home(self, path: Module, seen: frozenset[Module] = frozenset()) -> Module:
        """Return the module that defines what a path names, behind all that hand it on."""
        depth = max(depth for depth in range(len(path) + 1) if path[:depth] in self._sources)
        module, rest = path[:depth], path[depth:]
        if not rest or path in seen:
            return module
        if target := self._names[module].get(rest[0]):
            return self._home(target + rest[1:], seen | {path})
        definition = re.compile(_DEFINITION.format(re.escape(rest[0])))
        for glob in self._globs[module]:
            if definition.search(self._sources.get(glob, "")):
                return glob
        return module

    def uses(self) -> dict[Module, set[Module]]:
        """Return the modules that each module uses, apart from those around it and inside it."""
        return {
            module: {
                home
                for home in map(self._home, used)
                if home != module[: len(home)] and module != home[: len(module)]
            }
            for module, used in self._used.items()
        }

    def neighbours(self) -> dict[Module, set[Module]]:
        """Return which files and folders use which others of the same folder."""
        uses: dict[Module, set[Module]] = {}
        for module, others in self.uses().items():
            for other in others:
                parted = next(at for at, name in enumerate(module) if name != other[at])
                one, other = module[: parted + 1], other[: parted + 1]
                uses.setdefault(one, set()).add(other)
                uses.setdefault(other, set())
        return uses

    def circles(self) -> list[list[str]]:
        """Return the groups of neighbours of which each reaches all others of the group."""
        uses = self.neighbours()
        reached = {module: _reached(uses, module) for module in uses}
        groups = {
            frozenset(other for other in reached[module] if module in reached[other])
            for module in uses
        }
        return sorted(sorted("::".join(module) for module in group) for group in groups if group)


def _reached(uses: dict[Module, set[Module]], module: Module) -> set[Module]:
    found: set[Module] = set()
    ahead = list(uses[module])
    while ahead:
        other = ahead.pop()
        if other not in found:
            found.add(other)
            ahead.extend(uses[other])
    return found


def main() -> int:
    """Print the circles of each crate."""
    for folder in CRATES:
        crate = Crate.read(folder)
        uses = {"::".join(module): used for module, used in crate.neighbours().items()}
        for circle in crate.circles():
            print(f"{folder.relative_to(ROOT)}: a circle of {len(circle)}")
            for module in circle:
                others = {"::".join(other) for other in uses[module]} & set(circle)
                print(f"  {module} uses {', '.join(sorted(others))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
