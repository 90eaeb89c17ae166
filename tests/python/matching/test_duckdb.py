"""The functions in DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

import lantern
from lantern import normalize, similarity

LEFT = ["Acme Corp", "Müller & Söhne", None, "", "東京株式会社", "ada@gmail.com"]
RIGHT = ["Acme Corporation", "Mueller Soehne", "x", "", "株式会社東京", None]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        lantern.duckdb.register(connection)
        connection.register("t", pa.table({"n": range(len(LEFT)), "a": LEFT, "b": RIGHT}))
        yield connection


def column(con: duckdb.DuckDBPyConnection, expression: str) -> list[object]:
    return [row[0] for row in con.sql(f"select {expression} from t order by n").fetchall()]


def test_every_similarity_gives_what_it_gives_elsewhere(con: duckdb.DuckDBPyConnection) -> None:
    for name in similarity.__all__:
        expected = getattr(similarity, name)(pa.array(LEFT), pa.array(RIGHT)).to_pylist()
        assert column(con, f"lantern_{name}(a, b)") == expected
        kind = "UINTEGER" if name.endswith("_distance") else "DOUBLE"
        assert con.sql(f"select lantern_{name}(a, b) from t").types == [kind]


def test_every_normalizer_gives_what_it_gives_elsewhere(con: duckdb.DuckDBPyConnection) -> None:
    for name in normalize.versions():
        expected = getattr(normalize, name)(pa.array(LEFT)).to_pylist()
        assert column(con, f"lantern_{name}(a)") == expected
        kind = "BOOLEAN" if name.startswith("is_") else "VARCHAR"
        assert con.sql(f"select lantern_{name}(a) from t").types == [kind]


def test_nulls_and_constants_and_enums(con: duckdb.DuckDBPyConnection) -> None:
    row = con.sql(
        "select lantern_jaro(null, 'x'), lantern_osa_distance('x', null), "
        "lantern_company_key(null), lantern_phone_e164(null, 'US'), lantern_is_free_email(null)"
    ).fetchall()
    assert row == [(None,) * 5]
    expected = similarity.jaro(pa.array(LEFT), "Acme").to_pylist()
    assert column(con, "lantern_jaro(a, 'Acme')") == expected
    con.sql("create type name as enum ('Acme Inc.', 'Globex')")
    assert con.sql("select lantern_company_key('Acme Inc.'::name)").fetchall() == [("acme",)]
    assert con.sql("select lantern_jaro(a, b) from t where false").fetchall() == []


def test_a_region_is_one_for_all_rows_or_one_a_row(con: duckdb.DuckDBPyConnection) -> None:
    con.sql(
        "create table phones as select * from (values "
        "(1, '(415) 555-2671', 'US'), (2, '030 901820', 'DE'), (3, null, 'US'), "
        "(4, '+44 20 7946 0958', null), (5, '020 7946 0958', 'GB')) t(n, p, r)"
    )

    def made(call: str) -> list[object]:
        rows = con.sql(f"select {call} from phones order by n").fetchall()
        return [row[0] for row in rows]

    assert made("lantern_phone_e164(p, r)") == [
        "+14155552671", "+4930901820", None, "+442079460958", "+442079460958",
    ]  # fmt: skip
    assert made("lantern_phone_e164(p, 'US')")[:2] == ["+14155552671", None]
    assert made("lantern_phone_e164(p)") == [None, None, None, "+442079460958", None]
    assert made("lantern_is_valid_phone(p, r)") == [True, True, None, True, True]
    assert con.sql("select lantern_postal_code('2138', 'US')").fetchall() == [("02138",)]


def test_many_rows_in_many_threads(con: duckdb.DuckDBPyConnection) -> None:
    con.sql("set threads to 4")
    con.sql(
        "create table big as "
        "select 'Acme ' || i as a, 'Acme ' || (i % 97) as b from range(300_000) t(i)"
    )
    made = con.sql("select sum(lantern_jaro(a, b)) from big").fetchall()
    table = con.sql("select * from big").to_arrow_table()
    expected = sum(similarity.jaro(table["a"], table["b"]).to_pylist())
    assert made[0][0] == pytest.approx(expected)


def test_what_is_no_text_is_an_error_that_says_the_cast(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.BinderException, match="explicit type casts"):
        con.sql("select lantern_jaro(1, 2)")
    with pytest.raises(
        duckdb.InvalidInputException, match=r"lantern_phone_e164 takes text.*x::VARCHAR"
    ):
        con.sql("select lantern_phone_e164(4155552671, 'US')").fetchall()
    with pytest.raises(duckdb.InvalidInputException, match='"XX" is not a region'):
        con.sql("select lantern_phone_e164('415', 'XX')").fetchall()
    with pytest.raises(duckdb.InvalidInputException, match="at most one region"):
        con.sql("select lantern_phone_e164('415', 'US', 'x')").fetchall()


def test_registering_again_replaces_and_a_prefix_is_free(con: duckdb.DuckDBPyConnection) -> None:
    lantern.duckdb.register(con)
    lantern.duckdb.register(con, prefix="l_")
    assert con.sql("select l_jaro('a', 'a'), lantern_jaro('a', 'a')").fetchall() == [(1.0, 1.0)]
    with pytest.raises(ValueError, match="prefix is empty"):
        lantern.duckdb.register(con, prefix="")
