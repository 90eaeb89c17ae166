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
use lantern::process::sqlite::DatabaseError;

/// How long the worker rests when its state cannot be used.
const REST: Duration = Duration::from_secs(1);

/// Works until `stop`; the batch in hand is finished first.
pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let next = aside(&shared, |shared| shared.store.next_queued()).await;
        let done = match next {
            Ok(Ok(Some(queued))) => {
                if pause(shared.work_delay, &stop).await {
                    return;
                }
                finish(&shared, queued).await
            }
            Ok(Ok(None)) => {
                tokio::select! {
                    () = shared.submitted.notified() => {}
                    () = stop.cancelled() => {}
                }
                Ok(())
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(broken) => Err(broken),
        };
        if let Err(error) = done {
            tracing::error!("a batch cannot be worked now: {error}");
            if pause(REST, &stop).await {
                return;
            }
        }
    }
}

/// Waits, and says whether `stop` came meanwhile.
async fn pause(time: Duration, stop: &CancellationToken) -> bool {
    if time.is_zero() {
        return stop.is_cancelled();
    }
    tokio::select! {
        () = tokio::time::sleep(time) => false,
        () = stop.cancelled() => true,
    }
}

/// Runs what blocks on a thread for that. An error is a panic of it.
async fn aside<T: Send + 'static>(
    shared: &Arc<Shared>,
    work: impl FnOnce(&Shared) -> T + Send + 'static,
) -> Result<T, String> {
    let shared = Arc::clone(shared);
    lantern::process::runtime::aside(move || work(&shared)).await
}

/// Works one batch, writes its files, and ends its run.
async fn finish(shared: &Arc<Shared>, queued: Queued) -> Result<(), String> {
    let (run_id, reserved) = (queued.run_id, queued.reserved);
    // A batch that breaks the worker ends as failed: it must not keep all others waiting.
    let worked = aside(shared, move |shared| work(shared, &queued)).await.and_then(|worked| worked);
    let (charges, error) = match worked {
        Ok(charges) => (charges, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    aside(shared, move |shared| {
        shared.store.finish(run_id, &charges, error.as_deref(), Utc::now())?;
        shared.account.settle(reserved, charges.iter().map(|charge| charge.credits).sum());
        shared.queued.send_modify(|queued| *queued = queued.saturating_sub(1));
        Ok::<(), DatabaseError>(())
    })
    .await?
    .map_err(|error| error.to_string())
}

fn work(shared: &Shared, queued: &Queued) -> Result<Vec<Charge>, String> {
    if queued.fault == Some(RunFault::Fails) {
        return Err("the run failed, by a fault rule of the local server".into());
    }
    let worked = batch::work(&queued.request, &shared.directory, &shared.prices, queued.reserved)
        .map_err(|error| format!("the result cannot be made: {error}"))?;
    let mut results = worked.results.as_slice();
    if let Some(RunFault::Truncate(bytes)) = queued.fault {
        results = &results[..cut(results, bytes)];
    }
    shared
        .objects
        .write(queued.request.kind(), queued.run_id, results, &worked.credits)
        .map_err(|error| format!("the result cannot be written: {error}"))?;
    Ok(worked.charges)
}
