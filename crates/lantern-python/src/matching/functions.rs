//! `lantern.match`, `lantern.dedupe`, `lantern.learn` and `lantern.explain`: tables in, matches out.

use std::{collections::BTreeMap, sync::Arc};

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use lantern_python_macros::documented;
use pyo3::{prelude::*, types::PyDict};

use super::{
    arguments::{groups, no_weights, options, region, table},
    duplicates::PyDuplicates,
    explanation::PyExplanation,
    interruptible::interruptible,
    labels,
    matches::{PyMatches, Row},
    model::PyModel,
    threshold::Threshold,
};
use crate::conversion::{
    errors::{OrRaise, to_py},
    expected::wrong,
    tables::{self, OutTable},
    whole_numbers as whole,
};
use lantern::matching::{
    labels::table::LabelledTables,
    linkage,
    options::{self, Options},
    pipeline::{self, match_bound},
    results::{cluster, matches::Matches},
    rules::{FieldRule, RuleSet},
    tables::Table,
};

/// Matches by rules. Warns first if a plan would take long.
fn by_rules(
    py: Python<'_>,
    progress: bool,
    left: &Table,
    right: Option<&Table>,
    groups: &[Vec<FieldRule>],
    weights: &BTreeMap<String, f64>,
    options: &Options,
) -> PyResult<Matches> {
    let (rules, plans) = interruptible(py, false, |_| {
        options::check(options.threshold, options.top)?;
        let rules = RuleSet::bind(left, right, groups, &options.fields, weights)?;
        let plans = rules.plan();
        Ok((rules, plans))
    })?;
    // An approximate match does not compare every value with every other.
    let slow = plans.into_iter().filter(|plan| plan.scan.is_none() || !options.approximate);
    for warning in slow.filter_map(|plan| plan.warning) {
        py.import("warnings")?.call_method1("warn", (warning,))?;
    }
    interruptible(py, progress, |watch| match_bound(left, right, rules, options, watch))
}

#[documented]
#[pyfunction]
#[pyo3(
    name = "match",
    signature = (left, right, rules=None, *, fields=None, left_id=None, right_id=None, threshold=None, top=Some(1), one_to_one=false, weights=None, model=None, labels=None, default_region=None, approximate=false, progress=true),
    text_signature = "(left, right, rules=None, *, fields=None, left_id=None, right_id=None, threshold=None, top=1, one_to_one=False, weights=None, model=None, labels=None, default_region=None, approximate=False, progress=True)"
)]
pub fn match_(
    py: Python<'_>,
    left: &Bound<'_, PyAny>,
    right: &Bound<'_, PyAny>,
    rules: Option<&Bound<'_, PyAny>>,
    fields: Option<&Bound<'_, PyAny>>,
    left_id: Option<String>,
    right_id: Option<String>,
    threshold: Option<Threshold>,
    #[pyo3(from_py_with = whole::optional::top)] top: Option<usize>,
    one_to_one: bool,
    weights: Option<BTreeMap<String, f64>>,
    model: Option<PyRef<'_, PyModel>>,
    labels: Option<&Bound<'_, PyAny>>,
    default_region: Option<&str>,
    approximate: bool,
    progress: bool,
) -> PyResult<PyMatches> {
    let (left, right) = (table(left, "left")?, table(right, "right")?);
    if let Some(id) = &left_id {
        left.column(id).or_raise(py)?;
    }
    if let Some(id) = &right_id {
        right.column(id).or_raise(py)?;
    }
    let top = if one_to_one { None } else { top };
    let ids = [left_id.as_deref(), right_id.as_deref()];
    let about =
        LabelledTables { left: &left, right: Some(&right), left_id: ids[0], right_id: ids[1] };
    let given = labels::labels(labels, &about, None)?;
    let unknown = given.warning();
    let options = Options {
        approximate,
        default_region: region(py, default_region)?,
        ..options(py, fields, ids, threshold, top, one_to_one, model.as_deref(), given.labels)?
    };
    let weights = weights.unwrap_or_default();
    let mut found = match groups(py, rules)? {
        Some(groups) => by_rules(py, progress, &left, Some(&right), &groups, &weights, &options)?,
        None => {
            no_weights(py, &weights)?;
            interruptible(py, progress, |watch| {
                pipeline::link(&left, Some(&right), &options, watch)
            })?
        }
    };
    found.warnings.extend(unknown);
    Ok(PyMatches { matches: Arc::new(found), left_id, right_id })
}

#[documented]
#[pyfunction]
#[pyo3(signature = (table, rules=None, *, fields=None, id=None, threshold=None, weights=None, model=None, labels=None, default_region=None, approximate=false, progress=true))]
pub fn dedupe(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    rules: Option<&Bound<'_, PyAny>>,
    fields: Option<&Bound<'_, PyAny>>,
    id: Option<String>,
    threshold: Option<Threshold>,
    weights: Option<BTreeMap<String, f64>>,
    model: Option<PyRef<'_, PyModel>>,
    labels: Option<&Bound<'_, PyAny>>,
    default_region: Option<&str>,
    approximate: bool,
    progress: bool,
) -> PyResult<PyDuplicates> {
    let own = self::table(table, "")?;
    if let Some(id) = &id {
        own.column(id).or_raise(py)?;
    }
    let about = LabelledTables { left: &own, right: None, left_id: id.as_deref(), right_id: None };
    let given = labels::labels(labels, &about, None)?;
    let unknown = given.warning();
    let options = Options {
        approximate,
        default_region: region(py, default_region)?,
        spanning: true,
        ..options(
            py,
            fields,
            [id.as_deref(), None],
            threshold,
            None,
            false,
            model.as_deref(),
            given.labels,
        )?
    };
    let weights = weights.unwrap_or_default();
    let groups = groups(py, rules)?;
    if groups.is_none() {
        no_weights(py, &weights)?;
    }
    let mut found = match &groups {
        Some(groups) => by_rules(py, progress, &own, None, groups, &weights, &options)?,
        None => interruptible(py, progress, |watch| pipeline::link(&own, None, &options, watch))?,
    };
    found.warnings.extend(unknown);
    let clusters = interruptible(py, false, |_| Ok(cluster::clusters(&found)))?;
    let matches = PyMatches { matches: Arc::new(found), left_id: id.clone(), right_id: id };
    Ok(PyDuplicates { matches, clusters: Arc::new(clusters) })
}

#[documented]
#[pyfunction]
#[pyo3(signature = (left, right=None, *, fields=None, left_id=None, right_id=None, labels=None, default_region=None, progress=true))]
pub fn learn(
    py: Python<'_>,
    left: &Bound<'_, PyAny>,
    right: Option<&Bound<'_, PyAny>>,
    fields: Option<&Bound<'_, PyAny>>,
    left_id: Option<String>,
    right_id: Option<String>,
    labels: Option<&Bound<'_, PyAny>>,
    default_region: Option<&str>,
    progress: bool,
) -> PyResult<PyModel> {
    tables::check(left, "left")?;
    let left = table(left, if right.is_some() { "left" } else { "" })?;
    let right = right.map(|right| table(right, "right")).transpose()?;
    let about = LabelledTables {
        left: &left,
        right: right.as_ref(),
        left_id: left_id.as_deref(),
        right_id: right_id.as_deref(),
    };
    let labels = labels::labels(labels, &about, None)?.labels;
    let options = options(
        py,
        fields,
        [left_id.as_deref(), right_id.as_deref()],
        None,
        Some(1),
        false,
        None,
        labels,
    )?;
    let options = Options { default_region: region(py, default_region)?, ..options };
    let model = interruptible(py, progress, |watch| {
        linkage::learn(&left, right.as_ref(), &options, watch)
    })?;
    Ok(PyModel(Arc::new(model)))
}

#[documented]
#[pyfunction]
#[pyo3(signature = (a, b=None, rules=None, *, left=None, right=None, fields=None, left_id=None, right_id=None, threshold=None, top=Some(1), one_to_one=false, weights=None, model=None, labels=None, default_region=None))]
pub fn explain(
    py: Python<'_>,
    a: &Bound<'_, PyAny>,
    b: Option<&Bound<'_, PyAny>>,
    rules: Option<&Bound<'_, PyAny>>,
    left: Option<Row>,
    right: Option<Row>,
    fields: Option<&Bound<'_, PyAny>>,
    left_id: Option<String>,
    right_id: Option<String>,
    threshold: Option<Threshold>,
    #[pyo3(from_py_with = whole::optional::top)] top: Option<usize>,
    one_to_one: bool,
    weights: Option<BTreeMap<String, f64>>,
    model: Option<PyRef<'_, PyModel>>,
    labels: Option<&Bound<'_, PyAny>>,
    default_region: Option<&str>,
) -> PyResult<PyExplanation> {
    let a = one_row(a, "a")?;
    let b = b.map(|b| one_row(b, "b")).transpose()?;
    let first = || Row::Number(0);
    let left = left.unwrap_or_else(first);
    let right = right.unwrap_or(Row::Number(u32::from(b.is_none())));
    let matches = match &b {
        Some(b) => match_(
            py,
            &a,
            b,
            rules,
            fields,
            left_id,
            right_id,
            threshold,
            top,
            one_to_one,
            weights,
            model,
            labels,
            default_region,
            false,
            false,
        )?,
        None => {
            dedupe(
                py,
                &a,
                rules,
                fields,
                left_id,
                threshold,
                weights,
                model,
                labels,
                default_region,
                false,
                false,
            )?
            .matches
        }
    };
    matches.explain_rows(py, &left, &right)
}

/// A record as a table of one row. Tables are returned as they are.
fn one_row<'py>(given: &Bound<'py, PyAny>, argument: &str) -> PyResult<Bound<'py, PyAny>> {
    let py = given.py();
    let Ok(record) = given.cast::<PyDict>() else {
        tables::check(given, argument)?;
        return Ok(given.clone());
    };
    let (mut columns, mut names) = (Vec::new(), Vec::new());
    for (name, value) in record.iter() {
        let name = name.extract::<String>();
        names.push(name.map_err(|_| wrong(argument, "a dict of str to values", given))?);
        let text = if value.is_none() { None } else { Some(value.str()?.to_str()?.to_owned()) };
        columns.push(Arc::new(StringArray::from(vec![text])) as ArrayRef);
    }
    let named = names.iter().map(String::as_str).zip(columns);
    let nullable = named.map(|(name, column)| (name, column, true));
    let batch =
        RecordBatch::try_from_iter_with_nullable(nullable).map_err(|error| to_py(py, error))?;
    Ok(OutTable::convert(py, batch.into())?.into_bound(py))
}
