"""The resource gives a client, and shows its key to nobody."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import dagster as dg
import polars as pl
import pytest
from pydantic import ValidationError

from conftest import asset_of
from lantern.integrations.dagster import LanternResource, lantern_batch_asset

KEY = "sentinel-key-7f3a"
SECRET = "sentinel-secret-91bc"


def shown(resource: LanternResource) -> str:
    return " ".join(
        [
            repr(resource),
            str(resource),
            f"{resource} {resource.api_key} {resource.api_key!r} {resource.storage_options}",
            repr(vars(resource)),
            repr(resource.model_dump()),
            repr(list(resource)),
            resource.model_dump_json(),
            json.dumps(resource.model_dump()),
            repr(resource.model_copy()),
        ]
    )


@pytest.mark.parametrize(
    "ledger",
    [
        f"postgresql://me:{SECRET}@db/ledger",
        f"postgresql://me:sen/{SECRET}?@db/ledger",
        f"postgresql://db/ledger?user=me&password={SECRET}",
        f"host=db dbname=ledger password={SECRET}",
    ],
)
def test_no_text_of_a_resource_shows_a_secret(ledger: str) -> None:
    options = {"aws_secret_access_key": SECRET}
    resource = LanternResource(api_key=KEY, ledger=ledger, storage_options=options)
    text = shown(resource)
    assert KEY not in text
    assert SECRET not in text
    assert "**********" in text


def test_the_path_of_a_ledger_is_shown() -> None:
    assert "/shared/ledger.sqlite" in shown(LanternResource(ledger="/shared/ledger.sqlite"))


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": [KEY]},
        {"storage_options": SECRET},
        {"ledger": {"url": SECRET}},
        {"limits": {"sync": SECRET}},
    ],
)
def test_an_error_about_a_setting_does_not_quote_it(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as error:
        LanternResource(**settings)
    text = f"{error.value} {error.value!r}"
    assert KEY not in text
    assert SECRET not in text


def test_inside_a_run_a_key_from_the_environment_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOME_KEY", KEY)
    monkeypatch.setenv("SOME_SECRET", SECRET)
    texts: list[str] = []

    @dg.asset
    def looking(lantern: LanternResource) -> None:
        assert lantern.get_client().base_url == "http://127.0.0.1:9/"
        texts.append(shown(lantern))

    resource = LanternResource(
        api_key=dg.EnvVar("SOME_KEY"),
        base_url="http://127.0.0.1:9",
        storage_options={"aws_secret_access_key": dg.EnvVar("SOME_SECRET")},
    )
    assert dg.materialize([looking], resources={"lantern": resource}).success
    assert KEY not in texts[0]
    assert SECRET not in texts[0]


def test_a_failing_run_logs_no_key(server, tmp_path, capfd: pytest.CaptureFixture[str]) -> None:
    resource = LanternResource(
        api_key=KEY, base_url=server.url, ledger=str(tmp_path / "ledger.sqlite")
    )
    people = asset_of(pl.DataFrame({"id": ["P0000001"]}))
    emails = lantern_batch_asset(name="emails", source=people, kind="email", max_credits=1)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [people, emails],
            resources={"lantern": resource},
            instance=instance,
            raise_on_error=False,
        )
        assert not result.success
        logged = repr([entry.to_json() for entry in instance.all_logs(result.run_id)])
    printed = capfd.readouterr()
    assert "the API key is wrong" in logged
    for text in (logged, printed.out, printed.err):
        assert KEY not in text


def test_the_key_is_masked_in_the_configuration_that_dagster_shows() -> None:
    fields = LanternResource.to_config_schema().as_field().config_type.fields
    assert fields["api_key"].is_secret
    assert fields["storage_options"].is_secret
    assert fields["ledger"].is_secret


@pytest.mark.parametrize("package", ["dagster", "polars", "pyarrow", "upath"])
def test_without_a_package_the_import_says_what_to_install(package: str) -> None:
    script = f"import sys; sys.modules[{package!r}] = None; import lantern.integrations.dagster"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode != 0
    said = (
        f"needs {package}, which is not installed; install it with: pip install 'lantern[dagster]'"
    )
    assert said in done.stderr.splitlines()[-1]


def test_importing_lantern_does_not_import_dagster() -> None:
    script = (
        "import sys, lantern; "
        "assert not {'dagster', 'dbt', 'lantern.integrations'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
