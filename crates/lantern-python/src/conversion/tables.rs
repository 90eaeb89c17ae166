//! Converts tables from and to Python.

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchIterator, RecordBatchReader},
    datatypes::SchemaRef,
    error::ArrowError,
    ffi_stream::FFI_ArrowArrayStream,
};
use pyo3::{
    exceptions::PyKeyError,
    intern,
    prelude::*,
    types::{PyCapsule, PyType},
};

use crate::{
    conversion::errors::to_py,
    conversion::expected::wrong,
    conversion::{
        arrow_memory::{self, Memory},
        column_names,
    },
};
use lantern::{jobs::stream::Tables, process::runtime, tabular::no_column};

/// One column of a table from Python.
pub struct Column {
    pub name: String,
    pub schema: SchemaRef,
    pub chunks: Vec<ArrayRef>,
}

/// Takes the column `name` of any object that exports an Arrow stream (Polars, pandas, PyArrow,
/// DuckDB, arro3, ibis). Of a Polars LazyFrame only that column is computed.
///
/// # Errors
/// If the argument is not a table, or has no such column.
pub fn column(table: &Bound<'_, PyAny>, name: &str) -> PyResult<Column> {
    let missing = || to_py(table.py(), no_column("the table", name, &[]));
    columns(table, &[name])?.pop().ok_or_else(missing)
}

/// Like [`column`], for several columns of a table that is read once.
///
/// # Errors
/// If the argument is not a table, or lacks one of the columns.
pub fn columns(table: &Bound<'_, PyAny>, names: &[&str]) -> PyResult<Vec<Column>> {
    let py = table.py();
    let narrowed = narrow(table, names)?;
    let (batches, schema) = read(narrowed.as_ref().unwrap_or(table))?;
    let one = |name: &&str| {
        let Ok(position) = schema.index_of(name) else {
            let names: Vec<&str> =
                schema.fields().iter().map(|field| field.name().as_str()).collect();
            return Err(to_py(py, no_column("the table", name, &names)));
        };
        let chunks = batches.iter().map(|batch| batch.column(position).clone()).collect();
        Ok(Column {
            name: (*name).to_owned(),
            schema: schema
                .project(&[position])
                .map(Into::into)
                .map_err(|error| to_py(py, error))?,
            chunks,
        })
    };
    names.iter().map(one).collect()
}

impl Column {
    pub fn data_type(&self) -> &arrow::datatypes::DataType {
        self.schema.field(0).data_type()
    }
}

/// What an argument that is a table must be.
const TABLE: &str = "a table that exports an Arrow stream (Polars, pandas, PyArrow, DuckDB, arro3; wrap rows, for \
     example in polars.DataFrame(...))";

/// Checks that an argument is a table, before it is read in parts of the code that do not know its
/// name.
///
/// # Errors
/// If it is not a table.
pub fn check(given: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    // A LazyFrame is collected.
    if arrow_memory::is_exported(given)? || given.hasattr(intern!(given.py(), "collect"))? {
        return Ok(());
    }
    Err(wrong(name, TABLE, given))
}

/// Reads a whole table.
///
/// # Errors
/// If the argument is not a table.
pub fn read(table: &Bound<'_, PyAny>) -> PyResult<(Vec<RecordBatch>, SchemaRef)> {
    let py = table.py();
    if !arrow_memory::is_exported(table)? {
        return Err(wrong("the table", TABLE, table));
    }
    column_names::of_table(table)?;
    Memory::of(table)?.into_batches(py)
}

/// Selects some columns of a table, if that is cheaper for it than exporting all columns.
fn narrow<'py>(table: &Bound<'py, PyAny>, names: &[&str]) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = table.py();
    let module: String = table.get_type().getattr(intern!(py, "__module__"))?.extract()?;
    let class = table.get_type().name()?.to_string();
    // Distinct names, because two fields may come from one column.
    let mut wanted: Vec<&str> = Vec::with_capacity(names.len());
    for name in names {
        if !wanted.contains(name) {
            wanted.push(name);
        }
    }
    let missing_of = |columns: &[String]| {
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let missing = wanted.iter().find(|name| !columns.contains(name))?;
        Some(to_py(py, no_column("the table", missing, &columns)))
    };
    match (module.split('.').next(), class.as_str()) {
        (Some("polars"), "LazyFrame") => {
            let schema = table.call_method0(intern!(py, "collect_schema"))?;
            let columns: Vec<String> = schema.call_method0(intern!(py, "names"))?.extract()?;
            if let Some(missing) = missing_of(&columns) {
                return Err(missing);
            }
            let some = table.call_method1(intern!(py, "select"), (wanted.clone(),))?;
            some.call_method0(intern!(py, "collect")).map(Some)
        }
        (Some("polars"), "DataFrame") | (Some("pandas"), "DataFrame") => {
            match table.get_item(wanted.clone()) {
                Ok(some) => Ok(Some(some)),
                // This error lists the columns.
                Err(error) => {
                    let columns: Vec<String> = table
                        .getattr(intern!(py, "columns"))?
                        .try_iter()?
                        .map(|name| Ok(name?.str()?.to_string()))
                        .collect::<PyResult<_>>()?;
                    if let Some(missing) = missing_of(&columns) {
                        return Err(missing);
                    }
                    if !error.is_instance_of::<PyKeyError>(py) {
                        return Err(error);
                    }
                    // A name that is not a text may look like the one that was asked for.
                    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
                    let name = wanted.first().copied().unwrap_or_default();
                    Err(to_py(py, no_column("the table", name, &columns)))
                }
            }
        }
        (Some("pyarrow"), "Table" | "RecordBatch") => {
            let schema = table.getattr(intern!(py, "schema"))?;
            let columns: Vec<String> = schema.getattr(intern!(py, "names"))?.extract()?;
            // With several columns of the same name, selecting by name would fail; the first one is
            // used.
            let once = |name: &&str| columns.iter().filter(|other| other == name).count() == 1;
            match wanted.iter().all(once) {
                true => table.call_method1(intern!(py, "select"), (wanted.clone(),)).map(Some),
                false => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

/// A table for Python: a `lantern.Table`, which is an `arro3.core.Table`.
pub struct OutTable {
    pub schema: SchemaRef,
    pub batches: Vec<RecordBatch>,
}

impl From<RecordBatch> for OutTable {
    fn from(batch: RecordBatch) -> Self {
        Self { schema: batch.schema(), batches: vec![batch] }
    }
}

impl From<(SchemaRef, Vec<RecordBatch>)> for OutTable {
    fn from((schema, batches): (SchemaRef, Vec<RecordBatch>)) -> Self {
        Self { schema, batches }
    }
}

impl OutTable {
    /// # Errors
    /// If arro3-core is not installed.
    pub fn convert(py: Python<'_>, table: Self) -> PyResult<Py<PyAny>> {
        let arro3 = to_arro3(py, table.batches, table.schema)?;
        let class = py.import("lantern._table")?.getattr("Table")?.cast_into::<PyType>()?;
        Ok(class.call1((arro3,))?.unbind())
    }
}

/// A table for Python in parts, each of which is built when it is requested.
pub struct OutParts(pub Tables);

impl OutParts {
    /// Converts it into an `arro3.core.RecordBatchReader`.
    ///
    /// # Errors
    /// If arro3-core is not installed.
    pub fn convert(py: Python<'_>, tables: Tables) -> PyResult<Py<PyAny>> {
        let schema = tables.schema();
        column_names::check(py, schema.fields().iter().map(|field| field.name().as_str()))?;
        let stream = FFI_ArrowArrayStream::new(Box::new(Self(tables)));
        let capsule = PyCapsule::new_with_value(py, stream, c"arrow_array_stream")?;
        let class =
            py.import(intern!(py, "arro3.core"))?.getattr(intern!(py, "RecordBatchReader"))?;
        Ok(class.call_method1(intern!(py, "from_arrow_pycapsule"), (capsule,))?.unbind())
    }
}

impl Iterator for OutParts {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let part = runtime::block_on(self.0.next(), || Ok(()));
        part.map_err(|error| ArrowError::ExternalError(Box::new(error))).transpose()
    }
}

impl RecordBatchReader for OutParts {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }
}

/// Converts batches into an `arro3.core.Table`.
///
/// # Errors
/// If arro3-core is not installed.
pub fn to_arro3(
    py: Python<'_>,
    batches: Vec<RecordBatch>,
    schema: SchemaRef,
) -> PyResult<Bound<'_, PyAny>> {
    column_names::check(py, schema.fields().iter().map(|field| field.name().as_str()))?;
    let reader = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    let stream = FFI_ArrowArrayStream::new(Box::new(reader));
    let capsule = PyCapsule::new_with_value(py, stream, c"arrow_array_stream")?;
    let class = py.import(intern!(py, "arro3.core"))?.getattr(intern!(py, "Table"))?;
    class.call_method1(intern!(py, "from_arrow_pycapsule"), (capsule,))
}
