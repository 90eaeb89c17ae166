//! Outcomes of paid calls that could not be recorded yet because the disk is full or the database
//! is unreachable. They are kept in memory for as long as the process lives; `delivery` retries
//! to record them.

use std::sync::{Mutex, PoisonError, atomic::AtomicBool};

use super::Step;
use crate::process::per_process::PerProcess;

/// Steps that are waiting to be recorded, with their jobs.
#[derive(Default)]
pub struct Outbox(PerProcess<Waiting>);

/// The steps of one process.
#[derive(Default)]
pub(super) struct Waiting {
    steps: Mutex<Vec<(i64, Step)>>,
    /// Whether a task is retrying to record them.
    pub retrying: AtomicBool,
}

impl Outbox {
    pub(super) fn waiting(&self) -> &Waiting {
        self.0.get_or_init(Waiting::default)
    }

    pub(super) fn steps<T>(&self, work: impl FnOnce(&mut Vec<(i64, Step)>) -> T) -> T {
        work(&mut self.waiting().steps.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
