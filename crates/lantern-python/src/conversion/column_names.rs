//! Checks names of columns: the C data interface ends a name at its first NUL character.

use pyo3::{intern, prelude::*};

use crate::conversion::errors::to_py;
use lantern::error::Error;

/// Refuses names with a NUL character, since two columns could end up with the same name.
///
/// # Errors
/// If a name contains a NUL character.
pub fn check<'a>(py: Python<'_>, names: impl IntoIterator<Item = &'a str>) -> PyResult<()> {
    names.into_iter().enumerate().try_for_each(|(place, name)| check_one(py, place, name))
}

fn check_one(py: Python<'_>, place: usize, name: &str) -> PyResult<()> {
    if !name.contains('\0') {
        return Ok(());
    }
    let number = place + 1;
    let happened = format!("column {number}, {name:?}, has a NUL character in its name");
    Err(to_py(py, Error::input(happened).with_column(name).hint("rename the column")))
}

/// Checks the names of a table while it is still in Python, where they are complete.
///
/// # Errors
/// If a name contains a NUL character.
pub fn of_table(table: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = table.py();
    let module: String = table.get_type().getattr(intern!(py, "__module__"))?.extract()?;
    let names = match module.split('.').next() {
        Some("pyarrow") => match table.getattr_opt(intern!(py, "schema"))? {
            // PyArrow raises for names that are not UTF-8; they are refused when the table is read.
            Some(schema) => schema.getattr(intern!(py, "names")).ok(),
            None => None,
        },
        // A lazy frame would have to plan its query to return its columns.
        Some("polars") if table.get_type().name()? == "LazyFrame" => None,
        Some("polars" | "pandas" | "duckdb" | "ibis") => {
            table.getattr_opt(intern!(py, "columns"))?
        }
        _ => table.getattr_opt(intern!(py, "column_names"))?,
    };
    let Some(names) = names else { return Ok(()) };
    let Ok(names) = names.try_iter() else { return Ok(()) };
    for (place, name) in names.enumerate() {
        // Names in pandas need not be texts.
        if let Ok(name) = name?.extract::<String>() {
            check_one(py, place, &name)?;
        }
    }
    Ok(())
}
