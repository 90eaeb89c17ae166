"""Keys and storage secrets reach no pickle, representation, log or error."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import subprocess
import sys

import pytest

import lantern

KEY = "sentinel-key-7f3a"
SECRET = "sentinel-secret-9c1d"


@pytest.fixture
def client(lantern_server: lantern.LocalServer) -> lantern.Client:
    return lantern.Client(
        KEY,
        lantern_server.url,
        storage_options={
            "aws_access_key_id": "sentinel-id-55",
            "aws_secret_access_key": SECRET,
            "aws_region": "eu-central-1",
        },
        limits={"credits": 600},
        timeout=33.0,
    )


def test_a_pickled_client_holds_no_secret(
    client: lantern.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = pickle.dumps(client)
    assert b"sentinel" not in data
    assert b"eu-central-1" in data
    with pytest.raises(lantern.exceptions.ConfigError, match="LANTERN_API_KEY"):
        pickle.loads(data)
    monkeypatch.setenv("LANTERN_API_KEY", "another")
    back = pickle.loads(data)
    assert back.base_url == client.base_url
    with pytest.raises(lantern.exceptions.AuthenticationError):
        back.credits.remaining()


def test_a_client_of_the_local_server_comes_back_as_it_was(
    lantern_server: lantern.LocalServer,
) -> None:
    for client in (lantern_server.client(), copy.deepcopy(lantern_server.client())):
        back = pickle.loads(pickle.dumps(client))
        assert back.credits.remaining().total_credits == 1_000_000
        assert back.ledger == client.ledger


def test_a_closed_client_is_not_pickled(client: lantern.Client) -> None:
    client.close()
    with pytest.raises(ValueError, match="closed"):
        pickle.dumps(client)


def test_nothing_that_is_shown_holds_a_secret(
    client: lantern.Client,
    lantern_server: lantern.LocalServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "lantern")
    shown = [repr(client), str(client), f"{client}", repr(client.agents)]
    for call in (
        client.credits.remaining,
        lambda: client.agents.email(["1"], max_credits=1),
        lambda: client.agents.status("nope"),
        lambda: client.submit(lantern_server.people(), "email", max_credits=9_999),
    ):
        with pytest.raises(lantern.exceptions.LanternError) as caught:
            call()
        shown += [
            str(caught.value),
            repr(caught.value),
            str(vars(caught.value)),
            str(caught.getrepr()),
        ]
    with pytest.raises(lantern.exceptions.LanternError) as caught:
        lantern.read_results(
            "s3://bucket/key.csv", storage_options={"aws_secret_acess_key": SECRET}
        )
    shown.append(str(caught.value))
    shown.append(caplog.text)
    assert "answered" in caplog.text, "nothing was logged, so nothing was looked at"
    assert not [text for text in shown if "sentinel" in text]


def test_logs_arrive_in_logging_and_on_standard_error(
    lantern_server: lantern.LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "lantern")
    lantern_server.client().credits.remaining()
    names = {record.name for record in caplog.records}
    assert any(name.startswith("lantern.client") for name in names), names
    script = "import lantern; lantern.Client(limits={'credits': None}).credits.remaining()"
    environment = os.environ | {
        "LANTERN_API_KEY": lantern_server.key,
        "LANTERN_BASE_URL": lantern_server.url,
        "LANTERN_LOG": "debug",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment
    )
    assert "answered" in done.stderr
    assert "/v1/credits/remaining" in done.stderr
    assert lantern_server.key not in done.stderr
