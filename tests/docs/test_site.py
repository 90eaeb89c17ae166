"""The site that `make docs` has built is complete and loads nothing from elsewhere."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

SITE = Path(__file__).parents[2] / "site"
# What a browser loads by itself, as against what a reader may click.
LOADED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("link", "href")}
PAGES = sorted(path for path in SITE.rglob("*.html") if path.relative_to(SITE).parts[0] != "rust")


class Page(HTMLParser):
    """The links, loaded files, anchors and headings of a page, and its list of contents."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.anchors: set[str] = set()
        self.headings: list[tuple[str, str]] = []
        self.contents: set[str] = set()
        self._navs: list[bool] = []  # for each open nav, whether it is the list of contents
        self._in_article = False
        self.feed(text)

    def handle_endtag(self, tag: str) -> None:
        if tag == "nav":
            self._navs.pop()
        elif tag == "article":
            self._in_article = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "nav":
            self._navs.append("md-nav--secondary" in (given.get("class") or ""))
        elif tag == "article":
            self._in_article = True
        elif tag in ("h1", "h2") and self._in_article:
            self.headings.append((tag, given.get("id") or ""))
        elif tag == "a" and any(self._navs):
            self.contents.add((given.get("href") or "").removeprefix("#"))
        for name, value in attributes:
            if value is None:
                continue
            if name in ("id", "name"):
                self.anchors.add(value)
            if (tag, name) in LOADED and dict(attributes).get("rel") != "canonical":
                self.loaded.add(value)
            elif (tag, name) == ("a", "href"):
                self.links.add(value)


@pytest.fixture(scope="module")
def pages() -> dict[Path, Page]:
    return {path: Page(path.read_text()) for path in PAGES}


def test_the_site_is_there() -> None:
    names = {str(path.relative_to(SITE)) for path in PAGES}
    assert {"index.html", "s3.html", "migrating.html", "reference/client.html"} <= names
    assert sum(name.startswith("notebooks/") for name in names) >= 5


def test_no_page_loads_anything_from_elsewhere(pages: dict[Path, Page]) -> None:
    away = {
        (path.name, url)
        for path, page in pages.items()
        for url in page.loaded
        if re.match(r"(?:https?:)?//", url)
    }
    assert not away


def test_every_link_leads_to_a_page_and_a_place_in_it(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        if path.name == "404.html":
            continue
        for link in page.links | page.loaded:
            if re.match(r"[a-z]+:|//", link):
                continue
            target, anchor = urldefrag(unquote(link))
            meant = (path.parent / target).resolve() if target else path
            meant = meant / "index.html" if meant.is_dir() else meant
            places = pages[meant].anchors if meant in pages else {anchor}
            if not meant.is_file() or (anchor and anchor not in places):
                broken.append((path.name, link))
    assert not broken


def test_every_page_has_one_title_and_lists_all_its_sections(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        if path.name == "404.html":
            continue
        titles = [place for tag, place in page.headings if tag == "h1"]
        assert len(titles) == 1, f"{path.name} has the titles {titles}"
        sections = {place for tag, place in page.headings if tag == "h2"}
        assert sections <= page.contents, f"{path.name} does not list {sections - page.contents}"


def test_the_search_can_be_loaded_by_a_page_that_is_opened_as_a_file(
    pages: dict[Path, Page],
) -> None:
    """Such a page can load scripts, but no JSON and no worker. tests/browser searches for real."""
    script = (SITE / "search" / "search_index.js").read_text()
    index = json.loads(script.removeprefix("var __index = "))
    found = {entry["location"] for entry in index["docs"]}
    assert {str(path.relative_to(SITE)) for path in PAGES} - found == {"404.html"}
    for path, page in pages.items():
        assert any(url.endswith("scripts/iframe-worker.js") for url in page.loaded), path.name


def test_every_public_name_is_in_the_reference() -> None:
    stub = (SITE.parent / "python" / "lantern" / "__init__.py").read_text()
    public = re.search(r"__all__ = \[(.*?)\]", stub, re.DOTALL)
    assert public
    modules = {"exceptions", "normalize", "similarity"}
    text = "".join(path.read_text() for path in (SITE / "reference").glob("*.html"))
    for name in set(re.findall(r'"(\w+)"', public[1])) - {"__version__"}:
        assert f'id="lantern.{name}"' in text or name in modules, name
    for place in (
        "lantern.similarity.jaro_winkler",
        "lantern.normalize.company_key",
        "lantern.exceptions.OutcomeUnknown",
    ):
        assert f'id="{place}"' in text, place


def test_a_compiled_class_shows_the_arguments_that_make_it() -> None:
    text = (SITE / "reference" / "client.html").read_text()
    for argument in ("storage_options", "pool_size"):
        assert f"<code>{argument}</code>" in text, argument


def test_examples_are_shown_as_code() -> None:
    for path in (SITE / "reference").glob("*.html"):
        assert "<p>&gt;&gt;&gt;" not in path.read_text(), path.name
