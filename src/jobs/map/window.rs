//! Sends the calls of a job in parallel, as the rate limit, the budget and the concurrency allow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};

use super::{
    kind::{Answer, Fields, Kind, NOTHING, RowAnswer},
    other_jobs::{Others, look_after},
    requests::Requests,
    suppressed_rows::SuppressedRows,
};
use crate::{
    Client,
    api::LimitClass,
    client::{CallOptions, limit::sleep_until},
    error::{Error, ErrorKind, Result, RustFace},
    ledger::{
        Answered, Claimed, Claims, Event, Ledger, Peek, Step, Store, Turn, Wanted,
        memory::{self, Parts, WHOLE},
        rules::Sums,
    },
    process::{
        clock::now,
        under_way::{self, UnderWay},
    },
};

/// How long to wait for further answers before recording some together; far shorter than a call.
const SOON: Duration = Duration::from_millis(1);
/// How long to wait before asking the ledger again what other processes did.
const OTHERS: Duration = Duration::from_millis(500);
/// Minimum time between two reports of the sums.
const REPORTS: Duration = Duration::from_millis(200);
/// After this many calls in doubt in a row, nothing more is sent: an API whose answers cannot be
/// used would be paid for nothing.
const MOST_DOUBTS: u32 = 3;
/// Number of answers after which they are folded into the memory, so that a claim has few of them
/// to search.
const REMEMBER: usize = 1_000;

/// What is sent, and for which job.
pub struct Calls {
    pub client: Client,
    pub ledger: Ledger,
    pub job: i64,
    pub kind: &'static Kind,
    pub shared: Fields,
    /// Fields that this version does not know, for each call.
    pub extra: Fields,
    pub requests: Arc<Requests>,
    /// The question that the calls ask, in the memory of records.
    pub question: Option<i64>,
    pub concurrency: usize,
    /// Set when the result is no longer awaited: nothing more is sent, and answers of calls in
    /// flight are recorded.
    pub stop: Arc<AtomicBool>,
    /// Whether to end once the rate limit holds the next call back.
    pub once: bool,
    /// The rows that are not sent.
    pub suppressed: SuppressedRows,
}

/// A call in flight.
type Flight = BoxFuture<'static, Landed>;

type Landed = (Claimed, Result<Answer>, UnderWay);

/// Calls in flight, as many as the concurrency allows. One that ends makes room for the next.
pub struct Window {
    calls: Calls,
    flights: FuturesUnordered<Flight>,
    /// Outcomes that are not recorded yet.
    ended: Vec<Step>,
    /// Keeps the process from ending before these outcomes are recorded.
    unwritten: Vec<UnderWay>,
    /// Whether the ledger may have more to send.
    more: bool,
    doubts: u32,
    /// Number of answers that are not in the memory yet.
    unremembered: usize,
    /// An error that would affect every further call.
    stopped: Option<Error>,
}

impl Window {
    pub fn new(calls: Calls) -> Self {
        Self {
            calls,
            flights: FuturesUnordered::new(),
            ended: Vec::new(),
            unwritten: Vec::new(),
            more: true,
            doubts: 0,
            unremembered: 0,
            stopped: None,
        }
    }

    /// Sends until all calls of the job have ended, or nothing more can be sent. `report` gets the
    /// sums from time to time and at the end.
    ///
    /// # Errors
    /// If an error would affect every further call. Calls in flight are awaited and recorded first.
    pub async fn run(mut self, mut report: impl FnMut(&Sums) + Send) -> Result<()> {
        let done = self.work(&mut report).await;
        if let Ok(sums) = self.ask(|store, job| store.sums(job)).await {
            report(&sums);
        }
        done
    }

    async fn work(&mut self, report: &mut (dyn FnMut(&Sums) + Send)) -> Result<()> {
        let mut reported = Instant::now();
        let requests = Arc::clone(&self.calls.requests);
        self.calls.suppressed.look(&self.calls.ledger, self.calls.job, &requests).await?;
        self.more = self.ask(|store, job| store.peek(job)).await? == Peek::Ready;
        loop {
            if self.calls.stop.load(Ordering::Relaxed) || under_way::is_ending() {
                self.stopped.get_or_insert_with(Error::interrupted);
            }
            let requests = Arc::clone(&self.calls.requests);
            let (ledger, job) = (&self.calls.ledger, self.calls.job);
            if let Err(error) = self.calls.suppressed.look_again(ledger, job, &requests).await {
                self.stopped.get_or_insert(error);
            }
            let (slots, wait) = self.slots().await;
            if !slots.is_empty() || !self.ended.is_empty() {
                self.turn(slots).await;
                if reported.elapsed() > REPORTS {
                    reported = Instant::now();
                    if let Ok(sums) = self.ask(|store, job| store.sums(job)).await {
                        report(&sums);
                    }
                }
                continue;
            }
            if self.flights.is_empty() {
                if let Some(error) = self.stopped.take() {
                    return Err(error);
                }
                if wait.is_some() && self.calls.once {
                    return Ok(());
                }
                if wait.is_none() {
                    match self.others().await? {
                        Others::None | Others::InDoubt(_) => return Ok(()),
                        Others::Asking if self.calls.once => return Ok(()),
                        Others::Changed if self.more => continue,
                        Others::Changed | Others::Asking => {}
                    }
                }
            }
            let idle = self.flights.is_empty().then_some(OTHERS);
            let pause = wait.map(|wait| wait.min(OTHERS)).or(idle);
            let free = async {
                match pause {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
            };
            let landed = tokio::select! {
                Some(landed) = self.flights.next() => Some(landed),
                () = free => None,
            };
            if let Some(landed) = landed {
                self.land(landed);
                self.gather().await;
            }
        }
    }

    /// Waits briefly for further answers, up to half of the calls in flight, so that they are
    /// recorded together with a single wait for the disk.
    async fn gather(&mut self) {
        let half = self.calls.concurrency / 2;
        let soon = tokio::time::sleep(SOON);
        tokio::pin!(soon);
        while self.flights.len() > half {
            tokio::select! {
                Some(landed) = self.flights.next() => self.land(landed),
                () = &mut soon => return,
            }
        }
    }

    /// The times at which calls may leave, and how long the rate limit holds the next one back.
    ///
    /// A slot is taken before a call is recorded as being sent, so that waiting for the limit
    /// cannot leave it in doubt.
    async fn slots(&mut self) -> (Vec<i64>, Option<Duration>) {
        let mut slots = Vec::new();
        let free = self.calls.concurrency.max(1).saturating_sub(self.flights.len());
        while self.more && self.stopped.is_none() && slots.len() < free {
            let most = u32::try_from(free - slots.len()).unwrap_or(u32::MAX);
            match self.calls.client.try_slots(self.class(), most, !self.calls.once).await {
                Ok(Ok(taken)) => slots.extend(taken),
                Ok(Err(wait)) => return (slots, Some(wait)),
                // Calls in flight are still awaited.
                Err(error) => self.stopped = Some(error),
            }
        }
        (slots, None)
    }

    fn class(&self) -> LimitClass {
        self.calls.kind.class
    }

    /// Queries the ledger about the job, without borrowing the calls in flight.
    fn ask<T, Q>(&self, question: Q) -> impl Future<Output = Result<T>> + Send + use<T, Q>
    where
        T: Send + 'static,
        Q: FnOnce(&dyn Store, i64) -> Result<T> + Send + 'static,
    {
        let (ledger, job) = (self.calls.ledger.clone(), self.calls.job);
        async move { ledger.run(move |store| question(store, job)).await }
    }

    /// Whether another process is working on the job, another job is asking for its records, or
    /// there is something to send again.
    async fn others(&mut self) -> Result<Others> {
        let look = |store: &dyn Store, job| {
            store.find_doubt(job)?;
            let sums = store.sums(job)?;
            // Other processes of this same job are waited for first, because they may also plan
            // what was held back.
            let others = if sums.in_flight > 0 { Others::Changed } else { look_after(store, job)? };
            Ok((others, store.peek(job)?))
        };
        let (others, peek) = self.ask(look).await?;
        self.more = peek == Peek::Ready;
        Ok(if self.more { Others::Changed } else { others })
    }

    /// Starts to fold answers into the memory, without waiting for it.
    fn remember(&mut self) {
        let Some(question) = self.calls.question else { return };
        if self.unremembered < REMEMBER {
            return;
        }
        self.unremembered = 0;
        let ledger = self.calls.ledger.clone();
        // If it fails, the next job folds them.
        tokio::spawn(async move { ledger.run(move |store| store.remember(question)).await });
    }

    /// Records outcomes and claims the calls that leave now, while calls in flight continue.
    async fn turn(&mut self, slots: Vec<i64>) {
        let timeouts = self.calls.client.config().timeouts;
        let longest = timeouts.connect + timeouts.total + Duration::from_secs(60);
        let until = now().saturating_add(i64::try_from(longest.as_micros()).unwrap_or(i64::MAX));
        let most = u32::try_from(slots.len()).unwrap_or(u32::MAX);
        // Makes the end of the process wait for this claim. Which of the two came first is known
        // once the flag is read.
        let _claiming = (most > 0).then(under_way::begin);
        let wanted = (most > 0 && !under_way::is_ending()).then_some(Wanted { most, until });
        let (job, steps) = (self.calls.job, std::mem::take(&mut self.ended));
        let written = std::mem::take(&mut self.unwritten);
        let ledger = self.calls.ledger.clone();
        let own = steps.clone();
        self.unremembered += steps.len();
        let turn = async move { ledger.turn_at_once(job, own, wanted).await };
        tokio::pin!(turn);
        let done = loop {
            tokio::select! {
                done = &mut turn => break done,
                Some(landed) = self.flights.next() => self.land(landed),
            }
        };
        drop(written);
        let mut slots = slots.into_iter();
        match done {
            Ok(Turn { claims: Some(Claims { units, then }), .. }) => {
                self.more = then == Peek::Ready;
                for claimed in units {
                    let flight = self.flight(claimed, slots.next());
                    self.flights.push(flight);
                }
            }
            // What ended may have released a part of the budget.
            Ok(_) => self.more = true,
            Err(error) => {
                // A paid answer must not be lost because the disk is full.
                self.calls.ledger.hold(job, steps);
                self.stopped.get_or_insert(error);
            }
        }
        self.calls.client.give_back(self.class(), slots);
        self.remember();
    }

    fn flight(&self, claimed: Claimed, departure: Option<i64>) -> Flight {
        let kind = self.calls.kind;
        // Suppressed rows are left out of the call, and the answers are put back into the places of
        // the others.
        let places = self.calls.requests.places(&claimed.ids, claimed.first, claimed.count);
        let count = places.len();
        let kept: Vec<usize> =
            (0..count).filter(|at| !self.calls.suppressed.has(places[*at])).collect();
        if kept.is_empty() && count > 0 {
            let rows = (0..count).map(|_| RowAnswer::nothing()).collect();
            let answer = Answer { rows, credits: Some(0.0), body: None };
            let under_way = under_way::begin();
            return Box::pin(async move { (claimed, Ok(answer), under_way) });
        }
        let sent: Vec<&Fields> =
            kept.iter().filter_map(|at| self.calls.requests.get(places[*at])).collect();
        let mut fields = kind.request(&self.calls.shared, &sent);
        if kind.bounded {
            fields.insert("max_credits".to_owned(), claimed.max_credits.into());
        }
        let options = CallOptions {
            idempotency_key: Some(claimed.idempotency_key.clone()),
            slot_taken: true,
            leave_by: Some(claimed.sending_until),
            extra: self.calls.extra.clone(),
            ..CallOptions::default()
        };
        let answer = (kind.send)(self.calls.client.clone(), fields, options);
        // The end of the process waits a while for the answer, and until the window has recorded
        // it.
        let under_way = under_way::begin();
        let stop = Arc::clone(&self.calls.stop);
        Box::pin(async move {
            if let Some(departure) = departure {
                sleep_until(departure).await;
                if stop.load(Ordering::Relaxed) || under_way::is_ending() {
                    return (claimed, Err(Error::interrupted()), under_way);
                }
            }
            let answer = answer.await.map(|answer| spread(answer, &kept, count));
            (claimed, answer, under_way)
        })
    }

    /// Processes the outcome of a call. An error that stops all further calls is kept.
    fn land(&mut self, (claimed, answer, under_way): Landed) {
        self.unwritten.push(under_way);
        let event = match answer {
            Ok(answer) => {
                self.doubts = 0;
                Event::Answer(answered(self.calls.kind, answer))
            }
            Err(error) if error.is(ErrorKind::OutcomeUnknown) => {
                self.doubts += 1;
                let said = error.without_advice(&RustFace);
                let body = error.facts().body.clone();
                if self.doubts >= MOST_DOUBTS {
                    self.stopped.get_or_insert(error);
                }
                Event::Doubt { error: said, run_id: None, body }
            }
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Validation | ErrorKind::NotFound | ErrorKind::Server
                ) =>
            {
                let failure = Some(error.without_advice(&RustFace));
                // It has failed, but may have cost something nevertheless.
                let credits = Some(error.facts().consumed.map_or(0, |spent| spent.ceil() as u64));
                Event::Answer(Answered { credits, failure, ..Answered::default() })
            }
            Err(error) => {
                let (said, cost) = (error.without_advice(&RustFace), error.facts().consumed);
                self.stopped.get_or_insert(error);
                Event::refused(said, cost)
            }
        };
        self.ended.push(Step {
            number: claimed.number,
            sending: Some(claimed.idempotency_key),
            event,
        });
    }
}

/// Puts answers in their places among all rows of a call, of which only some were sent.
pub(super) fn spread(answer: Answer, kept: &[usize], count: usize) -> Answer {
    if kept.len() == count || answer.rows.len() != kept.len() {
        return answer;
    }
    let mut rows: Vec<RowAnswer> = (0..count).map(|_| RowAnswer::nothing()).collect();
    for (at, row) in kept.iter().zip(answer.rows) {
        rows[*at] = row;
    }
    Answer { rows, ..answer }
}

/// The answer of a call, as the ledger stores it.
pub(super) fn answered(kind: &Kind, answer: Answer) -> Answered {
    let count = answer.rows.len();
    let single = count == 1;
    // An answer that does not give its cost counts with the maximum that it may have cost.
    let credits = answer.credits.map(|credits| credits.ceil().max(0.0) as u64);
    let each = credits.map(|credits| credits.div_ceil(count.max(1) as u64));
    let each = each.map(|each| u16::try_from(each).unwrap_or(u16::MAX));
    let (mut failure, mut records) = (None, Vec::new());
    let mut rows = Vec::with_capacity(count);
    for RowAnswer { json, failure: failed } in answer.rows {
        if kind.is_remembered() {
            // What the call said about a record that failed is unknown, so the record is asked for
            // again.
            let unsaid = failed.is_some() || json == NOTHING;
            let flags = if unsaid { 0 } else { flags(kind, &json) };
            records.push(memory::Answer { flags, credits: each });
        }
        if single {
            failure = failed;
        }
        rows.push(json);
    }
    Answered { credits, failure, rows, body: answer.body, records }
}

/// What the memory records about an answer.
pub(super) fn flags(kind: &Kind, answer: &str) -> Parts {
    if kind.is_found(answer) { WHOLE | memory::found(WHOLE) } else { WHOLE }
}
