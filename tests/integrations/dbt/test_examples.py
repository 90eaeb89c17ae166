"""The models that the docstrings show are run, as dbt-duckdb runs a model."""

from __future__ import annotations

import inspect
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

import lantern
from lantern.integrations import dbt as integration


@pytest.mark.parametrize("name", integration.__all__)
def test_a_model_that_is_shown_gives_a_row_per_person(
    name: str, server: lantern.LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANTERN_API_KEY", server.key)
    monkeypatch.setenv("LANTERN_BASE_URL", server.url)
    monkeypatch.setenv("LANTERN_LEDGER", str(tmp_path / "ledger.sqlite"))
    monkeypatch.setenv("LANTERN_RATE", "off")
    for key, value in server.storage_options.items():
        monkeypatch.setenv(key.upper(), value)
    code = inspect.getdoc(getattr(integration, name)).split("Example:\n")[1]
    shown: dict[str, Any] = {}
    exec(textwrap.dedent(code), shown)
    people = server.people().to_polars().head(10)  # noqa: F841 - DuckDB finds it by name
    companies = server.companies().to_polars()  # noqa: F841
    with duckdb.connect() as con:
        con.sql("create table people as from people")
        con.sql("create table companies as from companies")
        dbt = SimpleNamespace(
            this=SimpleNamespace(identifier="shown"),
            is_incremental=False,
            config=lambda **settings: None,
            ref=lambda name: con.sql(f"from {name}"),
        )
        assert shown["model"](dbt, con).num_rows == 10
