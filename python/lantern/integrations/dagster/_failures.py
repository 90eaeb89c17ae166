"""Lantern's errors as Dagster's: a sentence, and whether another try can help."""

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
    """Raises what Lantern raises as `dagster.Failure`; only what may pass is tried again."""
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
