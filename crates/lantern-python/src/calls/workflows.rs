//! `client.workflows`: runs a workflow on one record.

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use super::send::send_with;
use crate::{
    answers::crm::PyWorkflowTriggered,
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::arguments::Object,
};
use lantern::api::workflows::TriggerWorkflow;

#[two_ways]
pub struct PyWorkflows(pub Shared);

#[two_ways]
impl PyWorkflows {
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
        Self::drive(py, send_with(self.0.clone(), call, extra), PyWorkflowTriggered::convert)
    }
}
