//! The threads of this process: the Tokio runtime behind blocking callers (Python, the command
//! line), and Rayon's threads that share the work of one call. A forked child makes its own.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

#[cfg(feature = "jobs")]
use rayon::{ThreadPool, ThreadPoolBuilder};
use rustls::crypto::{CryptoProvider, ring};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::watch,
    task,
};

use crate::{
    error::{Error, ErrorKind, Result},
    process::per_process::PerProcess,
};

/// How often a blocked caller checks for Ctrl-C.
const LOOK: Duration = Duration::from_millis(50);

/// A runtime that may be dropped on any thread, even one of another runtime: if two are made at the
/// same time, one of them is dropped. It is taken out of the cell when the process ends.
struct Background(Mutex<Option<Runtime>>);

impl Background {
    fn take(&self) -> Option<Runtime> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.take() {
            runtime.shutdown_background();
        }
    }
}

static RUNTIME: PerProcess<Result<Background, String>> = PerProcess::new();
/// Whether this process is ending. Every blocked caller watches it.
static ENDING: PerProcess<watch::Sender<bool>> = PerProcess::new();
#[cfg(feature = "jobs")]
static THREADS: PerProcess<Result<ThreadPool, String>> = PerProcess::new();

/// Makes ring the provider of TLS, unless the program has chosen another.
pub fn install_crypto() {
    if CryptoProvider::get_default().is_none() {
        // An `Err` means that another thread installed a provider first, which is fine.
        let _ = ring::default_provider().install_default();
    }
}

/// Rayon's threads of this process, made on first use. Rayon's global pool exists once per program,
/// and a forked child would wait forever for the threads of its parent.
///
/// # Errors
/// If the system has no threads left.
#[cfg(feature = "jobs")]
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
/// If the system has no threads left, or of kind [`ErrorKind::Interrupted`] once [`end`] was called.
pub fn handle() -> Result<Handle> {
    let made = RUNTIME.get_or_init(|| {
        let workers = thread::available_parallelism().map_or(2, |cores| cores.get().min(4));
        Builder::new_multi_thread()
            .worker_threads(workers)
            .thread_name("lantern")
            .enable_all()
            .build()
            .map(|runtime| Background(Mutex::new(Some(runtime))))
            .map_err(|error| error.to_string())
    });
    match made {
        Ok(Background(runtime)) => runtime
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(|runtime| runtime.handle().clone())
            .ok_or_else(|| {
                let happened = "the process is ending, so no new work can start";
                Error::new(ErrorKind::Interrupted, happened)
            }),
        Err(error) => Err(Error::config(format!("the worker threads cannot start: {error}"))),
    }
}

fn ending() -> &'static watch::Sender<bool> {
    ENDING.get_or_init(|| watch::Sender::new(false))
}

/// Whether [`end`] was called in this process.
pub fn is_ending() -> bool {
    ENDING.get().is_some_and(|ending| *ending.borrow())
}

/// Ends this process's runtime for good. This is for programs that end while threads run which must
/// not outlive them (Python's interpreter): blocked callers are interrupted and awaited, then tasks
/// are dropped and threads joined. Each of the two steps takes at most `limit`.
pub fn end(limit: Duration) {
    let Some(Ok(background)) = RUNTIME.get() else { return };
    let ending = ending();
    ending.send_replace(true);
    let Some(runtime) = background.take() else { return };
    // The runtime is shut down only now, because blocked callers still need its timers.
    let _ = runtime.block_on(async { tokio::time::timeout(limit, ending.closed()).await });
    runtime.shutdown_timeout(limit);
}

/// The error for a task that ended without a result: because it panicked, or because it was
/// cancelled at the end of the runtime.
pub fn without_result(error: task::JoinError) -> Error {
    if error.is_cancelled() {
        return Error::interrupted().caused_by(error);
    }
    Error::internal(format!("a task ended without a result: {error}")).caused_by(error)
}

/// Runs blocking work (SQLite, files, long computations) on a thread of the current runtime that is
/// meant for it.
///
/// # Errors
/// If `work` fails or panics, or the runtime has ended.
pub async fn run_blocking<T: Send + 'static, E: From<Error> + Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, E> + Send + 'static,
) -> std::result::Result<T, E> {
    // The work is erased to one type, because Tokio would otherwise compile its tasks anew for each
    // closure.
    let place = Arc::new(Mutex::new(None));
    let theirs = Arc::clone(&place);
    let work: Box<dyn FnOnce() + Send> = Box::new(move || {
        let done = work();
        *theirs.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
    });
    task::spawn_blocking(work).await.map_err(without_result)?;
    let done = place.lock().unwrap_or_else(PoisonError::into_inner).take();
    done.unwrap_or_else(|| Err(Error::internal("background work left no result").into()))
}

/// Runs `work` on this process's runtime and blocks until it has ended.
///
/// Every 50 ms `interrupted` is called; if it returns an error, the work is dropped.
///
/// # Errors
/// If `work` fails, or `interrupted` returns an error.
pub fn block_on<T: Send>(
    work: impl Future<Output = Result<T>> + Send,
    mut interrupted: impl FnMut() -> Result<()> + Send,
) -> Result<T> {
    let mut done = None;
    // The work is erased to one type, as in `run_blocking`.
    block_on_erased(
        Box::pin(async {
            done = Some(work.await?);
            Ok(())
        }),
        &mut interrupted,
    )?;
    done.ok_or_else(|| Error::internal("the call ended without a result"))
}

fn block_on_erased(
    mut work: Pin<Box<dyn Future<Output = Result<()>> + Send + '_>>,
    interrupted: &mut (dyn FnMut() -> Result<()> + Send),
) -> Result<()> {
    // Subscribed before the runtime is taken, so that the end of the runtime waits for this caller.
    let mut ending = ending().subscribe();
    let handle = handle()?;
    let run = async move {
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                _ = ending.wait_for(|ending| *ending) => return Err(Error::interrupted()),
                () = tokio::time::sleep(LOOK) => interrupted()?,
            }
        }
    };
    if Handle::try_current().is_ok() {
        // A caller inside a runtime must not block one of its threads, so it waits on a plain
        // thread.
        return thread::scope(|scope| {
            scope
                .spawn(|| handle.block_on(run))
                .join()
                .unwrap_or_else(|_| Err(Error::internal("a worker thread panicked")))
        });
    }
    handle.block_on(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Advice;

    #[test]
    fn work_that_panics_is_an_internal_fault_and_says_to_report_it() {
        let blocking = run_blocking(|| -> Result<()> { panic!("no such row") });
        let error = block_on(blocking, || Ok(())).unwrap_err();
        assert!(error.is(ErrorKind::Internal), "{error:?}");
        assert!(error.to_string().contains("no such row"), "{error}");
        assert_eq!(error.advice(), Some(&Advice::ReportBug));
    }

    #[test]
    fn a_task_that_was_cancelled_is_no_fault() {
        let task = async {
            let task = tokio::spawn(std::future::pending::<()>());
            task.abort();
            task.await.map_err(without_result)
        };
        let error = block_on(task, || Ok(())).unwrap_err();
        assert!(error.is(ErrorKind::Interrupted), "{error:?}");
    }

    #[cfg(unix)]
    #[test]
    #[allow(unsafe_code, reason = "the test forks")]
    fn the_end_of_a_process_interrupts_blocked_callers_and_joins_threads() {
        // The test runs in a child process, since other tests need the runtime of this one.
        // SAFETY: the child only uses its own runtime and leaves by `_exit`; the alarm ends one that
        // hangs.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            unsafe { libc::alarm(60) };
            let (tell, blocked) = std::sync::mpsc::channel();
            let waiting = thread::spawn(move || {
                block_on::<()>(
                    async move {
                        let _ = tell.send(());
                        std::future::pending().await
                    },
                    || Ok(()),
                )
            });
            let begun = blocked.recv().is_ok();
            end(Duration::from_secs(20));
            let interrupted =
                waiting.join().is_ok_and(|done| done.is_err_and(|e| e.is(ErrorKind::Interrupted)));
            let refused = handle().is_err_and(|error| error.is(ErrorKind::Interrupted));
            let fine = begun && interrupted && is_ending() && refused;
            unsafe { libc::_exit(i32::from(!fine)) };
        }
        let mut status = 0;
        // SAFETY: `pid` is our child.
        unsafe { libc::waitpid(pid, &mut status, 0) };
        assert_eq!(status, 0);
    }
}
