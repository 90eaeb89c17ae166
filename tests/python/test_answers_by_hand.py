"""Paid answers that no version can read: they are kept, and a person can give them back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import lantern
from lantern import exceptions
from other_api import Reply, batch_api, other_api, serving

ROWS = pa.table({"id": ["1", "2"], "domain": ["a.example", "b.example"]})
COLUMNS = {"record_id": "id", "domain": "domain"}

BODIES = {
    "half of it": b'{"run_id": "r-1", "result_pa',
    "a page": b"<html><body>Accepted as run 17</body></html>",
    "another form": b'{"data": {"run": "r-1"}}',
    "not UTF-8": b"\xff\xfe\x00run r-1",
}


@pytest.mark.parametrize("status", [200, 202, 500, 504])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_the_body_of_a_batch_call_that_cannot_be_read_is_kept(
    body: bytes, status: int, client_of: Callable[..., lantern.Client]
) -> None:
    def answer(method: str, *_: Any) -> Reply:
        return Reply(body, status) if method == "POST" else Reply({}, 404)

    with other_api(answer) as api:
        client = client_of(api.url)
        with pytest.raises(exceptions.OutcomeUnknown):
            client.submit(ROWS, "email", max_credits=9, key="k")
        # Another process reads it, too.
        (kept,) = client_of(api.url).job("k").unread().to_pylist()
        assert kept == {
            "batch": 1,
            "state": "in_doubt",
            "row": None,
            "answer": body.decode(errors="replace"),
        }
        assert len(api.posts()) == 1


def test_the_part_of_a_body_that_came_before_the_connection_broke_is_kept(
    client_of: Callable[..., lantern.Client],
) -> None:
    part = b'{"run_id": "r-9", "result_path": "s3://b'

    def answer(method: str, *_: Any) -> Reply:
        if method != "POST":
            return Reply({}, 404)
        return Reply(part, headers={"content-length": "400"}, length=False)

    with other_api(answer) as api:
        client = client_of(api.url)
        with pytest.raises(exceptions.OutcomeUnknown):
            client.submit(ROWS, "email", max_credits=9, key="k")
        (kept,) = client.job("k").unread().to_pylist()
        assert kept["answer"] == part.decode()
        assert client.job("k").in_doubt().column("run_id").to_pylist() == ["r-9"]
        assert len(api.posts()) == 1


def doubtful(api_url: str, client_of: Callable[..., lantern.Client]) -> lantern.Job:
    client = client_of(api_url)
    with pytest.raises(exceptions.OutcomeUnknown, match=r'client.job\("k"\).in_doubt\(\)'):
        client.map(ROWS, "enrich.company", columns=COLUMNS, max_credits=9, key="k")
    return client.job("k")


def test_a_call_in_doubt_is_answered_by_hand(client_of: Callable[..., lantern.Client]) -> None:
    with other_api(lambda *_: Reply(b"{'company': 'Acme'}")) as api:
        job = doubtful(api.url, client_of)
        unread = job.unread().to_pylist()
        assert [one["row"] for one in unread] == [0, 1]
        assert {one["answer"] for one in unread} == {"{'company': 'Acme'}"}
        assert "job.resolve(1, answer=...)" in job.in_doubt().column("error").to_pylist()[0]

        job.resolve(1, answer={"success": True, "company": {"name": "A"}, "credits_consumed": 3})
        # An answer that says nothing of its cost counts with what it may have cost.
        job.resolve(2, answer={"company": {"name": "B"}})
        progress = job.wait(timeout=30)
        assert (progress.state, progress.credits, progress.answered) == ("done", 4, 2)
        table = job.table()
        assert table.column("status").to_pylist() == ["done", "done"]
        assert table.column("name").to_pylist() == ["A", "B"]
        assert len(api.posts()) == 2
        # The same call finds them, too.
        again = client_of(api.url).map(
            ROWS, "enrich.company", columns=COLUMNS, max_credits=9, key="k"
        )
        assert again.column("name").to_pylist() == ["A", "B"]
        assert len(api.posts()) == 2


def test_an_answer_by_hand_that_says_that_it_failed_counts_as_that(
    client_of: Callable[..., lantern.Client],
) -> None:
    with other_api(lambda *_: Reply(b"?")) as api:
        job = doubtful(api.url, client_of)
        job.resolve(1, answer={"success": False, "error": "no such id", "credits_consumed": 2})
        job.skip(2)
        rows = job.table().to_pylist()
        assert [row["status"] for row in rows] == ["failed", "skipped"]
        assert "no such id" in rows[0]["error"]
        assert job.progress().credits == 3


def test_an_answer_goes_only_to_a_call_that_waits_for_one(
    client_of: Callable[..., lantern.Client],
) -> None:
    with other_api(lambda *_: Reply(b"?")) as api:
        job = doubtful(api.url, client_of)
        with pytest.raises(exceptions.InputError, match="neither run_id nor answer"):
            job.resolve(1)
        with pytest.raises(exceptions.InputError, match="both given"):
            job.resolve(1, "r", answer={})
        with pytest.raises(exceptions.JobError, match=r"job.resolve\(1, answer"):
            job.resolve(1, "r")
        with pytest.raises(exceptions.JobError):
            job.resolve(7, answer={"company": {}})
        job.resolve(1, answer={"company": {}})
        with pytest.raises(exceptions.JobError):
            job.resolve(1, answer={"company": {"name": "another"}})

    def result(ids: list[str]) -> str:
        return "id,email,email_found\n" + "".join(f"{id},,false\n" for id in ids)

    with serving(batch_api(result)) as api:
        client = client_of(api.url)
        batches = client.submit(ROWS, "email", max_credits=9)
        batches.wait(timeout=30)
        with pytest.raises(exceptions.JobError, match=r"run_id"):
            batches.resolve(1, answer={})


def test_the_shell_shows_and_answers_a_call_in_doubt(
    client_of: Callable[..., lantern.Client],
    tmp_path: Path,
) -> None:
    with other_api(lambda *_: Reply(b"<html>paid</html>")) as api:
        doubtful(api.url, client_of)
        connection = ["--base-url", api.url, "--ledger", str(tmp_path / "ledger.sqlite")]
        batches = json.loads(command("--json", "status", "k", *connection).stdout)["batches_detail"]
        assert [batch["unread_answer"] for batch in batches] == ["<html>paid</html>"] * 2
        answer = tmp_path / "answer.json"
        answer.write_text(json.dumps({"company": {"name": "A"}, "credits_consumed": 1}))
        done = command("resolve", "k", "1", "--answer", str(answer), *connection)
        assert (done.returncode, done.stderr) == (0, "")
        assert "is answered" in done.stdout
        answer.write_text("{")
        done = command("resolve", "k", "2", "--answer", str(answer), *connection)
        assert done.returncode != 0
        assert "not an answer of the API" in done.stderr
        table = client_of(api.url).job("k").table()
        assert table.column("name").to_pylist() == ["A", None]


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line with the key of the tests."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "lantern"), *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"LANTERN_API_KEY": "sentinel-key-7f3a"},
    )


def matched(
    results: Any, client_of: Callable[..., lantern.Client]
) -> tuple[list[dict[str, Any]], lantern.Job, int]:
    """The rows of a match of three candidates, its job, and how many calls were made."""
    answer = {"success": True, "credits_consumed": 3, "results": results}
    with other_api(lambda *_: answer) as api:
        client = client_of(api.url)
        people = pa.table({"email": ["a@x.de", "b@x.de", "c@x.de"], "key": ["x", "y", "z"]})
        for _ in range(2):
            table = client.map(
                people,
                "match",
                columns={"email": "email", "id": "key"},
                arguments={"object": "contact", "rules": ["email:eq"]},
                max_credits=9,
                key="m",
            )
        return table.to_pylist(), client.job("m"), len(api.posts())


def test_answers_of_a_match_without_numbers_are_assigned_where_only_one_is_meant(
    client_of: Callable[..., lantern.Client],
) -> None:
    found = [{"matches": [{"sf_id": name, "confidence": 0.9}]} for name in "ABC"]
    rows, job, calls = matched(found, client_of)
    assert [row["sf_id"] for row in rows] == ["A", "B", "C"]
    assert [row["status"] for row in rows] == ["done"] * 3
    assert (calls, job.unread().num_rows) == (1, 0)


def test_answers_of_a_match_that_name_nobody_are_kept_and_their_rows_say_so(
    client_of: Callable[..., lantern.Client],
) -> None:
    results = [
        {"candidate_id": "y", "matches": [{"sf_id": "B"}]},
        {"candidate_index": 17, "matches": [{"sf_id": "A", "confidence": 0.9}]},
    ]
    rows, job, calls = matched(results, client_of)
    assert [row["status"] for row in rows] == ["failed", "done", "failed"]
    assert [row["sf_id"] for row in rows] == [None, "B", None]
    assert "name no candidate of the call (such as 17)" in rows[0]["error"]
    assert calls == 1, "it is paid, and not sent again"
    assert sum(row["credits"] for row in rows) == 3
    (kept,) = job.unread().to_pylist()
    assert json.loads(kept["answer"])["results"][1]["matches"][0]["sf_id"] == "A"
    assert job.missing().column("row").to_pylist() == [0, 2]


HITS = [{"sf_id": name, "confidence": 0.9} for name in "ABC"]


@pytest.mark.parametrize(
    "results",
    [
        [[hit] for hit in HITS],
        [{"candidate_index": at, "match": hit} for at, hit in enumerate(HITS)],
        [{"candidate_index": at, "matches": hit} for at, hit in enumerate(HITS)],
        [{"candidate_index": at, "matches": [hit["sf_id"]]} for at, hit in enumerate(HITS)],
    ],
    ids=["lists", "match", "an object", "ids"],
)
def test_matches_in_other_forms_are_read(
    results: Any, client_of: Callable[..., lantern.Client]
) -> None:
    rows, job, calls = matched(results, client_of)
    assert [row["sf_id"] for row in rows] == ["A", "B", "C"]
    assert [row["status"] for row in rows] == ["done"] * 3
    assert (calls, job.unread().num_rows) == (1, 0)


@pytest.mark.parametrize(
    ("results", "statuses"),
    [
        (None, ["failed"] * 3),
        ([{"matches": [HITS[0]]}, {"matches": 7}, {"match": True}], ["done", "failed", "failed"]),
    ],
    ids=["none", "numbers"],
)
def test_matches_that_cannot_be_read_are_kept_and_their_rows_say_so(
    results: Any, statuses: list[str], client_of: Callable[..., lantern.Client]
) -> None:
    rows, job, calls = matched(results, client_of)
    assert [row["status"] for row in rows] == statuses
    assert all(row["error"] for row in rows if row["status"] == "failed")
    assert calls == 1, "it is paid, and not sent again"
    (kept,) = job.unread().to_pylist()
    assert json.loads(kept["answer"])["results"] == results


@pytest.mark.parametrize("later", [[2, 0, 1], [0, 0, 1, 2, 1]], ids=["another order", "repeated"])
def test_a_jobs_table_keeps_its_rows_after_a_later_submission(
    later: list[int], client_of: Callable[..., lantern.Client]
) -> None:
    def result(ids: list[str]) -> str:
        return "id,email,email_found\n" + "".join(f"{id},{id}@x.de,true\n" for id in ids)

    people = pa.table({"id": ["a", "b", "c"]})
    with serving(batch_api(result)) as api:
        client = client_of(api.url)
        first = client.submit(people, "email", max_credits=9)
        first.wait(timeout=30)
        loaded = client.job(first.key)
        other = people.take(later).rename_columns(["person"])
        second = client.submit(other, "email", id="person", max_credits=9)
        assert second.key == first.key
        for job in (first, loaded):
            assert job.table().column("id").to_pylist() == ["a", "b", "c"]
            assert job.progress().rows == 3
            assert sum(job.summary().rows.values()) == 3
        ids = [["a", "b", "c"][at] for at in later]
        for job in (second, client.job(first.key)):
            assert job.table().column("person").to_pylist() == ids
            assert job.table().column("email").to_pylist() == [f"{id}@x.de" for id in ids]
        assert len(api.posts()) == 1
