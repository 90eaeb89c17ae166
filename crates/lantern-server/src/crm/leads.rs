//! Leads from elsewhere: forms and workflows.

use rusqlite::Transaction;
use serde_json::Value;

use super::{
    Object, ids,
    record::{self, Record, modstamp, text},
    routing_log as log,
    trigger::own_change,
};
use crate::{billing::Stop, caller::Caller};
use lantern::{api::logs::LogAction, matching::normalize::email_key};

/// Fills empty fields of the lead with this id or address, or creates one. Returns whether it is
/// new.
pub(crate) fn upsert(
    transaction: &Transaction<'_>,
    caller: &Caller,
    given: &Record,
) -> Result<(String, bool), Stop> {
    let known = ["id", "sf_id"]
        .iter()
        .find_map(|field| ids::normal(text(given, field)?))
        .filter(|id| ids::object_of(id) == Some(Object::Lead));
    let before = match known {
        Some(id) => record::read(transaction, Object::Lead, &id)?,
        None => by_email(transaction, given)?,
    };
    let at = modstamp(transaction)?;
    let fields = Object::Lead.fields().iter().filter(|field| **field != "status");
    let Some(before) = before else {
        let mut lead = Record::new();
        for field in fields {
            if let Some(value) = text(given, field) {
                lead.insert((*field).to_owned(), value.into());
            }
        }
        let id = record::insert(transaction, Object::Lead, &lead, at)?;
        own_change(transaction, &id, at)?;
        return Ok((id, true));
    };
    let mut changes = Record::new();
    for field in fields {
        if text(&before, field).is_none()
            && let Some(value) = text(given, field)
        {
            changes.insert((*field).to_owned(), value.into());
        }
    }
    let id = text(&before, "id").unwrap_or_default().to_owned();
    let diff = record::update(transaction, Object::Lead, &before, &changes, at)?;
    if !diff.is_empty() {
        own_change(transaction, &id, at)?;
        let entry = log::Entry { reason: Some("push"), diff: Some(diff), ..Default::default() };
        log::write(transaction, caller, at, LogAction::Enrich, (Object::Lead, &id), entry)?;
    }
    Ok((id, false))
}

/// The unconverted lead with this address, in whatever spelling.
fn by_email(transaction: &Transaction<'_>, given: &Record) -> Result<Option<Record>, Stop> {
    let Some(key) = text(given, "email").and_then(email_key) else { return Ok(None) };
    let leads = record::list(transaction, Object::Lead, "", usize::MAX)?;
    Ok(leads.into_iter().find(|lead| {
        lead.get("converted_contact_id").is_none_or(Value::is_null)
            && text(lead, "email").and_then(email_key).is_some_and(|own| own == key)
    }))
}
