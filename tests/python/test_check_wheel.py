"""The check of a wheel before it is published finds what is missing."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import check_wheel
import pytest

LICENCE = "lantern-1.0.dist-info/licenses/LICENSE"
CRATES = "lantern-1.0.dist-info/sboms/lantern-python.cyclonedx.json"


def wheel(folder: Path, *crates: str, licence: bool = True) -> Path:
    path = folder / "lantern-1.0-cp311-abi3-linux_x86_64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        if licence:
            archive.writestr(LICENCE, "Apache-2.0")
        if crates:
            listed = [{"name": name} for name in crates]
            listing = {"metadata": {"component": listed[0]}, "components": listed[1:]}
            archive.writestr(CRATES, json.dumps(listing))
    return path


def test_a_complete_wheel_has_no_fault(tmp_path: Path) -> None:
    assert check_wheel.faults(wheel(tmp_path, "lantern", "tokio")) == []


@pytest.mark.parametrize("crates", [(), ("lantern",), ("tokio",)])
def test_a_list_of_crates_that_is_missing_or_partial_is_found(
    crates: tuple[str, ...], tmp_path: Path
) -> None:
    [fault] = check_wheel.faults(wheel(tmp_path, *crates))
    assert f"lists {len(crates)} crates" in fault


def test_a_missing_licence_and_a_large_wheel_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_wheel, "LIMIT", 100)
    size, licence = check_wheel.faults(wheel(tmp_path, "lantern", "tokio", licence=False))
    assert "100 are the limit" in size
    assert "no LICENSE" in licence


def test_a_folder_without_a_wheel_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["check_wheel.py", str(tmp_path)])
    assert check_wheel.main() == 1
    assert "no wheel" in capsys.readouterr().err
