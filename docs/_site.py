"""Hooks of `mkdocs` that make the site from the repository.

README, CHANGELOG and similar files stay where a reader of the repository looks for them, and the
notebooks in their folder; all of them are pages of the site. A link between two pages leads to the
page on the site. A link to any other file of the repository becomes plain text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
RUSTDOC = ROOT / "target" / "doc"
CRATE = "lantern/index.html"
OUTSIDE = {
    "README.md": "index.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
    # Where names in capitals are the same, it would take the place of the page `security.md`.
    "SECURITY.md": "reporting.md",
}
LINK = re.compile(
    r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)"
)
ANCHOR = re.compile(r'<a href="(?!https?:|#|mailto:)([^"#]+)(#[^"]*)?">(.*?)</a>', re.DOTALL)


def notebooks() -> list[Path]:
    """Return the notebooks in the order of their numbers."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def on_config(config: MkDocsConfig) -> None:
    """Add the notebooks, and pages that the navigation does not name."""
    entries = {title: value for entry in config.nav or [] for title, value in entry.items()}
    named = {page for value in entries.values() if isinstance(value, list) for page in value}
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    entries["How to"] += sorted(pages - named)
    entries["Tutorials"] = [{title_of(path): f"notebooks/{path.name}"} for path in notebooks()]
    config.nav = [{title: value} for title, value in entries.items()]


def title_of(path: Path) -> str:
    """Return a notebook's first heading, up to its question mark."""
    first = nbformat.read(path, as_version=4).cells[0].source.splitlines()[0]
    return re.match(r"# ([^?]*\??)", first)[1]


@event_priority(100)  # before the plugin that makes pages of notebooks
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages outside `docs`, and the Rust reference if `cargo doc` has built it."""
    sources = {name: ROOT / source for source, name in OUTSIDE.items()}
    for path in notebooks():
        name = f"notebooks/{path.name}"
        files.append(File(name, str(ROOT), config.site_dir, config.use_directory_urls))
    if (RUSTDOC / CRATE).exists():
        built = (path for path in RUSTDOC.rglob("*") if path.is_file())
        # The Markdown files are licences of fonts, not pages, and the lock belongs to cargo.
        built = (path for path in built if path.suffix != ".md" and path.name != ".lock")
        sources |= {f"rust/{path.relative_to(RUSTDOC)}": path for path in built}
    for name, source in sources.items():
        files.append(File.generated(config, name, abs_src_path=str(source)))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: object) -> str:
    """Make links between files of the repository lead to pages of the site."""
    markdown = LINK.sub(
        lambda found: link(found[1], found[2], found[3] or "", page, files), markdown
    )
    if page.file.src_uri == "reference/rust.md" and (RUSTDOC / CRATE).exists():
        markdown += f"\n[Open the reference](../rust/{CRATE}).\n"
    return markdown


def link(text: str, target: str, anchor: str, page: Page, files: Files) -> str:
    """Return a link to a page, or the link's text if its target is not a page."""
    place = place_of(target, page, files)
    return f"[{text}]({place}{anchor})" if place else text


def place_of(target: str, page: Page, files: Files) -> str | None:
    """Return the path of a file of the repository on the site, relative to a page."""
    here = {site: source for source, site in OUTSIDE.items()}.get(page.file.src_uri)
    if here is None:
        inside = page.file.src_uri.startswith("notebooks/")
        here = page.file.src_uri if inside else f"docs/{page.file.src_uri}"
    meant = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
    site = OUTSIDE.get(meant) or meant.removeprefix("docs/")
    if files.get_file_from_path(site) is None:
        return None
    return posixpath.relpath(site, posixpath.dirname(page.file.src_uri) or ".")


def on_page_content(html: str, page: Page, files: Files, **_: object) -> str:
    """Do the same for the links of notebooks, which are HTML already."""
    if not page.file.src_uri.endswith(".ipynb"):
        return html

    def lead(found: re.Match[str]) -> str:
        place = place_of(found[1], page, files)
        if place is None:
            return found[3]
        there = re.sub(r"\.(md|ipynb)$", ".html", place)
        return f'<a href="{there}{found[2] or ""}">{found[3]}</a>'

    said = "No description has been provided for this image"
    return ANCHOR.sub(lead, html).replace(said, "A chart, drawn by the code above")
