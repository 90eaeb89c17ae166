//! The worker threads behind work on whole columns: one pool per process.
//!
//! Rayon's own global pool does not survive a `fork`: the child has the pool and none of its
//! threads, and waits for ever. `RAYON_NUM_THREADS` sets how many there are, by default one a core.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::{
    error::{Error, Result},
    per_process::PerProcess,
};

static POOL: PerProcess<Result<ThreadPool, String>> = PerProcess::new();

/// Runs `work`, whose parallel parts are shared among the threads of this process.
///
/// # Errors
/// What `work` fails with; the system has no threads left.
pub fn run<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let made = POOL.get_or_init(|| {
        ThreadPoolBuilder::new()
            .thread_name(|number| format!("lantern-{number}"))
            .build()
            .map_err(|error| error.to_string())
    });
    match made {
        Ok(pool) => pool.install(work),
        Err(error) => Err(Error::config(format!("the worker threads cannot start: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_runs_in_the_pool_of_this_process() -> Result<()> {
        let name = run(|| Ok(std::thread::current().name().map(str::to_owned)))?;
        assert!(name.is_some_and(|name| name.starts_with("lantern-")));
        Ok(())
    }
}
