//! Fetching files from where the API puts them: S3, https, this machine.
//!
//! Credentials come from the storage options, else from where the AWS tools look: the environment,
//! a web identity, a profile of `~/.aws` (`AWS_PROFILE`, else `default`), the container's or the
//! machine's role.
//!
//! A file is whole or it is an error: its length must be the one that the store told, and what is
//! fetched on after a broken connection must carry the same ETag. A file that is not there is no
//! error, since results may come a little after the run that they belong to.

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

/// How many files are fetched at once by default.
pub const CONCURRENCY: usize = 16;

/// Reads files from stores. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Storage {
    stores: Arc<Stores>,
    /// Before a file that was cut off is fetched again; doubled each time.
    pause: Duration,
}

impl Storage {
    pub fn new(options: StorageOptions) -> Self {
        Self { stores: Arc::new(Stores::new(options)), pause: Duration::from_millis(250) }
    }
}

/// A file that was fetched whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Where it came from, without secrets.
    pub url: String,
    pub path: PathBuf,
    pub bytes: u64,
    /// The store's mark of this very content, where it gives one.
    pub etag: Option<String>,
}
