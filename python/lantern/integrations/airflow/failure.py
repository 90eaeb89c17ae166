"""Errors in Airflow's own terms: which of them a retry can help, and which it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowOptionalProviderFeatureException,
)

from lantern import exceptions

__all__ = ["MissingPackage", "Refused", "airflow_error", "in_airflow_terms"]

# The same again gives the same: a person has to change something first.
FINAL = (
    exceptions.AuthenticationError,
    exceptions.ConfigError,
    exceptions.CreditLimitError,
    exceptions.InputError,
    exceptions.JobError,
    exceptions.NotFoundError,
    exceptions.OutcomeUnknown,
    exceptions.ValidationError,
)


class Refused(AirflowFailException):
    """A task that cannot work as it is set up; it fails at once, whatever its `retries`."""


class MissingPackage(Refused, AirflowOptionalProviderFeatureException):
    """A package that what is asked for needs, and that is not installed."""


def airflow_error(error: exceptions.LanternError) -> AirflowException:
    """The error as Airflow's: `Refused` where no retry can help."""
    kind = Refused if isinstance(error, FINAL) else AirflowException
    if isinstance(error, exceptions.LedgerError):
        return kind(f"{error}; the connection's extra 'ledger' says where it is")
    return kind(str(error))


@contextmanager
def in_airflow_terms() -> Iterator[None]:
    """Raises what `lantern` raises inside as Airflow's exceptions."""
    try:
        yield
    except exceptions.LanternError as error:
        raise airflow_error(error) from error
