"""What the memory of records costs: bytes a record, and the time of a second job and of a plan.

    python benches/memory.py [--ids 1000000] [--times 5]

Each run submits a table to the local server with its limits lifted, then the same table under
another key, and then asks what 100,000 of its ids would cost. Figures are medians of the runs; the
server is a process of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def run(ids: int) -> dict[str, float]:
    import arro3.core

    import lantern

    million = str(Path(__file__).with_name("million.py"))
    command = [sys.executable, million, "--serve", "--ids", str(ids)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    facts = json.loads(server.stdout.readline())
    texts = [f"P{number:07}" for number in range(1, ids + 1)]

    def table(texts: list[str]) -> arro3.core.Table:
        array = arro3.core.Array(texts, type=arro3.core.DataType.string())
        return arro3.core.Table.from_pydict({"id": array})

    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.sqlite"
        settings = {
            "storage_options": facts["storage"],
            "ledger": str(ledger),
            "limits": dict.fromkeys(["sync", "batches", "credits", "bursts"]),
        }
        client = lantern.Client(facts["key"], facts["url"], **settings)
        whole = table(texts)

        def timed(name: str, work):
            start = time.perf_counter()
            done = work()
            figures[name] = time.perf_counter() - start
            return done

        def job(key: str):
            job = client.submit(whole, "email", max_credits=2 * ids, key=key)
            return job, job.wait(progress=False)

        timed("seconds of the first job", lambda: job("first"))
        client.close()
        bytes_of = sum(
            path.stat().st_size
            for path in Path(folder).iterdir()
            if path.name.startswith(ledger.name)
        )
        figures["bytes of ledger a record"] = bytes_of / ids
        client = timed(
            "seconds to open", lambda: lantern.Client(facts["key"], facts["url"], **settings)
        )
        second, progress = timed("seconds of the second job", lambda: job("second"))
        assert (progress.reused, progress.credits) == (ids, 0), progress
        timed("seconds of its table", second.table)
        part = table(texts[:: max(1, ids // 100_000)][:100_000])
        plan = timed(
            "seconds of a dry run of 100,000",
            lambda: client.submit(part, "email", max_credits=ids, dry_run=True),
        )
        assert plan["new_ids"] == 0, plan
        server.stdin.write("\n")
        server.stdin.flush()
    server.wait()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--one", action="store_true")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(run(arguments.ids)))
        return
    command = [sys.executable, __file__, "--one", "--ids", str(arguments.ids)]
    runs = [json.loads(subprocess.check_output(command)) for _ in range(arguments.times)]
    for name in runs[0]:
        values = sorted(each[name] for each in runs)
        median = statistics.median(values)
        print(f"{name:<34} {median:10,.3f}   ({values[0]:,.3f} to {values[-1]:,.3f})")


if __name__ == "__main__":
    main()
