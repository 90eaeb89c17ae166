//! What became of paid calls and could not be written down yet, because the disk is full or the
//! database is away. It is kept in memory and tried again as long as the process lives.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{Ledger, Outcome, Step};
use crate::{
    error::{ErrorKind, Result},
    process::per_process::PerProcess,
};

/// The first and the longest wait before another attempt.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(15);

/// Steps that wait to be written down, with their jobs.
#[derive(Default)]
pub struct Outbox(PerProcess<Waiting>);

#[derive(Default)]
struct Waiting {
    steps: Mutex<Vec<(i64, Step)>>,
    retrying: AtomicBool,
}

impl Outbox {
    fn waiting(&self) -> &Waiting {
        self.0.get_or_init(Waiting::default)
    }

    fn steps<T>(&self, work: impl FnOnce(&mut Vec<(i64, Step)>) -> T) -> T {
        work(&mut self.waiting().steps.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Ledger {
    /// Writes down what must not be lost: what became of calls that have left. What cannot be written
    /// now is kept and tried again, by this process.
    ///
    /// # Errors
    /// If the ledger cannot be written now.
    pub async fn keep(&self, job: i64, steps: Vec<Step>) -> Result<Vec<Outcome>> {
        let written = self.turn(job, steps.clone(), None).await;
        match written {
            Ok(turn) => Ok(turn.outcomes),
            Err(error) => {
                if error.is(ErrorKind::Ledger) {
                    self.hold(job, steps);
                }
                Err(error)
            }
        }
    }

    /// Keeps steps until they can be written.
    pub fn hold(&self, job: i64, steps: Vec<Step>) {
        self.outbox.steps(|waiting| waiting.extend(steps.into_iter().map(|step| (job, step))));
        if !self.outbox.waiting().retrying.swap(true, Ordering::SeqCst) {
            let ledger = self.clone();
            tokio::spawn(async move { ledger.retry().await });
        }
    }

    /// Whether something waits to be written down.
    pub fn holds(&self) -> bool {
        self.outbox.steps(|waiting| !waiting.is_empty())
    }

    /// Writes down what waits for it.
    ///
    /// # Errors
    /// If the ledger still cannot be written. Nothing is lost by that.
    pub async fn deliver(&self) -> Result<()> {
        loop {
            let waiting: Vec<(i64, Step)> = self.outbox.steps(|waiting| waiting.clone());
            let Some((job, _)) = waiting.first() else { return Ok(()) };
            let job = *job;
            let own: Vec<Step> = waiting
                .into_iter()
                .filter(|(other, _)| *other == job)
                .map(|(_, step)| step)
                .collect();
            let turn = self.turn(job, own.clone(), None).await?;
            for (step, outcome) in own.iter().zip(&turn.outcomes) {
                if !outcome.fits {
                    tracing::warn!(job, ?step, "what became of a call came too late");
                }
            }
            self.outbox.steps(|waiting| {
                waiting.retain(|(other, step)| *other != job || !own.contains(step));
            });
        }
    }

    async fn retry(&self) {
        let mut pause = FIRST;
        loop {
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST);
            let written = self.deliver().await;
            if written.is_ok() {
                self.outbox.waiting().retrying.store(false, Ordering::SeqCst);
                // What was added in between has seen the retry under way.
                if !self.holds() || self.outbox.waiting().retrying.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        }
    }
}
