"""The server does what its OpenAPI document says, whatever it is sent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import lantern


def test_no_call_breaks_the_server_or_its_document(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("st")), "run"]
    with lantern.LocalServer(limits="off", size=300) as server:
        done = subprocess.run(
            [
                *command,
                f"{server.url}/openapi.json",
                "--header",
                f"Authorization: Bearer {server.key}",
                "--phases=examples,coverage,fuzzing",
                "--max-examples=10",
                "--seed=7",
                "--suppress-health-check=all",
                "--continue-on-failure",
                # The rules of a match are more than a schema can say.
                "--exclude-checks=positive_data_acceptance",
                "--no-color",
            ],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=280,
        )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "27 selected / 27 total" in done.stdout
