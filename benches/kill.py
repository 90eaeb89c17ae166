"""SIGKILL at random moments of a 20-batch job, which is then picked up: what is sent twice or lost?

    python benches/kill.py [--kills 50] [--seed 1]

The local server counts: each batch carries an `Idempotency-Key`, which the server notes and does
not use. A batch that was in doubt is decided by looking at the server, as a person would.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BATCHES, SIZE = 20, 50


def work(folder: Path, key: str) -> None:
    """The client that is killed."""
    import polars

    client = connect(folder)
    ids = json.loads((folder / "ids.json").read_text())
    table = polars.DataFrame({"id": ids})
    print("ready", flush=True)
    job = client.submit(table, "phone-email", max_credits=100_000, key=key, batch_size=SIZE)
    job.wait(progress=False)


def connect(folder: Path):
    import lantern

    facts = json.loads((folder / "server.json").read_text())
    return lantern.Client(
        facts["key"],
        facts["url"],
        storage_options=facts["storage"],
        ledger=folder / "ledger.sqlite",
        limits=dict.fromkeys(["sync", "batches", "credits", "bursts"]),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", nargs=2)
    arguments = parser.parse_args()
    if arguments.work:
        work(Path(arguments.work[0]), arguments.work[1])
        return
    import polars

    import lantern

    chance = random.Random(arguments.seed)
    twice = lost = doubtful = arrived = unfinished = 0
    with tempfile.TemporaryDirectory() as name, lantern.LocalServer(limits="off") as server:
        folder = Path(name)
        facts = {"url": server.url, "key": server.key, "storage": server.storage_options}
        (folder / "server.json").write_text(json.dumps(facts))
        ids = server.people().column("id").to_pylist()[: BATCHES * SIZE]
        (folder / "ids.json").write_text(json.dumps(ids))

        def start(key: str) -> subprocess.Popen[str]:
            command = [sys.executable, __file__, "--work", str(folder), key]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            assert process.stdout is not None
            process.stdout.readline()
            return process

        begun = time.perf_counter()
        start("untouched").wait()
        whole = time.perf_counter() - begun
        begun = time.perf_counter()
        start("untouched again").wait()
        whole = min(whole, time.perf_counter() - begun)
        for kill in range(arguments.kills):
            key = f"kill {kill}"
            process = start(key)
            time.sleep(chance.uniform(0, whole))
            process.kill()
            unfinished += process.wait() != 0
            client = connect(folder)
            table = polars.DataFrame({"id": ids})
            while True:
                try:
                    job = client.submit(
                        table, "phone-email", max_credits=100_000, key=key, batch_size=SIZE
                    )
                    job.wait(progress=False)
                    break
                except lantern.exceptions.OutcomeUnknown:
                    runs = {run["idempotency_key"]: run for run in server.runs().to_pylist()}
                    job = client.job(key)
                    for batch in job.in_doubt().to_pylist():
                        doubtful += 1
                        run = runs.get(batch["idempotency_key"])
                        if run is None:
                            job.resend(batch["batch"])
                            continue
                        arrived += 1
                        job.resolve(
                            batch["batch"],
                            run["run_id"],
                            result_path=run["result_path"],
                            credits_path=run["credits_csv_path"],
                        )
            sent = job.credits().to_pylist()
            keys = [batch["idempotency_key"] for batch in sent]
            noted = [run["idempotency_key"] for run in server.runs().to_pylist()]
            twice += sum(noted.count(key) > 1 for key in keys)
            lost += sum(
                count
                for status, count in job.summary().rows.items()
                if status not in ("found", "not_found")
            )
    print(
        f"{arguments.kills} kills of a {BATCHES}-batch job ({unfinished} before its end; an "
        f"unkilled one takes {whole:.2f} s): batches in doubt {doubtful}, of which had arrived "
        f"{arrived}; batches sent twice {twice}; rows lost {lost}"
    )


if __name__ == "__main__":
    main()
