"""The same names, awaited."""

from __future__ import annotations

import asyncio
import subprocess
import sys

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


def test_a_loop_that_closes_under_a_call_says_nothing() -> None:
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
    assert done.stderr == ""
