//! Answers of the calls beside batches and credits, as frozen objects.

use std::collections::BTreeMap;

use pyo3::{prelude::*, types::PyDict};

use super::{
    answer_kinds::{Figure, Json, answer, shown},
    answer_parts::{PyCandidateMatches, PyEnrichedCompany, PyEnrichedPerson, PyTokenUsage},
    answers::to_python,
};
use lantern::{
    api::{Metered, enrich, forms, logs, matching, routing, salesforce, triggers, workflows},
    client::Answered,
};

answer! {
    /// A phone number, or that there is none: the answer to ``client.enrich.phone``.
    PyPhoneEnriched = "PhoneEnriched", enrich::PhoneEnriched, |_| None,
    {
        /// What was sent.
        record_id: Option<String> = |value: &enrich::PhoneEnriched| value.record_id.clone(),
        /// What was sent or found.
        first_name: Option<String> = |value: &enrich::PhoneEnriched| value.first_name.clone(),
        /// What was sent or found.
        last_name: Option<String> = |value: &enrich::PhoneEnriched| value.last_name.clone(),
        /// What was sent or found.
        company: Option<String> = |value: &enrich::PhoneEnriched| value.company.clone(),
        /// What was sent or found.
        email: Option<String> = |value: &enrich::PhoneEnriched| value.email.clone(),
        /// What was sent or found.
        linkedin_id: Option<String> = |value: &enrich::PhoneEnriched| value.linkedin_id.clone(),
        /// The number, in E.164 where it can be; None if there is none.
        phone_number: Option<String> = |value: &enrich::PhoneEnriched| value.phone_number.clone(),
        /// ``high``, ``medium`` or ``low``.
        confidence: Option<String> = |value: &enrich::PhoneEnriched| value.confidence.clone(),
    }
    metered "Credits that the call cost."
}

answer! {
    /// An e-mail address, or that there is none: the answer to ``client.enrich.email``.
    PyEmailEnriched = "EmailEnriched", enrich::EmailEnriched, |_| None,
    {
        /// What was sent.
        record_id: Option<String> = |value: &enrich::EmailEnriched| value.record_id.clone(),
        /// What was sent.
        first_name: Option<String> = |value: &enrich::EmailEnriched| value.first_name.clone(),
        /// What was sent.
        last_name: Option<String> = |value: &enrich::EmailEnriched| value.last_name.clone(),
        /// What was sent.
        company: Option<String> = |value: &enrich::EmailEnriched| value.company.clone(),
        /// The address; None if there is none.
        email: Option<String> = |value: &enrich::EmailEnriched| value.email.clone(),
        /// ``high``, ``medium`` or ``low``.
        confidence: Option<String> = |value: &enrich::EmailEnriched| value.confidence.clone(),
    }
    metered "Credits that the call cost."
}

answer! {
    /// A company, or that it is not known: the answer to ``client.enrich.company``.
    PyCompanyEnriched = "CompanyEnriched", enrich::CompanyEnriched, |_| None,
    {
        /// What was sent.
        record_id: Option<String> = |value: &enrich::CompanyEnriched| value.record_id.clone(),
        /// What is known; None if nothing is.
        company: Option<PyEnrichedCompany> = |value: &enrich::CompanyEnriched| value.company.clone().map(PyEnrichedCompany),
        /// How sure it is, 0 to 1.
        confidence: Option<Figure> = |value: &enrich::CompanyEnriched| value.confidence.map(Figure),
    }
    metered "Credits that the call cost."
}

answer! {
    /// A person, or that nobody is known: the answer to ``client.enrich.person``.
    PyPersonEnriched = "PersonEnriched", enrich::PersonEnriched, |_| None,
    {
        /// What was sent.
        record_id: Option<String> = |value: &enrich::PersonEnriched| value.record_id.clone(),
        /// What is known; None if nothing is.
        person: Option<PyEnrichedPerson> = |value: &enrich::PersonEnriched| value.person.clone().map(PyEnrichedPerson),
        /// How sure it is, 0 to 1.
        confidence: Option<Figure> = |value: &enrich::PersonEnriched| value.confidence.map(Figure),
    }
    metered "Credits that the call cost."
}

answer! {
    /// An answer in words: what ``client.enrich.ai`` answers.
    PyAsked = "Asked", enrich::Asked, |_| None,
    {
        /// What was asked.
        query: Option<String> = |value: &enrich::Asked| value.query.clone(),
        /// Text, or a dictionary with ``format_json``.
        response: Json = |value: &enrich::Asked| Json::of(&value.response),
        /// How sure it is, 0 to 1.
        confidence: Option<Figure> = |value: &enrich::Asked| value.confidence.map(Figure),
        /// What a language model read and wrote.
        token_usage: Option<PyTokenUsage> = |value: &enrich::Asked| value.token_usage.clone().map(PyTokenUsage),
    }
    metered "Credits that the call cost."
}

answer! {
    /// What was found out: what ``client.enrich.research`` answers.
    PyResearched = "Researched", enrich::Researched, |_| None,
    {
        /// What was asked.
        query: Option<String> = |value: &enrich::Researched| value.query.clone(),
        /// Text, or a dictionary with ``format_json``.
        response: Json = |value: &enrich::Researched| Json::of(&value.response),
        /// How sure it is, 0 to 1.
        confidence: Option<Figure> = |value: &enrich::Researched| value.confidence.map(Figure),
        /// What a language model read and wrote.
        token_usage: Option<PyTokenUsage> = |value: &enrich::Researched| value.token_usage.clone().map(PyTokenUsage),
        /// Which agent found it out.
        agent_used: Option<String> = |value: &enrich::Researched| value.agent_used.clone(),
    }
    metered "Credits that the call cost."
}

answer! {
    /// What was found for each candidate: the answer to ``client.match``.
    PyMatched = "Matched", matching::Matched, |_| None,
    {
        /// One for each candidate, in their order.
        results: Vec<PyCandidateMatches> = |value: &matching::Matched| value.results.iter().cloned().map(PyCandidateMatches).collect(),
    }
    metered "Credits that the call cost."
}

answer! {
    /// What became of a lead: the answer to ``client.salesforce.convert``.
    PyConverted = "Converted", salesforce::Converted, |_| None,
    {
        /// ``converted``, ``failed`` or ``duplicate``.
        status: Option<String> = |value: &salesforce::Converted| value.status.clone(),
        /// The account.
        account_id: Option<String> = |value: &salesforce::Converted| value.account_id.clone(),
        /// The contact.
        contact_id: Option<String> = |value: &salesforce::Converted| value.contact_id.clone(),
        /// Who owns it.
        owner_id: Option<String> = |value: &salesforce::Converted| value.owner_id.clone(),
        /// What was done, in order.
        actions: Vec<String> = |value: &salesforce::Converted| value.actions.clone(),
    }
    metered "Credits that the call cost."
}

answer! {
    /// Who got a record: the answer to ``client.routing.assign``.
    PyAssigned = "Assigned", routing::Assigned, |_| None,
    {
        /// The user's id.
        assigned_to: Option<String> = |value: &routing::Assigned| value.assigned_to.clone(),
        /// The number of the assignment in its pool, from 1.
        sequence: Option<Figure> = |value: &routing::Assigned| value.sequence.map(Figure),
        /// Active users of the pool.
        pool_size: Option<Figure> = |value: &routing::Assigned| value.pool_size.map(Figure),
        /// When, ISO 8601.
        timestamp: Option<String> = |value: &routing::Assigned| value.timestamp.clone(),
    }
    metered "Credits that the call cost."
}

answer! {
    /// What became of records that have changed: the answer to ``client.triggers.salesforce``.
    PyTriggered = "Triggered", triggers::Triggered, |_| None,
    {
        /// How many records were worked.
        processed_count: Option<Figure> = |value: &triggers::Triggered| value.processed_count.map(Figure),
        /// The ids of the jobs.
        enrichment_jobs: Vec<String> = |value: &triggers::Triggered| value.enrichment_jobs.clone(),
        /// ``started``, ``queued`` or ``failed``.
        workflow_status: Option<String> = |value: &triggers::Triggered| value.workflow_status.clone(),
    }
    metered "Credits that the call cost."
}

answer! {
    /// What became of a record: the answer to ``client.workflows.trigger``.
    PyWorkflowTriggered = "WorkflowTriggered", workflows::WorkflowTriggered, |value| value.request_id.clone(),
    {
        /// ``triggered``, ``queued`` or ``failed``.
        status: Option<String> = |value: &workflows::WorkflowTriggered| value.status.clone(),
        /// The workflow.
        workflow_id: Option<String> = |value: &workflows::WorkflowTriggered| value.workflow_id.clone(),
        /// The enrichment's job, where there is one.
        enrichment_job_id: Option<String> = |value: &workflows::WorkflowTriggered| value.enrichment_job_id.clone(),
    }
    metered "Credits that the call cost."
}

answer! {
    /// What became of a form: the answer to ``client.forms.submit``.
    PyFormSubmitted = "FormSubmitted", forms::FormSubmitted, |value| value.request_id.clone(),
    {
        /// ``enriched``, ``pushed`` or ``failed``.
        status: Option<String> = |value: &forms::FormSubmitted| value.status.clone(),
        /// The lead with what was found, as a dictionary, or None.
        enriched_lead: Json = |value: &forms::FormSubmitted| Json::of(&value.enriched_lead),
        /// How the push went, where one was asked for.
        push_status: Option<String> = |value: &forms::FormSubmitted| value.push_status.clone(),
        /// Whether the lead may be worked under the GDPR.
        gdpr_safe: Option<bool> = |value: &forms::FormSubmitted| value.gdpr_safe,
    }
    metered "Credits that the call cost."
}

answer! {
    /// How many entries the log has: the answer to ``client.logs.stats``.
    PyLogCounts = "LogCounts", logs::LogCounts, |_| None,
    {
        /// All of them.
        total: u64 = |value: &logs::LogCounts| value.total,
        /// By what was done.
        by_action: BTreeMap<String, u64> = |value: &logs::LogCounts| value.by_action.clone(),
        /// By kind of record.
        by_object: BTreeMap<String, u64> = |value: &logs::LogCounts| value.by_object.clone(),
        /// By pool.
        by_pool: BTreeMap<String, u64> = |value: &logs::LogCounts| value.by_pool.clone(),
        /// By day (UTC).
        by_day: BTreeMap<String, u64> = |value: &logs::LogCounts| value.by_day.clone(),
    }
}

answer! {
    /// How long the log is kept: the answer to ``client.logs.retention``.
    PyRetention = "Retention", logs::Retention, |_| None,
    {
        /// How many days.
        days: Option<u32> = |value: &logs::Retention| value.days,
        /// Entries that were older and are gone now; None unless the days were set.
        deleted: Option<u64> = |value: &logs::Retention| value.deleted,
    }
}
