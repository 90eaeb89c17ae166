"""Ids of a Spark DataFrame are paid once, whatever is called how often."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import lantern
import lantern.spark
from lantern.exceptions import InputError, JobError, JobTimeout


@pytest.fixture
def server() -> Iterator[lantern.LocalServer]:
    with lantern.LocalServer(limits="off", size=300) as started:
        yield started


def sent(server: lantern.LocalServer) -> list[int]:
    """How many ids each batch had."""
    return pytest.importorskip("pyarrow").table(server.runs())["ids"].to_pylist()


def people(spark, count: int):
    ids = [(f"P{number:07}",) for number in range(1, count + 1)]
    return spark.createDataFrame([*ids, *ids[:5], (None,), ("",)], "person string").repartition(3)


def ask(server, frame, max_credits: int = 500, **options):
    return lantern.spark.submit(
        frame, "phone-email", id="person", max_credits=max_credits, key="leads",
        client=server.client(), **options,
    )  # fmt: skip


def test_answers_are_those_of_a_job_on_this_machine(spark, server) -> None:
    answers = ask(server, people(spark, 40))
    assert sent(server) == [40]
    local = server.client().submit(
        people(spark, 40).distinct().toArrow(), "phone-email", id="person", max_credits=500, key="x"
    )
    local.wait(progress=False)
    expected = {row["person"]: row for row in local.table().to_pylist() if row["person"]}
    found = {row["person"]: row.asDict() for row in answers.collect()}
    # Here they were bought, and there they are known.
    assert {row.pop("reused") for row in found.values()} == {False}
    assert {row.pop("reused") for row in expected.values()} == {True}
    assert found == expected
    assert people(spark, 40).join(answers, "person").count() == 45


@pytest.mark.end_to_end
def test_a_second_call_sends_nothing_and_new_rows_are_sent_alone(spark, server) -> None:
    first = ask(server, people(spark, 40)).collect()
    spent = server.credits_used
    assert spent > 0
    again = ask(server, people(spark, 40).coalesce(1)).collect()
    assert (sorted(again), server.credits_used) == (sorted(first), spent)
    assert ask(server, people(spark, 42)).count() == 42
    assert sent(server) == [40, 2]


def test_a_driver_that_gave_up_waiting_goes_on_where_it_was(spark) -> None:
    with lantern.LocalServer(limits="off", size=300, work_delay=2) as server:
        with pytest.raises(JobTimeout):
            ask(server, people(spark, 40), timeout=0.2)
        assert ask(server, people(spark, 40)).where("status = 'found'").count() > 0
        assert sent(server) == [40]


def test_ids_over_the_budget_are_sent_once_it_is_raised(spark, server) -> None:
    over = ask(server, people(spark, 40), max_credits=20).where("status = 'over_budget'").count()
    assert over > 0
    assert server.credits_used <= 20
    assert ask(server, people(spark, 40)).where("status = 'over_budget'").count() == 0
    assert sent(server)[-1] == over


@pytest.mark.parametrize(
    ("id", "said"), [("persn", "no column 'persn'"), ("score", "is of type double")]
)
def test_a_column_that_holds_no_ids_is_refused_before_anything_is_sent(
    id: str, said: str, spark, server
) -> None:
    frame = spark.createDataFrame([("P0000001", 1.5)], ["person", "score"])
    with pytest.raises(InputError, match=said):
        lantern.spark.submit(frame, "phone", id=id, max_credits=9, key="k", client=server.client())
    assert sent(server) == []


def test_a_raised_budget_is_that_of_the_call_and_only_its_ids_are_sent(spark, server) -> None:
    for count in (40, 80, 120):
        ask(server, people(spark, count), max_credits=12)
    before, batches = server.credits_used, len(sent(server))
    assert before <= 36
    answers = ask(server, people(spark, 120), max_credits=60)
    assert 40 < server.credits_used - before <= 60
    assert answers.where("status = 'over_budget'").count() > 0
    after = server.credits_used
    ask(server, people(spark, 120), max_credits=60)
    assert server.credits_used == after

    open_ids = [row.person for row in answers.where("status = 'over_budget'").collect()][:3]
    frame = spark.createDataFrame([(id,) for id in open_ids], "person string")
    batches = len(sent(server))
    assert ask(server, frame, max_credits=500).where("status = 'over_budget'").count() == 0
    assert sent(server)[batches:] == [3]


def test_without_a_budget_known_answers_are_given_and_nothing_is_sent(spark, server) -> None:
    ask(server, people(spark, 40))
    spent = server.credits_used
    answers = ask(server, people(spark, 45), max_credits=0)
    assert answers.where("status = 'over_budget'").count() == 5
    assert (server.credits_used, sent(server)) == (spent, [40])


def test_a_run_that_fails_at_the_api_is_raised_kept_or_sent_again(spark, server) -> None:
    server.add_fault("POST /v1/agents/*: run-fails times 1")
    with pytest.raises(JobError):
        ask(server, people(spark, 40))
    assert server.credits_used == 0
    assert ask(server, people(spark, 40), on_failed="keep").where("status = 'failed'").count() == 40
    answers = ask(server, people(spark, 40), on_failed="resend")
    assert answers.where("status in ('found', 'not_found')").count() == 40
    assert sent(server) == [40, 40]
