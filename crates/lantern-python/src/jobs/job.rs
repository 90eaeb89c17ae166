//! `lantern.Job` and `lantern.AsyncJob`.

use std::path::PathBuf;

use lantern_python_macros::two_ways;
use pyo3::prelude::*;
use serde_json::{Map, Value};

use super::{
    progress::{PyProgress, PySummary},
    submit, waiting,
};
use crate::{
    connection::{
        settings::Settings,
        shared::Shared,
        sync_async::{TwoWays, block},
    },
    conversion::{
        arguments::Object,
        errors::OrRaise,
        tables::{OutParts, OutTable},
        whole_numbers as whole,
    },
    show::{html, progress::Display},
};
use lantern::{
    error::{Error, Result},
    jobs::{Job, job_key},
    ledger::Decision,
};

/// What a person knows about a batch or a call that did arrive.
enum Arrived {
    As(String),
    Answered(Map<String, Value>),
}

fn arrived(run_id: Option<String>, answer: Option<Object>) -> Result<Arrived> {
    match (run_id, answer) {
        (Some(run_id), None) => Ok(Arrived::As(run_id)),
        (None, Some(answer)) => Ok(Arrived::Answered(answer.0)),
        (None, None) => Err(Error::input("neither run_id nor answer is given")
            .hint("give the run of a batch, or the answer to a call")),
        (Some(_), Some(_)) => Err(Error::input("run_id and answer are both given")
            .hint("give the run of a batch, or the answer to a call")),
    }
}

fn nothing(py: Python<'_>, (): ()) -> PyResult<Py<PyAny>> {
    Ok(py.None())
}

fn rows(py: Python<'_>, rows: u64) -> PyResult<Py<PyAny>> {
    Ok(rows.into_pyobject(py)?.into_any().unbind())
}

#[two_ways]
pub struct PyJob(pub Job);

#[two_ways]
impl PyJob {
    #[staticmethod]
    #[pyo3(signature = (key, *, client=None, on_in_doubt="raise", spend=true))]
    fn load(
        py: Python<'_>,
        key: String,
        client: Option<&Bound<'_, PyAny>>,
        on_in_doubt: &str,
        spend: bool,
    ) -> PyResult<Py<PyAny>> {
        let shared = match client {
            Some(client) => Shared::of(client)?,
            None => Shared::new(None, Settings::default()).or_raise(py)?,
        };
        let work = submit::load(shared, key, on_in_doubt.to_owned(), spend);
        Self::drive(py, work, Self::like::<Self>)
    }

    #[getter]
    fn key(&self) -> &str {
        self.0.key()
    }

    #[getter]
    fn kind(&self) -> &str {
        self.0.kind()
    }

    #[pyo3(signature = (timeout=30.0, *, on_failed="raise"))]
    fn poll(&self, py: Python<'_>, timeout: Option<f64>, on_failed: &str) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        let options = waiting::options(py, timeout, on_failed)?;
        Self::drive(py, async move { job.poll_with(options).await }, PyProgress::convert)
    }

    #[pyo3(signature = (timeout=None, *, progress=true, on_failed="raise"))]
    fn wait(
        &self,
        py: Python<'_>,
        timeout: Option<f64>,
        progress: bool,
        on_failed: &str,
    ) -> PyResult<Py<PyAny>> {
        let options = waiting::options(py, timeout, on_failed)?;
        let display = if progress { Display::choose(py)? } else { Display::Silent };
        if Self::AWAITED {
            let work = waiting::awaited(self.0.clone(), options, display);
            return Self::drive(py, work, waiting::ended);
        }
        PyProgress::convert(py, waiting::blocking(py, &self.0, options, display)?)
    }

    fn progress(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        Self::drive(py, async move { job.progress().await }, PyProgress::convert)
    }

    #[pyo3(signature = (*, provenance=false))]
    fn table(&self, py: Python<'_>, provenance: bool) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        let work = async move { Ok(job.table_with(provenance).await?.into()) };
        Self::drive(py, work, OutTable::convert)
    }

    fn tables(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        Self::drive(py, async move { job.tables().await }, OutParts::convert)
    }

    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        Self::drive(py, async move { job.write(&path).await }, rows)
    }

    fn credits(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        Self::drive(py, async move { Ok(job.credits().await?.into()) }, OutTable::convert)
    }

    fn missing(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        Self::drive(py, async move { Ok(job.missing().await?.into()) }, OutTable::convert)
    }

    fn summary(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Self::drive(py, PySummary::of(self.0.clone()), PySummary::convert)
    }

    fn in_doubt(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        Self::drive(py, async move { Ok(job.doubts().await?.into()) }, OutTable::convert)
    }

    fn unread(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        Self::drive(py, async move { Ok(job.unread().await?.into()) }, OutTable::convert)
    }

    #[pyo3(signature = (batch, run_id=None, *, answer=None, result_path=None, credits_path=None))]
    fn resolve(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = whole::batch)] batch: u32,
        run_id: Option<String>,
        answer: Option<Object>,
        result_path: Option<String>,
        credits_path: Option<String>,
    ) -> PyResult<Py<PyAny>> {
        let arrived = arrived(run_id, answer).or_raise(py)?;
        let job = self.0.clone();
        let work = async move {
            match arrived {
                Arrived::Answered(answer) => job.answer(batch, Value::Object(answer)).await,
                Arrived::As(run_id) => {
                    let (result, credits) = (result_path.as_deref(), credits_path.as_deref());
                    job.attach(batch, &run_id, result, credits).await
                }
            }
        };
        Self::drive(py, work, nothing)
    }

    fn resend(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = whole::batch)] batch: u32,
    ) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        Self::drive(py, async move { job.decide(batch, Decision::Resend).await }, nothing)
    }

    fn skip(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = whole::batch)] batch: u32,
    ) -> PyResult<Py<PyAny>> {
        let job = self.0.clone();
        Self::drive(py, async move { job.decide(batch, Decision::Skip).await }, nothing)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let job = self.0.clone();
        let name = if Self::AWAITED { "AsyncJob" } else { "Job" };
        match block(py, async move { job.progress().await }, |_| Ok(())) {
            Ok(progress) => format!("<{name} {progress}>"),
            Err(_) => format!("<{name} {}>", job_key::shown(self.0.key())),
        }
    }

    fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
        let job = self.0.clone();
        let work = async move { Ok((job.progress().await?, job.batches().await?)) };
        let (progress, batches) = block(py, work, |_| Ok(()))?;
        Ok(html::job(&progress, &batches))
    }
}
