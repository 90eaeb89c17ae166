"""The types of arguments."""

import datetime
import os
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from lantern._columns import ArrowStream

class LazyFrame(Protocol):
    def collect(self) -> Any: ...

TableLike: TypeAlias = ArrowStream | LazyFrame
PathLike: TypeAlias = str | os.PathLike[str]
RecordId: TypeAlias = str | int
TimeLike: TypeAlias = str | datetime.date | datetime.datetime
BatchKind: TypeAlias = Literal["phone", "email", "phone-email", "phone_email", "deep-research"]
OnInDoubt: TypeAlias = Literal["raise", "resend", "skip"]
EntityType: TypeAlias = Literal["person", "company"]
Effort: TypeAlias = Literal["low", "medium", "high"]
AgentType: TypeAlias = Literal["general", "funding", "legal"]
Limits: TypeAlias = Mapping[str, int | None]
MatchedObject: TypeAlias = Literal["account", "contact", "lead"]
RoutedObject: TypeAlias = Literal["lead", "contact", "opportunity", "account"]
SalesforceObject: TypeAlias = Literal["Lead", "Contact", "Account", "Opportunity"]
TriggerEvent: TypeAlias = Literal["after_insert", "after_update", "after_undelete"]
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
LogAction: TypeAlias = Literal["assign", "convert", "merge", "enrich"]
Fields: TypeAlias = (
    Sequence[str]
    | Mapping[str, str | Sequence[str] | tuple[Any, ...] | Mapping[str, str | Sequence[str]]]
)
Rules: TypeAlias = (
    str | Sequence[str] | Sequence[Sequence[str]] | Sequence[Mapping[str, Sequence[str]]]
)
Labels: TypeAlias = Sequence[tuple[int, int, bool]]
