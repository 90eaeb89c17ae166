//! The charges of runs and calls, in SQLite.

use chrono::{DateTime, Utc};
use rusqlite::{Transaction, params};

use super::Billing;
use crate::database::integer;
use lantern::process::sqlite::{Database, DatabaseError};

/// The charge of a run or a call for one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Charge {
    pub service: &'static str,
    pub records: u64,
    pub credits: u64,
}

/// Records a charge for a run or call. `at` is in microseconds since 1970.
pub(crate) fn write(
    transaction: &Transaction<'_>,
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
            integer(charge.records),
            integer(charge.credits),
            workflow_id
        ])
        .map(drop)
}

/// All credits that were ever charged.
pub(crate) fn total(database: &Database) -> Result<u64, DatabaseError> {
    database.with(|connection| {
        connection
            .query_row("SELECT coalesce(sum(credits), 0) FROM charges", [], |row| {
                row.get::<_, i64>(0)
            })
            .map(i64::unsigned_abs)
    })
}

impl Billing {
    /// The credits charged from `start` until before `end`, for one run or workflow or for all.
    /// Blocks.
    pub fn usage(
        &self,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        run_id: Option<&str>,
        workflow_id: Option<&str>,
    ) -> Result<u64, DatabaseError> {
        self.database.with(|connection| {
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
