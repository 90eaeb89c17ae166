//! The plugin of the Python package against Polars' own crate for plugins, which is the referee.
//!
//! The plugin speaks Polars' interface without linking Polars. Here both are linked: columns that
//! `polars-ffi` exports go into the plugin's entry points, and what comes out is imported by
//! `polars-ffi`. The layout of the structure is compared word by word, since all its fields are private.

#![allow(unsafe_code, reason = "both sides of a C interface are called")]

use std::{
    ffi::{CStr, c_char, c_void},
    mem::{align_of, size_of, transmute, zeroed},
    ptr, slice,
};

use polars::prelude::*;
use polars_arrow::ffi::{ArrowArray, ArrowSchema, export_field_to_c, import_field_from_c};
use polars_ffi::version_0::{SeriesExport, export_series, import_series};

#[path = "../../lantern-python/src/plugin/mod.rs"]
mod plugin;

/// The words of an export, in the order of polars-ffi.
#[repr(C)]
struct Words {
    field: *const ArrowSchema,
    arrays: *const *const ArrowArray,
    len: usize,
    release: Option<unsafe extern "C" fn(*mut c_void)>,
    private: *const c_void,
}

const _: () = assert!(size_of::<Words>() == size_of::<SeriesExport>());

fn words(export: &SeriesExport) -> &Words {
    // Safety: the structures have one size, and any bits are words; which word means what is what the
    // tests find out.
    unsafe { &*ptr::from_ref(export).cast::<Words>() }
}

/// Size and alignment of what the entry points of an expression take and give.
fn layout<T>(
    _: unsafe extern "C" fn(*mut T, usize, *const u8, usize, *mut T, *const c_void),
) -> (usize, usize) {
    (size_of::<T>(), align_of::<T>())
}

type Call = unsafe extern "C" fn(
    *mut SeriesExport,
    usize,
    *const u8,
    usize,
    *mut SeriesExport,
    *const c_void,
);
type Field_ = unsafe extern "C" fn(*const ArrowSchema, usize, *mut ArrowSchema, *const u8, usize);

/// An expression of the plugin, as Polars finds it.
#[derive(Clone, Copy)]
struct Expression {
    call: Call,
    field: Field_,
}

macro_rules! expression {
    ($call:ident, $field:ident) => {{
        // Safety: the plugin's structures are those of polars-ffi, which this program is about.
        unsafe {
            Expression {
                call: transmute::<*const (), Call>(plugin::$call as *const ()),
                field: transmute::<*const (), Field_>(plugin::$field as *const ()),
            }
        }
    }};
}

fn similarity() -> Expression {
    expression!(_polars_plugin_similarity, _polars_plugin_field_similarity)
}

fn normalize() -> Expression {
    expression!(_polars_plugin_normalize, _polars_plugin_field_normalize)
}

fn kwargs(value: &serde_json::Value) -> Vec<u8> {
    serde_pickle::to_vec(value, Default::default()).unwrap()
}

fn jaro_winkler() -> Vec<u8> {
    kwargs(&serde_json::json!({"name": "jaro_winkler", "score_cutoff": null}))
}

fn company_key() -> Vec<u8> {
    kwargs(&serde_json::json!({"name": "company_key", "parameter": null}))
}

fn last_error() -> String {
    let text: *const c_char = plugin::_polars_plugin_get_last_error_message();
    // Safety: the plugin keeps the text until it is called again.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned()
}

impl Expression {
    /// Calls it as Polars does.
    fn call(self, inputs: &[&Series], kwargs: &[u8]) -> Result<Series, String> {
        let exports: Vec<SeriesExport> =
            inputs.iter().map(|series| export_series(series)).collect();
        let mut exports = std::mem::ManuallyDrop::new(exports);
        let mut out = SeriesExport::empty();
        // Safety: the exports are given away, and `out` is an empty place.
        unsafe {
            (self.call)(
                exports.as_mut_ptr(),
                exports.len(),
                kwargs.as_ptr(),
                kwargs.len(),
                &raw mut out,
                ptr::null(),
            );
        }
        // Safety: the vector's memory is freed, and what it held was given away.
        unsafe { exports.set_len(0) };
        drop(std::mem::ManuallyDrop::into_inner(exports));
        if out.is_null() {
            return Err(last_error());
        }
        // Safety: the plugin made a whole export.
        Ok(unsafe { import_series(out) }.unwrap())
    }

    /// Asks for the field of its result as Polars does.
    fn field(self, inputs: &[&Series], kwargs: &[u8]) -> Result<Field, String> {
        let fields: Vec<ArrowSchema> = inputs
            .iter()
            .map(|series| export_field_to_c(&series.field().to_arrow(CompatLevel::newest())))
            .collect();
        let mut out = ArrowSchema::empty();
        // Safety: the schemas are lent, and `out` is an empty place.
        unsafe {
            (self.field)(
                fields.as_ptr(),
                fields.len(),
                &raw mut out,
                kwargs.as_ptr(),
                kwargs.len(),
            );
        }
        if out.is_null() {
            return Err(last_error());
        }
        // Safety: the plugin made a whole schema.
        let field = unsafe { import_field_from_c(&out) }.unwrap();
        Ok(Field::from(&field))
    }
}

fn names() -> Series {
    let mut names = Series::new("name".into(), ["ACME Inc.", "Globex"]);
    names.append(&Series::new("name".into(), [None, Some("Initech LLC"), Some("")])).unwrap();
    names
}

#[test]
fn the_version_is_the_one_that_polars_speaks() {
    let version = plugin::_polars_plugin_get_version();
    let (major, minor) = polars_ffi::get_version();
    assert_eq!(version, u32::from(major) << 16 | u32::from(minor));
}

#[test]
fn an_export_has_the_size_of_polars_own() {
    let theirs = (size_of::<SeriesExport>(), align_of::<SeriesExport>());
    assert_eq!(layout(plugin::_polars_plugin_similarity), theirs);
    assert_eq!(layout(plugin::_polars_plugin_distance), theirs);
    assert_eq!(layout(plugin::_polars_plugin_normalize), theirs);
}

/// What each word of an export is, found out by what it points to.
fn check_words(export: &SeriesExport, name: &str, lengths: &[usize]) {
    let words = words(export);
    assert_eq!(words.len, lengths.len());
    assert!(words.release.is_some() && !words.private.is_null());
    // Safety: the first word points to a schema, the second to pointers to as many arrays as the third
    // says; if not, this is where it shows.
    unsafe {
        assert_eq!(import_field_from_c(&*words.field).unwrap().name.as_str(), name);
        let arrays = slice::from_raw_parts(words.arrays, words.len);
        // The length is the first word of an array by the C data interface.
        let found: Vec<i64> = arrays.iter().map(|array| array.cast::<i64>().read()).collect();
        let lengths: Vec<i64> = lengths.iter().map(|rows| *rows as i64).collect();
        assert_eq!(found, lengths);
    }
}

#[test]
fn each_word_of_an_export_means_what_it_means_to_polars() {
    let names = names();
    check_words(&export_series(&names), "name", &[2, 3]);

    let mut given = std::mem::ManuallyDrop::new([export_series(&names), export_series(&names)]);
    let mut out = SeriesExport::empty();
    let arguments = jaro_winkler();
    let Expression { call, .. } = similarity();
    // Safety: as in `Expression::call`.
    unsafe {
        call(given.as_mut_ptr(), 2, arguments.as_ptr(), arguments.len(), &raw mut out, ptr::null());
    }
    check_words(&out, "name", &[2, 3]);
    let imported = unsafe { import_series(out) }.unwrap();
    assert_eq!(imported.f64().unwrap().get(0), Some(1.0));
}

#[test]
fn a_plugin_without_a_result_leaves_the_place_as_polars_left_it() {
    // Polars looks at the private word alone to tell.
    let empty = SeriesExport::empty();
    assert!(words(&empty).private.is_null());
    // Safety: all words of an empty export are zero.
    let zero: SeriesExport = unsafe { zeroed() };
    assert!(zero.is_null());
    let number = Series::new("n".into(), [1, 2]);
    let error = normalize().call(&[&number], &company_key()).unwrap_err();
    assert!(error.contains("\"n\"") && error.contains("Int32"), "{error}");
}

#[test]
fn columns_of_every_text_type_go_through_the_plugin() {
    let names = names();
    let categories = Categories::global();
    let frozen = FrozenCategories::new(["ACME Inc.", "Globex", "Initech LLC", ""]).unwrap();
    let types = [
        DataType::String,
        DataType::from_categories(categories),
        DataType::from_frozen_categories(frozen),
    ];
    let expected: Vec<Option<&str>> =
        vec![Some("acme"), Some("globex"), None, Some("initech"), None];
    for kind in types {
        let column = names.cast(&kind).unwrap();
        let field = normalize().field(&[&column], &company_key()).unwrap();
        assert_eq!(field, Field::new("name".into(), DataType::String));
        let keys = normalize().call(&[&column], &company_key()).unwrap();
        assert_eq!(keys.dtype(), field.dtype(), "{kind}");
        assert_eq!(keys.str().unwrap().iter().collect::<Vec<_>>(), expected, "{kind}");

        let field = similarity().field(&[&column, &names], &jaro_winkler()).unwrap();
        assert_eq!(field, Field::new("name".into(), DataType::Float64));
        let scores = similarity().call(&[&column, &names], &jaro_winkler()).unwrap();
        let scores: Vec<Option<f64>> = scores.f64().unwrap().iter().collect();
        assert_eq!(scores, [Some(1.0), Some(1.0), None, Some(1.0), Some(1.0)], "{kind}");
    }
}

#[test]
fn sliced_and_empty_columns_and_columns_of_nulls_go_through_the_plugin() {
    let names = names();
    let keys = normalize().call(&[&names.slice(1, 3)], &company_key()).unwrap();
    let keys: Vec<Option<&str>> = keys.str().unwrap().iter().collect();
    assert_eq!(keys, [Some("globex"), None, Some("initech")]);
    assert_eq!(normalize().call(&[&names.slice(0, 0)], &company_key()).unwrap().len(), 0);
    let nulls = Series::new_null("name".into(), 5);
    let scores = similarity().call(&[&names, &nulls], &jaro_winkler()).unwrap();
    assert_eq!((scores.len(), scores.null_count()), (5, 5));
}

#[test]
fn a_column_that_is_no_text_is_refused_before_and_while_it_is_computed() {
    let columns = [
        Series::new("x".into(), [1_i64]),
        Series::new("x".into(), [1.5]),
        Series::new("x".into(), [true]),
        Series::new("x".into(), [Series::new("".into(), ["a"])]),
        Series::new("x".into(), [0_i32]).cast(&DataType::Date).unwrap(),
    ];
    for column in columns {
        let planned = normalize().field(&[&column], &company_key()).unwrap_err();
        let computed = normalize().call(&[&column], &company_key()).unwrap_err();
        assert_eq!(planned, computed);
        assert!(planned.starts_with("company_key takes text, and column \"x\""), "{planned}");
    }
}
