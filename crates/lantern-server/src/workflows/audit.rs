//! The audit log: every run with its request and answer, including dead letters.

use chrono::Utc;
use rusqlite::{Row, Transaction, params};
use serde::Serialize;
use serde_json::Value;

use super::{Workflows, definitions::Retry, redaction::redacted};
use crate::{crm::record::iso, refusal::Refusal};

/// How a run ended, or what is left to do.
pub(crate) struct Ended<'a> {
    pub request_id: &'a str,
    pub workflow_id: &'a str,
    pub request: &'a Value,
    pub answer: Option<&'a Value>,
    pub error: Option<&'a str>,
    /// The URL and body of a push that was not sent yet.
    pub push: Option<(&'a str, &'a Value)>,
    pub retry: Retry,
}

/// Records a run.
pub(crate) fn write(transaction: &Transaction<'_>, ended: &Ended<'_>) -> rusqlite::Result<()> {
    let now = Utc::now().timestamp_micros();
    let status = match (ended.error, ended.push) {
        (Some(_), _) => "dead",
        (None, Some(_)) => "queued",
        (None, None) => "done",
    };
    let open = status != "done";
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO workflow_runs (request_id, workflow_id, status, request, \
             answer, error, raw, url, push, most_attempts, base_ms, next_at, received_at, \
             finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            ended.request_id,
            ended.workflow_id,
            status,
            redacted(ended.request).to_string(),
            ended.answer.map(|answer| redacted(answer).to_string()),
            ended.error,
            open.then(|| ended.request.to_string()),
            ended.push.map(|(url, _)| url),
            ended.push.map(|(_, body)| body.to_string()),
            ended.retry.attempts.max(1),
            i64::try_from(ended.retry.base_ms).unwrap_or(i64::MAX),
            (status == "queued").then_some(now),
            now,
            (!open).then_some(now),
        ])
        .map(drop)
}

/// A run, as the audit log shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Run {
    pub request_id: String,
    pub workflow_id: String,
    /// `done`, `queued` or `dead`.
    pub status: String,
    pub request: Value,
    pub answer: Value,
    pub error: Option<String>,
    pub attempts: u32,
    pub received_at: String,
    pub finished_at: Option<String>,
}

impl Workflows {
    /// Runs, the newest first. Blocks.
    pub fn runs(&self, status: Option<&str>, limit: u32) -> Result<Vec<Run>, Refusal> {
        let json = |text: Option<String>| {
            text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null)
        };
        let run = |row: &Row<'_>| {
            Ok(Run {
                request_id: row.get(0)?,
                workflow_id: row.get(1)?,
                status: row.get(2)?,
                request: json(row.get(3)?),
                answer: json(row.get(4)?),
                error: row.get(5)?,
                attempts: row.get(6)?,
                received_at: iso(row.get(7)?),
                finished_at: row.get::<_, Option<i64>>(8)?.map(iso),
            })
        };
        Ok(self.crm.database().with(|connection| {
            connection
                .prepare_cached(
                    "SELECT request_id, workflow_id, status, request, answer, error, attempts, \
                     received_at, finished_at FROM workflow_runs WHERE (?1 IS NULL OR status = ?1) \
                     ORDER BY received_at DESC, request_id LIMIT ?2",
                )?
                .query_map(params![status, limit], run)?
                .collect()
        })?)
    }
}
