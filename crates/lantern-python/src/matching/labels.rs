//! `labels=` and `truth=`: pairs as tuples, in a table or in a file.

use std::{path::PathBuf, sync::Arc};

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use pyo3::{exceptions::PyTypeError, prelude::*, types::PyString};

use super::arguments::table;
use crate::conversion::errors::{OrRaise, to_py};
use lantern::{
    matching::{
        labels::{self, Given, table::About},
        tables::Table,
    },
    tabular::{CsvOptions, TableFile},
};

/// A row as it is named: by its number or by its id.
#[derive(FromPyObject)]
enum Named {
    Row(u32),
    Id(String),
}

impl Named {
    fn text(&self) -> String {
        match self {
            Self::Row(row) => row.to_string(),
            Self::Id(id) => id.clone(),
        }
    }
}

/// Reads labels: (left, right, whether they match), or a table or a file of them.
///
/// # Errors
/// What they are not, or a column that is missing.
pub fn labels(
    given: Option<&Bound<'_, PyAny>>,
    about: &About<'_>,
    undecided: Option<bool>,
) -> PyResult<Given> {
    let Some(given) = given else { return Ok(Given::default()) };
    let py = given.py();
    if let Some(table) = as_table(given)? {
        // Without a column of decisions, a truth names pairs that match.
        let undecided = undecided.filter(|_| !labels::table::has_decisions(&table));
        return labels::read(&table, about, undecided).or_raise(py);
    }
    let wrong = || {
        PyTypeError::new_err(
            "labels are (left, right, whether they match), such as [(0, 5, True)], or a table or a file \
             with the columns left_id and right_id (or left and right) and decision",
        )
    };
    let mut rows: Vec<(Named, Named, bool)> = Vec::new();
    for label in given.try_iter().map_err(|_| wrong())? {
        let label = label?;
        match (label.extract::<(Named, Named, bool)>(), undecided) {
            (Ok(label), _) => rows.push(label),
            (Err(_), Some(is)) => {
                let (left, right) = label.extract::<(Named, Named)>().map_err(|_| wrong())?;
                rows.push((left, right, is));
            }
            (Err(_), None) => return Err(wrong()),
        }
    }
    if rows.iter().all(|row| matches!(row, (Named::Row(_), Named::Row(_), _))) {
        let labels = rows.iter().filter_map(|row| match row {
            (Named::Row(left), Named::Row(right), is) => Some((*left, *right, *is)),
            _ => None,
        });
        return Ok(Given { labels: labels.collect(), unknown: 0 });
    }
    let text = |of: &dyn Fn(&(Named, Named, bool)) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(of(row))).collect::<StringArray>())
    };
    let decisions: BooleanArray = rows.iter().map(|row| Some(row.2)).collect();
    let batch = RecordBatch::try_from_iter([
        ("left_id", text(&|row| row.0.text())),
        ("right_id", text(&|row| row.1.text())),
        ("decision", Arc::new(decisions) as ArrayRef),
    ])
    .map_err(|error| to_py(py, error))?;
    let table = Table::new(batch.schema(), vec![batch], "").or_raise(py)?;
    labels::read(&table, about, None).or_raise(py)
}

/// A table, or a file that holds one; none of anything else.
pub fn as_table(given: &Bound<'_, PyAny>) -> PyResult<Option<Table>> {
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
        return read.map(Some).map_err(|error| to_py(py, error));
    }
    let is_table = given.hasattr("__arrow_c_stream__")? || given.hasattr("collect")?;
    if is_table { table(given, "").map(Some) } else { Ok(None) }
}
