//! `lantern.match`, `lantern.dedupe` and `lantern.learn`: tables in, matches out.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use arrow::{
    array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array},
    compute::{concat_batches, take},
    datatypes::{DataType, Field, Schema},
};
use lantern_python_docs::documented;
use pyo3::{
    exceptions::{PyIndexError, PyTypeError},
    prelude::*,
    types::{PyCapsule, PyDict, PyList, PyString, PyTuple},
};

use crate::{
    conversion::errors::{OrRaise, to_py},
    conversion::tables::{self, OutTable},
    show::progress::Rows,
};
use lantern::{
    matching::{
        error::{Error, Result},
        linkage::{self, learn::Model},
        normalize::{NormalizeError, PhoneRegion},
        options::{self, Options, Watch},
        pipeline::{self, match_bound},
        results::{
            cluster,
            explain::{self, Explanation},
            golden::{self, Strategy},
            matches::{Matches, Method},
            table,
        },
        rules::{FieldRule, InvalidRule, Operator, RuleSet},
        tables::{FieldSpec, Kind, Table},
    },
    process::threads,
};

/// How often Python is asked whether to go on.
const LOOK: Duration = Duration::from_millis(50);

/// Work that Ctrl-C stops.
#[derive(Default)]
struct Stoppable {
    stopped: AtomicBool,
    done: AtomicU64,
    of: AtomicU64,
}

impl Watch for Stoppable {
    fn look(&self, done: u64, of: u64) -> Result<()> {
        self.done.store(done, Ordering::Relaxed);
        self.of.store(of, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) { Err(Error::interrupted()) } else { Ok(()) }
    }
}

/// Runs `work` on the threads of this process with the interpreter lock released; signals stop it,
/// and long work shows a bar.
pub fn watched<T: Send>(
    py: Python<'_>,
    progress: bool,
    work: impl FnOnce(&dyn Watch) -> Result<T> + Send,
) -> PyResult<T> {
    let watch = Stoppable::default();
    let mut bar = progress.then(Rows::begin);
    let mut raised = None;
    let done = py.detach(|| {
        std::thread::scope(|scope| {
            let (send, receive) = mpsc::channel();
            let watching = &watch;
            scope.spawn(move || {
                let _ = send.send(threads::run(|| work(watching)));
            });
            loop {
                match receive.recv_timeout(LOOK) {
                    Ok(done) => return Some(done),
                    Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                    Err(mpsc::RecvTimeoutError::Timeout) => {
                        let looked = Python::attach(|py| {
                            if let Some(bar) = &mut bar {
                                let (done, of) = (
                                    watch.done.load(Ordering::Relaxed),
                                    watch.of.load(Ordering::Relaxed),
                                );
                                bar.show(py, done, of)?;
                            }
                            py.check_signals()
                        });
                        if let Err(error) = looked {
                            watch.stopped.store(true, Ordering::Relaxed);
                            raised.get_or_insert(error);
                        }
                    }
                }
            }
        })
    });
    if let Some(bar) = &bar {
        bar.end();
    }
    if let Some(error) = raised {
        return Err(error);
    }
    match done {
        Some(done) => done.or_raise(py),
        None => Err(to_py(
            py,
            Error::input(
                "matching ended without a result; please report the tables that it was given",
            ),
        )),
    }
}

pub fn table(given: &Bound<'_, PyAny>, side: &'static str) -> PyResult<Table> {
    let py = given.py();
    let module: String = given.get_type().getattr("__module__")?.extract()?;
    let collected;
    let given = if module.split('.').next() == Some("polars") && given.hasattr("collect")? {
        collected = given.call_method0("collect")?;
        &collected
    } else {
        given
    };
    let (batches, schema) = tables::read(given)?;
    Table::new(schema, batches, side).or_raise(py)
}

fn names(given: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<String>> {
    if let Ok(one) = given.cast::<PyString>() {
        return Ok(vec![one.to_str()?.to_owned()]);
    }
    given.extract::<Vec<String>>().map_err(|_| {
        PyTypeError::new_err(format!(
            "{what} is a column's name or a list of names, and this is a {}",
            given.get_type()
        ))
    })
}

/// Reads `fields`: a name to a column, a pair of columns, or a mapping with left, right and kind.
pub fn fields(py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<FieldSpec>> {
    let Some(given) = given else { return Ok(Vec::new()) };
    if let Ok(list) = given.cast::<PyList>() {
        return list
            .iter()
            .map(|name| {
                let name: String = name.extract()?;
                Ok(FieldSpec::new(&name, None, &name, &name))
            })
            .collect();
    }
    let mapping = given.cast::<PyDict>().map_err(|_| {
        PyTypeError::new_err(
            "fields is a list of columns, or a mapping such as {'company': ('company_name', 'name')}",
        )
    })?;
    mapping
        .iter()
        .map(|(name, value)| {
            let name: String = name.extract()?;
            let what = format!("fields['{name}']");
            let mut spec = FieldSpec { name, kind: None, left: Vec::new(), right: Vec::new() };
            if let Ok(parts) = value.cast::<PyDict>() {
                for (part, value) in parts.iter() {
                    match part.extract::<String>()?.as_str() {
                        "left" => spec.left = names(&value, &what)?,
                        "right" => spec.right = names(&value, &what)?,
                        "columns" => {
                            spec.left = names(&value, &what)?;
                            spec.right = spec.left.clone();
                        }
                        "kind" => {
                            spec.kind =
                                Some(value.extract::<String>()?.parse::<Kind>().or_raise(py)?)
                        }
                        other => {
                            return Err(to_py(
                                py,
                                Error::input(format!(
                                    "{what} has left, right, columns and kind, and not '{other}'"
                                )),
                            ));
                        }
                    }
                }
            } else if let Ok(pair) = value.cast::<PyTuple>() {
                if !(2..=3).contains(&pair.len()) {
                    return Err(to_py(
                        py,
                        Error::input(format!("{what} is (left, right) or (left, right, kind)")),
                    ));
                }
                spec.left = names(&pair.get_item(0)?, &what)?;
                spec.right = names(&pair.get_item(1)?, &what)?;
                if pair.len() == 3 {
                    spec.kind =
                        Some(pair.get_item(2)?.extract::<String>()?.parse::<Kind>().or_raise(py)?);
                }
            } else {
                spec.left = names(&value, &what)?;
                spec.right = spec.left.clone();
            }
            if spec.left.is_empty() {
                spec.left = vec![spec.name.clone()];
            }
            if spec.right.is_empty() {
                spec.right = spec.left.clone();
            }
            Ok(spec)
        })
        .collect()
}

/// Reads rules: a list of rules that must all hold, or a list of such lists of which one must.
pub fn groups(
    py: Python<'_>,
    given: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<Vec<Vec<FieldRule>>>> {
    let Some(given) = given else { return Ok(None) };
    let rule = |text: &Bound<'_, PyAny>| -> PyResult<FieldRule> {
        let text: String = text.extract().map_err(|_| {
            PyTypeError::new_err(format!(
                "a rule is text such as 'email:eq', and this is a {}",
                text.get_type()
            ))
        })?;
        text.parse::<FieldRule>().map_err(|error| to_py(py, Error::input(error.to_string())))
    };
    if let Ok(one) = given.cast::<PyString>() {
        return Ok(Some(vec![vec![rule(one.as_any())?]]));
    }
    let mut simple = Vec::new();
    let mut grouped = Vec::new();
    for item in given.try_iter()? {
        let item = item?;
        if item.is_instance_of::<PyString>() {
            simple.push(rule(&item)?);
        } else {
            let rules = match item.cast::<PyDict>() {
                Ok(group) => group.get_item("all")?.ok_or_else(|| {
                    to_py(py, Error::input("a group of rules is a list, or {'all': [...]}"))
                })?,
                Err(_) => item,
            };
            grouped.push(rules.try_iter()?.map(|text| rule(&text?)).collect::<PyResult<Vec<_>>>()?);
        }
    }
    match (simple.is_empty(), grouped.is_empty()) {
        (false, false) => Err(to_py(
            py,
            Error::input(
                "rules are a list of rules, or a list of groups, and not both; put single rules into groups of their own",
            ),
        )),
        (true, false) => Ok(Some(grouped)),
        _ => Ok(Some(vec![simple])),
    }
}

/// Matches by rules; what would take long is said before it begins.
fn by_rules(
    py: Python<'_>,
    progress: bool,
    left: &Table,
    right: Option<&Table>,
    groups: &[Vec<FieldRule>],
    weights: &BTreeMap<String, f64>,
    options: &Options,
) -> PyResult<Matches> {
    let (rules, plans) = watched(py, false, |_| {
        options::check(options.threshold, options.top)?;
        let rules = RuleSet::bind(left, right, groups, &options.fields, weights)?;
        let plans = rules.plan();
        Ok((rules, plans))
    })?;
    // Approximately, what would be compared all with all is not.
    let slow = plans.into_iter().filter(|plan| plan.scan.is_none() || !options.approximate);
    for warning in slow.filter_map(|plan| plan.warning) {
        py.import("warnings")?.call_method1("warn", (warning,))?;
    }
    watched(py, progress, |watch| match_bound(left, right, rules, options, watch))
}

#[expect(clippy::too_many_arguments, reason = "these are the keywords of a Python function")]
pub fn options(
    py: Python<'_>,
    given_fields: Option<&Bound<'_, PyAny>>,
    ids: [Option<&str>; 2],
    threshold: Option<f64>,
    top: Option<usize>,
    one_to_one: bool,
    model: Option<&PyModel>,
    labels: Option<&Bound<'_, PyAny>>,
) -> PyResult<Options> {
    let labels = match labels {
        None => Vec::new(),
        Some(labels) => labels
            .try_iter()?
            .map(|label| label?.extract::<(u32, u32, bool)>())
            .collect::<PyResult<_>>()
            .map_err(|_| {
                PyTypeError::new_err(
                    "labels are (left row, right row, whether they match), such as [(0, 5, True)]",
                )
            })?,
    };
    Ok(Options {
        fields: fields(py, given_fields)?,
        ids: ids.into_iter().flatten().map(str::to_owned).collect(),
        threshold,
        top,
        one_to_one,
        model: model.map(|model| (*model.0).clone()),
        labels,
        ..Options::default()
    })
}

/// The region of phone numbers without a country code.
fn region(py: Python<'_>, given: Option<&str>) -> PyResult<Option<PhoneRegion>> {
    given
        .map(|region| {
            region.parse().map_err(|error: NormalizeError| {
                to_py(py, Error::input(error.to_string()).with_column("default_region"))
            })
        })
        .transpose()
}

#[documented]
#[pyfunction]
#[pyo3(
    name = "match",
    signature = (left, right, rules=None, *, fields=None, left_id=None, right_id=None, threshold=None, top=Some(1), one_to_one=false, weights=None, model=None, labels=None, default_region=None, approximate=false, progress=true),
    text_signature = "(left, right, rules=None, *, fields=None, left_id=None, right_id=None, threshold=None, top=1, one_to_one=False, weights=None, model=None, labels=None, default_region=None, approximate=False, progress=True)"
)]
#[expect(clippy::too_many_arguments, reason = "these are the keywords of a Python function")]
pub fn match_(
    py: Python<'_>,
    left: &Bound<'_, PyAny>,
    right: &Bound<'_, PyAny>,
    rules: Option<&Bound<'_, PyAny>>,
    fields: Option<&Bound<'_, PyAny>>,
    left_id: Option<String>,
    right_id: Option<String>,
    threshold: Option<f64>,
    top: Option<usize>,
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
    let options = Options {
        approximate,
        default_region: region(py, default_region)?,
        ..options(py, fields, ids, threshold, top, one_to_one, model.as_deref(), labels)?
    };
    let weights = weights.unwrap_or_default();
    let found = match groups(py, rules)? {
        Some(groups) => by_rules(py, progress, &left, Some(&right), &groups, &weights, &options)?,
        None => {
            no_weights(py, &weights)?;
            watched(py, progress, |watch| pipeline::link(&left, Some(&right), &options, watch))?
        }
    };
    Ok(PyMatches { matches: Arc::new(found), left_id, right_id })
}

pub fn no_weights(py: Python<'_>, weights: &BTreeMap<String, f64>) -> PyResult<()> {
    if weights.is_empty() {
        return Ok(());
    }
    Err(to_py(
        py,
        Error::input(
            "weights belong to rules; without rules they are learned, so leave weights out",
        ),
    ))
}

#[documented]
#[pyfunction]
#[pyo3(signature = (table, rules=None, *, fields=None, id=None, threshold=None, weights=None, model=None, labels=None, default_region=None, approximate=false, progress=true))]
#[expect(clippy::too_many_arguments, reason = "these are the keywords of a Python function")]
pub fn dedupe(
    py: Python<'_>,
    table: &Bound<'_, PyAny>,
    rules: Option<&Bound<'_, PyAny>>,
    fields: Option<&Bound<'_, PyAny>>,
    id: Option<String>,
    threshold: Option<f64>,
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
            labels,
        )?
    };
    let weights = weights.unwrap_or_default();
    let groups = groups(py, rules)?;
    if groups.is_none() {
        no_weights(py, &weights)?;
    }
    let found = match &groups {
        Some(groups) => by_rules(py, progress, &own, None, groups, &weights, &options)?,
        None => watched(py, progress, |watch| pipeline::link(&own, None, &options, watch))?,
    };
    let clusters = watched(py, false, |_| Ok(cluster::clusters(&found)))?;
    let matches = PyMatches { matches: Arc::new(found), left_id: id.clone(), right_id: id };
    Ok(PyDuplicates { matches, clusters: Arc::new(clusters) })
}

#[documented]
#[pyfunction]
#[pyo3(signature = (left, right=None, *, fields=None, left_id=None, right_id=None, labels=None, default_region=None, progress=true))]
#[expect(clippy::too_many_arguments, reason = "these are the keywords of a Python function")]
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
    let left = table(left, if right.is_some() { "left" } else { "" })?;
    let right = right.map(|right| table(right, "right")).transpose()?;
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
    let model =
        watched(py, progress, |watch| linkage::learn(&left, right.as_ref(), &options, watch))?;
    Ok(PyModel(Arc::new(model)))
}

/// A rule in its parts: field, operator, and the least similarity of a fuzzy one.
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
    let specs = self::fields(py, fields)?;
    let groups = groups(py, Some(rules))?.unwrap_or_default();
    let plans = watched(py, false, |_| {
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

/// The confidence of a match, and the values of both sides field by field.
type Shown = (f64, Vec<(String, Option<String>, Option<String>)>);

#[documented]
#[pyclass(name = "Matches", module = "lantern", frozen)]
pub struct PyMatches {
    matches: Arc<Matches>,
    left_id: Option<String>,
    right_id: Option<String>,
}

impl PyMatches {
    fn batch(&self) -> Result<RecordBatch> {
        table::matches(&self.matches, self.left_id.as_deref(), self.right_id.as_deref())
    }

    fn rows_of(py: Python<'_>, table: &Table, rows: &[u64]) -> PyResult<Py<PyAny>> {
        let batch = py
            .detach(|| -> Result<RecordBatch> {
                let whole = concat_batches(&table.schema, &table.batches)?;
                let rows = UInt64Array::from(rows.to_vec());
                let row = golden::Names::of(&table.schema).free("row");
                let mut fields = vec![Field::new(row, DataType::UInt64, false)];
                let mut columns: Vec<ArrayRef> = vec![Arc::new(rows.clone())];
                for (field, column) in whole.schema().fields().iter().zip(whole.columns()) {
                    fields.push(field.as_ref().clone());
                    columns.push(take(column, &rows, None)?);
                }
                Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
            })
            .or_raise(py)?;
        OutTable::convert(py, batch.into())
    }
}

/// A batch as the capsule of an Arrow stream.
fn stream<'py>(
    py: Python<'py>,
    batch: RecordBatch,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let table = OutTable::convert(py, batch.into())?;
    let capsule = table.bind(py).call_method1("__arrow_c_stream__", (requested_schema,))?;
    Ok(capsule.cast_into::<PyCapsule>()?)
}

#[documented]
#[pymethods]
impl PyMatches {
    fn __len__(&self) -> usize {
        self.matches.all.len()
    }

    /// The matches as an Arrow stream.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        stream(py, py.detach(|| self.batch()).or_raise(py)?, requested_schema)
    }

    fn table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        OutTable::convert(py, py.detach(|| self.batch()).or_raise(py)?.into())
    }

    fn unmatched_left(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Self::rows_of(py, &self.matches.left, &self.matches.unmatched_left())
    }

    fn unmatched_right(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Self::rows_of(py, self.matches.right_table(), &self.matches.unmatched_right())
    }

    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let matches = &self.matches;
        let summary = PyDict::new(py);
        let unmatched = matches.unmatched_left().len();
        summary.set_item("left_rows", matches.left.rows)?;
        summary.set_item("right_rows", matches.right_table().rows)?;
        summary.set_item("matches", matches.all.len())?;
        summary.set_item("matched_left", matches.left.rows - unmatched)?;
        summary.set_item("unmatched_left", unmatched)?;
        summary.set_item("unmatched_right", matches.unmatched_right().len())?;
        summary.set_item("compared", matches.compared)?;
        summary.set_item("threshold", matches.threshold)?;
        let sum: f64 = matches.all.iter().map(|found| found.confidence).sum();
        let mean = (!matches.all.is_empty()).then(|| sum / matches.all.len() as f64);
        summary.set_item("mean_confidence", mean)?;
        summary.set_item("recall", matches.recall)?;
        summary.set_item("warnings", &matches.warnings)?;
        Ok(summary)
    }

    fn explain(&self, py: Python<'_>, i: isize) -> PyResult<PyExplanation> {
        let count = self.matches.all.len();
        let at = if i < 0 { i + isize::try_from(count).unwrap_or(isize::MAX) } else { i };
        let at = usize::try_from(at).ok().filter(|&at| at < count).ok_or_else(|| {
            PyIndexError::new_err(format!(
                "there is no match {i}; there are {count}, counted from 0"
            ))
        })?;
        Ok(PyExplanation(self.matches.explain(at).or_raise(py)?))
    }

    #[getter]
    fn model(&self) -> Option<PyModel> {
        match &self.matches.method {
            Method::Learned { model, .. } => Some(PyModel(model.clone())),
            Method::Rules(_) => None,
        }
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("confidences", (slf,))?.unbind())
    }

    fn __repr__(&self) -> String {
        let matches = &self.matches;
        format!(
            "<lantern.Matches: {} of {} left rows matched, {} matches, threshold {}>",
            matches.left.rows - matches.unmatched_left().len(),
            matches.left.rows,
            matches.all.len(),
            matches.threshold
        )
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("matches_html", (slf,))?.unbind())
    }

    /// The values of both sides of the first matches, field by field, for showing.
    fn _shown(&self, py: Python<'_>, count: usize) -> PyResult<Vec<Shown>> {
        (0..count.min(self.matches.all.len()))
            .map(|at| {
                let explained = self.matches.explain(at).or_raise(py)?;
                let parts = explained
                    .contributions
                    .into_iter()
                    .filter(|part| part.left.is_some() || part.right.is_some())
                    .map(|part| (part.field, part.left, part.right))
                    .collect();
                Ok((explained.confidence, parts))
            })
            .collect()
    }
}

#[documented]
#[pyclass(name = "Explanation", module = "lantern", frozen)]
pub struct PyExplanation(Explanation);

#[documented]
#[pymethods]
impl PyExplanation {
    #[getter]
    fn left(&self) -> u32 {
        self.0.left
    }

    #[getter]
    fn right(&self) -> u32 {
        self.0.right
    }

    #[getter]
    fn confidence(&self) -> f64 {
        self.0.confidence
    }

    #[getter]
    fn sentence(&self) -> &str {
        &self.0.sentence
    }

    fn table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let parts = &self.0.contributions;
        let text = |of: &dyn Fn(usize) -> Option<String>| -> ArrayRef {
            Arc::new((0..parts.len()).map(of).collect::<StringArray>())
        };
        let batch = RecordBatch::try_from_iter([
            ("field", text(&|at| Some(parts[at].field.clone()))),
            ("left", text(&|at| parts[at].left.clone())),
            ("right", text(&|at| parts[at].right.clone())),
            ("agreement", text(&|at| Some(parts[at].agreement.clone()))),
            (
                "weight",
                Arc::new(Float64Array::from_iter_values(parts.iter().map(|part| part.weight)))
                    as ArrayRef,
            ),
        ])
        .map_err(|error| to_py(py, error))?;
        OutTable::convert(py, batch.into())
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("waterfall", (slf,))?.unbind())
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("explanation_html", (slf,))?.unbind())
    }

    fn __str__(&self) -> &str {
        &self.0.sentence
    }

    fn __repr__(&self) -> String {
        format!("<lantern.Explanation: {}>", self.0.sentence)
    }
}

#[documented]
#[pyclass(name = "Duplicates", module = "lantern", frozen)]
pub struct PyDuplicates {
    matches: PyMatches,
    clusters: Arc<Vec<u64>>,
}

impl PyDuplicates {
    fn batch(&self) -> Result<RecordBatch> {
        let ids = self.matches.left_id.as_deref().map(|id| (&self.matches.matches.left, id));
        table::clusters(&self.clusters, ids)
    }
}

#[documented]
#[pymethods]
impl PyDuplicates {
    fn __len__(&self) -> usize {
        self.clusters.len()
    }

    /// The cluster of each row as an Arrow stream.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        stream(py, py.detach(|| self.batch()).or_raise(py)?, requested_schema)
    }

    fn table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        OutTable::convert(py, py.detach(|| self.batch()).or_raise(py)?.into())
    }

    #[getter]
    fn pairs(&self) -> PyMatches {
        PyMatches {
            matches: self.matches.matches.clone(),
            left_id: self.matches.left_id.clone(),
            right_id: self.matches.right_id.clone(),
        }
    }

    #[pyo3(signature = (strategy="most_frequent", *, columns=None, provenance=true))]
    fn golden(
        &self,
        py: Python<'_>,
        strategy: &str,
        columns: Option<BTreeMap<String, String>>,
        provenance: bool,
    ) -> PyResult<Py<PyAny>> {
        let default: Strategy = strategy.parse().or_raise(py)?;
        let by_column = columns
            .unwrap_or_default()
            .into_iter()
            .map(|(name, strategy)| Ok((name, strategy.parse::<Strategy>()?)))
            .collect::<Result<BTreeMap<_, _>>>()
            .or_raise(py)?;
        let left = &self.matches.matches.left;
        let batch = py
            .detach(|| golden::golden(left, &self.clusters, &default, &by_column, provenance))
            .or_raise(py)?;
        OutTable::convert(py, batch.into())
    }

    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let summary = PyDict::new(py);
        let clusters = self.clusters.iter().max().map_or(0, |most| most + 1);
        summary.set_item("rows", self.clusters.len())?;
        summary.set_item("clusters", clusters)?;
        summary.set_item("duplicates", self.clusters.len() as u64 - clusters)?;
        summary.set_item("pairs", self.matches.matches.all.len())?;
        summary.set_item("compared", self.matches.matches.compared)?;
        summary.set_item("threshold", self.matches.matches.threshold)?;
        summary.set_item("recall", self.matches.matches.recall)?;
        summary.set_item("warnings", &self.matches.matches.warnings)?;
        Ok(summary)
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("clusters", (slf,))?.unbind())
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("duplicates_html", (slf,))?.unbind())
    }

    fn __repr__(&self) -> String {
        let clusters = self.clusters.iter().max().map_or(0, |most| most + 1);
        format!("<lantern.Duplicates: {} rows in {clusters} clusters>", self.clusters.len())
    }
}

#[documented]
#[pyclass(name = "Model", module = "lantern", frozen)]
pub struct PyModel(pub Arc<Model>);

#[documented]
#[pymethods]
impl PyModel {
    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        Ok(Self(Arc::new(Model::from_json(text).or_raise(py)?)))
    }

    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let text = std::fs::read_to_string(&path).map_err(|error| {
            to_py(py, Error::input(format!("the model {} cannot be read: {error}", path.display())))
        })?;
        Self::from_json(py, &text)
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.0.to_json().or_raise(py)
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let text = self.0.to_json().or_raise(py)?;
        std::fs::write(&path, text).map_err(|error| {
            to_py(
                py,
                Error::input(format!("the model {} cannot be written: {error}", path.display())),
            )
        })
    }

    fn table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let mut field = Vec::new();
        let (mut kind, mut agreement) = (Vec::new(), Vec::new());
        let (mut m, mut u) = (Vec::new(), Vec::new());
        for model in &self.0.fields {
            for level in 1..model.levels {
                let contexts = model.m.len() / model.levels;
                let mean = |of: &[f64]| {
                    (0..contexts).map(|context| of[context * model.levels + level]).sum::<f64>()
                        / contexts as f64
                };
                field.push(model.name.clone());
                kind.push(model.kind.name());
                let level_number = u8::try_from(level).unwrap_or(u8::MAX);
                agreement.push(explain::agreement(model.kind, level_number));
                m.push(mean(&model.m));
                let counted = level == 1 || model.kind.comparison().is_by_words();
                u.push((!counted).then(|| mean(&model.u)));
            }
        }
        let batch = RecordBatch::try_from_iter([
            ("field", Arc::new(StringArray::from(field)) as ArrayRef),
            ("kind", Arc::new(StringArray::from(kind)) as ArrayRef),
            ("agreement", Arc::new(StringArray::from(agreement)) as ArrayRef),
            ("m", Arc::new(Float64Array::from(m)) as ArrayRef),
            ("u", Arc::new(Float64Array::from(u)) as ArrayRef),
        ])
        .map_err(|error| to_py(py, error))?;
        OutTable::convert(py, batch.into())
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._plots")?.call_method1("model", (slf,))?.unbind())
    }

    #[getter]
    fn matched(&self) -> f64 {
        self.0.matched
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, (String,))> {
        let py = slf.py();
        Ok((slf.get_type().getattr("from_json")?.unbind(), (slf.get().to_json(py)?,)))
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn __repr__(&self) -> String {
        let fields: Vec<String> =
            self.0.fields.iter().map(|field| format!("{} ({})", field.name, field.kind)).collect();
        format!("<lantern.Model: {}; {:.3} matched>", fields.join(", "), self.0.matched)
    }
}
