"""Jobs: submitted tables."""

from typing import final

from lantern._async_client import AsyncClient
from lantern._client import Client
from lantern._progress import Progress, Summary
from lantern._table import Table
from lantern._types import OnInDoubt, PathLike

@final
class Job:
    """A submitted table: what `client.submit` answers, or `Job.load(key)` picks up.

    A job lives in the ledger: any process may poll it, and several may at once.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     client = server.client()
        ...     people = server.people().slice(0, 10)
        ...     job = client.submit(people, "email", max_credits=10, key="monday")
        ...     _ = job.wait(timeout=60)
        ...     lantern.Job.load("monday", client=client).table().num_rows
        10
    """

    @staticmethod
    def load(
        key: str,
        *,
        client: Client | AsyncClient | None = None,
        on_in_doubt: OnInDoubt = "raise",
    ) -> Job:
        """Picks up a job that was submitted before, here or in another process.

        Args:
            key: The job's key; `lantern.jobs()` lists them.
            client: The client to work it with; by default one from the environment.
            on_in_doubt: As for `client.submit`.

        Raises:
            JobError: The ledger has no such job for this client's API.

        Example:
            >>> people = server.people().slice(0, 3)
            >>> _ = client.submit(people, "email", max_credits=3, key="nightly")
            >>> lantern.Job.load("nightly", client=client).kind
            'email'
        """
    @property
    def key(self) -> str:
        """The job's key: its name in the ledger."""
    @property
    def kind(self) -> str:
        """What is asked: `phone`, `email`, `phone-email` or `deep-research`."""
    def poll(self) -> Progress:
        """Does one round: sends what the limits allow, looks at what is in flight, loads results.

        It waits for nothing but the answers to its own calls. `Progress.next` of what it answers is
        the seconds until another round has something to do.

        Raises:
            APIError: The first error of the round, after all else in it was done. Nothing is lost:
                the next round goes on.
            OutcomeUnknown: A batch may have been sent, and nothing else is left to do.
            ResultError: A result is damaged or missing.
            LedgerError: The ledger cannot be read or written.

        Example:
            >>> import time
            >>> job = client.submit(server.people().slice(0, 3), "email", max_credits=3)
            >>> while not (progress := job.poll()).ended:
            ...     time.sleep(progress.next)
            >>> progress.answered
            3
        """
    def wait(self, timeout: float | None = None, *, progress: bool = True) -> Progress:
        """Repeats `poll` until nothing more will happen.

        Runs are looked at after 1 s, then less and less often, up to once a minute. An API that
        answered before may be out of reach for five minutes. Ctrl-C leaves a job that goes on
        when it is submitted or loaded again.

        Args:
            timeout: Seconds to wait at most; None waits as long as it takes.
            progress: Shows a bar in a terminal and in a notebook, and nothing elsewhere.

        Raises:
            JobTimeout: The time ran out; the job goes on where it is.
            APIError: As for `poll`.

        Example:
            >>> job = client.submit(server.people().slice(0, 3), "phone", max_credits=15)
            >>> job.wait(timeout=60).state
            'done'
        """
    def progress(self) -> Progress:
        """How far the job is, as the ledger knows; makes no call.

        Raises:
            LedgerError: The ledger cannot be read.

        Example:
            >>> progress = job.progress()
            >>> progress.credits, progress.max_credits
            (11, 30)
        """
    def table(self) -> Table:
        """One row per input row, in the order of the input.

        The columns are the id (under the input's name and, for integers, in its type), `status`
        (`found`, `not_found`, `missing`, `over_budget`, `pending`, `failed`, `in_doubt`,
        `skipped`, `no_id`), `error` (why there is no answer, else null), and those of the result:
        `first_name`, `last_name`, `company_name`, `company_url`, `linkedin`, `email`,
        `phone_number` (strings), `email_found`, `phone_found` (booleans), and any others that
        came. A result column that has the name of one before it gets the ending `_result`.

        Raises:
            ResultError: A result file is damaged, or gone and cannot be fetched again.

        Example:
            >>> table = job.table()
            >>> table.select(["id", "status", "email", "phone_number"]).slice(2, 2).to_pylist()
            [{'id': 'P0000003', 'status': 'found', 'email': None, 'phone_number': '+15148696779'},
             {'id': 'P0000004', 'status': 'found', 'email': 'pagarwal@jain-solar.in',
              'phone_number': '+919971381872'}]
        """
    def credits(self) -> Table:
        """One row per batch.

        `batch` (from 1), `state` (`planned`, `sending`, `accepted`, `completed`, `loaded`,
        `in_doubt`, `failed` or `skipped`), `ids`, `returned`, `over_budget`, `emails`, `phones`,
        `max_credits` (what it may cost), `credits` (what it cost; null until it is known),
        `run_id`, `error`, `sends`, `idempotency_key` (the header by which the API's support finds
        the request), and the times `sent_at`, `accepted_at`, `finished_at` and `loaded_at` (UTC).

        Raises:
            LedgerError: The ledger cannot be read.

        Example:
            >>> batches = job.credits()
            >>> batches.select(["batch", "state", "ids", "max_credits", "credits"]).to_pylist()
            [{'batch': 1, 'state': 'loaded', 'ids': 5, 'max_credits': 30, 'credits': 11}]
        """
    def missing(self) -> Table:
        """The rows that have no answer: `row` (from 0), the id, `status` and `error`.

        Raises:
            ResultError: As for `table`.

        Example:
            >>> people = pl.DataFrame({"id": ["P0000004", None, "P9999999"]})
            >>> job = client.submit(people, "email", max_credits=2)
            >>> _ = job.wait(timeout=60)
            >>> job.missing().select(["row", "id", "status"]).to_pylist()
            [{'row': 1, 'id': None, 'status': 'no_id'},
             {'row': 2, 'id': 'P9999999', 'status': 'missing'}]
        """
    def summary(self) -> Summary:
        """What was found, what it cost, what is missing and why; makes no call.

        Raises:
            ResultError: As for `table`.

        Example:
            >>> job.summary().rows
            {'found': 2, 'not_found': 3}
        """
    def in_doubt(self) -> Table:
        """The batches that may have been sent, as rows of `credits()`.

        Raises:
            LedgerError: The ledger cannot be read.

        Example:
            >>> server.add_fault("POST /v1/agents/*: reset after times 1")
            >>> client.submit(server.people().slice(0, 5), "email", max_credits=5, key="lost")
            Traceback (most recent call last):
                ...
            lantern.exceptions.OutcomeUnknown: POST /v1/agents/email got no answer: job "lost":
            batch 1 may have arrived and cost up to 5 credits (...); decide with ...
            >>> job = client.job("lost")
            >>> job.in_doubt().select(["batch", "ids", "max_credits", "sends"]).to_pylist()
            [{'batch': 1, 'ids': 5, 'max_credits': 5, 'sends': 1}]
        """
    def resolve(
        self,
        batch: int,
        run_id: str,
        *,
        result_path: str | None = None,
        credits_path: str | None = None,
    ) -> None:
        """Says that a batch did arrive, as this run.

        For a batch that is in doubt, was skipped or failed, and for one to which a wrong run was
        attached, as long as its result is not loaded. The API is asked whether it knows the run.

        Args:
            batch: The batch's number, as in `credits()`.
            run_id: The run that the API or its support names.
            result_path: Where its result lies; by default as for the other batches of the job.
            credits_path: Where its credit report lies, likewise.

        Raises:
            JobError: There is no such batch, it is in none of these states, another batch has the
                run, or no other batch shows where results lie.
            ValidationError: `run_id` is no UUID.
            NotFoundError: The API does not know the run.
            APIError: The API could not be asked; nothing was changed.

        Example:
            >>> server.add_fault("POST /v1/agents/*: reset after times 1")
            >>> job = client.submit(
            ...     server.people().slice(0, 5), "email", max_credits=5, on_in_doubt="skip"
            ... )
            >>> job.wait(timeout=60).state, job.table().column("status").to_pylist()[3]
            ('done', 'skipped')
            >>> run = server.runs().to_pylist()[-1]  # it did arrive; here the server tells its run
            >>> job.resolve(1, run["run_id"], result_path=run["result_path"])
            >>> job.wait(timeout=60).state, job.table().column("status").to_pylist()[3]
            ('done', 'found')
        """
    def resend(self, batch: int) -> None:
        """Sends a batch again that is in doubt, failed or skipped, at the risk of paying twice.

        It is sent at the next `poll` or `wait`. What the former sending may have cost stays counted
        as spent, so the budget may have to be raised: submit the job again with a higher one.

        Args:
            batch: The batch's number, as in `credits()`.

        Raises:
            JobError: There is no such batch, or it is in none of these states.

        Example:
            >>> server.add_fault("POST /v1/agents/*: run-fails times 1")
            >>> job = client.submit(server.people().slice(0, 5), "email", max_credits=10)
            >>> job.wait(timeout=60).failed
            1
            >>> job.resend(1)
            >>> job.wait(timeout=60).answered
            5
        """
    def skip(self, batch: int) -> None:
        """Gives a batch up that is in doubt, or whose run is the wrong one or does not end.

        Its credits count as spent. `resolve` and `resend` can still take it up again.

        Args:
            batch: The batch's number, as in `credits()`.

        Raises:
            JobError: There is no such batch, or it is neither in doubt nor accepted or completed.

        Example:
            >>> server.add_fault("POST /v1/agents/*: reset after times 1")
            >>> client.submit(server.people().slice(0, 5), "email", max_credits=5, key="lost")
            Traceback (most recent call last):
                ...
            lantern.exceptions.OutcomeUnknown: POST /v1/agents/email got no answer: job "lost":
            batch 1 may have arrived and cost up to 5 credits (...); decide with ...
            >>> job = client.job("lost")
            >>> job.skip(1)
            >>> job.wait(timeout=60).credits, job.summary().rows
            (5, {'skipped': 5})
        """

@final
class AsyncJob:
    """`Job`, awaitable: what `async_client.submit` answers.

    Example:
        >>> import asyncio, lantern
        >>> async def work() -> list[str]:
        ...     faults = ["POST /v1/agents/*: reset after times 1"]
        ...     with lantern.LocalServer(limits="off", faults=faults) as server:
        ...         client = server.async_client()
        ...         people = server.people().slice(0, 4)
        ...         job = await client.submit(people, "email", max_credits=8, on_in_doubt="skip")
        ...         print(await job.wait(timeout=60))
        ...         job = await lantern.AsyncJob.load(job.key, client=client)
        ...         lost = server.runs().to_pylist()[0]  # the batch that was in doubt did arrive
        ...         await job.resolve(1, lost["run_id"], result_path=lost["result_path"])
        ...         await job.skip(1)  # or give it up
        ...         await job.resend(1)  # or send it again
        ...         while not (progress := await job.poll()).ended:
        ...             await asyncio.sleep(progress.next)
        ...         assert (await job.progress()).answered == (await job.table()).num_rows == 4
        ...         assert (await job.missing()).num_rows == (await job.in_doubt()).num_rows == 0
        ...         print((await job.summary()).rows)
        ...         return (await job.credits()).column("state").to_pylist()
        >>> asyncio.run(work())
        <email-... [email] done: 0 of 4 ids answered, 0 of 1 batches loaded, 1 skipped, 4 of 8
        credits spent>
        {'found': 1, 'not_found': 3}
        ['loaded']
    """

    @staticmethod
    async def load(
        key: str,
        *,
        client: Client | AsyncClient | None = None,
        on_in_doubt: OnInDoubt = "raise",
    ) -> AsyncJob:
        """See `Job.load`."""
    @property
    def key(self) -> str:
        """The job's key: its name in the ledger."""
    @property
    def kind(self) -> str:
        """What is asked: `phone`, `email`, `phone-email` or `deep-research`."""
    async def poll(self) -> Progress:
        """See `Job.poll`."""
    async def wait(self, timeout: float | None = None, *, progress: bool = True) -> Progress:
        """See `Job.wait`."""
    async def progress(self) -> Progress:
        """See `Job.progress`."""
    async def table(self) -> Table:
        """See `Job.table`."""
    async def credits(self) -> Table:
        """See `Job.credits`."""
    async def missing(self) -> Table:
        """See `Job.missing`."""
    async def summary(self) -> Summary:
        """See `Job.summary`."""
    async def in_doubt(self) -> Table:
        """See `Job.in_doubt`."""
    async def resolve(
        self,
        batch: int,
        run_id: str,
        *,
        result_path: str | None = None,
        credits_path: str | None = None,
    ) -> None:
        """See `Job.resolve`."""
    async def resend(self, batch: int) -> None:
        """See `Job.resend`."""
    async def skip(self, batch: int) -> None:
        """See `Job.skip`."""

def jobs(*, ledger: PathLike | None = None) -> Table:
    """Jobs of a ledger as a table, the newest first.

    Args:
        ledger: The ledger's file or `postgresql://` URL; by default `LANTERN_LEDGER`, else the file
            in the home folder.

    Returns:
        `key`, `kind`, `state`, `account`, `rows`, `ids`, `answered`, `emails`, `phones`, `batches`,
        `loaded`, `in_flight`, `in_doubt`, `failed`, `max_credits`, `credits`, `created_at` (UTC).

    Raises:
        LedgerError: The ledger cannot be read.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     client = server.client()
        ...     _ = client.submit(server.people().slice(0, 10), "email", max_credits=10, key="a")
        ...     lantern.jobs(ledger=client.ledger).column("key").to_pylist()
        ['a']
    """
