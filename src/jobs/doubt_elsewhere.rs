//! The error of a job that waits for records which another job may have sent and paid for.

use std::collections::BTreeMap;

use crate::{
    error::{Advice, Error, ErrorKind, Result},
    ledger::{Store, memory::Waiting},
};

/// What the jobs send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// Ids, in batches.
    Ids,
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
    let mut by_job: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    for wait in waits {
        by_job.entry(wait.job).or_default().push(wait.number);
    }
    let Some((id, mut numbers)) = by_job.into_iter().next() else {
        return Err(Error::ledger("the ledger does not say which job is asking for these records"));
    };
    numbers.sort_unstable();
    let job = store.state(id)?.0.key;
    let sent_ones = match sent {
        Sent::Ids => "ids",
        Sent::Rows => "rows",
    };
    let happened = format!(
        "job {key:?}: {sent_ones} of it may have been sent and paid in job {job:?}, and their \
         answers are unknown"
    );
    let error = Error::new(ErrorKind::OutcomeUnknown, happened).with_job(&job);
    Ok(error.advise(match sent {
        Sent::Ids => Advice::DecideBatches { job, batches: numbers },
        Sent::Rows => Advice::DecideCalls { job, calls: numbers },
    }))
}
