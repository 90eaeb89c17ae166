//! `client.suppress`: the ledger's suppression list.

use std::collections::BTreeMap;

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use crate::{
    answers::values::to_python,
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::suppression,
};
use lantern::ledger::suppression::Identifier;

#[two_ways]
pub struct PySuppression(pub Shared);

#[two_ways]
impl PySuppression {
    fn add(&self, py: Python<'_>, entries: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let (shared, entries) = (self.0.clone(), suppression::entries(entries, "entries")?);
        let work = async move { shared.ledger()?.run(move |store| store.suppress(&entries)).await };
        Self::drive(py, work, |py, count| to_python(py, &count))
    }

    fn remove(&self, py: Python<'_>, entries: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let (shared, entries) = (self.0.clone(), suppression::entries(entries, "entries")?);
        let work =
            async move { shared.ledger()?.run(move |store| store.unsuppress(&entries)).await };
        Self::drive(py, work, |py, count| to_python(py, &count))
    }

    fn has(&self, py: Python<'_>, text: String) -> PyResult<Py<PyAny>> {
        let shared = self.0.clone();
        let work = async move {
            shared.ledger()?.run(move |store| Ok(store.suppressed(None)?.has_text(&text))).await
        };
        Self::drive(py, work, |py, has| to_python(py, &has))
    }

    fn list(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let shared = self.0.clone();
        let work = async move { shared.ledger()?.run(|store| store.suppressed_kinds()).await };
        Self::drive(py, work, |py, kinds| {
            let known = Identifier::ALL.iter().map(|kind| (*kind, 0));
            let counts: BTreeMap<&str, u64> =
                known.chain(kinds).map(|(kind, count)| (kind.name(), count)).collect();
            to_python(py, &counts)
        })
    }
}
