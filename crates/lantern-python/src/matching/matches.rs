//! `lantern.Matches`.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, RecordBatch, UInt64Array},
    compute::{concat_batches, take},
    datatypes::{DataType, Field, Schema},
};
use lantern_python_macros::documented;
use pyo3::{
    exceptions::PyIndexError,
    prelude::*,
    types::{PyCapsule, PyDict},
};

use super::{explanation::PyExplanation, model::PyModel};
use crate::conversion::{errors::OrRaise, tables::OutTable};
use lantern::matching::{
    error::Result,
    results::{
        golden::Names,
        matches::{Matches, Method},
        table,
    },
    tables::Table,
};

/// The confidence of a match, and the values of both sides field by field.
type Shown = (f64, Vec<(String, Option<String>, Option<String>)>);

#[documented]
#[pyclass(name = "Matches", module = "lantern", frozen)]
pub struct PyMatches {
    pub(super) matches: Arc<Matches>,
    pub(super) left_id: Option<String>,
    pub(super) right_id: Option<String>,
}

impl PyMatches {
    fn batch(&self) -> Result<RecordBatch> {
        table::matches(&self.matches, self.left_id.as_deref(), self.right_id.as_deref())
    }

    fn rows_of(py: Python<'_>, table: &Table, rows: &[u64]) -> PyResult<Py<PyAny>> {
        let batch = py
            .detach(|| -> Result<RecordBatch> {
                let whole = concat_batches(&table.schema, &table.batches)?;
                let rows = UInt64Array::from(rows.to_vec());
                let row = Names::of(&table.schema).free("row");
                let mut fields = vec![Field::new(row, DataType::UInt64, false)];
                let mut columns: Vec<ArrayRef> = vec![Arc::new(rows.clone())];
                for (field, column) in whole.schema().fields().iter().zip(whole.columns()) {
                    fields.push(field.as_ref().clone());
                    columns.push(take(column, &rows, None)?);
                }
                Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
            })
            .or_raise(py)?;
        OutTable::convert(py, batch.into())
    }
}

/// A batch as the capsule of an Arrow stream.
pub(super) fn stream<'py>(
    py: Python<'py>,
    batch: RecordBatch,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let table = OutTable::convert(py, batch.into())?;
    let capsule = table.bind(py).call_method1("__arrow_c_stream__", (requested_schema,))?;
    Ok(capsule.cast_into::<PyCapsule>()?)
}

#[documented]
#[pymethods]
impl PyMatches {
    fn __len__(&self) -> usize {
        self.matches.all.len()
    }

    /// The matches as an Arrow stream.
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

    fn unmatched_left(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Self::rows_of(py, &self.matches.left, &self.matches.unmatched_left())
    }

    fn unmatched_right(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Self::rows_of(py, self.matches.right_table(), &self.matches.unmatched_right())
    }

    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let matches = &self.matches;
        let summary = PyDict::new(py);
        let unmatched = matches.unmatched_left().len();
        summary.set_item("left_rows", matches.left.rows)?;
        summary.set_item("right_rows", matches.right_table().rows)?;
        summary.set_item("matches", matches.all.len())?;
        summary.set_item("matched_left", matches.left.rows - unmatched)?;
        summary.set_item("unmatched_left", unmatched)?;
        summary.set_item("unmatched_right", matches.unmatched_right().len())?;
        summary.set_item("compared", matches.compared)?;
        summary.set_item("threshold", matches.threshold)?;
        let sum: f64 = matches.all.iter().map(|found| found.confidence).sum();
        let mean = (!matches.all.is_empty()).then(|| sum / matches.all.len() as f64);
        summary.set_item("mean_confidence", mean)?;
        summary.set_item("recall", matches.recall)?;
        summary.set_item("warnings", &matches.warnings)?;
        Ok(summary)
    }

    fn explain(&self, py: Python<'_>, i: isize) -> PyResult<PyExplanation> {
        let count = self.matches.all.len();
        let at = if i < 0 { i + isize::try_from(count).unwrap_or(isize::MAX) } else { i };
        let at = usize::try_from(at).ok().filter(|&at| at < count).ok_or_else(|| {
            PyIndexError::new_err(format!(
                "there is no match {i}; there are {count}, counted from 0"
            ))
        })?;
        Ok(PyExplanation(self.matches.explain(at).or_raise(py)?))
    }

    #[getter]
    fn model(&self) -> Option<PyModel> {
        match &self.matches.method {
            Method::Learned { model, .. } => Some(PyModel(model.clone())),
            Method::Rules(_) => None,
        }
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("confidences", (slf,))?.unbind())
    }

    fn __repr__(&self) -> String {
        let matches = &self.matches;
        format!(
            "<lantern.Matches: {} of {} left rows matched, {} matches, threshold {}>",
            matches.left.rows - matches.unmatched_left().len(),
            matches.left.rows,
            matches.all.len(),
            matches.threshold
        )
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("matches_html", (slf,))?.unbind())
    }

    /// The values of both sides of the first matches, field by field, for showing.
    fn _shown(&self, py: Python<'_>, count: usize) -> PyResult<Vec<Shown>> {
        (0..count.min(self.matches.all.len()))
            .map(|at| {
                let explained = self.matches.explain(at).or_raise(py)?;
                let parts = explained
                    .contributions
                    .into_iter()
                    .filter(|part| part.left.is_some() || part.right.is_some())
                    .map(|part| (part.field, part.left, part.right))
                    .collect();
                Ok((explained.confidence, parts))
            })
            .collect()
    }
}
