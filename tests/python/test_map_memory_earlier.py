"""What mapped calls of earlier versions were answered is known as well."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from email_api import EmailApi, client_of, emails, people
from other_api import OtherApi, other_api


@pytest.fixture
def api() -> Iterator[tuple[EmailApi, OtherApi]]:
    answer = EmailApi()
    with other_api(answer) as server:
        yield answer, server


# Leaves of a ledger what a version kept that remembered no calls.
FORGET = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as ledger:
    ledger.execute("UPDATE lantern_jobs SET question = NULL, row_ids = x'', reuse = '', as_of = 0")
    ledger.execute("UPDATE lantern_units SET remembered = 0")
    for name in ("unit_ids", "asked", "layers", "buckets", "questions"):
        ledger.execute(f"DELETE FROM lantern_{name}")
"""


def make_earlier(ledger: Path) -> None:
    # In a process of its own: two SQLite libraries in one end each other's locks.
    subprocess.run([sys.executable, "-c", FORGET, ledger], check=True)


def test_calls_of_earlier_versions_are_known(
    api: tuple[EmailApi, OtherApi], tmp_path: Path
) -> None:
    answer, server = api
    ledger = tmp_path / "l.sqlite"
    client = client_of(server, str(ledger))
    old = emails(client, people(["A", "B", "Nobody"]), key="old")
    answer.refusals = 1
    emails(client, people(["C"]), key="failed")
    assert len(server.posts()) == 4
    make_earlier(ledger)
    again = emails(client_of(server, str(ledger)), people(["D", "Nobody", "C", "B"], 5), key="new")
    assert again["reused"].to_list() == [False, True, False, True]
    assert again["email"].to_list() == ["D@x.example", None, "C@x.example", "B@x.example"]
    assert len(server.posts()) == 6
    # The old job is what it was, and the same job again is resumed.
    assert client.job("old").table().to_polars().equals(old)
    assert emails(client, people(["A", "B", "Nobody"]), key="old").equals(old)
    assert len(server.posts()) == 6


def test_candidates_of_earlier_versions_are_known(
    api: tuple[EmailApi, OtherApi], tmp_path: Path
) -> None:
    _, server = api
    ledger = tmp_path / "l.sqlite"

    def match(addresses: list[str], key: str) -> pl.DataFrame:
        return (
            client_of(server, str(ledger))
            .map(
                pl.DataFrame({"email": addresses}),
                "match",
                columns={"email": "email"},
                arguments={"object": "lead", "rules": ["email:exact"]},
                max_credits=100,
                key=key,
            )
            .to_polars()
        )

    match(["a", "b", "c"], "old")
    make_earlier(ledger)
    done = match(["c", "d", "a"], "new")
    assert [len(body["candidates"]) for body in server.posts()] == [3, 1]
    assert done["sf_id"].to_list() == ["of c", "of d", "of a"]
