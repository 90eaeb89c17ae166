//! Records jobs: new ones, resubmitted ones, and those of earlier versions.

use uuid::Uuid;

use super::{
    super::{
        JobRecord, NewJob, Store, Unit,
        memory::{NewMemory, put_reused},
        rules::Sums,
        sql::{Database, Session, Statement, sql},
        suppression::SuppressionKey,
    },
    SqlLedger,
    contents::{put_answer, put_ids, put_requests},
    rows::{add, put},
    suppression::put_suppressed,
};
use crate::{
    error::{Error, Result},
    process::clock::now,
};

impl<D: Database> SqlLedger<D> {
    /// [`Store::create`].
    pub(super) fn write_down(&self, job: &NewJob) -> Result<(JobRecord, bool)> {
        let units = match &job.calls {
            Some(calls) if job.memory.is_none() => {
                job.rows.div_ceil(calls.rows_per_call.max(1).into())
            }
            _ => job.batches.len() as u64,
        };
        let reused = job.memory.as_ref().map_or(0, |memory| memory.reused.len() as u64);
        let sums = Sums { batches: units, planned: units, reused, ..Sums::default() };
        let key = self.suppression()?;
        let new = self.transact(|session| {
            let Some(id) = insert_job(session, job, &sums)? else { return Ok(false) };
            self.put_new(session, job, id, &key)?;
            Ok(true)
        })?;
        let found = self.find(&job.account, &job.key)?;
        found.map(|found| (found, new)).ok_or_else(|| {
            Error::job(&job.key, "the job was deleted from the ledger while it was being recorded")
        })
    }

    fn put_new(
        &self,
        session: &mut dyn Session,
        job: &NewJob,
        id: i64,
        key: &SuppressionKey,
    ) -> Result<()> {
        let mut writes = Vec::new();
        let mut first = 0_u64;
        for (number, ids) in (1_u32..).zip(&job.batches) {
            let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            // A call is identified by its first row. A batch gets a random key, because nothing
            // else about it is unique.
            let (place, key) = match job.calls {
                Some(_) => (first, format!("{}:{first}", job.key)),
                None => (0, Uuid::new_v4().to_string()),
            };
            first += u64::from(count);
            let kinds = job.memory.as_ref().map(|memory| &memory.kinds);
            let kind = kinds.and_then(|kinds| *kinds.get(number as usize - 1)?);
            writes.push(add(id, &Unit { kind, ..Unit::planned(number, 0, count, place, key) }));
            writes.push(put_ids(id, number, ids)?);
        }
        if let Some(memory) = &job.memory {
            writes.extend(put_memory(id, memory)?);
        }
        writes.extend(put_suppressed(key, id, &job.suppress));
        writes.extend(job.budget.as_deref().into_iter().flat_map(|name| put_above(id, name)));
        if let Some(calls) = &job.calls {
            writes.extend(put_requests(id, &calls.requests));
            let units = job.rows.div_ceil(calls.rows_per_call.max(1).into());
            if units > 0 && job.memory.is_none() {
                writes.push(sql!(
                    "WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL \
                     SELECT i + 1 FROM n WHERE i < ?2) \
                     INSERT INTO lantern_units (job, number, count, first_row, idempotency_key) \
                     SELECT ?1, i, CASE WHEN i * ?4 > ?3 THEN ?3 - (i - 1) * ?4 ELSE ?4 END, \
                     (i - 1) * ?4, ?5 || ':' || CAST((i - 1) * ?4 AS TEXT) FROM n",
                    id,
                    units,
                    job.rows,
                    calls.rows_per_call.max(1),
                    job.key.as_str(),
                ));
            }
        }
        session.commit(writes)?;
        Ok(())
    }

    /// Imports a job of an earlier version with its units, unless it is known. Returns whether it
    /// was new.
    pub(in crate::ledger) fn adopt(
        &self,
        job: &NewJob,
        units: &[(Unit, Option<String>)],
    ) -> Result<bool> {
        self.transact(|session| {
            let mut totals = Sums::default();
            units.iter().for_each(|(unit, _)| totals.add(unit));
            let Some(id) = insert_job(session, job, &totals)? else { return Ok(false) };
            let mut writes = Vec::with_capacity(units.len() * 2);
            for (unit, answer) in units {
                writes.push(add(id, unit));
                writes.push(put(id, unit));
                if let Some(answer) = answer {
                    writes.push(put_answer(id, unit.number, std::slice::from_ref(answer))?);
                }
            }
            session.commit(writes)?;
            Ok(true)
        })
    }

    /// [`Store::resubmit`].
    pub(super) fn write_down_again(&self, job: i64, submission: &NewJob) -> Result<()> {
        let key = self.suppression()?;
        self.transact(|session| {
            let mut found = session.run(vec![
                self.select_totals(job),
                sql!("SELECT count(*) FROM lantern_requests WHERE job = ?1", job),
            ])?;
            let known: Option<usize> = found
                .pop()
                .and_then(|rows| rows.into_iter().next())
                .map(|row| row.read().next())
                .transpose()?;
            let totals = Self::totals(job, found.pop().unwrap_or_default())?;
            // For batches the price learned from reports is kept; for calls the new submission
            // decides.
            let price = match submission.calls {
                Some(_) => submission.price,
                None => totals.price.max(submission.price),
            };
            let mut writes = vec![sql!(
                "UPDATE lantern_jobs SET max_credits = ?2, price = ?3, base_url = ?4, rows = ?5, \
                 row_ids = ?6, id_column = ?7, id_type = ?8, parameters = ?9 WHERE id = ?1",
                job,
                submission.max_credits,
                price,
                submission.base_url.as_str(),
                submission.rows,
                submission.row_ids.as_slice(),
                submission.id_column.as_str(),
                submission.id_type.as_str(),
                submission.parameters.as_str(),
            )];
            if let Some(memory) = &submission.memory {
                writes.push(sql!(
                    "UPDATE lantern_jobs SET reuse = ?2 WHERE id = ?1",
                    job,
                    memory.wish.reuse.to_string()
                ));
            }
            if let (Some(calls), Some(0)) = (&submission.calls, known) {
                writes.extend(put_requests(job, &calls.requests));
            }
            writes.extend(put_suppressed(&key, job, &submission.suppress));
            writes.extend(
                submission.budget.as_deref().into_iter().flat_map(|name| put_above(job, name)),
            );
            session.commit(writes)?;
            Ok(())
        })
    }
}

/// Puts a job below a budget. If the budget is renamed at the same moment, one with this name is
/// created as removed, so that a job is never without the budget that it was given.
fn put_above(job: i64, name: &str) -> [Statement; 2] {
    [
        sql!(
            "INSERT INTO lantern_budgets (name, max_credits, per, removed_at) \
             VALUES (?1, 0, '', ?2) ON CONFLICT (name) DO NOTHING",
            name,
            now()
        ),
        sql!(
            "UPDATE lantern_jobs SET budget = (SELECT id FROM lantern_budgets WHERE name = ?2) \
             WHERE id = ?1",
            job,
            name
        ),
    ]
}

/// Records what a new job takes from the memory, and the question that it asks.
fn put_memory(job: i64, memory: &NewMemory) -> Result<Vec<Statement>> {
    let question = &memory.wish.question;
    let of_question = [&question.account, &question.family, &question.parameters];
    let [account, family, parameters] = of_question.map(String::as_str);
    let mut writes = vec![
        sql!(
            "INSERT INTO lantern_questions (account, family, parameters) VALUES (?1, ?2, ?3) \
             ON CONFLICT (account, family, parameters) DO NOTHING",
            account,
            family,
            parameters
        ),
        sql!(
            "UPDATE lantern_jobs SET reuse = ?2, as_of = ?3, question = (SELECT id FROM \
             lantern_questions WHERE account = ?4 AND family = ?5 AND parameters = ?6) \
             WHERE id = ?1",
            job,
            memory.wish.reuse.to_string(),
            memory.as_of,
            account,
            family,
            parameters
        ),
    ];
    writes.extend(put_reused(job, 0, 0, &memory.reused)?);
    // What is known about ids that are asked for the missing parts only.
    writes.extend(put_reused(job, 1 << 32, 1, &memory.partly)?);
    Ok(writes)
}

/// Writes a job's row. Returns `None` if a job with this account and key exists.
fn insert_job(session: &mut dyn Session, job: &NewJob, sums: &Sums) -> Result<Option<i64>> {
    let ids: usize = job.batches.iter().map(Vec::len).sum();
    let known = job.memory.as_ref().map_or(0, |memory| memory.reused.len());
    let plain = job.calls.is_some() && job.memory.is_none();
    let ids = if plain { job.rows } else { (ids + known) as u64 };
    let rows = session.run(vec![sql!(
        "INSERT INTO lantern_jobs (account, key, kind, parameters, digest, id_column, id_type, \
         rows, ids, row_ids, max_credits, price, base_url, created_at, units, planned, in_flight, \
         in_doubt, loaded, failed, skipped, spent, committed, returned, reused) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
         ?19, ?20, ?21, ?22, ?23, ?24, ?25) ON CONFLICT (account, key) DO NOTHING RETURNING id",
        job.account.as_str(),
        job.key.as_str(),
        job.kind.as_str(),
        job.parameters.as_str(),
        job.digest.as_str(),
        job.id_column.as_str(),
        job.id_type.as_str(),
        job.rows,
        ids,
        job.row_ids.as_slice(),
        job.max_credits,
        job.price,
        job.base_url.as_str(),
        now(),
        sums.batches,
        sums.planned,
        sums.in_flight,
        sums.in_doubt,
        sums.loaded,
        sums.failed,
        sums.skipped,
        sums.spent,
        sums.committed,
        sums.returned,
        sums.reused,
    )])?;
    let first = rows.into_iter().flatten().next();
    first.map(|row| row.read().next()).transpose()
}
