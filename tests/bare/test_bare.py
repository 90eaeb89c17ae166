"""The package with arro3-core alone: what it promises to do without any data frame library."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path

import arro3.core
import pytest

import lantern

ABSENT = ("altair", "numpy", "pandas", "polars", "pyarrow")


def column(*values: str | None) -> arro3.core.Array:
    return arro3.core.Array(list(values), type=arro3.core.DataType.string())


def table(**columns: list[str | None]) -> arro3.core.Table:
    return arro3.core.Table.from_pydict({name: column(*texts) for name, texts in columns.items()})


@pytest.mark.parametrize("name", ABSENT)
def test_the_libraries_are_not_here(name: str) -> None:
    assert importlib.util.find_spec(name) is None, f"{name} would hide what these tests look for"


def test_a_job_gives_one_row_for_each_row(lantern_server: lantern.LocalServer) -> None:
    people = lantern_server.people().slice(0, 30)
    job = lantern_server.client().submit(people, "phone-email", max_credits=200, batch_size=10)
    assert job.wait(timeout=60, progress=False).state == "done"
    answers = job.table()
    assert answers.column("id").to_pylist() == people.column("id").to_pylist()
    assert answers.select(["id", "status"]).to_pylist()[0]["id"] == "P0000001"
    assert "30 rows found" in repr(job.summary()) or "rows not found" in repr(job.summary())
    assert "P0000001" in answers._repr_html_()
    assert job.credits().num_rows == 3


def test_calls_are_mapped_over_a_table(lantern_server: lantern.LocalServer) -> None:
    companies = lantern_server.companies().slice(0, 3)
    columns = {"record_id": "id", "domain": "domain"}
    client = lantern_server.client()
    answers = client.map(companies, "enrich.company", columns=columns, max_credits=3)
    assert answers.column("name").to_pylist() == companies.column("name").to_pylist()


def test_a_job_can_be_awaited(lantern_server: lantern.LocalServer) -> None:
    async def work() -> int:
        async with lantern_server.async_client() as client:
            people = lantern_server.people().slice(0, 5)
            job = await client.submit(people, "email", max_credits=5)
            await job.wait(timeout=60)
            return (await job.table()).num_rows

    assert asyncio.run(work()) == 5


def test_tables_are_matched_and_deduplicated() -> None:
    leads = table(company=["ACME Inc.", "Globex", None], domain=["acme.com", None, "x.example"])
    accounts = table(company=["Acme Incorporated", "Initech"], domain=["www.acme.com", None])
    matches = lantern.match(leads, accounts, rules=["domain:eq"])
    assert [(row["left"], row["right"]) for row in matches.table().to_pylist()] == [(0, 0)]
    assert "domain" in str(matches.explain(0))
    twice = table(company=["Acme Inc.", "ACME, Inc", "Globex"])
    clusters = lantern.dedupe(twice, rules=["company:eq"])
    assert clusters.table().column("cluster").to_pylist()[0:2] == [0, 0]


def test_columns_are_normalized_and_compared() -> None:
    names = column("ACME Inc.", None)
    assert lantern.normalize.company_key(names).to_pylist() == ["acme", None]
    assert lantern.similarity.jaro_winkler(names, "ACME Inc.").to_pylist() == [1.0, None]
    assert lantern.similarity.jaro_winkler("ab", "ab") == 1.0


def test_result_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "result.csv"
    path.write_text("id,email,email_found\n007,ada@acme.example,true\n")
    [row] = lantern.read_results(path).to_pylist()
    assert (row["id"], row["email_found"]) == ("007", True)


@pytest.mark.parametrize("name", ["polars", "pyarrow"])
def test_a_way_into_a_missing_library_names_it(
    name: str, lantern_server: lantern.LocalServer
) -> None:
    with pytest.raises(ModuleNotFoundError, match=name):
        getattr(lantern_server.people(), f"to_{name}")()


def test_the_expressions_say_what_to_install() -> None:
    with pytest.raises(ImportError, match=r"polars>=1\.20"):
        importlib.import_module("lantern.polars")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_command_line_needs_none_of_them(
    ending: str, lantern_environment: lantern.LocalServer, tmp_path: Path
) -> None:
    people = tmp_path / "people.csv"
    people.write_text("id\nP0000001\nP0000002\n")
    out = tmp_path / f"out.{ending}"
    script = "import sys; from lantern._command import main; sys.exit(main())"
    options = ["--kind", "email", "--max-credits", "2", "--rate", "off", "--out", str(out)]
    command = [sys.executable, "-c", script, "submit", str(people), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > 0
