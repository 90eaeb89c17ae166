//! Rules and their parts, and the plan of a match by rules.

use std::{collections::BTreeMap, sync::Arc};

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use lantern_python_macros::documented;
use pyo3::prelude::*;

use super::{
    arguments::{self, groups, table},
    interruptible::interruptible,
};
use crate::conversion::{errors::to_py, tables::OutTable};
use lantern::matching::{
    error::Error,
    rules::{FieldRule, InvalidRule, Operator, RuleSet},
};

/// The parts of a rule: field, operator, and the minimum similarity of a fuzzy one.
#[pyfunction(name = "_field_rule")]
pub fn field_rule(py: Python<'_>, text: &str) -> PyResult<(String, &'static str, Option<f64>)> {
    let rule: FieldRule =
        text.parse().map_err(|error: InvalidRule| to_py(py, Error::input(error.to_string())))?;
    let (operator, similarity) = match rule.op {
        Operator::Exact => ("exact", None),
        Operator::Eq => ("eq", None),
        Operator::Contains => ("contains", None),
        Operator::Fuzzy(similarity) => ("fuzzy", Some(similarity)),
    };
    Ok((rule.field, operator, similarity))
}

/// The text of a rule with the given parts.
#[pyfunction(name = "_rule_text")]
pub fn rule_text(
    py: Python<'_>,
    field: &str,
    operator: &str,
    similarity: Option<f64>,
) -> PyResult<String> {
    let similarity = similarity.map(|similarity| similarity.to_string()).unwrap_or_default();
    let quoted = field.replace('"', "\"\"");
    let rule = format!("\"{quoted}\":{operator}{similarity}").parse::<FieldRule>();
    let rule = rule.map_err(|error| to_py(py, Error::input(error.to_string())))?;
    Ok(rule.to_string())
}

#[documented]
#[pyfunction]
#[pyo3(signature = (left, right, rules, *, fields=None))]
pub fn explain_plan(
    py: Python<'_>,
    left: &Bound<'_, PyAny>,
    right: Option<&Bound<'_, PyAny>>,
    rules: &Bound<'_, PyAny>,
    fields: Option<&Bound<'_, PyAny>>,
) -> PyResult<Py<PyAny>> {
    let left = table(left, "left")?;
    let right = right.map(|right| table(right, "right")).transpose()?;
    let specs = arguments::fields(py, fields)?;
    let groups = groups(py, Some(rules))?.unwrap_or_default();
    let plans = interruptible(py, false, |_| {
        Ok(RuleSet::bind(&left, right.as_ref(), &groups, &specs, &BTreeMap::new())?.plan())
    })?;
    let text = |texts: Vec<Option<String>>| -> ArrayRef { Arc::new(StringArray::from(texts)) };
    let batch = RecordBatch::try_from_iter([
        ("rules", text(plans.iter().map(|plan| Some(plan.rules.join(" and "))).collect())),
        (
            "join",
            text(
                plans
                    .iter()
                    .map(|plan| (!plan.join.is_empty()).then(|| plan.join.join(" and ")))
                    .collect(),
            ),
        ),
        ("scan", text(plans.iter().map(|plan| plan.scan.clone()).collect())),
        (
            "candidates",
            Arc::new(UInt64Array::from_iter_values(plans.iter().map(|plan| plan.candidates)))
                as ArrayRef,
        ),
        ("warning", text(plans.into_iter().map(|plan| plan.warning).collect())),
    ])
    .map_err(|error| to_py(py, error))?;
    OutTable::convert(py, batch.into())
}
