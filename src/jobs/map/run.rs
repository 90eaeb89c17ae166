//! Any one-record call over a table: from the request to the rows.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arrow::array::RecordBatch;

use super::{
    kind::{Fields, Kind},
    plan::{self, Plan},
    rows::{self, Row},
    table::table,
    window::{Calls, Window},
};
use crate::{
    Client,
    api::{Effect, matching::MAX_CANDIDATES},
    error::{Advice, Error, ErrorKind, Result, Setting},
    jobs::{OnInDoubt, account::account, suppression::Hidden},
    ledger::{Decision, Event, JobRecord, Ledger, MOST_SENDS, Step, UnitState, suppression::Entry},
};

/// Which calls to make, and within which limits.
pub struct MapRequest {
    pub kind: &'static Kind,
    /// What all rows share, for a call that takes several rows.
    pub shared: Fields,
    /// Fields that this version does not know, for each call.
    pub extra: Fields,
    /// One request a row, or one candidate.
    pub rows: Vec<Fields>,
    pub max_credits: u64,
    /// What one row may cost; by default what the call's kind says.
    pub credits_per_row: Option<u64>,
    /// How many rows a call takes, for a call that takes several; by default 100.
    pub rows_per_call: Option<usize>,
    pub concurrency: usize,
    /// By default the hash of all of it.
    pub key: Option<String>,
    pub on_in_doubt: OnInDoubt,
    /// The budget above it. Without one, calls that are known keep the one that they have.
    pub budget: Option<String>,
    /// Who is never sent and never given back, beside those of the ledger's list.
    pub suppress: Vec<Entry>,
    pub ledger: Ledger,
}

/// Does what is asked, or resumes it, and answers one row per request: `status` (`done`,
/// `failed`, `in_doubt`, `over_budget`), `error`, `credits`, and the columns of the answer.
///
/// # Errors
/// If a request is invalid (before anything is sent), if an error would meet every further call (a
/// wrong key, no credits, no connection), or, at the end, if rows are in doubt. Nothing is lost:
/// the same call resumes.
pub async fn run(client: &Client, request: MapRequest) -> Result<RecordBatch> {
    let kind = request.kind;
    table(kind, &rows(client, request).await?)
}

/// Tells the calls that nobody waits for them any more.
pub(super) struct StopOnDrop(pub Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// [`run`], with the rows as they are kept.
pub(super) async fn rows(client: &Client, request: MapRequest) -> Result<Vec<Row>> {
    let stop = StopOnDrop(Arc::default());
    // A task of its own: who stops waiting leaves no call whose answer nobody reads. It ends once the
    // calls that have left are answered and written down. It also runs on a thread of the runtime,
    // where its connections are: a caller who blocks is far from them.
    let work = tokio::spawn(work(client.clone(), request, Arc::clone(&stop.0)));
    match work.await {
        Ok(done) => done,
        Err(error) => Err(Error::config(format!("the calls broke off: {error}")).caused_by(error)),
    }
}

async fn work(client: Client, request: MapRequest, stop: Arc<AtomicBool>) -> Result<Vec<Row>> {
    let kind = request.kind;
    for (row, fields) in request.rows.iter().enumerate() {
        kind.check(&request.shared, fields).map_err(|error| at_row(error, row))?;
    }
    let rows_per_call = rows_per_call(kind, request.rows_per_call)?;
    if !request.extra.is_empty() {
        kind.check_extra(&request.shared, request.rows.first(), &request.extra)?;
    }
    let MapRequest { shared, extra, rows: requests, concurrency, on_in_doubt, ledger, .. } =
        request;
    let requests = Arc::new(requests);
    let price = request.credits_per_row.unwrap_or_else(|| kind.price(&shared)).max(1);
    let (key, max_credits, budget) = (request.key, request.max_credits, request.budget);
    let suppress = request.suppress;
    ledger.deliver().await?;
    let account = account(&client, &ledger).await?;
    let config = client.config().clone();
    let planned = (shared.clone(), extra.clone(), Arc::clone(&requests));
    let record = ledger
        .run(move |store| {
            let (shared, extra, rows) = planned;
            // Earlier versions had no extra fields.
            let earlier = extra
                .is_empty()
                .then(|| plan::Earlier::of(kind, &config, &shared, &rows, key.as_deref()));
            let plan = Plan {
                kind,
                shared: &shared,
                extra: &extra,
                rows: &rows,
                rows_per_call,
                max_credits,
                price,
                key,
                account,
                base_url: config.base_url.to_string(),
                budget,
                suppress,
            };
            let job = plan.job()?;
            let above = job.budget.as_deref().map(|name| store.budget(name)).transpose()?;
            let earlier = earlier.map(|earlier| earlier.find(store)).transpose()?;
            if let Some(record) = earlier.flatten() {
                store.resubmit(record.id, &job)?;
                return Ok(record);
            }
            if let Some(above) = above.filter(|above| max_credits > 0 && above.left < price)
                && store.find(&job.account, &job.key)?.is_none()
            {
                return Err(above.refused(price));
            }
            let (record, new) = store.create(&job)?;
            if !new {
                if record.digest != job.digest {
                    return Err(another(&job.key));
                }
                store.resubmit(record.id, &job)?;
            }
            Ok(record)
        })
        .await?;
    let job = record.id;
    settle(&ledger, job, kind, on_in_doubt).await?;
    let calls = Calls {
        client,
        ledger: ledger.clone(),
        job,
        kind,
        shared,
        extra,
        rows: Arc::clone(&requests),
        concurrency,
        stop,
        once: false,
        hidden: Hidden::of(&ledger, job).await?,
    };
    Window::new(calls).run(|_| {}).await?;
    let doubts = ledger.run(move |store| store.sums(job)).await?.in_doubt;
    if doubts > 0 && on_in_doubt != OnInDoubt::Skip {
        return Err(in_doubt(&record, doubts));
    }
    ledger.run(move |store| rows::explained(store, job)).await
}

fn rows_per_call(kind: &Kind, given: Option<usize>) -> Result<usize> {
    match (kind.several.map(|several| several.rows_per_call), given) {
        (None, Some(_)) => Err(Error::setting(
            Setting::RowsPerCall,
            format!("is given, and {} takes one record a call", kind.name),
        )
        .into_kind(ErrorKind::Input)
        .advise(Advice::LeaveOut(Setting::RowsPerCall))),
        (_, Some(0)) => Err(Error::setting(Setting::RowsPerCall, "is 0")
            .into_kind(ErrorKind::Input)
            .advise(Advice::text("give at least 1"))),
        (Some(_), Some(given)) if given > MAX_CANDIDATES => {
            let happened = format!("is {given}, and a call takes at most {MAX_CANDIDATES}");
            Err(Error::setting(Setting::RowsPerCall, happened)
                .into_kind(ErrorKind::Input)
                .advise(Advice::text(format!("give 1 to {MAX_CANDIDATES}"))))
        }
        (usual, given) => Ok(given.or(usual).unwrap_or(1)),
    }
}

fn another(key: &str) -> Error {
    Error::job(
        key,
        format!(
            "there is another job under the key {key:?}: its call, account, rows or arguments \
             differ"
        ),
    )
    .advise(Advice::UseAnotherKey)
}

/// The error of rows in doubt.
pub(super) fn in_doubt(job: &JobRecord, calls: u64) -> Error {
    let key = &job.key;
    Error::new(
        ErrorKind::OutcomeUnknown,
        format!(
            "{calls} rows of job {key:?} may have been sent and paid, and their answers are unknown"
        ),
    )
    .with_job(key)
    .advise(Advice::DecideCalls { job: key.clone(), calls: Vec::new() })
}

/// Settles what earlier runs left: calls that may be repeated, those that the caller said to send
/// again, and those that failed and cost nothing, are planned again; each is sent three times at most.
pub(super) async fn settle(
    ledger: &Ledger,
    job: i64,
    kind: &'static Kind,
    on_in_doubt: OnInDoubt,
) -> Result<()> {
    let repeat = kind.effect != Effect::SpendsCredits || on_in_doubt == OnInDoubt::Resend;
    ledger
        .run(move |store| {
            store.find_doubt(job)?;
            let steps: Vec<Step> = store
                .units_in(job, &[UnitState::InDoubt, UnitState::Failed])?
                .into_iter()
                .filter(|unit| {
                    let free = unit.state == UnitState::Failed && unit.credits == Some(0);
                    unit.sends < MOST_SENDS && (free || unit.state == UnitState::InDoubt && repeat)
                })
                .map(|unit| Step {
                    number: unit.number,
                    sending: Some(unit.idempotency_key),
                    event: Event::Decide(Decision::Resend),
                })
                .collect();
            if steps.is_empty() {
                return Ok(());
            }
            store.turn(job, &steps, None).map(drop)
        })
        .await
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
