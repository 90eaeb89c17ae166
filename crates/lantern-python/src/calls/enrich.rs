//! `client.enrich`: enrichment of one record, and questions in plain words.

use lantern_python_macros::two_ways;
use pyo3::prelude::*;

use super::send::send_with;
use crate::{
    answers::enriched::{
        PyAsked, PyCompanyEnriched, PyEmailEnriched, PyPersonEnriched, PyPhoneEnriched,
        PyResearched,
    },
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::{
        arguments::{Id, Object, maybe},
        errors::OrRaise,
        whole_numbers as whole,
    },
};
use lantern::{
    api::enrich::{
        Ask, AskOptions, EnrichCompany, EnrichEmail, EnrichPerson, EnrichPhone, Research,
    },
    error::{Advice, Error, Setting},
};

#[two_ways]
pub struct PyEnrich(pub Shared);

#[two_ways]
impl PyEnrich {
    #[pyo3(signature = (
        *, record_id, first_name=None, last_name=None, company=None, email=None,
        linkedin_id=None, domain=None, max_credits=None, extra=None
    ))]
    fn phone(
        &self,
        py: Python<'_>,
        record_id: Id,
        first_name: Option<String>,
        last_name: Option<String>,
        company: Option<String>,
        email: Option<String>,
        linkedin_id: Option<String>,
        domain: Option<String>,
        #[pyo3(from_py_with = whole::optional::max_credits)] max_credits: Option<u64>,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = EnrichPhone {
            record_id: record_id.into(),
            first_name,
            last_name,
            company,
            email,
            linkedin_id,
            domain,
            max_credits,
        };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyPhoneEnriched::convert)
    }

    #[pyo3(signature = (
        *, record_id, first_name, last_name, company, domain=None, linkedin=None,
        max_credits=None, extra=None
    ))]
    fn email(
        &self,
        py: Python<'_>,
        record_id: Id,
        first_name: String,
        last_name: String,
        company: String,
        domain: Option<String>,
        linkedin: Option<String>,
        #[pyo3(from_py_with = whole::optional::max_credits)] max_credits: Option<u64>,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = EnrichEmail {
            record_id: record_id.into(),
            first_name,
            last_name,
            company,
            domain,
            linkedin,
            max_credits,
        };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyEmailEnriched::convert)
    }

    #[pyo3(signature = (
        *, record_id, company_name=None, domain=None, country=None, external_ids=None,
        effort=None, max_credits=None, extra=None
    ))]
    fn company(
        &self,
        py: Python<'_>,
        record_id: Id,
        company_name: Option<String>,
        domain: Option<String>,
        country: Option<String>,
        external_ids: Option<std::collections::BTreeMap<String, String>>,
        effort: Option<&str>,
        #[pyo3(from_py_with = whole::optional::max_credits)] max_credits: Option<u64>,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = EnrichCompany {
            record_id: record_id.into(),
            company_name,
            domain,
            country,
            external_ids,
            effort: maybe(py, effort)?,
            max_credits,
        };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyCompanyEnriched::convert)
    }

    #[pyo3(signature = (
        *, record_id, first_name, last_name, company_domain, email=None, linkedin_id=None,
        effort=None, max_credits=None, extra=None
    ))]
    fn person(
        &self,
        py: Python<'_>,
        record_id: Id,
        first_name: String,
        last_name: String,
        company_domain: String,
        email: Option<String>,
        linkedin_id: Option<String>,
        effort: Option<&str>,
        #[pyo3(from_py_with = whole::optional::max_credits)] max_credits: Option<u64>,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = EnrichPerson {
            record_id: record_id.into(),
            first_name,
            last_name,
            company_domain,
            email,
            linkedin_id,
            effort: maybe(py, effort)?,
            max_credits,
        };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyPersonEnriched::convert)
    }

    #[pyo3(signature = (
        query, *, format_json=false, effort=None, max_credits=None, extra=None
    ))]
    fn ai(
        &self,
        py: Python<'_>,
        query: String,
        format_json: bool,
        effort: Option<&str>,
        #[pyo3(from_py_with = whole::optional::max_credits)] max_credits: Option<u64>,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        let call = Ask {
            query,
            options: format_json.then_some(AskOptions { format_json }),
            effort: maybe(py, effort)?,
            max_credits,
        };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyAsked::convert)
    }

    #[pyo3(signature = (
        query, *, format_json=false, agent_type=None, max_credits=None, extra=None
    ))]
    fn research(
        &self,
        py: Python<'_>,
        query: String,
        format_json: bool,
        agent_type: Option<&str>,
        #[pyo3(from_py_with = whole::optional::max_credits)] max_credits: Option<u64>,
        extra: Option<Object>,
    ) -> PyResult<Py<PyAny>> {
        if max_credits.is_some() {
            let happened =
                "cannot limit the cost of research, because the API takes no limit for it";
            let error = Error::setting(Setting::MaxCredits, happened);
            return Err(error.advise(Advice::LeaveOut(Setting::MaxCredits))).or_raise(py);
        }
        let call = Research {
            query,
            options: format_json.then_some(AskOptions { format_json }),
            agent_type: maybe(py, agent_type)?,
        };
        Self::drive(py, send_with(self.0.clone(), call, extra), PyResearched::convert)
    }
}
