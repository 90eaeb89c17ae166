//! Enriches records that have changed: those that a webhook announces, and, by a poll with a
//! watermark, those that no webhook announced.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Map;

use super::{
    Crm, Object,
    enrichment::{Found, missing},
    ids,
    record::{self, Record, modstamp, text},
    routing_log as log,
};
use crate::{
    billing::{Bill, Stop},
    caller::Caller,
    database::integer,
    refusal::Refusal,
};
use lantern::api::{
    logs::LogAction,
    triggers::{SalesforceTrigger, Triggered, WorkflowStatus},
};

/// `POST /v1/triggers/salesforce`. Blocks.
///
/// Ids that the CRM does not have are skipped. A person or company that is found costs as much as
/// with `enrich/person` and `enrich/company`.
pub(crate) fn trigger(
    crm: &Crm,
    caller: &Caller,
    call: &SalesforceTrigger,
) -> Result<Triggered, Refusal> {
    crm.ready()?;
    let object = Object::from(call.object);
    let (jobs, credits) = crm.billing.charged(caller, None, |transaction, bill| {
        let mut jobs = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for sent in &call.ids {
            let Some(id) = ids::normal(sent).filter(|id| ids::object_of(id) == Some(object)) else {
                continue;
            };
            if !seen.insert(id.clone()) {
                continue;
            }
            if let Some(record) = record::read(transaction, object, &id)? {
                let event = call.event.name();
                jobs.push(work(crm, transaction, caller, bill, object, &record, event)?);
            }
        }
        Ok(jobs)
    })?;
    let status = if jobs.is_empty() { WorkflowStatus::Failed } else { WorkflowStatus::Started };
    Ok(Triggered {
        success: Some(true),
        processed_count: Some(jobs.len() as f64),
        enrichment_jobs: jobs,
        workflow_status: Some(status.name().to_owned()),
        metering: crm.billing.metering(caller, credits, Some(false)),
        extra: Map::new(),
    })
}

/// Enriches one record and returns the id of the job.
fn work(
    crm: &Crm,
    transaction: &Transaction<'_>,
    caller: &Caller,
    bill: &mut Bill,
    object: Object,
    before: &Record,
    event: &str,
) -> Result<String, Stop> {
    let id = text(before, "id").unwrap_or_default();
    let Found { service, price, fields } = missing(crm, object, before);
    let at = modstamp(transaction)?;
    let diff = record::update(transaction, object, before, &fields, at)?;
    bill.add(service, price);
    let job_id = uuid::Uuid::new_v4().to_string();
    transaction
        .prepare_cached("INSERT INTO enrichment_jobs VALUES (?, ?, ?, ?, ?)")?
        .execute(params![job_id, id, event, integer(price), at])?;
    let stamp = if diff.is_empty() { micros(before, "modified_at") } else { at };
    own_change(transaction, id, stamp)?;
    if !diff.is_empty() {
        log::write(
            transaction,
            caller,
            at,
            LogAction::Enrich,
            (object, id),
            log::Entry {
                reason: Some(event),
                prev_owner: text(before, "owner_id"),
                diff: Some(diff),
                ..log::Entry::default()
            },
        )?;
    }
    Ok(job_id)
}

/// Records that the server itself changed a record, so that the poll does not take it for a change
/// by somebody else.
pub(crate) fn own_change(
    transaction: &Transaction<'_>,
    id: &str,
    modified_at: i64,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO worked VALUES (?, ?)")?
        .execute(params![id, modified_at])
        .map(drop)
}

fn micros(record: &Record, field: &str) -> i64 {
    text(record, field)
        .and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok())
        .map(|time| time.timestamp_micros())
        .unwrap_or_default()
}

/// The kinds that are polled.
const POLLED: [Object; 4] = [Object::Lead, Object::Contact, Object::Account, Object::Opportunity];

/// Maximum number of records in one transaction.
const AT_ONCE: i64 = 200;

/// Enriches what has changed since the watermark without being announced by a webhook. Returns how
/// many records there were. Blocks.
pub(crate) fn poll(crm: &Crm) -> Result<u64, Refusal> {
    crm.ready()?;
    let mut worked = 0;
    for object in POLLED {
        loop {
            let caller = Caller::own();
            let ((seen, done), _) = crm.billing.charged(&caller, None, |transaction, bill| {
                batch(crm, transaction, &caller, bill, object)
            })?;
            worked += done;
            if seen < AT_ONCE as u64 {
                break;
            }
        }
    }
    Ok(worked)
}

/// Advances the watermark by one step. Returns how many records it passed, and how many were
/// enriched.
fn batch(
    crm: &Crm,
    transaction: &Transaction<'_>,
    caller: &Caller,
    bill: &mut Bill,
    object: Object,
) -> Result<(u64, u64), Stop> {
    let (at, id) = watermark(transaction, object)?;
    let sql = format!(
        "SELECT id, modified_at FROM {} WHERE (modified_at, id) > (?, ?) \
         ORDER BY modified_at, id LIMIT ?",
        object.table()
    );
    let changed: Vec<(String, i64)> = transaction
        .prepare_cached(&sql)?
        .query_map(params![at, id, AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let Some((last_id, last_at)) = changed.last() else { return Ok((0, 0)) };
    set_watermark(transaction, object, *last_at, last_id)?;
    let mut done = 0;
    for (id, modified_at) in &changed {
        let known: Option<i64> = transaction
            .prepare_cached("SELECT modified_at FROM worked WHERE id = ?")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        if known == Some(*modified_at) {
            continue;
        }
        if let Some(record) = record::read(transaction, object, id)? {
            work(crm, transaction, caller, bill, object, &record, "poll")?;
            done += 1;
        }
    }
    Ok((changed.len() as u64, done))
}

fn watermark(transaction: &Transaction<'_>, object: Object) -> rusqlite::Result<(i64, String)> {
    let value: Option<String> = transaction
        .prepare_cached("SELECT value FROM settings WHERE name = ?")?
        .query_row([format!("watermark_{}", object.name())], |row| row.get(0))
        .optional()?;
    Ok(value
        .as_deref()
        .and_then(|value| value.split_once(' '))
        .and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())))
        .unwrap_or((i64::MIN, String::new())))
}

pub(crate) fn set_watermark(
    transaction: &Transaction<'_>,
    object: Object,
    at: i64,
    id: &str,
) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT OR REPLACE INTO settings VALUES (?, ?)",
            params![format!("watermark_{}", object.name()), format!("{at} {id}")],
        )
        .map(drop)
}

/// Sets the watermarks after the records of a new CRM, because they have not changed.
pub(crate) fn begin_here(transaction: &Transaction<'_>, at: i64) -> rusqlite::Result<()> {
    for object in POLLED {
        set_watermark(transaction, object, at, "zzzzzzzzzzzzzzzzzz")?;
    }
    Ok(())
}
