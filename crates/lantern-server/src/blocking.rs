//! Runs blocking work away from the threads that answer requests.

use crate::refusal::Refusal;
use lantern::process::runtime;

/// Runs blocking work (SQLite, files, long computations) on a thread for it.
///
/// # Errors
/// If `work` fails. If it panics, that is an internal error.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    runtime::run_blocking(work).await
}
