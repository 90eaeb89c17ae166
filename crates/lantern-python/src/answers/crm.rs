//! Answers to calls about a CRM: conversion, routing, triggers, workflows, forms and logs.

use std::collections::BTreeMap;

use pyo3::prelude::*;

use super::{
    macros::{answer, part},
    values::{Figure, Json},
};
use lantern::{
    api::{Metered, forms, logs, routing, salesforce, triggers, workflows},
    client::Answered,
};

answer! {
    PyConverted = "Converted", value: salesforce::Converted,
    {
        status: Option<String>,
        account_id: Option<String>,
        contact_id: Option<String>,
        owner_id: Option<String>,
        actions: Vec<String>,
    }
    metered by metering
}

answer! {
    PyAssigned = "Assigned", value: routing::Assigned,
    {
        assigned_to: Option<String>,
        sequence: Option<Figure> = value.sequence.map(Figure),
        pool_size: Option<Figure> = value.pool_size.map(Figure),
        timestamp: Option<String>,
    }
    metered by metering
}

part! {
    PyPool = "Pool", value: routing::Pool,
    {
        pool: String,
        users: Vec<PyPoolUser> = value.users.iter().cloned().map(PyPoolUser).collect(),
        sequence: Option<Figure> = value.sequence.map(Figure),
    }
}

part! {
    PyPoolUser = "PoolUser", value: routing::PoolUser,
    {
        id: String,
        name: Option<String>,
        active: Option<bool> = value.active,
        assigned: Option<Figure> = value.assigned.map(Figure),
    }
}

answer! {
    PyTriggered = "Triggered", value: triggers::Triggered,
    {
        processed_count: Option<Figure> = value.processed_count.map(Figure),
        enrichment_jobs: Vec<String>,
        workflow_status: Option<String>,
    }
    metered by metering
}

answer! {
    PyWorkflowTriggered = "WorkflowTriggered", value: workflows::WorkflowTriggered,
    {
        status: Option<String>,
        workflow_id: Option<String>,
        enrichment_job_id: Option<String>,
    }
    known by request_id
    metered by metering
}

answer! {
    PyFormSubmitted = "FormSubmitted", value: forms::FormSubmitted,
    {
        status: Option<String>,
        enriched_lead: Json = Json::of(&value.enriched_lead),
        push_status: Option<String>,
        gdpr_safe: Option<bool> = value.gdpr_safe,
    }
    known by request_id
    metered by metering
}

answer! {
    PyLogCounts = "LogCounts", value: logs::LogCounts,
    {
        total: u64 = value.total,
        by_action: BTreeMap<String, u64>,
        by_object: BTreeMap<String, u64>,
        by_pool: BTreeMap<String, u64>,
        by_day: BTreeMap<String, u64>,
    }
}

answer! {
    PyRetention = "Retention", value: logs::Retention,
    {
        days: Option<u32> = value.days,
        deleted: Option<u64> = value.deleted,
    }
}
