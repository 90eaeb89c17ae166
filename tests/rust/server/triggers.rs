//! `POST /v1/triggers/salesforce` and the poll.

use lantern_server::ServerConfig;
use serde_json::{Value, json};

use crate::server::common::{Caller, lifted};

const PATH: &str = "/v1/triggers/salesforce";

/// A lead for which the directory has more data.
async fn known_lead(caller: &Caller) -> Value {
    let people = crate::server::common::rows(&caller.server.people());
    let own = people.iter().find(|own| !own["email"].is_empty()).unwrap();
    let lead = json!({
        "first_name": own["first_name"], "last_name": own["last_name"], "company": own["company_name"],
    });
    caller.make("leads", &lead).await
}

async fn poll(caller: &Caller) -> u64 {
    caller.ask("/_local/poll", &json!({})).await["worked"].as_u64().unwrap()
}

#[tokio::test]
async fn records_that_have_changed_are_enriched_and_logged() {
    let caller = Caller::start(lifted()).await;
    let lead = known_lead(&caller).await;
    let unknown = json!("00QLc0zzzzzzzzz");
    let body = json!({
        "object": "Lead", "ids": [lead["id"], lead["id"], unknown, "no id"],
        "event": "after_insert", "org_id": "00D",
    });
    let answer = caller.ask(PATH, &body).await;
    assert_eq!(answer["processed_count"], 1);
    assert_eq!(answer["enrichment_jobs"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&answer["workflow_status"], &answer["credits_consumed"]),
        (&json!("started"), &json!(2))
    );
    let now = caller.see(&format!("/_local/crm/records/{}", lead["id"].as_str().unwrap())).await;
    assert!(now["email"].is_string() && now["title"].is_string(), "{now}");
    let log = caller.see("/v1/logs/routing?from=2026-01-01&to=2100-01-01&action=enrich").await;
    let entry = &log["entries"][0];
    assert_eq!((&entry["object_id"], &entry["reason"]), (&lead["id"], &json!("after_insert")));
    assert_eq!(entry["diff"]["email"], json!({"from": null, "to": now["email"]}));
    // Nothing more can be found, so nothing is paid.
    let again = caller.ask(PATH, &body).await;
    assert_eq!((&again["credits_consumed"], &again["processed_count"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn every_object_and_event_is_taken() {
    let caller = Caller::start(lifted()).await;
    for (object, table) in [
        ("Lead", "leads"),
        ("Contact", "contacts"),
        ("Account", "accounts"),
        ("Opportunity", "opportunities"),
    ] {
        let id = caller.crm(table).await[0]["id"].clone();
        for event in ["after_insert", "after_update", "after_undelete"] {
            let body = json!({"object": object, "ids": [id], "event": event, "org_id": "00D"});
            assert_eq!(caller.ask(PATH, &body).await["processed_count"], 1, "{object} {event}");
        }
    }
    let body = json!({"object": "Lead", "ids": ["00QLc0zzzzzzzzz"], "event": "after_insert", "org_id": "00D"});
    assert_eq!(caller.ask(PATH, &body).await["workflow_status"], "failed");
}

#[tokio::test]
async fn the_poll_finds_what_no_webhook_announced_exactly_once_across_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig { data: Some(folder.path().into()), ..lifted() };
    let caller = Caller::start(config.clone()).await;
    assert_eq!(poll(&caller).await, 0);
    let announced = known_lead(&caller).await;
    let body = json!({"object": "Lead", "ids": [announced["id"]], "event": "after_insert", "org_id": "00D"});
    caller.ask(PATH, &body).await;
    assert_eq!(poll(&caller).await, 0);
    let silent = known_lead(&caller).await;
    let account = caller.crm("accounts").await[0]["id"].clone();
    caller.edit(&account, &json!({"phone": "+12125550100"})).await;
    drop(caller);

    let caller = Caller::start(config.clone()).await;
    assert_eq!(poll(&caller).await, 2);
    assert_eq!(poll(&caller).await, 0);
    let now = caller.see(&format!("/_local/crm/records/{}", silent["id"].as_str().unwrap())).await;
    assert!(now["title"].is_string());
    // The server's own changes do not count as changes by others.
    let assign = json!({"object": "lead", "sf_id": silent["id"], "pool": "default", "exclude_inactive": true});
    caller.ask("/v1/routing/assign", &assign).await;
    caller.ask("/v1/salesforce/convert", &json!({"lead_sf_id": silent["id"]})).await;
    assert_eq!(poll(&caller).await, 0);
    // A change after a webhook is another change.
    caller.edit(&announced["id"], &json!({"title": null})).await;
    drop(caller);
    let caller = Caller::start(config).await;
    assert_eq!((poll(&caller).await, poll(&caller).await), (1, 0));
}

#[tokio::test]
async fn more_changes_than_one_step_takes_are_all_found() {
    let caller = Caller::start(lifted()).await;
    assert_eq!(poll(&caller).await, 0);
    for at in 0..450 {
        caller.make("contacts", &json!({"last_name": format!("N{at}")})).await;
    }
    assert_eq!((poll(&caller).await, poll(&caller).await), (450, 0));
}

#[tokio::test]
async fn the_server_polls_by_itself() {
    let poll_every = std::time::Duration::from_millis(20);
    let caller = Caller::start(ServerConfig { poll_every, ..lifted() }).await;
    let lead = known_lead(&caller).await;
    let path = format!("/_local/crm/records/{}", lead["id"].as_str().unwrap());
    let found = async {
        while caller.see(&path).await["email"].is_null() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), found).await.unwrap();
}
