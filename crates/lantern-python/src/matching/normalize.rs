//! `lantern.normalize`: normalizers over strings and columns.

use pyo3::{IntoPyObjectExt, prelude::*};

use crate::{
    conversion::errors::OrRaise,
    conversion::text_columns::{self as texts, Texts},
};
use lantern::{
    error::Error,
    matching::{
        catalogue::FUNCTIONS,
        normalize::{NormalizeError, Normalizer, Output, normalize_chunks, output_type},
    },
    process::threads,
};

/// The key of a string, or of every string in a column, by the normalizer with this name.
#[pyfunction]
#[pyo3(name = "_normalize", signature = (name, text, parameter=None))]
pub fn normalize(
    py: Python<'_>,
    name: &str,
    text: Texts,
    parameter: Option<&str>,
) -> PyResult<Py<PyAny>> {
    let normalizer = Normalizer::new(name, parameter).map_err(input).or_raise(py)?;
    match text {
        Texts::One(text) => match normalizer.output() {
            Output::Boolean => normalizer.holds(&text).into_py_any(py),
            Output::Text => {
                let mut key = String::new();
                normalizer.write(&text, &mut key).then_some(key).into_py_any(py)
            }
        },
        Texts::Column(column) => {
            let work = || normalize_chunks(&column.chunks, &normalizer).map_err(input);
            let keys = py.detach(|| threads::run(work)).or_raise(py)?;
            texts::convert(py, keys, output_type(&normalizer), column.chunked)
        }
    }
}

/// The names and versions of all normalizers.
#[pyfunction]
#[pyo3(name = "_normalizers")]
pub fn normalizers() -> Vec<(&'static str, u32)> {
    Normalizer::ALL.iter().map(|normalizer| (normalizer.name(), normalizer.version())).collect()
}

/// Every similarity, distance and normalizer: its name, kind, option, and the first line of its
/// documentation.
#[pyfunction]
#[pyo3(name = "_functions")]
pub fn functions() -> Vec<(&'static str, &'static str, Option<&'static str>, &'static str)> {
    FUNCTIONS
        .iter()
        .map(|function| (function.name, function.kind.name(), function.option, function.about))
        .collect()
}

fn input(error: NormalizeError) -> Error {
    Error::input(error.to_string())
}
