"""TLS, proxies and what goes over the wire."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

import lantern
from conftest import http as http_answer
from lantern import exceptions

REMAINING = json.dumps({"success": True, "remaining_credits": 7, "total_credits": 9, "extra": 1})
Answering = Callable[[bytes | None], tuple[str, list[bytes]]]
ClientOf = Callable[..., lantern.Client]


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, Path, list[str]]]:
    """A TLS server with a certificate of an authority that nobody knows."""
    authority = trustme.CA()
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(REMAINING)))
            self.end_headers()
            self.wfile.write(REMAINING.encode())

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(http.server.ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass

    server = Quiet(("localhost", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_port}", bundle, paths
    server.shutdown()
    server.server_close()


def test_a_certificate_is_trusted_through_the_bundle_alone(
    secure: tuple[str, Path, list[str]], client_of: ClientOf
) -> None:
    url, bundle, paths = secure
    with pytest.raises(exceptions.APIConnectionError, match="pass ca_bundle=") as caught:
        client_of(url).credits.remaining()
    assert caught.value.attempts == 1, "a certificate does not become trusted by asking again"
    assert paths == []
    answer = client_of(url, ca_bundle=bundle).credits.remaining()
    assert answer.remaining_credits == 7
    assert answer.to_dict()["extra"] == 1, "fields beyond the contract are kept"


def test_the_broken_certificate_of_a_bundle_is_named(tmp_path: Path, client_of: ClientOf) -> None:
    whole = trustme.CA().cert_pem.bytes().decode()
    lines = whole.splitlines()
    cut = "\n".join([*lines[:3], *lines[5:]]) + "\n"
    for broken, why in [
        (cut, "is invalid"),
        (whole.replace(lines[2], "?" * 64), "is not in base64"),
        ("\n".join(lines[:-1]) + "\n", "has no last line"),
    ]:
        bundle = tmp_path / "authorities.pem"
        bundle.write_text("# ours\n" + whole + "\n" + broken + whole)
        line = len(lines) + 3
        said = rf"certificate 2 \(line {line}\) {why}"
        with pytest.raises(exceptions.ConfigError, match=said) as caught:
            client_of("https://localhost:1", ca_bundle=bundle)
        assert lines[1] not in str(caught.value), "a bundle may hold a private key"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("403 Forbidden", exceptions.ConfigError),
        ("407 Proxy Authentication Required", exceptions.ConfigError),
        ("502 Bad Gateway", exceptions.APIConnectionError),
    ],
)
def test_a_proxy_that_opens_no_connection_says_its_status(
    status: str, error: type[Exception], answering: Answering, client_of: ClientOf
) -> None:
    proxy, requests = answering(http_answer(status, ""))
    client = client_of("https://api.example.com", proxy=proxy, retries=0)
    with pytest.raises(error, match=status[:3]) as caught:
        client.credits.remaining()
    assert proxy in str(caught.value)
    assert all(request.startswith(b"CONNECT api.example.com:443") for request in requests)


def test_calls_go_through_the_proxy_of_the_environment(
    answering: Answering, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, requests = answering(http_answer("200 OK", REMAINING))
    monkeypatch.setenv("HTTP_PROXY", proxy)
    client = client_of("http://api.example.com", allow_http=True)
    assert client.credits.remaining().total_credits == 9
    assert requests[0].startswith(b"GET http://api.example.com/v1/credits/remaining")
    explicit = client_of("http://api.example.org", allow_http=True, proxy=proxy)
    explicit.credits.remaining()
    assert requests[1].startswith(b"GET http://api.example.org/")


def test_a_proxy_that_is_no_url_is_said_without_its_password(client_of: ClientOf) -> None:
    with pytest.raises(exceptions.ConfigError, match="is not the address of a proxy") as caught:
        client_of("https://api.example.com", proxy="http://user:sentinel@")
    assert "sentinel" not in str(caught.value)


def test_what_a_request_carries(answering: Answering, client_of: ClientOf) -> None:
    url, requests = answering(http_answer("200 OK", REMAINING))
    client_of(url, user_agent="my-pipeline/2").credits.remaining()
    head = requests[0].decode().lower()
    assert f"user-agent: lantern/{lantern.__version__} my-pipeline/2" in head
    assert "authorization: bearer sentinel-key-7f3a" in head
    assert "accept-encoding: gzip" in head
    accepted = '{"run_id": "0d5ba1c9-8f0f-4d0c-a1f8-7d5a3b2a4c11", "result_path": "s3://b/k"}'
    url, requests = answering(http_answer("200 OK", accepted))
    client_of(url).agents.email(["7"], max_credits=3)
    head, _, body = requests[0].decode().partition("\r\n\r\n")
    assert "idempotency-key: " in head.lower()
    assert json.loads(body) == {"ids": ["7"], "entity_type": "person", "max_credits": 3}
