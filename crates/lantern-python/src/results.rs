//! `lantern.read_results`.

use std::{collections::BTreeMap, path::PathBuf};

use arrow::array::RecordBatch;
use lantern_python_macros::documented;
use pyo3::prelude::*;

use crate::{
    connection::{settings::ledger_place, sync_async::block},
    conversion::{arguments::Paths, errors::OrRaise, suppression, tables::OutTable},
};
use lantern::{
    api::agents::BatchKind,
    error::Error,
    jobs::{Ledger, suppression::leave_out},
    ledger::suppression::Suppressed,
    process::runtime,
    storage::{Storage, StorageOptions},
};

#[documented]
#[pyfunction]
#[pyo3(signature = (paths, *, kind=None, storage_options=None, suppress=None, ledger=None))]
pub fn read_results(
    py: Python<'_>,
    paths: Paths,
    kind: Option<&str>,
    storage_options: Option<BTreeMap<String, String>>,
    suppress: Option<&Bound<'_, PyAny>>,
    ledger: Option<PathBuf>,
) -> PyResult<Py<PyAny>> {
    let entries = suppression::optional(suppress)?;
    let kind = kind.map(str::parse::<BatchKind>).transpose().map_err(Error::from).or_raise(py)?;
    let places = paths.into_texts();
    let options = StorageOptions::new(storage_options.unwrap_or_default()).or_raise(py)?;
    // Opening a ledger may take a while.
    let open = || match ledger {
        Some(place) => Ledger::resolve(Some(&ledger_place(place)?)).map(Some),
        None => Ok(None),
    };
    let ledger = py.detach(open).or_raise(py)?;
    let work = async move {
        let mut list = match ledger {
            Some(ledger) => ledger.run(|store| store.suppressed(None)).await?,
            None => Suppressed::nobody()?,
        };
        list.add(&entries);
        let results = Storage::new(options).read_results(&places, kind).await?;
        runtime::run_blocking(move || leave_out(&list, results)).await
    };
    let batches = block(py, work, |_| Ok(()))?;
    let schema = batches
        .first()
        .map(RecordBatch::schema)
        .ok_or_else(|| Error::results("", None, "no result files were given"))
        .or_raise(py)?;
    OutTable::convert(py, (schema, batches).into())
}
