//! Values of answers on their way to Python.

use pyo3::{prelude::*, types::PyDict};
use serde::Serialize;
use serde_json::Value;

/// A value as plain Python objects.
///
/// # Errors
/// Never in practice: every answer came from JSON.
pub fn to_python<T: Serialize>(py: Python<'_>, value: &T) -> PyResult<Py<PyAny>> {
    Ok(pythonize::pythonize(py, value)?.unbind())
}

/// A number on its way to Python: whole ones are integers.
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

/// A value of any form on its way to Python.
pub struct Json(Value);

impl Json {
    pub fn of(value: &impl Serialize) -> Self {
        Self(serde_json::to_value(value).unwrap_or_default())
    }
}

impl<'py> IntoPyObject<'py> for Json {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        Ok(to_python(py, &self.0)?.into_bound(py))
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
