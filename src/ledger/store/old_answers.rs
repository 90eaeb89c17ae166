//! Deleting the answers that are old.

use super::{
    super::{
        JobRecord, Unit,
        sql::{Database, Row, Session, sql},
    },
    SqlLedger,
    rows::{JOB, UNIT, job_record, unit},
};
use crate::{error::Result, process::clock::now};

/// Units that one transaction looks at.
const OLD: u32 = 1_000;

impl<D: Database> SqlLedger<D> {
    /// Marks units that ended before a moment, and deletes what the ledger holds of their answers: a
    /// failed call may have one that could not be read. Returns them with their jobs, so that their files
    /// are deleted.
    pub(super) fn purge_before(&self, before: i64) -> Result<Vec<(JobRecord, Unit)>> {
        let mut purged = Vec::new();
        for job in self.all_jobs()? {
            loop {
                let part = self.transact(|session| self.purge_some(session, job, before))?;
                let count = part.len();
                purged.extend(part);
                if count < OLD as usize {
                    break;
                }
            }
        }
        Ok(purged)
    }

    fn purge_some(
        &self,
        session: &mut dyn Session,
        job: i64,
        before: i64,
    ) -> Result<Vec<(JobRecord, Unit)>> {
        let found = session.run(vec![
            sql!(
                format!(
                    "SELECT {JOB} FROM lantern_jobs WHERE id = ?1{}",
                    self.database.for_update()
                ),
                job
            ),
            sql!(
                format!(
                    "SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 AND u.purged_at IS NULL \
                     AND u.state IN ('loaded', 'failed', 'skipped') \
                     AND coalesce(u.loaded_at, u.finished_at, u.accepted_at, u.sent_at) < ?2 \
                     ORDER BY u.number LIMIT ?3"
                ),
                job,
                before,
                OLD
            ),
        ])?;
        let [record, old]: [Vec<Row>; 2] = found.try_into().map_err(|_| super::unanswered())?;
        let Some(record) = record.into_iter().next() else { return Ok(Vec::new()) };
        let record = job_record(&mut record.read())?;
        let old: Vec<Unit> =
            old.into_iter().map(|row| unit(&mut row.read())).collect::<Result<_>>()?;
        let at = now();
        let mut writes = Vec::new();
        for unit in &old {
            let number = unit.number;
            writes.extend([
                sql!("DELETE FROM lantern_answers WHERE job = ?1 AND number = ?2", job, number),
                sql!("DELETE FROM lantern_bodies WHERE job = ?1 AND number = ?2", job, number),
                sql!(
                    "UPDATE lantern_units SET purged_at = ?3 WHERE job = ?1 AND number = ?2",
                    job,
                    number,
                    at
                ),
            ]);
        }
        // What an old job of calls asked goes as well, once nothing of it is open. It may have asked
        // nothing itself, as all was known.
        if record.created_at < before {
            writes.push(sql!(
                "DELETE FROM lantern_requests WHERE job = ?1 AND NOT EXISTS (SELECT 1 FROM \
                 lantern_units u WHERE u.job = ?1 AND u.purged_at IS NULL)",
                job
            ));
        }
        session.commit(writes)?;
        Ok(old.into_iter().map(|unit| (record.clone(), unit)).collect())
    }
}
