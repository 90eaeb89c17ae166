"""Jobs: submitted tables."""

from collections.abc import Mapping
from typing import Any, final

from arro3.core import RecordBatchReader

from lantern._async_client import AsyncClient
from lantern._client import Client
from lantern._progress import Progress, Summary
from lantern._table import Table
from lantern._types import OnFailed, OnInDoubt, PathLike

@final
class Job:
    """A submitted table, as returned by `client.submit`, `client.job` and `Job.load`.

    A job is stored in the ledger. Any process can poll it, several at the same time.

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
        spend: bool = True,
    ) -> Job:
        """Return a job that was submitted before, here or in another process.

        Args:
            key: Key of the job; `lantern.jobs()` lists them.
            client: Client to use; by default a new one, configured by the environment.
            on_in_doubt: As for `client.submit`.
            spend: As for `client.job`.

        Raises:
            JobError: If the ledger has no such job for this client's API.

        Example:
            >>> people = server.people().slice(0, 3)
            >>> _ = client.submit(people, "email", max_credits=3, key="nightly")
            >>> lantern.Job.load("nightly", client=client).kind
            'email'
        """
    @property
    def key(self) -> str:
        """Key of the job: its name in the ledger."""
    @property
    def kind(self) -> str:
        """What the job finds: `phone`, `email`, `phone-email` or `deep-research`."""
    def poll(self, timeout: float | None = 30.0, *, on_failed: OnFailed = "raise") -> Progress:
        """Send what the rate limits allow, check the batches in flight and load results.

        Returns as soon as there is nothing to do now, and at the latest when the time is over.
        `Progress.next` is the number of seconds until another poll has something to do.

        Args:
            timeout: Maximum time to work, in seconds (default 30); `None` sets no limit.
            on_failed: As for `wait`.

        Raises:
            APITimeoutError: If the API answered nothing in the whole time.
            JobError: If the job has ended and batches failed; see `on_failed`.
            APIError: If a step failed. The other steps were completed and nothing is lost: poll
                again to continue.
            OutcomeUnknown: If it is unknown whether a batch reached the API, and nothing else is
                left to do.
            ResultError: If a result is damaged or missing.
            LedgerError: If the ledger cannot be read or written.

        Example:
            >>> import time
            >>> job = client.submit(server.people().slice(0, 3), "email", max_credits=3)
            >>> while not (progress := job.poll()).ended:
            ...     time.sleep(progress.next)
            >>> progress.answered
            3
        """
    def wait(
        self,
        timeout: float | None = None,
        *,
        progress: bool = True,
        on_failed: OnFailed = "raise",
    ) -> Progress:
        """Wait until the job has ended.

        A run is first checked after 0.1 to 1 second, or later if the job's other runs took longer.
        Then it is checked less and less often, at least once a minute. If the API that works on the
        job fails, cannot be reached, breaks connections or limits all calls, or if another process
        locks the ledger, the wait continues for up to five minutes. After Ctrl-C, submit or load
        the job again to resume it.

        Args:
            timeout: Maximum time to wait, in seconds, whatever the job is waiting for; `None`
                (default) waits as long as it takes.
            progress: Whether to show a progress bar in a terminal or a notebook (default `True`).
            on_failed: What to do with batches whose runs failed, when everything else is loaded:
                `raise` (default) raises an error that names them, `resend` sends them again, at
                most three times in total, and `keep` returns with their rows as `failed`.

        Raises:
            JobTimeout: If the job did not end in time. The text says what was last seen of it. It
                can still be resumed.
            JobError: If batches failed; see `on_failed`.
            CreditLimitError: If something is left to send and `LANTERN_SPEND=off` stops all
                spending.
            OutcomeUnknown: If it is unknown whether a batch reached the API, and everything else is
                loaded.
            APIError: If a step failed; see `poll`.

        Example:
            >>> job = client.submit(server.people().slice(0, 3), "phone", max_credits=15)
            >>> job.wait(timeout=60).state
            'done'
        """
    def progress(self) -> Progress:
        """Return the progress that the ledger has recorded, without an API call.

        Raises:
            LedgerError: If the ledger cannot be read.

        Example:
            >>> progress = job.progress()
            >>> progress.credits, progress.max_credits
            (11, 30)
        """
    def table(self, *, provenance: bool = False) -> Table:
        """Return the result: one row per input row, in the same order.

        The columns are:

        - The id, under its name in the input. Integer ids keep their type. If people were submitted
          by `columns`, there is no id; the first column is `row`, the number of the row, from 0.
        - `status`: `found`, `not_found`, `missing`, `over_budget`, `pending`, `failed`, `in_doubt`,
          `skipped`, `no_id`, `incomplete` (a field that the call needs is missing), `suppressed`
          or `erased` (see `lantern.forget` and `lantern.purge`).
        - `error`: why there is no answer, or null.
        - `reused`: whether the answer was known from an earlier job, so that it cost nothing.
        - With `provenance`: `answered_at` (time), `run_id` and `credits` (what the answer cost when
          it was bought; null if there is no credit report).
        - The columns of the result: `first_name`, `last_name`, `company_name`, `company_url`,
          `linkedin`, `email` and `phone_number` (strings), `email_found` and `phone_found`
          (booleans), and any others in the result file. If a name is already taken, `_result` is
          added to it.

        Args:
            provenance: Whether to add columns that say where each answer comes from (default
                `False`).

        Raises:
            ResultError: If a result file is damaged, or is missing and cannot be downloaded again.

        Example:
            >>> table = job.table()
            >>> table.select(["id", "status", "email", "phone_number"]).slice(2, 2).to_pylist()
            [{'id': 'P0000003', 'status': 'found', 'email': None, 'phone_number': '+15148696779'},
             {'id': 'P0000004', 'status': 'found', 'email': 'pagarwal@jain-solar.in',
              'phone_number': '+919971381872'}]
        """
    def tables(self) -> RecordBatchReader:
        """Return the rows of `table` in parts, for a result that is too large for memory.

        Each part has at most 65,536 rows and is created when it is read, so for a job over ids only
        one part is in memory at a time. Polars, DuckDB, PyArrow and arro3 read the stream without a
        copy. For deep research, a column has the type on which all result files agree, or else it
        is text.

        Returns:
            An `arro3.core.RecordBatchReader`. Reading it raises an error if a result file is
            damaged, or is missing and cannot be downloaded again.

        Raises:
            ResultError: If a result file is missing and cannot be downloaded again.

        Example:
            >>> sum(part.num_rows for part in job.tables())
            5
        """
    def write(self, path: PathLike) -> int:
        """Write the rows of `table` to a Parquet file, in constant memory.

        A file that is already there is replaced once the new one is complete.

        Args:
            path: File to write.

        Returns:
            The number of rows written.

        Raises:
            ResultError: If a result file is damaged, or is missing and cannot be downloaded again.
            InputError: If the file cannot be written.

        Example:
            >>> import os, tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     job.write(os.path.join(folder, "people.parquet"))
            5
        """
    def credits(self) -> Table:
        """Return a table with one row per batch.

        The columns are `batch` (from 1), `state` (`planned`, `sending`, `accepted`, `completed`,
        `loaded`, `in_doubt`, `failed` or `skipped`), `ids`, `returned`, `over_budget`, `emails`,
        `phones`, `max_credits` (maximum cost), `credits` (actual cost; null until it is known),
        `run_id`, `result_path` and `credits_path` (where the API writes the result and the credit
        report), `error`, `sends`, `idempotency_key` (the header by which the API's support can find
        the request), and the times `sent_at`, `accepted_at`, `finished_at` and `loaded_at` (UTC).

        Raises:
            LedgerError: If the ledger cannot be read.

        Example:
            >>> batches = job.credits()
            >>> batches.select(["batch", "state", "ids", "max_credits", "credits"]).to_pylist()
            [{'batch': 1, 'state': 'loaded', 'ids': 5, 'max_credits': 30, 'credits': 11}]
        """
    def missing(self) -> Table:
        """Return the rows without an answer: `row` (from 0), the id, `status` and `error`.

        There is no id if people were submitted by `columns`.

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
        """Return what was found, what it cost, and what is missing and why, without an API call.

        Raises:
            ResultError: As for `table`.

        Example:
            >>> job.summary().rows
            {'found': 2, 'not_found': 3}
        """
    def in_doubt(self) -> Table:
        """Return the batches of which it is unknown whether they reached the API.

        The columns are those of `credits()`.

        Raises:
            LedgerError: If the ledger cannot be read.

        Example:
            >>> server.add_fault("POST /v1/agents/*: reset after times 1")
            >>> client.submit(server.people().slice(0, 5), "email", max_credits=5, key="lost")
            Traceback (most recent call last):
                ...
            lantern.exceptions.OutcomeUnknown: job "lost": batch 1 (POST /v1/agents/email) may have
            arrived and cost up to 5 credits (...); decide with ...
            >>> job = client.job("lost")
            >>> job.in_doubt().select(["batch", "ids", "max_credits", "sends"]).to_pylist()
            [{'batch': 1, 'ids': 5, 'max_credits': 5, 'sends': 1}]
        """
    def unread(self) -> Table:
        """Return the paid answers that could not be read or assigned to rows, unchanged.

        The columns are `batch` (number of the batch or call, as in `credits()`), `state`, `row`
        (first row of a call, from 0; null for a batch) and `answer` (at most 256 KiB of it). You
        can correct the answer of a call in doubt, and pass it to `resolve`.

        Raises:
            LedgerError: If the ledger cannot be read.

        Example:
            >>> server.add_fault("POST /v1/agents/*: status 500 times 1")
            >>> people = server.people().slice(0, 5)
            >>> job = client.submit(people, "email", max_credits=5, on_in_doubt="skip")
            >>> _ = job.wait(timeout=60)
            >>> job.unread().column("answer").to_pylist()
            ['{"success":false,"error":...}']
        """
    def resolve(
        self,
        batch: int,
        run_id: str | None = None,
        *,
        answer: Mapping[str, Any] | None = None,
        result_path: str | None = None,
        credits_path: str | None = None,
    ) -> None:
        """Record the run of a batch that reached the API, or the answer to a call.

        The batch or call must be in doubt, skipped or failed, or have a wrong run, and its result
        must not be loaded. With `result_path`, the result is loaded from there, even if the API
        cannot say how the run ended; the wait only continues if the API says that the run is in
        progress. Without it, the run is checked with the API. The cost of an answer is its
        `credits_consumed`, or the maximum cost of the call if this field is missing.

        Args:
            batch: Number of the batch or call, as in `credits()`.
            run_id: Id of the run of a batch, from the API or its support.
            answer: Body of the API's answer to a call of `client.map`.
            result_path: Where the result is; by default derived from the other batches of the job.
            credits_path: Where the credit report is; by default derived from the other batches.

        Raises:
            JobError: If the batch does not exist or is in another state, another batch has this
                run, no other batch shows where results are, `answer` is passed for a batch, or
                `run_id` for a call.
            InputError: If neither or both of `run_id` and `answer` are given, or the answer cannot
                be read.
            ResultError: If results may not be read from `result_path` or `credits_path`.
            ValidationError: If `run_id` is empty. Without `result_path`, if the API refuses it.
            NotFoundError: If the API does not know the run and `result_path` is not given.
            APIError: If the API could not be asked and `result_path` is not given. Nothing was
                changed.

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
        """Send a batch again that is in doubt, failed or skipped, at the risk of paying twice.

        The next `poll` or `wait` sends it. The possible cost of the earlier attempt stays counted
        as spent, so a higher budget may be necessary: submit the job again with a higher
        `max_credits`.

        Args:
            batch: Number of the batch, as in `credits()`.

        Raises:
            JobError: If the batch does not exist or is in another state.

        Example:
            >>> server.add_fault("POST /v1/agents/*: run-fails times 1")
            >>> job = client.submit(server.people().slice(0, 5), "email", max_credits=10)
            >>> job.wait(timeout=60, on_failed="keep").failed
            1
            >>> job.resend(1)
            >>> job.wait(timeout=60).answered
            5
        """
    def skip(self, batch: int) -> None:
        """Give up a batch that is in doubt, or whose run is wrong or never ends.

        It also gives up a failed batch with a result that does not fit it. Its credits count as
        spent, and other jobs may ask for its ids. `resolve` and `resend` can still be used
        afterwards.

        Args:
            batch: Number of the batch, as in `credits()`.

        Raises:
            JobError: If the batch does not exist, or is in another state.

        Example:
            >>> server.add_fault("POST /v1/agents/*: reset after times 1")
            >>> client.submit(server.people().slice(0, 5), "email", max_credits=5, key="lost")
            Traceback (most recent call last):
                ...
            lantern.exceptions.OutcomeUnknown: job "lost": batch 1 (POST /v1/agents/email) may have
            arrived and cost up to 5 credits (...); decide with ...
            >>> job = client.job("lost")
            >>> job.skip(1)
            >>> job.wait(timeout=60).credits, job.summary().rows
            (5, {'skipped': 5})
        """

@final
class AsyncJob:
    """The awaitable form of `Job`, as returned by `async_client.submit`.

    Example:
        >>> import asyncio, lantern, tempfile
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
        ...         assert (await job.unread()).num_rows == 0
        ...         assert sum(part.num_rows for part in await job.tables()) == 4
        ...         with tempfile.TemporaryDirectory() as folder:
        ...             assert await job.write(f"{folder}/answers.parquet") == 4
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
        spend: bool = True,
    ) -> AsyncJob:
        """Return a job that was submitted before; see `Job.load`."""
    @property
    def key(self) -> str:
        """Key of the job: its name in the ledger."""
    @property
    def kind(self) -> str:
        """What the job finds: `phone`, `email`, `phone-email` or `deep-research`."""
    async def poll(
        self, timeout: float | None = 30.0, *, on_failed: OnFailed = "raise"
    ) -> Progress:
        """Send what the rate limits allow, check and load results; see `Job.poll`."""
    async def wait(
        self,
        timeout: float | None = None,
        *,
        progress: bool = True,
        on_failed: OnFailed = "raise",
    ) -> Progress:
        """Wait until the job has ended; see `Job.wait`."""
    async def progress(self) -> Progress:
        """Return the progress that the ledger has recorded; see `Job.progress`."""
    async def table(self, *, provenance: bool = False) -> Table:
        """Return the result: one row per input row, in the same order; see `Job.table`."""
    async def tables(self) -> RecordBatchReader:
        """Return the rows in parts, of which reading one blocks; see `Job.tables`."""
    async def write(self, path: PathLike) -> int:
        """Write the rows of `table` to a Parquet file; see `Job.write`."""
    async def credits(self) -> Table:
        """Return a table with one row per batch; see `Job.credits`."""
    async def missing(self) -> Table:
        """Return the rows without an answer; see `Job.missing`."""
    async def summary(self) -> Summary:
        """Return what was found, what it cost, and what is missing; see `Job.summary`."""
    async def in_doubt(self) -> Table:
        """Return the batches in doubt; see `Job.in_doubt`."""
    async def unread(self) -> Table:
        """Return the paid answers that could not be read or assigned; see `Job.unread`."""
    async def resolve(
        self,
        batch: int,
        run_id: str | None = None,
        *,
        answer: Mapping[str, Any] | None = None,
        result_path: str | None = None,
        credits_path: str | None = None,
    ) -> None:
        """Record the run of a batch, or the answer to a call; see `Job.resolve`."""
    async def resend(self, batch: int) -> None:
        """Send a batch again, at the risk of paying twice; see `Job.resend`."""
    async def skip(self, batch: int) -> None:
        """Give up a batch; see `Job.skip`."""

def jobs(*, ledger: PathLike | None = None) -> Table:
    """Return the jobs of a ledger as a table, newest first.

    Args:
        ledger: File or `postgresql://` URL of the ledger; by default read from `LANTERN_LEDGER`,
            else the file in the home folder.

    Returns:
        A table with the columns `key`, `kind`, `state`, `account`, `rows`, `ids`, `answered`,
        `emails`, `phones`, `batches`, `loaded`, `in_flight`, `in_doubt`, `failed`, `max_credits`,
        `credits` and `created_at` (UTC).

    Raises:
        LedgerError: If the ledger cannot be read.

    Example:
        >>> import lantern
        >>> with lantern.LocalServer() as server:
        ...     client = server.client()
        ...     _ = client.submit(server.people().slice(0, 10), "email", max_credits=10, key="a")
        ...     lantern.jobs(ledger=client.ledger).column("key").to_pylist()
        ['a']
    """
