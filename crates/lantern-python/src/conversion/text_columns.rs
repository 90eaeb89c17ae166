//! Converts text from Python, a string or a column of strings, and result columns to Python.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, LargeStringBuilder, RecordBatch, new_empty_array},
    datatypes::{DataType, Field, Schema},
    ffi::{FFI_ArrowArray, FFI_ArrowSchema},
};
use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    types::{PyCapsule, PyString},
};

use crate::{
    conversion::arrow_memory::{self, Memory},
    conversion::errors::to_py,
    conversion::tables::{self, to_arro3},
};
use lantern::error::printable;

/// The argument of a function over text.
pub enum Texts {
    One(String),
    Column(Column),
}

/// A column of text: string, large string, string view, a dictionary of these, or only nulls.
pub struct Column {
    pub chunks: Vec<ArrayRef>,
    /// Whether it came in chunks; then the result is chunked, too.
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
        if !arrow_memory::is_exported(&given)? {
            return match library.as_str() {
                "numpy" => of_numpy(&given).map(Self::Column),
                "pandas" if given.hasattr(intern!(py, "to_frame"))? => {
                    of_pandas(&given).map(Self::Column)
                }
                _ => Err(PyTypeError::new_err(format!(
                    "a string or a column of text is needed (a Series of Polars or pandas, an \
                     array of PyArrow, arro3 or NumPy), and this is of type {}; wrap it, for \
                     example in polars.Series(...)",
                    given.get_type().qualname()?
                ))),
            };
        }
        let memory = Memory::of(&given)?;
        if !is_text(memory.kind()) {
            return Err(PyTypeError::new_err(not_text(memory.kind(), &library)));
        }
        let chunked = memory.chunked;
        Ok(Self::Column(Column { chunks: memory.into_arrays(py)?, chunked }))
    }
}

/// Reads a Series of pandas 2, which does not export Arrow itself, although its frame does.
fn of_pandas(series: &Bound<'_, PyAny>) -> PyResult<Column> {
    let frame = series.call_method1(intern!(series.py(), "to_frame"), ("text",))?;
    let (batches, schema) = tables::read(&frame)?;
    let mut chunks: Vec<ArrayRef> = batches.iter().map(|batch| batch.column(0).clone()).collect();
    if chunks.is_empty() {
        chunks.push(new_empty_array(schema.field(0).data_type()));
    }
    Column { chunks, chunked: true }.checked("pandas")
}

/// Reads an array of NumPy: fixed-width texts (`<U`), variable-width strings, or objects.
fn of_numpy(array: &Bound<'_, PyAny>) -> PyResult<Column> {
    let py = array.py();
    let dimensions: usize = array.getattr(intern!(py, "ndim"))?.extract()?;
    if dimensions != 1 {
        return Err(PyTypeError::new_err(format!(
            "a column of text is needed, and this array has {dimensions} dimensions; pick one \
             column of it, such as array[:, 0]"
        )));
    }
    let kind = array.getattr(intern!(py, "dtype"))?;
    if !["U", "T", "O"].contains(&kind.getattr(intern!(py, "kind"))?.extract::<String>()?.as_str())
    {
        return Err(PyTypeError::new_err(format!(
            "the column is of type {kind} and not text; cast it to text first with .astype(str)"
        )));
    }
    let mut texts = LargeStringBuilder::new();
    for (row, item) in array.call_method0(intern!(py, "tolist"))?.try_iter()?.enumerate() {
        let item = item?;
        if let Ok(text) = item.cast::<PyString>() {
            texts.append_value(text.to_str()?);
        } else if item.is_none() || item.ne(&item).is_ok_and(|other| other) || is_na(&item)? {
            // NumPy and pandas write a missing value as NaN, which is not equal to itself.
            texts.append_null();
        } else {
            return Err(PyTypeError::new_err(format!(
                "row {row} of the array is a {} and not text; cast the array to text first with \
                 .astype(str)",
                item.get_type().qualname()?
            )));
        }
    }
    Ok(Column { chunks: vec![Arc::new(texts.finish())], chunked: false })
}

/// Whether a value is `pandas.NA`.
fn is_na(item: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(item.get_type().qualname()? == "NAType")
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

/// The package that defines a value's type.
fn library(given: &Bound<'_, PyAny>) -> PyResult<String> {
    let module: String = given.get_type().getattr(intern!(given.py(), "__module__"))?.extract()?;
    Ok(module.split('.').next().unwrap_or_default().to_owned())
}

/// The sentence for a column that is no text. A type contains names and time zones, which may be
/// long and contain anything.
fn not_text(kind: &DataType, library: &str) -> String {
    if let DataType::Struct(fields) = kind {
        let names: Vec<_> =
            fields.iter().take(8).map(|field| format!("{:?}", field.name())).collect();
        return format!(
            "a column of text is needed, and this is a table or struct of {}; pick one of them",
            printable::clean(&names.join(", "))
        );
    }
    let cast = match library {
        "polars" => ".cast(pl.String)",
        "pandas" => ".astype(\"str\")",
        "pyarrow" => ".cast(pa.string())",
        "arro3" => ".cast(arro3.core.DataType.string())",
        _ => ".cast(...)",
    };
    let kind = printable::clean(&kind.to_string());
    format!("the column is of type {kind} and not text; cast it to text first with {cast}")
}

impl Column {
    fn checked(self, library: &str) -> PyResult<Self> {
        match self.chunks.iter().map(|chunk| chunk.data_type()).find(|kind| !is_text(kind)) {
            None => Ok(self),
            Some(kind) => Err(PyTypeError::new_err(not_text(kind, library))),
        }
    }

    pub fn rows(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }
}

/// A column for Python: an `arro3.core.Array`, or a `ChunkedArray` if it is in chunks.
///
/// # Errors
/// If arro3-core is not installed.
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
