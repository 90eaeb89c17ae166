"""A job's result in parts, and as a file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import arro3.core
import polars as pl
import pytest

import lantern
from lantern import exceptions


@pytest.fixture
def job(lantern_server: lantern.LocalServer) -> lantern.Job:
    people = lantern_server.people().slice(0, 300)
    job = lantern_server.client().submit(people, "email", max_credits=300, batch_size=100)
    job.wait(timeout=60, progress=False)
    return job


def test_the_parts_are_the_table(job: lantern.Job) -> None:
    parts = job.tables()
    assert isinstance(parts, arro3.core.RecordBatchReader)
    assert pl.DataFrame(parts).equals(job.table().to_polars())


def test_a_file_holds_the_table_and_replaces_another(job: lantern.Job, tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    path.write_bytes(b"something else")
    assert job.write(path) == 300
    assert pl.read_parquet(path).equals(job.table().to_polars())
    assert [entry.name for entry in tmp_path.iterdir()] == ["people.parquet"]


def test_a_file_that_cannot_be_written_is_named(job: lantern.Job, tmp_path: Path) -> None:
    with pytest.raises(exceptions.InputError, match=r"people\.parquet cannot be written"):
        job.write(tmp_path / "nowhere" / "people.parquet")


def test_mapped_calls_have_parts_as_well(
    lantern_server: lantern.LocalServer, tmp_path: Path
) -> None:
    client = lantern_server.client()
    rows = pl.DataFrame({"record_id": ["1", "2"], "domain": ["acme.com", "nobody.example"]})
    columns = {"record_id": "record_id", "domain": "domain"}
    client.map(rows, "enrich.company", columns=columns, max_credits=10, key="mapped")
    job = client.job("mapped")
    assert job.write(tmp_path / "rows.parquet") == 2
    assert sum(part.num_rows for part in job.tables()) == 2


def test_a_coroutine_writes_a_file(lantern_server: lantern.LocalServer, tmp_path: Path) -> None:
    async def work() -> int:
        async with lantern.AsyncClient(
            lantern_server.key,
            lantern_server.url,
            storage_options=lantern_server.storage_options,
            ledger=tmp_path / "ledger.sqlite",
        ) as client:
            people = lantern_server.people().slice(0, 20)
            job = await client.submit(people, "email", max_credits=20)
            await job.wait(timeout=60, progress=False)
            parts = await job.tables()
            assert sum(part.num_rows for part in parts) == 20
            return await job.write(tmp_path / "people.parquet")

    assert asyncio.run(work()) == 20


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5, float("nan")])
def test_a_share_for_looks_is_above_0_and_at_most_1(
    lantern_server: lantern.LocalServer, share: float
) -> None:
    with pytest.raises(exceptions.ConfigError, match="poll_share is"):
        lantern.Client(lantern_server.key, lantern_server.url, poll_share=share)


def test_without_the_ledger_that_workers_share_nothing_is_spent(
    lantern_server: lantern.LocalServer,
) -> None:
    ledger = "postgresql://nobody@127.0.0.1:1/lantern?sslmode=disable"
    with lantern.Client(lantern_server.key, lantern_server.url, ledger=ledger) as client:
        assert client.credits.remaining().remaining_credits > 0
        with pytest.raises(exceptions.LedgerError, match="error connecting"):
            client.enrich.company(record_id="1", domain="acme.com")
    assert lantern_server.credits_used == 0
