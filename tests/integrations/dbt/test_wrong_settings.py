"""A wrong setting is a model error of one sentence, and costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

MODEL = "models/people_enriched.py"


def fails(project, server, said: str, model: str = "people_enriched") -> None:
    done = project.dbt("build", "--select", f"+{model}")
    assert done.returncode == 1, done.stdout
    sentence = [line for line in done.stdout.splitlines() if f"model {model}: " in line]
    assert sentence, done.stdout
    assert said in sentence[0]
    assert "Error=1" in done.stdout.replace("ERROR", "Error")
    assert server.runs().num_rows == 0


def test_without_a_key_it_says_how_to_give_one(server, project) -> None:
    del project.environment["LANTERN_API_KEY"]
    fails(project, server, "LANTERN_API_KEY")


@pytest.mark.parametrize(("rate", "said"), [("batches=fast", "batches=fast"), ("tea=1", "tea")])
def test_a_wrong_rate_is_named(rate: str, said: str, server, project) -> None:
    project.environment["LANTERN_RATE"] = rate
    fails(project, server, said)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LANTERN_BASE_URL", "http://127.0.0.1:9", "no connection (Connection refused"),
        ("LANTERN_BASE_URL", "nonsense", "the base URL is not a URL"),
        ("LANTERN_LEDGER", "/proc/no/ledger.sqlite", "; LANTERN_LEDGER says where it is"),
    ],
)
def test_an_address_or_a_path_that_leads_nowhere_is_named(
    name: str, value: str, said: str, server, project
) -> None:
    project.environment[name] = value
    fails(project, server, said)


def test_a_wrong_key_is_refused_and_not_shown(server, project) -> None:
    project.environment["LANTERN_API_KEY"] = "sentinel-key-7f3a"
    fails(project, server, "the API key is wrong")
    log = (project.folder / "logs" / "dbt.log").read_text()
    assert "the API key is wrong" in log
    assert "sentinel-key-7f3a" not in log


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id="id"', 'id="person"', 'no column "person"'),
        ('"phone-email"', '"fax"', "fax"),
        ("max_credits=300", "max_credits=3", "max_credits"),
        ("max_credits=300", 'max_credits=300, effort="heroic"', "heroic"),
        ("session, people", 'session, "people"', "is a str and no table"),
    ],
)
def test_a_wrong_argument_is_named(old: str, new: str, said: str, server, project) -> None:
    project.edit(MODEL, old, new)
    fails(project, server, said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [('"domain:eq"', '"domain:same"', "same"), ('"lead_id"', '"lead"', "lead")],
)
def test_a_wrong_rule_or_column_of_a_match_is_named(
    old: str, new: str, said: str, server, project
) -> None:
    project.edit("models/lead_accounts.py", old, new)
    fails(project, server, said, "lead_accounts")


@pytest.mark.parametrize("package", ["dbt_common", "pyarrow"])
def test_without_a_package_the_import_says_what_to_install(package: str) -> None:
    script = f"import sys; sys.modules[{package!r}] = None; import lantern.integrations.dbt"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode != 0
    said = f"needs {package}, which is not installed; install it with: pip install 'lantern[dbt]'"
    assert said in done.stderr.splitlines()[-1]
