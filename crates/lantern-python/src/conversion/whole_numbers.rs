//! Reads whole-number arguments. A value that is not a whole number or does not fit is an
//! `InputError` that names the argument. PyO3 would raise an `OverflowError` that names nothing,
//! and would accept `True` as 1.
//!
//! Each argument is read by the function with its name: `#[pyo3(from_py_with =
//! whole::max_credits)]`.

use std::collections::BTreeMap;

use pyo3::{
    intern,
    prelude::*,
    types::{PyBool, PyFloat, PyInt, PyMapping, PyString},
};

use super::{errors::to_py, expected::wrong};
use lantern::{
    error::{Error, printable::beginning},
    ledger::budgets::MOST_CREDITS,
};

/// Maximum length of a value that an error shows, in characters.
const SHOWN: usize = 40;

/// Reads a whole number for an argument, within bounds.
fn read<T: TryFrom<i128>>(
    value: &Bound<'_, PyAny>,
    name: &str,
    (least, most): (i128, i128),
) -> PyResult<T> {
    let py = value.py();
    let refused = |happened: String, hint: String| to_py(py, Error::input(happened).hint(hint));
    let Some(number) = integer(value)? else {
        let shown = shown(value)?;
        return Err(refused(format!("{name} is {shown}"), "give a whole number".into()));
    };
    // Python's integers are unbounded.
    let exact = match (number.extract::<i64>(), number.extract::<u64>()) {
        (Ok(number), _) => Some(i128::from(number)),
        (_, Ok(number)) => Some(i128::from(number)),
        _ => None,
    };
    let fits = exact.filter(|number| (least..=most).contains(number));
    fits.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
        let shown = number.str().map_or_else(
            // Python refuses to format integers with more than a few thousand digits.
            |_| "a number of thousands of digits".to_owned(),
            |text| beginning(&text.to_string_lossy(), SHOWN).into_owned(),
        );
        // The maximum of an integer type means nothing to users, so it is not shown.
        let bounds = if most < u32::MAX.into() {
            format!("give {least} to {most}")
        } else {
            format!("give {least} or more")
        };
        refused(format!("{name} is {shown}"), bounds)
    })
}

/// A value as a Python integer. NumPy integers are accepted, booleans and floats are not.
pub fn integer<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyInt>>> {
    if value.is_instance_of::<PyBool>() {
        return Ok(None);
    }
    if let Ok(number) = value.cast::<PyInt>() {
        return Ok(Some(number.clone()));
    }
    let py = value.py();
    if !value.hasattr(intern!(py, "__index__"))? {
        return Ok(None);
    }
    // NumPy's arrays and booleans have this method, but it raises.
    let number = value.call_method0(intern!(py, "__index__")).ok();
    Ok(number.and_then(|number| number.cast_into::<PyInt>().ok()))
}

/// A value for an error: the value itself if it is short and simple, otherwise its type.
fn shown(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let plain = value.is_none()
        || value.is_instance_of::<PyBool>()
        || value.is_instance_of::<PyFloat>()
        || value.is_instance_of::<PyString>();
    if plain {
        return Ok(beginning(&value.repr()?.to_string_lossy(), SHOWN).into_owned());
    }
    Ok(format!("of type {}", value.get_type().name()?))
}

/// Reads numbers by name, such as limits. `None` is accepted as a value.
fn each(
    value: &Bound<'_, PyAny>,
    name: &str,
    bounds: (i128, i128),
) -> PyResult<BTreeMap<String, Option<u32>>> {
    let Ok(given) = value.cast::<PyMapping>() else {
        let error = Error::input(format!("{name} is {}", shown(value)?));
        return Err(to_py(value.py(), error.hint("give a dictionary of numbers by name")));
    };
    let whole = value;
    let mut read_all = BTreeMap::new();
    for item in given.items()?.iter() {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let key: String =
            key.extract::<String>().map_err(|_| wrong(name, "a dict of str to int", whole))?;
        let number = if value.is_none() {
            None
        } else {
            Some(read(&value, &format!("{name}[{key:?}]"), bounds)?)
        };
        read_all.insert(key, number);
    }
    Ok(read_all)
}

macro_rules! whole_numbers {
    ($($name:ident: $type:ty = $least:literal to $most:expr),+ $(,)?) => {
        $(pub fn $name(value: &Bound<'_, PyAny>) -> PyResult<$type> {
            read(value, stringify!($name), ($least, $most as i128))
        })+

        /// The same functions for arguments that may be `None`.
        pub mod optional {
            use super::*;

            $(#[allow(dead_code, reason = "not every number may be None somewhere")]
            pub fn $name(value: &Bound<'_, PyAny>) -> PyResult<Option<$type>> {
                if value.is_none() { Ok(None) } else { super::$name(value).map(Some) }
            })+
        }
    };
}

// The bounds of each number are checked where it is used, with a specific error; here it only has
// to be a number.
whole_numbers! {
    batch: u32 = 0 to u32::MAX,
    batch_size: usize = 0 to u32::MAX,
    concurrency: usize = 0 to u16::MAX,
    credits_per_call: u64 = 0 to MOST_CREDITS,
    credits_per_id: u64 = 0 to MOST_CREDITS,
    days: u32 = 0 to u32::MAX,
    limit: u32 = 0 to u32::MAX,
    max_credits: u64 = 0 to MOST_CREDITS,
    pool_size: usize = 0 to u16::MAX,
    port: u16 = 0 to u16::MAX,
    retries: u32 = 0 to u16::MAX,
    rows_per_call: usize = 0 to u32::MAX,
    s3_port: u16 = 0 to u16::MAX,
    sample: usize = 0 to u32::MAX,
    score_cutoff: u64 = 0 to u64::MAX,
    seed: u64 = 0 to u64::MAX,
    size: usize = 0 to 100_000_000,
    top: usize = 0 to u32::MAX,
}

/// Reads requests a minute, by class.
pub fn limits(value: &Bound<'_, PyAny>) -> PyResult<Option<BTreeMap<String, Option<u32>>>> {
    if value.is_none() { Ok(None) } else { each(value, "limits", (0, u32::MAX.into())).map(Some) }
}

/// Reads credits, by call.
pub fn prices(value: &Bound<'_, PyAny>) -> PyResult<Option<BTreeMap<String, u32>>> {
    if value.is_none() {
        return Ok(None);
    }
    let prices = each(value, "prices", (0, u32::MAX.into()))?;
    let price = |(name, price): (String, Option<u32>)| match price {
        Some(price) => Ok((name, price)),
        None => {
            let error = Error::input(format!("prices[{name:?}] is None"));
            Err(to_py(value.py(), error.hint("give a whole number, or leave it out")))
        }
    };
    prices.into_iter().map(price).collect::<PyResult<_>>().map(Some)
}
