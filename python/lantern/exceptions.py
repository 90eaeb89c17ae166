"""Everything that `lantern` raises, told apart by what a caller can do about it.

The text of an error is one sentence: what happened, to what, and what to do. It begins in lower
case, has no full stop and never contains the API key. Where another error caused it, that one is
its `__cause__`, so that a traceback shows both.

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
    """The base of all errors of `lantern`: catch it to catch them all.

    Its text says what happened and what to do. The details are attributes, which each class
    describes; an unknown detail has its default.

    Args:
        message: The sentence.
        details: Attributes, by name.

    Attributes:
        advice: What to do about it, which is also the end of the text, or None.

    Example:
        >>> try:
        ...     client.job("tuesday")
        ... except lantern.exceptions.LanternError as error:
        ...     print(error)
        the ledger ...ledger.sqlite has no job "tuesday" for local; lantern.jobs() lists its jobs
    """

    advice: str | None = None

    def __init__(self, message: str = "", **details: object) -> None:
        super().__init__(message)
        self.__dict__.update(details)


class ConfigError(LanternError, ValueError):
    """A setting is invalid: base URL, key, proxy, certificate, storage option.

    Example:
        >>> lantern.Client("key", "http://api.example.com")
        Traceback (most recent call last):
            ...
        lantern.exceptions.ConfigError: base URL "http://api.example.com" would send the API key
        unencrypted; use https, or pass allow_http=True for a network that you trust
    """


class InputError(LanternError, ValueError):
    """A table cannot be used: a column is missing, or has a type that cannot hold ids.

    Attributes:
        column: The column at fault, or None.
        row: The row at fault, counted from 0, or None.

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
        path: The ledger's file, or None.

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
    """A job is unknown, or another one has the same key.

    Attributes:
        key: The job's key, or None.
        batch: The number of the batch at fault, or None.

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
    """A wait ended before the job did; waiting again resumes it.

    Attributes:
        key: The job's key.

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
        file: Its path or URL, without a query.
        line: The line at fault; 1 is the header. None if the error is not about one line.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "result.csv")
        ...     pl.DataFrame({"id": ["P1"], "email_found": ["perhaps"]}).write_csv(path)
        ...     try:
        ...         lantern.read_results(path)
        ...     except lantern.exceptions.ResultError as error:
        ...         print(error.line, error)
        2 ...result.csv, line 2: email_found is "perhaps", which is neither true nor false; the file
        is damaged, fetch it again
    """

    file: str | None = None
    line: int | None = None


class LocalServerError(LanternError):
    """The local server cannot start, or cannot do what is asked.

    Example:
        >>> lantern.LocalServer(port=int(server.url.rpartition(":")[2]))
        Traceback (most recent call last):
            ...
        lantern.exceptions.LocalServerError: port ... of 127.0.0.1 is taken; choose another, or 0
        for any free one
    """


class APIError(LanternError):
    """A call failed. Its text begins with the request's id, where there is one.

    Attributes:
        method: The HTTP method, or None if no call was tried.
        path: The path below the base URL, or None if no call was tried.
        status: The HTTP status, or None if there was no answer.
        attempts: Number of attempts; 0 if the call was not sent.
        elapsed: Seconds from the first attempt to the failure.
        request_id: The id under which the API's support finds the call, or None.

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


class AuthenticationError(APIError):
    """The key is missing, wrong, or not allowed to do this (401, 403).

    Example:
        >>> server.client(api_key="wrong").credits.remaining()
        Traceback (most recent call last):
            ...
        lantern.exceptions.AuthenticationError: request ...: GET /v1/credits/remaining answered
        401: the API key is wrong; check the API key (api_key= or LANTERN_API_KEY)
    """


class ValidationError(APIError, ValueError):
    """A request is invalid, found before sending or by the API (400, 422).

    Attributes:
        field: The field at fault, as the API spells it, or None.

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
    """Over the rate limit after all retries (429).

    Attributes:
        retry_after: Seconds until the API takes calls again, or None if it does not say.

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
    """Too few credits, or more than the call's own `max_credits` (402); nothing was spent.

    Attributes:
        required: Credits that the call needs, or None if the API does not say.
        remaining: Credits that are left, or None if the API does not say.

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

    If an unreadable answer named its run, `job.credits()` shows the `run_id`.

    Attributes:
        job: The key of the job that the call belongs to, or None.
        batch: The number of the batch in doubt, or None if it is not one batch.

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


class ServerError(APIError):
    """The API failed (5xx), or its answer cannot be read.

    Example:
        >>> server.add_fault("GET /v1/credits/remaining: status 500 times 1")
        >>> try:
        ...     server.client(retries=0).credits.remaining()
        ... except lantern.exceptions.ServerError as error:
        ...     print(error.status)
        500
    """


class APIConnectionError(APIError, builtins.ConnectionError):
    """The API could not be reached; nothing was sent, or nothing that costs.

    Example:
        >>> server.client(base_url="http://127.0.0.1:9", retries=0).credits.remaining()
        Traceback (most recent call last):
            ...
        lantern.exceptions.APIConnectionError: GET /v1/credits/remaining got no answer: no
        connection (...); check the base URL and the network
    """


class APITimeoutError(APIError, builtins.TimeoutError):
    """A call took longer than its time limit; it cost nothing.

    Example:
        >>> server.add_fault("GET /v1/credits/remaining: delay 2s times 1")
        >>> try:
        ...     server.client(timeout=0.1, retries=0).credits.remaining()
        ... except TimeoutError as error:  # Python's own, as well
        ...     print(error.status, error.attempts)
        None 1
    """
