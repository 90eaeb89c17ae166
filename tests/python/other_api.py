"""An API that answers as other people's APIs do: in other spellings, other types, other headers."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


class Reply:
    """What the API answers: JSON, or the bytes as they are."""

    def __init__(
        self,
        body: Any = b"",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        length: bool = True,
    ) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers = dict(headers or {})
        self.length = length


class OtherApi:
    """Serves what `answer` makes of each request, and keeps the requests.

    It closes the connection instead of answering with `None`.
    """

    def __init__(self, answer: Callable[[str, str, Any], Any]) -> None:
        self.requests: list[tuple[str, str, Any, dict[str, str]]] = []
        own = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                raw = self.rfile.read(length)
                body = json.loads(raw) if raw else None
                # As a proxy, it answers for every host.
                url = urlsplit(self.path)
                path = url.path + (f"?{url.query}" if url.query else "")
                own.requests.append((self.command, path, body, dict(self.headers)))
                reply = answer(self.command, path, body)
                if reply is None:
                    # No answer: the connection is closed.
                    self.close_connection = True
                    return
                reply = reply if isinstance(reply, Reply) else Reply(reply)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if reply.length:
                    self.send_header("content-length", str(len(reply.body)))
                else:
                    self.send_header("connection", "close")
                    self.close_connection = True
                self.end_headers()
                try:
                    self.wfile.write(reply.body)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *where: Any) -> None:
                # A client that was killed has reset its connection.
                if not isinstance(sys.exception(), ConnectionError):
                    super().handle_error(*where)

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def posts(self) -> list[Any]:
        """The bodies of what was sent."""
        return [body for method, _, body, _ in self.requests if method == "POST"]

    def stop(self) -> None:
        """Closes the server."""
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def other_api(answer: Callable[[str, str, Any], Any]) -> Iterator[OtherApi]:
    """Runs such an API."""
    api = OtherApi(answer)
    try:
        yield api
    finally:
        api.stop()


def batch_api(
    result: Callable[[list[str]], Any],
    *,
    credits: Callable[[list[str]], str] | None = None,
    status: str = "completed",
    run_id: Any = None,
    places: Callable[[str, str], dict[str, Any]] | None = None,
) -> Callable[[str, str, Any], Any]:
    """An API with batches: `result` makes the result file of the ids that were sent."""
    runs: dict[str, list[str]] = {}
    hosts: list[str] = []

    def answer(method: str, path: str, body: Any) -> Any:
        if method == "POST" and path.startswith("/v1/agents/"):
            run = f"00000000-0000-4000-8000-{len(runs):012}" if run_id is None else str(run_id)
            runs[run.replace("/", "-")] = body["ids"]
            name = run.replace("/", "-")
            own = {
                "run_id": run if run_id is None else run_id,
                "result_path": f"{hosts[0]}/files/{name}.csv",
            }
            if credits is not None:
                own["credits_csv_path"] = f"{hosts[0]}/files/{name}_credits.csv"
            return own | (places(hosts[0], name) if places else {})
        if path.endswith("/status"):
            return {"run_id": path.split("/")[-2], "status": status}
        if path.startswith("/files/"):
            name = unquote(path.split("?")[0]).removeprefix("/files/").removesuffix(".csv")
            if credits is not None and name.endswith("_credits"):
                return Reply(credits(runs[name.removesuffix("_credits")]).encode())
            made = result(runs[name])
            return made if isinstance(made, Reply) else Reply(made.encode())
        return Reply({"success": False, "error": "nothing here"}, 404)

    def with_host(method: str, path: str, body: Any) -> Any:
        return answer(method, path, body)

    with_host.hosts = hosts  # type: ignore[attr-defined]
    return with_host


@contextmanager
def serving(answer: Callable[[str, str, Any], Any]) -> Iterator[OtherApi]:
    """Runs a `batch_api`, which has to know where it is."""
    with other_api(answer) as api:
        answer.hosts.append(api.url)  # type: ignore[attr-defined]
        yield api
