//! `lantern.Job` and `lantern.AsyncJob`.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lantern_python_docs::documented;
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
};

use crate::{
    answers::agents::to_python,
    connection::client::{PyAsyncClient, PyClient, Settings, Shared},
    connection::sync_async::{block, two_ways},
    conversion::error_wording::PythonFace,
    conversion::errors::OrRaise,
    conversion::tables::OutTable,
    show::html,
    show::progress::Display,
};
use lantern::{
    api::agents::BatchKind,
    error::{Advice, Face, Result},
    jobs::{Job, OnFailed, Progress, WaitOptions, table::RowStatus},
    ledger::Decision,
    process::runtime,
};

#[documented]
#[pyclass(frozen, module = "lantern", name = "Progress")]
pub struct PyProgress(pub Progress);

impl PyProgress {
    fn convert(py: Python<'_>, progress: Progress) -> PyResult<Py<PyAny>> {
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
        self.0.sums.returned
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
                .reason(&self.progress.key, &PythonFace)
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

async fn summarize(job: Job) -> Result<(Progress, Vec<(RowStatus, u64)>, Option<BatchKind>)> {
    let kind = job.request().map(|request| request.kind);
    Ok((job.progress().await?, job.row_counts().await?, kind))
}

fn summary_to_python(
    py: Python<'_>,
    (progress, rows, kind): (Progress, Vec<(RowStatus, u64)>, Option<BatchKind>),
) -> PyResult<Py<PyAny>> {
    Ok(Py::new(py, PySummary { progress, rows, kind })?.into_any())
}

fn nothing(py: Python<'_>, (): ()) -> PyResult<Py<PyAny>> {
    Ok(py.None())
}

fn waiting(py: Python<'_>, timeout: Option<f64>, on_failed: &str) -> PyResult<WaitOptions> {
    let timeout = timeout
        .map(|seconds| {
            Duration::try_from_secs_f64(seconds).map_err(|_| {
                PyValueError::new_err(format!("timeout is {seconds}; it is a number of seconds"))
            })
        })
        .transpose()?;
    Ok(WaitOptions { timeout, on_failed: on_failed.parse::<OnFailed>().or_raise(py)? })
}

/// The client of a job that is picked up: the one given, or one made from the environment.
fn shared(py: Python<'_>, client: Option<&Bound<'_, PyAny>>) -> PyResult<Shared> {
    let Some(client) = client else { return Shared::new(None, Settings::default()).or_raise(py) };
    if let Ok(client) = client.cast::<PyClient>() {
        return Ok(client.get().0.clone());
    }
    match client.cast::<PyAsyncClient>() {
        Ok(client) => Ok(client.get().0.clone()),
        Err(_) => Err(PyTypeError::new_err("client= takes a lantern.Client or AsyncClient")),
    }
}

two_ways! {
    PyJob = "Job", PyAsyncJob = "AsyncJob", Job,
    {
        #[staticmethod]
        #[pyo3(signature = (key, *, client=None, on_in_doubt="raise", spend=true))]
        fn load(
            py: Python<'_>,
            key: String,
            client: Option<&Bound<'_, PyAny>>,
            on_in_doubt: &str,
            spend: bool,
        ) -> PyResult<Py<PyAny>> {
            let shared = shared(py, client)?;
            let convert = if Self::AWAITED { crate::connection::client::async_job_to_python } else { crate::connection::client::job_to_python };
            let work = crate::connection::client::load(shared, key, on_in_doubt.to_owned(), spend);
            Self::drive(py, work, convert)
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
        fn poll(
            &self,
            py: Python<'_>,
            timeout: Option<f64>,
            on_failed: &str,
        ) -> PyResult<Py<PyAny>> {
            let job = self.0.clone();
            let options = waiting(py, timeout, on_failed)?;
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
            let options = waiting(py, timeout, on_failed)?;
            let display = if progress { Display::choose(py)? } else { Display::Silent };
            let (job, latest) = (self.0.clone(), Arc::new(Mutex::new(None)));
            if !Self::AWAITED {
                let report = latest.clone();
                let work = job.wait_with(options, move |now: &Progress| {
                    *report.lock().unwrap_or_else(PoisonError::into_inner) = Some(now.clone());
                });
                let mut display = display;
                let done = block(py, work, |py| {
                    let now = latest.lock().unwrap_or_else(PoisonError::into_inner).take();
                    now.map_or(Ok(()), |now| display.show(py, &now))
                });
                let done = match done {
                    Ok(done) => done,
                    Err(error) => {
                        display.end(py, None)?;
                        if error.is_instance_of::<pyo3::exceptions::PyKeyboardInterrupt>(py) {
                            let note = format!(
                                "job {:?} keeps its state; {}",
                                self.0.key(),
                                PythonFace.advice(&Advice::ResumeJob {
                                    job: Some(self.0.key().to_owned())
                                })
                            );
                            error.value(py).call_method1("add_note", (note,))?;
                        }
                        return Err(error);
                    }
                };
                display.end(py, Some(&done))?;
                return PyProgress::convert(py, done);
            }
            let display = Arc::new(Mutex::new(display));
            let work = async move {
                let shown = display.clone();
                let done = job
                    .wait_with(options, move |now: &Progress| {
                        let (now, display) = (now.clone(), shown.clone());
                        // Threads of the runtime do not wait for the interpreter lock.
                        if let Ok(handle) = runtime::handle() {
                            handle.spawn_blocking(move || {
                                Python::attach(|py| {
                                    let mut display =
                                        display.lock().unwrap_or_else(PoisonError::into_inner);
                                    if let Err(error) = display.show(py, &now) {
                                        error.write_unraisable(py, None);
                                    }
                                });
                            });
                        }
                    })
                    .await;
                done.map(|done| (done, display.clone()))
            };
            Self::drive(py, work, |py, (done, display)| {
                display.lock().unwrap_or_else(PoisonError::into_inner).end(py, Some(&done))?;
                PyProgress::convert(py, done)
            })
        }

        fn progress(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            let job = self.0.clone();
            Self::drive(py, async move { job.progress().await }, PyProgress::convert)
        }

        fn table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            let job = self.0.clone();
            Self::drive(py, async move { Ok(job.table().await?.into()) }, OutTable::convert)
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
            Self::drive(py, summarize(self.0.clone()), summary_to_python)
        }

        fn in_doubt(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            let job = self.0.clone();
            let work = async move {
                Ok(lantern::jobs::table::batches_table(&job.in_doubt().await?, job.key(), &PythonFace)?.into())
            };
            Self::drive(py, work, OutTable::convert)
        }

        #[pyo3(signature = (batch, run_id, *, result_path=None, credits_path=None))]
        fn resolve(
            &self,
            py: Python<'_>,
            batch: u32,
            run_id: String,
            result_path: Option<String>,
            credits_path: Option<String>,
        ) -> PyResult<Py<PyAny>> {
            let job = self.0.clone();
            let work = async move {
                job.attach(batch, &run_id, result_path.as_deref(), credits_path.as_deref()).await
            };
            Self::drive(py, work, nothing)
        }

        fn resend(&self, py: Python<'_>, batch: u32) -> PyResult<Py<PyAny>> {
            let job = self.0.clone();
            Self::drive(py, async move { job.decide(batch, Decision::Resend).await }, nothing)
        }

        fn skip(&self, py: Python<'_>, batch: u32) -> PyResult<Py<PyAny>> {
            let job = self.0.clone();
            Self::drive(py, async move { job.decide(batch, Decision::Skip).await }, nothing)
        }

        fn __repr__(&self, py: Python<'_>) -> String {
            let job = self.0.clone();
            let name = if Self::AWAITED { "AsyncJob" } else { "Job" };
            match block(py, async move { job.progress().await }, |_| Ok(())) {
                Ok(progress) => format!("<{name} {progress}>"),
                Err(_) => format!("<{name} {}>", self.0.key()),
            }
        }

        fn _repr_html_(&self, py: Python<'_>) -> PyResult<String> {
            let job = self.0.clone();
            let work = async move { Ok((job.progress().await?, job.batches().await?)) };
            let (progress, batches) = block(py, work, |_| Ok(()))?;
            Ok(html::job(&progress, &batches))
        }
    }
}
