//! What a worker does about ids that other jobs ask for, and about the memory of records.

use std::time::{Duration, Instant};

use super::{
    super::super::{memory::Others, progress::Progress},
    Until, Worker,
};
use crate::error::Result;

/// How soon another job is looked at again.
const AGAIN: Duration = Duration::from_secs(1);

impl Worker<'_> {
    /// Waits for what other jobs ask, once nothing of the job itself is under way. `None` if there is
    /// nothing to wait for; `Some(None)` to go on, and `Some(Some(..))` as the end of the work.
    pub(super) async fn wait_for_others(
        &mut self,
        progress: &Progress,
    ) -> Result<Option<Option<Progress>>> {
        let sums = &progress.sums;
        if sums.held == 0 || sums.in_flight > 0 || sums.in_doubt > 0 {
            return Ok(None);
        }
        match self.job.look_after_others().await? {
            Others::Changed => {
                self.read = None;
                Ok(Some(None))
            }
            Others::InDoubt(error) if self.until == Until::Ended => Err(error),
            Others::UnderWay | Others::InDoubt(_) if self.until == Until::Idle => {
                Ok(Some(Some(progress.clone())))
            }
            Others::UnderWay | Others::InDoubt(_) => {
                tokio::time::sleep_until((Instant::now() + AGAIN).into()).await;
                self.read = None;
                Ok(Some(None))
            }
        }
    }

    /// Takes what was answered into the memory. If that cannot be done now, whoever asks next does it.
    pub(super) async fn remember(&mut self) {
        let id = self.job.inner.id;
        let done = self.job.inner.ledger.run(move |store| match store.state(id)?.0.question {
            Some(question) => store.remember(question),
            None => Ok(()),
        });
        if let Err(error) = done.await {
            tracing::warn!(key = self.job.key(), %error, "answers are not in the memory yet");
        }
    }
}
