"""The similarities beside rapidfuzz, polars_ds, polars_distance, polars_strsim and DuckDB.

python benches/similarity_peers.py [--rows 1000000] [--runs 5] [--measures indel] [--cpu]

Pairs of company names of some 22 characters, half of them unrelated, the same on every machine.
Each contestant gets the names in the form that it likes best, and gives a column of scores. In
every run all of them take turns, and medians are shown, once on one core and once on two. The
peers are optional (`pip install --group bench`, in an environment of its own: some want an
older Polars), and one that is missing is said.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

MEASURES = [
    "jaro_winkler",
    "levenshtein",
    "indel",
    "token_sort",
    "token_set",
    "jaro",
    "osa",
    "partial_ratio",
]
OURS = ["lantern", "lantern (Polars)"]
PEERS = ["rapidfuzz", "polars_ds", "polars_distance", "polars_strsim", "duckdb"]

FIRST = """
    Acme Alpine Amber Apex Arrow Atlas Aurora Beacon Blue Bright Cedar Central Clear Coastal
    Crescent Crystal Delta Eagle Eastern Elm Ember Evergreen Falcon First Frontier Global
    Golden Granite Green Harbor Heritage Highland Horizon Iron Keystone Lake Liberty Lunar
    Maple Meridian Metro Midwest Noble North Oak Ocean Omega Orion Pacific Pine Pioneer
    Prime Quantum Red River Rocky Royal Silver Sierra Solar Southern Sterling Summit Sunrise
    Titan Trident United Valley Vertex Vista Western White Zenith Müller Société Grupo
    Bäckerei Łódź
""".split()
SECOND = """
    Aerospace Analytics Apparel Architects Automotive Bank Biotech Brands Builders Capital
    Chemical Clinic Coffee Communications Consulting Controls Dairy Data Dental Design
    Digital Dynamics Electric Electronics Energy Engineering Entertainment Farms Fabrication
    Financial Fitness Foods Furniture Games Health Homes Hospitality Insurance Interactive
    Interiors Labs Legal Lighting Logistics Machinery Manufacturing Marine Materials Media
    Medical Metals Mining Motors Networks Optics Packaging Paper Partners Pharma Plastics
    Power Precision Printing Properties Publishing Rail Research Retail Robotics Security
    Semiconductor Services Shipping Software Solutions Staffing Steel Supply Systems
    Technologies Textiles Tools Travel Trading Ventures Water Wines
""".split()
FORMS = [
    "Inc",
    "Inc.",
    "LLC",
    "Ltd",
    "Ltd.",
    "Corp",
    "Corporation",
    "GmbH",
    "AG",
    "S.A.",
    "",
    "",
    "",
]


def pairs(rows: int) -> tuple[list[str], list[str]]:
    dice = random.Random(7)

    def name() -> str:
        words = [dice.choice(FIRST), dice.choice(SECOND)]
        if dice.random() < 0.4:
            words.insert(1, dice.choice(SECOND))
        words.append(dice.choice(FORMS))
        return " ".join(word for word in words if word)

    def varied(text: str) -> str:
        words = text.split()
        if dice.random() < 0.4:
            words[-1] = dice.choice(FORMS[:10])
        if dice.random() < 0.15:
            words = words[1:] + words[:1]
        letters = list(" ".join(words))
        for _ in range(dice.choice([0, 1, 1, 2])):
            at = dice.randrange(len(letters))
            letters[at : at + 1] = dice.choice(["", "e", letters[at] * 2])
        return "".join(letters)

    left = [name() for _ in range(rows)]
    right = [varied(text) if at % 2 else name() for at, text in enumerate(left)]
    return left, right


def contestants(measure: str, cores: int, left: list[str], right: list[str]) -> dict[str, Callable]:
    import polars as pl

    import lantern

    table = pl.DataFrame({"a": left, "b": right})
    a, b = table["a"], table["b"]
    found: dict[str, Callable] = {
        "lantern": lambda: getattr(lantern.similarity, measure)(a, b),
        "lantern (Polars)": lambda: table.select(getattr(pl.col("a").lantern, measure)("b")),
    }

    def polars(name: str, expression: pl.Expr) -> None:
        found[name] = lambda: table.select(expression)
        if cores > 1:
            lazy = table.lazy().select(expression)
            found[f"{name} (streaming)"] = lambda: lazy.collect(engine="streaming")

    if there("rapidfuzz"):
        from rapidfuzz import distance, fuzz, process

        scorers = {
            "jaro_winkler": distance.JaroWinkler.normalized_similarity,
            "jaro": distance.Jaro.normalized_similarity,
            "levenshtein": distance.Levenshtein.normalized_similarity,
            "osa": distance.OSA.normalized_similarity,
            "indel": fuzz.ratio,
            "token_sort": fuzz.token_sort_ratio,
            "token_set": fuzz.token_set_ratio,
            "partial_ratio": fuzz.partial_ratio,
        }
        scorer = scorers[measure]
        found["rapidfuzz"] = lambda: process.cpdist(left, right, scorer=scorer, workers=cores)
    if there("polars_ds"):
        import polars_ds as pds

        parallel = cores > 1
        calls = {
            "jaro_winkler": lambda: pds.str_jw("a", "b", parallel=parallel),
            "jaro": lambda: pds.str_jaro("a", "b", parallel=parallel),
            "levenshtein": lambda: pds.str_leven("a", "b", return_sim=True, parallel=parallel),
            "osa": lambda: pds.str_osa("a", "b", return_sim=True, parallel=parallel),
            "indel": lambda: pds.str_fuzz("a", "b", parallel=parallel),
        }
        if measure in calls:
            polars("polars_ds", calls[measure]())
    if there("polars_distance"):
        import polars_distance  # noqa: F401

        calls = {
            "jaro_winkler": lambda: pl.col("a").dist_str.jaro_winkler("b"),
            "jaro": lambda: pl.col("a").dist_str.jaro("b"),
            "levenshtein": lambda: pl.col("a").dist_str.levenshtein("b", normalized=True),
            "osa": lambda: pl.col("a").dist_str.osa("b", normalized=True),
            "indel": lambda: pl.col("a").dist_str.indel("b", normalized=True),
        }
        if measure in calls:
            polars("polars_distance", calls[measure]())
    if there("polars_strsim"):
        import polars_strsim

        if hasattr(polars_strsim, measure):
            polars("polars_strsim", getattr(polars_strsim, measure)("a", "b"))
    if there("duckdb"):
        import duckdb

        calls = {
            "jaro_winkler": "jaro_winkler_similarity(a, b)",
            "jaro": "jaro_similarity(a, b)",
            "levenshtein": "1 - levenshtein(a, b) / greatest(length(a), length(b))",
        }
        if measure in calls:
            con = duckdb.connect()
            con.sql(f"set threads to {cores}")
            con.register("given", table.to_arrow())
            con.sql("create table pairs as select * from given")
            query = f"select sum({calls[measure]}) from pairs"
            found["duckdb"] = lambda: con.sql(query).fetchall()
    return found


def there(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def measure_all(
    measures: list[str], cores: int, rows: int, runs: int, clock: Callable[[], float]
) -> dict[str, dict[str, float]]:
    left, right = pairs(rows)
    medians = {}
    for measure in measures:
        calls = contestants(measure, cores, left, right)
        seconds: dict[str, list[float]] = {name: [] for name in calls}
        for run in range(runs + 1):  # the first warms up
            for name, call in calls.items():
                start = clock()
                call()
                if run:
                    seconds[name].append(clock() - start)
        medians[measure] = {n: statistics.median(s) / rows * 1e9 for n, s in seconds.items()}
    return medians


def show(cores: int, medians: dict[str, dict[str, float]], clock: str) -> None:
    print(f"\n## {cores} core{'s' * (cores > 1)}: nanoseconds {clock}a pair\n")
    columns = [*OURS, *PEERS]
    print("| measure | " + " | ".join(columns) + " | best peer | lantern / best peer |")
    print("|---" * (len(columns) + 3) + "|")
    for measure, found in medians.items():
        best: dict[str, float] = {}
        for name, value in found.items():
            plain = name.removesuffix(" (streaming)")
            best[plain] = min(value, best.get(plain, value))
        cells = [f"{best[name]:.0f}" if name in best else "-" for name in columns]
        peers = {name: best[name] for name in PEERS if name in best}
        if peers:
            name = min(peers, key=peers.__getitem__)
            ratio = f"{min(best[ours] for ours in OURS) / peers[name]:.2f}"
            cells += [f"{name} {peers[name]:.0f}", ratio]
        else:
            cells += ["-", "-"]
        print(f"| {measure} | " + " | ".join(cells) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--measures", nargs="+", default=MEASURES, choices=MEASURES)
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    parser.add_argument(
        "--cpu", action="store_true", help="the processor's time, of all threads: for busy machines"
    )
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        clock = time.process_time if asked.cpu else time.perf_counter
        medians = measure_all(asked.measures, asked.worker, asked.rows, asked.runs, clock)
        print(json.dumps(medians))
        return
    missing = [name for name in PEERS if not there(name)]
    if missing:
        print(f"not installed, and so not compared: {', '.join(missing)}")
    left, right = pairs(min(asked.rows, 100_000))
    length = statistics.mean(len(text) for text in left + right)
    import lantern

    if lantern._lantern.__debug_build__:
        print("this is a debug build of lantern: its times say nothing")
    print(
        f"{asked.rows:,} pairs of company names of {length:.1f} characters on average, half of "
        f"them unrelated; medians of {asked.runs} runs; with Polars eager or streaming"
    )
    for cores in asked.cores:
        threads = str(cores)
        environment = os.environ | {"POLARS_MAX_THREADS": threads, "RAYON_NUM_THREADS": threads}
        command = [sys.executable, str(Path(__file__)), "--worker", threads]
        command += ["--rows", str(asked.rows), "--runs", str(asked.runs)]
        command += ["--measures", *asked.measures, *["--cpu"] * asked.cpu]
        if hasattr(os, "sched_setaffinity"):
            available = sorted(os.sched_getaffinity(0))[:cores]
            command = ["taskset", "-c", ",".join(map(str, available)), *command]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, env=environment, check=True
        )
        show(cores, json.loads(done.stdout), "of processor time " if asked.cpu else "")


if __name__ == "__main__":
    main()
