//! Runs in states that the contract does not name: they count as running, are shown, and end a wait
//! after the documented time.

use std::{sync::Arc, time::Duration};

use arrow::array::{Array, ArrayRef, StringArray};
use lantern::{
    Client, ClientConfig,
    api::agents::BatchKind,
    client::RateLimits,
    error::ErrorKind,
    jobs::{
        Job, JobOptions, Ledger,
        ids::Ids,
        plan::{Request, Submission},
    },
};

use super::results_elsewhere::{answer, server};

const ACCEPTED: &str = r#"{"run_id": "r-1", "result_path": "s3://b/k.csv"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_not_known_is_shown_and_ends_a_wait_after_a_time() {
    let (url, _) = server(|_, head| match head.starts_with("POST ") {
        true => answer("200 OK", "", ACCEPTED),
        false => answer("200 OK", "", r#"{"run_id": "r-1", "status": "Warming up"}"#),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite").to_string_lossy()).unwrap();
    let mut config = ClientConfig::resolve(Some("a-key-for-tests"), Some(&url), false).unwrap();
    config.limits = RateLimits::LIFTED;
    let client = Client::with_slots(config, Some(ledger.slots())).unwrap();
    let column: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let ids = Ids::read("id", column.data_type(), std::slice::from_ref(&column)).unwrap();
    let submission = Submission::new(Request::new(BatchKind::Email), 9);

    let patient = JobOptions::default();
    let job = Job::submit(&client, &ledger, &submission, "id", &ids, patient).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(2)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::Unfinished), "{error:?}");
    assert!(error.to_string().contains("Warming up"), "{error}");
    let progress = job.progress().await.unwrap();
    assert_eq!(progress.unknown, ["Warming up"]);
    assert!(progress.to_string().contains("Warming up"), "{progress}");
    let told = job.batches().await.unwrap().remove(0).error.unwrap();
    assert!(told.contains("run r-1 is \"Warming up\", a state that is not known"), "{told}");

    let hasty = JobOptions { patience_unknown: Duration::ZERO, ..JobOptions::default() };
    let job = Job::load(&client, &ledger, job.key(), hasty).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::Job), "{error:?}");
    assert_eq!(error.facts().batch, Some(1));
    let text = error.to_string();
    assert!(text.contains("Warming up") && text.contains("newer version of lantern"), "{text}");
}
