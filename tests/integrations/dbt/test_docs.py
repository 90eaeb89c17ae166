"""The models that docs/dbt.md shows are those of the example project."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_models_shown_are_those_that_the_tests_build() -> None:
    shown = FENCE.findall((ROOT / "docs" / "dbt.md").read_text())
    models = [path.read_text() for path in (ROOT / "examples" / "dbt" / "models").glob("*.py")]
    assert len(shown) == 2
    for code in shown:
        assert any(model.endswith(code) for model in models)
