"""Processor time of the client for each batch of a job, by the number of its batches.

    python benches/batches.py [--batches 1000 4000 8000 50000] [--ledger sqlite] [--per-minute 0]

The job is a process of its own, and so is the API. Only the time of the job's process counts, user
and system. The ledger is one of those of `workers.py`. Batches have one id each, so that the time
is that of batches and not of rows. Without a limit (`--per-minute 0`) the job sends as fast as it
can; with one, it makes a round for each group of slots.

What is printed for each: seconds that `submit` and `wait` took, batches a second, and the client's
processor time for each batch, in milliseconds: in all, by `submit`, and in the last tenth of the
job, where a cost that grows with the number of batches shows first.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
import time

from workers import ledger


def serve(per_minute: int) -> None:
    import lantern

    limits = {"batches": per_minute or None, "sync": None, "credits": None}
    with lantern.LocalServer(limits=limits, credits=1e9) as server:
        facts = {"url": server.url, "key": server.key, "storage": server.storage_options}
        print(json.dumps(facts), flush=True)
        sys.stdin.readline()


def spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def work(asked: argparse.Namespace) -> None:
    """The client: submits one job, waits for it, and says what that took."""
    import arro3.core

    import lantern

    facts = json.loads(asked.server)
    count = asked.batches[0]
    ids = arro3.core.Array(
        [f"P{at:07}" for at in range(1, count + 1)], arro3.core.DataType.string()
    )
    table = arro3.core.Table.from_pydict({"id": ids})
    client = lantern.Client(
        facts["key"],
        facts["url"],
        storage_options=facts["storage"],
        ledger=asked.ledger,
        limits={"batches": asked.per_minute or None, "sync": None, "credits": None},
    )
    begun, before = time.monotonic(), spent()
    key = f"batches-{os.getpid()}"
    job = client.submit(table, "email", max_credits=10 * count, key=key, batch_size=1)
    submitted, planned = time.monotonic(), spent()
    # How many were loaded once nine tenths were, and what had been spent by then.
    late: list[tuple[int, float]] = []
    done = threading.Event()

    def watch() -> None:
        while not late and not done.wait(0.5):
            if (loaded := job.progress().loaded) >= 0.9 * count:
                late.append((loaded, spent()))

    watching = threading.Thread(target=watch)
    watching.start()
    progress = job.wait(progress=False)
    done.set()
    watching.join()
    ended, after = time.monotonic(), spent()
    # The server knows 10,000 people; of the others it says that they are not there.
    assert progress.loaded == count, progress
    loaded, at = late[0] if late else (0, planned)
    print(
        json.dumps(
            {
                "submit": submitted - begun,
                "wait": ended - submitted,
                "cpu": after - before,
                "cpu_submit": planned - before,
                "cpu_last": (after - at) / max(count - loaded, 1),
            }
        )
    )


def measure(count: int, place: str, asked: argparse.Namespace) -> None:
    command = [sys.executable, __file__, "--per-minute", str(asked.per_minute)]
    api = subprocess.Popen(
        [*command, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert api.stdout is not None
        facts = api.stdout.readline()
        one = [*command, "--server", facts, "--ledger", place, "--batches", str(count)]
        told = json.loads(subprocess.check_output(one))
    finally:
        api.kill()
        api.wait()
    took = told["submit"] + told["wait"]
    print(
        f"{asked.ledger:<9} {count:>7} {told['submit']:>7.1f} {told['wait']:>7.1f} "
        f"{count / took:>9.1f} {told['cpu'] / count * 1e3:>7.2f} "
        f"{told['cpu_submit'] / count * 1e3:>7.2f} {told['cpu_last'] * 1e3:>9.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--batches", type=int, nargs="+", default=[1_000, 4_000, 8_000, 50_000])
    parser.add_argument("--ledger", default="sqlite")
    parser.add_argument("--per-minute", type=int, default=0)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--server")
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.per_minute)
    elif asked.server:
        work(asked)
    else:
        print("ledger    batches  submit    wait batches/s  CPU, ms: all  submit last tenth")
        # The ledgers are removed at the end: ext4 takes long to create files for a minute after
        # others were removed.
        with contextlib.ExitStack() as ledgers:
            for count in asked.batches:
                place, _, _ = ledgers.enter_context(ledger(asked.ledger))
                measure(count, place, asked)


if __name__ == "__main__":
    main()
