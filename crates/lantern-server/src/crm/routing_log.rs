//! The routing log: which action changed which record, who requested it, and what changed.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::{Map, Value};

use super::{Crm, Object, record::iso};
use crate::caller::Caller;
use lantern::{
    api::logs::{COLUMNS, FORMULA, LogAction, LogCounts, LogEntry, LogStats},
    process::sqlite::DatabaseError,
};

/// How long entries are kept by default.
const DEFAULT_DAYS: u32 = 365;

/// An entry to be written.
#[derive(Debug, Default)]
pub(crate) struct Entry<'a> {
    pub pool: Option<&'a str>,
    pub assigned_to: Option<&'a str>,
    pub prev_owner: Option<&'a str>,
    pub sequence: Option<i64>,
    pub reason: Option<&'a str>,
    pub diff: Option<Map<String, Value>>,
}

pub(crate) fn write(
    transaction: &Transaction<'_>,
    caller: &Caller,
    at: i64,
    action: LogAction,
    (object, id): (Object, &str),
    entry: Entry<'_>,
) -> rusqlite::Result<()> {
    let diff = entry.diff.map(|diff| Value::Object(diff).to_string());
    transaction
        .prepare_cached(
            "INSERT INTO routing_log (at, object, object_id, action, pool, assigned_to, \
             prev_owner, sequence, reason, request_id, idempotency_key, diff) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            at,
            object.name(),
            id,
            action.name(),
            entry.pool,
            entry.assigned_to,
            entry.prev_owner,
            entry.sequence,
            entry.reason,
            caller.request_id,
            caller.idempotency_key,
            diff,
        ])
        .map(drop)
}

const WHERE: &str = "at >= ?1 AND at < ?2 AND (?3 IS NULL OR pool = ?3) \
                     AND (?4 IS NULL OR object = ?4) AND (?5 IS NULL OR action = ?5)";

/// Entries from `from` until before `to`, the oldest first.
pub(crate) fn entries(
    connection: &Connection,
    asked: &LogStats,
    include_diff: bool,
    limit: u32,
) -> rusqlite::Result<Vec<LogEntry>> {
    let sql = format!("SELECT {ENTRY} FROM routing_log WHERE {WHERE} ORDER BY at, seq LIMIT ?6");
    connection
        .prepare_cached(&sql)?
        .query_map(
            params![
                asked.from.timestamp_micros(),
                asked.to.timestamp_micros(),
                asked.pool,
                asked.object.map(|object| object.name()),
                asked.action.map(LogAction::name),
                limit,
            ],
            |row| entry(row, include_diff),
        )?
        .collect()
}

/// The newest entries, the newest first.
pub(crate) fn latest(connection: &Connection, limit: u32) -> rusqlite::Result<Vec<LogEntry>> {
    let sql = format!("SELECT {ENTRY} FROM routing_log ORDER BY at DESC, seq DESC LIMIT ?");
    connection.prepare_cached(&sql)?.query_map([limit], |row| entry(row, false))?.collect()
}

const ENTRY: &str = "at, object, object_id, action, pool, assigned_to, prev_owner, sequence, \
                     reason, request_id, idempotency_key, diff";

fn entry(row: &Row<'_>, include_diff: bool) -> rusqlite::Result<LogEntry> {
    let diff: Option<String> = row.get(11)?;
    Ok(LogEntry {
        timestamp: Some(iso(row.get(0)?)),
        object: row.get(1)?,
        object_id: row.get(2)?,
        action: row.get(3)?,
        pool: row.get(4)?,
        assigned_to: row.get(5)?,
        prev_owner: row.get(6)?,
        sequence: row.get::<_, Option<i64>>(7)?.map(|number| number as f64),
        reason: row.get(8)?,
        request_id: row.get(9)?,
        idempotency_key: row.get(10)?,
        diff: diff.filter(|_| include_diff).and_then(|diff| serde_json::from_str(&diff).ok()),
        extra: Map::new(),
    })
}

/// Entries as a CSV file. Cells that a spreadsheet would take for formulas are quoted.
pub(crate) fn csv(entries: &[LogEntry]) -> csv::Result<Vec<u8>> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(COLUMNS)?;
    let cell = |value: &Option<String>| match value {
        Some(text) if text.starts_with(FORMULA) => format!("'{text}"),
        Some(text) => text.clone(),
        None => String::new(),
    };
    for entry in entries {
        file.write_record([
            cell(&entry.timestamp),
            cell(&entry.object),
            cell(&entry.object_id),
            cell(&entry.action),
            cell(&entry.pool),
            cell(&entry.assigned_to),
            cell(&entry.prev_owner),
            entry.sequence.map(|number| number.to_string()).unwrap_or_default(),
            cell(&entry.reason),
            cell(&entry.request_id),
            cell(&entry.idempotency_key),
            entry.diff.as_ref().map(Value::to_string).unwrap_or_default(),
        ])?;
    }
    file.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

pub(crate) fn counts(connection: &Connection, asked: &LogStats) -> rusqlite::Result<LogCounts> {
    let count = |by: &str| -> rusqlite::Result<BTreeMap<String, u64>> {
        let sql = format!(
            "SELECT {by}, count(*) FROM routing_log WHERE {WHERE} AND {by} IS NOT NULL GROUP BY 1"
        );
        connection
            .prepare_cached(&sql)?
            .query_map(
                params![
                    asked.from.timestamp_micros(),
                    asked.to.timestamp_micros(),
                    asked.pool,
                    asked.object.map(|object| object.name()),
                    asked.action.map(LogAction::name),
                ],
                |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())),
            )?
            .collect()
    };
    let by_action = count("action")?;
    Ok(LogCounts {
        success: Some(true),
        total: by_action.values().sum(),
        by_object: count("object")?,
        by_pool: count("pool")?,
        by_day: count("date(at / 1000000, 'unixepoch')")?,
        by_action,
        extra: Map::new(),
    })
}

/// Number of days for which entries are kept.
pub(crate) fn retention(connection: &Connection) -> rusqlite::Result<u32> {
    let days: Option<u32> = connection
        .prepare_cached("SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'log_days'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(days.unwrap_or(DEFAULT_DAYS))
}

pub(crate) fn set_retention(transaction: &Transaction<'_>, days: u32) -> rusqlite::Result<()> {
    transaction
        .execute("INSERT OR REPLACE INTO settings VALUES ('log_days', ?)", [days.to_string()])
        .map(drop)
}

/// Removes entries that are past their retention. Returns how many there were.
pub(crate) fn clean(transaction: &Transaction<'_>, now: DateTime<Utc>) -> rusqlite::Result<u64> {
    let days = retention(transaction)?;
    let Some(oldest) = now.checked_sub_days(Days::new(u64::from(days))) else { return Ok(0) };
    let gone =
        transaction.execute("DELETE FROM routing_log WHERE at < ?", [oldest.timestamp_micros()])?;
    Ok(gone as u64)
}

impl Crm {
    /// Removes old entries of the routing log. Returns how many there were. Blocks.
    pub fn clean_log(&self) -> Result<u64, DatabaseError> {
        self.database.transact(|transaction| clean(transaction, Utc::now()))
    }
}
