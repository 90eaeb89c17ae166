//! Functions of the package that belong to no class.

use std::{ffi::OsString, path::PathBuf};

use lantern_python_docs::documented;
use pyo3::prelude::*;

use crate::{conversion::errors::OrRaise, conversion::tables::OutTable};
use lantern::{
    api::agents::BatchKind,
    error::Error,
    jobs::{Ledger, table::jobs_table},
    storage::{Storage, StorageOptions},
};

#[documented]
#[pyfunction]
#[pyo3(signature = (*, ledger=None))]
pub fn jobs(py: Python<'_>, ledger: Option<PathBuf>) -> PyResult<Py<PyAny>> {
    let table = py
        .detach(|| {
            let place = ledger.map(crate::connection::client::ledger_place).transpose()?;
            let jobs = Ledger::resolve(place.as_deref())?.store().jobs(None)?;
            jobs_table(&jobs)
        })
        .or_raise(py)?;
    OutTable::convert(py, table.into())
}

/// One path or several.
#[derive(FromPyObject)]
pub enum Paths {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

#[documented]
#[pyfunction]
#[pyo3(signature = (paths, *, kind=None, storage_options=None))]
pub fn read_results(
    py: Python<'_>,
    paths: Paths,
    kind: Option<&str>,
    storage_options: Option<std::collections::BTreeMap<String, String>>,
) -> PyResult<Py<PyAny>> {
    let kind = kind.map(str::parse::<BatchKind>).transpose().map_err(Error::from).or_raise(py)?;
    let paths = match paths {
        Paths::One(path) => vec![path],
        Paths::Many(paths) => paths,
    };
    let places: Vec<String> =
        paths.into_iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let options = StorageOptions::new(storage_options.unwrap_or_default()).or_raise(py)?;
    let work = async move { Storage::new(options).read_results(&places, kind).await };
    let batches = crate::connection::sync_async::block(py, work, |_| Ok(()))?;
    let schema = batches
        .first()
        .map(arrow::array::RecordBatch::schema)
        .ok_or_else(|| Error::results("", None, "there is no result file"))
        .or_raise(py)?;
    OutTable::convert(py, (schema, batches).into())
}
/// Runs the command line with the given arguments and answers its exit code.
#[pyfunction]
#[pyo3(name = "_main")]
pub fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| lantern_cli::main(arguments))
}
