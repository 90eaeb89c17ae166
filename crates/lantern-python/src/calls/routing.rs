//! `client.routing`: pools, and the assignment of records.

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use super::send::{send, send_with};
use crate::{
    answers::crm::{PyAssigned, PyPool},
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::arguments::{Object, typed, word},
};
use lantern::{
    api::routing::{Assign, DeletePool, Deleted, ListPools, Pool, Pools, PutPool},
    client::Answered,
};

fn pool_to_python(py: Python<'_>, answered: Answered<Pool>) -> PyResult<Py<PyAny>> {
    Ok(Py::new(py, PyPool(answered.value))?.into_any())
}

fn pools_to_python(py: Python<'_>, answered: Answered<Pools>) -> PyResult<Py<PyAny>> {
    let pools: Vec<PyPool> = answered.value.pools.into_iter().map(PyPool).collect();
    Ok(pools.into_pyobject(py)?.unbind())
}

fn deleted_to_python(py: Python<'_>, answered: Answered<Deleted>) -> PyResult<Py<PyAny>> {
    let deleted = answered.value.deleted.unwrap_or(true);
    Ok(deleted.into_pyobject(py)?.to_owned().into_any().unbind())
}

#[two_ways]
pub struct PyRouting(pub Shared);

#[two_ways]
impl PyRouting {
    #[pyo3(signature = (
        *, object, sf_id, pool, exclude_inactive=true, reset_rules=None, extra=None
    ))]
    fn assign(
        &self,
        py: Python<'_>,
        object: &str,
        sf_id: String,
        pool: String,
        exclude_inactive: bool,
        reset_rules: Option<Object>,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = Assign {
            object: word(py, object)?,
            sf_id,
            pool,
            exclude_inactive,
            reset_rules: typed(py, "reset_rules", reset_rules)?,
        };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyAssigned::convert)
    }

    fn pools(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Self::drive(py, send(self.0.client(), ListPools {}), pools_to_python)
    }

    fn put_pool(&self, py: Python<'_>, pool: String, users: Vec<String>) -> PyResult<Py<PyAny>> {
        Self::drive(py, send(self.0.client(), PutPool { pool, users }), pool_to_python)
    }

    fn delete_pool(&self, py: Python<'_>, pool: String) -> PyResult<Py<PyAny>> {
        Self::drive(py, send(self.0.client(), DeletePool { pool }), deleted_to_python)
    }
}
