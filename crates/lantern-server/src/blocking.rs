//! Runs blocking work of handlers away from the threads that answer requests.

use crate::refusal::Refusal;
use lantern::process::runtime;

/// [`runtime::run_blocking`] with the error of this crate, so that `?` in `work` knows its type.
///
/// # Errors
/// If `work` fails. If it panics, that is an internal error.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    runtime::run_blocking(work).await
}
