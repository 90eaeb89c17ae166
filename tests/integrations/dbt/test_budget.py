"""What `dbt build` may spend is the run's budget, and only what the command builds is sent."""

from __future__ import annotations

import pytest

# Up to five builds, of some four seconds each where nothing else runs.
pytestmark = pytest.mark.timeout(900)

MODEL = "models/people_enriched.py"
# The seed and the model, without their tests.
ONLY = ("--select", "people", "people_enriched", "--exclude-resource-type", "test")


def sent(server) -> list[int]:
    """How many ids each batch had."""
    return server.runs().column("ids").to_pylist()


def count(project, where: str) -> int:
    ((rows,),) = project.rows(f"select count(*) from people_enriched where {where}")
    return rows


def people(project, first: int, last: int) -> None:
    """Writes the seed anew, with these people."""
    lines = [f"P{number:07},Engineer,Spain\n" for number in range(first, last)]
    (project.folder / "seeds" / "people.csv").write_text("id,title,country\n" + "".join(lines))


def test_a_raised_budget_is_that_of_the_run_and_not_of_each_earlier_job(server, project) -> None:
    project.edit(MODEL, "max_credits=300", "max_credits=12")
    for last in (30, 60, 90):
        people(project, 1, last)
        project.build("--full-refresh", *ONLY)
    before = server.credits_used
    assert before <= 36
    project.edit(MODEL, "max_credits=12", "max_credits=60")
    project.build("--full-refresh", *ONLY)
    assert 40 < server.credits_used - before <= 60
    after = server.credits_used
    project.build("--full-refresh", *ONLY)
    assert server.credits_used == after


def test_ids_that_left_the_relation_are_not_sent(server, project) -> None:
    project.edit(MODEL, "max_credits=300", "max_credits=12")
    people(project, 1, 60)
    project.build(*ONLY)
    before = sent(server)
    people(project, 57, 60)
    project.edit(MODEL, "max_credits=12", "max_credits=300")
    project.build("--full-refresh", *ONLY)
    assert sent(server)[len(before) :] == [3]


def test_a_model_changed_from_phone_to_phone_email_loses_no_address_that_it_pays_for(
    server, project
) -> None:
    project.edit(MODEL, '"phone-email"', '"phone"')
    project.build(*ONLY)
    assert "email" not in {name for (name, *_) in project.rows("describe people_enriched")}
    project.edit(MODEL, '"phone"', '"phone-email"')
    people(project, 1, 60)
    spent = server.credits_used
    done = project.dbt("build", *ONLY)
    assert done.returncode != 0
    assert 'has no column "email", so dbt would drop these answers' in done.stdout
    assert "--full-refresh --select people_enriched" in done.stdout
    assert server.credits_used == spent

    project.build("--full-refresh", *ONLY)
    assert count(project, "email_found") > 0
    assert count(project, "email_found is null") == 0


def test_rows_that_another_kind_answered_are_asked(server, project) -> None:
    project.edit(MODEL, '"phone-email"', '"phone"')
    project.build(*ONLY)
    # As dbt adds them with on_schema_change="append_new_columns".
    project.execute("alter table people_enriched add column email varchar")
    project.execute("alter table people_enriched add column email_found boolean")
    project.edit(MODEL, '"phone"', '"phone-email"')
    project.build("--select", "people_enriched")
    assert sent(server) == [30, 30]
    assert count(project, "email_found is null") == 0


@pytest.mark.parametrize("again", [False, True], ids=["first", "incremental"])
def test_an_empty_build_spends_nothing_and_needs_no_key(server, project, again: bool) -> None:
    if again:
        project.build(*ONLY)
    spent, batches = server.credits_used, sent(server)
    del project.environment["LANTERN_API_KEY"]
    # With the view that selects columns of the answers.
    done = project.dbt("build", "--empty", "--exclude", "lead_accounts", "leads", "accounts")
    assert done.returncode == 0, done.stdout
    assert (server.credits_used, sent(server)) == (spent, batches)
    assert count(project, "true") == (30 if again else 0)


def test_a_sample_spends_nothing(server, project) -> None:
    project.build(*ONLY)
    spent = server.credits_used
    people(project, 1, 60)
    project.build("--select", "people")
    done = project.dbt("run", "--select", "people_enriched", "--sample", "3 days")
    assert done.returncode == 0, done.stdout
    assert (server.credits_used, sent(server)) == (spent, [30])
    assert count(project, "status = 'over_budget'") > 0


def test_a_build_that_defers_sends_only_what_no_environment_knows(server, project) -> None:
    project.build(*ONLY)
    state = project.folder / "state"
    (project.folder / "target").rename(state)
    spent = server.credits_used
    project.profile("other", "other.duckdb", attach="example.duckdb")
    done = project.dbt(
        "run", "--select", "people_enriched", "--defer", "--state", "state", "--target", "other"
    )
    assert done.returncode == 0, done.stdout
    assert (server.credits_used, sent(server)) == (spent, [30])


def test_without_a_budget_known_answers_are_used_and_nothing_is_sent(server, project) -> None:
    project.build(*ONLY)
    spent = server.credits_used
    people(project, 1, 60)
    project.edit(MODEL, "max_credits=300", "max_credits=0")
    project.build("--full-refresh", *ONLY)
    assert (server.credits_used, sent(server)) == (spent, [30])
    assert count(project, "status = 'over_budget'") > 0
    assert count(project, "status = 'found'") > 0


def test_with_spending_off_known_answers_are_given_and_new_ids_fail_the_model(
    server, project
) -> None:
    project.build(*ONLY)
    spent = server.credits_used
    project.environment["LANTERN_SPEND"] = "off"
    project.build("--full-refresh", *ONLY)
    people(project, 1, 60)
    done = project.dbt("build", *ONLY)
    assert done.returncode != 0
    assert "LANTERN_SPEND" in done.stdout
    assert (server.credits_used, sent(server)) == (spent, [30])


def test_a_run_that_fails_at_the_api_fails_the_model(server, project) -> None:
    server.add_fault("POST /v1/agents/*: run-fails times 1")
    assert project.dbt("build", *ONLY).returncode != 0
    assert server.credits_used == 0
    project.edit(MODEL, "max_credits=300", 'max_credits=300, on_failed="keep"')
    project.build(*ONLY)
    assert count(project, "status = 'failed'") == 30
    project.edit(MODEL, '"keep"', '"resend"')
    project.build(*ONLY)
    assert count(project, "status = 'failed'") == 0
    assert sent(server) == [30, 30]
