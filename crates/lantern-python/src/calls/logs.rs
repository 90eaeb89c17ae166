//! `client.logs`: the routing log and its retention.

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use super::send::send;
use crate::{
    answers::crm::{PyLogCounts, PyRetention},
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::{
        arguments::{When, maybe},
        tables::OutTable,
        whole_numbers as whole,
    },
};
use lantern::{
    Client,
    api::logs::{GetRetention, LogStats, Retention, RoutingLogs, SetRetention},
    client::Answered,
    error::Result,
    reports::routing_log,
};

async fn entries(client: Result<Client>, call: RoutingLogs) -> Result<OutTable> {
    let entries = routing_log::read(&client?, &call).await?;
    Ok(routing_log::table(&entries)?.into())
}

async fn kept(client: Result<Client>, days: Option<u32>) -> Result<Answered<Retention>> {
    match days {
        Some(days) => client?.call(&SetRetention { days }).await,
        None => client?.call(&GetRetention {}).await,
    }
}

#[two_ways]
pub struct PyLogs(pub Shared);

#[two_ways]
impl PyLogs {
    #[pyo3(signature = (
        from_, to, *, pool=None, object=None, action=None, format=None, include_diff=true,
        limit=None
    ))]
    fn routing(
        &self,
        py: Python<'_>,
        from_: When,
        to: When,
        pool: Option<String>,
        object: Option<&str>,
        action: Option<&str>,
        format: Option<&str>,
        include_diff: bool,
        #[pyo3(from_py_with = whole::optional::limit)] limit: Option<u32>,
    ) -> PyResult<Py<PyAny>> {
        let call = RoutingLogs {
            from: from_.0,
            to: to.0,
            pool,
            object: maybe(py, object)?,
            action: maybe(py, action)?,
            format: maybe(py, format)?,
            include_diff: Some(include_diff),
            limit,
        };
        Self::drive(py, entries(self.0.client(), call), OutTable::convert)
    }

    #[pyo3(signature = (from_, to, *, pool=None, object=None, action=None))]
    fn stats(
        &self,
        py: Python<'_>,
        from_: When,
        to: When,
        pool: Option<String>,
        object: Option<&str>,
        action: Option<&str>,
    ) -> PyResult<Py<PyAny>> {
        let call = LogStats {
            from: from_.0,
            to: to.0,
            pool,
            object: maybe(py, object)?,
            action: maybe(py, action)?,
        };
        Self::drive(py, send(self.0.client(), call), PyLogCounts::convert)
    }

    #[pyo3(signature = (days=None))]
    fn retention(
        &self,
        py: Python<'_>,
        #[pyo3(from_py_with = whole::optional::days)] days: Option<u32>,
    ) -> PyResult<Py<PyAny>> {
        Self::drive(py, kept(self.0.client(), days), PyRetention::convert)
    }
}
