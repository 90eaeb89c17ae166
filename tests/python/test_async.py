"""The same names, awaited."""

from __future__ import annotations

import ast
import asyncio
import copy
import gc
import inspect
import subprocess
import sys
import warnings
from collections.abc import Coroutine
from pathlib import Path

import pyarrow
import pytest

import lantern


async def test_a_job_from_end_to_end(lantern_server: lantern.LocalServer) -> None:
    async with lantern_server.async_client() as client:
        assert (await client.credits.remaining()).total_credits == 1_000_000
        job = await client.submit(
            lantern_server.people().slice(0, 30), "email", max_credits=30, key="a"
        )
        assert isinstance(job, lantern.AsyncJob)
        assert (await job.wait(timeout=60)).state == "done"
        assert (await job.table()).num_rows == 30
        assert (await job.summary()).credits == (await job.progress()).credits
        assert (await job.missing()).num_rows == 0
        assert (await (await lantern.AsyncJob.load("a", client=client)).poll()).answered == 30
        assert (
            await client.agents.status((await job.credits()).column("run_id")[0].as_py())
        ).status


async def test_many_calls_at_once(lantern_server: lantern.LocalServer) -> None:
    async with lantern_server.async_client() as client:
        answers = await asyncio.gather(*(client.credits.remaining() for _ in range(50)))
        assert {answer.total_credits for answer in answers} == {1_000_000}


async def test_the_loop_runs_while_a_job_is_awaited() -> None:
    with lantern.LocalServer(limits="off", work_delay=0.5) as server:
        async with server.async_client() as client:
            job = await client.submit(server.people().slice(0, 5), "email", max_credits=5)
            ticks = 0

            async def tick() -> None:
                nonlocal ticks
                while True:
                    ticks += 1
                    await asyncio.sleep(0.01)

            ticking = asyncio.create_task(tick())
            assert (await job.wait(timeout=60)).state == "done"
            ticking.cancel()
            assert ticks > 20


async def test_a_cancelled_wait_leaves_a_job_that_goes_on(
    lantern_server: lantern.LocalServer,
) -> None:
    async with lantern_server.async_client() as client:
        job = await client.submit(lantern_server.people().slice(0, 50), "email", max_credits=50)
        waiting = asyncio.ensure_future(job.wait())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await job.wait(timeout=60)).state == "done"
        assert lantern_server.runs().num_rows == 1


async def test_errors_are_the_same(lantern_server: lantern.LocalServer) -> None:
    async with lantern_server.async_client(api_key="wrong") as client:
        with pytest.raises(lantern.exceptions.AuthenticationError):
            await client.credits.remaining()
    with pytest.raises(lantern.exceptions.ConfigError, match="closed"):
        await client.credits.remaining()


def test_a_loop_that_closes_under_a_call_goes_without_a_panic() -> None:
    script = """
import asyncio, lantern
server = lantern.LocalServer(limits="off", faults=["GET /v1/credits/remaining: delay 300ms"])
client = server.async_client()
async def leave():
    task = asyncio.ensure_future(client.credits.remaining())
    await asyncio.sleep(0.05)
    return task
loop = asyncio.new_event_loop()
task = loop.run_until_complete(leave())
task.cancel()
loop.close()
async def again():
    return (await client.credits.remaining()).total_credits
print(asyncio.run(again()))
server.stop()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "1000000.0"
    # The task was not given the time to end: asyncio says so, and nobody else says a word.
    about, task = done.stderr.splitlines()
    assert about == "Task was destroyed but it is pending!"
    assert task.startswith("task: <Task")
    assert "AsyncCredits.remaining()" in task


def test_a_loop_that_ends_its_tasks_says_nothing() -> None:
    script = """
import asyncio, lantern
server = lantern.LocalServer(limits="off", faults=["GET /v1/credits/remaining: delay 30s"])
client = server.async_client()
async def leave():
    task = asyncio.create_task(client.credits.remaining())
    await asyncio.sleep(0.05)
asyncio.run(leave())
server.stop()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def paid(server: lantern.LocalServer) -> float:
    left = server.client().credits.remaining()
    return left.total_credits - left.remaining_credits


def stubbed_coroutines() -> list[tuple[str, str]]:
    """Class and name of every `async def` in the stubs."""
    found = []
    for stub in Path(lantern.__file__).parent.glob("_*.pyi"):
        for kind in ast.parse(stub.read_text()).body:
            if isinstance(kind, ast.ClassDef):
                methods = [node for node in kind.body if isinstance(node, ast.AsyncFunctionDef)]
                found += [(kind.name, method.name) for method in methods]
    return sorted(set(found))


@pytest.mark.parametrize(("kind", "name"), stubbed_coroutines())
def test_what_the_stub_calls_async_is_a_coroutine_function(kind: str, name: str) -> None:
    method = inspect.getattr_static(getattr(lantern, kind), name)
    function = method.__func__ if isinstance(method, staticmethod) else method
    assert inspect.iscoroutinefunction(function)
    assert (function.__qualname__, function.__module__) == (f"{kind}.{name}", "lantern")
    assert "args" not in inspect.signature(function).parameters


def test_nothing_else_of_the_asynchronous_classes_is_awaited() -> None:
    kinds = {kind for kind, _ in stubbed_coroutines()}
    assert len(kinds) == 13
    for kind in kinds:
        for name, value in vars(getattr(lantern, kind)).items():
            method = value.__func__ if isinstance(value, staticmethod) else value
            if inspect.iscoroutinefunction(method):
                assert (kind, name) in stubbed_coroutines()


async def test_a_call_that_is_not_awaited_does_nothing_and_python_warns(
    lantern_server: lantern.LocalServer,
) -> None:
    async with lantern_server.async_client() as client:
        reader = lantern_server.people().slice(0, 3).to_pyarrow().to_reader()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for call in (
                lambda: client.enrich.company(record_id="1", domain="acme.com"),
                lambda: client.enrich.phone(record_id="1", first_name="Ada"),
                lambda: client.submit(reader, "email", max_credits=3, key="never"),
                lambda: client.map(reader, "enrich.company", columns={}, max_credits=3),
                lambda: client.close(),
            ):
                coroutine = call()
                assert inspect.iscoroutine(coroutine)
                await asyncio.sleep(0)
                del coroutine
                gc.collect()
        said = [str(warning.message) for warning in caught]
        assert all(warning.category is RuntimeWarning for warning in caught)
        assert said == [
            f"coroutine '{name}' was never awaited"
            for name in (
                "AsyncEnrich.company",
                "AsyncEnrich.phone",
                "AsyncClient.submit",
                "AsyncClient.map",
                "AsyncClient.close",
            )
        ]
        assert paid(lantern_server) == 0
        assert lantern_server.runs().num_rows == 0
        assert reader.read_all().num_rows == 3
        assert (await client.credits.remaining()).total_credits == 1_000_000


async def test_a_closed_coroutine_sends_nothing(lantern_server: lantern.LocalServer) -> None:
    async with lantern_server.async_client() as client:
        coroutine = client.enrich.company(record_id="1", domain="acme.com")
        coroutine.close()
        with pytest.raises(RuntimeError, match="cannot reuse"):
            await coroutine
        assert paid(lantern_server) == 0


async def test_tasks_groups_and_timeouts_take_the_calls(
    lantern_server: lantern.LocalServer,
) -> None:
    async with lantern_server.async_client() as client:
        task = asyncio.create_task(client.enrich.company(record_id="1", domain="acme.com"))
        async with asyncio.TaskGroup() as group:
            left = group.create_task(client.credits.remaining())
            job = group.create_task(
                client.submit(lantern_server.people().slice(0, 5), "email", max_credits=5)
            )
        assert left.result().remaining_credits <= 1_000_000
        assert (await asyncio.wait_for(job.result().wait(), 60)).state == "done"
        assert (await asyncio.shield(task)).credits_consumed is not None
        async with asyncio.timeout(60):
            await client.credits.remaining()
        first, *_ = await asyncio.gather(client.credits.remaining(), job.result().summary())
        assert first.remaining_credits < 1_000_000
        done, pending = await asyncio.wait([asyncio.create_task(client.credits.remaining())])
        assert (len(done), len(pending)) == (1, 0)


async def test_a_group_cancels_what_is_under_way() -> None:
    slow = "GET /v1/credits/remaining: delay 30s"
    with lantern.LocalServer(limits="off", faults=[slow]) as server:
        async with server.async_client() as client:
            waiting: list[asyncio.Task[lantern.Remaining]] = []

            async def grouped() -> None:
                async with asyncio.TaskGroup() as group:
                    waiting.append(group.create_task(client.credits.remaining()))
                    group.create_task(client.salesforce.convert(lead_sf_id="no id"))

            with pytest.raises(ExceptionGroup) as raised:
                await grouped()
            assert waiting[0].cancelled()
            assert raised.group_contains(lantern.exceptions.ValidationError)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.credits.remaining(), 0.05)


def test_run_and_runner_take_a_call(lantern_server: lantern.LocalServer) -> None:
    client = lantern_server.async_client()
    assert asyncio.run(client.credits.remaining()).total_credits == 1_000_000
    with asyncio.Runner() as runner:
        call: Coroutine[object, object, lantern.Remaining] = client.credits.remaining()
        assert runner.run(call).total_credits == 1_000_000
        runner.run(client.close())


async def test_wrong_arguments_are_refused_when_the_call_is_awaited(
    lantern_server: lantern.LocalServer,
) -> None:
    async with lantern_server.async_client() as client:
        call = client.submit(pyarrow.table({"id": ["1"]}), "fax", max_credits=1)  # type: ignore[arg-type]
        with pytest.raises(lantern.exceptions.ValidationError):
            await call
        with pytest.raises(TypeError, match="takes no keyword arguments"):
            await client.credits.remaining(nonsense=1)  # type: ignore[call-arg]


async def test_a_copy_is_the_same_client(lantern_server: lantern.LocalServer) -> None:
    async with lantern_server.async_client() as client:
        assert copy.copy(client) is client
        assert copy.deepcopy({"client": client})["client"] is client
