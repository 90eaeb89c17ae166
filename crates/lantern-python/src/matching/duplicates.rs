//! `lantern.Duplicates`: the rows of a table in clusters.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
};

use arrow::array::RecordBatch;
use lantern_python_macros::documented;
use pyo3::{
    prelude::*,
    types::{PyCapsule, PyDict},
};

use super::{
    labels::as_table,
    matches::{PyMatches, stream},
};
use crate::conversion::{errors::OrRaise, expected::wrong, tables::OutTable};
use lantern::matching::{
    error::Result,
    results::{
        golden::{self, Strategy},
        stable, table,
    },
    tables::Table,
};

/// A cluster: its number, its rows, and its pairs (positions among these rows, and the confidence).
type Graph = (u64, Vec<usize>, Vec<(usize, usize, f64)>);

#[documented]
#[pyclass(name = "Duplicates", module = "lantern", frozen)]
pub struct PyDuplicates {
    pub matches: PyMatches,
    pub clusters: Arc<Vec<u64>>,
}

impl PyDuplicates {
    fn batch(&self) -> Result<RecordBatch> {
        let ids = self.matches.left_id.as_deref().map(|id| (&self.matches.matches.left, id));
        table::clusters(&self.clusters, ids)
    }

    /// How the clusters of an earlier run have changed.
    fn compared(&self, yesterday: &Table) -> Result<stable::ComparedClusters> {
        let id = self.matches.left_id.as_deref();
        stable::ComparedClusters::of(&self.clusters, &self.matches.matches.left, id, yesterday)
    }
}

/// Reads the clusters of an earlier run.
fn earlier(before: &Bound<'_, PyAny>) -> PyResult<Table> {
    let table = as_table(before)?.map(|(table, _)| table);
    let expected = "the Duplicates of an earlier run, or a table or a file of it";
    table.ok_or_else(|| wrong("before", expected, before))
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
        self.matches.clone()
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

    #[pyo3(signature = (n=50, path=None))]
    fn review(&self, py: Python<'_>, n: usize, path: Option<PathBuf>) -> PyResult<Py<PyAny>> {
        self.matches.review(py, n, path)
    }

    fn since(&self, py: Python<'_>, before: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let yesterday = earlier(before)?;
        let batch = py.detach(|| self.compared(&yesterday)?.table()).or_raise(py)?;
        OutTable::convert(py, batch.into())
    }

    fn stable(&self, py: Python<'_>, before: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let yesterday = earlier(before)?;
        let rows = || self.compared(&yesterday)?.rows(&self.batch()?, &self.clusters);
        OutTable::convert(py, py.detach(rows).or_raise(py)?.into())
    }

    /// The rows of the largest clusters and the pairs in them, for display.
    fn _graphs(&self, most: usize, rows: usize) -> Vec<Graph> {
        let mut members: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (row, &cluster) in self.clusters.iter().enumerate() {
            members.entry(cluster).or_default().push(row);
        }
        let mut large: Vec<(u64, Vec<usize>)> =
            members.into_iter().filter(|(_, of)| (2..=rows).contains(&of.len())).collect();
        large.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(&b.0)));
        large.truncate(most);
        let matches = &self.matches.matches;
        large
            .into_iter()
            .map(|(cluster, of)| {
                let place: HashMap<usize, usize> =
                    of.iter().enumerate().map(|(at, &row)| (row, at)).collect();
                let mut edges = Vec::new();
                for &row in &of {
                    let left = u32::try_from(row).unwrap_or(u32::MAX);
                    let begin = matches.all.partition_point(|found| found.left < left);
                    let pairs = matches.all[begin..].iter().take_while(|found| found.left == left);
                    for found in pairs {
                        if let Some(&other) = place.get(&(found.right as usize)) {
                            edges.push((place[&row], other, found.confidence));
                        }
                    }
                }
                (cluster, of, edges)
            })
            .collect()
    }

    fn plot_clusters(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        Ok(slf.py().import("lantern._cluster_plots")?.call_method1("graphs", (slf,))?.unbind())
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
