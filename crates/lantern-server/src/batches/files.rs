//! The files of runs: results and credit reports, in the folder that the S3 endpoint serves.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use uuid::Uuid;

use lantern::{
    api::agents::{BatchKind, EntityType},
    process::private,
};

/// The bucket with the results.
const BUCKET: &str = "lantern-results";

/// The result files of one tenant.
#[derive(Clone)]
pub(crate) struct Files {
    root: PathBuf,
}

/// The parts of the names of a run's files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    pub run_id: Uuid,
    pub kind: BatchKind,
    pub entity_type: EntityType,
    /// When the batch was received.
    pub day: NaiveDate,
}

impl Named {
    /// The keys of the result and of the credit report, as in the examples of the reference. Only
    /// those of a phone batch contain the kind.
    fn keys(&self) -> [String; 2] {
        let Self { run_id, kind, entity_type, day } = self;
        let service = match kind {
            BatchKind::Phone => "phone-enrichment",
            BatchKind::Email | BatchKind::PhoneEmail | BatchKind::DeepResearch => {
                "phone-email-enrichment"
            }
        };
        [
            format!("{entity_type}/{service}-batch_{day}_{run_id}.csv"),
            format!("{entity_type}/{service}/{day}/{run_id}_credits.csv"),
        ]
    }
}

impl Files {
    pub fn open(root: &Path) -> io::Result<Self> {
        private::folder(root)?;
        private::folder(&root.join(BUCKET))?;
        Ok(Self { root: root.to_owned() })
    }

    /// The folder with all buckets.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the folder still exists.
    pub fn exist(&self) -> bool {
        self.root.join(BUCKET).is_dir()
    }

    /// The `s3://` locations of a run's result and credit report.
    pub fn addresses(&self, run: &Named) -> (String, String) {
        let [result, credits] = run.keys().map(|key| format!("s3://{BUCKET}/{key}"));
        (result, credits)
    }

    /// Writes both files of a run. A reader sees each file either completely or not at all. A power
    /// failure may undo it, as it may undo the newest changes of the server's database, which is
    /// not flushed for each of them either.
    pub fn write(&self, run: &Named, results: &[u8], credits: &[u8]) -> io::Result<()> {
        let [result, _] = run.keys();
        self.put(&result, results)?;
        self.write_credits(run, credits)
    }

    /// Writes the credit report of a run without a result.
    pub fn write_credits(&self, run: &Named, credits: &[u8]) -> io::Result<()> {
        let [_, report] = run.keys();
        self.put(&report, credits)
    }

    fn put(&self, key: &str, content: &[u8]) -> io::Result<()> {
        let path = self.root.join(BUCKET).join(key);
        let folder = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(folder)?;
        let mut unfinished =
            tempfile::Builder::new().prefix(".unfinished-").tempfile_in(&self.root)?;
        unfinished.write_all(content)?;
        unfinished.persist(&path).map_err(|error| error.error)?;
        Ok(())
    }
}

/// The position at which to truncate a file: after `bytes`, or else in the middle and then within a
/// line, because a file that ends with a complete line could be a shorter result.
pub(crate) fn cut(file: &[u8], bytes: Option<u64>) -> usize {
    let wanted = bytes.map_or(file.len() / 2, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    let mut at = wanted.min(file.len());
    while bytes.is_none() && at > 0 && file[at - 1] == b'\n' {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_under_the_keys_of_the_reference() {
        let run_id = Uuid::nil();
        let day = NaiveDate::from_ymd_opt(2026, 11, 7).unwrap();
        let keys = |kind, entity_type| Named { run_id, kind, entity_type, day }.keys();
        assert_eq!(
            keys(BatchKind::Phone, EntityType::Person),
            [
                format!("person/phone-enrichment-batch_2026-11-07_{run_id}.csv"),
                format!("person/phone-enrichment/2026-11-07/{run_id}_credits.csv"),
            ]
        );
        assert_eq!(
            keys(BatchKind::DeepResearch, EntityType::Company),
            [
                format!("company/phone-email-enrichment-batch_2026-11-07_{run_id}.csv"),
                format!("company/phone-email-enrichment/2026-11-07/{run_id}_credits.csv"),
            ]
        );
        for kind in [BatchKind::Email, BatchKind::PhoneEmail] {
            assert!(
                keys(kind, EntityType::Person)[0].starts_with("person/phone-email-enrichment-")
            );
        }
    }
}
