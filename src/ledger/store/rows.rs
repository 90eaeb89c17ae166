//! The rows of jobs and units: how their columns are read and written.

use super::super::{
    Accepted, JobRecord, Unit, UnitState,
    budgets::{Above, Counted},
    rules::Sums,
    sql::{Reader, Row, Statement, sql},
};
use crate::{api::agents::BatchKind, error::Result};

pub(in crate::ledger) const JOB: &str = "id, account, key, kind, parameters, digest, id_column, id_type, rows, ids, \
                   max_credits, price, base_url, created_at, question, reuse";

pub(super) const SUMS: &str = "units, planned, in_flight, in_doubt, loaded, failed, skipped, spent, \
                    committed, returned, emails, phones, cut, reused, held";

pub(in crate::ledger) const UNIT: &str = "u.number, u.count, u.state, u.max_credits, u.credits, u.run_id, \
                    u.result_path, u.credits_path, u.owner, u.sending_until, u.idempotency_key, \
                    u.sends, u.returned, u.emails, u.phones, u.cut, u.moved, u.error, \
                    u.unknown_since, u.sent_at, u.accepted_at, u.finished_at, u.loaded_at, \
                    u.first_row, u.round, u.written_off, u.looked_at, u.kind, u.left_out, \
                    u.budget, u.purged_at";

/// The part of a job's row that changes with its units.
pub(in crate::ledger) struct Totals {
    pub(in crate::ledger) max_credits: u64,
    pub(super) price: u64,
    /// Whether its units are calls, which are split if the budget reaches only some of their rows.
    pub(super) calls: bool,
    pub(in crate::ledger) sums: Sums,
    /// The budget above the job, if units are being claimed.
    pub(super) above: Option<Above>,
    /// Changes to the counts of budgets above jobs.
    pub(super) counted: Counted,
}

impl Totals {
    /// Counts the change of a unit.
    pub(super) fn change(&mut self, before: &Unit, after: &Unit) {
        self.sums.remove(before);
        self.sums.add(after);
        let Some((budget, day, change)) = self.counted.note(before, after) else { return };
        if let Some(above) = &mut self.above
            && above.id == budget
            && above.days.contains(&day)
        {
            above.left = above.left.saturating_add_signed(change.saturating_neg());
        }
    }

    /// Maximum that the job may have cost once the units that are claimed now are settled: its own
    /// budget, limited by what is left of the budget above it.
    pub(super) fn reach(&self) -> u64 {
        let Some(above) = &self.above else { return self.max_credits };
        let counted = self.sums.spent.saturating_add(self.sums.committed);
        self.max_credits.min(counted.saturating_add(above.left))
    }
}

pub(in crate::ledger) fn job_record(row: &mut Reader) -> Result<JobRecord> {
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
        question: row.next()?,
        reuse: row.next()?,
        budget: None,
    })
}

pub(super) fn sums(row: &mut Reader) -> Result<Sums> {
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
        reused: row.next()?,
        held: row.next()?,
    })
}

pub(in crate::ledger) fn unit(row: &mut Reader) -> Result<Unit> {
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
        kind: row.next::<Option<String>>()?.map(|kind| kind.parse()).transpose()?,
        left_out: row.next()?,
        budget: row.next()?,
        purged_at: row.next()?,
    })
}

pub(super) fn units(rows: Vec<Row>) -> Result<Vec<Unit>> {
    rows.into_iter().map(|row| unit(&mut row.read())).collect()
}

/// The units in some states, beginning with those whose run was polled least recently.
pub(super) fn select_units_in(job: i64, states: &[UnitState]) -> Statement {
    let names: Vec<_> = states.iter().map(|state| format!("'{state}'")).collect();
    let text = format!(
        "SELECT {UNIT} FROM lantern_units u WHERE u.job = ?1 AND u.state IN ({}) \
         ORDER BY coalesce(u.looked_at, 0), u.number",
        names.join(", ")
    );
    sql!(text, job)
}

/// Writes the current state of a unit.
pub(super) fn put(job: i64, unit: &Unit) -> Statement {
    sql!(
        "UPDATE lantern_units SET count = ?3, state = ?4, max_credits = ?5, credits = ?6, \
         run_id = ?7, result_path = ?8, credits_path = ?9, owner = ?10, sending_until = ?11, \
         idempotency_key = ?12, sends = ?13, returned = ?14, emails = ?15, phones = ?16, \
         cut = ?17, moved = ?18, error = ?19, unknown_since = ?20, sent_at = ?21, \
         accepted_at = ?22, finished_at = ?23, loaded_at = ?24, written_off = ?25, \
         looked_at = ?26, left_out = ?27, budget = ?28 WHERE job = ?1 AND number = ?2",
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
        unit.left_out,
        unit.budget,
    )
}

/// Records the run of a unit that is being sent, as [`Unit::step`] does it. Returns the unit, or no
/// row if it is not in that sending any more.
pub(super) fn put_run(
    job: i64,
    (number, sending, run): (u32, &str, &Accepted),
    at: i64,
) -> Statement {
    // A statement that returns rows knows its table by no other name.
    let unit = UNIT.replace("u.", "");
    sql!(
        format!(
            "UPDATE lantern_units SET state = 'accepted', run_id = ?4, result_path = ?5, \
             credits_path = ?6, owner = NULL, error = NULL, accepted_at = ?7, finished_at = NULL, \
             unknown_since = NULL, looked_at = NULL, credits = NULL WHERE job = ?1 \
             AND number = ?2 AND idempotency_key = ?3 AND state = 'sending' RETURNING {unit}"
        ),
        job,
        number,
        sending,
        run.run_id.as_str(),
        run.result_path.as_str(),
        run.credits_path.as_deref(),
        at,
    )
}

/// Inserts a planned unit.
pub(in crate::ledger) fn add(job: i64, unit: &Unit) -> Statement {
    sql!(
        "INSERT INTO lantern_units (job, number, count, first_row, round, idempotency_key, kind) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        job,
        unit.number,
        unit.count,
        unit.first,
        unit.round,
        unit.idempotency_key.as_str(),
        unit.kind.map(BatchKind::name),
    )
}

pub(in crate::ledger) fn put_totals(job: i64, totals: &Totals) -> Statement {
    let sums = &totals.sums;
    sql!(
        "UPDATE lantern_jobs SET price = ?2, units = ?3, planned = ?4, in_flight = ?5, \
         in_doubt = ?6, loaded = ?7, failed = ?8, skipped = ?9, spent = ?10, committed = ?11, \
         returned = ?12, emails = ?13, phones = ?14, cut = ?15, reused = ?16, held = ?17 \
         WHERE id = ?1",
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
        sums.reused,
        sums.held,
    )
}
