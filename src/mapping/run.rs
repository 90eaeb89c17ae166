//! Sends what is planned, row by row, as the rate limit, the budget and the concurrency allow.

use std::path::PathBuf;

use arrow::array::RecordBatch;
use futures_util::future::join_all;
use serde_json::{Map, Value};

use super::{
    calls::Kind,
    store::{End, Job, plan},
    table::table,
};
use crate::{
    Client,
    api::Effect,
    client::CallOptions,
    error::{Error, Result},
    jobs::OnInDoubt,
};

/// What is to be done.
pub struct Asked {
    pub kind: &'static Kind,
    /// One request a row.
    pub requests: Vec<Map<String, Value>>,
    pub max_credits: u64,
    /// What one call may cost; by default what the call's kind says.
    pub credits_per_call: Option<u64>,
    pub concurrency: usize,
    /// By default the hash of all of it.
    pub key: Option<String>,
    pub on_in_doubt: OnInDoubt,
    /// The ledger, beside which the rows are kept.
    pub ledger: PathBuf,
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
    let price = asked.credits_per_call.unwrap_or(kind.price).max(1);
    for (row, request) in asked.requests.iter().enumerate() {
        kind.check(request).map_err(|error| at_row(error, row))?;
    }
    let account = client.config().account();
    let plan = plan(kind.name, &account, &asked.requests);
    let key = asked.key.clone().unwrap_or_else(|| format!("{}-{}", kind.name, &plan[..16]));
    let (name, rows) = (kind.name, asked.requests.len());
    let (ledger, own_key) = (asked.ledger.clone(), key.clone());
    let job = aside(move || Job::open(&ledger, &own_key, name, &account, &plan, rows)).await?;
    let job = std::sync::Arc::new(job);
    let work = |work: fn(&Job) -> Result<()>| {
        let job = std::sync::Arc::clone(&job);
        aside(move || work(&job))
    };
    match (kind.effect != Effect::SpendsCredits, asked.on_in_doubt) {
        (true, _) => work(|job| job.take_over(true, false)).await?,
        (false, OnInDoubt::Resend) => work(|job| job.take_over(false, true)).await?,
        (false, _) => work(|job| job.take_over(false, false)).await?,
    }
    let own = std::sync::Arc::clone(&job);
    let (planned, mut spent) = aside(move || Ok((own.planned()?, own.spent()?))).await?;
    let mut left = planned.into_iter().peekable();
    let mut stopped = None;
    while stopped.is_none() && left.peek().is_some() {
        // A slot is taken before a row is noted as being sent: a wait for the limit is no doubt.
        let mut wave = Vec::new();
        while wave.len() < asked.concurrency.max(1) && left.peek().is_some() {
            if spent + price > asked.max_credits {
                break;
            }
            match client.try_slot(kind.class).await? {
                None => {
                    wave.extend(left.next());
                    spent += price;
                }
                Some(wait) if wave.is_empty() => tokio::time::sleep(wait).await,
                Some(_) => break,
            }
        }
        if wave.is_empty() {
            break;
        }
        let (own, rows) = (std::sync::Arc::clone(&job), wave.clone());
        aside(move || own.sending(&rows, price)).await?;
        let sent = wave.iter().map(|&row| {
            let mut request = asked.requests[row].clone();
            if kind.bounded {
                request.insert("max_credits".to_owned(), price.into());
            }
            let options = CallOptions {
                idempotency_key: Some(format!("{key}:{row}")),
                slot_taken: true,
                ..CallOptions::default()
            };
            kind.send(client.clone(), request, options)
        });
        let answers = join_all(sent).await;
        let mut ends = Vec::with_capacity(wave.len());
        for (row, answer) in wave.into_iter().zip(answers) {
            let end = ended(answer, price, &mut stopped);
            spent -= price;
            spent += match &end {
                End::Done { credits, .. } => *credits,
                End::InDoubt(_) => price,
                End::Failed(_) | End::Planned => 0,
            };
            ends.push((row, end));
        }
        let own = std::sync::Arc::clone(&job);
        aside(move || own.ended(&ends)).await?;
    }
    if let Some(error) = stopped {
        return Err(error);
    }
    let rows = aside(move || job.rows()).await?;
    let doubts = rows.iter().filter(|row| row.state == "in_doubt").count();
    if doubts > 0 && asked.on_in_doubt == OnInDoubt::Raise {
        return Err(Error::OutcomeUnknown {
            call: Box::default(),
            message: format!(
                "{doubts} rows of job {key:?} may have been sent and paid, and their answers are \
                 not known; decide with on_in_doubt=\"resend\" or \"skip\""
            ),
            job: Some(key),
        });
    }
    table(kind, &rows)
}

/// What an answer makes of its row; what stops all further calls is put aside.
fn ended(answer: Result<Value>, price: u64, stopped: &mut Option<Error>) -> End {
    match answer {
        Ok(answer) => {
            let credits = answer.get("credits_consumed").and_then(Value::as_f64);
            // An answer that does not say what it cost counts with what it may have cost.
            let credits = credits.map_or(price, |credits| credits.ceil().max(0.0) as u64);
            End::Done { answer, credits }
        }
        Err(error @ Error::OutcomeUnknown { .. }) => End::InDoubt(error.to_string()),
        Err(error @ (Error::Validation { .. } | Error::NotFound { .. } | Error::Server { .. })) => {
            End::Failed(error.to_string())
        }
        Err(error) => {
            stopped.get_or_insert(error);
            End::Planned
        }
    }
}

fn at_row(error: Error, row: usize) -> Error {
    match error {
        Error::Validation { field, message, .. } => Error::Input {
            message: format!("row {row}: {message}"),
            column: field,
            row: Some(row as u64),
        },
        other => other,
    }
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match crate::runtime::aside(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::ledger(format!("the store's thread ended: {error}"))),
    }
}
