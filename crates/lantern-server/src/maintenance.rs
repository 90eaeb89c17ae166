//! Periodic work: polls the CRM for changes since its watermark, and removes entries of the routing
//! log that are past their retention.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::{
    blocking::blocking,
    crm::{Crm, trigger},
};

/// How often the routing log is cleaned.
const CLEANING: Duration = Duration::from_secs(3600);

/// Works until `stop`.
pub(crate) async fn run(crm: Arc<Crm>, poll_every: Duration, stop: CancellationToken) {
    let every = |period: Duration| {
        let mut ticks = interval_at(Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    };
    let mut polls = every(poll_every.max(Duration::from_millis(10)));
    let mut cleanings = every(CLEANING);
    loop {
        let polling = tokio::select! {
            _ = polls.tick() => true,
            _ = cleanings.tick() => false,
            () = stop.cancelled() => return,
        };
        let crm = Arc::clone(&crm);
        let done = blocking(move || {
            match polling {
                // A CRM that was never used has not changed.
                true if !crm.in_use() => Ok(()),
                true => trigger::poll(&crm).map(drop),
                false => Ok(crm.clean_log().map(drop)?),
            }
        });
        if let Err(refusal) = done.await {
            let what =
                if polling { "the CRM cannot be polled" } else { "the log cannot be cleaned" };
            tracing::error!("{what} now: {}", refusal.message());
        }
    }
}
