//! A job: a handle on what the ledger knows about it.

use std::{
    collections::HashMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    account::{account, known},
    erasure::look_at_retention,
    forecast::{Bounds, DryRun, asked, suppressed_ids},
    ids::Ids,
    map::resume::CallsOf,
    memory::{Draft, remember_earlier},
    plan::{Request, Submission},
    poll_times::{Clock, Habits, Seen},
    progress::Progress,
    records::{Kept, KnownRecords, ROW, Records, Teller},
    suppression::{list, suppress_records},
};
use crate::{
    api::{
        LimitClass,
        agents::{BatchKind, RunPhase, RunStatus},
    },
    client::{CallOptions, Client},
    error::{Advice, Error, ErrorKind, Face, Result, RustFace, Setting},
    process::{per_process::PerProcess, runtime::aside},
};
use crate::{
    ledger::{
        Accepted, BatchRecord, BatchState, Decision, JobRecord, Ledger, NewJob, Reuse, Store,
        memory::NewMemory,
    },
    storage::{Storage, StorageOptions},
};

/// What to do with a batch that may have been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnInDoubt {
    /// Send nothing more, and return [`ErrorKind::OutcomeUnknown`] once all else is loaded.
    #[default]
    Raise,
    /// Send it again, at the risk of paying twice.
    Resend,
    /// Give it up. Its credits count as spent.
    Skip,
}

impl std::str::FromStr for OnInDoubt {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "raise" => Ok(Self::Raise),
            "resend" => Ok(Self::Resend),
            "skip" => Ok(Self::Skip),
            _ => Err(Error::setting(Setting::OnInDoubt, format!("is {text:?}"))
                .advise(Advice::text("use raise, resend or skip"))),
        }
    }
}

/// Options for working on a job.
#[derive(Debug, Clone)]
pub struct JobOptions {
    pub on_in_doubt: OnInDoubt,
    /// Credentials and endpoint of the result storage; by default the AWS credential chain.
    pub storage: StorageOptions,
    /// Locations that the API's answers may name for results, such as `s3://bucket/prefix`. By
    /// default `s3://` and `https://` are allowed; http and local files only if the API is on this
    /// machine.
    pub results: Vec<String>,
    /// Maximum number of batches that are sent in parallel, within the rate limit (default 8).
    pub sends_at_once: usize,
    /// Maximum number of status calls and downloads in parallel (default 16).
    pub reads_at_once: usize,
    /// How long a result may be missing after its run has completed (default 10 minutes).
    pub patience: Duration,
    /// How long a run may be in a state that this version does not know (default 1 hour).
    pub patience_unknown: Duration,
    /// How long a wait tolerates that the API or the ledger cannot be reached (default 5 minutes).
    pub outage: Duration,
    /// Whether a wait also works on batches of other jobs that ask for ids of this one.
    pub help_others: bool,
    /// Whether batches may be sent. If false, only what was sent before is polled and loaded.
    pub spend: bool,
    /// The wording of texts in the job's tables.
    pub face: &'static dyn Face,
}

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            on_in_doubt: OnInDoubt::Raise,
            storage: StorageOptions::default(),
            results: Vec::new(),
            sends_at_once: 8,
            reads_at_once: 16,
            patience: Duration::from_secs(600),
            patience_unknown: Duration::from_secs(3600),
            outage: Duration::from_secs(300),
            help_others: true,
            spend: true,
            face: &RustFace,
        }
    }
}

/// A submitted table. Cloning is cheap.
#[derive(Clone)]
pub struct Job {
    pub(super) inner: Arc<Inner>,
}

/// What a job asks for.
pub(super) enum Asks {
    Batches(Request),
    Calls(CallsOf),
}

impl Asks {
    fn from_ledger(record: &JobRecord) -> Result<Self> {
        Ok(match CallsOf::from_ledger(record)? {
            Some(calls) => Self::Calls(calls),
            None => Self::Batches(Request::from_ledger(&record.kind, &record.parameters)?),
        })
    }
}

pub(super) struct Inner {
    pub kind: String,
    pub client: Client,
    pub ledger: Ledger,
    pub id: i64,
    pub key: String,
    pub account: String,
    pub asks: Asks,
    pub options: JobOptions,
    /// The rows that this job's results are for.
    pub rows: TableRows,
    /// What is sent of each record, if it is known on this machine.
    records: Mutex<KnownRecords>,
    live: PerProcess<Live>,
}

/// The table that a job is made from.
enum Input {
    Ids { column: String, ids: Ids },
    Records(Records),
}

impl Input {
    /// The name of the table's first column, its ids, and what is sent of records.
    fn resolve(self, store: &dyn Store, kind: BatchKind) -> Result<(String, Ids, KnownRecords)> {
        match self {
            Self::Ids { column, ids } => Ok((column, ids, None)),
            Self::Records(records) => {
                let (ids, kept) = records.identify(&store.hash_key()?, kind)?;
                Ok((ROW.to_owned(), ids, Some(Arc::new(kept))))
            }
        }
    }
}

/// The rows of the table that a job's results are for.
///
/// A later submission of the same ids may have another order, or some ids more often. The ledger
/// then stores the newest rows, while an existing handle on the job keeps its own.
#[derive(Debug, Clone)]
pub(super) struct TableRows {
    pub count: u64,
    /// The encoding of [`Ids::pack_rows`].
    pub packed: Arc<[u8]>,
    pub id_column: String,
    pub id_type: String,
}

impl TableRows {
    fn of(record: &JobRecord, packed: Vec<u8>) -> Self {
        Self {
            count: record.rows,
            packed: packed.into(),
            id_column: record.id_column.clone(),
            id_type: record.id_type.clone(),
        }
    }
}

/// The part of a job that belongs to one process.
struct Live {
    storage: Storage,
    /// When each batch in flight is polled next.
    clocks: Mutex<HashMap<u32, Clock>>,
    /// The last known states of the runs in flight.
    seen: Mutex<HashMap<u32, Seen>>,
    habits: Mutex<Habits>,
}

impl Job {
    /// Records the job of a table, or finds it if it was submitted before. Sends nothing.
    ///
    /// # Errors
    /// If no plan is possible, another table or request has the same key, or there is no ledger.
    pub async fn submit(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        column: &str,
        ids: &Ids,
        options: JobOptions,
    ) -> Result<Self> {
        let input = Input::Ids { column: column.to_owned(), ids: ids.clone() };
        Self::submit_input(client, ledger, submission, input, options).await
    }

    /// Like [`Job::submit`], for records instead of ids.
    ///
    /// # Errors
    /// As for [`Job::submit`], or if the fields of the records are unknown or do not identify
    /// anybody, or the records cannot be stored beside the results.
    pub async fn submit_records(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        records: Records,
        options: JobOptions,
    ) -> Result<Self> {
        let submission = submission.for_records(&records)?;
        let input = Input::Records(records);
        Self::submit_input(client, ledger, &submission, input, options).await
    }

    async fn submit_input(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        input: Input,
        options: JobOptions,
    ) -> Result<Self> {
        let account = account(client, ledger).await?;
        remember_earlier(client, ledger, &account, submission, &options).await?;
        let (submission, config) = (submission.clone(), client.config().clone());
        // Planning millions of ids takes seconds, so it runs on a blocking thread, and the caller
        // can be interrupted.
        let (job, rows, records) = ledger
            .run(move |store| {
                let base_url = config.base_url.as_str();
                let (column, mut ids, records) = input.resolve(store, submission.request.kind)?;
                submission.take_sample(&column, &mut ids, &account)?;
                let mut planned = submission.outline(&column, &ids, &account, base_url)?;
                let above = planned.budget.as_deref().map(|name| store.budget(name)).transpose()?;
                if let Some(records) = &records {
                    suppress_records(store, &mut planned.suppress, &ids.unique, records)?;
                }
                let draft = Draft::new(store, &submission, &mut planned, &ids, &config)?;
                let (record, new) = match draft {
                    Draft::Known(record) => (*record, false),
                    Draft::New(recall) => {
                        let bounds = Bounds { above, ..Bounds::default() };
                        let out = suppressed_ids(&list(store, None, &planned)?, &ids.unique);
                        let (most, price) = (planned.max_credits, planned.price);
                        if let Some(error) = bounds.refused(most, price, asked(&recall, &out)) {
                            return Err(error);
                        }
                        submission.plan_known(&mut planned, &mut ids, &recall)?;
                        store.create(&planned)?
                    }
                };
                if !new {
                    check_same(store, &record, &planned, &ids)?;
                    // The plan stays as it was recorded, so the rows are mapped to its order of
                    // ids.
                    ids.reorder(store.all_ids(record.id)?);
                    planned.row_ids = ids.pack_rows()?;
                    let wish = submission.request.wish(&record.account, submission.reuse);
                    planned.memory = Some(NewMemory::new(wish, 0));
                    store.resubmit(record.id, &planned)?;
                }
                tracing::info!(key = %record.key, new, ids = record.ids, "job");
                let rows = TableRows {
                    count: planned.rows,
                    packed: planned.row_ids.into(),
                    id_column: planned.id_column,
                    id_type: planned.id_type,
                };
                Ok((record, rows, records))
            })
            .await?;
        look_at_retention(ledger).await;
        let job = Self::open(client, ledger, &job, rows, options)?;
        if let Some(records) = records {
            job.keep_records(records).await?;
        }
        Ok(job)
    }

    /// Returns what [`Job::submit`] would do, without sending or recording anything.
    ///
    /// # Errors
    /// As for [`Job::submit`].
    pub async fn dry_run(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        column: &str,
        ids: &Ids,
    ) -> Result<DryRun> {
        let input = Input::Ids { column: column.to_owned(), ids: ids.clone() };
        Self::dry_run_input(client, ledger, submission, input).await
    }

    /// Returns what [`Job::submit_records`] would do, without sending or recording anything.
    ///
    /// # Errors
    /// As for [`Job::submit_records`].
    pub async fn dry_run_records(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        records: Records,
    ) -> Result<DryRun> {
        let submission = submission.for_records(&records)?;
        Self::dry_run_input(client, ledger, &submission, Input::Records(records)).await
    }

    async fn dry_run_input(
        client: &Client,
        ledger: &Ledger,
        submission: &Submission,
        input: Input,
    ) -> Result<DryRun> {
        let account = account(client, ledger).await?;
        let options = JobOptions::default();
        remember_earlier(client, ledger, &account, submission, &options).await?;
        let (submission, config) = (submission.clone(), client.config().clone());
        let per_minute = client.per_minute(LimitClass::Batches)?;
        ledger
            .run(move |store| {
                let base_url = config.base_url.as_str();
                let (column, mut ids, records) = input.resolve(store, submission.request.kind)?;
                submission.take_sample(&column, &mut ids, &account)?;
                let mut planned = submission.outline(&column, &ids, &account, base_url)?;
                let above = planned.budget.as_deref().map(|name| store.budget(name)).transpose()?;
                if let Some(records) = &records {
                    suppress_records(store, &mut planned.suppress, &ids.unique, records)?;
                }
                let draft = Draft::new(store, &submission, &mut planned, &ids, &config)?;
                let (recall, job) = match draft {
                    Draft::Known(record) => {
                        let wish = submission.request.wish(&account, Reuse::ALWAYS);
                        (store.recall(&wish, &ids.unique, None)?, Some(*record))
                    }
                    Draft::New(recall) => (recall, None),
                };
                let list = list(store, job.as_ref().map(|job| job.id), &planned)?;
                let out = suppressed_ids(&list, &ids.unique);
                let known = job.is_some();
                let above = above.or_else(|| job.and_then(|job| job.budget));
                let mut ordered = ids.clone();
                submission.plan_known(&mut planned, &mut ordered, &recall)?;
                let wish = submission.request.wish(&account, submission.reuse);
                let rates = store.rates(&wish)?;
                let bounds = Bounds { above, per_minute, known };
                Ok(DryRun::new(&planned, &ids, &recall, &out, &rates, bounds))
            })
            .await
    }

    /// Loads a job that was submitted before, by this or another process.
    ///
    /// # Errors
    /// If the ledger has no such job for this client's account.
    pub async fn load(
        client: &Client,
        ledger: &Ledger,
        key: &str,
        options: JobOptions,
    ) -> Result<Self> {
        let account = account(client, ledger).await?;
        let (own, wanted) = (account.clone(), key.to_owned());
        let config = client.config().clone();
        let found = ledger
            .run(move |store| {
                let found = known(store, &own, &wanted, &config, None)?;
                found
                    .map(|record| {
                        let packed = store.row_ids(record.id)?;
                        Ok((TableRows::of(&record, packed), record))
                    })
                    .transpose()
            })
            .await?;
        look_at_retention(ledger).await;
        match found {
            Some((rows, record)) => Self::open(client, ledger, &record, rows, options),
            None => Err(Error::job(
                key,
                format!("the ledger {} has no job {key:?} for {account}", ledger.place()),
            )
            .advise(Advice::ListJobs)),
        }
    }

    /// A handle on another job whose batches are needed, but not its rows.
    pub(super) fn other(
        client: &Client,
        ledger: &Ledger,
        record: &JobRecord,
        options: JobOptions,
    ) -> Result<Self> {
        Self::open(client, ledger, record, TableRows::of(record, Vec::new()), options)
    }

    fn open(
        client: &Client,
        ledger: &Ledger,
        record: &JobRecord,
        rows: TableRows,
        options: JobOptions,
    ) -> Result<Self> {
        Ok(Self {
            inner: Arc::new(Inner {
                client: client.clone(),
                ledger: ledger.clone(),
                id: record.id,
                key: record.key.clone(),
                account: record.account.clone(),
                asks: Asks::from_ledger(record)?,
                kind: record.kind.clone(),
                options,
                rows,
                records: Mutex::default(),
                live: PerProcess::new(),
            }),
        })
    }

    pub fn key(&self) -> &str {
        &self.inner.key
    }

    /// The kind of the job: `phone-email`, `enrich.company` and so on.
    pub fn kind(&self) -> &str {
        &self.inner.kind
    }

    /// What is asked for each id; `None` for a job of mapped calls.
    pub fn request(&self) -> Option<&Request> {
        match &self.inner.asks {
            Asks::Batches(request) => Some(request),
            Asks::Calls(_) => None,
        }
    }

    /// What is asked for each id.
    ///
    /// # Errors
    /// If it is a job of mapped calls.
    pub(super) fn batch_request(&self) -> Result<&Request> {
        self.request().ok_or_else(|| {
            Error::job(
                self.key(),
                format!("job {:?} makes calls of {}, and has no batches", self.key(), self.kind()),
            )
        })
    }

    /// What is asked for each row; `None` for a job over ids.
    pub(super) fn calls(&self) -> Option<&CallsOf> {
        match &self.inner.asks {
            Asks::Batches(_) => None,
            Asks::Calls(calls) => Some(calls),
        }
    }

    pub(super) fn id(&self) -> i64 {
        self.inner.id
    }

    pub(super) fn client(&self) -> &Client {
        &self.inner.client
    }

    pub(super) fn rows(&self) -> &TableRows {
        &self.inner.rows
    }

    pub(super) fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    pub fn options(&self) -> &JobOptions {
        &self.inner.options
    }

    /// The job as the ledger stores it now.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn record(&self) -> Result<JobRecord> {
        let (account, key) = (self.inner.account.clone(), self.inner.key.clone());
        let found = self.inner.ledger.run(move |store| store.find(&account, &key)).await?;
        found.ok_or_else(|| Error::job(self.key(), "the job was deleted from the ledger"))
    }

    /// The batches of the job, in order.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn batches(&self) -> Result<Vec<BatchRecord>> {
        let id = self.inner.id;
        self.inner.ledger.run(move |store| store.batches(id)).await
    }

    /// The progress of the job, according to the ledger.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn progress(&self) -> Result<Progress> {
        let id = self.inner.id;
        let (record, sums) = self.inner.ledger.run(move |store| store.overview(id)).await?;
        let mut progress = Progress::new(&record, sums);
        progress.rows = self.inner.rows.count;
        if sums.in_flight > 0 {
            progress.unknown = self.seen(|runs| unknown_states(runs.values()));
        }
        Ok(progress)
    }

    /// The batches that may have been sent and have no known answer.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn in_doubt(&self) -> Result<Vec<BatchRecord>> {
        let id = self.inner.id;
        self.inner.ledger.run(move |store| store.find_doubt(id)).await?;
        self.units_in(BatchState::InDoubt).await
    }

    /// The batches in one state, in order.
    pub(super) async fn units_in(&self, state: BatchState) -> Result<Vec<BatchRecord>> {
        let id = self.inner.id;
        let mut units = self.inner.ledger.run(move |store| store.units_in(id, &[state])).await?;
        units.sort_unstable_by_key(|unit| unit.number);
        Ok(units)
    }

    /// Applies a person's decision about a batch: see [`Decision`].
    ///
    /// # Errors
    /// If there is no such batch, or the decision is invalid in its state.
    pub async fn decide(&self, number: u32, decision: Decision) -> Result<()> {
        let id = self.inner.id;
        let key = self.inner.key.clone();
        self.clocks(|clocks| clocks.remove(&number));
        // This process may have received an answer that is not recorded yet.
        self.inner.ledger.deliver().await?;
        let decided = self.inner.ledger.run(move |store| store.decide(id, number, &decision)).await;
        decided.map_err(|error| match error.kind() {
            ErrorKind::Job if error.advice().is_none() => error
                .with_job(key.clone())
                .with_batch(number)
                .advise(Advice::ListBatches { job: key }),
            ErrorKind::Job => error.with_job(key).with_batch(number),
            _ => error,
        })
    }

    /// Attaches a run to a batch in doubt whose request did arrive, or replaces a wrong run.
    ///
    /// With `result_path`, the result is fetched from there, unless the API says that the run is
    /// still in progress. Without it, the API must know the run, and the location of the result is
    /// derived from another batch of this job whose paths contain the id of their run.
    ///
    /// # Errors
    /// As for [`Job::decide`], or if another batch has the same run. With `result_path`, if results
    /// may not be read from there. Without it, if the API does not know the run, or the location of
    /// the result is unknown.
    pub async fn attach(
        &self,
        number: u32,
        run_id: &str,
        result_path: Option<&str>,
        credits_path: Option<&str>,
    ) -> Result<()> {
        self.batch_request().map_err(|error| {
            error.with_batch(number).advise(Advice::GiveAnswer { call: number })
        })?;
        let run_id = run_id.trim();
        if run_id.is_empty() {
            return Err(Error::validation("run_id", "run_id is empty").with_batch(number));
        }
        let ended = match result_path {
            Some(result_path) => {
                self.admit(result_path)?;
                credits_path.map(|path| self.admit(path)).transpose()?;
                !self.still_runs(run_id).await
            }
            None => {
                let call = RunStatus { run_id: run_id.to_owned() };
                self.inner.client.call(&call).await?;
                false
            }
        };
        let batches = self.batches().await?;
        let owner = batches.iter().find(|batch| batch.run_id.as_deref() == Some(run_id));
        if let Some(owner) = owner.filter(|owner| owner.number != number) {
            return Err(Error::job(
                self.key(),
                format!("run {run_id} belongs to batch {}", owner.number),
            )
            .with_batch(number)
            .advise(Advice::text(format!("give batch {number} a run of its own"))));
        }
        let run = match result_path {
            Some(result_path) => Accepted {
                run_id: run_id.to_owned(),
                result_path: result_path.to_owned(),
                credits_path: credits_path.map(str::to_owned),
            },
            None => self.place_like_others(run_id).await?.ok_or_else(|| {
                Error::job(
                    self.key(),
                    format!(
                        "no other batch of the job shows where the result of run {run_id} is stored"
                    ),
                )
                .with_batch(number)
                .advise(Advice::PassResultPath { job: self.key().to_owned(), batch: number })
            })?,
        };
        let decision = if ended { Decision::AttachEnded(run) } else { Decision::Attach(run) };
        self.decide(number, decision).await
    }

    /// Whether the API says that a run is in progress. A person has said where its result is, so
    /// the result does not depend on an API that fails, or does not know the run or its own words.
    async fn still_runs(&self, run_id: &str) -> bool {
        let call = RunStatus { run_id: run_id.to_owned() };
        let options = CallOptions { no_throttle_retry: true, ..CallOptions::default() };
        match self.inner.client.call_with(&call, options).await {
            Ok(answered) => answered.value.known_phase() == Some(RunPhase::Running),
            Err(error) => {
                tracing::warn!(key = self.key(), run_id, %error, "a run cannot be asked about");
                false
            }
        }
    }

    async fn place_like_others(&self, run_id: &str) -> Result<Option<Accepted>> {
        let batches = self.batches().await?;
        Ok(batches.iter().find_map(|batch| {
            let other = batch.run_id.as_deref()?;
            let result_path = batch.result_path.as_deref().filter(|path| path.contains(other))?;
            let credits_path = batch.credits_path.as_deref().filter(|path| path.contains(other));
            Some(Accepted {
                run_id: run_id.to_owned(),
                result_path: result_path.replace(other, run_id),
                credits_path: credits_path.map(|path| path.replace(other, run_id)),
            })
        }))
    }

    /// Stores what is sent of each record, in memory and beside the results.
    async fn keep_records(&self, records: Arc<Kept>) -> Result<()> {
        let folder = self.folder_of(self.id(), self.key());
        let written = records.clone();
        aside(move || written.write(&folder)).await?;
        *self.inner.records.lock().unwrap_or_else(PoisonError::into_inner) = Some(records);
        Ok(())
    }

    /// What is sent of each record, if it is known on this machine.
    ///
    /// # Errors
    /// If the files with the records are damaged.
    pub(super) async fn records(&self) -> Result<KnownRecords> {
        let known = || self.inner.records.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(records) = known() {
            return Ok(Some(records));
        }
        let folder = self.folder_of(self.id(), self.key());
        let read = aside(move || Kept::open(&folder)).await?.map(Arc::new);
        let mut own = self.inner.records.lock().unwrap_or_else(PoisonError::into_inner);
        if own.is_none() {
            own.clone_from(&read);
        }
        Ok(own.clone())
    }

    /// Whether records are sent instead of ids.
    pub(super) fn sends_records(&self) -> bool {
        self.request().is_some_and(|request| request.columns.is_some())
    }

    /// Assigns the rows of a result to records; `None` if ids were sent. `of` is the job that the
    /// result belongs to, and its key.
    pub(super) async fn teller(
        &self,
        of: (i64, &str),
        request: &Request,
    ) -> Result<Option<Teller>> {
        if request.columns.is_none() {
            return Ok(None);
        }
        let key = self.inner.ledger.run(|store| store.hash_key()).await?;
        let kept = if of.0 == self.id() {
            self.records().await?
        } else {
            let folder = self.folder_of(of.0, of.1);
            aside(move || Kept::open(&folder)).await?.map(Arc::new)
        };
        Ok(Some(Teller { key, kept }))
    }

    fn live(&self) -> &Live {
        self.inner.live.get_or_init(|| Live {
            storage: Storage::new(self.inner.options.storage.clone()),
            clocks: Mutex::default(),
            seen: Mutex::default(),
            habits: Mutex::default(),
        })
    }

    pub(super) fn storage(&self) -> &Storage {
        &self.live().storage
    }

    pub(super) fn clocks<T>(&self, work: impl FnOnce(&mut HashMap<u32, Clock>) -> T) -> T {
        work(&mut self.live().clocks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn seen<T>(&self, work: impl FnOnce(&mut HashMap<u32, Seen>) -> T) -> T {
        work(&mut self.live().seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn habits<T>(&self, work: impl FnOnce(&mut Habits) -> T) -> T {
        work(&mut self.live().habits.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The folder with a job's result files.
    pub(super) fn folder_of(&self, id: i64, key: &str) -> PathBuf {
        self.inner.ledger.results_folder().join(folder_name(id, key))
    }
}

/// The name of the folder with a job's result files.
pub(super) fn folder_name(id: i64, key: &str) -> String {
    let name: String = key
        .chars()
        .take(60)
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' })
        .collect();
    format!("{id}-{name}")
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("key", &self.key()).finish_non_exhaustive()
    }
}

/// The states of runs that this version does not know, sorted and without duplicates.
fn unknown_states<'a>(seen: impl Iterator<Item = &'a Seen>) -> Vec<String> {
    let unknown: std::collections::BTreeSet<&str> =
        seen.filter(|seen| !seen.known).map(|seen| seen.status.as_str()).collect();
    unknown.into_iter().map(str::to_owned).collect()
}

/// Checks that a submission has the same request and ids as the job that has its key.
fn check_same(store: &dyn Store, known: &JobRecord, planned: &NewJob, ids: &Ids) -> Result<()> {
    if known.digest == planned.digest {
        return Ok(());
    }
    let difference = if known.kind != planned.kind {
        format!("it asks for {} there and for {} here", known.kind, planned.kind)
    } else if known.parameters != planned.parameters {
        format!("its parameters are {} there and {} here", known.parameters, planned.parameters)
    } else {
        let there: std::collections::HashSet<String> =
            store.all_ids(known.id)?.into_iter().collect();
        let here: std::collections::HashSet<&String> = ids.unique.iter().collect();
        let new = here.iter().filter(|id| !there.contains(**id)).count();
        let gone = there.iter().filter(|id| !here.contains(id)).count();
        format!("this table has {new} ids that the job does not have, and lacks {gone} that it has")
    };
    Err(Error::job(
        &planned.key,
        format!("job {:?} was submitted before and is another one: {difference}", planned.key),
    )
    .advise(Advice::UseAnotherKey))
}
