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
