//! Imports mapped calls of earlier versions, which were kept in a SQLite file beside the ledger,
//! when the ledger is opened. The file is kept, so that nothing can be lost, and records which
//! ledgers have imported it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::{
    NewCalls, NewJob, Unit, UnitState,
    sql::{Database, sql},
    store::SqlLedger,
};
use crate::error::{Error, Result};

/// A row of the file.
struct Row {
    number: u64,
    state: String,
    credits: u64,
    answer: Option<String>,
    error: Option<String>,
}

/// Imports the jobs of the file at `path`, if it exists and was not imported into this ledger
/// before.
///
/// # Errors
/// If the file exists and cannot be read, or the ledger cannot be written.
pub fn take_over<D: Database>(ledger: &SqlLedger<D>, path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let unusable = |error: rusqlite::Error| {
        Error::ledger(format!(
            "the calls that an earlier version kept in {} cannot be imported: {error}",
            path.display()
        ))
        .with_path(path)
        .hint("restore the file, or move it away if its answers are not needed")
        .caused_by(error)
    };
    let own = ledger.database.read(vec![sql!("SELECT ledger FROM lantern_claims")])?;
    let own: String = match own.into_iter().flatten().next() {
        Some(row) => row.read().next()?,
        None => return Ok(()),
    };
    let file = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(unusable)?;
    file.busy_timeout(std::time::Duration::from_secs(30)).map_err(unusable)?;
    if known(&file, &own).map_err(unusable)? {
        return Ok(());
    }
    for (job, units) in read(&file).map_err(unusable)? {
        let new = ledger.adopt(&job, &units)?;
        tracing::info!(key = job.key, new, "mapped calls of an earlier version");
        if !new && known_as_other(ledger, &job)? {
            // A job over ids already has this key, so the calls get another one.
            let key = format!("{} (calls)", job.key);
            ledger.adopt(&NewJob { key, ..job }, &units)?;
        }
    }
    note(&file, &own);
    Ok(())
}

/// Whether this account already has a different job with this key.
fn known_as_other<D: Database>(ledger: &SqlLedger<D>, job: &NewJob) -> Result<bool> {
    use super::Store;
    Ok(ledger.find(&job.account, &job.key)?.is_some_and(|found| found.digest != job.digest))
}

fn known(file: &Connection, ledger: &str) -> rusqlite::Result<bool> {
    let noted = file
        .query_row("SELECT 1 FROM sqlite_schema WHERE name = 'taken_over'", [], |_| Ok(()))
        .optional()?;
    if noted.is_none() {
        return Ok(false);
    }
    let found = file
        .query_row("SELECT 1 FROM taken_over WHERE ledger = ?", [ledger], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Records that a ledger has imported the file. Without this record the jobs would be compared
/// again and found to be known.
fn note(file: &Connection, ledger: &str) {
    let noted = file
        .execute_batch("CREATE TABLE IF NOT EXISTS taken_over (ledger TEXT PRIMARY KEY)")
        .and_then(|()| file.execute("INSERT OR IGNORE INTO taken_over VALUES (?)", [ledger]));
    if let Err(error) = noted {
        tracing::warn!(%error, "a file of earlier calls could not be marked as taken over");
    }
}

type Adopted = (NewJob, Vec<(Unit, Option<String>)>);

fn read(file: &Connection) -> rusqlite::Result<Vec<Adopted>> {
    let mut jobs = file.prepare("SELECT key, call, account, plan FROM jobs ORDER BY rowid")?;
    let jobs: Vec<(String, String, String, String)> = jobs
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut rows = file.prepare(
        "SELECT row, state, credits, answer, error FROM rows WHERE key = ? ORDER BY row",
    )?;
    let mut adopted = Vec::new();
    for (key, kind, account, digest) in jobs {
        let own: Vec<Row> = rows
            .query_map([&key], |row| {
                Ok(Row {
                    number: row.get(0)?,
                    state: row.get(1)?,
                    credits: row.get(2)?,
                    answer: row.get(3)?,
                    error: row.get(4)?,
                })
            })?
            .collect::<rusqlite::Result<_>>()?;
        let count = own.len() as u64;
        let units = units(&key, &kind, own);
        let spent = units.iter().map(|(unit, _)| unit.spent() + unit.committed()).sum();
        let job = NewJob {
            base_url: account.clone(),
            account,
            key,
            kind,
            // The file does not contain the parameters that all rows share, the requests, the
            // budget and the price. They are added when the same calls are made again over the same
            // table.
            parameters: "{}".to_owned(),
            digest,
            id_column: String::new(),
            id_type: String::new(),
            rows: count,
            batches: Vec::new(),
            row_ids: Vec::new(),
            max_credits: spent,
            price: 1,
            memory: None,
            suppress: Vec::new(),
            budget: None,
            calls: Some(NewCalls { rows_per_call: 1, requests: Vec::new() }),
        };
        adopted.push((job, units));
    }
    Ok(adopted)
}

/// Each row becomes a unit, except that unsent candidates share calls.
fn units(key: &str, kind: &str, rows: Vec<Row>) -> Vec<(Unit, Option<String>)> {
    let together = if kind == "match" { 100 } else { 1 };
    let mut units: Vec<(Unit, Option<String>)> = Vec::new();
    for row in rows {
        if row.state == "planned"
            && let Some((last, _)) = units.last_mut()
            && last.state == UnitState::Planned
            && last.count < together
        {
            last.count += 1;
            continue;
        }
        let number = u32::try_from(units.len() + 1).unwrap_or(u32::MAX);
        let sending = format!("{key}:{}", row.number);
        let planned = Unit::planned(number, 0, 1, row.number, sending);
        let state = match row.state.as_str() {
            "planned" => UnitState::Planned,
            "done" => UnitState::Loaded,
            "failed" => UnitState::Failed,
            // The file does not say whether the sender is still alive, and the answer may never
            // come.
            _ => UnitState::InDoubt,
        };
        let ended = state.ended();
        let unit = Unit {
            state,
            max_credits: row.credits,
            credits: ended.then_some(row.credits),
            returned: (state == UnitState::Loaded).then_some(1),
            sends: u32::from(state != UnitState::Planned),
            error: row.error,
            ..planned
        };
        units.push((unit, row.answer));
    }
    units
}
