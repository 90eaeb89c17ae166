//! Waits for a job: for how long, and which failures are tolerated in the meantime.

use std::time::{Duration, Instant};

use super::{
    super::{erasure::look_at_retention, job::Job, map::resume, progress::Progress},
    settle::OnFailed,
    worker::{Until, Worker},
};
use crate::error::{Advice, Error, ErrorKind, Result, RustFace};

/// Maximum duration of [`Job::poll`].
pub const POLL: Duration = Duration::from_secs(30);

/// Time that the ledger has to answer with the progress, after the time of a poll is over.
const GRACE: Duration = Duration::from_secs(1);

/// Number of runs whose last known state an error lists.
const TOLD: usize = 3;

/// Options for waiting for a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitOptions {
    /// Maximum duration of the wait; by default it takes as long as the job.
    pub timeout: Option<Duration>,
    pub on_failed: OnFailed,
}

/// For how long the API and the ledger have been unreachable during a wait.
#[derive(Debug)]
pub(super) struct Outage {
    patience: Duration,
    /// Whether the API has answered in this wait.
    pub reached: bool,
    /// Whether the API works on a run of the job, so that it answered before this wait.
    pub known: bool,
    /// When the first failure since the last successful answer occurred.
    since: Option<Instant>,
    /// When the ledger first failed since it last worked.
    ledger: Option<Instant>,
    /// The latest failure that was tolerated.
    pub latest: Option<Error>,
}

impl Outage {
    pub fn new(patience: Duration) -> Self {
        Self { patience, reached: false, known: false, since: None, ledger: None, latest: None }
    }

    /// Notes a successful answer of the API.
    pub fn answered(&mut self) {
        self.reached = true;
        self.since = None;
        self.latest = None;
    }

    pub fn ledger_works(&mut self) {
        self.ledger = None;
    }

    /// Notes a failure. Returns it if the wait is to end with it, because it is not to be `borne`,
    /// is not temporary, or has lasted too long.
    pub fn note(&mut self, error: Error, now: Instant, borne: bool) -> Option<Error> {
        if !borne {
            return Some(error);
        }
        if error.is(ErrorKind::Ledger) {
            return self.note_ledger(error, now).err();
        }
        let status = error.call().and_then(|call| call.status);
        let passing = match error.kind() {
            ErrorKind::Connection | ErrorKind::Timeout => true,
            ErrorKind::RateLimit => {
                self.reached = true;
                true
            }
            // An unreadable answer with a status of 200 or 300 would be the same again.
            ErrorKind::Server => status.is_none_or(|status| status >= 408),
            _ => false,
        };
        let since = *self.since.get_or_insert(now);
        let expected = self.reached || self.known;
        if passing && expected && now.duration_since(since) < self.patience {
            self.latest = Some(error);
            return None;
        }
        Some(error)
    }

    /// Notes a failure of the ledger.
    ///
    /// # Errors
    /// The same error, if it is not temporary or has lasted too long.
    pub fn note_ledger(&mut self, error: Error, now: Instant) -> Result<()> {
        let since = *self.ledger.get_or_insert(now);
        if error.facts().passing && now.duration_since(since) < self.patience {
            self.latest = Some(error);
            return Ok(());
        }
        Err(error)
    }
}

impl Job {
    /// Works on the job for as long as there is something to do now, at most 30 seconds: sends what
    /// the limits allow, polls what is in flight, and loads what has finished.
    ///
    /// # Errors
    /// As for [`Job::poll_with`].
    pub async fn poll(&self) -> Result<Progress> {
        self.poll_with(WaitOptions { timeout: Some(POLL), ..WaitOptions::default() }).await
    }

    /// Like [`Job::poll`], with a time limit of its own. When the time is over, work in progress is
    /// dropped, but a call that is sending a batch continues, and its run is recorded.
    ///
    /// The first error, after everything else was done. Nothing is lost by it: the next call
    /// resumes. Also if the API did not answer at all within the time.
    pub async fn poll_with(&self, options: WaitOptions) -> Result<Progress> {
        if let Some(calls) = self.calls() {
            return resume::work(self, calls, true, options.timeout, |_| ()).await;
        }
        let mut worker = Worker::new(self, Until::Idle, options.on_failed);
        let Some(timeout) = options.timeout else { return worker.run(&mut |_| ()).await };
        if let Ok(done) = tokio::time::timeout(timeout, worker.run(&mut |_| ())).await {
            return done;
        }
        if worker.waits_in_vain() {
            let seconds = timeout.as_secs_f64();
            return Err(Error::new(
                ErrorKind::Timeout,
                format!(
                    "job {:?}: neither the API nor its storage answered within {seconds} s{}",
                    self.key(),
                    self.last_seen(&worker)
                ),
            )
            .with_job(self.key())
            .advise(Advice::RaiseTimeouts));
        }
        drop(worker);
        let Ok(progress) = tokio::time::timeout(GRACE, self.progress()).await else {
            return Err(Error::ledger(format!(
                "the ledger {} did not answer within {} s",
                self.inner.ledger.place(),
                timeout.as_secs_f64()
            ))
            .that_passes(true));
        };
        progress
    }

    /// Waits until the job has ended; see [`Job::wait_with`].
    ///
    /// # Errors
    /// As for [`Job::wait_with`].
    pub async fn wait(
        &self,
        timeout: Option<Duration>,
        report: impl FnMut(&Progress) + Send,
    ) -> Result<Progress> {
        self.wait_with(WaitOptions { timeout, ..WaitOptions::default() }, report).await
    }

    /// Waits until the job has ended, or until the time is over, and works on it in the meantime.
    ///
    /// `report` is called repeatedly with the state. An API that answered before, in this wait or by
    /// accepting a run, or a ledger that others have locked, may fail for [`JobOptions::outage`](super::super::JobOptions)
    /// before the wait ends with an error. If a wait is dropped or its time is over, no batch is
    /// left half sent: a call in flight continues, and its run is recorded.
    ///
    /// If a batch is in doubt or failed (once everything else is loaded), or if an error is not
    /// temporary. [`ErrorKind::Unfinished`] if the time is over.
    pub async fn wait_with(
        &self,
        options: WaitOptions,
        mut report: impl FnMut(&Progress) + Send,
    ) -> Result<Progress> {
        if let Some(calls) = self.calls() {
            return resume::work(self, calls, false, options.timeout, report).await;
        }
        let mut worker = Worker::new(self, Until::Ended, options.on_failed);
        let work = worker.run(&mut report);
        let done = match options.timeout {
            None => work.await,
            Some(timeout) => match tokio::time::timeout(timeout, work).await {
                Ok(done) => done,
                Err(_) => return Err(self.unfinished(timeout, &worker)),
            },
        };
        // A wait may last for days.
        look_at_retention(self.ledger()).await;
        done
    }

    /// The error of a wait whose time is over. The ledger is not asked again, because it may be
    /// what did not answer.
    fn unfinished(&self, timeout: Duration, worker: &Worker<'_>) -> Error {
        let (key, seconds) = (self.key(), timeout.as_secs_f64());
        let mut happened =
            format!("job {key:?} is not finished after {seconds} s, and can be resumed");
        if let Some((progress, ..)) = &worker.last {
            let sums = &progress.sums;
            happened.push_str(&format!(
                ": {} of {} batches loaded, {} in flight",
                sums.loaded, sums.batches, sums.in_flight
            ));
        }
        happened.push_str(&self.last_seen(worker));
        let error = Error::new(ErrorKind::Unfinished, happened)
            .with_job(key)
            .advise(Advice::WaitAgain { job: key.to_owned() });
        match &worker.outage.latest {
            Some(latest) => error.caused_by(latest.clone()),
            None => error,
        }
    }

    /// The last known states of runs, and the last failure, as the end of a sentence.
    fn last_seen(&self, worker: &Worker<'_>) -> String {
        let mut text = String::new();
        for (run, number) in worker.in_flight().into_iter().take(TOLD) {
            let seen = self.seen(|runs| runs.get(&number).cloned());
            let seen = match seen {
                Some(seen) => {
                    let ago = seen.at.elapsed().as_secs_f64();
                    format!("was {:?} {ago:.1} s ago", seen.status)
                }
                None => "was not seen yet".to_owned(),
            };
            text.push_str(&format!("; run {run} of batch {number} {seen}"));
        }
        if let Some(latest) = &worker.outage.latest {
            text.push_str(&format!("; the last failure was: {}", latest.without_advice(&RustFace)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::CallContext;

    fn refused() -> Error {
        Error::new(ErrorKind::Connection, "no connection")
    }

    fn outage() -> Outage {
        Outage::new(Duration::from_secs(300))
    }

    #[test]
    fn an_outage_is_borne_for_five_minutes_from_its_first_failure() {
        let mut outage = outage();
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        outage.answered();
        assert!(outage.note(refused(), at(1_000), true).is_none());
        assert!(outage.note(refused(), at(1_299), true).is_none());
        assert!(outage.note(refused(), at(1_300), true).is_some());
        outage.answered();
        assert!(outage.note(refused(), at(1_302), true).is_none());
        assert!(outage.note(refused(), at(1_302), false).is_some(), "a poll bears nothing");
    }

    #[test]
    fn an_api_that_never_answered_and_an_answer_without_sense_end_a_wait_at_once() {
        let now = Instant::now();
        assert!(outage().note(refused(), now, true).is_some());
        let mut outage = outage();
        outage.answered();
        let call = CallContext { status: Some(200), ..Default::default() };
        let said = Error::new(ErrorKind::Server, "the API says that it failed").with_call(call);
        assert!(outage.note(said, now, true).is_some());
    }

    #[test]
    fn an_api_that_accepted_a_run_before_is_waited_for() {
        let failed = |status| {
            let call = CallContext { status: Some(status), ..Default::default() };
            Error::new(ErrorKind::Server, "the API failed").with_call(call)
        };
        let begun = Instant::now();
        let passing = [refused(), Error::new(ErrorKind::Timeout, "no full answer")];
        for error in passing.into_iter().chain([408, 500, 502, 503, 520].map(failed)) {
            let mut outage = Outage { known: true, ..outage() };
            assert!(outage.note(error.clone(), begun, true).is_none(), "{error}");
            let late = begun + Duration::from_secs(300);
            assert!(outage.note(error.clone(), late, true).is_some(), "{error}");
        }
        for kind in [ErrorKind::Validation, ErrorKind::Authentication, ErrorKind::Config] {
            let mut outage = Outage { known: true, ..outage() };
            assert!(outage.note(Error::new(kind, "no"), begun, true).is_some(), "{kind:?}");
        }
    }

    #[test]
    fn a_429_for_ever_ends_a_wait() {
        let mut outage = outage();
        let begun = Instant::now();
        let slow_down = || Error::new(ErrorKind::RateLimit, "over the rate limit");
        assert!(outage.note(slow_down(), begun, true).is_none(), "it is an answer");
        assert!(outage.note(slow_down(), begun + Duration::from_secs(300), true).is_some());
    }

    #[test]
    fn a_locked_ledger_is_borne_and_a_damaged_one_is_not() {
        let mut outage = outage();
        let now = Instant::now();
        let locked = || Error::ledger("locked").that_passes(true);
        assert!(outage.note_ledger(locked(), now).is_ok());
        assert!(outage.note_ledger(locked(), now + Duration::from_secs(300)).is_err());
        outage.ledger_works();
        assert!(outage.note_ledger(locked(), now + Duration::from_secs(301)).is_ok());
        assert!(outage.note_ledger(Error::ledger("damaged"), now).is_err());
    }
}
