"""Decisions in files: the workbook of a review, and what colleagues make of it."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import polars as pl
import pytest

import lantern
from lantern.exceptions import InputError

LEADS = pl.DataFrame(
    {
        "id": ["l0", "=l1", "l2", "007"],
        "company": ["ACME Incorporated", "Globex", "Umbrella", '<b>Initech</b> & "Söhne" 😀'],
    }
)
ACCOUNTS = pl.DataFrame(
    {
        "id": [10, 11, 12, 13],
        "company": ["Globex LLC", "Acme, Inc.", "Umbrela", '<b>Initech</b> & "Söhne" 😀'],
    }
)
RULES = ["company:fuzzy0.8"]
IDS = {"left_id": "id", "right_id": "id"}
CELL = str | int | float | bool | date | None


def _letter(column: int) -> str:
    return chr(ord("A") + column)


def workbook(path: Path, rows: list[list[CELL]], *, hidden_first: bool = False) -> Path:
    """Write a workbook as another program does: texts in the cells, and no more than is needed."""

    def cell(place: str, value: CELL) -> str:
        if value is None:
            return f'<c r="{place}"/>'
        if isinstance(value, bool):
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, date):
            return f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        if isinstance(value, int | float):
            return f'<c r="{place}"><v>{value}</v></c>'
        text = f'<t xml:space="preserve">{escape(value)}</t>'
        return f'<c r="{place}" t="inlineStr"><is>{text}</is></c>'

    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"

    def sheet(of: list[list[CELL]]) -> str:
        lines = "".join(
            f'<row r="{at}">'
            + "".join(cell(f"{_letter(column)}{at}", value) for column, value in enumerate(row))
            + "</row>"
            for at, row in enumerate(of, start=1)
        )
        return f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'

    sheets = [("notes", [["nothing"]], ' state="hidden"')] if hidden_first else []
    sheets.append(("pairs", rows, ""))
    numbered = list(enumerate(sheets, start=1))
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{office}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at, _ in numbered
    )
    named = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"{state}/>'
        for at, (name, _, state) in numbered
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="application/vnd.'
        'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for at, _ in numbered
    )
    styles = (
        f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="'
            'application/vnd.openxmlformats-package.relationships+xml"/><Override PartName='
            '"/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            f'spreadsheetml.sheet.main+xml"/>{parts}</Types>',
        )
        file.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{named}</sheets></workbook>',
        )
        style = f'<Relationship Id="rId9" Type="{office}/styles" Target="styles.xml"/>'
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{links}{style}</Relationships>',
        )
        file.writestr("xl/styles.xml", styles)
        for at, (_, of, _) in numbered:
            file.writestr(f"xl/worksheets/sheet{at}.xml", sheet(of))
    return path


def bound(labels: object) -> dict[str, int]:
    """The matches that labels bind, by id."""
    matches = lantern.match(LEADS, ACCOUNTS, RULES, labels=labels, **IDS)  # type: ignore[arg-type]
    table = matches.table().to_polars().filter(pl.col("confidence") == 1.0)
    return dict(table.select("left_id", "right_id").iter_rows())


def test_a_workbook_is_filled_in_and_given_back(tmp_path: Path) -> None:
    matches = lantern.match(LEADS, ACCOUNTS, RULES, **IDS)
    pairs = matches.review(50, tmp_path / "review.xlsx").to_polars()
    assert pairs.height == 4
    # As it is, it decides nothing.
    assert (
        lantern.match(LEADS, ACCOUNTS, RULES, labels=tmp_path / "review.xlsx", **IDS).summary()[
            "labels"
        ]
        == 0
    )
    with zipfile.ZipFile(tmp_path / "review.xlsx") as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
        strings = file.read("xl/sharedStrings.xml").decode()
    # Nothing is a formula, a list helps to decide, and the heading stays.
    assert "<f>" not in sheet
    assert "=l1" in strings
    assert re.search(r'<dataValidation[^>]*type="list"', sheet)
    assert "frozen" in sheet
    ElementTree.fromstring(sheet)
    rows: list[list[CELL]] = [list(pairs.columns), *map(list, pairs.iter_rows())]
    at = pairs.columns.index("decision")
    for row in rows[1:]:
        row[at] = "yes" if row[pairs.columns.index("left_id")] != "l2" else "no"
    decided = workbook(tmp_path / "decided.xlsx", rows)
    assert bound(decided) == {"l0": 11, "=l1": 10, "007": 13}


def test_a_colleague_may_change_much_and_is_understood(tmp_path: Path) -> None:
    rows: list[list[CELL]] = [
        ["who looked", "Right ID", "DECISION ", "seen on", "Left id"],
        ["Ada", 11, "Ja", date(2026, 11, 27), "l0"],
        [None, None, None, None, None],
        ["Bob", 10.0, True, None, "=l1"],
        [None, 12, 0, "yesterday", "l2"],
        ["Cyd", 13, "x", None, "007"],
        ["Cyd", 13, None, None, "l0"],
        ["Cyd", 13, "?", None, "l2"],
    ]
    path = workbook(tmp_path / "decided.xlsx", rows, hidden_first=True)
    assert bound(path) == {"l0": 11, "=l1": 10, "007": 13}
    assert bound(str(path)) == bound(path)
    # The same as text, separated as a German spreadsheet does.
    lines = ["Right ID;Notiz;Decision;Left id", "11;gut, sehr;ja;l0", "10;;WAHR;=l1", "12;;nein;l2"]
    (tmp_path / "decided.csv").write_text("\ufeff" + "\n".join(lines) + "\n")
    assert bound(tmp_path / "decided.csv") == {"l0": 11, "=l1": 10}
    truth = lantern.evaluate(lantern.match(LEADS, ACCOUNTS, RULES, **IDS), path)
    assert truth.summary()["hits"] == 3


@pytest.mark.parametrize("unclear", ["yes and no", 2, 0.5, date(2026, 11, 27), "see Ada", "+"])
def test_what_is_not_clear_is_refused_with_its_row(unclear: CELL, tmp_path: Path) -> None:
    rows: list[list[CELL]] = [
        ["left_id", "right_id", "decision"],
        ["l0", 11, "yes"],
        ["l2", 12, unclear],
    ]
    with pytest.raises(InputError, match="in row 3 of the file") as refused:
        bound(workbook(tmp_path / "decided.xlsx", rows))
    assert "'l2' and '12'" in str(refused.value)
    assert "yes or no" in str(refused.value)
    table = pl.DataFrame({"left_id": ["l2"], "right_id": [12], "decision": [str(unclear)]})
    with pytest.raises(InputError, match="in row 0 of the labels"):
        bound(table)


def test_what_is_no_workbook_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as file:
        file.writestr("hello.txt", "hello")
    with pytest.raises(InputError, match="no Excel workbook"):
        bound(tmp_path / "other.xlsx")
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    with pytest.raises(InputError, match="password"):
        bound(tmp_path / "old.xlsx")
    (tmp_path / "named.xlsx").write_text("left_id,right_id,decision\n")
    with pytest.raises(InputError, match=r"does not begin like a \.xlsx file"):
        bound(tmp_path / "named.xlsx")
    matches = lantern.match(LEADS, ACCOUNTS, RULES, **IDS)
    with pytest.raises(InputError, match=r"\.html for a page, or in \.csv or \.xlsx"):
        matches.review(5, tmp_path / "review.ods")


def test_ids_are_the_same_whatever_their_type() -> None:
    decided = {"left_id": ["l0"], "right_id": [11], "decision": [True]}
    for right in (pl.Int8, pl.Int32, pl.UInt64, pl.Float64, pl.String, pl.Categorical):
        of_type = pl.col("right_id").cast(pl.String).cast(right, strict=False)
        table = pl.DataFrame(decided).with_columns(right_id=of_type)
        assert bound(table) == {"l0": 11}, right
    for left in (pl.Categorical, pl.Enum(["l0"])):
        table = pl.DataFrame(decided).with_columns(pl.col("left_id").cast(left))
        assert bound(table) == {"l0": 11}, left


def test_repeated_labels_are_one_and_contradictions_name_their_rows() -> None:
    twice = [("l0", "11", True), ("l0", "11", True)]
    assert bound(twice) == {"l0": 11}
    table = pl.DataFrame(
        {
            "left_id": ["l0", "l2", "l0"],
            "right_id": [11, 12, 11],
            "decision": ["yes", "yes", "no"],
        }
    )
    with pytest.raises(InputError, match="contradict") as refused:
        bound(table)
    said = str(refused.value)
    assert "row 0 of the labels (ids 'l0' and '11') says" in said
    assert "row 2 of the labels (ids 'l0' and '11') that they do not" in said
    with pytest.raises(InputError, match="label 1 that they do not"):
        lantern.match(LEADS, ACCOUNTS, RULES, labels=[(0, 1, True), (0, 1, False)])


def test_labels_of_rows_that_are_gone_are_named() -> None:
    labels = [("l0", "11", True), ("l9", "11", True), ("l8", "11", True)]
    matches = lantern.match(LEADS, ACCOUNTS, RULES, labels=labels, **IDS)
    (warning,) = (text for text in matches.summary()["warnings"] if "labels" in text)
    assert warning.startswith("2 labels name ids that the tables do not have")
    assert "'l9' and '11' in row 1" in warning


FORMULAS = [
    '=HYPERLINK("http://evil.example","click")',
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "=cmd|' /C calc'!A0",
    "x" * 40_000,
    "Acme\x00Holding",
]


@pytest.mark.parametrize("end", ["csv", "xlsx"])
def test_no_cell_of_a_review_is_a_formula(end: str, tmp_path: Path) -> None:
    keys = [f"k{at}" for at in range(len(FORMULAS))]
    left = pl.DataFrame({"id": keys, "code": keys, "note": FORMULAS})
    right = left.with_columns(note=pl.col("note") + "!")
    matches = lantern.match(left, right, ["code:eq", "note:contains"], **IDS)
    assert len(matches) == len(keys)
    review = tmp_path / f"review.{end}"
    matches.review(50, review)
    if end == "csv":
        cells = pl.read_csv(review, infer_schema=False).to_dict(as_series=False)
        texts = [text for column in cells.values() for text in column if text]
        assert len(texts) > 4 * len(keys)
        numbers = re.compile(r"[-+]?[\d.]+(e-?\d+)?")
        risky = [text for text in texts if text.lstrip()[:1] in "=+-@" and text.strip()]
        assert [text for text in risky if not numbers.fullmatch(text)] == []
    else:
        with zipfile.ZipFile(review) as file:
            for name in file.namelist():
                if name.startswith("xl/worksheets/"):
                    sheet = file.read(name)
                    assert b"<f>" not in sheet
                    assert b"<hyperlink" not in sheet
    given = lantern.match(left, right, ["code:eq", "note:contains"], labels=review, **IDS)
    assert given.summary()["labels"] == 0
