"""Whatever ends a program while paid calls are under way: their answers are written down."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lantern
from other_api import OtherApi, other_api

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals"),
    # A second each where nothing else runs; the limits are for busy machines.
    pytest.mark.timeout(600),
]

KEY = "sentinel-key-7f3a"
ROWS = 12
# Paid calls that may be under way at the same time.
AT_ONCE = {"a job": 8, "a map": 4}


@pytest.fixture(autouse=True)
def hung_up() -> Iterator[None]:
    """Undo what `nohup` asked for, which children inherit."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


START = f"""
import asyncio, atexit, os, sys, threading, time
import arro3.core as arro3
import lantern
url, ledger = sys.argv[1:]
limits = dict.fromkeys(["sync", "batches", "credits", "bursts"])

def text(values):
    return arro3.Array(values, arro3.DataType.utf8())

numbers = [str(n) for n in range({ROWS})]
table = arro3.Table.from_pydict({{"id": text(numbers), "domain": text(numbers)}})
columns = {{"record_id": "id", "domain": "domain"}}
call = dict(columns=columns, max_credits=99, key="k", concurrency=4)
jobs = dict(max_credits=99, key="k", batch_size=1)

def left():
    print("left", flush=True)

async def told():
    await asyncio.to_thread(sys.stdin.readline)

def client(kind=lantern.Client):
    return kind("{KEY}", url, ledger=ledger, limits=limits)
"""

# Says when the program waits at its end: the last that it does in Python before that is to set the
# event, and from then on no line of Python runs in its main thread.
AT_END = """
ends = threading.Event()
atexit.register(ends.set)
main = threading.get_ident()

def at_end():
    ends.wait()
    while main in sys._current_frames():
        time.sleep(0.001)
    left()

threading.Thread(target=at_end, daemon=True).start()
"""

WORK = {
    "a job": 'client().submit(table, "email", **jobs)',
    "a map": 'client().map(table, "enrich.company", **call)',
}
AWAITED = {
    "a job": 'client(lantern.AsyncClient).submit(table, "email", **jobs)',
    "a map": 'client(lantern.AsyncClient).map(table, "enrich.company", **call)',
}

# A signal that was sent has not arrived yet, so the program says when it knows of it. Where the
# system ends a program, the thread that sends the signal to itself has seen it when it goes on.
SIGNALLED = """
import signal
def end():
    sys.stdin.readline()
    signal.pthread_kill(threading.get_ident(), signal.NAME)
    if signal.NAME != signal.SIGINT:
        left()
threading.Thread(target=end, daemon=True).start()
try:
    WORK
except KeyboardInterrupt:
    left()
    raise
"""

LEFT = {
    "a time limit": """
async def main():
    try:
        async with asyncio.timeout(None) as limit:
            async def hurry():
                await told()
                limit.reschedule(asyncio.get_running_loop().time())
            hurrying = asyncio.create_task(hurry())
            await WORK
    except TimeoutError:
        pass
asyncio.run(main())
""",
    "a cancelled task": """
async def main():
    async def work():
        await WORK
    task = asyncio.create_task(work())
    await told()
    task.cancel()
asyncio.run(main())
""",
    "a task that the loop leaves behind": """
async def main():
    async def work():
        await WORK
    task = asyncio.create_task(work())
    await told()
asyncio.run(main())
""",
    "the end of the program": """
threading.Thread(target=lambda: WORK, daemon=True).start()
sys.stdin.readline()
""",
    "an exception": """
threading.Thread(target=lambda: WORK, daemon=True).start()
sys.stdin.readline()
raise RuntimeError("wrong")
""",
    "sys.exit in a handler": """
import signal
def end(*_):
    sys.exit(7)
signal.signal(signal.SIGTERM, end)
WORK
""",
}


class Api:
    """An API that holds its paid answers back until it is told to give them."""

    def __init__(self, tmp_path: Path) -> None:
        self.arrived = threading.Semaphore(0)
        self.numbers = itertools.count(1)
        self.answers = threading.Event()
        self.ledger = tmp_path / "ledger.sqlite"
        self.api: OtherApi

    def answer(self, method: str, path: str, body: Any) -> Any:
        if method != "POST":
            return {"run_id": path.split("/")[-2], "status": "queued"}
        number = next(self.numbers)
        self.arrived.release()
        assert self.answers.wait(240)
        if path.startswith("/v1/agents/"):
            run = f"00000000-0000-4000-8000-{number:012}"
            return {"run_id": run, "result_path": f"s3://bucket/{run}.csv"}
        return {"success": True, "credits_consumed": 1, "company": {"name": body["domain"]}}

    def begun(self) -> None:
        """Waits for a paid request."""
        assert self.arrived.acquire(timeout=240), "no paid call arrived"

    def written(self) -> tuple[int, list[str]]:
        """How many answers the ledger has, and the states of the batches or calls."""
        limits = dict.fromkeys(["sync", "batches", "credits", "bursts"])
        client = lantern.Client(KEY, self.api.url, ledger=self.ledger, limits=limits)
        states = client.job("k").credits().column("state").to_pylist()
        return sum(state in ("accepted", "loaded") for state in states), states


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Api]:
    held = Api(tmp_path)
    with other_api(held.answer) as api:
        held.api = api
        yield held
        held.answers.set()


@pytest.fixture
def start(held: Api) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a Python program against the API."""
    programs: list[subprocess.Popen[str]] = []

    def run(script: str) -> subprocess.Popen[str]:
        programs.append(
            subprocess.Popen(
                [sys.executable, "-c", START + script, held.api.url, str(held.ledger)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return programs[-1]

    yield run
    for program in programs:
        program.kill()
        program.communicate()


def tell(program: subprocess.Popen[str]) -> None:
    """Tells a program to leave its call behind, and waits until it has."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write("\n")
    program.stdin.flush()
    assert program.stdout.readline() == "left\n"


def assert_all_written(held: Api) -> None:
    written, states = held.written()
    assert written == len(held.api.posts()) > 0, states
    assert not {"sending", "in_doubt"} & set(states), states


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_waits_for_the_answers_of_paid_calls_and_sends_no_more(
    name: str, work: str, held: Api, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    program = start(SIGNALLED.replace("WORK", WORK[work]).replace("NAME", name))
    held.begun()
    tell(program)
    held.answers.set()
    _, errors = program.communicate(timeout=240)
    # Ctrl-C is an exception of Python, after which it ends itself by the signal.
    assert program.returncode == -signal.Signals[name], errors
    assert ("KeyboardInterrupt" in errors) == (name == "SIGINT"), errors
    assert_all_written(held)
    assert len(held.api.posts()) <= AT_ONCE[work], "no more is sent"


@pytest.mark.parametrize("work", AWAITED)
@pytest.mark.parametrize("way", LEFT)
def test_a_call_that_nobody_waits_for_is_written_down_before_the_program_ends(
    way: str, work: str, held: Api, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    by_loop = "asyncio" in LEFT[way]
    program = start(AT_END + LEFT[way].replace("WORK", (AWAITED if by_loop else WORK)[work]))
    held.begun()
    if "handler" in way:
        program.send_signal(signal.SIGTERM)
        assert program.stdout is not None
        assert program.stdout.readline() == "left\n"
    else:
        tell(program)
    held.answers.set()
    _, errors = program.communicate(timeout=240)
    code = {"an exception": 1, "sys.exit in a handler": 7}.get(way, 0)
    assert program.returncode == code, errors
    assert_all_written(held)
    assert len(held.api.posts()) <= AT_ONCE[work], "no more is sent"


@pytest.mark.parametrize("work", WORK)
def test_a_signal_waits_for_some_seconds_only_and_leaves_the_call_in_doubt(
    work: str, held: Api, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    program = start(WORK[work])
    held.begun()
    program.send_signal(signal.SIGTERM)
    assert program.wait(timeout=240) == -signal.SIGTERM
    _, states = held.written()
    assert set(states) <= {"planned", "in_doubt"}
    assert states.count("in_doubt") == len(held.api.posts())


def test_a_signal_without_a_paid_call_ends_the_program_at_once(
    held: Api, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    program = start("own = client()\nleft()\nsys.stdin.readline()")
    assert program.stdout is not None
    assert program.stdout.readline() == "left\n"
    program.send_signal(signal.SIGTERM)
    assert program.wait(timeout=240) == -signal.SIGTERM


def test_a_forked_child_ends_at_once_while_its_parent_pays(
    held: Api, start: Callable[[str], subprocess.Popen[str]]
) -> None:
    program = start(f"""
threading.Thread(target=lambda: {WORK["a map"]}, daemon=True).start()
sys.stdin.readline()
import signal, time
child = os.fork()
if child == 0:
    time.sleep(60)
os.kill(child, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
""")
    held.begun()
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write("\n")
    program.stdin.flush()
    assert program.stdout.readline() == f"{-signal.SIGTERM}\n"
    held.answers.set()
    assert program.wait(timeout=240) == 0
    assert_all_written(held)


def command(held: Api, tmp_path: Path, **options: Any) -> subprocess.Popen[str]:
    people = tmp_path / "people.csv"
    people.write_text("id\n" + "".join(f"{n}\n" for n in range(ROWS)))
    words = ["submit", str(people), "--kind", "email", "--max-credits", "99", "--key", "k"]
    words += ["--batch-size", "3", "--base-url", held.api.url, "--ledger", str(held.ledger)]
    words += ["--rate", "off"]
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "lantern"), *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"LANTERN_API_KEY": KEY},
        **options,
    )


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_the_command_waits_for_the_answers_of_paid_calls(
    name: str, held: Api, tmp_path: Path
) -> None:
    program = command(held, tmp_path)
    held.begun()
    program.send_signal(signal.Signals[name])
    assert program.stderr is not None
    assert program.stderr.readline().startswith("stopping when what is being sent is answered")
    held.answers.set()
    _, errors = program.communicate(timeout=240)
    assert program.returncode == 130, errors
    assert_all_written(held)


def test_a_command_under_nohup_goes_on(held: Api, tmp_path: Path) -> None:
    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        program = command(held, tmp_path)
    finally:
        signal.signal(signal.SIGHUP, ignored)
    held.begun()
    program.send_signal(signal.SIGHUP)
    program.send_signal(signal.SIGTERM)
    assert program.stderr is not None
    assert program.stderr.readline().startswith("stopping when what is being sent is answered")
    # One more signal would stop it at once.
    program.send_signal(signal.SIGHUP)
    held.answers.set()
    _, errors = program.communicate(timeout=240)
    assert program.returncode == 130, errors
    assert_all_written(held)


PLANNED = """
import os, signal, sys, threading
import arro3.core as arro3
import lantern

numbers = arro3.Array([str(n) for n in range(20_000)], arro3.DataType.utf8())
table = arro3.Table.from_pydict({"id": numbers})

class Interrupted:
    def __arrow_c_stream__(self, requested_schema=None):
        # The thread runs once the interpreter is free: while the rows are read.
        threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()
        return table.__arrow_c_stream__(requested_schema)

client = lantern.Client("k", base_url=sys.argv[1], ledger=sys.argv[2])
columns = {"record_id": "id", "domain": "id"}
client.map(Interrupted(), "enrich.company", columns=columns, max_credits=20_000)
"""


def test_an_interrupt_while_a_map_is_planned_ends_it_before_a_call(tmp_path: Path) -> None:
    with other_api(lambda *_: {"success": True}) as api:
        program = [sys.executable, "-c", PLANNED, api.url, str(tmp_path / "ledger.sqlite")]
        done = subprocess.run(program, capture_output=True, text=True, timeout=300)
        assert done.stderr.rstrip().endswith("KeyboardInterrupt"), done.stderr
        assert "ignored" not in done.stderr
        assert not [method for method, *_ in api.requests if method == "POST"]
