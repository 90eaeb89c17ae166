//! Simulated faults.

use std::{error::Error as _, io, time::Instant};

use lantern_server::{DirectorySource, FaultRule};
use object_store::ObjectStoreExt;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::common::{Caller, Csv, lifted, six_people};

async fn with(rules: &[&str]) -> Caller {
    let mut config = lifted();
    config.people = DirectorySource::Path(six_people());
    config.faults = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    Caller::start(config).await
}

fn batch() -> Value {
    json!({"ids": ["1", "2"], "max_credits": 20})
}

/// Whether a failed request was reset rather than closed.
fn was_reset(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return io.kind() == io::ErrorKind::ConnectionReset;
        }
        source = error.source();
    }
    false
}

#[tokio::test]
async fn a_status_is_answered_as_often_as_the_rule_says_and_nothing_is_done() {
    let caller = with(&["POST /v1/agents/*: status 503 retry-after 1.5 times 2"]).await;
    for _ in 0..2 {
        let response = caller.post("/v1/agents/email", &batch()).await;
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
        let body: Value = response.json().await.unwrap();
        assert_eq!((&body["success"], &body["retry_after"]), (&json!(false), &json!(1.5)));
    }
    assert!(caller.runs().is_empty());
    caller.submit("email", &batch()).await;
    assert_eq!(caller.runs().len(), 1);
}

#[tokio::test]
async fn a_fault_keeps_the_rate_limit_header_of_its_call() {
    let mut config = lifted();
    config.limits.batches = Some(7);
    config.faults = vec!["*: status 502".parse().unwrap()];
    let caller = Caller::start(config).await;
    let response = caller.post("/v1/agents/email", &batch()).await;
    assert_eq!(response.headers()["x-ratelimit-limit"], "7");
}

#[tokio::test]
async fn a_reset_before_does_nothing_and_a_reset_after_does_it() {
    let caller = with(&[]).await;
    let send = || caller.request(Method::POST, "/v1/agents/email").json(&batch()).send();
    caller.server.set_faults(vec!["POST *: reset before times 1".parse().unwrap()]);
    let error = send().await.unwrap_err();
    assert!(was_reset(&error), "{error:?}");
    assert!(caller.runs().is_empty());
    caller.server.set_faults(vec!["POST *: reset after times 1".parse().unwrap()]);
    let error = send().await.unwrap_err();
    assert!(was_reset(&error), "{error:?}");
    assert_eq!(caller.runs().len(), 1);
    assert_eq!(send().await.unwrap().status(), 200);
    caller.server.idle().await;
    assert_eq!(caller.server.credits_used(), 4.0);
}

#[tokio::test]
async fn a_reset_ends_an_http_2_connection_too() {
    let caller = with(&["GET /v1/credits/remaining: reset before times 1"]).await;
    let http = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let url = format!("{}/v1/credits/remaining", caller.server.url());
    let get = || http.get(&url).bearer_auth(caller.server.key()).send();
    assert!(get().await.is_err());
    assert_eq!(get().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_delay_delays_and_goes_on() {
    let caller = with(&["GET /v1/credits/*: delay 300ms nth 2"]).await;
    let mut took = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        assert_eq!(caller.get("/v1/credits/remaining").await.status(), 200);
        took.push(start.elapsed().as_millis());
    }
    // Which requests a rule applies to is tested in its module; the duration of others depends on
    // the machine.
    assert!(took[1] >= 300, "{took:?}");
}

#[tokio::test]
async fn a_cut_result_ends_inside_a_line_and_stays_cut() {
    let caller = with(&["POST /v1/agents/email: truncate half times 1"]).await;
    let cut = caller.submit("email", &batch()).await;
    let whole = caller.submit("email", &batch()).await;
    caller.server.idle().await;
    let whole = caller.object(whole["result_path"].as_str().unwrap()).await;
    for _ in 0..2 {
        let part = caller.object(cut["result_path"].as_str().unwrap()).await;
        assert!(part.len() > whole.len() / 3 && part.len() <= whole.len() / 2);
        assert!(whole.starts_with(&part) && !part.ends_with(b"\n"));
    }
}

#[tokio::test]
async fn a_cut_download_is_whole_the_next_time() {
    let caller = with(&[
        "GET /lantern-results/*-batch_*.csv: truncate 90 times 1",
        "GET *: status 503 nth 3",
    ])
    .await;
    let run = caller.submit("email", &batch()).await;
    caller.server.idle().await;
    let address = run["result_path"].as_str().unwrap();
    assert_eq!(caller.object(address).await.len(), 90);
    let whole = caller.object(address).await;
    assert_eq!(Csv::read(&whole).rows.len(), 2);
    // object_store retries a GET that is answered with 503.
    assert_eq!(caller.object(address).await, whole);
}

#[tokio::test]
async fn a_page_that_is_no_json_and_an_answer_that_says_no() {
    let caller =
        with(&["POST /v1/agents/email: not-json nth 1", "POST *: success-false nth 1"]).await;
    let response = caller.post("/v1/agents/email", &batch()).await;
    assert_eq!(response.status(), 200);
    assert!(response.text().await.unwrap().starts_with("<html>"));
    assert_eq!(caller.runs().len(), 1, "the first was processed");
    let response = caller.post("/v1/agents/phone", &batch()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.json::<Value>().await.unwrap()["success"], false);
    assert_eq!(caller.runs().len(), 1, "the second was not");
}

#[tokio::test]
async fn a_run_that_fails_costs_nothing_and_has_no_result() {
    let caller = with(&["POST /v1/agents/*: run-fails times 1"]).await;
    let run = caller.submit("email", &batch()).await;
    caller.server.idle().await;
    assert_eq!(caller.status(&run).await, "failed");
    assert_eq!(caller.server.credits_used(), 0.0);
    let (store, path) = caller.store(run["result_path"].as_str().unwrap(), &[]);
    assert!(store.get(&path).await.is_err());
    let (store, path) = caller.store(run["credits_csv_path"].as_str().unwrap(), &[]);
    let report = store.get(&path).await.unwrap().bytes().await.unwrap();
    assert_eq!(&report[..], b"id,service,credits,status\n");
    let run = caller.submit("email", &batch()).await;
    assert_eq!(caller.results(&run).await.rows.len(), 2);
}

#[tokio::test]
async fn faults_and_runs_of_another_process_are_reached_by_http() {
    let caller = with(&[]).await;
    let put = async |rules: Value| {
        let request = caller.request(Method::PUT, "/_local/faults").json(&json!({"rules": rules}));
        request.send().await.unwrap()
    };
    let rule = "GET /v1/credits/remaining: status 418 times 1";
    assert_eq!(put(json!([rule])).await.status(), 200);
    let now: Value = caller.get("/_local/faults").await.json().await.unwrap();
    assert_eq!(now, json!({"rules": [rule]}));
    assert_eq!(caller.get("/v1/credits/remaining").await.status(), 418);
    let bad = put(json!([rule, "explode"])).await;
    assert_eq!(bad.status(), 422);
    let bad: Value = bad.json().await.unwrap();
    assert_eq!(bad["detail"][0]["loc"], json!(["body", "rules", 1]));
    caller.server.add_fault("*: status 410".parse::<FaultRule>().unwrap());
    assert_eq!(caller.get("/v1/credits/remaining").await.status(), 410);
    assert_eq!(put(json!([])).await.status(), 200);
    assert_eq!(caller.get("/v1/credits/remaining").await.status(), 200);
    caller.submit("email", &batch()).await;
    caller.server.idle().await;
    let runs: Value = caller.get("/_local/runs").await.json().await.unwrap();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1);
    assert_eq!((&runs["runs"][0]["ids"], &runs["runs"][0]["credits"]), (&json!(2), &json!(2)));
    let url = format!("{}/_local/runs", caller.server.url());
    assert_eq!(caller.http.get(url).send().await.unwrap().status(), 401);
}
