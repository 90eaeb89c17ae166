//! What `lantern.spark` needs from the rules: fields that are the same in all parts of a table, and
//! the keys of a part's rows.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{Array, ListArray, RecordBatch, UInt64Array},
    buffer::OffsetBuffer,
    datatypes::{DataType, Field},
};
use pyo3::{prelude::*, types::PyDict};

use crate::{
    conversion::tables::OutTable,
    conversion::{errors::OrRaise, whole_numbers as whole},
    matching::{
        arguments::{fields, groups, no_weights, table},
        interruptible::interruptible,
        model::PyModel,
    },
};
use lantern::matching::{
    error::Result,
    linkage,
    options::{self, Options},
    rules::{RuleField, RuleSet},
    tables::{FieldSpec, Kind},
};

/// Checks the fields by which one or two tables are matched. Returns the columns and the kind of
/// each.
#[pyfunction]
#[pyo3(
    name = "_bound_fields",
    signature = (left, right=None, rules=None, *, fields=None, left_id=None, right_id=None, threshold=None, top=None, weights=None, model=None)
)]
pub fn bound_fields<'py>(
    py: Python<'py>,
    left: &Bound<'py, PyAny>,
    right: Option<&Bound<'py, PyAny>>,
    rules: Option<&Bound<'py, PyAny>>,
    fields: Option<&Bound<'py, PyAny>>,
    left_id: Option<String>,
    right_id: Option<String>,
    threshold: Option<f64>,
    #[pyo3(from_py_with = whole::optional::top)] top: Option<usize>,
    weights: Option<BTreeMap<String, f64>>,
    model: Option<PyRef<'py, PyModel>>,
) -> PyResult<Bound<'py, PyDict>> {
    let left = table(left, if right.is_some() { "left" } else { "" })?;
    let right = right.map(|right| table(right, "right")).transpose()?;
    for (table, id) in [(Some(&left), &left_id), (right.as_ref(), &right_id)] {
        if let (Some(table), Some(id)) = (table, id) {
            table.column(id).or_raise(py)?;
        }
    }
    options::check(threshold, top).or_raise(py)?;
    let options = Options {
        fields: self::fields(py, fields)?,
        ids: [left_id, right_id].into_iter().flatten().collect(),
        model: model.map(|model| (*model.0).clone()),
        ..Options::default()
    };
    let weights = weights.unwrap_or_default();
    let specs: Vec<FieldSpec> = match groups(py, rules)? {
        Some(groups) => interruptible(py, false, |_| {
            let set = RuleSet::bind(&left, right.as_ref(), &groups, &options.fields, &weights)?;
            let spec = |field: RuleField| FieldSpec {
                name: field.name,
                kind: Some(field.kind),
                left: field.left,
                right: field.right,
            };
            Ok(set.fields.into_iter().map(spec).collect())
        })?,
        None => {
            no_weights(py, &weights)?;
            interruptible(py, false, |_| {
                if let Some(model) = &options.model {
                    model.check(&linkage::fields(&left, right.as_ref(), &options)?)?;
                }
                linkage::specs(&left, right.as_ref(), &options)
            })?
        }
    };
    let bound = PyDict::new(py);
    for spec in specs {
        let parts = PyDict::new(py);
        parts.set_item("left", spec.left)?;
        parts.set_item("right", spec.right)?;
        parts.set_item("kind", spec.kind.unwrap_or(Kind::Text).name())?;
        bound.set_item(spec.name, parts)?;
    }
    Ok(bound)
}

/// The keys of each row, and the hash of the values that the rules read. Two rows that match under
/// the rules have at least one key in common.
#[pyfunction]
#[pyo3(name = "_row_keys", signature = (table, rules, *, fields, right=false))]
pub fn row_keys(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    rules: &Bound<'_, PyAny>,
    fields: &Bound<'_, PyAny>,
    right: bool,
) -> PyResult<Py<PyAny>> {
    let table = self::table(table, if right { "right" } else { "left" })?;
    let mut specs = self::fields(py, Some(fields))?;
    if right {
        specs.iter_mut().for_each(|spec| spec.left.clone_from(&spec.right));
    }
    let groups = groups(py, Some(rules))?.unwrap_or_default();
    let batch = interruptible(py, false, |_| -> Result<RecordBatch> {
        let found = RuleSet::bind(&table, None, &groups, &specs, &BTreeMap::new())?.row_keys();
        let lengths = (0..table.rows).map(|row| found.get(row).len());
        let offsets = OffsetBuffer::from_lengths(lengths);
        let item = Arc::new(Field::new("item", DataType::UInt64, false));
        let keys = UInt64Array::from(found.keys);
        let keys: Arc<dyn Array> =
            Arc::new(ListArray::try_new(item, offsets, Arc::new(keys), None)?);
        let profiles: Arc<dyn Array> = Arc::new(UInt64Array::from(found.profiles));
        Ok(RecordBatch::try_from_iter([("keys", keys), ("profile", profiles)])?)
    })?;
    OutTable::convert(py, batch.into())
}
