"""What the memory of records costs: bytes a record, and the time of a second job and of a plan.

    python benches/memory.py [--ids 1000000] [--times 5]
    python benches/memory.py --records 1000000 10000000 50000000 [--random-ids]

Each run of the first submits a table to the local server with its limits lifted, then the same
table under another key, and then asks what 100,000 of its ids would cost. Figures are medians of
the runs; the server is a process of its own.

The second makes ledgers of so many records, and opens and asks them: jobs of a million ids each are
written as the ledger has them once they are loaded, and the ledger takes each into its memory
itself before the next one comes. With `--random-ids` the ids are UUIDs, which do not compress.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from random import Random
from typing import Any


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


#: Records of a unit, and units of a job.
UNIT, UNITS = 1_000, 1_000
OFF = dict.fromkeys(["sync", "batches", "credits", "bursts"])


def ids_of(job: int, unit: int, random_ids: bool) -> list[str]:
    """The ids of a unit, the same each time."""
    first = (job * UNITS + unit) * UNIT
    if not random_ids:
        return [f"P{number:09}" for number in range(first, first + UNIT)]
    dice = Random(first)
    return [str(uuid.UUID(int=dice.getrandbits(128), version=4)) for _ in range(UNIT)]


def add_job(ledger: str, number: int, random_ids: bool) -> None:
    """Writes a job of a million ids into a ledger, as it is once its answers are loaded."""
    import pyarrow

    database = sqlite3.connect(ledger, isolation_level=None)
    database.row_factory = sqlite3.Row
    (key,) = database.execute("SELECT key FROM lantern_hash_key").fetchone()
    keyed = hashlib.sha256(key.encode())

    def packed(data: bytes) -> bytes:
        return bytes(pyarrow.compress(data, codec="zstd", asbytes=True))

    def hashed(id: str) -> bytes:
        own = keyed.copy()
        own.update(id.encode())
        return own.digest()[:12]

    def insert(table: str, row: dict[str, Any]) -> int | None:
        places = ", ".join("?" * len(row))
        text = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"
        return database.execute(text, list(row.values())).lastrowid

    # As the job is that the local server has answered.
    (model,) = database.execute("SELECT * FROM lantern_jobs WHERE id = 1").fetchall()
    (unit_model,) = database.execute("SELECT * FROM lantern_units WHERE job = 1").fetchall()
    dice = Random(number)
    count = UNIT * UNITS
    database.execute("BEGIN IMMEDIATE")
    job = insert(
        "lantern_jobs",
        {key: model[key] for key in model.keys() if key != "id"}  # noqa: SIM118
        | {
            "key": f"email-{number:016x}",
            "digest": hashlib.sha256(str(number).encode()).hexdigest(),
            "rows": count,
            "ids": count,
            "units": UNITS,
            "loaded": UNITS,
            "returned": count,
        },
    )
    now = time.time_ns() // 1_000
    spent = 0
    for unit in range(1, UNITS + 1):
        ids = ids_of(number, unit - 1, random_ids)
        found = [dice.random() < 0.7 for _ in ids]
        spent += sum(found)
        run = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        old = str(unit_model["run_id"])
        insert(
            "lantern_units",
            dict(unit_model)
            | {
                "job": job,
                "number": unit,
                "count": UNIT,
                "credits": sum(found),
                "run_id": run,
                "result_path": str(unit_model["result_path"]).replace(old, run),
                "credits_path": str(unit_model["credits_path"]).replace(old, run),
                "idempotency_key": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
                "returned": UNIT,
                "emails": sum(found),
                "loaded_at": now,
                "remembered": 0,
            },
        )
        written = json.dumps(ids, separators=(",", ":")).encode()
        insert("lantern_unit_ids", {"job": job, "number": unit, "ids": packed(written)})
        answers = bytes(3 if one else 1 for one in found)
        answers += b"".join(int(one).to_bytes(2, "little") for one in found)
        insert(
            "lantern_asked",
            {
                "question": model["question"],
                "job": job,
                "number": unit,
                "parts": 1,
                "answered_at": now,
                "hashes": b"".join(map(hashed, ids)),
                "answers": packed(answers),
            },
        )
    database.execute("UPDATE lantern_jobs SET spent = ? WHERE id = ?", [spent, job])
    database.execute("COMMIT")
    database.close()


def bytes_of(ledger: str) -> int:
    """The size of a ledger whose log is written into its file."""
    database = sqlite3.connect(ledger)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return Path(ledger).stat().st_size


def ask(facts: dict[str, Any], ledger: str, ids: list[str]) -> dict[str, float]:
    """Opens a ledger in this process, and asks what ids would cost."""
    import arro3.core

    import lantern

    start = time.perf_counter()
    client = lantern.Client(
        facts["key"],
        facts["url"],
        ledger=ledger,
        storage_options=facts["storage"],
        limits=OFF,
    )
    opened = time.perf_counter() - start
    array = arro3.core.Array(ids, type=arro3.core.DataType.string())
    table = arro3.core.Table.from_pydict({"id": array})
    cpu, start = time.process_time(), time.perf_counter()
    plan = client.submit(table, "email", max_credits=1_000_000, dry_run=True)
    planned, worked = time.perf_counter() - start, time.process_time() - cpu
    return {
        "ms to open": opened * 1e3,
        "s of a dry run": planned,
        "CPU s of a dry run": worked,
        "known": plan["known_ids"],
    }


def large(records: list[int], times: int, random_ids: bool) -> None:
    """Figures of ledgers of so many records."""
    own = [sys.executable, __file__]
    million = str(Path(__file__).with_name("million.py"))
    command = [sys.executable, million, "--serve", "--ids", "1000"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdin is not None
    assert server.stdout is not None
    facts = json.loads(server.stdout.readline())
    options = ["--random-ids"] if random_ids else []
    with tempfile.TemporaryDirectory() as folder:
        ledger = f"{folder}/ledger.sqlite"

        def asked(ids: list[str]) -> dict[str, float]:
            question = json.dumps({"facts": facts, "ledger": ledger, "ids": ids})
            done = subprocess.run([*own, "--ask"], input=question, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            answer: dict[str, float] = json.loads(done.stdout)
            return answer

        begin = [*own, "--begin"]
        subprocess.run(begin, input=json.dumps([facts, ledger]), text=True, check=True)
        jobs, folding = 0, 0.0
        for wanted in sorted(records):
            while jobs * UNIT * UNITS < wanted:
                subprocess.run([*own, "--add", ledger, str(jobs), *options], check=True)
                jobs += 1
                # Asking takes in what was loaded since.
                folding += asked(["nobody"])["CPU s of a dry run"]
            dice = Random(wanted)
            units = [(dice.randrange(jobs), dice.randrange(UNITS)) for _ in range(50)]
            # The ids of a unit are spread over the memory by their hashes.
            half = [id for job, unit in units for id in ids_of(job, unit, random_ids)]
            ids = [*half, *(f"new-{number}" for number in range(50_000))]
            runs = [asked(ids) for _ in range(times)]
            assert all(run["known"] == len(set(half)) for run in runs)
            print(f"{wanted:,} records: {bytes_of(ledger) / wanted:.1f} bytes each in the ledger")
            print(f"  {folding / jobs:.2f} s of CPU to take in a million")
            for name in ("ms to open", "s of a dry run", "CPU s of a dry run"):
                values = sorted(run[name] for run in runs)
                median = statistics.median(values)
                print(f"  {median:,.3f} {name} ({values[0]:,.3f} to {values[-1]:,.3f})", flush=True)
        server.stdin.write("\n")
        server.stdin.flush()
    server.wait()


def begin(facts: dict[str, Any], ledger: str) -> None:
    """Makes a ledger with one answered job."""
    import arro3.core

    import lantern

    array = arro3.core.Array(["P0000001"], type=arro3.core.DataType.string())
    client = lantern.Client(
        facts["key"], facts["url"], ledger=ledger, storage_options=facts["storage"], limits=OFF
    )
    table = arro3.core.Table.from_pydict({"id": array})
    client.submit(table, "email", max_credits=1).wait(progress=False)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--records", type=int, nargs="+")
    parser.add_argument("--random-ids", action="store_true")
    # What the processes of one run do.
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--begin", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--add", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(run(arguments.ids)))
    elif arguments.begin:
        begin(*json.load(sys.stdin))
    elif arguments.add:
        ledger, number = arguments.add
        add_job(ledger, int(number), arguments.random_ids)
    elif arguments.ask:
        print(json.dumps(ask(**json.load(sys.stdin))))
    elif arguments.records:
        large(arguments.records, arguments.times, arguments.random_ids)
    else:
        command = [sys.executable, __file__, "--one", "--ids", str(arguments.ids)]
        runs = [json.loads(subprocess.check_output(command)) for _ in range(arguments.times)]
        for name in runs[0]:
            values = sorted(each[name] for each in runs)
            median = statistics.median(values)
            print(f"{name:<34} {median:10,.3f}   ({values[0]:,.3f} to {values[-1]:,.3f})")


if __name__ == "__main__":
    main()
