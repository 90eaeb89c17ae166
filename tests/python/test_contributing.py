"""CONTRIBUTING.md names exactly the files that allow `unsafe`, and every crate denies it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ["src", "crates", "tests/rust", "benches", "fuzz"]


def files(pattern: str) -> list[Path]:
    """The files of the workspace, without what a build left in a folder of its own."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob(pattern)]
    return [path for path in found if "target" not in path.relative_to(ROOT).parts]


def test_the_files_that_allow_unsafe_are_listed() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    section = page.partition("`unsafe` is denied")[2].partition("\n## ")[0]
    listed = re.findall(r"`([\w/-]+\.rs)`", section)
    allowing = re.compile(r"allow\([^)]*\bunsafe_code\b")
    allowed = {
        str(path.relative_to(ROOT)) for path in files("*.rs") if allowing.search(path.read_text())
    }
    assert sorted(listed) == sorted(allowed)


def test_every_crate_denies_unsafe() -> None:
    """The lints of the workspace hold only for the crates that ask for them."""
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())
    assert workspace["workspace"]["lints"]["rust"]["unsafe_code"] == "deny"
    manifests = [ROOT / "Cargo.toml", *files("Cargo.toml")]
    assert len(manifests) > 5
    for manifest in manifests:
        lints = tomllib.loads(manifest.read_text()).get("lints", {})
        inherits = lints.get("workspace") is True
        denies = lints.get("rust", {}).get("unsafe_code") == "deny"
        assert inherits or denies, manifest.relative_to(ROOT)


def test_every_crate_and_every_folder_of_the_core_has_its_place() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    section = page.partition("## Where things are")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([\w/-]+)`", section.partition("Dependencies go one way")[0]))
    folders = [path for parent in ("src", "crates") for path in (ROOT / parent).iterdir()]
    here = {str(path.relative_to(ROOT)) for path in folders if path.is_dir()}
    assert len(here) > 10
    assert here <= named


def test_crates_use_only_those_further_to_the_right() -> None:
    """The arrows between crates, as the page draws them."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    section = page.partition("Dependencies go one way")[2].partition("\n\n## ")[0]
    chain = re.search(r"between crates: (.*?),\n", section, re.DOTALL)
    assert chain, section
    order = re.findall(r"`([\w-]+)`", chain[1])
    assert len(order) > 4
    beside = {"lantern-python-macros", "lantern-arrow"}
    for place, crate in enumerate(order):
        folder = ROOT if crate == "lantern" else ROOT / "crates" / crate
        manifest = tomllib.loads((folder / "Cargo.toml").read_text())
        used = {name for name in manifest["dependencies"] if name.startswith("lantern")}
        assert used - beside <= set(order[place + 1 :]), crate


def test_folders_of_the_core_use_only_those_further_to_the_right() -> None:
    """The arrows inside the core, as the page draws them."""
    page = (ROOT / "CONTRIBUTING.md").read_text()
    drawn = page.partition("* inside `lantern`: ")[2].partition(";")[0]
    groups = [set(re.findall(r"`(\w+)`", group)) for group in drawn.split("→")]
    assert len(groups) > 4
    rank = {folder: place for place, group in enumerate(groups) for folder in group}
    assert set(rank) == {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
    used = set()
    for folder in rank:
        for path in (ROOT / "src" / folder).rglob("*.rs"):
            # Tests within a file may use everything.
            code = path.read_text().partition("#[cfg(test)]")[0]
            code = re.sub(r"//.*", "", code)
            for names in re.findall(r"\bcrate::(\w+|\{[^;]*)", code):
                # Of `crate::{api::{Call, Effect}, error::Error}`: api and error.
                while "{" in names.removeprefix("{"):
                    names = "{" + re.sub(r"\{[^{}]*\}", "", names.removeprefix("{"))
                tops = {name.partition("::")[0] for name in re.split(r"[{},\s]+", names)}
                used |= {(folder, top) for top in tops & set(rank)}
    assert ("jobs", "ledger") in used
    assert ("ledger", "client") in used
    wrong = {(one, other) for one, other in used if one != other and rank[one] >= rank[other]}
    assert not wrong
