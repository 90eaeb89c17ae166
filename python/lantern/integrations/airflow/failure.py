"""Lantern's exceptions as Airflow's: those that a retry can help, and those that it cannot."""

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

# A retry would fail in the same way, because a person has to change something first.
FINAL = (
    exceptions.AuthenticationError,
    exceptions.ConfigError,
    exceptions.CreditLimitError,
    exceptions.InputError,
    exceptions.InternalError,
    exceptions.JobError,
    exceptions.NotFoundError,
    exceptions.OutcomeUnknown,
    exceptions.ValidationError,
)


class Refused(AirflowFailException):
    """A task that cannot run as it is set up. It fails at once, whatever its `retries`."""


class MissingPackage(Refused, AirflowOptionalProviderFeatureException):
    """A package that is needed and not installed."""


def airflow_error(error: exceptions.LanternError) -> AirflowException:
    """Return the exception as Airflow's: `Refused` if a retry cannot help."""
    kind = Refused if isinstance(error, FINAL) else AirflowException
    if isinstance(error, exceptions.LedgerError):
        return kind(f"{error}; the connection's extra 'ledger' says where it is")
    return kind(str(error))


@contextmanager
def in_airflow_terms() -> Iterator[None]:
    """Raise Lantern's exceptions inside the block as Airflow's."""
    try:
        yield
    except exceptions.LanternError as error:
        raise airflow_error(error) from error
