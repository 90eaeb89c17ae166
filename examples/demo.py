"""The main job, end to end, on this machine: `make demo` runs it.

It submits 5,000 people from a Parquet file under a budget that is too small for all of them. Then
it submits the same job again, which sends and spends nothing.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import altair
import polars

import lantern

FOLDER = Path("demo")
BUDGET = 8_000


def main() -> None:
    """Run the job twice and write `demo/result.parquet` and `demo/summary.png`."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    polars.Config.set_tbl_hide_column_data_types(True)
    polars.Config.set_tbl_hide_dataframe_shape(True)

    with lantern.LocalServer(
        data=FOLDER / "server", limits={"batches": 120, "sync": 600}
    ) as server:
        print(f"The Lantern API on this machine: {server.url}, no key needed\n")
        people = server.people().to_polars().head(5_000).select("id", "title", "country")
        people.write_parquet(FOLDER / "people.parquet")
        print(f"5,000 people are in {FOLDER / 'people.parquet'}; the budget is {BUDGET:,} credits")

        client = server.client()
        job = client.submit(
            polars.scan_parquet(FOLDER / "people.parquet"), "phone-email", max_credits=BUDGET
        )
        job.wait()

        result = job.table().to_polars()
        result.write_parquet(FOLDER / "result.parquet")
        print("\nThe first rows of the result:")
        print(
            result.select("id", "status", "first_name", "last_name", "email", "phone_number").head()
        )
        print("\n" + repr(job.summary()))

        batches = job.credits().to_polars()
        print("\nCredits by batch:")
        columns = ["batch", "state", "ids", "returned", "over_budget", "max_credits", "credits"]
        print(batches.select(columns))
        missing = job.missing().to_polars()
        print(f"\n{missing.height:,} people were left out, the first of them:")
        print(missing.head(3))

        summary_picture(result, batches).save(FOLDER / "summary.png", ppi=144)

        print("\nThe same job again:")
        before = (server.runs().num_rows, server.credits_used)
        again = client.submit(people, "phone-email", max_credits=BUDGET)
        again.wait()
        after = (server.runs().num_rows, server.credits_used)
        assert before == after, "the same job was paid for twice"
        print(
            f"batches sent {after[0] - before[0]}, credits spent {after[1] - before[1]:.0f}, "
            f"rows in the table {again.table().num_rows:,}"
        )
    print(f"\nWritten: {FOLDER / 'result.parquet'} and {FOLDER / 'summary.png'}")


def summary_picture(result: polars.DataFrame, batches: polars.DataFrame) -> altair.HConcatChart:
    """Draw found rates, and credits over time."""
    answered = result.filter(polars.col("status").is_in(["found", "not_found"]))
    rates = polars.DataFrame(
        {
            "what": ["e-mail address", "phone number"],
            "found": [answered["email_found"].mean(), answered["phone_found"].mean()],
        }
    )
    bars = (
        altair.Chart(rates, title=f"Found, of {answered.height:,} people answered")
        .mark_bar()
        .encode(
            x=altair.X("found:Q", axis=altair.Axis(format="%"), scale=altair.Scale(domain=[0, 1])),
            y=altair.Y("what:N", title=None),
        )
        .properties(width=280, height=120)
    )
    spent = batches.filter(polars.col("credits").is_not_null()).sort("loaded_at")
    start = batches["sent_at"].min()
    steps = spent.select(
        (polars.col("loaded_at") - start).dt.total_milliseconds().alias("ms") / 1000,
        polars.col("credits").cum_sum(),
    )
    steps = polars.concat([polars.DataFrame({"ms": [0.0], "credits": [0]}), steps])
    budget = altair.Chart(polars.DataFrame({"credits": [BUDGET]})).mark_rule(strokeDash=[4, 4])
    line = (
        altair.Chart(steps, title=f"Credits over time, of a budget of {BUDGET:,}")
        .mark_line(interpolate="step-after", point=True)
        .encode(
            x=altair.X("ms:Q", title="seconds"),
            y=altair.Y("credits:Q", title="credits spent"),
        )
        .properties(width=320, height=120)
    )
    return bars | (line + budget.encode(y="credits:Q"))


if __name__ == "__main__":
    main()
