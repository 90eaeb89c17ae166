//! `client.triggers`: events in Salesforce.

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use super::send::send_with;
use crate::{
    answers::crm::PyTriggered,
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::arguments::{Object, word},
};
use lantern::api::triggers::SalesforceTrigger;

#[two_ways]
pub struct PyTriggers(pub Shared);

#[two_ways]
impl PyTriggers {
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
        let call =
            SalesforceTrigger { object: word(py, object)?, ids, event: word(py, event)?, org_id };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyTriggered::convert)
    }
}
