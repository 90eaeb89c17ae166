"""The programs that docs/rust.md shows are doc tests: `cargo test --doc` compiles them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTED = ["src/lib.rs", "src/jobs/mod.rs"]


def test_each_program_of_the_page_is_a_doc_test() -> None:
    page = (ROOT / "docs" / "rust.md").read_text()
    shown = re.findall(r"^```rust\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    tested = []
    for name in DOCUMENTED:
        lines = (ROOT / name).read_text().splitlines()
        comment = "\n".join(line[4:] for line in lines if line.startswith("//!"))
        tested += re.findall(r"^```no_run\n(.*?)^```$", comment, re.MULTILINE | re.DOTALL)
    assert shown == tested
    assert len(shown) == len(DOCUMENTED)
