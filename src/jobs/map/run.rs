//! Runs a one-record call over a table, from the requests to the rows.

use std::sync::{Arc, atomic::AtomicBool};

use arrow::array::RecordBatch;

use super::{
    kind::{Fields, Kind},
    memory::{
        MapPlan, draft, no_sample, recall, remember_earlier, reuse_of, sampled, suppressed_rows,
    },
    other_jobs::{Others, look_after},
    plan::{self, Plan},
    requests::Requests,
    rows::{self, Row},
    suppressed_rows::SuppressedRows,
    table::{table, with_numbers, with_provenance},
    window::{Calls, Window},
};
use crate::{
    Client,
    api::{Effect, matching::MAX_CANDIDATES},
    client::ClientConfig,
    error::{Advice, Error, ErrorKind, Result, Setting},
    jobs::{
        OnInDoubt,
        account::account,
        doubt_elsewhere::{Sent, doubt_elsewhere},
        forecast::{Bounds, asked},
        ids::Ids,
        memory::Draft,
        retention::look_at_retention,
        suppression::list,
    },
    ledger::{
        Decision, Event, JobRecord, Ledger, MOST_SENDS, NewJob, Reuse, Step, Store, UnitState,
        memory::{HashKey, NewMemory},
        suppression::Entry,
    },
    process::{runtime::without_result, stop::StopOnDrop},
};

/// Which calls to make, and within which limits.
pub struct MapRequest {
    pub kind: &'static Kind,
    /// What all rows share, for a call that takes several rows.
    pub shared: Fields,
    /// Fields that this version does not know, for each call.
    pub extra: Fields,
    /// One request per row, or one candidate.
    pub rows: Vec<Fields>,
    pub max_credits: u64,
    /// Maximum cost of one row; by default that of the call's kind.
    pub credits_per_row: Option<u64>,
    /// Number of rows per call, for a call that takes several (default 100).
    pub rows_per_call: Option<usize>,
    pub concurrency: usize,
    /// The key of the job; by default a hash of everything that determines it.
    pub key: Option<String>,
    pub on_in_doubt: OnInDoubt,
    /// The budget above the job. Without one, an existing job keeps its budget.
    pub budget: Option<String>,
    /// Entries that are suppressed in this job, in addition to the ledger's list.
    pub suppress: Vec<Entry>,
    pub ledger: Ledger,
    /// Which known answers are accepted. A call that changes something accepts none.
    pub reuse: Reuse,
    /// Number of records to ask for, chosen at random; `None` asks for all.
    pub sample: Option<usize>,
    /// Whether the table says where each answer comes from.
    pub provenance: bool,
}

/// Makes the calls, or resumes them, and returns one row per request: `status` (`done`, `failed`,
/// `in_doubt`, `over_budget`), `error`, `credits`, `reused`, and the columns of the answer. A
/// sample returns only its own rows, with their numbers.
///
/// # Errors
/// If a request is invalid (before anything is sent), if an error would affect every further call
/// (a wrong key, no credits, no connection), or, at the end, if rows are in doubt. Nothing is lost:
/// the same call resumes.
pub async fn run(client: &Client, request: MapRequest) -> Result<RecordBatch> {
    let (kind, provenance) = (request.kind, request.provenance);
    let Done { rows, numbers } = rows(client, request).await?;
    let mut made = table(kind, &rows)?;
    if provenance {
        made = with_provenance(&made, &rows)?;
    }
    match numbers {
        Some(numbers) => with_numbers(&made, &numbers),
        None => Ok(made),
    }
}

/// Returns what [`run`] would do, without doing it.
///
/// # Errors
/// As for [`run`], if a request is invalid or the ledger cannot be read.
pub async fn dry_run(client: &Client, request: MapRequest) -> Result<MapPlan> {
    let per_minute = client.per_minute(request.kind.class)?;
    let ledger = request.ledger.clone();
    let (draw, _) = Draw::new(client, request).await?;
    ledger
        .run(move |store| {
            let plan = draw.plan();
            let (job, records, draft) = draw.draft(store, &plan)?;
            let above = job.budget.as_deref().map(|name| store.budget(name)).transpose()?;
            let (recall, of) = match draft {
                Draft::Known(known) => {
                    (recall(store, &plan, &records, Reuse::ALWAYS)?, Some(*known))
                }
                Draft::New(recall) => (recall, None),
            };
            let list = list(store, of.as_ref().map(|of| of.id), &job)?;
            let out = suppressed_rows(&list, &draw.rows, &records);
            let known = of.is_some();
            let above = above.or_else(|| of.and_then(|of| of.budget));
            let bounds = Bounds { above, per_minute, known };
            MapPlan::new(store, &plan, &job, &records, &recall, &out, bounds)
        })
        .await
}

/// The rows, and which rows of the table they are if only a sample was asked for.
pub(super) struct Done {
    pub rows: Vec<Row>,
    pub numbers: Option<Vec<usize>>,
}

/// Like [`run`], but returns the rows as they are stored.
pub(super) async fn rows(client: &Client, request: MapRequest) -> Result<Done> {
    let stop = StopOnDrop::default();
    // Runs as a task of its own: a caller who stops waiting must not leave a call whose answer
    // nobody reads. The task ends once the answers of calls in flight are recorded. It also runs on
    // a thread of the runtime, where its connections are, and not on that of a caller who blocks.
    let work = tokio::spawn(work(client.clone(), request, stop.flag()));
    work.await.map_err(without_result)?
}

/// Checked calls, and how they are recorded.
struct Draw {
    kind: &'static Kind,
    shared: Fields,
    extra: Fields,
    rows: Vec<Fields>,
    rows_per_call: usize,
    max_credits: u64,
    price: u64,
    key: Option<String>,
    account: String,
    config: ClientConfig,
    reuse: Reuse,
    hash_key: HashKey,
    budget: Option<String>,
    suppress: Vec<Entry>,
}

impl Draw {
    /// Checks the request before anything is recorded. Also returns which rows a sample has.
    async fn new(client: &Client, request: MapRequest) -> Result<(Self, Option<Vec<usize>>)> {
        let kind = request.kind;
        for (row, fields) in request.rows.iter().enumerate() {
            kind.check(&request.shared, fields).map_err(|error| at_row(error, row))?;
        }
        let rows_per_call = rows_per_call(kind, request.rows_per_call)?;
        let reuse = reuse_of(kind, request.reuse)?;
        if request.sample.is_some() && !kind.is_remembered() {
            return Err(no_sample(kind));
        }
        if !request.extra.is_empty() {
            kind.check_extra(&request.shared, request.rows.first(), &request.extra)?;
        }
        let MapRequest { shared, extra, mut rows, ledger, .. } = request;
        let hash_key = ledger.run(|store| store.hash_key()).await?;
        let numbers = sampled(kind, &mut rows, request.sample, &hash_key)?;
        let price = request.credits_per_row.unwrap_or_else(|| kind.price(&shared)).max(1);
        ledger.deliver().await?;
        let account = account(client, &ledger).await?;
        let own = account.clone();
        if kind.is_remembered() && !reuse.is_never() {
            ledger.run(move |store| remember_earlier(store, kind, &own)).await?;
        }
        let draw = Self {
            kind,
            shared,
            extra,
            rows,
            rows_per_call,
            max_credits: request.max_credits,
            price,
            key: request.key,
            account,
            config: client.config().clone(),
            reuse,
            hash_key,
            budget: request.budget,
            suppress: request.suppress,
        };
        Ok((draw, numbers))
    }

    fn plan(&self) -> Plan<'_> {
        Plan {
            kind: self.kind,
            shared: &self.shared,
            extra: &self.extra,
            rows: &self.rows,
            rows_per_call: self.rows_per_call,
            max_credits: self.max_credits,
            price: self.price,
            key: self.key.clone(),
            account: self.account.clone(),
            base_url: self.config.base_url.to_string(),
            budget: self.budget.clone(),
            suppress: self.suppress.clone(),
        }
    }

    /// Finds the existing job, or what is known about the records of a new one.
    fn draft(&self, store: &dyn Store, plan: &Plan<'_>) -> Result<(NewJob, Ids, Draft)> {
        // Earlier versions had no extra fields.
        let earlier = self.extra.is_empty().then(|| {
            let key = self.key.as_deref();
            plan::Earlier::of(self.kind, &self.config, &self.shared, &self.rows, key)
        });
        let mut job = plan.job()?;
        let records = plan::records(self.kind, &self.rows, &self.hash_key)?;
        let draft = draft(store, plan, &mut job, &records, self.reuse, earlier.as_ref())?;
        Ok((job, records, draft))
    }

    /// Records the job, or finds it. Returns it with its requests.
    fn write_down(self, store: &dyn Store) -> Result<(JobRecord, Requests)> {
        let plan = self.plan();
        let (mut job, mut records, draft) = self.draft(store, &plan)?;
        let whole = job.calls.clone();
        let (record, new) = match draft {
            // A job of an earlier version has another digest, because that version identified the
            // account by its host.
            Draft::Known(record) if record.account != job.account => (*record, true),
            Draft::Known(record) => (*record, false),
            Draft::New(recall) => {
                let above = job.budget.as_deref().map(|name| store.budget(name)).transpose()?;
                let bounds = Bounds { above, ..Bounds::default() };
                let list = list(store, None, &job)?;
                let asked = asked(&recall, &suppressed_rows(&list, &self.rows, &records));
                if let Some(error) = bounds.refused(self.max_credits, self.price, asked) {
                    return Err(error);
                }
                if self.kind.is_remembered() {
                    plan.with_memory(&mut job, &mut records, self.reuse, &recall)?;
                }
                store.create(&job)?
            }
        };
        if !new && record.digest != job.digest {
            return Err(another(&job.key));
        }
        // The recorded requests stay as they are; the budget and the known answers are those of
        // this request.
        if !new || record.account != job.account {
            job.row_ids = store.row_ids(record.id)?;
            job.calls = whole;
            job.memory = match record.question {
                Some(_) => Some(NewMemory::new(plan.wish(self.reuse), 0)),
                None => None,
            };
            store.resubmit(record.id, &job)?;
        }
        drop(plan);
        let requests = match record.question {
            // Each row is its own record, in order.
            None => Requests::new(store, &record, self.rows)?,
            Some(_) => Requests::read(store, &record)?,
        };
        Ok((record, requests))
    }
}

async fn work(client: Client, request: MapRequest, stop: Arc<AtomicBool>) -> Result<Done> {
    let (kind, on_in_doubt) = (request.kind, request.on_in_doubt);
    let (concurrency, ledger) = (request.concurrency, request.ledger.clone());
    let (shared, extra) = (request.shared.clone(), request.extra.clone());
    let (draw, numbers) = Draw::new(&client, request).await?;
    let (record, requests) = ledger.run(move |store| draw.write_down(store)).await?;
    let job = record.id;
    settle(&ledger, job, kind, on_in_doubt).await?;
    let calls = Calls {
        client,
        ledger: ledger.clone(),
        job,
        kind,
        shared,
        extra,
        requests: Arc::new(requests),
        question: record.question,
        concurrency,
        stop,
        once: false,
        suppressed: SuppressedRows::of(&ledger, job).await?,
    };
    Window::new(calls).run(|_| {}).await?;
    look_at_retention(&ledger).await;
    ledger
        .run(move |store| {
            let held = check_doubts(store, &record, on_in_doubt)?;
            Ok(Done { rows: rows::explained(store, job, held)?, numbers })
        })
        .await
}

/// Fails if rows are in doubt, in this job or in one that was waited for. Otherwise returns the
/// state of rows that another job is still asking for.
///
/// # Errors
/// If rows are in doubt and `on_in_doubt` does not give them up, or the ledger cannot be used.
pub(super) fn check_doubts(
    store: &dyn Store,
    job: &JobRecord,
    on_in_doubt: OnInDoubt,
) -> Result<UnitState> {
    let give_up = on_in_doubt == OnInDoubt::Skip;
    let doubts = store.sums(job.id)?.in_doubt;
    if doubts > 0 && !give_up {
        return Err(in_doubt(job, doubts));
    }
    match look_after(store, job.id)? {
        Others::InDoubt(waits) if !give_up => {
            Err(doubt_elsewhere(store, &job.key, &waits, Sent::Rows)?)
        }
        Others::InDoubt(_) => Ok(UnitState::InDoubt),
        _ => Ok(UnitState::Sending),
    }
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

/// The error for rows in doubt.
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

/// Settles what earlier runs left. Planned again are calls that may be repeated, those that the
/// caller decided to resend, and those that failed and cost nothing. Each is sent at most three
/// times.
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
    // A name that the call does not know is a mistake in the call and not in a row.
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
