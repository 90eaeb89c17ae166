"""Evaluations as charts and HTML. Charts need Altair."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from lantern._plots import _altair, _table

if TYPE_CHECKING:
    import altair

    from lantern import Evaluation

_MEASURES = ("precision", "recall", "f1")


def curve(evaluation: Evaluation) -> altair.LayerChart:
    """Draw precision, recall and F1 by threshold, with their intervals."""
    alt = _altair()
    values = [
        {
            "threshold": row["threshold"],
            "measure": "F1" if measure == "f1" else measure,
            "value": row[measure],
            "low": row[f"{measure}_low"],
            "high": row[f"{measure}_high"],
        }
        for row in evaluation.table().to_pylist()
        for measure in _MEASURES
        if row[measure] is not None
    ]
    base = alt.Chart(alt.Data(values=values), title="By threshold").encode(
        alt.X("threshold:Q").scale(domain=[0, 1]),
        # The key shows the lines and not the pale bands.
        alt.Color("measure:N").title(None).legend(symbolOpacity=1),
    )
    y = alt.Y("low:Q").scale(domain=[0, 1]).title("share")
    band = base.mark_area(opacity=0.2).encode(y, alt.Y2("high:Q"))
    line = base.mark_line().encode(
        alt.Y("value:Q").scale(domain=[0, 1]), tooltip=["threshold:Q", "measure:N", "value:Q"]
    )
    chart: altair.LayerChart = (band + line).properties(width=400, height=220)
    return chart


def calibration(evaluation: Evaluation) -> altair.LayerChart:
    """Draw the share of true matches by confidence, beside the line on which both are equal."""
    alt = _altair()
    bins = alt.Data(values=evaluation.calibration().to_pylist())
    x = alt.X("confidence:Q").scale(domain=[0, 1]).title("confidence")
    base = alt.Chart(bins).encode(x)
    points = base.mark_point(filled=True, size=70).encode(
        alt.Y("share:Q").scale(domain=[0, 1]).title("share of true matches"),
        tooltip=["from:Q", "to:Q", "matches:Q", "confidence:Q", "share:Q"],
    )
    bars = base.mark_rule().encode(
        alt.Y("share_low:Q").title("share of true matches"), alt.Y2("share_high:Q")
    )
    ends = alt.Data(values=[{"at": 0}, {"at": 1}])
    line = (
        alt.Chart(ends)
        .mark_line(strokeDash=[4, 4], color="gray")
        .encode(alt.X("at:Q").title("confidence"), alt.Y("at:Q").title("share of true matches"))
    )
    chart: altair.LayerChart = (line + bars + points).properties(
        width=250, height=250, title="Calibration"
    )
    return chart


def evaluation_html(evaluation: Evaluation) -> str:
    """Return the measures with their intervals, and the most costly errors, as HTML."""
    found = evaluation.summary()
    rows = []
    for measure in _MEASURES:
        shown = ["unknown", ""]
        if found[measure] is not None:
            value, low, high = found[measure]
            shown = [f"{value:.3f}", f"{low:.3f} to {high:.3f}"]
        rows.append(["F1" if measure == "f1" else measure, *shown])
    if found["calibration_error"] is not None:
        rows.append(["calibration error", f"{found['calibration_error']:.3f}", ""])
    for name, value in (found["clusters"] or {}).items():
        shown_value = f"{value:.3f}" if isinstance(value, float) else f"{value:,}"
        rows.append([f"clusters: {name.replace('_', ' ')}", shown_value, ""])
    head = ["measure", f"at {found['threshold']:.3f}", "95 % interval"]
    errors = [
        [str(row["mistake"]).replace("_", "&nbsp;"), html.escape(str(row["sentence"]))]
        for row in evaluation.errors(5).to_pylist()
    ]
    shown_errors = "<br>" + _table(["error", "explanation"], errors) if errors else ""
    said = "".join(f"<p>{html.escape(warning)}</p>" for warning in found["warnings"])
    return said + _table(head, rows) + shown_errors
