//! Reads suppression lists from tables, columns, files and lists of texts.

use std::path::PathBuf;

use arrow::datatypes::DataType;
use pyo3::{
    prelude::*,
    types::{PyBytes, PyMapping},
};

use super::{
    arrow_memory::{self, Memory},
    column_names,
    errors::OrRaise,
    expected::wrong,
    whole_numbers::integer,
};
use lantern::{jobs::suppression, ledger::suppression::Entry, tabular::column_as_text};

/// Reads a list of ids, e-mail addresses, domains and LinkedIn pages from the argument `name`.
///
/// # Errors
/// If it is neither a table or a column, nor the path of a file, nor a list of texts.
pub fn entries(given: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<Entry>> {
    let (py, whole) = (given.py(), given);
    let refused = || wrong(name, "a table, the path of a file, or a list of str or int", whole);
    if given.is_instance_of::<PyBytes>() || given.cast::<PyMapping>().is_ok() {
        return Err(refused());
    }
    if let Ok(path) = given.extract::<PathBuf>() {
        return py.detach(|| suppression::of_file(&path)).or_raise(py);
    }
    let lazy = given.hasattr("collect")? && !arrow_memory::is_exported(given)?;
    let collected = if lazy { Some(given.call_method0("collect")?) } else { None };
    let given = collected.as_ref().unwrap_or(given);
    if arrow_memory::is_exported(given)? {
        let memory = Memory::of(given)?;
        if !matches!(memory.kind(), DataType::Struct(_)) {
            let kind = memory.kind().clone();
            let chunks = memory.into_arrays(py)?;
            let texts = column_as_text(name, &kind, &chunks).or_raise(py)?;
            return Ok(suppression::of_texts(texts.iter().flatten().map(String::as_str)));
        }
        column_names::of_table(given)?;
        let (batches, schema) = memory.into_batches(py)?;
        return py.detach(|| suppression::of_table(&schema, &batches)).or_raise(py);
    }
    let items = given.try_iter().map_err(|_| refused())?;
    let mut texts: Vec<String> = Vec::new();
    for item in items {
        let item = item?;
        match (item.extract::<String>(), integer(&item)?) {
            (Ok(text), _) => texts.push(text),
            (_, Some(number)) => texts.push(number.str()?.to_string()),
            _ if item.is_none() => {}
            _ => return Err(refused()),
        }
    }
    Ok(suppression::of_texts(texts.iter().map(String::as_str)))
}

/// Like [`entries`], for an argument that may be left out.
///
/// # Errors
/// As for [`entries`].
pub fn optional(given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Entry>> {
    given.map(|given| entries(given, "suppress")).transpose().map(Option::unwrap_or_default)
}
