"""Batches as assets: what they hold, what they show, and that nothing is paid twice."""

import base64
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import lantern
from conftest import asset_of, metadata_of
from lantern.integrations.dagster import (
    LanternBatchConfig,
    LanternParquetIOManager,
    LanternResource,
    lantern_batch_asset,
    lantern_credits_check,
)


def batch_of(source: object, **options: object) -> dg.AssetsDefinition:
    settings = {"name": "emails", "source": source, "kind": "email", "max_credits": 500}
    return lantern_batch_asset(**(settings | options))


def test_an_asset_holds_one_row_per_row_upstream_as_a_job_would(server, people, resource) -> None:
    rows = pl.concat([people.head(40), people.head(2), people.head(1).with_columns(id=None)])
    source = asset_of(rows)
    result = dg.materialize([source, batch_of(source)], resources={"lantern": resource})
    job = server.client().submit(rows, "email", max_credits=500)
    job.wait()
    assert_frame_equal(result.output_for_node("emails"), job.table().to_polars())


@pytest.mark.end_to_end
def test_a_second_materialization_spends_nothing(server, people, resource) -> None:
    source = asset_of(people)
    assets = [source, batch_of(source)]
    first = dg.materialize(assets, resources={"lantern": resource})
    spent, runs = server.credits_used, server.runs().num_rows
    assert spent > 0
    second = dg.materialize(assets, resources={"lantern": resource})
    assert (server.credits_used, server.runs().num_rows) == (spent, runs)
    assert_frame_equal(second.output_for_node("emails"), first.output_for_node("emails"))
    assert metadata_of(first, "emails")["credits_spent"] == spent
    assert metadata_of(second, "emails")["credits_spent"] == 0
    assert metadata_of(second, "emails")["credits_of_all_runs"] == spent


def test_rows_that_are_new_upstream_cost_only_themselves(server, people, resource) -> None:
    for rows in (people.head(100), people.slice(50, 100)):
        source = asset_of(rows)
        result = dg.materialize([source, batch_of(source)], resources={"lantern": resource})
        assert result.output_for_node("emails")["id"].to_list() == rows["id"].to_list()
    assert server.runs().to_polars()["ids"].to_list() == [100, 50]
    both = server.client(ledger=resource.ledger + ".other").submit(
        people.head(150), "email", max_credits=500
    )
    assert both.wait().credits == metadata_credits(resource, "dagster:emails:")


def metadata_credits(resource: LanternResource, prefix: str) -> int:
    jobs = lantern.jobs(ledger=resource.ledger).to_polars()
    return jobs.filter(pl.col("key").str.starts_with(prefix))["credits"].sum()


def partitioned(people: pl.DataFrame) -> list[dg.AssetsDefinition]:
    countries = dg.StaticPartitionsDefinition(["Germany", "United States"])

    @dg.asset(name="people", partitions_def=countries)
    def source(context: dg.AssetExecutionContext) -> pl.DataFrame:
        return people.filter(pl.col("country") == context.partition_key)

    return [source, batch_of(source, partitions_def=countries)]


def test_each_partition_is_a_job_of_its_own_and_is_paid_once(server, people, resource) -> None:
    assets = partitioned(people)
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            for country in ("Germany", "United States"):
                result = dg.materialize(
                    assets,
                    partition_key=country,
                    resources={"lantern": resource},
                    instance=instance,
                )
                expected = people.filter(pl.col("country") == country)["id"].to_list()
                assert result.output_for_node("emails")["id"].to_list() == expected
    counts = [people.filter(pl.col("country") == c).height for c in ("Germany", "United States")]
    assert server.runs().to_polars()["ids"].to_list() == counts
    keys = sorted(lantern.jobs(ledger=resource.ledger).to_polars()["key"])
    assert [key.rsplit(":", 1)[0] for key in keys] == [
        "dagster:emails[Germany]:email",
        "dagster:emails[United States]:email",
    ]


def test_another_key_pays_nothing_for_what_is_known(server, people, resource) -> None:
    for rows, month in ((50, "2026-11"), (60, "2026-12")):
        source = asset_of(people.head(rows))
        emails = batch_of(source, key=lambda _, month=month: f"emails-{month}")
        dg.materialize([source, emails], resources={"lantern": resource})
    assert server.runs()["ids"].to_pylist() == [50, 10]


def test_answers_that_are_too_old_are_asked_and_paid_anew(server, people, resource) -> None:
    source = asset_of(people.head(50))

    def run(**request: object) -> pl.DataFrame:
        emails = batch_of(source, request=request)
        result = dg.materialize([source, emails], resources={"lantern": resource})
        return result.output_for_node("emails")

    run()
    assert run(reuse="90d")["status"].is_in(["found", "not_found"]).all()
    assert server.runs().num_rows == 1, "they are young enough"
    for batches in (2, 3):
        answers = run(reuse=False)
        assert (server.runs().num_rows, answers["reused"].any()) == (batches, False)
    # What was not found is asked again once that is long ago.
    again = run(retry_not_found="1us")
    assert server.runs()["ids"].to_pylist()[3] == 50 - again["reused"].sum()


def test_a_run_with_a_higher_budget_goes_on_with_the_ids_that_were_left(
    server, people, resource
) -> None:
    source = asset_of(people)
    assets = [source, batch_of(source, max_credits=20)]
    first = dg.materialize(assets, resources={"lantern": resource})
    left = metadata_of(first, "emails")["rows_by_status"]["over_budget"]
    assert left > 0
    assert server.credits_used == 20
    dg.materialize(assets, resources={"lantern": resource})
    assert server.credits_used == 20

    config = dg.RunConfig(ops={"emails": LanternBatchConfig(max_credits=400)})
    again = dg.materialize(assets, resources={"lantern": resource}, run_config=config)
    assert set(again.output_for_node("emails")["status"]) == {"found", "not_found"}
    assert server.runs().to_polars()["ids"].to_list()[-1] == left


def test_a_step_that_ran_out_of_time_is_retried_and_goes_on(people, tmp_path) -> None:
    with lantern.LocalServer(limits="off", size=300, work_delay=1.0) as server:
        resource = LanternResource(
            api_key=server.key,
            base_url=server.url,
            storage_options=server.storage_options,
            ledger=str(tmp_path / "slow.sqlite"),
        )
        source = asset_of(people)
        emails = batch_of(source, timeout=0.2, retry_policy=dg.RetryPolicy(max_retries=50))
        result = dg.materialize([source, emails], resources={"lantern": resource})
        retried = [e for e in result.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]
        assert result.success
        assert retried
        assert server.runs().num_rows == 1


@pytest.mark.parametrize("form", ["lazy", "pandas-free arrow", "path", "table"])
def test_tables_come_in_as_frames_arrow_or_parquet(
    form: str, people, resource, tmp_path: Path
) -> None:
    rows = people.head(20)
    rows.write_parquet(tmp_path / "people.parquet")
    value = {
        "lazy": rows.lazy(),
        "pandas-free arrow": rows.to_arrow(),
        "path": str(tmp_path / "people.parquet"),
        "table": rows,
    }[form]
    source = asset_of(value)
    result = dg.materialize([source, batch_of(source)], resources={"lantern": resource})
    assert result.output_for_node("emails")["id"].to_list() == rows["id"].to_list()


def test_arrow_goes_out_and_through_parquet(people, resource, tmp_path: Path) -> None:
    source = asset_of(people.head(20))
    read: list[object] = []

    @dg.asset
    def after(emails) -> None:
        read.append(emails)

    result = dg.materialize(
        [source, batch_of(source, output="arrow"), after],
        resources={
            "lantern": resource,
            "io_manager": LanternParquetIOManager(base_dir=str(tmp_path / "store")),
        },
    )
    assert isinstance(result.output_for_node("emails"), lantern.Table)
    assert isinstance(read[0], lantern.Table)
    stored = pl.read_parquet(tmp_path / "store" / "emails.parquet")
    assert_frame_equal(read[0].to_polars(), stored)
    assert stored["id"].to_list() == people["id"].head(20).to_list()


def test_metadata_say_what_the_table_holds(server, people, resource) -> None:
    source = asset_of(people)
    emails = batch_of(source, kind="phone-email", max_credits=5_000)
    result = dg.materialize([source, emails], resources={"lantern": resource})
    table = result.output_for_node("emails")
    metadata = metadata_of(result, "emails")
    assert metadata["dagster/row_count"] == table.height == 300
    assert [c.name for c in metadata["dagster/column_schema"].columns] == table.columns
    assert metadata["email_rate"] == pytest.approx(table["email_found"].mean())
    assert metadata["phone_rate"] == pytest.approx(table["phone_found"].mean())
    assert metadata["found_rate"] == pytest.approx((table["status"] == "found").mean())
    assert metadata["credits_spent"] == server.credits_used
    assert metadata["rows_by_status"] == dict(table["status"].value_counts().iter_rows())
    preview = metadata["preview"].splitlines()
    assert len(preview) == 2 + 5
    assert table["id"][0] in preview[2]
    picture = base64.b64decode(metadata["chart"].split("base64,")[1].removesuffix(")")).decode()
    assert picture.startswith("<svg")
    assert f"{table['email_found'].mean():.1%}" in picture


def test_a_preview_can_be_left_out_and_no_cell_breaks_its_table(people, resource) -> None:
    odd = pl.DataFrame({"id": ["a|b", "c\nd", "<script>"]})
    source = asset_of(odd)
    result = dg.materialize([source, batch_of(source)], resources={"lantern": resource})
    lines = metadata_of(result, "emails")["preview"].splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| a\\|b", "| c d", "| &lt;script&gt;"]
    result = dg.materialize(
        [source, batch_of(source, preview_rows=0)], resources={"lantern": resource}
    )
    assert "preview" not in metadata_of(result, "emails")


@pytest.mark.parametrize(("at_least", "passed"), [(0.1, True), (0.99, False)])
def test_the_found_rate_is_checked(at_least: float, passed: bool, people, resource) -> None:
    source = asset_of(people)
    emails = batch_of(source, min_found_rate=at_least, min_credits_left=10)
    result = dg.materialize([source, emails], resources={"lantern": resource})
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    assert checks["found_rate"].passed is passed
    assert checks["found_rate"].severity == dg.AssetCheckSeverity.WARN
    assert checks["credits_left"].passed is True


def test_a_blocking_check_of_credits_holds_the_batch_back(people, tmp_path) -> None:
    with lantern.LocalServer(limits="off", size=300, credits=40) as server:
        resource = LanternResource(
            api_key=server.key,
            base_url=server.url,
            storage_options=server.storage_options,
            ledger=str(tmp_path / "poor.sqlite"),
        )
        source = asset_of(people.head(10))
        for at_least, runs in ((41, 0), (40, 1)):
            result = dg.materialize(
                [source, batch_of(source), lantern_credits_check(asset=source, at_least=at_least)],
                resources={"lantern": resource},
                raise_on_error=False,
            )
            (check,) = result.get_asset_check_evaluations()
            assert check.passed is bool(runs)
            assert server.runs().num_rows == runs
