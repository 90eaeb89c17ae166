//! What the server remembers: runs, charges and its own settings, in SQLite.

use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params, types::Type};
use serde::Serialize;
use uuid::Uuid;

use lantern::{
    api::agents::{BatchKind, ContactBatch, DeepResearchBatch},
    process::sqlite::{Database, DatabaseError, Durability},
};

const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE runs (
        seq INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        request TEXT NOT NULL,
        ids INTEGER NOT NULL,
        max_credits INTEGER NOT NULL,
        -- what the tenant's credits keep free for it while it is queued
        reserved INTEGER NOT NULL,
        credits INTEGER NOT NULL DEFAULT 0,
        status TEXT NOT NULL DEFAULT 'queued',
        error TEXT,
        fault TEXT,
        idempotency_key TEXT,
        received_at INTEGER NOT NULL,
        finished_at INTEGER
    ) STRICT;
    CREATE INDEX queue ON runs (seq) WHERE status = 'queued';
    -- one row for each service that a run was charged for; times are microseconds since 1970
    CREATE TABLE charges (
        at INTEGER NOT NULL,
        run_id TEXT NOT NULL,
        service TEXT NOT NULL,
        records INTEGER NOT NULL,
        credits INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX charged ON charges (at);
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
",
    include_str!("crm/schema.sql"),
];

/// What a run has to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Request {
    Contact(ContactBatch),
    Research(DeepResearchBatch),
}

impl Request {
    pub fn kind(&self) -> BatchKind {
        match self {
            Self::Contact(batch) => batch.kind,
            Self::Research(_) => BatchKind::DeepResearch,
        }
    }

    pub fn max_credits(&self) -> u64 {
        match self {
            Self::Contact(batch) => batch.max_credits,
            Self::Research(batch) => batch.max_credits,
        }
    }

    /// How many ids or records it holds.
    pub fn len(&self) -> usize {
        match self {
            Self::Contact(batch) => batch
                .ids
                .as_ref()
                .map(Vec::len)
                .or(batch.records.as_ref().map(Vec::len))
                .unwrap_or(0),
            Self::Research(batch) => batch.ids.len(),
        }
    }

    fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Contact(batch) => serde_json::to_string(batch),
            Self::Research(batch) => serde_json::to_string(batch),
        }
    }

    fn of(kind: BatchKind, json: &str) -> serde_json::Result<Self> {
        if kind == BatchKind::DeepResearch {
            return serde_json::from_str(json).map(Self::Research);
        }
        let batch: ContactBatch = serde_json::from_str(json)?;
        Ok(Self::Contact(ContactBatch { kind, ..batch }))
    }
}

/// A fault that a batch carries until it is worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunFault {
    Fails,
    Truncate(Option<u64>),
}

impl RunFault {
    fn to_text(self) -> String {
        match self {
            Self::Fails => "fails".to_owned(),
            Self::Truncate(None) => "truncate".to_owned(),
            Self::Truncate(Some(bytes)) => format!("truncate {bytes}"),
        }
    }

    fn of(text: &str) -> Self {
        match text.strip_prefix("truncate") {
            Some(bytes) => Self::Truncate(bytes.trim().parse().ok()),
            None => Self::Fails,
        }
    }
}

/// A run that waits to be worked.
pub(super) struct Queued {
    pub run_id: Uuid,
    pub request: Request,
    pub reserved: u64,
    pub fault: Option<RunFault>,
}

/// A run as its owner sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Run {
    pub run_id: String,
    pub kind: String,
    /// How many ids or records were sent.
    pub ids: i64,
    pub max_credits: i64,
    /// What it cost.
    pub credits: i64,
    pub status: String,
    pub error: Option<String>,
    pub idempotency_key: Option<String>,
    pub received_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// What a run was charged for one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charge {
    pub service: &'static str,
    pub records: u64,
    pub credits: u64,
}

/// Its methods block: call them from a blocking thread.
#[derive(Clone)]
pub(super) struct Store(Database);

impl Store {
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        Database::open(path, Durability::Normal, MIGRATIONS).map(Self)
    }

    /// The file itself, for what has its tables beside those of the runs.
    pub fn database(&self) -> &Database {
        &self.0
    }

    /// A setting of this data folder, made when it is first asked for.
    pub fn setting(
        &self,
        name: &str,
        make: impl FnOnce() -> String,
    ) -> Result<String, DatabaseError> {
        self.0.transact(|transaction| {
            let found = transaction
                .query_row("SELECT value FROM settings WHERE name = ?", [name], |row| row.get(0))
                .optional()?;
            if let Some(found) = found {
                return Ok(found);
            }
            let value = make();
            transaction
                .execute("INSERT INTO settings (name, value) VALUES (?, ?)", [name, &value])?;
            Ok(value)
        })
    }

    /// Queues a run. It survives the process from here on.
    pub fn queue(
        &self,
        queued: &Queued,
        idempotency_key: Option<&str>,
        received_at: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        self.0.with(|connection| {
            let request = queued
                .request
                .to_json()
                .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
            connection
                .prepare_cached(
                    "INSERT INTO runs (run_id, kind, request, ids, max_credits, reserved, fault, \
                     idempotency_key, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    queued.run_id.to_string(),
                    queued.request.kind().name(),
                    request,
                    whole(queued.request.len() as u64),
                    whole(queued.request.max_credits()),
                    whole(queued.reserved),
                    queued.fault.map(RunFault::to_text),
                    idempotency_key,
                    received_at.timestamp_micros(),
                ])
                .map(drop)
        })
    }

    /// The run that has waited longest.
    pub fn next_queued(&self) -> Result<Option<Queued>, DatabaseError> {
        self.0.with(|connection| {
            connection
                .prepare_cached(
                    "SELECT run_id, kind, request, reserved, fault FROM runs \
                     WHERE status = 'queued' ORDER BY seq LIMIT 1",
                )?
                .query_row([], |row| {
                    let kind: BatchKind = parsed(row, 1)?;
                    let request: String = row.get(2)?;
                    Ok(Queued {
                        run_id: parsed(row, 0)?,
                        request: Request::of(kind, &request)
                            .map_err(|error| unreadable(2, error))?,
                        reserved: row.get::<_, i64>(3)?.unsigned_abs(),
                        fault: row.get::<_, Option<String>>(4)?.as_deref().map(RunFault::of),
                    })
                })
                .optional()
        })
    }

    /// Ends a run, with its charges in the same transaction; `error` makes it a failed one.
    pub fn finish(
        &self,
        run_id: Uuid,
        charges: &[Charge],
        error: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let at = at.timestamp_micros();
        let run_id = run_id.to_string();
        self.0.transact(|transaction| {
            let mut credits = 0;
            for charge in charges {
                credits += charge.credits;
                write_charge(transaction, at, &run_id, charge, None)?;
            }
            transaction
                .prepare_cached(
                    "UPDATE runs SET status = ?, error = ?, credits = ?, finished_at = ? \
                     WHERE run_id = ?",
                )?
                .execute(params![
                    if error.is_some() { "failed" } else { "completed" },
                    error,
                    whole(credits),
                    at,
                    run_id,
                ])
                .map(drop)
        })
    }

    /// Status and error of a run.
    pub fn status(&self, run_id: Uuid) -> Result<Option<(String, Option<String>)>, DatabaseError> {
        self.0.with(|connection| {
            connection
                .prepare_cached("SELECT status, error FROM runs WHERE run_id = ?")?
                .query_row([run_id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })
    }

    /// All runs, in the order in which they came.
    pub fn runs(&self) -> Result<Vec<Run>, DatabaseError> {
        self.0.with(|connection| {
            let time = |row: &Row<'_>, at| -> rusqlite::Result<Option<DateTime<Utc>>> {
                Ok(row.get::<_, Option<i64>>(at)?.and_then(DateTime::from_timestamp_micros))
            };
            connection
                .prepare_cached(
                    "SELECT run_id, kind, ids, max_credits, credits, status, error, \
                     idempotency_key, received_at, finished_at FROM runs ORDER BY seq",
                )?
                .query_map([], |row| {
                    Ok(Run {
                        run_id: row.get(0)?,
                        kind: row.get(1)?,
                        ids: row.get(2)?,
                        max_credits: row.get(3)?,
                        credits: row.get(4)?,
                        status: row.get(5)?,
                        error: row.get(6)?,
                        idempotency_key: row.get(7)?,
                        received_at: time(row, 8)?.unwrap_or_default(),
                        finished_at: time(row, 9)?,
                    })
                })?
                .collect()
        })
    }

    /// How many runs are queued, what is reserved for them, and what all others have cost.
    pub fn totals(&self) -> Result<(usize, u64, u64), DatabaseError> {
        self.0.with(|connection| {
            let (queued, reserved): (i64, i64) = connection.query_row(
                "SELECT count(*), coalesce(sum(reserved), 0) FROM runs WHERE status = 'queued'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let used: i64 = connection.query_row(
                "SELECT coalesce(sum(credits), 0) FROM charges",
                [],
                |row| row.get(0),
            )?;
            Ok((queued.unsigned_abs() as usize, reserved.unsigned_abs(), used.unsigned_abs()))
        })
    }

    /// The credits charged from `start` until before `end`, of one run or of all.
    pub fn usage(
        &self,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        run_id: Option<&str>,
        workflow_id: Option<&str>,
    ) -> Result<u64, DatabaseError> {
        self.0.with(|connection| {
            connection
                .prepare_cached(
                    "SELECT coalesce(sum(credits), 0) FROM charges \
                     WHERE at >= ?1 AND at < ?2 AND (?3 IS NULL OR run_id = ?3) \
                     AND (?4 IS NULL OR workflow_id = ?4)",
                )?
                .query_row(
                    params![start.timestamp_micros(), end.timestamp_micros(), run_id, workflow_id],
                    |row| row.get::<_, i64>(0),
                )
                .map(i64::unsigned_abs)
        })
    }
}

/// Writes what a run or a call was charged for one service.
pub(super) fn write_charge(
    transaction: &rusqlite::Transaction<'_>,
    at: i64,
    run_id: &str,
    charge: &Charge,
    workflow_id: Option<&str>,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO charges (at, run_id, service, records, credits, workflow_id) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            at,
            run_id,
            charge.service,
            whole(charge.records),
            whole(charge.credits),
            workflow_id
        ])
        .map(drop)
}

/// SQLite's integers have a sign; nobody has more credits than fit.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn parsed<T>(row: &Row<'_>, at: usize) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.get::<_, String>(at)?.parse().map_err(|error| unreadable(at, error))
}

fn unreadable(at: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(at, Type::Text, Box::new(error))
}
