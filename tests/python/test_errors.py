"""Every kind of error and every advice, in the words of Python.

The words of Rust and of the shell are in `crates/lantern-cli/src/face/tests.rs`.
"""

from __future__ import annotations

from typing import Any

import pytest

import lantern
from lantern import _lantern, exceptions

# Kind: the class, the text, and the attributes.
ERRORS: dict[str, tuple[type[BaseException], str, dict[str, Any]]] = {
    "authentication": (
        exceptions.AuthenticationError,
        (
            "request r-1: GET /v1/credits/remaining answered 401 after 2 attempts in 1.5 s: "
            "the API key is wrong; check the API key (api_key= or LANTERN_API_KEY)"
        ),
        {"status": 401, "method": "GET", "attempts": 2, "request_id": "r-1"},
    ),
    "validation": (
        exceptions.ValidationError,
        "batch_size is 0; give 1 to 1000",
        {"field": "batch_size", "status": None},
    ),
    "not_found": (
        exceptions.NotFoundError,
        (
            "request r-1: GET /v1/credits/remaining answered 404 after 2 attempts in 1.5 s: "
            "there is no run 7"
        ),
        {"status": 404, "path": "/v1/credits/remaining"},
    ),
    "rate_limit": (
        exceptions.RateLimitError,
        (
            "request r-1: GET /v1/credits/remaining answered 429 after 2 attempts in 1.5 s: "
            "over the rate limit (slow down); try again in 2.5 s"
        ),
        {"status": 429, "retry_after": 2.5},
    ),
    "credit_limit": (
        exceptions.CreditLimitError,
        (
            "request r-1: GET /v1/credits/remaining answered 402 after 2 attempts in 1.5 s: "
            "not enough credits (40 needed, 12 left): no"
        ),
        {"required": 40.0, "remaining": 12.0},
    ),
    "outcome_unknown": (
        exceptions.OutcomeUnknown,
        (
            "GET /v1/credits/remaining got no answer after 2 attempts in 1.5 s: the call "
            "may have arrived and cost credits (the connection broke); decide with "
            "job.resolve(3, run_id=...), job.resend(3) or job.skip(3), or with on_in_doubt="
        ),
        {"job": "monday", "batch": 3, "status": None},
    ),
    "server": (
        exceptions.ServerError,
        (
            "request r-1: GET /v1/credits/remaining answered 500 after 2 attempts in 1.5 s: "
            "the API failed (oops)"
        ),
        {"status": 500},
    ),
    "connection": (
        exceptions.APIConnectionError,
        (
            "GET /v1/credits/remaining got no answer after 2 attempts in 1.5 s: no "
            "connection (refused); check the base URL and the network"
        ),
        {"status": None, "elapsed": 1.5},
    ),
    "timeout": (
        exceptions.APITimeoutError,
        (
            "GET /v1/credits/remaining got no answer after 2 attempts in 1.5 s: no full "
            "answer within 180 s; try again, or pass a longer timeout="
        ),
        {"status": None},
    ),
    "config": (
        exceptions.ConfigError,
        (
            "there is no API key; pass api_key= or set LANTERN_API_KEY (without a key, "
            "lantern.LocalServer() runs the API on this machine)"
        ),
        {},
    ),
    "input": (
        exceptions.InputError,
        ('column "id" has type Float64, which cannot hold ids; cast it to integers or strings'),
        {"column": "id", "row": 4},
    ),
    "ledger": (
        exceptions.LedgerError,
        "the ledger /tmp/l.sqlite cannot be read: not a database",
        {"path": "/tmp/l.sqlite"},
    ),
    "job": (
        exceptions.JobError,
        'the ledger has no job "monday"; lantern.jobs() lists its jobs',
        {"key": "monday", "batch": None},
    ),
    "unfinished": (
        exceptions.JobTimeout,
        'job "monday" is not finished after 3 s, and continues; call job.wait() again',
        {"key": "monday"},
    ),
    "results": (
        exceptions.ResultError,
        "a.csv, line 2: the id is empty",
        {"file": "a.csv", "line": 2},
    ),
    "local": (
        exceptions.LocalServerError,
        "port 8000 of 127.0.0.1 is taken; choose another, or 0 for any free one",
        {},
    ),
    "internal": (
        exceptions.InternalError,
        (
            "a worker thread panicked; this is a bug of lantern: report the whole traceback, the "
            "code that led to it and lantern.__version__"
        ),
        {
            "advice": (
                "this is a bug of lantern: report the whole traceback, the code that led to it and "
                "lantern.__version__"
            )
        },
    ),
    "interrupted": (
        KeyboardInterrupt,
        (
            "interrupted, and the job keeps its state; the same call, or "
            "lantern.Job.load(key), resumes it"
        ),
        {},
    ),
}

ADVICE: dict[str, str] = {
    "text": "try again later",
    "set_key": (
        "pass api_key= or set LANTERN_API_KEY (without a key, lantern.LocalServer() "
        "runs the API on this machine)"
    ),
    "check_key": "check the API key (api_key= or LANTERN_API_KEY)",
    "pass_allow_http": "use https, or pass allow_http=True for a network that you trust",
    "pass_ca_bundle": "pass ca_bundle= if the certificate authority is your own",
    "check_network": "check the base URL and the network",
    "raise_timeouts": "try again, or pass a longer timeout=",
    "name_ledger": "set LANTERN_LEDGER, or pass ledger=",
    "list_jobs": "lantern.jobs() lists its jobs",
    "list_batches": "job.credits() lists its batches",
    "use_another_key": "use another key=, or leave it out",
    "wait_again": "call job.wait() again",
    "resume_job": 'the same call, or lantern.Job.load("monday\'s"), resumes it',
    "raise_budget": "raise max_credits and submit again",
    "raise_team_budget": (
        'raise it with client.budgets.set("marketing", max_credits=...), or submit again once it '
        "renews"
    ),
    "set_team_budget": 'make it with client.budgets.set("marketing", max_credits=...)',
    "raise_budget_or_lower_price": (
        "raise max_credits=, or pass credits_per_id= if your price is lower"
    ),
    "decide_batches": (
        "decide with job.resolve(3, run_id=...), job.resend(3) or job.skip(3), or with on_in_doubt="
    ),
    "decide_calls": "decide with job.resolve(3, answer=...), job.resend(3) or job.skip(3), or with "
    "on_in_doubt=",
    "decide_results": (
        "decide with resolve(3, run_id=..., result_path=...), resend(3) or skip(3) of "
        'client.job("monday\'s")'
    ),
    "attach_run": "name the run with job.resolve(3, run_id=...)",
    "give_answer": "say what it answered with job.resolve(3, answer=...)",
    "resend_batch": "job.resend(3) sends it again",
    "resend_batches": "see job.credits(), and job.resend(number) sends it again",
    "correct_run": (
        "name the right run with job.resolve(3, run_id=...), or send the batch again "
        "with job.resend(3)"
    ),
    "attach_result": (
        'if this process ends before that, call job.resolve(3, run_id="r-1", '
        'result_path="s3://results/r 1.csv")'
    ),
    "pass_result_path": "pass result_path= (and credits_path=) as well",
    "learn_again": "learn it again with lantern.learn",
    "name_fields": "name them with fields=",
    "correct_field": (
        'did you mean "effort"? pass a field that this version does not know in extra='
    ),
    "leave_out": "leave rows_per_call out",
    "report_bug": (
        "this is a bug of lantern: report the whole traceback, the code that led to it and "
        "lantern.__version__"
    ),
}


@pytest.fixture(scope="module")
def raised() -> dict[str, BaseException]:
    """One exception of every kind and with every advice that the core knows."""
    every: dict[str, BaseException] = getattr(_lantern, "_every_error")()  # noqa: B009
    return every


def test_the_tables_hold_every_kind_and_every_advice(raised: dict[str, BaseException]) -> None:
    assert set(raised) == {*ERRORS, *(f"advice {name}" for name in ADVICE)}


@pytest.mark.parametrize("kind", ERRORS)
def test_every_kind_of_error_is_rendered(raised: dict[str, BaseException], kind: str) -> None:
    error = raised[kind]
    class_, text, attributes = ERRORS[kind]
    assert type(error) is class_
    assert str(error) == text
    assert {name: getattr(error, name) for name in attributes} == attributes


@pytest.mark.parametrize("name", ADVICE)
def test_every_advice_is_rendered(raised: dict[str, BaseException], name: str) -> None:
    error = raised[f"advice {name}"]
    assert isinstance(error, exceptions.ConfigError)
    assert error.advice == ADVICE[name]
    assert str(error) == f"it failed; {ADVICE[name]}"


def test_a_cause_is_shown_as_the_cause(raised: dict[str, BaseException]) -> None:
    cause = raised["outcome_unknown"].__cause__
    assert isinstance(cause, exceptions.APIConnectionError)
    assert str(cause) == "the connection broke (reset)"
    assert isinstance(raised["ledger"].__cause__, PermissionError)
    assert raised["config"].__cause__ is None


def test_python_is_told_no_option_and_no_method_of_rust(raised: dict[str, BaseException]) -> None:
    for error in raised.values():
        assert "--" not in str(error)
        assert "::" not in str(error)


def test_the_log_advises_in_words_of_python(
    lantern_server: lantern.LocalServer, caplog: pytest.LogCaptureFixture
) -> None:
    lantern_server.add_fault("POST /v1/agents/*: reset after times 1")
    caplog.set_level("WARNING", logger="lantern")
    client = lantern_server.client()
    people = lantern_server.people().slice(0, 3)
    with pytest.raises(exceptions.OutcomeUnknown):
        client.submit(people, "email", max_credits=20, key="doubt").wait(timeout=60)
    client.submit(people, "email", max_credits=20, key="doubt", on_in_doubt="skip").wait(timeout=60)
    said = caplog.text
    assert "it is unknown whether a batch arrived" in said
    assert "job.resolve(1, run_id=...)" in said
    assert "given up, as on_in_doubt says" in said
    for foreign in ("Job::", "JobOptions", "ClientConfig", "Store::", "Decision", "Skip"):
        assert foreign not in said
