"""The modules of a crate do not use each other in circles."""

from __future__ import annotations

import re
from pathlib import Path

import module_circles
import pytest
from module_circles import Crate

# What these crates still have. The store of the ledger writes what the memory of records keeps,
# and the memory asks the store; a job may consist of mapped calls, which are jobs; and the options
# of matching contain a learned model.
KNOWN = {
    "src": [
        {
            "jobs::combined_results",
            "jobs::job",
            "jobs::known_answers",
            "jobs::map",
            "jobs::memory",
            "jobs::suppression",
        },
        {"ledger::job", "ledger::memory", "ledger::store"},
    ],
    "crates/lantern-matching/src": [{"linkage", "options"}],
}


@pytest.mark.parametrize("folder", module_circles.CRATES, ids=lambda folder: folder.parent.name)
def test_modules_do_not_use_each_other_in_circles(folder: Path) -> None:
    known = KNOWN.get(str(folder.relative_to(module_circles.ROOT)), [])
    circles = Crate.read(folder).circles()
    assert [circle for circle in circles if not any(set(circle) <= one for one in known)] == []


def test_folders_of_the_core_depend_on_each_other_as_contributing_says() -> None:
    """CONTRIBUTING has the folders in one line, and each may use those further to the right."""
    page = (module_circles.ROOT / "CONTRIBUTING.md").read_text()
    line = page.partition("* inside `lantern`: ")[2].partition(";")[0]
    steps = [re.findall(r"`(\w+)`", step) for step in line.split("→")]
    rank = {folder: at for at, step in enumerate(steps) for folder in step}
    uses = Crate.read(module_circles.ROOT / "src").uses()
    assert {module[0] for module in uses if module} == set(rank)
    against = {
        f"{'::'.join(module)} uses {'::'.join(other)}"
        for module, others in uses.items()
        for other in others
        if module and other and module[0] != other[0] and rank[module[0]] >= rank[other[0]]
    }
    assert against == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("use super::b::{B, more::Other};", "fn f(a: &crate::a::A) {}"),
        ("use crate::B;", "use super::{a::{self, A}};"),
        ("use super::*; fn f() -> b::B {}", "use crate::inner::A as Given;"),
        ("use crate::{b as other}; const C: u8 = other::D;", "mod x { use crate::a::A; }"),
    ],
)
def test_a_circle_is_found(one: str, other: str) -> None:
    root = "mod a; mod b; mod inner { pub use crate::a::A; } pub use b::B; pub use a::A;"
    inner = "pub use crate::a::A;"
    crate = Crate({(): root, ("a",): one, ("b",): other, ("inner",): inner})
    assert ["a", "b"] in crate.circles()


def test_a_circle_between_folders_is_found() -> None:
    deep = "use super::super::a::{self, A};"
    crate = Crate({(): "", ("a",): "use crate::c::d::D;", ("c",): "mod d;", ("c", "d"): deep})
    assert crate.circles() == [["a", "c"]]


@pytest.mark.parametrize(
    "other",
    [
        "",
        "// use crate::a::A;",
        'const TEXT: &str = "crate::a::A";',
        "#[cfg(test)]\nmod tests { use crate::a::A; }",
        "use std::a::A;",
        "pub(super) fn f() {}",
    ],
)
def test_comments_texts_and_tests_are_not_uses(other: str) -> None:
    crate = Crate({(): "mod a; mod b;", ("a",): "use super::b::f;", ("b",): other})
    assert crate.circles() == []


def test_a_module_and_those_inside_it_are_no_circle() -> None:
    inside = "use super::Shared; use crate::a::Shared as Same;"
    crate = Crate({(): "mod a;", ("a",): "mod b; use b::f;", ("a", "b"): inside})
    assert crate.circles() == []
