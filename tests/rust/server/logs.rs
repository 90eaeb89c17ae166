//! `GET /v1/logs/*`.

use lantern_server::ServerConfig;
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::common::{Caller, Csv, lifted};

const ALL: &str = "from=2026-01-01&to=2100-01-01";

async fn with_entries(count: usize) -> Caller {
    let caller = Caller::start(lifted()).await;
    let leads = caller.crm("leads").await;
    for (at, lead) in leads.iter().take(count).enumerate() {
        let pool = if at % 3 == 0 { "emea" } else { "default" };
        let body = json!({
            "object": "lead", "sf_id": lead["id"], "pool": pool, "exclude_inactive": true,
        });
        let response = caller
            .request(Method::POST, "/v1/routing/assign")
            .header("idempotency-key", format!("=key{at}"))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
    }
    caller
}

#[tokio::test]
async fn entries_are_filtered_limited_and_in_order() {
    let caller = with_entries(9).await;
    let count = async |query: &str| {
        let answer = caller.see(&format!("/v1/logs/routing?{query}")).await;
        answer["entries"].as_array().unwrap().len()
    };
    for (more, expected) in [
        ("", 9),
        ("&pool=emea", 3),
        ("&pool=emea&object=Lead&action=assign", 3),
        ("&object=Contact", 0),
        ("&action=convert", 0),
        ("&action=merge", 0),
        ("&action=enrich", 0),
        ("&limit=4", 4),
    ] {
        assert_eq!(count(&format!("{ALL}{more}")).await, expected, "{more}");
    }
    assert_eq!(count("from=2026-01-01&to=2026-01-02").await, 0);
    let answer = caller.see(&format!("/v1/logs/routing?{ALL}")).await;
    let times: Vec<&str> = answer["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["timestamp"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted());
    // `from` is included, and `to` is not.
    assert_eq!(count(&format!("from={}&to={}", times[2], times[5])).await, 3);
    let bare = caller.see(&format!("/v1/logs/routing?{ALL}&include_diff=false")).await;
    assert!(bare["entries"].as_array().unwrap().iter().all(|entry| entry["diff"].is_null()));
    assert!(answer["entries"][0]["diff"]["owner_id"].is_object(), "{answer}");
}

#[tokio::test]
async fn the_csv_has_the_columns_of_the_contract_and_no_formulas() {
    let caller = with_entries(3).await;
    let response = caller.get(&format!("/v1/logs/routing?{ALL}&format=csv")).await;
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    let csv = Csv::read(&response.bytes().await.unwrap());
    assert_eq!(
        csv.header.join(","),
        "timestamp,object,object_id,action,pool,assigned_to,prev_owner,sequence,reason,request_id,idempotency_key,diff"
    );
    assert_eq!(csv.rows.len(), 3);
    assert_eq!(csv.column("idempotency_key")[0], "'=key0");
    let diff: Value = serde_json::from_str(csv.column("diff")[0]).unwrap();
    assert_eq!(diff["owner_id"]["to"], csv.column("assigned_to")[0]);
}

#[tokio::test]
async fn statistics_count_by_action_object_pool_and_day() {
    let caller = with_entries(6).await;
    let stats = caller.see(&format!("/v1/logs/routing/stats?{ALL}")).await;
    assert_eq!(stats["total"], 6);
    assert_eq!(stats["by_action"], json!({"assign": 6}));
    assert_eq!(stats["by_object"], json!({"Lead": 6}));
    assert_eq!(stats["by_pool"], json!({"default": 4, "emea": 2}));
    let today = chrono::Utc::now().format("%Y-%m-%d").to_string();
    assert_eq!(stats["by_day"].as_object().unwrap().keys().next(), Some(&today));
    let some = caller.see(&format!("/v1/logs/routing/stats?{ALL}&pool=emea")).await;
    assert_eq!(some["total"], 2);
}

#[tokio::test]
async fn retention_is_kept_and_what_is_older_goes() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig { data: Some(folder.path().into()), ..lifted() };
    let caller = Caller::start(config.clone()).await;
    assert_eq!(caller.see("/v1/logs/retention").await["days"], 365);
    let lead = caller.crm("leads").await[0]["id"].clone();
    let body =
        json!({"object": "lead", "sf_id": lead, "pool": "default", "exclude_inactive": true});
    for _ in 0..3 {
        caller.ask("/v1/routing/assign", &body).await;
    }
    drop(caller);
    // Two of them are given older times.
    let file = rusqlite::Connection::open(folder.path().join("state.sqlite")).unwrap();
    file.execute("UPDATE routing_log SET at = at - 40 * 86400000000 WHERE seq <= 2", []).unwrap();
    drop(file);
    let caller = Caller::start(config).await;
    let put = async |days: Value| {
        let response = caller
            .request(Method::PUT, "/v1/logs/retention")
            .json(&json!({"days": days}))
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    let (status, answer) = put(json!(30)).await;
    assert_eq!((status, &answer["days"], &answer["deleted"]), (200, &json!(30), &json!(2)));
    assert_eq!(caller.see("/v1/logs/retention").await["days"], 30);
    for bad in [json!(0), json!(-1), json!(40_000), json!("30"), json!(null)] {
        assert_eq!(put(bad.clone()).await.0, 422, "{bad}");
    }
}

#[tokio::test]
async fn a_query_that_does_not_validate_names_its_field() {
    let caller = Caller::start(lifted()).await;
    for (query, field) in [
        ("", "from"),
        ("from=2026-01-01", "to"),
        ("from=yesterday&to=2026-01-01", "from"),
        ("from=2026-01-02&to=2026-01-01", "from"),
        ("from=2026-01-01&to=2026-01-02&limit=0", "limit"),
        ("from=2026-01-01&to=2026-01-02&limit=10001", "limit"),
        ("from=2026-01-01&to=2026-01-02&limit=x", "limit"),
        ("from=2026-01-01&to=2026-01-02&include_diff=perhaps", "include_diff"),
        ("from=2026-01-01&to=2026-01-02&object=lead", "object"),
        ("from=2026-01-01&to=2026-01-02&action=delete", "action"),
        ("from=2026-01-01&to=2026-01-02&format=xml", "format"),
    ] {
        let response = caller.get(&format!("/v1/logs/routing?{query}")).await;
        assert_eq!(response.status(), 422, "{query}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["detail"][0]["loc"], json!(["query", field]), "{query} {body}");
    }
}
