"""The Lantern API for data teams.

A table goes in, answers come back as a table, and no credit is ever spent twice.

Example:
    >>> import lantern
    >>> with lantern.LocalServer() as server:
    ...     client = server.client()
    ...     people = server.people().slice(0, 100)
    ...     job = client.submit(people, "phone-email", max_credits=600)
    ...     progress = job.wait(timeout=60)
    ...     print(progress.state, job.table().num_rows)
    done 100

In the examples, unless they are created there, `server` is a `lantern.LocalServer(limits="off")`,
`client` is `server.client()`, `job` is a job that has ended, with five people and the key `weekly`,
and `pl` is `polars`.
"""

from lantern import _coroutines, _on_polars, exceptions
from lantern._lantern import (
    Agents,
    Asked,
    Assigned,
    AsyncAgents,
    AsyncBudgets,
    AsyncClient,
    AsyncCredits,
    AsyncEnrich,
    AsyncForms,
    AsyncJob,
    AsyncLogs,
    AsyncRouting,
    AsyncSalesforce,
    AsyncSuppression,
    AsyncTriggers,
    AsyncWorkflows,
    AtPrecision,
    BatchAccepted,
    Budgets,
    CandidateMatches,
    Client,
    CompanyEnriched,
    Converted,
    Credits,
    Duplicates,
    EmailEnriched,
    Enrich,
    EnrichedCompany,
    EnrichedPerson,
    Evaluation,
    Explanation,
    Forms,
    FormSubmitted,
    Geo,
    Headquarters,
    Job,
    LocalServer,
    LogCounts,
    Logs,
    Matched,
    Matches,
    Model,
    PersonEnriched,
    PhoneEnriched,
    Pool,
    PoolUser,
    Progress,
    RecordMatch,
    Remaining,
    Researched,
    Retention,
    Routing,
    RunState,
    Salesforce,
    Summary,
    Suppression,
    TokenUsage,
    Triggered,
    Triggers,
    Usage,
    Workflows,
    WorkflowTriggered,
    __version__,
    at_precision,
    dedupe,
    describe,
    evaluate,
    explain,
    explain_plan,
    forget,
    jobs,
    learn,
    match,
    purge,
    read_results,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    import lantern.duckdb as duckdb  # noqa: F401
    import lantern.normalize as normalize
    import lantern.polars as polars  # noqa: F401
    import lantern.rules as rules
    import lantern.similarity as similarity
    import lantern.spark as spark  # noqa: F401
    from lantern._table import Table as Table

__all__ = [
    "Agents",
    "Asked",
    "Assigned",
    "AsyncAgents",
    "AsyncBudgets",
    "AsyncClient",
    "AsyncCredits",
    "AsyncEnrich",
    "AsyncForms",
    "AsyncJob",
    "AsyncLogs",
    "AsyncRouting",
    "AsyncSalesforce",
    "AsyncSuppression",
    "AsyncTriggers",
    "AsyncWorkflows",
    "AtPrecision",
    "BatchAccepted",
    "Budgets",
    "CandidateMatches",
    "Client",
    "CompanyEnriched",
    "Converted",
    "Credits",
    "Duplicates",
    "EmailEnriched",
    "Enrich",
    "EnrichedCompany",
    "EnrichedPerson",
    "Evaluation",
    "Explanation",
    "FormSubmitted",
    "Forms",
    "Geo",
    "Headquarters",
    "Job",
    "LocalServer",
    "LogCounts",
    "Logs",
    "Matched",
    "Matches",
    "Model",
    "PersonEnriched",
    "PhoneEnriched",
    "Pool",
    "PoolUser",
    "Progress",
    "RecordMatch",
    "Remaining",
    "Researched",
    "Retention",
    "Routing",
    "RunState",
    "Salesforce",
    "Summary",
    "Suppression",
    "TokenUsage",
    "Triggered",
    "Triggers",
    "Usage",
    "WorkflowTriggered",
    "Workflows",
    "__version__",
    "at_precision",
    "dedupe",
    "describe",
    "evaluate",
    "exceptions",
    "explain",
    "explain_plan",
    "forget",
    "jobs",
    "learn",
    "match",
    "normalize",
    "purge",
    "read_results",
    "rules",
    "similarity",
]

_on_polars.watch()
for _awaited in (
    AsyncAgents,
    AsyncBudgets,
    AsyncClient,
    AsyncCredits,
    AsyncEnrich,
    AsyncForms,
    AsyncJob,
    AsyncLogs,
    AsyncRouting,
    AsyncSalesforce,
    AsyncSuppression,
    AsyncTriggers,
    AsyncWorkflows,
):
    _coroutines.awaited(_awaited)


def __getattr__(name: str) -> object:
    # Table needs arro3, and the modules are many; `import lantern` alone stays quick.
    if name == "Table":
        from lantern._table import Table

        return Table
    if name in ("duckdb", "normalize", "polars", "rules", "similarity", "spark"):
        import importlib

        return importlib.import_module(f"lantern.{name}")
    raise AttributeError(f"module 'lantern' has no attribute {name!r}")
