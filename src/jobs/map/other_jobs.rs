//! Records that other jobs are asking for: this job waits for them instead of buying them twice.

use std::collections::BTreeSet;

use crate::{
    error::Result,
    ledger::{Store, UnitState, memory::Waiting},
};

/// The state of a job's records that other jobs are asking for.
#[derive(Debug)]
pub enum Others {
    /// No other job is asking for any.
    None,
    /// Some were planned again, from memory or to be sent.
    Changed,
    /// Other jobs are asking for some.
    Asking,
    /// All that remain are in doubt in another job, where a person has to decide.
    InDoubt(Vec<Waiting>),
}

/// Plans records again once other jobs have finished with them, and returns what is still waited
/// for.
///
/// # Errors
/// If the ledger cannot be used.
pub fn look_after(store: &dyn Store, job: i64) -> Result<Others> {
    if store.sums(job)?.held == 0 {
        return Ok(Others::None);
    }
    let first = store.replan(job)?;
    if first.changed {
        return Ok(Others::Changed);
    }
    // The processes of these jobs may have ended.
    let jobs: BTreeSet<i64> = first.waits.iter().map(|wait| wait.job).collect();
    for other in jobs {
        store.find_doubt(other)?;
    }
    let then = store.replan(job)?;
    if then.changed || then.waits.is_empty() {
        return Ok(Others::Changed);
    }
    if then.waits.iter().all(|wait| wait.state == UnitState::InDoubt) {
        return Ok(Others::InDoubt(then.waits));
    }
    Ok(Others::Asking)
}
