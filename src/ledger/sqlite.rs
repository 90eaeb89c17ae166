//! The ledger in a SQLite file, for all processes of one machine.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};
use uuid::Uuid;

use super::{
    Accepted, BatchRecord, BatchState, Claim, Claimed, Decision, Ended, Finished, JobRecord,
    Loaded, NewJob, Peek, Store,
    owner::{self, Owner},
    packed::{pack, unpack},
    rules::{self, Allowance, Sums, allowance},
};
use crate::{
    api::{LimitClass, agents::MAX_BATCH},
    client::limit::{Slot, now},
    error::{Error, Result},
    process::per_process::PerProcess,
    process::sqlite::{Database, DatabaseError, Durability},
};

const MIGRATIONS: &[&str] = &[include_str!("schema.sql"), include_str!("schema-2.sql")];

const JOB: &str = "id, account, key, kind, parameters, digest, id_column, id_type, rows, ids, \
                   max_credits, price, base_url, created_at";

const BATCH: &str = "number, count, state, max_credits, credits, run_id, result_path, \
                     credits_path, owner, sending_until, idempotency_key, sends, returned, \
                     emails, phones, cut, moved, error, sent_at, accepted_at, finished_at, \
                     loaded_at, unknown_since";

/// One row of [`Sums`]. A failed or skipped batch, or one whose report could not be read, counts
/// with all that it may have cost, and so do earlier sendings of a batch that was sent again.
const SUMS: &str = "count(*), \
    coalesce(sum(state = 'planned'), 0), \
    coalesce(sum(state IN ('sending', 'accepted', 'completed')), 0), \
    coalesce(sum(state = 'in_doubt'), 0), \
    coalesce(sum(state = 'loaded'), 0), \
    coalesce(sum(state = 'failed'), 0), \
    coalesce(sum(state = 'skipped'), 0), \
    coalesce(sum(CASE WHEN state IN ('loaded', 'failed', 'skipped') \
        THEN coalesce(credits, max_credits) ELSE 0 END + written_off), 0), \
    coalesce(sum(CASE WHEN state IN ('sending', 'in_doubt', 'accepted', 'completed') \
        THEN max_credits ELSE 0 END), 0), \
    coalesce(sum(returned), 0), coalesce(sum(emails), 0), coalesce(sum(phones), 0), \
    coalesce(sum(CASE WHEN moved THEN 0 ELSE cut END), 0)";

/// A ledger in a SQLite file.
pub struct SqliteLedger {
    database: Database,
    owner: PerProcess<Result<Owner>>,
}

impl SqliteLedger {
    /// Opens or creates the ledger at `path`, with mode 0600.
    ///
    /// # Errors
    /// The file cannot be opened or written, is no ledger, or was made by a newer version.
    pub fn open(path: &Path) -> Result<Self> {
        let database = Database::open(path, Durability::Full, MIGRATIONS)
            .map_err(|error| ledger_error(path, error))?;
        Ok(Self { database, owner: PerProcess::new() })
    }

    fn owners(&self) -> PathBuf {
        beside(self.database.path(), "owners")
    }

    /// This process's sign of life, made when it first sends.
    fn owner(&self) -> Result<&str> {
        let made = self.owner.get_or_init(|| Owner::new(&self.owners()));
        made.as_ref().map(|owner| owner.id.as_str()).map_err(Error::clone)
    }

    fn transact<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        self.database.transact(work).map_err(|error| ledger_error(self.database.path(), error))
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.database
            .with(|connection| work(connection))
            .map_err(|error| ledger_error(self.database.path(), error))
    }

    /// Turns a sending into a doubt, unless the batch was claimed anew since it was looked at: then its
    /// owner or the end of its time is another.
    fn mark_in_doubt(
        &self,
        job: i64,
        number: u32,
        owner: Option<&str>,
        until: i64,
        why: &str,
    ) -> Result<bool> {
        self.transact(|transaction| {
            let marked = transaction
                .prepare_cached(
                    "UPDATE batches SET state = 'in_doubt', owner = NULL, error = ? \
                     WHERE job = ? AND number = ? AND state = 'sending' AND owner IS ? \
                     AND sending_until = ?",
                )?
                .execute(params![why, job, number, owner, until])?;
            Ok(marked == 1)
        })
    }

    /// Moves one batch from one of `from`; a batch that is elsewhere by now, or is another sending
    /// than the one meant, is left there.
    fn step(
        &self,
        job: i64,
        number: u32,
        from: &[BatchState],
        set: &str,
        sending: Option<&str>,
        values: &[(&str, &dyn rusqlite::ToSql)],
    ) -> Result<bool> {
        let from: Vec<_> = from.iter().map(|state| format!("'{state}'")).collect();
        let sql = format!(
            "UPDATE batches SET {set} WHERE job = :job AND number = :number AND state IN ({}) \
             AND (:sending IS NULL OR idempotency_key = :sending)",
            from.join(", ")
        );
        let mut all: Vec<(&str, &dyn rusqlite::ToSql)> =
            vec![(":job", &job), (":number", &number), (":sending", &sending)];
        all.extend_from_slice(values);
        self.transact(|transaction| {
            Ok(transaction.prepare_cached(&sql)?.execute(all.as_slice())? == 1)
        })
    }
}

/// A folder or file next to the ledger: `ledger.sqlite` has `ledger.owners` and `ledger.results`.
fn beside(path: &Path, what: &str) -> PathBuf {
    path.with_extension(what)
}

fn ledger_error(path: &Path, error: DatabaseError) -> Error {
    let passing = matches!(error, DatabaseError::Busy { .. });
    Error::ledger(format!("the ledger {error}"))
        .with_path(path)
        .that_passes(passing)
        .caused_by(error)
}

fn job_record(row: &Row<'_>) -> rusqlite::Result<JobRecord> {
    Ok(JobRecord {
        id: row.get(0)?,
        account: row.get(1)?,
        key: row.get(2)?,
        kind: row.get(3)?,
        parameters: row.get(4)?,
        digest: row.get(5)?,
        id_column: row.get(6)?,
        id_type: row.get(7)?,
        rows: row.get(8)?,
        ids: row.get(9)?,
        max_credits: row.get(10)?,
        price: row.get(11)?,
        base_url: row.get(12)?,
        created_at: row.get(13)?,
    })
}

fn batch_record(row: &Row<'_>) -> rusqlite::Result<BatchRecord> {
    let state: String = row.get(2)?;
    let state = state.parse().map_err(|error: Error| {
        rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, error.into())
    })?;
    Ok(BatchRecord {
        number: row.get(0)?,
        count: row.get(1)?,
        state,
        max_credits: row.get(3)?,
        credits: row.get(4)?,
        run_id: row.get(5)?,
        result_path: row.get(6)?,
        credits_path: row.get(7)?,
        owner: row.get(8)?,
        sending_until: row.get(9)?,
        idempotency_key: row.get(10)?,
        sends: row.get(11)?,
        returned: row.get(12)?,
        emails: row.get(13)?,
        phones: row.get(14)?,
        cut: row.get(15)?,
        moved: row.get(16)?,
        error: row.get(17)?,
        sent_at: row.get(18)?,
        accepted_at: row.get(19)?,
        finished_at: row.get(20)?,
        loaded_at: row.get(21)?,
        unknown_since: row.get(22)?,
    })
}

fn sums(row: &Row<'_>, first: usize) -> rusqlite::Result<Sums> {
    Ok(Sums {
        batches: row.get(first)?,
        planned: row.get(first + 1)?,
        in_flight: row.get(first + 2)?,
        in_doubt: row.get(first + 3)?,
        loaded: row.get(first + 4)?,
        failed: row.get(first + 5)?,
        skipped: row.get(first + 6)?,
        spent: row.get(first + 7)?,
        committed: row.get(first + 8)?,
        returned: row.get(first + 9)?,
        emails: row.get(first + 10)?,
        phones: row.get(first + 11)?,
        cut: row.get(first + 12)?,
    })
}

fn insert_batch(
    transaction: &Transaction<'_>,
    job: i64,
    number: u32,
    round: u32,
    count: usize,
    ids: &[u8],
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO batches (job, number, round, count, idempotency_key) \
             VALUES (?, ?, ?, ?, ?)",
        )?
        .execute(params![job, number, round, count, Uuid::new_v4().to_string()])?;
    transaction
        .prepare_cached("INSERT INTO batch_ids (job, number, ids) VALUES (?, ?, ?)")?
        .execute(params![job, number, ids])?;
    Ok(())
}

fn sums_of(connection: &rusqlite::Connection, job: i64) -> rusqlite::Result<Sums> {
    connection
        .prepare_cached(&format!("SELECT {SUMS} FROM batches WHERE job = ?"))?
        .query_row([job], |row| sums(row, 0))
}

/// What a claim would do.
enum Step {
    /// Send the next planned batch with this many credits.
    Send(u64),
    /// Plan batches for the ids that the budget did not reach, which it now does.
    PlanCut,
    /// Nothing now; never [`Peek::Ready`].
    Ended(Peek),
}

fn next_step(connection: &rusqlite::Connection, job: i64) -> rusqlite::Result<Step> {
    let (max_credits, price): (u64, u64) = connection
        .prepare_cached("SELECT max_credits, price FROM jobs WHERE id = ?")?
        .query_row([job], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sums = sums_of(connection, job)?;
    let planned: Option<u64> = connection
        .prepare_cached(
            "SELECT count FROM batches WHERE job = ? AND state = 'planned' ORDER BY number LIMIT 1",
        )?
        .query_row([job], |row| row.get(0))
        .optional()?;
    let count = match planned {
        Some(count) => count,
        None => sums.cut.min(batch_size(connection, job)? as u64),
    };
    if count == 0 {
        return Ok(Step::Ended(Peek::AllSent));
    }
    Ok(match (allowance(&sums, max_credits, price, count), planned) {
        (Allowance::Wait, _) => Step::Ended(Peek::Wait),
        (Allowance::Spent { left }, _) => Step::Ended(Peek::BudgetSpent { left }),
        (Allowance::Send(credits), Some(_)) => Step::Send(credits),
        // What is in flight may give back credits, and cut ids of its own.
        (Allowance::Send(_), None) if sums.in_flight > 0 => Step::Ended(Peek::Wait),
        (Allowance::Send(_), None) => Step::PlanCut,
    })
}

/// Ids a batch, as the job was submitted.
fn batch_size(connection: &rusqlite::Connection, job: i64) -> rusqlite::Result<usize> {
    let first: Option<usize> = connection
        .prepare_cached("SELECT count FROM batches WHERE job = ? AND number = 1")?
        .query_row([job], |row| row.get(0))
        .optional()?;
    Ok(first.unwrap_or(MAX_BATCH).clamp(1, MAX_BATCH))
}

/// Plans batches for the ids that the budget did not reach, if the budget now reaches them.
fn plan_cut_ids(transaction: &Transaction<'_>, job: i64) -> rusqlite::Result<bool> {
    let mut ids = Vec::new();
    {
        let mut statement = transaction.prepare_cached(
            "SELECT cut_ids FROM batch_ids JOIN batches USING (job, number) \
             WHERE job = ? AND cut > 0 AND NOT moved ORDER BY number",
        )?;
        let mut rows = statement.query([job])?;
        while let Some(row) = rows.next()? {
            let packed: Vec<u8> = row.get(0)?;
            ids.extend(unpack(&packed).map_err(foreign)?);
        }
    }
    if ids.is_empty() {
        return Ok(false);
    }
    let (last, round): (u32, u32) = transaction.query_row(
        "SELECT max(number), max(round) FROM batches WHERE job = ?",
        [job],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let size = batch_size(transaction, job)?;
    for (number, chunk) in (last + 1..).zip(ids.chunks(size)) {
        insert_batch(
            transaction,
            job,
            number,
            round + 1,
            chunk.len(),
            &pack(chunk).map_err(foreign)?,
        )?;
    }
    transaction.execute(
        "UPDATE batches SET moved = 1 WHERE job = ? AND cut > 0 AND number <= ?",
        params![job, last],
    )?;
    Ok(true)
}

fn foreign(error: Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}

impl Store for SqliteLedger {
    fn create(&self, job: &NewJob) -> Result<(JobRecord, bool)> {
        let packed: Vec<(usize, Vec<u8>)> =
            job.batches.iter().map(|ids| Ok((ids.len(), pack(ids)?))).collect::<Result<_>>()?;
        let count: usize = job.batches.iter().map(Vec::len).sum();
        self.transact(|transaction| {
            let found = find(transaction, &job.account, &job.key)?;
            if let Some(found) = found {
                return Ok((found, false));
            }
            transaction.execute(
                "INSERT INTO jobs (account, key, kind, parameters, digest, id_column, id_type, \
                 rows, ids, row_ids, max_credits, price, base_url, created_at) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    job.account,
                    job.key,
                    job.kind,
                    job.parameters,
                    job.digest,
                    job.id_column,
                    job.id_type,
                    job.rows,
                    count,
                    job.row_ids,
                    job.max_credits,
                    job.price,
                    job.base_url,
                    now(),
                ],
            )?;
            let id = transaction.last_insert_rowid();
            for (number, (count, ids)) in (1..).zip(&packed) {
                insert_batch(transaction, id, number, 0, *count, ids)?;
            }
            let made = find(transaction, &job.account, &job.key)?;
            made.map(|made| (made, true)).ok_or(rusqlite::Error::QueryReturnedNoRows)
        })
    }

    fn find(&self, account: &str, key: &str) -> Result<Option<JobRecord>> {
        self.read(|connection| find(connection, account, key))
    }

    fn jobs(&self, account: Option<&str>) -> Result<Vec<(JobRecord, Sums)>> {
        let columns: Vec<_> = JOB.split(", ").map(|name| format!("jobs.{name}")).collect();
        let sums_columns = SUMS.replace("max_credits", "batches.max_credits");
        let sql = format!(
            "SELECT {}, {} FROM jobs LEFT JOIN batches ON batches.job = jobs.id \
             WHERE ?1 IS NULL OR jobs.account = ?1 \
             GROUP BY jobs.id ORDER BY jobs.created_at DESC, jobs.id DESC",
            columns.join(", "),
            // A job without ids has no batches; the join still gives one row for it.
            sums_columns.replacen("count(*)", "count(batches.number)", 1),
        );
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let rows =
                statement.query_map([account], |row| Ok((job_record(row)?, sums(row, 14)?)))?;
            rows.collect()
        })
    }

    fn batches(&self, job: i64) -> Result<Vec<BatchRecord>> {
        self.read(|connection| {
            let sql = format!("SELECT {BATCH} FROM batches WHERE job = ? ORDER BY number");
            connection.prepare_cached(&sql)?.query_map([job], batch_record)?.collect()
        })
    }

    fn batch_ids(&self, job: i64, number: u32) -> Result<Vec<String>> {
        let packed: Vec<u8> = self.read(|connection| {
            connection.query_row(
                "SELECT ids FROM batch_ids WHERE job = ? AND number = ?",
                params![job, number],
                |row| row.get(0),
            )
        })?;
        unpack(&packed)
    }

    fn all_ids(&self, job: i64) -> Result<Vec<String>> {
        let packed: Vec<Vec<u8>> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT ids FROM batch_ids JOIN batches USING (job, number) \
                     WHERE job = ? AND round = 0 ORDER BY number",
                )?
                .query_map([job], |row| row.get(0))?
                .collect()
        })?;
        let mut ids = Vec::new();
        for packed in packed {
            ids.extend(unpack(&packed)?);
        }
        Ok(ids)
    }

    fn row_ids(&self, job: i64) -> Result<Vec<u8>> {
        self.read(|connection| {
            connection.query_row("SELECT row_ids FROM jobs WHERE id = ?", [job], |row| row.get(0))
        })
    }

    fn resubmit(&self, job: i64, submission: &NewJob) -> Result<()> {
        self.transact(|transaction| {
            transaction.execute(
                "UPDATE jobs SET max_credits = ?, price = max(price, ?), base_url = ?, rows = ?, \
                 row_ids = ?, id_column = ?, id_type = ? WHERE id = ?",
                params![
                    submission.max_credits,
                    submission.price,
                    submission.base_url,
                    submission.rows,
                    submission.row_ids,
                    submission.id_column,
                    submission.id_type,
                    job
                ],
            )?;
            Ok(())
        })
    }

    fn claim(&self, job: i64, sending_until: i64) -> Result<Claim> {
        let owner = self.owner()?.to_owned();
        self.transact(|transaction| {
            let credits = match next_step(transaction, job)? {
                Step::Ended(ended) => return Ok(ended.into()),
                Step::Send(credits) => credits,
                Step::PlanCut => {
                    plan_cut_ids(transaction, job)?;
                    match next_step(transaction, job)? {
                        Step::Send(credits) => credits,
                        Step::Ended(ended) => return Ok(ended.into()),
                        Step::PlanCut => return Ok(Claim::AllSent),
                    }
                }
            };
            let (number, ids, idempotency_key) = transaction
                .prepare_cached(
                    "SELECT number, ids, idempotency_key \
                     FROM batches JOIN batch_ids USING (job, number) \
                     WHERE job = ? AND state = 'planned' ORDER BY number LIMIT 1",
                )?
                .query_row([job], |row| {
                    Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, String>(2)?))
                })?;
            transaction
                .prepare_cached(
                    "UPDATE batches SET state = 'sending', max_credits = ?, owner = ?, \
                     sending_until = ?, sends = sends + 1, sent_at = ?, error = NULL \
                     WHERE job = ? AND number = ?",
                )?
                .execute(params![credits, owner, sending_until, now(), job, number])?;
            Ok(Claim::Send(Claimed {
                number,
                ids: unpack(&ids).map_err(foreign)?,
                max_credits: credits,
                idempotency_key,
                sending_until,
            }))
        })
    }

    fn peek(&self, job: i64) -> Result<Peek> {
        self.read(|connection| {
            Ok(match next_step(connection, job)? {
                Step::Send(_) | Step::PlanCut => Peek::Ready,
                Step::Ended(ended) => ended,
            })
        })
    }

    fn sums(&self, job: i64) -> Result<Sums> {
        self.read(|connection| sums_of(connection, job))
    }

    fn release(&self, job: i64, number: u32, sending: &str, error: &str) -> Result<()> {
        self.step(
            job,
            number,
            &[BatchState::Sending, BatchState::InDoubt],
            "state = 'planned', max_credits = 0, owner = NULL, sends = sends - 1, sent_at = NULL, \
             error = :error",
            Some(sending),
            named_params! {":error": error},
        )
        .map(drop)
    }

    fn accept(&self, job: i64, number: u32, sending: &str, run: &Accepted) -> Result<bool> {
        // A sending that was taken for dead, or even given up, is accepted all the same: here is
        // the run.
        let accepted = self.step(
            job,
            number,
            &[BatchState::Sending, BatchState::InDoubt, BatchState::Skipped],
            "state = 'accepted', run_id = :run_id, result_path = :result, \
             credits_path = :credits, owner = NULL, error = NULL, accepted_at = :now, \
             finished_at = NULL, unknown_since = NULL",
            Some(sending),
            named_params! {
                ":run_id": run.run_id, ":result": run.result_path,
                ":credits": run.credits_path, ":now": now(),
            },
        )?;
        if accepted {
            return Ok(true);
        }
        // Written before, though that was reported as a failure; or a person named this very run.
        self.read(|connection| {
            connection
                .prepare_cached("SELECT run_id IS ? FROM batches WHERE job = ? AND number = ?")?
                .query_row(params![run.run_id, job, number], |row| row.get(0))
                .optional()
                .map(|same| same.unwrap_or(false))
        })
    }

    fn doubt(
        &self,
        job: i64,
        number: u32,
        sending: &str,
        error: &str,
        run_id: Option<&str>,
    ) -> Result<()> {
        self.step(
            job,
            number,
            &[BatchState::Sending, BatchState::InDoubt],
            "state = 'in_doubt', owner = NULL, error = :error, run_id = :run_id",
            Some(sending),
            named_params! {":error": error, ":run_id": run_id},
        )
        .map(drop)
    }

    fn find_doubt(&self, job: i64) -> Result<()> {
        let sending: Vec<(u32, Option<String>, i64)> = self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT number, owner, sending_until FROM batches \
                     WHERE job = ? AND state = 'sending'",
                )?
                .query_map([job], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect()
        })?;
        let own = match self.owner.get() {
            Some(Ok(owner)) => Some(owner.id.as_str()),
            _ => None,
        };
        for (number, owner, until) in sending {
            let late = until < now();
            let lives = owner
                .as_deref()
                .is_some_and(|id| Some(id) == own || owner::lives(&self.owners(), id));
            if late || !lives {
                let why = if lives {
                    "its sending lasted longer than a call may"
                } else {
                    "the process that sent it ended before an answer came"
                };
                self.mark_in_doubt(job, number, owner.as_deref(), until, why)?;
            }
        }
        Ok(())
    }

    fn decide(&self, job: i64, number: u32, decision: &Decision) -> Result<()> {
        let decided = match decision {
            // What the former sending may have cost stays counted: the budget covers both.
            Decision::Resend => self.step(
                job,
                number,
                &[BatchState::InDoubt, BatchState::Failed, BatchState::Skipped],
                "state = 'planned', written_off = written_off + coalesce(credits, max_credits), \
                 max_credits = 0, credits = NULL, run_id = NULL, result_path = NULL, \
                 credits_path = NULL, owner = NULL, error = NULL, finished_at = NULL, \
                 unknown_since = NULL, idempotency_key = :idempotency",
                None,
                named_params! {":idempotency": Uuid::new_v4().to_string()},
            )?,
            Decision::Skip => self.step(
                job,
                number,
                &[BatchState::InDoubt, BatchState::Accepted, BatchState::Completed],
                "state = 'skipped', finished_at = :now",
                None,
                named_params! {":now": now()},
            )?,
            // Also from where a wrong run was attached before.
            Decision::Attach(run) => self.step(
                job,
                number,
                &[
                    BatchState::InDoubt,
                    BatchState::Skipped,
                    BatchState::Failed,
                    BatchState::Accepted,
                    BatchState::Completed,
                ],
                "state = 'accepted', run_id = :run_id, result_path = :result, \
                 credits_path = :credits, error = NULL, accepted_at = :now, finished_at = NULL, \
                 unknown_since = NULL",
                None,
                named_params! {
                    ":run_id": run.run_id, ":result": run.result_path,
                    ":credits": run.credits_path, ":now": now(),
                },
            )?,
        };
        if decided {
            return Ok(());
        }
        let state: Option<String> = self.read(|connection| {
            connection
                .query_row(
                    "SELECT state FROM batches WHERE job = ? AND number = ?",
                    params![job, number],
                    |row| row.get(0),
                )
                .optional()
        })?;
        Err(rules::undecided(number, state.as_deref()))
    }

    fn finish(&self, job: i64, ended: &[Finished]) -> Result<()> {
        if ended.is_empty() {
            return Ok(());
        }
        self.transact(|transaction| {
            let mut statement = transaction.prepare_cached(
                "UPDATE batches SET state = ?, error = ?, credits = ?, finished_at = ? \
                 WHERE job = ? AND number = ? AND run_id = ? AND state = 'accepted'",
            )?;
            for Finished { number, run_id, end } in ended {
                let (state, error, credits) = match end {
                    Ended::Completed => (BatchState::Completed, None, None),
                    Ended::Failed { why, credits } => (BatchState::Failed, Some(why), *credits),
                };
                let state = state.name();
                statement.execute(params![state, error, credits, now(), job, number, run_id])?;
            }
            Ok(())
        })
    }

    fn load(&self, job: i64, number: u32, run_id: &str, loaded: &Loaded) -> Result<()> {
        let cut_ids = if loaded.cut_ids.is_empty() { None } else { Some(pack(&loaded.cut_ids)?) };
        self.transact(|transaction| {
            let moved = transaction
                .prepare_cached(
                    "UPDATE batches SET state = 'loaded', credits = ?, returned = ?, emails = ?, \
                     phones = ?, cut = ?, error = NULL, loaded_at = ? \
                     WHERE job = ? AND number = ? AND run_id = ? AND state = 'completed'",
                )?
                .execute(params![
                    loaded.credits,
                    loaded.returned,
                    loaded.emails,
                    loaded.phones,
                    loaded.cut_ids.len(),
                    now(),
                    job,
                    number,
                    run_id
                ])?;
            if moved == 1 && cut_ids.is_some() {
                transaction
                    .prepare_cached(
                        "UPDATE batch_ids SET cut_ids = ? WHERE job = ? AND number = ?",
                    )?
                    .execute(params![cut_ids, job, number])?;
            }
            if let Some(dearest) = loaded.dearest {
                transaction
                    .prepare_cached("UPDATE jobs SET price = max(price, ?) WHERE id = ?")?
                    .execute(params![dearest, job])?;
            }
            Ok(())
        })
    }

    fn unknown(&self, job: i64, number: u32, run_id: &str, unknown: bool) -> Result<Option<i64>> {
        self.transact(|transaction| {
            let since = transaction
                .prepare_cached(
                    "UPDATE batches \
                     SET unknown_since = CASE WHEN ? THEN coalesce(unknown_since, ?) END \
                     WHERE job = ? AND number = ? AND run_id = ? AND state = 'accepted' \
                     RETURNING unknown_since",
                )?
                .query_row(params![unknown, now(), job, number, run_id], |row| row.get(0))
                .optional()?;
            Ok(since.flatten())
        })
    }

    fn note(&self, job: i64, number: u32, error: &str) -> Result<()> {
        self.step(
            job,
            number,
            &[BatchState::Completed, BatchState::Accepted],
            "error = :error",
            None,
            named_params! {":error": error},
        )
        .map(drop)
    }

    fn take_slot(
        &self,
        scope: &str,
        class: LimitClass,
        now: i64,
        interval: i64,
    ) -> Result<Option<i64>> {
        self.transact(|transaction| {
            let slot = slot(transaction, scope, class)?;
            match slot.take(now, interval) {
                Err(wait) => Ok(Some(wait)),
                Ok(next) => {
                    put_slot(transaction, scope, class, next)?;
                    Ok(None)
                }
            }
        })
    }

    fn hold_slot(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        self.transact(|transaction| {
            let slot = slot(transaction, scope, class)?;
            let next = Slot { held: slot.held.max(until), ..slot };
            put_slot(transaction, scope, class, next)
        })
    }

    fn results_folder(&self) -> PathBuf {
        beside(self.database.path(), "results")
    }

    fn calls(&self) -> PathBuf {
        beside(self.database.path(), "calls.sqlite")
    }

    fn place(&self) -> String {
        self.database.path().display().to_string()
    }
}

fn find(
    connection: &rusqlite::Connection,
    account: &str,
    key: &str,
) -> rusqlite::Result<Option<JobRecord>> {
    connection
        .prepare_cached(&format!("SELECT {JOB} FROM jobs WHERE account = ? AND key = ?"))?
        .query_row(params![account, key], job_record)
        .optional()
}

fn slot(transaction: &Transaction<'_>, scope: &str, class: LimitClass) -> rusqlite::Result<Slot> {
    let found = transaction
        .prepare_cached("SELECT last, held FROM slots WHERE scope = ? AND class = ?")?
        .query_row(params![scope, class.name()], |row| {
            Ok(Slot { last: row.get(0)?, held: row.get(1)? })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

fn put_slot(
    transaction: &Transaction<'_>,
    scope: &str,
    class: LimitClass,
    slot: Slot,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO slots (scope, class, last, held) VALUES (?, ?, ?, ?)",
        )?
        .execute(params![scope, class.name(), slot.last, slot.held])?;
    Ok(())
}

#[cfg(test)]
mod tests {
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
        };
        let job = ledger.create(&planned).unwrap().0.id;
        let Claim::Send(first) = ledger.claim(job, 1_000).unwrap() else { panic!("no batch") };
        let owner = ledger.owner().unwrap().to_owned();
        // While another process looks at it, it is released and claimed anew by the same owner.
        ledger.release(job, 1, &first.idempotency_key, "refused").unwrap();
        assert!(matches!(ledger.claim(job, 2_000).unwrap(), Claim::Send(_)));
        assert!(!ledger.mark_in_doubt(job, 1, Some(&owner), 1_000, "late").unwrap());
        assert!(ledger.mark_in_doubt(job, 1, Some(&owner), 2_000, "late").unwrap());
    }
}
