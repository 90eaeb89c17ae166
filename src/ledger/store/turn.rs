//! The transaction that changes units.

use std::collections::{BTreeMap, HashSet};

use super::{
    super::{
        Accepted, Outcome, Step, Turn, Unit, UnitState, Wanted,
        memory::{Guard, note_answers, pack_answers},
        packed::pack,
        sql::{Database, Row, Statement, sql},
        unit::{Decision, Event},
    },
    SqlLedger,
    budgets::{above, lock_above, put_counted, select_claimed},
    claims::Planned,
    contents::{put_answer, put_body},
    rows::{Totals, UNIT, put, put_run, put_totals, select_units_in, units},
    suppression::Blocked,
};
use crate::{error::Result, process::clock::now};

impl<D: Database> SqlLedger<D> {
    /// [`Store::turn`](super::super::Store::turn).
    pub(super) fn do_steps(
        &self,
        job: i64,
        steps: &[Step],
        wanted: Option<Wanted>,
    ) -> Result<Turn> {
        match runs(steps) {
            Some(runs) if wanted.is_none() => self.write_runs(job, steps, &runs),
            _ => self.do_any_steps(job, steps, wanted),
        }
    }

    /// Does steps that record the runs of sendings, the most frequent ones, without reading the
    /// units first: on a server that saves a round trip. Those whose units are in another state are
    /// done as any others.
    fn write_runs(
        &self,
        job: i64,
        steps: &[Step],
        runs: &[(u32, &str, &Accepted)],
    ) -> Result<Turn> {
        let (written, totals) = self.transact(|session| {
            let at = now();
            let mut statements = vec![self.select_totals(job)];
            statements.extend(runs.iter().map(|run| put_run(job, *run, at)));
            let mut found = session.commit(statements)?.into_iter();
            let totals = Self::totals(job, found.next().unwrap_or_default())?;
            let written = found.map(|rows| Ok(units(rows)?.pop()));
            Ok((written.collect::<Result<Vec<Option<Unit>>>>()?, totals))
        })?;
        let others = steps.iter().zip(&written).filter(|(_, unit)| unit.is_none());
        let others: Vec<Step> = others.map(|(step, _)| step.clone()).collect();
        let mut turn = Turn {
            outcomes: Vec::new(),
            claims: None,
            // A unit that is accepted counts as it did when it was being sent.
            sums: totals.sums,
            price: totals.price,
        };
        if !others.is_empty() {
            turn = self.do_any_steps(job, &others, None)?;
        }
        let mut rest = std::mem::take(&mut turn.outcomes).into_iter();
        for unit in written {
            turn.outcomes.push(match unit {
                Some(unit) => Outcome { fits: true, unit: Some(unit) },
                None => rest.next().unwrap_or(Outcome { fits: false, unit: None }),
            });
        }
        Ok(turn)
    }

    fn do_any_steps(&self, job: i64, steps: &[Step], wanted: Option<Wanted>) -> Result<Turn> {
        let owner = match wanted {
            Some(_) => self.database.owner()?,
            None => String::new(),
        };
        let numbers: HashSet<u32> = steps.iter().map(|step| step.number).collect();
        let mut numbers: Vec<u32> = numbers.into_iter().collect();
        numbers.sort_unstable();
        self.transact(|session| {
            let at = now();
            let checks = wanted.map(|wanted| self.database.before_claim(wanted.until));
            let mut first = checks.clone().unwrap_or_default();
            first.push(self.select_totals(job));
            let text =
                format!("SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 AND u.number = ?2");
            first.extend(numbers.iter().map(|number| sql!(text.clone(), job, *number)));
            if let Some(wanted) = wanted {
                first.extend(Guard::statements(job, self.database.for_update()));
                first.push(Self::select_planned(job, wanted.most));
                first.push(lock_above(job, self.database.for_update()));
                first.push(select_claimed(job, at));
                first.push(Blocked::statement(job));
            }
            let mut found = session.run(first)?;
            if let Some(checks) = &checks {
                let rest = found.split_off(checks.len());
                self.database.may_claim(&found)?;
                found = rest;
            }
            let (mut planned, mut guard) = (Vec::new().into_iter(), None);
            let (mut budget, mut blocked) = (None, None);
            if wanted.is_some() {
                blocked = Blocked::read(job, found.pop().unwrap_or_default())?;
                budget = above(found.pop().unwrap_or_default(), at)?;
                found.pop();
                planned = Self::planned(found.pop().unwrap_or_default())?;
                let others = found.pop().unwrap_or_default();
                guard = Guard::read(found.pop().unwrap_or_default(), others)?;
            }
            let mut found = found.into_iter();
            let totals = Self::totals(job, found.next().unwrap_or_default())?;
            let mut totals = Totals { above: budget, ..totals };
            let mut known = BTreeMap::new();
            for unit in units(found.flatten().collect())? {
                known.insert(unit.number, (unit.clone(), unit));
            }
            let mut planned = Planned { waiting: planned, guard, blocked, writes: Vec::new() };
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
                    side_effects(job, step, at, &mut totals, &mut planned.writes)?;
                }
                outcomes.push(Outcome { fits, unit: Some(unit.clone()) });
            }
            for (before, after) in known.values().filter(|(before, after)| before != after) {
                totals.change(before, after);
                planned.writes.push(put(job, after));
            }
            let claims = match wanted {
                None => None,
                Some(wanted) => {
                    let asked = (wanted, owner.as_str(), at);
                    Some(Self::claim_planned(session, job, &mut totals, &mut planned, asked)?)
                }
            };
            let mut writes = planned.writes;
            if !writes.is_empty() {
                writes.push(put_totals(job, &totals));
                writes.extend(put_counted(&totals));
            }
            session.commit(writes)?;
            Ok(Turn { outcomes, claims, sums: totals.sums, price: totals.price })
        })
    }

    /// Runs `statements` and reads which sendings are lost: those of dead processes, and those that
    /// take too long. On a server this is one round trip.
    pub(super) fn read_with_the_lost(
        &self,
        job: i64,
        mut statements: Vec<Statement>,
    ) -> Result<(Vec<Vec<Row>>, Vec<Step>)> {
        let own = statements.len();
        statements.push(select_units_in(job, &[UnitState::Sending]));
        statements.extend(self.database.leases());
        let mut found = self.database.read(statements)?;
        let mut signs = found.split_off(own).into_iter();
        let sending = units(signs.next().unwrap_or_default())?;
        Ok((found, self.lost(sending, signs.next().unwrap_or_default())?))
    }

    /// Puts the lost sendings of some jobs in doubt. Returns whether there were any.
    pub(super) fn write_down_the_lost(&self, jobs: &[i64]) -> Result<bool> {
        if jobs.is_empty() {
            return Ok(false);
        }
        let sending = |job: &i64| select_units_in(*job, &[UnitState::Sending]);
        let mut statements: Vec<Statement> = jobs.iter().map(sending).collect();
        statements.extend(self.database.leases());
        let mut found = self.database.read(statements)?;
        let leases = found.split_off(jobs.len()).pop().unwrap_or_default();
        let mut any = false;
        for (job, sending) in jobs.iter().zip(found) {
            let lost = self.lost(units(sending)?, leases.clone())?;
            if !lost.is_empty() {
                self.do_steps(*job, &lost, None)?;
                any = true;
            }
        }
        Ok(any)
    }

    /// The steps for those `sending` units that are lost.
    fn lost(&self, sending: Vec<Unit>, leases: Vec<Row>) -> Result<Vec<Step>> {
        if sending.is_empty() {
            return Ok(Vec::new());
        }
        let owners: HashSet<String> =
            sending.iter().filter_map(|unit| unit.owner.clone()).collect();
        let living = self.database.living(&owners.into_iter().collect::<Vec<_>>(), leases)?;
        let at = now();
        let lost = sending.into_iter().filter_map(|unit| {
            let lives = unit.owner.as_ref().is_some_and(|owner| living.contains(owner));
            if lives && unit.sending_until >= at {
                return None;
            }
            let why = if lives {
                "its sending took longer than the time limit of a call"
            } else {
                "the process that sent it ended before an answer came"
            };
            let (owner, until) = (unit.owner, unit.sending_until);
            let event = Event::Lose { owner, until, error: why.to_owned() };
            Some(Step { number: unit.number, sending: Some(unit.idempotency_key), event })
        });
        Ok(lost.collect())
    }

    /// Like [`Self::read_with_the_lost`], but puts lost sendings in doubt first.
    pub(super) fn read_after_the_lost(
        &self,
        job: i64,
        statements: Vec<Statement>,
    ) -> Result<Vec<Vec<Row>>> {
        let (found, lost) = self.read_with_the_lost(job, statements.clone())?;
        if lost.is_empty() {
            return Ok(found);
        }
        self.do_steps(job, &lost, None)?;
        self.database.read(statements)
    }
}

/// The runs of sendings that steps record, if that is all they do.
fn runs(steps: &[Step]) -> Option<Vec<(u32, &str, &Accepted)>> {
    let mut runs = Vec::with_capacity(steps.len());
    for step in steps {
        let (Event::Accept(run), Some(sending)) = (&step.event, &step.sending) else { return None };
        runs.push((step.number, sending.as_str(), run));
    }
    (!runs.is_empty()).then_some(runs)
}

/// What an event writes in addition to its unit.
fn side_effects(
    job: i64,
    step: &Step,
    at: i64,
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
            if !loaded.records.is_empty() {
                let answers = pack_answers(&loaded.records)?;
                writes.push(note_answers(job, step.number, &answers, at));
            }
            totals.price = totals.price.max(loaded.dearest.unwrap_or(0));
        }
        Event::Answer(answer) | Event::Decide(Decision::Answer(answer)) => {
            if !answer.rows.is_empty() {
                writes.push(put_answer(job, step.number, &answer.rows)?);
            }
            writes.extend(put_body(job, step.number, answer.body.as_deref())?);
            if answer.failure.is_none() && !answer.records.is_empty() {
                let answers = pack_answers(&answer.records)?;
                writes.push(note_answers(job, step.number, &answers, at));
            }
        }
        Event::Doubt { body, .. } => {
            writes.extend(put_body(job, step.number, body.as_deref())?);
        }
        _ => {}
    }
    Ok(())
}
