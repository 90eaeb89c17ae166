//! Reads `labels=` and `truth=`: pairs as tuples, in a table or in a file.

use std::{path::PathBuf, sync::Arc};

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyBool, PyBytes, PyDict, PySequence, PyString},
};

use super::arguments::table;
use crate::conversion::{
    errors::{OrRaise, to_py},
    expected::described,
};
use lantern::{
    matching::{
        labels::{self, ReadLabels, Rows, decision::Decision, table::LabelledTables},
        tables::Table,
    },
    tabular::{CsvOptions, TableFile},
};

/// How a row is identified: by its number or by its id.
enum Named {
    Row(u32),
    Id(String),
}

impl Named {
    /// `None` if the value is neither a number nor a text.
    fn of(given: &Bound<'_, PyAny>) -> Option<Self> {
        if let Ok(text) = given.cast::<PyString>() {
            return text.to_str().ok().map(|text| Self::Id(text.to_owned()));
        }
        // A bool is an int in Python, but does not identify a row.
        if given.is_instance_of::<PyBool>() {
            return None;
        }
        // Ids may be UUIDs, which tables hold as texts.
        if given.get_type().name().is_ok_and(|name| name == "UUID") {
            return given.str().ok()?.to_str().ok().map(|text| Self::Id(text.to_owned()));
        }
        given.extract().ok().map(Self::Row)
    }

    fn text(&self) -> String {
        match self {
            Self::Row(row) => row.to_string(),
            Self::Id(id) => id.clone(),
        }
    }
}

/// A decision as it stands in a tuple: a boolean, 1 or 0, what a person writes into a table, or `None`
/// if the pair is undecided.
fn decision(given: &Bound<'_, PyAny>) -> Option<Decision> {
    if given.is_none() {
        return Some(Decision::Open);
    }
    if let Ok(text) = given.cast::<PyString>() {
        return Decision::of(text.to_str().ok()?);
    }
    let is = |matches: bool| if matches { Decision::Same } else { Decision::Different };
    // A NumPy boolean is not a `bool`, but behaves like one.
    if given.get_type().name().ok()?.to_string().starts_with("bool") {
        return Some(is(given.is_truthy().ok()?));
    }
    let number: u8 = given.extract().ok()?;
    (number < 2).then(|| is(number == 1))
}

/// A left row, a right row, and whether they match; `None` if that is undecided.
type Label = (Named, Named, Option<bool>);

/// One label of a list. If it does not say whether the rows match, `undecided` is used. `None` if the
/// value is not a label.
fn label(given: &Bound<'_, PyAny>, undecided: Option<bool>) -> Option<Label> {
    let parts = given.cast::<PySequence>().ok().filter(|_| !given.is_instance_of::<PyString>())?;
    let part = |at: usize| parts.get_item(at).ok();
    let is = match parts.len().ok()? {
        2 => Some(undecided?),
        3 => match decision(&part(2)?)? {
            Decision::Same => Some(true),
            Decision::Different => Some(false),
            Decision::Open => None,
        },
        _ => return None,
    };
    Some((Named::of(&part(0)?)?, Named::of(&part(1)?)?, is))
}

/// Reads labels: tuples (left, right, whether they match), or a table or a file of them.
///
/// # Errors
/// If the argument is not a list of labels, or a column is missing.
pub fn labels(
    given: Option<&Bound<'_, PyAny>>,
    about: &LabelledTables<'_>,
    undecided: Option<bool>,
) -> PyResult<ReadLabels> {
    let Some(given) = given else { return Ok(ReadLabels::default()) };
    let py = given.py();
    // Only the truth may leave out whether its pairs match.
    let name = if undecided.is_some() { "truth" } else { "labels" };
    if let Some((table, rows)) = as_table(given)? {
        // A truth without a column of decisions contains pairs that match.
        let undecided = undecided.filter(|_| !labels::table::has_decisions(&table));
        return py.detach(|| labels::read(&table, about, undecided, rows)).or_raise(py);
    }
    let mut rows: Vec<Label> = Vec::new();
    if given.is_instance_of::<PyBytes>() || given.is_instance_of::<PyDict>() {
        return Err(wrong(name, given, None));
    }
    for (at, label) in given.try_iter().map_err(|_| wrong(name, given, None))?.enumerate() {
        let label = label?;
        let read = self::label(&label, undecided);
        rows.push(read.ok_or_else(|| wrong(name, given, Some((at, &label))))?);
    }
    let are_numbers = rows.iter().all(|row| matches!(row, (Named::Row(_), Named::Row(_), _)));
    if are_numbers && rows.iter().all(|row| row.2.is_some()) {
        let labels = rows.iter().filter_map(|row| match row {
            (Named::Row(left), Named::Row(right), Some(is)) => Some((*left, *right, *is)),
            _ => None,
        });
        return Ok(ReadLabels { labels: labels.collect(), ..ReadLabels::default() });
    }
    let text = |of: &dyn Fn(&Label) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(of(row))).collect::<StringArray>())
    };
    let decisions: BooleanArray = rows.iter().map(|row| row.2).collect();
    let (left, right) = if are_numbers { ("left", "right") } else { ("left_id", "right_id") };
    let batch = RecordBatch::try_from_iter([
        (left, text(&|row| row.0.text())),
        (right, text(&|row| row.1.text())),
        ("decision", Arc::new(decisions) as ArrayRef),
    ])
    .map_err(|error| to_py(py, error))?;
    let table = Table::new(batch.schema(), vec![batch], "").or_raise(py)?;
    let given = labels::read(&table, about, None, Rows::OfTable).or_raise(py)?;
    // A list is no table of decisions.
    Ok(ReadLabels { decided: false, ..given })
}

/// The error for an argument that is not a list of labels, or for one entry of it.
fn wrong(name: &str, given: &Bound<'_, PyAny>, entry: Option<(usize, &Bound<'_, PyAny>)>) -> PyErr {
    let form = "a list of (left, right, whether they match), such as [(0, 5, True)], or a table or a \
                file with the columns left_id and right_id (or left and right) and decision";
    let given = described(given);
    PyTypeError::new_err(match entry {
        // The entry is not shown, because it may be about a person.
        Some((at, entry)) => {
            let entry = described(entry);
            format!("{name} must be {form}, not {given}; entry {at} is no such tuple, but {entry}")
        }
        None => format!("{name} must be {form}, not {given}"),
    })
}

/// A table, or a file with one, and how its rows are identified; `None` if it is anything else.
pub fn as_table(given: &Bound<'_, PyAny>) -> PyResult<Option<(Table, Rows)>> {
    let is_path = given.is_instance_of::<PyString>() || given.hasattr("__fspath__")?;
    if is_path {
        let path: PathBuf = given.extract()?;
        let py = given.py();
        let read = py.detach(|| -> lantern::Result<Table> {
            let file = TableFile::open(&path, CsvOptions::default())?;
            let all: Vec<usize> = (0..file.schema().fields().len()).collect();
            let batches = file.read(&all)?;
            let schema = batches.first().map_or_else(|| file.schema().clone(), RecordBatch::schema);
            Ok(Table::new(schema, batches, "")?)
        });
        return read.map(|table| Some((table, Rows::OfFile))).map_err(|error| to_py(py, error));
    }
    let is_table = given.hasattr("__arrow_c_stream__")? || given.hasattr("collect")?;
    if is_table { Ok(Some((table(given, "")?, Rows::OfTable))) } else { Ok(None) }
}
