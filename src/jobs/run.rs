//! Working a job: send what the limits allow, look at what is in flight, load what is finished.

use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, StreamExt};

use tokio::task::{JoinError, JoinHandle};

use super::{
    job::{Clock, Job, OnInDoubt, Unwritten},
    plan::BatchCall,
    progress::{JobState, Progress},
};
use crate::ledger::{
    Accepted, BatchRecord, BatchState, Claim, Claimed, Decision, Ended, Finished, Peek,
};
use crate::{
    api::{
        LimitClass,
        agents::{BatchAccepted, RunPhase, RunStatus},
    },
    client::{Answered, CallOptions, limit::now},
    error::{CallContext, Error, Result},
};

/// The first wait before a run is looked at.
const FIRST_LOOK: Duration = Duration::from_secs(1);
/// The longest wait between two looks at a run.
const LONGEST_LOOK: Duration = Duration::from_secs(60);
/// The longest wait between two rounds, so that what other processes did is seen.
const LONGEST_ROUND: Duration = Duration::from_secs(30);
/// How long an API that answered before may be out of reach before a wait ends.
const OUTAGE: Duration = Duration::from_secs(300);

/// How often a batch is sent by itself where `on_in_doubt` says to send it again.
const MOST_SENDS: u32 = 3;
/// The waits between attempts to write down an accepted run.
const WRITE_AGAIN: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(4),
];

/// What one round found.
#[derive(Debug, Default)]
struct Round {
    /// When there is something to do next.
    next: Option<Instant>,
    /// The API answered a call as it should.
    answered: bool,
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

/// How long the API has been out of reach during a wait.
#[derive(Debug, Default)]
struct Outage {
    /// It has answered in this wait.
    reached: bool,
    /// When it first failed to since it last answered.
    since: Option<Instant>,
}

impl Outage {
    /// Notes a round; answers its error if the wait is to end with it. A round that asked nothing
    /// says nothing of the API.
    fn note(&mut self, answered: bool, error: Option<Error>, now: Instant) -> Result<()> {
        if answered {
            self.reached = true;
            self.since = None;
        }
        let Some(error) = error else { return Ok(()) };
        let passing = match &error {
            Error::Connection { .. } | Error::Timeout { .. } => true,
            // Not an answer of 200 or 300 that makes no sense: it will be the same again.
            Error::Server { call, .. } => call.status.is_none_or(|status| status >= 408),
            _ => false,
        };
        let since = *self.since.get_or_insert(now);
        if passing && self.reached && now.duration_since(since) < OUTAGE {
            return Ok(());
        }
        Err(error)
    }
}

fn task_ended(ended: &JoinError) -> Error {
    Error::ledger(format!(
        "a batch's sending was broken off ({ended}); the ledger shows it as in doubt if it may \
         have arrived"
    ))
}

/// Why a batch is in doubt, with the status of the answer where there was one.
fn answered_with(call: &CallContext, message: &str) -> String {
    // In brackets stands what happened; around it that the call may have arrived, which is said of
    // every batch in doubt.
    let happened = message.split_once(" (").and_then(|(_, rest)| rest.strip_suffix(')'));
    let happened = happened.unwrap_or(message);
    let request = call.request_id.as_ref().map(|id| format!(", request {id}")).unwrap_or_default();
    match call.status {
        Some(status) => format!("status {status}{request}: {happened}"),
        None => happened.to_owned(),
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
        let (progress, round) = self.round().await?;
        match round.error {
            Some(error) => Err(error),
            None => Ok(progress),
        }
    }

    /// Repeats rounds until nothing more will happen, or until `timeout`.
    ///
    /// After each round `report` gets the state. An API that answered before may be out of reach
    /// for five minutes before the wait ends with an error. A wait that is dropped leaves no batch
    /// half sent: a call that is under way goes on, and its run is written down.
    ///
    /// # Errors
    /// A batch in doubt (once all else is loaded), a round's error, or [`Error::Unfinished`].
    pub async fn wait(
        &self,
        timeout: Option<Duration>,
        mut report: impl FnMut(&Progress) + Send,
    ) -> Result<Progress> {
        let begun = Instant::now();
        let mut outage = Outage::default();
        loop {
            let (progress, round) = self.round().await?;
            report(&progress);
            outage.note(round.answered, round.error, Instant::now())?;
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

    async fn round(&self) -> Result<(Progress, Round)> {
        let mut round = Round::default();
        // Before anything else is decided: what these batches became is known.
        self.write_unwritten().await?;
        let doubtful = self.settle_doubt().await?;
        let batches = self.batches().await?;
        self.look(&batches, &mut round).await?;
        self.fetch(&mut round).await?;
        if doubtful.is_none() {
            self.send(&mut round).await?;
        }
        let mut progress = self.progress().await?;
        // What can still be loaded is loaded before a doubt is raised.
        if progress.state == JobState::InDoubt && round.error.is_none() {
            round.error = match doubtful {
                Some(doubtful) => Some(doubtful),
                None => self.settle_doubt().await?,
            };
            if round.error.is_none() {
                progress = self.progress().await?;
            }
        }
        if progress.state == JobState::Running {
            let until = round.next.map(|at| at.saturating_duration_since(Instant::now()));
            progress.next = until.unwrap_or(FIRST_LOOK).min(LONGEST_ROUND).as_secs_f64();
        }
        Ok((progress, round))
    }

    /// Applies the caller's decision to batches in doubt; answers the error if it is to raise.
    async fn settle_doubt(&self) -> Result<Option<Error>> {
        let doubtful = self.in_doubt().await?;
        if doubtful.is_empty() {
            return Ok(None);
        }
        let decision = match self.inner.options.on_in_doubt {
            OnInDoubt::Raise => return Ok(Some(self.doubt_error(&doubtful))),
            OnInDoubt::Resend => Decision::Resend,
            OnInDoubt::Skip => Decision::Skip,
        };
        if let Some(batch) =
            doubtful.iter().find(|batch| decision == Decision::Resend && batch.sends >= MOST_SENDS)
        {
            return Ok(Some(self.doubt_error(std::slice::from_ref(batch))));
        }
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
            call: Box::new(CallContext {
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
        let mut due: Vec<(Instant, &BatchRecord, &str)> = Vec::new();
        self.clocks(|clocks| {
            for batch in batches.iter().filter(|batch| batch.state == BatchState::Accepted) {
                let clock = clocks.entry(batch.number).or_insert(Clock { due: now, looks: 0 });
                match (&batch.run_id, clock.due <= now) {
                    (Some(run_id), true) => due.push((clock.due, batch, run_id)),
                    _ => round.wake(clock.due),
                }
            }
        });
        due.sort_unstable_by_key(|(due, batch, _)| (*due, batch.number));
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
                let Some((_, batch, run_id)) = due.next() else { break };
                running.push(async move { (batch, run_id, self.look_at(run_id).await) });
            }
            let Some((batch, run_id, answer)) = running.next().await else { break };
            let number = batch.number;
            round.answered |= matches!(answer, Ok(_) | Err(Error::NotFound { .. }));
            let mut end = |end| ended.push(Finished { number, run_id: run_id.to_owned(), end });
            if answer.is_ok() && batch.unknown_since.is_some() {
                self.unknown_since(number, run_id, false).await?;
            }
            match answer {
                Ok(RunPhase::Completed) => end(Ended::Completed),
                Ok(RunPhase::Failed) => {
                    let why = "the API says that the run failed; see its support, or \
                               job.resend(number) to send it again";
                    end(Ended::Failed(why.to_owned()));
                }
                Ok(RunPhase::Running) => round.wake(self.later(number)),
                // It may not know a new run yet; one that it does not get to know would keep the job
                // from ever ending. A person can still name the right run.
                Err(error @ Error::NotFound { .. }) => {
                    tracing::warn!(key = self.key(), batch = number, %error, "an unknown run");
                    let patience = self.inner.options.patience;
                    if self.unknown_since(number, run_id, true).await? >= patience {
                        end(Ended::Failed(format!(
                            "the API does not know run {run_id} ({error}); name the right one with \
                             job.resolve(number, run_id=...), or job.resend(number) to send it again"
                        )));
                    } else {
                        round.wake(self.later(number));
                    }
                }
                Err(error) => {
                    // A run that the API does not know will not turn up by asking at once again.
                    round.wake(self.later(number));
                    if !matches!(error, Error::RateLimit { .. }) {
                        round.keep(error);
                    }
                }
            }
        }
        // A finished run's files are looked for at once, and then with growing pauses.
        self.clocks(|clocks| {
            for Finished { number, .. } in &ended {
                clocks.remove(number);
            }
        });
        let id = self.inner.id;
        self.inner.ledger.run(move |store| store.finish(id, &ended)).await
    }

    /// Notes whether the API knows a run. Answers for how long it has not.
    async fn unknown_since(&self, number: u32, run_id: &str, unknown: bool) -> Result<Duration> {
        let (id, run_id) = (self.inner.id, run_id.to_owned());
        let since =
            self.inner.ledger.run(move |store| store.unknown(id, number, &run_id, unknown)).await?;
        let micros = since.map_or(0, |since| now().saturating_sub(since));
        Ok(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
    }

    async fn look_at(&self, run_id: &str) -> Result<RunPhase> {
        let call = RunStatus { run_id: run_id.to_owned() };
        let options =
            CallOptions { slot_taken: true, no_throttle_retry: true, ..CallOptions::default() };
        let answered = self.inner.client.call_with(&call, options).await?;
        Ok(answered.value.phase())
    }

    /// Sets a batch's clock on: from 1 s to 60 s, with jitter. Answers when it is due.
    pub(super) fn later(&self, number: u32) -> Instant {
        self.clocks(|clocks| {
            let clock = clocks.entry(number).or_insert(Clock { due: Instant::now(), looks: 0 });
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
                match self.start_next(round).await {
                    Ok(Some(sending)) => running.push(sending),
                    Ok(None) => open = false,
                    Err(error) => {
                        open = false;
                        round.keep(error);
                    }
                }
            }
            let Some(sent) = running.next().await else { return Ok(()) };
            match sent.unwrap_or_else(|ended| Err(task_ended(&ended))) {
                Ok(due) => {
                    round.answered = true;
                    round.wake(due);
                }
                Err(error) => {
                    // No further batch goes out after a failure; those under way are awaited.
                    open = false;
                    match error {
                        Error::RateLimit { retry_after, .. } => {
                            let wait =
                                retry_after.and_then(|s| Duration::try_from_secs_f64(s).ok());
                            round.wake(Instant::now() + wait.unwrap_or(FIRST_LOOK));
                        }
                        // The ledger has it: it is raised once all else is loaded, or decided
                        // about in the next round.
                        Error::OutcomeUnknown { .. } => {
                            tracing::warn!(key = self.key(), %error, "a batch is in doubt");
                            round.wake(Instant::now());
                        }
                        error => round.keep(error),
                    }
                }
            }
        }
    }

    /// Starts to send the next batch, if limit and budget allow one.
    ///
    /// From the claim on it is a task of its own: a caller who stops waiting (Ctrl-C, a cancelled
    /// task) must leave neither a claim that nobody sends nor a call whose answer nobody reads.
    async fn start_next(&self, round: &mut Round) -> Result<Option<JoinHandle<Result<Instant>>>> {
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
        let job = self.clone();
        let claiming = tokio::spawn(async move {
            match job.inner.ledger.run(move |store| store.claim(id, until)).await? {
                Claim::Send(claimed) => {
                    Ok(Some(tokio::spawn(async move { job.send_batch(claimed).await })))
                }
                Claim::Wait | Claim::AllSent | Claim::BudgetSpent { .. } => Ok(None),
            }
        });
        claiming.await.unwrap_or_else(|ended| Err(task_ended(&ended)))
    }

    /// Sends one batch and writes down what became of it. Answers when to look at it.
    async fn send_batch(&self, claimed: Claimed) -> Result<Instant> {
        let (id, number) = (self.inner.id, claimed.number);
        let sending = claimed.idempotency_key.clone();
        let options = CallOptions {
            idempotency_key: Some(claimed.idempotency_key),
            slot_taken: true,
            no_throttle_retry: true,
            leave_by: Some(claimed.sending_until),
        };
        let ledger = &self.inner.ledger;
        match self.post(claimed.ids, claimed.max_credits, options).await {
            Ok(answered) => {
                let run = Accepted {
                    run_id: answered.value.run_id.to_string(),
                    result_path: answered.value.result_path,
                    credits_path: answered.value.credits_csv_path,
                };
                self.write_accepted(Unwritten { number, sending, run }).await?;
                Ok(self.later(number))
            }
            Err(Error::OutcomeUnknown { call, message, .. }) => {
                let reason = answered_with(&call, &message);
                let run_id = call.run_id.clone();
                ledger
                    .run(move |store| store.doubt(id, number, &sending, &reason, run_id.as_deref()))
                    .await?;
                Err(Error::OutcomeUnknown {
                    call,
                    message: format!(
                        "job {:?}, batch {number}: {message}; decide with \
                         job.resolve({number}, run_id=...), job.resend({number}) or \
                         job.skip({number})",
                        self.key()
                    ),
                    job: Some(self.key().to_owned()),
                })
            }
            Err(error) => {
                let reason = error.to_string();
                ledger.run(move |store| store.release(id, number, &sending, &reason)).await?;
                Err(error)
            }
        }
    }

    /// Writes an accepted run down. It is paid for, so its id must not be lost: a write that fails is
    /// tried again, now and at the beginning of each later round.
    async fn write_accepted(&self, accepted: Unwritten) -> Result<()> {
        let mut pauses = WRITE_AGAIN.into_iter();
        let error = loop {
            match self.accept(&accepted).await {
                Err(error @ Error::Ledger { .. }) => match pauses.next() {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => break error,
                },
                done => return done,
            }
        };
        let Unwritten { number, run, .. } = &accepted;
        let (run_id, result_path) = (&run.run_id, &run.result_path);
        let message = format!(
            "batch {number} was accepted as run {run_id} with its result at {result_path}, and {error}; \
             this process writes it down as soon as it can, so wait again; if the process ends before \
             that, say job.resolve({number}, run_id={run_id:?}, result_path={result_path:?})"
        );
        tracing::error!(key = self.key(), "{message}");
        self.unwritten(|unwritten| unwritten.push(accepted));
        Err(Error::job(self.key(), message))
    }

    async fn accept(&self, accepted: &Unwritten) -> Result<()> {
        let id = self.inner.id;
        let Unwritten { number, sending, run } = accepted.clone();
        let taken = {
            let run = run.clone();
            self.inner.ledger.run(move |store| store.accept(id, number, &sending, &run)).await?
        };
        if taken {
            return Ok(());
        }
        let message = format!(
            "batch {number} was sent again before its first sending was answered, and both arrived: \
             run {} with its result at {} is one too many; it costs credits that this job does not \
             count",
            run.run_id, run.result_path
        );
        tracing::error!(key = self.key(), "{message}");
        Err(Error::job(self.key(), message))
    }

    /// Writes down the runs that could not be written down when they were accepted.
    async fn write_unwritten(&self) -> Result<()> {
        while let Some(next) = self.unwritten(|unwritten| unwritten.first().cloned()) {
            let done = self.accept(&next).await;
            if !matches!(done, Err(Error::Ledger { .. })) {
                self.unwritten(|unwritten| unwritten.retain(|kept| *kept != next));
            }
            done?;
        }
        Ok(())
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
                let clock = clocks.entry(batch.number).or_insert(Clock { due: now, looks: 0 });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Option<Error> {
        let message = "no connection".to_owned();
        Some(Error::Connection { call: Box::default(), message })
    }

    #[test]
    fn an_outage_is_borne_for_five_minutes_from_its_first_failure() {
        let mut outage = Outage::default();
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        outage.note(true, None, begun).unwrap();
        outage.note(false, refused(), at(1_000)).unwrap();
        // A round that had nothing to ask does not make the API reachable.
        outage.note(false, None, at(1_200)).unwrap();
        outage.note(false, refused(), at(1_299)).unwrap();
        assert!(outage.note(false, refused(), at(1_300)).is_err());
        outage.note(true, None, at(1_301)).unwrap();
        outage.note(false, refused(), at(1_302)).unwrap();
    }

    #[test]
    fn an_api_that_never_answered_and_an_answer_without_sense_end_a_wait_at_once() {
        let now = Instant::now();
        assert!(Outage::default().note(false, refused(), now).is_err());
        let mut outage = Outage { reached: true, since: None };
        let call = Box::new(CallContext { status: Some(200), ..Default::default() });
        let said = Error::Server { call, message: "the API says that it failed".into() };
        assert!(outage.note(true, Some(said), now).is_err());
    }
}
