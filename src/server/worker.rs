//! Works queued batches, one after the other in the order in which they came.
//!
//! A batch is worked again from its beginning if the server died over it: nothing was charged,
//! because the charge and the end of the run are one transaction, after its files lie there.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use super::{
    batch,
    objects::cut,
    shared::Shared,
    store::{Charge, Queued, RunFault},
};
use crate::sqlite::DatabaseError;

/// How long the worker rests when its state cannot be used.
const REST: Duration = Duration::from_secs(1);

/// Works until `stop`; the batch in hand is finished first.
pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let next = {
            let shared = Arc::clone(&shared);
            tokio::task::spawn_blocking(move || shared.store.next_queued()).await
        };
        let rest = match next {
            Ok(Ok(Some(queued))) => {
                if !shared.work_delay.is_zero() {
                    tokio::select! {
                        () = tokio::time::sleep(shared.work_delay) => {}
                        () = stop.cancelled() => return,
                    }
                }
                let shared = Arc::clone(&shared);
                tokio::task::spawn_blocking(move || finish(&shared, &queued))
                    .await
                    .map_err(|error| error.to_string())
                    .and_then(|done| done.map_err(|error| error.to_string()))
                    .err()
            }
            Ok(Ok(None)) => {
                tokio::select! {
                    () = shared.submitted.notified() => {}
                    () = stop.cancelled() => return,
                }
                None
            }
            Ok(Err(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = rest {
            tracing::error!("a batch cannot be worked now: {error}");
            tokio::select! {
                () = tokio::time::sleep(REST) => {}
                () = stop.cancelled() => return,
            }
        }
    }
}

/// Works one batch, writes its files, and ends its run.
fn finish(shared: &Shared, queued: &Queued) -> Result<(), DatabaseError> {
    let charges = match queued.fault {
        Some(RunFault::Fails) => Err("the run failed, by a fault rule of the local server".into()),
        fault => work(shared, queued, fault),
    };
    let (charges, error) = match charges {
        Ok(charges) => (charges, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    shared.store.finish(queued.run_id, &charges, error.as_deref(), Utc::now())?;
    shared.account.settle(queued.reserved, charges.iter().map(|charge| charge.credits).sum());
    shared.queued.send_modify(|queued| *queued = queued.saturating_sub(1));
    Ok(())
}

fn work(shared: &Shared, queued: &Queued, fault: Option<RunFault>) -> Result<Vec<Charge>, String> {
    let worked = batch::work(&queued.request, &shared.directory, &shared.prices, queued.reserved)
        .map_err(|error| format!("the result cannot be made: {error}"))?;
    let mut results = worked.results.as_slice();
    if let Some(RunFault::Truncate(bytes)) = fault {
        results = &results[..cut(results, bytes)];
    }
    shared
        .objects
        .write(queued.request.kind(), queued.run_id, results, &worked.credits)
        .map_err(|error| format!("the result cannot be written: {error}"))?;
    Ok(worked.charges)
}
