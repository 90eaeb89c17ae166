//! The threads of this process: the Tokio runtime behind blocking callers (Python, the command line),
//! and those that share the work of one call. A forked child makes its own.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use rayon::{ThreadPool, ThreadPoolBuilder};
use rustls::crypto::{CryptoProvider, ring};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task,
};

use crate::{
    error::{Error, Result},
    process::per_process::PerProcess,
};

/// How often a blocked caller looks for Ctrl-C.
const LOOK: Duration = Duration::from_millis(50);

/// A runtime that may be dropped anywhere, also on a thread of another runtime: of two that are
/// made at the same time one is dropped.
struct Background(Option<Runtime>);

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

static RUNTIME: PerProcess<Result<Background, String>> = PerProcess::new();
static THREADS: PerProcess<Result<ThreadPool, String>> = PerProcess::new();

/// Chooses ring for TLS, unless the program has chosen before.
pub fn install_crypto() {
    if CryptoProvider::get_default().is_none() {
        // An `Err` means that somebody was quicker, which is as good.
        let _ = ring::default_provider().install_default();
    }
}

/// Rayon's threads of this process, made on first use. Its own pool is one per program: a forked
/// child would wait for ever for the threads of its parent.
///
/// # Errors
/// The system has no threads left.
pub fn threads() -> Result<&'static ThreadPool> {
    let made = THREADS.get_or_init(|| {
        let builder = ThreadPoolBuilder::new().thread_name(|n| format!("lantern-work-{n}"));
        builder.build().map_err(|error| error.to_string())
    });
    made.as_ref()
        .map_err(|error| Error::config(format!("the worker threads cannot start: {error}")))
}

/// The runtime of this process, made on first use; a forked child gets its own.
///
/// # Errors
/// The system has no threads left.
pub fn handle() -> Result<Handle> {
    let made = RUNTIME.get_or_init(|| {
        let workers = thread::available_parallelism().map_or(2, |cores| cores.get().min(4));
        Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name("lantern")
            .enable_all()
            .build()
            .map(|runtime| Background(Some(runtime)))
            .map_err(|error| error.to_string())
    });
    match made {
        Ok(Background(Some(runtime))) => Ok(runtime.handle().clone()),
        Ok(Background(None)) => Err(Error::config("the worker threads have ended")),
        Err(error) => Err(Error::config(format!("the worker threads cannot start: {error}"))),
    }
}

/// Runs what blocks (SQLite, files, long computations) on a thread for that, of the runtime that
/// this is awaited on.
///
/// # Errors
/// The work panicked, or the runtime has ended; in words.
pub async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::result::Result<T, String> {
    // All work is one type to Tokio, which would otherwise compile its own tasks for each.
    let place = Arc::new(Mutex::new(None));
    let theirs = Arc::clone(&place);
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        let done = work();
        *theirs.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
    });
    task::spawn_blocking(work).await.map_err(|error| error.to_string())?;
    let done = place.lock().unwrap_or_else(PoisonError::into_inner).take();
    done.ok_or_else(|| "the work left nothing behind".to_owned())
}

/// Runs `work` to its end on this process's runtime and blocks until then.
///
/// Every 50 ms `interrupted` is asked whether to give up; the work is then dropped.
///
/// # Errors
/// What `work` fails with, or what `interrupted` answers.
pub fn block_on<T: Send>(
    work: impl Future<Output = Result<T>> + Send,
    mut interrupted: impl FnMut() -> Result<()> + Send,
) -> Result<T> {
    let mut done = None;
    // All work is one type to Tokio, as in `aside`.
    block_on_erased(
        Box::pin(async {
            done = Some(work.await?);
            Ok(())
        }),
        &mut interrupted,
    )?;
    done.ok_or_else(|| Error::config("the call left nothing behind; please report it"))
}

fn block_on_erased(
    mut work: Pin<Box<dyn Future<Output = Result<()>> + Send + '_>>,
    interrupted: &mut (dyn FnMut() -> Result<()> + Send),
) -> Result<()> {
    let handle = handle()?;
    let run = async move {
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep(LOOK) => interrupted()?,
            }
        }
    };
    if Handle::try_current().is_ok() {
        // A caller inside a runtime may not block one of its threads: wait on a plain thread.
        return thread::scope(|scope| {
            scope
                .spawn(|| handle.block_on(run))
                .join()
                .unwrap_or_else(|_| Err(Error::config("a worker thread panicked")))
        });
    }
    handle.block_on(run)
}
