//! How a worker polls runs, and how it reacts to their states.

use std::{
    cmp::Reverse,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, StreamExt};

use super::{
    super::run_status::RUN_FAILED, Departing, Looked, Noted, Until, Worker, sending::Sending,
};
use crate::{
    api::agents::{RunPhase, RunState},
    client::limit::sleep_until,
    error::{Advice, Error, ErrorKind, Result, RustFace, printable::beginning},
    ledger::{BatchRecord, BatchState, Ended, Event, Step},
    process::clock::now,
};

/// How soon it is recorded that runs are still running, if nothing else is.
const RUNNING_RECORDED: Duration = Duration::from_secs(10);

/// The state of a run.
enum Phase {
    /// It is still running, as far as is known. `known` says whether the API knows it.
    Runs {
        known: bool,
    },
    /// The answer names a state that this version does not know, or another run, and the run counts
    /// as running for some time.
    Strange {
        told: String,
    },
    Ended(Ended),
}

/// The outcome of a poll, and the batch as it was known then.
pub(super) struct Found {
    batch: BatchRecord,
    /// How the run ended; `None` while it is running, and then `known` says whether the API knows
    /// it.
    ended: Option<Ended>,
    known: bool,
}

impl Worker<'_> {
    pub(super) fn start_looks(&mut self) {
        if !self.may_look() || self.looks_from.is_some_and(|from| from > Instant::now()) {
            return;
        }
        self.looks_from = None;
        let now = match self.until {
            Until::Ended => Instant::now(),
            // Polls each run once, and none that was sent just now, unless there is still something
            // to send.
            Until::Idle if self.is_sending() => Instant::now(),
            Until::Idle => self.begun,
        };
        let due = self.due_looks(now);
        let Ok(most @ 1..) = u32::try_from(due.len()) else { return };
        // A poll of the job ends when there is nothing to do now, so it takes no slots of the next
        // second.
        let (job, early) = (self.job, self.until == Until::Ended);
        let asking = async move { (due, job.inner.client.try_looks(most, early).await) };
        self.departing.push(asking.boxed());
    }

    /// Starts to poll the runs for which there are slots; the others stay due.
    pub(super) fn depart(&mut self, (due, departures): Departing) -> Result<()> {
        let (departures, refused) = match departures {
            Ok(Ok(departures)) => (departures, Ok(())),
            Ok(Err(wait)) => {
                self.look_from(Instant::now() + wait);
                (Vec::new(), Ok(()))
            }
            Err(error) => (Vec::new(), Err(error)),
        };
        let mut departures = departures.into_iter();
        for (due, number) in due {
            self.under_way.remove(&number);
            match departures.next() {
                Some(departure) => self.start_look(number, departure),
                None => self.to_look.push(Reverse((due, number))),
            }
        }
        refused
    }

    /// Polls no run before this time.
    fn look_from(&mut self, from: Instant) {
        self.looks_from = Some(self.looks_from.map_or(from, |known| known.max(from)));
    }

    /// Takes the runs that are due, as many as may be polled.
    fn due_looks(&mut self, now: Instant) -> Vec<(Instant, u32)> {
        let mut due = Vec::new();
        let room = self.job.options().reads_at_once.saturating_sub(self.looks.len());
        while due.len() < room
            && let Some(Reverse(next)) = self.to_look.peek().copied()
            && next.0 <= now
        {
            self.to_look.pop();
            // A run may be in the list twice: it was read from the ledger just before its sending
            // reported it.
            if self.accepted.contains_key(&next.1) && self.under_way.insert(next.1) {
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
            let run_id = batch.run_id.as_deref().unwrap_or_default();
            let state = job.look_at(number, run_id).await;
            let failed = state
                .as_ref()
                .is_ok_and(|state| state.is_of(run_id) && state.phase() == RunPhase::Failed);
            let cost = if failed { job.cost_of_failed(&batch).await } else { None };
            (batch, state, cost)
        };
        self.under_way.insert(number);
        self.looks.push(look.boxed());
    }

    /// Starts to record the outcome of a poll, together with all others that have arrived by then.
    pub(super) fn looked(&mut self, first: Looked) {
        let (mut steps, mut found) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some((batch, state, cost)) = next {
            let (number, run_id) = (batch.number, batch.run_id.clone().unwrap_or_default());
            let phase = self.phase(&batch, state, cost);
            next = self.looks.next().now_or_never().flatten();
            if self.is_recorded_later(&batch, &phase) {
                continue;
            }
            if let Phase::Strange { told } = &phase {
                let event = Event::Note { error: told.clone() };
                steps.push(Step { number, sending: None, event });
            }
            let known = matches!(phase, Phase::Runs { known: true });
            let (event, ended) = match phase {
                Phase::Runs { .. } | Phase::Strange { .. } => (Event::Look { run_id, known }, None),
                Phase::Ended(end) => (Event::Finish { run_id, end: end.clone() }, Some(end)),
            };
            steps.push(Step { number, sending: None, event });
            found.push(Found { batch, ended, known });
        }
        if steps.is_empty() && self.running_recorded.elapsed() < RUNNING_RECORDED {
            return;
        }
        self.running_recorded = Instant::now();
        let running = self.still_running.drain().map(|(number, run_id)| Step {
            number,
            sending: None,
            event: Event::Look { run_id, known: true },
        });
        // The earlier outcomes first.
        let steps: Vec<Step> = running.chain(steps).collect();
        let job = self.job;
        let note = async move { (found, job.inner.ledger.turn(job.inner.id, steps, None).await) };
        self.notes.push(note.boxed());
    }

    /// Handles the outcome of a poll that need not be in the ledger at once, so that most runs cost
    /// one transaction, with their results, and not one for each poll. If this process dies, they
    /// are polled again. A single poll of the job records everything, because the next one may be
    /// made by another process.
    fn is_recorded_later(&mut self, batch: &BatchRecord, phase: &Phase) -> bool {
        let number = batch.number;
        match phase {
            _ if self.until == Until::Idle => return false,
            Phase::Ended(Ended::Completed) => {
                self.still_running.remove(&number);
                self.run_completed(batch.clone());
            }
            Phase::Runs { known: true } if batch.unknown_since.is_none() => {
                self.still_running.insert(number, batch.run_id.clone().unwrap_or_default());
                self.to_look.push(Reverse((self.job.later(number), number)));
            }
            _ => return false,
        }
        self.under_way.remove(&number);
        true
    }

    /// Called when a run has completed: its result is loaded.
    fn run_completed(&mut self, batch: BatchRecord) {
        let number = batch.number;
        if !self.forget_run(number) {
            return;
        }
        let (state, finished_at) = (BatchState::Completed, Some(now()));
        // Its files are looked for immediately, and then with growing delays.
        self.to_load.push(Reverse((Instant::now(), number)));
        self.completed.insert(number, BatchRecord { state, finished_at, ..batch });
    }

    /// Returns whether the run was still in flight, as far as was known.
    fn forget_run(&mut self, number: u32) -> bool {
        self.job.clocks(|clocks| clocks.remove(&number));
        self.job.seen(|runs| runs.remove(&number));
        self.accepted.remove(&number).is_some()
    }

    /// Called when the outcomes of polls are recorded.
    pub(super) fn noted(&mut self, (found, written): Noted) -> Result<()> {
        for Found { batch, .. } in &found {
            self.under_way.remove(&batch.number);
        }
        if let Err(error) = written {
            // Outcomes that were not recorded will be polled again.
            self.read = None;
            return Err(error);
        }
        for Found { batch, ended, known } in found {
            let number = batch.number;
            let Some(ended) = ended else {
                if let Some(batch) = self.accepted.get_mut(&number) {
                    let since = batch.unknown_since.unwrap_or_else(now);
                    batch.unknown_since = (!known).then_some(since);
                }
                self.to_look.push(Reverse((self.job.later(number), number)));
                continue;
            };
            if ended == Ended::Completed {
                self.run_completed(batch);
                continue;
            }
            self.forget_run(number);
            self.job.sent_ids(|sent| sent.forget(number));
            if matches!(self.sending, Sending::Nothing) {
                // The run releases the credits that it did not use.
                self.sending = Sending::Open;
            }
        }
        Ok(())
    }

    /// Interprets an answer about a run.
    fn phase(&mut self, batch: &BatchRecord, state: Result<RunState>, cost: Option<u64>) -> Phase {
        if let Ok(state) = &state {
            let run_id = batch.run_id.as_deref().unwrap_or_default();
            let told = state.told();
            let word = beginning(&told, 100);
            if !state.is_of(run_id) {
                let other = beginning(&state.run_id, 100);
                let told = format!(
                    "the API was asked about run {run_id}, and says that run {other:?} is {word:?}"
                );
                let advice = "ask the API's support, or decide about the batch";
                return self.strange(batch, told, advice);
            }
            if state.known_phase().is_none() {
                let told = format!(
                    "the API says that run {run_id} is {word:?}, a state that is not known"
                );
                let advice =
                    "check whether a newer version of lantern knows it, or decide about the batch";
                return self.strange(batch, told, advice);
            }
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
        // After a 429 the rate limit itself is held.
        if error.is(ErrorKind::Server)
            && let Some(seconds) = error.facts().retry_after
        {
            let from = self.job.put_off(batch.number, seconds);
            self.look_from(from);
        }
        let unknown_since = batch.unknown_since;
        match error.kind() {
            // The API may not know a new run yet. If it never does, the job must end nevertheless,
            // and a person can still attach the right run.
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
            _ => self.note_of_run(Some(batch), error),
        }
        // The poll failed, which does not change what is known.
        Phase::Runs { known: unknown_since.is_none() }
    }

    /// Reacts to a state that this version does not know, or that is another run's: after some time,
    /// a person has to decide.
    fn strange(&mut self, batch: &BatchRecord, told: String, advice: &'static str) -> Phase {
        self.outage.answered();
        tracing::warn!(key = self.job.key(), batch = batch.number, "{told}");
        let since = batch.unknown_since.map_or(0, |since| now().saturating_sub(since));
        let since = Duration::from_micros(u64::try_from(since).unwrap_or(0));
        if batch.unknown_since.is_some() && since >= self.job.options().patience_unknown {
            let (key, number) = (self.job.key(), batch.number);
            let minutes = since.as_secs() / 60;
            let happened =
                format!("job {key:?}, batch {number}: {told}, and has for {minutes} min");
            let error = Error::job(key, happened).with_batch(number).advise(Advice::text(advice));
            self.error.get_or_insert(error);
        }
        Phase::Strange { told }
    }
}
