//! Waits for a job and shows its progress.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pyo3::{
    exceptions::{PyKeyboardInterrupt, PyValueError},
    prelude::*,
};

use super::progress::PyProgress;
use crate::{
    connection::sync_async::block,
    conversion::{error_wording::PythonFace, errors::OrRaise},
    show::progress::Display,
};
use lantern::{
    error::{Advice, Face, Result},
    jobs::{Job, OnFailed, Progress, WaitOptions},
    process::runtime,
};

/// # Errors
/// If an argument is invalid.
pub fn options(py: Python<'_>, timeout: Option<f64>, on_failed: &str) -> PyResult<WaitOptions> {
    let timeout = timeout
        .map(|seconds| {
            Duration::try_from_secs_f64(seconds).map_err(|_| {
                PyValueError::new_err(format!(
                    "timeout is {seconds}, and must be a number of seconds"
                ))
            })
        })
        .transpose()?;
    Ok(WaitOptions { timeout, on_failed: on_failed.parse::<OnFailed>().or_raise(py)? })
}

/// Blocks until the job has ended, and shows its progress in the meantime.
///
/// # Errors
/// If the wait fails. The exception for Ctrl-C says how the job is resumed.
pub fn blocking(
    py: Python<'_>,
    job: &Job,
    options: WaitOptions,
    mut display: Display,
) -> PyResult<Progress> {
    let latest = Mutex::new(None);
    let report = |now: &Progress| {
        *latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(now.clone());
    };
    let done = block(py, job.wait_with(options, report), |py| {
        let now = latest.lock().unwrap_or_else(PoisonError::into_inner).take();
        now.map_or(Ok(()), |now| display.show(py, &now))
    });
    display.end(py, done.as_ref().ok())?;
    done.inspect_err(|error| {
        if error.is_instance_of::<PyKeyboardInterrupt>(py) {
            note_how_to_resume(py, error, job.key());
        }
    })
}

fn note_how_to_resume(py: Python<'_>, error: &PyErr, key: &str) {
    let advice = PythonFace.advice(&Advice::ResumeJob { job: Some(key.to_owned()) });
    let note = format!("job {key:?} keeps its state; {advice}");
    // If the note cannot be added, the exception is raised without it.
    let _ = error.value(py).call_method1("add_note", (note,));
}

/// The display of an awaited wait, which other threads update.
type Shown = Arc<Mutex<Display>>;

/// Waits in a task, and returns the display so that it can be ended.
///
/// # Errors
/// If the wait fails.
pub async fn awaited(
    job: Job,
    options: WaitOptions,
    display: Display,
) -> Result<(Progress, Shown)> {
    let display = Arc::new(Mutex::new(display));
    let done = job.wait_with(options, |now: &Progress| show_in_background(&display, now)).await?;
    Ok((done, display))
}

/// Updates the display on a thread that may wait for the interpreter lock, which the runtime's
/// threads must not.
fn show_in_background(display: &Shown, now: &Progress) {
    let Ok(handle) = runtime::handle() else { return };
    let (now, display) = (now.clone(), display.clone());
    handle.spawn_blocking(move || {
        Python::attach(|py| {
            let mut display = display.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = display.show(py, &now) {
                error.write_unraisable(py, None);
            }
        });
    });
}

/// Shows the last state of a job that was awaited.
///
/// # Errors
/// If the notebook refuses to show it.
pub fn ended(py: Python<'_>, (done, display): (Progress, Shown)) -> PyResult<Py<PyAny>> {
    display.lock().unwrap_or_else(PoisonError::into_inner).end(py, Some(&done))?;
    PyProgress::convert(py, done)
}
