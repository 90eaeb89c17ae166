//! How a worker sends batches, and how long it pauses if it cannot.

use std::{
    cmp::Reverse,
    time::{Duration, Instant},
};

use futures_util::FutureExt;

use super::{
    super::send::{Next, Sent, Started},
    Until, Worker,
};
use crate::{
    client::spending,
    error::{Error, ErrorKind, Result},
};

/// First and maximum pause after a sending failed.
pub(super) const SEND_AGAIN: (Duration, Duration) =
    (Duration::from_secs(1), Duration::from_secs(30));

/// When a batch may be sent next.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sending {
    Open,
    /// Not before this time, because of the rate limit or a failure.
    From(Instant),
    /// There is nothing to send until something else happens.
    Nothing,
    /// Everything was sent. Only ids that the budget did not reach, and other jobs, can change
    /// that.
    AllSent,
    /// Nothing is sent any more, because a sending failed or nothing may be spent.
    Closed,
}

impl Worker<'_> {
    pub(super) fn start_sends(&mut self) {
        if matches!(self.sending, Sending::From(at) if at <= Instant::now()) {
            self.sending = Sending::Open;
        }
        if !matches!(self.sending, Sending::Open) || !self.may_send() {
            return;
        }
        if spending::allowed().is_err() {
            self.sending = Sending::Closed;
            return;
        }
        let most = self.job.options().sends_at_once;
        let room = most - self.sends.len();
        // On a server each claim costs round trips, so it is made for several batches.
        if self.job.inner.ledger.is_on_server() && room < most.div_ceil(2) {
            return;
        }
        let (job, ready, early) = (self.job, self.ready, self.until == Until::Ended);
        // A batch that is loaded or fails in the meantime may release a part of the budget, which
        // reopens sending.
        self.sending = Sending::Nothing;
        self.starting.push(async move { job.start(room, ready, early).await }.boxed());
    }

    pub(super) fn started(&mut self, started: Result<Started>) -> Result<()> {
        // A sending may have failed in the meantime, which delays the next one.
        let free = matches!(self.sending, Sending::Nothing | Sending::Open);
        let started = match started {
            Ok(started) => started,
            Err(error) => {
                if free {
                    self.sending = Sending::Open;
                }
                return Err(error);
            }
        };
        if let Some(error) = started.unsendable {
            // What was sent before is loaded first.
            self.unsendable = Some(error);
            self.sending = Sending::Closed;
            return Ok(());
        }
        self.sends.extend(started.sendings);
        self.ready = matches!(started.then, Next::More | Next::Held(_));
        match started.then {
            Next::More if free => self.sending = Sending::Open,
            Next::Held(wait) if free => self.sending = Sending::From(Instant::now() + wait),
            // What happened since the ledger was queried takes precedence, unless everything had
            // been sent by then: no batch that is loaded later leaves ids to another one.
            Next::AllSent if matches!(self.sending, Sending::Nothing) => {
                self.sending = Sending::AllSent;
            }
            _ => {}
        }
        Ok(())
    }

    /// Called when a batch was accepted, and its run is recorded.
    pub(super) fn sent(&mut self, Sent { batch, due }: Sent) {
        self.outage.answered();
        self.sends_failed = 0;
        self.to_look.push(Reverse((due, batch.number)));
        self.accepted.insert(batch.number, batch);
        let open = self.accepted.len();
        self.job.habits(|habits| habits.open = open);
    }

    /// Called when a batch was not accepted, or its run could not be recorded.
    pub(super) fn unsent(&mut self, error: Error) {
        let pause = match error.kind() {
            ErrorKind::RateLimit => {
                let told = error.facts().retry_after;
                let told = told.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                self.note_refusal(error);
                told.unwrap_or_default()
            }
            // The ledger has recorded it. It is reported once everything else is loaded, or decided
            // about at once.
            ErrorKind::OutcomeUnknown => {
                tracing::warn!(key = self.job.key(), %error, "it is unknown whether a batch arrived");
                self.outage.answered();
                self.read = None;
                return;
            }
            _ => {
                // No further batch is sent after a failure; those in flight are awaited.
                self.note(error);
                if self.until == Until::Idle {
                    self.sending = Sending::Closed;
                    return;
                }
                Duration::ZERO
            }
        };
        let (first, longest) = SEND_AGAIN;
        let grown = first.saturating_mul(1 << self.sends_failed.min(8)).min(longest);
        self.sends_failed += 1;
        let jitter = 0.75 + 0.25 * (self.job.inner.client.config().retry.jitter)();
        self.sending = Sending::From(Instant::now() + grown.mul_f64(jitter).max(pause));
    }
}
