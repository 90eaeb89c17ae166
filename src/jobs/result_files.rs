//! The files with results on this machine: a folder for each job beside the ledger, and in it the
//! results, credit reports and records of its batches.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The name of the folder with a job's result files.
pub(super) fn folder_name(id: i64, key: &str) -> String {
    let name: String = key
        .chars()
        .take(60)
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' })
        .collect();
    format!("{id}-{name}")
}

/// The name of a batch's files, without their ending. The number of the batch is part of it, because
/// an API may give several batches the same run id.
pub(super) fn file_name(number: u32, run: &str) -> String {
    format!("batch_{number}_{}", earlier_file_name(run))
}

/// The name that earlier versions gave the files of a batch: that of its run, whose id may be any
/// text. Two ids never get the same name.
pub(super) fn earlier_file_name(run: &str) -> String {
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
    let name: String = run.chars().filter(plain).take(40).collect();
    if name == run {
        return name;
    }
    let hash = hex::encode(Sha256::digest(run.as_bytes()));
    format!("{name}_{}", &hash[..16])
}

/// Whether a file holds records that were sent in place of ids.
pub(super) fn is_records(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "zst")
}

/// Whether a file is a result, its original or a credit report.
pub(super) fn is_table(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "csv")
}

/// The error for a file that cannot be read or written.
pub(super) fn unusable(path: &Path, error: io::Error) -> Error {
    Error::ledger(format!("{} cannot be used: {error}", path.display()))
        .with_path(path)
        .caused_by(error)
}

/// Removes a file. Returns whether there was one.
pub(super) fn remove(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unusable(path, error)),
    }
}

/// What lies in a folder, if there is one.
pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(files) => Ok(files.flatten().map(|file| file.path()).collect()),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(unusable(folder, error)),
    }
}

/// The files in the folders of all jobs.
pub(super) fn all_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for job in files_in(folder)? {
        // A link may lead anywhere.
        if job.is_dir() && !job.is_symlink() {
            let own = files_in(&job)?;
            all.extend(own.into_iter().filter(|path| path.is_file() && !path.is_symlink()));
        }
    }
    all.sort_unstable();
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_batches_never_share_a_file() {
        let runs = ["r", "R", "a/b", "a_b", "1", "original", "credits", "batch-1"];
        let names = (1..=11).flat_map(|number| runs.map(|run| file_name(number, run)));
        let earlier = runs.map(earlier_file_name);
        let all: Vec<String> = names.chain(earlier).collect();
        let mut distinct = all.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len(), "{all:?}");
    }
}
