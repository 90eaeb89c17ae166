//! `client.agents`: calls for single batches.

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use super::send::{send, send_with};
use crate::{
    answers::agents::{PyBatchAccepted, PyRunState},
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::{
        arguments::{Id, Object, word},
        whole_numbers as whole,
    },
};
use lantern::api::agents::{BatchKind, ContactBatch, DeepResearchBatch, EntityType, RunStatus};

fn texts(ids: Vec<Id>) -> Vec<String> {
    ids.into_iter().map(String::from).collect()
}

fn contact(
    kind: BatchKind,
    ids: Option<Vec<Id>>,
    records: Option<Vec<Object>>,
    max_credits: u64,
) -> ContactBatch {
    ContactBatch {
        kind,
        ids: ids.map(texts),
        records: records.map(|records| records.into_iter().map(|record| record.0).collect()),
        entity_type: EntityType::Person,
        max_credits,
    }
}

#[two_ways]
pub struct PyAgents(pub Shared);

#[two_ways]
impl PyAgents {
    #[pyo3(signature = (ids=None, *, records=None, max_credits, extra=None))]
    fn phone(
        &self,
        py: Python<'_>,
        ids: Option<Vec<Id>>,
        records: Option<Vec<Object>>,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = contact(BatchKind::Phone, ids, records, max_credits);
        Self::drive(py, send_with(self.0.clone(), call, extra), PyBatchAccepted::convert)
    }

    #[pyo3(signature = (ids=None, *, records=None, max_credits, extra=None))]
    fn email(
        &self,
        py: Python<'_>,
        ids: Option<Vec<Id>>,
        records: Option<Vec<Object>>,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = contact(BatchKind::Email, ids, records, max_credits);
        Self::drive(py, send_with(self.0.clone(), call, extra), PyBatchAccepted::convert)
    }

    #[pyo3(signature = (ids=None, *, records=None, max_credits, extra=None))]
    fn phone_email(
        &self,
        py: Python<'_>,
        ids: Option<Vec<Id>>,
        records: Option<Vec<Object>>,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = contact(BatchKind::PhoneEmail, ids, records, max_credits);
        Self::drive(py, send_with(self.0.clone(), call, extra), PyBatchAccepted::convert)
    }

    #[pyo3(signature = (
        ids, *, entity_type, max_credits, query_hint="", effort="medium",
        agent_type="general", extra=None
    ))]
    fn deep_research(
        &self,
        py: Python<'_>,
        ids: Vec<Id>,
        entity_type: &str,
        #[pyo3(from_py_with = whole::max_credits)] max_credits: u64,
        query_hint: &str,
        effort: &str,
        agent_type: &str,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = DeepResearchBatch {
            ids: texts(ids),
            entity_type: word(py, entity_type)?,
            query_hint: query_hint.to_owned(),
            effort: word(py, effort)?,
            agent_type: word(py, agent_type)?,
            max_credits,
        };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyBatchAccepted::convert)
    }

    fn status(&self, py: Python<'_>, run_id: String) -> PyResult<Py<PyAny>> {
        Self::drive(py, send(self.0.client(), RunStatus { run_id }), PyRunState::convert)
    }
}
