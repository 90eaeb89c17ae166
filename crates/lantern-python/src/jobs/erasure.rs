//! `lantern.forget` and `lantern.purge`.

use std::path::PathBuf;

use lantern_python_macros::documented;
use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict, PyString},
};

use crate::{
    answers::values::to_python,
    connection::settings::ledger_place,
    conversion::{errors::OrRaise, expected::wrong, whole_numbers::integer},
};
use lantern::{
    error::Result,
    jobs::{
        Ledger,
        erasure::{self, Forget},
    },
};

/// Reads the argument `name`: a text, or a list of texts. `whole`: whole numbers are texts, too.
fn texts(given: Option<&Bound<'_, PyAny>>, name: &str, whole: bool) -> PyResult<Vec<String>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let refused = || {
        let expected = if whole { "str, int or a list of these" } else { "str or a list of str" };
        wrong(name, expected, given)
    };
    let one = |item: &Bound<'_, PyAny>| -> PyResult<String> {
        if let Ok(text) = item.extract::<String>() {
            return Ok(text);
        }
        match integer(item)? {
            Some(number) if whole => Ok(number.str()?.to_string()),
            _ => Err(refused()),
        }
    };
    if given.is_instance_of::<PyString>() || integer(given)?.is_some() {
        return Ok(vec![one(given)?]);
    }
    if given.is_instance_of::<PyBytes>() || given.is_instance_of::<PyDict>() {
        return Err(refused());
    }
    let items = given.try_iter().map_err(|_| refused())?;
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
    let whom =
        Forget { ids: texts(id, "id", true)?, emails: texts(email, "email", false)?, suppress };
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
