//! Answers of the calls beside batches and credits, as frozen objects.

use std::collections::BTreeMap;

use pyo3::{prelude::*, types::PyDict};

use crate::{
    answers::agents::to_python,
    answers::macros::{Figure, Json, answer, shown},
    answers::parts::{PyCandidateMatches, PyEnrichedCompany, PyEnrichedPerson, PyTokenUsage},
};
use lantern::{
    api::{Metered, enrich, forms, logs, matching, routing, salesforce, triggers, workflows},
    client::Answered,
};

answer! {
    PyPhoneEnriched = "PhoneEnriched", enrich::PhoneEnriched, |_| None,
    {
        record_id: Option<String> = |value: &enrich::PhoneEnriched| value.record_id.clone(),
        first_name: Option<String> = |value: &enrich::PhoneEnriched| value.first_name.clone(),
        last_name: Option<String> = |value: &enrich::PhoneEnriched| value.last_name.clone(),
        company: Option<String> = |value: &enrich::PhoneEnriched| value.company.clone(),
        email: Option<String> = |value: &enrich::PhoneEnriched| value.email.clone(),
        linkedin_id: Option<String> = |value: &enrich::PhoneEnriched| value.linkedin_id.clone(),
        phone_number: Option<String> = |value: &enrich::PhoneEnriched| value.phone_number.clone(),
        confidence: Option<String> = |value: &enrich::PhoneEnriched| value.confidence.clone(),
    }
    metered by metering
}

answer! {
    PyEmailEnriched = "EmailEnriched", enrich::EmailEnriched, |_| None,
    {
        record_id: Option<String> = |value: &enrich::EmailEnriched| value.record_id.clone(),
        first_name: Option<String> = |value: &enrich::EmailEnriched| value.first_name.clone(),
        last_name: Option<String> = |value: &enrich::EmailEnriched| value.last_name.clone(),
        company: Option<String> = |value: &enrich::EmailEnriched| value.company.clone(),
        email: Option<String> = |value: &enrich::EmailEnriched| value.email.clone(),
        confidence: Option<String> = |value: &enrich::EmailEnriched| value.confidence.clone(),
    }
    metered by metering
}

answer! {
    PyCompanyEnriched = "CompanyEnriched", enrich::CompanyEnriched, |_| None,
    {
        record_id: Option<String> = |value: &enrich::CompanyEnriched| value.record_id.clone(),
        company: Option<PyEnrichedCompany> = |value: &enrich::CompanyEnriched| value.company.clone().map(PyEnrichedCompany),
        confidence: Option<Figure> = |value: &enrich::CompanyEnriched| value.confidence.map(Figure),
    }
    metered by metering
}

answer! {
    PyPersonEnriched = "PersonEnriched", enrich::PersonEnriched, |_| None,
    {
        record_id: Option<String> = |value: &enrich::PersonEnriched| value.record_id.clone(),
        person: Option<PyEnrichedPerson> = |value: &enrich::PersonEnriched| value.person.clone().map(PyEnrichedPerson),
        confidence: Option<Figure> = |value: &enrich::PersonEnriched| value.confidence.map(Figure),
    }
    metered by metering
}

answer! {
    PyAsked = "Asked", enrich::Asked, |_| None,
    {
        query: Option<String> = |value: &enrich::Asked| value.query.clone(),
        response: Json = |value: &enrich::Asked| Json::of(&value.response),
        confidence: Option<Figure> = |value: &enrich::Asked| value.confidence.map(Figure),
        token_usage: Option<PyTokenUsage> = |value: &enrich::Asked| value.token_usage.clone().map(PyTokenUsage),
    }
    metered by metering
}

answer! {
    PyResearched = "Researched", enrich::Researched, |_| None,
    {
        query: Option<String> = |value: &enrich::Researched| value.query.clone(),
        response: Json = |value: &enrich::Researched| Json::of(&value.response),
        confidence: Option<Figure> = |value: &enrich::Researched| value.confidence.map(Figure),
        token_usage: Option<PyTokenUsage> = |value: &enrich::Researched| value.token_usage.clone().map(PyTokenUsage),
        agent_used: Option<String> = |value: &enrich::Researched| value.agent_used.clone(),
    }
    metered by metering
}

answer! {
    PyMatched = "Matched", matching::Matched, |_| None,
    {
        results: Vec<PyCandidateMatches> = |value: &matching::Matched| value.results.iter().cloned().map(PyCandidateMatches).collect(),
    }
    metered by metering
}

answer! {
    PyConverted = "Converted", salesforce::Converted, |_| None,
    {
        status: Option<String> = |value: &salesforce::Converted| value.status.clone(),
        account_id: Option<String> = |value: &salesforce::Converted| value.account_id.clone(),
        contact_id: Option<String> = |value: &salesforce::Converted| value.contact_id.clone(),
        owner_id: Option<String> = |value: &salesforce::Converted| value.owner_id.clone(),
        actions: Vec<String> = |value: &salesforce::Converted| value.actions.clone(),
    }
    metered by metering
}

answer! {
    PyAssigned = "Assigned", routing::Assigned, |_| None,
    {
        assigned_to: Option<String> = |value: &routing::Assigned| value.assigned_to.clone(),
        sequence: Option<Figure> = |value: &routing::Assigned| value.sequence.map(Figure),
        pool_size: Option<Figure> = |value: &routing::Assigned| value.pool_size.map(Figure),
        timestamp: Option<String> = |value: &routing::Assigned| value.timestamp.clone(),
    }
    metered by metering
}

answer! {
    PyTriggered = "Triggered", triggers::Triggered, |_| None,
    {
        processed_count: Option<Figure> = |value: &triggers::Triggered| value.processed_count.map(Figure),
        enrichment_jobs: Vec<String> = |value: &triggers::Triggered| value.enrichment_jobs.clone(),
        workflow_status: Option<String> = |value: &triggers::Triggered| value.workflow_status.clone(),
    }
    metered by metering
}

answer! {
    PyWorkflowTriggered = "WorkflowTriggered", workflows::WorkflowTriggered, |value| value.request_id.clone(),
    {
        status: Option<String> = |value: &workflows::WorkflowTriggered| value.status.clone(),
        workflow_id: Option<String> = |value: &workflows::WorkflowTriggered| value.workflow_id.clone(),
        enrichment_job_id: Option<String> = |value: &workflows::WorkflowTriggered| value.enrichment_job_id.clone(),
    }
    metered by metering
}

answer! {
    PyFormSubmitted = "FormSubmitted", forms::FormSubmitted, |value| value.request_id.clone(),
    {
        status: Option<String> = |value: &forms::FormSubmitted| value.status.clone(),
        enriched_lead: Json = |value: &forms::FormSubmitted| Json::of(&value.enriched_lead),
        push_status: Option<String> = |value: &forms::FormSubmitted| value.push_status.clone(),
        gdpr_safe: Option<bool> = |value: &forms::FormSubmitted| value.gdpr_safe,
    }
    metered by metering
}

answer! {
    PyLogCounts = "LogCounts", logs::LogCounts, |_| None,
    {
        total: u64 = |value: &logs::LogCounts| value.total,
        by_action: BTreeMap<String, u64> = |value: &logs::LogCounts| value.by_action.clone(),
        by_object: BTreeMap<String, u64> = |value: &logs::LogCounts| value.by_object.clone(),
        by_pool: BTreeMap<String, u64> = |value: &logs::LogCounts| value.by_pool.clone(),
        by_day: BTreeMap<String, u64> = |value: &logs::LogCounts| value.by_day.clone(),
    }
}

answer! {
    PyRetention = "Retention", logs::Retention, |_| None,
    {
        days: Option<u32> = |value: &logs::Retention| value.days,
        deleted: Option<u64> = |value: &logs::Retention| value.deleted,
    }
}
