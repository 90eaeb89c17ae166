//! Imports Arrow memory from Python: takes it out of its capsules, and checks it once.

// The capsules contain the structures of the C data interface.
#![allow(unsafe_code)]

use arrow::{
    array::{ArrayRef, RecordBatch},
    datatypes::{DataType, SchemaRef},
    ffi::{FFI_ArrowArray, FFI_ArrowSchema},
    ffi_stream::FFI_ArrowArrayStream,
};
use lantern_arrow::{Fault, Unchecked};
use pyo3::{
    exceptions::{PyException, PyTypeError},
    intern,
    prelude::*,
    types::{PyCapsule, PyTuple},
};

use crate::conversion::errors::{OrRaise, to_py};
use crate::conversion::pyarrow;
use lantern::{
    error::{Error, printable},
    process::threads,
};

/// Whether an object exports Arrow memory.
///
/// # Errors
/// If its attributes raise.
pub fn is_exported(given: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = given.py();
    Ok(given.hasattr(intern!(py, "__arrow_c_array__"))?
        || given.hasattr(intern!(py, "__arrow_c_stream__"))?)
}

/// Memory of which only the type has been checked.
pub struct Memory {
    unchecked: Unchecked,
    /// Whether it came in chunks.
    pub chunked: bool,
}

/// Number of rows from which the check runs on the threads of this process.
const MANY: usize = 1 << 16;

impl Memory {
    /// Takes what an object exports.
    ///
    /// # Errors
    /// If the object fails to export it, or a structure is malformed.
    pub fn of(given: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = given.py();
        pyarrow::validate(given)?;
        let chunked = !given.hasattr(intern!(py, "__arrow_c_array__"))?;
        let read = if chunked { of_stream(given) } else { of_array(given) };
        let read = read.map_err(|error| unreadable(py, error))?;
        let unchecked = read.map_err(|fault| to_py(py, invalid(&fault)))?;
        Ok(Self { unchecked, chunked })
    }

    pub fn kind(&self) -> &DataType {
        self.unchecked.field().data_type()
    }

    /// The arrays of a column, at least one.
    ///
    /// # Errors
    /// If a value is invalid.
    pub fn into_arrays(self, py: Python<'_>) -> PyResult<Vec<ArrayRef>> {
        check(py, self.unchecked, Unchecked::into_arrays)
    }

    /// The batches of a table.
    ///
    /// # Errors
    /// If it is a column rather than a table, or a value is invalid.
    pub fn into_batches(self, py: Python<'_>) -> PyResult<(Vec<RecordBatch>, SchemaRef)> {
        if !matches!(self.kind(), DataType::Struct(_)) {
            return Err(PyTypeError::new_err(format!(
                "a table is needed, and this is a column of type {}",
                printable::clean(&self.kind().to_string())
            )));
        }
        check(py, self.unchecked, Unchecked::into_batches)
    }
}

/// Checks many rows on the threads of this process. The interpreter lock is released in the
/// meantime, because one of these threads may be waiting for it.
fn check<T: Send>(
    py: Python<'_>,
    unchecked: Unchecked,
    check: impl FnOnce(Unchecked) -> Result<T, Fault> + Send,
) -> PyResult<T> {
    let many = unchecked.rows() >= MANY;
    let check = || check(unchecked).map_err(|fault| invalid(&fault));
    if many { py.detach(|| threads::run(check)) } else { check() }.or_raise(py)
}

fn of_array(given: &Bound<'_, PyAny>) -> PyResult<Result<Unchecked, Fault>> {
    let pair = given.call_method0(intern!(given.py(), "__arrow_c_array__"))?;
    let pair = pair.cast_into::<PyTuple>()?;
    let schema = pair.get_item(0)?.cast_into::<PyCapsule>()?;
    let array = pair.get_item(1)?.cast_into::<PyCapsule>()?;
    let schema = schema.pointer_checked(Some(c"arrow_schema"))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(c"arrow_array"))?.cast::<FFI_ArrowArray>();
    // Safety: capsules with these names contain these structures, and the array is moved out of its
    // capsule.
    Ok(unsafe {
        let array = FFI_ArrowArray::from_raw(array.as_ptr());
        Unchecked::of_arrays(schema.as_ref(), [array])
    })
}

fn of_stream(given: &Bound<'_, PyAny>) -> PyResult<Result<Unchecked, Fault>> {
    let stream = given.call_method0(intern!(given.py(), "__arrow_c_stream__"))?;
    let stream = stream.cast_into::<PyCapsule>()?;
    let stream =
        stream.pointer_checked(Some(c"arrow_array_stream"))?.cast::<FFI_ArrowArrayStream>();
    // Safety: a capsule with this name contains this structure, which is moved out of it.
    Ok(unsafe { Unchecked::of_stream(FFI_ArrowArrayStream::from_raw(stream.as_ptr())) })
}

/// The error for an object that cannot export its memory.
fn unreadable(py: Python<'_>, error: PyErr) -> PyErr {
    if !error.is_instance_of::<PyException>(py) {
        return error;
    }
    let message = format!("the data cannot be read as Arrow: {}", error.value(py));
    let raised = to_py(py, Error::input(message));
    raised.set_cause(py, Some(error));
    raised
}

/// The error for memory that is invalid.
pub fn invalid(fault: &Fault) -> Error {
    let error = Error::input(fault.to_string());
    let error = match fault.column() {
        Some(column) => error.with_column(column),
        None => error,
    };
    let error = match fault.row() {
        Some(row) => error.with_row(row as u64),
        None => error,
    };
    match fault.hint() {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
