//! Submits a table as a job, and loads a job.

use std::time::Duration;

use pyo3::prelude::*;

use crate::{
    connection::shared::Shared,
    conversion::{
        errors::OrRaise,
        tables::{Column, column, columns as columns_of},
    },
};
use lantern::{
    api::agents::BatchKind,
    error::{Error, ErrorKind, Result},
    jobs::{
        Job, JobOptions, OnFailed, WaitOptions,
        forecast::DryRun,
        ids::Ids,
        plan::{Request, Submission},
        records::{Columns, FieldColumn, Records, check_columns},
    },
    process::runtime,
};

/// How long `submit` sends batches before it returns.
const SUBMIT: Duration = Duration::from_secs(5);

/// A submission, and what to do with batches in doubt.
pub struct SubmitArguments {
    pub submission: Submission,
    pub on_in_doubt: String,
}

/// The columns of a table that are submitted.
pub enum Input {
    Ids(Column),
    /// For each field of the records its column.
    Records(Vec<(String, Column)>),
}

impl Input {
    /// # Errors
    /// If the argument is not a table, lacks a column, or `columns` does not fit the kind.
    pub fn of(
        table: &Bound<'_, PyAny>,
        id: &str,
        columns: Option<Columns>,
        kind: BatchKind,
    ) -> PyResult<Self> {
        let Some(columns) = columns else { return Ok(Self::Ids(column(table, id)?)) };
        let py = table.py();
        if id != "id" {
            let both = Error::input("id and columns are both given")
                .hint("give the column of the ids, or the columns of the records' fields");
            return Err(both).or_raise(py);
        }
        check_columns(kind, &columns).or_raise(py)?;
        let names: Vec<&str> = columns.values().map(String::as_str).collect();
        let read = columns_of(table, &names)?;
        Ok(Self::Records(columns.into_keys().zip(read).collect()))
    }
}

/// Reads records from columns, on another thread as for ids.
async fn records_of(columns: Vec<(String, Column)>) -> Result<Records> {
    let columns = columns.into_iter().map(|(field, column)| FieldColumn {
        field,
        data_type: column.data_type().clone(),
        column: column.name,
        chunks: column.chunks,
    });
    let columns = columns.collect();
    runtime::run_blocking(move || Records::read(columns)).await
}

/// What a job asks for, as the API's enumerated strings.
pub struct Words<'a> {
    pub kind: &'a str,
    pub entity_type: &'a str,
    pub query_hint: &'a str,
    pub effort: &'a str,
    pub agent_type: &'a str,
}

impl Words<'_> {
    /// # Errors
    /// If a string is not one of the API's.
    pub fn request(&self) -> Result<Request> {
        let mut request = Request::new(self.kind.parse()?);
        request.entity_type = self.entity_type.parse()?;
        request.query_hint = self.query_hint.to_owned();
        request.effort = self.effort.parse()?;
        request.agent_type = self.agent_type.parse()?;
        Ok(request)
    }
}

/// Reads the ids of a column. Millions of ids take seconds, so this runs on another thread and
/// Ctrl-C still works.
async fn ids_of(column: Column) -> Result<(String, Ids)> {
    runtime::run_blocking(move || {
        let ids = Ids::read(&column.name, column.data_type(), &column.chunks)?;
        Ok((column.name, ids))
    })
    .await
}

pub async fn submit(shared: Shared, asked: SubmitArguments, input: Input) -> Result<Job> {
    let options = shared.job_options(&asked.on_in_doubt)?;
    let (client, ledger) = (shared.client()?, shared.ledger()?);
    let submission = &asked.submission;
    let job = match input {
        Input::Ids(column) => {
            let (column, ids) = ids_of(column).await?;
            Job::submit(&client, &ledger, submission, &column, &ids, options).await?
        }
        Input::Records(columns) => {
            let records = records_of(columns).await?;
            Job::submit_records(&client, &ledger, submission, records, options).await?
        }
    };
    // Sends what the limits allow now. Failures of runs are reported to whoever waits for the job.
    let options = WaitOptions { timeout: Some(SUBMIT), on_failed: OnFailed::Keep };
    match job.poll_with(options).await {
        // Runs of an earlier submission may hang, which a wait reports and `submit` does not.
        Err(error) if !error.is(ErrorKind::Timeout) => Err(error),
        _ => Ok(job),
    }
}

pub async fn dry_run(shared: Shared, asked: SubmitArguments, input: Input) -> Result<DryRun> {
    let (client, ledger) = (shared.client()?, shared.ledger()?);
    match input {
        Input::Ids(column) => {
            let (column, ids) = ids_of(column).await?;
            Job::dry_run(&client, &ledger, &asked.submission, &column, &ids).await
        }
        Input::Records(columns) => {
            let records = records_of(columns).await?;
            Job::dry_run_records(&client, &ledger, &asked.submission, records).await
        }
    }
}

pub async fn load(shared: Shared, key: String, on_in_doubt: String, spend: bool) -> Result<Job> {
    let options = JobOptions { spend, ..shared.job_options(&on_in_doubt)? };
    Job::load(&shared.client()?, &shared.ledger()?, &key, options).await
}
