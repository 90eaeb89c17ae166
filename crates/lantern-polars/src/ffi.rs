//! Passes schemas and arrays between Polars' Arrow and arrow-rs, by the C data interface.
//!
//! Both libraries declare the two structures of the interface exactly as the standard defines them,
//! so they have the same layout. Each structure owns what it points to, and releases it by its own
//! function when it is dropped. Moving a structure changes its owner and nothing else; the buffers
//! are not copied.

// The structures of the two libraries are turned into each other.
#![allow(unsafe_code)]

use std::mem::transmute;

use arrow::{
    array::{Array, ArrayRef, make_array},
    datatypes::{DataType, Field},
    error::ArrowError,
    ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi_and_data_type},
};
use polars::error::PolarsResult;
use polars_arrow::{
    array::Array as PolarsArray,
    datatypes::{ArrowDataType, Field as PolarsField},
    ffi::{
        ArrowArray, ArrowSchema, export_array_to_c, export_field_to_c, import_array_from_c,
        import_field_from_c,
    },
};

/// Converts a field of Polars to arrow-rs.
pub(crate) fn field_to_arrow(field: &PolarsField) -> Result<Field, ArrowError> {
    let schema = export_field_to_c(field);
    // Safety: both are the ArrowSchema of the interface, with the same fields in the same order.
    let schema = unsafe { transmute::<ArrowSchema, FFI_ArrowSchema>(schema) };
    Field::try_from(&schema)
}

/// Converts an array of Polars to arrow-rs. `kind` is its type.
pub(crate) fn array_to_arrow(
    array: Box<dyn PolarsArray>,
    kind: &DataType,
) -> Result<ArrayRef, ArrowError> {
    let array = export_array_to_c(array);
    // Safety: both are the ArrowArray of the interface, with the same fields in the same order.
    let array = unsafe { transmute::<ArrowArray, FFI_ArrowArray>(array) };
    // Safety: Polars exports arrays that hold to the interface, and `kind` is what it exported of the
    // same column.
    let data = unsafe { from_ffi_and_data_type(array, kind.clone()) }?;
    Ok(make_array(data))
}

/// Converts a field of arrow-rs to Polars.
pub(crate) fn field_to_polars(field: &Field) -> Result<PolarsResult<PolarsField>, ArrowError> {
    let schema = FFI_ArrowSchema::try_from(field)?;
    // Safety: as in `field_to_arrow`.
    let schema = unsafe { transmute::<FFI_ArrowSchema, ArrowSchema>(schema) };
    // Safety: arrow-rs exports schemas that hold to the interface.
    Ok(unsafe { import_field_from_c(&schema) })
}

/// Converts an array of arrow-rs to Polars. `kind` is its type.
pub(crate) fn array_to_polars(
    array: &ArrayRef,
    kind: ArrowDataType,
) -> PolarsResult<Box<dyn PolarsArray>> {
    let array = FFI_ArrowArray::new(&array.to_data());
    // Safety: as in `array_to_arrow`.
    let array = unsafe { transmute::<FFI_ArrowArray, ArrowArray>(array) };
    // Safety: arrow-rs exports arrays that hold to the interface, and `kind` is the type of this one.
    unsafe { import_array_from_c(array, kind) }
}
