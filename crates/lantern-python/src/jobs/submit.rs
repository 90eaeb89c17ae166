//! Submitting a table as a job, and loading a job.

use std::time::Duration;

use crate::{connection::shared::Shared, conversion::tables::Column};
use lantern::{
    error::{ErrorKind, Result},
    jobs::{
        Job, JobOptions, OnFailed, WaitOptions,
        ids::Ids,
        plan::{DryRun, Request, Submission},
    },
    process::runtime,
};

/// How long `submit` sends batches of a job before it returns.
const SUBMIT: Duration = Duration::from_secs(5);

/// A submission, and how batches in doubt are handled.
pub struct Asked {
    pub submission: Submission,
    pub on_in_doubt: String,
}

/// What a job asks, in the words of the API.
pub struct Words<'a> {
    pub kind: &'a str,
    pub entity_type: &'a str,
    pub query_hint: &'a str,
    pub effort: &'a str,
    pub agent_type: &'a str,
}

impl Words<'_> {
    /// # Errors
    /// If a word is not one of the API's.
    pub fn request(&self) -> Result<Request> {
        let mut request = Request::new(self.kind.parse()?);
        request.entity_type = self.entity_type.parse()?;
        request.query_hint = self.query_hint.to_owned();
        request.effort = self.effort.parse()?;
        request.agent_type = self.agent_type.parse()?;
        Ok(request)
    }
}

/// The ids of a column. Millions of them take seconds, so they are read on another thread, and
/// Ctrl-C still works.
async fn ids_of(column: Column) -> Result<(String, Ids)> {
    runtime::aside(move || {
        let ids = Ids::read(&column.name, column.data_type(), &column.chunks)?;
        Ok((column.name, ids))
    })
    .await
}

pub async fn submit(shared: Shared, asked: Asked, column: Column) -> Result<Job> {
    let (column, ids) = ids_of(column).await?;
    let options = shared.job_options(&asked.on_in_doubt)?;
    let (client, ledger) = (shared.client()?, shared.ledger()?);
    let job = Job::submit(&client, &ledger, &asked.submission, &column, &ids, options).await?;
    // Send what the limits allow now. Whoever waits for the job is told how it ends.
    let options = WaitOptions { timeout: Some(SUBMIT), on_failed: OnFailed::Keep };
    match job.poll_with(options).await {
        // Runs of an earlier submission may hang. A wait reports that; `submit` does not.
        Err(error) if !error.is(ErrorKind::Timeout) => Err(error),
        _ => Ok(job),
    }
}

pub async fn dry_run(shared: Shared, asked: Asked, column: Column) -> Result<DryRun> {
    let (column, ids) = ids_of(column).await?;
    let (client, ledger) = (shared.client()?, shared.ledger()?);
    Job::dry_run(&client, &ledger, &asked.submission, &column, &ids).await
}

pub async fn load(shared: Shared, key: String, on_in_doubt: String, spend: bool) -> Result<Job> {
    let options = JobOptions { spend, ..shared.job_options(&on_in_doubt)? };
    Job::load(&shared.client()?, &shared.ledger()?, &key, options).await
}
