//! `POST /v1/routing/assign` and pools.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::common::{Caller, lifted};

async fn users(caller: &Caller) -> Vec<String> {
    let users = caller.crm("users").await;
    users.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

async fn put(caller: &Caller, pool: &str, users: &[String]) -> reqwest::Response {
    let path = format!("/v1/routing/pools/{pool}");
    caller.request(Method::PUT, &path).json(&json!({"users": users})).send().await.unwrap()
}

async fn assign(caller: &Caller, sf_id: &Value, pool: &str) -> Value {
    let body = json!({"object": "lead", "sf_id": sf_id, "pool": pool, "exclude_inactive": true});
    caller.ask("/v1/routing/assign", &body).await
}

#[tokio::test]
async fn a_thousand_parallel_assignments_are_fair_and_without_gaps() {
    let caller = Arc::new(Caller::start(lifted()).await);
    let users = users(&caller).await;
    for user in &users {
        caller.edit(&json!(user), &json!({"active": true})).await;
    }
    assert_eq!(put(&caller, "seven", &users[..7]).await.status(), 200);
    let leads = caller.crm("leads").await;
    let calls: Vec<_> = (0..1000)
        .map(|at| {
            let (caller, lead) = (Arc::clone(&caller), leads[at % leads.len()]["id"].clone());
            tokio::spawn(async move { assign(&caller, &lead, "seven").await })
        })
        .collect();
    let (mut counts, mut sequences) = (BTreeMap::<String, usize>::new(), BTreeSet::new());
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!((&answer["pool_size"], &answer["credits_consumed"]), (&json!(7), &json!(1)));
        *counts.entry(answer["assigned_to"].as_str().unwrap().to_owned()).or_default() += 1;
        sequences.insert(answer["sequence"].as_u64().unwrap());
    }
    assert_eq!(sequences, (1..=1000).collect());
    let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
    assert!(counts.len() == 7 && most - least <= 1, "{counts:?}");
    assert_eq!(caller.server.credits_used(), 1000.0);
}

#[tokio::test]
async fn inactive_users_are_passed_over_unless_they_shall_not_be() {
    let caller = Caller::start(lifted()).await;
    let users = users(&caller).await;
    put(&caller, "two", &users[..2]).await;
    caller.edit(&json!(users[0]), &json!({"active": false})).await;
    let lead = caller.crm("leads").await[0]["id"].clone();
    for _ in 0..3 {
        let answer = assign(&caller, &lead, "two").await;
        assert_eq!((&answer["assigned_to"], &answer["pool_size"]), (&json!(users[1]), &json!(1)));
    }
    let body = json!({"object": "lead", "sf_id": lead, "pool": "two", "exclude_inactive": false});
    assert_eq!(caller.ask("/v1/routing/assign", &body).await["assigned_to"], users[0]);
    caller.edit(&json!(users[1]), &json!({"active": false})).await;
    let body = json!({"object": "lead", "sf_id": lead, "pool": "two", "exclude_inactive": true});
    let response = caller.post("/v1/routing/assign", &body).await;
    assert_eq!(response.status(), 400);
    assert!(response.text().await.unwrap().contains("nobody in pool"));
}

#[tokio::test]
async fn a_reset_goes_to_somebody_else_and_gives_the_turn_back() {
    let caller = Caller::start(lifted()).await;
    let users = users(&caller).await;
    put(&caller, "three", &users[..3]).await;
    let leads = caller.crm("leads").await;
    let first = assign(&caller, &leads[0]["id"], "three").await["assigned_to"].clone();
    let body = json!({
        "object": "lead", "sf_id": leads[0]["id"], "pool": "three", "exclude_inactive": true,
        "reset_rules": {"reason": "bad_fit", "place_user_at_top": first},
    });
    let answer = caller.ask("/v1/routing/assign", &body).await;
    assert_eq!(answer["credits_consumed"], 2);
    assert_ne!(answer["assigned_to"], first);
    assert_eq!(assign(&caller, &leads[1]["id"], "three").await["assigned_to"], first);
    let log = caller.see("/v1/logs/routing?from=2026-01-01&to=2100-01-01&pool=three").await;
    let reset = &log["entries"][1];
    assert_eq!((&reset["reason"], &reset["prev_owner"]), (&json!("bad_fit"), &first));
    assert_eq!(reset["diff"]["owner_id"]["from"], first);
}

#[tokio::test]
async fn every_kind_of_record_can_be_assigned() {
    let caller = Caller::start(lifted()).await;
    for (object, table) in [
        ("lead", "leads"),
        ("contact", "contacts"),
        ("opportunity", "opportunities"),
        ("account", "accounts"),
    ] {
        let id = caller.crm(table).await[0]["id"].clone();
        let body =
            json!({"object": object, "sf_id": id, "pool": "default", "exclude_inactive": true});
        let answer = caller.ask("/v1/routing/assign", &body).await;
        assert!(answer["timestamp"].as_str().unwrap().ends_with('Z'));
        let record = caller.see(&format!("/_local/crm/records/{}", id.as_str().unwrap())).await;
        assert_eq!(record["owner_id"], answer["assigned_to"]);
    }
}

#[tokio::test]
async fn pools_are_made_changed_and_removed() {
    let caller = Caller::start(lifted()).await;
    let users = users(&caller).await;
    let made: Value = put(&caller, "emea%20east", &users[..2]).await.json().await.unwrap();
    assert_eq!((&made["pool"], made["users"].as_array().unwrap().len()), (&json!("emea east"), 2));
    let changed: Value = put(&caller, "emea%20east", &users[1..4]).await.json().await.unwrap();
    assert_eq!(changed["users"].as_array().unwrap().len(), 3);
    for bad in [vec![], vec!["nobody".to_owned()], vec![users[0].clone(), users[0].clone()]] {
        assert_eq!(put(&caller, "p", &bad).await.status(), 422, "{bad:?}");
    }
    let gone = async || {
        let path = "/v1/routing/pools/emea%20east";
        let response = caller.request(Method::DELETE, path).send().await.unwrap();
        response.json::<Value>().await.unwrap()["deleted"].clone()
    };
    assert_eq!((gone().await, gone().await), (json!(true), json!(false)));
    let lead = caller.crm("leads").await[0]["id"].clone();
    let body =
        json!({"object": "lead", "sf_id": lead, "pool": "emea east", "exclude_inactive": true});
    assert_eq!(caller.post("/v1/routing/assign", &body).await.status(), 404);
}

#[tokio::test]
async fn a_pools_turn_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let config = lantern_server::ServerConfig { data: Some(folder.path().into()), ..lifted() };
    let mut sequences = Vec::new();
    for _ in 0..3 {
        let caller = Caller::start(config.clone()).await;
        let lead = caller.crm("leads").await[0]["id"].clone();
        sequences.push(assign(&caller, &lead, "default").await["sequence"].as_u64().unwrap());
    }
    assert_eq!(sequences, [1, 2, 3]);
}
