"""Lantern's exceptions as Dagster's: a sentence, and whether a retry can help."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from lantern import exceptions

#: Errors that go away by themselves. A retry resumes the job and pays nothing twice.
PASSING = (
    exceptions.APIConnectionError,
    exceptions.APITimeoutError,
    exceptions.JobTimeout,
    exceptions.RateLimitError,
    exceptions.ResultError,
    exceptions.ServerError,
)


@contextmanager
def failures() -> Iterator[None]:
    """Raise Lantern's exceptions as `dagster.Failure`. Only transient failures allow a retry."""
    try:
        yield
    except exceptions.LanternError as error:
        text = str(error)
        if isinstance(error, exceptions.LedgerError):
            text += "; ledger= of the LanternResource says where it is"
        raise dg.Failure(
            description=text,
            metadata={"error": type(error).__name__},
            allow_retries=isinstance(error, PASSING),
        ) from error
