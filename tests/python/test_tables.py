"""Tables in and out, by the Arrow interface."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import arro3.core
import duckdb
import pandas
import polars
import pyarrow
import pytest

import lantern

IDS = ["P0000003", None, "P0000004", "P0000003"]

STRINGS: dict[str, Callable[[], Any]] = {
    "polars": lambda: polars.DataFrame({"id": IDS, "x": range(4)}),
    "polars lazy": lambda: polars.DataFrame({"id": IDS, "x": range(4)}).lazy(),
    "polars categorical": lambda: polars.DataFrame({"id": IDS}, schema={"id": polars.Categorical}),
    "polars sliced": lambda: polars.DataFrame({"id": ["?", *IDS, "?"]}).slice(1, 4),
    "polars chunked": lambda: polars.concat(
        [polars.DataFrame({"id": IDS[:2]}), polars.DataFrame({"id": IDS[2:]})], rechunk=False
    ),
    "pandas": lambda: pandas.DataFrame({"id": IDS, "x": range(4)}),
    "pandas object": lambda: pandas.DataFrame({"id": pandas.Series(IDS, dtype=object)}),
    "pandas categorical": lambda: pandas.DataFrame({"id": pandas.Series(IDS, dtype="category")}),
    "pyarrow": lambda: pyarrow.table({"id": IDS}),
    "pyarrow large": lambda: pyarrow.table({"id": pyarrow.array(IDS, pyarrow.large_string())}),
    "pyarrow view": lambda: pyarrow.table({"id": pyarrow.array(IDS, pyarrow.string_view())}),
    "pyarrow dictionary": lambda: pyarrow.table({"id": pyarrow.array(IDS).dictionary_encode()}),
    "pyarrow batch": lambda: pyarrow.record_batch({"id": pyarrow.array(IDS)}),
    "pyarrow reader": lambda: pyarrow.table({"id": IDS}).to_reader(),
    "duckdb": lambda: duckdb.sql(
        "SELECT * FROM (VALUES (0, 'P0000003'), (1, NULL), (2, 'P0000004'), (3, 'P0000003'))"
        " t(x, id) ORDER BY x"
    ),
    "arro3": lambda: arro3.core.Table(pyarrow.table({"id": IDS})),
}


@pytest.mark.parametrize("make", STRINGS.values(), ids=STRINGS)
def test_any_table_goes_in(make: Callable[[], Any], lantern_client: lantern.Client) -> None:
    job = lantern_client.submit(make(), "email", max_credits=4)
    assert job.wait(timeout=60).state == "done"
    table = job.table()
    assert table.column("id").to_pylist() == IDS
    assert table.column("status").to_pylist()[1] == "no_id"
    names = table.column("last_name").to_pylist()
    assert names[0] == names[3] != names[2]


@pytest.mark.parametrize(
    "kind", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
)
def test_integers_come_back_in_their_type(kind: str) -> None:
    people = pyarrow.table({"id": ["7", "8"], "email": ["a@acme.com", None]})
    with lantern.LocalServer(limits="off", people=people) as server:
        ids = pyarrow.array([8, 7, None], pyarrow.type_for_alias(kind))
        job = server.client().submit(pyarrow.table({"n": ids}), "email", id="n", max_credits=3)
        job.wait(timeout=60)
        table = job.table().to_pyarrow()
    assert table["n"].type == ids.type
    assert table["n"].to_pylist() == [8, 7, None]
    assert table["email"].to_pylist() == [None, "a@acme.com", None]


def test_pandas_nullable_integers_go_in(lantern_client: lantern.Client) -> None:
    frame = pandas.DataFrame({"id": pandas.array([1, None], dtype="Int64")})
    job = lantern_client.submit(frame, "email", max_credits=2)
    job.wait(timeout=60)
    assert job.table().column("id").to_pylist() == [1, None]


def test_the_result_goes_into_every_frame(lantern_client: lantern.Client) -> None:
    table = job_table(lantern_client)
    assert isinstance(table, arro3.core.Table)
    assert table.to_polars().shape == polars.DataFrame(table).shape == (4, 11)
    assert table.to_pandas().shape == (4, 11)
    assert pyarrow.table(table).equals(table.to_pyarrow())
    assert len(duckdb.from_arrow(table).fetchall()) == 4
    assert table.slice(1, 2).to_polars().height == 2
    assert table.to_pylist()[0]["id"] == "P0000003"


def test_the_result_is_handed_over_without_a_copy(lantern_client: lantern.Client) -> None:
    table = job_table(lantern_client)
    one, other = table.to_pyarrow(), pyarrow.table(table)
    for name in ("id", "email", "email_found"):
        ours = [b.address for c in one[name].chunks for b in c.buffers() if b]
        theirs = [b.address for c in other[name].chunks for b in c.buffers() if b]
        assert ours == theirs


def job_table(client: lantern.Client) -> lantern.Table:
    job = client.submit(polars.DataFrame({"id": IDS}), "email", max_credits=4)
    job.wait(timeout=60)
    return job.table()


def test_neither_polars_nor_pandas_nor_pyarrow_is_needed() -> None:
    script = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("polars", "pandas", "pyarrow", "numpy", "IPython", "duckdb"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
import lantern
with lantern.LocalServer(limits="off") as server:
    job = server.client().submit(server.people().slice(0, 5), "email", max_credits=5)
    job.wait(timeout=60)
    print(job.table().num_rows, len(job.table().to_pylist()))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.split() == ["5", "5"], done.stderr


def test_other_s3_clients_read_the_results(lantern_server: lantern.LocalServer) -> None:
    import boto3
    import obstore
    from obstore.store import S3Store

    job = lantern_server.client().submit(
        lantern_server.people().slice(0, 5), "email", max_credits=5
    )
    job.wait(timeout=60)
    path = lantern_server.runs().column("result_path").to_pylist()[0]
    bucket, _, key = path.removeprefix("s3://").partition("/")
    options = lantern_server.storage_options
    client = boto3.client(
        "s3",
        endpoint_url=options["aws_endpoint_url"],
        aws_access_key_id=options["aws_access_key_id"],
        aws_secret_access_key=options["aws_secret_access_key"],
        region_name=options["aws_region"],
    )
    by_boto = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    config = {name: value for name, value in options.items() if name != "aws_allow_http"}
    store = S3Store(bucket, config=config, client_options={"allow_http": True})
    assert by_boto == bytes(obstore.get(store, key).bytes())
    assert by_boto.startswith(b"id,first_name")
    read = lantern.read_results(path, storage_options=options)
    assert read.num_rows == by_boto.count(b"\n") - 1 == 5
