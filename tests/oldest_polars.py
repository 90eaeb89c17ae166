"""Runs the tests of the expressions on the oldest Polars that is supported.

python tests/oldest_polars.py [1.20.0]

It makes `.venv-oldest` for it and uses the extension that is built.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ["tests/python/matching/test_expressions.py", "tests/python/matching/test_import_order.py"]


def main() -> int:
    version = sys.argv[1] if len(sys.argv) > 1 else "1.20.0"
    place = ROOT / ".venv-oldest"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    needed = [f"polars=={version}", "arro3-core", "pytest", "pytest-asyncio", "pytest-timeout"]
    install = [str(python), "-m", "pip", "install", "-q", "--only-binary", ":all:", *needed]
    subprocess.run(install, check=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "python")}
    tests = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    print(f"== expressions on Polars {version}", flush=True)
    return subprocess.run(tests, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
