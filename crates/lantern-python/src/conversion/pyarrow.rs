//! Checks PyArrow's buffers. PyArrow knows their lengths, which the C data interface does not
//! contain, so only PyArrow can find offsets beyond the end of a buffer.

use pyo3::{intern, prelude::*};

use crate::conversion::errors::to_py;
use lantern::error::Error;

/// Lets PyArrow check the lengths of its buffers. This takes the same time for any number of rows.
///
/// # Errors
/// If a buffer is too short.
pub fn validate(given: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = given.py();
    let module: String = given.get_type().getattr(intern!(py, "__module__"))?.extract()?;
    if module.split('.').next() != Some("pyarrow") {
        return Ok(());
    }
    let Ok(validate) = given.getattr(intern!(py, "validate")) else { return Ok(()) };
    let Err(error) = validate.call0() else { return Ok(()) };
    let (name, row) = place(given).unwrap_or_default();
    let mut place = if name.is_empty() { "the column".into() } else { format!("column {name:?}") };
    if let Some(row) = row {
        place = format!("{place}, row {row}");
    }
    let happened = format!("{place}: PyArrow finds it invalid: {}", error.value(py));
    let hint = "make it again with a function that checks its input";
    let mut invalid = Error::input(happened).hint(hint);
    if !name.is_empty() {
        invalid = invalid.with_column(name);
    }
    if let Some(row) = row {
        invalid = invalid.with_row(row as u64);
    }
    let raised = to_py(py, invalid);
    raised.set_cause(py, Some(error));
    Err(raised)
}

fn is_valid(given: &Bound<'_, PyAny>) -> bool {
    given.call_method0(intern!(given.py(), "validate")).is_ok()
}

/// The name and the row of what is invalid in a table, a chunked column or an array.
fn place(given: &Bound<'_, PyAny>) -> PyResult<(String, Option<usize>)> {
    let py = given.py();
    let Some(schema) = given.getattr_opt(intern!(py, "schema"))? else {
        return Ok((String::new(), row(given)?));
    };
    let names: Vec<String> = schema.getattr(intern!(py, "names"))?.extract()?;
    for (place, name) in names.into_iter().enumerate() {
        let column = given.call_method1(intern!(py, "column"), (place,))?;
        if !is_valid(&column) {
            return Ok((name, row(&column)?));
        }
    }
    Ok(Default::default())
}

/// The last row of the shortest invalid slice of a column. Checking a slice is as fast as checking
/// the whole column, so the row is found by binary search.
fn row(column: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    let py = column.py();
    let chunks: Vec<Bound<'_, PyAny>> = match column.getattr_opt(intern!(py, "chunks"))? {
        Some(chunks) => chunks.extract()?,
        None => vec![column.clone()],
    };
    let mut before = 0;
    for chunk in chunks {
        let rows = chunk.len()?;
        let first = |rows: usize| chunk.call_method1(intern!(py, "slice"), (0, rows));
        if is_valid(&chunk) {
            before += rows;
            continue;
        }
        let (mut valid, mut invalid) = (0, rows);
        while valid + 1 < invalid {
            let middle = usize::midpoint(valid, invalid);
            if is_valid(&first(middle)?) { valid = middle } else { invalid = middle }
        }
        // If a chunk is invalid at every length, no single row is at fault.
        return Ok((rows > 0 && (valid > 0 || is_valid(&first(0)?))).then_some(before + valid));
    }
    Ok(None)
}
