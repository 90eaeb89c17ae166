//! Converts values of answers to Python.

use pyo3::{prelude::*, types::PyDict};
use serde::Serialize;
use serde_json::Value;

use crate::conversion::errors::to_py;
use lantern::error::Error;

/// Converts a value to plain Python objects.
///
/// # Errors
/// Never in practice, because every answer came from JSON.
pub fn to_python<T: Serialize>(py: Python<'_>, value: &T) -> PyResult<Py<PyAny>> {
    Ok(pythonize::pythonize(py, value)?.unbind())
}

/// A number for Python, which is an integer if it is whole.
pub struct Figure(pub f64);

impl<'py> IntoPyObject<'py> for Figure {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        if self.0.fract() == 0.0 && self.0.abs() < 9e15 {
            return Ok((self.0 as i64).into_pyobject(py)?.into_any());
        }
        Ok(self.0.into_pyobject(py)?.into_any())
    }
}

/// A JSON value of any form for Python.
pub struct Json(serde_json::Result<Value>);

impl Json {
    pub fn of(value: &impl Serialize) -> Self {
        Self(serde_json::to_value(value))
    }
}

impl<'py> IntoPyObject<'py> for Json {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        let value = self.0.map_err(|error| {
            let happened = format!("a part of the answer cannot be converted to Python: {error}");
            to_py(py, Error::internal(happened).caused_by(error))
        })?;
        Ok(to_python(py, &value)?.into_bound(py))
    }
}

/// The `repr` of an answer: its name and its fields.
pub fn shown(name: &str, fields: &Bound<'_, PyDict>) -> PyResult<String> {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| Ok(format!("{}={}", name.str()?, value.repr()?)))
        .collect::<PyResult<_>>()?;
    Ok(format!("{name}({})", fields.join(", ")))
}
