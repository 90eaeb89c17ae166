//! Claims: which units the budget lets a process send, and new units for ids that it did not reach.

use uuid::Uuid;

use super::{
    super::{
        Claim, Claimed, Claims, Peek, Step, Unit, Wanted,
        budgets::Counted,
        memory::{Guard, Hash, asked_ids, leave_out, put_left_out},
        packed::{pack, unpack},
        rules::{Allowance, allowance},
        sql::{Database, Row, Session, Statement, sql},
        unit::Event,
    },
    SqlLedger,
    contents::put_ids,
    gone,
    rows::{SUMS, Totals, UNIT, add, put, sums, unit},
    suppression::Blocked,
};
use crate::{
    api::agents::{BatchKind, MAX_BATCH},
    error::{Error, Result},
};

/// A planned unit, its ids, and the ids that were taken out of it.
pub(super) type Waiting = (Unit, Option<Vec<u8>>, Option<Vec<u8>>);

/// What can be claimed of a job.
pub(super) struct Planned {
    pub(super) waiting: std::vec::IntoIter<Waiting>,
    /// Keeps the job from buying what other jobs ask for or know.
    pub(super) guard: Option<Guard>,
    /// The ids that must not be sent.
    pub(super) blocked: Option<Blocked>,
    /// Statements to run at the end of the transaction.
    pub(super) writes: Vec<Statement>,
}

impl<D: Database> SqlLedger<D> {
    pub(in crate::ledger) fn select_totals(&self, job: i64) -> Statement {
        let lock = self.database.for_update();
        sql!(
            format!(
                "SELECT max_credits, price, CASE WHEN id_type = '' THEN 1 ELSE 0 END, {SUMS} \
                 FROM lantern_jobs WHERE id = ?1{lock}"
            ),
            job
        )
    }

    pub(in crate::ledger) fn totals(job: i64, rows: Vec<Row>) -> Result<Totals> {
        let mut row = rows.into_iter().next().ok_or_else(|| gone(job))?.read();
        Ok(Totals {
            max_credits: row.next()?,
            price: row.next()?,
            calls: row.next()?,
            sums: sums(&mut row)?,
            above: None,
            counted: Counted::default(),
        })
    }

    pub(super) fn select_planned(job: i64, most: u32) -> Statement {
        sql!(
            format!(
                "SELECT {UNIT}, i.ids, i.left_out FROM lantern_units u \
                 LEFT JOIN lantern_unit_ids i ON i.job = u.job AND i.number = u.number \
                 WHERE u.job = ?1 AND u.state = 'planned' ORDER BY u.number LIMIT ?2"
            ),
            job,
            most
        )
    }

    pub(super) fn planned(rows: Vec<Row>) -> Result<std::vec::IntoIter<Waiting>> {
        let read = |row: Row| {
            let mut row = row.read();
            Ok((unit(&mut row)?, row.next()?, row.next()?))
        };
        Ok(rows.into_iter().map(read).collect::<Result<Vec<_>>>()?.into_iter())
    }

    /// Claims what the budget allows, and returns why there is no more.
    pub(super) fn claim_planned(
        session: &mut dyn Session,
        job: i64,
        totals: &mut Totals,
        planned: &mut Planned,
        (wanted, owner, at): (Wanted, &str, i64),
    ) -> Result<Claims> {
        let mut units = Vec::new();
        let mut spared = false;
        let then = loop {
            if units.len() >= wanted.most as usize {
                let more = totals.sums.planned > 0 || totals.sums.cut > 0;
                break if more { Peek::Ready } else { Peek::AllSent };
            }
            let Some((mut own, ids, left_out)) = planned.waiting.next() else {
                if std::mem::take(&mut spared) && totals.sums.planned > 0 {
                    session.run(std::mem::take(&mut planned.writes))?;
                    let mut found = session.run(vec![Self::select_planned(job, wanted.most)])?;
                    planned.waiting = Self::planned(found.pop().unwrap_or_default())?;
                    if planned.waiting.len() > 0 {
                        continue;
                    }
                }
                match cut_step(session, job, totals)? {
                    Some(ended) => break ended,
                    None => {
                        // Writes what was loaded in this transaction first, because it may have
                        // planned further units.
                        session.run(std::mem::take(&mut planned.writes))?;
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
            let (mut ids, mut hashes) = (asked_ids(ids, left_out)?, Vec::new());
            if let Some(blocked) = &planned.blocked {
                let out = blocked.take(session, &mut ids.0)?;
                if !out.is_empty() {
                    own.left_out += u32::try_from(out.len()).unwrap_or(u32::MAX);
                    ids.1.extend(out);
                    planned.writes.push(leave_out(job, own.number, &ids.1)?);
                    planned.writes.push(put(job, &own));
                }
            }
            if let Some(guard) = &mut planned.guard {
                let mut ask = |statements| session.run(statements);
                let split = guard.split(&mut ask, ids.0, own.kind, at)?;
                if !split.held.is_empty() {
                    let held = split.held.len();
                    ids.1.extend_from_slice(&split.held);
                    own.left_out += u32::try_from(held).unwrap_or(u32::MAX);
                    totals.sums.held += held as u64;
                    let out = put_left_out(job, own.number, &ids.1, &split.held)?;
                    planned.writes.extend(out);
                    planned.writes.push(put(job, &own));
                }
                (ids.0, hashes) = (split.ask, split.hashes);
            }
            if (planned.guard.is_some() || planned.blocked.is_some())
                && ids.0.is_empty()
                && own.left_out > 0
            {
                spared = true;
                let step = Step { number: own.number, sending: None, event: Event::Spare };
                if let Some(after) = own.step(&step, at) {
                    totals.change(&own, &after);
                    planned.writes.push(put(job, &after));
                }
                continue;
            }
            let count = own.count.saturating_sub(own.left_out);
            let credits = match allowance(&totals.sums, totals.reach(), totals.price, count.into())
            {
                Allowance::Send(credits) => credits,
                Allowance::Wait => break Peek::Wait,
                Allowance::Spent { left } => break Peek::BudgetSpent { left },
            };
            let credits = if !totals.calls {
                credits
            } else if planned.guard.is_some() {
                let kept = split_ids(session, job, (&mut own, &mut ids), credits, totals)?;
                planned.writes.extend(kept);
                hashes.truncate(ids.0.len() * size_of::<Hash>());
                totals.price.max(1).saturating_mul(ids.0.len() as u64)
            } else {
                split(job, &mut own, credits, totals, &mut planned.writes)
            };
            own.budget = totals.above.as_ref().map(|above| above.id);
            let event = Event::Claim { owner: owner.to_owned(), until: wanted.until, credits };
            let step = Step { number: own.number, sending: None, event };
            let Some(claimed) = own.step(&step, at) else {
                return Err(Error::ledger(format!("unit {} is not planned", own.number)));
            };
            totals.change(&own, &claimed);
            if let Some(guard) = &planned.guard {
                planned.writes.extend(guard.note(job, claimed.number, claimed.kind, hashes));
            }
            planned.writes.push(put(job, &claimed));
            units.push(Claimed {
                number: claimed.number,
                ids: ids.0,
                max_credits: credits,
                idempotency_key: claimed.idempotency_key,
                sending_until: wanted.until,
                first: claimed.first,
                count: claimed.count,
                kind: claimed.kind,
            });
        };
        Ok(Claims { units, then })
    }
}

/// Leaves in a call only the rows that `credits` pay for, and puts the others into a unit of their
/// own. Returns what the call may cost.
pub(super) fn split(
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

/// Like [`split`], for a call that has ids. The ids that `credits` do not pay for go to a unit of
/// their own in the same round, so that the order of the plan can be restored.
fn split_ids(
    session: &mut dyn Session,
    job: i64,
    (unit, asked): (&mut Unit, &mut (Vec<String>, Vec<String>)),
    credits: u64,
    totals: &mut Totals,
) -> Result<Vec<Statement>> {
    let paid = usize::try_from(credits / totals.price.max(1)).unwrap_or(usize::MAX).max(1);
    let Some(first) = asked.0.get(paid) else { return Ok(Vec::new()) };
    let text = "SELECT ids FROM lantern_unit_ids WHERE job = ?1 AND number = ?2";
    let found = session.run(vec![sql!(text, job, unit.number)])?;
    let packed = found.into_iter().flatten().next().ok_or_else(|| gone(job))?;
    let packed: Vec<u8> = packed.read().next()?;
    let mut all = unpack(&packed)?;
    let at = all.iter().position(|id| id == first).unwrap_or(all.len());
    let rest = all.split_off(at);
    let (out_of_rest, out): (Vec<String>, Vec<String>) =
        std::mem::take(&mut asked.1).into_iter().partition(|id| rest.contains(id));
    asked.0.truncate(paid);
    let number = u32::try_from(totals.sums.batches + 2).unwrap_or(u32::MAX);
    let count = |ids: &[String]| u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let key = Uuid::new_v4().to_string();
    let first = unit.first + at as u64;
    let other = Unit {
        left_out: count(&out_of_rest),
        ..Unit::planned(number, unit.round, count(&rest), first, key)
    };
    unit.count = count(&all);
    unit.left_out = count(&out);
    totals.sums.add(&other);
    let lists = |number: u32, ids: &[String], out: &[String]| -> Result<Statement> {
        let out = if out.is_empty() { None } else { Some(pack(out)?) };
        Ok(sql!(
            "INSERT INTO lantern_unit_ids (job, number, ids, left_out) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (job, number) DO UPDATE SET ids = excluded.ids, \
             left_out = excluded.left_out",
            job,
            number,
            pack(ids)?,
            out
        ))
    };
    asked.1 = out;
    Ok(vec![
        add(job, &other),
        put(job, &other),
        lists(unit.number, &all, &asked.1)?,
        lists(number, &rest, &out_of_rest)?,
    ])
}

/// The number of ids per batch, as the job was submitted.
pub(in crate::ledger) fn select_unit_size(job: i64) -> Statement {
    sql!("SELECT count FROM lantern_units WHERE job = ?1 AND number = 1", job)
}

pub(in crate::ledger) fn unit_size(rows: Vec<Row>) -> Result<usize> {
    let first: Option<usize> = rows.into_iter().next().map(|row| row.read().next()).transpose()?;
    Ok(first.unwrap_or(MAX_BATCH).clamp(1, MAX_BATCH))
}

/// What to do when no unit is planned any more; `None` if the ids that the budget did not reach are
/// to be planned again.
pub(super) fn cut_step(
    session: &mut dyn Session,
    job: i64,
    totals: &Totals,
) -> Result<Option<Peek>> {
    if totals.sums.planned > 0 {
        // Units were planned in this same transaction.
        return Ok(Some(Peek::Ready));
    }
    if totals.sums.cut == 0 {
        return Ok(Some(Peek::AllSent));
    }
    let size = session.run(vec![select_unit_size(job)])?.pop().unwrap_or_default();
    Ok(cut_allowance(totals, unit_size(size)?))
}

pub(super) fn cut_allowance(totals: &Totals, unit_size: usize) -> Option<Peek> {
    let count = totals.sums.cut.min(unit_size as u64);
    match allowance(&totals.sums, totals.reach(), totals.price, count) {
        Allowance::Wait => Some(Peek::Wait),
        Allowance::Spent { left } => Some(Peek::BudgetSpent { left }),
        // Units in flight may release credits and leave ids of their own unreached.
        Allowance::Send(_) if totals.sums.in_flight > 0 => Some(Peek::Wait),
        Allowance::Send(_) => None,
    }
}

/// Plans batches for the ids that the budget did not reach.
pub(super) fn plan_cut_ids(session: &mut dyn Session, job: i64, totals: &mut Totals) -> Result<()> {
    let found = session.run(vec![
        sql!(
            "SELECT u.kind, i.cut_ids FROM lantern_unit_ids i \
             JOIN lantern_units u ON u.job = i.job AND u.number = i.number \
             WHERE u.job = ?1 AND u.cut > 0 AND u.moved = 0 ORDER BY u.number",
            job
        ),
        sql!("SELECT max(number), max(round) FROM lantern_units WHERE job = ?1", job),
        select_unit_size(job),
    ])?;
    let [cut, last, size]: [Vec<Row>; 3] = found
        .try_into()
        .map_err(|_| Error::ledger("the ledger did not return the rows of a query"))?;
    // Grouped by what they ask for, which may be only a part of what the job asks for.
    let mut groups: Vec<(Option<BatchKind>, Vec<String>)> = Vec::new();
    for row in cut {
        let mut row = row.read();
        let kind: Option<String> = row.next()?;
        let kind = kind.map(|kind| kind.parse()).transpose()?;
        let packed: Vec<u8> = row.next()?;
        let ids = unpack(&packed)?;
        match groups.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, known)) => known.extend(ids),
            None => groups.push((kind, ids)),
        }
    }
    let size = unit_size(size)?;
    let chunks =
        groups.iter().flat_map(|(kind, ids)| ids.chunks(size).map(move |chunk| (*kind, chunk)));
    let mut last = last.into_iter().next().ok_or_else(|| gone(job))?.read();
    let (last, round): (u32, u32) = (last.next()?, last.next()?);
    let mut writes = vec![sql!(
        "UPDATE lantern_units SET moved = 1 WHERE job = ?1 AND cut > 0 AND number <= ?2",
        job,
        last
    )];
    totals.sums.cut = 0;
    for (number, (kind, chunk)) in (last + 1..).zip(chunks) {
        let count = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        let key = Uuid::new_v4().to_string();
        let unit = Unit { kind, ..Unit::planned(number, round + 1, count, 0, key) };
        writes.push(add(job, &unit));
        writes.push(put_ids(job, number, chunk)?);
        totals.sums.add(&unit);
    }
    session.run(writes)?;
    Ok(())
}

/// The answer to a peek, from the sums of a job.
pub(super) fn peek(totals: &Totals, planned: Option<u64>, unit_size: usize) -> Peek {
    match planned {
        Some(count) => match allowance(&totals.sums, totals.reach(), totals.price, count) {
            Allowance::Send(_) => Peek::Ready,
            Allowance::Wait => Peek::Wait,
            Allowance::Spent { left } => Peek::BudgetSpent { left },
        },
        None if totals.sums.cut == 0 => Peek::AllSent,
        None => cut_allowance(totals, unit_size).unwrap_or(Peek::Ready),
    }
}

impl From<Claims> for Claim {
    fn from(claims: Claims) -> Self {
        match claims.units.into_iter().next() {
            Some(claimed) => Self::Send(claimed),
            None => claims.then.into(),
        }
    }
}
