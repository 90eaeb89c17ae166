"""A forked child gets a client that works, never a hang."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

import lantern

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")

SCRIPT = """
import os, signal, sys, threading, warnings
import lantern, polars

warnings.simplefilter("ignore", DeprecationWarning)  # threads and fork: that is what is tested
forks = int(sys.argv[1])
server = lantern.LocalServer(limits="off")
client = server.client()
people = server.people()
done = client.submit(people.slice(0, 50), "email", max_credits=50, key="done")
done.wait(timeout=60, progress=False)
assert done.table().num_rows == 50  # the parent has worked with threads that a child lacks
stop = threading.Event()
failures = []

def traffic():
    while not stop.is_set():
        try:
            client.credits.remaining()
        except Exception as error:
            failures.append(error)

def waiting():
    number = 0
    while not stop.is_set():
        number += 1
        job = client.submit(people.slice(0, 300), "email", max_credits=300, key=f"w{number}",
                            batch_size=100, reuse=False)
        job.wait(timeout=60, progress=False)

threads = [threading.Thread(target=traffic) for _ in range(3)]
threads.append(threading.Thread(target=waiting))
for thread in threads:
    thread.start()
bad = 0
for number in range(forks):
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)  # a hang ends the child, which the parent counts
        try:
            assert client.credits.remaining().total_credits == 1_000_000
            assert client.job("done").table().num_rows == 50
            assert done.progress().state == "done"
            if number % 20 == 0:
                own = client.submit(people.slice(0, 20), "email", max_credits=20, key=f"c{number}")
                assert own.wait(timeout=25, progress=False).state == "done"
            if number % 20 == 1:
                import asyncio
                async def left():
                    async with server.async_client(ledger=client.ledger) as own:
                        return (await own.credits.remaining()).total_credits
                assert asyncio.run(left()) == 1_000_000
            os._exit(0)
        except BaseException as error:
            print(number, repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    bad += status != 0
stop.set()
for thread in threads:
    thread.join(timeout=60)
assert not failures, failures[:3]
assert client.credits.remaining().total_credits == 1_000_000
server.stop()
print("children that failed or hung:", bad)
"""


def test_200_forks_in_the_middle_of_traffic_all_work() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "200"], capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "children that failed or hung: 0", done.stderr


def test_multiprocessing_by_fork_works(lantern_server: lantern.LocalServer) -> None:
    script = """
import multiprocessing, sys, warnings
import lantern
warnings.simplefilter("ignore", DeprecationWarning)
client = lantern.Client(limits={"credits": None})
client.credits.remaining()
def left(_):
    return client.credits.remaining().remaining_credits
with multiprocessing.get_context("fork").Pool(4) as pool:
    print(sum(pool.map(left, range(20))))
"""
    environment = os.environ | {
        "LANTERN_API_KEY": lantern_server.key,
        "LANTERN_BASE_URL": lantern_server.url,
    }
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=environment
    )
    assert done.stdout.strip() == "20000000.0", done.stderr


TABLES = """
import os, pathlib, signal, sys, warnings
import lantern, polars

warnings.simplefilter("ignore", DeprecationWarning)
folder = pathlib.Path(sys.argv[1])
columns = "id,first_name,last_name,company_name,company_url,linkedin,email,email_found"
for number in range(8):
    lines = [columns] + [f"{row},A,B,C,D,E,a@b.example,true" for row in range(2000)]
    (folder / f"{number}.csv").write_text("\\n".join(lines) + "\\n")
paths = str(folder / "*.csv")
server = lantern.LocalServer(limits="off")
client = server.client()
# More rows than one piece of work has, so that they are shared by threads.
people = polars.DataFrame(server.people())["id"].sample(140_000, with_replacement=True)
job = client.submit(people.to_frame(), "email", max_credits=10_000)
job.wait(timeout=120, progress=False)

def look():
    assert job.table().num_rows == 140_000
    assert lantern.read_results(paths).num_rows == 16_000

look()
bad = 0
for _ in range(5):
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        try:
            look()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    bad += status != 0
look()
server.stop()
print("children that failed or hung:", bad)
"""


def test_a_child_makes_tables_after_its_parent_did(tmp_path: pathlib.Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TABLES, str(tmp_path)], capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "children that failed or hung: 0", done.stderr
