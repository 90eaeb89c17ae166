"""`client.credits.usage` day by day."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

import lantern
from lantern import exceptions

UTC = datetime.UTC


async def test_days_add_up_to_the_whole_and_are_fit_for_a_chart(
    lantern_server: lantern.LocalServer,
) -> None:
    client = lantern_server.client()
    client.map(
        lantern_server.companies().slice(0, 7),
        "enrich.company",
        columns={"record_id": "id", "domain": "domain"},
        max_credits=7,
    )
    now = datetime.datetime.now(UTC)
    start, end = now - datetime.timedelta(days=5), now + datetime.timedelta(days=1)
    days = client.credits.usage(start, end, by="day").to_polars()
    assert days.columns == ["day", "credits_used", "start_date", "end_date"]
    assert days.schema["day"] == pl.Date
    assert days["day"].to_list() == [
        start.date() + datetime.timedelta(days=n) for n in range(len(days))
    ]
    assert days["start_date"][0] == start
    assert days["end_date"][-1] == end
    assert days["start_date"].to_list()[1:] == days["end_date"].to_list()[:-1]
    assert days["credits_used"].sum() == client.credits.usage(start, end).credits_used == 7
    async with lantern_server.async_client() as awaited:
        again = await awaited.credits.usage(start, end, by="day")
        some = await awaited.credits.usage([now.date(), "2026-01-01"])
    assert again.to_polars().equals(days)
    assert some.column("credits_used").to_pylist() == [7, 0]
    assert (
        client.credits.usage(start, end, by="day", custom_key="x").to_polars()["credits_used"].sum()
        == 0
    )


def test_no_days_are_an_empty_table(lantern_client: lantern.Client) -> None:
    table = lantern_client.credits.usage([])
    assert (table.num_rows, table.num_columns) == (0, 4)
    assert lantern_client.credits.usage("2026-01-01", "2026-01-01", by="day").num_rows == 0


def test_what_is_no_span_and_no_list_says_so(lantern_client: lantern.Client) -> None:
    usage = lantern_client.credits.usage
    with pytest.raises(exceptions.InputError, match="end_date is missing"):
        usage("2026-01-01")  # type: ignore[call-overload]
    with pytest.raises(exceptions.InputError, match="leave one of them out"):
        usage(["2026-01-01"], "2026-01-02")  # type: ignore[call-overload]
    with pytest.raises(exceptions.InputError, match='by="day"'):
        usage("2026-01-01", "2026-01-02", by="week")  # type: ignore[call-overload]
    with pytest.raises(exceptions.InputError, match="swap them"):
        usage("2026-01-02", "2026-01-01", by="day")
    with pytest.raises(exceptions.InputError, match="2026-01-02 is given twice"):
        usage(["2026-01-02", "2026-01-01", "2026-01-02"])
    with pytest.raises(ValueError, match="no time zone"):
        usage([datetime.datetime(2026, 1, 1)])
