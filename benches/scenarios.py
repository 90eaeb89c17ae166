"""Is matching right on tables that nobody tuned it to? A matrix of scenarios, with nothing set.

    python benches/scenarios.py                      # 60 cells that cover most, and the named cases
    python benches/scenarios.py --cells 0 --seed 7   # every pair of values of two factors
    python benches/scenarios.py --cells 200 --rows-at-most 3000 --jobs 2 --csv cells.csv
    python benches/scenarios.py --full               # every cell: weeks
    python benches/scenarios.py --only-cases colleagues,funds --language de

The factors of the matrix are in `synthetic/design.py`, the cases in `synthetic/cases.py`. It exits
with 1 where a bound does not hold: of the pairs at confidence 0.9 and above at least 85 % are true
in every cell that has 30 of them and 97 % over all cells, and at least 95 % of the exact copies of
unique values are found in every cell where equality proves identity. Needs `pip install --group
bench`.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.machinery
import importlib.util
import itertools
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
from synthetic import cases, design, peers
from synthetic.languages import LANGUAGES
from synthetic.measures import Outcome, measured
from synthetic.tables import Cell, make

ENOUGH = 30
"""Pairs at 0.9 and above, or exact copies, from which a share of a cell is judged."""
IN_A_CELL, OVER_ALL, FOUND = 0.85, 0.97, 0.95
RELIABLE = 0.9
"""Share of equal pairs that is true from which equality proves identity."""


@functools.cache
def matcher(path: str) -> Any:
    """`lantern`, or a module with the same functions from a file."""
    if not path:
        return importlib.import_module("lantern")
    name = Path(path).name.split(".")[0]
    loader = importlib.machinery.ExtensionFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        sys.exit(f"{path} is not an extension module")
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def one_cell(path: str, cell: Cell, seed: int) -> Outcome:
    return measured(matcher(path), cell, seed)


def one_case(path: str, name: str, seed: int, code: str, rows: int | None) -> list[cases.Figure]:
    return list(cases.figures(matcher(path), name, seed, code, rows))


def chosen_cells(options: argparse.Namespace) -> list[Cell]:
    factors = dict(design.FACTORS)
    factors["rows"] = tuple(rows for rows in factors["rows"] if rows <= options.rows_at_most)
    for only in options.only:
        name, _, value = only.partition("=")
        kept = tuple(one for one in factors.get(name, ()) if str(one) in value.split("|"))
        if not kept:
            sys.exit(
                f"--only {only}: {name} is one of {design.FACTORS.get(name, list(design.FACTORS))}"
            )
        factors[name] = kept
    cells: Iterator[Cell] = (
        design.every(factors) if options.full else design.covering(factors, options.seed)
    )
    return (
        list(itertools.islice(cells, options.cells))
        if options.cells and not options.full
        else list(cells)
    )


def run(options: argparse.Namespace, cells: list[Cell]) -> tuple[list[Outcome], list[cases.Figure]]:
    names = (
        []
        if options.only_cases == "none"
        else options.only_cases.split(",")
        if options.only_cases
        else list(cases.CASES)
    )
    if options.only_cases and options.only_cases != "none":
        cells = []
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        ahead = [
            pool.submit(one_case, options.module_path, name, options.seed, code, options.case_rows)
            for name in names
            for code in options.language.split(",")
        ]
        outcomes = []
        running = (
            pool.map(
                one_cell,
                *zip(*((options.module_path, cell, options.seed) for cell in cells), strict=True),
            )
            if cells
            else ()
        )
        for outcome in running:
            outcomes.append(outcome)
            if options.verbose:
                print(described(outcome), flush=True)
        return outcomes, [figure for one in ahead for figure in one.result()]


def described(outcome: Outcome) -> str:
    return (
        f"{outcome.cell.label()}: {outcome.sure} sure, {outcome.sure_share:.3f} true; "
        f"F1 {outcome.f1:.3f}; copies {outcome.evident_found}/{outcome.evident} "
        f"(equal is true {outcome.evident_reliable:.2f}); {outcome.warnings} warnings; "
        f"{outcome.seconds:.1f} s {outcome.error}".rstrip()
    )


def too_sure(outcomes: Iterable[Outcome]) -> list[Outcome]:
    judged = [one for one in outcomes if one.sure >= ENOUGH and one.sure_share < IN_A_CELL]
    return sorted(judged, key=lambda one: one.sure_share)


def judged_copies(outcomes: Iterable[Outcome]) -> list[Outcome]:
    return [one for one in outcomes if one.evident >= ENOUGH and one.evident_reliable >= RELIABLE]


def silent(outcomes: Iterable[Outcome]) -> list[Outcome]:
    missed = [one for one in judged_copies(outcomes) if one.evident_found < FOUND * one.evident]
    return sorted(missed, key=lambda one: one.evident_found / one.evident)


def by_value(outcomes: list[Outcome]) -> None:
    """Prints, for each value of each factor, how sure pairs are true and copies are found."""
    print(
        f"\n{'factor':<14} {'value':<28} {'cells':>5} {'sure':>9} {'true':>6} {'copies':>9} "
        f"{'found':>6} {'F1':>6}"
    )
    for factor, values in design.FACTORS.items():
        groups: dict[Any, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            groups[getattr(outcome.cell, factor)].append(outcome)
        for value in values:
            if of := groups.get(value):
                copies = judged_copies(of)
                unique = sum(one.evident for one in copies)
                print(
                    f"{factor:<14} {value!s:<28} {len(of):>5} {sum(one.sure for one in of):>9,} "
                    f"{share(sum(one.sure_true for one in of), sum(one.sure for one in of))} "
                    f"{unique:>9,} {share(sum(one.evident_found for one in copies), unique)} "
                    f"{sum(one.f1 for one in of) / len(of):>6.3f}"
                )


def share(part: int, whole: int) -> str:
    return f"{part / whole:>6.3f}" if whole else "     -"


def report(outcomes: list[Outcome], figures: list[cases.Figure], worst: int) -> bool:
    """Prints what was found, and says whether every bound holds."""
    failed = [one for one in outcomes if one.error]
    if outcomes:
        by_value(outcomes)
        sure, true = sum(one.sure for one in outcomes), sum(one.sure_true for one in outcomes)
        copies = judged_copies(outcomes)
        evident, found = (
            sum(one.evident for one in copies),
            sum(one.evident_found for one in copies),
        )
        confident, missing = too_sure(outcomes), silent(outcomes)
        groupless = [one for one in outcomes if not design.BY_NAME[one.cell.columns].identifies]
        seconds = sum(one.seconds for one in outcomes)
        print(f"\n{len(outcomes)} cells in {seconds:.0f} s of matching; {len(failed)} failed")
        print(
            f"pairs at 0.9 and above: {sure:,}, of which {share(true, sure).strip()} true "
            f"(at least {OVER_ALL})"
        )
        print(
            f"cells with {ENOUGH} such pairs: {sum(one.sure >= ENOUGH for one in outcomes)}, "
            f"of which {len(confident)} below {IN_A_CELL}"
        )
        print(
            f"exact unique copies: {evident:,} in {len(copies)} cells, of which "
            f"{share(found, evident).strip()} found; {len(missing)} cells below {FOUND}"
        )
        print(
            f"cells with warnings: {sum(one.warnings > 0 for one in outcomes)}; of "
            f"{len(groupless)} cells whose columns cannot identify, "
            f"{sum(one.warnings > 0 for one in groupless)}"
        )
        for title, some in (("too sure", confident), ("silent", missing), ("failed", failed)):
            if some:
                print(f"\n{title}: the worst {min(worst, len(some))} of {len(some)} cells")
            for one in some[:worst]:
                print("  " + described(one))
    if figures:
        broken = [figure for figure in figures if not figure.holds]
        print(f"\nnamed cases: {len(figures)} figures, {len(broken)} beyond their bounds")
        for figure in figures:
            print(f"  {figure}")
    holds = not failed and all(figure.holds for figure in figures)
    if outcomes:
        holds = holds and not confident and not missing and true >= OVER_ALL * sure
    return holds


def picture(outcomes: list[Outcome], path: str) -> None:
    """Draws, for each tenth of confidence, the share that is true."""
    import altair as alt

    pairs = pl.DataFrame(
        [pair for one in outcomes for pair in one.confidences],
        schema=["confidence", "true"],
        orient="row",
    )
    bins = (
        pairs.with_columns(tenth=(pl.col("confidence") * 20).floor().clip(0, 19))
        .group_by("tenth")
        .agg(pl.col("confidence").mean(), pl.col("true").cast(pl.Float64).mean(), pairs=pl.len())
    )
    data = alt.Data(values=bins.to_dicts())
    x = alt.X("confidence:Q", title="mean confidence").scale(domain=[0.5, 1])
    y = alt.Y("true:Q", title="share that is true").scale(domain=[0, 1])
    points = (
        alt.Chart(data)
        .mark_point(filled=True, opacity=1)
        .encode(x, y, alt.Size("pairs:Q").scale(type="sqrt"))
    )
    ends = alt.Data(values=[{"confidence": at, "true": at} for at in (0.5, 1)])
    line = alt.Chart(ends).mark_line(strokeDash=[4, 4], color="grey").encode(x, y)
    title = f"{len(outcomes)} generated scenarios: are confidences what they say?"
    (line + points).properties(title=title, width=420, height=320).save(path)
    print(f"drawn: {path}")


def compare(options: argparse.Namespace, cells: list[Cell], outcomes: list[Outcome]) -> None:
    """Prints F1 beside the peers', each at its best threshold, in the cells that they can do."""
    print(
        f"\n{'F1, peers at their best threshold':<78} lantern  "
        + "  ".join(f"{name:>9}" for name in peers.PEERS)
    )
    sums: dict[str, list[float]] = defaultdict(list)
    for cell, outcome in zip(cells, outcomes, strict=True):
        if cell.call == "match" and 30 <= cell.rows <= 3_000 and cell.share:
            tables = make(cell, options.seed)
            scores = {name: peer(tables) for name, peer in peers.PEERS.items()}
            for name, score in ({"lantern": outcome.f1} | scores).items():
                sums[name].append(score)
            print(
                f"{cell.label():<78} {outcome.f1:7.3f}  "
                + "  ".join(f"{score:9.3f}" for score in scores.values())
            )
    if sums:
        print("mean: " + ", ".join(f"{name} {sum(of) / len(of):.3f}" for name, of in sums.items()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--cells", type=int, default=60, help="number of cells; 0 for all that cover every pair"
    )
    parser.add_argument("--full", action="store_true", help="every cell of the matrix")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows-at-most", type=int, default=30_000)
    parser.add_argument(
        "--jobs", type=int, default=1, help="processes, each with its own threads (default 1)"
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="FACTOR=A|B",
        help="values of a factor to keep",
    )
    parser.add_argument(
        "--only-cases",
        default="",
        help="named cases to run, without the matrix; 'none' for the matrix alone",
    )
    parser.add_argument("--case-rows", type=int, help="rows of each named case")
    parser.add_argument(
        "--language", default="en", help=f"languages of the named cases, of {','.join(LANGUAGES)}"
    )
    parser.add_argument("--worst", type=int, default=15, help="worst cells to print")
    parser.add_argument("--csv", help="file for all cells")
    parser.add_argument("--picture", help="file for the reliability of confidences (needs altair)")
    parser.add_argument(
        "--peers", action="store_true", help="compare with the peers that are installed"
    )
    parser.add_argument(
        "--module-path", default="", help="extension module to use instead of lantern"
    )
    parser.add_argument("--verbose", action="store_true", help="print each cell")
    options = parser.parse_args()
    if options.jobs > 1:
        threads = max(1, (os.cpu_count() or 1) // options.jobs)
        os.environ.setdefault("RAYON_NUM_THREADS", str(threads))
    begun = time.perf_counter()
    cells = chosen_cells(options)
    outcomes, figures = run(options, cells)
    holds = report(outcomes, figures, options.worst)
    if options.csv:
        pl.DataFrame([one.row() for one in outcomes], infer_schema_length=None).write_csv(
            options.csv
        )
    if options.picture:
        picture(outcomes, options.picture)
    if options.peers and outcomes:
        compare(options, cells, outcomes)
    verdict = "every bound holds" if holds else "bounds are broken"
    print(f"\n{time.perf_counter() - begun:.0f} s; {verdict}")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
