//! Converts arguments of calls from Python.

use std::{path::PathBuf, str::FromStr};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyDict, PyMapping},
};
use serde_json::{Map, Value};

use crate::conversion::{
    errors::{OrRaise, to_py},
    expected::{Expected, expected},
    whole_numbers::integer,
};
use lantern::{
    api::{
        Invalid, fields,
        rules::{FieldRule, MatchRules},
    },
    error::{Error, Result},
    ledger::Reuse,
};

/// An id in Python: a string, or an integer of any size.
pub struct Id(String);

impl<'a, 'py> FromPyObject<'a, 'py> for Id {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = value.extract::<String>() {
            return Ok(Self(text));
        }
        match integer(&value)? {
            Some(number) => Ok(Self(number.str()?.to_string_lossy().into_owned())),
            None => Err(PyTypeError::new_err(format!(
                "an id must be a string or an integer, and this is a {}",
                value.get_type().name()?
            ))),
        }
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

/// A time: an aware `datetime`, a `date` (its start in UTC), or a text in ISO 8601.
pub struct When(pub DateTime<Utc>);

impl<'a, 'py> FromPyObject<'a, 'py> for When {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = value.py();
        let unusable = |why: &str| PyValueError::new_err(why.to_owned());
        if let Ok(text) = value.extract::<String>() {
            let day = text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
            return text.parse::<DateTime<Utc>>().or(day).map(Self).map_err(|_| {
                unusable("write times as ISO 8601 with a zone, such as 2026-11-24T00:00:00Z")
            });
        }
        if !value.hasattr("astimezone")? {
            let day: NaiveDate = value.extract()?;
            return Ok(Self(day.and_time(NaiveTime::MIN).and_utc()));
        }
        if value.getattr("tzinfo")?.is_none() {
            return Err(unusable(
                "the datetime has no time zone; add one, such as tzinfo=datetime.timezone.utc",
            ));
        }
        let zone = py.import("datetime")?.getattr("timezone")?.getattr("utc")?;
        value.call_method1("astimezone", (zone,))?.extract::<DateTime<Utc>>().map(Self)
    }
}

/// One path, or several.
#[derive(FromPyObject)]
pub enum Paths {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

impl Paths {
    /// The paths as text, which may be those of files or URLs.
    pub fn into_texts(self) -> Vec<String> {
        let paths = match self {
            Self::One(path) => vec![path],
            Self::Many(paths) => paths,
        };
        paths.into_iter().map(|path| path.to_string_lossy().into_owned()).collect()
    }
}

/// Parses one of the API's enumerated strings.
pub fn word<T: FromStr<Err = lantern::api::Invalid>>(py: Python<'_>, text: &str) -> PyResult<T> {
    text.parse::<T>().map_err(lantern::Error::from).or_raise(py)
}

/// Like [`word`], for an argument that may be left out.
pub fn maybe<T: FromStr<Err = Invalid>>(py: Python<'_>, text: Option<&str>) -> PyResult<Option<T>> {
    text.map(|text| word(py, text)).transpose()
}

/// A dictionary or another mapping whose values can be represented in JSON.
pub struct Object(pub Map<String, Value>);

impl<'a, 'py> FromPyObject<'a, 'py> for Object {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = value.py();
        if value.cast::<PyMapping>().is_err() {
            return Err(PyTypeError::new_err(format!(
                "a dictionary is needed, and this is a {}",
                value.get_type().name()?
            )));
        }
        let plain = py.get_type::<PyDict>().call1((value,))?;
        match json(plain.as_borrowed())? {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(PyTypeError::new_err("a dictionary is needed")),
        }
    }
}

/// A value that can be represented in JSON.
pub struct Json(pub Value);

impl<'a, 'py> FromPyObject<'a, 'py> for Json {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        json(value).map(Self)
    }
}

/// Converts by means of Python's own JSON encoder: pythonize recurses into a value that contains
/// itself until the stack overflows, and words its errors differently.
fn json(value: Borrowed<'_, '_, PyAny>) -> PyResult<Value> {
    let options = PyDict::new(value.py());
    // JSON has no NaN and no infinity.
    options.set_item("allow_nan", false)?;
    let text: String =
        value.py().import("json")?.getattr("dumps")?.call((value,), Some(&options))?.extract()?;
    serde_json::from_str(&text).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// The rules of a match: a list of field rules, or a dictionary with a `mode`.
pub struct Rules(pub MatchRules);

impl<'a, 'py> FromPyObject<'a, 'py> for Rules {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = value.py();
        let invalid = |message: String| to_py(py, Error::validation("rules", message));
        if value.cast::<PyMapping>().is_ok() {
            let written: Object = value.extract()?;
            let rules = fields::read("rules", &Value::Object(written.0));
            return rules.map(Self).map_err(Error::from).or_raise(py);
        }
        if value.extract::<String>().is_ok() {
            return Err(invalid(
                "rules is a single text; give a list of rules, such as [\"email:eq\"], or a dictionary \
                 with a mode, such as {\"mode\": \"ai\"}"
                    .into(),
            ));
        }
        let rules = field_rules(value)?;
        Ok(Self(MatchRules::simple(rules)))
    }
}

/// Parses a list of field rules.
pub fn field_rules(value: Borrowed<'_, '_, PyAny>) -> PyResult<Vec<FieldRule>> {
    let py = value.py();
    value
        .extract::<Vec<String>>()?
        .iter()
        .map(|text| {
            text.parse().map_err(|error: lantern::api::rules::InvalidRule| {
                Error::validation("rules", error.to_string())
            })
        })
        .collect::<Result<_>>()
        .or_raise(py)
}

/// Parses a part of a request, given as a dictionary with the contract's names.
pub fn typed<T: serde::de::DeserializeOwned>(
    py: Python<'_>,
    field: &'static str,
    given: Option<Object>,
) -> PyResult<Option<T>> {
    given
        .map(|given| fields::read(field, &Value::Object(given.0)))
        .transpose()
        .map_err(Error::from)
        .or_raise(py)
}

/// Which known answers are accepted: all, none, or those up to a certain age.
#[derive(FromPyObject)]
pub enum Reused {
    Flag(bool),
    Age(String),
}

impl Reused {
    /// # Errors
    /// If the age is invalid.
    pub fn read(&self, retry_not_found: Option<&str>) -> Result<Reuse> {
        let reuse = match self {
            Self::Flag(true) => Reuse::ALWAYS,
            Self::Flag(false) => Reuse::NEVER,
            // The words `true` and `false` are not ages.
            Self::Age(age) => Reuse::up_to(age)?,
        };
        reuse.retrying(retry_not_found)
    }
}

expected! {
    Id => "str or int",
    Paths => "str, os.PathLike or a list of these",
    Reused => "bool, or a str such as \"90d\"",
    Rules => "a list of str, or dict",
    When => "datetime, date or str",
}

impl Expected for Object {
    fn expected() -> String {
        "dict".to_owned()
    }

    fn is_within(value: &Bound<'_, PyAny>) -> bool {
        value.cast::<PyMapping>().is_ok()
    }
}

impl Expected for Json {
    fn expected() -> String {
        "a value that JSON can hold".to_owned()
    }
}
