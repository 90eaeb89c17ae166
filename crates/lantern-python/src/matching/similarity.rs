//! `lantern.similarity`: similarities and distances over strings and columns.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::DataType,
};
use pyo3::{IntoPyObjectExt, prelude::*};

use crate::{
    conversion::errors::OrRaise,
    conversion::text_columns::{self as texts, Column, Texts},
    conversion::whole_numbers as whole,
};
use lantern::{
    matching::{
        error::{Error, Result},
        similarity::{Distance, Similarity, checked},
    },
    process::threads,
};

/// The similarity of two strings, of two columns, or of a column and a string.
#[pyfunction]
#[pyo3(name = "_similarity", signature = (name, a, b, score_cutoff=None))]
pub fn similarity(
    py: Python<'_>,
    name: &str,
    a: Texts,
    b: Texts,
    score_cutoff: Option<f64>,
) -> PyResult<Py<PyAny>> {
    let measure: Similarity = name.parse().or_raise(py)?;
    checked(score_cutoff).or_raise(py)?;
    match (a, b) {
        (Texts::One(a), Texts::One(b)) => {
            py.detach(|| measure.similarity(&a, &b, score_cutoff)).into_py_any(py)
        }
        (Texts::Column(column), Texts::One(value)) | (Texts::One(value), Texts::Column(column)) => {
            score(py, DataType::Float64, column.chunked, || {
                measure.chunked_with(&column.chunks, Some(&value), score_cutoff)
            })
        }
        (Texts::Column(a), Texts::Column(b)) => {
            score(py, DataType::Float64, a.chunked || b.chunked, || {
                same_rows(&a, &b)?;
                measure.chunked(&a.chunks, &b.chunks, score_cutoff)
            })
        }
    }
}

/// The number of edits between two strings, two columns, or a column and a string.
#[pyfunction]
#[pyo3(name = "_distance", signature = (name, a, b, score_cutoff=None))]
pub fn distance(
    py: Python<'_>,
    name: &str,
    a: Texts,
    b: Texts,
    #[pyo3(from_py_with = whole::optional::score_cutoff)] score_cutoff: Option<u64>,
) -> PyResult<Py<PyAny>> {
    let measure: Distance = name.parse().or_raise(py)?;
    // A cutoff that is too large to be counted has no effect.
    let cutoff = score_cutoff.and_then(|cutoff| u32::try_from(cutoff).ok());
    match (a, b) {
        (Texts::One(a), Texts::One(b)) => {
            py.detach(|| measure.distance(&a, &b, cutoff)).into_py_any(py)
        }
        (Texts::Column(column), Texts::One(value)) | (Texts::One(value), Texts::Column(column)) => {
            score(py, DataType::UInt32, column.chunked, || {
                measure.chunked_with(&column.chunks, Some(&value), cutoff)
            })
        }
        (Texts::Column(a), Texts::Column(b)) => {
            score(py, DataType::UInt32, a.chunked || b.chunked, || {
                same_rows(&a, &b)?;
                measure.chunked(&a.chunks, &b.chunks, cutoff)
            })
        }
    }
}

fn same_rows(a: &Column, b: &Column) -> Result<()> {
    let (left, right) = (a.rows(), b.rows());
    if left == right {
        return Ok(());
    }
    Err(Error::input(format!(
        "a has {left} rows and b has {right}; compare columns of one table, or a column with a \
         single string"
    )))
}

fn score<A: Array + 'static>(
    py: Python<'_>,
    kind: DataType,
    chunked: bool,
    work: impl FnOnce() -> Result<Vec<A>> + Send,
) -> PyResult<Py<PyAny>> {
    let scores = py.detach(|| threads::run(work)).or_raise(py)?;
    let scores = scores.into_iter().map(|chunk| Arc::new(chunk) as ArrayRef).collect();
    texts::convert(py, scores, kind, chunked)
}
