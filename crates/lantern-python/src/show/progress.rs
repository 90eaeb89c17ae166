//! Shows progress while something is awaited: as a bar in a terminal, as HTML in a notebook, or not
//! at all.

use pyo3::prelude::*;

use crate::{answers::values::to_python, show::html};
use lantern::jobs::Progress;
use lantern_cli::progress_bar::{JobBar, RowsBar};

/// Where progress can be shown.
enum Place {
    Nowhere,
    Terminal,
    /// A `lantern._notebook.Display`.
    Notebook(Py<PyAny>),
}

impl Place {
    /// A notebook's page, or else a terminal's standard error, or else nowhere.
    ///
    /// # Errors
    /// If the notebook refuses to show it.
    fn choose(py: Python<'_>) -> PyResult<Self> {
        let notebook = py.import("lantern._notebook")?;
        if notebook.call_method0("inside")?.is_truthy()? {
            return Ok(Self::Notebook(notebook.call_method0("Display")?.unbind()));
        }
        let stderr = py.import("sys")?.getattr("stderr")?;
        let terminal = !stderr.is_none()
            && stderr.call_method0("isatty").is_ok_and(|is| is.is_truthy().unwrap_or(false));
        Ok(if terminal { Self::Terminal } else { Self::Nowhere })
    }
}

/// Shows the progress of a job.
pub enum Display {
    Silent,
    /// The bar, once there is something to show.
    Terminal(Option<JobBar>),
    /// A `lantern._notebook.Display`.
    Notebook(Py<PyAny>),
}

impl Display {
    /// A display where progress can be shown.
    ///
    /// # Errors
    /// If the notebook refuses to show it.
    pub fn choose(py: Python<'_>) -> PyResult<Self> {
        Ok(match Place::choose(py)? {
            Place::Nowhere => Self::Silent,
            Place::Terminal => Self::Terminal(None),
            Place::Notebook(display) => Self::Notebook(display),
        })
    }

    /// Shows the progress of a job.
    ///
    /// # Errors
    /// If the notebook refuses to show it.
    pub fn show(&mut self, py: Python<'_>, now: &Progress) -> PyResult<()> {
        match self {
            Self::Silent => {}
            Self::Terminal(Some(bar)) => bar.show(now),
            Self::Terminal(bar) => *bar = Some(JobBar::new(now)),
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
        if let Self::Terminal(Some(bar)) = self {
            bar.leave();
        }
        Ok(())
    }
}

/// Shows the progress of matching.
pub struct Rows {
    bar: RowsBar,
    /// Chosen when there is something to show.
    place: Option<Place>,
}

impl Rows {
    pub fn begin() -> Self {
        Self { bar: RowsBar::hidden(), place: None }
    }

    /// Shows that `done` of `of` rows were matched.
    ///
    /// # Errors
    /// If the notebook refuses to show it.
    pub fn show(&mut self, py: Python<'_>, done: u64, of: u64) -> PyResult<()> {
        if !self.bar.is_due(of) {
            return Ok(());
        }
        let place = match &mut self.place {
            Some(place) => place,
            None => self.place.insert(Place::choose(py)?),
        };
        match place {
            Place::Nowhere => {}
            Place::Terminal => self.bar.show(done, of),
            Place::Notebook(display) => {
                display.call_method1(py, "say", html::matching(done, of))?;
            }
        }
        Ok(())
    }

    /// Leaves the bar on the screen.
    pub fn end(&self) {
        if matches!(self.place, Some(Place::Terminal)) {
            self.bar.leave();
        }
    }
}
