"""Tables, matches, models and explanations as charts and HTML. Charts need Altair."""

from __future__ import annotations

import html
import math
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
# Shares below are drawn as if they were as large.
_LEAST = 1e-6


def _altair() -> ModuleType:
    try:
        import altair
    except ImportError:
        raise ImportError("charts need Altair; install it with: pip install altair") from None
    return altair


def _values(table: Table) -> altair.Data:
    values: altair.Data = _altair().Data(values=table.to_pylist())
    return values


_BARS = 40
# How many pairs are shown.
_PAIRS = 5


def confidences(matches: Matches) -> altair.Chart:
    """Draw the number of matches by confidence, on a logarithmic scale.

    Nearly all matches are sure, and the few that are not would not be seen beside them.
    """
    alt = _altair()
    counts = matches._histogram(_BARS)
    bars = [
        {"from": bar / _BARS, "to": (bar + 1) / _BARS, "matches": count, "base": 0.5}
        for bar, count in enumerate(counts)
        if count
    ]
    most = max(counts, default=1)
    chart: altair.Chart = (
        alt.Chart(alt.Data(values=bars), title="Matches by confidence")
        .mark_bar()
        .encode(
            alt.X("from:Q").scale(domain=[0, 1]).title("confidence"),
            alt.X2("to:Q"),
            alt.Y("matches:Q")
            .scale(type="log", domain=[0.5, max(most, 10)])
            .axis(values=[10**power for power in range(len(str(most)) + 1)])
            .title("matches (logarithmic)"),
            alt.Y2("base:Q"),
            tooltip=["from:Q", "to:Q", "matches:Q"],
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
    """Draw how often matches (m) and other pairs (u) have each level, field by field.

    Shares are on a logarithmic scale, because levels that are rare among other pairs are the
    strongest evidence for a match.
    """
    alt = _altair()
    levels = learned.table().to_pylist()
    shares = [
        {
            "field": row["field"],
            "agreement": row["agreement"],
            "of": of,
            "share": max(float(str(row[name])), _LEAST),
        }
        for row in levels
        for name, of in (("m", "matches (m)"), ("u", "other pairs (u)"))
        if row[name] is not None
    ]
    chart: altair.FacetChart = (
        alt.Chart(alt.Data(values=shares))
        .mark_point(filled=True, size=60)
        .encode(
            alt.Y("agreement:N").sort(None).title(None).axis(labelLimit=260),
            alt.X("share:Q").scale(type="log", domain=[_LEAST, 1]).title("share of pairs"),
            alt.Color("of:N").scale(range=[*_COLORS.values()]).title(None),
            tooltip=["field:N", "agreement:N", "of:N", "share:Q"],
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


def _histogram_html(matches: Matches) -> str:
    """Return the number of matches by confidence as bars of logarithmic height, as SVG."""
    counts = matches._histogram(_BARS)
    most = math.log1p(max(counts, default=0)) or 1.0
    width, height, below = 6, 40, 14
    bars = "".join(
        f'<rect x="{bar * width}" y="{height - size:.1f}" width="{width - 1}" height="{size:.1f}">'
        f"<title>{bar / _BARS:.3f} to {(bar + 1) / _BARS:.3f}: {count:,}</title></rect>"
        for bar, count in enumerate(counts)
        if (size := height * math.log1p(count) / most)
    )
    whole = _BARS * width
    marks = "".join(
        f'<text x="{whole * share}" y="{height + below - 3}" text-anchor="{anchor}">'
        f"{share:g}</text>"
        for share, anchor in ((0, "start"), (0.5, "middle"), (1, "end"))
    )
    return (
        f'<svg width="{whole}" height="{height + below}" role="img" '
        f'style="display:block;font:10px sans-serif">'
        "<title>matches by confidence, on a logarithmic scale</title>"
        f'<g fill="{_COLORS["for"]}">{bars}</g><g fill="gray"><rect y="{height}" '
        f'width="{whole}" height="1"/>{marks}</g></svg>'
        "<small>matches by confidence (logarithmic)</small>"
    )


def matches_html(matches: Matches) -> str:
    """Return the counts, a histogram and the least sure matches, side by side, as HTML."""
    counts = matches.summary()
    said = f"<b>{counts['matched_left']:,} of {counts['left_rows']:,}</b> left rows matched"
    return _matches_html(matches, said)


def _matches_html(matches: Matches, said: str) -> str:
    """Return a histogram and the least sure matches, below what is said of all of them, as HTML."""
    counts = matches.summary()
    if counts["precision"]:
        value, low, high = counts["precision"]
        said += f"; expected precision {value:.3f} ({low:.3f} to {high:.3f})"
    rows = []
    for confidence, parts in matches._shown(_PAIRS):
        for at, (field, left, right) in enumerate(parts):
            first = f"{confidence:.3f}" if at == 0 else ""
            rows.append([first, html.escape(field), *_marked(left, right)])
    rest = len(matches) - _PAIRS
    more = f"<p>and {rest:,} more; <code>explain(i)</code> says why</p>" if rest > 0 else ""
    lead = (
        f"<p>{said}. The least sure of {len(matches):,}:</p>" if len(matches) else f"<p>{said}.</p>"
    )
    head = ["confidence", "field", "left", "right"]
    return _histogram_html(matches) + lead + _table(head, rows) + more


def model_html(learned: Model) -> str:
    """Return m and u of each level of each field as HTML."""
    rows = []
    last = None
    for row in learned.table().to_pylist():
        m, u = row["m"], row["u"]
        share = float(str(m))
        bar = (
            f'<div style="width:{max(1.0, 120 * share):.0f}px;height:.7em;'
            f'background:{_COLORS["for"]}"></div>'
        )
        weight = ""
        if u is not None and share > 0 and float(str(u)) > 0:
            weight = f"{math.log2(share / float(str(u))):+.1f}"
        first = html.escape(f"{row['field']} ({row['kind']})") if row["field"] != last else ""
        last = row["field"]
        shown = "by rarity" if u is None else f"{float(str(u)):.2g}"
        rare = f"{share:.3f}" if share >= 0.001 else f"{share:.1g}"
        rows.append([first, html.escape(str(row["agreement"])), rare, bar, shown, weight])
    said = f"<p><b>{learned.matched:.3f}</b> of the rows have a match, as far as was learned.</p>"
    return said + _table(["field", "agreement", "m", "", "u", "bits"], rows)


def duplicates_html(duplicates: Duplicates) -> str:
    """Return the counts, the largest clusters as graphs and the least sure pairs as HTML."""
    from lantern._cluster_plots import graphs_html

    counts = duplicates.summary()
    said = f"<b>{counts['clusters']:,}</b> of {counts['rows']:,} rows are distinct"
    pairs = f"<b>{counts['pairs']:,}</b> pairs of rows are the same"
    return f"<p>{said}</p>" + graphs_html(duplicates) + _matches_html(duplicates.pairs, pairs)


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
