"""`lantern.read_results` against the readers that people use, on the same 1,000 files.

    python benches/read_results.py [--files 1000] [--rounds 7]

Each reading is a process of its own; the readers take turns. Figures are medians.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "target" / "bench-python"


def make(count: int) -> list[Path]:
    """Files as the local server writes them: phone-email results of 1,000 rows each."""
    import lantern

    FOLDER.mkdir(parents=True, exist_ok=True)
    paths = [FOLDER / f"{number:04}.csv" for number in range(count)]
    if all(path.exists() for path in paths):
        return paths
    from itertools import cycle

    with lantern.LocalServer(limits="off", size=20_000) as server:
        client = server.client()
        job = client.submit(server.people(), "phone-email", max_credits=200_000)
        job.wait()
        folder = Path(client.ledger).with_suffix(".results")
        bodies = [p.read_bytes() for p in folder.rglob("*.csv") if "credits" not in p.name]
    for path, body in zip(paths, cycle(bodies), strict=False):
        path.write_bytes(body)
    return paths


def read(reader: str) -> dict[str, float]:
    """Reads all files once and answers seconds, table size and peak memory in MB."""
    glob = str(FOLDER / "*.csv")
    if reader == "lantern":
        import lantern

        start = time.perf_counter()
        table = lantern.read_results(glob)
        seconds = time.perf_counter() - start
        rows, size = table.num_rows, table.nbytes
    elif reader == "polars":
        import polars

        start = time.perf_counter()
        frame = polars.read_csv(glob)
        seconds = time.perf_counter() - start
        rows, size = frame.height, frame.estimated_size()
    elif reader == "duckdb":
        import duckdb

        start = time.perf_counter()
        arrow = duckdb.sql(f"SELECT * FROM read_csv('{glob}')").to_arrow_table()
        seconds = time.perf_counter() - start
        rows, size = arrow.num_rows, arrow.nbytes
    else:
        import pyarrow
        import pyarrow.csv

        start = time.perf_counter()
        parts = [pyarrow.csv.read_csv(path) for path in sorted(FOLDER.glob("*.csv"))]
        arrow = pyarrow.concat_tables(parts, promote_options="permissive")
        seconds = time.perf_counter() - start
        rows, size = arrow.num_rows, arrow.nbytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "rows": rows, "table": size / 1e6, "peak": peak / 1e6}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--read")
    arguments = parser.parse_args()
    if arguments.read:
        print(json.dumps(read(arguments.read)))
        return
    paths = make(arguments.files)
    total = sum(path.stat().st_size for path in paths) / 1e6
    print(f"{len(paths)} files, {total:.0f} MB, medians of {arguments.rounds}")
    readers = ["lantern", "polars", "duckdb", "pyarrow"]
    runs: dict[str, list[dict[str, float]]] = {reader: [] for reader in readers}
    for turn in range(arguments.rounds + 1):
        for reader in readers:
            command = [sys.executable, __file__, "--read", reader]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            if turn > 0:  # the first turn warms the disk's cache
                runs[reader].append(json.loads(done.stdout))
    median = {r: statistics.median(run["seconds"] for run in runs[r]) for r in readers}
    print(
        f"{'reader':<10}{'seconds':>9}{'to polars':>11}{'table MB':>10}{'peak MB':>9}{'rows':>11}"
    )
    for reader in readers:
        last = runs[reader][-1]
        peak = statistics.median(run["peak"] for run in runs[reader])
        ratio = median[reader] / median["polars"]
        print(
            f"{reader:<10}{median[reader]:>9.3f}{ratio:>11.2f}{last['table']:>10.0f}"
            f"{peak:>9.0f}{last['rows']:>11,}"
        )


if __name__ == "__main__":
    main()
