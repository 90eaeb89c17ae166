"""docs/security.md names tests for each boundary, which exist; SECURITY.md promises no more."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/security.md").read_text()
POLICY = (ROOT / "SECURITY.md").read_text()


def sections() -> dict[str, str]:
    """The text below each heading, by the heading."""
    parts = re.split(r"^## (.+)$", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def guards(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^\* `([\w./-]+)::(\w+)`$", text, flags=re.MULTILINE)


def test_every_boundary_has_a_guard() -> None:
    found = sections()
    without = [heading for heading, text in found.items() if not guards(text)]
    assert without == ["What is not protected"]
    for boundary in ("Answers", "Result files", "Arrow", "ledger", "local server", "Secrets"):
        assert any(boundary in heading for heading in found), boundary


def test_every_guard_is_a_test() -> None:
    named = guards(PAGE)
    assert len(named) > 40
    missing = []
    for file, test in named:
        path = ROOT / file
        text = path.read_text() if path.exists() else ""
        if file.endswith(".py"):
            is_test = re.search(rf"^def {test}\(", text, flags=re.MULTILINE)
        else:
            is_test = re.search(
                rf"#\[(tokio::)?test[^\]]*\]\s*(#\[[^\]]*\]\s*)*(async )?fn {test}\(", text
            ) or re.search(rf"^replayed! \{{[^}}]*\b{test}: \w+,", text, flags=re.MULTILINE)
        if not is_test:
            missing.append(f"{file}::{test}")
    assert missing == []


def test_the_policy_promises_what_the_page_explains() -> None:
    anchors = {re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") for heading in sections()}
    promised = POLICY.partition("## What is promised")[2].partition("\n## Not a")[0]
    # The dependencies' promise leads to the section of all that is published.
    promised, _, _ = promised.partition("* **A release** is built")
    promises = re.findall(r"^\* (?:.+\n(?:  .+\n)*)", promised, flags=re.MULTILINE)
    assert len(promises) > 5
    for promise in promises:
        links = re.findall(r"\]\(docs/security\.md#([\w-]+)\)", promise)
        assert links, f"no section explains this promise: {promise}"
        assert set(links) <= anchors, promise
