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
use lantern::{
    error::Error, jobs::suppression, ledger::suppression::Entry, tabular::column_as_text,
};

/// Reads a list of ids, e-mail addresses, domains and LinkedIn pages from the argument `name`.
///
/// A table or a column may have gaps, which are skipped. Whoever writes a list means each of its
/// entries, so that an empty one is a mistake, for instance a variable that was not set.
///
/// # Errors
/// If it is neither a table or a column, nor the path of a file, nor a list of texts; if an entry of
/// a list is empty, or if a column has gaps only.
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
            let entries = suppression::of_texts(texts.iter().flatten().map(String::as_str));
            if entries.is_empty() && !texts.is_empty() {
                let happened = format!("{name} is a column of nulls and empty texts");
                let error = Error::input(happened).hint("give another column, or leave it out");
                return Err(error).or_raise(py);
            }
            return Ok(entries);
        }
        column_names::of_table(given)?;
        let (batches, schema) = memory.into_batches(py)?;
        return py.detach(|| suppression::of_table(&schema, &batches)).or_raise(py);
    }
    let items = given.try_iter().map_err(|_| refused())?;
    let mut texts: Vec<String> = Vec::new();
    for (at, item) in items.enumerate() {
        let item = item?;
        let refused_entry = |is: &str| -> PyResult<Vec<Entry>> {
            let error = Error::input(format!("{name}[{at}] is {is}"));
            Err(error.hint("leave it out, or give the id, address, domain or page")).or_raise(py)
        };
        match (item.extract::<String>(), integer(&item)?) {
            (Ok(text), _) if text.trim().is_empty() => return refused_entry("empty"),
            (Ok(text), _) => texts.push(text),
            (_, Some(number)) => texts.push(number.str()?.to_string()),
            _ if item.is_none() => return refused_entry("None"),
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
