//! The runs of a tenant in SQLite, both waiting and ended.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use uuid::Uuid;

use super::files::Named;
use crate::{
    billing::charges::{self, Charge},
    database::{integer, parsed, unreadable},
};
use lantern::{
    api::agents::{BatchKind, ContactBatch, DeepResearchBatch, EntityType},
    process::sqlite::{Database, DatabaseError},
};

/// The request of a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Request {
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

    pub fn entity_type(&self) -> EntityType {
        match self {
            Self::Contact(batch) => batch.entity_type,
            Self::Research(batch) => batch.entity_type,
        }
    }

    /// Number of ids or records in it.
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

/// A fault that is applied to a batch when it is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunFault {
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

/// A run that is waiting.
pub(super) struct Queued {
    pub run_id: Uuid,
    pub request: Request,
    pub reserved: u64,
    pub fault: Option<RunFault>,
    pub received_at: DateTime<Utc>,
}

impl Queued {
    /// The parts of the names of the run's files.
    pub fn named(&self) -> Named {
        Named {
            run_id: self.run_id,
            kind: self.request.kind(),
            entity_type: self.request.entity_type(),
            day: self.received_at.date_naive(),
        }
    }
}

/// A run, as shown to its owner.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Run {
    pub run_id: String,
    pub kind: String,
    pub entity_type: String,
    /// Number of ids or records that were sent.
    pub ids: i64,
    pub max_credits: i64,
    /// Cost of the run in credits.
    pub credits: i64,
    pub status: String,
    pub error: Option<String>,
    pub idempotency_key: Option<String>,
    pub received_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// The runs. Its methods block, so call them on a thread for blocking work.
pub(super) struct Queue(Database);

impl Queue {
    pub fn new(database: &Database) -> Self {
        Self(database.clone())
    }

    /// Queues a run. From here on it survives the process.
    pub fn push(
        &self,
        queued: &Queued,
        idempotency_key: Option<&str>,
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
                    integer(queued.request.len() as u64),
                    integer(queued.request.max_credits()),
                    integer(queued.reserved),
                    queued.fault.map(RunFault::to_text),
                    idempotency_key,
                    queued.received_at.timestamp_micros(),
                ])
                .map(drop)
        })
    }

    /// The run that has waited longest.
    pub fn next(&self) -> Result<Option<Queued>, DatabaseError> {
        self.0.with(|connection| {
            connection
                .prepare_cached(
                    "SELECT run_id, kind, request, reserved, fault, received_at FROM runs \
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
                        received_at: DateTime::from_timestamp_micros(row.get(5)?)
                            .unwrap_or_default(),
                    })
                })
                .optional()
        })
    }

    /// Ends a run and records its charges, in one transaction. With `error` the run has failed.
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
                charges::write(transaction, at, &run_id, charge, None)?;
            }
            transaction
                .prepare_cached(
                    "UPDATE runs SET status = ?, error = ?, credits = ?, finished_at = ? \
                     WHERE run_id = ?",
                )?
                .execute(params![
                    if error.is_some() { "failed" } else { "completed" },
                    error,
                    integer(credits),
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

    /// All runs, in the order in which they were received.
    pub fn runs(&self) -> Result<Vec<Run>, DatabaseError> {
        self.0.with(|connection| {
            let time = |row: &Row<'_>, at| -> rusqlite::Result<Option<DateTime<Utc>>> {
                Ok(row.get::<_, Option<i64>>(at)?.and_then(DateTime::from_timestamp_micros))
            };
            connection
                .prepare_cached(
                    "SELECT run_id, kind, ids, max_credits, credits, status, error, \
                     idempotency_key, received_at, finished_at, \
                     request ->> '$.entity_type' FROM runs ORDER BY seq",
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
                        entity_type: row.get(10)?,
                    })
                })?
                .collect()
        })
    }

    /// Number of queued runs, and the credits reserved for them.
    pub fn totals(&self) -> Result<(usize, u64), DatabaseError> {
        self.0.with(|connection| {
            let (queued, reserved): (i64, i64) = connection.query_row(
                "SELECT count(*), coalesce(sum(reserved), 0) FROM runs WHERE status = 'queued'",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            Ok((queued.unsigned_abs() as usize, reserved.unsigned_abs()))
        })
    }
}
