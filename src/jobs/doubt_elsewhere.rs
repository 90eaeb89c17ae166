//! The error of a job that waits for records which another job may have sent and paid for.

use crate::{
    error::{Advice, Error, ErrorKind, Result},
    ledger::{Store, UnitState, memory::Waiting},
};

/// What the jobs send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Ids, in batches.
    Ids,
    /// Records, in batches.
    Records,
    /// Rows, in mapped calls.
    Rows,
}

/// The error for the job of this key. It names the first of the other jobs, and what is in doubt
/// there.
///
/// # Errors
/// If the ledger cannot be read.
pub(super) fn doubt_elsewhere(
    store: &dyn Store,
    key: &str,
    waits: &[Waiting],
    sent: Sent,
) -> Result<Error> {
    let Some(id) = waits.iter().map(|wait| wait.job).min() else {
        return Err(Error::ledger("the ledger does not say which job is asking for these records"));
    };
    let own = waits.iter().filter(|wait| wait.job == id);
    let (failed, doubtful): (Vec<&Waiting>, Vec<&Waiting>) =
        own.partition(|wait| wait.state == UnitState::Failed);
    let job = store.state(id)?.0.key;
    let sent_ones = match sent {
        Sent::Ids => "ids",
        Sent::Records => "records",
        Sent::Rows => "rows",
    };
    let happened = if doubtful.is_empty() {
        let failures = store.units_in(id, &[UnitState::Failed])?;
        let first = failures.iter().find(|unit| failed.iter().any(|own| own.number == unit.number));
        let why = first.and_then(|unit| unit.error.as_deref()).unwrap_or("it is unknown why");
        format!(
            "job {key:?}: {sent_ones} of it were sent and probably paid for in job {job:?}, whose \
             result cannot be assigned to them ({why})"
        )
    } else {
        format!(
            "job {key:?}: {sent_ones} of it may have been sent and paid in job {job:?}, and their \
             answers are unknown"
        )
    };
    let numbers = |of: Vec<&Waiting>| {
        let mut numbers: Vec<u32> = of.into_iter().map(|wait| wait.number).collect();
        numbers.sort_unstable();
        numbers
    };
    let error = Error::new(ErrorKind::OutcomeUnknown, happened).with_job(&job);
    Ok(error.advise(match sent {
        _ if doubtful.is_empty() => Advice::DecideResults { job, batches: numbers(failed) },
        Sent::Ids | Sent::Records => Advice::DecideBatches { job, batches: numbers(doubtful) },
        Sent::Rows => Advice::DecideCalls { job, calls: numbers(doubtful) },
    }))
}
