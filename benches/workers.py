"""1, 8 and 64 workers on one ledger: SQLite, PostgreSQL, PostgreSQL 20 ms away, and PgBouncer.

    python benches/workers.py [--workers 1 8] [--ledgers sqlite postgres far pooler] [--batches 100]

Each worker is a process with a job of its own and the key that all share, and the API is one more.
A ledger on a server is reached through a proxy that counts round trips: each time that a worker
speaks after the server did. For `far`, each takes 20 ms. PostgreSQL and PgBouncer are started here
(`make postgresql pgbouncer`).

What is printed for each: batches a second, of all workers; the seconds until the first and the last
worker had its first batch accepted, and until the first and the last had ended; round trips and
processor time of the workers for each batch; and the bytes of the ledger for each batch.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

FAR = 0.02


def serve(batches_a_minute: int, calls_a_minute: int) -> None:
    import lantern

    limits = {"batches": batches_a_minute, "sync": calls_a_minute}
    with lantern.LocalServer(limits=limits, credits=1e9) as server:
        facts = {"url": server.url, "key": server.key, "storage": server.storage_options}
        print(json.dumps(facts), flush=True)
        sys.stdin.readline()
        print(server.runs().num_rows)


def work(asked: argparse.Namespace) -> None:
    """A worker: says when it begins, when its first batch was accepted, and when it ended."""
    import arro3.core

    import lantern

    facts = json.loads(asked.server)
    # People of its own, because the ledger's memory would answer for those of others.
    first = asked.worker * asked.batches + 1
    ids = [f"P{number:07}" for number in range(first, first + asked.batches)]
    table = arro3.core.Table.from_pydict(
        {"id": arro3.core.Array(ids, type=arro3.core.DataType.string())}
    )
    client = lantern.Client(
        facts["key"],
        facts["url"],
        storage_options=facts["storage"],
        ledger=asked.ledger,
        limits={"batches": asked.per_minute, "sync": asked.calls},
    )
    print("ready", flush=True)
    sys.stdin.readline()
    begun = time.monotonic()
    key = f"worker-{os.getpid()}"
    job = client.submit(table, "email", max_credits=10 * len(ids), key=key, batch_size=1)
    progress = job.wait(progress=False)
    ended = time.monotonic()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    assert progress.answered == len(ids), progress
    accepted = job.credits().to_polars()["accepted_at"].min()
    assert accepted is not None
    print(
        json.dumps(
            {
                "begun": begun,
                "ended": ended,
                "accepted": accepted.timestamp() - time.time() + time.monotonic(),
                "cpu": usage.ru_utime + usage.ru_stime,
            }
        )
    )


class Proxy:
    """Counts the round trips to a server, and makes each take a while."""

    def __init__(self, target: str | tuple[str, int], delay: float) -> None:
        self.target, self.delay, self.trips = target, delay, 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if isinstance(self.target, str):
                    server = socket.socket(socket.AF_UNIX)
                    server.connect(self.target)
                else:
                    server = socket.create_connection(self.target)
                    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                answered = threading.Event()
                answered.set()
                for pair in ((client, server, answered, True), (server, client, answered, False)):
                    threading.Thread(target=self.carry, args=pair, daemon=True).start()

    def carry(
        self, source: socket.socket, sink: socket.socket, answered: threading.Event, asks: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if not asks:
                    answered.set()
                elif answered.is_set():
                    answered.clear()
                    with self.lock:
                        self.trips += 1
                    time.sleep(self.delay)
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def pooler(server: Path) -> Iterator[int]:
    """PgBouncer in transaction mode before the server on a socket in a folder."""
    from postgresql import free_port

    folder = Path(tempfile.mkdtemp())
    port, settings = free_port(), folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={server} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
        "default_pool_size = 8\nmax_client_conn = 500\n"
    )
    command = [shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", "-q", str(settings)]
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        command = [*user, *command]
    process = subprocess.Popen(command, cwd="/", stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder)


@contextlib.contextmanager
def ledger(kind: str) -> Iterator[tuple[str, Proxy | None, list[str]]]:
    """A new ledger: its place, the proxy before it, and a command that prints its bytes."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            sizes = f"import pathlib; print(sum(f.stat().st_size for f in pathlib.Path({folder!r})"
            sizes += ".glob('ledger.sqlite*')))"
            yield f"{folder}/ledger.sqlite", None, [sys.executable, "-c", sizes]
        return
    from postgresql import started

    with started() as server, contextlib.ExitStack() as stack:
        server.database("ledger")
        target: str | tuple[str, int] = f"{server.folder}/.s.PGSQL.{server.port}"
        if kind == "pooler":
            target = ("127.0.0.1", stack.enter_context(pooler(server.folder)))
        proxy = Proxy(target, FAR if kind == "far" else 0.0)
        size = "SELECT pg_database_size('ledger')"
        command = [str(server.programs / "psql"), "-h", str(server.folder), "-U", "postgres"]
        place = f"postgresql://postgres:secret@127.0.0.1:{proxy.port}/ledger?sslmode=disable"
        yield place, proxy, [*command, "-At", "-c", size]


def measure(kind: str, workers: int, asked: argparse.Namespace) -> None:
    command = [sys.executable, __file__]
    limits = ["--per-minute", str(asked.per_minute), "--calls", str(asked.calls)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with ledger(kind) as (place, proxy, size), contextlib.ExitStack() as stack:
        api = subprocess.Popen([*command, "--serve", *limits], **pipes)  # type: ignore[call-overload]
        stack.callback(api.kill)
        facts = api.stdout.readline()
        one = [*command, "--server", facts, "--ledger", place, "--batches", str(asked.batches)]
        started = [
            subprocess.Popen([*one, *limits, "--worker", str(worker)], **pipes)  # type: ignore[call-overload]
            for worker in range(workers)
        ]
        for worker in started:
            stack.callback(worker.kill)
        for worker in started:
            assert worker.stdout.readline() == "ready\n"
        before = proxy.trips if proxy else 0
        empty = int(subprocess.check_output(size))
        for worker in started:
            worker.stdin.write("\n")
            worker.stdin.flush()
        told = [json.loads(worker.stdout.readline()) for worker in started]
        trips = proxy.trips - before if proxy else 0
        held = int(subprocess.check_output(size)) - empty
        api.stdin.write("\n")
        api.stdin.flush()
        runs = int(api.stdout.readline())
    batches = workers * asked.batches
    assert runs == batches, (runs, batches)
    begun = min(each["begun"] for each in told)
    first = sorted(each["accepted"] - begun for each in told)
    ended = sorted(each["ended"] - begun for each in told)
    print(
        f"{kind:<9} {workers:>7} {batches / ended[-1]:>10.1f} {first[0]:>7.1f} {first[-1]:>6.1f} "
        f"{ended[0]:>7.1f} {ended[-1]:>6.1f} {trips / batches:>7.1f} "
        f"{sum(each['cpu'] for each in told) / batches * 1e3:>8.1f} {held / batches:>8.0f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument(
        "--ledgers", nargs="+", default=["sqlite", "postgres", "far", "pooler"], dest="ledgers"
    )
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--per-minute", type=int, default=6_000)
    parser.add_argument("--calls", type=int, default=60_000)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--server")
    parser.add_argument("--ledger")
    parser.add_argument("--worker", type=int, default=0)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.per_minute, asked.calls)
    elif asked.server:
        work(asked)
    else:
        print("ledger    workers  batches/s   first batch       ended   trips   CPU, ms    bytes")
        print(
            "                              first    last   first   last  a batch a batch   a batch"
        )
        for kind in asked.ledgers:
            for workers in asked.workers:
                measure(kind, workers, asked)


if __name__ == "__main__":
    main()
