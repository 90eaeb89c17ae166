//! How a worker looks at runs, and what their answers mean.

use std::{
    cmp::Reverse,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, StreamExt};

use super::{super::look::RUN_FAILED, Looked, Until, Worker, sending::Sending};
use crate::{
    api::agents::{RunPhase, RunState},
    client::{
        answer::beginning,
        limit::{now, sleep_until},
    },
    error::{Advice, Error, ErrorKind, Result, RustFace},
    ledger::{BatchRecord, BatchState, Ended, Event, Step},
};

/// What a look at a run found.
enum Phase {
    /// It still runs, as far as is known. `known`: the API knows it.
    Runs {
        known: bool,
    },
    /// It is in a state that this version does not know, and counts as running for a time.
    Strange {
        told: String,
    },
    Ended(Ended),
}

impl Worker<'_> {
    pub(super) async fn start_looks(&mut self) -> Result<()> {
        if self.looks_from.is_some_and(|from| from > Instant::now()) {
            return Ok(());
        }
        self.looks_from = None;
        let now = match self.until {
            Until::Ended => Instant::now(),
            // Each run once, and none that was sent just now.
            Until::Idle => self.begun,
        };
        // A poll ends when there is nothing to do now, so it takes nothing of the future.
        let early = self.until == Until::Ended;
        loop {
            let due = self.due_looks(now);
            let Ok(most @ 1..) = u32::try_from(due.len()) else { return Ok(()) };
            let asked = self.job.inner.client.try_looks(most, early).await;
            let (departures, refused) = match asked {
                Ok(Ok(departures)) => (departures, Ok(None)),
                Ok(Err(wait)) => (Vec::new(), Ok(Some(wait))),
                Err(error) => (Vec::new(), Err(error)),
            };
            let mut departures = departures.into_iter();
            for (due, number) in due {
                match departures.next() {
                    Some(departure) => self.start_look(number, departure),
                    None => self.to_look.push(Reverse((due, number))),
                }
            }
            if let Some(wait) = refused? {
                self.looks_from = Some(Instant::now() + wait);
                return Ok(());
            }
        }
    }

    /// Takes the runs that are due, as many as may be looked at.
    fn due_looks(&mut self, now: Instant) -> Vec<(Instant, u32)> {
        let mut due = Vec::new();
        if self.is_closing() {
            return due;
        }
        let room = self.job.options().reads_at_once.saturating_sub(self.looks.len());
        while due.len() < room
            && let Some(Reverse(next)) = self.to_look.peek().copied()
            && next.0 <= now
        {
            self.to_look.pop();
            if self.accepted.contains_key(&next.1) {
                due.push(next);
            }
        }
        due
    }

    fn start_look(&mut self, number: u32, departure: i64) {
        let Some(batch) = self.accepted.get(&number).cloned() else { return };
        let job = self.job;
        let look = async move {
            sleep_until(departure).await;
            let state = job.look_at(number, batch.run_id.as_deref().unwrap_or_default()).await;
            let failed = state.as_ref().is_ok_and(|state| state.phase() == RunPhase::Failed);
            let cost = if failed { job.cost_of_failed(&batch).await } else { None };
            (batch, state, cost)
        };
        self.under_way.insert(number);
        self.looks.push(look.boxed());
    }

    pub(super) async fn looked(&mut self, first: Looked) -> Result<()> {
        let (mut steps, mut completed) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        // All that were answered meanwhile are written down together.
        while let Some((batch, state, cost)) = next {
            let (number, run_id) = (batch.number, batch.run_id.clone().unwrap_or_default());
            self.under_way.remove(&number);
            let phase = self.phase(&batch, state, cost);
            if let Phase::Strange { told } = &phase {
                let event = Event::Note { error: told.clone() };
                steps.push(Step { number, sending: None, event });
            }
            let event = match phase {
                Phase::Runs { .. } | Phase::Strange { .. } => {
                    let known = matches!(phase, Phase::Runs { known: true });
                    if let Some(batch) = self.accepted.get_mut(&number) {
                        let since = batch.unknown_since.unwrap_or_else(now);
                        batch.unknown_since = (!known).then_some(since);
                    }
                    self.to_look.push(Reverse((self.job.later(number), number)));
                    Event::Look { run_id, known }
                }
                Phase::Ended(end) => {
                    self.accepted.remove(&number);
                    self.job.clocks(|clocks| clocks.remove(&number));
                    self.job.seen(|runs| runs.remove(&number));
                    if end == Ended::Completed {
                        let (state, finished_at) = (BatchState::Completed, Some(now()));
                        completed.push(BatchRecord { state, finished_at, ..batch });
                    } else if matches!(self.sending, Sending::Nothing) {
                        // It gives back the credits that it did not use.
                        self.sending = Sending::Open;
                    }
                    Event::Finish { run_id, end }
                }
            };
            steps.push(Step { number, sending: None, event });
            next = self.looks.next().now_or_never().flatten();
        }
        let id = self.job.inner.id;
        if let Err(error) = self.job.inner.ledger.turn(id, steps, None).await {
            // What the ledger has not noted is asked about again.
            self.read = None;
            return Err(error);
        }
        for batch in completed {
            // Its files are looked for at once, and then with growing pauses.
            self.to_load.push(Reverse((Instant::now(), batch.number)));
            self.completed.insert(batch.number, batch);
        }
        Ok(())
    }

    /// What an answer about a run means.
    fn phase(&mut self, batch: &BatchRecord, state: Result<RunState>, cost: Option<u64>) -> Phase {
        if let Some(state) = state.as_ref().ok().filter(|state| state.known_phase().is_none()) {
            return self.strange(batch, &state.status);
        }
        let error = match state.map(|state| state.phase()) {
            Ok(phase) => {
                self.outage.answered();
                return match phase {
                    RunPhase::Completed => Phase::Ended(Ended::Completed),
                    RunPhase::Failed => {
                        Phase::Ended(Ended::Failed { why: RUN_FAILED.to_owned(), credits: cost })
                    }
                    RunPhase::Running => Phase::Runs { known: true },
                };
            }
            Err(error) => error,
        };
        let unknown_since = batch.unknown_since;
        match error.kind() {
            // It may not know a new run yet; one that it does not get to know would keep the job
            // from ever ending. A person can still name the right run.
            ErrorKind::NotFound => {
                self.outage.answered();
                tracing::warn!(key = self.job.key(), batch = batch.number, %error, "an unknown run");
                let unknown = unknown_since.map_or(0, |since| now().saturating_sub(since));
                let unknown = Duration::from_micros(u64::try_from(unknown).unwrap_or(0));
                if unknown_since.is_some() && unknown >= self.job.options().patience {
                    let run_id = batch.run_id.as_deref().unwrap_or_default();
                    let why = error.without_advice(&RustFace);
                    let why = format!("the API does not know run {run_id} ({why})");
                    return Phase::Ended(Ended::failed(why));
                }
                return Phase::Runs { known: false };
            }
            ErrorKind::RateLimit => self.note_refusal(error),
            _ => self.note(error),
        }
        // Asking failed, which changes nothing of what is known.
        Phase::Runs { known: unknown_since.is_none() }
    }

    /// What a state means that this version does not know: after a time, that a person is to look.
    fn strange(&mut self, batch: &BatchRecord, word: &str) -> Phase {
        self.outage.answered();
        let run_id = batch.run_id.as_deref().unwrap_or_default();
        let word = beginning(word, 100);
        let told = format!("the API says that run {run_id} is {word:?}, a state that is not known");
        tracing::warn!(key = self.job.key(), batch = batch.number, "{told}");
        let since = batch.unknown_since.map_or(0, |since| now().saturating_sub(since));
        let since = Duration::from_micros(u64::try_from(since).unwrap_or(0));
        if batch.unknown_since.is_some() && since >= self.job.options().patience_unknown {
            let (key, number) = (self.job.key(), batch.number);
            let minutes = since.as_secs() / 60;
            let happened =
                format!("job {key:?}, batch {number}: {told}, and has for {minutes} min");
            self.error.get_or_insert(Error::job(key, happened).with_batch(number).advise(
                Advice::text(
                    "check whether a newer version of lantern knows it, or decide about the batch",
                ),
            ));
        }
        Phase::Strange { told }
    }
}
