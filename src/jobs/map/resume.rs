//! A job of calls that is loaded by its key, and resumes without its table.

use std::{sync::Arc, time::Duration};

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray, UInt64Array},
    datatypes::SchemaRef,
};
use tokio::sync::watch;

use super::{
    calls_of::CallsOf,
    requests::Requests,
    rows::{self, Row},
    run::{check_doubts, in_doubt, settle},
    suppressed_rows::SuppressedRows,
    table::{table, with_provenance},
    window::{Calls, Window},
};
use crate::{
    error::{Advice, Error, ErrorKind, Result},
    jobs::{Job, OnInDoubt, Progress, row_status::RowStatus},
    ledger::UnitState,
    process::{
        runtime::{run_blocking, without_result},
        stop::StopOnDrop,
    },
};

/// Number of calls of a loaded job that are made in parallel.
const CONCURRENCY: usize = 8;

/// Works on a job of calls until it has ended, until `timeout`, or, with `once`, until the rate
/// limit holds the next call back.
///
/// # Errors
/// If rows are in doubt, or an error would affect every further call. [`ErrorKind::Unfinished`] if
/// the time is over.
pub async fn work(
    job: &Job,
    calls: &CallsOf,
    once: bool,
    timeout: Option<Duration>,
    report: impl FnMut(&Progress) + Send,
) -> Result<Progress> {
    let Some(time) = timeout else { return work_to_the_end(job, calls, once, report).await };
    // The calls in flight go on, and their answers are recorded.
    match tokio::time::timeout(time, work_to_the_end(job, calls, once, report)).await {
        Ok(done) => done,
        Err(_) => Err(unfinished(job.key(), time)),
    }
}

async fn work_to_the_end(
    job: &Job,
    calls: &CallsOf,
    once: bool,
    mut report: impl FnMut(&Progress) + Send,
) -> Result<Progress> {
    let (ledger, id) = (job.ledger().clone(), job.id());
    ledger.deliver().await?;
    settle(&ledger, id, calls.kind, job.options().on_in_doubt).await?;
    let (record, first, requests) = ledger
        .run(move |store| {
            let (record, sums) = store.state(id)?;
            let to_send = sums.planned + sums.held > 0;
            let requests =
                if to_send { Requests::read(store, &record)? } else { Requests::default() };
            Ok((record, sums, requests))
        })
        .await?;
    if first.planned > 0 && requests.is_empty() {
        return Err(Error::job(
            &record.key,
            format!(
                "job {:?} cannot go on by its key: what its rows ask is not in the ledger, because an \
                 earlier version began it or its old answers were deleted",
                record.key
            ),
        )
        .advise(Advice::text("make the same calls over the same table again to resume it")));
    }
    let stop = StopOnDrop::default();
    let window = Window::new(Calls {
        client: job.client().clone(),
        ledger: ledger.clone(),
        job: id,
        kind: calls.kind,
        shared: calls.shared.clone(),
        extra: calls.extra.clone(),
        requests: Arc::new(requests),
        question: record.question,
        concurrency: CONCURRENCY,
        stop: stop.flag(),
        once,
        suppressed: SuppressedRows::of(&ledger, id).await?,
    });
    let (tell, mut told) = watch::channel(first);
    let mut working = tokio::spawn(async move {
        window
            .run(move |sums| {
                tell.send_replace(*sums);
            })
            .await
    });
    let mut telling = true;
    loop {
        tokio::select! {
            done = &mut working => {
                done.map_err(without_result)??;
                break;
            }
            changed = told.changed(), if telling => match changed {
                Ok(()) => report(&Progress::new(&record, *told.borrow_and_update())),
                Err(_) => telling = false,
            },
        }
    }
    let progress = job.progress().await?;
    report(&progress);
    if !once {
        let on_in_doubt = job.options().on_in_doubt;
        ledger.run(move |store| check_doubts(store, &record, on_in_doubt)).await?;
    } else if progress.sums.in_doubt > 0 && job.options().on_in_doubt != OnInDoubt::Skip {
        return Err(in_doubt(&record, progress.sums.in_doubt));
    }
    Ok(progress)
}

fn unfinished(key: &str, timeout: Duration) -> Error {
    Error::new(
        ErrorKind::Unfinished,
        format!("job {key:?} is not finished after {:.0} s, and continues", timeout.as_secs_f64()),
    )
    .with_job(key)
    .advise(Advice::WaitAgain { job: key.to_owned() })
}

async fn read(job: &Job) -> Result<Vec<Row>> {
    let id = job.id();
    job.ledger().run(move |store| rows::read(store, id, UnitState::Sending)).await
}

/// One row per row of the job's table.
///
/// # Errors
/// If the ledger cannot be read.
pub async fn answers(
    job: &Job,
    calls: &CallsOf,
    provenance: bool,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let (kind, id) = (calls.kind, job.id());
    let rows =
        job.ledger().run(move |store| rows::explained(store, id, UnitState::Sending)).await?;
    let made = move || {
        let table = table(kind, &rows)?;
        if provenance { with_provenance(&table, &rows) } else { Ok(table) }
    };
    let table = run_blocking(made).await?;
    Ok((table.schema(), vec![table]))
}

fn status(row: &Row) -> RowStatus {
    if row.suppressed {
        return RowStatus::Suppressed;
    }
    if row.erased {
        return RowStatus::Erased;
    }
    match row.state {
        UnitState::Loaded => RowStatus::Done,
        UnitState::Planned => RowStatus::OverBudget,
        state => state.into(),
    }
}

/// The rows without an answer: their number, status and reason.
///
/// # Errors
/// If the ledger cannot be read.
pub async fn missing(job: &Job) -> Result<RecordBatch> {
    let progress = job.progress().await?;
    let rows = read(job).await?;
    let open: Vec<(u64, &Row)> = (0..)
        .zip(&rows)
        .filter(|(_, row)| row.suppressed || row.erased || row.state != UnitState::Loaded)
        .collect();
    let numbers: UInt64Array = open.iter().map(|(at, _)| Some(*at)).collect();
    let statuses: StringArray = open.iter().map(|(_, row)| Some(row.status())).collect();
    let errors: StringArray = open
        .iter()
        .map(|(_, row)| {
            let known = row.error.clone();
            known.or_else(|| status(row).reason_in(&progress, job.options().face))
        })
        .collect();
    let columns: [(&str, ArrayRef, bool); 3] = [
        ("row", Arc::new(numbers), false),
        ("status", Arc::new(statuses), false),
        ("error", Arc::new(errors), true),
    ];
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}

/// The status of each row.
///
/// # Errors
/// If the ledger cannot be read.
pub async fn statuses(job: &Job) -> Result<Vec<RowStatus>> {
    Ok(read(job).await?.iter().map(status).collect())
}
