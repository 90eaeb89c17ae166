"""No key changes without a new version, and the documentation says what each version changed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from lantern import normalize

sys.path.insert(0, str(Path(__file__).parent))
from make_normalizer_keys import changed, recorded

DOCUMENTED = (Path(__file__).parents[3] / "docs" / "versioning.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(normalize.versions()))
def test_a_key_changes_only_with_its_version(name: str) -> None:
    record = recorded()[name]
    assert record["version"] == normalize.versions()[name], "run make_normalizer_keys.py"
    assert changed(name, record) == {}, f"raise the version of {name}"


def test_the_documentation_says_what_each_version_changed() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \| (\d+) \| [^|]+ \|$", DOCUMENTED, re.MULTILINE)
    documented: dict[str, int] = {}
    for names, version in rows:
        for name in re.findall(r"`(\w+)`", names):
            documented[name] = max(documented.get(name, 1), int(version))
    assert {name: documented.get(name, 1) for name in normalize.versions()} == normalize.versions()
