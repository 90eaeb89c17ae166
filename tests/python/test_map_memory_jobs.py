"""Jobs that ask about the same rows at the same time, or after one of them was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import lantern
from email_api import PERSON, EmailApi, client_of, emails, people
from lantern.exceptions import OutcomeUnknown
from other_api import OtherApi, other_api


@pytest.fixture
def api() -> Iterator[tuple[EmailApi, OtherApi]]:
    answer = EmailApi()
    with other_api(answer) as server:
        yield answer, server


def test_rows_that_another_job_asks_are_waited_for_and_not_bought_twice(
    api: tuple[EmailApi, OtherApi], ledger: str
) -> None:
    answer, server = api
    client = client_of(server, ledger)
    answer.wait.clear()
    tables: dict[str, pl.DataFrame] = {}

    def go(key: str, names: list[str]) -> threading.Thread:
        def work() -> None:
            tables[key] = emails(client_of(server, ledger), people(names), key=key)

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    first = go("first", ["A", "B", "C"])
    while len(server.posts()) < 3:
        assert first.is_alive()
    second = go("second", ["B", "C", "D"])
    while len(server.posts()) < 4:
        assert second.is_alive()
    plan: Any = client.map(
        people(["A", "D", "E"]), "enrich.email", columns=PERSON, max_credits=9, dry_run=True
    )
    assert (plan["in_flight_rows"], plan["new_rows"], plan["known_rows"]) == (2, 1, 0)
    answer.wait.set()
    first.join(60)
    second.join(60)
    assert len(server.posts()) == 4, "only D was new"
    assert tables["second"]["reused"].to_list() == [True, True, False]
    assert tables["second"]["email"].to_list() == ["B@x.example", "C@x.example", "D@x.example"]


def test_rows_that_fail_in_another_job_are_asked_by_the_one_that_waits(
    api: tuple[EmailApi, OtherApi], tmp_path: Path
) -> None:
    answer, server = api
    ledger = str(tmp_path / "l.sqlite")
    answer.wait.clear()
    done: dict[str, pl.DataFrame] = {}

    def go(key: str) -> threading.Thread:
        def work() -> None:
            done[key] = emails(client_of(server, ledger), people(["A"]), key=key)

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    answer.refusals = 1
    first = go("first")
    while not server.posts():
        assert first.is_alive()
    second = go("second")
    while lantern.jobs(ledger=ledger).num_rows < 2:
        assert second.is_alive()
    answer.wait.set()
    first.join(60)
    second.join(60)
    assert {key: table["status"].to_list() for key, table in done.items()} == {
        "first": ["failed"],
        "second": ["done"],
    }
    assert len(server.posts()) == 2


KILLED = """
import lantern, polars as pl, sys
client = lantern.Client("key", {url!r}, ledger={ledger!r}, limits={{"sync": None}})
table = pl.DataFrame({rows!r})
client.map(table, "enrich.email", columns={columns!r}, max_credits=9, key="killed")
"""


def test_a_row_that_was_sent_before_the_kill_is_in_doubt_for_every_job(
    api: tuple[EmailApi, OtherApi], ledger: str
) -> None:
    answer, server = api
    answer.wait.clear()
    rows = people(["A", "B"]).to_dicts()
    script = KILLED.format(url=server.url, ledger=ledger, rows=rows, columns=PERSON)
    child = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    while len(server.posts()) < 2:
        assert child.poll() is None
    os.kill(child.pid, signal.SIGKILL)  # between the sending and what is remembered
    child.wait()
    answer.wait.set()
    client = client_of(server, ledger)
    with pytest.raises(OutcomeUnknown, match="killed") as raised:
        emails(client, people(["B", "C"]), key="next")
    assert len(server.posts()) == 3, "C alone was sent"
    assert "killed" in str(raised.value)
    given_up = emails(client, people(["B", "C"]), key="next", on_in_doubt="skip")
    assert given_up["status"].to_list() == ["in_doubt", "done"]
    # A person says what the API answered; then everybody knows it.
    killed = client.job("killed")
    numbers = {row["batch"] for row in killed.credits().to_pylist() if row["state"] == "in_doubt"}
    for number in numbers:
        killed.resolve(
            number, answer={"success": True, "email": "told@x.example", "credits_consumed": 1}
        )
    told = emails(client, people(["B", "C"]), key="next")
    assert told["status"].to_list() == ["done", "done"]
    assert told["email"].to_list() == ["told@x.example", "C@x.example"]
    assert told["reused"].to_list() == [True, False]
    assert len(server.posts()) == 3


def test_two_accounts_share_no_answers(api: tuple[EmailApi, OtherApi], tmp_path: Path) -> None:
    _, server = api
    with other_api(EmailApi()) as elsewhere:
        for one in (server, elsewhere):
            emails(client_of(one, str(tmp_path / "l.sqlite")), people(["A"]))
        assert (len(server.posts()), len(elsewhere.posts())) == (1, 1)
