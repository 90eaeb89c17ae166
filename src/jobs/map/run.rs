//! Sends what is planned, call by call, as the rate limit, the budget and the concurrency allow.

use std::{collections::VecDeque, path::PathBuf, sync::Arc, time::Duration};

use arrow::array::RecordBatch;
use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde_json::{Map, Value};
use tokio_util::task::AbortOnDropHandle;

use super::{
    kind::{Answer, Kind, RowAnswer},
    store::{End, Job, Row, plan},
    table::table,
};
use crate::{
    Client,
    api::{Effect, matching::MAX_CANDIDATES},
    client::CallOptions,
    error::{Advice, Error, ErrorKind, Result, RustFace, Setting},
    jobs::OnInDoubt,
    process::runtime::aside,
};

/// For how long more answers are awaited before some are written down; far less than a call takes.
const SOON: Duration = Duration::from_millis(1);

/// Which calls to make, and within which limits.
pub struct MapRequest {
    pub kind: &'static Kind,
    /// What all rows share, for a call that takes several rows.
    pub shared: Map<String, Value>,
    /// One request a row, or one candidate.
    pub rows: Vec<Map<String, Value>>,
    pub max_credits: u64,
    /// What one row may cost; by default what the call's kind says.
    pub credits_per_row: Option<u64>,
    /// How many rows a call takes, for a call that takes several; by default 100.
    pub rows_per_call: Option<usize>,
    pub concurrency: usize,
    /// By default the hash of all of it.
    pub key: Option<String>,
    pub on_in_doubt: OnInDoubt,
    /// Where the rows are kept: [`Ledger::calls`](crate::jobs::Ledger::calls).
    pub calls: PathBuf,
}

/// Does what is asked, or goes on with it, and answers one row per request: `status` (`done`,
/// `failed`, `in_doubt`, `over_budget`), `error`, `credits`, and the columns of the answer.
///
/// # Errors
/// A request that does not hold to the contract (before anything is sent); what every further call
/// would meet too (a wrong key, no credits, no connection); or, at the end, that rows are in doubt.
/// Nothing is lost: the same call goes on.
pub async fn run(client: &Client, request: MapRequest) -> Result<RecordBatch> {
    let kind = request.kind;
    table(kind, &rows(client, request).await?)
}

/// [`run`], with the rows as they are kept.
pub(super) async fn rows(client: &Client, request: MapRequest) -> Result<Vec<Row>> {
    // On a thread of the runtime, where its connections are: a caller who blocks is far from them.
    let work = tokio::spawn(work(client.clone(), request));
    match AbortOnDropHandle::new(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::config(format!("the calls broke off: {error}")).caused_by(error)),
    }
}

async fn work(client: Client, request: MapRequest) -> Result<Vec<Row>> {
    let kind = request.kind;
    for (row, fields) in request.rows.iter().enumerate() {
        kind.check(&request.shared, fields).map_err(|error| at_row(error, row))?;
    }
    let rows_per_call =
        match (kind.several.map(|several| several.rows_per_call), request.rows_per_call) {
            (None, Some(_)) => {
                return Err(Error::setting(
                    Setting::RowsPerCall,
                    format!("is given, and {} takes one record a call", kind.name),
                )
                .into_kind(ErrorKind::Input)
                .advise(Advice::LeaveOut(Setting::RowsPerCall)));
            }
            (_, Some(0)) => {
                return Err(Error::setting(Setting::RowsPerCall, "is 0")
                    .into_kind(ErrorKind::Input)
                    .advise(Advice::text("give at least 1")));
            }
            (Some(_), Some(given)) if given > MAX_CANDIDATES => {
                let happened = format!("is {given}, and a call takes at most {MAX_CANDIDATES}");
                return Err(Error::setting(Setting::RowsPerCall, happened)
                    .into_kind(ErrorKind::Input)
                    .advise(Advice::text(format!("give 1 to {MAX_CANDIDATES}"))));
            }
            (usual, given) => given.or(usual).unwrap_or(1),
        };
    let account = client.config().place();
    let plan = plan(kind.name, &account, &request.shared, &request.rows);
    let key = request.key.clone().unwrap_or_else(|| format!("{}-{}", kind.name, &plan[..16]));
    let (name, rows) = (kind.name, request.rows.len());
    let (calls, own_key) = (request.calls.clone(), key.clone());
    let on_in_doubt = request.on_in_doubt;
    let job = aside(move || -> Result<_> {
        let job = Job::open(&calls, &own_key, name, &account, &plan, rows)?;
        let repeatable = kind.effect != Effect::SpendsCredits;
        job.take_over(repeatable, on_in_doubt == OnInDoubt::Resend)?;
        Ok(Arc::new(job))
    })
    .await?;
    let own = Arc::clone(&job);
    let counted = aside(move || -> Result<_> { Ok((own.planned()?, own.spent()?)) });
    let (planned, spent) = counted.await?;
    let price = request.credits_per_row.unwrap_or_else(|| kind.price(&request.shared)).max(1);
    let mut window = Window {
        client,
        job: Arc::clone(&job),
        key: key.clone(),
        price,
        rows_per_call,
        spent,
        left: planned.into(),
        flights: FuturesUnordered::new(),
        ended: Vec::new(),
        stopped: None,
        request,
    };
    window.run().await?;
    let rows = aside(move || job.rows()).await?;
    let doubts = rows.iter().filter(|row| row.state == "in_doubt").count();
    if doubts > 0 && on_in_doubt == OnInDoubt::Raise {
        return Err(Error::new(
            ErrorKind::OutcomeUnknown,
            format!(
                "{doubts} rows of job {key:?} may have been sent and paid, and their answers are \
                 unknown"
            ),
        )
        .with_job(key)
        .advise(Advice::DecideRows));
    }
    Ok(rows)
}

/// The rows of a call that is under way, and its answer.
type Flight = BoxFuture<'static, (Vec<usize>, Result<Answer>)>;

/// Calls under way, as many as the concurrency allows; one that ends makes room for the next.
struct Window {
    client: Client,
    request: MapRequest,
    job: Arc<Job>,
    key: String,
    /// What a row may cost.
    price: u64,
    rows_per_call: usize,
    /// What rows have cost, or may.
    spent: u64,
    left: VecDeque<usize>,
    flights: FuturesUnordered<Flight>,
    /// What is not written down yet.
    ended: Vec<(usize, End)>,
    /// What every further call would meet.
    stopped: Option<Error>,
}

impl Window {
    async fn run(&mut self) -> Result<()> {
        loop {
            let (calls, wait) = self.next_calls().await;
            if !calls.is_empty() || !self.ended.is_empty() {
                self.note(&calls).await?;
                for rows in calls {
                    let flight = self.flight(rows);
                    self.flights.push(flight);
                }
                continue;
            }
            if self.flights.is_empty() && wait.is_none() {
                return self.stopped.take().map_or(Ok(()), Err);
            }
            let free = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            let landed = tokio::select! {
                Some(landed) = self.flights.next() => Some(landed),
                () = free => None,
            };
            if let Some((rows, answer)) = landed {
                self.land(rows, answer);
                self.gather().await;
            }
        }
    }

    /// What lands right after, up to half of what may be under way: it is written down together,
    /// with one wait for the disk.
    async fn gather(&mut self) {
        let half = self.request.concurrency / 2;
        let soon = tokio::time::sleep(SOON);
        tokio::pin!(soon);
        while self.flights.len() > half {
            tokio::select! {
                Some((rows, answer)) = self.flights.next() => self.land(rows, answer),
                () = &mut soon => return,
            }
        }
    }

    /// The rows of each call that may leave now, and how long the rate limit holds the next back.
    ///
    /// A slot is taken before a row is noted as being sent: a wait for the limit is no doubt.
    async fn next_calls(&mut self) -> (Vec<Vec<usize>>, Option<Duration>) {
        let mut calls = Vec::new();
        while self.stopped.is_none()
            && !self.left.is_empty()
            && self.flights.len() + calls.len() < self.request.concurrency.max(1)
        {
            let affordable = self.request.max_credits.saturating_sub(self.spent) / self.price;
            let rows = usize::try_from(affordable).unwrap_or(usize::MAX).min(self.rows_per_call);
            if rows == 0 {
                break;
            }
            match self.client.try_slot(self.request.kind.class).await {
                Ok(None) => {}
                Ok(Some(wait)) => return (calls, Some(wait)),
                Err(error) => {
                    // What is under way is waited for.
                    self.stopped = Some(error);
                    break;
                }
            }
            let rows: Vec<usize> = self.left.drain(..rows.min(self.left.len())).collect();
            self.spent += rows.len() as u64 * self.price;
            calls.push(rows);
        }
        (calls, None)
    }

    /// Writes down what ended and what leaves now, while calls go on.
    async fn note(&mut self, calls: &[Vec<usize>]) -> Result<()> {
        let (job, price) = (Arc::clone(&self.job), self.price);
        let (ends, rows) = (std::mem::take(&mut self.ended), calls.concat());
        let note = aside(move || job.note(&ends, &rows, price));
        tokio::pin!(note);
        loop {
            tokio::select! {
                done = &mut note => return done,
                Some((rows, answer)) = self.flights.next() => self.land(rows, answer),
            }
        }
    }

    fn flight(&self, rows: Vec<usize>) -> Flight {
        let kind = self.request.kind;
        let sent: Vec<_> = rows.iter().map(|&row| &self.request.rows[row]).collect();
        let mut fields = kind.request(&self.request.shared, &sent);
        if kind.bounded {
            fields.insert("max_credits".to_owned(), (self.price * rows.len() as u64).into());
        }
        let options = CallOptions {
            idempotency_key: Some(format!("{}:{}", self.key, rows[0])),
            slot_taken: true,
            ..CallOptions::default()
        };
        let answer = (kind.send)(self.client.clone(), fields, options);
        Box::pin(async move { (rows, answer.await) })
    }

    /// What an answer makes of its rows; what stops all further calls is put aside.
    fn land(&mut self, rows: Vec<usize>, answer: Result<Answer>) {
        let price = self.price;
        let count = rows.len() as u64;
        self.spent -= price * count;
        match answer {
            Ok(answer) => {
                // An answer that does not say what it cost counts with what it may have cost.
                let credits =
                    answer.credits.map_or(price * count, |credits| credits.ceil().max(0.0) as u64);
                self.spent += credits;
                for (at, (row, answer)) in (0..count).zip(rows.into_iter().zip(answer.rows)) {
                    // The first rows bear what cannot be shared evenly.
                    let credits = credits / count + u64::from(at < credits % count);
                    self.ended.push((row, end(answer, credits)));
                }
            }
            Err(error) if error.is(ErrorKind::OutcomeUnknown) => {
                self.spent += price * count;
                let said = error.without_advice(&RustFace);
                self.ended.extend(rows.into_iter().map(|row| (row, End::InDoubt(said.clone()))));
            }
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::Validation | ErrorKind::NotFound | ErrorKind::Server
                ) =>
            {
                let said = error.without_advice(&RustFace);
                self.ended.extend(rows.into_iter().map(|row| (row, End::Failed(said.clone()))));
            }
            Err(error) => {
                self.stopped.get_or_insert(error);
                self.ended.extend(rows.into_iter().map(|row| (row, End::Planned)));
            }
        }
    }
}

/// How a row ended that was answered.
fn end(answer: RowAnswer, credits: u64) -> End {
    match answer.failure {
        Some(error) => End::Unsuccessful { answer: answer.json, error, credits },
        None => End::Done { answer: answer.json, credits },
    }
}

fn at_row(error: Error, row: usize) -> Error {
    // A name that the call does not know is a mistake of the call, not of a row.
    if !error.is(ErrorKind::Validation)
        || matches!(error.advice(), Some(Advice::CorrectField { .. }))
    {
        return error;
    }
    let column = error.facts().field.clone();
    let error = error
        .into_kind(ErrorKind::Input)
        .within(format_args!("row {row}"))
        .with_row(row as u64)
        .advise(Advice::text("correct the row, or leave it out"));
    match column {
        Some(column) => error.with_column(column),
        None => error,
    }
}
