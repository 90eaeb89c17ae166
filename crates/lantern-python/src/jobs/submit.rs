//! How a table becomes a job, and how a job is picked up again.

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

/// How long `submit` works on a job that it has written down.
const SUBMIT: Duration = Duration::from_secs(5);

/// What a job is to do, as its caller says it.
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
    /// A word is not one of the API's.
    pub fn request(&self) -> Result<Request> {
        let mut request = Request::new(self.kind.parse()?);
        request.entity_type = self.entity_type.parse()?;
        request.query_hint = self.query_hint.to_owned();
        request.effort = self.effort.parse()?;
        request.agent_type = self.agent_type.parse()?;
        Ok(request)
    }
}

/// The ids of a column. Millions of them take seconds: on a thread for that, so that Ctrl-C is heeded.
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
    // It sends what may leave now. How the job goes is the business of those who wait for it.
    let options = WaitOptions { timeout: Some(SUBMIT), on_failed: OnFailed::Keep };
    match job.poll_with(options).await {
        // Runs of an earlier submission may hang; a wait says so, and nothing is sent by it.
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
