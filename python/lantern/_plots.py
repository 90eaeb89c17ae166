"""Charts and HTML of matches, models and explanations, by Altair where it is installed."""

from __future__ import annotations

import html
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    import altair

    from lantern import Explanation, Matches, Model, Table


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
    """How many matches have which confidence, in bars of 0.05."""
    alt = _altair()
    table = matches.table().select(["confidence"])
    chart: altair.Chart = (
        alt.Chart(_values(table), title="Matches by confidence")
        .mark_bar()
        .encode(
            alt.X("confidence:Q").bin(step=0.05, extent=[0, 1]).title("confidence"),
            alt.Y("count()").title("matches"),
        )
    )
    return chart


def waterfall(explanation: Explanation) -> altair.Chart:
    """What each field adds, one bar after another."""
    alt = _altair()
    bars = []
    total = 0.0
    for row in explanation.table().to_pylist():
        weight = float(str(row["weight"]))
        bars.append(
            {
                **row,
                "from": total,
                "to": total + weight,
                "adds": "for" if weight >= 0 else "against",
            }
        )
        total += weight
    order = [str(bar["field"]) for bar in bars]
    chart: altair.Chart = (
        alt.Chart(alt.Data(values=bars), title=explanation.sentence)
        .mark_bar()
        .encode(
            alt.Y("field:N").sort(order).title(None),
            alt.X("from:Q").title("weight"),
            alt.X2("to:Q"),
            alt.Color("adds:N")
            .scale(domain=["for", "against"], range=["#2a9d8f", "#e76f51"])
            .legend(None),
            tooltip=["field:N", "left:N", "right:N", "agreement:N", "weight:Q"],
        )
    )
    return chart


def model(learned: Model) -> altair.FacetChart:
    """How often matches and other pairs agree so, field by field."""
    alt = _altair()
    chart: altair.FacetChart = (
        alt.Chart(_values(learned.table()), title="What was learned")
        .mark_bar()
        .encode(
            alt.Y("agreement:N").sort(None).title(None),
            alt.X("m:Q").title("share of matches"),
            tooltip=["field:N", "agreement:N", "m:Q", "u:Q"],
        )
        .facet(row="field:N")
        .resolve_scale(y="independent")
    )
    return chart


def _marked(left: str | None, right: str | None) -> tuple[str, str]:
    """Both values as HTML, with what differs marked."""
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


def _table(head: list[str], rows: list[list[str]]) -> str:
    cells = "".join(f"<th>{name}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def matches_html(matches: Matches) -> str:
    """The first matches, side by side with differences marked."""
    rows = []
    for confidence, fields in matches._shown(10):
        for at, (field, left, right) in enumerate(fields):
            a, b = _marked(left, right)
            rows.append([f"{confidence:.3f}" if at == 0 else "", html.escape(field), a, b])
    return f"<p>{html.escape(repr(matches))}</p>" + _table(
        ["confidence", "field", "left", "right"], rows
    )


def explanation_html(explanation: Explanation) -> str:
    """The sentence, and a bar for what each field adds."""
    parts = explanation.table().to_pylist()
    most = max((abs(float(str(part["weight"]))) for part in parts), default=1.0) or 1.0
    rows = []
    for part in parts:
        weight = float(str(part["weight"]))
        color = "#2a9d8f" if weight >= 0 else "#e76f51"
        width = round(120 * abs(weight) / most)
        bar = f'<div style="background:{color};height:.8em;width:{width}px"></div>'
        texts = [None if part[name] is None else str(part[name]) for name in ("left", "right")]
        a, b = _marked(texts[0], texts[1]) if texts != [None, None] else ("", "")
        field, agreement = html.escape(str(part["field"])), html.escape(str(part["agreement"]))
        rows.append([field, a, b, agreement, f"{weight:+.2f}", bar])
    return f"<p>{html.escape(explanation.sentence)}</p>" + _table(
        ["field", "left", "right", "agreement", "weight", ""], rows
    )
