//! Runs work on whole columns, with its parallel parts on the threads of this process.

use crate::{
    error::{Error, Result},
    process::runtime,
};

/// Runs `work` on the worker threads of this process. A forked child has its own threads.
///
/// # Errors
/// If `work` fails, or the system has no threads left.
pub fn run<T: Send, E: Into<Error> + Send>(
    work: impl FnOnce() -> Result<T, E> + Send,
) -> Result<T> {
    runtime::threads()?.install(work).map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_runs_in_the_pool_of_this_process() -> Result<()> {
        let name = run(|| Ok::<_, Error>(std::thread::current().name().map(str::to_owned)))?;
        assert!(name.is_some_and(|name| name.starts_with("lantern-work-")));
        Ok(())
    }
}
