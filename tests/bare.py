"""Runs the tests in tests/bare where no data frame library is installed.

python tests/bare.py

It makes an environment with arro3-core alone and uses the extension that is built.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NEEDED = ["arro3-core>=0.6", "pytest", "pytest-timeout"]


def main() -> int:
    """Makes the environment and runs the tests in it."""
    place = ROOT / ".venv-bare"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    install = [str(python), "-m", "pip", "install", "-q", "--only-binary", ":all:", *NEEDED]
    subprocess.run(install, check=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "python")}
    # Without an installed package pytest does not find the plugin by itself.
    options = ["-p", "lantern.pytest_plugin", "-c", "tests/bare/pytest.ini"]
    tests = [str(python), "-m", "pytest", "-q", *options, "--rootdir", "tests/bare", "tests/bare"]
    print("== no data frame library", flush=True)
    return subprocess.run(tests, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
