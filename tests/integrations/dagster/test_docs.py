"""What docs/dagster.md shows is run, and prints what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "dagster.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_example_prints_what_is_shown(tmp_path: Path) -> None:
    blocks = [match.groups() for match in FENCE.finditer(PAGE.read_text())]
    (code,) = (text for kind, text in blocks if kind == "python")
    (shown,) = (text for kind, text in blocks if kind == "text")
    script = tmp_path / "example.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == shown
