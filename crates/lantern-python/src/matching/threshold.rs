//! Thresholds: a confidence, or the precision to reach.

use lantern_python_macros::documented;
use pyo3::prelude::*;

use crate::conversion::{errors::to_py, expected::expected};
use lantern::matching::error::Error;

#[documented]
#[pyclass(name = "AtPrecision", module = "lantern", frozen, eq, from_py_object)]
#[derive(Clone, Copy, PartialEq)]
pub struct PyAtPrecision {
    precision: f64,
}

#[documented]
#[pymethods]
impl PyAtPrecision {
    #[getter]
    fn precision(&self) -> f64 {
        self.precision
    }

    fn __repr__(&self) -> String {
        format!("lantern.at_precision({})", self.precision)
    }
}

#[documented]
#[pyfunction]
#[pyo3(signature = (precision))]
pub fn at_precision(py: Python<'_>, precision: f64) -> PyResult<PyAtPrecision> {
    if precision > 0.0 && precision < 1.0 {
        return Ok(PyAtPrecision { precision });
    }
    Err(to_py(py, Error::input(format!("the precision {precision} is not between 0 and 1"))))
}

/// The argument `threshold`.
#[derive(Clone, Copy, FromPyObject)]
pub enum Threshold {
    Fixed(f64),
    Reaching(PyAtPrecision),
}

expected! {
    Threshold => "int, float or lantern.at_precision(...)",
}

impl Threshold {
    pub fn fixed(self) -> Option<f64> {
        match self {
            Self::Fixed(confidence) => Some(confidence),
            Self::Reaching(_) => None,
        }
    }

    pub fn precision(self) -> Option<f64> {
        match self {
            Self::Fixed(_) => None,
            Self::Reaching(of) => Some(of.precision),
        }
    }
}
