//! Fetches files from where the API stores them: S3, https, this machine.
//!
//! Credentials come from the storage options, or else from where the AWS tools look: the
//! environment, a web identity, a profile of `~/.aws` (`AWS_PROFILE` or `default`), or the role of
//! the container or the machine.
//!
//! A file is complete, or fetching it is an error: its length must be the one that the store
//! reported, and a download that is resumed after a broken connection must have the same ETag. A
//! missing file is not an error, because results may appear some time after their run has ended.

mod connection;
mod failure;
mod fetch;
mod location;
mod options;
mod patterns;
mod profile;
mod range;
mod sources;
mod stores;
mod transfer;

use std::{path::PathBuf, sync::Arc, time::Duration};

pub use location::Location;
pub use options::StorageOptions;
pub use sources::Sources;

use stores::Stores;

/// Number of files that are fetched in parallel by default.
pub const CONCURRENCY: usize = 16;

/// Reads files from stores. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Storage {
    stores: Arc<Stores>,
    /// Delay before a file that was cut off is fetched again, doubled each time.
    pause: Duration,
}

impl Storage {
    pub fn new(options: StorageOptions) -> Self {
        Self { stores: Arc::new(Stores::new(options)), pause: Duration::from_millis(250) }
    }
}

/// A file that was fetched completely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Where the file came from, without secrets.
    pub url: String,
    pub path: PathBuf,
    pub bytes: u64,
    /// The ETag of the contents, if the store gives one.
    pub etag: Option<String>,
}
