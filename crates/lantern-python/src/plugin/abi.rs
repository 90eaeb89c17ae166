//! The structure by which columns are passed to and from Polars. For who owns what, see
//! [`super`](crate::plugin).

use std::{ffi::c_void, mem::ManuallyDrop, ptr, slice};

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Field},
    ffi::{FFI_ArrowArray, FFI_ArrowSchema},
};

use lantern_arrow::Unchecked;

use super::{failure::Failure, polars_type};
use lantern::{error::Error, process::threads};

/// Number of rows from which the check runs on the threads of this process.
const MANY: usize = 1 << 16;

/// A column: one schema and the arrays of its chunks.
#[repr(C)]
pub struct SeriesExport {
    field: *mut FFI_ArrowSchema,
    arrays: *mut *mut FFI_ArrowArray,
    len: usize,
    release: Option<unsafe extern "C" fn(*mut SeriesExport)>,
    private: *mut c_void,
}

// The layout of polars-ffi since its version 0.38.
const _: () = assert!(size_of::<SeriesExport>() == 5 * size_of::<usize>());

impl Drop for SeriesExport {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // Safety: whoever made the export has set `release` for exactly this call.
            unsafe { release(self) }
        }
    }
}

/// A column that Polars has given away and that was not read yet.
pub(super) struct InputColumn {
    arrays: Vec<FFI_ArrowArray>,
    /// Owns the schema, and the boxes in which the arrays were.
    export: SeriesExport,
}

/// A column that was read.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: DataType,
    pub(super) chunks: Vec<ArrayRef>,
}

/// Takes ownership of the columns of a call.
///
/// # Safety
/// `inputs` is null or begins `len` exports that the caller gives away.
pub(super) unsafe fn take(inputs: *mut SeriesExport, len: usize) -> Vec<InputColumn> {
    if inputs.is_null() {
        return vec![];
    }
    let take_one = |at: usize| {
        // Safety: the caller gives the export away, and it is read once.
        let export = unsafe { ptr::read(inputs.add(at)) };
        let places = if export.arrays.is_null() {
            &[]
        } else {
            // Safety: an export has as many arrays as it says.
            unsafe { slice::from_raw_parts(export.arrays, export.len) }
        };
        // Safety: `release` frees the boxes and leaves the arrays to us.
        let arrays = places.iter().map(|place| unsafe { ptr::read(*place) }).collect();
        InputColumn { arrays, export }
    };
    (0..len).map(take_one).collect()
}

impl InputColumn {
    fn schema(&self) -> Result<&FFI_ArrowSchema, Failure> {
        // Safety: an export's schema lives as long as the export.
        unsafe { self.export.field.as_ref() }
            .ok_or_else(|| Failure::new("Polars handed over a column without a type"))
    }

    /// Reads the column, which must contain text.
    pub(super) fn read(mut self, function: &str) -> Result<Column, Failure> {
        let kind = polars_type::text(self.schema()?, function)?;
        let arrays = std::mem::take(&mut self.arrays);
        // Safety: Polars exports types and arrays by the C data interface.
        let unchecked = unsafe { Unchecked::of_arrays(self.schema()?, arrays) }?;
        let name = unchecked.field().name().clone();
        let chunks = if unchecked.rows() < MANY {
            unchecked.into_arrays()
        } else {
            threads::run(|| Ok::<_, Error>(unchecked.into_arrays()))?
        }?;
        Ok(Column { name, kind, chunks })
    }
}

struct Private {
    schema: *mut FFI_ArrowSchema,
    arrays: Box<[*mut FFI_ArrowArray]>,
}

impl SeriesExport {
    /// A result, in the form in which Polars takes it over.
    pub(super) fn new(column: Column) -> Result<Self, Failure> {
        let schema = schema(&column.name, &column.kind)?;
        let export =
            |chunk: &ArrayRef| Box::into_raw(Box::new(FFI_ArrowArray::new(&chunk.to_data())));
        let mut arrays: Box<[_]> = column.chunks.iter().map(export).collect();
        let (places, len) = (arrays.as_mut_ptr(), arrays.len());
        let schema = Box::into_raw(Box::new(schema));
        let private = Box::into_raw(Box::new(Private { schema, arrays }));
        Ok(Self {
            field: schema,
            arrays: places,
            len,
            release: Some(release),
            private: private.cast(),
        })
    }
}

/// The schema of a column.
pub(super) fn schema(name: &str, kind: &DataType) -> Result<FFI_ArrowSchema, Failure> {
    Ok(FFI_ArrowSchema::try_from(Field::new(name, kind.clone(), true))?)
}

/// Frees what a result owns, except for its arrays, which Polars has moved out.
unsafe extern "C" fn release(export: *mut SeriesExport) {
    // Safety: called once, with an export that `SeriesExport::new` made.
    unsafe {
        let Some(export) = export.as_mut() else { return };
        export.release = None;
        let private = Box::from_raw(export.private.cast::<Private>());
        drop(Box::from_raw(private.schema));
        for array in &private.arrays {
            drop(Box::from_raw(array.cast::<ManuallyDrop<FFI_ArrowArray>>()));
        }
    }
}
