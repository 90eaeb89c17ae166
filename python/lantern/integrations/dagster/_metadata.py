"""Metadata of a table for Dagster's pages: its columns, a preview, and shares as a bar chart."""

import base64
import html
from collections.abc import Sequence

import dagster as dg
import polars as pl

BAR = 240


def table_metadata(table: pl.DataFrame, preview_rows: int) -> dict[str, dg.MetadataValue]:
    """Return the number of rows, the columns, and the first rows unless none are to be shown."""
    columns = [dg.TableColumn(name, str(kind)) for name, kind in table.schema.items()]
    metadata: dict[str, dg.MetadataValue] = {
        "dagster/row_count": dg.MetadataValue.int(table.height),
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns)),
    }
    if preview_rows > 0:
        metadata["preview"] = dg.MetadataValue.md(_markdown(table.head(preview_rows)))
    return metadata


def _markdown(table: pl.DataFrame) -> str:
    """Return a table in Markdown. The contents of a cell cannot end it."""
    lines = [table.columns, ["---"] * table.width, *table.iter_rows()]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    return html.escape(" ".join(text.split()), quote=False).replace("|", "\\|")


def share_chart(title: str, shares: Sequence[tuple[str, float]]) -> dg.MetadataValue:
    """Draw shares of 1 as horizontal bars: an SVG in a Markdown image, without a package."""
    height = 30 + 24 * len(shares)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="440" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="18" font-weight="bold">{html.escape(title)}</text>',
    ]
    for at, (name, share) in enumerate(shares):
        y = 28 + 24 * at
        parts.append(
            f'<text x="120" y="{y + 13}" text-anchor="end">{html.escape(name)}</text>'
            f'<rect x="128" y="{y}" width="{BAR}" height="18" fill="#e8eef0"/>'
            f'<rect x="128" y="{y}" width="{BAR * share:.1f}" height="18" fill="#2a9d8f"/>'
            f'<text x="{134 + BAR}" y="{y + 13}">{share:.1%}</text>'
        )
    picture = base64.b64encode("".join([*parts, "</svg>"]).encode()).decode()
    return dg.MetadataValue.md(f"![{title}](data:image/svg+xml;base64,{picture})")
