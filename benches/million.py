"""A job of 1,000,000 ids against the local server with its limits lifted.

    python benches/million.py [--ids 1000000]

The server is a process of its own, so that the client's time and memory are its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time


def serve(size: int) -> None:
    import lantern

    with lantern.LocalServer(limits="off", size=size, credits=1e9) as server:
        facts = {"url": server.url, "key": server.key, "storage": server.storage_options}
        print(json.dumps(facts), flush=True)
        sys.stdin.readline()
        print(json.dumps({"runs": server.runs().num_rows, "credits": server.credits_used}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--serve", action="store_true")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.ids)
        return
    import arro3.core

    import lantern

    command = [sys.executable, __file__, "--serve", "--ids", str(arguments.ids)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    facts = json.loads(server.stdout.readline())
    ids = [f"P{number:07}" for number in range(1, arguments.ids + 1)]
    table = arro3.core.Table.from_pydict(
        {"id": arro3.core.Array(ids, type=arro3.core.DataType.string())}
    )
    with tempfile.TemporaryDirectory() as folder:
        client = lantern.Client(
            facts["key"],
            facts["url"],
            storage_options=facts["storage"],
            ledger=f"{folder}/ledger.sqlite",
            limits=dict.fromkeys(["sync", "batches", "credits", "bursts"]),
        )

        def used() -> float:
            usage = resource.getrusage(resource.RUSAGE_SELF)
            return usage.ru_utime + usage.ru_stime

        cpu, start = used(), time.perf_counter()
        job = client.submit(table, "phone-email", max_credits=10 * arguments.ids)
        progress = job.wait(progress=False)
        waited, worked = time.perf_counter() - start, used() - cpu
        result = job.table()
        total, all_work = time.perf_counter() - start, used() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        server.stdin.write("\n")
        server.stdin.flush()
        facts = json.loads(server.stdout.readline())
        print(f"{progress.state}: {progress.answered:,} of {progress.ids:,} ids answered")
        print(f"batches sent {facts['runs']:,}, credits {facts['credits']:,.0f}")
        print(f"submitted and loaded in {waited:.1f} s")
        print(f"table of {result.num_rows:,} rows after {total:.1f} s")
        print(
            f"client's CPU: {worked / progress.batches * 1e3:.1f} ms a batch, {all_work:.1f} s all"
        )
        print(f"client's peak memory: {peak:.0f} MB (result {result.nbytes / 1e6:.0f} MB)")
    server.wait()


if __name__ == "__main__":
    main()
