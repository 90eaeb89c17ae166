//! Types and names of Arrow columns, as a producer may write them: what is let in, an empty column can be
//! made of.

// Structures of the C data interface are made by hand.
#![allow(unsafe_code)]

use std::{
    ffi::{CString, c_char, c_void},
    ptr,
};

use arrow::ffi::FFI_ArrowSchema;
use lantern_arrow::Unchecked;

/// The layout of a schema in Arrow's C data interface.
#[repr(C)]
struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *const *const Schema,
    dictionary: *const Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private: *mut c_void,
}

/// A schema with all that it points to.
struct Made {
    schema: Box<Schema>,
    _texts: [CString; 2],
    _metadata: Vec<u8>,
    _children: Vec<Made>,
    _places: Vec<*const Schema>,
    _dictionary: Option<Box<Made>>,
}

/// Nobody gives up what is only lent.
unsafe extern "C" fn release(_: *mut Schema) {}

/// Takes a text up to the next NUL.
fn text(bytes: &mut &[u8]) -> CString {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (own, rest) = bytes.split_at(end);
    *bytes = rest.get(1..).unwrap_or_default();
    CString::new(own).unwrap_or_default()
}

fn byte(bytes: &mut &[u8]) -> u8 {
    let (own, rest) = super::first(bytes);
    *bytes = rest;
    own
}

/// One pair of metadata, whose lengths are true.
fn metadata(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut pairs = 1_i32.to_ne_bytes().to_vec();
    for part in [key, value] {
        pairs.extend((part.len() as i32).to_ne_bytes());
        pairs.extend(part);
    }
    pairs
}

fn schema(bytes: &mut &[u8], depth: usize) -> Made {
    let (about, flags) = (byte(bytes), byte(bytes));
    let texts = [text(bytes), text(bytes)];
    let metadata = match about & 0x10 {
        0 => Vec::new(),
        _ => metadata(text(bytes).as_bytes(), text(bytes).as_bytes()),
    };
    let count = if depth < 4 { usize::from(about & 3) } else { 0 };
    let children: Vec<Made> = (0..count).map(|_| schema(bytes, depth + 1)).collect();
    let places: Vec<*const Schema> =
        children.iter().map(|child| &raw const *child.schema).collect();
    let dictionary = (about & 0x20 != 0 && depth < 4).then(|| Box::new(schema(bytes, depth + 1)));
    let own = Schema {
        format: if about & 0x40 == 0 { texts[0].as_ptr() } else { ptr::null() },
        name: if about & 0x80 == 0 { texts[1].as_ptr() } else { ptr::null() },
        metadata: if metadata.is_empty() { ptr::null() } else { metadata.as_ptr().cast() },
        flags: i64::from(flags as i8),
        n_children: if about & 0x0c == 0x0c { -1 } else { count as i64 },
        children: if places.is_empty() { ptr::null() } else { places.as_ptr() },
        dictionary: dictionary.as_ref().map_or(ptr::null(), |made| &raw const *made.schema),
        release: Some(release),
        private: ptr::null_mut(),
    };
    Made {
        schema: Box::new(own),
        _texts: texts,
        _metadata: metadata,
        _children: children,
        _places: places,
        _dictionary: dictionary,
    }
}

pub fn run(bytes: &[u8]) {
    let made = schema(&mut &*bytes, 0);
    let lent: *const Schema = &raw const *made.schema;
    // Safety: both are the structure of the C data interface, and all it points to lives in `made`.
    let read = unsafe { Unchecked::of_arrays(&*lent.cast::<FFI_ArrowSchema>(), []) };
    let fault = match read {
        Ok(column) => {
            assert_eq!(column.rows(), 0);
            // A column of any type, and a table where it is one.
            column.into_arrays().err()
        }
        Err(fault) => Some(fault),
    };
    if let Some(fault) = fault {
        let text = fault.to_string();
        assert!(text.len() < 20_000, "{} bytes", text.len());
    }
}
