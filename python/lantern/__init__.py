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
"""

from lantern import exceptions
from lantern._lantern import (
    Agents,
    Asked,
    Assigned,
    AsyncAgents,
    AsyncClient,
    AsyncCredits,
    AsyncEnrich,
    AsyncForms,
    AsyncJob,
    AsyncLogs,
    AsyncRouting,
    AsyncSalesforce,
    AsyncTriggers,
    AsyncWorkflows,
    BatchAccepted,
    CandidateMatches,
    Client,
    CompanyEnriched,
    Converted,
    Credits,
    EmailEnriched,
    Enrich,
    EnrichedCompany,
    EnrichedPerson,
    Forms,
    FormSubmitted,
    Geo,
    Headquarters,
    Job,
    LocalServer,
    LogCounts,
    Logs,
    Matched,
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
    TokenUsage,
    Triggered,
    Triggers,
    Usage,
    Workflows,
    WorkflowTriggered,
    __version__,
    jobs,
    read_results,
)

__all__ = [
    "Agents",
    "Asked",
    "Assigned",
    "AsyncAgents",
    "AsyncClient",
    "AsyncCredits",
    "AsyncEnrich",
    "AsyncForms",
    "AsyncJob",
    "AsyncLogs",
    "AsyncRouting",
    "AsyncSalesforce",
    "AsyncTriggers",
    "AsyncWorkflows",
    "BatchAccepted",
    "CandidateMatches",
    "Client",
    "CompanyEnriched",
    "Converted",
    "Credits",
    "EmailEnriched",
    "Enrich",
    "EnrichedCompany",
    "EnrichedPerson",
    "FormSubmitted",
    "Forms",
    "Geo",
    "Headquarters",
    "Job",
    "LocalServer",
    "LogCounts",
    "Logs",
    "Matched",
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
    "TokenUsage",
    "Triggered",
    "Triggers",
    "Usage",
    "WorkflowTriggered",
    "Workflows",
    "__version__",
    "exceptions",
    "jobs",
    "read_results",
]


def __getattr__(name: str) -> object:
    # Table needs arro3, which `import lantern` alone does not.
    if name == "Table":
        from lantern._table import Table

        return Table
    raise AttributeError(f"module 'lantern' has no attribute {name!r}")
