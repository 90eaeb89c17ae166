//! A server that is started again on its data folder.

use std::time::Duration;

use lantern_server::ServerConfig;
use serde_json::{Value, json};

use crate::server::common::{Caller, lifted};

fn on(folder: &std::path::Path, work_delay: Duration) -> ServerConfig {
    ServerConfig { data: Some(folder.to_owned()), work_delay, ..lifted() }
}

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn what_was_queued_is_worked_by_the_next_server() {
    let folder = tempfile::tempdir().unwrap();
    let first = Caller::start(on(folder.path(), LONG)).await;
    let mut runs = Vec::new();
    for at in 1..=5 {
        let id = format!("P000000{at}");
        runs.push(first.submit_ids("phone-email", &[&id], 6).await);
    }
    for run in &runs {
        assert_eq!(first.status(run).await, "queued");
    }
    let keys = first.server.storage_options();
    first.server.stop().await;
    drop(first);

    let second = Caller::start(on(folder.path(), Duration::ZERO)).await;
    for (at, run) in runs.iter().enumerate() {
        assert_eq!(second.results(run).await.column("id"), [format!("P000000{}", at + 1)]);
    }
    let options = second.server.storage_options();
    assert_eq!(options["aws_secret_access_key"], keys["aws_secret_access_key"]);
    let used = second.server.credits_used();
    assert_eq!(second.runs().len(), 5);
    drop(second);

    let third = Caller::start(on(folder.path(), Duration::ZERO)).await;
    assert_eq!(third.server.credits_used(), used);
    assert_eq!(third.results(&runs[0]).await.rows.len(), 1);
}

#[tokio::test]
async fn a_server_stopped_in_the_middle_of_its_queue_works_each_batch_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut submitted = 0;
    let mut expected = None;
    for round in 0..4 {
        let caller = Caller::start(on(folder.path(), Duration::from_millis(2))).await;
        if expected.is_none() {
            let people = crate::server::common::rows(&caller.server.people());
            let each: usize = people[..20].iter().filter(|row| !row["email"].is_empty()).count();
            expected = Some(each * 40);
        }
        if round < 2 {
            let ids: Vec<String> = (1..=20).map(|at| format!("P{at:07}")).collect();
            for _ in 0..20 {
                caller.submit("email", &json!({"ids": ids, "max_credits": 20})).await;
                submitted += 1;
            }
        }
        if round == 3 {
            caller.server.idle().await;
            let runs = caller.runs();
            assert_eq!(runs.len(), submitted);
            assert!(runs.iter().all(|run| run["status"] == "completed"));
            assert_eq!(Some(caller.server.credits_used() as usize), expected);
        }
        // Dropped and not stopped, so that the queue is interrupted.
    }
}

#[tokio::test]
async fn reserved_credits_are_still_reserved_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig { credits: 10.0, ..on(folder.path(), LONG) };
    let first = Caller::start(config.clone()).await;
    first.submit_ids("phone-email", &["P0000001"], 6).await;
    drop(first);
    let second = Caller::start(config).await;
    let asked = json!({"ids": ["P0000001"], "max_credits": 6});
    let response = second.post("/v1/agents/phone-email", &asked).await;
    assert_eq!(response.status(), 402);
    assert_eq!(response.json::<Value>().await.unwrap()["credits_remaining"], 4.0);
}

#[tokio::test]
async fn a_fault_that_a_queued_batch_met_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "POST /v1/agents/*: run-fails".parse().unwrap();
    let config = ServerConfig { faults: vec![rule], ..on(folder.path(), LONG) };
    let first = Caller::start(config).await;
    let run = first.submit_ids("email", &["P0000001"], 1).await;
    drop(first);
    let second = Caller::start(on(folder.path(), Duration::ZERO)).await;
    second.server.idle().await;
    assert_eq!(second.status(&run).await, "failed");
}

#[tokio::test]
async fn a_batch_that_no_file_can_be_written_for_fails_and_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let caller = Caller::start(on(folder.path(), Duration::ZERO)).await;
    // A file is in the way of the folder for the results.
    let blocked = folder.path().join("objects/lantern-results/person");
    std::fs::write(&blocked, "in the way").unwrap();
    let run = caller.submit_ids("email", &["P0000001", "P0000002"], 2).await;
    caller.server.idle().await;
    let path = format!("/v1/agents/runs/{}/status", run["run_id"].as_str().unwrap());
    let answer: Value = caller.get(&path).await.json().await.unwrap();
    assert_eq!(answer["status"], "failed");
    assert!(answer["error"].as_str().unwrap().contains("cannot be written"), "{answer}");
    assert_eq!(caller.server.credits_used(), 0.0);
}

#[tokio::test]
async fn a_batch_is_refused_when_the_data_folder_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let caller = Caller::start(on(folder.path(), Duration::ZERO)).await;
    std::fs::remove_dir_all(folder.path()).unwrap();
    let batch = json!({"ids": ["P0000001"], "max_credits": 1});
    let response = caller.post("/v1/agents/email", &batch).await;
    assert_eq!(response.status(), 500);
    let error: Value = response.json().await.unwrap();
    assert!(error["error"].as_str().unwrap().contains("data folder was removed"), "{error}");
    assert_eq!(caller.server.credits_used(), 0.0);
}
