//! Work that blocks, away from the threads that answer requests.

use crate::refusal::Refusal;
use lantern::process::runtime;

/// Runs what may block (SQLite, files, long computations) on a thread for blocking work.
///
/// # Errors
/// If `work` fails. A panic of it is an internal error.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    runtime::aside(work).await
}
