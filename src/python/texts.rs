//! Text on its way in, one string or a column of them, and columns on their way out.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, RecordBatch, new_empty_array},
    datatypes::{DataType, Field, Schema},
    ffi::{FFI_ArrowArray, FFI_ArrowSchema},
};
use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    types::{PyCapsule, PyString},
};
use pyo3_arrow::input::AnyArray;

use super::{errors::to_py, tables::to_arro3};

/// What a function over text takes.
pub enum Texts {
    One(String),
    Column(Column),
}

/// A column of text: string, large string, string view, a dictionary of those, or only nulls.
pub struct Column {
    pub chunks: Vec<ArrayRef>,
    /// Whether it came in chunks, and what is made of it goes out so.
    pub chunked: bool,
}

impl FromPyObject<'_, '_> for Texts {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> PyResult<Self> {
        if let Ok(text) = given.cast::<PyString>() {
            return Ok(Self::One(text.to_str()?.to_owned()));
        }
        let py = given.py();
        let library = library(&given)?;
        if !given.hasattr(intern!(py, "__arrow_c_array__"))?
            && !given.hasattr(intern!(py, "__arrow_c_stream__"))?
        {
            return Err(PyTypeError::new_err(format!(
                "a string or a column of text is needed (a Series of Polars or pandas, an array \
                 of PyArrow or arro3), and this is of type {}; wrap it, for example in \
                 polars.Series(...)",
                given.get_type().qualname()?
            )));
        }
        let column = match readable(&given, &library)?.extract::<AnyArray>()? {
            AnyArray::Array(array) => Column { chunks: vec![array.into_inner().0], chunked: false },
            AnyArray::Stream(stream) => {
                let (chunks, field) = AnyArray::Stream(stream).into_chunked_array()?.into_inner();
                let chunks = if chunks.is_empty() {
                    vec![new_empty_array(field.data_type())]
                } else {
                    chunks
                };
                Column { chunks, chunked: true }
            }
        };
        match column.chunks.iter().map(|chunk| chunk.data_type()).find(|kind| !is_text(kind)) {
            None => Ok(Self::Column(column)),
            Some(kind) => Err(PyTypeError::new_err(not_text(kind, &library))),
        }
    }
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => true,
        DataType::Dictionary(_, values) => {
            matches!(**values, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        }
        _ => false,
    }
}

/// The package that a value's type comes from.
fn library(given: &Bound<'_, PyAny>) -> PyResult<String> {
    let module: String = given.get_type().getattr(intern!(given.py(), "__module__"))?.extract()?;
    Ok(module.split('.').next().unwrap_or_default().to_owned())
}

/// The same column in a form that arrow-rs reads: Polars exports nulls with a buffer, which the
/// Arrow format has none for.
fn readable<'py>(given: &Bound<'py, PyAny>, library: &str) -> PyResult<Bound<'py, PyAny>> {
    let py = given.py();
    if library == "polars" && given.hasattr(intern!(py, "dtype"))? {
        let polars = py.import(intern!(py, "polars"))?;
        let nulls = polars.getattr(intern!(py, "Null"))?;
        if given.getattr(intern!(py, "dtype"))?.eq(nulls)? {
            let text = polars.getattr(intern!(py, "String"))?;
            return given.call_method1(intern!(py, "cast"), (text,));
        }
    }
    Ok(given.clone())
}

fn not_text(kind: &DataType, library: &str) -> String {
    if let DataType::Struct(fields) = kind {
        let names: Vec<_> =
            fields.iter().take(8).map(|field| format!("{:?}", field.name())).collect();
        return format!(
            "a column of text is needed, and this is a table or struct of {}; pick one of them",
            names.join(", ")
        );
    }
    let cast = match library {
        "polars" => ".cast(pl.String)",
        "pandas" => ".astype(\"str\")",
        "pyarrow" => ".cast(pa.string())",
        "arro3" => ".cast(arro3.core.DataType.string())",
        _ => ".cast(...)",
    };
    format!("the column is of type {kind} and not text; cast it to text first with {cast}")
}

impl Column {
    pub fn rows(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }
}

/// A column on its way out: an `arro3.core.Array`, or a `ChunkedArray` where it is in chunks.
///
/// # Errors
/// arro3-core is not installed.
pub fn convert(
    py: Python<'_>,
    mut chunks: Vec<ArrayRef>,
    kind: DataType,
    chunked: bool,
) -> PyResult<Py<PyAny>> {
    let field = Arc::new(Field::new("", kind, true));
    let failed = |error: arrow::error::ArrowError| to_py(py, error);
    if chunked {
        let schema = Arc::new(Schema::new([field]));
        let batches = chunks
            .into_iter()
            .map(|chunk| RecordBatch::try_new(schema.clone(), vec![chunk]))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        let table = to_arro3(py, batches, schema)?;
        return Ok(table.call_method1(intern!(py, "column"), (0,))?.unbind());
    }
    let array = chunks.pop().unwrap_or_else(|| new_empty_array(field.data_type()));
    let schema = FFI_ArrowSchema::try_from(&*field).map_err(failed)?;
    let schema = PyCapsule::new_with_value(py, schema, c"arrow_schema")?;
    let array = FFI_ArrowArray::new(&array.to_data());
    let array = PyCapsule::new_with_value(py, array, c"arrow_array")?;
    let class = py.import(intern!(py, "arro3.core"))?.getattr(intern!(py, "Array"))?;
    Ok(class.call_method1(intern!(py, "from_arrow_pycapsule"), (schema, array))?.unbind())
}
