"""Relations of every kind of id, given to `enrich` as dbt-duckdb gives them."""

from __future__ import annotations

from types import SimpleNamespace

import duckdb
import pyarrow
import pytest

import lantern
from lantern.integrations.dbt import enrich, match


def model(name: str = "model", *, incremental: bool = False) -> SimpleNamespace:
    class This:
        identifier = name

        def __repr__(self) -> str:
            return f'"memory"."main"."{name}"'

    return SimpleNamespace(this=This(), is_incremental=incremental)


@pytest.fixture
def con():
    with duckdb.connect() as opened:
        yield opened


@pytest.mark.parametrize(
    "kind", ["varchar", "uuid", "integer", "ubigint", "enum('7', '8')"], ids=lambda k: k[:4]
)
def test_ids_come_back_in_their_type_once_each_and_without_nulls(kind: str, con, tmp_path) -> None:
    values = (
        ["00000000-0000-0000-0000-000000000007", "00000000-0000-0000-0000-000000000008"]
        if kind == "uuid"
        else ["7", "8"]
    )
    people = pyarrow.table({"id": values})
    con.execute(f"create table people (id {kind})")
    con.execute(
        "insert into people values (?), (null), (?), (?)", [values[1], values[0], values[1]]
    )
    relation = con.sql("from people")
    with lantern.LocalServer(limits="off", people=people) as server:
        answers = enrich(model(), con, relation, "email", max_credits=5, client=server.client())
        assert isinstance(answers, pyarrow.Table)
        assert [str(id) for id in answers["id"].to_pylist()] == [values[1], values[0]]
        assert answers["status"].to_pylist() == ["not_found", "not_found"]
        assert con.sql("select * from answers").columns == answers.column_names


def test_an_incremental_run_leaves_out_what_is_answered_whatever_the_types(con) -> None:
    people = pyarrow.table({"id": ["1", "2", "3", "4"]})
    con.execute("create table people as select unnest([1, 2, 3, 4]) as id")
    con.execute(
        "create table model as "
        "select * from (values ('1', 'found'), ('2', 'over_budget')) t(id, status)"
    )
    with lantern.LocalServer(limits="off", people=people) as server:
        table = enrich(
            model(incremental=True),
            con,
            con.sql("from people"),
            "email",
            max_credits=5,
            client=server.client(),
        )
        assert table["id"].to_pylist() == [2, 3, 4]
        assert server.runs().to_polars()["ids"].to_list() == [3]


def test_an_incremental_run_with_nothing_new_gives_an_empty_table_of_the_same_columns(con) -> None:
    con.execute("create table people as select 1 as id")
    con.execute("create table model as select 1 as id, 'found' as status, 'x' as email, 2 as more")
    table = enrich(
        model(incremental=True),
        con,
        con.sql("from people"),
        "email",
        max_credits=1,
        client=object(),
    )
    assert (table.num_rows, table.column_names) == (0, ["id", "status", "email", "more"])


def test_matches_carry_the_ids_of_both_relations(con) -> None:
    con.execute("create table a as select 'x' as k, 'https://www.acme.com' as domain")
    con.execute("create table b as select 9 as n, 'acme.com' as domain")
    table = match(
        model(), con, con.sql("from a"), con.sql("from b"), "domain:eq", left_id="k", right_id="n"
    )
    assert table.select(["left_id", "right_id"]).to_pylist() == [{"left_id": "x", "right_id": 9}]
