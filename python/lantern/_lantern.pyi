"""The compiled part of `lantern`, whose public names are those of the package.

The stubs are split by topic, one file for each group of classes, and exported here again. In the
examples, unless they are created there, `server` is a `lantern.LocalServer(limits="off")`, `client`
is `server.client()`, `job` is a job that has ended, with five people and the key `weekly`, and `pl`
is `polars`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, overload

from lantern._agents import Agents as Agents
from lantern._agents import AsyncAgents as AsyncAgents
from lantern._agents import BatchAccepted as BatchAccepted
from lantern._agents import RunState as RunState
from lantern._async_client import AsyncClient as AsyncClient
from lantern._budgets import AsyncBudgets as AsyncBudgets
from lantern._budgets import Budgets as Budgets
from lantern._client import Client as Client
from lantern._columns import Column, Texts
from lantern._credits import AsyncCredits as AsyncCredits
from lantern._credits import Credits as Credits
from lantern._credits import Remaining as Remaining
from lantern._credits import Usage as Usage
from lantern._enrich import AsyncEnrich as AsyncEnrich
from lantern._enrich import Enrich as Enrich
from lantern._enriched import Asked as Asked
from lantern._enriched import CompanyEnriched as CompanyEnriched
from lantern._enriched import EmailEnriched as EmailEnriched
from lantern._enriched import EnrichedCompany as EnrichedCompany
from lantern._enriched import EnrichedPerson as EnrichedPerson
from lantern._enriched import Geo as Geo
from lantern._enriched import Headquarters as Headquarters
from lantern._enriched import PersonEnriched as PersonEnriched
from lantern._enriched import PhoneEnriched as PhoneEnriched
from lantern._enriched import Researched as Researched
from lantern._enriched import TokenUsage as TokenUsage
from lantern._erasure import forget as forget
from lantern._erasure import purge as purge
from lantern._evaluation import AtPrecision as AtPrecision
from lantern._evaluation import Evaluation as Evaluation
from lantern._evaluation import at_precision as at_precision
from lantern._evaluation import evaluate as evaluate
from lantern._forms import AsyncForms as AsyncForms
from lantern._forms import Forms as Forms
from lantern._forms import FormSubmitted as FormSubmitted
from lantern._job import AsyncJob as AsyncJob
from lantern._job import Job as Job
from lantern._job import jobs as jobs
from lantern._local_server import LocalServer as LocalServer
from lantern._logs import AsyncLogs as AsyncLogs
from lantern._logs import LogCounts as LogCounts
from lantern._logs import Logs as Logs
from lantern._logs import Retention as Retention
from lantern._matches import Duplicates as Duplicates
from lantern._matches import Explanation as Explanation
from lantern._matches import Matches as Matches
from lantern._matching import dedupe as dedupe
from lantern._matching import describe as describe
from lantern._matching import explain as explain
from lantern._matching import explain_plan as explain_plan
from lantern._matching import learn as learn
from lantern._matching import match as match
from lantern._model import Model as Model
from lantern._progress import Progress as Progress
from lantern._progress import Summary as Summary
from lantern._record_match import CandidateMatches as CandidateMatches
from lantern._record_match import Matched as Matched
from lantern._record_match import RecordMatch as RecordMatch
from lantern._results import read_results as read_results
from lantern._routing import Assigned as Assigned
from lantern._routing import AsyncRouting as AsyncRouting
from lantern._routing import Pool as Pool
from lantern._routing import PoolUser as PoolUser
from lantern._routing import Routing as Routing
from lantern._salesforce import AsyncSalesforce as AsyncSalesforce
from lantern._salesforce import Converted as Converted
from lantern._salesforce import Salesforce as Salesforce
from lantern._suppression import AsyncSuppression as AsyncSuppression
from lantern._suppression import Suppression as Suppression
from lantern._table import Table
from lantern._triggers import AsyncTriggers as AsyncTriggers
from lantern._triggers import Triggered as Triggered
from lantern._triggers import Triggers as Triggers
from lantern._types import Fields, Rules, TableLike
from lantern._workflows import AsyncWorkflows as AsyncWorkflows
from lantern._workflows import Workflows as Workflows
from lantern._workflows import WorkflowTriggered as WorkflowTriggered

__version__: str
__debug_build__: bool

def _main(arguments: Sequence[str]) -> int: ...
def _field_rule(
    text: str,
) -> tuple[str, Literal["exact", "eq", "contains", "fuzzy"], float | None]: ...
def _rule_text(field: str, operator: str, similarity: float | None) -> str: ...
def _similarity(
    name: str, a: str | Texts, b: str | Texts, score_cutoff: float | None = None
) -> float | Column: ...
def _distance(
    name: str, a: str | Texts, b: str | Texts, score_cutoff: int | None = None
) -> int | Column: ...

_Key: TypeAlias = Literal[
    "company_key",
    "legal_form",
    "legal_form_country",
    "acronym",
    "person_key",
    "first_name_key",
    "last_name_key",
    "given_name_key",
    "family_name_key",
    "email_key",
    "email_domain",
    "domain_key",
    "company_domain_key",
    "phone_e164",
    "phone_region",
    "linkedin_slug",
    "country_code",
    "us_state",
    "street_key",
    "postal_code",
    "soundex",
    "metaphone",
    "double_metaphone",
    "double_metaphone_alternate",
    "nysiis",
    "cologne",
]
_Question: TypeAlias = Literal[
    "is_free_email",
    "is_disposable_email",
    "is_valid_email",
    "is_valid_phone",
]

@overload
def _normalize(name: _Key, text: str, parameter: str | None = None) -> str | None: ...
@overload
def _normalize(name: _Question, text: str, parameter: str | None = None) -> bool: ...
@overload
def _normalize(name: _Key | _Question, text: Texts, parameter: str | None = None) -> Column: ...
def _normalizers() -> list[tuple[_Key | _Question, int]]: ...
def _functions() -> list[tuple[str, str, str | None, str]]: ...
def _every_error() -> dict[str, BaseException]: ...
def _bound_fields(
    left: TableLike,
    right: TableLike | None = None,
    rules: Rules | None = None,
    *,
    fields: Fields | None = None,
    left_id: str | None = None,
    right_id: str | None = None,
    threshold: float | None = None,
    top: int | None = None,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
) -> dict[str, dict[str, Any]]: ...
def _row_keys(table: TableLike, rules: Rules, *, fields: Fields, right: bool = False) -> Table: ...
