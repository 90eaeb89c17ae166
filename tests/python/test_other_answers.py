"""APIs that answer differently from the local server: no paid answer is lost or bought twice."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import time
import unicodedata
import uuid
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import lantern
from lantern import exceptions
from other_api import Reply, batch_api, other_api, serving

UUIDS = [str(uuid.UUID(int=n * 7 + (13 << 100))).upper() for n in range(100)]
NAMES = [f"Mu\u0308ller {n}" for n in range(100)]


def email_csv(ids: list[str]) -> str:
    return "id,email,email_found\n" + "".join(f'"{id}",{n}@x.de,true\n' for n, id in enumerate(ids))


def credits_csv(ids: list[str]) -> str:
    return "id,service,credits,status\n" + "".join(f'"{id}",email,1,found\n' for id in ids)


@pytest.mark.parametrize(
    ("ids", "spelled"),
    [
        (UUIDS, str.lower),
        (UUIDS, lambda id: id.replace("-", "")),
        (UUIDS, lambda id: "{" + id + "}"),
        ([f"a {n}" for n in range(100)], lambda id: id.replace(" ", "%20")),
        ([f"a {n}" for n in range(100)], lambda id: f" {id} "),
        ([f"{n:05}" for n in range(100)], lambda id: str(int(id))),
        ([str(n) for n in range(100)], lambda id: f"{id}.0"),
        ([str(n * 1000) for n in range(1, 101)], lambda id: f"{int(id):.6E}"),
        ([str(123456000000000078 + n * 10**13) for n in range(100)], lambda id: f"{int(id):.5E}"),
        (NAMES, lambda id: unicodedata.normalize("NFC", id)),
        ([f"=x{n}" for n in range(100)], lambda id: f"'{id}"),
    ],
    ids=["lower", "no hyphens", "braces", "%20", "spaces", "zeros", "float", "scientific", "Excel",
         "NFC", "formula"],
)  # fmt: skip
@pytest.mark.parametrize("which", ["all", "last"])
def test_ids_that_come_back_in_another_spelling_are_answered_once(
    ids: list[str],
    spelled: Callable[[str], str],
    which: str,
    client_of: Callable[..., lantern.Client],
) -> None:
    def result(asked: list[str]) -> str:
        return email_csv([spelled(id) if which == "all" or id == ids[-1] else id for id in asked])

    with serving(batch_api(result, credits=lambda asked: credits_csv(asked))) as api:
        client = client_of(api.url)
        job = client.submit(pa.table({"id": ids}), "email", max_credits=1200, credits_per_id=1)
        assert job.wait(timeout=60).state == "done"
        table = job.table()
        assert table.column("status").to_pylist() == ["found"] * 100
        assert table.column("id").to_pylist() == ids
        assert table.column("email").to_pylist() == [f"{n}@x.de" for n in range(100)]
        assert len(api.posts()) == 1
        assert job.progress().credits == 100


@pytest.mark.parametrize(
    "returned",
    [
        lambda ids: [f"Q{n}" for n, _ in enumerate(ids)],
        lambda ids: [*ids[:-1], "Q1"],
    ],
    ids=["none", "the last"],
)
def test_a_result_whose_ids_cannot_be_told_fails_its_batch_and_buys_nothing_more(
    returned: Callable[[list[str]], list[str]], client_of: Callable[..., lantern.Client]
) -> None:
    ids = [f"P{n}" for n in range(10)] + ["p0"]
    made = batch_api(lambda asked: email_csv(returned(asked)), credits=credits_csv)
    with serving(made) as api:
        client = client_of(api.url)
        job = client.submit(pa.table({"id": ids}), "email", max_credits=500, credits_per_id=1)
        # A failed batch may end the wait with an error.
        with contextlib.suppress(exceptions.JobError):
            job.wait(timeout=60)
        progress = job.progress()
        assert (progress.failed, progress.loaded, len(api.posts())) == (1, 0, 1)
        why = job.credits().column("error").to_pylist()[0]
        assert "does not fit its batch" in why
        assert '"p0"' in why or '"P9"' in why or '"P0"' in why
        assert "kept as" in why
        # Nor does another job buy the ids before a person has decided.
        other = client.submit(pa.table({"id": ids[:3]}), "email", max_credits=9, key="other")
        with pytest.raises(exceptions.OutcomeUnknown, match=f'paid for in job "{job.key}"'):
            other.wait(timeout=60)
        assert len(api.posts()) == 1


def test_a_full_result_with_a_row_of_somebody_else_is_not_cut_by_the_budget(
    client_of: Callable[..., lantern.Client],
) -> None:
    ids = [f"P{n}" for n in range(10)]
    made = batch_api(lambda asked: email_csv([*asked, "stranger"]), credits=credits_csv)
    with serving(made) as api:
        job = client_of(api.url).submit(
            pa.table({"id": ids}), "email", max_credits=10, credits_per_id=1
        )
        assert job.wait(timeout=60).state == "done"
        assert job.table().column("status").to_pylist() == ["found"] * 10
        assert len(api.posts()) == 1


def test_of_two_rows_for_an_id_the_one_that_found_something_counts(
    client_of: Callable[..., lantern.Client],
) -> None:
    made = batch_api(lambda _: "id,email,email_found\na,,false\na,x@y.z,true\nb,,false\n")
    with serving(made) as api:
        job = client_of(api.url).submit(pa.table({"id": ["a", "b"]}), "email", max_credits=9)
        assert job.wait(timeout=60).state == "done"
        assert job.table().column("email").to_pylist() == ["x@y.z", None]


COMPANY = {"success": True, "record_id": "1", "company": {"name": "Acme"}, "confidence": 0.9}
BROKEN = {
    "confidence in words": {"confidence": "high"},
    "a size as a number": {"company": {"name": "Acme", "size_range": 500}},
    "a place as a text": {"company": {"name": "Acme", "hq": "Berlin"}},
    "a list for an object": {"company": ["Acme"]},
    "an id as a number": {"record_id": 1},
    "a flag as a number": {"cached": 0},
    "a cost of time in words": {"processing_time_ms": "fast"},
    "a null": {"company": None},
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_a_field_of_another_type_is_null_and_kept_in_extra(
    change: dict[str, Any], client_of: Callable[..., lantern.Client]
) -> None:
    with other_api(lambda *_: COMPANY | {"credits_consumed": 3} | change) as api:
        answer = client_of(api.url).enrich.company(record_id="1", domain="acme.com")
        assert answer.credits_consumed == 3
        said = answer.to_dict()
        for name, value in change.items():
            if value is None:
                continue
            if isinstance(value, dict):
                assert answer.company.name == "Acme"
                (inner,) = value.keys() - {"name"}
                assert getattr(answer.company, inner) is None
                assert answer.company.extra[inner] == value[inner]
                continue
            assert getattr(answer, name) is None
            assert answer.extra[name] == value
            assert said[name] == value


NOT_JSON = {
    "NaN": b'{"company": {"name": "Acme"}, "confidence": NaN, "credits_consumed": 3}',
    "a byte order mark": b'\xef\xbb\xbf{"company": {"name": "Acme"}, "credits_consumed": 3}',
    "Latin-1": b'{"company": {"name": "Acme", "x": "M\xfcller"}, "credits_consumed": 3}',
    "half a character": b'{"company": {"name": "Acme", "x": "\\ud83e"}, "credits_consumed": 3}',
    "a name twice": b'{"company": 1, "company": {"name": "Acme"}, "credits_consumed": 3}',
    "a line end in a text": b'{"company": {"name": "Acme", "x": "a\nb"}, "credits_consumed": 3}',
    "a number beyond all": b'{"company": {"name": "Acme"}, "x": 1e999, "credits_consumed": 3}',
    "a comment behind": b'{"company": {"name": "Acme"}, "credits_consumed": 3}\n<!-- gw7 -->',
    "UTF-16": '\ufeff{"company": {"name": "Acme"}, "credits_consumed": 3}'.encode("utf-16-le"),
    "depth": b'{"company": {"name": "Acme"}, "x": ' + b"[" * 999 + b"]" * 999
    + b', "credits_consumed": 3}',
}  # fmt: skip


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_almost_json_is_read(body: bytes, client_of: Callable[..., lantern.Client]) -> None:
    with other_api(lambda *_: Reply(body)) as api:
        answer = client_of(api.url).enrich.company(record_id="1", domain="acme.com")
        assert (answer.company.name, answer.credits_consumed) == ("Acme", 3)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (lambda c: c.enrich.phone(record_id="1", email="a@b.de").phone_number, {"phone": ["+49"]}),
        (
            lambda c: c.triggers.salesforce(
                object="Lead", ids=["1"], event="after_insert", org_id="o"
            ).enrichment_jobs
            or None,
            {"enrichment_jobs": None},
        ),
        (
            lambda c: c.match(
                object="lead", candidates=[{"email": "a"}], rules=["email:eq"]
            ).results[0].matches
            or None,
            {"results": [{"candidate_index": 0, "matches": None}]},
        ),
        (
            lambda c: c.match(
                object="lead", candidates=[{"email": "a"}], rules=["email:eq"]
            ).results[0].matches[0].matched_rules
            or None,
            {"results": [{"candidate_index": 0, "matches": [{"matched_rules": [{"r": 1}]}]}]},
        ),
        (lambda c: c.salesforce.convert(lead_sf_id="1").actions or None, {"actions": None}),
    ],
    ids=["phone", "enrichment_jobs", "matches", "matched_rules", "actions"],
)  # fmt: skip
def test_lists_and_nulls_where_the_contract_has_others(
    call: Callable[[lantern.Client], Any],
    body: dict[str, Any],
    client_of: Callable[..., lantern.Client],
) -> None:
    with other_api(lambda *_: {"success": True, "credits_consumed": 1} | body) as api:
        assert call(client_of(api.url)) is None


def test_a_map_keeps_what_it_paid_for_whatever_the_types(
    client_of: Callable[..., lantern.Client],
) -> None:
    answer = COMPANY | {"confidence": "high", "company": {"name": "A", "size_range": 500}}
    with other_api(lambda *_: answer | {"credits_consumed": 1}) as api:
        client = client_of(api.url)
        rows = pa.table({"id": [str(n) for n in range(40)]})
        for _ in range(2):
            table = client.map(rows, "enrich.company", columns={"record_id": "id"}, max_credits=99)
            assert table.column("status").to_pylist() == ["done"] * 40
            assert table.column("name").to_pylist() == ["A"] * 40
            assert table.column("confidence").to_pylist() == [None] * 40
        assert len(api.posts()) == 40


def test_an_answer_that_cannot_be_read_is_kept_with_its_cost(
    client_of: Callable[..., lantern.Client],
) -> None:
    body = b'{"credits_consumed": 4, "company": {"name": "Ac'
    with other_api(lambda *_: Reply(body)) as api:
        with pytest.raises(exceptions.OutcomeUnknown) as caught:
            client_of(api.url).enrich.company(record_id="1", domain="acme.com")
        assert caught.value.body == body.decode()
        assert caught.value.credits_consumed == 4


def test_a_failure_says_what_it_cost(client_of: Callable[..., lantern.Client]) -> None:
    with other_api(lambda *_: {"success": False, "error": "no", "credits_consumed": 5}) as api:
        with pytest.raises(exceptions.ServerError) as caught:
            client_of(api.url).enrich.company(record_id="1", domain="acme.com")
        assert caught.value.credits_consumed == 5


ERRORS = [302, 307, 400, 401, 402, 404, 409, 422, 423, 429]


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("run_id", ["r-1", 4711], ids=str)
def test_an_error_that_names_a_run_leaves_its_batch_in_doubt_with_that_run(
    status: int, run_id: object, client_of: Callable[..., lantern.Client]
) -> None:
    batches = batch_api(email_csv, run_id=run_id)

    def answer(method: str, path: str, body: Any) -> Any:
        answered = batches(method, path, body)
        if method != "POST":
            return answered
        return Reply(answered | {"success": False, "error": "busy"}, status)

    answer.hosts = batches.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        with pytest.raises(exceptions.OutcomeUnknown):
            client_of(api.url).submit(pa.table({"id": ["a"]}), "email", max_credits=9, key="k")
        job = client_of(api.url).job("k")
        with pytest.raises(exceptions.OutcomeUnknown):
            job.wait(timeout=5)
        assert job.in_doubt().column("run_id").to_pylist() == [str(run_id)]
        place = json.loads(job.unread().column("answer").to_pylist()[0])["result_path"]
        job.resolve(1, str(run_id), result_path=place)
        assert job.wait(timeout=60).state == "done"
        assert job.table().column("status").to_pylist() == ["found"]
        assert len(api.posts()) == 1


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_that_brings_its_answer_leaves_the_call_in_doubt(
    status: int, client_of: Callable[..., lantern.Client]
) -> None:
    def answer(method: str, *_: Any) -> Reply:
        return Reply(COMPANY | {"error": "busy"}, status) if method == "POST" else Reply({}, 404)

    with other_api(answer) as api:
        rows = pa.table({"id": ["1"]})
        for _ in range(2):
            client = client_of(api.url)
            with pytest.raises(exceptions.OutcomeUnknown):
                client.map(
                    rows, "enrich.company", columns={"record_id": "id"}, max_credits=9, key="k"
                )
        (kept,) = client.job("k").unread().to_pylist()
        assert (kept["state"], json.loads(kept["answer"])["company"]) == (
            "in_doubt",
            {"name": "Acme"},
        )
        assert len(api.posts()) == 1


@pytest.mark.parametrize("run_id", ["batch/7 of 9", "01HZX", 4711], ids=str)
def test_a_run_may_have_any_id(run_id: object, client_of: Callable[..., lantern.Client]) -> None:
    made = batch_api(email_csv, run_id=run_id)
    with serving(made) as api:
        job = client_of(api.url).submit(pa.table({"id": ["a", "b"]}), "email", max_credits=9)
        assert job.wait(timeout=60).state == "done"
        assert job.table().column("status").to_pylist() == ["found"] * 2
        assert job.credits().column("run_id").to_pylist() == [str(run_id)]


@pytest.mark.parametrize("word", ["Completed", "SUCCEEDED", "success", " done "])
def test_a_run_that_is_completed_in_other_words_is_loaded(
    word: str, client_of: Callable[..., lantern.Client]
) -> None:
    with serving(batch_api(email_csv, status=word)) as api:
        job = client_of(api.url).submit(pa.table({"id": ["a"]}), "email", max_credits=9)
        assert job.wait(timeout=60).state == "done"
        assert job.progress().loaded == 1


@pytest.mark.parametrize("word", ["Failed", "cancelled", "ERROR", "expired", "timed-out"])
def test_a_run_that_failed_in_other_words_fails_its_batch(
    word: str, client_of: Callable[..., lantern.Client]
) -> None:
    with serving(batch_api(email_csv, status=word)) as api:
        job = client_of(api.url).submit(pa.table({"id": ["a"]}), "email", max_credits=9)
        with contextlib.suppress(exceptions.JobError):
            job.wait(timeout=60)
        assert job.progress().failed == 1


KEY = "sentinel-key-7f3a"


@pytest.mark.parametrize("status", [200, 400, 401, 404, 422, 429, 500, 503])
@pytest.mark.parametrize(
    "body",
    [
        {"success": False, "error": f"you sent Bearer {KEY}", "request_id": f"r-{KEY}"},
        {"detail": [{"loc": ["body", KEY], "msg": f"no {KEY}"}]},
        {"padding": "x" * 90, "authorization": KEY},
        f"<pre>Authorization: Bearer {KEY}</pre>",
    ],
    ids=["error", "detail", "cut", "HTML"],
)
def test_an_answer_that_quotes_the_key_does_not_show_it(
    status: int, body: Any, client_of: Callable[..., lantern.Client]
) -> None:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    with other_api(lambda *_: Reply(raw, status, {"x-request-id": f"id-{KEY}"})) as api:
        client = client_of(api.url, retries=0)
        shown = []
        for call in (
            lambda: client.enrich.company(record_id="1", domain="acme.com").to_dict(),
            lambda: client.credits.remaining().to_dict(),
        ):
            try:
                shown.append(repr(call()))
            except exceptions.LanternError as error:
                cause: BaseException | None = error
                while cause is not None:
                    shown.append(f"{cause} {cause!r} {vars(cause)}")
                    cause = cause.__cause__
        for text in shown:
            for part in (KEY, KEY[:12]):
                assert part not in text


def test_a_long_or_endless_answer_is_cut(client_of: Callable[..., lantern.Client]) -> None:
    bomb = gzip.compress(b'{"x": "' + b"a" * (200 << 20))
    packed = Reply(bomb, headers={"content-encoding": "gzip"})
    long = Reply({"success": False, "error": "\x1b[2J" + "e" * (20 << 20)}, 500)
    many = Reply({"remaining_credits": 1}, headers={f"x-{n}": "y" for n in range(5000)})
    for reply, said in [(packed, "longer than"), (long, "failed"), (many, None)]:
        with other_api(lambda *_, reply=reply: reply) as api:
            with pytest.raises(exceptions.APIError, match=said) as caught:
                client_of(api.url, retries=0).credits.remaining()
            text = str(caught.value)
            assert len(text) < 5000
            assert "\x1b" not in text


@pytest.mark.parametrize("field", ["result_path", "credits_csv_path"])
@pytest.mark.parametrize(
    "place",
    [
        "{folder}/secret.csv",
        "file://{folder}/secret.csv",
        "secret.csv",
        "/dev/zero",
        "{host}/x.csv",
    ],
)
def test_an_api_elsewhere_cannot_name_a_file_or_a_server_of_this_machine(
    place: str,
    field: str,
    client_of: Callable[..., lantern.Client],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "secret.csv").write_text("id,email,email_found\na,secret@x.de,true\n")
    monkeypatch.chdir(tmp_path)
    named = "s3://bucket/none.csv"

    def places(host: str, _: str) -> dict[str, str]:
        where = {"result_path": named, "credits_csv_path": named}
        return where | {field: place.format(folder=tmp_path, host=host)}

    with serving(batch_api(email_csv, places=places)) as api:
        client = client_of(
            "http://api.example.com",
            allow_http=True,
            proxy=api.url,
            storage_options={"endpoint_url": api.url, "skip_signature": "true", "region": "a"},
        )
        job = client.submit(pa.table({"id": ["a"]}), "email", max_credits=9)
        with pytest.raises((exceptions.ResultError, exceptions.JobTimeout)) as caught:
            job.wait(timeout=2)
        if field == "result_path":
            assert "the API names" in str(caught.value)
        assert job.progress().loaded == 0
        assert not [path for _, path, _, _ in api.requests if path == "/x.csv"]
        kept = (tmp_path / "ledger.sqlite").parent.rglob("*.csv")
        assert [path.name for path in kept] == ["secret.csv"]


def test_an_api_on_this_machine_names_files_but_no_devices(
    client_of: Callable[..., lantern.Client], tmp_path: Path
) -> None:
    result = tmp_path / "result.csv"
    result.write_text(email_csv(["a"]))
    os.mkfifo(tmp_path / "pipe")
    for place, said in [
        (result, None),
        ("/dev/zero", "not a file"),
        (tmp_path / "pipe", "not a file"),
    ]:
        made = batch_api(email_csv, places=lambda *_, place=place: {"result_path": str(place)})
        with serving(made) as api:
            job = client_of(api.url).submit(
                pa.table({"id": ["a"]}), "email", max_credits=9, key=str(place)
            )
            if said is None:
                assert job.wait(timeout=30).state == "done"
            else:
                with pytest.raises(exceptions.ResultError, match=said):
                    job.wait(timeout=30)


def packed(text: str) -> bytes:
    return gzip.compress(text.encode())


@pytest.mark.parametrize(
    "form",
    [
        packed,
        lambda text: gzip.compress(packed(text)),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("latin-1"),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    ],
    ids=["gzip", "gzip twice", "UTF-16", "UTF-16 without a mark", "Latin-1", "CR", "CRLF"],
)
@pytest.mark.parametrize("length", [True, False], ids=["length", "no length"])
def test_a_result_in_another_form_is_read(
    form: Callable[[str], bytes], length: bool, client_of: Callable[..., lantern.Client]
) -> None:
    names = ["Jürgen", "Zoë", "Ada"]

    def result(asked: list[str]) -> Reply:
        rows = zip(asked, names, strict=True)
        text = "id,first_name,email,email_found\n"
        text += "".join(f"{id},{name},a@b.de,true\n" for id, name in rows)
        return Reply(form(text), length=length)

    with serving(batch_api(result)) as api:
        job = client_of(api.url).submit(pa.table({"id": ["1", "2", "3"]}), "email", max_credits=9)
        assert job.wait(timeout=60).state == "done"
        assert job.table().column("first_name").to_pylist() == names


def test_an_address_and_a_number_in_two_rows_are_one_answer(
    client_of: Callable[..., lantern.Client],
) -> None:
    def result(asked: list[str]) -> Reply:
        text = "id,email,email_found,phone_number,phone_found\n"
        text += "".join(f"{id},{id}@b.de,true,,false\n" for id in asked)
        text += "".join(f"{id},,false,+45{id},true\n" for id in asked)
        return Reply(text.encode())

    with serving(batch_api(result)) as api:
        client = client_of(api.url)
        ids = pa.table({"id": ["1", "2"]})
        job = client.submit(ids, "phone-email", max_credits=12)
        assert job.wait(timeout=60).state == "done"
        table = job.table()
        assert table.column("email").to_pylist() == ["1@b.de", "2@b.de"]
        assert table.column("phone_number").to_pylist() == ["+451", "+452"]
        # The number is remembered, too.
        again = client.submit(ids, "phone", max_credits=10)
        assert again.wait(timeout=60).state == "done"
        assert again.table().column("phone_number").to_pylist() == ["+451", "+452"]
        assert again.table().column("reused").to_pylist() == [True, True]


STATUSES = {
    "400": Reply({"success": False, "error": "invalid run id"}, 400),
    "403": Reply({"success": False, "error": "no"}, 403),
    "404": Reply({"success": False, "error": "no such run"}, 404),
    "410": Reply({"success": False, "error": "run expired"}, 410),
    "503": Reply({"success": False, "error": "busy"}, 503),
    "a list": [{"status": "completed"}],
    "an unknown word": {"status": "partial"},
    "no status": {"data": {"status": "completed"}},
    "no text": {"status": ["completed"]},
    "failed": {"status": "failed"},
}


@pytest.mark.parametrize("status", STATUSES.values(), ids=STATUSES.keys())
@pytest.mark.parametrize("run_id", ["batch-7", ".."])
def test_a_result_whose_place_is_given_is_loaded_whatever_the_status_says(
    status: Any, run_id: str, client_of: Callable[..., lantern.Client]
) -> None:
    batches = batch_api(email_csv, credits=credits_csv, run_id="batch-7")

    def answer(method: str, path: str, body: Any) -> Any:
        return status if path.endswith("/status") else batches(method, path, body)

    answer.hosts = batches.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        client = client_of(api.url)
        job = client.submit(pa.table({"id": ["a", "b"]}), "email", max_credits=9)
        batch = job.credits().to_pylist()[0]
        assert batch["result_path"] == f"{api.url}/files/batch-7.csv"
        assert batch["credits_path"] == f"{api.url}/files/batch-7_credits.csv"
        job.resolve(1, run_id, result_path=batch["result_path"], credits_path=batch["credits_path"])
        assert job.wait(timeout=60).state == "done"
        assert job.table().column("status").to_pylist() == ["found"] * 2
        assert len(api.posts()) == 1
        assert job.progress().credits == 2


def test_a_result_is_not_loaded_from_a_place_that_is_not_allowed(
    client_of: Callable[..., lantern.Client],
) -> None:
    with serving(batch_api(email_csv, status="partial")) as api:
        client = client_of(api.url, results=[f"{api.url}/files"])
        job = client.submit(pa.table({"id": ["a"]}), "email", max_credits=9)
        before = job.credits().to_pylist()
        with pytest.raises(exceptions.ResultError, match="not read from there"):
            job.resolve(1, "r", result_path=f"{api.url}/elsewhere/r.csv")
        assert job.credits().to_pylist()[0]["run_id"] == before[0]["run_id"]


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ({"status": "partial"}, "partial"),
        ({"status": ["completed"]}, "completed"),
        ({"data": {"status": "completed"}}, "without a status"),
        ({"run_id": "other", "status": "failed"}, "other"),
        ({"run_id": "other", "status": "completed"}, "other"),
    ],
    ids=["a word", "a list", "none", "another run failed", "another run completed"],
)
def test_an_odd_status_is_shown_as_it_came(
    status: Any, shown: str, client_of: Callable[..., lantern.Client]
) -> None:
    batches = batch_api(email_csv)

    def answer(method: str, path: str, body: Any) -> Any:
        return status if path.endswith("/status") else batches(method, path, body)

    answer.hosts = batches.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        job = client_of(api.url).submit(pa.table({"id": ["a"]}), "email", max_credits=9)
        with pytest.raises(exceptions.JobTimeout, match=shown):
            job.wait(timeout=1)
        assert shown in job.credits().column("error").to_pylist()[0]
        assert job.progress().failed == 0


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "later",
    [lambda: "30", lambda: "30.5", lambda: formatdate(time.time() + 30, usegmt=True)],
    ids=["seconds", "a fraction", "a date"],
)
def test_a_run_is_not_asked_about_before_the_time_that_the_api_gives(
    status: int, later: Callable[[], str], client_of: Callable[..., lantern.Client]
) -> None:
    batches = batch_api(email_csv)

    def answer(method: str, path: str, body: Any) -> Any:
        if path.endswith("/status"):
            return Reply({"error": "busy"}, status, {"retry-after": later()})
        return batches(method, path, body)

    answer.hosts = batches.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        job = client_of(api.url, timeout=20).submit(pa.table({"id": ["a"]}), "email", max_credits=9)
        for seconds in (2, 1):
            with pytest.raises(exceptions.JobTimeout):
                job.wait(timeout=seconds)
        assert len([path for _, path, *_ in api.requests if path.endswith("/status")]) == 1


@pytest.mark.parametrize("later", ["30s", "-30", "soon"])
def test_a_time_that_is_none_puts_nothing_off(
    later: str, client_of: Callable[..., lantern.Client]
) -> None:
    batches = batch_api(email_csv)
    looks = []

    def answer(method: str, path: str, body: Any) -> Any:
        if path.endswith("/status"):
            looks.append(path)
            if len(looks) < 3:
                return Reply({"error": "busy"}, 503, {"retry-after": later})
        return batches(method, path, body)

    answer.hosts = batches.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        job = client_of(api.url).submit(pa.table({"id": ["a"]}), "email", max_credits=9)
        assert job.wait(timeout=20).state == "done"


@pytest.mark.parametrize("spelled", [str.upper, lambda run: f" {run} "], ids=["upper", "spaces"])
def test_a_status_names_its_run_in_another_spelling(
    spelled: Callable[[str], str], client_of: Callable[..., lantern.Client]
) -> None:
    run = "7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0a11"
    batches = batch_api(email_csv, run_id=run)

    def answer(method: str, path: str, body: Any) -> Any:
        if path.endswith("/status"):
            return {"run_id": spelled(run), "status": "completed"}
        return batches(method, path, body)

    answer.hosts = batches.hosts  # type: ignore[attr-defined]
    with serving(answer) as api:
        job = client_of(api.url).submit(pa.table({"id": ["a"]}), "email", max_credits=9)
        assert job.wait(timeout=60).state == "done"
