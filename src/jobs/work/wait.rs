//! Waits for a job, and works on it in the meantime.

use std::time::Duration;

use super::{
    super::{job::Job, map::resume, progress::Progress, retention::look_at_retention},
    in_doubt::OnFailed,
    worker::{Until, Worker},
};
use crate::error::{Advice, Error, ErrorKind, Result, RustFace};

/// Maximum duration of [`Job::poll`].
pub const POLL: Duration = Duration::from_secs(30);

/// Part of the time of a poll in which the ledger has to answer with the progress: a quarter, at
/// most this.
const TO_READ: Duration = Duration::from_secs(1);

/// Number of runs whose last known state an error lists.
const TOLD: usize = 3;

/// Options for waiting for a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WaitOptions {
    /// Maximum duration of the wait; by default it takes as long as the job.
    pub timeout: Option<Duration>,
    pub on_failed: OnFailed,
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
        let to_read = TO_READ.min(timeout / 4);
        let work = timeout.saturating_sub(to_read);
        if let Ok(done) = tokio::time::timeout(work, worker.run(&mut |_| ())).await {
            return done;
        }
        if worker.waits_in_vain() {
            let seconds = work.as_secs_f64();
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
        let Ok(progress) = tokio::time::timeout(to_read, self.progress()).await else {
            return Err(Error::ledger(format!(
                "the ledger {} did not answer within {} s",
                self.inner.ledger.place(),
                to_read.as_secs_f64()
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
        if let Some(last) = &worker.last {
            let sums = &last.progress.sums;
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
