//! Errors as the exceptions of `lantern.exceptions`.

use pyo3::{
    prelude::*,
    types::{PyDict, PyType},
};

use lantern::error::{CallContext, Error};

/// The Python exception for an error.
pub fn to_py(py: Python<'_>, error: impl Into<Error>) -> PyErr {
    make(py, error.into()).unwrap_or_else(|failed| failed)
}

fn make(py: Python<'_>, error: Error) -> PyResult<PyErr> {
    let message = error.to_string();
    let details = PyDict::new(py);
    if let Some(call) = error.call() {
        add_call(&details, call)?;
    }
    let class = match error {
        Error::Authentication { .. } => "AuthenticationError",
        Error::Validation { field, .. } => {
            details.set_item("field", field)?;
            "ValidationError"
        }
        Error::NotFound { .. } => "NotFoundError",
        Error::RateLimit { retry_after, .. } => {
            details.set_item("retry_after", retry_after)?;
            "RateLimitError"
        }
        Error::CreditLimit { required, remaining, .. } => {
            details.set_item("required", required)?;
            details.set_item("remaining", remaining)?;
            "CreditLimitError"
        }
        Error::OutcomeUnknown { job, .. } => {
            details.set_item("job", job)?;
            "OutcomeUnknown"
        }
        Error::Server { .. } => "ServerError",
        Error::Connection { .. } => "APIConnectionError",
        Error::Timeout { .. } => "APITimeoutError",
        Error::Config { .. } => "ConfigError",
        Error::Input { column, row, .. } => {
            details.set_item("column", column)?;
            details.set_item("row", row)?;
            "InputError"
        }
        Error::Ledger { path, .. } => {
            details.set_item("path", path.map(|path| path.display().to_string()))?;
            "LedgerError"
        }
        Error::Job { key, .. } => {
            details.set_item("key", key)?;
            "JobError"
        }
        Error::Unfinished { key, .. } => {
            details.set_item("key", key)?;
            "JobTimeout"
        }
        Error::Results { file, line, .. } => {
            details.set_item("file", file)?;
            details.set_item("line", line)?;
            "ResultError"
        }
        Error::Local { .. } => "LocalServerError",
        Error::Interrupted => {
            return Ok(pyo3::exceptions::PyKeyboardInterrupt::new_err(message));
        }
        _ => "LanternError",
    };
    let class = py.import("lantern.exceptions")?.getattr(class)?.cast_into::<PyType>()?;
    Ok(PyErr::from_value(class.call((message,), Some(&details))?))
}

fn add_call(details: &Bound<'_, PyDict>, call: &CallContext) -> PyResult<()> {
    details.set_item("method", &call.method)?;
    details.set_item("path", &call.path)?;
    details.set_item("status", call.status)?;
    details.set_item("attempts", call.attempts)?;
    details.set_item("elapsed", call.elapsed.as_secs_f64())?;
    details.set_item("request_id", &call.request_id)
}

/// `?` for functions that answer Python.
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
