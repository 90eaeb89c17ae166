//! Answers of single calls as frozen objects.

use pyo3::{prelude::*, types::PyDict};
use serde::Serialize;

use lantern::{
    api::{
        agents::{BatchAccepted, RunState},
        credits::{Remaining, Usage},
    },
    client::Answered,
};

/// A value as plain Python objects.
///
/// # Errors
/// Never in practice: every answer came from JSON.
pub fn to_python<T: Serialize>(py: Python<'_>, value: &T) -> PyResult<Py<PyAny>> {
    Ok(pythonize::pythonize(py, value)?.unbind())
}

macro_rules! answer {
    (
        $name:ident = $public:literal, $value:ty,
        { $($field:ident: $type:ty = $get:expr),+ $(,)? }
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

            #[getter]
            fn request_id(&self) -> Option<&str> { self.0.request_id.as_deref() }

            #[getter]
            fn credits_remaining(&self) -> Option<f64> { self.0.credits_remaining }

            #[getter]
            fn extra(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                to_python(py, &self.0.value.extra)
            }

            fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> { to_python(py, &self.0.value) }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let fields = PyDict::new(py);
                $(fields.set_item(stringify!($field), self.$field())?;)+
                let shown: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| Ok(format!("{}={}", name.str()?, value.repr()?)))
                    .collect::<PyResult<_>>()?;
                Ok(format!("{}({})", $public, shown.join(", ")))
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| other.get().0.value == self.0.value)
            }
        }
    };
}

answer! {
    PyBatchAccepted = "BatchAccepted", BatchAccepted,
    {
        run_id: String = |value: &BatchAccepted| value.run_id.clone(),
        result_path: String = |value: &BatchAccepted| value.result_path.clone(),
        credits_csv_path: Option<String> = |value: &BatchAccepted| value.credits_csv_path.clone(),
    }
}

answer! {
    PyRunState = "RunState", RunState,
    {
        run_id: String = |value: &RunState| value.run_id.clone(),
        status: String = |value: &RunState| value.status.clone(),
    }
}

answer! {
    PyUsage = "Usage", Usage,
    {
        credits_used: f64 = |value: &Usage| value.credits_used,
        tenant_id: Option<i64> = |value: &Usage| value.tenant_id,
        start_date: Option<String> = |value: &Usage| value.start_date.clone(),
        end_date: Option<String> = |value: &Usage| value.end_date.clone(),
    }
}

answer! {
    PyRemaining = "Remaining", Remaining,
    {
        remaining_credits: f64 = |value: &Remaining| value.remaining_credits,
        total_credits: Option<f64> = |value: &Remaining| value.total_credits,
        tenant_id: Option<i64> = |value: &Remaining| value.tenant_id,
    }
}
