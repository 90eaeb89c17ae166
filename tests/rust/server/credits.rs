//! Credits: status 402, usage, and what is left.

use chrono::{Duration, SecondsFormat, Utc};
use lantern_server::{DirectorySource, ServerConfig};
use serde_json::{Value, json};

use crate::server::common::{Caller, lifted, six_people};

fn with_credits(credits: f64) -> ServerConfig {
    ServerConfig { credits, people: DirectorySource::Path(six_people()), ..lifted() }
}

#[tokio::test]
async fn a_batch_that_may_cost_more_than_is_left_is_402() {
    let caller = Caller::start(with_credits(10.0)).await;
    // Two records may cost 12.
    let asked = json!({"ids": ["1", "2"], "max_credits": 12});
    let response = caller.post("/v1/agents/phone-email", &asked).await;
    assert_eq!(response.status(), 402);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["credits_required"], 12);
    assert_eq!(body["credits_remaining"], 10.0);
    assert_eq!(body["success"], false);
    // With a lower maximum, or if it cannot cost that much, it is accepted.
    let run = caller.submit_ids("phone-email", &["1", "2"], 10).await;
    assert_eq!(caller.results(&run).await.rows.len(), 2);
    caller.submit_ids("email", &["1", "2", "3"], 1_000_000).await;
    caller.server.idle().await;
    assert_eq!(caller.server.credits_used(), 9.0);
    let response =
        caller.post("/v1/agents/email", &json!({"ids": ["1", "2"], "max_credits": 5})).await;
    assert_eq!(response.status(), 402);
}

#[tokio::test]
async fn queued_batches_keep_their_credits_and_give_back_what_they_did_not_use() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig { data: Some(folder.path().into()), ..with_credits(12.0) };
    let never = std::time::Duration::from_secs(3_600);
    let caller = Caller::start(ServerConfig { work_delay: never, ..config.clone() }).await;
    caller.submit_ids("phone-email", &["3", "4"], 12).await;
    let asked = json!({"ids": ["1"], "max_credits": 6});
    let response = caller.post("/v1/agents/phone-email", &asked).await;
    assert_eq!(response.status(), 402);
    let body: Value = response.json().await.unwrap();
    assert!(body["error"].as_str().unwrap().contains("queued batches"), "{body}");
    drop(caller);
    let caller = Caller::start(config).await;
    caller.server.idle().await;
    // 5 of 12 were used.
    caller.submit("phone-email", &asked).await;
    caller.server.idle().await;
    assert_eq!(caller.server.credits_used(), 11.0);
}

#[tokio::test]
async fn usage_counts_what_was_charged_in_the_span() {
    let caller = Caller::start(with_credits(100.0)).await;
    let iso = |time: chrono::DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Micros, true);
    let before = Utc::now();
    let first = caller.submit_ids("phone-email", &["1"], 6).await;
    caller.server.idle().await;
    let between = Utc::now();
    caller.submit_ids("email", &["1", "2"], 6).await;
    caller.server.idle().await;
    let after = Utc::now() + Duration::seconds(1);
    let used = async |start, end, more: &str| {
        let path =
            format!("/v1/credits/usage?start_date={}&end_date={}{more}", iso(start), iso(end));
        let body: Value = caller.get(&path).await.json().await.unwrap();
        assert_eq!(body["success"], true, "{body}");
        assert_eq!(body["tenant_id"], 1);
        body["credits_used"].as_f64().unwrap()
    };
    assert_eq!(used(before, after, "").await, 8.0);
    assert_eq!(used(before, between, "").await, 6.0);
    assert_eq!(used(between, after, "").await, 2.0);
    assert_eq!(used(before - Duration::days(2), before, "").await, 0.0);
    let run = format!("&workflow_run_id={}", first["run_id"].as_str().unwrap());
    assert_eq!(used(before, after, &run).await, 6.0);
    assert_eq!(used(before, after, "&workflow_id=w1").await, 0.0);
    let body: Value = caller.get("/v1/credits/remaining").await.json().await.unwrap();
    assert_eq!((&body["remaining_credits"], &body["total_credits"]), (&json!(92.0), &json!(100.0)));
}

#[tokio::test]
async fn a_usage_query_that_does_not_validate_is_422() {
    let caller = Caller::start(with_credits(1.0)).await;
    let get = async |query: &str| {
        let response = caller.get(&format!("/v1/credits/usage{query}")).await;
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    for (query, field) in [
        ("", "start_date"),
        ("?start_date=2026-01-01T00:00:00Z", "end_date"),
        ("?start_date=yesterday&end_date=2026-01-01T00:00:00Z", "start_date"),
        ("?start_date=2026-01-01T00:00:00Z&end_date=", "end_date"),
        ("?start_date=2026-01-02T00:00:00Z&end_date=2026-01-01T00:00:00Z", "start_date"),
    ] {
        let (status, body) = get(query).await;
        assert_eq!(status, 422, "{query}");
        assert_eq!(body["detail"][0]["loc"], json!(["query", field]), "{query} {body}");
    }
    for query in [
        "?start_date=2026-01-01&end_date=2026-01-02",
        "?start_date=2026-01-01T00:00:00&end_date=2026-01-02T00:00:00.5",
        "?start_date=2026-01-01T00:00:00%2B02:00&end_date=2026-01-02T00:00:00Z",
    ] {
        assert_eq!(get(query).await.0, 200, "{query}");
    }
}
