//! The pages for people.

use serde_json::json;

use crate::server::common::{Caller, lifted};

async fn page(caller: &Caller, path: &str) -> String {
    let response = caller.http.get(format!("{}{path}", caller.server.url())).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.headers()["content-security-policy"].to_str().unwrap().contains("'none'"));
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    response.text().await.unwrap()
}

#[tokio::test]
async fn the_status_page_shows_what_was_done_and_no_persons() {
    let caller = Caller::start(lifted()).await;
    let run = caller.submit_ids("email", &["P0000001"], 1).await;
    caller.server.idle().await;
    let lead = caller.crm("leads").await[0]["id"].clone();
    let body =
        json!({"object": "lead", "sf_id": lead, "pool": "default", "exclude_inactive": true});
    caller.ask("/v1/routing/assign", &body).await;
    let form = json!({"name": "<b>Eve</b>", "email": "eve@navy.example"});
    caller.ask("/v1/forms/submit", &form).await;
    caller.post("/v1/enrich/ai", &json!({})).await;
    let shown = page(&caller, "/").await;
    for part in [
        run["run_id"].as_str().unwrap(),
        lead.as_str().unwrap(),
        "POST /v1/enrich/ai",
        "forms/submit",
        "1 assign",
    ] {
        assert!(shown.contains(part), "{part}");
    }
    assert!(!shown.contains("eve@navy.example") && !shown.contains("<b>Eve"), "{shown}");
    assert!(!shown.contains(caller.server.key()));
}

#[tokio::test]
async fn the_reference_shows_every_operation_without_a_network() {
    let caller = Caller::start(lifted()).await;
    let shown = page(&caller, "/docs").await;
    let document = caller.see("/openapi.json").await;
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(shown.contains(&format!("<code>{path}</code>")), "{path}");
    }
    for field in ["credits_consumed", "set_owner_round_robin_pool", "lead_sf_id", "phone_number"] {
        assert!(shown.contains(field), "{field}");
    }
    assert!(!shown.contains("<script") && !shown.contains("src=") && !shown.contains("http://"));
}

#[tokio::test]
async fn a_name_that_leads_here_from_elsewhere_gets_no_page() {
    let caller = Caller::start(lifted()).await;
    for (host, status) in [
        ("evil.example", 404),
        ("127.0.0.1.evil.example", 404),
        ("localhost:1", 200),
        ("[::1]:1", 200),
    ] {
        let request = caller.http.get(caller.server.url()).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
}
