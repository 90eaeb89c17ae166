//! `client.credits`: the credits that were used and those that are left.

use chrono::DateTime;
use lantern_python_macros::two_ways;
use pyo3::{
    prelude::*,
    types::{PySequence, PyString},
};

use super::send::send;
use crate::{
    answers::credits::{PyRemaining, PyUsage},
    connection::{shared::Shared, sync_async::TwoWays},
    conversion::{arguments::When, errors::OrRaise, expected::Expected, tables::OutTable},
};
use lantern::{
    api::credits::{CreditsRemaining, CreditsUsage},
    error::Error,
    reports::credit_usage,
};

/// The start of a period, or a list of days.
enum Since {
    Days(Vec<When>),
    Time(When),
}

impl Expected for Since {
    fn expected() -> String {
        "datetime, date, str or a list of these".to_owned()
    }
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

#[two_ways]
pub struct PyCredits(pub Shared);

#[two_ways]
impl PyCredits {
    #[pyo3(signature = (
        start_date, end_date=None, *, by=None, workflow_id=None, workflow_run_id=None,
        custom_key=None, custom_value=None
    ))]
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
            (Since::Time(_), None, _) => {
                Err(Error::input("end_date is missing").hint("give two times, or a list of days"))
            }
            (Since::Days(_), Some(_), _) => {
                Err(Error::input("both a list of days and an end_date are given")
                    .hint("leave one of them out"))
            }
            (_, _, Some(other)) => {
                Err(Error::input(format!("by is {other:?}"))
                    .hint("pass by=\"day\", or leave it out"))
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
