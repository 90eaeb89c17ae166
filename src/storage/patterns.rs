//! Expands names with wildcards, and reads results from any location.

use std::path::PathBuf;

use arrow::record_batch::RecordBatch;
use futures_util::TryStreamExt;
use glob::{MatchOptions, Pattern};
use object_store::{ObjectStore, path::Path};

use super::{CONCURRENCY, Location, Storage, failure};
use crate::{
    Error, Result,
    api::agents::BatchKind,
    results::{ResultFile, read_files},
};

/// A star does not match a slash, as in a shell.
const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

impl Storage {
    /// Reads result files from any location into one table, in chunks of one schema. `*`, `?` and
    /// `[…]` in paths and S3 keys have the same meaning as in a shell (`**` matches any folders in
    /// between).
    ///
    /// # Errors
    /// If a file is missing, a pattern matches nothing, a store refuses access, or a file is
    /// damaged.
    pub async fn read_results(
        &self,
        places: &[String],
        kind: Option<BatchKind>,
    ) -> Result<Vec<RecordBatch>> {
        let mut files = Vec::new();
        let mut remote = Vec::new();
        for place in places {
            for place in self.expand(place).await? {
                match Location::parse(&place)? {
                    Location::Local(path) => files.push(ResultFile::from(path)),
                    other => {
                        remote.push((files.len(), place));
                        files.push(ResultFile {
                            name: other.to_string(),
                            ..ResultFile::from(PathBuf::new())
                        });
                    }
                }
            }
        }
        let folder = tempfile::tempdir().map_err(|error| {
            Error::config(format!("no temporary folder can be created: {error}"))
        })?;
        let wanted = remote
            .iter()
            .map(|(at, place)| (place.clone(), folder.path().join(format!("{at}.csv"))))
            .collect();
        for ((at, _), fetched) in remote.iter().zip(self.copy_all(wanted, CONCURRENCY).await) {
            let file = &mut files[*at];
            let Some(fetched) = fetched? else {
                return Err(Error::results(
                    &file.name,
                    None,
                    format!("there is no file {}", file.name),
                )
                .hint("check the path"));
            };
            file.path = fetched.path;
            file.bytes = Some(fetched.bytes);
        }
        crate::process::runtime::run_blocking(move || {
            // The folder is deleted once the files are read.
            let _folder = folder;
            read_files(&files, kind)
        })
        .await
    }

    /// The files that match a name with wildcards, in order. Any other name is returned as it is.
    pub async fn expand(&self, place: &str) -> Result<Vec<String>> {
        let wild = place.contains(['*', '?', '[']);
        let found = match Location::parse(place)? {
            Location::Local(path) if wild && !path.exists() => {
                let pattern = path.display().to_string();
                crate::process::runtime::run_blocking(move || on_disk(&pattern)).await?
            }
            Location::S3 { bucket, key } if wild => self.in_bucket(place, &bucket, &key).await?,
            _ => return Ok(vec![place.to_owned()]),
        };
        if found.is_empty() {
            return Err(Error::results(place, None, format!("no file matches {place}"))
                .hint("check the folder and the pattern"));
        }
        Ok(found)
    }

    async fn in_bucket(&self, place: &str, bucket: &str, key: &str) -> Result<Vec<String>> {
        let pattern = pattern(key)?;
        let fixed = &key[..key.find(['*', '?', '[']).unwrap_or(key.len())];
        let prefix = fixed.rsplit_once('/').map_or("", |(folder, _)| folder);
        let location = Location::parse(place)?;
        let (bucket_store, _) = self.stores.bucket(bucket, &location).await?;
        let listed: Vec<_> = bucket_store
            .store
            .list(Some(&Path::from(prefix)))
            .try_collect()
            .await
            .map_err(|error| failure::translate(&error, &location, &self.stores.options))?;
        let mut keys: Vec<String> = listed
            .into_iter()
            .map(|object| object.location.to_string())
            .filter(|key| pattern.matches_with(key, MATCHING))
            .map(|key| format!("s3://{bucket}/{key}"))
            .collect();
        keys.sort_unstable();
        Ok(keys)
    }
}

fn pattern(text: &str) -> Result<Pattern> {
    Pattern::new(text)
        .map_err(|error| Error::config(format!("{text:?} is not a pattern: {}", error.msg)))
}

fn on_disk(text: &str) -> Result<Vec<String>> {
    pattern(text)?;
    let found = glob::glob_with(text, MATCHING)
        .map_err(|error| Error::config(format!("{text:?} is not a pattern: {}", error.msg)))?;
    let mut files = Vec::new();
    for path in found {
        let path = path.map_err(|error| {
            Error::results(text, None, format!("{} cannot be searched", error.path().display()))
        })?;
        if path.is_file() {
            files.push(path.display().to_string());
        }
    }
    Ok(files)
}
