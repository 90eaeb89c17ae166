//! How answers become frozen objects of Python.

use pyo3::{prelude::*, types::PyDict};
use serde::Serialize;
use serde_json::Value;

use crate::answers::agents::to_python;

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

/// A part of an answer.
macro_rules! part {
    (
        $name:ident = $public:literal, $value:ty,
        { $($field:ident: $type:ty = $get:expr),+ $(,)? }
    ) => {
        #[lantern_python_docs::documented]
        #[pyclass(frozen, module = "lantern", name = $public)]
        pub struct $name(pub $value);

        #[lantern_python_docs::documented]
        #[pymethods]
        impl $name {
            $(#[getter] fn $field(&self) -> $type { ($get)(&self.0) })+

            #[getter]
            fn extra(&self) -> Json { Json::of(&self.0.extra) }

            fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> { to_python(py, &self.0) }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let fields = PyDict::new(py);
                $(fields.set_item(stringify!($field), self.$field())?;)+
                shown($public, &fields)
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
            }
        }
    };
}

pub fn shown(name: &str, fields: &Bound<'_, PyDict>) -> PyResult<String> {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| Ok(format!("{}={}", name.str()?, value.repr()?)))
        .collect::<PyResult<_>>()?;
    Ok(format!("{name}({})", fields.join(", ")))
}

/// An answer; a `metered` one says what it cost.
macro_rules! answer {
    (
        $name:ident = $public:literal, $value:ty, $own_id:expr,
        { $($field:ident: $type:ty = $get:expr),+ $(,)? }
        $(metered by $metering:ident)?
    ) => {
        #[lantern_python_docs::documented]
        #[pyclass(frozen, module = "lantern", name = $public)]
        pub struct $name(Answered<$value>);

        impl $name {
            /// # Errors
            /// Out of memory.
            pub fn convert(py: Python<'_>, answered: Answered<$value>) -> PyResult<Py<PyAny>> {
                Ok(Py::new(py, Self(answered))?.into_any())
            }
        }

        #[lantern_python_docs::documented]
        #[pymethods]
        impl $name {
            $(#[getter] fn $field(&self) -> $type { ($get)(&self.0.value) })+

            $(
                #[getter]
                fn credits_consumed(&self) -> Option<Figure> {
                    self.0.value.$metering().credits_consumed.map(Figure)
                }

                #[getter]
                fn credits_remaining(&self) -> Option<Figure> {
                    let said = self.0.value.$metering().credits_remaining;
                    said.or(self.0.credits_remaining).map(Figure)
                }

                #[getter]
                fn processing_time_ms(&self) -> Option<Figure> {
                    self.0.value.$metering().processing_time_ms.map(Figure)
                }

                #[getter]
                fn cached(&self) -> Option<bool> { self.0.value.$metering().cached }
            )?

            #[getter]
            fn request_id(&self) -> Option<String> {
                let own: fn(&$value) -> Option<String> = $own_id;
                own(&self.0.value).or_else(|| self.0.request_id.clone())
            }

            #[getter]
            fn extra(&self) -> Json { Json::of(&self.0.value.extra) }

            fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> { to_python(py, &self.0.value) }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let fields = PyDict::new(py);
                $(fields.set_item(stringify!($field), self.$field())?;)+
                shown($public, &fields)
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| other.get().0.value == self.0.value)
            }
        }
    };
}

pub(crate) use answer;
pub(crate) use part;
