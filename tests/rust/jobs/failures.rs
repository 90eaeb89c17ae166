//! What a job does when the API refuses, a run fails, or its result is missing or damaged.

use std::time::Duration;

use lantern::{
    error::ErrorKind,
    jobs::{Job, JobState, OnFailed, WaitOptions},
    ledger::BatchState,
};

use super::{finish, phone_email, world};

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_that_cost_nothing_counts_as_nothing_and_leaves_its_budget() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: run-fails times 1".parse().unwrap()];
    })
    .await;
    // The budget pays for the ids once.
    let job = world.submit(&world.people(5), &phone_email(30)).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::Job), "{error:?}");
    assert_eq!(job.progress().await.unwrap().sums.spent, 0);
    let resend =
        WaitOptions { timeout: Some(Duration::from_secs(60)), on_failed: OnFailed::Resend };
    let done = job.wait_with(resend, |_| ()).await.unwrap();
    assert_eq!((done.state, done.sums.returned), (JobState::Done, 5));
    assert_eq!(done.sums.spent as f64, world.server.credits_used());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_batch_goes_on_once_the_cause_is_gone() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: status 402 times 1".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(1200), &phone_email(50_000)).await.unwrap();
    let error = job.wait(None, |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::CreditLimit), "{error:?}");
    assert_eq!(finish(&job).await.state, JobState::Done);
    assert_eq!(world.server.runs().unwrap().num_rows(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_cut_is_an_error_that_names_file_and_line() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: truncate half".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(300), &phone_email(50_000)).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Results);
    let file = error.facts().file.as_deref().unwrap();
    assert!(file.starts_with("s3://") && error.happened().contains(file), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_api_does_not_know_fails_its_batch_and_not_the_job() {
    let mut world = world(|config| {
        config.faults = vec!["GET /v1/agents/runs/*: status 404 times 30".parse().unwrap()];
    })
    .await;
    world.options.patience = Duration::from_millis(500);
    let job = world.submit(&world.people(50), &phone_email(50_000)).await.unwrap();
    let keep = WaitOptions { timeout: Some(Duration::from_secs(60)), on_failed: OnFailed::Keep };
    assert_eq!(job.wait_with(keep, |_| ()).await.unwrap().state, JobState::Done);
    let batch = job.batches().await.unwrap().remove(0);
    assert_eq!(batch.state, BatchState::Failed);
    assert!(batch.error.as_deref().unwrap().contains("does not know run"), "{:?}", batch.error);

    // It is found after all: nothing is sent again, and nothing is lost.
    let (run_id, path) = (batch.run_id.unwrap(), batch.result_path.unwrap());
    while job.attach(1, &run_id, Some(&path), batch.credits_path.as_deref()).await.is_err() {}
    assert_eq!(finish(&job).await.state, JobState::Done);
    assert_eq!(job.batches().await.unwrap()[0].state, BatchState::Loaded);
    assert_eq!(world.server.runs().unwrap().num_rows(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patience_with_a_missing_result_does_not_begin_anew_with_each_handle() {
    let world = world(|config| {
        config.faults = vec!["/lantern-results/*: status 404".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(50), &phone_email(50_000)).await.unwrap();
    while job.batches().await.unwrap()[0].finished_at.is_none() {
        job.poll().await.unwrap();
    }
    // It was finished half an hour ago.
    let file = rusqlite::Connection::open(world.ledger.place()).unwrap();
    file.busy_timeout(Duration::from_secs(30)).unwrap();
    file.execute("UPDATE lantern_units SET finished_at = finished_at - 1800000000", []).unwrap();
    let again = Job::load(&world.client, &world.ledger, job.key(), world.options.clone());
    let wait = again.await.unwrap().wait(Some(Duration::from_secs(30)), |_| ()).await;
    assert!(matches!(&wait, Err(error) if error.is(ErrorKind::Results)), "{wait:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_result_is_not_compared_with_ids_that_the_ledger_lost() {
    let world = world(|config| {
        config.faults = vec!["/lantern-results/*: status 404".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(50), &phone_email(50_000)).await.unwrap();
    while job.batches().await.unwrap()[0].finished_at.is_none() {
        job.poll().await.unwrap();
    }
    let file = rusqlite::Connection::open(world.ledger.place()).unwrap();
    file.busy_timeout(Duration::from_secs(30)).unwrap();
    file.execute("DELETE FROM lantern_unit_ids", []).unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::Ledger), "{error:?}");
    assert!(error.happened().contains("batch 1"), "{error}");
    assert_eq!(job.batches().await.unwrap()[0].state, BatchState::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_will_be_the_same_again_ends_a_wait() {
    let world = world(|config| {
        config.faults = vec!["GET /v1/agents/runs/*: success-false".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(50), &phone_email(50_000)).await.unwrap();
    let wait = tokio::time::timeout(Duration::from_secs(30), job.wait(None, |_| ())).await;
    let error = wait.expect("it repeats for ever").unwrap_err();
    assert!(error.is(ErrorKind::Server), "{error:?}");
}
