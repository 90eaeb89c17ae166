"""Runs what touches foreign memory under valgrind, and counts the errors that are ours.

    python tests/sanitize.py [--only rust|python]

In Rust these are the tests of `lantern-arrow` (the C data interface) and of the kernels; in Python
the tests that hand Arrow memory in, and those of the Polars plugin. Interpreters and other
libraries have errors of their own, so an error counts if one of our functions is on its stack.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Property tests take fifty times as long here; a few cases touch the same code.
FEW = {"PROPTEST_CASES": "4", "PYTHONMALLOC": "malloc", "RAYON_NUM_THREADS": "2"}
RUST = {
    "lantern-arrow": [[]],
    "lantern-matching": [["similarity::", "--skip", "megabytes", "--skip", "many_rows"]],
}
PYTHON = [
    "tests/python/test_arrow_memory.py",
    "tests/python/test_arrow_capsules.py",
    "tests/python/matching/test_expressions.py",
]
OURS = ("_lantern", "lantern_")


def valgrind(command: list[str], folder: Path) -> tuple[int, list[str]]:
    """Runs a command; returns its status and the errors with our functions on their stacks."""
    report = folder / "report.%p.xml"
    tool = [
        "valgrind",
        "--quiet",
        "--xml=yes",
        f"--xml-file={report}",
        "--child-silent-after-fork=yes",
        "--num-callers=40",
    ]
    done = subprocess.run([*tool, *command], cwd=ROOT, env={**os.environ, **FEW}, check=False)
    errors = []
    for path in folder.glob("report.*.xml"):
        try:
            root = ET.parse(path).getroot()
        except ET.ParseError:
            errors.append(f"{path.name} is torn: the program was killed")
            continue
        for error in root.iter("error"):
            frames = [
                f"{frame.findtext('fn', '?')} ({Path(frame.findtext('obj', '?')).name})"
                for frame in error.iter("frame")
            ]
            # A leak is no wrong access; the interpreter leaks at its end.
            if "Leak" in error.findtext("kind", "") or not any(
                own in frame for frame in frames for own in OURS
            ):
                continue
            errors.append("\n    ".join([error.findtext("kind", "?"), *frames[:12]]))
        path.unlink()
    return done.returncode, errors


def test_programs(package: str) -> list[str]:
    """The programs with the tests of a crate, built."""
    command = ["cargo", "test", "--no-run", "--message-format=json", "-p", package]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    messages = map(json.loads, built.stdout.splitlines())
    return [
        message["executable"]
        for message in messages
        if message.get("profile", {}).get("test") and message.get("executable")
    ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=["rust", "python"])
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        print("valgrind is missing: apt-get install valgrind", file=sys.stderr)
        return 1
    commands: list[list[str]] = []
    if options.only != "python":
        for package, filters in RUST.items():
            programs = test_programs(package)
            commands += [[program, *own] for program in programs for own in filters]
    if options.only != "rust":
        pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        slow = ["-o", "timeout=3000", "-W", "ignore"]
        commands.append([sys.executable, *pytest, *slow, *PYTHON])
    wrong = 0
    for command in commands:
        print("==", Path(command[0]).name, *command[1:], flush=True)
        with tempfile.TemporaryDirectory() as folder:
            status, errors = valgrind(command, Path(folder))
        for error in errors:
            print(error)
        print(f"== {len(errors)} errors, status {status}", flush=True)
        wrong += len(errors) + (status != 0)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
