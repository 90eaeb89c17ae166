//! What all parts of a running server share.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Notify, watch};

use super::{
    Prices,
    account::Account,
    crm::Crm,
    directory::Directory,
    faults::Faults,
    gate::Key,
    limits::RateLimiter,
    model::LanguageModel,
    oauth::Tokens,
    objects::{KeyPair, Objects},
    pages::Calls,
    refusal::Refusal,
    store::Store,
    workflows::{Pushes, Workflows},
};
use lantern::process::runtime;

pub(super) struct Shared {
    pub key: Key,
    pub limiter: RateLimiter,
    pub prices: Prices,
    pub tenant_id: i64,
    pub work_delay: Duration,
    pub poll_every: Duration,
    pub account: Account,
    pub directory: Arc<Directory>,
    pub workflows: Workflows,
    pub pushes: Pushes,
    pub model: Option<LanguageModel>,
    pub calls: Calls,
    pub tokens: Tokens,
    pub crm: Crm,
    pub faults: Arc<Faults>,
    pub store: Store,
    pub objects: Objects,
    pub storage_keys: KeyPair,
    /// Wakes the worker.
    pub submitted: Notify,
    /// How many runs wait or are being worked.
    pub queued: watch::Sender<usize>,
}

/// Runs what may block (SQLite, files, long computations) where blocking is allowed.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    runtime::aside(work)
        .await
        .unwrap_or_else(|error| Err(Refusal::Internal(format!("the call broke off: {error}"))))
}
