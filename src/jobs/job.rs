//! A job: a handle on what the ledger knows about it.

use std::{
    collections::HashMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

pub use super::options::{JobOptions, OnInDoubt};
use super::{
    account::{account, known},
    job_key,
    map::calls_of::CallsOf,
    plan::Request,
    poll_times::{Clock, Habits, Seen},
    progress::Progress,
    records::{KnownRecords, RowAssigner, StoredRecords},
    result_files::folder_name,
    retention::look_at_retention,
    sent_ids::SentIds,
};
use crate::{
    client::Client,
    error::{Advice, Error, Result},
    ledger::{BatchRecord, BatchState, JobRecord, Ledger, rules::Sums},
    process::{per_process::PerProcess, runtime::run_blocking},
    storage::Storage,
};

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

/// The rows of the table that a job's results are for.
///
/// A later submission of the same ids may have another order, or some ids more often. The ledger
/// then stores the newest rows, while an existing handle on the job keeps its own.
#[derive(Debug, Clone)]
pub(super) struct TableRows {
    pub count: u64,
    /// The encoding of [`pack_rows`](super::row_ids::pack_rows).
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
    /// What the batches in flight ask for that this process sent.
    sent_ids: Mutex<SentIds>,
}

impl Job {
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
                format!(
                    "the ledger {} has no job {:?} for {account}",
                    ledger.place(),
                    job_key::shown(key)
                ),
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

    pub(super) fn open(
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
        Ok(self.read_progress().await?.0)
    }

    /// Like [`Job::progress`], with the job as the ledger stores it now.
    pub(super) async fn read_progress(&self) -> Result<(Progress, JobRecord)> {
        let id = self.inner.id;
        let (record, sums) = self.inner.ledger.run(move |store| store.overview(id)).await?;
        Ok((self.progress_of(&record, sums), record))
    }

    /// The progress of the job with these sums.
    pub(super) fn progress_of(&self, record: &JobRecord, sums: Sums) -> Progress {
        let mut progress = Progress::new(record, sums);
        progress.rows = self.inner.rows.count;
        if sums.in_flight > 0 {
            progress.unknown = self.seen(|runs| unknown_states(runs.values()));
        }
        progress
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

    /// Stores what is sent of each record, in memory and beside the results.
    pub(super) async fn keep_records(&self, records: Arc<StoredRecords>) -> Result<()> {
        let folder = self.folder_of(self.id(), self.key());
        let written = records.clone();
        run_blocking(move || written.write(&folder)).await?;
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
        let read = run_blocking(move || StoredRecords::open(&folder)).await?.map(Arc::new);
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
    pub(super) async fn assigner(
        &self,
        of: (i64, &str),
        request: &Request,
    ) -> Result<Option<RowAssigner>> {
        if request.columns.is_none() {
            return Ok(None);
        }
        let key = self.inner.ledger.run(|store| store.hash_key()).await?;
        let kept = if of.0 == self.id() {
            self.records().await?
        } else {
            let folder = self.folder_of(of.0, of.1);
            run_blocking(move || StoredRecords::open(&folder)).await?.map(Arc::new)
        };
        Ok(Some(RowAssigner { key, kept }))
    }

    fn live(&self) -> &Live {
        self.inner.live.get_or_init(|| Live {
            storage: Storage::new(self.inner.options.storage.clone()),
            clocks: Mutex::default(),
            seen: Mutex::default(),
            habits: Mutex::default(),
            sent_ids: Mutex::default(),
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

    pub(super) fn sent_ids<T>(&self, work: impl FnOnce(&mut SentIds) -> T) -> T {
        work(&mut self.live().sent_ids.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The folder with a job's result files.
    pub(super) fn folder_of(&self, id: i64, key: &str) -> PathBuf {
        self.inner.ledger.results_folder().join(folder_name(id, key))
    }
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
