"""A busy team for ten minutes: does anything grow, slow down, or go wrong?

    python benches/soak.py [--minutes 10] [--workers 8] [--picture soak.svg]

Worker processes share one ledger and one local server. Each submits jobs, maps calls, polls jobs of
others and loads tables, and compares every row with the one that was seen first. Memory,
descriptors, threads and temporary files of all processes are sampled, and so is how long the server
takes to answer. The end is 1 if a row was wrong, a worker failed, or something grew.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import arro3.core

import lantern

LIMITS = dict.fromkeys(["sync", "batches", "credits", "bursts"])
# Between two samples, in seconds.
PAUSE = 2.0
PAGE = os.sysconf("SC_PAGE_SIZE")


def table_of(**columns: list[str]) -> Any:
    """A table of texts."""
    text = arro3.core.DataType.utf8()
    arrays = {name: arro3.core.Array(values, text) for name, values in columns.items()}
    return arro3.core.Table.from_pydict(arrays)


def serve(pipe: Any) -> None:
    """The server, in a process of its own."""
    with lantern.LocalServer(limits="off") as server:
        pipe.send((server.url, server.key, dict(server.storage_options)))
        pipe.recv()


def work(number: int, place: dict[str, Any], until: float, report: Any) -> None:
    """One member of the team."""
    chance = random.Random(number)
    counts = dict.fromkeys(["jobs", "maps", "polls", "loads", "rows", "wrong"], 0)
    client = lantern.Client(
        place["key"],
        place["url"],
        ledger=place["ledger"],
        storage_options=place["storage"],
        limits=LIMITS,
    )
    people, domains = place["people"], place["domains"]
    own: list[str] = []
    failures = []
    while time.time() < until:
        try:
            what = chance.choice(["jobs", "maps", "polls", "loads"])
            if what == "jobs":
                ids = chance.sample(sorted(people), 60)
                key = f"w{number}-{counts['jobs']}"
                # Asked anew: what others were answered would leave nothing to send.
                job = client.submit(
                    table_of(id=ids),
                    "email",
                    max_credits=60,
                    key=key,
                    batch_size=20,
                    reuse=False,
                )
                job.wait(timeout=120, progress=False)
                own.append(key)
            elif what == "maps":
                rows = chance.sample(sorted(domains), 12)
                table = client.map(
                    table_of(id=rows, domain=rows),
                    "enrich.company",
                    columns={"record_id": "id", "domain": "domain"},
                    max_credits=100,
                    key=f"m{number}-{counts['maps']}",
                )
                for domain, name in zip(rows, table.column("name").to_pylist(), strict=True):
                    counts["rows"] += 1
                    counts["wrong"] += name != domains[domain]
            elif what == "polls":
                other = f"w{chance.randrange(place['workers'])}-{chance.randrange(5)}"
                with contextlib.suppress(lantern.exceptions.JobError):
                    client.job(other).poll()
            elif own:
                table = client.job(chance.choice(own)).table()
                for id, email in zip(
                    table.column("id").to_pylist(),
                    table.column("email").to_pylist(),
                    strict=True,
                ):
                    counts["rows"] += 1
                    counts["wrong"] += email != people[id]
            counts[what] += 1
        except Exception as error:
            failures.append(f"worker {number}: {error!r}"[:500])
    report.send((counts, failures))


def sample(processes: dict[str, int]) -> dict[str, dict[str, int]]:
    """Memory in MB, descriptors and threads of each process."""
    found = {}
    for name, pid in processes.items():
        folder = Path(f"/proc/{pid}")
        with contextlib.suppress(OSError):
            found[name] = {
                "memory": int((folder / "statm").read_text().split()[1]) * PAGE // 1_000_000,
                "descriptors": len(list((folder / "fd").iterdir())),
                "threads": len(list((folder / "task").iterdir())),
            }
    return found


def growth(values: list[int]) -> tuple[float, float]:
    """The median of the second fifth and that of the last: the first one warms up."""
    fifth = max(1, len(values) // 5)
    return statistics.median(values[fifth : 2 * fifth]), statistics.median(values[-fifth:])


def picture(path: Path, samples: list[dict[str, Any]], pings: list[tuple[float, float]]) -> None:
    """The curves, one panel for each measure, as SVG."""
    width, height, left = 860, 150, 60
    begun = samples[0]["at"]
    whole = max(samples[-1]["at"] - begun, 1)
    names = sorted(samples[0]["processes"])
    panels: list[tuple[str, dict[str, list[tuple[float, float]]]]] = []
    for measure in ("memory", "descriptors", "threads"):
        curves = {
            name: [
                (s["at"] - begun, s["processes"][name][measure])
                for s in samples
                if name in s["processes"]
            ]
            for name in names
        }
        panels.append((f"{measure}{' (MB)' if measure == 'memory' else ''}", curves))
    panels.append(("files beside results", {"": [(s["at"] - begun, s["files"]) for s in samples]}))
    panels.append(
        ("server's answer (ms)", {"": [(at - begun, 1_000 * took) for at, took in pings]})
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 2 * left} '
        f'{len(panels) * (height + 40) + 20}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for panel, (title, curves) in enumerate(panels):
        top = panel * (height + 40) + 25
        most = max((y for curve in curves.values() for _, y in curve), default=1) or 1
        parts.append(f'<text x="{left}" y="{top - 8}">{title}</text>')
        parts.append(f'<text x="4" y="{top + 10}">{most:.0f}</text>')
        parts.append(f'<text x="4" y="{top + height}">0</text>')
        frame = f'x="{left}" y="{top}" width="{width}" height="{height}"'
        parts.append(f'<rect {frame} fill="none" stroke="#999"/>')
        for name, curve in curves.items():
            colour = "#d9480f" if name in ("server", "") else "#1c7ed6"
            points = " ".join(
                f"{left + width * x / whole:.1f},{top + height - height * y / most:.1f}"
                for x, y in curve
            )
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
    parts.append("</svg>")
    path.write_text("\n".join(parts))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--picture", type=Path, default=Path("soak.svg"))
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(there,), daemon=True)
    server.start()
    url, key, storage = here.recv()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = str(folder / "ledger.sqlite")
        place = {"url": url, "key": key, "storage": storage, "ledger": ledger}
        client = lantern.Client(key, url, ledger=ledger, storage_options=storage, limits=LIMITS)
        truth(client, place)
        place["workers"] = options.workers
        until = time.time() + 60 * options.minutes
        workers, ends = [], []
        for number in range(options.workers):
            mine, theirs = context.Pipe()
            worker = context.Process(target=work, args=(number, place, until, theirs), daemon=True)
            worker.start()
            workers.append(worker)
            ends.append(mine)
        processes = {f"worker {n}": w.pid or 0 for n, w in enumerate(workers)}
        processes["server"] = server.pid or 0
        samples, pings = watch(client, processes, folder, until)
        counts: dict[str, int] = {}
        failures: list[str] = []
        for end in ends:
            if not end.poll(180):
                failures.append("a worker did not end")
                continue
            own, failed = end.recv()
            failures += failed
            for what, count in own.items():
                counts[what] = counts.get(what, 0) + count
        for worker in workers:
            worker.join(30)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    here.send(None)
    server.join(30)
    picture(options.picture, samples, pings)
    return verdict(samples, pings, counts, failures, size)


def truth(client: lantern.Client, place: dict[str, Any]) -> None:
    """What every row must be: asked for once, before the others begin."""
    with lantern.LocalServer(limits="off") as server:
        ids = server.people().column("id").to_pylist()[:600]
        domains = [d for d in server.companies().column("domain").to_pylist() if d][:60]
    job = client.submit(table_of(id=ids), "email", max_credits=600, key="truth")
    job.wait(timeout=120, progress=False)
    table = job.table()
    rows = zip(table.column("id").to_pylist(), table.column("email").to_pylist(), strict=True)
    place["people"] = dict(rows)
    columns = {"record_id": "id", "domain": "domain"}
    found = client.map(
        table_of(id=domains, domain=domains), "enrich.company", columns=columns, max_credits=600
    )
    place["domains"] = dict(zip(domains, found.column("name").to_pylist(), strict=True))


def watch(
    client: lantern.Client, processes: dict[str, int], folder: Path, until: float
) -> tuple[list[dict[str, Any]], list[tuple[float, float]]]:
    """Samples the processes, and asks the server how it is."""
    samples: list[dict[str, Any]] = []
    pings: list[tuple[float, float]] = []
    due = time.time()
    while time.time() < until:
        begun = time.perf_counter()
        client.credits.remaining()
        pings.append((time.time(), time.perf_counter() - begun))
        if time.time() >= due:
            beside = [p for p in folder.iterdir() if p.is_file()]
            samples.append(
                {"at": time.time(), "processes": sample(processes), "files": len(beside)}
            )
            due += PAUSE
        time.sleep(0.1)
    return samples, pings


def verdict(
    samples: list[dict[str, Any]],
    pings: list[tuple[float, float]],
    counts: dict[str, int],
    failures: list[str],
    size: int,
) -> int:
    """Prints the figures, and answers 1 if something grew or was wrong."""
    bad = [*failures[:10]]
    for name in sorted(samples[0]["processes"]):
        for measure in ("memory", "descriptors", "threads"):
            values = [s["processes"][name][measure] for s in samples if name in s["processes"]]
            before, after = growth(values)
            # Memory may breathe; descriptors and threads come back.
            room = 0.25 * before + 20 if measure == "memory" else 0.1 * before + 8
            if after > before + room:
                bad.append(f"{measure} of {name} grew from {before:.0f} to {after:.0f}")
    before, after = growth([s["files"] for s in samples])
    if after > before + 2:
        bad.append(f"files beside the results grew from {before:.0f} to {after:.0f}")
    if counts.get("wrong"):
        bad.append(f"{counts['wrong']} rows were wrong")
    took = sorted(1_000 * took for _, took in pings)
    totals = {
        measure: growth([sum(own[measure] for own in s["processes"].values()) for s in samples])
        for measure in ("memory", "descriptors", "threads")
    }
    print(
        json.dumps(
            {
                "minutes": round((samples[-1]["at"] - samples[0]["at"]) / 60, 1),
                "done": counts,
                "failures": len(failures),
                "all processes, after warming up and at the end": totals,
                "MB of the ledger and its results": round(size / 1e6, 1),
                "server's answer in ms": {
                    "median": round(statistics.median(took), 1),
                    "p99": round(took[int(0.99 * (len(took) - 1))], 1),
                    "most": round(took[-1], 1),
                },
            },
            indent=1,
        )
    )
    for what in bad:
        print("WRONG:", what)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
