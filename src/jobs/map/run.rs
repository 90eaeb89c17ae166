//! Sends what is planned, call by call, as the rate limit, the budget and the concurrency allow.

use std::{collections::VecDeque, path::PathBuf, sync::Arc, time::Duration};

use arrow::array::RecordBatch;
use futures_util::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use serde_json::{Map, Value};
use tokio_util::task::AbortOnDropHandle;

use super::{
    calls::{Answer, Kind},
    store::{End, Job, Row, plan},
    table::table,
};
use crate::{
    Client,
    api::Effect,
    client::CallOptions,
    error::{Error, Result},
    jobs::OnInDoubt,
};

/// For how long more answers are awaited before some are written down; far less than a call takes.
const SOON: Duration = Duration::from_millis(1);

/// What is to be done.
pub struct Asked {
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
pub async fn run(client: &Client, asked: Asked) -> Result<RecordBatch> {
    let kind = asked.kind;
    table(kind, &rows(client, asked).await?)
}

/// [`run`], with the rows as they are kept.
pub(super) async fn rows(client: &Client, asked: Asked) -> Result<Vec<Row>> {
    // On a thread of the runtime, where its connections are: a caller who blocks is far from them.
    let work = tokio::spawn(work(client.clone(), asked));
    match AbortOnDropHandle::new(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::config(format!("the calls broke off: {error}"))),
    }
}

async fn work(client: Client, asked: Asked) -> Result<Vec<Row>> {
    let kind = asked.kind;
    for (row, request) in asked.rows.iter().enumerate() {
        kind.check(&asked.shared, request).map_err(|error| at_row(error, row))?;
    }
    let rows_per_call = match (kind.rows_per_call, asked.rows_per_call) {
        (None, Some(_)) => {
            return Err(Error::input(format!(
                "{} takes one record a call; leave rows_per_call out",
                kind.name
            )));
        }
        (_, Some(0)) => return Err(Error::input("rows_per_call is 0; give at least 1")),
        (usual, given) => given.or(usual).unwrap_or(1),
    };
    let account = client.config().account();
    let plan = plan(kind.name, &account, &asked.shared, &asked.rows);
    let key = asked.key.clone().unwrap_or_else(|| format!("{}-{}", kind.name, &plan[..16]));
    let (name, rows) = (kind.name, asked.rows.len());
    let (calls, own_key) = (asked.calls.clone(), key.clone());
    let on_in_doubt = asked.on_in_doubt;
    let job = aside(move || {
        let job = Job::open(&calls, &own_key, name, &account, &plan, rows)?;
        let repeatable = kind.effect != Effect::SpendsCredits;
        job.take_over(repeatable, on_in_doubt == OnInDoubt::Resend)?;
        Ok(Arc::new(job))
    })
    .await?;
    let own = Arc::clone(&job);
    let (planned, spent) = aside(move || Ok((own.planned()?, own.spent()?))).await?;
    let price = asked.credits_per_row.unwrap_or_else(|| kind.price(&asked.shared)).max(1);
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
        asked,
    };
    window.run().await?;
    let rows = aside(move || job.rows()).await?;
    let doubts = rows.iter().filter(|row| row.state == "in_doubt").count();
    if doubts > 0 && on_in_doubt == OnInDoubt::Raise {
        return Err(Error::OutcomeUnknown {
            call: Box::default(),
            message: format!(
                "{doubts} rows of job {key:?} may have been sent and paid, and their answers are \
                 not known; decide with on_in_doubt=\"resend\" or \"skip\""
            ),
            job: Some(key),
        });
    }
    Ok(rows)
}

/// The rows of a call that is under way, and its answer.
type Flight = BoxFuture<'static, (Vec<usize>, Result<Answer>)>;

/// Calls under way, as many as the concurrency allows; one that ends makes room for the next.
struct Window {
    client: Client,
    asked: Asked,
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
        let half = self.asked.concurrency / 2;
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
            && self.flights.len() + calls.len() < self.asked.concurrency.max(1)
        {
            let affordable = self.asked.max_credits.saturating_sub(self.spent) / self.price;
            let rows = usize::try_from(affordable).unwrap_or(usize::MAX).min(self.rows_per_call);
            if rows == 0 {
                break;
            }
            match self.client.try_slot(self.asked.kind.class).await {
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
        let kind = self.asked.kind;
        let sent: Vec<_> = rows.iter().map(|&row| &self.asked.rows[row]).collect();
        let mut request = kind.request(&self.asked.shared, &sent);
        if kind.bounded {
            request.insert("max_credits".to_owned(), (self.price * rows.len() as u64).into());
        }
        let options = CallOptions {
            idempotency_key: Some(format!("{}:{}", self.key, rows[0])),
            slot_taken: true,
            ..CallOptions::default()
        };
        let answer = (kind.send)(self.client.clone(), request, options);
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
            Err(error @ Error::OutcomeUnknown { .. }) => {
                self.spent += price * count;
                let said = error.to_string();
                self.ended.extend(rows.into_iter().map(|row| (row, End::InDoubt(said.clone()))));
            }
            Err(
                error @ (Error::Validation { .. } | Error::NotFound { .. } | Error::Server { .. }),
            ) => {
                let said = error.to_string();
                self.ended.extend(rows.into_iter().map(|row| (row, End::Failed(said.clone()))));
            }
            Err(error) => {
                self.stopped.get_or_insert(error);
                self.ended.extend(rows.into_iter().map(|row| (row, End::Planned)));
            }
        }
    }
}

/// How a row ended that was answered: some calls answer with success and say inside that they failed.
fn end(answer: String, credits: u64) -> End {
    #[derive(serde::Deserialize)]
    struct Said {
        status: String,
        error: Option<String>,
        message: Option<String>,
        #[serde(default)]
        actions: Vec<String>,
    }
    if answer.contains("\"failed\"")
        && let Ok(said) = serde_json::from_str::<Said>(&answer)
        && said.status == "failed"
    {
        let why = said.error.or(said.message).or_else(|| said.actions.last().cloned());
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let error = format!("the API answered that it failed{why}");
        return End::Unsuccessful { answer, error, credits };
    }
    End::Done { answer, credits }
}

fn at_row(error: Error, row: usize) -> Error {
    match error {
        Error::Validation { field, message, .. } => Error::Input {
            message: format!("row {row}: {message}; correct the row, or leave it out"),
            column: field,
            row: Some(row as u64),
        },
        other => other,
    }
}

pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match crate::process::runtime::aside(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::ledger(format!("the store's thread ended: {error}"))),
    }
}
