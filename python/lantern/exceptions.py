"""The exceptions that `lantern` raises, one for each way to react.

Each message is one sentence that says what happened, to what, and what to do. It begins in lower
case, has no full stop and never contains the API key. If another error caused it, that error is its
`__cause__`, so that a traceback shows both.

Example:
    >>> import lantern
    >>> with lantern.LocalServer() as server:
    ...     client = server.client(api_key="wrong")
    ...     try:
    ...         client.credits.remaining()
    ...     except lantern.exceptions.AuthenticationError as error:
    ...         print(error.status, error.path)
    401 /v1/credits/remaining
"""

from __future__ import annotations

import builtins

__all__ = [
    "APIConnectionError",
    "APIError",
    "APITimeoutError",
    "AuthenticationError",
    "ConfigError",
    "CreditLimitError",
    "InputError",
    "InternalError",
    "JobError",
    "JobTimeout",
    "LanternError",
    "LedgerError",
    "LocalServerError",
    "NotFoundError",
    "OutcomeUnknown",
    "RateLimitError",
    "ResultError",
    "ServerError",
    "ValidationError",
]


class LanternError(Exception):
    """The base class of all exceptions of `lantern`.

    The message says what happened and what to do. The details are attributes, which each class
    describes; a detail that is unknown has the default of its class.

    Args:
        message: Message of the exception.
        details: Attributes, by name.

    Attributes:
        advice: What to do about it, or `None`. The text of the exception ends with it.

    Example:
        >>> try:
        ...     client.job("tuesday")
        ... except lantern.exceptions.LanternError as error:
        ...     print(error)
        the ledger ...ledger.sqlite has no job "tuesday" for ...; lantern.jobs() lists its jobs
    """

    advice: str | None = None

    def __init__(self, message: str = "", **details: object) -> None:
        super().__init__(message)
        self.__dict__.update(details)


class ConfigError(LanternError, ValueError):
    """An invalid setting: base URL, API key, proxy, certificate or storage option.

    Example:
        >>> lantern.Client("key", "http://api.example.com")
        Traceback (most recent call last):
            ...
        lantern.exceptions.ConfigError: the base URL http://api.example.com/ would send the API key
        unencrypted; use https, or pass allow_http=True for a network that you trust
    """


class InputError(LanternError, ValueError):
    """An invalid table, number or file: a column is missing, or its type cannot hold ids.

    Attributes:
        column: Name of the invalid column, or `None`.
        row: Number of the invalid row, from 0, or `None`.

    Example:
        >>> client.submit(pl.DataFrame({"person": ["P0000004"]}), "email", max_credits=1)
        Traceback (most recent call last):
            ...
        lantern.exceptions.InputError: the table has no column "id" (its columns: "person")
    """

    column: str | None = None
    row: int | None = None


class LedgerError(LanternError):
    """The ledger cannot be read or written.

    Attributes:
        path: Path of the ledger's file, or `None`.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "notes.txt")
        ...     _ = path.write_text("Buy milk. " * 100)
        ...     try:
        ...         lantern.jobs(ledger=path)
        ...     except lantern.exceptions.LedgerError as error:
        ...         print(error.path == str(path), error)
        True the ledger ...notes.txt cannot be read: it is not a SQLite file
    """

    path: str | None = None


class JobError(LanternError):
    """A job is unknown, another job has the same key, or batches of a job failed at the API.

    Attributes:
        key: Key of the job, or `None`.
        batch: Number of the batch that failed, or `None`.

    Example:
        >>> _ = client.submit(server.people().slice(0, 2), "email", max_credits=2, key="monday")
        >>> client.submit(server.people().slice(0, 3), "email", max_credits=3, key="monday")
        Traceback (most recent call last):
            ...
        lantern.exceptions.JobError: job "monday" was submitted before and is another one: this
        table has 1 ids that the job does not have, and lacks 0 that it has; use another key=, or
        leave it out
    """

    key: str | None = None
    batch: int | None = None


class JobTimeout(LanternError, builtins.TimeoutError):
    """A wait that timed out before the job ended. The job can still be resumed.

    Attributes:
        key: Key of the job.

    Example:
        >>> with lantern.LocalServer(work_delay=60) as slow:
        ...     job = slow.client().submit(slow.people().slice(0, 2), "email", max_credits=2)
        ...     try:
        ...         job.wait(timeout=0.1)
        ...     except TimeoutError as error:  # Python's own, as well
        ...         print(error.key == job.key, job.progress().in_flight)
        True 1
    """

    key: str | None = None


class ResultError(LanternError):
    """A result file is missing, truncated or malformed.

    Attributes:
        file: Path or URL of the file, without a query.
        line: Number of the invalid line, where 1 is the header; `None` if the error has no line.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "result.csv")
        ...     pl.DataFrame({"key": ["P1"], "email": ["ada@acme.com"]}).write_csv(path)
        ...     try:
        ...         lantern.read_results(path)
        ...     except lantern.exceptions.ResultError as error:
        ...         print(error.line, error)
        1 ...result.csv, line 1: the header has no column "id", so its rows belong to no input; its
        columns are "key", "email"; check that the file is a result
    """

    file: str | None = None
    line: int | None = None


class LocalServerError(LanternError):
    """The local server cannot start, or cannot do what was asked.

    Example:
        >>> lantern.LocalServer(port=int(server.url.rpartition(":")[2]))
        Traceback (most recent call last):
            ...
        lantern.exceptions.LocalServerError: port ... of 127.0.0.1 is taken; choose another, or 0
        for any free one
    """


class InternalError(LanternError):
    """A bug of `lantern`, which the caller can only report.

    The message says what to report. Leave out your API key and personal data.

    Example:
        >>> try:
        ...     print("credits:", client.credits.remaining().remaining_credits)
        ... except lantern.exceptions.InternalError as error:
        ...     print("a bug of lantern:", error)
        credits: ...
    """


class APIError(LanternError):
    """A failed API call. The message begins with the id of the request, if there is one.

    Attributes:
        method: HTTP method, or `None` if no call was attempted.
        path: Path below the base URL, or `None` if no call was attempted.
        status: HTTP status, or `None` if there was no response.
        attempts: Number of attempts; 0 if nothing was sent.
        elapsed: Time from the first attempt to the failure, in seconds.
        request_id: Id of the request, which the API's support can look up, or `None`.
        credits_consumed: Number of credits that the call cost, if its response says so, or `None`.

    Example:
        >>> server.add_fault("GET /v1/credits/remaining: status 503 times 2")
        >>> try:
        ...     server.client(retries=1).credits.remaining()
        ... except lantern.exceptions.APIError as error:
        ...     print(error.method, error.path, error.status, error.attempts)
        GET /v1/credits/remaining 503 2
    """

    method: str | None = None
    path: str | None = None
    status: int | None = None
    attempts: int = 0
    elapsed: float = 0.0
    request_id: str | None = None
    credits_consumed: float | None = None


class AuthenticationError(APIError):
    """The API key is missing, invalid, or not allowed to make this call (401, 403).

    Example:
        >>> server.client(api_key="wrong").credits.remaining()
        Traceback (most recent call last):
            ...
        lantern.exceptions.AuthenticationError: request ...: GET /v1/credits/remaining answered
        401: the API key is wrong; check the API key (api_key= or LANTERN_API_KEY)
    """


class ValidationError(APIError, ValueError):
    """An invalid request, detected before sending or by the API (422).

    Attributes:
        field: Name of the invalid field, as the API spells it, or `None`.

    Example:
        >>> try:
        ...     client.enrich.company(record_id="C1", domain="acme.com", max_credits=0)
        ... except lantern.exceptions.ValidationError as error:
        ...     print(error.field, "|", error)
        max_credits | max_credits is 0; give a number above 0, or leave it out
    """

    field: str | None = None


class NotFoundError(APIError):
    """The run, record or workflow does not exist (404).

    Example:
        >>> client.agents.status("00000000-0000-4000-8000-000000000000")
        Traceback (most recent call last):
            ...
        lantern.exceptions.NotFoundError: request ... answered 404: there is no run
        00000000-0000-4000-8000-000000000000
    """


class RateLimitError(APIError):
    """The rate limit was still exceeded after all retries (429).

    Attributes:
        retry_after: Time until the API accepts calls again, in seconds, or `None` if unknown.

    Example:
        >>> server.add_fault("GET /v1/credits/remaining: status 429 times 1")
        >>> try:
        ...     server.client(retries=0).credits.remaining()
        ... except lantern.exceptions.RateLimitError as error:
        ...     print(error.status, error.retry_after)
        429 None
    """

    retry_after: float | None = None


class CreditLimitError(APIError):
    """Too few credits are left, or the call costs more than `max_credits` (402). Nothing was spent.

    Also raised if nothing is left of a shared budget, or if `LANTERN_SPEND=off` stops all spending.

    Attributes:
        required: Number of credits that the call needs, or `None` if unknown.
        remaining: Number of credits left, or `None` if unknown.

    Example:
        >>> with lantern.LocalServer(credits=1) as poor:
        ...     try:
        ...         poor.client().agents.phone(["P0000004"], max_credits=5)
        ...     except lantern.exceptions.CreditLimitError as error:
        ...         print(error.required, error.remaining)
        5.0 1.0
    """

    required: float | None = None
    remaining: float | None = None


class OutcomeUnknown(APIError):
    """It is unknown whether a paid call reached the API. It is never retried automatically.

    If the answer could not be used but named its run, `job.credits()` shows the `run_id`.

    Attributes:
        job: Key of the job that the call belongs to, or `None`.
        batch: Number of the batch in doubt, or `None` if it is not exactly one batch.
        body: Beginning of a response that could not be read, or `None`.

    Example:
        >>> server.add_fault("POST /v1/enrich/phone: reset after times 1")
        >>> client.enrich.phone(record_id="P9", email="pagarwal@jain-solar.in")
        Traceback (most recent call last):
            ...
        lantern.exceptions.OutcomeUnknown: POST /v1/enrich/phone got no answer: the call may have
        arrived and cost credits (...), so it is not retried automatically
    """

    job: str | None = None
    batch: int | None = None
    body: str | None = None


class ServerError(APIError):
    """The API failed (5xx), or its response cannot be read.

    Example:
        >>> server.add_fault("GET /v1/credits/remaining: status 500 times 1")
        >>> try:
        ...     server.client(retries=0).credits.remaining()
        ... except lantern.exceptions.ServerError as error:
        ...     print(error.status)
        500
    """


class APIConnectionError(APIError, builtins.ConnectionError):
    """The API could not be reached. Nothing was sent, or nothing that costs credits.

    Example:
        >>> server.client(base_url="http://127.0.0.1:9", retries=0).credits.remaining()
        Traceback (most recent call last):
            ...
        lantern.exceptions.APIConnectionError: GET /v1/credits/remaining got no answer: no
        connection (...); check the base URL and the network
    """


class APITimeoutError(APIError, builtins.TimeoutError):
    """A call took longer than its timeout. It spent no credits.

    Example:
        >>> server.add_fault("GET /v1/credits/remaining: delay 2s times 1")
        >>> try:
        ...     server.client(timeout=0.1, retries=0).credits.remaining()
        ... except TimeoutError as error:  # Python's own, as well
        ...     print(error.status, error.attempts)
        None 1
    """
