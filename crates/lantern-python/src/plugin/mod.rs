//! Polars expression plugins: the similarities and normalizers as expressions, through the C ABI of
//! Polars' plugins and arrow-rs, without compiling Polars.
//!
//! Polars loads this library, calls [`_polars_plugin_get_version`] for the version of its ABI, and
//! calls two functions for each expression: `_polars_plugin_field_<f>` for the type of the result
//! while a query is planned, and `_polars_plugin_<f>` for the rows. Here `<f>` is `similarity`,
//! `distance` or `normalize`; which of them is computed, and its parameters, are keyword arguments
//! (a pickled dictionary). The message of a failure is fetched by
//! [`_polars_plugin_get_last_error_message`] in the same thread.
//!
//! # Who owns what
//!
//! * The columns of a call are given away: Polars forgets them. Each of their Arrow arrays is moved
//!   out of its export and released with the last use of its buffers; then the export's own
//!   `release` frees the schema and the boxes that the arrays were in. All arrays are moved out
//!   before any is looked at, so an input that cannot be read leaks nothing ([`abi::take`]).
//! * The fields of a question for the type are lent for the call; they are neither kept nor
//!   released.
//! * A result is given to Polars, which moves the arrays out and calls `release` on the export:
//!   that frees the schema and the boxes, and not the arrays ([`abi::SeriesExport::new`]).
//! * The place for a result holds an empty one, which owns nothing; it is overwritten without
//!   being dropped. It stays empty where the call failed, and that is how Polars tells.
//! * The text of an error belongs to this library; Polars copies it before it calls again.
//! * A panic ends here and becomes such a text.
//!
//! `unsafe` is in this file, for the entry points, and in [`abi`].

// Polars calls C functions and passes pointers.
#![allow(unsafe_code)]

mod abi;
mod failure;
mod functions;
mod polars_type;

use std::{
    ffi::{c_char, c_void},
    slice,
};

use arrow::ffi::FFI_ArrowSchema;

use self::{
    abi::SeriesExport,
    functions::{distance, normalize, similarity},
};

/// The version of the ABI: major and minor.
const VERSION: (u16, u16) = (0, 1);

/// The version of the ABI, with the major version in the upper half.
#[unsafe(no_mangle)]
pub extern "C" fn _polars_plugin_get_version() -> u32 {
    u32::from(VERSION.0) << 16 | u32::from(VERSION.1)
}

/// The message of the last failure in this thread.
#[unsafe(no_mangle)]
pub extern "C" fn _polars_plugin_get_last_error_message() -> *const c_char {
    failure::last()
}

/// The two entry points of an expression.
macro_rules! entry_points {
    ($make:path, $call:ident, $field:ident) => {
        /// Computes the expression. For who owns what, see the module.
        ///
        /// # Safety
        /// Called by Polars: `inputs` are `len` exports that the caller gives away, `kwargs` are
        /// `kwargs_len` bytes, and `out` is a place for a result.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $call(
            inputs: *mut SeriesExport,
            len: usize,
            kwargs: *const u8,
            kwargs_len: usize,
            out: *mut SeriesExport,
            _context: *const c_void,
        ) {
            failure::guard(|| {
                let inputs = unsafe { abi::take(inputs, len) };
                let expression = $make(unsafe { bytes(kwargs, kwargs_len) })?;
                let result = functions::call(&expression, inputs)?;
                unsafe { out.write(SeriesExport::new(result)?) };
                Ok(())
            });
        }

        /// The name and type of the expression's result.
        ///
        /// # Safety
        /// Called by Polars: `fields` are `len` schemas, lent for the call, `kwargs` are
        /// `kwargs_len` bytes, and `out` is a place for a schema.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $field(
            fields: *const FFI_ArrowSchema,
            len: usize,
            out: *mut FFI_ArrowSchema,
            kwargs: *const u8,
            kwargs_len: usize,
        ) {
            failure::guard(|| {
                let fields = if fields.is_null() {
                    &[]
                } else {
                    unsafe { slice::from_raw_parts(fields, len) }
                };
                let expression = $make(unsafe { bytes(kwargs, kwargs_len) })?;
                let field = functions::field(&expression, fields)?;
                unsafe { out.write(field) };
                Ok(())
            });
        }
    };
}

entry_points!(similarity, _polars_plugin_similarity, _polars_plugin_field_similarity);
entry_points!(distance, _polars_plugin_distance, _polars_plugin_field_distance);
entry_points!(normalize, _polars_plugin_normalize, _polars_plugin_field_normalize);

/// # Safety
/// `from` is null or begins `len` bytes that live for `'a`.
unsafe fn bytes<'a>(from: *const u8, len: usize) -> &'a [u8] {
    if from.is_null() || len == 0 { &[] } else { unsafe { slice::from_raw_parts(from, len) } }
}
