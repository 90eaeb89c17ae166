"""Everything that `lantern` raises, told apart by what a caller can do about it.

Each error is one sentence that says what happened and what to do. None holds the API key.

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
    """The base of all errors of `lantern`."""

    def __init__(self, message: str = "", **details: object) -> None:
        super().__init__(message)
        self.__dict__.update(details)


class ConfigError(LanternError, ValueError):
    """A setting that cannot be used: base URL, key, proxy, certificate, storage option."""


class InputError(LanternError, ValueError):
    """A table that cannot be used: no such column, or a type that holds no ids.

    Attributes:
        column: The column at fault, or None.
        row: The row at fault, counted from 0, or None.
    """

    column: str | None = None
    row: int | None = None


class LedgerError(LanternError):
    """The ledger cannot be read or written.

    Attributes:
        path: The ledger's file, or None.
    """

    path: str | None = None


class JobError(LanternError):
    """A job that does not fit what is asked of it: unknown, or another one under the same key.

    Attributes:
        key: The job's key, or None.
    """

    key: str | None = None


class JobTimeout(LanternError, builtins.TimeoutError):
    """A wait that ended before the job did; the job goes on where it is.

    Attributes:
        key: The job's key.
    """

    key: str | None = None


class ResultError(LanternError):
    """A result file that is missing, truncated or malformed.

    Attributes:
        file: Its path or URL, without a query.
        line: The line at fault; 1 is the header. None where it belongs to no line.
    """

    file: str | None = None
    line: int | None = None


class LocalServerError(LanternError):
    """The local server cannot start, or cannot do what is asked."""


class APIError(LanternError):
    """A call that failed.

    Attributes:
        method: The HTTP method, or None for a request that was never sent.
        path: The path below the base URL.
        status: The HTTP status, or None where there was no answer.
        attempts: How often the call was tried.
        elapsed: Seconds from the first attempt to the failure.
        request_id: The id under which the API's support finds the call.
    """

    method: str | None = None
    path: str | None = None
    status: int | None = None
    attempts: int = 0
    elapsed: float = 0.0
    request_id: str | None = None


class AuthenticationError(APIError):
    """The key is missing, wrong, or not allowed to do this (401, 403)."""


class ValidationError(APIError, ValueError):
    """A request that does not hold to the contract, found before sending or by the API (422).

    Attributes:
        field: The field at fault, as the API spells it, or None.
    """

    field: str | None = None


class NotFoundError(APIError):
    """There is no such run, record or workflow (404)."""


class RateLimitError(APIError):
    """Over the rate limit after all retries (429).

    Attributes:
        retry_after: Seconds until the API takes calls again, where it says so.
    """

    retry_after: float | None = None


class CreditLimitError(APIError):
    """Too few credits (402).

    Attributes:
        required: Credits that the call needs, where the API says so.
        remaining: Credits that are left, where the API says so.
    """

    required: float | None = None
    remaining: float | None = None


class OutcomeUnknown(APIError):
    """A call that spends credits may have arrived; it is never sent again by itself.

    Attributes:
        job: The key of the job that the call belongs to, or None.
    """

    job: str | None = None


class ServerError(APIError):
    """The API failed (5xx), or answered what cannot be read."""


class APIConnectionError(APIError, builtins.ConnectionError):
    """The API could not be reached; nothing was sent, or nothing that costs."""


class APITimeoutError(APIError, builtins.TimeoutError):
    """A call took longer than it may; nothing was spent by it."""
