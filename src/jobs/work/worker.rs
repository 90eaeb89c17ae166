//! One worker of a job: it sends, looks and loads at the same time, each as far as it may, so that none
//! of them waits for the others.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt,
    future::BoxFuture,
    stream::{FuturesUnordered, StreamExt},
};
use tokio::task::JoinHandle;

use super::{
    super::{
        job::Job,
        progress::{JobState, Progress},
    },
    look::{Clock, Habits, RUN_FAILED},
    send::{self, Sent, Start},
    settle::{OnFailed, Settled},
    wait::Outage,
};
use crate::{
    api::agents::{RunPhase, RunState},
    client::{limit::now, spending},
    error::{Error, ErrorKind, Result, RustFace},
    ledger::{BatchRecord, BatchState, Ended, Finished},
};

/// The longest time between two looks into the ledger, so that what other processes did is seen.
const LONGEST_ROUND: Duration = Duration::from_secs(30);
/// How soon the ledger is read again where only others have something to do.
const OTHERS: Duration = Duration::from_secs(1);
/// The shortest time between two reports of a job's progress.
const REPORTS: Duration = Duration::from_millis(200);
/// Reading all batches and all sums takes at most one part of so many of the time.
const READING: u32 = 10;
/// The first pause after a sending that failed, and the longest.
const SEND_AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// What ends the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// There is nothing to do now. Every failure is an error, once all else is done.
    Idle,
    /// Nothing more will happen. Failures that pass are borne for a while.
    Ended,
}

/// When a batch may be sent next.
#[derive(Debug, Clone, Copy)]
enum Sending {
    Open,
    /// Not before this: the rate limit or a failure holds it back.
    From(Instant),
    /// There is nothing to send before something else happens.
    Nothing,
    /// Nothing is sent any more: a sending failed, or nothing may be spent.
    Closed,
}

type Looked = (BatchRecord, Result<RunState>, Option<u64>);
type Fetched = (u32, Result<Option<Instant>>);

/// See the module.
pub(super) struct Worker<'a> {
    job: &'a Job,
    until: Until,
    on_failed: OnFailed,
    /// Runs that are looked at when their time comes.
    accepted: HashMap<u32, BatchRecord>,
    to_look: BinaryHeap<Reverse<(Instant, u32)>>,
    /// Runs whose results are loaded when their time comes.
    completed: HashMap<u32, BatchRecord>,
    to_load: BinaryHeap<Reverse<(Instant, u32)>>,
    /// Those that are being looked at or loaded now.
    under_way: HashSet<u32>,
    failed: Vec<BatchRecord>,
    /// A person has to decide about these; nothing is sent before that.
    doubtful: Option<Error>,
    /// When the ledger was read last, and what it took.
    read: Option<(Instant, Duration)>,
    /// Something happened since then that changes more than one batch.
    changed: bool,
    sending: Sending,
    sends_failed: u32,
    /// The rate limit lets no run be looked at before this.
    looks_from: Option<Instant>,
    looks: FuturesUnordered<BoxFuture<'a, Looked>>,
    loads: FuturesUnordered<BoxFuture<'a, Fetched>>,
    sends: FuturesUnordered<JoinHandle<Result<Sent>>>,
    pub outage: Outage,
    /// What ends the work, once what is under way has ended.
    error: Option<Error>,
    /// The last progress, when it was read, and what that took.
    pub last: Option<(Progress, Instant, Duration)>,
}

impl<'a> Worker<'a> {
    pub fn new(job: &'a Job, until: Until, on_failed: OnFailed) -> Self {
        Self {
            job,
            until,
            on_failed,
            accepted: HashMap::new(),
            to_look: BinaryHeap::new(),
            completed: HashMap::new(),
            to_load: BinaryHeap::new(),
            under_way: HashSet::new(),
            failed: Vec::new(),
            doubtful: None,
            read: None,
            changed: false,
            sending: Sending::Open,
            sends_failed: 0,
            looks_from: None,
            looks: FuturesUnordered::new(),
            loads: FuturesUnordered::new(),
            sends: FuturesUnordered::new(),
            outage: Outage::new(job.options().outage),
            error: None,
            last: None,
        }
    }

    /// Works until there is nothing more to do, in the sense of [`Until`].
    ///
    /// # Errors
    /// The first error that is not borne, once what is under way has ended.
    pub async fn run(&mut self, report: &mut (dyn FnMut(&Progress) + Send)) -> Result<Progress> {
        // Before anything else is decided: what these batches became is known.
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

    /// Pauses after a failure of the ledger that passes by itself; hands every other error back.
    async fn bear(&mut self, error: Error) -> Result<()> {
        if self.until == Until::Idle || !error.facts().passing {
            return Err(error);
        }
        tracing::warn!(key = self.job.key(), %error, "the ledger cannot be used now");
        self.outage.note_ledger(error, Instant::now())?;
        tokio::time::sleep(SEND_AGAIN.0).await;
        Ok(())
    }

    /// Whether something is under way and the API has answered nothing since the work began.
    pub fn waits_in_vain(&self) -> bool {
        !(self.outage.reached || self.looks.is_empty() && self.loads.is_empty())
    }

    /// The runs that are in flight, as far as is known.
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
        self.start_looks().await?;
        self.start_sends().await?;
        if self.looks.is_empty() && self.loads.is_empty() && self.sends.is_empty() {
            return self.rest(report).await;
        }
        let next = tokio::time::Instant::from_std(self.next());
        tokio::select! {
            Some(looked) = self.looks.next(), if !self.looks.is_empty() => {
                self.looked(looked).await?;
            }
            Some(loaded) = self.loads.next(), if !self.loads.is_empty() => self.loaded(loaded),
            Some(sent) = self.sends.next(), if !self.sends.is_empty() => {
                self.sent(send::outcome(sent));
            }
            () = tokio::time::sleep_until(next) => return Ok(None),
        }
        if self.until == Until::Ended && self.next_report().is_none() {
            let progress = self.progress().await?;
            report(&progress);
        }
        Ok(None)
    }

    /// Nothing is under way: decides whether that is the end, and waits for the next thing to do.
    async fn rest(
        &mut self,
        report: &mut (dyn FnMut(&Progress) + Send),
    ) -> Result<Option<Progress>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.changed {
            self.read = None;
            return Ok(None);
        }
        if let Some(soon) = self.next_report()
            && self.until == Until::Ended
            && !(self.accepted.is_empty() && self.completed.is_empty())
        {
            // It has not ended, and was reported a moment ago.
            let next = self.next().min(soon);
            tokio::time::sleep_until(tokio::time::Instant::from_std(next)).await;
            return Ok(None);
        }
        let mut progress = self.progress().await?;
        let state = progress.state;
        if state == JobState::Running {
            let next = self.next().saturating_duration_since(Instant::now());
            progress.next = next.min(LONGEST_ROUND).as_secs_f64();
        }
        report(&progress);
        match state {
            JobState::InDoubt => {
                return match self.doubtful.take() {
                    Some(doubtful) => Err(doubtful),
                    // It came into being since the batches were read.
                    None => self.look_again(),
                };
            }
            JobState::Running if progress.sums.in_flight == 0 => {
                if !self.job.options().spend {
                    return Ok(Some(progress));
                }
                spending::allowed()?;
            }
            JobState::Running => {}
            JobState::BudgetSpent | JobState::Done => {
                if progress.sums.failed != self.failed.len() as u64 {
                    return self.look_again();
                }
                return match self.job.settle_failed(&self.failed, self.on_failed).await? {
                    Settled::AsItWas => Ok(Some(progress)),
                    Settled::Changed => {
                        self.sending = Sending::Open;
                        self.look_again()
                    }
                    Settled::Raise(error) => Err(error),
                };
            }
        }
        let next = self.next();
        if self.until == Until::Idle && next > Instant::now() {
            return Ok(Some(progress));
        }
        tokio::time::sleep_until(tokio::time::Instant::from_std(next)).await;
        Ok(None)
    }

    /// When the progress is to be read again; `None` if that is now.
    fn next_report(&self) -> Option<Instant> {
        let (_, at, took) = self.last.as_ref()?;
        let next = *at + REPORTS.max(took.saturating_mul(READING));
        (next > Instant::now()).then_some(next)
    }

    fn look_again(&mut self) -> Result<Option<Progress>> {
        self.read = None;
        Ok(None)
    }

    async fn progress(&mut self) -> Result<Progress> {
        let begun = Instant::now();
        let progress = self.job.progress().await?;
        self.last = Some((progress.clone(), begun, begun.elapsed()));
        Ok(progress)
    }

    /// When there is something to start, as far as is known.
    fn next(&self) -> Instant {
        let reading = self.read.map(|(at, took)| at + self.reading(took));
        [self.next_start(), reading].into_iter().flatten().min().unwrap_or_else(Instant::now)
    }

    /// When a look, a load or a sending may start next.
    fn next_start(&self) -> Option<Instant> {
        let options = self.job.options();
        let look = self
            .to_look
            .peek()
            .map(|Reverse((due, _))| self.looks_from.map_or(*due, |from| from.max(*due)));
        let look = look.filter(|_| self.may_look());
        let load = self.to_load.peek().map(|Reverse((due, _))| *due);
        let load = load.filter(|_| self.loads.len() < options.reads_at_once);
        let send = match self.sending {
            Sending::From(at) if self.may_send() => Some(at),
            _ => None,
        };
        [look, load, send].into_iter().flatten().min()
    }

    /// How long what the ledger said is good for. What this worker does itself, it knows.
    fn reading(&self, took: Duration) -> Duration {
        let dear = took.saturating_mul(READING);
        if self.changed {
            dear
        } else if self.next_start().is_none() {
            // Others may be at work on the job: it is they who are waited for.
            dear.max(OTHERS)
        } else {
            dear.max(LONGEST_ROUND)
        }
    }

    fn is_stale(&self) -> bool {
        self.read.is_none_or(|(at, took)| at.elapsed() >= self.reading(took))
    }

    fn may_look(&self) -> bool {
        !self.is_closing() && self.looks.len() < self.job.options().reads_at_once
    }

    fn may_send(&self) -> bool {
        let options = self.job.options();
        options.spend
            && self.doubtful.is_none()
            && !self.is_closing()
            && self.sends.len() < options.sends_at_once
    }

    /// Reads what the ledger knows of the batches, and decides about those in doubt.
    async fn read_batches(&mut self) -> Result<()> {
        let id = self.job.inner.id;
        loop {
            let begun = Instant::now();
            let batches = self
                .job
                .inner
                .ledger
                .run(move |store| {
                    store.find_doubt(id)?;
                    store.batches(id)
                })
                .await?;
            self.outage.ledger_works();
            self.doubtful = match self.job.settle_doubt(&batches).await? {
                Settled::AsItWas => None,
                Settled::Raise(error) => Some(error),
                Settled::Changed => continue,
            };
            self.read = Some((begun, begun.elapsed()));
            self.changed = false;
            if matches!(self.sending, Sending::Nothing) {
                self.sending = Sending::Open;
            }
            self.keep(batches);
            return Ok(());
        }
    }

    fn keep(&mut self, batches: Vec<BatchRecord>) {
        let habits = Habits::of(&batches);
        self.job.habits(|known| *known = habits);
        let at_once = Instant::now();
        self.to_look.clear();
        self.to_load.clear();
        self.accepted.clear();
        self.completed.clear();
        self.failed.clear();
        for batch in batches {
            let number = batch.number;
            let (records, heap) = match batch.state {
                BatchState::Accepted if batch.run_id.is_some() => {
                    (&mut self.accepted, &mut self.to_look)
                }
                BatchState::Completed => (&mut self.completed, &mut self.to_load),
                BatchState::Failed => {
                    self.failed.push(batch);
                    continue;
                }
                _ => continue,
            };
            if !self.under_way.contains(&number) {
                let due = self.job.clocks(|clocks| {
                    clocks.entry(number).or_insert(Clock { due: at_once, looks: 0 }).due
                });
                heap.push(Reverse((due, number)));
            }
            records.insert(number, batch);
        }
    }

    /// Notes an error: the work ends with it, unless it is one that passes and is borne.
    fn note(&mut self, error: Error) {
        tracing::warn!(key = self.job.key(), %error, "job");
        let borne = self.until == Until::Ended;
        if let Some(error) = self.outage.note(error, Instant::now(), borne) {
            self.error.get_or_insert(error);
        }
    }

    fn is_closing(&self) -> bool {
        self.until == Until::Ended && self.error.is_some()
    }

    fn start_loads(&mut self) {
        let now = Instant::now();
        while self.loads.len() < self.job.options().reads_at_once
            && let Some(Reverse((due, number))) = self.to_load.peek().copied()
            && due <= now
        {
            self.to_load.pop();
            let Some(batch) = self.completed.get(&number).cloned() else { continue };
            let job = self.job;
            self.under_way.insert(number);
            self.loads.push(async move { (number, job.load_batch(batch).await) }.boxed());
        }
    }

    async fn start_looks(&mut self) -> Result<()> {
        let now = Instant::now();
        if self.looks_from.is_some_and(|from| from > now) {
            return Ok(());
        }
        self.looks_from = None;
        while self.may_look()
            && let Some(Reverse((due, number))) = self.to_look.peek().copied()
            && due <= now
        {
            if let Some(wait) = self.job.inner.client.try_look().await? {
                self.looks_from = Some(Instant::now() + wait);
                return Ok(());
            }
            self.to_look.pop();
            let Some(batch) = self.accepted.get(&number).cloned() else { continue };
            let job = self.job;
            let look = async move {
                let state = job.look_at(number, batch.run_id.as_deref().unwrap_or_default()).await;
                let failed = state.as_ref().is_ok_and(|state| state.phase() == RunPhase::Failed);
                let cost = if failed { job.cost_of_failed(&batch).await } else { None };
                (batch, state, cost)
            };
            self.under_way.insert(number);
            self.looks.push(look.boxed());
        }
        Ok(())
    }

    async fn start_sends(&mut self) -> Result<()> {
        if matches!(self.sending, Sending::From(at) if at <= Instant::now()) {
            self.sending = Sending::Open;
        }
        while matches!(self.sending, Sending::Open) && self.may_send() {
            if spending::allowed().is_err() {
                self.sending = Sending::Closed;
                return Ok(());
            }
            match self.job.start_next().await? {
                Start::Sending(sending) => self.sends.push(sending),
                Start::Held(wait) => self.sending = Sending::From(Instant::now() + wait),
                Start::Nothing => self.sending = Sending::Nothing,
            }
        }
        Ok(())
    }

    fn sent(&mut self, sent: Result<Sent>) {
        let error = match sent {
            Ok(Sent { batch, due }) => {
                self.outage.answered();
                self.sends_failed = 0;
                self.to_look.push(Reverse((due, batch.number)));
                self.accepted.insert(batch.number, batch);
                let open = self.accepted.len();
                self.job.habits(|habits| habits.open = open);
                return;
            }
            Err(error) => error,
        };
        let pause = match error.kind() {
            ErrorKind::RateLimit => {
                let told = error.facts().retry_after;
                let told = told.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                self.note_refusal(error);
                told.unwrap_or_default()
            }
            // The ledger has it: it is raised once all else is loaded, or decided about at once.
            ErrorKind::OutcomeUnknown => {
                tracing::warn!(key = self.job.key(), %error, "a batch is in doubt");
                self.outage.answered();
                self.read = None;
                return;
            }
            _ => {
                // No further batch goes out after a failure; those under way are awaited.
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

    /// Notes a 429: it is an answer, but a wait does not go on for ever with nothing else.
    fn note_refusal(&mut self, error: Error) {
        if self.until == Until::Ended
            && let Some(error) = self.outage.note(error, Instant::now(), true)
        {
            self.error.get_or_insert(error);
        }
    }

    async fn looked(&mut self, first: Looked) -> Result<()> {
        let (mut ended, mut completed) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        // All that were answered meanwhile are written down together.
        while let Some((batch, state, cost)) = next {
            self.under_way.remove(&batch.number);
            if let Some(end) = self.phase(&batch, state, cost).await? {
                let run_id = batch.run_id.clone().unwrap_or_default();
                self.accepted.remove(&batch.number);
                self.job.clocks(|clocks| clocks.remove(&batch.number));
                let (number, done) = (batch.number, end == Ended::Completed);
                ended.push(Finished { number, run_id, end });
                if done {
                    let (state, finished_at) = (BatchState::Completed, Some(now()));
                    completed.push(BatchRecord { state, finished_at, ..batch });
                } else {
                    self.changed = true;
                }
            }
            next = self.looks.next().now_or_never().flatten();
        }
        if ended.is_empty() {
            return Ok(());
        }
        let id = self.job.inner.id;
        if let Err(error) = self.job.inner.ledger.run(move |store| store.finish(id, &ended)).await {
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

    /// What an answer about a run means; `None` if it still runs, as far as is known.
    async fn phase(
        &mut self,
        batch: &BatchRecord,
        state: Result<RunState>,
        cost: Option<u64>,
    ) -> Result<Option<Ended>> {
        let (number, run_id) = (batch.number, batch.run_id.as_deref().unwrap_or_default());
        if state.is_ok() {
            self.outage.answered();
            if batch.unknown_since.is_some() {
                self.job.unknown_since(number, run_id, false).await?;
                if let Some(batch) = self.accepted.get_mut(&number) {
                    batch.unknown_since = None;
                }
            }
        }
        let error = match state.map(|state| state.phase()) {
            Ok(RunPhase::Completed) => return Ok(Some(Ended::Completed)),
            Ok(RunPhase::Failed) => {
                return Ok(Some(Ended::Failed { why: RUN_FAILED.to_owned(), credits: cost }));
            }
            Ok(RunPhase::Running) => {
                self.look_later(number);
                return Ok(None);
            }
            Err(error) => error,
        };
        match error.kind() {
            // It may not know a new run yet; one that it does not get to know would keep the job
            // from ever ending. A person can still name the right run.
            ErrorKind::NotFound => {
                self.outage.answered();
                tracing::warn!(key = self.job.key(), batch = number, %error, "an unknown run");
                let patience = self.job.options().patience;
                if self.job.unknown_since(number, run_id, true).await? >= patience {
                    let why = error.without_advice(&RustFace);
                    let why = format!("the API does not know run {run_id} ({why})");
                    return Ok(Some(Ended::failed(why)));
                }
                if let Some(batch) = self.accepted.get_mut(&number) {
                    batch.unknown_since.get_or_insert(now());
                }
            }
            ErrorKind::RateLimit => self.note_refusal(error),
            _ => self.note(error),
        }
        self.look_later(number);
        Ok(None)
    }

    fn look_later(&mut self, number: u32) {
        self.to_look.push(Reverse((self.job.later(number), number)));
    }

    fn loaded(&mut self, (number, loaded): Fetched) {
        self.under_way.remove(&number);
        match loaded {
            Ok(None) => {
                self.completed.remove(&number);
                // It gives back the credits that it did not use, and the ids that it did not reach.
                if matches!(self.sending, Sending::Nothing) {
                    self.sending = Sending::Open;
                }
            }
            Ok(Some(due)) => self.to_load.push(Reverse((due, number))),
            Err(error) => {
                self.note(error);
                let due = self.job.clocks(|clocks| clocks.get(&number).map(|clock| clock.due));
                let soonest = Instant::now() + SEND_AGAIN.0;
                let due = due.map_or(soonest, |due| due.max(soonest));
                self.to_load.push(Reverse((due, number)));
            }
        }
    }
}
