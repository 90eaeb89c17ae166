//! Runs work on the threads of this process that Ctrl-C can stop, with a progress bar if it takes
//! long.

use std::{
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use pyo3::prelude::*;

use crate::{
    conversion::errors::{OrRaise, to_py},
    show::progress::Rows,
};
use lantern::{
    matching::{
        error::{Error, Result},
        options::Watch,
    },
    process::threads,
};

/// How often Python is asked whether signals have arrived.
const LOOK: Duration = Duration::from_millis(50);

/// Work that Ctrl-C can stop.
#[derive(Default)]
struct Stoppable {
    stopped: AtomicBool,
    done: AtomicU64,
    of: AtomicU64,
}

impl Watch for Stoppable {
    fn look(&self, done: u64, of: u64) -> Result<()> {
        self.done.store(done, Ordering::Relaxed);
        self.of.store(of, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) { Err(Error::interrupted()) } else { Ok(()) }
    }
}

/// Runs `work` on the threads of this process with the interpreter lock released. Signals stop it,
/// and a progress bar is shown if it takes long.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    progress: bool,
    work: impl FnOnce(&dyn Watch) -> Result<T> + Send,
) -> PyResult<T> {
    let watch = Stoppable::default();
    let mut bar = progress.then(Rows::begin);
    let mut raised = None;
    let done = py.detach(|| {
        std::thread::scope(|scope| {
            let (send, receive) = mpsc::channel();
            let watching = &watch;
            scope.spawn(move || {
                let _ = send.send(threads::run(|| work(watching)));
            });
            loop {
                match receive.recv_timeout(LOOK) {
                    Ok(done) => return Some(done),
                    Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        let looked = Python::attach(|py| {
                            if let Some(bar) = &mut bar {
                                let (done, of) = (
                                    watch.done.load(Ordering::Relaxed),
                                    watch.of.load(Ordering::Relaxed),
                                );
                                bar.show(py, done, of)?;
                            }
                            py.check_signals()
                        });
                        if let Err(error) = looked {
                            watch.stopped.store(true, Ordering::Relaxed);
                            raised.get_or_insert(error);
                        }
                    }
                }
            }
        })
    });
    if let Some(bar) = &bar {
        bar.end();
    }
    if let Some(error) = raised {
        return Err(error);
    }
    match done {
        Some(done) => done.or_raise(py),
        None => Err(to_py(py, lantern::Error::internal("matching ended without a result"))),
    }
}
