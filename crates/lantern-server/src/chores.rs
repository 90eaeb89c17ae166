//! What the server does by itself from time to time: it polls the CRM behind its watermark and
//! removes log entries that are older than they are kept.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::{crm, shared::Shared};

/// How often the log is cleaned.
const CLEANING: Duration = Duration::from_secs(3600);

/// Works until `stop`.
pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let every = |period: Duration| {
        let mut ticks = interval_at(Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    };
    let mut polls = every(shared.poll_every.max(Duration::from_millis(10)));
    let mut cleanings = every(CLEANING);
    loop {
        let polling = tokio::select! {
            _ = polls.tick() => true,
            _ = cleanings.tick() => false,
            () = stop.cancelled() => return,
        };
        let shared = Arc::clone(&shared);
        let done = lantern::process::runtime::aside(move || {
            if polling {
                // A CRM that nobody has asked for has not changed.
                if !shared.crm_in_use() {
                    return Ok(());
                }
                return crm::trigger::poll(&shared)
                    .map(drop)
                    .map_err(|refusal| format!("{refusal:?}"));
            }
            shared.clean_log().map(drop).map_err(|error| error.to_string())
        })
        .await;
        match done {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!("a chore cannot be done now: {error}"),
            Err(error) => tracing::error!("a chore broke off: {error}"),
        }
    }
}
