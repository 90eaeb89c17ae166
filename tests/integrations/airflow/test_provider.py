"""What Airflow finds of the package: connection type, form, hook, link."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import lantern
from conftest import connect

pytest.importorskip("airflow", reason="Airflow is not installed; see make test-airflow")


def test_airflow_finds_the_connection_type_and_its_form(airflow_database: None) -> None:
    from airflow.providers_manager import ProvidersManager

    (entry,) = [
        entry
        for entry in entry_points(group="apache_airflow_provider")
        if entry.dist and entry.dist.name == "lantern"
    ]
    manager = ProvidersManager()
    assert "lantern" in manager.providers
    hook = manager.hooks["lantern"]
    assert hook is not None
    assert hook.hook_name == "Lantern"
    assert hook.connection_id_attribute_name == "lantern_conn_id"
    form = manager.connection_form_widgets
    fields = {name.removeprefix("extra__lantern__") for name in form if "__lantern__" in name}
    from lantern.integrations.airflow.hook import BESIDE, SETTINGS

    assert {"ledger", "storage_options", "limits", "run_url"} <= fields
    assert fields <= {*SETTINGS, *BESIDE}
    assert manager.field_behaviours["lantern"]["relabeling"]["password"] == "API key"
    assert entry.load()()["name"] == "Lantern"


def test_the_description_fits_airflows_schema(airflow_database: None) -> None:
    import airflow
    import jsonschema

    from lantern.integrations.airflow.provider import get_provider_info

    schema = json.loads((Path(airflow.__file__).parent / "provider_info.schema.json").read_text())
    jsonschema.validate(get_provider_info(), schema)


def test_importing_lantern_imports_no_airflow() -> None:
    script = (
        "import sys, lantern, lantern.integrations.airflow.provider as provider\n"
        "provider.get_provider_info()\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'airflow'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_without_airflow_the_import_says_what_to_install() -> None:
    script = (
        "import sys\nsys.modules['airflow'] = None\n"
        "from lantern.integrations.airflow import LanternHook"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "install it with: pip install 'lantern[airflow]'" in done.stderr.splitlines()[-1]


def test_a_connection_is_tested_without_spending(
    server: lantern.LocalServer,
    airflow_database: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from lantern.integrations.airflow import LanternHook

    assert LanternHook().test_connection() == (
        True,
        "The key is good, and 1,000,000 credits are left.",
    )
    connect(monkeypatch, "wrong", server, tmp_path / "ledger.sqlite", password="sentinel-key-7f3a")
    good, message = LanternHook("wrong").test_connection()
    assert not good
    assert "the API key is wrong" in message
    good, message = LanternHook("nowhere").test_connection()
    assert not good
    assert message.startswith("there is no connection 'nowhere'")


def test_the_key_is_never_printed(
    server: lantern.LocalServer,
    airflow_database: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from lantern.integrations.airflow import LanternHook

    connect(monkeypatch, "mine", server, tmp_path / "ledger.sqlite", password="sentinel-key-7f3a")
    hook = LanternHook("mine")
    client = hook.get_conn()
    shown = f"{hook!r} {vars(hook)} {client!r} {client}"
    assert "sentinel-key-7f3a" not in shown


@pytest.mark.parametrize(
    ("extra", "setting"),
    [
        ({"ledger": "postgresql://me:sentinel@db/ledger"}, "ledger_password"),
        ({"ledger": "postgresql://me:sen/ti?nel@db/ledger"}, "ledger_password"),
        ({"ledger": "postgresql://db/ledger?user=me&password=sentinel"}, "ledger_password"),
        ({"ledger": "host=db dbname=ledger password = sentinel"}, "ledger_password"),
        ({"storage_options": {"azure_storage_account_key": "sentinel"}}, "storage_secrets"),
        ({"storage_options": {"azure_storage_sas_key": "sentinel"}}, "storage_secrets"),
        ({"storage_options": '{"aws_secret_access_key": "sentinel"}'}, "storage_secrets"),
    ],
)
def test_a_password_that_airflow_would_show_is_refused(
    server: lantern.LocalServer,
    airflow_database: None,
    monkeypatch: pytest.MonkeyPatch,
    extra: dict[str, str],
    setting: str,
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from lantern.integrations.airflow import LanternHook

    connect(monkeypatch, "shown", server, "ledger", extra=json.dumps(extra))
    with pytest.raises(AirflowFailException, match=f"move it to {setting}") as refused:
        LanternHook("shown").get_conn()
    assert "sentinel" not in str(refused.value)
    connect(monkeypatch, "host", server, "ledger", host="http://me:sentinel@127.0.0.1:1")
    with pytest.raises(AirflowFailException, match="has a user or a password") as refused:
        LanternHook("host").get_conn()
    assert "sentinel" not in str(refused.value)


def test_a_secret_under_a_name_that_is_hidden_is_used() -> None:
    from lantern.integrations.airflow.connection_secrets import ledger_url, storage_options

    url = ledger_url("c", "postgresql://me@db/ledger?sslmode=require", "a/b@c:d")
    assert url == "postgresql://me:a%2Fb%40c%3Ad@db/ledger?sslmode=require"
    assert ledger_url("c", "/shared/me@home/ledger", None) == "/shared/me@home/ledger"
    shown = {"aws_region": "eu-west-1", "aws_access_key_id": "id", "aws_secret_access_key": "s"}
    hidden = '{"azure_storage_account_key": "k"}'
    assert storage_options("c", shown, hidden) == shown | {"azure_storage_account_key": "k"}


def test_the_link_may_lead_elsewhere(
    server: lantern.LocalServer,
    airflow_database: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from lantern.integrations.airflow import LanternHook

    extra = json.dumps({"run_url": "https://app.example/runs/{run_id}"})
    connect(monkeypatch, "linked", server, tmp_path / "ledger.sqlite", extra=extra)
    assert LanternHook("linked").run_url("r1", "x") == "https://app.example/runs/r1"


def test_the_example_of_the_docs_is_a_dag(airflow_database: None) -> None:
    from airflow.sdk import DAG

    page = Path(__file__).parents[3] / "docs" / "airflow.md"
    code = page.read_text().partition("```python\n")[2].partition("```")[0]
    names: dict[str, object] = {}
    exec(code.replace('"@daily"):', '"@daily") as dag:'), names)
    dag = names["dag"]
    assert isinstance(dag, DAG)
    assert dag.get_task("match").upstream_task_ids == {"enrich"}
