//! The worker of a job. It sends, polls and loads at the same time, so that none of these waits for
//! the others or for the ledger. What arrives while the ledger is being used is collected, and
//! recorded in one transaction.

mod loading;
mod other_jobs;
mod polls;
mod sending;
mod view;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt,
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};

use self::{
    polls::Found,
    sending::{SEND_AGAIN, Sending},
    view::LONGEST_ROUND,
};
use super::{
    super::{
        job::Job,
        load::{Fetch, FetchedResult},
        progress::{JobState, Progress},
    },
    in_doubt::{OnFailed, Settled},
    outage::Outage,
    send::{self, Recording, Started},
};
use crate::{
    api::agents::RunState,
    client::{limit::Departures, spending},
    error::{Error, Result},
    ledger::{BatchRecord, BatchState, JobRecord, RequestedIds, Turn},
    process::{clock::now, under_way},
};

/// Minimum time between two reports of a job's progress.
const REPORTS: Duration = Duration::from_millis(200);
/// At most one in this many parts of the time is spent on reading all batches and sums.
const READING: u32 = 10;
/// How soon the progress is read from the ledger again, because other processes may have changed it.
/// What this process changed is known. A ledger on a server costs a round trip.
const OTHERS_CHANGED: Duration = Duration::from_secs(1);
const OTHERS_CHANGED_FAR: Duration = Duration::from_secs(5);
/// How many times as many batches may be waiting to be recorded as are sent, or fetched, at once.
const RECORDED: usize = 2;

/// When the work ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// When there is nothing to do now. Every failure is an error, once everything else is done.
    Idle,
    /// When the job has ended. Temporary failures are tolerated for some time.
    Ended,
}

type Looked = (BatchRecord, Result<RunState>, Option<u64>);
type Fetched = (BatchRecord, FetchedResult);
type Loaded = (u32, Result<Fetch>);
/// Runs that are due, with the times at which they may be polled.
type Departing = (Vec<(Instant, u32)>, Result<Departures>);
/// Batches that can be loaded, and what they asked for.
type Asking = (Vec<BatchRecord>, Result<Arc<RequestedIds>>);
/// Outcomes of polls, once they are recorded.
type Noted = (Vec<Found>, Result<Turn>);

/// Works on one job; see the module.
pub(super) struct Worker<'a> {
    job: &'a Job,
    until: Until,
    on_failed: OnFailed,
    begun: Instant,
    /// The same by the clock of the ledger.
    begun_at: i64,
    /// Runs that are polled at their time.
    accepted: HashMap<u32, BatchRecord>,
    to_look: BinaryHeap<Reverse<(Instant, u32)>>,
    /// Runs whose results are loaded at their time.
    completed: HashMap<u32, BatchRecord>,
    to_load: BinaryHeap<Reverse<(Instant, u32)>>,
    /// Runs that are being polled or loaded now.
    under_way: HashSet<u32>,
    /// An error about batches in doubt: a person has to decide, and nothing is sent before that.
    doubtful: Option<Error>,
    /// When the ledger was last read, and how long that took.
    read: Option<(Instant, Duration)>,
    sending: Sending,
    /// Whether the ledger has said that there is more to send.
    ready: bool,
    sends_failed: u32,
    /// Why nothing can be sent from this machine; it ends the work once everything else is loaded.
    unsendable: Option<Error>,
    /// Runs that were polled and are still running, which is recorded with the next outcome.
    still_running: HashMap<u32, String>,
    /// When such runs were last recorded.
    running_recorded: Instant,
    /// The rate limit does not allow a poll before this time.
    looks_from: Option<Instant>,
    /// Asks when the runs that are due may be polled; at most one.
    departing: FuturesUnordered<BoxFuture<'a, Departing>>,
    looks: FuturesUnordered<BoxFuture<'a, Looked>>,
    notes: FuturesUnordered<BoxFuture<'a, Noted>>,
    /// Reads what the batches asked for that are loaded next; at most one. One query to the ledger
    /// serves all that have finished in the meantime.
    asking: FuturesUnordered<BoxFuture<'a, Asking>>,
    /// Results that are being fetched and read.
    fetches: FuturesUnordered<BoxFuture<'a, Fetched>>,
    /// Batches whose results are here, and are being recorded.
    loads: FuturesUnordered<BoxFuture<'a, Loaded>>,
    /// Claims what is sent next; at most one.
    starting: FuturesUnordered<BoxFuture<'a, Result<Started>>>,
    /// Batches that the API has not accepted yet.
    sends: FuturesUnordered<send::Sending>,
    /// Batches that it has accepted, and whose runs are being recorded.
    recordings: FuturesUnordered<Recording>,
    /// Reads the progress; at most one.
    reports: FuturesUnordered<BoxFuture<'a, Result<Read>>>,
    pub outage: Outage,
    /// The error that ends the work, once everything in progress has ended.
    error: Option<Error>,
    /// The last progress.
    pub last: Option<Read>,
}

/// What a worker knows of the progress of its job.
pub(super) struct Read {
    pub progress: Progress,
    /// The job, and when that was read from the ledger, and how long it took.
    record: JobRecord,
    read: Instant,
    took: Duration,
    /// Since when the progress is known: since it was read, or since this process last looked at
    /// what it has changed itself.
    at: Instant,
}

async fn read_progress(job: &Job) -> Result<Read> {
    let read = Instant::now();
    let (progress, record) = job.read_progress().await?;
    Ok(Read { progress, record, read, took: read.elapsed(), at: read })
}

impl<'a> Worker<'a> {
    pub fn new(job: &'a Job, until: Until, on_failed: OnFailed) -> Self {
        Self {
            job,
            until,
            on_failed,
            begun: Instant::now(),
            begun_at: now(),
            accepted: HashMap::new(),
            to_look: BinaryHeap::new(),
            completed: HashMap::new(),
            to_load: BinaryHeap::new(),
            under_way: HashSet::new(),
            doubtful: None,
            read: None,
            sending: Sending::Open,
            ready: false,
            sends_failed: 0,
            unsendable: None,
            still_running: HashMap::new(),
            running_recorded: Instant::now(),
            looks_from: None,
            departing: FuturesUnordered::new(),
            looks: FuturesUnordered::new(),
            notes: FuturesUnordered::new(),
            asking: FuturesUnordered::new(),
            fetches: FuturesUnordered::new(),
            loads: FuturesUnordered::new(),
            starting: FuturesUnordered::new(),
            sends: FuturesUnordered::new(),
            recordings: FuturesUnordered::new(),
            reports: FuturesUnordered::new(),
            outage: Outage::new(job.options().outage),
            error: None,
            last: None,
        }
    }

    /// Works until there is nothing more to do, in the sense of [`Until`].
    ///
    /// # Errors
    /// The first error that is not tolerated, once everything in progress has ended.
    pub async fn run(&mut self, report: &mut (dyn FnMut(&Progress) + Send)) -> Result<Progress> {
        // Outcomes that were not recorded yet come first, because every decision depends on them.
        loop {
            match self.job.write_unwritten().await {
                Ok(()) => break,
                Err(error) => self.bear(error).await?,
            }
        }
        loop {
            match self.turn(report).await {
                Ok(Some(progress)) => return Ok(progress),
                Ok(None) => {}
                Err(error) => self.bear(error).await?,
            }
        }
    }

    /// Pauses after a temporary failure of the ledger; returns every other error.
    async fn bear(&mut self, error: Error) -> Result<()> {
        if self.until == Until::Idle || !error.facts().passing {
            return Err(error);
        }
        tracing::warn!(key = self.job.key(), %error, "the ledger cannot be used now");
        self.outage.note_ledger(error, Instant::now())?;
        tokio::time::sleep(SEND_AGAIN.0).await;
        Ok(())
    }

    /// Whether something is in progress and the API has not answered since the work began.
    pub fn waits_in_vain(&self) -> bool {
        !(self.outage.reached || self.looks.is_empty() && self.fetches.is_empty())
    }

    /// The runs in flight, as far as is known.
    pub fn in_flight(&self) -> Vec<(&str, u32)> {
        let mut runs: Vec<_> = self
            .accepted
            .values()
            .filter_map(|batch| Some((batch.run_id.as_deref()?, batch.number)))
            .collect();
        runs.sort_unstable_by_key(|(_, number)| *number);
        runs
    }

    /// Starts what may start, and waits until something happens.
    async fn turn(
        &mut self,
        report: &mut (dyn FnMut(&Progress) + Send),
    ) -> Result<Option<Progress>> {
        if self.is_stale() {
            self.read_batches().await?;
        }
        self.start_loads();
        self.start_looks();
        self.start_sends();
        self.start_report(report);
        if !self.is_busy() {
            return self.rest(report).await;
        }
        let next = tokio::time::Instant::from_std(self.next());
        tokio::select! {
            Some(departing) = self.departing.next(), if !self.departing.is_empty() => {
                self.depart(departing)?;
            }
            Some(looked) = self.looks.next(), if !self.looks.is_empty() => self.looked(looked),
            Some(noted) = self.notes.next(), if !self.notes.is_empty() => self.noted(noted)?,
            Some(started) = self.starting.next(), if !self.starting.is_empty() => {
                self.started(started)?;
            }
            Some(asking) = self.asking.next(), if !self.asking.is_empty() => self.asked(asking),
            Some(fetched) = self.fetches.next(), if !self.fetches.is_empty() => {
                self.fetched(fetched);
            }
            Some(loaded) = self.loads.next(), if !self.loads.is_empty() => self.loaded(loaded),
            Some(sent) = self.sends.next(), if !self.sends.is_empty() => {
                match send::outcome(sent) {
                    Ok(recording) => self.recordings.push(recording),
                    Err(error) => self.unsent(error),
                }
            }
            Some(recorded) = self.recordings.next(), if !self.recordings.is_empty() => {
                match send::outcome(recorded) {
                    Ok(sent) => self.sent(sent),
                    Err(error) => self.unsent(error),
                }
            }
            Some(read) = self.reports.next(), if !self.reports.is_empty() => {
                report(&self.last.insert(read?).progress);
            }
            () = tokio::time::sleep_until(next) => {}
        }
        Ok(None)
    }

    /// Whether something is in progress.
    pub(super) fn is_busy(&self) -> bool {
        let looking =
            !(self.departing.is_empty() && self.looks.is_empty() && self.notes.is_empty());
        let loading = !(self.asking.is_empty() && self.fetches.is_empty() && self.loads.is_empty());
        looking || loading || self.is_sending() || !self.recordings.is_empty()
    }

    fn is_sending(&self) -> bool {
        !(self.starting.is_empty() && self.sends.is_empty())
    }

    /// Called when nothing is in progress: decides whether the work ends, and waits for the next
    /// thing to do.
    async fn rest(
        &mut self,
        report: &mut (dyn FnMut(&Progress) + Send),
    ) -> Result<Option<Progress>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if under_way::is_ending() {
            return Err(Error::interrupted());
        }
        if let Some(soon) = self.next_report()
            && self.until == Until::Ended
            && !(self.accepted.is_empty() && self.completed.is_empty())
        {
            // The job has not ended, and its progress was reported a moment ago.
            let next = self.next().min(soon);
            tokio::time::sleep_until(tokio::time::Instant::from_std(next)).await;
            return Ok(None);
        }
        let mut progress = self.progress().await?;
        let state = progress.state;
        if state == JobState::Running {
            let next = self.next_look().map_or(self.next(), |look| look.min(self.next()));
            let next = next.saturating_duration_since(Instant::now());
            progress.next = next.min(LONGEST_ROUND).as_secs_f64();
        }
        report(&progress);
        if state.ended() {
            self.remember().await;
        }
        if let Some(waits) = self.wait_for_others(&progress).await? {
            return Ok(waits);
        }
        match state {
            JobState::InDoubt => {
                return match self.doubtful.take() {
                    Some(doubtful) => Err(doubtful),
                    // It was added after the batches were read.
                    None => self.look_again(),
                };
            }
            JobState::Running if progress.sums.in_flight == 0 => {
                if !self.job.options().spend {
                    return Ok(Some(progress));
                }
                spending::allowed()?;
                if let Some(error) = self.unsendable.take() {
                    return Err(error);
                }
            }
            JobState::Running => {}
            JobState::BudgetSpent | JobState::Done => {
                let failed = match progress.sums.failed {
                    0 => Vec::new(),
                    _ => self.job.units_in(BatchState::Failed).await?,
                };
                if progress.sums.failed != failed.len() as u64 {
                    return self.look_again();
                }
                return match self.job.settle_failed(&failed, self.on_failed).await? {
                    Settled::AsItWas => Ok(Some(progress)),
                    Settled::Changed => {
                        self.sending = Sending::Open;
                        self.look_again()
                    }
                    Settled::Raise(error) => Err(error),
                };
            }
        }
        if self.until == Until::Idle {
            return Ok(Some(progress));
        }
        let next = self.next();
        tokio::time::sleep_until(tokio::time::Instant::from_std(next)).await;
        Ok(None)
    }

    /// When to report the progress again; `None` for now.
    fn next_report(&self) -> Option<Instant> {
        let next = self.last.as_ref()?.at + REPORTS;
        (next > Instant::now()).then_some(next)
    }

    /// Reports what this process has changed, or starts to read the progress from the ledger.
    fn start_report(&mut self, report: &mut (dyn FnMut(&Progress) + Send)) {
        if self.until != Until::Ended || !self.reports.is_empty() || self.next_report().is_some() {
            return;
        }
        let (job, ledger) = (self.job, &self.job.inner.ledger);
        let others = if ledger.is_on_server() { OTHERS_CHANGED_FAR } else { OTHERS_CHANGED };
        match &mut self.last {
            Some(last) if last.read.elapsed() < others.max(last.took.saturating_mul(READING)) => {
                if let Some(known) = ledger.known(job.inner.id).filter(|known| known.at > last.at) {
                    last.progress = job.progress_of(&last.record, known.sums);
                    report(&last.progress);
                }
                last.at = Instant::now();
            }
            _ => self.reports.push(read_progress(job).boxed()),
        }
    }

    fn look_again(&mut self) -> Result<Option<Progress>> {
        self.read = None;
        Ok(None)
    }

    async fn progress(&mut self) -> Result<Progress> {
        // What is being read now may be older.
        self.reports.clear();
        let read = self.last.insert(read_progress(self.job).await?);
        Ok(read.progress.clone())
    }

    /// When there is something to start, as far as is known.
    fn next(&self) -> Instant {
        let reading = self.read.map(|(at, took)| at + self.reading(took));
        [self.next_start(), reading].into_iter().flatten().min().unwrap_or_else(Instant::now)
    }

    /// When to poll the next run.
    fn next_look(&self) -> Option<Instant> {
        let Reverse((due, _)) = self.to_look.peek()?;
        Some(self.looks_from.map_or(*due, |from| from.max(*due)))
    }

    /// When the next poll, load or sending may start.
    fn next_start(&self) -> Option<Instant> {
        let look = self
            .next_look()
            .filter(|due| self.may_look() && (self.until == Until::Ended || *due <= self.begun));
        let load = self.to_load.peek().map(|Reverse((due, _))| *due);
        let load = load.filter(|_| self.may_load());
        let send = match self.sending {
            Sending::From(at) if self.may_send() => Some(at),
            _ => None,
        };
        [look, load, send].into_iter().flatten().min()
    }

    fn may_look(&self) -> bool {
        !self.is_closing()
            && self.departing.is_empty()
            && self.looks.len() < self.job.options().reads_at_once
    }

    fn may_load(&self) -> bool {
        let most = self.job.options().reads_at_once;
        let room = most.saturating_sub(self.fetches.len());
        // On a server each query costs a round trip, so it is made for several batches.
        let asks = self.job.inner.ledger.is_on_server() && !self.loads_own_next();
        let least = if asks { most.div_ceil(2) } else { 1 };
        self.asking.is_empty() && room >= least && self.loads.len() < most * RECORDED
    }

    fn may_send(&self) -> bool {
        let options = self.job.options();
        options.spend
            && self.doubtful.is_none()
            && !self.is_closing()
            && self.starting.is_empty()
            && self.sends.len() < options.sends_at_once
            && self.recordings.len() < options.sends_at_once * RECORDED
    }

    /// Notes an error. The work ends with it, unless it is temporary and tolerated.
    fn note(&mut self, error: Error) {
        tracing::warn!(key = self.job.key(), %error, "job");
        let borne = self.until == Until::Ended;
        if let Some(error) = self.outage.note(error, Instant::now(), borne) {
            self.error.get_or_insert(error);
        }
    }

    /// Like [`Self::note`], for an error about a run. In a poll, those of runs that it has sent itself
    /// are left to the next one.
    fn note_of_run(&mut self, batch: Option<&BatchRecord>, error: Error) {
        let accepted = batch.and_then(|batch| batch.accepted_at);
        if self.until == Until::Idle && accepted.is_some_and(|at| at >= self.begun_at) {
            tracing::warn!(key = self.job.key(), %error, "a run that was just sent");
            return;
        }
        self.note(error);
    }

    fn is_closing(&self) -> bool {
        under_way::is_ending() || self.until == Until::Ended && self.error.is_some()
    }

    /// Notes a 429. It counts as an answer, but a wait ends if no other answer comes.
    fn note_refusal(&mut self, error: Error) {
        if self.until == Until::Ended
            && let Some(error) = self.outage.note(error, Instant::now(), true)
        {
            self.error.get_or_insert(error);
        }
    }
}
