//! `lantern.describe`: how matching interprets the columns of tables.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, ListBuilder, RecordBatch, StringArray, StringBuilder};
use lantern_python_macros::documented;
use pyo3::prelude::*;

use crate::{
    conversion::errors::{OrRaise, to_py},
    conversion::tables::OutTable,
    matching::{arguments::table, interruptible::interruptible},
};
use lantern::matching::tables::{self, Description};

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
    let text = |of: &dyn Fn(&Description) -> Option<&str>| -> ArrayRef {
        Arc::new(described.iter().map(of).collect::<StringArray>())
    };
    let mut compared_with = ListBuilder::new(StringBuilder::new());
    for column in &described {
        column.compared_with.iter().for_each(|name| compared_with.values().append_value(name));
        compared_with.append(true);
    }
    let batch = RecordBatch::try_from_iter([
        ("side", text(&|of| Some(of.side))),
        ("column", text(&|of| Some(&of.column))),
        ("kind", text(&|of| Some(of.kind.name()))),
        ("because", text(&|of| Some(&of.because))),
        (
            "nulls",
            Arc::new(Float64Array::from_iter_values(described.iter().map(|of| of.nulls)))
                as ArrayRef,
        ),
        ("field", text(&|of| of.field.as_deref())),
        ("compared_with", Arc::new(compared_with.finish()) as ArrayRef),
        ("why_not", text(&|of| of.why_not.as_deref())),
        ("change", text(&|of| Some(&of.change))),
    ])
    .map_err(|error| to_py(py, error))?;
    OutTable::convert(py, batch.into())
}
