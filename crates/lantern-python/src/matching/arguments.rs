//! The arguments of matching: tables, fields and rules, and the options built from them.

use std::collections::BTreeMap;

use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict, PyList, PyString, PyTuple},
};

use super::{model::PyModel, threshold::Threshold};
use crate::{
    conversion::errors::{OrRaise, to_py},
    conversion::expected::wrong,
    conversion::tables,
};
use lantern::matching::{
    error::Error,
    labels::Label,
    normalize::{NormalizeError, PhoneRegion},
    options::Options,
    rules::FieldRule,
    tables::{FieldSpec, Kind, Table},
};

pub fn table(given: &Bound<'_, PyAny>, side: &'static str) -> PyResult<Table> {
    let py = given.py();
    tables::check(given, if side.is_empty() { "table" } else { side })?;
    let module: String = given.get_type().getattr("__module__")?.extract()?;
    let collected;
    let given = if module.split('.').next() == Some("polars") && given.hasattr("collect")? {
        collected = given.call_method0("collect")?;
        &collected
    } else {
        given
    };
    let (batches, schema) = tables::read(given)?;
    Table::new(schema, batches, side).or_raise(py)
}

fn names(given: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<String>> {
    if let Ok(one) = given.cast::<PyString>() {
        return Ok(vec![one.to_str()?.to_owned()]);
    }
    given
        .extract::<Vec<String>>()
        .map_err(|_| wrong(what, "a column's name or a list of names", given))
}

/// What the argument `fields` must be.
const FIELDS: &str =
    "a list of columns, or a mapping such as {'company': ('company_name', 'name')}";

/// Reads `fields`. Each name has a column, a pair of columns, or a mapping with left, right and
/// kind.
pub fn fields(py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<FieldSpec>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    if let Ok(list) = given.cast::<PyList>() {
        return list
            .iter()
            .map(|name| {
                let name: String = name.extract().map_err(|_| wrong("fields", FIELDS, given))?;
                Ok(FieldSpec::new(&name, None, &name, &name))
            })
            .collect();
    }
    let mapping = given.cast::<PyDict>().map_err(|_| wrong("fields", FIELDS, given))?;
    mapping
        .iter()
        .map(|(name, value)| {
            let name: String = name.extract().map_err(|_| wrong("fields", FIELDS, given))?;
            let what = format!("fields['{name}']");
            let mut spec = FieldSpec { name, kind: None, left: Vec::new(), right: Vec::new() };
            if let Ok(parts) = value.cast::<PyDict>() {
                for (part, value) in parts.iter() {
                    let part: String =
                        part.extract().map_err(|_| wrong(&what, "a dict of str", &value))?;
                    match part.as_str() {
                        "left" => spec.left = names(&value, &what)?,
                        "right" => spec.right = names(&value, &what)?,
                        "columns" => {
                            spec.left = names(&value, &what)?;
                            spec.right = spec.left.clone();
                        }
                        "kind" => {
                            spec.kind = Some(kind(&value, &what)?);
                        }
                        other => {
                            return Err(to_py(
                                py,
                                Error::input(format!(
                                    "{what} may have left, right, columns and kind, but not '{other}'"
                                )),
                            ));
                        }
                    }
                }
            } else if let Ok(pair) = value.cast::<PyTuple>() {
                if !(2..=3).contains(&pair.len()) {
                    return Err(to_py(
                        py,
                        Error::input(format!("{what} is (left, right) or (left, right, kind)")),
                    ));
                }
                spec.left = names(&pair.get_item(0)?, &what)?;
                spec.right = names(&pair.get_item(1)?, &what)?;
                if pair.len() == 3 {
                    spec.kind = Some(kind(&pair.get_item(2)?, &what)?);
                }
            } else {
                spec.left = names(&value, &what)?;
                spec.right = spec.left.clone();
            }
            if spec.left.is_empty() {
                spec.left = vec![spec.name.clone()];
            }
            if spec.right.is_empty() {
                spec.right = spec.left.clone();
            }
            Ok(spec)
        })
        .collect()
}

/// Reads the kind of a field.
fn kind(given: &Bound<'_, PyAny>, what: &str) -> PyResult<Kind> {
    let text: String =
        given.extract().map_err(|_| wrong(&format!("the kind of {what}"), "str", given))?;
    text.parse::<Kind>().or_raise(given.py())
}

/// What the argument `rules` must be.
const RULES: &str = "a list of str such as 'email:eq', or a list of such lists";

/// Reads rules: a list of rules that must all match, or a list of such lists of which one must
/// match.
pub fn groups(
    py: Python<'_>,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Vec<Vec<FieldRule>>>> {
    let Some(given) = given else { return Ok(None) };
    let rule = |text: &Bound<'_, PyAny>| -> PyResult<FieldRule> {
        let text: String = text.extract().map_err(|_| wrong("rules", RULES, given))?;
        text.parse::<FieldRule>().map_err(|error| to_py(py, Error::input(error.to_string())))
    };
    if let Ok(one) = given.cast::<PyString>() {
        return Ok(Some(vec![vec![rule(one.as_any())?]]));
    }
    let mut simple = Vec::new();
    let mut grouped = Vec::new();
    if given.is_instance_of::<PyDict>() || given.is_instance_of::<PyBytes>() {
        return Err(wrong("rules", RULES, given));
    }
    for item in given.try_iter().map_err(|_| wrong("rules", RULES, given))? {
        let item = item?;
        if item.is_instance_of::<PyString>() {
            simple.push(rule(&item)?);
        } else {
            let rules = match item.cast::<PyDict>() {
                Ok(group) => group.get_item("all")?.ok_or_else(|| {
                    to_py(py, Error::input("a group of rules must be a list, or {'all': [...]}"))
                })?,
                Err(_) => item,
            };
            let group = rules.try_iter().map_err(|_| wrong("rules", RULES, given))?;
            grouped.push(group.map(|text| rule(&text?)).collect::<PyResult<Vec<_>>>()?);
        }
    }
    match (simple.is_empty(), grouped.is_empty()) {
        (false, false) => Err(to_py(
            py,
            Error::input(
                "rules must be a list of rules or a list of groups, and not both; put single rules into groups of their own",
            ),
        )),
        (true, false) => Ok(Some(grouped)),
        _ => Ok(Some(vec![simple])),
    }
}

pub fn options(
    py: Python<'_>,
    given_fields: Option<&Bound<'_, PyAny>>,
    ids: [Option<&str>; 2],
    threshold: Option<Threshold>,
    top: Option<usize>,
    one_to_one: bool,
    model: Option<&PyModel>,
    labels: Vec<Label>,
) -> PyResult<Options> {
    Ok(Options {
        fields: fields(py, given_fields)?,
        ids: ids.into_iter().flatten().map(str::to_owned).collect(),
        threshold: threshold.and_then(Threshold::fixed),
        at_precision: threshold.and_then(Threshold::precision),
        top,
        one_to_one,
        model: model.map(|model| (*model.0).clone()),
        labels,
        ..Options::default()
    })
}

/// Reads the region for phone numbers without a country code.
pub fn region(py: Python<'_>, given: Option<&str>) -> PyResult<Option<PhoneRegion>> {
    given
        .map(|region| {
            region.parse().map_err(|error: NormalizeError| {
                to_py(py, Error::input(error.to_string()).with_column("default_region"))
            })
        })
        .transpose()
}

pub fn no_weights(py: Python<'_>, weights: &BTreeMap<String, f64>) -> PyResult<()> {
    if weights.is_empty() {
        return Ok(());
    }
    Err(to_py(
        py,
        Error::input(
            "weights belong to rules; without rules they are learned, so leave weights out",
        ),
    ))
}
