//! Ids that were taken out of a unit because another job asks for them, or because they became
//! known. Once that is settled they are planned again: from memory, or as new units.

use uuid::Uuid;

use super::{
    NewMemory, Parts, Question, Recalled, Reuse, Waiting, Wish, kind_of, parts_of,
    recall::put_reused,
};
use crate::{
    api::agents::{BatchKind, MAX_BATCH},
    error::{Error, Result},
    ledger::{
        packed::{pack, unpack},
        sql::{Database, Row, Statement, sql},
        store::{
            SqlLedger,
            claims::{select_unit_size, unit_size},
            contents::put_ids,
            rows::{add, put_totals},
        },
        unit::Unit,
    },
};

/// The outcome for ids that were held back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replanned {
    /// Whether some of them were planned again.
    pub changed: bool,
    /// What the others wait for.
    pub waits: Vec<Waiting>,
}

/// Takes ids out of a unit.
pub(in crate::ledger) fn leave_out(
    job: i64,
    number: u32,
    left_out: &[String],
) -> Result<Statement> {
    Ok(sql!(
        "UPDATE lantern_unit_ids SET left_out = ?3 WHERE job = ?1 AND number = ?2",
        job,
        number,
        pack(left_out)?
    ))
}

/// Takes ids out of a unit, and holds back those of them that were not taken out before.
pub(in crate::ledger) fn put_left_out(
    job: i64,
    number: u32,
    left_out: &[String],
    held: &[String],
) -> Result<[Statement; 2]> {
    Ok([
        leave_out(job, number, left_out)?,
        sql!("INSERT INTO lantern_held (job, ids) VALUES (?1, ?2)", job, pack(held)?),
    ])
}

/// The ids that a unit asks for, from its two lists.
pub(in crate::ledger) fn asked_ids(
    ids: Option<Vec<u8>>,
    left_out: Option<Vec<u8>>,
) -> Result<(Vec<String>, Vec<String>)> {
    let mut ids = ids.as_deref().map(unpack).transpose()?.unwrap_or_default();
    let left_out = left_out.as_deref().map(unpack).transpose()?.unwrap_or_default();
    if !left_out.is_empty() {
        let out: std::collections::HashSet<&str> = left_out.iter().map(String::as_str).collect();
        ids.retain(|id| !out.contains(id.as_str()));
    }
    Ok((ids, left_out))
}

impl NewMemory {
    /// A job that takes nothing from the memory, but whose answers are remembered.
    pub fn new(wish: Wish, batches: usize) -> Self {
        Self { wish, as_of: 0, kinds: vec![None; batches], reused: Vec::new(), partly: Vec::new() }
    }
}

/// What a job asks for, and which known answers it accepts.
struct Own {
    /// The kind of batches; `None` for mapped calls, whose question has no parts.
    kind: Option<BatchKind>,
    wish: Wish,
}

impl<D: Database> SqlLedger<D> {
    fn own(&self, job: i64) -> Result<Option<Own>> {
        let found = self.database.read(vec![sql!(
            "SELECT q.account, q.family, q.parameters, j.kind, j.reuse FROM lantern_jobs j \
             JOIN lantern_questions q ON q.id = j.question WHERE j.id = ?1",
            job
        )])?;
        let Some(row) = found.into_iter().flatten().next() else { return Ok(None) };
        let mut row = row.read();
        let question =
            Question { account: row.next()?, family: row.next()?, parameters: row.next()? };
        let kind: String = row.next()?;
        let reuse: Reuse = row.next::<String>()?.parse()?;
        let wish = Wish { question, parts: parts_of(&kind), reuse };
        Ok(Some(Own { kind: kind.parse().ok(), wish }))
    }

    /// Plans ids again that were held back, as far as what they waited for is settled.
    ///
    /// # Errors
    /// If the ledger cannot be used.
    pub(in crate::ledger) fn replan_held(&self, job: i64) -> Result<Replanned> {
        let Some(own) = self.own(job)? else { return Ok(Replanned::default()) };
        let held = sql!("SELECT id, ids FROM lantern_held WHERE job = ?1 ORDER BY id", job);
        let rows = self.database.read(vec![held.clone()])?.pop().unwrap_or_default();
        let (known, ids) = read_held(rows)?;
        if ids.is_empty() {
            return Ok(Replanned::default());
        }
        let recall = self.recall_all(&own.wish, &ids, Some(job))?;
        let mut waiting = Vec::new();
        let (mut reused, mut partly) = (Vec::new(), Vec::new());
        let mut asked: Vec<(Parts, Vec<String>)> = Vec::new();
        for (id, recalled) in ids.into_iter().zip(recall.of) {
            match recalled {
                Recalled { in_flight: true, .. } => waiting.push(id),
                Recalled { missing: 0, .. } => reused.push((id, recalled)),
                Recalled { missing, flags, .. } => {
                    if flags != 0 {
                        partly.push((id.clone(), recalled));
                    }
                    match asked.iter_mut().find(|own| own.0 == missing) {
                        Some((_, ids)) => ids.push(id),
                        None => asked.push((missing, vec![id])),
                    }
                }
            }
        }
        let settled = reused.len() + asked.iter().map(|(_, ids)| ids.len()).sum::<usize>();
        if settled == 0 {
            return Ok(Replanned { changed: false, waits: recall.waits });
        }
        let mut changed = false;
        self.database.transact(&mut |session| {
            changed = false;
            let mut found = session.run(vec![
                self.select_totals(job),
                held.clone(),
                sql!("SELECT max(number), max(round) FROM lantern_units WHERE job = ?1", job),
                sql!("SELECT coalesce(max(chunk), -1) + 1 FROM lantern_reused WHERE job = ?1", job),
                select_unit_size(job),
            ])?;
            let size = unit_size(found.pop().unwrap_or_default())?;
            let chunks: u64 = first(found.pop())?.map_or(Ok(0), |row| row.read().next())?;
            let last = first(found.pop())?;
            let (last, round): (u32, u32) = match last {
                Some(row) => {
                    let mut row = row.read();
                    let numbers: (Option<u32>, Option<u32>) = (row.next()?, row.next()?);
                    (numbers.0.unwrap_or(0), numbers.1.unwrap_or(0))
                }
                None => (0, 0),
            };
            let (now_held, _) = read_held(found.pop().unwrap_or_default())?;
            let mut totals = Self::totals(job, found.pop().unwrap_or_default())?;
            if now_held != known {
                // Another process of the job has planned them, or has held back more.
                return Ok(());
            }
            changed = true;
            let mut writes: Vec<Statement> = known
                .iter()
                .map(|id| sql!("DELETE FROM lantern_held WHERE id = ?1", *id))
                .collect();
            if !waiting.is_empty() {
                let ids = pack(&waiting)?;
                writes.push(sql!("INSERT INTO lantern_held (job, ids) VALUES (?1, ?2)", job, ids));
            }
            let all: Vec<_> = reused.iter().chain(&partly).cloned().collect();
            writes.extend(put_reused(job, chunks, round + 1, &all)?);
            let mut number = last;
            for (missing, ids) in &asked {
                let kind =
                    own.kind.map(|own| kind_of(own, *missing)).filter(|k| own.kind != Some(*k));
                for part in ids.chunks(size.clamp(1, MAX_BATCH)) {
                    number += 1;
                    let count = u32::try_from(part.len()).unwrap_or(u32::MAX);
                    let key = Uuid::new_v4().to_string();
                    let unit = Unit { kind, ..Unit::planned(number, round + 1, count, 0, key) };
                    writes.push(add(job, &unit));
                    writes.push(put_ids(job, number, part)?);
                    totals.sums.add(&unit);
                }
            }
            totals.sums.held = totals.sums.held.saturating_sub(settled as u64);
            totals.sums.reused += reused.len() as u64;
            writes.push(put_totals(job, &totals));
            session.commit(writes)?;
            Ok(())
        })?;
        Ok(Replanned { changed, waits: recall.waits })
    }
}

fn first(rows: Option<Vec<Row>>) -> Result<Option<Row>> {
    let rows =
        rows.ok_or_else(|| Error::ledger("the ledger did not return the rows of a query"))?;
    Ok(rows.into_iter().next())
}

fn read_held(rows: Vec<Row>) -> Result<(Vec<i64>, Vec<String>)> {
    let (mut known, mut all) = (Vec::new(), Vec::new());
    for row in rows {
        let mut row = row.read();
        known.push(row.next()?);
        let ids: Vec<u8> = row.next()?;
        all.extend(unpack(&ids)?);
    }
    Ok((known, all))
}
