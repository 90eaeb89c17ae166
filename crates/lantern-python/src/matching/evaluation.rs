//! `lantern.evaluate`: measures how good matches are.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use lantern_python_macros::documented;
use pyo3::{prelude::*, types::PyDict};

use super::{duplicates::PyDuplicates, interruptible::interruptible, labels, matches::PyMatches};
use crate::conversion::{
    errors::{OrRaise, to_py},
    expected::wrong,
    tables::OutTable,
};
use lantern::matching::{
    evaluate::{
        Bin, Calibrated, ClusterMeasures, Curve, Interval, Truth, blocking,
        calibration::calibration, clusters, curve::curve, errors, judged,
    },
    labels::table::LabelledTables,
};

#[documented]
#[pyclass(name = "Evaluation", module = "lantern", frozen)]
pub struct PyEvaluation {
    matches: PyMatches,
    truth: Truth,
    curve: Curve,
    calibrated: Calibrated,
    clusters: Option<ClusterMeasures>,
    warnings: Vec<String>,
}

#[documented]
#[pyfunction]
#[pyo3(signature = (matches, truth, *, complete=None))]
pub fn evaluate(
    py: Python<'_>,
    matches: &Bound<'_, PyAny>,
    truth: &Bound<'_, PyAny>,
    complete: Option<bool>,
) -> PyResult<PyEvaluation> {
    let (matches, clustered) = if let Ok(of) = matches.cast::<PyDuplicates>() {
        let of = of.get();
        (of.matches.clone(), Some(Arc::clone(&of.clusters)))
    } else if let Ok(of) = matches.cast::<PyMatches>() {
        (of.get().clone(), None)
    } else {
        return Err(wrong("matches", "the result of lantern.match or lantern.dedupe", matches));
    };
    let all = &matches.matches;
    let about = LabelledTables {
        left: &all.left,
        right: all.right.as_ref(),
        left_id: matches.left_id.as_deref(),
        right_id: matches.right_id.as_deref().filter(|_| all.right.is_some()),
    };
    let given = labels::labels(Some(truth), &about, Some(true))?;
    let decided = given.decided;
    let (known, unknown) = given.known().or_raise(py)?;
    // A table of decisions, and a list that contains pairs which do not match, is a sample; otherwise it
    // contains all pairs that match.
    let complete = complete.unwrap_or_else(|| !decided && known.iter().all(|&(.., is)| is));
    let all = Arc::clone(all);
    let (truth, curve, calibrated, clusters) = interruptible(py, false, move |_| {
        let truth = Truth::of(&all, &known, complete)?;
        let measured = truth
            .entities
            .as_ref()
            .zip(clustered)
            .map(|(entities, clustered)| clusters::measure(&clustered, entities));
        let judged = judged(&all, &truth);
        let (curve, calibrated) = (curve(&all, &truth, &judged), calibration(&judged));
        Ok((truth, curve, calibrated, measured))
    })?;
    let warnings = unknown.into_iter().collect();
    Ok(PyEvaluation { matches, truth, curve, calibrated, clusters, warnings })
}

type Share = Option<(f64, f64, f64)>;

fn share(of: Option<Interval>) -> Share {
    of.map(|of| (of.value, of.low, of.high))
}

fn numbers(of: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(of.collect::<Float64Array>())
}

fn counts(of: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(of))
}

fn to_table(py: Python<'_>, columns: Vec<(&str, ArrayRef)>) -> PyResult<Py<PyAny>> {
    let batch = RecordBatch::try_from_iter(columns).map_err(|error| to_py(py, error))?;
    OutTable::convert(py, batch.into())
}

#[documented]
#[pymethods]
impl PyEvaluation {
    #[getter]
    fn precision(&self) -> Option<f64> {
        self.curve.at.precision.map(|of| of.value)
    }

    #[getter]
    fn recall(&self) -> Option<f64> {
        self.curve.at.recall.map(|of| of.value)
    }

    #[getter]
    fn f1(&self) -> Option<f64> {
        self.curve.at.f1.map(|of| of.value)
    }

    #[getter]
    fn calibration_error(&self) -> Option<f64> {
        self.calibrated.error
    }

    fn summary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let summary = PyDict::new(py);
        let at = &self.curve.at;
        summary.set_item("threshold", at.threshold)?;
        summary.set_item("matches", at.matches)?;
        summary.set_item("hits", at.hits)?;
        summary.set_item("precision", share(at.precision))?;
        summary.set_item("recall", share(at.recall))?;
        summary.set_item("f1", share(at.f1))?;
        summary.set_item("calibration_error", self.calibrated.error)?;
        let clusters = PyDict::new(py);
        if let Some(of) = &self.clusters {
            clusters.set_item("pairwise_precision", of.pairwise_precision)?;
            clusters.set_item("pairwise_recall", of.pairwise_recall)?;
            clusters.set_item("pairwise_f1", of.pairwise_f1())?;
            clusters.set_item("b_cubed_precision", of.b_cubed_precision)?;
            clusters.set_item("b_cubed_recall", of.b_cubed_recall)?;
            clusters.set_item("b_cubed_f1", of.b_cubed_f1())?;
            clusters.set_item("exact", of.exact)?;
            clusters.set_item("clusters", of.clusters)?;
            clusters.set_item("entities", of.entities)?;
        }
        summary.set_item("clusters", self.clusters.map(|_| clusters))?;
        summary.set_item("warnings", &self.warnings)?;
        Ok(summary)
    }

    fn table(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        OutTable::convert(py, self.curve.table().or_raise(py)?.into())
    }

    fn calibration(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let bins = &self.calibrated.bins;
        let number = |of: fn(&Bin) -> f64| numbers(bins.iter().map(move |bin| Some(of(bin))));
        to_table(
            py,
            vec![
                ("from", number(|bin| bin.from)),
                ("to", number(|bin| bin.to)),
                ("matches", counts(bins.iter().map(|bin| bin.matches))),
                ("confidence", number(|bin| bin.confidence)),
                ("share", number(|bin| bin.share.value)),
                ("share_low", number(|bin| bin.share.low)),
                ("share_high", number(|bin| bin.share.high)),
            ],
        )
    }

    fn blocking_recall(&self, py: Python<'_>) -> PyResult<Share> {
        let recall =
            interruptible(py, false, |_| Ok(blocking::recall(&self.matches.matches, &self.truth)))?;
        Ok(share(recall))
    }

    #[pyo3(signature = (n=20))]
    fn errors(&self, py: Python<'_>, n: usize) -> PyResult<Py<PyAny>> {
        let found =
            interruptible(py, false, |_| errors::costly(&self.matches.matches, &self.truth, n))?;
        let of = |at: usize| &found[at].explanation;
        let text = |of: &dyn Fn(usize) -> String| -> ArrayRef {
            Arc::new((0..found.len()).map(|at| Some(of(at))).collect::<StringArray>())
        };
        let places = || 0..found.len();
        to_table(
            py,
            vec![
                ("mistake", text(&|at| found[at].mistake.name().to_owned())),
                ("cost", numbers(places().map(|at| Some(found[at].cost)))),
                ("left", counts(places().map(|at| u64::from(of(at).left)))),
                ("right", counts(places().map(|at| u64::from(of(at).right)))),
                ("confidence", numbers(places().map(|at| Some(of(at).confidence)))),
                ("sentence", text(&|at| of(at).sentence.clone())),
            ],
        )
    }

    fn plot(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._evaluation_plots")?.call_method1("curve", (slf,))?.unbind())
    }

    fn plot_calibration(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf
            .py()
            .import("lantern._evaluation_plots")?
            .call_method1("calibration", (slf,))?
            .unbind())
    }

    fn __repr__(&self) -> String {
        let shown =
            |of: Option<Interval>| of.map_or("unknown".to_owned(), |of| format!("{:.3}", of.value));
        let at = &self.curve.at;
        format!(
            "<lantern.Evaluation: precision {}, recall {}, F1 {} at threshold {:.3}>",
            shown(at.precision),
            shown(at.recall),
            shown(at.f1),
            at.threshold
        )
    }

    fn _repr_html_(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf
            .py()
            .import("lantern._evaluation_plots")?
            .call_method1("evaluation_html", (slf,))?
            .unbind())
    }
}
