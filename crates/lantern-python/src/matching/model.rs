//! Learned models.

use std::{path::PathBuf, sync::Arc};

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use lantern_python_macros::documented;
use pyo3::prelude::*;

use crate::conversion::{
    errors::{OrRaise, to_py},
    expected::expected,
    tables::OutTable,
};
use lantern::{
    matching::{error::Error, linkage::learn::Model, results::explain},
    process::durable,
};

#[documented]
#[pyclass(name = "Model", module = "lantern", frozen)]
pub struct PyModel(pub Arc<Model>);

expected! {
    PyRef<'_, PyModel> => "lantern.Model",
}

#[documented]
#[pymethods]
impl PyModel {
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        Ok(Self(Arc::new(Model::from_json(text).or_raise(py)?)))
    }

    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let text = std::fs::read_to_string(&path).map_err(|error| {
            to_py(py, Error::input(format!("the model {} cannot be read: {error}", path.display())))
        })?;
        Self::from_json(py, &text)
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.0.to_json().or_raise(py)
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let text = self.0.to_json().or_raise(py)?;
        durable::write(&path, text.as_bytes()).map_err(|error| {
            to_py(
                py,
                Error::input(format!("the model {} cannot be written: {error}", path.display())),
            )
        })
    }

    fn table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let mut field = Vec::new();
        let (mut kind, mut agreement) = (Vec::new(), Vec::new());
        let (mut m, mut u) = (Vec::new(), Vec::new());
        for model in &self.0.fields {
            for level in 1..model.levels {
                let contexts = model.m.len() / model.levels;
                let mean = |of: &[f64]| {
                    (0..contexts).map(|context| of[context * model.levels + level]).sum::<f64>()
                        / contexts as f64
                };
                field.push(model.name.clone());
                kind.push(model.kind.name());
                let level_number = u8::try_from(level).unwrap_or(u8::MAX);
                agreement.push(explain::agreement(model.kind, level_number));
                m.push(mean(&model.m));
                let counted = level == 1 || model.kind.comparison().is_by_words();
                u.push((!counted).then(|| mean(&model.u)));
            }
        }
        let batch = RecordBatch::try_from_iter([
            ("field", Arc::new(StringArray::from(field)) as ArrayRef),
            ("kind", Arc::new(StringArray::from(kind)) as ArrayRef),
            ("agreement", Arc::new(StringArray::from(agreement)) as ArrayRef),
            ("m", Arc::new(Float64Array::from(m)) as ArrayRef),
            ("u", Arc::new(Float64Array::from(u)) as ArrayRef),
        ])
        .map_err(|error| to_py(py, error))?;
        OutTable::convert(py, batch.into())
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("model", (slf,))?.unbind())
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("model_html", (slf,))?.unbind())
    }

    #[getter]
    fn matched(&self) -> f64 {
        self.0.matched
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, (String,))> {
        let py = slf.py();
        Ok((slf.get_type().getattr("from_json")?.unbind(), (slf.get().to_json(py)?,)))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn __repr__(&self) -> String {
        let fields: Vec<String> =
            self.0.fields.iter().map(|field| format!("{} ({})", field.name, field.kind)).collect();
        format!("<lantern.Model: {}; {:.3} matched>", fields.join(", "), self.0.matched)
    }
}
