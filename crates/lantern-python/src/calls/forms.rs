//! `client.forms`: forms that people submitted.

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use super::send::send_with;
use crate::{
    answers::crm::PyFormSubmitted,
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::arguments::Object,
};
use lantern::api::forms::SubmitForm;

#[two_ways]
pub struct PyForms(pub Shared);

#[two_ways]
impl PyForms {
    #[pyo3(signature = (
        *, email, name=None, company=None, phone=None, title=None, additional_fields=None,
        form_source=None, enrichment_preferences=None, output_preferences=None, extra=None
    ))]
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
        Self::drive(py, send_with(self.0.clone(), call, extra), PyFormSubmitted::convert)
    }
}
