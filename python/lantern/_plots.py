"""Tables, matches, models and explanations as charts and HTML. Charts need Altair."""

from __future__ import annotations

import html
import textwrap
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    import altair
    import arro3.core

    from lantern import Duplicates, Explanation, Matches, Model, Summary, Table


_COLORS = {"for": "#2a9d8f", "against": "#e76f51"}


def _altair() -> ModuleType:
    try:
        import altair
    except ImportError:
        raise ImportError("charts need Altair; install it with: pip install altair") from None
    return altair


def _values(table: Table) -> altair.Data:
    values: altair.Data = _altair().Data(values=table.to_pylist())
    return values


def confidences(matches: Matches) -> altair.Chart:
    """Draw the number of matches by confidence, in bars of 0.05."""
    alt = _altair()
    table = matches.table().select(["confidence"])
    chart: altair.Chart = (
        alt.Chart(_values(table), title="Matches by confidence")
        .mark_bar()
        .encode(
            alt.X("confidence:Q")
            .bin(step=0.05, extent=[0, 1])
            .axis(values=[tenth / 10 for tenth in range(11)])
            .title("confidence"),
            alt.Y("count()").title("matches"),
        )
        .properties(width=400, height=150)
    )
    return chart


def _steps(explanation: Explanation) -> list[dict[str, object]]:
    """Return the contribution of each field, with the sums before and after it."""
    steps = []
    total = 0.0
    for part in explanation.table().to_pylist():
        weight = float(str(part["weight"]))
        step = part | {"weight": weight, "from": total, "to": total + weight}
        steps.append(step | {"adds": "for" if weight >= 0 else "against"})
        total += weight
    return steps


def waterfall(explanation: Explanation) -> altair.Chart:
    """Draw the contribution of each field, one bar after another."""
    alt = _altair()
    steps = _steps(explanation)
    order = [str(step["field"]) for step in steps]
    title = textwrap.wrap(explanation.sentence, 70)
    chart: altair.Chart = (
        alt.Chart(alt.Data(values=steps), title=alt.Title(title, anchor="start"))
        .mark_bar()
        .encode(
            alt.Y("field:N").sort(order).title(None),
            alt.X("from:Q").title("weight"),
            alt.X2("to:Q"),
            alt.Color("adds:N").scale(domain=list(_COLORS), range=[*_COLORS.values()]).legend(None),
            tooltip=["field:N", "left:N", "right:N", "agreement:N", "weight:Q"],
        )
        .properties(width=400)
    )
    return chart


def model(learned: Model) -> altair.FacetChart:
    """Draw how often matches have each level of agreement, field by field."""
    alt = _altair()
    levels = learned.table().to_pylist()
    chart: altair.FacetChart = (
        alt.Chart(alt.Data(values=levels))
        .mark_bar()
        .encode(
            alt.Y("agreement:N").sort(None).title(None).axis(labelLimit=260),
            alt.X("m:Q").title("share of matches").scale(domain=[0, 1]),
            tooltip=["field:N", "agreement:N", "m:Q", "u:Q"],
        )
        .properties(width=300)
        .facet(row=alt.Row("field:N").title(None).sort([row["field"] for row in levels]))
        .resolve_scale(y="independent")
        .properties(title="What was learned")
    )
    return chart


def clusters(duplicates: Duplicates) -> altair.Chart:
    """Draw the number of clusters by size."""
    alt = _altair()
    sizes = Counter(row["rows"] for row in duplicates.table().select(["rows"]).to_pylist())
    counts = [
        {"rows": size, "clusters": rows // size}
        for size, rows in sorted((int(str(size)), rows) for size, rows in sizes.items())
    ]
    chart: altair.Chart = (
        alt.Chart(alt.Data(values=counts), title="Clusters by their rows")
        .mark_bar()
        .encode(
            alt.X("rows:O").axis(labelAngle=0).title("rows of a cluster"),
            alt.Y("clusters:Q"),
            tooltip=["rows:O", "clusters:Q"],
        )
        .properties(width=400, height=150)
    )
    return chart


def summary(job: Summary) -> altair.Chart:
    """Draw the number of rows by status, below the rates of what was found."""
    alt = _altair()
    rates = {"e-mail addresses": job.email_rate, "phone numbers": job.phone_rate}
    said = [f"{rate:.1%} {name} found" for name, rate in rates.items() if rate is not None]
    rows = [{"status": name.replace("_", " "), "rows": count} for name, count in job.rows.items()]
    title = alt.Title(", ".join(said) or "Rows by status", subtitle=f"{job.credits:,} credits")
    chart: altair.Chart = (
        alt.Chart(alt.Data(values=rows), title=title)
        .mark_bar()
        .encode(
            alt.Y("status:N").sort("-x").title(None),
            alt.X("rows:Q"),
            tooltip=["status:N", "rows:Q"],
        )
        .properties(width=400)
    )
    return chart


def _marked(left: str | None, right: str | None) -> tuple[str, str]:
    """Return both values as HTML, with their differences marked."""
    if left is None or right is None:
        missing = '<span style="opacity:.5">none</span>'
        return (
            missing if left is None else html.escape(left),
            missing if right is None else html.escape(right),
        )
    shown: tuple[list[str], list[str]] = ([], [])
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for out, text in zip(shown, (left[a:b], right[c:d]), strict=True):
            if text:
                text = html.escape(text)
                out.append(text if tag == "equal" else f"<mark>{text}</mark>")
    return "".join(shown[0]), "".join(shown[1])


_LEFT = ' style="text-align:left;padding:2px 8px"'
_RULE = _LEFT[:-1] + ';border-top:1px solid rgba(128,128,128,.4)"'
_PLAIN = ' style="border-collapse:collapse"'


def _table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table as HTML. A row whose first cell is not empty has a line above it."""
    cells = "".join(f"<th{_LEFT}>{name}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td{_RULE if row[0] else _LEFT}>{cell}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table{_PLAIN}><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def table_html(table: Table) -> str:
    """Return the first and the last rows as HTML."""
    rows, shown = table.num_rows, 10
    parts = [table] if rows <= shown else [table.slice(0, 5), table.slice(rows - 5)]
    cells = [[_cell(value) for value in row.values()] for part in parts for row in part.to_pylist()]
    if rows > shown:
        cells.insert(5, ["…"] * table.num_columns)
    head = [
        f"{html.escape(field.name)}<br><small>{html.escape(_type_name(field))}</small>"
        for field in (table.schema.field(at) for at in range(table.num_columns))
    ]
    return f"<small>{rows:,} rows, {table.num_columns} columns</small>" + _table(head, cells)


def _type_name(field: arro3.core.Field) -> str:
    """Return `Utf8` for what arro3 prints as `arro3.core.DataType<Utf8>`."""
    name = str(field.type).strip().removeprefix("arro3.core.DataType<").removesuffix(">")
    return textwrap.shorten(name, 40, placeholder="…")


def _cell(value: object) -> str:
    if value is None:
        return '<span style="opacity:.5">null</span>'
    return html.escape(textwrap.shorten(str(value), 60, placeholder="…"))


def matches_html(matches: Matches) -> str:
    """Return the first matches as HTML, side by side with their differences marked."""
    counts = matches.summary()
    shown = matches._shown(5)
    rows = []
    for confidence, fields in shown:
        for at, (field, left, right) in enumerate(fields):
            a, b = _marked(left, right)
            rows.append([f"{confidence:.3f}" if at == 0 else "", html.escape(field), a, b])
    said = (
        f"<b>{counts['matched_left']:,} of {counts['left_rows']:,}</b> left rows matched, "
        f"{counts['matches']:,} matches, threshold {counts['threshold']:g}"
    )
    rest = counts["matches"] - len(shown)
    more = f"<p>and {rest:,} more; <code>explain(i)</code> says why</p>" if rest else ""
    return f"<p>{said}</p>" + _table(["confidence", "field", "left", "right"], rows) + more


def duplicates_html(duplicates: Duplicates) -> str:
    """Return the counts and the first pairs, side by side, as HTML."""
    counts = duplicates.summary()
    said = f"<b>{counts['clusters']:,}</b> of {counts['rows']:,} rows are distinct"
    return f"<p>{said}; these pairs are the same:</p>" + matches_html(duplicates.pairs)


def explanation_html(explanation: Explanation) -> str:
    """Return the sentence and the contribution of each field, a waterfall, as HTML."""
    steps = _steps(explanation)
    ends = [0.0, *(float(str(step["to"])) for step in steps)]
    least, width = min(ends), (max(ends) - min(ends)) or 1.0
    rows = []
    for step in steps:
        weight, begin, end = (float(str(step[name])) for name in ("weight", "from", "to"))
        bar = (
            f'<div style="position:relative;width:160px;height:.8em"><div style="position:absolute;'
            f"left:{100 * (min(begin, end) - least) / width:.1f}%;height:100%;"
            f'width:{100 * abs(weight) / width:.1f}%;background:{_COLORS[str(step["adds"])]}">'
            "</div></div>"
        )
        texts = [None if step[name] is None else str(step[name]) for name in ("left", "right")]
        a, b = _marked(texts[0], texts[1]) if texts != [None, None] else ("", "")
        field, agreement = html.escape(str(step["field"])), html.escape(str(step["agreement"]))
        rows.append([field, a, b, agreement, f"{weight:+.2f}", bar])
    return f"<p>{html.escape(explanation.sentence)}</p>" + _table(
        ["field", "left", "right", "agreement", "weight", ""], rows
    )
