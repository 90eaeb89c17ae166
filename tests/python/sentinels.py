"""A plugin: secrets are planted in all tests, and searched for in everything that a run leaves.

Every key, password and token of the tests begins with `sentinel-`. No output, no log and no file in
the folders of the tests may hold one, unless the test itself wrote it there: such a test has the
mark `plants`, with the names of those files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SECRET = re.compile(rb"sentinel-\w")
# As UTF-16, which Windows writes.
WIDE = re.compile("sentinel-".encode("utf-16-le"))
LARGEST = 64 << 20

leaks: list[str] = []


def holds_secret(data: bytes) -> bool:
    return bool(SECRET.search(data) or WIDE.search(data))


def files_with_secrets(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if not path.is_symlink() and path.is_file() and path.stat().st_size <= LARGEST:
            try:
                data = path.read_bytes()
            except OSError:
                continue
            if holds_secret(data):
                yield path


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "plants(*names): the test writes secrets into files of these names"
    )


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Looks through the test's own folder before it goes."""
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if folder is None:
        return
    own = {name for mark in item.iter_markers("plants") for name in mark.args}
    for path in files_with_secrets(folder):
        if path.name not in own:
            raise AssertionError(f"{path.relative_to(folder)} holds a secret")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Looks through what a test that passed has written to its outputs and logs."""
    for name, text in report.sections:
        if report.passed and holds_secret(text.encode()):
            leaks.append(f"{report.nodeid}: {name}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if leaks and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if leaks:
        terminalreporter.section("secrets that were shown")
        for leak in sorted(set(leaks)):
            terminalreporter.write_line(leak)
