//! `client.salesforce`, `client.routing` and the other families of single calls.

use pyo3::prelude::*;

use crate::{
    answers::calls::{
        PyAssigned, PyConverted, PyFormSubmitted, PyLogCounts, PyRetention, PyTriggered,
        PyWorkflowTriggered,
    },
    answers::parts::PyPool,
    connection::sync_async::two_ways,
    conversion::arguments::{Json, Object, When, maybe, send, send_with, typed, word},
    conversion::tables::OutTable,
};
use lantern::{
    Client,
    api::{
        forms::SubmitForm,
        logs::{GetRetention, LogStats, RoutingLogs, SetRetention},
        routing::{Assign, DeletePool, Deleted, ListPools, Pool, Pools, PutPool},
        salesforce::Convert,
        triggers::SalesforceTrigger,
        workflows::TriggerWorkflow,
    },
    client::Answered,
    error::Result,
    reports::routing_log,
};

/// A namespace of a client, that blocks or is awaited as the client.
macro_rules! namespace {
    ($client:ty, $py:expr, $shared:expr, $sync:path, $async:path) => {{
        let shared = $shared.clone();
        if <$client>::AWAITED {
            Ok(Py::new($py, $async(shared))?.into_any())
        } else {
            Ok(Py::new($py, $sync(shared))?.into_any())
        }
    }};
}

pub(crate) use namespace;

two_ways! {
    PySalesforce = "Salesforce", PyAsyncSalesforce = "AsyncSalesforce", crate::connection::client::Shared,
    {
        #[pyo3(signature = (
            *, lead_sf_id, match_policy=None, merge_policy=None,
            set_owner_round_robin_pool=None, logs=None, extra=None
        ))]
        #[allow(clippy::too_many_arguments)]
        fn convert(
            &self,
            py: Python<'_>,
            lead_sf_id: String,
            match_policy: Option<Object>,
            merge_policy: Option<Object>,
            set_owner_round_robin_pool: Option<String>,
            logs: Option<Json>,
            extra: Option<Object>,
        ) -> PyResult<Py<PyAny>> {
            let call = Convert {
                lead_sf_id,
                match_policy: typed(py, "match_policy", match_policy)?,
                merge_policy: typed(py, "merge_policy", merge_policy)?,
                set_owner_round_robin_pool,
                logs: logs.map(|logs| logs.0),
            };
            Self::drive(py, send_with(self.0.client(), call, extra), PyConverted::convert)
        }
    }
}

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

two_ways! {
    PyRouting = "Routing", PyAsyncRouting = "AsyncRouting", crate::connection::client::Shared,
    {
        #[pyo3(signature = (
            *, object, sf_id, pool, exclude_inactive=true, reset_rules=None, extra=None
        ))]
        #[allow(clippy::too_many_arguments)]
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
            Self::drive(py, send_with(self.0.client(), call, extra), PyAssigned::convert)
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
}

two_ways! {
    PyTriggers = "Triggers", PyAsyncTriggers = "AsyncTriggers", crate::connection::client::Shared,
    {
        #[pyo3(signature = (*, object, ids, event, org_id, extra=None))]
        fn salesforce(
            &self,
            py: Python<'_>,
            object: &str,
            ids: Vec<String>,
            event: &str,
            org_id: String,
            extra: Option<Object>,
        ) -> PyResult<Py<PyAny>> {
            let call = SalesforceTrigger {
                object: word(py, object)?,
                ids,
                event: word(py, event)?,
                org_id,
            };
            Self::drive(py, send_with(self.0.client(), call, extra), PyTriggered::convert)
        }
    }
}

async fn entries(client: Result<Client>, call: RoutingLogs) -> Result<OutTable> {
    let entries = routing_log::read(&client?, &call).await?;
    Ok(routing_log::table(&entries)?.into())
}

async fn kept(
    client: Result<Client>,
    days: Option<u32>,
) -> Result<Answered<lantern::api::logs::Retention>> {
    match days {
        Some(days) => client?.call(&SetRetention { days }).await,
        None => client?.call(&GetRetention {}).await,
    }
}

two_ways! {
    PyLogs = "Logs", PyAsyncLogs = "AsyncLogs", crate::connection::client::Shared,
    {
        #[pyo3(signature = (
            from_, to, *, pool=None, object=None, action=None, format=None, include_diff=true,
            limit=None
        ))]
        #[allow(clippy::too_many_arguments)]
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
            limit: Option<u32>,
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
        fn retention(&self, py: Python<'_>, days: Option<u32>) -> PyResult<Py<PyAny>> {
            Self::drive(py, kept(self.0.client(), days), PyRetention::convert)
        }
    }
}

two_ways! {
    PyWorkflows = "Workflows", PyAsyncWorkflows = "AsyncWorkflows", crate::connection::client::Shared,
    {
        #[pyo3(signature = (
            workflow_id, *, record_data, source_system=None, enrichment_preferences=None, extra=None
        ))]
        fn trigger(
            &self,
            py: Python<'_>,
            workflow_id: String,
            record_data: Object,
            source_system: Option<String>,
            enrichment_preferences: Option<Object>,
            extra: Option<Object>,
        ) -> PyResult<Py<PyAny>> {
            let call = TriggerWorkflow {
                workflow_id,
                record_data: record_data.0,
                source_system,
                enrichment_preferences: enrichment_preferences.map(|wish| wish.0),
            };
            Self::drive(py, send_with(self.0.client(), call, extra), PyWorkflowTriggered::convert)
        }
    }
}

two_ways! {
    PyForms = "Forms", PyAsyncForms = "AsyncForms", crate::connection::client::Shared,
    {
        #[pyo3(signature = (
            *, email, name=None, company=None, phone=None, title=None, additional_fields=None,
            form_source=None, enrichment_preferences=None, output_preferences=None, extra=None
        ))]
        #[allow(clippy::too_many_arguments)]
        fn submit(
            &self,
            py: Python<'_>,
            email: String,
            name: Option<String>,
            company: Option<String>,
            phone: Option<String>,
            title: Option<String>,
            additional_fields: Option<Object>,
            form_source: Option<String>,
            enrichment_preferences: Option<Object>,
            output_preferences: Option<Object>,
            extra: Option<Object>,
        ) -> PyResult<Py<PyAny>> {
            let fields = |given: Option<Object>| given.map(|given| given.0);
            let call = SubmitForm {
                name,
                email,
                company,
                phone,
                title,
                additional_fields: fields(additional_fields),
                form_source,
                enrichment_preferences: fields(enrichment_preferences),
                output_preferences: fields(output_preferences),
            };
            Self::drive(py, send_with(self.0.client(), call, extra), PyFormSubmitted::convert)
        }
    }
}
