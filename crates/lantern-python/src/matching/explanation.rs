//! `lantern.Explanation`: why two rows match, or why they do not.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use lantern_python_macros::documented;
use pyo3::prelude::*;

use crate::{conversion::errors::to_py, conversion::tables::OutTable};
use lantern::matching::results::Explanation;

#[documented]
#[pyclass(name = "Explanation", module = "lantern", frozen)]
pub struct PyExplanation(pub Explanation);

#[documented]
#[pymethods]
impl PyExplanation {
    #[getter]
    fn left(&self) -> u32 {
        self.0.left
    }

    #[getter]
    fn right(&self) -> u32 {
        self.0.right
    }

    #[getter]
    fn confidence(&self) -> f64 {
        self.0.confidence
    }

    #[getter]
    fn matched(&self) -> bool {
        self.0.why_not.is_none()
    }

    #[getter]
    fn why_not(&self) -> Option<&str> {
        self.0.why_not.as_deref()
    }

    #[getter]
    fn sentence(&self) -> &str {
        &self.0.sentence
    }

    fn table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let parts = &self.0.contributions;
        let text = |of: &dyn Fn(usize) -> Option<String>| -> ArrayRef {
            Arc::new((0..parts.len()).map(of).collect::<StringArray>())
        };
        let batch = RecordBatch::try_from_iter([
            ("field", text(&|at| Some(parts[at].field.clone()))),
            ("left", text(&|at| parts[at].left.clone())),
            ("right", text(&|at| parts[at].right.clone())),
            ("agreement", text(&|at| Some(parts[at].agreement.clone()))),
            (
                "weight",
                Arc::new(Float64Array::from_iter_values(parts.iter().map(|part| part.weight)))
                    as ArrayRef,
            ),
        ])
        .map_err(|error| to_py(py, error))?;
        OutTable::convert(py, batch.into())
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("waterfall", (slf,))?.unbind())
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("explanation_html", (slf,))?.unbind())
    }

    fn __str__(&self) -> &str {
        &self.0.sentence
    }

    fn __repr__(&self) -> String {
        format!("<lantern.Explanation: {}>", self.0.sentence)
    }
}
