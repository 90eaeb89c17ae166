"""What share of the calls the checks of 1,000 open runs take, while others use the same key.

    python benches/polling.py [--runs 1000] [--per-minute 600] [--seconds 60] [--share 0.5]

A client waits for a job whose runs do not end, first alone, then beside a client on the same
ledger that makes calls as fast as it gets slots, then beside one with the same key and a ledger of
its own, as on another machine, which limits itself to what the checks leave.

What is printed for each: calls a minute of the checks and of the other client, what the API allows,
the longest time between two calls of the other client, and the answers 429.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import subprocess
import sys
import tempfile
import time


def serve(per_minute: int) -> None:
    import lantern

    limits = {"sync": per_minute, "batches": None, "credits": None}
    with lantern.LocalServer(limits=limits, credits=1e9, work_delay=86_400) as server:
        facts = {"url": server.url, "key": server.key, "storage": server.storage_options}
        print(json.dumps(facts), flush=True)
        sys.stdin.readline()


class Answers(logging.Handler):
    """Counts the answers to the checks of runs."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = self.refused = 0

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if "/v1/agents/runs" in text and "status=" in text:
            self.answered += 1
            self.refused += "status=429" in text


def connect(asked: argparse.Namespace, per_minute: int):
    import lantern

    facts = json.loads(asked.server)
    return lantern.Client(
        facts["key"],
        facts["url"],
        storage_options=facts["storage"],
        ledger=asked.ledger,
        limits={"sync": per_minute, "batches": None, "credits": None},
        poll_share=asked.share,
    )


def check(asked: argparse.Namespace) -> None:
    """Waits for runs that do not end, and says each second how many were checked."""
    import threading

    import arro3.core

    answers = Answers()
    logger = logging.getLogger("lantern")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(answers)
    client = connect(asked, asked.per_minute)
    texts = [f"P{at:07}" for at in range(1, asked.runs + 1)]
    ids = arro3.core.Array(texts, arro3.core.DataType.string())
    table = arro3.core.Table.from_pydict({"id": ids})
    job = client.submit(table, "email", max_credits=10 * asked.runs, batch_size=1)
    waiting = threading.Thread(target=lambda: job.wait(progress=False), daemon=True)
    waiting.start()
    while job.progress().in_flight < asked.runs:
        time.sleep(0.5)
    print("open", flush=True)
    while sys.stdin.readline():
        print(json.dumps([answers.answered, answers.refused]), flush=True)


def call(asked: argparse.Namespace) -> None:
    """Makes calls for some seconds, one after another in each of eight threads."""
    import threading

    import lantern

    client = connect(asked, asked.allowed)
    made: list[float] = []
    refused: list[float] = []
    ends = time.monotonic() + asked.seconds

    def ask() -> None:
        while time.monotonic() < ends:
            try:
                client.enrich.company(record_id="1", domain="acme.com")
                made.append(time.monotonic())
            except lantern.exceptions.RateLimitError:
                refused.append(time.monotonic())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = sorted(at for at in made if at <= ends)
    pauses = [later - at for at, later in itertools.pairwise(made)]
    print(json.dumps([len(made), max(pauses, default=asked.seconds), len(refused)]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--per-minute", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--role")
    parser.add_argument("--server")
    parser.add_argument("--ledger")
    parser.add_argument("--allowed", type=int)
    asked = parser.parse_args()
    if asked.role:
        {"serve": lambda: serve(asked.per_minute), "check": lambda: check(asked)}.get(
            asked.role, lambda: call(asked)
        )()
        return
    command = [sys.executable, __file__]
    for name in ("runs", "per_minute", "seconds", "share"):
        command += [f"--{name.replace('_', '-')}", str(getattr(asked, name))]
    started = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    def told(process: subprocess.Popen[str]) -> list[float]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    with tempfile.TemporaryDirectory() as folder:
        try:
            api = start("--role", "serve")
            assert api.stdout is not None
            facts = ["--server", api.stdout.readline()]
            checks = start("--role", "check", *facts, "--ledger", f"{folder}/shared.sqlite")
            assert checks.stdout is not None
            assert checks.stdout.readline() == "open\n"
            rest = int(asked.per_minute * (1 - asked.share))
            others = [
                ("nobody else", None, 0),
                ("same ledger", "shared", asked.per_minute),
                ("another ledger", "own", rest),
            ]
            print(
                "beside            checks  others  allowed  longest pause, s   429: checks, others"
            )
            for name, place, allowed in others:
                before, begun = told(checks), time.monotonic()
                if place is None:
                    time.sleep(asked.seconds)
                    calls = [0, 0, 0]
                else:
                    ledger = ["--ledger", f"{folder}/{place}.sqlite", "--allowed", str(allowed)]
                    calls = told(start("--role", "call", *facts, *ledger))
                after = told(checks)
                checked = (after[0] - before[0]) / (time.monotonic() - begun) * 60
                made = calls[0] / asked.seconds * 60
                print(
                    f"{name:<15} {checked:>8.0f} {made:>7.0f} "
                    f"{asked.per_minute:>8} {calls[1]:>17.1f} {after[1] - before[1]:>12} "
                    f"{calls[2]:>7}",
                    flush=True,
                )
        finally:
            for process in started:
                process.kill()
                process.wait()


if __name__ == "__main__":
    main()
