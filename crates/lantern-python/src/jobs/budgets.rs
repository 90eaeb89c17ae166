//! `client.budgets`: budgets above jobs.

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use crate::{
    answers::values::to_python,
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::{errors::OrRaise, whole_numbers as whole},
};
use lantern::{
    error::Result,
    ledger::{Per, Store},
};

#[two_ways]
pub struct PyBudgets(pub Shared);

/// Runs an operation on the ledger of a client.
async fn with<T: Send + 'static>(
    shared: Shared,
    work: impl FnOnce(&dyn Store) -> Result<T> + Send + 'static,
) -> Result<T> {
    shared.ledger()?.run(work).await
}

#[two_ways]
impl PyBudgets {
    #[pyo3(signature = (name, *, max_credits, per=None))]
    fn set(
        &self,
        py: Python<'_>,
        name: String,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        per: Option<&str>,
    ) -> PyResult<Py<PyAny>> {
        let per: Option<Per> = per.map(str::parse).transpose().or_raise(py)?;
        let work = with(self.0.clone(), move |store| store.set_budget(&name, max_credits, per));
        Self::drive(py, work, |py, budget| to_python(py, &budget))
    }

    fn get(&self, py: Python<'_>, name: String) -> PyResult<Py<PyAny>> {
        let work = with(self.0.clone(), move |store| store.budget(&name));
        Self::drive(py, work, |py, budget| to_python(py, &budget))
    }

    fn list(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let work = with(self.0.clone(), |store| store.budgets());
        Self::drive(py, work, |py, budgets| to_python(py, &budgets))
    }

    fn rename(&self, py: Python<'_>, name: String, new: String) -> PyResult<Py<PyAny>> {
        let work = with(self.0.clone(), move |store| store.rename_budget(&name, &new));
        Self::drive(py, work, |py, budget| to_python(py, &budget))
    }

    fn remove(&self, py: Python<'_>, name: String) -> PyResult<Py<PyAny>> {
        let work = with(self.0.clone(), move |store| store.remove_budget(&name));
        Self::drive(py, work, |py, ()| Ok(py.None()))
    }
}
