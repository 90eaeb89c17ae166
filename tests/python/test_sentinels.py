"""The plugin that looks for planted secrets finds them wherever a test may leave one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Put together here, so that this file and its children's output do not count.
SECRET = "senti" + "nel-key-1"

PLACES = {
    "standard output": "print(SECRET)",
    "standard error": "import sys; print(SECRET, file=sys.stderr)",
    "a log": "import logging; logging.getLogger('lantern').warning(SECRET)",
    "a file": "(tmp_path / 'ledger').write_text(SECRET)",
    "a file in a folder": "(tmp_path / 'a').mkdir(); (tmp_path / 'a/b').write_text(SECRET)",
    "a file in UTF-16": "(tmp_path / 'l').write_text(SECRET, encoding='utf-16-le')",
    "a process": "import subprocess; subprocess.run(['echo', SECRET])",
    "a log for debugging": "import logging; logging.getLogger('lantern.client').debug(SECRET)",
    "an error": "from lantern.exceptions import ConfigError; ConfigError(SECRET)",
    "an attribute of an error": (
        "from lantern.exceptions import ConfigError; ConfigError('', body={'said': SECRET})"
    ),
    "a folder of no test": "(tmp_path_factory.mktemp('all') / 'a').write_text(SECRET)",
    "the key of a server": (
        "import lantern\n    with lantern.LocalServer() as server:\n        print(server.key)"
    ),
}


def run(
    folder: Path, body: str, mark: str = "", processes: int = 0
) -> subprocess.CompletedProcess[str]:
    test = folder / "test_of_one.py"
    test.write_text(
        f"import pytest\nSECRET = 'senti' + 'nel-key-1'\n{mark}\n"
        f"def test_one(tmp_path, tmp_path_factory):\n    {body}\n"
    )
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "sentinels", "-p", "no:cacheprovider"]
    command += [f"-n{processes}"] if processes else []
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    for name in [name for name in environment if name.startswith("PYTEST")]:
        del environment[name]
    return subprocess.run(
        [*command, str(test)], capture_output=True, text=True, cwd=folder, env=environment
    )


@pytest.mark.parametrize("place", PLACES)
def test_a_run_that_shows_a_planted_secret_fails(place: str, tmp_path: Path) -> None:
    done = run(tmp_path, PLACES[place])
    assert done.returncode == 1, done.stdout
    assert "secret" in done.stdout


def test_a_run_in_several_processes_that_leaves_a_secret_fails(tmp_path: Path) -> None:
    done = run(tmp_path, PLACES["a folder of no test"], processes=1)
    assert done.returncode == 1, done.stdout
    assert "secret" in done.stdout


def test_a_run_that_shows_none_passes(tmp_path: Path) -> None:
    assert run(tmp_path, "print('sentinel')").returncode == 0
    planting = "(tmp_path / 'credentials').write_text(SECRET)"
    mark = "@pytest.mark.plants('credentials')"
    assert run(tmp_path, planting, mark).returncode == 0
