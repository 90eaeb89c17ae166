//! Reads the routing log completely, however long it is.
//!
//! One answer holds at most 10,000 entries. The next request begins at the time of the last entry,
//! and entries with exactly that time are taken from the later answer only. So no entry is lost or
//! duplicated, even if many were written at the same time.

mod table;

use chrono::{DateTime, TimeDelta, Utc};

pub use table::{SCHEMA, table};

use crate::{
    Client,
    api::{
        Invalid,
        logs::{LogEntry, MAX_ENTRIES, RoutingLogs},
    },
    error::{Error, Result},
};

/// Reads all entries that match a call, in ascending order of time; with `limit`, at most that
/// many.
///
/// # Errors
/// If a call fails, an entry has no time, or more than 10,000 entries have the same time.
pub async fn read(client: &Client, call: &RoutingLogs) -> Result<Vec<LogEntry>> {
    if call.limit == Some(0) {
        return Err(Invalid::new("limit", "limit is 0").hint("leave it out to read all").into());
    }
    let most = call.limit.map_or(usize::MAX, |limit| limit as usize);
    let page_size = call.limit.unwrap_or(MAX_ENTRIES).min(MAX_ENTRIES);
    let mut entries: Vec<LogEntry> = Vec::new();
    // Entries before this time have been read.
    let mut from = call.from;
    loop {
        let page = RoutingLogs {
            // It is unknown whether the API includes entries at exactly the start time.
            from: if from > call.from { from - TimeDelta::milliseconds(1) } else { from },
            limit: Some(page_size),
            ..call.clone()
        };
        let mut got = Vec::new();
        let answer = client.call(&page).await?.value.entries;
        let full = answer.len() >= page_size as usize && most > page_size as usize;
        for entry in answer {
            let at = time(&entry)?;
            got.push((at, entry));
        }
        // The API does not promise any order.
        got.sort_by_key(|(at, _)| *at);
        let (first, last) = (got.first().map(|(at, _)| *at), got.last().map(|(at, _)| *at));
        let end = last.filter(|_| full);
        let fresh = got.into_iter().filter(|(at, _)| {
            (*at >= from || from == call.from) && end.is_none_or(|end| *at < end)
        });
        entries.extend(fresh.map(|(_, entry)| entry));
        if entries.len() >= most {
            entries.truncate(most);
            return Ok(entries);
        }
        let Some(end) = end else { return Ok(entries) };
        if first == Some(end) || end <= from && from != call.from {
            return Err(Error::results(
                "/v1/logs/routing",
                None,
                format!(
                    "more than {MAX_ENTRIES} entries have the time {end}, too many for one answer"
                ),
            )
            .hint("filter by pool, object or action"));
        }
        from = end;
    }
}

/// The time of an entry.
fn time(entry: &LogEntry) -> Result<DateTime<Utc>> {
    let text = entry.timestamp.as_deref().unwrap_or_default();
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .or_else(|_| text.parse::<chrono::NaiveDateTime>().map(|time| time.and_utc()))
        .map_err(|_| {
            Error::results(
                "/v1/logs/routing",
                None,
                format!("an entry's timestamp is {text:?}, which is not an ISO time"),
            )
        })
}
