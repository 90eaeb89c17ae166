"""Result files that are not as they should be: nothing passes for a shorter result."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
import pyarrow as pa
import pytest
from obstore.store import S3Store

import lantern
from lantern import exceptions
from other_api import Reply, other_api

HEADER = "id,first_name,last_name,company_name,company_url,linkedin,email,email_found"
Edit = Callable[[bytes], bytes | None]


@pytest.fixture
def edited(lantern_server: lantern.LocalServer) -> Callable[[Edit], lantern.Job]:
    """Submits ten ids and edits the result in the server's bucket before it is loaded."""

    def make(edit: Edit) -> lantern.Job:
        client = lantern_server.client()
        people = lantern_server.people().slice(0, 10)
        job = client.submit(people, "email", max_credits=10, key="edited")
        run = lantern_server.runs().to_pylist()[0]
        while client.agents.status(run["run_id"]).status != "completed":
            pass
        bucket, _, key = run["result_path"].removeprefix("s3://").partition("/")
        options = dict(lantern_server.storage_options)
        store = S3Store(
            bucket,
            config={k: v for k, v in options.items() if k != "aws_allow_http"},
            client_options={"allow_http": True},
        )
        body = bytes(obstore.get(store, key).bytes())
        new = edit(body)
        if new is None:
            obstore.delete(store, key)
        else:
            obstore.put(store, key, new)
        return job

    return make


def load(job: lantern.Job) -> lantern.Table:
    assert job.wait(timeout=60).state == "done"
    return job.table()


@pytest.mark.parametrize(
    ("edit", "said", "line"),
    [
        (lambda body: b"", "empty", None),
        (
            lambda body: body[: len(body) * 2 // 3].rsplit(b",", 2)[0],
            "cut off|cells|truncated",
            None,
        ),
        (lambda body: body.replace(b",true\n", b',"tr\n', 1), "cut off|quote|truncated", None),
        (lambda body: body.replace(b"email_found", b"email_\xff\xfe", 1), "UTF-8", 1),
        (lambda body: body.replace(b"id,", b"key,", 1), "id", 1),
        (lambda body: body.rsplit(b"\n", 3)[0] + b"\n", "paid for", None),
    ],
    ids=["empty", "cut", "open quote", "not utf-8", "no id", "rows gone"],
)
def test_a_damaged_result_is_an_error_that_names_the_file(
    edit: Edit, said: str, line: int | None, edited: Callable[[Edit], lantern.Job]
) -> None:
    job = edited(edit)
    with pytest.raises(exceptions.ResultError, match=said) as caught:
        job.wait(timeout=60)
    assert caught.value.file.startswith("s3://")
    assert caught.value.file in str(caught.value)
    if line is not None:
        assert caught.value.line == line
    assert job.progress().state == "running", "the batch is not given up"


def test_a_job_that_waits_for_a_result_that_cannot_be_read_says_so_and_ends(
    edited: Callable[[Edit], lantern.Job], lantern_server: lantern.LocalServer
) -> None:
    first = edited(lambda body: b"")
    people = lantern_server.people().slice(0, 5)
    second = lantern_server.client().submit(people, "email", max_credits=5, key="second")
    of_first = 'job "edited", batch 1: '
    waits = 'job "second" waits for another job: '
    for job, said in ((second, waits + of_first), (first, of_first)):
        begun = time.monotonic()
        with pytest.raises(exceptions.ResultError, match=f"^{said}") as caught:
            job.wait(timeout=60)
        assert time.monotonic() - begun < 30
        assert "is empty" in str(caught.value)
    assert lantern_server.runs().num_rows == 1, "nothing was bought twice"
    # A person gives the result up, and the other job buys what it needs.
    first.skip(1)
    assert second.wait(timeout=60).answered == 5


def test_a_missing_result_is_waited_for(edited: Callable[[Edit], lantern.Job]) -> None:
    kept = []

    def remove(body: bytes) -> None:
        kept.append(body)

    job = edited(remove)
    with pytest.raises(exceptions.JobTimeout):
        job.wait(timeout=2)
    assert "does not exist" in job.credits().column("error").to_pylist()[0]
    assert job.progress().in_flight == 1


@pytest.mark.parametrize(
    "edit",
    [
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: b"\xef\xbb\xbf\xef\xbb\xbf" + body,
        lambda body: body.decode().encode("utf-32"),
        lambda body: ("\ufeff" + body.decode()).encode("utf-32-be"),
        lambda body: b"# made by an exporter\n# 2026-11-28\n\n" + body,
        lambda body: b"\xef\xbb\xbf#" + body,
        lambda body: body.replace(b"\n", b"\r").replace(b"\r", b"\n", 1),
        lambda body: body.replace(b"\n", b"\r").replace(b"\r", b"\r\n", 1),
        lambda body: body.replace(b"\n", b"\r", 4).replace(b"\r", b"\n", 2),
        lambda body: body.replace(b"\n", b"\n\r"),
        lambda body: body.replace(b"\n", b"\r\r\n"),
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: body.rstrip(b"\n"),
        lambda body: body + body.split(b"\n", 1)[1],
        lambda body: body + b"P9999999,Eve,Stranger,,,,eve@example.com,true\n",
    ],
    ids=[
        "BOM",
        "two BOMs",
        "UTF-32",
        "UTF-32BE",
        "comments",
        "a header as a comment",
        "CR rows",
        "CRLF and CR",
        "LF and CR",
        "LF CR",
        "CR CR LF",
        "CRLF",
        "no last newline",
        "duplicate ids",
        "ids never asked for",
    ],
)
def test_what_is_harmless_changes_nothing(
    edit: Edit, edited: Callable[[Edit], lantern.Job], lantern_server: lantern.LocalServer
) -> None:
    table = load(edited(edit))
    assert table.num_rows == 10
    people = lantern_server.people().slice(0, 10).to_polars()
    assert table.column("id").to_pylist() == people["id"].to_list()
    assert table.column("email").to_pylist() == people["email"].to_list()


def test_quoted_newlines_a_column_more_and_a_column_less(
    edited: Callable[[Edit], lantern.Job],
) -> None:
    def edit(body: bytes) -> bytes:
        lines = body.decode().splitlines()
        names = lines[0].split(",")
        rows = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
        columns = [name for name in names if name != "linkedin"]
        out = [",".join([*columns, "note"])]
        out += [",".join([*(row[name] for name in columns), '"a\nb, ""c"""']) for row in rows]
        return ("\n".join(out) + "\n").encode()

    table = load(edited(edit))
    assert table.column("note").to_pylist() == ['a\nb, "c"'] * 10
    assert table.column("linkedin").to_pylist() == [None] * 10


def test_one_odd_cell_does_not_keep_the_others_from_the_user(
    edited: Callable[[Edit], lantern.Job],
) -> None:
    def odd(body: bytes) -> bytes:
        ids = [row.partition(",")[0] for row in body.decode().splitlines()[1:]]
        answers = [f"{id};{id}@acme.com;Y" for id in ids[:-2]]
        answers += [f"{ids[-2]};{ids[-2]}@acme.com;perhaps", f"{ids[-1]};;N"]
        return "\n".join(["sep=;", "id;email;email_found", *answers, ""]).encode()

    table = load(edited(odd))
    rows = {row["email_found"]: row for row in table.to_polars().to_dicts()}
    assert table.to_polars()["status"].value_counts(sort=True).rows() == [
        ("found", 9),
        ("not_found", 1),
    ]
    assert rows[None]["status"] == "found"
    assert rows[None]["email"].endswith("@acme.com")
    assert rows[False]["email"] is None


def test_an_address_without_a_column_that_says_so_is_found(
    edited: Callable[[Edit], lantern.Job],
) -> None:
    def bare(body: bytes) -> bytes:
        ids = [row.partition(",")[0] for row in body.decode().splitlines()[1:]]
        return "".join(["id,email\n", *(f"{id},{id}@acme.com\n" for id in ids)]).encode()

    table = load(edited(bare)).to_polars()
    assert table["status"].unique().to_list() == ["found"]
    assert table["email"].str.ends_with("@acme.com").all()


@pytest.mark.parametrize("earlier", [False, True], ids=["now", "earlier"])
def test_batches_with_one_run_id_keep_a_result_each(
    earlier: bool, client_of: Callable[..., lantern.Client], tmp_path: Path
) -> None:
    sent: list[list[str]] = []
    fetched: list[str] = []

    def answer(method: str, path: str, body: Any) -> Any:
        if method == "POST":
            sent.append(body["ids"])
            own = f"{api.url}/files/{len(sent)}"
            return {
                "run_id": "the-run",
                "result_path": f"{own}.csv",
                "credits_csv_path": f"{own}_credits.csv",
            }
        if path.endswith("/status"):
            return {"run_id": "the-run", "status": "completed"}
        if not path.startswith("/files/"):
            return Reply({"success": False, "error": "nothing here"}, 404)
        fetched.append(path)
        name = path.removeprefix("/files/").removesuffix(".csv")
        ids = sent[int(name.removesuffix("_credits")) - 1]
        if name.endswith("_credits"):
            text = "id,service,credits,status\n" + "".join(f"{id},email,1,found\n" for id in ids)
        else:
            text = "id,email,email_found\n" + "".join(f"{id},{id}@b.de,true\n" for id in ids)
        return Reply(text.encode())

    ids = ["a"] if earlier else [f"a{at}" for at in range(6)]
    with other_api(answer) as api:
        with client_of(api.url) as client:
            job = client.submit(
                pa.table({"id": ids}), "email", max_credits=9, batch_size=3, key="k"
            )
            assert job.wait(timeout=60).state == "done"
            assert job.table().column("email").to_pylist() == [f"{id}@b.de" for id in ids]
        kept = sorted(tmp_path.glob("ledger.results/*/*.csv"))
        assert len(kept) == 2 * len(sent)
        if earlier:
            # As earlier versions named them.
            for path in kept:
                path.rename(path.with_name(path.name.replace("batch_1_", "")))
        fetched.clear()
        with client_of(api.url) as client:
            again = client.job("k").table()
            assert again.column("email").to_pylist() == [f"{id}@b.de" for id in ids]
        assert fetched == [], "nothing is fetched again"
    lantern.purge("1us", ledger=tmp_path / "ledger.sqlite")
    assert not list(tmp_path.glob("ledger.results/*/*.csv"))


def test_a_corrected_place_of_a_result_is_read(client_of: Callable[..., lantern.Client]) -> None:
    def answer(method: str, path: str, body: Any) -> Any:
        if method == "POST":
            return {"run_id": "the-run", "result_path": f"{api.url}/files/wrong.csv"}
        if path.endswith("/status"):
            return {"run_id": "the-run", "status": "completed"}
        ids = {"/files/wrong.csv": "xyz", "/files/right.csv": "abc"}.get(path)
        if ids is None:
            return Reply({"success": False, "error": "nothing here"}, 404)
        text = "id,email,email_found\n" + "".join(f"{id},{id}@b.de,true\n" for id in ids)
        return Reply(text.encode())

    with other_api(answer) as api, client_of(api.url) as client:
        job = client.submit(pa.table({"id": ["a", "b", "c"]}), "email", max_credits=9)
        with pytest.raises(exceptions.JobError, match=r"foreign\.csv"):
            job.wait(timeout=60)
        job.resolve(1, run_id="the-run", result_path=f"{api.url}/files/right.csv")
        assert job.wait(timeout=60).state == "done"
        assert job.table().column("email").to_pylist() == ["a@b.de", "b@b.de", "c@b.de"]
