//! A ledger in a SQLite file, for all processes of one machine.
//!
//! A sender shows that it is alive by a lock on a file, which the system releases when the process
//! ends.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant},
};

use rusqlite::{
    Connection, ToSql, TransactionBehavior,
    types::{ToSqlOutput, ValueRef},
};

use super::{
    earlier_calls,
    owner::{self, Owner},
    place::beside,
    schema,
    sql::{Database, Row, Session, Statement, Value, Work, sql},
    store::SqlLedger,
};
use crate::{
    error::{Error, ErrorKind, Result},
    process::{
        per_process::PerProcess,
        sqlite::{BUSY, Database as File, DatabaseError, Durability},
        under_way,
    },
};

/// How long a transaction waits for another process that has locked the file. A wait for a job has
/// deadlines of its own.
const PATIENCE: Duration = Duration::from_secs(90);

/// A ledger in a SQLite file.
pub type SqliteLedger = SqlLedger<SqliteFile>;

impl SqliteLedger {
    /// Opens or creates the ledger at `path`, with mode 0600. A relative path, or one through
    /// symbolic links, is resolved once, when the ledger is opened.
    ///
    /// # Errors
    /// If the file cannot be opened or written, is not a ledger, or was made by a newer version.
    pub fn open(path: &Path) -> Result<Self> {
        let path = super::place::resolved(path)?;
        let file = File::open(&path, Durability::Full, schema::SQLITE)
            .map_err(|error| ledger_error(&path, error))?;
        let database = SqliteFile {
            identity: identity(&path),
            file,
            owner: PerProcess::new(),
            claims: AtomicI64::new(-1),
        };
        let ledger = Self { database };
        earlier_calls::take_over(&ledger, &path.with_extension("calls.sqlite"))?;
        Ok(ledger)
    }
}

/// The file of a ledger.
pub struct SqliteFile {
    file: File,
    /// Identifies the file that was opened.
    identity: Option<(u64, u64)>,
    owner: PerProcess<Result<Owner>>,
    /// Highest number of claims that this process has seen in the file; -1 before the first.
    claims: AtomicI64,
}

impl SqliteFile {
    fn owners(&self) -> PathBuf {
        beside(self.file.path(), "owners")
    }
}

/// What distinguishes a file from another one with the same name.
fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

fn ledger_error(path: &Path, error: DatabaseError) -> Error {
    let passing = matches!(error, DatabaseError::Busy { .. });
    Error::ledger(format!("the ledger {error}"))
        .with_path(path)
        .that_passes(passing)
        .caused_by(error)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(found: ValueRef<'_>) -> Value {
    match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        // No column contains fractions. A fractional sum is passed on as text, so that it is
        // refused instead of being rounded.
        ValueRef::Real(number) => Value::Text(number.to_string()),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

fn run(connection: &Connection, statements: &[Statement]) -> rusqlite::Result<Vec<Vec<Row>>> {
    let mut answers = Vec::with_capacity(statements.len());
    for statement in statements {
        let mut prepared = connection.prepare_cached(&statement.text)?;
        let columns = prepared.column_count();
        let mut found = prepared.query(rusqlite::params_from_iter(&statement.values))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let values = (0..columns).map(|at| row.get_ref(at).map(value));
            rows.push(Row(values.collect::<rusqlite::Result<_>>()?));
        }
        answers.push(rows);
    }
    Ok(answers)
}

/// A transaction on the file.
struct Open<'a> {
    transaction: Option<rusqlite::Transaction<'a>>,
    /// The failure of SQLite. The caller got a substitute for it.
    failure: Option<rusqlite::Error>,
}

impl Open<'_> {
    fn failed(&mut self, error: rusqlite::Error) -> Error {
        let stand_in = Error::ledger(format!("the ledger cannot be used: {error}"));
        self.failure = Some(error);
        stand_in
    }
}

impl Session for Open<'_> {
    fn run(&mut self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>> {
        let Some(transaction) = &self.transaction else {
            return Err(Error::ledger("the transaction has ended"));
        };
        run(transaction, &statements).map_err(|error| self.failed(error))
    }

    fn commit(&mut self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>> {
        let answers = self.run(statements)?;
        if let Some(transaction) = self.transaction.take() {
            transaction.commit().map_err(|error| self.failed(error))?;
        }
        Ok(answers)
    }
}

impl Database for SqliteFile {
    fn transact(&self, work: &mut Work<'_>) -> Result<()> {
        let begun = Instant::now();
        loop {
            let mut locked = false;
            let done = self.file.with(|connection| {
                let transaction =
                    connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                locked = true;
                let mut open = Open { transaction: Some(transaction), failure: None };
                let done = work(&mut open);
                match open.failure.take() {
                    Some(error) => Err(error),
                    None => Ok(done),
                }
            });
            let error = match done {
                Ok(done) => return done,
                Err(DatabaseError::Busy { path, .. }) if !locked => {
                    let waited = begun.elapsed();
                    let error = DatabaseError::Busy { path, seconds: waited.as_secs() };
                    if waited < PATIENCE && !under_way::is_ending() {
                        tracing::warn!(%error, "the ledger is waited for");
                        continue;
                    }
                    error
                }
                Err(error) => error,
            };
            return Err(ledger_error(self.file.path(), error));
        }
    }

    fn give_back(&self) {
        // SQLite does not shrink the log by itself, and it can be larger than the database.
        let truncated = self.file.with(|connection| {
            connection.busy_timeout(Duration::ZERO)?;
            let truncated = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            connection.busy_timeout(BUSY)?;
            truncated
        });
        if let Err(error) = truncated {
            tracing::debug!(%error, "the log of the ledger is not truncated now");
        }
    }

    fn for_update(&self) -> &'static str {
        // A transaction locks the whole file.
        ""
    }

    fn owner(&self) -> Result<String> {
        let made = self.owner.get_or_init(|| Owner::new(&self.owners()));
        made.as_ref().map(|owner| owner.id.clone()).map_err(Error::clone)
    }

    fn read(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>> {
        self.file
            .read(|connection| run(connection, &statements))
            .map_err(|error| ledger_error(self.file.path(), error))
    }

    fn before_claim(&self, _until: i64) -> Vec<Statement> {
        vec![sql!("UPDATE lantern_claims SET claims = claims + 1 RETURNING claims")]
    }

    fn may_claim(&self, found: &[Vec<Row>]) -> Result<()> {
        let path = self.file.path();
        let replaced = |happened: String| {
            Err(Error::new(ErrorKind::Ledger, happened).with_path(path).hint(
                "put the file back, or restart the program to use the one that is there \
                 now; what was paid since is only in the old file",
            ))
        };
        let now = identity(path);
        if now != self.identity {
            let what = if now.is_some() { "replaced" } else { "deleted" };
            return replaced(format!(
                "the ledger {} was {what} while it was in use, so nothing more is sent",
                path.display()
            ));
        }
        let claims = match found.first().and_then(|rows| rows.first()) {
            Some(Row(values)) => match values.first() {
                Some(Value::Integer(claims)) => *claims,
                _ => -1,
            },
            None => -1,
        };
        // A claim that was rolled back is counted again with the same number, so equal numbers are
        // valid.
        if claims < self.claims.fetch_max(claims, Ordering::SeqCst) {
            return replaced(format!(
                "the ledger {} was set back to an earlier copy while it was in use, so nothing more \
                 is sent",
                path.display()
            ));
        }
        Ok(())
    }

    fn leases(&self) -> Option<Statement> {
        None
    }

    fn living(&self, owners: &[String], _: Vec<Row>) -> Result<Vec<String>> {
        let own = match self.owner.get() {
            Some(Ok(owner)) => Some(&owner.id),
            _ => None,
        };
        let folder = self.owners();
        let lives = |id: &&String| Some(*id) == own || owner::lives(&folder, id);
        Ok(owners.iter().filter(lives).cloned().collect())
    }

    fn scrub(&self) -> Result<bool> {
        let path = self.file.path();
        let done = self.file.with(|connection| {
            let written = connection.execute_batch("VACUUM").and_then(|()| {
                let busy = "PRAGMA wal_checkpoint(TRUNCATE)";
                connection.query_row(busy, [], |row| row.get::<_, i64>(0))
            });
            match written {
                Ok(busy) => Ok(busy == 0),
                Err(rusqlite::Error::SqliteFailure(error, _))
                    if matches!(
                        error.code,
                        rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked
                    ) =>
                {
                    Ok(false)
                }
                Err(error) => Err(error),
            }
        });
        done.map_err(|error| ledger_error(path, error))
    }

    fn remove_leftovers(&self) -> Result<u64> {
        let folder = self.owners();
        let own = match self.owner.get() {
            Some(Ok(owner)) => Some(owner.id.clone()),
            _ => None,
        };
        let mut removed = 0;
        // Without the folder no process has sent anything.
        let Ok(files) = std::fs::read_dir(&folder) else { return Ok(0) };
        for file in files.flatten() {
            let Ok(id) = file.file_name().into_string() else { continue };
            removed += u64::from(own.as_ref() != Some(&id) && !owner::lives(&folder, &id));
        }
        Ok(removed)
    }

    fn results_folder(&self) -> PathBuf {
        let folder = beside(self.file.path(), "results");
        // Earlier versions removed every extension from the name; now only `.sqlite` is removed.
        let earlier = self.file.path().with_extension("results");
        if !folder.exists() && earlier.exists() { earlier } else { folder }
    }

    fn place(&self) -> String {
        self.file.path().display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Event, NewJob, Store};
    use super::*;

    #[test]
    fn a_batch_that_was_claimed_anew_is_not_put_in_doubt_for_its_former_sending() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = SqliteLedger::open(&folder.path().join("ledger.sqlite")).unwrap();
        let planned = NewJob {
            account: "a".into(),
            key: "k".into(),
            kind: "email".into(),
            parameters: "{}".into(),
            digest: String::new(),
            id_column: "id".into(),
            id_type: "Utf8".into(),
            rows: 1,
            batches: vec![vec!["1".into()]],
            row_ids: Vec::new(),
            max_credits: 10,
            price: 1,
            base_url: String::new(),
            calls: None,
            memory: None,
            suppress: Vec::new(),
            budget: None,
        };
        let job = ledger.create(&planned).unwrap().0.id;
        let super::super::Claim::Send(first) = ledger.claim(job, 1_000).unwrap() else {
            panic!("no batch")
        };
        let owner = Some(ledger.database.owner().unwrap());
        // While another process reads it, the unit is released and claimed again by the same owner.
        ledger.release(job, 1, &first.idempotency_key, "refused").unwrap();
        assert!(matches!(ledger.claim(job, 2_000).unwrap(), super::super::Claim::Send(_)));
        let lose = |until| {
            let event = Event::Lose { owner: owner.clone(), until, error: "late".into() };
            ledger.step(job, 1, None, event).unwrap().fits
        };
        assert!(!lose(1_000));
        assert!(lose(2_000));
    }
}
