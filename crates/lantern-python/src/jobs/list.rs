//! `lantern.jobs`.

use std::path::PathBuf;

use lantern_python_macros::documented;
use pyo3::prelude::*;

use crate::{
    connection::settings::ledger_place,
    conversion::{errors::OrRaise, tables::OutTable},
};
use lantern::jobs::{Ledger, table::jobs_table};

#[documented]
#[pyfunction]
#[pyo3(signature = (*, ledger=None))]
pub fn jobs(py: Python<'_>, ledger: Option<PathBuf>) -> PyResult<Py<PyAny>> {
    let table = py
        .detach(|| {
            let place = ledger.map(ledger_place).transpose()?;
            let jobs = Ledger::resolve(place.as_deref())?.store().jobs(None)?;
            jobs_table(&jobs)
        })
        .or_raise(py)?;
    OutTable::convert(py, table.into())
}
