"""Runs the tests of the expressions on another Polars than that of the other tests.

python tests/other_polars.py oldest | newest | 1.30.0

It makes an environment for that version and uses the extension that is built.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLDEST = "1.20.0"  # as lantern/polars.py promises
TESTS = ["tests/python/matching/test_expressions.py", "tests/python/matching/test_import_order.py"]


def main() -> int:
    """Makes the environment and runs the tests in it."""
    version = {"oldest": OLDEST}.get(sys.argv[1], sys.argv[1])
    polars = "polars" if version == "newest" else f"polars=={version}"
    place = ROOT / f".venv-polars-{version}"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    needed = [polars, "arro3-core", "pytest", "pytest-asyncio", "pytest-timeout"]
    install = [str(python), "-m", "pip", "install", "-q", "--upgrade", "--only-binary", ":all:"]
    subprocess.run([*install, *needed], check=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "python")}
    tests = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
    print(f"== expressions on the {sys.argv[1]} Polars: {polars}", flush=True)
    return subprocess.run(tests, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
