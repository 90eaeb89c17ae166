//! Polling of runs: schedules the next poll of a run, and asks for its state.

use std::time::Instant;

use super::super::{
    job::Job,
    poll_times::{Clock, Seen},
};
use crate::{
    api::agents::{RunState, RunStatus},
    client::CallOptions,
    error::{Result, printable::beginning},
};

/// The error of a batch whose run failed according to the API.
pub const RUN_FAILED: &str = "the API says that the run failed";

impl Job {
    /// Schedules a batch's next poll. Returns when it is due.
    pub(in crate::jobs) fn later(&self, number: u32) -> Instant {
        let jitter = (self.inner.client.config().retry.jitter)();
        let habits = self.habits(|habits| *habits);
        self.clocks(|clocks| {
            let clock = clocks.entry(number).or_insert(Clock { due: Instant::now(), looks: 0 });
            clock.due = Instant::now() + habits.pause(clock.looks, jitter);
            clock.looks += 1;
            clock.due
        })
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
