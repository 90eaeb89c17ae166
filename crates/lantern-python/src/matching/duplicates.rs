//! `lantern.Duplicates`.

use std::{collections::BTreeMap, sync::Arc};

use arrow::array::RecordBatch;
use lantern_python_macros::documented;
use pyo3::{
    prelude::*,
    types::{PyCapsule, PyDict},
};

use super::matches::{PyMatches, stream};
use crate::conversion::{errors::OrRaise, tables::OutTable};
use lantern::matching::{
    error::Result,
    results::{
        golden::{self, Strategy},
        table,
    },
};

#[documented]
#[pyclass(name = "Duplicates", module = "lantern", frozen)]
pub struct PyDuplicates {
    pub(super) matches: PyMatches,
    pub(super) clusters: Arc<Vec<u64>>,
}

impl PyDuplicates {
    fn batch(&self) -> Result<RecordBatch> {
        let ids = self.matches.left_id.as_deref().map(|id| (&self.matches.matches.left, id));
        table::clusters(&self.clusters, ids)
    }
}

#[documented]
#[pymethods]
impl PyDuplicates {
    fn __len__(&self) -> usize {
        self.clusters.len()
    }

    /// The cluster of each row as an Arrow stream.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        stream(py, py.detach(|| self.batch()).or_raise(py)?, requested_schema)
    }

    fn table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        OutTable::convert(py, py.detach(|| self.batch()).or_raise(py)?.into())
    }

    #[getter]
    fn pairs(&self) -> PyMatches {
        PyMatches {
            matches: self.matches.matches.clone(),
            left_id: self.matches.left_id.clone(),
            right_id: self.matches.right_id.clone(),
        }
    }

    #[pyo3(signature = (strategy="most_frequent", *, columns=None, provenance=true))]
    fn golden(
        &self,
        py: Python<'_>,
        strategy: &str,
        columns: Option<BTreeMap<String, String>>,
        provenance: bool,
    ) -> PyResult<Py<PyAny>> {
        let default: Strategy = strategy.parse().or_raise(py)?;
        let by_column = columns
            .unwrap_or_default()
            .into_iter()
            .map(|(name, strategy)| Ok((name, strategy.parse::<Strategy>()?)))
            .collect::<Result<BTreeMap<_, _>>>()
            .or_raise(py)?;
        let left = &self.matches.matches.left;
        let batch = py
            .detach(|| golden::golden(left, &self.clusters, &default, &by_column, provenance))
            .or_raise(py)?;
        OutTable::convert(py, batch.into())
    }

    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let summary = PyDict::new(py);
        let clusters = self.clusters.iter().max().map_or(0, |most| most + 1);
        summary.set_item("rows", self.clusters.len())?;
        summary.set_item("clusters", clusters)?;
        summary.set_item("duplicates", self.clusters.len() as u64 - clusters)?;
        summary.set_item("pairs", self.matches.matches.all.len())?;
        summary.set_item("compared", self.matches.matches.compared)?;
        summary.set_item("threshold", self.matches.matches.threshold)?;
        summary.set_item("recall", self.matches.matches.recall)?;
        summary.set_item("warnings", &self.matches.matches.warnings)?;
        Ok(summary)
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("clusters", (slf,))?.unbind())
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("duplicates_html", (slf,))?.unbind())
    }

    fn __repr__(&self) -> String {
        let clusters = self.clusters.iter().max().map_or(0, |most| most + 1);
        format!("<lantern.Duplicates: {} rows in {clusters} clusters>", self.clusters.len())
    }
}
