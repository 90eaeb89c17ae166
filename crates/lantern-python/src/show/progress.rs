//! Shows progress while something is awaited: as a bar in a terminal, as HTML in a notebook, or not
//! at all.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pyo3::prelude::*;

use crate::{answers::values::to_python, show::html};
use lantern::jobs::Progress;

/// Where progress is shown.
pub enum Display {
    Silent,
    Terminal(ProgressBar),
    /// A `lantern._notebook.Display`.
    Notebook(Py<PyAny>),
}

/// Matching shows a bar only after this time.
const SOON: Duration = Duration::from_secs(1);

impl Display {
    /// A notebook's page, or else a terminal's standard error, or else nothing.
    ///
    /// # Errors
    /// If the notebook refuses to show it.
    pub fn choose(py: Python<'_>) -> PyResult<Self> {
        let notebook = py.import("lantern._notebook")?;
        if notebook.call_method0("inside")?.is_truthy()? {
            return Ok(Self::Notebook(notebook.call_method0("Display")?.unbind()));
        }
        let stderr = py.import("sys")?.getattr("stderr")?;
        let terminal = !stderr.is_none()
            && stderr.call_method0("isatty").is_ok_and(|is| is.is_truthy().unwrap_or(false));
        if !terminal {
            return Ok(Self::Silent);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style =
            ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg}  {elapsed}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        Ok(Self::Terminal(bar))
    }

    /// Shows the progress of a job.
    ///
    /// # Errors
    /// If the notebook refuses to show it.
    pub fn show(&mut self, py: Python<'_>, now: &Progress) -> PyResult<()> {
        match self {
            Self::Silent => {}
            Self::Terminal(bar) => {
                bar.set_prefix(now.kind.clone());
                bar.set_length(now.ids);
                bar.set_position(now.answered());
                bar.set_message(format!(
                    "ids  {}/{} batches  {}/{} credits",
                    now.sums.loaded, now.sums.batches, now.sums.spent, now.max_credits
                ));
            }
            Self::Notebook(display) => {
                display.call_method1(py, "update", (html::progress(now), to_python(py, now)?))?;
            }
        }
        Ok(())
    }

    /// Shows the last state, if there is one, and leaves it on the screen.
    ///
    /// # Errors
    /// If the notebook refuses to show it.
    pub fn end(&mut self, py: Python<'_>, done: Option<&Progress>) -> PyResult<()> {
        if let Some(done) = done {
            self.show(py, done)?;
        }
        if let Self::Terminal(bar) = self {
            bar.abandon();
        }
        Ok(())
    }
}

/// Shows the progress of matching.
pub struct Rows {
    begun: Instant,
    /// Chosen when there is something to show.
    display: Option<Display>,
}

impl Rows {
    pub fn begin() -> Self {
        Self { begun: Instant::now(), display: None }
    }

    /// Shows that `done` of `of` rows were matched.
    ///
    /// # Errors
    /// If the notebook refuses to show it.
    pub fn show(&mut self, py: Python<'_>, done: u64, of: u64) -> PyResult<()> {
        if self.begun.elapsed() < SOON || of <= 1 {
            return Ok(());
        }
        let display = match &mut self.display {
            Some(display) => display,
            None => self.display.insert(Display::choose(py)?),
        };
        match display {
            Display::Silent => {}
            Display::Terminal(bar) => {
                bar.set_prefix("matching");
                bar.set_message("rows");
                bar.set_length(of);
                bar.set_position(done);
            }
            Display::Notebook(display) => {
                display.call_method1(py, "say", html::matching(done, of))?;
            }
        }
        Ok(())
    }

    /// Leaves the bar on the screen.
    pub fn end(&self) {
        if let Some(Display::Terminal(bar)) = &self.display {
            bar.abandon();
        }
    }
}
