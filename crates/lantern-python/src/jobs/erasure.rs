//! `lantern.forget` and `lantern.purge`.

use std::path::PathBuf;

use lantern_python_macros::documented;
use pyo3::{exceptions::PyTypeError, prelude::*, types::PyString};

use crate::{
    answers::values::to_python,
    connection::settings::ledger_place,
    conversion::{errors::OrRaise, whole_numbers::integer},
};
use lantern::{
    error::Result,
    jobs::{
        Ledger,
        erasure::{self, Forget},
    },
};

/// Reads a text or a whole number, or a list of these.
fn texts(given: Option<&Bound<'_, PyAny>>, name: &str) -> PyResult<Vec<String>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let one = |item: &Bound<'_, PyAny>| -> PyResult<String> {
        match (item.extract::<String>(), integer(item)?) {
            (Ok(text), _) => Ok(text),
            (_, Some(number)) => Ok(number.str()?.to_string()),
            _ => Err(PyTypeError::new_err(format!(
                "{name} must be a text, a number or a list of these"
            ))),
        }
    };
    if given.is_instance_of::<PyString>() || integer(given)?.is_some() {
        return Ok(vec![one(given)?]);
    }
    let items = given.try_iter().map_err(|_| {
        PyTypeError::new_err(format!("{name} must be a text, a number or a list of these"))
    })?;
    items.map(|item| one(&item?)).collect()
}

fn opened(ledger: Option<PathBuf>) -> Result<Ledger> {
    let place = ledger.map(ledger_place).transpose()?;
    Ledger::resolve(place.as_deref())
}

#[documented]
#[pyfunction]
#[pyo3(signature = (*, id=None, email=None, suppress=true, ledger=None))]
pub fn forget(
    py: Python<'_>,
    id: Option<&Bound<'_, PyAny>>,
    email: Option<&Bound<'_, PyAny>>,
    suppress: bool,
    ledger: Option<PathBuf>,
) -> PyResult<Py<PyAny>> {
    let whom = Forget { ids: texts(id, "id")?, emails: texts(email, "email")?, suppress };
    let done = py.detach(|| erasure::forget(&opened(ledger)?, &whom)).or_raise(py)?;
    to_python(py, &done)
}

#[documented]
#[pyfunction]
#[pyo3(signature = (older_than=None, *, always=false, ledger=None))]
pub fn purge(
    py: Python<'_>,
    older_than: Option<String>,
    always: bool,
    ledger: Option<PathBuf>,
) -> PyResult<Py<PyAny>> {
    let done = py
        .detach(|| erasure::purge(&opened(ledger)?, older_than.as_deref(), always))
        .or_raise(py)?;
    to_python(py, &done)
}
