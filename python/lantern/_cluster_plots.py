"""Clusters as small graphs: rows on a circle, and a line for each pair, fainter if less sure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lantern._plots import _COLORS, _altair

if TYPE_CHECKING:
    import altair

    from lantern import Duplicates

# How many clusters are drawn, and with how many rows at most.
_CLUSTERS = 12
_ROWS = 12
# From this confidence on a line is as strong as it gets.
_SURE = 0.95


def _places(count: int) -> list[tuple[float, float]]:
    """Return places on a circle within 0 to 1."""
    angles = [2 * math.pi * at / count - math.pi / 2 for at in range(count)]
    return [(0.5 + 0.42 * math.cos(angle), 0.5 + 0.42 * math.sin(angle)) for angle in angles]


def graphs(duplicates: Duplicates) -> altair.FacetChart:
    """Draw the largest clusters, each as a graph."""
    alt = _altair()
    points: list[dict[str, object]] = []
    names: list[str] = []
    for cluster, rows, edges in duplicates._graphs(_CLUSTERS, _ROWS):
        places = _places(len(rows))
        name = f"cluster {cluster}"
        names.append(name)
        for number, (one, other, confidence) in enumerate(edges):
            for x, y in (places[one], places[other]):
                line = {"x": x, "y": y, "line": number, "confidence": confidence}
                points.append({"cluster": name, **line})
        points += [
            {"cluster": name, "x": x, "y": y, "row": row}
            for row, (x, y) in zip(rows, places, strict=True)
        ]
    base = alt.Chart().encode(
        alt.X("x:Q", axis=None).scale(domain=[0, 1]),
        alt.Y("y:Q", axis=None).scale(domain=[0, 1]),
    )
    lines = (
        base.transform_filter("isValid(datum.line)")
        .mark_line(color="gray")
        .encode(
            alt.Detail("line:N"),
            alt.Opacity("confidence:Q").scale(domain=[0, 1], range=[0.1, 1]).legend(None),
            tooltip=["confidence:Q"],
        )
    )
    rows_ = (
        base.transform_filter("isValid(datum.row)")
        .mark_circle(size=120, color=_COLORS["for"], opacity=1)
        .encode(tooltip=["row:Q"])
    )
    chart: altair.FacetChart = (
        alt.layer(lines, rows_, data=alt.Data(values=points))
        .properties(width=110, height=110)
        .facet(facet=alt.Facet("cluster:N").title(None).sort(names), columns=6)
        .properties(title="The largest clusters")
    )
    return chart


def graphs_html(duplicates: Duplicates) -> str:
    """Return the largest clusters as small SVG graphs."""
    size = 72
    drawn = []
    for cluster, rows, edges in duplicates._graphs(_CLUSTERS, _ROWS):
        places = [(x * size, y * size) for x, y in _places(len(rows))]
        lines = "".join(
            f'<line x1="{places[one][0]:.1f}" y1="{places[one][1]:.1f}" '
            f'x2="{places[other][0]:.1f}" y2="{places[other][1]:.1f}" stroke="gray" '
            f'stroke-width="1.5" stroke-opacity="{min(1.0, confidence / _SURE):.2f}">'
            f"<title>rows {rows[other]} and {rows[one]}: {confidence:.3f}</title></line>"
            for one, other, confidence in edges
        )
        dots = "".join(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{_COLORS["for"]}">'
            f"<title>row {row}</title></circle>"
            for row, (x, y) in zip(rows, places, strict=True)
        )
        name = (
            f'<text x="{size / 2}" y="{size + 11}" text-anchor="middle" fill="gray">'
            f"{cluster}</text>"
        )
        drawn.append(
            f'<svg width="{size}" height="{size + 14}" style="margin:2px;font:10px sans-serif" '
            f'role="img"><title>cluster {cluster}, {len(rows)} rows</title>'
            f"{lines}{dots}{name}</svg>"
        )
    head = "<small>the largest clusters, by their numbers</small>"
    return f"<div>{''.join(drawn)}</div>{head}" if drawn else ""
