//! `lantern.read_results`.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use lantern_python_macros::documented;
use pyo3::prelude::*;

use crate::{
    connection::sync_async::block,
    conversion::{arguments::Paths, errors::OrRaise, tables::OutTable},
};
use lantern::{
    api::agents::BatchKind,
    error::Error,
    storage::{Storage, StorageOptions},
};

#[documented]
#[pyfunction]
#[pyo3(signature = (paths, *, kind=None, storage_options=None))]
pub fn read_results(
    py: Python<'_>,
    paths: Paths,
    kind: Option<&str>,
    storage_options: Option<BTreeMap<String, String>>,
) -> PyResult<Py<PyAny>> {
    let kind = kind.map(str::parse::<BatchKind>).transpose().map_err(Error::from).or_raise(py)?;
    let places = paths.into_texts();
    let options = StorageOptions::new(storage_options.unwrap_or_default()).or_raise(py)?;
    let work = async move { Storage::new(options).read_results(&places, kind).await };
    let batches = block(py, work, |_| Ok(()))?;
    let schema = batches
        .first()
        .map(RecordBatch::schema)
        .ok_or_else(|| Error::results("", None, "there is no result file"))
        .or_raise(py)?;
    OutTable::convert(py, (schema, batches).into())
}
