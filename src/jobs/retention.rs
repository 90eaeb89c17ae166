//! Deletes old answers, once or regularly, and the files that dead processes left.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde::Serialize;

use super::result_files::{
    all_files, earlier_file_name, file_name, files_in, folder_name, is_records, remove,
};
use crate::{
    error::{Result, Setting},
    ledger::{Ledger, memory::micros},
    process::{clock::now, durable},
};

/// The ledger's setting for the maximum age of answers.
const RETENTION: &str = "retention";
/// The ledger's setting for when old answers were last deleted, in microseconds since 1970.
const PURGED_AT: &str = "purged_at";
/// How often old answers are looked for.
const EVERY: Duration = Duration::from_secs(86_400);

/// The outcome of a deletion of old answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// Number of batches and calls whose answers were deleted.
    pub units: u64,
    pub files: u64,
    /// Number of files of dead processes that were deleted.
    pub leftovers: u64,
    /// Maximum age of answers from now on, if one is set.
    pub retention: Option<String>,
}

/// Deletes answers that are older than `older_than`, such as `180d`, or else than the ledger's
/// retention. If `always`, that age becomes the retention. The memory still knows that these
/// records were paid for, but not what was answered.
///
/// # Errors
/// If the age is invalid, or a file or the ledger cannot be written.
pub fn purge(ledger: &Ledger, older_than: Option<&str>, always: bool) -> Result<Purged> {
    let store = ledger.store();
    let age = older_than.map(|age| micros(Setting::OlderThan, age)).transpose()?;
    if always {
        store.set_setting(RETENTION, older_than)?;
    }
    let retention = store.setting(RETENTION)?;
    let kept = retention.as_deref().map(|age| micros(Setting::OlderThan, age)).transpose()?;
    let mut purged = Purged { retention, ..Purged::default() };
    if let Some(age) = age.or(kept) {
        let folder = store.results_folder();
        let mut of_jobs: BTreeMap<i64, PathBuf> = BTreeMap::new();
        for (record, unit) in store.purge(now().saturating_sub(age))? {
            purged.units += 1;
            let own = folder.join(folder_name(record.id, &record.key));
            let own = &*of_jobs.entry(record.id).or_insert(own);
            let Some(run) = unit.run_id.as_deref().filter(|run| !run.is_empty()) else { continue };
            for name in [file_name(unit.number, run), earlier_file_name(run)] {
                for end in ["csv", "original.csv", "foreign.csv", "credits.csv"] {
                    purged.files += u64::from(remove(&own.join(format!("{name}.{end}")))?);
                }
            }
        }
        // Records are kept for as long as some of them may be sent.
        for (job, own) in of_jobs {
            if store.batches(job)?.iter().all(|unit| unit.purged_at.is_some()) {
                for path in files_in(&own)?.iter().filter(|path| is_records(path)) {
                    purged.files += u64::from(remove(path)?);
                }
            }
        }
        store.set_setting(PURGED_AT, Some(&now().to_string()))?;
    }
    purged.leftovers = remove_leftovers(ledger)?;
    if purged.units > 0 {
        store.scrub()?;
    }
    Ok(purged)
}

/// Deletes answers that are older than the retention setting, if this was not done for a day. If
/// they cannot be deleted, the caller does not fail.
pub(super) async fn look_at_retention(ledger: &Ledger) {
    let own = ledger.clone();
    if let Err(error) = ledger.run(move |_| keep_retention(&own)).await {
        tracing::warn!(%error, "old answers could not be deleted");
    }
}

/// [`purge`] by the retention that is set, once a day at most.
fn keep_retention(ledger: &Ledger) -> Result<()> {
    let store = ledger.store();
    if store.setting(RETENTION)?.is_none() {
        return Ok(());
    }
    let last = store.setting(PURGED_AT)?.and_then(|at| at.parse::<i64>().ok()).unwrap_or(0);
    let every = i64::try_from(EVERY.as_micros()).unwrap_or(i64::MAX);
    // A time in the future means that the clock was set back, and must not prevent the deletion.
    if (0..every).contains(&now().saturating_sub(last)) {
        return Ok(());
    }
    let purged = purge(ledger, None, false)?;
    tracing::info!(units = purged.units, files = purged.files, "old answers were deleted");
    Ok(())
}

/// Removes what is left of files that were being written, and the files by which dead processes
/// showed that they were alive. Returns how many there were.
///
/// # Errors
/// If a folder cannot be read, or a file cannot be removed.
pub fn remove_leftovers(ledger: &Ledger) -> Result<u64> {
    let mut removed = ledger.store().remove_leftovers()?;
    for path in all_files(&ledger.results_folder())? {
        if durable::is_abandoned(&path) {
            removed += u64::from(remove(&path)?);
        }
    }
    Ok(removed)
}
