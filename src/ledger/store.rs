//! The ledger in a database: every statement, once, for SQLite and PostgreSQL.
//!
//! A transaction that changes units locks the job's row first, so that nobody else works on the job
//! meanwhile, and keeps the sums over its units in that row: a job of 50,000 batches costs no more a
//! step than one of five. What an event makes of a unit is decided by [`Unit::step`], what the
//! budget allows by [`allowance`]; here they are only read and written.

use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
};

use uuid::Uuid;

use super::{
    Claim, Claimed, Claims, JobRecord, NewJob, Outcome, Peek, Step, Store, Turn, Unit, UnitState,
    Wanted,
    packed::{pack, pack_bytes, unpack, unpack_bytes},
    rules::{Allowance, Sums, allowance},
    sql::{Database, Reader, Row, Session, Statement, sql},
    unit::{Decision, Event},
};
use crate::{
    api::{LimitClass, agents::MAX_BATCH},
    client::limit::{Slot, now},
    error::{Error, Result},
};

const JOB: &str = "id, account, key, kind, parameters, digest, id_column, id_type, rows, ids, \
                   max_credits, price, base_url, created_at";

const SUMS: &str = "units, planned, in_flight, in_doubt, loaded, failed, skipped, spent, \
                    committed, returned, emails, phones, cut";

const UNIT: &str = "u.number, u.count, u.state, u.max_credits, u.credits, u.run_id, \
                    u.result_path, u.credits_path, u.owner, u.sending_until, u.idempotency_key, \
                    u.sends, u.returned, u.emails, u.phones, u.cut, u.moved, u.error, \
                    u.unknown_since, u.sent_at, u.accepted_at, u.finished_at, u.loaded_at, \
                    u.first_row, u.round, u.written_off, u.looked_at";

/// A ledger in a database.
pub struct SqlLedger<D> {
    pub(super) database: D,
}

/// A job's row, as far as its units change it.
struct Totals {
    max_credits: u64,
    price: u64,
    /// Its units are calls, which are split where the budget reaches only some of their rows.
    calls: bool,
    sums: Sums,
}

fn job_record(row: &mut Reader) -> Result<JobRecord> {
    Ok(JobRecord {
        id: row.next()?,
        account: row.next()?,
        key: row.next()?,
        kind: row.next()?,
        parameters: row.next()?,
        digest: row.next()?,
        id_column: row.next()?,
        id_type: row.next()?,
        rows: row.next()?,
        ids: row.next()?,
        max_credits: row.next()?,
        price: row.next()?,
        base_url: row.next()?,
        created_at: row.next()?,
    })
}

fn sums(row: &mut Reader) -> Result<Sums> {
    Ok(Sums {
        batches: row.next()?,
        planned: row.next()?,
        in_flight: row.next()?,
        in_doubt: row.next()?,
        loaded: row.next()?,
        failed: row.next()?,
        skipped: row.next()?,
        spent: row.next()?,
        committed: row.next()?,
        returned: row.next()?,
        emails: row.next()?,
        phones: row.next()?,
        cut: row.next()?,
    })
}

fn unit(row: &mut Reader) -> Result<Unit> {
    Ok(Unit {
        number: row.next()?,
        count: row.next()?,
        state: row.next::<String>()?.parse()?,
        max_credits: row.next()?,
        credits: row.next()?,
        run_id: row.next()?,
        result_path: row.next()?,
        credits_path: row.next()?,
        owner: row.next()?,
        sending_until: row.next()?,
        idempotency_key: row.next()?,
        sends: row.next()?,
        returned: row.next()?,
        emails: row.next()?,
        phones: row.next()?,
        cut: row.next()?,
        moved: row.next()?,
        error: row.next()?,
        unknown_since: row.next()?,
        sent_at: row.next()?,
        accepted_at: row.next()?,
        finished_at: row.next()?,
        loaded_at: row.next()?,
        first: row.next()?,
        round: row.next()?,
        written_off: row.next()?,
        looked_at: row.next()?,
    })
}

fn units(rows: Vec<Row>) -> Result<Vec<Unit>> {
    rows.into_iter().map(|row| unit(&mut row.read())).collect()
}

/// Writes a unit down as it is now.
fn put(job: i64, unit: &Unit) -> Statement {
    sql!(
        "UPDATE lantern_units SET count = ?3, state = ?4, max_credits = ?5, credits = ?6, \
         run_id = ?7, result_path = ?8, credits_path = ?9, owner = ?10, sending_until = ?11, \
         idempotency_key = ?12, sends = ?13, returned = ?14, emails = ?15, phones = ?16, \
         cut = ?17, moved = ?18, error = ?19, unknown_since = ?20, sent_at = ?21, \
         accepted_at = ?22, finished_at = ?23, loaded_at = ?24, written_off = ?25, \
         looked_at = ?26 WHERE job = ?1 AND number = ?2",
        job,
        unit.number,
        unit.count,
        unit.state.name(),
        unit.max_credits,
        unit.credits,
        unit.run_id.as_deref(),
        unit.result_path.as_deref(),
        unit.credits_path.as_deref(),
        unit.owner.as_deref(),
        unit.sending_until,
        unit.idempotency_key.as_str(),
        unit.sends,
        unit.returned,
        unit.emails,
        unit.phones,
        unit.cut,
        unit.moved,
        unit.error.as_deref(),
        unit.unknown_since,
        unit.sent_at,
        unit.accepted_at,
        unit.finished_at,
        unit.loaded_at,
        unit.written_off,
        unit.looked_at,
    )
}

/// Adds a unit that is planned.
fn add(job: i64, unit: &Unit) -> Statement {
    sql!(
        "INSERT INTO lantern_units (job, number, count, first_row, round, idempotency_key) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        job,
        unit.number,
        unit.count,
        unit.first,
        unit.round,
        unit.idempotency_key.as_str(),
    )
}

fn put_totals(job: i64, totals: &Totals) -> Statement {
    let sums = &totals.sums;
    sql!(
        "UPDATE lantern_jobs SET price = ?2, units = ?3, planned = ?4, in_flight = ?5, \
         in_doubt = ?6, loaded = ?7, failed = ?8, skipped = ?9, spent = ?10, committed = ?11, \
         returned = ?12, emails = ?13, phones = ?14, cut = ?15 WHERE id = ?1",
        job,
        totals.price,
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
        sums.emails,
        sums.phones,
        sums.cut,
    )
}

fn put_answer(job: i64, number: u32, rows: &[String]) -> Result<Statement> {
    Ok(sql!(
        "INSERT INTO lantern_answers (job, number, answers) VALUES (?1, ?2, ?3) \
         ON CONFLICT (job, number) DO UPDATE SET answers = excluded.answers",
        job,
        number,
        packed(format!("[{}]", rows.join(",")).as_bytes())?,
    ))
}

fn gone(job: i64) -> Error {
    Error::ledger(format!("the ledger has no job {job} any more; somebody deleted it"))
}

/// What can be claimed of a job.
struct Planned {
    waiting: std::vec::IntoIter<(Unit, Option<Vec<u8>>)>,
    /// What is written at the end of the transaction.
    writes: Vec<Statement>,
}

impl<D: Database> SqlLedger<D> {
    fn read(&self, statement: Statement) -> Result<Vec<Row>> {
        Ok(self.database.read(vec![statement])?.pop().unwrap_or_default())
    }

    fn one<T>(
        &self,
        statement: Statement,
        read: impl FnOnce(&mut Reader) -> Result<T>,
    ) -> Result<Option<T>> {
        let first = self.read(statement)?.into_iter().next();
        first.map(|row| read(&mut row.read())).transpose()
    }

    fn transact<T>(&self, mut work: impl FnMut(&mut dyn Session) -> Result<T>) -> Result<T> {
        let mut done = None;
        self.database.transact(&mut |session| {
            done = Some(work(session)?);
            Ok(())
        })?;
        done.ok_or_else(|| Error::ledger("a transaction of the ledger did nothing"))
    }

    fn select_totals(&self, job: i64) -> Statement {
        let lock = self.database.for_update();
        sql!(
            format!(
                "SELECT max_credits, price, CASE WHEN id_type = '' THEN 1 ELSE 0 END, {SUMS} \
                 FROM lantern_jobs WHERE id = ?1{lock}"
            ),
            job
        )
    }

    fn totals(job: i64, rows: Vec<Row>) -> Result<Totals> {
        let mut row = rows.into_iter().next().ok_or_else(|| gone(job))?.read();
        Ok(Totals {
            max_credits: row.next()?,
            price: row.next()?,
            calls: row.next()?,
            sums: sums(&mut row)?,
        })
    }

    fn select_planned(job: i64, most: u32) -> Statement {
        sql!(
            format!(
                "SELECT {UNIT}, i.ids FROM lantern_units u \
                 LEFT JOIN lantern_unit_ids i ON i.job = u.job AND i.number = u.number \
                 WHERE u.job = ?1 AND u.state = 'planned' ORDER BY u.number LIMIT ?2"
            ),
            job,
            most
        )
    }

    fn planned(rows: Vec<Row>) -> Result<std::vec::IntoIter<(Unit, Option<Vec<u8>>)>> {
        let read = |row: Row| {
            let mut row = row.read();
            Ok((unit(&mut row)?, row.next()?))
        };
        Ok(rows.into_iter().map(read).collect::<Result<Vec<_>>>()?.into_iter())
    }

    /// Claims what the budget allows, and says why no more.
    fn claim_planned(
        session: &mut dyn Session,
        job: i64,
        totals: &mut Totals,
        planned: &mut Planned,
        (wanted, owner): (Wanted, &str),
    ) -> Result<Claims> {
        let mut units = Vec::new();
        let then = loop {
            if units.len() >= wanted.most as usize {
                break Peek::Ready;
            }
            let Some((mut own, ids)) = planned.waiting.next() else {
                match cut_step(session, job, totals)? {
                    Some(ended) => break ended,
                    None => {
                        plan_cut_ids(session, job, totals)?;
                        let mut found =
                            session.run(vec![Self::select_planned(job, wanted.most)])?;
                        planned.waiting = Self::planned(found.pop().unwrap_or_default())?;
                        if planned.waiting.len() == 0 {
                            break Peek::AllSent;
                        }
                        continue;
                    }
                }
            };
            let credits =
                match allowance(&totals.sums, totals.max_credits, totals.price, own.count.into()) {
                    Allowance::Send(credits) => credits,
                    Allowance::Wait => break Peek::Wait,
                    Allowance::Spent { left } => break Peek::BudgetSpent { left },
                };
            totals.sums.remove(&own);
            let credits = if totals.calls {
                split(job, &mut own, credits, totals, &mut planned.writes)
            } else {
                credits
            };
            let event = Event::Claim { owner: owner.to_owned(), until: wanted.until, credits };
            let step = Step { number: own.number, sending: None, event };
            let Some(claimed) = own.step(&step, now()) else {
                return Err(Error::ledger(format!("unit {} is not planned", own.number)));
            };
            totals.sums.add(&claimed);
            planned.writes.push(put(job, &claimed));
            units.push(Claimed {
                number: claimed.number,
                ids: ids.as_deref().map(unpack).transpose()?.unwrap_or_default(),
                max_credits: credits,
                idempotency_key: claimed.idempotency_key,
                sending_until: wanted.until,
                first: claimed.first,
                count: claimed.count,
            });
        };
        Ok(Claims { units, then })
    }

    fn put_new(&self, session: &mut dyn Session, job: &NewJob, id: i64) -> Result<()> {
        let mut writes = Vec::new();
        for (number, ids) in (1_u32..).zip(&job.batches) {
            let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let key = Uuid::new_v4().to_string();
            writes.push(add(id, &Unit::planned(number, 0, count, 0, key)));
            writes.push(put_ids(id, number, ids)?);
        }
        if let Some(calls) = &job.calls {
            writes.extend(put_requests(id, &calls.requests));
            let units = job.rows.div_ceil(calls.rows_per_call.max(1).into());
            if units > 0 {
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

    /// Takes over a job of an earlier version with its units, unless it is known. Answers whether it
    /// was new.
    pub(super) fn adopt(&self, job: &NewJob, units: &[(Unit, Option<String>)]) -> Result<bool> {
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
}

fn put_ids(job: i64, number: u32, ids: &[String]) -> Result<Statement> {
    Ok(sql!(
        "INSERT INTO lantern_unit_ids (job, number, ids) VALUES (?1, ?2, ?3)",
        job,
        number,
        pack(ids)?
    ))
}

fn put_requests(job: i64, chunks: &[Vec<u8>]) -> impl Iterator<Item = Statement> {
    chunks.iter().enumerate().map(move |(at, chunk)| {
        sql!(
            "INSERT INTO lantern_requests (job, chunk, requests) VALUES (?1, ?2, ?3)",
            job,
            at,
            chunk.as_slice(),
        )
    })
}

/// Writes a job's row. `None` if its account and key have one.
fn insert_job(session: &mut dyn Session, job: &NewJob, sums: &Sums) -> Result<Option<i64>> {
    let ids: usize = job.batches.iter().map(Vec::len).sum();
    let ids = if job.batches.is_empty() { job.rows } else { ids as u64 };
    let rows = session.run(vec![sql!(
        "INSERT INTO lantern_jobs (account, key, kind, parameters, digest, id_column, id_type, \
         rows, ids, row_ids, max_credits, price, base_url, created_at, units, planned, in_flight, \
         in_doubt, loaded, failed, skipped, spent, committed, returned) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, \
         ?19, ?20, ?21, ?22, ?23, ?24) ON CONFLICT (account, key) DO NOTHING RETURNING id",
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
    )])?;
    let first = rows.into_iter().flatten().next();
    first.map(|row| row.read().next()).transpose()
}

/// Leaves in a call only the rows that `credits` pay for; the others become a unit of their own.
/// Answers what the call may cost.
fn split(
    job: i64,
    unit: &mut Unit,
    credits: u64,
    totals: &mut Totals,
    writes: &mut Vec<Statement>,
) -> u64 {
    let price = totals.price.max(1);
    let rows = u32::try_from(credits / price).unwrap_or(u32::MAX).clamp(1, unit.count);
    if rows < unit.count {
        let number = u32::try_from(totals.sums.batches + 2).unwrap_or(u32::MAX);
        let first = unit.first + u64::from(rows);
        let key = Uuid::new_v4().to_string();
        let rest = Unit::planned(number, unit.round + 1, unit.count - rows, first, key);
        writes.push(add(job, &rest));
        totals.sums.add(&rest);
        unit.count = rows;
    }
    price.saturating_mul(rows.into())
}

/// Ids a batch, as the job was submitted.
fn select_unit_size(job: i64) -> Statement {
    sql!("SELECT count FROM lantern_units WHERE job = ?1 AND number = 1", job)
}

fn unit_size(rows: Vec<Row>) -> Result<usize> {
    let first: Option<usize> = rows.into_iter().next().map(|row| row.read().next()).transpose()?;
    Ok(first.unwrap_or(MAX_BATCH).clamp(1, MAX_BATCH))
}

/// What is to be done once no unit is planned: `None` if the ids that the budget did not reach are to
/// be planned anew.
fn cut_step(session: &mut dyn Session, job: i64, totals: &Totals) -> Result<Option<Peek>> {
    if totals.sums.planned > 0 {
        // Planned again in this very transaction.
        return Ok(Some(Peek::Ready));
    }
    if totals.sums.cut == 0 {
        return Ok(Some(Peek::AllSent));
    }
    let size = session.run(vec![select_unit_size(job)])?.pop().unwrap_or_default();
    Ok(cut_allowance(totals, unit_size(size)?))
}

fn cut_allowance(totals: &Totals, unit_size: usize) -> Option<Peek> {
    let count = totals.sums.cut.min(unit_size as u64);
    match allowance(&totals.sums, totals.max_credits, totals.price, count) {
        Allowance::Wait => Some(Peek::Wait),
        Allowance::Spent { left } => Some(Peek::BudgetSpent { left }),
        // What is in flight may give back credits, and cut ids of its own.
        Allowance::Send(_) if totals.sums.in_flight > 0 => Some(Peek::Wait),
        Allowance::Send(_) => None,
    }
}

/// Plans batches for the ids that the budget did not reach.
fn plan_cut_ids(session: &mut dyn Session, job: i64, totals: &mut Totals) -> Result<()> {
    let found = session.run(vec![
        sql!(
            "SELECT i.cut_ids FROM lantern_unit_ids i \
             JOIN lantern_units u ON u.job = i.job AND u.number = i.number \
             WHERE u.job = ?1 AND u.cut > 0 AND u.moved = 0 ORDER BY u.number",
            job
        ),
        sql!("SELECT max(number), max(round) FROM lantern_units WHERE job = ?1", job),
        select_unit_size(job),
    ])?;
    let [cut, last, size]: [Vec<Row>; 3] =
        found.try_into().map_err(|_| Error::ledger("the ledger left a question unanswered"))?;
    let mut ids = Vec::new();
    for row in cut {
        let packed: Vec<u8> = row.read().next()?;
        ids.extend(unpack(&packed)?);
    }
    let mut last = last.into_iter().next().ok_or_else(|| gone(job))?.read();
    let (last, round): (u32, u32) = (last.next()?, last.next()?);
    let mut writes = vec![sql!(
        "UPDATE lantern_units SET moved = 1 WHERE job = ?1 AND cut > 0 AND number <= ?2",
        job,
        last
    )];
    totals.sums.cut = 0;
    for (number, chunk) in (last + 1..).zip(ids.chunks(unit_size(size)?)) {
        let count = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        let unit = Unit::planned(number, round + 1, count, 0, Uuid::new_v4().to_string());
        writes.push(add(job, &unit));
        writes.push(put_ids(job, number, chunk)?);
        totals.sums.add(&unit);
    }
    session.run(writes)?;
    Ok(())
}

/// The sums of a job that is only looked at.
fn peek(totals: &Totals, planned: Option<u64>, unit_size: usize) -> Peek {
    match planned {
        Some(count) => match allowance(&totals.sums, totals.max_credits, totals.price, count) {
            Allowance::Send(_) => Peek::Ready,
            Allowance::Wait => Peek::Wait,
            Allowance::Spent { left } => Peek::BudgetSpent { left },
        },
        None if totals.sums.cut == 0 => Peek::AllSent,
        None => cut_allowance(totals, unit_size).unwrap_or(Peek::Ready),
    }
}

impl<D: Database> Store for SqlLedger<D> {
    fn create(&self, job: &NewJob) -> Result<(JobRecord, bool)> {
        let units = match &job.calls {
            Some(calls) => job.rows.div_ceil(calls.rows_per_call.max(1).into()),
            None => job.batches.len() as u64,
        };
        let sums = Sums { batches: units, planned: units, ..Sums::default() };
        let new = self.transact(|session| {
            let Some(id) = insert_job(session, job, &sums)? else { return Ok(false) };
            self.put_new(session, job, id)?;
            Ok(true)
        })?;
        let found = self.find(&job.account, &job.key)?;
        found.map(|found| (found, new)).ok_or_else(|| {
            Error::job(&job.key, "the job was deleted from the ledger while it was written down")
        })
    }

    fn find(&self, account: &str, key: &str) -> Result<Option<JobRecord>> {
        self.one(
            sql!(
                format!("SELECT {JOB} FROM lantern_jobs WHERE account = ?1 AND key = ?2"),
                account,
                key
            ),
            job_record,
        )
    }

    fn jobs(&self, account: Option<&str>) -> Result<Vec<(JobRecord, Sums)>> {
        let order = "ORDER BY created_at DESC, id DESC";
        let statement = match account {
            None => sql!(format!("SELECT {JOB}, {SUMS} FROM lantern_jobs {order}")),
            Some(account) => sql!(
                format!("SELECT {JOB}, {SUMS} FROM lantern_jobs WHERE account = ?1 {order}"),
                account
            ),
        };
        let read = |row: Row| {
            let mut row = row.read();
            Ok((job_record(&mut row)?, sums(&mut row)?))
        };
        self.read(statement)?.into_iter().map(read).collect()
    }

    fn state(&self, job: i64) -> Result<(JobRecord, Sums)> {
        let statement = sql!(format!("SELECT {JOB}, {SUMS} FROM lantern_jobs WHERE id = ?1"), job);
        let found = self.one(statement, |row| Ok((job_record(row)?, sums(row)?)))?;
        found.ok_or_else(|| gone(job))
    }

    fn batches(&self, job: i64) -> Result<Vec<Unit>> {
        let text = format!("SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 ORDER BY u.number");
        units(self.read(sql!(text, job))?)
    }

    fn units_in(&self, job: i64, states: &[UnitState]) -> Result<Vec<Unit>> {
        let names: Vec<_> = states.iter().map(|state| format!("'{state}'")).collect();
        let text = format!(
            "SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 AND u.state IN ({}) \
             ORDER BY coalesce(u.looked_at, 0), u.number",
            names.join(", ")
        );
        units(self.read(sql!(text, job))?)
    }

    fn batch_ids(&self, job: i64, number: u32) -> Result<Vec<String>> {
        let packed: Option<Vec<u8>> = self.one(
            sql!("SELECT ids FROM lantern_unit_ids WHERE job = ?1 AND number = ?2", job, number),
            Reader::next,
        )?;
        packed.map_or_else(|| Ok(Vec::new()), |packed| unpack(&packed))
    }

    fn all_ids(&self, job: i64) -> Result<Vec<String>> {
        let rows = self.read(sql!(
            "SELECT i.ids FROM lantern_unit_ids i \
             JOIN lantern_units u ON u.job = i.job AND u.number = i.number \
             WHERE u.job = ?1 AND u.round = 0 ORDER BY u.number",
            job
        ))?;
        let mut ids = Vec::new();
        for row in rows {
            let packed: Vec<u8> = row.read().next()?;
            ids.extend(unpack(&packed)?);
        }
        Ok(ids)
    }

    fn row_ids(&self, job: i64) -> Result<Vec<u8>> {
        let found =
            self.one(sql!("SELECT row_ids FROM lantern_jobs WHERE id = ?1", job), Reader::next)?;
        found.ok_or_else(|| gone(job))
    }

    fn requests(&self, job: i64) -> Result<Vec<Vec<u8>>> {
        let rows = self.read(sql!(
            "SELECT requests FROM lantern_requests WHERE job = ?1 ORDER BY chunk",
            job
        ))?;
        rows.into_iter().map(|row| row.read().next()).collect()
    }

    fn answers(&self, job: i64) -> Result<BTreeMap<u32, Vec<u8>>> {
        let text = "SELECT number, answers FROM lantern_answers WHERE job = ?1";
        unpack_by_unit(self.read(sql!(text, job))?)
    }

    fn bodies(&self, job: i64) -> Result<BTreeMap<u32, Vec<u8>>> {
        let text = "SELECT number, body FROM lantern_bodies WHERE job = ?1";
        unpack_by_unit(self.read(sql!(text, job))?)
    }

    fn resubmit(&self, job: i64, submission: &NewJob) -> Result<()> {
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
            // What a batch's report taught is not forgotten; what a call may cost is asked anew.
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
            if let (Some(calls), Some(0)) = (&submission.calls, known) {
                writes.extend(put_requests(job, &calls.requests));
            }
            session.commit(writes)?;
            Ok(())
        })
    }

    fn peek(&self, job: i64) -> Result<Peek> {
        let found = self.database.read(vec![
            sql!(
                format!("SELECT max_credits, price, 0, {SUMS} FROM lantern_jobs WHERE id = ?1"),
                job
            ),
            sql!(
                "SELECT count FROM lantern_units WHERE job = ?1 AND state = 'planned' \
                 ORDER BY number LIMIT 1",
                job
            ),
            select_unit_size(job),
        ])?;
        let [totals, planned, size]: [Vec<Row>; 3] =
            found.try_into().map_err(|_| Error::ledger("the ledger left a question unanswered"))?;
        let planned = planned.into_iter().next().map(|row| row.read().next()).transpose()?;
        Ok(peek(&Self::totals(job, totals)?, planned, unit_size(size)?))
    }

    fn turn(&self, job: i64, steps: &[Step], wanted: Option<Wanted>) -> Result<Turn> {
        let owner = match wanted {
            Some(_) => self.database.owner()?,
            None => String::new(),
        };
        let numbers: HashSet<u32> = steps.iter().map(|step| step.number).collect();
        let mut numbers: Vec<u32> = numbers.into_iter().collect();
        numbers.sort_unstable();
        self.transact(|session| {
            let checks = wanted.map(|wanted| self.database.before_claim(wanted.until));
            let mut first = checks.clone().unwrap_or_default();
            first.push(self.select_totals(job));
            let text =
                format!("SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 AND u.number = ?2");
            first.extend(numbers.iter().map(|number| sql!(text.clone(), job, *number)));
            first.extend(wanted.map(|wanted| Self::select_planned(job, wanted.most)));
            let mut found = session.run(first)?;
            if let Some(checks) = &checks {
                let rest = found.split_off(checks.len());
                self.database.may_claim(&found)?;
                found = rest;
            }
            let planned = match wanted {
                Some(_) => Self::planned(found.pop().unwrap_or_default())?,
                None => Vec::new().into_iter(),
            };
            let mut found = found.into_iter();
            let mut totals = Self::totals(job, found.next().unwrap_or_default())?;
            let mut known = BTreeMap::new();
            for unit in units(found.flatten().collect())? {
                known.insert(unit.number, (unit.clone(), unit));
            }
            let mut planned = Planned { waiting: planned, writes: Vec::new() };
            let at = now();
            let mut outcomes = Vec::with_capacity(steps.len());
            for step in steps {
                let Some((_, unit)) = known.get_mut(&step.number) else {
                    outcomes.push(Outcome { fits: false, unit: None });
                    continue;
                };
                let after = unit.step(step, at);
                let fits = after.is_some();
                if let Some(after) = after {
                    *unit = after;
                    side_effects(job, step, &mut totals, &mut planned.writes)?;
                }
                outcomes.push(Outcome { fits, unit: Some(unit.clone()) });
            }
            for (before, after) in known.values().filter(|(before, after)| before != after) {
                totals.sums.remove(before);
                totals.sums.add(after);
                planned.writes.push(put(job, after));
            }
            let claims = match wanted {
                None => None,
                Some(wanted) => {
                    let asked = (wanted, owner.as_str());
                    Some(Self::claim_planned(session, job, &mut totals, &mut planned, asked)?)
                }
            };
            let mut writes = planned.writes;
            if !writes.is_empty() {
                writes.push(put_totals(job, &totals));
            }
            session.commit(writes)?;
            Ok(Turn { outcomes, claims })
        })
    }

    fn find_doubt(&self, job: i64) -> Result<()> {
        let sending = self.units_in(job, &[UnitState::Sending])?;
        if sending.is_empty() {
            return Ok(());
        }
        let owners: HashSet<String> =
            sending.iter().filter_map(|unit| unit.owner.clone()).collect();
        let living = self.database.living(&owners.into_iter().collect::<Vec<_>>())?;
        let at = now();
        let steps: Vec<Step> = sending
            .into_iter()
            .filter_map(|unit| {
                let lives = unit.owner.as_ref().is_some_and(|owner| living.contains(owner));
                if lives && unit.sending_until >= at {
                    return None;
                }
                let why = if lives {
                    "its sending lasted longer than a call may"
                } else {
                    "the process that sent it ended before an answer came"
                };
                let (owner, until) = (unit.owner, unit.sending_until);
                let event = Event::Lose { owner, until, error: why.to_owned() };
                Some(Step { number: unit.number, sending: Some(unit.idempotency_key), event })
            })
            .collect();
        if steps.is_empty() {
            return Ok(());
        }
        self.turn(job, &steps, None).map(drop)
    }

    fn account(&self, place: &str, key: &str) -> Result<Option<String>> {
        self.one(
            sql!("SELECT account FROM lantern_accounts WHERE place = ?1 AND key = ?2", place, key),
            Reader::next,
        )
    }

    fn remember_account(&self, place: &str, key: &str, account: &str) -> Result<String> {
        self.transact(|session| {
            let found = session.commit(vec![
                sql!(
                    "INSERT INTO lantern_accounts (place, key, account) VALUES (?1, ?2, ?3) \
                     ON CONFLICT (place, key) DO NOTHING",
                    place,
                    key,
                    account,
                ),
                sql!(
                    "SELECT account FROM lantern_accounts WHERE place = ?1 AND key = ?2",
                    place,
                    key
                ),
            ])?;
            let first = found.into_iter().flatten().next();
            first.map_or_else(|| Ok(account.to_owned()), |row| row.read().next())
        })
    }

    fn take_slot(
        &self,
        scope: &str,
        class: LimitClass,
        now: i64,
        interval: i64,
    ) -> Result<Option<i64>> {
        self.transact(|session| {
            let slot = self.slot(session, scope, class)?;
            match slot.take(now, interval) {
                Err(wait) => Ok(Some(wait)),
                Ok(next) => {
                    session.commit(vec![put_slot(scope, class, next)])?;
                    Ok(None)
                }
            }
        })
    }

    fn hold_slot(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        self.transact(|session| {
            let slot = self.slot(session, scope, class)?;
            let next = Slot { held: slot.held.max(until), ..slot };
            session.commit(vec![put_slot(scope, class, next)])?;
            Ok(())
        })
    }

    fn results_folder(&self) -> PathBuf {
        self.database.results_folder()
    }

    fn place(&self) -> String {
        self.database.place()
    }
}

/// What an event writes beside its unit.
fn side_effects(
    job: i64,
    step: &Step,
    totals: &mut Totals,
    writes: &mut Vec<Statement>,
) -> Result<()> {
    match &step.event {
        Event::Load { loaded, .. } => {
            if !loaded.cut_ids.is_empty() {
                writes.push(sql!(
                    "UPDATE lantern_unit_ids SET cut_ids = ?3 WHERE job = ?1 AND number = ?2",
                    job,
                    step.number,
                    pack(&loaded.cut_ids)?
                ));
            }
            totals.price = totals.price.max(loaded.dearest.unwrap_or(0));
        }
        Event::Answer(answer) | Event::Decide(Decision::Answer(answer)) => {
            if !answer.rows.is_empty() {
                writes.push(put_answer(job, step.number, &answer.rows)?);
            }
            writes.extend(put_body(job, step.number, answer.body.as_deref())?);
        }
        Event::Doubt { body, .. } => {
            writes.extend(put_body(job, step.number, body.as_deref())?);
        }
        _ => {}
    }
    Ok(())
}

/// Keeps an answer that could not be read: it was paid for.
fn put_body(job: i64, number: u32, body: Option<&str>) -> Result<Option<Statement>> {
    let Some(body) = body else { return Ok(None) };
    Ok(Some(sql!(
        "INSERT INTO lantern_bodies (job, number, body) VALUES (?1, ?2, ?3) \
         ON CONFLICT (job, number) DO UPDATE SET body = excluded.body",
        job,
        number,
        packed(body.as_bytes())?,
    )))
}

fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    pack_bytes(bytes).map_err(|error| Error::ledger(format!("an answer cannot be kept: {error}")))
}

/// What is kept for some units, by their numbers.
fn unpack_by_unit(rows: Vec<Row>) -> Result<BTreeMap<u32, Vec<u8>>> {
    let read = |row: Row| {
        let mut row = row.read();
        let (number, packed): (u32, Vec<u8>) = (row.next()?, row.next()?);
        let bytes = unpack_bytes(&packed).map_err(|error| {
            Error::ledger(format!("an answer in the ledger is damaged ({error})"))
                .hint("restore the ledger from a backup")
                .caused_by(error)
        })?;
        Ok((number, bytes))
    };
    rows.into_iter().map(read).collect()
}

impl<D: Database> SqlLedger<D> {
    /// A slot, which no other process changes before the transaction ends.
    fn slot(&self, session: &mut dyn Session, scope: &str, class: LimitClass) -> Result<Slot> {
        let new = Slot::default();
        let lock = self.database.for_update();
        let found = session.run(vec![
            sql!(
                "INSERT INTO lantern_slots (scope, class, last, held) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT DO NOTHING",
                scope,
                class.name(),
                new.last,
                new.held,
            ),
            sql!(
                format!(
                    "SELECT last, held FROM lantern_slots WHERE scope = ?1 AND class = ?2{lock}"
                ),
                scope,
                class.name(),
            ),
        ])?;
        match found.into_iter().flatten().next() {
            None => Ok(new),
            Some(row) => {
                let mut row = row.read();
                Ok(Slot { last: row.next()?, held: row.next()? })
            }
        }
    }
}

fn put_slot(scope: &str, class: LimitClass, slot: Slot) -> Statement {
    sql!(
        "UPDATE lantern_slots SET last = ?3, held = ?4 WHERE scope = ?1 AND class = ?2",
        scope,
        class.name(),
        slot.last,
        slot.held,
    )
}

impl From<Claims> for Claim {
    fn from(claims: Claims) -> Self {
        match claims.units.into_iter().next() {
            Some(claimed) => Self::Send(claimed),
            None => claims.then.into(),
        }
    }
}
