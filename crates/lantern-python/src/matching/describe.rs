//! `lantern.describe`: how matching interprets the columns of tables.

use lantern_python_macros::documented;
use pyo3::prelude::*;

use crate::{
    conversion::errors::OrRaise,
    conversion::tables::OutTable,
    matching::{arguments::table, interruptible::interruptible},
};
use lantern::matching::tables;

#[documented]
#[pyfunction]
#[pyo3(signature = (left, right=None, *, left_id=None, right_id=None))]
pub fn describe(
    py: Python<'_>,
    left: &Bound<'_, PyAny>,
    right: Option<&Bound<'_, PyAny>>,
    left_id: Option<&str>,
    right_id: Option<&str>,
) -> PyResult<Py<PyAny>> {
    crate::conversion::tables::check(left, "left")?;
    let left = table(left, if right.is_some() { "left" } else { "" })?;
    let right = right.map(|right| table(right, "right")).transpose()?;
    if let Some(id) = left_id {
        left.column(id).or_raise(py)?;
    }
    if let (Some(id), Some(right)) = (right_id, &right) {
        right.column(id).or_raise(py)?;
    }
    let ids: Vec<&str> = [left_id, right_id].into_iter().flatten().collect();
    let described =
        interruptible(py, false, |_| Ok(tables::describe(&left, right.as_ref(), &ids)))?;
    let batch = tables::description_table(&described).or_raise(py)?;
    OutTable::convert(py, batch.into())
}
