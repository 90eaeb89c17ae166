//! Polling of runs: schedules the next poll of a run, and asks for its state.

use std::time::{Duration, Instant};

use super::super::{
    job::Job,
    poll_times::{Clock, Seen},
};
use crate::{
    api::agents::{RunState, RunStatus},
    client::CallOptions,
    error::{Result, printable::beginning},
};

/// Maximum time for which the API can put a poll off, as for a hold of the rate limit.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The error of a batch whose run failed according to the API.
pub const RUN_FAILED: &str = "the API says that the run failed";

impl Job {
    /// Schedules a batch's next poll. Returns when it is due.
    pub(in crate::jobs) fn later(&self, number: u32) -> Instant {
        let jitter = (self.inner.client.config().retry.jitter)();
        let habits = self.habits(|habits| *habits);
        self.clocks(|clocks| {
            let clock = clocks.entry(number).or_insert(Clock { due: Instant::now(), looks: 0 });
            clock.due = clock.due.max(Instant::now() + habits.pause(clock.looks, jitter));
            clock.looks += 1;
            clock.due
        })
    }

    /// Puts a batch's next poll off for as long as the API asks. Returns when it is due.
    pub(super) fn put_off(&self, number: u32, seconds: f64) -> Instant {
        let wait = Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        let due = Instant::now() + wait;
        self.clocks(|clocks| clocks.entry(number).or_insert(Clock { due, looks: 0 }).due = due);
        due
    }

    /// Polls a run, and remembers its state.
    pub(super) async fn look_at(&self, number: u32, run_id: &str) -> Result<RunState> {
        let call = RunStatus { run_id: run_id.to_owned() };
        let options = CallOptions { no_throttle_retry: true, ..CallOptions::default() };
        let state = self.inner.client.call_with(&call, options).await?.value;
        let mut status = beginning(&state.told(), 100).into_owned();
        let is_own = state.is_of(run_id);
        if !is_own {
            status.push_str(&format!(" (of run {})", beginning(&state.run_id, 100)));
        }
        let known = is_own && state.known_phase().is_some();
        let seen = Seen { status, known, at: Instant::now() };
        self.seen(|runs| runs.insert(number, seen));
        Ok(state)
    }
}
