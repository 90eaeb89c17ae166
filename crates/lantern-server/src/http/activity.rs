//! Tracks which connections are open, which of them are idle, and since when.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::Poll,
};

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::connection_limits::Bounds;

/// The activity of a connection.
pub(super) struct Activity {
    state: Mutex<State>,
    /// Cancelled to close the connection in favour of another one.
    pub dropped: CancellationToken,
}

struct State {
    /// Number of requests that are being answered.
    busy: usize,
    /// Whether any request was received.
    used: bool,
    /// When an answer, or a part of it, was last written; initially when the connection began.
    since: Instant,
}

/// A request that is being answered.
pub(super) struct Busy(Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.busy -= 1;
        state.since = Instant::now();
    }
}

impl Activity {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a request was received, which is being answered until the returned value is
    /// dropped.
    pub fn busy(self: &Arc<Self>) -> Busy {
        let mut state = self.state();
        state.busy += 1;
        state.used = true;
        Busy(Arc::clone(self))
    }

    /// Records that something was written: a long answer to a slow reader does not count as idle.
    pub fn wrote(&self, result: &Poll<io::Result<usize>>) {
        if matches!(result, Poll::Ready(Ok(_))) {
            self.state().since = Instant::now();
        }
    }

    /// Returns when no request has come for too long.
    pub async fn idle_too_long(&self, bounds: Bounds) {
        loop {
            let until = {
                let state = self.state();
                let allowed = if state.used { bounds.idle } else { bounds.first_head };
                let since = if state.busy > 0 { Instant::now() } else { state.since };
                since + allowed
            };
            if until <= Instant::now() {
                return;
            }
            // Wakes up early, because a different bound may apply by then.
            let soon = Instant::now() + bounds.first_head.min(bounds.idle);
            sleep_until(until.min(soon)).await;
        }
    }

    /// Since when it has been idle, if that is long enough to be closed in favour of another one.
    fn droppable_since(&self, bounds: Bounds) -> Option<Instant> {
        let state = self.state();
        let least = if state.used { bounds.droppable_after } else { bounds.silent_after };
        let droppable =
            state.busy == 0 && !self.dropped.is_cancelled() && state.since.elapsed() >= least;
        droppable.then_some(state.since)
    }
}

/// The open connections of a listener.
#[derive(Default)]
pub(super) struct Open(Mutex<BTreeMap<u64, Weak<Activity>>>);

impl Open {
    fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, Weak<Activity>>> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, activity| {
            activity.upgrade().is_some_and(|activity| !activity.dropped.is_cancelled())
        });
        open
    }

    pub fn count(&self) -> usize {
        self.connections().len()
    }

    /// Records a new connection, which is open for as long as its activity is held.
    pub fn begin(&self) -> Arc<Activity> {
        let state = State { busy: 0, used: false, since: Instant::now() };
        let activity =
            Arc::new(Activity { state: Mutex::new(state), dropped: CancellationToken::new() });
        let mut open = self.connections();
        let number = open.last_key_value().map_or(0, |(last, _)| last + 1);
        open.insert(number, Arc::downgrade(&activity));
        activity
    }

    /// Closes the connection that has been idle longest, if that is long enough.
    pub fn drop_oldest_idle(&self, bounds: Bounds) {
        let open = self.connections();
        let idle = open.values().filter_map(|activity| {
            let activity = activity.upgrade()?;
            Some((activity.droppable_since(bounds)?, activity))
        });
        if let Some((_, oldest)) = idle.min_by_key(|(since, _)| *since) {
            oldest.dropped.cancel();
        }
    }
}
