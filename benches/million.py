"""A job of 1,000,000 ids against the local server with its limits lifted.

    python benches/million.py [--ids 1000000] [--times 5] [--batch-size 1000]

The server is a process of its own, so that the client's time and memory are its own, and so is the
client of each run; figures are medians of the runs. With `--ids 50000 --batch-size 1` it shows what
many batches cost.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
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


def run(ids: int, batch_size: int) -> dict[str, float]:
    import arro3.core

    import lantern

    command = [sys.executable, __file__, "--serve", "--ids", str(ids)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    facts = json.loads(server.stdout.readline())
    texts = [f"P{number:07}" for number in range(1, ids + 1)]
    table = arro3.core.Table.from_pydict(
        {"id": arro3.core.Array(texts, type=arro3.core.DataType.string())}
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
        job = client.submit(table, "phone-email", max_credits=10 * ids, batch_size=batch_size)
        progress = job.wait(progress=False)
        waited, worked = time.perf_counter() - start, used() - cpu
        result = job.table()
        total = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        server.stdin.write("\n")
        server.stdin.flush()
        facts = json.loads(server.stdout.readline())
    server.wait()
    assert progress.answered == progress.ids == result.num_rows == ids, progress
    assert progress.credits == facts["credits"], (progress, facts)
    return {
        "batches sent": facts["runs"],
        "credits": facts["credits"],
        "seconds until loaded": waited,
        "seconds until the table": total,
        "client's CPU, ms a batch": worked / progress.batches * 1e3,
        "client's peak memory, MB": peak,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=1_000)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--one", action="store_true")
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.ids)
    elif arguments.one:
        print(json.dumps(run(arguments.ids, arguments.batch_size)))
    else:
        command = [sys.executable, __file__, "--one", "--ids", str(arguments.ids)]
        command += ["--batch-size", str(arguments.batch_size)]
        runs = [json.loads(subprocess.check_output(command)) for _ in range(arguments.times)]
        for name in runs[0]:
            values = sorted(each[name] for each in runs)
            median = statistics.median(values)
            print(f"{name:<26} {median:12,.1f}   ({values[0]:,.1f} to {values[-1]:,.1f})")


if __name__ == "__main__":
    main()
