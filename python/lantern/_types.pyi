"""The types of arguments."""

import datetime
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias
from uuid import UUID

from lantern._columns import ArrowStream

class LazyFrame(Protocol):
    """A lazy table, such as `polars.LazyFrame`."""

    def collect(self) -> Any:
        """Return the table."""

TableLike: TypeAlias = ArrowStream | LazyFrame
"""A table that exports an Arrow stream: Polars, pandas, PyArrow, DuckDB, arro3, ibis.

A LazyFrame is collected.
"""

PathLike: TypeAlias = str | os.PathLike[str]
"""A path, or a URL where the argument's description says so."""

RecordId: TypeAlias = str | int
"""The id of a record. Integers are sent as text."""

TimeLike: TypeAlias = str | datetime.date | datetime.datetime
"""A datetime with a time zone, a date (midnight UTC), or ISO 8601 text."""

BatchKind: TypeAlias = Literal["phone", "email", "phone-email", "phone_email", "deep-research"]
"""What a batch finds for each id."""

OnInDoubt: TypeAlias = Literal["raise", "resend", "skip"]
"""What to do with a batch or row of which it is unknown whether it reached the API."""

OnFailed: TypeAlias = Literal["raise", "resend", "keep"]
"""What to do with batches whose runs failed."""

EntityType: TypeAlias = Literal["person", "company"]
"""What ids identify."""

Effort: TypeAlias = Literal["low", "medium", "high"]
"""How much effort the API makes. More effort can cost more credits."""

AgentType: TypeAlias = Literal["general", "funding", "legal"]
"""The agent that researches."""

Limits: TypeAlias = Mapping[str, int | None]
"""Requests per minute for `sync`, `batches`, `credits` and `bursts`; `None` is no limit."""

Suppressible: TypeAlias = TableLike | PathLike | Iterable[str | int]
"""Ids, e-mail addresses, domains and LinkedIn pages: a list, a table, or the path of a file.

See `Suppression.add`.
"""

Period: TypeAlias = Literal["day", "week", "month", "year"]
"""How often a budget renews, at midnight UTC."""

MatchedObject: TypeAlias = Literal["account", "contact", "lead"]
"""The kind of Salesforce record to match against."""

RoutedObject: TypeAlias = Literal["lead", "contact", "opportunity", "account"]
"""The kind of Salesforce record to assign."""

SalesforceObject: TypeAlias = Literal["Lead", "Contact", "Account", "Opportunity"]
"""The kind of Salesforce record, as Salesforce spells it."""

TriggerEvent: TypeAlias = Literal["after_insert", "after_update", "after_undelete"]
"""What happened to a Salesforce record."""

MappedCall: TypeAlias = Literal[
    "enrich.phone",
    "enrich.email",
    "enrich.company",
    "enrich.person",
    "enrich.ai",
    "enrich.research",
    "match",
    "salesforce.convert",
    "routing.assign",
    "workflows.trigger",
    "forms.submit",
]
"""A call that `client.map` makes for each row of a table."""

LogAction: TypeAlias = Literal["assign", "convert", "merge", "enrich"]
"""What the audit log records about a Salesforce record."""

Fields: TypeAlias = (
    Sequence[str]
    | Mapping[str, str | Sequence[str] | tuple[Any, ...] | Mapping[str, str | Sequence[str]]]
)
"""Fields to compare: a list of columns, or a mapping as `lantern.match` describes it."""

Rules: TypeAlias = (
    str | Sequence[str] | Sequence[Sequence[str]] | Sequence[Mapping[str, Sequence[str]]]
)
"""Field rules that must all hold, or a list of such lists, of which one must hold."""

Labels: TypeAlias = (
    Sequence[tuple[int | str | UUID, int | str | UUID, bool | int | str | None]]
    | TableLike
    | PathLike
)
"""Known pairs: tuples of left, right and whether they match, or a table or a file of them."""

Truth: TypeAlias = Labels | Sequence[tuple[int | str | UUID, int | str | UUID]]
"""Known pairs; without decisions, all of them match."""
