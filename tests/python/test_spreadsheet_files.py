"""Tables as spreadsheets write them, in every place that takes the path of a table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import lantern
from lantern import exceptions

ROWS = [
    ["left_id", "right_id", "decision", "Größe"],
    ["1", "1", "yes", "1,5"],
    ["2", "1", "no", "é"],
]


def written(form: str, rows: list[list[str]]) -> bytes:
    separator = {"UTF-16": "\t", "UTF-16BE": "\t", "cp1252": ";", "sep": ";", "UTF-32": ","}[form]
    text = "".join(
        separator.join(f'"{cell}"' if separator in cell else cell for cell in row) + "\r\n"
        for row in rows
    )
    if form == "sep":
        return ("\ufeffsep=;\r\n" + text).encode()
    if form == "UTF-16BE":
        return ("\ufeff" + text).encode("utf-16-be")
    return text.encode(form)


COMMAND = str(Path(sys.executable).parent / "lantern")
FORMS = ["UTF-16", "UTF-16BE", "cp1252", "sep", "UTF-32"]
TABLE = pa.table({"id": ["1", "2"], "name": ["Acme Ltd", "Beta GmbH"]})


@pytest.mark.parametrize("form", FORMS)
def test_labels_are_read_as_a_spreadsheet_writes_them(form: str, tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes(written(form, ROWS))
    matches = lantern.match(TABLE, TABLE, ["name:eq"], left_id="id", right_id="id")
    measured = lantern.evaluate(matches, file)
    assert measured.precision == 1
    assert lantern.match(TABLE, TABLE, left_id="id", right_id="id", labels=file) is not None


@pytest.mark.parametrize("form", FORMS)
def test_a_list_of_suppression_is_read_as_a_spreadsheet_writes_it(
    form: str, tmp_path: Path, lantern_client: lantern.Client
) -> None:
    file = tmp_path / "stop.csv"
    file.write_bytes(written(form, [["email", "Bemerkung"], ["Ada@Example.com", "für immer"]]))
    lantern_client.suppress.add(file)
    assert lantern_client.suppress.has("ada@example.com")


@pytest.mark.parametrize("form", FORMS)
def test_the_command_line_reads_what_a_spreadsheet_writes(form: str, tmp_path: Path) -> None:
    people = [["id", "Größe"], ["007", "1,5"], ["008", "2,5"]]
    (tmp_path / "a.csv").write_bytes(written(form, people))
    command = [
        COMMAND,
        "dedupe",
        "a.csv",
        "--id",
        "id",
        "--rule",
        "Größe:exact",
        "--out",
        "out.csv",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "007" in (tmp_path / "out.csv").read_text()


def test_a_file_in_another_encoding_says_where_and_what_is_read(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_bytes(b"left_id,right_id,decision\n1,\x81,yes\n")
    with pytest.raises(exceptions.InputError, match="line 2 has the byte 0x81") as caught:
        lantern.match(TABLE, TABLE, left_id="id", right_id="id", labels=file)
    assert "UTF-16" in str(caught.value)
    with pytest.raises(exceptions.InputError, match=r"No such file$"):
        lantern.match(TABLE, TABLE, left_id="id", right_id="id", labels=tmp_path / "none.csv")
