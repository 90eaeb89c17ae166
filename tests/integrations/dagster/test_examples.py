"""What the docstrings show is run, and prints what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import lantern
from lantern.integrations import dagster as integration
from lantern.integrations.dagster import LanternResource


@pytest.mark.parametrize("name", integration.__all__)
def test_an_example_runs(
    name: str, server: lantern.LocalServer, resource: LanternResource, tmp_path: Path
) -> None:
    folder = tmp_path / "tables"
    given = {"server": server, "resource": resource, "folder": folder}
    tests = doctest.DocTestFinder(exclude_empty=True).find(
        getattr(integration, name), name, module=False, globs=given
    )
    assert name in {test.name for test in tests if test.examples}
    for test in tests:
        report: list[str] = []
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
        assert result.failed == 0, "".join(report)
