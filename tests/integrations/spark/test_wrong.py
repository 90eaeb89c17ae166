"""Wrong input is one sentence, said before anything is matched."""

from __future__ import annotations

import subprocess
import sys

import pyarrow
import pytest

import lantern
import lantern.spark
from lantern.exceptions import InputError

IDS = {"left_id": "id", "right_id": "id"}


@pytest.mark.parametrize(
    ("rules", "options", "said"),
    [
        (["domain:eq"], {"left_id": None}, "pass left_id= with its name"),
        (["domain:eq"], {"right_id": None}, "pass right_id= with its name"),
        (["domain:eq"], {"left_id": "key"}, "the left table has no column 'key'"),
        (["domain:eq"], {"left_id": "score"}, "column 'score' of the left is of type double"),
        (["domian:eq"], {}, "did you mean 'domain'?"),
        (["domain:same"], {}, 'there is no operator "same"; use exact, eq, contains or fuzzy0.85'),
        (["size:fuzzy0.8"], {}, "column 'size' holds numbers"),
        (["domain:eq"], {"threshold": 2}, "threshold is 2; a confidence is between 0 and 1"),
        (["domain:eq"], {"top": 0}, "top is 0"),
        (["domain:eq"], {"weights": {"size": 0.5}}, "a weight for 'size', which no rule names"),
        ([], {}, "a group of rules is empty"),
        (None, {}, "without rules there has to be a model"),
    ],
)
def test_a_wrong_match_is_refused(rules, options, said: str, spark, frames) -> None:
    left = frames[0].selectExpr("*", "1.5D as score")
    with pytest.raises(InputError) as error:
        lantern.spark.match(left, frames[1], rules, **{**IDS, **options})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_ids_that_are_repeated_or_missing_are_named(spark, frames) -> None:
    right = spark.createDataFrame([("a", "x"), ("b", "x"), ("a", "y")], ["id", "domain"])
    with pytest.raises(InputError, match="column 'id' of the right has 'a' in 2 rows"):
        lantern.spark.match(frames[0], right, ["domain:eq"], **IDS)
    with pytest.raises(InputError, match="column 'id' of the table has 'a' in 2 rows"):
        lantern.spark.dedupe(right, ["domain:eq"], id="id")
    none = spark.createDataFrame([("a", "x"), (None, "x")], ["id", "domain"])
    with pytest.raises(InputError, match="1 rows of the left have no id"):
        lantern.spark.match(none, frames[0], ["domain:eq"], **IDS)
    found = lantern.spark.match(frames[0], right, ["domain:eq"], check_ids=False, **IDS)
    assert found.count() == 0


def test_a_model_that_cannot_see_all_of_the_right_is_refused(tables, frames) -> None:
    fields = ["company", "domain"]
    model = lantern.learn(*tables, fields=fields, progress=False, **IDS)
    with pytest.raises(InputError, match=r"the right side has 600 rows.*pass small="):
        lantern.spark.match(*frames, model=model, fields=fields, small=599, **IDS)
    with pytest.raises(InputError, match="was learned on the fields"):
        lantern.spark.match(*frames, model=model, fields=["domain"], **IDS)


def test_a_table_that_is_no_spark_dataframe_is_refused(frames) -> None:
    table = pyarrow.table({"id": [1]})
    with pytest.raises(TypeError, match="the left is a Table and no Spark DataFrame"):
        lantern.spark.match(table, frames[1], ["domain:eq"], **IDS)
    with pytest.raises(TypeError, match="the table is a Table and no Spark DataFrame"):
        lantern.spark.dedupe(table, ["domain:eq"], id="id")
    with pytest.raises(InputError, match="pass id= with its name"):
        lantern.spark.dedupe(frames[0], ["domain:eq"])


def test_rules_that_would_compare_very_many_values_warn(spark) -> None:
    many = spark.range(200_000).selectExpr("cast(id as string) as id", "'Acme' as company")
    with pytest.warns(UserWarning, match=r"company:fuzzy0.9 has no key to shuffle by.*40000000000"):
        lantern.spark.match(many, many, ["company:fuzzy0.9"], small=0, check_ids=False, **IDS)


@pytest.mark.parametrize("missing", ["pyspark", "pyarrow", "pandas", "numpy"])
def test_without_what_it_needs_the_import_says_what_to_install(missing: str) -> None:
    script = f"import sys; sys.modules['{missing}'] = None; import lantern; lantern.spark"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode != 0
    last = done.stderr.splitlines()[-1]
    assert f"needs {missing}" in last
    assert "pip install 'lantern[spark]'" in last
