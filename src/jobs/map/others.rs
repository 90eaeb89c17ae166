//! Records that other jobs are asking for: this job waits for them instead of buying them twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::{Advice, Error, ErrorKind, Result},
    ledger::{JobRecord, Store, UnitState, memory::Waiting},
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

/// The error for records that another job may have sent.
///
/// # Errors
/// If the ledger cannot be read.
pub fn in_doubt(store: &dyn Store, job: &JobRecord, waits: &[Waiting]) -> Result<Error> {
    let mut by_job: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for wait in waits {
        by_job.entry(wait.job).or_default().push(wait.number);
    }
    let Some((id, mut calls)) = by_job.into_iter().next() else {
        return Err(Error::ledger("the ledger does not say which job is asking for these records"));
    };
    calls.sort_unstable();
    let (other, key) = (store.state(id)?.0.key, &job.key);
    Ok(Error::new(
        ErrorKind::OutcomeUnknown,
        format!(
            "job {key:?}: rows of it may have been sent and paid in job {other:?}, and their answers \
             are unknown"
        ),
    )
    .with_job(&other)
    .advise(Advice::DecideCalls { job: other, calls }))
}
