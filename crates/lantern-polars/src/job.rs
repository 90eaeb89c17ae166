//! Submits a column of ids as a job.

use arrow::{array::ArrayRef, datatypes::Field};
use lantern::{
    Client,
    error::Result,
    jobs::{Job, JobOptions, Ledger, forecast::DryRun, ids::Ids, plan::Submission},
    process::runtime::run_blocking,
};

use crate::{frame::Frame, to_arrow};

/// Submit the ids in a column, or resume the job with the same ids. Nothing is sent before
/// [`Job::wait`] or [`Job::poll`].
///
/// Every row gets one row of the answer, in the same order, and duplicate ids are paid once. Of a
/// LazyFrame only the column `id` is computed, on a thread for blocking work.
///
/// # Errors
/// If the column is missing or contains neither strings, categories nor integers, Polars cannot
/// compute it, and as for [`Job::submit`].
pub async fn submit(
    client: &Client,
    ledger: &Ledger,
    frame: impl Into<Frame>,
    id: &str,
    submission: &Submission,
    options: JobOptions,
) -> Result<Job> {
    let ids = ids(frame.into(), id).await?;
    Job::submit(client, ledger, submission, id, &ids, options).await
}

/// Return what [`submit`] would do: batches, rows, credits and the minimum time. Nothing is sent or
/// recorded.
///
/// # Errors
/// As for [`submit`].
pub async fn dry_run(
    client: &Client,
    ledger: &Ledger,
    frame: impl Into<Frame>,
    id: &str,
    submission: &Submission,
) -> Result<DryRun> {
    let ids = ids(frame.into(), id).await?;
    Job::dry_run(client, ledger, submission, id, &ids).await
}

async fn ids(frame: Frame, name: &str) -> Result<Ids> {
    let name = name.to_owned();
    run_blocking(move || {
        let frame = frame.columns(&[&name])?;
        let (field, chunks) = first(&frame)?;
        Ids::read(&name, field.data_type(), &chunks)
    })
    .await
}

fn first(frame: &polars::prelude::DataFrame) -> Result<(Field, Vec<ArrayRef>)> {
    to_arrow::column(&frame.columns()[0])
}
