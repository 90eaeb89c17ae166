//! The statements for the suppression list.

use std::collections::HashSet;

use super::{
    super::{
        sql::{Database, Reader, Row, Session, Statement, Value, sql},
        suppression::{Entry, Identifier, Mark, Suppressed, SuppressionKey},
    },
    SqlLedger,
};
use crate::{
    error::{Error, Result},
    process::clock::now,
};

/// Job number for the entries of the ledger's list, which no job has.
pub(super) const EVERY_JOB: i64 = 0;
/// Number of marks that one statement looks up.
const MARKS: usize = 200;

fn key_of(rows: Vec<Row>) -> Result<SuppressionKey> {
    let row = rows.into_iter().next();
    let row = row.ok_or_else(|| Error::ledger("the ledger's suppression list has no key"))?;
    SuppressionKey::new(&row.read().next::<String>()?)
}

/// Stores entries for one job, or for all.
pub(super) fn put_suppressed(
    key: &SuppressionKey,
    job: i64,
    entries: &[Entry],
) -> impl Iterator<Item = Statement> {
    let at = now();
    entries.iter().flat_map(move |entry| {
        let put = move |(form, mark): (usize, Mark)| {
            sql!(
                "INSERT INTO lantern_suppressed (job, hash, kind, form, added_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (job, hash) DO NOTHING",
                job,
                &mark[..],
                entry.kind.name(),
                form,
                at
            )
        };
        key.marks(entry).into_iter().enumerate().map(put)
    })
}

/// Looks up, within a claim, which ids of a job must not be sent.
pub(super) struct Blocked {
    key: SuppressionKey,
    job: i64,
}

impl Blocked {
    /// The first statement of a claim: reads the key, if a list that applies to the job contains
    /// ids.
    pub fn statement(job: i64) -> Statement {
        sql!(
            "SELECT key FROM lantern_suppression_key WHERE EXISTS (SELECT 1 FROM \
             lantern_suppressed WHERE job IN (0, ?1) AND kind = 'id')",
            job
        )
    }

    /// Reads the result of [`Blocked::statement`].
    pub fn read(job: i64, rows: Vec<Row>) -> Result<Option<Self>> {
        if rows.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { key: key_of(rows)?, job }))
    }

    /// Removes suppressed ids from `ids`, and returns them.
    pub fn take(&self, session: &mut dyn Session, ids: &mut Vec<String>) -> Result<Vec<String>> {
        let marks: Vec<Vec<Mark>> =
            ids.iter().map(|id| self.key.known_marks(Identifier::Id, id)).collect();
        let all: Vec<Mark> = marks.iter().flatten().copied().collect();
        let statements = all.chunks(MARKS).map(|marks| {
            let places: Vec<String> = (2..).take(marks.len()).map(|at| format!("?{at}")).collect();
            let mut statement = sql!(
                format!(
                    "SELECT hash FROM lantern_suppressed WHERE job IN (0, ?1) AND hash IN ({})",
                    places.join(", ")
                ),
                self.job
            );
            statement.values.extend(marks.iter().map(|mark| Value::from(&mark[..])));
            statement
        });
        let statements = statements.collect();
        let mut found: HashSet<Vec<u8>> = HashSet::new();
        for row in session.run(statements)?.into_iter().flatten() {
            found.insert(row.read().next()?);
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let own = std::mem::take(ids).into_iter().zip(&marks);
        let (out, rest): (Vec<_>, Vec<_>) =
            own.partition(|(_, marks)| marks.iter().any(|mark| found.contains(&mark[..])));
        *ids = rest.into_iter().map(|(id, _)| id).collect();
        Ok(out.into_iter().map(|(id, _)| id).collect())
    }
}

impl<D: Database> SqlLedger<D> {
    pub(super) fn suppression(&self) -> Result<SuppressionKey> {
        key_of(self.read(sql!("SELECT key FROM lantern_suppression_key"))?)
    }

    /// Adds entries to the ledger's list. Returns how many of them are valid.
    pub(super) fn add_suppressed(&self, entries: &[Entry]) -> Result<u64> {
        let key = self.suppression()?;
        let known = entries.iter().filter(|entry| !key.marks(entry).is_empty()).count();
        for part in entries.chunks(10_000) {
            self.transact(|session| {
                session.commit(put_suppressed(&key, EVERY_JOB, part).collect())?;
                Ok(())
            })?;
        }
        Ok(known as u64)
    }

    /// Removes entries from the ledger's list. Returns how many of them were in it.
    pub(super) fn drop_suppressed(&self, entries: &[Entry]) -> Result<u64> {
        let key = self.suppression()?;
        let mut removed = 0;
        for part in entries.chunks(10_000) {
            removed += self.transact(|session| {
                let mut of_entry = Vec::new();
                let mut statements = Vec::new();
                for (at, entry) in part.iter().enumerate() {
                    for mark in key.known_marks(entry.kind, &entry.text) {
                        of_entry.push(at);
                        statements.push(sql!(
                            "DELETE FROM lantern_suppressed WHERE job = ?1 AND hash = ?2 \
                             RETURNING form",
                            EVERY_JOB,
                            &mark[..]
                        ));
                    }
                }
                let found = session.commit(statements)?;
                // An earlier version may have stored an id in several spellings, as several entries.
                let mut gone = HashSet::new();
                for (at, rows) in of_entry.into_iter().zip(found) {
                    for row in rows {
                        if row.read().next::<i64>()? == 0 {
                            gone.insert(at);
                        }
                    }
                }
                Ok(gone.len() as u64)
            })?;
        }
        Ok(removed)
    }

    /// The list that applies to a job; without a job, the ledger's list.
    pub(super) fn read_suppressed(&self, job: Option<i64>) -> Result<Suppressed> {
        let mut found = self.database.read(vec![
            sql!("SELECT key FROM lantern_suppression_key"),
            sql!(
                "SELECT kind, hash FROM lantern_suppressed WHERE job IN (0, ?1)",
                job.unwrap_or(EVERY_JOB)
            ),
        ])?;
        let marks = found.pop().unwrap_or_default();
        let key = key_of(found.pop().unwrap_or_default())?;
        let read = |row: Row| {
            let mut row = row.read();
            let kind: Identifier = row.next::<String>()?.parse()?;
            let mark: Vec<u8> = row.next()?;
            let mark = Mark::try_from(mark.as_slice())
                .map_err(|_| Error::ledger("the ledger's suppression list is damaged"))?;
            Ok((kind, mark))
        };
        Ok(Suppressed::new(key, marks.into_iter().map(read).collect::<Result<Vec<_>>>()?))
    }

    /// How many entries hold for a job, and when the last one was added.
    pub(super) fn state_of_suppressed(&self, job: Option<i64>) -> Result<(u64, i64)> {
        let text = "SELECT count(*), coalesce(max(added_at), 0) FROM lantern_suppressed \
                    WHERE job IN (0, ?1)";
        let read = |row: &mut Reader| Ok((row.next()?, row.next()?));
        Ok(self.one(sql!(text, job.unwrap_or(EVERY_JOB)), read)?.unwrap_or_default())
    }

    /// Number of entries of each kind in the ledger's list.
    pub(super) fn count_kinds(&self) -> Result<Vec<(Identifier, u64)>> {
        let rows = self.read(sql!(
            "SELECT kind, count(*) FROM lantern_suppressed WHERE job = ?1 \
             AND form = 0 GROUP BY kind ORDER BY kind",
            EVERY_JOB
        ))?;
        let read = |row: Row| {
            let mut row = row.read();
            Ok((row.next::<String>()?.parse()?, row.next()?))
        };
        rows.into_iter().map(read).collect()
    }
}
