"""What the tests of the Dagster integration share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

import lantern
from lantern.integrations.dagster import LanternResource

NO_LIMITS = {"sync": 0, "batches": 0, "credits": 0, "bursts": 0}


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test meets the user's own key, ledger, AWS credentials or Dagster home."""
    for name in ("LANTERN_API_KEY", "LANTERN_BASE_URL", "AWS_PROFILE", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANTERN_LEDGER", str(tmp_path / "default" / "ledger.sqlite"))


@pytest.fixture
def server() -> Iterator[lantern.LocalServer]:
    with lantern.LocalServer(limits="off", size=300) as started:
        yield started


@pytest.fixture
def people(server: lantern.LocalServer) -> pl.DataFrame:
    return server.people().to_polars()


@pytest.fixture
def resource(server: lantern.LocalServer, tmp_path: Path) -> LanternResource:
    return LanternResource(
        api_key=server.key,
        base_url=server.url,
        storage_options=server.storage_options,
        ledger=str(tmp_path / "ledger.sqlite"),
        limits=NO_LIMITS,
    )


def asset_of(value: Any, name: str = "people") -> dg.AssetsDefinition:
    """An asset that holds this value."""

    @dg.asset(name=name)
    def holding() -> Any:
        return value

    return holding


def metadata_of(result: dg.ExecuteInProcessResult, name: str) -> dict[str, Any]:
    """The values that the materialization of an asset carries."""
    (event,) = result.asset_materializations_for_node(name)
    return {key: value.value for key, value in event.metadata.items()}


def failure_of(result: dg.ExecuteInProcessResult, step: str) -> dg.Failure:
    """The `dagster.Failure` that a step ended with."""
    (event,) = (e for e in result.get_step_failure_events() if e.step_key == step)
    error = event.event_specific_data.user_failure_data
    assert error is not None, event.event_specific_data.error.message
    return error
