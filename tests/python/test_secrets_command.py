"""Whatever the command prints, stores or logs holds no secret that it was given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import lantern

COMMAND = str(Path(sys.executable).parent / "lantern")
PEOPLE = [
    {"id": "P0000001", "name": "Sentinel Ada", "email": "sentinel@example.com"},
    {"id": "P0000002", "name": "Sentinel Bob", "email": "sentinel@example.org"},
]


@pytest.fixture
def surroundings(lantern_environment: lantern.LocalServer, tmp_path: Path) -> dict[str, str]:
    """Secrets in every variable that the command reads, beside those that work."""
    return {
        **os.environ,
        "LANTERN_API_KEY": "sentinel-key",
        "LANTERN_BASE_URL": lantern_environment.url,
        "LANTERN_LEDGER": str(tmp_path / "ledger.sqlite"),
        "AWS_SECRET_ACCESS_KEY": "sentinel-secret",
        "AWS_SESSION_TOKEN": "sentinel-token",
        "HTTPS_PROXY": "http://me:sentinel-proxy@127.0.0.1:9",
        "LANTERN_RATE": "off",
    }


def said(surroundings: dict[str, str], *arguments: object) -> str:
    command = [COMMAND, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=120)
    return done.stdout + done.stderr


LEDGERS = [
    "postgresql://me:sentinel-password@127.0.0.1:9/ledger",
    "postgresql://me:sentinel/pass?word@127.0.0.1:9/ledger",
    "postgresql://127.0.0.1:9/ledger?user=me&password=sentinel-password",
]


def test_no_command_shows_a_secret(surroundings: dict[str, str], tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("id,name\nP0000001,Ada\n")
    submit = ["submit", people, "--kind", "email", "--max-credits", 5]
    secret = ["--storage-option", "aws_secret_access_key=sentinel-option"]
    commands: list[list[object]] = [
        ["--help"],
        ["submit", "--help"],
        ["credits"],
        ["--json", "credits"],
        ["-vv", "credits"],
        ["-vv", *submit],
        ["-vv", *submit, *secret],
        [*submit, "--storage-option", "aws_secret_acess_key=sentinel-misspelt"],
        [*submit, "--storage-option", "sentinel-without-a-name"],
        ["-vv", "jobs"],
        ["--json", "-vv", "jobs"],
        ["-vv", "--base-url", "https://127.0.0.1:9", "credits"],  # by the proxy
        ["--base-url", "https://me:sentinel-user@127.0.0.1:9", "credits"],
    ]
    for command in commands:
        shown = said(surroundings, *command)
        assert shown
        assert "sentinel" not in shown, (command, shown)
    for ledger in LEDGERS:
        for command in (["--help"], ["jobs"], ["-vv", "jobs"], ["--json", "jobs"], submit):
            shown = said({**surroundings, "LANTERN_LEDGER": ledger}, *command)
            assert shown
            assert "sentinel" not in shown, (ledger, command, shown)
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != people]
    assert written
    for path in written:
        assert b"sentinel" not in path.read_bytes(), path


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(PEOPLE),
        "\n".join(json.dumps(row) for row in PEOPLE),
        "\ufeff" + json.dumps({"people": PEOPLE}, indent=2),
        "<people><person name='Sentinel Ada'/></people>",
        "- name: Sentinel Ada\n  email: sentinel@example.com\n",
        "BEGIN:VCARD\nFN:Sentinel Ada\nEND:VCARD\n",
        "Sentinel Ada;sentinel@example.com\nSentinel Bob;sentinel@example.org\n",
        "Sentinel Ada,sentinel@example.com,+44 20 7946 0958\n",
        "To: Sentinel Ada <sentinel@example.com>\nDear Ada, this is a letter and not a table.\n",
    ],
    ids=["json", "lines", "object", "xml", "yaml", "vcard", "semicolons", "no-header", "letter"],
)
@pytest.mark.parametrize("name", ["people.csv", "people.json"])
def test_a_file_in_the_wrong_format_is_not_quoted(
    surroundings: dict[str, str], tmp_path: Path, content: str, name: str
) -> None:
    file = tmp_path / name
    file.write_text(content)
    for options in (["-vv"], ["--json"]):
        shown = said(surroundings, *options, "submit", file, "--kind", "email", "--max-credits", 5)
        assert name in shown
        assert "sentinel" not in shown.lower(), shown
