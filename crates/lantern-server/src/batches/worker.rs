//! Works on queued batches, one after the other in the order in which they were submitted.
//!
//! If the server dies while working on a batch, the batch is started again. Nothing was charged by
//! then: the charge and the end of the run are one transaction, which follows the writing of its
//! files.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use super::{Batches, RunFault, files::cut, process_batch, queue::Queued};
use crate::{billing::Charge, blocking::blocking, refusal::Refusal};

/// Delay before a retry if the state cannot be read or written.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Works until `stop`, but finishes the current batch first.
pub(crate) async fn run(batches: Arc<Batches>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let queue = Arc::clone(&batches);
        let done = match blocking(move || Ok(queue.queue.next()?)).await {
            Ok(Some(queued)) => {
                if pause(batches.delay, &stop).await {
                    return;
                }
                finish(&batches, queued).await
            }
            Ok(None) => {
                tokio::select! {
                    () = batches.submitted.notified() => {}
                    () = stop.cancelled() => {}
                }
                Ok(())
            }
            Err(refusal) => Err(refusal),
        };
        if let Err(refusal) = done {
            tracing::error!("a batch cannot be worked on now: {}", refusal.message());
            if pause(RETRY_AFTER, &stop).await {
                return;
            }
        }
    }
}

/// Waits, and returns whether `stop` was requested in the meantime.
async fn pause(time: Duration, stop: &CancellationToken) -> bool {
    if time.is_zero() {
        return stop.is_cancelled();
    }
    tokio::select! {
        () = tokio::time::sleep(time) => false,
        () = stop.cancelled() => true,
    }
}

/// Works on one batch, writes its files, and ends its run.
async fn finish(batches: &Arc<Batches>, queued: Queued) -> Result<(), Refusal> {
    let (run_id, reserved) = (queued.run_id, queued.reserved);
    let worker = Arc::clone(batches);
    // A batch that panics ends as failed, so that it does not block all others.
    let (charges, error) = match blocking(move || worker.answer(&queued)).await {
        Ok(charges) => (charges, None),
        Err(refusal) => (Vec::new(), Some(refusal.message())),
    };
    let worker = Arc::clone(batches);
    blocking(move || {
        worker.queue.finish(run_id, &charges, error.as_deref(), Utc::now())?;
        let charged = charges.iter().map(|charge| charge.credits).sum();
        worker.billing.account.settle(reserved, charged);
        worker.queued.send_modify(|queued| *queued = queued.saturating_sub(1));
        Ok(())
    })
    .await
}

impl Batches {
    fn answer(&self, queued: &Queued) -> Result<Vec<Charge>, Refusal> {
        if queued.fault == Some(RunFault::Fails) {
            // Even a failed run has a report, which says that it cost nothing.
            self.files.write_credits(&queued.named(), process_batch::NOTHING_CHARGED).map_err(
                |error| Refusal::Internal(format!("the credit report cannot be written: {error}")),
            )?;
            return Err(Refusal::Internal(
                "the run failed, by a fault rule of the local server".to_owned(),
            ));
        }
        let prices = &self.billing.prices;
        let worked = process_batch::work(&queued.request, &self.directory, prices, queued.reserved)
            .map_err(|error| Refusal::Internal(format!("the result cannot be built: {error}")))?;
        let mut results = worked.results.as_slice();
        if let Some(RunFault::Truncate(bytes)) = queued.fault {
            results = &results[..cut(results, bytes)];
        }
        self.files
            .write(&queued.named(), results, &worked.credits)
            .map_err(|error| Refusal::Internal(format!("the result cannot be written: {error}")))?;
        Ok(worked.charges)
    }
}
