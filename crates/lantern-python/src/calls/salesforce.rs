//! `client.salesforce`: conversion of leads.

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use super::send::send_with;
use crate::{
    answers::crm::PyConverted,
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::arguments::{Json, Object, typed},
};
use lantern::api::salesforce::Convert;

#[two_ways]
pub struct PySalesforce(pub Shared);

#[two_ways]
impl PySalesforce {
    #[pyo3(signature = (
        *, lead_sf_id, match_policy=None, merge_policy=None,
        set_owner_round_robin_pool=None, logs=None, extra=None
    ))]
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
        Self::drive(py, send_with(self.0.clone(), call, extra), PyConverted::convert)
    }
}
