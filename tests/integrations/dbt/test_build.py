"""`dbt build` in the example project, against the local server."""

from __future__ import annotations

import polars as pl
import pytest

ENRICHED = "select id, status, email, phone_number from people_enriched order by id"


def sent(server) -> list[int]:
    """How many ids each batch had."""
    return server.runs().to_polars()["ids"].to_list()


@pytest.mark.end_to_end
def test_models_hold_the_answers_and_the_matches(server, project) -> None:
    project.build()
    people = pl.read_csv(project.folder / "seeds" / "people.csv")
    job = server.client().submit(people, "phone-email", max_credits=300)
    job.wait()
    expected = job.table().to_polars().select("id", "status", "email", "phone_number").sort("id")
    assert project.rows(ENRICHED) == expected.rows()
    found = expected.filter(pl.col("status") == "found").height
    assert found > 0
    assert project.rows("select count(*) from contactable") == [(found,)]
    matches = project.rows("select left_id, right_id from lead_accounts order by left_id")
    assert matches == [(1, "A1"), (2, "A2"), (3, "A3")]


def test_a_second_build_sends_nothing(server, project) -> None:
    project.build()
    rows, spent = project.rows(ENRICHED), server.credits_used
    assert spent > 0
    project.build()
    assert sent(server) == [30]
    assert server.credits_used == spent
    assert project.rows(ENRICHED) == rows


def test_new_rows_are_sent_alone(server, project) -> None:
    project.build()
    with (project.folder / "seeds" / "people.csv").open("a") as seed:
        seed.write("P0000101,Director,Canada\nP0000102,Engineer,Spain\n")
    project.build()
    assert sent(server) == [30, 2]
    assert project.rows("select count(*), count(distinct id) from people_enriched") == [(32, 32)]


def test_a_full_refresh_and_a_lost_database_spend_nothing(server, project) -> None:
    project.build()
    rows = project.rows(ENRICHED)
    with (project.folder / "seeds" / "people.csv").open("a") as seed:
        seed.write("P0000101,Director,Canada\n")
    project.build("--full-refresh")
    assert sent(server) == [30, 1]
    (project.folder / "example.duckdb").unlink()
    project.build()
    assert sent(server) == [30, 1]
    assert set(rows) < set(project.rows(ENRICHED))


def test_a_lost_ledger_asks_about_nothing_that_the_table_knows(server, project) -> None:
    project.build()
    project.environment["LANTERN_LEDGER"] += ".new"
    project.build()
    assert sent(server) == [30]


def test_ids_over_the_budget_are_replaced_once_it_is_raised(server, project) -> None:
    project.edit("models/people_enriched.py", "max_credits=300", "max_credits=20")
    project.build()
    over = "select count(*) from people_enriched where status = 'over_budget'"
    ((left,),) = project.rows(over)
    assert left > 0
    spent = server.credits_used
    assert spent <= 20

    # The next run has a budget of its own, for the ids that are still open.
    project.build()
    assert spent < server.credits_used <= spent + 20
    ((left,),) = project.rows(over)
    assert left > 0

    project.edit("models/people_enriched.py", "max_credits=20", "max_credits=300")
    project.build()
    assert sent(server)[-1] == left
    assert project.rows(over) == [(0,)]
    assert project.rows("select count(*), count(distinct id) from people_enriched") == [(30, 30)]


def test_answers_are_known_under_any_key_until_they_are_too_old(server, project) -> None:
    project.build()
    project.edit("models/people_enriched.py", "max_credits=300", 'max_credits=300, key="2026-12"')
    project.build("--full-refresh")
    assert sent(server) == [30]
    project.edit("models/people_enriched.py", 'key="2026-12"', 'reuse="90d"')
    project.build("--full-refresh")
    assert sent(server) == [30]
    project.edit("models/people_enriched.py", 'reuse="90d"', "reuse=False")
    project.build("--full-refresh")
    assert sent(server) == [30, 30]
