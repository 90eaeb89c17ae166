"""Keys and storage secrets reach no pickle, representation, log or error."""

from __future__ import annotations

import base64
import copy
import json
import logging
import os
import pickle
import subprocess
import sys
import urllib.parse
from pathlib import Path
from typing import Any

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


def test_a_client_that_was_given_a_secret_is_not_pickled(
    client: lantern.Client, monkeypatch: pytest.MonkeyPatch, lantern_server: lantern.LocalServer
) -> None:
    with pytest.raises(lantern.exceptions.ConfigError, match=r"api_key=.*LANTERN_API_KEY"):
        pickle.dumps(client)
    monkeypatch.setenv("LANTERN_API_KEY", KEY)
    url = lantern_server.url
    for secret, said in (
        ({"storage_options": {"aws_secret_access_key": SECRET}}, "aws_secret_access_key"),
        ({"proxy": f"http://ada:{SECRET}@127.0.0.1:9"}, "proxy="),
        ({"ledger": f"postgresql://ada:{SECRET}@127.0.0.1:9/lantern"}, "ledger=.*PGPASSWORD"),
    ):
        with lantern.Client(base_url=url, **secret) as made:  # type: ignore[arg-type]
            with pytest.raises(lantern.exceptions.ConfigError, match=said) as raised:
                pickle.dumps(made)
            assert SECRET not in str(raised.value)
            assert copy.deepcopy(made) is made


@pytest.mark.parametrize("kind", [lantern.Client, lantern.AsyncClient])
def test_a_pickle_restores_the_settings_and_takes_the_key_from_the_environment(
    kind: type[lantern.Client],
    monkeypatch: pytest.MonkeyPatch,
    lantern_server: lantern.LocalServer,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("LANTERN_API_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    settings: dict[str, Any] = {
        "base_url": lantern_server.url,
        "ledger": "own.sqlite",
        "storage_options": {"aws_region": "eu-central-1"},
        "limits": {"credits": 600, "sync": None},
        "timeout": 33.0,
        "connect_timeout": 3.0,
        "read_timeout": 13.0,
        "retries": 1,
        "proxy": "http://127.0.0.1:9",
        "allow_http": True,
        "user_agent": "tests",
        "pool_size": 3,
        "poll_share": 0.25,
    }
    client = kind(**settings)
    data = pickle.dumps(client)
    assert b"sentinel" not in data
    _, (made, state) = client.__reduce__()  # type: ignore[misc]
    assert made is kind
    ledger = str((tmp_path / "own.sqlite").resolve())
    base_url = client.base_url
    assert state == {
        **settings,
        "ledger": ledger,
        "base_url": base_url,
        "ca_bundle": None,
        "results": [],
    }
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    again = pickle.loads(data)
    assert (again.base_url, again.ledger) == (client.base_url, ledger)
    assert again.__reduce__()[1] == (kind, state)
    monkeypatch.delenv("LANTERN_API_KEY")
    with pytest.raises(lantern.exceptions.ConfigError, match="LANTERN_API_KEY"):
        pickle.loads(data)


def test_a_pickle_keeps_the_ledger_that_the_environment_named(
    lantern_server: lantern.LocalServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LANTERN_API_KEY", lantern_server.key)
    monkeypatch.setenv("LANTERN_LEDGER", str(tmp_path / "team.sqlite"))
    client = lantern.Client(base_url=lantern_server.url)
    data = pickle.dumps(client)
    monkeypatch.setenv("LANTERN_LEDGER", str(tmp_path / "other.sqlite"))
    assert pickle.loads(data).ledger == client.ledger == str((tmp_path / "team.sqlite").resolve())


def test_an_unpickled_client_has_the_key_of_its_own_environment(
    monkeypatch: pytest.MonkeyPatch, lantern_server: lantern.LocalServer
) -> None:
    monkeypatch.setenv("LANTERN_API_KEY", lantern_server.key)
    data = pickle.dumps(lantern.Client(base_url=lantern_server.url))
    assert pickle.loads(data).credits.remaining().total_credits == 1_000_000
    monkeypatch.setenv("LANTERN_API_KEY", "another")
    with pytest.raises(lantern.exceptions.AuthenticationError):
        pickle.loads(data).credits.remaining()


def test_a_copy_is_the_same_client(client: lantern.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTERN_API_KEY", "another")
    assert copy.copy(client) is client
    assert copy.deepcopy([client])[0] is client
    client.close()
    assert copy.copy(client) is client


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


def escaped(key: str) -> dict[str, str]:
    """How an answer may write a key."""
    header = f"Bearer {key}"
    html = "".join(f"&#{ord(letter)};" for letter in key)
    return {
        "base64": base64.b64encode(header.encode()).decode(),
        "base64 for URLs": base64.urlsafe_b64encode(f"{key}:".encode()).decode(),
        "a URL": urllib.parse.quote(header, safe=""),
        "all of a URL": "".join(f"%{ord(letter):02x}" for letter in header),
        "a URL in a URL": urllib.parse.quote(urllib.parse.quote(header, safe=""), safe=""),
        "JSON": json.dumps(header).replace("/", "\\/"),
        "JSON in JSON": json.dumps(json.dumps(header)),
        "letters of JSON": "".join(f"\\u{ord(letter):04X}" for letter in header),
        "HTML": html,
        "hexadecimal": key.encode().hex(),
        "capitals": header.upper(),
        "Python": repr(header.encode()),
    }


@pytest.mark.parametrize("form", escaped(KEY))
@pytest.mark.parametrize("key", [KEY, 'sentinel/"key"+1=&<9>'])
def test_an_answer_that_quotes_the_key_in_another_form_shows_nothing_of_it(
    form: str, key: str, answering: Any, tmp_path: Path
) -> None:
    quoted = escaped(key)[form]
    for body, kind in (
        (f"<html>you sent {quoted}</html>", "text/html"),
        (json.dumps({"success": False, "error": f"you sent {quoted}"}), "application/json"),
    ):
        for status in ("401 Unauthorized", "500 Internal Server Error", "200 OK"):
            answer = (
                f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nx-request-id: r-1\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}"
            ).encode()
            url, got = answering(answer)
            with lantern.Client(key, url, ledger=tmp_path / "ledger", retries=0) as client:
                with pytest.raises(lantern.exceptions.LanternError) as raised:
                    client.enrich.company(record_id="1", domain="acme.com")
                error = raised.value
                shown = f"{error} {error!r} {vars(error)} {error.__cause__!r}"
            assert got
            assert "you sent" in shown
            for secret in (quoted, key, json.dumps(key)[1:-1]):
                assert secret not in shown
                assert secret.lower() not in shown.lower()
    for path in tmp_path.rglob("ledger*"):
        assert quoted.encode() not in path.read_bytes()


def test_a_proxy_that_quotes_its_password_shows_nothing_of_it(
    answering: Any, tmp_path: Path
) -> None:
    password = "sentinel-pass/word"
    sent = base64.b64encode(f"ada:{password}".encode()).decode()
    body = f"you sent Proxy-Authorization: Basic {sent}, which is {password}"
    answer = f"HTTP/1.1 502 Bad Gateway\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()
    url, got = answering(answer)
    proxy = url.replace("http://", f"http://ada:{urllib.parse.quote(password, safe='')}@")
    with (
        lantern.Client(
            KEY,
            "http://127.0.0.1:9",
            ledger=tmp_path / "ledger",
            proxy=proxy,
            retries=0,
        ) as client,
        pytest.raises(lantern.exceptions.LanternError) as raised,
    ):
        client.credits.remaining()
    assert sent.encode() in got[0], "it was not asked"
    shown = f"{raised.value} {raised.value!r} {vars(raised.value)}"
    assert "you sent" in shown
    assert sent[8:-4] not in shown
    assert password not in shown
