//! Loading a finished batch: its result and its credit report come to this machine and are read
//! once, so that a damaged file is found while it can still be fetched again.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch},
    datatypes::DataType,
};

use super::job::Job;
use crate::{
    api::agents::BatchKind,
    client::limit::now,
    error::{Advice, Error, Result, RustFace},
};
use crate::{
    ledger::{BatchRecord, Loaded},
    results::{CreditsReport, parse_credits, parse_result},
};

/// How often a damaged result is fetched before it is an error.
const FETCHES: u32 = 3;

/// How long a result is held back for its credit report.
const REPORT_PATIENCE: Duration = Duration::from_secs(30);

/// How long ago a run was seen completed, here or in another process.
fn since_completed(batch: &BatchRecord) -> Duration {
    let micros = batch.finished_at.map_or(0, |at| now().saturating_sub(at));
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

impl Job {
    /// Loads one batch. `Ok(Some(when))` if its files are not there yet.
    pub(super) async fn load_batch(&self, batch: BatchRecord) -> Result<Option<Instant>> {
        let (id, number) = (self.inner.id, batch.number);
        let outcome = self.fetch_batch(&batch).await;
        let (error, patient) = match outcome {
            Ok(loaded) => {
                let ledger = &self.inner.ledger;
                let run_id = batch.run_id.unwrap_or_default();
                ledger.run(move |store| store.load(id, number, &run_id, &loaded)).await?;
                self.clocks(|clocks| clocks.remove(&number));
                return Ok(None);
            }
            // The run is completed, and the file may take a moment to be seen.
            Err(Failed::Missing(error)) => (error, true),
            Err(Failed::Broken(error)) => (error, false),
        };
        let reason = error.without_advice(&RustFace);
        self.inner.ledger.run(move |store| store.note(id, number, &reason)).await?;
        let waited = since_completed(&batch);
        let due = self.later(number);
        if patient && waited < self.inner.options.patience {
            return Ok(Some(due));
        }
        Err(error)
    }

    async fn fetch_batch(&self, batch: &BatchRecord) -> Result<Loaded, Failed> {
        let id = self.inner.id;
        let number = batch.number;
        let asked = self.inner.ledger.run(move |store| store.batch_ids(id, number)).await?;
        let price = self.record().await?.price;
        let (path, credits_path) = self.files(batch)?;
        let mut fetched = 0;
        loop {
            self.download(batch.number, batch.result_path.as_deref(), &path).await?;
            let report = self.report(batch, &credits_path).await?;
            let kind = self.batch_request()?.kind;
            let name = batch.result_path.clone().unwrap_or_default();
            let (asked, max_credits) = (asked.clone(), batch.max_credits);
            let read = crate::process::runtime::aside({
                let path = path.clone();
                move || {
                    let paid = Paid { report: report.as_ref(), max_credits, price };
                    read_batch(&path, &name, kind, &asked, &paid)
                }
            })
            .await;
            match read {
                Ok(loaded) => return Ok(loaded),
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

    /// Where the result and the credit report of a batch are kept.
    pub(super) fn files(&self, batch: &BatchRecord) -> Result<(PathBuf, PathBuf)> {
        let run = batch.run_id.as_deref().unwrap_or_default();
        // A run id is a UUID; one that a person attached may be anything.
        let name: String = run
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
            .collect();
        if name.is_empty() {
            return Err(Error::job(
                self.key(),
                format!("batch {} has no run id, so it has no result", batch.number),
            ));
        }
        let folder = self.folder();
        Ok((folder.join(format!("{name}.csv")), folder.join(format!("{name}.credits.csv"))))
    }

    /// Brings a result here, unless it is here.
    async fn download(&self, number: u32, from: Option<&str>, to: &Path) -> Result<(), Failed> {
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
        match self.storage().download(from, to).await? {
            Some(_) => Ok(()),
            None => {
                let message = format!("{from} does not exist (yet)");
                Err(Failed::Missing(Error::results(from, None, message)))
            }
        }
    }

    /// The credit report, where there is one that can be read.
    async fn report(
        &self,
        batch: &BatchRecord,
        path: &Path,
    ) -> Result<Option<CreditsReport>, Failed> {
        if batch.credits_path.as_deref().is_none_or(str::is_empty) {
            return Ok(None);
        }
        match self.download(batch.number, batch.credits_path.as_deref(), path).await {
            Ok(()) => {}
            Err(Failed::Missing(error)) => {
                // The report may lag behind; a result is not held back for it for ever.
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

    /// What a failed run cost all the same, where its credit report is there and tells.
    pub(super) async fn cost_of_failed(&self, batch: &BatchRecord) -> Option<u64> {
        let (_, path) = self.files(batch).ok()?;
        // Without a report, it counts with all that it might have cost.
        let report = self.report(batch, &path).await.ok()??;
        report.spent.map(|spent| spent.total)
    }

    /// The result files of loaded batches; those that are no longer here are fetched again.
    ///
    /// # Errors
    /// A file is gone here and cannot be fetched.
    pub(super) async fn result_files(&self, batches: &[BatchRecord]) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::with_capacity(batches.len());
        for batch in batches {
            let (path, _) = self.files(batch)?;
            self.download(batch.number, batch.result_path.as_deref(), &path).await.map_err(
                |failed| match failed {
                    Failed::Missing(error) | Failed::Broken(error) => error,
                },
            )?;
            paths.push(path);
        }
        Ok(paths)
    }
}

/// Why a batch was not loaded.
enum Failed {
    /// A file is not there (yet).
    Missing(Error),
    Broken(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// What is known of a batch's cost.
struct Paid<'a> {
    report: Option<&'a CreditsReport>,
    max_credits: u64,
    /// The most that one record costs, as far as the job knows.
    price: u64,
}

/// Reads one result and holds it against what was asked and what was paid.
fn read_batch(
    path: &Path,
    name: &str,
    kind: BatchKind,
    asked: &[String],
    paid: &Paid<'_>,
) -> Result<Loaded> {
    let report = paid.report;
    let bytes = std::fs::read(path)
        .map_err(|error| Error::results(path.display().to_string(), None, error.to_string()))?;
    let rows = parse_result(&bytes, name, Some(kind))?;
    let ids = result_ids(&rows, name)?;
    let returned: HashSet<&str> = ids.iter().copied().collect();

    if let Some(lost) =
        report.and_then(|report| report.paid_ids.iter().find(|id| !returned.contains(id.as_str())))
    {
        return Err(Error::results(
            name,
            None,
            format!("{name} lacks id {lost:?}, which was paid for according to the credit report"),
        )
        .hint("fetch the file again, because it is truncated"));
    }
    let wanted: HashMap<&str, usize> =
        asked.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let strangers = returned.iter().filter(|id| !wanted.contains_key(**id)).count();
    if strangers > 0 {
        tracing::warn!(
            file = name,
            rows = strangers,
            "the result holds ids that were not asked for"
        );
    }
    let mut seen = HashSet::new();
    let mut answered = Vec::new();
    for (row, id) in ids.iter().enumerate() {
        if wanted.contains_key(id) && seen.insert(*id) {
            answered.push(row);
        }
    }
    if answered.len() + strangers < ids.len() {
        tracing::warn!(file = name, "the result holds ids more than once; the first counts");
    }
    let found = |column: &str| -> Option<u32> {
        let flags: &BooleanArray = rows.column_by_name(column)?.as_boolean_opt()?;
        let count =
            answered.iter().filter(|row| !flags.is_null(**row) && flags.value(**row)).count();
        u32::try_from(count).ok()
    };
    let spent = report.and_then(|report| report.spent);
    let credits = spent.map(|spent| spent.total);
    let dearest = spent.map(|spent| spent.most_per_record);
    // Ids that are missing at the end of a batch whose credits are all but used up were not
    // reached; any others were left out by the API, as it does with ids that it cannot use.
    let short = answered.len() < asked.len();
    let unreached = short
        && match credits {
            Some(credits) => {
                paid.max_credits.saturating_sub(credits) < dearest.unwrap_or(0).max(paid.price)
            }
            // Without a report, only a batch that could not pay for all its ids was cut.
            None => paid.max_credits < (asked.len() as u64).saturating_mul(paid.price),
        };
    let cut_ids = if unreached {
        let last = answered.iter().filter_map(|row| wanted.get(ids[*row])).max();
        let from = last.map_or(0, |last| last + 1);
        asked[from..].iter().filter(|id| !returned.contains(id.as_str())).cloned().collect()
    } else {
        Vec::new()
    };
    Ok(Loaded {
        credits,
        returned: u32::try_from(answered.len()).unwrap_or(u32::MAX),
        emails: found("email_found"),
        phones: found("phone_found"),
        cut_ids,
        dearest,
    })
}

/// The ids of a result's rows; a row without one is an error that names its line.
fn result_ids<'a>(rows: &'a RecordBatch, name: &str) -> Result<Vec<&'a str>> {
    let column =
        rows.column_by_name("id")
            .filter(|column| *column.data_type() == DataType::Utf8)
            .ok_or_else(|| Error::results(name, Some(1), format!("{name} has no column id")))?;
    column
        .as_string::<i32>()
        .iter()
        .enumerate()
        .map(|(row, id)| {
            id.ok_or_else(|| {
                let line = row as u64 + 2;
                Error::results(name, Some(line), format!("{name}, line {line}: the id is empty"))
            })
        })
        .collect()
}
