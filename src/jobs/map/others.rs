//! Records that other jobs ask for: they are waited for, and not bought twice.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::{Advice, Error, ErrorKind, Result},
    ledger::{JobRecord, Store, UnitState, memory::Waiting},
};

/// What other jobs do about the records of a job.
#[derive(Debug)]
pub enum Others {
    /// Nobody asks for any.
    None,
    /// Some were planned again, from memory or to be sent.
    Changed,
    /// Some are being asked for.
    Asking,
    /// All that are left may have been sent by another job, and a person has to decide there.
    InDoubt(Vec<Waiting>),
}

/// Plans records again whose other jobs are done with them, and says what is waited for.
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
    // Their processes may have ended.
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

/// The error of records that another job may have sent.
///
/// # Errors
/// If the ledger cannot be read.
pub fn in_doubt(store: &dyn Store, job: &JobRecord, waits: &[Waiting]) -> Result<Error> {
    let mut by_job: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for wait in waits {
        by_job.entry(wait.job).or_default().push(wait.number);
    }
    let Some((id, mut calls)) = by_job.into_iter().next() else {
        return Err(Error::ledger("nothing is waited for"));
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
