//! Reads arguments from Python. The error for a wrong one says which it is, what it must be and what
//! it is, in Python's words: `api_key must be str or None, not int`.
//!
//! The attribute `#[documented]` lets every argument that PyO3 would convert be read here, under its
//! name. PyO3's own errors name types of Rust, and do not name the argument.

use std::{collections::BTreeMap, path::PathBuf};

use pyo3::{
    exceptions::{PyOverflowError, PyTypeError},
    prelude::*,
    types::{PyByteArray, PyBytes, PyDict, PyList, PyTuple},
};

use super::errors::to_py;
use lantern::error::Error;

/// A type of arguments.
pub trait Expected {
    /// What an argument of this type must be.
    fn expected() -> String;

    /// Whether a value is refused although PyO3 would convert it.
    fn refuses(_: &Bound<'_, PyAny>) -> bool {
        false
    }

    /// Whether the fault of a value must be something within it. The error for that says more than
    /// the value's type.
    fn is_within(_: &Bound<'_, PyAny>) -> bool {
        false
    }
}

/// An argument that is read under its name.
pub trait Argument<'a, 'py>: Sized {
    /// # Errors
    /// If the value cannot be used; the error names the argument.
    fn read(value: &'a Bound<'py, PyAny>, name: &str) -> PyResult<Self>;
}

impl<'a, 'py, T: FromPyObject<'a, 'py> + Expected> Argument<'a, 'py> for T {
    fn read(value: &'a Bound<'py, PyAny>, name: &str) -> PyResult<Self> {
        if T::refuses(value) {
            return Err(wrong(name, &T::expected(), value));
        }
        value.extract::<T>().map_err(|error| {
            let error: PyErr = error.into();
            let py = value.py();
            if error.is_instance_of::<PyOverflowError>(py) {
                return to_py(py, Error::input(format!("{name} is out of range")));
            }
            if !error.is_instance_of::<PyTypeError>(py) {
                return error;
            }
            if T::is_within(value) {
                return PyTypeError::new_err(format!("{name}: {}", error.value(py)));
            }
            wrong(name, &T::expected(), value)
        })
    }
}

/// The error for an argument of a wrong type.
pub fn wrong(name: &str, expected: &str, value: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!("{name} must be {expected}, not {}", described(value)))
}

/// Maximum number of items of a value that are looked at for its description.
const MOST_ITEMS: usize = 1_000;
/// Maximum number of types that a description names.
const MOST_TYPES: usize = 3;

/// The type of a value, and of what is in it: `list of int`. The value is not shown, because it may
/// be a secret or about a person.
pub fn described(value: &Bound<'_, PyAny>) -> String {
    if let Ok(fields) = value.cast::<PyDict>() {
        if fields.is_empty() {
            return "an empty dict".to_owned();
        }
        let (keys, values) = (types(fields.keys().iter()), types(fields.values().iter()));
        return format!("dict of {keys} to {values}");
    }
    let name = type_name(value);
    let of = if let Ok(list) = value.cast::<PyList>() {
        types(list.iter())
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        types(tuple.iter())
    } else {
        return name;
    };
    if of.is_empty() { format!("an empty {name}") } else { format!("{name} of {of}") }
}

fn types<'py>(items: impl Iterator<Item = Bound<'py, PyAny>>) -> String {
    let mut names: Vec<String> = Vec::new();
    for item in items.take(MOST_ITEMS) {
        let name = type_name(&item);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(MOST_TYPES);
    names.join(" or ")
}

fn type_name(value: &Bound<'_, PyAny>) -> String {
    if value.is_none() {
        return "None".to_owned();
    }
    value.get_type().name().map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

/// Says what arguments of types must be.
macro_rules! expected {
    ($($kind:ty => $words:literal),+ $(,)?) => {
        $(impl $crate::conversion::expected::Expected for $kind {
            fn expected() -> String {
                $words.to_owned()
            }
        })+
    };
}
pub(crate) use expected;

expected! {
    String => "str",
    &str => "str",
    bool => "bool",
    f64 => "int or float",
    u32 => "int",
    u64 => "int",
    usize => "int",
    isize => "int",
    PathBuf => "str or os.PathLike",
    Bound<'_, PyAny> => "any value",
}

impl<T: Expected> Expected for Option<T> {
    fn expected() -> String {
        format!("{} or None", T::expected())
    }

    fn refuses(value: &Bound<'_, PyAny>) -> bool {
        T::refuses(value)
    }

    fn is_within(value: &Bound<'_, PyAny>) -> bool {
        T::is_within(value)
    }
}

impl<T: Expected> Expected for Vec<T> {
    fn expected() -> String {
        format!("a list of {}", T::expected())
    }

    /// Bytes are a sequence of integers, which would be taken for ids.
    fn refuses(value: &Bound<'_, PyAny>) -> bool {
        value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>()
    }

    fn is_within(value: &Bound<'_, PyAny>) -> bool {
        value.cast::<PyList>().is_ok_and(|list| list.iter().all(|item| T::is_within(&item)))
    }
}

impl<T: Expected> Expected for BTreeMap<String, T> {
    fn expected() -> String {
        format!("a dict of str to {}", T::expected())
    }
}
