//! Macros that define answers as frozen Python objects.
//!
//! `answer!` defines the answer of a call, and `part!` an object within an answer. Both list
//! fields: `field: Type` is the answer's field with that name, and `field: Type = expression` is
//! computed from the answer, which has the name given in the first line.

/// The value of a field.
macro_rules! field {
    ($value:ident.$field:ident) => {
        $value.$field.clone()
    };
    ($value:ident.$field:ident, $get:expr) => {
        $get
    };
}

/// Defines an object within an answer.
macro_rules! part {
    (
        $name:ident = $public:literal, $value:ident: $type:ty,
        { $($field:ident: $returned:ty $(= $get:expr)?),+ $(,)? }
    ) => {
        #[lantern_python_macros::documented]
        #[pyclass(frozen, module = "lantern", name = $public)]
        pub struct $name(pub $type);

        #[lantern_python_macros::documented]
        #[pymethods]
        impl $name {
            $(
                #[getter]
                fn $field(&self) -> $returned {
                    let $value = &self.0;
                    $crate::answers::macros::field!($value.$field $(, $get)?)
                }
            )+

            #[getter]
            fn extra(&self) -> $crate::answers::values::Json {
                $crate::answers::values::Json::of(&self.0.extra)
            }

            fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                $crate::answers::values::to_python(py, &self.0)
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let fields = pyo3::types::PyDict::new(py);
                $(fields.set_item(stringify!($field), self.$field())?;)+
                $crate::answers::values::shown($public, &fields)
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| other.get().0 == self.0)
            }
        }
    };
}

/// Defines the answer of a call. `known by` names the field with the request id, if the answer has
/// one. `metered by` names the field with its cost. `with credits_remaining` adds the remaining
/// credits from the headers.
macro_rules! answer {
    (
        $name:ident = $public:literal, $value:ident: $type:ty,
        { $($field:ident: $returned:ty $(= $get:expr)?),+ $(,)? }
        $(known by $own_id:ident)?
        $(metered by $metering:ident)?
        $(with $remaining:ident)?
    ) => {
        #[lantern_python_macros::documented]
        #[pyclass(frozen, module = "lantern", name = $public)]
        pub struct $name(Answered<$type>);

        impl $name {
            /// # Errors
            /// If memory runs out.
            pub fn convert(py: Python<'_>, answered: Answered<$type>) -> PyResult<Py<PyAny>> {
                Ok(Py::new(py, Self(answered))?.into_any())
            }
        }

        #[lantern_python_macros::documented]
        #[pymethods]
        impl $name {
            $(
                #[getter]
                fn $field(&self) -> $returned {
                    let $value = &self.0.value;
                    $crate::answers::macros::field!($value.$field $(, $get)?)
                }
            )+

            $(
                #[getter]
                fn credits_consumed(&self) -> Option<$crate::answers::values::Figure> {
                    let metering = self.0.value.$metering();
                    metering.credits_consumed.map($crate::answers::values::Figure)
                }

                #[getter]
                fn credits_remaining(&self) -> Option<$crate::answers::values::Figure> {
                    let said = self.0.value.$metering().credits_remaining;
                    said.or(self.0.credits_remaining).map($crate::answers::values::Figure)
                }

                #[getter]
                fn processing_time_ms(&self) -> Option<$crate::answers::values::Figure> {
                    let metering = self.0.value.$metering();
                    metering.processing_time_ms.map($crate::answers::values::Figure)
                }

                #[getter]
                fn cached(&self) -> Option<bool> {
                    self.0.value.$metering().cached
                }
            )?

            $(
                #[getter]
                fn $remaining(&self) -> Option<f64> {
                    self.0.$remaining
                }
            )?

            #[getter]
            fn request_id(&self) -> Option<&str> {
                $(
                    if let Some(own_id) = &self.0.value.$own_id {
                        return Some(own_id);
                    }
                )?
                self.0.request_id.as_deref()
            }

            #[getter]
            fn extra(&self) -> $crate::answers::values::Json {
                $crate::answers::values::Json::of(&self.0.value.extra)
            }

            fn to_dict(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                $crate::answers::values::to_python(py, &self.0.value)
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let fields = pyo3::types::PyDict::new(py);
                $(fields.set_item(stringify!($field), self.$field())?;)+
                $crate::answers::values::shown($public, &fields)
            }

            fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
                other.cast::<Self>().is_ok_and(|other| other.get().0.value == self.0.value)
            }
        }
    };
}

pub(crate) use {answer, field, part};
