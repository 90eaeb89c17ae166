"""What `lantern.describe` says about the columns of tables."""

import polars as pl
import pytest

import lantern
from lantern.exceptions import InputError

EXPORT = pl.DataFrame(
    {
        "Id": ["a1", "a2", "a3", "a4"],
        "Name": ["Ada Byron", "Carl Gauss", "Emmy Noether", "Leon Euler"],
        "FirstName": ["Ada", "Carl", "Emmy", "Leon"],
        "LastName": ["Byron", "Gauss", "Noether", "Euler"],
        "Account Owner": ["Zoe King", "Zoe King", "Luc Petit", "Zoe King"],
        "Last Activity": ["2024-01-31", "2024-03-01", "2024-05-30", "2024-07-02"],
        "Company Revenue": ["$1,200,000", "$3,400", "$560,000", "n/a"],
    }
)


def described(*tables, **ids):
    table = lantern.describe(*tables, **ids).to_polars()
    return {(row["side"], row["column"]): row for row in table.iter_rows(named=True)}


def test_each_column_says_what_it_is_and_what_becomes_of_it():
    columns = described(EXPORT, left_id="Id")
    assert ("left", "Id") not in columns
    assert columns["left", "FirstName"]["kind"] == "first_name"
    assert columns["left", "FirstName"]["field"] == "FirstName"
    assert "FirstName and LastName" in columns["left", "Name"]["why_not"]
    assert "looks after" in columns["left", "Account Owner"]["why_not"]
    assert columns["left", "Last Activity"]["field"] is None
    assert columns["left", "Company Revenue"]["kind"] == "amount"
    assert columns["left", "Company Revenue"]["nulls"] == 0.25


def test_columns_of_two_tables_name_each_other():
    accounts = pl.DataFrame({"name": ["Acme Inc", "Globex LLC"], "employees": [120, 40]})
    leads = pl.DataFrame({"Firma": ["Acme", "Globex"], "founded": [1990, 2004]})
    columns = described(leads, accounts)
    assert columns["left", "Firma"]["compared_with"] == ["name"]
    assert columns["right", "name"]["compared_with"] == ["Firma"]
    assert columns["right", "name"]["kind"] == "company"
    assert columns["left", "founded"]["compared_with"] == []
    assert columns["left", "founded"]["why_not"]


def test_an_id_that_is_missing_is_an_error():
    with pytest.raises(InputError, match="no column 'key'"):
        lantern.describe(EXPORT, left_id="key")
