"""`client.logs`: the log as a table, however long it is."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import polars as pl
import pytest

import lantern
from lantern import exceptions
from other_api import other_api

SINCE, UNTIL = datetime.date(2026, 1, 1), "2100-01-01"


def assigned(server: lantern.LocalServer, count: int) -> lantern.Client:
    client = server.client()
    lead = server.crm("leads").column("id")[0].as_py()
    for at in range(count):
        client.routing.assign(object="lead", sf_id=lead, pool="emea" if at % 3 else "default")
    return client


@pytest.mark.parametrize("format_", [None, "json", "csv"])
async def test_the_table_is_the_same_from_json_and_csv(
    format_: str | None, lantern_server: lantern.LocalServer
) -> None:
    client = assigned(lantern_server, 6)
    log = client.logs.routing(SINCE, UNTIL, format=format_)
    assert isinstance(log, lantern._table.Table)
    table = log.to_polars()
    assert table.columns == [
        "timestamp",
        "object",
        "object_id",
        "action",
        "pool",
        "assigned_to",
        "prev_owner",
        "sequence",
        "reason",
        "request_id",
        "idempotency_key",
        "diff",
    ]
    assert table.height == 6
    assert table["timestamp"].dtype == pl.Datetime("us", "UTC")
    assert table["timestamp"].is_sorted()
    assert table.filter(pl.col("pool") == "emea")["sequence"].to_list() == [1, 2, 3, 4]
    change = table["diff"][0][0]
    assert change == {
        "field": "owner_id",
        "from": table["prev_owner"][0],
        "to": table["assigned_to"][0],
    }
    assert table.equals(client.logs.routing(SINCE, UNTIL).to_polars())
    async with lantern_server.async_client() as awaited:
        some = await awaited.logs.routing(SINCE, UNTIL, pool="default", limit=1)
        assert some.num_rows == 1
        bare = await awaited.logs.routing(SINCE, UNTIL, include_diff=False)
        assert bare.column("diff").null_count == 6


async def test_statistics_and_retention(lantern_server: lantern.LocalServer) -> None:
    client = assigned(lantern_server, 4)
    stats = client.logs.stats(SINCE, UNTIL)
    assert (stats.total, stats.by_action) == (4, {"assign": 4})
    assert stats.by_pool == {"default": 2, "emea": 2}
    assert list(stats.by_day) == [datetime.datetime.now(datetime.UTC).date().isoformat()]
    assert client.logs.stats(SINCE, UNTIL, object="Lead", action="convert").total == 0
    async with lantern_server.async_client() as awaited:
        kept = await awaited.logs.retention()
        assert (kept.days, kept.deleted) == (365, None)
        assert (await awaited.logs.retention(30)).deleted == 0
        assert (await awaited.logs.retention()).days == 30


def test_a_log_of_many_pages_loses_and_repeats_nothing(tmp_path: Path) -> None:
    with lantern.LocalServer(limits="off", size=100, data=tmp_path / "data") as server:
        assigned(server, 1)
    # 25,000 entries, many of the same moment, over the bounds of pages.
    with sqlite3.connect(tmp_path / "data" / "state.sqlite") as file:
        file.executemany(
            "INSERT INTO routing_log (at, object, object_id, action, sequence)"
            " VALUES (?, 'Lead', ?, 'enrich', ?)",
            ((1_790_000_000_000_000 + (at // 7) * 1000, f"L{at}", at) for at in range(25_000)),
        )
    file.close()
    with lantern.LocalServer(limits="off", size=100, data=tmp_path / "data") as server:
        client = server.client()
        for format_ in ("json", "csv"):
            log = client.logs.routing(SINCE, UNTIL, action="enrich", format=format_)
            assert log.column("sequence").to_pylist() == list(range(25_000))
        some = client.logs.routing(SINCE, UNTIL, action="enrich", limit=15_000)
        assert some.column("sequence").to_pylist() == list(range(15_000))


class Unordered:
    """Another server: newest first, `from` is outside, and times are whole seconds."""

    def __init__(self) -> None:
        self.entries: list[dict[str, object]] = []

    def __call__(self, method: str, path: str, body: object) -> list[dict[str, object]]:
        query = parse_qs(urlparse(path).query)
        start = datetime.datetime.fromisoformat(query["from"][0])
        within = [
            entry
            for entry in self.entries
            if datetime.datetime.fromisoformat(str(entry["timestamp"])) > start
        ]
        return within[: int(query["limit"][0])][::-1]


@pytest.fixture
def unordered() -> Iterator[tuple[str, Unordered]]:
    answer = Unordered()
    with other_api(answer) as server:
        yield server.url, answer


def moment(seconds: int) -> str:
    start = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    return (start + datetime.timedelta(seconds=seconds)).isoformat()


def test_pages_of_another_order_and_bound_are_put_together(
    unordered: tuple[str, Unordered], client_of: Callable[..., lantern.Client]
) -> None:
    url, server = unordered
    server.entries = [{"timestamp": moment(at // 3), "sequence": at} for at in range(20_005)]
    log = client_of(url).logs.routing(SINCE, UNTIL)
    assert sorted(log.column("sequence").to_pylist()) == list(range(20_005))


def test_more_entries_of_one_moment_than_fit_are_an_error(
    unordered: tuple[str, Unordered], client_of: Callable[..., lantern.Client]
) -> None:
    url, server = unordered
    server.entries = [{"timestamp": moment(0), "sequence": at} for at in range(10_001)]
    with pytest.raises(exceptions.ResultError, match="filter by pool, object or action"):
        client_of(url).logs.routing(SINCE, UNTIL)


def test_a_bad_question_is_refused_before_it_is_sent(
    client_of: Callable[..., lantern.Client],
) -> None:
    client = client_of("http://127.0.0.1:9", retries=0)
    for call, field in (
        (lambda: client.logs.routing(UNTIL, SINCE), "from"),
        (lambda: client.logs.routing(SINCE, UNTIL, limit=0), "limit"),
        (lambda: client.logs.routing(SINCE, UNTIL, object="lead"), "object"),
        (lambda: client.logs.routing(SINCE, UNTIL, action="delete"), "action"),
        (lambda: client.logs.routing(SINCE, UNTIL, format="xml"), "format"),
        (lambda: client.logs.retention(0), "days"),
    ):
        with pytest.raises(exceptions.ValidationError) as raised:
            call()
        assert raised.value.field == field
    with pytest.raises(ValueError, match="ISO 8601"):
        client.logs.stats("yesterday", UNTIL)
