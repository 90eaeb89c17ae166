"""How the time and the shuffle of `lantern.spark.match` grow with the rows, on a local Spark.

    make bench-spark
    .venv-spark/bin/python benches/spark.py --rows 1_000_000 5_000_000 --minutes 60

Leads are matched with as many accounts, by domain and name or by phone. Of the leads, nine in ten
have an account, a tenth of these with another spelling of the name, and 2,000 rows of both sides
have one domain, all names of which are compared (`--one-domain`). Each line is one size: seconds
until all matches are there, bytes that the shuffles wrote by Spark's own count, leads that got
their account, and the seconds that `lantern.match` takes on this machine, where asked for.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.request

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import lantern
import lantern.spark

SIZES = [100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000]
RULES = [["domain:eq", "company:fuzzy0.8"], ["phone:eq"]]
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ar", "en", "il")]


def name(number: F.Column) -> F.Column:
    """A name of two words that is the same for the same number."""
    syllables = F.array(*map(F.lit, SYLLABLES))
    bits = F.xxhash64(number)
    parts = [
        F.element_at(
            syllables, F.pmod(F.shiftright(bits, 8 * part), F.lit(len(SYLLABLES))).cast("int") + 1
        )
        for part in range(6)
    ]
    return F.initcap(F.concat(*parts[:3], F.lit(" "), *parts[3:]))


def sides(spark: SparkSession, rows: int, large_rows: int) -> tuple[DataFrame, DataFrame]:
    """Leads and accounts; lead `L7` belongs to account `A7` where there is one."""
    number = F.col("id")
    chance = F.pmod(F.xxhash64(number, F.lit("chance")), F.lit(100))
    large = F.pmod(F.xxhash64(number, F.lit("large")), F.lit(max(rows // large_rows, 1))) == 0

    def made(begin: int, letter: str) -> DataFrame:
        own = F.concat(F.lower(F.regexp_replace(name(number), " ", "")), F.lit(".com"))
        company = F.concat(name(number), F.lit(" Inc"))
        if letter == "L":
            typo = F.concat(
                F.substring(name(number), 1, 4), F.lit("x"), F.substring(name(number), 6, 90)
            )
            company = F.when(chance < 10, typo).otherwise(name(number))
            own = F.when(chance % 2 == 0, F.concat(F.lit("https://www."), own)).otherwise(own)
        phone = F.concat(F.lit("+1415"), F.lpad(number.cast("string"), 7, "0"))
        return spark.range(begin, begin + rows).select(
            F.concat(F.lit(letter), number).alias("id"),
            company.alias("company"),
            F.when(large, F.lit("bigcorp.com")).otherwise(own).alias("domain"),
            F.when(chance < 30, phone).alias("phone"),
        )

    return made(rows // 10, "L"), made(0, "A")


def shuffled(spark: SparkSession, since: int) -> tuple[int, int]:
    """Bytes that shuffles wrote from stage `since` on, by Spark's REST API; and the next stage."""
    context = spark.sparkContext
    url = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/stages"
    with urllib.request.urlopen(url) as answer:
        stages = json.load(answer)
    new = [stage for stage in stages if stage["stageId"] >= since]
    return sum(stage["shuffleWriteBytes"] for stage in new), 1 + max(
        (stage["stageId"] for stage in stages), default=since - 1
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES, help="rows a side")
    parser.add_argument("--minutes", type=float, default=15, help="begins no size after so long")
    parser.add_argument("--local", action="store_true", help="times lantern.match beside it")
    parser.add_argument("--scan", action="store_true", help="company:fuzzy0.85 alone: no key")
    parser.add_argument(
        "--one-domain", type=int, default=2_000, help="so many rows of a side have one domain"
    )
    parser.add_argument("--part-rows", type=int, default=50_000)
    parser.add_argument("--master", default=f"local[{os.cpu_count()}]")
    arguments = parser.parse_args()

    spark = (
        SparkSession.builder.master(arguments.master)
        .config("spark.driver.memory", "6g")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.ui.retainedStages", "100000")
        .config("spark.sql.shuffle.partitions", "64")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    rules = ["company:fuzzy0.85"] if arguments.scan else RULES
    debug = " (a debug build of the extension: times say little)" * lantern._lantern.__debug_build__
    print(f"Spark {spark.version}, {arguments.master}, {rules}{debug}")
    print("rows a side   seconds   shuffle MB   bytes a row   leads with their account   local s")
    begin, stage = time.monotonic(), 0
    for rows in arguments.rows:
        if time.monotonic() - begin > arguments.minutes * 60:
            print(f"{rows:11,}   not begun: {arguments.minutes:g} minutes are over")
            break
        leads, accounts = sides(spark, rows, arguments.one_domain)
        options = {"left_id": "id", "right_id": "id"}
        started = time.monotonic()
        matches = lantern.spark.match(
            leads, accounts, rules, small=0, part_rows=arguments.part_rows, **options
        )
        right = F.substring("left_id", 2, 20) == F.substring("right_id", 2, 20)
        (found,) = matches.agg(F.count_if(right).alias("right")).collect()
        seconds = time.monotonic() - started
        written, stage = shuffled(spark, stage)
        local = ""
        if arguments.local:
            tables = leads.toArrow(), accounts.toArrow()
            started = time.monotonic()
            lantern.match(*tables, rules, progress=False, **options)
            local = f"{time.monotonic() - started:10.1f}"
        print(
            f"{rows:11,}{seconds:10.1f}{written / 1e6:13.1f}{written / rows / 2:14.0f}"
            f"{found.right / (rows * 0.9):27.1%}{local}",
            flush=True,
        )
    spark.stop()


if __name__ == "__main__":
    main()
