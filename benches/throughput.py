"""10,000 `enrich.company` calls by `client.map`, httpx and aiohttp, and the server's latency.

    python benches/throughput.py [--calls 10000] [--concurrency 16] [--rounds 3]

Needs httpx and aiohttp. The server is one process, each client another that takes its turn with the
same rows and the same number of calls under way; what is compared is the CPU that a client process
takes between its first call and its last answer, by call. `client.map` writes every row to its
ledger meanwhile and answers typed columns; the others parse the JSON and keep it. Every run asks
under record ids of its own, so that the server looks up and charges every time. A second
measurement sends 500 requests a second, whatever comes back when, and takes the latency that the
client saw.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CLIENTS = ("lantern", "httpx", "aiohttp")
PATH = "/v1/enrich/company"


def rows(calls: int, run: str, domains: list[str]) -> list[dict[str, str]]:
    return [
        {"record_id": f"{run}-{row}", "domain": domains[row % len(domains)]} for row in range(calls)
    ]


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def by_lantern(asked: argparse.Namespace, requests: list[dict[str, str]]) -> int:
    import arro3.core

    import lantern

    columns = {name: [request[name] for request in requests] for name in ("record_id", "domain")}
    table = arro3.core.Table.from_pydict(
        {
            name: arro3.core.Array(values, arro3.core.DataType.utf8())
            for name, values in columns.items()
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        client = lantern.Client(
            asked.key,
            asked.url,
            ledger=Path(folder) / "ledger.sqlite",
            limits={"sync": None},
        )
        answers = client.map(
            table,
            "enrich.company",
            columns={"record_id": "record_id", "domain": "domain"},
            max_credits=len(requests),
            concurrency=asked.concurrency,
        )
        return int(sum(status == "done" for status in answers.column("status").to_pylist()))


async def by_httpx(asked: argparse.Namespace, requests: list[dict[str, str]]) -> int:
    import httpx

    limits = httpx.Limits(max_connections=asked.concurrency)
    headers = {"Authorization": f"Bearer {asked.key}"}
    async with httpx.AsyncClient(
        base_url=asked.url, headers=headers, limits=limits, timeout=60
    ) as client:

        async def send(request: dict[str, str]) -> Any:
            response = await client.post(PATH, json=request)
            response.raise_for_status()
            return response.json()

        return await window(send, requests, asked.concurrency)


async def by_aiohttp(asked: argparse.Namespace, requests: list[dict[str, str]]) -> int:
    import aiohttp

    headers = {"Authorization": f"Bearer {asked.key}"}
    connector = aiohttp.TCPConnector(limit=asked.concurrency)
    async with aiohttp.ClientSession(asked.url, headers=headers, connector=connector) as client:

        async def send(request: dict[str, str]) -> Any:
            async with client.post(PATH, json=request) as response:
                response.raise_for_status()
                return await response.json()

        return await window(send, requests, asked.concurrency)


async def window(send: Any, requests: list[dict[str, str]], concurrency: int) -> int:
    """As many workers as calls are under way at once; how many answers say that all went well."""
    left = iter(enumerate(requests))
    answers: list[Any] = [None] * len(requests)

    async def work() -> None:
        for row, request in left:
            answers[row] = await send(request)

    await asyncio.gather(*(work() for _ in range(concurrency)))
    return sum(bool(answer["success"]) for answer in answers)


def client(asked: argparse.Namespace) -> None:
    """One client's turn, as a process of its own."""
    requests = rows(asked.calls, asked.run, asked.domains.split(","))
    # What is imported and connected for the first time is no part of a call.
    warm = [
        {"record_id": f"warm-{asked.run}-{row}", "domain": request["domain"]}
        for row, request in enumerate(requests[: asked.concurrency])
    ]
    by: Any = {"lantern": by_lantern, "httpx": by_httpx, "aiohttp": by_aiohttp}[asked.client]

    def go(requests: list[dict[str, str]]) -> int:
        done = by(asked, requests)
        return int(asyncio.run(done) if asyncio.iscoroutine(done) else done)

    go(warm)
    used, begun = cpu(), time.perf_counter()
    done = go(requests)
    used, took = cpu() - used, time.perf_counter() - begun
    assert done == len(requests), f"{done} of {len(requests)} calls went well"
    print(json.dumps({"cpu_us": used / done * 1e6, "calls_per_second": done / took}))


async def paced(asked: argparse.Namespace) -> None:
    """Sends at an even rate, whether answers come or not, and prints the latencies in ms."""
    import aiohttp

    requests = rows(asked.rate * asked.seconds, asked.run, asked.domains.split(","))
    headers = {"Authorization": f"Bearer {asked.key}"}
    latencies: list[float] = []
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(asked.url, headers=headers, connector=connector) as session:

        async def send(due: float, request: dict[str, str]) -> None:
            async with session.post(PATH, json=request) as response:
                await response.read()
                assert response.status == 200, response.status
            # From when it was due, not from when it got its turn: a late client hides nothing.
            latencies.append((time.perf_counter() - due) * 1e3)

        begun, tasks = time.perf_counter(), []
        for number, request in enumerate(requests):
            due = begun + number / asked.rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            tasks.append(asyncio.create_task(send(due, request)))
        await asyncio.gather(*tasks)
    cuts = statistics.quantiles(latencies, n=100)
    print(json.dumps({"p50_ms": cuts[49], "p99_ms": cuts[98], "worst_ms": max(latencies)}))


def serve() -> None:
    """The server's process: prints where it is, and stops when its input ends."""
    import lantern

    with lantern.LocalServer(limits="off", credits=1e9) as server:
        domains = server.companies().column("domain").to_pylist()[:500]
        print(json.dumps({"url": server.url, "key": server.key, "domains": domains}), flush=True)
        sys.stdin.read()


def run(*arguments: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def compare(asked: argparse.Namespace) -> None:
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    at = json.loads(server.stdout.readline())
    where = ["--url", at["url"], "--key", at["key"], "--domains", ",".join(at["domains"])]
    figures: dict[str, list[dict[str, float]]] = {name: [] for name in CLIENTS}
    try:
        for turn in range(asked.rounds):
            for name in CLIENTS:
                own = ["--client", name, "--run", f"{name}{turn}", "--calls", str(asked.calls)]
                many = ["--concurrency", str(asked.concurrency)]
                figures[name].append(run(*where, *own, *many))
        pace = ["--pace", "--run", "pace", "--rate", str(asked.rate)]
        latency = run(*where, *pace, "--seconds", str(asked.seconds))
    finally:
        server.communicate("")
    print(
        f"{asked.calls:,} calls, {asked.concurrency} under way at once, "
        f"median of {asked.rounds} rounds"
    )
    middle = {
        name: {key: statistics.median(one[key] for one in all_of) for key in all_of[0]}
        for name, all_of in figures.items()
    }
    for name, figure in middle.items():
        ratio = figure["cpu_us"] / middle["lantern"]["cpu_us"]
        print(
            f"{name:8} {figure['cpu_us']:8.1f} us of CPU a call  {ratio:6.1f} x lantern's  "
            f"{figure['calls_per_second']:8.0f} calls a second"
        )
    print(
        f"the server at {asked.rate} requests a second: p50 {latency['p50_ms']:.1f} ms, "
        f"p99 {latency['p99_ms']:.1f} ms, worst {latency['worst_ms']:.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=20)
    # What follows is how the processes call one another.
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--client", choices=CLIENTS, help=argparse.SUPPRESS)
    parser.add_argument("--pace", action="store_true", help=argparse.SUPPRESS)
    for name in ("--url", "--key", "--domains", "--run"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve()
    elif asked.client:
        client(asked)
    elif asked.pace:
        asyncio.run(paced(asked))
    else:
        compare(asked)


if __name__ == "__main__":
    main()
