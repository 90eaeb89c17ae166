//! Working a job: send what the limits allow, look at what is in flight, load what is finished.

use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{
    job::{Clock, Job, OnInDoubt},
    ledger::{Accepted, BatchRecord, BatchState, Claim, Claimed, Decision, Ended, Peek},
    plan::BatchCall,
    progress::{JobState, Progress},
};
use crate::{
    api::{
        LimitClass,
        agents::{BatchAccepted, RunPhase, RunStatus},
    },
    client::{Answered, CallOptions, limit::now},
    error::{Error, Result},
};

/// The first wait before a run is looked at.
const FIRST_LOOK: Duration = Duration::from_secs(1);
/// The longest wait between two looks at a run.
const LONGEST_LOOK: Duration = Duration::from_secs(60);
/// The longest wait between two rounds, so that what other processes did is seen.
const LONGEST_ROUND: Duration = Duration::from_secs(30);
/// How long an API that answered before may be out of reach before a wait ends.
const OUTAGE: Duration = Duration::from_secs(300);

/// How often a batch is sent if its caller wants batches in doubt to be sent again.
const MOST_SENDS: u32 = 3;
/// The waits between attempts to write a run down.
const NOTE_PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(4)];

/// A batch on its way.
type Sending = tokio::task::JoinHandle<Result<Instant>>;

fn lost_task(error: &tokio::task::JoinError) -> Error {
    Error::ledger(format!("a batch's task ended before its time: {error}"))
}

/// What one round found.
#[derive(Debug, Default)]
struct Round {
    /// When there is something to do next.
    next: Option<Instant>,
    /// The first error that did not stop the round.
    error: Option<Error>,
}

impl Round {
    fn wake(&mut self, at: Instant) {
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }

    fn keep(&mut self, error: Error) {
        tracing::warn!(%error, "job");
        self.error.get_or_insert(error);
    }
}

impl Job {
    /// Does one round without waiting for anything but the answers to its own calls: sends what the
    /// limits allow, looks at what is in flight, loads what is finished.
    ///
    /// # Errors
    /// The first error of the round, after all else in it was done. Nothing is lost by it: the
    /// next round goes on.
    pub async fn poll(&self) -> Result<Progress> {
        let (progress, error) = self.round().await?;
        match error {
            Some(error) => Err(error),
            None => Ok(progress),
        }
    }

    /// Repeats rounds until nothing more will happen, or until `timeout`.
    ///
    /// After each round `report` gets the state. An API that answered before may be out of reach
    /// for five minutes before the wait ends with an error.
    ///
    /// # Errors
    /// A batch in doubt (once all else is loaded), a round's error, or [`Error::Timeout`].
    pub async fn wait(
        &self,
        timeout: Option<Duration>,
        mut report: impl FnMut(&Progress) + Send,
    ) -> Result<Progress> {
        let begun = Instant::now();
        let mut good: Option<Instant> = None;
        loop {
            let (progress, error) = self.round().await?;
            report(&progress);
            match error {
                None => good = Some(Instant::now()),
                Some(error) => {
                    let passing = matches!(
                        error,
                        Error::Connection { .. } | Error::Timeout { .. } | Error::Server { .. }
                    );
                    if !(passing && good.is_some_and(|good| good.elapsed() < OUTAGE)) {
                        return Err(error);
                    }
                }
            }
            if progress.state.ended() {
                return Ok(progress);
            }
            let mut pause = Duration::from_secs_f64(progress.next.max(0.005));
            if let Some(timeout) = timeout {
                let left = timeout.saturating_sub(begun.elapsed());
                if left.is_zero() {
                    return Err(Error::Unfinished {
                        key: self.key().to_owned(),
                        message: format!(
                            "job {:?} is not finished after {:.0} s; it goes on where it is, \
                             wait again",
                            self.key(),
                            timeout.as_secs_f64()
                        ),
                    });
                }
                pause = pause.min(left);
            }
            tokio::time::sleep(pause).await;
        }
    }

    async fn round(&self) -> Result<(Progress, Option<Error>)> {
        let mut round = Round::default();
        let doubtful = self.settle_doubt().await?;
        let batches = self.batches().await?;
        self.look(&batches, &mut round).await?;
        self.fetch(&mut round).await?;
        if doubtful.is_none() {
            self.send(&mut round).await?;
        }
        let mut progress = self.progress().await?;
        if progress.state == JobState::Running {
            let until = round.next.map(|at| at.saturating_duration_since(Instant::now()));
            progress.next = until.unwrap_or(FIRST_LOOK).min(LONGEST_ROUND).as_secs_f64();
        }
        // What can still be loaded is loaded before a doubt is raised.
        if progress.state == JobState::InDoubt && round.error.is_none() {
            match self.settle_doubt().await? {
                Some(doubtful) => round.error = Some(doubtful),
                // The caller decided beforehand: go on at once.
                None => progress = self.progress().await?,
            }
        }
        Ok((progress, round.error))
    }

    /// Applies the caller's decision to batches in doubt; answers the error if it is to raise.
    async fn settle_doubt(&self) -> Result<Option<Error>> {
        let doubtful = self.in_doubt().await?;
        if doubtful.is_empty() {
            return Ok(None);
        }
        let decision = match self.inner.options.on_in_doubt {
            OnInDoubt::Raise => return Ok(Some(self.doubt_error(&doubtful))),
            // An API that fails again and again may be paid again and again.
            OnInDoubt::Resend if doubtful.iter().any(|batch| batch.sends >= MOST_SENDS) => {
                return Ok(Some(self.doubt_error(&doubtful)));
            }
            OnInDoubt::Resend => Decision::Resend,
            OnInDoubt::Skip => Decision::Skip,
        };
        for batch in doubtful {
            tracing::warn!(
                key = self.key(),
                batch = batch.number,
                ?decision,
                "a batch was in doubt"
            );
            self.decide(batch.number, decision.clone()).await?;
        }
        Ok(None)
    }

    fn doubt_error(&self, doubtful: &[BatchRecord]) -> Error {
        let numbers: Vec<_> = doubtful.iter().map(|batch| batch.number.to_string()).collect();
        let credits: u64 = doubtful.iter().map(|batch| batch.max_credits).sum();
        let why = doubtful.first().and_then(|batch| batch.error.as_deref()).unwrap_or("unknown");
        let plural = if numbers.len() > 1 { "batches" } else { "batch" };
        let names = if numbers.len() > 8 {
            format!("{} and {} more", numbers[..8].join(", "), numbers.len() - 8)
        } else {
            numbers.join(", ")
        };
        Error::OutcomeUnknown {
            call: Box::new(crate::error::CallContext {
                method: "POST".into(),
                path: self.inner.request.kind.path().into(),
                attempts: 1,
                ..Default::default()
            }),
            message: format!(
                "job {:?}: {plural} {names} may have arrived and cost up to {credits} credits ({why}); \
                 decide with job.resolve(number, run_id=...), job.resend(number) or job.skip(number), \
                 or with on_in_doubt=",
                self.key(),
            ),
            job: Some(self.key().to_owned()),
        }
    }

    /// Looks at the runs that are due, as far as the rate limit goes.
    async fn look(&self, batches: &[BatchRecord], round: &mut Round) -> Result<()> {
        let now = Instant::now();
        let mut due: Vec<(Instant, u32, &str)> = Vec::new();
        self.clocks(|clocks| {
            for batch in batches.iter().filter(|batch| batch.state == BatchState::Accepted) {
                let clock = clocks.entry(batch.number).or_insert(Clock {
                    due: now,
                    looks: 0,
                    completed: None,
                });
                match (&batch.run_id, clock.due <= now) {
                    (Some(run_id), true) => due.push((clock.due, batch.number, run_id)),
                    _ => round.wake(clock.due),
                }
            }
        });
        due.sort_unstable();
        let mut ended = Vec::new();
        let mut running = FuturesUnordered::new();
        let mut due = due.into_iter().peekable();
        loop {
            while running.len() < self.inner.options.reads_at_once && due.peek().is_some() {
                if let Some(wait) = self.inner.client.try_slot(LimitClass::Sync).await? {
                    round.wake(Instant::now() + wait);
                    due.by_ref().for_each(drop);
                    break;
                }
                let Some((_, number, run_id)) = due.next() else { break };
                running.push(self.look_at(number, run_id));
            }
            let Some((number, answer)) = running.next().await else { break };
            match answer {
                Ok(RunPhase::Completed) => ended.push((number, Ended::Completed)),
                Ok(RunPhase::Failed) => {
                    let why = "the API says that the run failed; see its support, or \
                               job.resend(number) to send it again";
                    ended.push((number, Ended::Failed(why.to_owned())));
                }
                Ok(RunPhase::Running) => round.wake(self.later(number)),
                Err(error) => {
                    // A run that the API does not know will not turn up by asking at once again.
                    round.wake(self.later(number));
                    if !matches!(error, Error::RateLimit { .. }) {
                        round.keep(error);
                    }
                }
            }
        }
        let id = self.inner.id;
        self.inner.ledger.run(move |store| store.finish(id, &ended)).await
    }

    async fn look_at(&self, number: u32, run_id: &str) -> (u32, Result<RunPhase>) {
        let call = RunStatus { run_id: run_id.to_owned() };
        let options =
            CallOptions { slot_taken: true, no_throttle_retry: true, ..CallOptions::default() };
        let answer = self.inner.client.call_with(&call, options).await;
        (number, answer.map(|answered| answered.value.phase()))
    }

    /// Sets a batch's clock on: from 1 s to 60 s, with jitter. Answers when it is due.
    pub(super) fn later(&self, number: u32) -> Instant {
        self.clocks(|clocks| {
            let clock = clocks.entry(number).or_insert(Clock {
                due: Instant::now(),
                looks: 0,
                completed: None,
            });
            let doubled = FIRST_LOOK.saturating_mul(1 << clock.looks.min(6)).min(LONGEST_LOOK);
            let jitter = 0.75 + 0.25 * (self.inner.client.config().retry.jitter)();
            clock.looks += 1;
            clock.due = Instant::now() + doubled.mul_f64(jitter);
            clock.due
        })
    }

    /// Sends planned batches, as far as rate limit and budget go.
    async fn send(&self, round: &mut Round) -> Result<()> {
        let mut running = FuturesUnordered::new();
        let mut open = true;
        loop {
            while open && running.len() < self.inner.options.sends_at_once {
                match self.start_batch(round).await {
                    Ok(Some(sending)) => running.push(sending),
                    Ok(None) => open = false,
                    Err(error) => {
                        open = false;
                        round.keep(error);
                    }
                }
            }
            let Some(sent) = running.next().await else { return Ok(()) };
            match sent.unwrap_or_else(|error| Err(lost_task(&error))) {
                Ok(due) => round.wake(due),
                Err(error) => {
                    // No further batch goes out after a failure; those under way are awaited.
                    open = false;
                    match error {
                        Error::RateLimit { retry_after, .. } => {
                            let wait =
                                retry_after.and_then(|s| Duration::try_from_secs_f64(s).ok());
                            round.wake(Instant::now() + wait.unwrap_or(FIRST_LOOK));
                        }
                        Error::OutcomeUnknown { .. }
                            if self.inner.options.on_in_doubt != OnInDoubt::Raise =>
                        {
                            tracing::warn!(%error, "decided beforehand");
                        }
                        error => round.keep(error),
                    }
                }
            }
        }
    }

    /// Starts to send the next batch, if limit and budget allow one.
    ///
    /// From the claim to the note of what became of it, a batch is a task of its own: a caller who
    /// stops waiting (Ctrl-C, a cancelled task) does not leave it in doubt.
    async fn start_batch(&self, round: &mut Round) -> Result<Option<Sending>> {
        let (client, id) = (&self.inner.client, self.inner.id);
        if client.per_minute(LimitClass::Batches)?.is_some() {
            // Do not use up a slot for nothing.
            if self.inner.ledger.run(move |store| store.peek(id)).await? != Peek::Ready {
                return Ok(None);
            }
            if let Some(wait) = client.try_slot(LimitClass::Batches).await? {
                round.wake(Instant::now() + wait);
                return Ok(None);
            }
        }
        let timeouts = client.config().timeouts;
        let longest = timeouts.connect + timeouts.total + Duration::from_secs(60);
        let until = now().saturating_add(i64::try_from(longest.as_micros()).unwrap_or(i64::MAX));
        let (tell, told) = tokio::sync::oneshot::channel();
        let job = self.clone();
        let sending = tokio::spawn(async move {
            match job.inner.ledger.run(move |store| store.claim(id, until)).await {
                Ok(Claim::Send(claimed)) => {
                    let _ = tell.send(Ok(true));
                    job.send_batch(claimed).await
                }
                Ok(Claim::Wait | Claim::AllSent | Claim::BudgetSpent { .. }) => {
                    let _ = tell.send(Ok(false));
                    Ok(Instant::now())
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                    Ok(Instant::now())
                }
            }
        });
        match told.await {
            Ok(claimed) => Ok(claimed?.then_some(sending)),
            Err(_) => match sending.await {
                Ok(sent) => sent.map(|_| None),
                Err(error) => Err(lost_task(&error)),
            },
        }
    }

    /// Sends one batch and writes down what became of it. Answers when to look at it.
    async fn send_batch(&self, claimed: Claimed) -> Result<Instant> {
        let (id, number) = (self.inner.id, claimed.number);
        let options = CallOptions {
            idempotency_key: Some(claimed.idempotency_key),
            slot_taken: true,
            no_throttle_retry: true,
        };
        let ledger = &self.inner.ledger;
        match self.post(claimed.ids, claimed.max_credits, options).await {
            Ok(answered) => {
                let accepted = Accepted {
                    run_id: answered.value.run_id.to_string(),
                    result_path: answered.value.result_path,
                    credits_path: answered.value.credits_csv_path,
                };
                self.note_run(number, &accepted).await.map_err(|error| {
                    Error::job(
                        self.key(),
                        format!(
                            "batch {number} was accepted as run {} with its result at {}, and the \
                             ledger could not note it ({error}); once it can, say \
                             job.resolve({number}, run_id={:?}, result_path={:?})",
                            accepted.run_id,
                            accepted.result_path,
                            accepted.run_id,
                            accepted.result_path
                        ),
                    )
                })?;
                Ok(self.later(number))
            }
            Err(Error::OutcomeUnknown { call, message, .. }) => {
                let (kept, reason) = (message.clone(), message);
                ledger.run(move |store| store.doubt(id, number, &kept)).await?;
                Err(Error::OutcomeUnknown {
                    call,
                    message: format!(
                        "job {:?}, batch {number}: {reason}; decide with \
                         job.resolve({number}, run_id=...), job.resend({number}) or \
                         job.skip({number})",
                        self.key()
                    ),
                    job: Some(self.key().to_owned()),
                })
            }
            Err(error) => {
                let reason = error.to_string();
                ledger.run(move |store| store.release(id, number, &reason)).await?;
                Err(error)
            }
        }
    }

    /// Writes down which run a batch is; tries again for some seconds, since it is paid for.
    async fn note_run(&self, number: u32, accepted: &Accepted) -> Result<()> {
        let id = self.inner.id;
        for pause in NOTE_PAUSES {
            let run = accepted.clone();
            let noted = self.inner.ledger.run(move |store| store.accept(id, number, &run)).await;
            let Err(error) = noted else { return Ok(()) };
            tracing::error!(batch = number, run = %accepted.run_id, %error, "a run is not noted yet");
            tokio::time::sleep(pause).await;
        }
        let run = accepted.clone();
        self.inner.ledger.run(move |store| store.accept(id, number, &run)).await
    }

    async fn post(
        &self,
        ids: Vec<String>,
        max_credits: u64,
        options: CallOptions,
    ) -> Result<Answered<BatchAccepted>> {
        match self.inner.request.call(ids, max_credits) {
            BatchCall::Contact(call) => self.inner.client.call_with(&call, options).await,
            BatchCall::DeepResearch(call) => self.inner.client.call_with(&call, options).await,
        }
    }

    /// Loads what is completed.
    async fn fetch(&self, round: &mut Round) -> Result<()> {
        let now = Instant::now();
        let batches = self.batches().await?;
        let mut due = Vec::new();
        self.clocks(|clocks| {
            for batch in batches.into_iter().filter(|batch| batch.state == BatchState::Completed) {
                let clock = clocks.entry(batch.number).or_insert(Clock {
                    due: now,
                    looks: 0,
                    completed: None,
                });
                if clock.completed.is_none() {
                    *clock = Clock { due: now, looks: 0, completed: Some(now) };
                }
                if clock.due <= now { due.push(batch) } else { round.wake(clock.due) }
            }
        });
        let mut due = due.into_iter();
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < self.inner.options.reads_at_once {
                let Some(batch) = due.next() else { break };
                running.push(self.load_batch(batch));
            }
            match running.next().await {
                None => return Ok(()),
                Some(Ok(None)) => {}
                Some(Ok(Some(due))) => round.wake(due),
                Some(Err(error)) => round.keep(error),
            }
        }
    }
}
