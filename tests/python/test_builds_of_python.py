"""What Python offers beside threads: subinterpreters, ways to start a process, many tasks."""

from __future__ import annotations

import asyncio
import concurrent.futures
import multiprocessing
import os
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path

import pytest

import lantern

UNLIMITED = dict.fromkeys(["sync", "batches", "credits", "bursts"])

SUBINTERPRETER = """
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import lantern  # in the main one it works, before and after

code = '''
try:
    import lantern
except ImportError as error:
    print(type(error).__name__, str(error)[:200])
else:
    print("imported")
'''
for _ in range(2):
    own = interpreters.create()
    interpreters.run_string(own, code)
    interpreters.destroy(own)
print(lantern.similarity.jaro("a", "a"))
"""


def test_a_subinterpreter_is_refused_with_a_sentence_and_the_main_one_works_on() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SUBINTERPRETER], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[-1] == "1.0"
    for line in lines[:-1]:
        assert line.startswith("ImportError"), line
        assert "interpreter" in line


def test_a_build_without_the_lock_keeps_it_off() -> None:
    """Importing a module that is not made for free threads would turn the lock on again."""
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("this Python has the lock")
    assert not sys._is_gil_enabled()  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", multiprocessing.get_all_start_methods())
def test_a_process_that_is_started_in_any_way_has_a_client_that_works(
    way: str, lantern_server: lantern.LocalServer, tmp_path: Path
) -> None:
    # In a process of its own: the tests have threads, and a fork of them is tried elsewhere.
    script = tmp_path / "script.py"
    script.write_text(
        f"""
import concurrent.futures, multiprocessing, os, sys
import lantern

def remaining(place):
    url, ledger, key = place
    with lantern.Client(key, url, ledger=ledger) as client:
        return client.credits.remaining().total_credits

if __name__ == "__main__":
    place = (*sys.argv[1:3], os.environ["LANTERN_API_KEY"])
    assert remaining(place) == 1_000_000
    context = multiprocessing.get_context({way!r})
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        print(list(pool.map(remaining, [place] * 4)))
"""
    )
    done = subprocess.run(
        [sys.executable, str(script), lantern_server.url, str(tmp_path / "l.sqlite")],
        env=os.environ | {"LANTERN_API_KEY": lantern_server.key},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, f"{[1_000_000.0] * 4}\n"), done.stderr


def test_64_threads_share_a_client(lantern_server: lantern.LocalServer) -> None:
    together = threading.Barrier(64)

    def ask(number: int) -> str | None:
        together.wait()
        found = client.enrich.company(record_id=str(number), domain=f"{number}.example")
        return found.record_id

    with (
        lantern_server.client(limits=UNLIMITED) as client,
        concurrent.futures.ThreadPoolExecutor(64) as pool,
    ):
        answers = list(pool.map(ask, range(64)))
    assert answers == [str(number) for number in range(64)]


def test_1000_tasks_share_a_client(lantern_server: lantern.LocalServer) -> None:
    async def main() -> list[str | None]:
        async with lantern_server.async_client(limits=UNLIMITED) as client:

            async def ask(number: int) -> str | None:
                found = await client.enrich.company(record_id=str(number), domain="a.example")
                return found.record_id

            async with asyncio.timeout(120), asyncio.TaskGroup() as group:
                tasks = [group.create_task(ask(number)) for number in range(1_000)]
            return [task.result() for task in tasks]

    assert asyncio.run(main()) == [str(number) for number in range(1_000)]


def test_cancelled_tasks_leave_a_client_that_works(lantern_server: lantern.LocalServer) -> None:
    """Half of the tasks are cancelled while their calls are under way."""
    lantern_server.add_fault("POST /v1/enrich/*: delay 50ms")

    async def main() -> tuple[int, int]:
        async with lantern_server.async_client(limits=UNLIMITED) as client:

            async def ask(number: int) -> None:
                await client.enrich.company(record_id=str(number), domain="a.example")

            tasks = [asyncio.ensure_future(ask(number)) for number in range(100)]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            cancelled = sum(isinstance(end, asyncio.CancelledError) for end in ended)
            left = await client.credits.remaining()
            assert left.total_credits == 1_000_000
            return cancelled, sum(end is None for end in ended)

    assert asyncio.run(main()) == (50, 50)
