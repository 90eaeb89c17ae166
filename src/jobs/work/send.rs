//! Sends a job's batches. Each is recorded before it is sent, and so is its answer before anything
//! else happens.

use std::time::{Duration, Instant};

use tokio::task::{JoinError, JoinHandle};

use super::super::{job::Job, plan::BatchCall};
use crate::{
    api::{
        LimitClass,
        agents::{BatchAccepted, BatchKind},
    },
    client::{Answered, CallOptions, limit::sleep_until},
    error::{Advice, Error, ErrorKind, Result, RustFace},
    ledger::{Accepted, BatchRecord, BatchState, Claimed, Claims, Event, Peek, Step, Wanted},
    process::{
        clock::now,
        under_way::{self, UnderWay},
    },
};

/// Delays between attempts to record an accepted run. They end before the shortest work on a job does,
/// so that its caller is told.
const WRITE_AGAIN: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
];

/// A run that the API accepted, for one sending of a batch.
#[derive(Debug, Clone, PartialEq)]
struct Unwritten {
    number: u32,
    /// The idempotency key of the sending.
    sending: String,
    run: Accepted,
}

/// A batch that was sent and accepted.
#[derive(Debug)]
pub(super) struct Sent {
    /// The batch as the ledger stores it now.
    pub batch: BatchRecord,
    /// When to poll it.
    pub due: Instant,
}

/// A batch that is being sent. Once the API has accepted it, the next one may be sent while its run
/// is being recorded.
pub(super) type Sending = JoinHandle<Result<Recording>>;
/// A batch that the API has accepted, and whose run is being recorded.
pub(super) type Recording = JoinHandle<Result<Sent>>;

/// Batches that are being sent now, and what comes next.
pub(super) struct Started {
    pub sendings: Vec<Sending>,
    pub then: Next,
    /// Why nothing can be sent from this machine.
    pub unsendable: Option<Error>,
}

/// What can be sent after some batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// More, according to the ledger.
    More,
    /// More, but the rate limit delays it for this long.
    Held(Duration),
    /// Nothing now, because of the budget; loading a batch may release a part of it.
    Nothing,
    /// Nothing, because everything was sent.
    AllSent,
}

impl From<Peek> for Next {
    fn from(peek: Peek) -> Self {
        match peek {
            Peek::Ready => Self::More,
            Peek::Wait | Peek::BudgetSpent { .. } => Self::Nothing,
            Peek::AllSent => Self::AllSent,
        }
    }
}

impl Next {
    fn alone(self) -> Started {
        Started { sendings: Vec::new(), then: self, unsendable: None }
    }
}

fn task_ended(ended: JoinError) -> Error {
    Error::ledger(format!(
        "the sending of a batch was broken off ({ended}), and the batch is in doubt if it may have \
         arrived"
    ))
    .caused_by(ended)
}

/// The outcome of a sending, or of its recording.
pub(super) fn outcome<T>(ended: Result<Result<T>, JoinError>) -> Result<T> {
    ended.unwrap_or_else(|ended| Err(task_ended(ended)))
}

/// Why a batch is in doubt, with the status of the answer if there was one. Only the cause is
/// given, because the rest of the message is the same for every batch in doubt.
fn reason_of_doubt(error: &Error) -> String {
    let happened = error.cause().unwrap_or(error).happened();
    let Some(call) = error.call() else { return happened.to_owned() };
    let request = call.request_id.as_ref().map(|id| format!(", request {id}")).unwrap_or_default();
    match call.status {
        Some(status) => format!("status {status}{request}: {happened}"),
        None => happened.to_owned(),
    }
}

impl Job {
    /// Starts to send up to `most` batches, as far as the rate limit and the budget allow. `ready`:
    /// the ledger has said that there is a batch to send. `early`: batches may wait for slots of
    /// the next second.
    ///
    /// From the claim on, each batch is a task of its own: a caller who stops waiting (Ctrl-C, a
    /// cancelled task) must leave neither a claim that nobody sends nor a call whose answer nobody
    /// reads.
    pub(super) async fn start(&self, most: usize, ready: bool, early: bool) -> Result<Started> {
        if let Err(error) = self.check_records().await {
            return Ok(Started { unsendable: Some(error), ..Next::Nothing.alone() });
        }
        let (client, id) = (&self.inner.client, self.inner.id);
        let limited = client.per_minute(LimitClass::Batches)?.is_some();
        // Without this check a slot could be used for nothing.
        if limited && !ready {
            let next = Next::from(self.inner.ledger.run(move |store| store.peek(id)).await?);
            if next != Next::More {
                return Ok(next.alone());
            }
        }
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let departures = match client.try_slots(LimitClass::Batches, most, early).await? {
            Ok(departures) => departures,
            Err(wait) => return Ok(Next::Held(wait).alone()),
        };
        let job = self.clone();
        let under_way = under_way::begin();
        // The end of the process either waits for this claim, or has begun, and then nothing is
        // claimed.
        if under_way::is_ending() {
            client.give_back(LimitClass::Batches, departures);
            return Ok(Next::Nothing.alone());
        }
        let claiming = tokio::spawn(async move {
            let started = job.claim_and_send(departures).await;
            drop(under_way);
            started
        });
        claiming.await.unwrap_or_else(|ended| Err(task_ended(ended)))
    }

    /// Claims a batch for each departure, and sends each at its time.
    async fn claim_and_send(&self, departures: Vec<i64>) -> Result<Started> {
        let timeouts = self.inner.client.config().timeouts;
        let longest = timeouts.connect + timeouts.total + Duration::from_secs(60);
        let until = now().saturating_add(i64::try_from(longest.as_micros()).unwrap_or(i64::MAX));
        let most = u32::try_from(departures.len()).unwrap_or(u32::MAX);
        let wanted = Some(Wanted { most, until });
        let claimed = self.inner.ledger.turn(self.inner.id, Vec::new(), wanted).await;
        let mut departures = departures.into_iter();
        let started = claimed.map(|turn| {
            let claims = turn.claims.unwrap_or(Claims { units: Vec::new(), then: Peek::Wait });
            let mut sendings = Vec::with_capacity(claims.units.len());
            for claimed in claims.units {
                let (job, departure) = (self.clone(), departures.next());
                let under_way = under_way::begin();
                sendings.push(tokio::spawn(async move {
                    if let Some(departure) = departure {
                        sleep_until(departure).await;
                    }
                    job.send_batch(claimed, under_way).await
                }));
            }
            Started { sendings, then: claims.then.into(), unsendable: None }
        });
        self.inner.client.give_back(LimitClass::Batches, departures);
        started
    }

    /// Sends one batch. Returns once the API has accepted it, or once it is recorded that it has
    /// not.
    async fn send_batch(&self, claimed: Claimed, under_way: UnderWay) -> Result<Recording> {
        let (id, number) = (self.inner.id, claimed.number);
        let sending = claimed.idempotency_key.clone();
        let claim = BatchRecord::claimed(&claimed);
        let options = CallOptions {
            idempotency_key: Some(claimed.idempotency_key),
            slot_taken: true,
            no_throttle_retry: true,
            leave_by: Some(claimed.sending_until),
            extra: self.batch_request()?.extra.clone(),
            ..CallOptions::default()
        };
        let ledger = &self.inner.ledger;
        let ids = claimed.ids.clone();
        match self.post(claimed.kind, claimed.ids, claimed.max_credits, options).await {
            Ok(answered) => {
                self.sent_ids(|sent| sent.keep(number, &sending, ids));
                let run = Accepted {
                    run_id: answered.value.run_id.to_string(),
                    result_path: answered.value.result_path,
                    credits_path: answered.value.credits_csv_path,
                };
                let batch = BatchRecord {
                    state: BatchState::Accepted,
                    accepted_at: Some(now()),
                    run_id: Some(run.run_id.clone()),
                    result_path: Some(run.result_path.clone()),
                    credits_path: run.credits_path.clone(),
                    ..claim
                };
                let job = self.clone();
                Ok(tokio::spawn(async move {
                    let written = job.write_accepted(Unwritten { number, sending, run }).await;
                    drop(under_way);
                    written.map(|()| Sent { batch, due: job.later(number) })
                }))
            }
            Err(error) if error.is(ErrorKind::OutcomeUnknown) => {
                let reason = reason_of_doubt(&error);
                let run_id = error.call().and_then(|call| call.run_id.clone());
                // The answer was paid for, and a person may be able to read it.
                let body = error.facts().body.clone();
                let event = Event::Doubt { error: reason, run_id, body };
                ledger.keep(id, vec![Step { number, sending: Some(sending), event }]).await?;
                let job = self.key().to_owned();
                Err(error
                    .within(format_args!("job {job:?}, batch {number}"))
                    .with_job(&job)
                    .with_batch(number)
                    .advise(Advice::DecideBatches { job, batches: vec![number] }))
            }
            Err(error) => {
                let reason = error.without_advice(&RustFace);
                let event = Event::refused(reason, error.facts().consumed);
                ledger.keep(id, vec![Step { number, sending: Some(sending), event }]).await?;
                Err(error)
            }
        }
    }

    /// Records an accepted run. It is paid for, so its id must not be lost: if recording fails, it
    /// is retried now and at the beginning of each later round.
    async fn write_accepted(&self, accepted: Unwritten) -> Result<()> {
        let mut pauses = WRITE_AGAIN.into_iter();
        let error = loop {
            match self.accept(&accepted).await {
                Err(error) if error.is(ErrorKind::Ledger) => match pauses.next() {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => break error,
                },
                done => return done,
            }
        };
        let Unwritten { number, run, .. } = &accepted;
        let (run_id, result_path) = (&run.run_id, &run.result_path);
        let unwritten = Error::job(
            self.key(),
            format!(
                "batch {number} was accepted as run {run_id} with its result at {result_path}, and \
                 {}; this process writes the run down as soon as it can",
                error.happened()
            ),
        )
        .with_batch(*number)
        .caused_by(error)
        .advise(Advice::AttachResult {
            job: self.key().to_owned(),
            batch: *number,
            run: run_id.clone(),
            result: result_path.clone(),
        });
        tracing::error!(key = self.key(), error = %unwritten);
        let Unwritten { number, sending, run } = accepted;
        let step = Step { number, sending: Some(sending), event: Event::Accept(run) };
        self.inner.ledger.hold(self.inner.id, vec![step]);
        Err(unwritten)
    }

    async fn accept(&self, accepted: &Unwritten) -> Result<()> {
        let Unwritten { number, sending, run } = accepted;
        let taken = self.inner.ledger.accept(self.inner.id, *number, sending, run).await?;
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

    /// Records the outcomes of sendings that could not be recorded earlier.
    pub(super) async fn write_unwritten(&self) -> Result<()> {
        self.inner.ledger.deliver().await
    }

    /// Checks that batches can be sent, for which the contents of the records must be known.
    ///
    /// # Errors
    /// If there is something to send that is not known on this machine.
    pub(super) async fn check_records(&self) -> Result<()> {
        if !self.sends_records() || self.records().await?.is_some() {
            return Ok(());
        }
        let id = self.inner.id;
        match self.inner.ledger.run(move |store| store.peek(id)).await? {
            Peek::Ready => Err(self.without_records()),
            _ => Ok(()),
        }
    }

    fn without_records(&self) -> Error {
        let key = self.key();
        Error::job(
            key,
            format!(
                "job {key:?} has records to send, and what they say is not on this machine: the \
                 ledger holds only their hashes"
            ),
        )
        .advise(Advice::text("submit the same table again with the same key"))
    }

    async fn post(
        &self,
        kind: Option<BatchKind>,
        ids: Vec<String>,
        max_credits: u64,
        options: CallOptions,
    ) -> Result<Answered<BatchAccepted>> {
        let request = self.batch_request()?;
        let kind = kind.unwrap_or(request.kind);
        let call = if self.sends_records() {
            let records = self.records().await?.ok_or_else(|| self.without_records())?;
            request.call_of_records(kind, records.records(&ids)?, max_credits)
        } else {
            request.call(kind, ids, max_credits)
        };
        match call {
            BatchCall::Contact(call) => self.inner.client.call_with(&call, options).await,
            BatchCall::DeepResearch(call) => self.inner.client.call_with(&call, options).await,
        }
    }
}
