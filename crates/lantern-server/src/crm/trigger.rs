//! Records that have changed are enriched: those that a webhook announces, and, by a poll behind a
//! watermark, those that none did.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Map;

use super::{
    Object, ids, log,
    record::{self, Record, modstamp, text},
};
use crate::{
    caller::{Bill, Caller, Stop},
    refusal::Refusal,
    shared::Shared,
};
use lantern::api::{
    logs::LogAction,
    triggers::{SalesforceTrigger, Triggered, WorkflowStatus},
};

/// `POST /v1/triggers/salesforce`. Blocks.
///
/// Ids that the CRM does not have are passed over. What is found about a person or company costs
/// what `enrich/person` and `enrich/company` cost.
pub(crate) fn trigger(
    shared: &Shared,
    caller: &Caller,
    call: &SalesforceTrigger,
) -> Result<Triggered, Refusal> {
    shared.crm_ready()?;
    let object = Object::from(call.object);
    let (jobs, credits) = shared.charged(caller, None, |transaction, bill| {
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
                jobs.push(work(shared, transaction, caller, bill, object, &record, event)?);
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
        metering: shared.metering(caller, credits, Some(false)),
        extra: Map::new(),
    })
}

/// Enriches one record and answers the job's id.
fn work(
    shared: &Shared,
    transaction: &Transaction<'_>,
    caller: &Caller,
    bill: &mut Bill,
    object: Object,
    before: &Record,
    event: &str,
) -> Result<String, Stop> {
    let id = text(before, "id").unwrap_or_default();
    let (service, price, changes) = found(shared, object, before);
    let at = modstamp(transaction)?;
    let diff = record::update(transaction, object, before, &changes, at)?;
    let credits = if changes.is_empty() { 0 } else { u64::from(price) };
    bill.add(service, credits);
    let job_id = uuid::Uuid::new_v4().to_string();
    transaction
        .prepare_cached("INSERT INTO enrichment_jobs VALUES (?, ?, ?, ?, ?)")?
        .execute(params![job_id, id, event, credits as i64, at])?;
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

/// Notes that a record is as the server itself left it: the poll must not take that for a change of
/// somebody else.
pub(super) fn own_change(
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

/// What the directory knows of a record and the record does not say.
pub(crate) fn found(
    shared: &Shared,
    object: Object,
    before: &Record,
) -> (&'static str, u32, Record) {
    let directory = &shared.directory;
    let own = |field| text(before, field);
    let mut changes = Record::new();
    let mut fill = |field: &'static str, value: Option<&str>| {
        if own(field).is_none()
            && let Some(value) = value
        {
            changes.insert(field.to_owned(), value.into());
        }
    };
    match object {
        Object::Lead | Object::Contact => {
            let by_name = |company: Option<&str>| {
                directory.person_by_name(own("first_name")?, own("last_name")?, company?)
            };
            let row = by_name(own("domain"))
                .or_else(|| by_name(own("company")))
                .or_else(|| directory.person_by_profile(own("linkedin")?))
                .or_else(|| directory.person_by_email(own("email")?));
            if let Some(row) = row {
                let people = directory.people();
                let known = |column| people.text(column, row);
                fill("first_name", known("first_name"));
                fill("last_name", known("last_name"));
                fill("email", known("email"));
                fill("phone", known("phone_number"));
                fill("title", known("title"));
                fill("linkedin", known("linkedin"));
                fill("company", known("company_name"));
                fill("domain", known("company_url").map(crate::directory::host));
                fill("country", known("country"));
                fill("city", known("city"));
            }
            ("person", shared.prices.person, changes)
        }
        Object::Account => {
            let company = directory.company(own("domain"), own("name"), own("country"));
            if let Some((row, _)) = company {
                let companies = directory.companies();
                let known = |column| companies.text(column, row);
                for field in [
                    "name",
                    "domain",
                    "linkedin",
                    "industry",
                    "size_range",
                    "country",
                    "state",
                    "city",
                    "postal_code",
                ] {
                    fill(field, known(field));
                }
            }
            ("company", shared.prices.company, changes)
        }
        // An opportunity has nothing of its own to look up.
        _ => ("person", 0, changes),
    }
}

/// The kinds that are polled.
const POLLED: [Object; 4] = [Object::Lead, Object::Contact, Object::Account, Object::Opportunity];

/// The most records of one transaction.
const AT_ONCE: i64 = 200;

/// Enriches what has changed behind the watermark and no webhook announced, and says how many
/// records that were. Blocks.
pub(crate) fn poll(shared: &Shared) -> Result<u64, Refusal> {
    shared.crm_ready()?;
    let mut worked = 0;
    for object in POLLED {
        loop {
            let caller = Caller::own();
            let ((seen, done), _) = shared.charged(&caller, None, |transaction, bill| {
                batch(shared, transaction, &caller, bill, object)
            })?;
            worked += done;
            if seen < AT_ONCE as u64 {
                break;
            }
        }
    }
    Ok(worked)
}

/// One step of the watermark: how many records it passed, and how many of them were worked.
fn batch(
    shared: &Shared,
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
            work(shared, transaction, caller, bill, object, &record, "poll")?;
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

pub(super) fn set_watermark(
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

/// What is there when the CRM is made is nothing that changed.
pub(super) fn begin_here(transaction: &Transaction<'_>, at: i64) -> rusqlite::Result<()> {
    for object in POLLED {
        set_watermark(transaction, object, at, "zzzzzzzzzzzzzzzzzz")?;
    }
    Ok(())
}
