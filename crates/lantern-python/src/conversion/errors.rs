//! Converts errors into the exceptions of `lantern.exceptions`.

use std::error::Error as StdError;

use pyo3::{
    exceptions::{PyOSError, PyRuntimeError, PySystemExit},
    prelude::*,
    types::{PyDict, PyType},
};

use lantern::{
    error::{AdviceKind, CallContext, Error, ErrorKind, Face, samples},
    process::under_way,
};

use crate::conversion::error_wording::PythonFace;

/// The Python exception for an error.
pub fn to_py(py: Python<'_>, error: impl Into<Error>) -> PyErr {
    make(py, error.into()).unwrap_or_else(|failed| failed)
}

fn make(py: Python<'_>, error: Error) -> PyResult<PyErr> {
    let message = error.to_text(&PythonFace);
    let class = match error.kind() {
        ErrorKind::Authentication => "AuthenticationError",
        ErrorKind::Validation => "ValidationError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::RateLimit => "RateLimitError",
        ErrorKind::CreditLimit => "CreditLimitError",
        ErrorKind::OutcomeUnknown => "OutcomeUnknown",
        ErrorKind::Server => "ServerError",
        ErrorKind::Connection => "APIConnectionError",
        ErrorKind::Timeout => "APITimeoutError",
        ErrorKind::Config => "ConfigError",
        ErrorKind::Input => "InputError",
        ErrorKind::Ledger => "LedgerError",
        ErrorKind::Job => "JobError",
        ErrorKind::Unfinished => "JobTimeout",
        ErrorKind::Results => "ResultError",
        ErrorKind::Local => "LocalServerError",
        ErrorKind::Internal => "InternalError",
        // The interpreter is ending, so this is a daemon thread, which should end silently.
        ErrorKind::Interrupted if under_way::ends_on_another_thread() => {
            return Ok(PySystemExit::new_err(()));
        }
        // A function that the user registered with `atexit` asks for something. Nobody pressed
        // Ctrl-C.
        ErrorKind::Interrupted if under_way::has_begun_ending() => "ConfigError",
        ErrorKind::Interrupted => {
            return Ok(pyo3::exceptions::PyKeyboardInterrupt::new_err(message));
        }
        _ => "LanternError",
    };
    let details = details(py, &error)?;
    let class = py.import("lantern.exceptions")?.getattr(class)?.cast_into::<PyType>()?;
    let raised = PyErr::from_value(class.call((message,), Some(&details))?);
    raised.set_cause(py, error.source().map(|source| cause(py, source)));
    Ok(raised)
}

/// The chain of sources, as exceptions.
fn cause(py: Python<'_>, source: &(dyn StdError + 'static)) -> PyErr {
    if let Some(own) = source.downcast_ref::<Error>() {
        return to_py(py, own.clone());
    }
    let text = source.to_string();
    let raised = match source.downcast_ref::<std::io::Error>() {
        Some(error) => match error.raw_os_error() {
            Some(number) => PyOSError::new_err((number, text)),
            None => PyOSError::new_err(text),
        },
        None => PyRuntimeError::new_err(text),
    };
    raised.set_cause(py, source.source().map(|source| cause(py, source)));
    raised
}

/// The attributes of an exception.
fn details<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyDict>> {
    let (kind, facts) = (error.kind(), error.facts());
    let details = PyDict::new(py);
    if let Some(advice) = error.advice() {
        details.set_item("advice", PythonFace.advice(advice))?;
    }
    if let Some(call) = &facts.call {
        add_call(&details, call)?;
        details.set_item("credits_consumed", facts.consumed)?;
    }
    match kind {
        ErrorKind::Validation => details.set_item("field", &facts.field)?,
        ErrorKind::RateLimit => details.set_item("retry_after", facts.retry_after)?,
        ErrorKind::CreditLimit => {
            details.set_item("required", facts.required)?;
            details.set_item("remaining", facts.remaining)?;
        }
        ErrorKind::OutcomeUnknown => {
            details.set_item("job", &facts.job)?;
            details.set_item("batch", facts.batch)?;
            details.set_item("body", &facts.body)?;
        }
        ErrorKind::Input => {
            details.set_item("column", &facts.column)?;
            details.set_item("row", facts.row)?;
        }
        ErrorKind::Ledger => {
            let path = facts.path.as_ref().map(|path| path.display().to_string());
            details.set_item("path", path)?;
        }
        ErrorKind::Job => {
            details.set_item("key", &facts.job)?;
            details.set_item("batch", facts.batch)?;
        }
        ErrorKind::Unfinished => details.set_item("key", &facts.job)?,
        ErrorKind::Results => {
            details.set_item("file", &facts.file)?;
            details.set_item("line", facts.line)?;
        }
        _ => {}
    }
    Ok(details)
}

fn add_call(details: &Bound<'_, PyDict>, call: &CallContext) -> PyResult<()> {
    details.set_item("method", &call.method)?;
    details.set_item("path", &call.path)?;
    details.set_item("status", call.status)?;
    details.set_item("attempts", call.attempts)?;
    details.set_item("elapsed", call.elapsed.as_secs_f64())?;
    details.set_item("request_id", &call.request_id)
}

/// `?` for functions that return to Python.
pub trait OrRaise<T> {
    /// # Errors
    /// The same error, as a Python exception.
    fn or_raise(self, py: Python<'_>) -> PyResult<T>;
}

impl<T, E: Into<Error>> OrRaise<T> for Result<T, E> {
    fn or_raise(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| to_py(py, error))
    }
}

/// One exception of every kind and with every advice, by name, for the test of this wording.
#[pyfunction]
#[pyo3(name = "_every_error")]
pub fn every_error(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let raised = PyDict::new(py);
    for kind in ErrorKind::ALL {
        raised.set_item(kind.name(), to_py(py, samples::error(*kind)))?;
    }
    for kind in AdviceKind::ALL {
        let error = Error::config("it failed").advise(samples::advice(*kind));
        raised.set_item(format!("advice {}", kind.name()), to_py(py, error))?;
    }
    Ok(raised)
}
