//! The rows of mapped calls in SQLite, beside the ledger. A row is `planned`, `sending`, `done`,
//! `failed` or `in_doubt`; `sending` is on the disk before the call leaves.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use rusqlite::{OptionalExtension, params};
use serde_json::{Map, Value};

use crate::{
    error::{Advice, Error, Result},
    process::{
        private,
        sqlite::{Database, DatabaseError, Durability},
    },
};

const MIGRATIONS: &[&str] = &["
    CREATE TABLE jobs (
        key TEXT PRIMARY KEY,
        call TEXT NOT NULL,
        account TEXT NOT NULL,
        -- the hash of call, account and every request
        plan TEXT NOT NULL
    ) STRICT;
    CREATE TABLE rows (
        key TEXT NOT NULL REFERENCES jobs (key),
        row INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'planned',
        -- what it may cost while it is sent or in doubt, and what it did cost when it is done
        credits INTEGER NOT NULL DEFAULT 0,
        answer TEXT,
        error TEXT,
        PRIMARY KEY (key, row)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX open_rows ON rows (key, row) WHERE state = 'planned';
"];

/// A row as the store knows it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub state: String,
    pub credits: i64,
    /// JSON.
    answer: Option<String>,
    pub error: Option<String>,
}

impl Row {
    /// What was answered.
    ///
    /// # Errors
    /// The store was damaged: what it holds is no JSON.
    pub fn answer(&self) -> Result<Option<Value>> {
        let answer = self.answer.as_deref().map(serde_json::from_str).transpose();
        answer.map_err(|error| {
            Error::ledger(format!("an answer that is kept beside the ledger is damaged ({error})"))
                .advise(Advice::text("restore the file from a backup"))
                .caused_by(error)
        })
    }
}

/// How a row ended.
pub(super) enum End {
    Done {
        /// JSON.
        answer: String,
        credits: u64,
    },
    Failed(String),
    /// It was answered, at a cost or not, and the answer says that it failed.
    Unsuccessful {
        /// JSON.
        answer: String,
        error: String,
        credits: u64,
    },
    InDoubt(String),
    /// Nothing was sent, or nothing that costs: it may be sent again.
    Planned,
}

/// A job that this process alone works on.
pub(super) struct Job {
    database: Database,
    key: String,
    /// Held as long as the job is worked; the system lets go of it when the process ends.
    _lock: File,
}

fn unusable(error: DatabaseError) -> Error {
    Error::ledger(error.to_string()).caused_by(error)
}

impl Job {
    /// Opens a job, or writes its plan down.
    ///
    /// # Errors
    /// Another process works on it, or another plan has its key.
    pub fn open(
        path: &Path,
        key: &str,
        call: &str,
        account: &str,
        plan: &str,
        rows: usize,
    ) -> Result<Self> {
        let database = Database::open(path, Durability::Full, MIGRATIONS).map_err(unusable)?;
        let lock = lock(path, key)?;
        let known: Option<String> = database
            .transact(|transaction| {
                let known = transaction
                    .query_row("SELECT plan FROM jobs WHERE key = ?", [key], |row| row.get(0))
                    .optional()?;
                if known.is_none() {
                    transaction.execute(
                        "INSERT INTO jobs VALUES (?, ?, ?, ?)",
                        params![key, call, account, plan],
                    )?;
                    let mut insert =
                        transaction.prepare("INSERT INTO rows (key, row) VALUES (?, ?)")?;
                    for row in 0..rows {
                        insert.execute(params![key, row as i64])?;
                    }
                }
                Ok(known)
            })
            .map_err(unusable)?;
        if known.is_some_and(|known| known != plan) {
            return Err(Error::job(
                key,
                format!(
                    "there is another job under the key {key:?}: its call, account, rows or \
                     arguments differ"
                ),
            )
            .advise(Advice::UseAnotherKey));
        }
        Ok(Self { database, key: key.to_owned(), _lock: lock })
    }

    /// Settles what an earlier process left: rows that it was sending may have arrived, those of a
    /// call that may be repeated, and those that failed and cost nothing, are planned again.
    pub fn take_over(&self, repeatable: bool, resend: bool) -> Result<()> {
        let key = &self.key;
        self.database
            .transact(|transaction| {
                transaction.execute(
                    "UPDATE rows SET state = 'in_doubt', \
                     error = 'the process ended before the answer came' \
                     WHERE key = ? AND state = 'sending'",
                    [key],
                )?;
                transaction.execute(
                    "UPDATE rows SET state = 'planned', credits = 0, answer = NULL, error = NULL \
                     WHERE key = ?1 \
                     AND (state = 'failed' AND credits = 0 OR state = 'in_doubt' AND ?2)",
                    params![key, repeatable || resend],
                )
            })
            .map(drop)
            .map_err(unusable)
    }

    /// Rows that are to be sent, in order.
    pub fn planned(&self) -> Result<Vec<usize>> {
        self.database
            .with(|connection| {
                connection
                    .prepare_cached(
                        "SELECT row FROM rows WHERE key = ? AND state = 'planned' ORDER BY row",
                    )?
                    .query_map([&self.key], |row| row.get::<_, i64>(0))?
                    .map(|row| row.map(|row| row.unsigned_abs() as usize))
                    .collect()
            })
            .map_err(unusable)
    }

    /// What rows have cost, or may have.
    pub fn spent(&self) -> Result<u64> {
        self.database
            .with(|connection| {
                connection
                    .prepare_cached("SELECT coalesce(sum(credits), 0) FROM rows WHERE key = ?")?
                    .query_row([&self.key], |row| row.get::<_, i64>(0))
            })
            .map(i64::unsigned_abs)
            .map_err(unusable)
    }

    /// Notes how rows ended, and that others are about to be sent and what each may cost, in one
    /// transaction. On the disk when it returns.
    pub fn note(&self, ends: &[(usize, End)], sending: &[usize], price: u64) -> Result<()> {
        self.database
            .transact(|transaction| {
                let mut update = transaction.prepare_cached(
                    "UPDATE rows SET state = ?1, credits = coalesce(?2, credits), answer = ?3, \
                     error = ?4 WHERE key = ?5 AND row = ?6",
                )?;
                for (row, end) in ends {
                    let (state, credits, answer, error) = match end {
                        End::Done { answer, credits } => {
                            ("done", Some(whole(*credits)), Some(answer), None)
                        }
                        End::Failed(error) => ("failed", Some(0), None, Some(error)),
                        End::Unsuccessful { answer, error, credits } => {
                            ("failed", Some(whole(*credits)), Some(answer), Some(error))
                        }
                        End::InDoubt(error) => ("in_doubt", None, None, Some(error)),
                        End::Planned => ("planned", Some(0), None, None),
                    };
                    let row = *row as i64;
                    update.execute(params![state, credits, answer, error, self.key, row])?;
                }
                let mut update = transaction.prepare_cached(
                    "UPDATE rows SET state = 'sending', credits = ? WHERE key = ? AND row = ?",
                )?;
                for row in sending {
                    update.execute(params![whole(price), self.key, *row as i64])?;
                }
                Ok(())
            })
            .map_err(unusable)
    }

    /// All rows, in order.
    pub fn rows(&self) -> Result<Vec<Row>> {
        self.database
            .with(|connection| {
                connection
                    .prepare_cached(
                        "SELECT state, credits, answer, error FROM rows WHERE key = ? ORDER BY row",
                    )?
                    .query_map([&self.key], |row| {
                        Ok(Row {
                            state: row.get(0)?,
                            credits: row.get(1)?,
                            answer: row.get(2)?,
                            error: row.get(3)?,
                        })
                    })?
                    .collect()
            })
            .map_err(unusable)
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Makes this process the only one that works on a job.
fn lock(path: &Path, key: &str) -> Result<File> {
    let name: PathBuf = path.with_extension(format!("{}.lock", &hash(key.as_bytes())[..16]));
    let failed = |error: std::io::Error| {
        Error::ledger(format!("{} cannot be locked: {error}", name.display()))
            .with_path(&name)
            .caused_by(error)
    };
    let file = private::open(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(Error::job(key, format!("another process works on job {key:?}"))
                .advise(Advice::text("wait for it, or use another key")))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// SHA-256 in hex.
pub(super) fn hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(bytes))
}

/// The hash of a plan.
pub(super) fn plan(
    call: &str,
    account: &str,
    shared: &Map<String, Value>,
    rows: &[Map<String, Value>],
) -> String {
    let written = if shared.is_empty() {
        serde_json::to_vec(&(call, account, rows))
    } else {
        serde_json::to_vec(&(call, account, rows, shared))
    };
    // Maps of JSON values can always be written.
    hash(&written.unwrap_or_default())
}
