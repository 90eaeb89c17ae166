//! The ledger in a database: every statement, written once for SQLite and PostgreSQL.
//!
//! A transaction that changes units locks the job's row first, so that nobody else can change the
//! job in the meantime. The row also holds the sums over the job's units, so that a step of a job
//! with 50,000 batches costs no more than a step of one with five. How an event changes a unit is
//! decided by [`Unit::step`], and what the budget allows by [`allowance`]; the code here only reads
//! and writes.
//!
//! [`rows`] are the columns of jobs and units, [`contents`] what they hold beside; [`creation`]
//! writes jobs down, [`turn`] changes units, [`claims`] says which may be sent, [`budgets`] counts what
//! several jobs spend together, [`slots`] keeps the rate limits, [`erasure`] takes people out, and
//! [`old_answers`] what is old.

mod budgets;
pub(super) mod claims;
pub(super) mod contents;
mod creation;
mod erasure;
mod old_answers;
pub(super) mod rows;
mod settings;
mod slots;
mod suppression;
mod turn;

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};

use self::{
    budgets::{above_of, select_above},
    claims::{peek, select_unit_size, unit_size},
    contents::unpack_by_unit,
    rows::{JOB, SUMS, Totals, UNIT, job_record, select_units_in, sums, units},
};
use super::{
    Budget, JobRecord, NewJob, OpenUnits, Peek, Per, RequestedIds, Step, Store, Turn, Unit,
    UnitState, Wanted,
    erasure::{Erased, Person},
    memory::{
        Answer, CallAnswers, EarlierCall, HashKey, Question, Rates, Recall, Replanned, ReusedIds,
        Source, Wish, asked_ids, reused_chunks,
    },
    packed::unpack,
    rules::Sums,
    sql::{Database, Reader, Row, Session, Statement, sql},
    suppression::{Entry, Identifier, Suppressed},
};
use crate::{
    api::LimitClass,
    client::limit::slots::{Ask, Taken},
    error::{Error, Result},
    process::clock::now,
};

/// Number of recently ended runs by which the duration of runs is estimated.
const RECENT: u32 = 256;

/// A ledger in a database.
pub struct SqlLedger<D> {
    pub(super) database: D,
}

fn gone(job: i64) -> Error {
    Error::ledger(format!("job number {job} was deleted from the ledger"))
}

fn unanswered() -> Error {
    Error::ledger("the ledger did not return the rows of a query")
}

/// Selects a job, and the budget above it.
fn select_state(job: i64, at: i64) -> Vec<Statement> {
    vec![
        sql!(format!("SELECT {JOB}, {SUMS} FROM lantern_jobs WHERE id = ?1"), job),
        sql!(select_above("j.id = ?1", at), job),
    ]
}

/// Reads the results of [`select_state`].
fn state_of(job: i64, found: Vec<Vec<Row>>, at: i64) -> Result<(JobRecord, Sums)> {
    let [jobs, above]: [Vec<Row>; 2] = found.try_into().map_err(|_| unanswered())?;
    let mut row = jobs.into_iter().next().ok_or_else(|| gone(job))?.read();
    let mut state = (job_record(&mut row)?, sums(&mut row)?);
    state.0.budget = above_of(above, at)?.pop().map(|(_, budget)| budget);
    Ok(state)
}

fn select_ids(job: i64, number: u32) -> Statement {
    sql!("SELECT ids, left_out FROM lantern_unit_ids WHERE job = ?1 AND number = ?2", job, number)
}

fn ids_of(rows: Vec<Row>) -> Result<Vec<String>> {
    let Some(row) = rows.into_iter().next() else { return Ok(Vec::new()) };
    let mut row = row.read();
    let (ids, left_out) = (row.next()?, row.next()?);
    Ok(asked_ids(ids, left_out)?.0)
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
}

impl<D: Database> Store for SqlLedger<D> {
    fn create(&self, job: &NewJob) -> Result<(JobRecord, bool)> {
        self.write_down(job)
    }

    fn find(&self, account: &str, key: &str) -> Result<Option<JobRecord>> {
        let at = now();
        let found = self.database.read(vec![
            sql!(
                format!("SELECT {JOB} FROM lantern_jobs WHERE account = ?1 AND key = ?2"),
                account,
                key
            ),
            sql!(select_above("j.account = ?1 AND j.key = ?2", at), account, key),
        ])?;
        let [jobs, above]: [Vec<Row>; 2] = found.try_into().map_err(|_| unanswered())?;
        let Some(row) = jobs.into_iter().next() else { return Ok(None) };
        let budget = above_of(above, at)?.pop().map(|(_, budget)| budget);
        Ok(Some(JobRecord { budget, ..job_record(&mut row.read())? }))
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
        let at = now();
        let above = sql!(select_above("1 = 1", at));
        let read = || -> Result<Vec<(JobRecord, Sums)>> {
            let found = self.database.read(vec![statement.clone(), above.clone()])?;
            let [jobs, above]: [Vec<Row>; 2] = found.try_into().map_err(|_| unanswered())?;
            let mut budgets: HashMap<i64, Budget> = above_of(above, at)?.into_iter().collect();
            let state = |row: Row| {
                let mut row = row.read();
                let mut state = (job_record(&mut row)?, sums(&mut row)?);
                state.0.budget = budgets.remove(&state.0.id);
                Ok(state)
            };
            jobs.into_iter().map(state).collect()
        };
        let found = read()?;
        let in_flight = found.iter().filter(|(_, sums)| sums.in_flight > 0);
        let in_flight: Vec<i64> = in_flight.map(|(job, _)| job.id).collect();
        if self.write_down_the_lost(&in_flight)? { read() } else { Ok(found) }
    }

    fn state(&self, job: i64) -> Result<(JobRecord, Sums)> {
        let at = now();
        state_of(job, self.database.read(select_state(job, at))?, at)
    }

    fn batches(&self, job: i64) -> Result<Vec<Unit>> {
        let text = format!("SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 ORDER BY u.number");
        let found = self.read_after_the_lost(job, vec![sql!(text, job)])?;
        units(found.into_iter().flatten().collect())
    }

    fn units_in(&self, job: i64, states: &[UnitState]) -> Result<Vec<Unit>> {
        units(self.read(select_units_in(job, states))?)
    }

    fn open_units(&self, job: i64) -> Result<OpenUnits> {
        use UnitState::{Accepted, Completed, InDoubt};
        let found = self.read_after_the_lost(
            job,
            vec![
                select_units_in(job, &[Accepted, Completed, InDoubt]),
                sql!(
                    "SELECT finished_at - accepted_at FROM lantern_units \
                     WHERE job = ?1 AND state = 'loaded' ORDER BY number DESC LIMIT ?2",
                    job,
                    RECENT
                ),
            ],
        )?;
        let [open, took]: [Vec<Row>; 2] = found.try_into().map_err(|_| unanswered())?;
        let took = took.into_iter().map(|row| row.read().next());
        let took = took.collect::<Result<Vec<Option<i64>>>>()?.into_iter().flatten().collect();
        Ok(OpenUnits { units: units(open)?, took })
    }

    fn overview(&self, job: i64) -> Result<(JobRecord, Sums)> {
        let at = now();
        state_of(job, self.read_after_the_lost(job, select_state(job, at))?, at)
    }

    fn asked(&self, job: i64, numbers: &[u32]) -> Result<RequestedIds> {
        let mut statements = vec![sql!("SELECT price FROM lantern_jobs WHERE id = ?1", job)];
        statements.extend(numbers.iter().map(|number| select_ids(job, *number)));
        let mut found = self.database.read(statements)?.into_iter();
        let price = found.next().unwrap_or_default().into_iter().next();
        let price = price.ok_or_else(|| gone(job))?.read().next()?;
        let ids = numbers.iter().zip(found).map(|(number, rows)| Ok((*number, ids_of(rows)?)));
        Ok(RequestedIds { price, ids: ids.collect::<Result<_>>()? })
    }

    fn batch_ids(&self, job: i64, number: u32) -> Result<Vec<String>> {
        ids_of(self.read(select_ids(job, number))?)
    }

    fn planned_ids(&self, job: i64, number: u32) -> Result<Vec<String>> {
        let packed: Option<Vec<u8>> = self.one(
            sql!("SELECT ids FROM lantern_unit_ids WHERE job = ?1 AND number = ?2", job, number),
            Reader::next,
        )?;
        Ok(packed.as_deref().map(unpack).transpose()?.unwrap_or_default())
    }

    fn all_ids(&self, job: i64) -> Result<Vec<String>> {
        let rows = self.database.read(vec![
            sql!(
                "SELECT i.ids FROM lantern_unit_ids i \
                 JOIN lantern_units u ON u.job = i.job AND u.number = i.number \
                 WHERE u.job = ?1 AND u.round = 0 ORDER BY u.first_row, u.number",
                job
            ),
            sql!("SELECT ids FROM lantern_reused WHERE job = ?1 AND round = 0 ORDER BY chunk", job),
        ])?;
        let mut ids = Vec::new();
        for row in rows.into_iter().flatten() {
            let packed: Vec<u8> = row.read().next()?;
            ids.extend(unpack(&packed)?);
        }
        Ok(ids)
    }

    fn hash_key(&self) -> Result<HashKey> {
        let found = self.one(sql!("SELECT key FROM lantern_hash_key"), Reader::next)?;
        found.map(HashKey).ok_or_else(|| {
            Error::ledger("the key by which the ledger's memory hashes ids is missing")
        })
    }

    fn recall(&self, wish: &Wish, ids: &[String], except: Option<i64>) -> Result<Recall> {
        self.recall_all(wish, ids, except)
    }

    fn rates(&self, wish: &Wish) -> Result<Rates> {
        self.rates_of(wish)
    }

    fn remember(&self, question: i64) -> Result<()> {
        self.fold(question)
    }

    fn replan(&self, job: i64) -> Result<Replanned> {
        self.replan_held(job)
    }

    fn reused(&self, job: i64) -> Result<Vec<ReusedIds>> {
        reused_chunks(self.read(sql!(
            "SELECT round, ids, sources FROM lantern_reused WHERE job = ?1 ORDER BY chunk",
            job
        ))?)
    }

    fn sources(&self, sources: &[Source]) -> Result<Vec<(Source, JobRecord, Unit)>> {
        self.find_sources(sources)
    }

    fn unremembered(&self, wish: &Wish) -> Result<Vec<(JobRecord, Unit)>> {
        self.find_unremembered(wish)
    }

    fn remember_earlier(&self, job: i64, number: u32, answers: &[Answer]) -> Result<()> {
        self.note_earlier(job, number, answers)
    }

    fn unit_ids(&self, job: i64) -> Result<BTreeMap<u32, Vec<String>>> {
        let rows = self
            .read(sql!("SELECT number, ids, left_out FROM lantern_unit_ids WHERE job = ?1", job))?;
        let read = |row: Row| {
            let mut row = row.read();
            let number = row.next()?;
            Ok((number, asked_ids(row.next()?, row.next()?)?.0))
        };
        rows.into_iter().map(read).collect()
    }

    fn answers_of(&self, sources: &[Source]) -> Result<Vec<(Source, CallAnswers)>> {
        self.find_answers(sources)
    }

    fn unremembered_calls(&self, account: &str, kind: &str) -> Result<Vec<JobRecord>> {
        self.find_unremembered_calls(account, kind)
    }

    fn remember_calls(&self, job: i64, question: &Question, calls: &[EarlierCall]) -> Result<()> {
        self.note_earlier_calls(job, question, calls)
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
        self.write_down_again(job, submission)
    }

    fn peek(&self, job: i64) -> Result<Peek> {
        let at = now();
        let found = self.database.read(vec![
            sql!(
                format!("SELECT max_credits, price, 0, {SUMS} FROM lantern_jobs WHERE id = ?1"),
                job
            ),
            sql!(
                "SELECT count - left_out FROM lantern_units WHERE job = ?1 AND state = 'planned' \
                 ORDER BY number LIMIT 1",
                job
            ),
            select_unit_size(job),
            budgets::select_claimed(job, at),
        ])?;
        let [totals, planned, size, above]: [Vec<Row>; 4] =
            found.try_into().map_err(|_| unanswered())?;
        let planned = planned.into_iter().next().map(|row| row.read().next()).transpose()?;
        let totals = Totals { above: budgets::above(above, at)?, ..Self::totals(job, totals)? };
        Ok(peek(&totals, planned, unit_size(size)?))
    }

    fn turn(&self, job: i64, steps: &[Step], wanted: Option<Wanted>) -> Result<Turn> {
        self.do_steps(job, steps, wanted)
    }

    fn find_doubt(&self, job: i64) -> Result<()> {
        self.write_down_the_lost(&[job]).map(drop)
    }

    fn budgets(&self) -> Result<Vec<Budget>> {
        self.all_budgets()
    }

    fn budget(&self, name: &str) -> Result<Budget> {
        self.find_budget(name)
    }

    fn set_budget(&self, name: &str, max_credits: u64, per: Option<Per>) -> Result<Budget> {
        self.put_budget(name, max_credits, per)
    }

    fn rename_budget(&self, name: &str, new: &str) -> Result<Budget> {
        self.name_budget(name, new)
    }

    fn remove_budget(&self, name: &str) -> Result<()> {
        self.drop_budget(name)
    }

    fn suppress(&self, entries: &[Entry]) -> Result<u64> {
        self.add_suppressed(entries)
    }

    fn unsuppress(&self, entries: &[Entry]) -> Result<u64> {
        self.drop_suppressed(entries)
    }

    fn suppressed(&self, job: Option<i64>) -> Result<Suppressed> {
        self.read_suppressed(job)
    }

    fn suppressed_state(&self, job: Option<i64>) -> Result<(u64, i64)> {
        self.state_of_suppressed(job)
    }

    fn suppressed_kinds(&self) -> Result<Vec<(Identifier, u64)>> {
        self.count_kinds()
    }

    fn recognize(&self, person: &Person) -> Result<Person> {
        self.recognized(person)
    }

    fn erase(&self, person: &Person) -> Result<Erased> {
        self.erase_person(person)
    }

    fn purge(&self, before: i64) -> Result<Vec<(JobRecord, Unit)>> {
        self.purge_before(before)
    }

    fn scrub(&self) -> Result<bool> {
        self.database.scrub()
    }

    fn setting(&self, name: &str) -> Result<Option<String>> {
        self.read_setting(name)
    }

    fn set_setting(&self, name: &str, value: Option<&str>) -> Result<()> {
        self.put_setting(name, value)
    }

    fn remove_leftovers(&self) -> Result<u64> {
        self.database.remove_leftovers()
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

    fn take_slots(&self, scope: &str, class: LimitClass, waiter: &str, ask: Ask) -> Result<Taken> {
        self.take(scope, class, waiter, ask)
    }

    fn hold_slot(&self, scope: &str, class: LimitClass, until: i64) -> Result<()> {
        self.hold(scope, class, until)
    }

    fn results_folder(&self) -> PathBuf {
        self.database.results_folder()
    }

    fn place(&self) -> String {
        self.database.place()
    }
}
