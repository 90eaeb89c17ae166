"""A plugin: secrets are planted in all tests, and searched for in everything that a run leaves.

Every key, password and token of the tests begins with `sentinel-`, and the keys that local servers
make up count, too. No error, no output, no log, also at the level of debugging, and no file in the
temporary folders of the run may hold one, unless the test itself wrote it there: such a test has
the mark `plants`, with the names of those files.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lantern

SECRET = re.compile(rb"sentinel-\w")
# As UTF-16, which Windows writes.
WIDE = re.compile("sentinel-".encode("utf-16-le"))
# What a local server makes up as a key is of this form.
MADE_UP = re.compile(rb"(?<![A-Za-z0-9])[A-Za-z0-9]{40}(?![A-Za-z0-9])")
LARGEST = 64 << 20

# The keys of local servers, the names of the files that tests have written secrets into, and the
# errors that showed one.
made_up: set[bytes] = set()
planted: set[str] = set()
said: list[str] = []
# The files with secrets that were left.
LEFT = pytest.StashKey[list[str]]()


def holds_secret(data: bytes) -> bool:
    return bool(
        SECRET.search(data)
        or WIDE.search(data)
        or (made_up and any(found in made_up for found in MADE_UP.findall(data)))
    )


def files_with_secrets(folder: Path, but: Iterable[str] = ()) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        try:
            read = path.is_file() and not path.is_symlink() and path.name not in but
            if read and path.stat().st_size <= LARGEST and holds_secret(path.read_bytes()):
                yield path
        except OSError:
            continue


def note(server: lantern.LocalServer) -> None:
    """Remembers what opens a server."""
    for options in [server.storage_options, {"aws_secret_access_key": server.key}]:
        secret = options["aws_secret_access_key"].encode()
        if MADE_UP.fullmatch(secret):
            made_up.add(secret)


def noting(enter: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(enter)
    def entered(server: Any, *rest: Any) -> Any:
        own = enter(server, *rest)
        note(server)
        return own

    return entered


def searching(make: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(make)
    def made(error: Exception, message: str = "", **details: object) -> None:
        make(error, message, **details)
        if holds_secret(f"{message} {details}".encode()):
            said.append(f"{type(error).__name__}: {message}")

    return made


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "plants(*names): the test writes secrets into files of these names"
    )
    # What is logged is captured, and searched with the other outputs.
    logging.getLogger("lantern").setLevel(logging.DEBUG)
    server: Any = lantern.LocalServer
    server.__enter__ = noting(server.__enter__)
    error: Any = lantern.exceptions.LanternError
    error.__init__ = searching(error.__init__)
    config.stash[LEFT] = []


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Looks through the errors of the test, and its own folder before it goes."""
    if said:
        shown, said[:] = list(said), []
        raise AssertionError(f"an error shows a secret: {shown}")
    own = {name for mark in item.iter_markers("plants") for name in mark.args}
    planted.update(own)
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if folder is None:
        return
    for path in files_with_secrets(folder, own):
        raise AssertionError(f"{path.relative_to(folder)} holds a secret")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Looks through what a test that passed has written to its outputs and logs."""
    report = yield
    if report.passed:
        shown = [name for name, text in report.sections if holds_secret(text.encode())]
        if shown:
            report.outcome = "failed"
            report.longrepr = f"a secret was shown: {', '.join(shown)}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Looks through all temporary folders of the run, also those that no test has for itself."""
    config: Any = session.config
    left = config.stash[LEFT]
    # The processes of a run have looked through their own.
    folder = config._tmp_path_factory._basetemp
    if folder and not config.pluginmanager.hasplugin("dsession"):
        left.extend(map(str, files_with_secrets(folder, planted)))
    if hasattr(config, "workeroutput"):
        config.workeroutput["left"] = left
    elif left:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes over what a process of the run has found."""
    node.config.stash[LEFT].extend(getattr(node, "workeroutput", {}).get("left", []))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if left := config.stash[LEFT]:
        terminalreporter.section("secrets that were left in files")
        for path in left:
            terminalreporter.write_line(path)
