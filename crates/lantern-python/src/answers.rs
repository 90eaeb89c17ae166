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
    let text = serde_json::to_string(value)
        .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))?;
    Ok(py.import("json")?.call_method1("loads", (text,))?.unbind())
}

macro_rules! answer {
    (
        $(#[$doc:meta])*
        $name:ident = $public:literal, $value:ty,
        { $($(#[$field_doc:meta])* $field:ident: $type:ty = $get:expr),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[pyclass(frozen, module = "lantern", name = $public)]
        pub struct $name(Answered<$value>);

        impl $name {
            /// # Errors
            /// Out of memory.
            pub fn convert(py: Python<'_>, answered: Answered<$value>) -> PyResult<Py<PyAny>> {
                Ok(Py::new(py, Self(answered))?.into_any())
            }
        }

        #[pymethods]
        impl $name {
            $($(#[$field_doc])* #[getter] fn $field(&self) -> $type { ($get)(&self.0.value) })+

            /// The id under which the API's support finds the call.
            #[getter]
            fn request_id(&self) -> Option<&str> { self.0.request_id.as_deref() }

            /// Credits that are left, where the answer says so.
            #[getter]
            fn credits_remaining(&self) -> Option<f64> { self.0.credits_remaining }

            /// The fields of the answer, those beyond the contract too.
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
    /// A batch that the API accepted.
    PyBatchAccepted = "BatchAccepted", BatchAccepted,
    {
        /// The run that works the batch: a UUID.
        run_id: String = |value: &BatchAccepted| value.run_id.to_string(),
        /// Where the result will lie: ``s3://bucket/key``.
        result_path: String = |value: &BatchAccepted| value.result_path.clone(),
        /// Where the credit report will lie: ``s3://bucket/key``.
        credits_csv_path: Option<String> = |value: &BatchAccepted| value.credits_csv_path.clone(),
    }
}

answer! {
    /// How far a run is.
    PyRunState = "RunState", RunState,
    {
        /// The run: a UUID.
        run_id: String = |value: &RunState| value.run_id.clone(),
        /// ``queued``, ``completed`` or ``failed``; any other word means that it still runs.
        status: String = |value: &RunState| value.status.clone(),
    }
}

answer! {
    /// Credits used in a span of time.
    PyUsage = "Usage", Usage,
    {
        /// Credits used.
        credits_used: f64 = |value: &Usage| value.credits_used,
        /// The tenant's number.
        tenant_id: Option<i64> = |value: &Usage| value.tenant_id,
        /// The beginning, ISO 8601.
        start_date: Option<String> = |value: &Usage| value.start_date.clone(),
        /// The end, ISO 8601.
        end_date: Option<String> = |value: &Usage| value.end_date.clone(),
    }
}

answer! {
    /// Credits left.
    PyRemaining = "Remaining", Remaining,
    {
        /// Credits left.
        remaining_credits: f64 = |value: &Remaining| value.remaining_credits,
        /// Credits bought.
        total_credits: Option<f64> = |value: &Remaining| value.total_credits,
        /// The tenant's number.
        tenant_id: Option<i64> = |value: &Remaining| value.tenant_id,
    }
}
