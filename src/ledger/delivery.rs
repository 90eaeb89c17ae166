//! Records the outcomes of paid calls: at once, or as soon as the ledger can be written again.

use std::{sync::atomic::Ordering, time::Duration};

use super::{Ledger, Outcome, Step};
use crate::error::{ErrorKind, Result};

/// First and maximum delay before another attempt.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(15);

impl Ledger {
    /// Records what must not be lost: the outcomes of calls that were sent. What cannot be recorded
    /// now is kept, and retried by this process.
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

    /// Keeps steps until they can be recorded.
    pub fn hold(&self, job: i64, steps: Vec<Step>) {
        self.outbox.steps(|waiting| waiting.extend(steps.into_iter().map(|step| (job, step))));
        if !self.outbox.waiting().retrying.swap(true, Ordering::SeqCst) {
            let ledger = self.clone();
            tokio::spawn(async move { ledger.retry().await });
        }
    }

    /// Whether anything is waiting to be recorded.
    pub fn holds(&self) -> bool {
        self.outbox.steps(|waiting| !waiting.is_empty())
    }

    /// Records what is waiting.
    ///
    /// # Errors
    /// If the ledger still cannot be written. The steps are kept.
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
                    tracing::warn!(job, ?step, "the outcome of a call was recorded too late");
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
                // Steps that were added in the meantime are covered by the retry that is in
                // progress.
                if !self.holds() || self.outbox.waiting().retrying.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        }
    }
}
