//! How a worker waits for ids that other jobs are asking for, and updates the memory of records.

use std::time::{Duration, Instant};

use super::{
    super::super::{memory::Others, progress::Progress},
    Until, Worker,
};
use crate::error::Result;

/// How soon another job is checked again.
const AGAIN: Duration = Duration::from_secs(1);

impl Worker<'_> {
    /// Waits for what other jobs are asking for, once nothing of this job is in progress. Returns
    /// `None` if there is nothing to wait for, `Some(None)` to continue, and `Some(Some(..))` to
    /// end the work.
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
            Others::InDoubt(error) | Others::Failing(error) if self.until == Until::Ended => {
                Err(error)
            }
            Others::UnderWay | Others::InDoubt(_) | Others::Failing(_)
                if self.until == Until::Idle =>
            {
                Ok(Some(Some(progress.clone())))
            }
            Others::UnderWay | Others::InDoubt(_) | Others::Failing(_) => {
                tokio::time::sleep_until((Instant::now() + AGAIN).into()).await;
                self.read = None;
                Ok(Some(None))
            }
        }
    }

    /// Folds answers into the memory. If that fails, the next job that asks does it.
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
