"""A run spends its own budget, whatever earlier jobs left, and only for its own ids."""

from typing import Any

import dagster as dg
import polars as pl
import pytest

import lantern
from conftest import asset_of, failure_of, metadata_of
from lantern.integrations.dagster import LanternBatchConfig, LanternResource, lantern_batch_asset


def emails(source: object, max_credits: int = 500, **options: Any) -> dg.AssetsDefinition:
    return lantern_batch_asset(
        name="emails", source=source, kind="email", max_credits=max_credits, **options
    )


def run(
    rows: pl.DataFrame, resource: LanternResource, max_credits: int = 500, **options: Any
) -> dg.ExecuteInProcessResult:
    source = asset_of(rows)
    return dg.materialize(
        [source, emails(source, max_credits, **options)],
        resources={"lantern": resource},
        raise_on_error=False,
    )


def statuses(result: dg.ExecuteInProcessResult) -> set[str]:
    return set(result.output_for_node("emails")["status"])


def test_a_raised_budget_is_that_of_the_run_and_not_of_each_earlier_job(
    server, people, resource
) -> None:
    for rows in (100, 200, 300):  # three jobs, none of which reaches its ids
        assert run(people.head(rows), resource, 10).success
    before = server.credits_used
    assert before <= 30
    result = run(people, resource, 60)
    assert 40 < server.credits_used - before <= 60
    assert metadata_of(result, "emails")["credits_spent"] == server.credits_used - before
    assert "over_budget" in statuses(result)
    # The same run again spends nothing.
    after = server.credits_used
    run(people, resource, 60)
    assert server.credits_used == after
    assert statuses(run(people, resource, 500)) == {"found", "not_found"}


def test_ids_that_left_the_table_are_not_sent(server, people, resource) -> None:
    run(people, resource, 10)
    sent = server.runs().num_rows
    left = people.tail(3)
    result = run(left, resource, 300)
    assert statuses(result) <= {"found", "not_found"}
    assert server.runs()["ids"].to_pylist()[sent:] == [3]
    assert server.credits_used <= 10 + 3


def test_a_job_that_was_interrupted_sends_no_ids_that_left_the_table(people, tmp_path) -> None:
    with lantern.LocalServer(limits="off", size=300) as server:
        resource = LanternResource(
            api_key=server.key,
            base_url=server.url,
            storage_options=server.storage_options,
            ledger=str(tmp_path / "interrupted.sqlite"),
        )
        request: Any = {"batch_size": 100}
        server.add_fault("POST /v1/agents/*: status 401")
        assert not run(people, resource, request=request).success
        server.clear_faults()
        result = run(people.tail(20), resource, request=request)
        assert result.success
        assert server.runs()["ids"].to_pylist() == [20]


def backfill(people: pl.DataFrame, resource: LanternResource, **options: Any) -> None:
    """Materializes one day, or all of a range in a single run."""
    days = dg.StaticPartitionsDefinition(["monday", "tuesday", "wednesday"])

    @dg.asset(name="people", partitions_def=days)
    def source(context: dg.AssetExecutionContext) -> pl.DataFrame:
        known = days.get_partition_keys()
        parts = [people.slice(known.index(day) * 40, 50) for day in context.partition_keys]
        return pl.concat(parts)

    class InMemory(dg.InMemoryIOManager):
        def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
            self.values[context.step_key] = obj

        def load_input(self, context: dg.InputContext) -> Any:
            return self.values[context.upstream_output.step_key]

    definitions = dg.Definitions(
        [source, emails(source, partitions_def=days)],
        resources={"lantern": resource, "io_manager": InMemory()},
    )
    job = definitions.resolve_implicit_global_asset_job_def()
    result = job.execute_in_process(**options)
    assert statuses(result) == {"found", "not_found"}


ALL_DAYS = {
    "dagster/asset_partition_range_start": "monday",
    "dagster/asset_partition_range_end": "wednesday",
}


def test_a_backfill_in_a_single_run_pays_nothing_for_days_that_were_paid(
    server, people, resource
) -> None:
    for day in ("monday", "tuesday", "wednesday"):
        backfill(people, resource, partition_key=day)
    assert server.runs()["ids"].to_pylist() == [50, 40, 40]  # ten people come again each day
    spent = server.credits_used
    backfill(people, resource, tags=ALL_DAYS)
    assert (server.credits_used, server.runs().num_rows) == (spent, 3)


def test_days_pay_nothing_after_a_backfill_in_a_single_run(server, people, resource) -> None:
    backfill(people, resource, tags=ALL_DAYS)
    (key,) = lantern.jobs(ledger=resource.ledger).column("key").to_pylist()
    assert key.startswith("dagster:emails[monday...wednesday]:email:")
    spent = server.credits_used
    for day in ("monday", "tuesday", "wednesday"):
        backfill(people, resource, partition_key=day)
    assert (server.credits_used, server.runs()["ids"].to_pylist()) == (spent, [130])


def test_without_a_budget_known_answers_are_used_and_nothing_is_sent(
    server, people, resource
) -> None:
    run(people.head(50), resource)
    spent = server.credits_used
    source = asset_of(people.head(60))
    result = dg.materialize(
        [source, emails(source)],
        resources={"lantern": resource},
        run_config=dg.RunConfig(ops={"emails": LanternBatchConfig(max_credits=0)}),
    )
    table = result.output_for_node("emails")
    assert set(table["status"].head(50)) <= {"found", "not_found"}
    assert set(table["status"].tail(10)) == {"over_budget"}
    assert "email" in table.columns
    assert (server.credits_used, server.runs().num_rows) == (spent, 1)
    # What was left out is asked once there is a budget.
    assert statuses(run(people.head(60), resource)) <= {"found", "not_found"}
    assert server.runs()["ids"].to_pylist() == [50, 10]


def test_with_spending_off_known_answers_are_given_and_new_ids_fail_the_step(
    server, people, resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(people.head(50), resource)
    spent = server.credits_used
    monkeypatch.setenv("LANTERN_SPEND", "off")
    assert run(people.head(50), resource).success
    failed = run(people.head(60), resource)
    assert "LANTERN_SPEND" in failure_of(failed, "emails").description
    assert (server.credits_used, server.runs().num_rows) == (spent, 1)


FAILS = "POST /v1/agents/*: run-fails times 1"


def test_a_run_that_fails_at_the_api_fails_the_step(server, people, resource) -> None:
    server.add_fault(FAILS)
    rows = people.head(30)
    for _ in range(2):  # it is decided by a person, and not by a retry
        failed = run(rows, resource, retry_policy=dg.RetryPolicy(max_retries=2))
        assert failure_of(failed, "emails").metadata["error"].value == "JobError"
        retried = [e for e in failed.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]
        assert not retried
        assert server.runs().num_rows == 1
    assert server.credits_used == 0
    result = run(rows, resource, request={"on_failed": "resend"})
    assert statuses(result) <= {"found", "not_found"}
    assert server.runs()["ids"].to_pylist() == [30, 30]


def test_a_failed_run_that_is_kept_does_not_pass_for_a_good_one(server, people, resource) -> None:
    server.add_fault(FAILS)
    result = run(
        people.head(30),
        resource,
        request={"on_failed": "keep"},
        min_found_rate=0.1,
        blocking_checks=True,
    )
    (check,) = result.get_asset_check_evaluations()
    assert not check.passed
    assert statuses(result) == {"failed"}
    assert metadata_of(result, "emails")["credits_spent"] == 0


def test_a_failed_run_is_sent_again_at_most_three_times_in_total(server, people, resource) -> None:
    server.add_fault("POST /v1/agents/*: run-fails")
    for _ in range(2):
        assert not run(people.head(30), resource, request={"on_failed": "resend"}).success
        assert server.runs().num_rows == 3
