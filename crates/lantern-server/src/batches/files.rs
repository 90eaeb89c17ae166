//! The files of runs: results and credit reports, in the folder that the S3 endpoint serves.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use lantern::api::agents::BatchKind;

/// The bucket that results are in.
const BUCKET: &str = "lantern-results";

/// The result files of one tenant.
#[derive(Clone)]
pub(crate) struct Files {
    root: PathBuf,
    tenant: i64,
}

impl Files {
    pub fn open(root: &Path, tenant: i64) -> io::Result<Self> {
        std::fs::create_dir_all(root.join(BUCKET))?;
        Ok(Self { root: root.to_owned(), tenant })
    }

    /// The folder of all buckets.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether the folder is still there.
    pub fn exist(&self) -> bool {
        self.root.join(BUCKET).is_dir()
    }

    fn key(&self, kind: BatchKind, run_id: Uuid, file: &str) -> String {
        format!("{}/{kind}/{run_id}/{file}", self.tenant)
    }

    /// The `s3://` addresses of a run's result and credit report.
    pub fn addresses(&self, kind: BatchKind, run_id: Uuid) -> (String, String) {
        let address = |file| format!("s3://{BUCKET}/{}", self.key(kind, run_id, file));
        (address("results.csv"), address("credits.csv"))
    }

    /// Writes both files of a run. A reader sees each whole or not at all.
    pub fn write(
        &self,
        kind: BatchKind,
        run_id: Uuid,
        results: &[u8],
        credits: &[u8],
    ) -> io::Result<()> {
        self.put(&self.key(kind, run_id, "results.csv"), results)?;
        self.write_credits(kind, run_id, credits)
    }

    /// Writes the credit report of a run that has no result.
    pub fn write_credits(&self, kind: BatchKind, run_id: Uuid, credits: &[u8]) -> io::Result<()> {
        self.put(&self.key(kind, run_id, "credits.csv"), credits)
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

/// Where to cut a file: after so many bytes, or in the middle and then inside a line, since a file
/// that ends with a whole line could be a shorter result.
pub(crate) fn cut(file: &[u8], bytes: Option<u64>) -> usize {
    let wanted = bytes.map_or(file.len() / 2, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    let mut at = wanted.min(file.len());
    while bytes.is_none() && at > 0 && file[at - 1] == b'\n' {
        at -= 1;
    }
    at
}
