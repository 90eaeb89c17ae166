//! `lantern.Matches`: the pairs of rows that match.

use std::{path::PathBuf, sync::Arc};

use arrow::array::RecordBatch;
use lantern_python_macros::documented;
use pyo3::{
    exceptions::{PyIndexError, PyTypeError},
    prelude::*,
    types::{PyCapsule, PyDict},
};

use super::{explanation::PyExplanation, interruptible::interruptible, model::PyModel};
use crate::conversion::{errors::OrRaise, expected::expected, tables::OutTable};
use lantern::{
    matching::{
        error::{Error, Result},
        labels::ids::row_of,
        results::{
            joined,
            matches::{Matches, Method},
            pair::Explainer,
            table,
        },
        review,
        tables::Table,
    },
    tabular::review_file::{self, Format},
};

/// How a row is identified: by its number, or by its id if a column of ids was given.
#[derive(FromPyObject)]
pub enum Row {
    Number(u32),
    Id(String),
}

expected! {
    Row => "int or str",
}

impl Row {
    fn find(&self, table: &Table, id: Option<&str>) -> Result<u32> {
        match (self, id) {
            (Self::Number(row), _) => Ok(*row),
            (Self::Id(wanted), Some(id)) => row_of(table, id, wanted),
            (Self::Id(wanted), None) => Err(Error::input(format!(
                "'{wanted}' is an id, but no column of ids was given; give the number of the row, or match \
                 with left_id= and right_id="
            ))),
        }
    }
}

/// The confidence of a match, and the values of both sides, field by field.
type Shown = (f64, Vec<(String, Option<String>, Option<String>)>);

#[documented]
#[pyclass(name = "Matches", module = "lantern", frozen)]
#[derive(Clone)]
pub struct PyMatches {
    pub matches: Arc<Matches>,
    pub left_id: Option<String>,
    pub right_id: Option<String>,
}

impl PyMatches {
    fn batch(&self) -> Result<RecordBatch> {
        table::matches(&self.matches, self.left_id.as_deref(), self.right_id.as_deref())
    }

    fn ids(&self) -> (Option<&str>, Option<&str>) {
        (self.left_id.as_deref(), self.right_id.as_deref())
    }

    fn explain_match(&self, py: Python<'_>, i: isize) -> PyResult<PyExplanation> {
        let count = self.matches.all.len();
        let at = if i < 0 { i + isize::try_from(count).unwrap_or(isize::MAX) } else { i };
        let at = usize::try_from(at).ok().filter(|&at| at < count).ok_or_else(|| {
            PyIndexError::new_err(format!(
                "there is no match {i}; there are {count}, counted from 0"
            ))
        })?;
        Ok(PyExplanation(self.matches.explain(at).or_raise(py)?))
    }

    /// Explains two rows, given by their numbers or their ids.
    pub fn explain_rows(&self, py: Python<'_>, left: &Row, right: &Row) -> PyResult<PyExplanation> {
        let matches = &self.matches;
        let left = left.find(&matches.left, self.left_id.as_deref()).or_raise(py)?;
        let right = right.find(matches.right_table(), self.right_id.as_deref()).or_raise(py)?;
        let explained = interruptible(py, false, |_| matches.explain_pair(left, right))?;
        Ok(PyExplanation(explained))
    }

    fn rows_of(py: Python<'_>, table: &Table, rows: &[u64]) -> PyResult<Py<PyAny>> {
        let batch = py.detach(|| table::rows_of(table, rows)).or_raise(py)?;
        OutTable::convert(py, batch.into())
    }
}

/// A batch as the capsule of an Arrow stream.
pub fn stream<'py>(
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
        summary.set_item("labels", matches.selection.labels.len())?;
        let chosen = matches.chosen.map(|chosen| {
            let of = chosen.precision;
            (of.value, of.low, of.high)
        });
        summary.set_item("precision", chosen)?;
        summary.set_item("warnings", &matches.warnings)?;
        Ok(summary)
    }

    #[pyo3(signature = (i=None, *, left=None, right=None))]
    fn explain(
        &self,
        py: Python<'_>,
        i: Option<isize>,
        left: Option<Row>,
        right: Option<Row>,
    ) -> PyResult<PyExplanation> {
        match (i, left, right) {
            (Some(i), None, None) => self.explain_match(py, i),
            (None, Some(left), Some(right)) => self.explain_rows(py, &left, &right),
            _ => Err(PyTypeError::new_err(
                "explain needs the number of a match, or left= and right=, the two rows of a pair",
            )),
        }
    }

    #[pyo3(signature = (left=None, right=None))]
    fn joined(
        &self,
        py: Python<'_>,
        left: Option<Vec<String>>,
        right: Option<Vec<String>>,
    ) -> PyResult<Py<PyAny>> {
        let columns = |named| match named {
            Some(names) => joined::Columns::Named(names),
            None => joined::Columns::All,
        };
        let (left, right) = (columns(left.as_deref()), columns(right.as_deref()));
        let batch = py.detach(|| joined::joined(&self.matches, left, right, self.ids()));
        OutTable::convert(py, batch.or_raise(py)?.into())
    }

    #[pyo3(signature = (n=50, path=None))]
    pub fn review(&self, py: Python<'_>, n: usize, path: Option<PathBuf>) -> PyResult<Py<PyAny>> {
        let (matches, ids) = (&self.matches, self.ids());
        let format = path.as_deref().map(Format::of).transpose().or_raise(py)?;
        let (pairs, batch) = interruptible(py, false, |_| {
            let pairs = review::choose(matches, n)?;
            let batch = review::table::table(matches, &pairs, ids)?;
            Ok((pairs, batch))
        })?;
        if let (Some(path), Some(format)) = (path, format) {
            py.detach(|| review_file::write(&path, format, matches, &pairs, ids)).or_raise(py)?;
        }
        OutTable::convert(py, batch.into())
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

    /// The number of matches in each of `bars` equal ranges of confidence, and how many of them are
    /// bound by labels, for display.
    fn _histogram(&self, bars: usize) -> Vec<u64> {
        let mut counts = vec![0; bars.max(1)];
        let last = counts.len() - 1;
        for found in &self.matches.all {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1")]
            let bar = (found.confidence * counts.len() as f64) as usize;
            counts[bar.min(last)] += 1;
        }
        counts
    }

    /// The values of both sides of the least certain matches, field by field, for display.
    fn _shown(&self, py: Python<'_>, count: usize) -> PyResult<Vec<Shown>> {
        let all = &self.matches.all;
        let mut order: Vec<usize> = (0..all.len()).collect();
        let less = |&a: &usize, &b: &usize| {
            all[a].confidence.total_cmp(&all[b].confidence).then(a.cmp(&b))
        };
        if count < order.len() {
            order.select_nth_unstable_by(count, less);
            order.truncate(count);
        }
        order.sort_unstable_by(less);
        let explainer = Explainer::of(&self.matches);
        order
            .into_iter()
            .map(|at| {
                let explained = explainer.matched(at).or_raise(py)?;
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
