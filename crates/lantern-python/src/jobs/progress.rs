//! `lantern.Progress` and `lantern.Summary`.

use lantern_python_macros::documented;
use pyo3::prelude::*;

use crate::{answers::values::to_python, conversion::error_wording::PythonFace, show::html};
use lantern::{
    api::agents::BatchKind,
    error::Result,
    jobs::{Job, Progress, table::RowStatus},
};

#[documented]
#[pyclass(frozen, module = "lantern", name = "Progress")]
pub struct PyProgress(pub Progress);

impl PyProgress {
    /// # Errors
    /// If there is not enough memory.
    pub fn convert(py: Python<'_>, progress: Progress) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, Self(progress))?.into_any())
    }
}

#[documented]
#[pymethods]
impl PyProgress {
    #[getter]
    fn key(&self) -> &str {
        &self.0.key
    }

    #[getter]
    fn state(&self) -> &'static str {
        self.0.state.name()
    }

    #[getter]
    fn ended(&self) -> bool {
        self.0.state.ended()
    }

    #[getter]
    fn rows(&self) -> u64 {
        self.0.rows
    }

    #[getter]
    fn ids(&self) -> u64 {
        self.0.ids
    }

    #[getter]
    fn answered(&self) -> u64 {
        self.0.answered()
    }

    #[getter]
    fn reused(&self) -> u64 {
        self.0.sums.reused
    }

    #[getter]
    fn emails(&self) -> u64 {
        self.0.sums.emails
    }

    #[getter]
    fn phones(&self) -> u64 {
        self.0.sums.phones
    }

    #[getter]
    fn batches(&self) -> u64 {
        self.0.sums.batches
    }

    #[getter]
    fn loaded(&self) -> u64 {
        self.0.sums.loaded
    }

    #[getter]
    fn in_flight(&self) -> u64 {
        self.0.sums.in_flight
    }

    #[getter]
    fn in_doubt(&self) -> u64 {
        self.0.sums.in_doubt
    }

    #[getter]
    fn failed(&self) -> u64 {
        self.0.sums.failed
    }

    #[getter]
    fn credits(&self) -> u64 {
        self.0.sums.spent
    }

    #[getter]
    fn committed(&self) -> u64 {
        self.0.sums.committed
    }

    #[getter]
    fn max_credits(&self) -> u64 {
        self.0.max_credits
    }

    #[getter]
    fn next(&self) -> f64 {
        self.0.next
    }

    fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        to_python(py, &self.0)
    }

    fn __repr__(&self) -> String {
        format!("<{}>", self.0)
    }

    fn _repr_html_(&self) -> String {
        html::progress(&self.0)
    }
}

#[documented]
#[pyclass(frozen, module = "lantern", name = "Summary")]
pub struct PySummary {
    progress: Progress,
    rows: Vec<(RowStatus, u64)>,
    /// `None` for mapped calls.
    kind: Option<BatchKind>,
}

impl PySummary {
    /// The summary of a job as it is now.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub async fn of(job: Job) -> Result<Self> {
        let kind = job.request().map(|request| request.kind);
        Ok(Self { progress: job.progress().await?, rows: job.row_counts().await?, kind })
    }

    /// # Errors
    /// If there is not enough memory.
    pub fn convert(py: Python<'_>, summary: Self) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, summary)?.into_any())
    }

    fn found(&self, count: u64, of: bool) -> Option<f64> {
        let answered = self.progress.sums.returned;
        (of && answered > 0).then(|| count as f64 / answered as f64)
    }
}

#[documented]
#[pymethods]
impl PySummary {
    #[getter]
    fn progress(&self) -> PyProgress {
        PyProgress(self.progress.clone())
    }

    #[getter]
    fn rows(&self) -> std::collections::BTreeMap<&'static str, u64> {
        self.rows.iter().map(|(status, count)| (status.name(), *count)).collect()
    }

    #[getter]
    fn email_rate(&self) -> Option<f64> {
        let asked = matches!(self.kind, Some(BatchKind::Email | BatchKind::PhoneEmail));
        self.found(self.progress.sums.emails, asked)
    }

    #[getter]
    fn phone_rate(&self) -> Option<f64> {
        let asked = matches!(self.kind, Some(BatchKind::Phone | BatchKind::PhoneEmail));
        self.found(self.progress.sums.phones, asked)
    }

    #[getter]
    fn credits(&self) -> u64 {
        self.progress.sums.spent
    }

    fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let mut value = serde_json::json!(self.progress);
        value["row_status"] = serde_json::json!(self.rows());
        value["email_rate"] = serde_json::json!(self.email_rate());
        value["phone_rate"] = serde_json::json!(self.phone_rate());
        to_python(py, &value)
    }

    fn __repr__(&self) -> String {
        let mut lines = vec![self.progress.to_string()];
        let rates = [("e-mail addresses", self.email_rate()), ("phone numbers", self.phone_rate())];
        for (what, rate) in rates {
            if let Some(rate) = rate {
                lines.push(format!("  {what} found for {:.1} % of the ids answered", rate * 100.0));
            }
        }
        for (status, count) in &self.rows {
            let why = status
                .reason_in(&self.progress, &PythonFace)
                .map(|why| format!(" ({why})"))
                .unwrap_or_default();
            lines.push(format!("  {count} rows {}{why}", status.name().replace('_', " ")));
        }
        lines.join("\n")
    }

    fn _repr_html_(&self) -> String {
        html::summary(&self.progress, &self.rows)
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("summary", (slf,))?.unbind())
    }
}
