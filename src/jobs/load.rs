//! Loads a finished batch: its result and its credit report are fetched to this machine and read
//! once, so that a damaged file is noticed while it can still be fetched again.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    job::Job,
    read_result::{Outcome, Paid, read_batch},
    result_files::{earlier_file_name, file_name},
};
use crate::{
    error::{Advice, Error, Result, RustFace},
    ledger::{BatchRecord, BatchState, Ended, Event, RequestedIds, Step},
    process::{clock::now, runtime::run_blocking},
    results::{CreditsReport, parse_credits},
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

/// Time since a run was first seen as completed, by this or another process.
fn since_completed(batch: &BatchRecord) -> Duration {
    let micros = batch.finished_at.map_or(0, |at| now().saturating_sub(at));
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

impl Job {
    /// Records the result of a batch, or why it could not be fetched, and that its run has ended, if
    /// that is not recorded yet.
    pub(super) async fn load_batch(
        &self,
        batch: BatchRecord,
        fetched: FetchedResult,
    ) -> Result<Fetch> {
        let number = batch.number;
        let run_id = batch.run_id.clone().unwrap_or_default();
        let record = |event: Event| {
            let finish = Event::Finish { run_id: run_id.clone(), end: Ended::Completed };
            let steps = [finish, event].map(|event| Step { number, sending: None, event });
            self.inner.ledger.turn(self.inner.id, steps.into(), None)
        };
        let (error, patient) = match fetched {
            Ok(Outcome::Loaded(loaded)) => {
                let cut = !loaded.cut_ids.is_empty();
                record(Event::Load { run_id: run_id.clone(), loaded }).await?;
                self.clocks(|clocks| clocks.remove(&number));
                return Ok(Fetch::Done { cut });
            }
            // The run has completed, but it may take a moment until the file is visible.
            Err(Failed::Missing(error)) => (error, true),
            Err(Failed::Broken(error)) => (error, false),
            Ok(Outcome::Foreign { why, credits }) => {
                let (path, credits_path) = self.files(&batch)?;
                // Out of the way of the right file, which `resolve` may name for the same run.
                let aside = path.with_extension("foreign.csv");
                let kept = tokio::fs::rename(&path, &aside).await.map_or(path, |()| aside);
                let _ = tokio::fs::remove_file(&credits_path).await;
                let why = format!("{why}; it is kept as {}", kept.display());
                tracing::error!(key = self.key(), batch = number, credits, "{why}");
                record(Event::Fail { run_id: run_id.clone(), error: why, credits }).await?;
                self.clocks(|clocks| clocks.remove(&number));
                return Ok(Fetch::Done { cut: false });
            }
        };
        let reason = error.without_advice(&RustFace);
        record(Event::Note { error: reason }).await?;
        let waited = since_completed(&batch);
        let due = self.later(number);
        if patient && waited < self.inner.options.patience {
            return Ok(Fetch::Later(due));
        }
        Err(error.within(format_args!("job {:?}, batch {number}", self.key())))
    }

    /// Reads from the ledger what some batches asked for.
    pub(super) async fn asked(&self, numbers: Vec<u32>) -> Result<Arc<RequestedIds>> {
        let id = self.inner.id;
        self.inner.ledger.run(move |store| store.asked(id, &numbers)).await.map(Arc::new)
    }

    /// Fetches and reads the result of a batch. `asked` says what it asked for.
    pub(super) async fn fetch_batch(
        &self,
        batch: &BatchRecord,
        asked: Arc<RequestedIds>,
    ) -> FetchedResult {
        let number = batch.number;
        let price = asked.price;
        // Compared with no ids, a paid result would seem to belong to another batch.
        if asked.ids.get(&number).is_none_or(Vec::is_empty) {
            let happened = format!("the ledger does not say which ids batch {number} asks for");
            return Err(Error::ledger(happened).hint("restore the ledger from a backup").into());
        }
        let (path, credits_path) = self.files(batch)?;
        let assigner = self.assigner((self.inner.id, self.key()), self.batch_request()?).await?;
        let mut fetched = 0;
        loop {
            self.download(batch, batch.result_path.as_deref(), &path).await?;
            let report = self.report(batch, &credits_path).await?;
            let kind = self.kind_of(batch)?;
            let name = batch.result_path.clone().unwrap_or_default();
            let (asked, max_credits) = (asked.clone(), batch.max_credits);
            let read = run_blocking({
                let (path, assigner) = (path.clone(), assigner.clone());
                move || {
                    let paid = Paid { report: report.as_ref(), max_credits, price };
                    let ids = asked.ids.get(&number).map(Vec::as_slice).unwrap_or_default();
                    read_batch(&path, &name, kind, (ids, assigner.as_ref()), &paid)
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
        let folder = self.folder_of(id, key);
        let [name, earlier] = [file_name(batch.number, run), earlier_file_name(run)];
        let place = |end: &str| {
            let [own, earlier] = [&name, &earlier].map(|name| folder.join(format!("{name}.{end}")));
            // Before it is loaded, the file could be that of another batch with the same run id.
            let kept = batch.state == BatchState::Loaded && !own.exists() && earlier.exists();
            if kept { earlier } else { own }
        };
        Ok((place("csv"), place("credits.csv")))
    }

    /// The location of a result or of its credit report, if results may be read from there.
    pub(super) fn admit(&self, place: &str) -> Result<Location> {
        let base_url = &self.inner.client.config().base_url;
        Sources::new(base_url, &self.inner.options.results)?.admit(place)
    }

    /// Fetches a result, unless it is already on this machine.
    pub(super) async fn download(
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
}

/// The outcome of loading a batch.
pub(super) enum Fetch {
    /// It is loaded, or its result does not answer the batch. With `cut`, the budget did not reach
    /// all of its ids.
    Done { cut: bool },
    /// Its files do not exist yet; look again at this time.
    Later(Instant),
}

/// What the result of a batch is, or why it could not be fetched.
pub(super) type FetchedResult = Result<Outcome, Failed>;

/// Why a batch could not be loaded.
pub(super) enum Failed {
    /// A file does not exist (yet).
    Missing(Error),
    Broken(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}
