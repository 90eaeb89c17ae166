"""The `lantern` command, as the shell runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import polars
import pyarrow.feather
import pytest

import lantern

COMMAND = str(Path(sys.executable).parent / "lantern")


def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    command = [COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload]


@pytest.fixture
def server(lantern_environment: lantern.LocalServer, tmp_path: Path) -> lantern.LocalServer:
    """A server that the command meets by its environment, and people in files."""
    people = lantern_environment.people().to_polars().head(30).select("id", "title")
    people.write_csv(tmp_path / "people.csv")
    people.write_parquet(tmp_path / "people.parquet")
    pyarrow.feather.write_feather(people.to_arrow(), tmp_path / "people.arrow")
    return lantern_environment


def submit(file: Path, out: Path | str, *more: object) -> subprocess.CompletedProcess[str]:
    basic = ["submit", file, "--kind", "email", "--max-credits", 30, "--rate", "off", "--out", out]
    return run(*basic, *more)


def test_every_kind_of_file_goes_in_and_comes_out(
    server: lantern.LocalServer, tmp_path: Path
) -> None:
    for given, wanted in [("csv", "parquet"), ("parquet", "arrow"), ("arrow", "csv")]:
        out = tmp_path / f"result.{wanted}"
        done = submit(tmp_path / f"people.{given}", out, "--key", given, "--reuse", "false")
        assert done.returncode == 0, done.stderr
        read = {"csv": polars.read_csv, "parquet": polars.read_parquet, "arrow": polars.read_ipc}
        result = read[wanted](out)
        assert result["id"].to_list() == [f"P{n:07}" for n in range(1, 31)]
        assert {"status", "email", "email_found"} <= set(result.columns)
    assert server.runs().num_rows == 3
    again = submit(tmp_path / "people.csv", tmp_path / "again.csv", "--key", "csv")
    assert again.returncode == 0
    assert server.runs().num_rows == 3, "the same job was sent again"


def test_calls_are_mapped_over_a_file_and_known_rows_cost_nothing(
    server: lantern.LocalServer, tmp_path: Path
) -> None:
    companies = server.companies().to_polars().select("id", "domain").drop_nulls()

    def go(rows: int, *more: object) -> subprocess.CompletedProcess[str]:
        companies.head(rows).write_csv(tmp_path / "companies.csv")
        command = ["map", tmp_path / "companies.csv", "--call", "enrich.company", "--json"]
        columns = ["--field", "record_id=id", "--field", "domain=domain"]
        return run(*command, *columns, "--max-credits", 50, "--rate", "off", *more)

    out = tmp_path / "answers.parquet"
    done = go(10, "--out", out, "--key", "monday")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["spent"] == server.credits_used == 10
    plan = json.loads(go(12, "--dry-run").stdout)
    assert (plan["known_rows"], plan["new_rows"], plan["most_credits"]) == (10, 2, 2)
    done = go(12, "--out", out, "--provenance")
    assert json.loads(done.stdout)["reused"] == 10
    assert server.credits_used == 12
    answers = polars.read_parquet(out)
    assert answers["domain"].to_list() == companies["domain"].to_list()[:12]
    assert answers["domain_answer"].to_list() == answers["domain"].to_list()
    assert answers["answer_credits"].to_list() == [1] * 12
    sample = go(30, "--sample", 3, "--out", out)
    assert sample.returncode == 0, sample.stderr
    chosen = polars.read_parquet(out)
    assert chosen["id"].to_list() == companies["id"].gather(chosen["row"].to_list()).to_list()
    before = server.credits_used
    assert go(12, "--reuse", "false", "--key", "anew").returncode == 0
    assert server.credits_used <= before + 12
    wrong = go(12, "--reuse", "always")
    assert (wrong.returncode != 0, "reuse" in wrong.stderr) == (True, True)
    assert "did you mean" in go(12, "--field", "country=domian").stderr


def test_a_result_says_where_each_answer_comes_from(
    server: lantern.LocalServer, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    assert submit(tmp_path / "people.csv", first, "--key", "first").returncode == 0
    assert "run_id" not in polars.read_parquet_schema(first)
    again = submit(tmp_path / "people.csv", second, "--key", "second", "--provenance")
    assert again.returncode == 0, again.stderr
    (bought,) = server.runs()["run_id"].to_pylist()
    told = polars.read_parquet(second)
    assert (set(told["run_id"]), set(told["reused"])) == ({bought}, {True})
    assert told["credits"].sum() == server.credits_used > 0
    assert told["answered_at"].null_count() == 0
    done = run_results("first", "--provenance", "--out", second)
    assert done.returncode == 0, done.stderr
    told = polars.read_parquet(second)
    assert (set(told["run_id"]), set(told["reused"])) == ({bought}, {False})
    assert run_results("first", "--provenance").returncode == 2, "there is no table to add it to"


def run_results(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run("results", *arguments, "--rate", "off")


def test_standard_input_and_output(server: lantern.LocalServer) -> None:
    command = [
        "submit",
        "-",
        "--kind",
        "email",
        "--max-credits",
        "5",
        "--rate",
        "off",
        "--out",
        "-",
    ]
    done = run(*command, input="id\nP0000001\n\nP0000002\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("id,status,error,")
    assert "P0000002" in done.stdout


def test_jobs_status_results_and_credits(server: lantern.LocalServer, tmp_path: Path) -> None:
    submit(tmp_path / "people.csv", tmp_path / "out.csv", "--key", "monday")
    jobs = json.loads(run("jobs", "--json").stdout)
    assert "monday" in json.dumps(jobs)
    assert "monday" in run("jobs").stdout
    status = run("status", "monday")
    assert status.returncode == 0
    assert "loaded" in status.stdout
    assert json.loads(run("status", "monday", "--json").stdout)
    done = run("results", "monday", "--out", tmp_path / "again.parquet", "--rate", "off")
    assert done.returncode == 0, done.stderr
    assert polars.read_parquet(tmp_path / "again.parquet").height == 30
    credits = json.loads(run("credits", "--json", "--rate", "off").stdout)
    assert str(int(1_000_000 - server.credits_used)) in json.dumps(credits)


def test_a_dry_run_sends_nothing(server: lantern.LocalServer, tmp_path: Path) -> None:
    command = ["submit", tmp_path / "people.csv", "--kind", "phone", "--max-credits", 20]
    done = run(*command, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert plan["ids"] == 30
    assert plan["ids_within_budget"] == 4
    assert server.runs().num_rows == 0


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"--id": "persn"}, 4, "has no column"),
        ({"--max-credits": -1}, 2, "unexpected argument '-1'"),
        ({"--max-credits": "ten"}, 2, "invalid digit"),
        ({"--api-key": "sentinel-key-7f3a"}, 3, "check the API key"),
        ({"--base-url": "http://127.0.0.1:9"}, 7, "Connection refused"),
        ({"--kind": "fax"}, 2, "phone-email"),
        ({"--out": "result.xlsx"}, 4, "parquet"),
    ],
)
def test_what_goes_wrong_is_said_with_a_code(
    change: dict[str, object],
    code: int,
    said: str,
    server: lantern.LocalServer,
    tmp_path: Path,
) -> None:
    options: dict[str, object] = {
        "--kind": "email",
        "--max-credits": 30,
        "--rate": "off",
        "--out": tmp_path / "o.csv",
    }
    options |= change
    flat = [part for pair in options.items() for part in pair]
    done = run("submit", tmp_path / "people.csv", *flat)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert said in done.stderr
    assert done.stdout == ""
    assert "sentinel" not in done.stderr
    if code != 2:
        told = run("submit", tmp_path / "people.csv", *flat, "--json")
        assert told.returncode == code
        assert said in json.loads(told.stderr)["error"]["message"]
    assert server.runs().num_rows == 0


def test_files_that_cannot_be_read_are_named(server: lantern.LocalServer, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "floats.parquet").unlink(missing_ok=True)
    polars.DataFrame({"id": [1.5]}).write_parquet(tmp_path / "floats.parquet")
    for name, said in [
        ("nowhere.csv", "nowhere.csv"),
        ("empty.csv", "empty"),
        ("floats.parquet", "float"),
    ]:
        done = submit(tmp_path / name, tmp_path / "o.csv")
        assert done.returncode == 4, done.stderr
        assert said in done.stderr.lower()
    assert run("status", "nowhere").returncode == 4
    assert server.runs().num_rows == 0


def test_a_budget_that_runs_out_is_an_exit_code_of_its_own(
    server: lantern.LocalServer, tmp_path: Path
) -> None:
    done = submit(tmp_path / "people.csv", tmp_path / "o.csv", "--max-credits", 10)
    if done.returncode == 2:  # clap takes an option once
        command = ["submit", tmp_path / "people.csv", "--kind", "email", "--max-credits", 10]
        done = run(*command, "--rate", "off", "--out", tmp_path / "o.csv")
    assert done.returncode == 5, done.stderr
    assert polars.read_csv(tmp_path / "o.csv").height == 30


def test_a_budget_of_0_asks_for_known_answers_only(
    server: lantern.LocalServer, tmp_path: Path
) -> None:
    command = ["submit", tmp_path / "people.csv", "--kind", "email", "--rate", "off"]
    options = ["--max-credits", 0, "--out", tmp_path / "o.csv"]
    done = run(*command, *options)
    assert done.returncode == 5, done.stderr
    assert "the budget of 0 credits does not reach 30 rows" in done.stderr
    assert polars.read_csv(tmp_path / "o.csv")["status"].unique().to_list() == ["over_budget"]
    assert server.runs().num_rows == 0
    # What an earlier job has paid for is known, and so its answers are complete.
    paid = submit(tmp_path / "people.csv", tmp_path / "paid.csv", "--key", "paid")
    assert paid.returncode == 0, paid.stderr
    again = run(*command, *options, "--key", "paid")
    assert again.returncode == 0, again.stderr
    assert polars.read_csv(tmp_path / "o.csv").equals(polars.read_csv(tmp_path / "paid.csv"))
    assert server.runs().num_rows == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_ctrl_c_leaves_a_job_that_can_be_picked_up(tmp_path: Path) -> None:
    with lantern.LocalServer(limits="off", work_delay=0.4) as server:
        environment = os.environ | {
            "LANTERN_API_KEY": server.key,
            "LANTERN_BASE_URL": server.url,
            "LANTERN_LEDGER": str(tmp_path / "ledger.sqlite"),
            "LANTERN_LOG": "debug",
        }
        environment |= {name.upper(): value for name, value in server.storage_options.items()}
        server.people().to_polars().head(20).write_csv(tmp_path / "p.csv")
        command = [COMMAND, "submit", str(tmp_path / "p.csv"), "--kind", "email", "--key", "k"]
        command += ["--max-credits", "20", "--batch-size", "2", "--rate", "off"]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment
        )
        assert process.stderr is not None
        while "/status" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 130, errors
        assert "lantern results k" in errors or "picked up" in errors
        out = tmp_path / "o.csv"
        done = run("results", "k", "--out", out, "--rate", "off", env=environment)
        assert done.returncode == 0, done.stderr
        assert polars.read_csv(out)["status"].is_in(["found", "not_found"]).all()
        assert server.runs().num_rows == 10


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_serve_runs_until_it_is_told_to_stop_and_goes_on_where_it_was(tmp_path: Path) -> None:
    for _ in range(2):
        command = [
            COMMAND,
            "serve",
            "--port",
            "0",
            "--limits",
            "off",
            "--data",
            str(tmp_path / "d"),
        ]
        command += ["--env-file", str(tmp_path / "env")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        variables: dict[str, str] = {}
        while "LANTERN_BASE_URL" not in variables:
            line = process.stdout.readline()
            assert line, variables
            name, _, value = line.strip().removeprefix("export ").partition("=")
            variables[name] = value.strip("'\"")
        assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600
        client = lantern.Client(
            variables["LANTERN_API_KEY"], variables["LANTERN_BASE_URL"], limits={"credits": None}
        )
        assert client.credits.remaining().total_credits == 1_000_000
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) in (0, 130, 143)
        process.stdout.close()


def test_completion_scripts_and_versions(tmp_path: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "lantern" in run("completions", shell).stdout
    assert run("--version").stdout.split() == ["lantern", lantern.__version__]
    assert run("nonsense").returncode == 2


def test_matching_goes_from_files_to_files(tmp_path: Path) -> None:
    leads = polars.DataFrame({"id": ["l0", "l1"], "company": ["ACME Incorporated", "Globex"]})
    accounts = polars.DataFrame({"key": ["a0", "a1"], "company": ["Globex LLC", "Acme, Inc."]})
    leads.write_parquet(tmp_path / "leads.parquet")
    accounts.write_csv(tmp_path / "accounts.csv")
    files = [tmp_path / "leads.parquet", tmp_path / "accounts.csv", "--left-id", "id"]
    files += ["--right-id", "key", "--rule", "company:eq"]
    done = run("match", *files, "--out", tmp_path / "matches.parquet")
    assert done.returncode == 0, done.stderr
    matches = polars.read_parquet(tmp_path / "matches.parquet")
    assert matches.select("left_id", "right_id").rows() == [("l0", "a1"), ("l1", "a0")]
    assert run("review", *files, "--out", tmp_path / "review.csv").returncode == 0
    review = polars.read_csv(tmp_path / "review.csv")
    review.with_columns(decision=polars.lit("no")).write_csv(tmp_path / "decided.csv")
    done = run("match", *files, "--labels", tmp_path / "decided.csv", "--json")
    assert json.loads(done.stdout)["matches"] == 0
    matches.select("left_id", "right_id").write_csv(tmp_path / "truth.csv")
    done = run("evaluate", *files, "--truth", tmp_path / "truth.csv", "--json")
    assert json.loads(done.stdout)["at"]["f1"]["value"] == 1.0
    pair = ["--left-row", "l0", "--right-row", "a0"]
    assert json.loads(run("explain", *files, *pair, "--json").stdout)["matched"] is False
    done = run("dedupe", tmp_path / "leads.parquet", "--rule", "company:eq", "--json")
    assert json.loads(done.stdout)["clusters"] == 2
    assert "company" in run("describe", tmp_path / "leads.parquet").stdout
