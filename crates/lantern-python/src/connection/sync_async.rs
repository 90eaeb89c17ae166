//! Waits for futures in Python: by blocking with the interpreter lock released, or by `await`.

use std::{
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use pyo3::{
    exceptions::PySystemExit,
    prelude::*,
    types::{PyCFunction, PyDict, PyTuple},
};
use pyo3_async_runtimes::{
    TaskLocals,
    generic::{self, ContextExt, JoinError, Runtime},
};
use tokio::task::{self, JoinHandle};

use crate::{connection::log, conversion::errors::to_py};
use lantern::{
    error::{Error, ErrorKind, Result},
    process::{runtime, under_way},
};

/// How long the end of the interpreter waits for this package's threads.
const THREADS_END: Duration = Duration::from_secs(2);

/// Converts the result of a call into a Python object.
pub type Convert<T> = fn(Python<'_>, T) -> PyResult<Py<PyAny>>;

/// One of the two ways to wait.
pub trait Drive {
    const AWAITED: bool;

    /// If the future fails, as the Python exception for its kind of error.
    /// If the future fails: the Python exception of its kind.
    fn drive<T: Send + 'static>(
        py: Python<'_>,
        work: impl Future<Output = Result<T>> + Send + 'static,
        convert: Convert<T>,
    ) -> PyResult<Py<PyAny>>;
}

/// A class whose methods block or are awaited. `#[two_ways]` implements it for both classes.
pub trait TwoWays {
    /// The value that its objects hold.
    type Inner;
    /// The way in which its methods wait.
    type Way: Drive;

    const AWAITED: bool = Self::Way::AWAITED;

    /// Creates an object of whichever of the two classes waits in the same way as `Like`.
    ///
    /// # Errors
    /// If there is not enough memory.
    fn like<Like: TwoWays>(py: Python<'_>, inner: Self::Inner) -> PyResult<Py<PyAny>>;

    /// Waits for `work`, or returns an awaitable for it.
    ///
    /// # Errors
    /// If the future fails, as the Python exception for its kind of error.
    fn drive<T: Send + 'static>(
        py: Python<'_>,
        work: impl Future<Output = Result<T>> + Send + 'static,
        convert: Convert<T>,
    ) -> PyResult<Py<PyAny>> {
        Self::Way::drive(py, work, convert)
    }
}

/// Blocks until the work has ended, with the interpreter lock released and Ctrl-C enabled.
pub struct Blocking;

/// Returns an awaitable of the running event loop.
pub struct Awaiting;

impl Drive for Blocking {
    const AWAITED: bool = false;

    fn drive<T: Send + 'static>(
        py: Python<'_>,
        work: impl Future<Output = Result<T>> + Send + 'static,
        convert: Convert<T>,
    ) -> PyResult<Py<PyAny>> {
        convert(py, block(py, work, |_| Ok(()))?)
    }
}

/// Blocks on `work`. Every 50 ms `look` is called with the interpreter lock held.
pub fn block<T: Send>(
    py: Python<'_>,
    work: impl Future<Output = Result<T>> + Send,
    mut look: impl FnMut(Python<'_>) -> PyResult<()> + Send,
) -> PyResult<T> {
    // Created while the lock is held, so that a fork cannot happen half-way.
    runtime::handle().map_err(|error| to_py(py, error))?;
    let raised = Mutex::new(None);
    let done = py.detach(|| {
        runtime::block_on(work, || {
            Python::attach(|py| {
                let looked = log::hand_over(py).and_then(|()| look(py));
                looked.and_then(|()| py.check_signals()).map_err(|error| {
                    *raised.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    Error::interrupted()
                })
            })
        })
    });
    let logged = log::hand_over(py);
    let raised = raised.into_inner().unwrap_or_else(PoisonError::into_inner);
    match (done, raised) {
        (Err(error), Some(raised)) if error.is(ErrorKind::Interrupted) => Err(raised),
        // The interpreter is ending and this is a daemon thread, which should end silently.
        (Err(_), None) if runtime::is_ending() => Err(PySystemExit::new_err(())),
        (done, _) => done.map_err(|error| to_py(py, error)).and_then(|done| logged.map(|()| done)),
    }
}

impl Drive for Awaiting {
    const AWAITED: bool = true;

    fn drive<T: Send + 'static>(
        py: Python<'_>,
        work: impl Future<Output = Result<T>> + Send + 'static,
        convert: Convert<T>,
    ) -> PyResult<Py<PyAny>> {
        runtime::handle().map_err(|error| to_py(py, error))?;
        // The answer is erased to one type, because the bridge would otherwise compile its tasks
        // anew for each call.
        let answer: Pin<Box<dyn Future<Output = PyResult<Answer>> + Send>> = Box::pin(async move {
            let done = work.await;
            Ok(Answer(Box::new(move |py| {
                let value = done.map_err(|error| to_py(py, error))?;
                convert(py, value)
            })))
        });
        generic::future_into_py::<OfThisProcess, _, _>(py, answer).map(Bound::unbind)
    }
}

/// Ends this package's threads before the interpreter ends, because a thread that returned a result
/// later would find no interpreter. Paid calls in flight are awaited first.
pub fn end_with_interpreter(py: Python<'_>) -> PyResult<()> {
    let end = |arguments: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<()> {
        let py = arguments.py();
        under_way::begin_ending();
        if under_way::count() > 0 {
            // Ctrl-C ends this wait, too.
            block(py, async { Ok(under_way::end().await) }, |_| Ok(()))?;
        }
        py.detach(|| runtime::end(THREADS_END));
        Ok(())
    };
    let end = PyCFunction::new_closure(py, Some(c"lantern_end"), None, end)?;
    py.import("atexit")?.call_method1("register", (end,))?;
    Ok(())
}

/// A result for Python, which is converted once the interpreter lock can be taken.
struct Answer(Box<Conversion>);

type Conversion = dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send;

impl<'py> IntoPyObject<'py> for Answer {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        log::hand_over(py)?;
        (self.0)(py).map(|value| value.into_bound(py))
    }
}

/// The runtime of this process, in the form that the asyncio bridge needs.
struct OfThisProcess;

tokio::task_local! {
    static LOCALS: TaskLocals;
}

/// The error of a task that panicked or was cancelled.
struct Ended(task::JoinError);

impl JoinError for Ended {
    fn is_panic(&self) -> bool {
        self.0.is_panic()
    }

    fn into_panic(self) -> Box<dyn std::any::Any + Send + 'static> {
        self.0.into_panic()
    }
}

/// A spawned task.
struct Task(Option<JoinHandle<()>>);

impl Future for Task {
    type Output = Result<(), Ended>;

    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        match &mut self.0 {
            Some(handle) => Pin::new(handle).poll(context).map_err(Ended),
            None => std::task::Poll::Ready(Ok(())),
        }
    }
}

impl Runtime for OfThisProcess {
    type JoinError = Ended;
    type JoinHandle = Task;

    fn spawn<F: Future<Output = ()> + Send + 'static>(work: F) -> Task {
        Task(runtime::handle().ok().map(|handle| handle.spawn(work)))
    }

    fn spawn_blocking<F: FnOnce() + Send + 'static>(work: F) -> Task {
        Task(runtime::handle().ok().map(|handle| handle.spawn_blocking(work)))
    }
}

impl ContextExt for OfThisProcess {
    fn scope<F, R>(locals: TaskLocals, work: F) -> Pin<Box<dyn Future<Output = R> + Send>>
    where
        F: Future<Output = R> + Send + 'static,
    {
        Box::pin(LOCALS.scope(locals, work))
    }

    fn get_task_locals() -> Option<TaskLocals> {
        LOCALS.try_with(TaskLocals::clone).ok()
    }
}
