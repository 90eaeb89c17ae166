//! Rate limits over HTTP. The passing of time in a window is tested in its module.

use lantern_server::{Limits, ServerConfig};
use serde_json::{Value, json};

use crate::server::common::Caller;

#[tokio::test]
async fn the_second_batch_of_a_minute_is_429_and_says_how_long_to_wait() {
    let caller = Caller::start(ServerConfig::default()).await;
    caller.submit_ids("email", &["P0000001"], 1).await;
    let response =
        caller.post("/v1/agents/phone", &json!({"ids": ["P0000001"], "max_credits": 1})).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["x-ratelimit-limit"], "1");
    let whole: f64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    let body: Value = response.json().await.unwrap();
    let exact = body["retry_after"].as_f64().unwrap();
    assert!(exact > 50.0 && exact <= 60.0, "{exact}");
    assert_eq!(whole, exact.ceil());
    assert_eq!(caller.runs().len(), 1);
    // Other classes have limits of their own.
    assert_eq!(caller.get("/v1/credits/remaining").await.status(), 200);
}

#[tokio::test]
async fn each_class_has_its_limit_and_a_refused_key_takes_no_place() {
    let limits = Limits { sync: Some(3), credits: Some(2), ..Limits::LIFTED };
    let caller = Caller::start(ServerConfig { limits, ..ServerConfig::default() }).await;
    for _ in 0..5 {
        let url = format!("{}/v1/credits/remaining", caller.server.url());
        assert_eq!(caller.http.get(url).bearer_auth("wrong").send().await.unwrap().status(), 401);
    }
    let run = "/v1/agents/runs/8f2d1c4e-6b1a-4c8e-9a41-000000000000/status";
    for (path, granted, status) in [("/v1/credits/remaining", 2, 200), (run, 3, 404)] {
        for _ in 0..granted {
            assert_eq!(caller.get(path).await.status(), status);
        }
        assert_eq!(caller.get(path).await.status(), 429, "{path}");
    }
    for _ in 0..20 {
        caller.submit_ids("email", &["P0000001"], 1).await;
    }
}
