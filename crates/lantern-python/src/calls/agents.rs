//! `client.agents` and `client.credits`: single calls.

use chrono::DateTime;
use pyo3::{
    prelude::*,
    types::{PyDict, PySequence, PyString},
};
use serde_json::{Map, Value};

use crate::{
    answers::agents::{PyBatchAccepted, PyRemaining, PyRunState, PyUsage},
    connection::sync_async::two_ways,
    conversion::arguments::{Id, Object, When, send, send_with, word},
    conversion::errors::OrRaise,
    conversion::tables::OutTable,
};
use lantern::{
    api::{
        agents::{BatchKind, ContactBatch, DeepResearchBatch, EntityType, RunStatus},
        credits::{CreditsRemaining, CreditsUsage},
    },
    error::Error,
    reports::credit_usage,
};

/// Where a span of time begins, or days.
enum Since {
    Days(Vec<When>),
    Time(When),
}

impl<'a, 'py> FromPyObject<'a, 'py> for Since {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        if value.cast::<PyString>().is_err() && value.cast::<PySequence>().is_ok() {
            return value.extract().map(Self::Days);
        }
        value.extract().map(Self::Time)
    }
}

fn texts(ids: Vec<Id>) -> Vec<String> {
    ids.into_iter().map(String::from).collect()
}

fn objects(py: Python<'_>, records: &[Bound<'_, PyDict>]) -> PyResult<Vec<Map<String, Value>>> {
    let json = py.import("json")?;
    records
        .iter()
        .map(|record| {
            let text: String = json.call_method1("dumps", (record,))?.extract()?;
            serde_json::from_str(&text)
                .map_err(|error| pyo3::exceptions::PyValueError::new_err(error.to_string()))
        })
        .collect()
}

fn contact(
    py: Python<'_>,
    kind: BatchKind,
    ids: Option<Vec<Id>>,
    records: Option<Vec<Bound<'_, PyDict>>>,
    max_credits: u64,
) -> PyResult<ContactBatch> {
    let records = records.map(|records| objects(py, &records)).transpose()?;
    Ok(ContactBatch {
        kind,
        ids: ids.map(texts),
        records,
        entity_type: EntityType::Person,
        max_credits,
    })
}

two_ways! {
    PyAgents = "Agents", PyAsyncAgents = "AsyncAgents", crate::connection::client::Shared,
    {
        #[pyo3(signature = (ids=None, *, records=None, max_credits, extra=None))]
        fn phone(
            &self,
            py: Python<'_>,
            ids: Option<Vec<Id>>,
            records: Option<Vec<Bound<'_, PyDict>>>,
            max_credits: u64,
            extra: Option<Object>,
        ) -> PyResult<Py<PyAny>> {
            let call = contact(py, BatchKind::Phone, ids, records, max_credits)?;
            Self::drive(py, send_with(self.0.client(), call, extra), PyBatchAccepted::convert)
        }

        #[pyo3(signature = (ids=None, *, records=None, max_credits, extra=None))]
        fn email(
            &self,
            py: Python<'_>,
            ids: Option<Vec<Id>>,
            records: Option<Vec<Bound<'_, PyDict>>>,
            max_credits: u64,
            extra: Option<Object>,
        ) -> PyResult<Py<PyAny>> {
            let call = contact(py, BatchKind::Email, ids, records, max_credits)?;
            Self::drive(py, send_with(self.0.client(), call, extra), PyBatchAccepted::convert)
        }

        #[pyo3(signature = (ids=None, *, records=None, max_credits, extra=None))]
        fn phone_email(
            &self,
            py: Python<'_>,
            ids: Option<Vec<Id>>,
            records: Option<Vec<Bound<'_, PyDict>>>,
            max_credits: u64,
            extra: Option<Object>,
        ) -> PyResult<Py<PyAny>> {
            let call = contact(py, BatchKind::PhoneEmail, ids, records, max_credits)?;
            Self::drive(py, send_with(self.0.client(), call, extra), PyBatchAccepted::convert)
        }

        #[pyo3(signature = (
            ids, *, entity_type, max_credits, query_hint="", effort="medium",
            agent_type="general", extra=None
        ))]
        #[allow(clippy::too_many_arguments)]
        fn deep_research(
            &self,
            py: Python<'_>,
            ids: Vec<Id>,
            entity_type: &str,
            max_credits: u64,
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
            Self::drive(py, send_with(self.0.client(), call, extra), PyBatchAccepted::convert)
        }

        fn status(&self, py: Python<'_>, run_id: String) -> PyResult<Py<PyAny>> {
            Self::drive(py, send(self.0.client(), RunStatus { run_id }), PyRunState::convert)
        }
    }
}

two_ways! {
    PyCredits = "Credits", PyAsyncCredits = "AsyncCredits", crate::connection::client::Shared,
    {
        #[pyo3(signature = (
            start_date, end_date=None, *, by=None, workflow_id=None, workflow_run_id=None,
            custom_key=None, custom_value=None
        ))]
        #[allow(clippy::too_many_arguments)]
        fn usage(
            &self,
            py: Python<'_>,
            start_date: Since,
            end_date: Option<When>,
            by: Option<&str>,
            workflow_id: Option<String>,
            workflow_run_id: Option<String>,
            custom_key: Option<String>,
            custom_value: Option<String>,
        ) -> PyResult<Py<PyAny>> {
            let like = |start_date, end_date| CreditsUsage {
                start_date,
                end_date,
                workflow_id,
                workflow_run_id,
                custom_key,
                custom_value,
            };
            let days = match (start_date, end_date, by) {
                (Since::Time(start), Some(end), None) => {
                    let call = like(start.0, end.0);
                    return Self::drive(py, send(self.0.client(), call), PyUsage::convert);
                }
                (Since::Time(start), Some(end), Some("day")) => {
                    credit_usage::days_between(start.0, end.0)
                }
                (Since::Days(days), None, None | Some("day")) => {
                    let days: Vec<_> = days.iter().map(|day| day.0.date_naive()).collect();
                    credit_usage::days(&days)
                }
                (Since::Time(_), None, _) => Err(Error::input(
                    "end_date is missing; give two times, or a list of days",
                )),
                (Since::Days(_), Some(_), _) => Err(Error::input(
                    "there is a list of days and an end_date; leave one of them out",
                )),
                (_, _, Some(other)) => {
                    Err(Error::input(format!("by is {other:?}; the one way is by=\"day\"")))
                }
            };
            let days = days.or_raise(py)?;
            let like = like(DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH);
            let client = self.0.client();
            let work = async move { Ok(credit_usage::by_day(&client?, days, &like).await?.into()) };
            Self::drive(py, work, OutTable::convert)
        }

        fn remaining(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
            Self::drive(py, send(self.0.client(), CreditsRemaining {}), PyRemaining::convert)
        }
    }
}
