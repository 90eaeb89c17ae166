//! Loads a finished batch: its result and its credit report are fetched to this machine and read
//! once, so that a damaged file is noticed while it can still be fetched again.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use sha2::{Digest, Sha256};

use super::{job::Job, plan::Request, records::Teller};
use crate::{
    api::agents::BatchKind,
    error::{Advice, Error, Result, RustFace},
    ledger::{
        Asked, BatchRecord, Event, JobRecord, Loaded,
        memory::{Answer, EMAIL, PHONE, Parts, WHOLE, found, parts},
    },
    process::{clock::now, runtime::aside},
    results::{
        Answers, CreditsReport, Settled, found as results_found, identify, parse_credits, settle,
        settle_records,
    },
    storage::{Location, Sources},
};

/// How often a damaged result is fetched before it is an error.
const FETCHES: u32 = 3;

/// Maximum size of a result in bytes, apart from its rows.
const LARGEST_FILE: u64 = 16 << 20;
/// Maximum size of a row in bytes: far more than even deep research writes.
const LARGEST_ROW: u64 = 1 << 20;

/// How long a result waits for its credit report.
const REPORT_PATIENCE: Duration = Duration::from_secs(30);

/// What batches that are loaded at the same time asked for.
pub(super) type AskedOfAll = Shared<BoxFuture<'static, Result<Arc<Asked>>>>;

/// Time since a run was first seen as completed, by this or another process.
fn since_completed(batch: &BatchRecord) -> Duration {
    let micros = batch.finished_at.map_or(0, |at| now().saturating_sub(at));
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

impl Job {
    /// Loads one batch.
    pub(super) async fn load_batch(&self, batch: BatchRecord, asked: AskedOfAll) -> Result<Fetch> {
        let (id, number) = (self.inner.id, batch.number);
        let ledger = &self.inner.ledger;
        let outcome = self.fetch_batch(&batch, asked).await;
        let (error, patient) = match outcome {
            Ok(Outcome::Loaded(loaded)) => {
                let run_id = batch.run_id.unwrap_or_default();
                let cut = !loaded.cut_ids.is_empty();
                ledger.step(id, number, None, Event::Load { run_id, loaded }).await?;
                self.clocks(|clocks| clocks.remove(&number));
                return Ok(Fetch::Done { cut });
            }
            // The run has completed, but it may take a moment until the file is visible.
            Err(Failed::Missing(error)) => (error, true),
            Err(Failed::Broken(error)) => (error, false),
            Ok(Outcome::Foreign { why, credits }) => {
                let (path, _) = self.files(&batch)?;
                let why = format!("{why}; it is kept as {}", path.display());
                tracing::error!(key = self.key(), batch = number, credits, "{why}");
                let run_id = batch.run_id.unwrap_or_default();
                let event = Event::Fail { run_id, error: why, credits };
                ledger.step(id, number, None, event).await?;
                self.clocks(|clocks| clocks.remove(&number));
                return Ok(Fetch::Done { cut: false });
            }
        };
        let reason = error.without_advice(&RustFace);
        ledger.step(id, number, None, Event::Note { error: reason }).await?;
        let waited = since_completed(&batch);
        let due = self.later(number);
        if patient && waited < self.inner.options.patience {
            return Ok(Fetch::Later(due));
        }
        Err(error)
    }

    /// Reads from the ledger what some batches asked for, once for everybody who waits for it.
    pub(super) fn asked(&self, numbers: Vec<u32>) -> AskedOfAll {
        let (ledger, id) = (self.inner.ledger.clone(), self.inner.id);
        let read =
            async move { ledger.run(move |store| store.asked(id, &numbers)).await.map(Arc::new) };
        read.boxed().shared()
    }

    async fn fetch_batch(&self, batch: &BatchRecord, asked: AskedOfAll) -> Result<Outcome, Failed> {
        let number = batch.number;
        let asked = asked.await?;
        let price = asked.price;
        let (path, credits_path) = self.files(batch)?;
        let teller = self.teller((self.inner.id, self.key()), self.batch_request()?).await?;
        let mut fetched = 0;
        loop {
            self.download(batch, batch.result_path.as_deref(), &path).await?;
            let report = self.report(batch, &credits_path).await?;
            let kind = self.kind_of(batch)?;
            let name = batch.result_path.clone().unwrap_or_default();
            let (asked, max_credits) = (asked.clone(), batch.max_credits);
            let read = aside({
                let (path, teller) = (path.clone(), teller.clone());
                move || {
                    let paid = Paid { report: report.as_ref(), max_credits, price };
                    let ids = asked.ids.get(&number).map(Vec::as_slice).unwrap_or_default();
                    read_batch(&path, &name, kind, (ids, teller.as_ref()), &paid)
                }
            })
            .await;
            match read {
                Ok(outcome) => return Ok(outcome),
                Err(error) => {
                    fetched += 1;
                    tracing::warn!(batch = number, fetched, %error, "a result cannot be read");
                    let _ = tokio::fs::remove_file(&path).await;
                    let _ = tokio::fs::remove_file(&credits_path).await;
                    if fetched == FETCHES {
                        return Err(Failed::Broken(error));
                    }
                }
            }
        }
    }

    /// The local paths of a batch's result and credit report.
    pub(super) fn files(&self, batch: &BatchRecord) -> Result<(PathBuf, PathBuf)> {
        self.files_of(self.inner.id, self.key(), batch)
    }

    /// Like [`Job::files`], for a batch of any job.
    pub(super) fn files_of(
        &self,
        id: i64,
        key: &str,
        batch: &BatchRecord,
    ) -> Result<(PathBuf, PathBuf)> {
        let run = batch.run_id.as_deref().unwrap_or_default();
        if run.is_empty() {
            return Err(Error::job(
                key,
                format!("batch {} has no run id, so it has no result", batch.number),
            ));
        }
        let (folder, name) = (self.folder_of(id, key), file_name(run));
        Ok((folder.join(format!("{name}.csv")), folder.join(format!("{name}.credits.csv"))))
    }

    /// The location of a result or of its credit report, if results may be read from there.
    pub(super) fn admit(&self, place: &str) -> Result<Location> {
        let base_url = &self.inner.client.config().base_url;
        Sources::new(base_url, &self.inner.options.results)?.admit(place)
    }

    /// Fetches a result, unless it is already on this machine.
    async fn download(
        &self,
        batch: &BatchRecord,
        from: Option<&str>,
        to: &Path,
    ) -> Result<(), Failed> {
        let number = batch.number;
        let Some(from) = from.filter(|from| !from.is_empty()) else {
            return Err(Failed::Broken(
                Error::results(to.display().to_string(), None, "the run has no result path")
                    .with_job(self.key())
                    .with_batch(number)
                    .advise(Advice::PassResultPath { job: self.key().to_owned(), batch: number }),
            ));
        };
        if to.exists() {
            return Ok(());
        }
        if let Some(folder) = to.parent() {
            crate::process::private::folder(folder).map_err(|error| {
                let place = folder.display().to_string();
                Error::results(&place, None, format!("{place} cannot be created: {error}"))
            })?;
        }
        let place = self.admit(from)?;
        let most = LARGEST_FILE + u64::from(batch.count) * LARGEST_ROW;
        match self.storage().download_from(&place, to, most).await? {
            Some(_) => Ok(()),
            None => {
                let message = format!("{from} does not exist (yet)");
                Err(Failed::Missing(Error::results(from, None, message)))
            }
        }
    }

    /// The credit report, if there is one that can be read.
    async fn report(
        &self,
        batch: &BatchRecord,
        path: &Path,
    ) -> Result<Option<CreditsReport>, Failed> {
        if batch.credits_path.as_deref().is_none_or(str::is_empty) {
            return Ok(None);
        }
        match self.download(batch, batch.credits_path.as_deref(), path).await {
            Ok(()) => {}
            Err(Failed::Missing(error)) => {
                // The report may be written later than the result, but the result does not wait for
                // it forever.
                if since_completed(batch) < REPORT_PATIENCE {
                    return Err(Failed::Missing(error));
                }
                tracing::warn!(batch = batch.number, %error, "no credit report");
                return Ok(None);
            }
            Err(Failed::Broken(error)) => {
                tracing::warn!(batch = batch.number, %error, "no credit report");
                return Ok(None);
            }
        }
        let bytes = tokio::fs::read(path)
            .await
            .map_err(|error| Error::results(path.display().to_string(), None, error.to_string()))?;
        match parse_credits(&bytes, batch.credits_path.as_deref().unwrap_or_default()) {
            Ok(report) => Ok(Some(report)),
            Err(error) => {
                tracing::warn!(batch = batch.number, %error, "the credit report cannot be read");
                Ok(None)
            }
        }
    }

    /// What a failed run cost, if its credit report says so.
    pub(super) async fn cost_of_failed(&self, batch: &BatchRecord) -> Option<u64> {
        let (_, path) = self.files(batch).ok()?;
        // Without a report it counts with the maximum that it may have cost.
        let report = self.report(batch, &path).await.ok()??;
        report.spent.map(|spent| spent.total)
    }

    /// The result files of loaded batches. Files that are no longer on this machine are fetched
    /// again.
    ///
    /// # Errors
    /// If a file is no longer on this machine and cannot be fetched.
    pub(super) async fn result_files(&self, batches: &[BatchRecord]) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::with_capacity(batches.len());
        for batch in batches {
            let (path, _) = self.files(batch)?;
            if !path.exists() {
                let own =
                    Fetched { id: self.inner.id, key: self.key(), kind: self.kind_of(batch)? };
                self.fetch_again(own, self.batch_request()?, batch, &path).await?;
            }
            paths.push(path);
        }
        Ok(paths)
    }
}

impl Job {
    /// The kind that a batch asks for, which may be a part of what the job asks for.
    pub(super) fn kind_of(&self, batch: &BatchRecord) -> Result<BatchKind> {
        Ok(batch.kind.unwrap_or(self.batch_request()?.kind))
    }

    /// The result of a loaded batch of any job, which is fetched again if it is no longer on this
    /// machine.
    pub(super) async fn result_of(
        &self,
        record: &JobRecord,
        batch: &BatchRecord,
    ) -> Result<(PathBuf, BatchKind)> {
        let kind = match batch.kind {
            Some(kind) => kind,
            None => record.kind.parse()?,
        };
        let (path, _) = self.files_of(record.id, &record.key, batch)?;
        if !path.exists() {
            let request = Request::from_ledger(&record.kind, &record.parameters)?;
            let of = Fetched { id: record.id, key: &record.key, kind };
            self.fetch_again(of, &request, batch, &path).await?;
        }
        Ok((path, kind))
    }

    /// The answers to the records of a batch that an earlier version loaded.
    pub(super) async fn answers_of(&self, batch: &BatchRecord) -> Result<Vec<Answer>> {
        let (id, number) = (self.inner.id, batch.number);
        let asked = self.inner.ledger.run(move |store| store.batch_ids(id, number)).await?;
        let kind = self.kind_of(batch)?;
        let (path, credits_path) = self.files(batch)?;
        let request = self.batch_request()?;
        if !path.exists() {
            let own = Fetched { id, key: self.key(), kind };
            self.fetch_again(own, request, batch, &path).await?;
        }
        let teller = self.teller((id, self.key()), request).await?;
        let name = batch.result_path.clone().unwrap_or_default();
        let key = self.key().to_owned();
        aside(move || {
            let report = match kept_report(&credits_path) {
                Ok(report) => report,
                Err(error) => {
                    tracing::warn!(
                        %key, batch = number, %error,
                        "the credit report cannot be read, so the cost of its records is unknown"
                    );
                    None
                }
            };
            match settled(&path, &name, kind, (&asked, teller.as_ref()))? {
                Settled::Answers(answers) => Ok(records(&answers, kind, &asked, report.as_ref())),
                Settled::Unidentified(_) => Ok(Vec::new()),
            }
        })
        .await
    }

    /// Fetches the result of a loaded batch again.
    async fn fetch_again(
        &self,
        Fetched { id, key, kind }: Fetched<'_>,
        request: &Request,
        batch: &BatchRecord,
        path: &Path,
    ) -> Result<()> {
        let number = batch.number;
        self.download(batch, batch.result_path.as_deref(), path).await.map_err(|failed| {
            match failed {
                Failed::Missing(error) | Failed::Broken(error) => error,
            }
        })?;
        let asked = self.inner.ledger.run(move |store| store.batch_ids(id, number)).await?;
        let name = batch.result_path.clone().unwrap_or_default();
        let path = path.to_owned();
        let teller = self.teller((id, key), request).await?;
        let settled = aside(move || settled(&path, &name, kind, (&asked, teller.as_ref()))).await?;
        match settled {
            Settled::Answers(_) => Ok(()),
            Settled::Unidentified(ids) => Err(Error::job(
                self.key(),
                format!("the result of batch {number} differs from the one loaded before: {ids}"),
            )
            .with_batch(number)),
        }
    }
}

/// The result to fetch again: its job, and what its batch asked for.
struct Fetched<'a> {
    id: i64,
    key: &'a str,
    kind: BatchKind,
}

/// Normalizes a result, by the ids that were asked for or by the records that were sent.
fn settled(
    path: &Path,
    name: &str,
    kind: BatchKind,
    (asked, teller): (&[String], Option<&Teller>),
) -> Result<Settled> {
    match teller {
        None => settle(path, name, kind, asked),
        Some(teller) => settle_records(path, name, kind, asked, &|rows| teller.tell(asked, rows)),
    }
}

/// The outcome of loading a batch.
pub(super) enum Fetch {
    /// It is loaded, or its result does not answer the batch. With `cut`, the budget did not reach
    /// all of its ids.
    Done { cut: bool },
    /// Its files do not exist yet; look again at this time.
    Later(Instant),
}

/// Why a batch could not be loaded.
enum Failed {
    /// A file does not exist (yet).
    Missing(Error),
    Broken(Error),
}

/// What a result is.
enum Outcome {
    Loaded(Loaded),
    /// It cannot be the result of this batch, and fetching it again would not change that.
    Foreign {
        why: String,
        credits: Option<u64>,
    },
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// A file name for a run, whose id may be any text. Two ids never get the same name.
pub(super) fn file_name(run: &str) -> String {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
    let name: String = run.chars().filter(plain).take(40).collect();
    if name == run {
        return name;
    }
    let hash = hex::encode(Sha256::digest(run.as_bytes()));
    format!("{name}_{}", &hash[..16])
}

/// What is known about the cost of a batch.
struct Paid<'a> {
    report: Option<&'a CreditsReport>,
    max_credits: u64,
    /// Maximum cost of one record, as far as the job knows.
    price: u64,
}

/// The credit report that an earlier version stored; `None` if it stored none.
fn kept_report(path: &Path) -> Result<Option<CreditsReport>> {
    let place = path.display().to_string();
    match std::fs::read(path) {
        Ok(bytes) => parse_credits(&bytes, &place).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::results(&place, None, error.to_string()).caused_by(error)),
    }
}

/// Reads one result and compares it with what was asked for and what was paid.
fn read_batch(
    path: &Path,
    name: &str,
    kind: BatchKind,
    (asked, teller): (&[String], Option<&Teller>),
    paid: &Paid<'_>,
) -> Result<Outcome> {
    let report = paid.report;
    let answers = match settled(path, name, kind, (asked, teller))? {
        Settled::Answers(answers) => answers,
        Settled::Unidentified(ids) => {
            return Ok(Outcome::Foreign {
                why: format!("the result {name} does not fit its batch: {ids}"),
                credits: report.and_then(|report| report.spent).map(|spent| spent.total),
            });
        }
    };
    let rows = &answers.rows;
    let returned: HashSet<&str> = match rows.column_by_name("id") {
        Some(ids) => ids.as_string::<i32>().iter().flatten().collect(),
        None => HashSet::new(),
    };
    // If rows of records could not be assigned, they may be those of the ids that seem to be
    // missing.
    let told = teller.is_none() || answers.strangers == 0;
    let paid_ids = report.filter(|_| told).map(|report| paid_ids(report, &answers, asked));
    if let Some(lost) = paid_ids.and_then(|ids| lost(asked, &ids, &returned)) {
        return Err(Error::results(
            name,
            None,
            format!("{name} lacks id {lost:?}, which was paid for according to the credit report"),
        )
        .hint("fetch the file again, because it is truncated"));
    }
    if answers.strangers > 0 {
        tracing::warn!(
            file = name,
            rows = answers.strangers,
            "the result holds ids that were not asked for"
        );
    }
    let [of_email, of_phone] = results_found::ANSWERS;
    let how_many = |pair: [&str; 2]| -> Option<u32> {
        u32::try_from(results_found::found(rows, pair)?.true_count()).ok()
    };
    let spent = report.and_then(|report| report.spent);
    let credits = spent.map(|spent| spent.total);
    let dearest = spent.map(|spent| spent.most_per_record);
    // If the credits are almost used up, the ids missing at the end of a batch were not reached.
    // All other missing ids were left out by the API, as it does with ids that it cannot use. A
    // result with as many rows as there are ids was not cut by the budget.
    let short = returned.len() < asked.len() && answers.held < asked.len();
    let unreached = short
        && answers.strangers == 0
        && match credits {
            Some(credits) => {
                paid.max_credits.saturating_sub(credits) < dearest.unwrap_or(0).max(paid.price)
            }
            // Without a report, only a batch that could not pay for all of its ids counts as cut.
            None => paid.max_credits < (asked.len() as u64).saturating_mul(paid.price),
        };
    let cut_ids = if unreached {
        let last = asked.iter().rposition(|id| returned.contains(id.as_str()));
        asked[last.map_or(0, |last| last + 1)..].to_vec()
    } else {
        Vec::new()
    };
    Ok(Outcome::Loaded(Loaded {
        credits,
        returned: u32::try_from(returned.len()).unwrap_or(u32::MAX),
        emails: how_many(of_email),
        phones: how_many(of_phone),
        cut_ids,
        dearest,
        records: records(&answers, kind, asked, report),
    }))
}

/// The ids that a report names as paid. If it names records by the API's own ids, they are mapped
/// to the ledger's.
fn paid_ids(report: &CreditsReport, answers: &Answers, asked: &[String]) -> Vec<String> {
    let own = |id: &String| {
        let place = answers.own_ids.get(id)?;
        asked.get(*place).cloned()
    };
    report.paid_ids.iter().map(|id| own(id).unwrap_or_else(|| id.clone())).collect()
}

/// The answer to each id, and its cost if the report gives it.
fn records(
    results: &Answers,
    kind: BatchKind,
    asked: &[String],
    report: Option<&CreditsReport>,
) -> Vec<Answer> {
    let rows: &RecordBatch = &results.rows;
    let positions: HashMap<&str, usize> =
        asked.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let mut answers = vec![Answer::default(); asked.len()];
    let columns: Vec<(BooleanArray, Parts)> = results_found::ANSWERS
        .into_iter()
        .zip([EMAIL, PHONE])
        .filter_map(|(pair, part)| Some((results_found::found(rows, pair)?, part)))
        .collect();
    let ids = rows.column_by_name("id").and_then(|ids| ids.as_string_opt::<i32>());
    for (row, id) in ids.into_iter().flatten().enumerate() {
        let Some(at) = id.and_then(|id| positions.get(id)) else { continue };
        let mut own = parts(kind);
        if own == WHOLE {
            own |= found(WHOLE);
        }
        let asked_of = own;
        for (column, part) in columns.iter().filter(|(_, part)| asked_of & part != 0) {
            if !column.is_null(row) && column.value(row) {
                own |= found(*part);
            }
        }
        answers[*at].flags |= own;
    }
    // A report with ambiguous columns says nothing about the cost of any id.
    if let Some(report) = report.filter(|report| report.spent.is_some()) {
        let paid = paid_ids(report, results, asked);
        let paid: Vec<&str> = paid.iter().map(String::as_str).collect();
        if let Ok(identified) = identify(asked, &paid) {
            // Records that the report does not name cost nothing.
            answers.iter_mut().for_each(|answer| answer.credits = Some(0));
            for (at, credits) in identified.asked.iter().zip(&report.paid) {
                if let Some(at) = at {
                    let credits = u16::try_from(*credits).unwrap_or(u16::MAX);
                    let sum = answers[*at].credits.unwrap_or(0).saturating_add(credits);
                    answers[*at].credits = Some(sum);
                }
            }
        }
    }
    answers
}

/// An id that was asked for and paid for, but has no row. The report may spell ids differently.
fn lost<'a>(asked: &'a [String], paid: &[String], returned: &HashSet<&str>) -> Option<&'a str> {
    let paid: Vec<&str> = paid.iter().map(String::as_str).collect();
    // A report whose ids cannot be recognized says nothing about the result.
    let places = identify(asked, &paid).map(|identified| identified.asked).unwrap_or_else(|_| {
        paid.iter().map(|id| asked.iter().position(|asked| asked == id)).collect()
    });
    places.into_iter().flatten().map(|at| asked[at].as_str()).find(|id| !returned.contains(id))
}
