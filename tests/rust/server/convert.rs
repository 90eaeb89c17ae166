//! `POST /v1/salesforce/convert`.

use serde_json::{Value, json};

use crate::server::common::{Caller, lifted};

const PATH: &str = "/v1/salesforce/convert";

async fn lead(caller: &Caller) -> Value {
    let owner = &caller.crm("users").await[0]["id"];
    let lead = json!({
        "first_name": "Ada", "last_name": "Byron", "email": "ada@engines.example",
        "company": "Engines Ltd", "title": "Analyst", "owner_id": owner,
    });
    let lead = caller.make("leads", &lead).await;
    for (object, fields) in [
        ("tasks", json!({"parent_id": lead["id"], "subject": "Call back"})),
        ("notes", json!({"parent_id": lead["id"], "title": "First call"})),
    ] {
        caller.make(object, &fields).await;
    }
    lead
}

async fn record(caller: &Caller, id: &Value) -> Value {
    caller.see(&format!("/_local/crm/records/{}", id.as_str().unwrap())).await
}

async fn parents(caller: &Caller, parent: &Value) -> usize {
    let mut count = 0;
    for object in ["tasks", "notes"] {
        let records = caller.crm(object).await;
        count += records.iter().filter(|one| &one["parent_id"] == parent).count();
    }
    count
}

#[tokio::test]
async fn a_lead_becomes_a_contact_and_an_account_once() {
    let caller = Caller::start(lifted()).await;
    let lead = lead(&caller).await;
    let body = json!({"lead_sf_id": lead["id"]});
    let answer = caller.ask(PATH, &body).await;
    assert_eq!(answer["status"], "converted", "{answer}");
    assert_eq!(answer["owner_id"], lead["owner_id"]);
    let contact = record(&caller, &answer["contact_id"]).await;
    assert_eq!(contact["email"], "ada@engines.example");
    assert_eq!(contact["account_id"], answer["account_id"]);
    let account = record(&caller, &answer["account_id"]).await;
    assert_eq!(
        (&account["name"], &account["domain"]),
        (&json!("Engines Ltd"), &json!("engines.example"))
    );
    assert_eq!(parents(&caller, &answer["contact_id"]).await, 2);
    let converted = record(&caller, &lead["id"]).await;
    assert_eq!(converted["status"], "Converted");

    let again = caller.ask(PATH, &body).await;
    assert_eq!(again["status"], "duplicate");
    assert_eq!(again["actions"], json!([]));
    for field in ["account_id", "contact_id", "owner_id"] {
        assert_eq!(again[field], answer[field], "{field}");
    }
    assert_eq!(record(&caller, &lead["id"]).await, converted);
}

#[tokio::test]
async fn each_merge_action_does_what_it_says() {
    for on_contact in ["merge_lead_into_contact", "create_separate_contact"] {
        for on_account in ["attach_to_account", "create_separate_account"] {
            let caller = Caller::start(lifted()).await;
            let lead = lead(&caller).await;
            let users = caller.crm("users").await;
            let account = json!({"name": "Engines", "domain": "engines.example"});
            let account = caller.make("accounts", &account).await;
            let contact = json!({
                "email": "Ada@Engines.example", "first_name": "A.", "owner_id": users[1]["id"],
            });
            let contact = caller.make("contacts", &contact).await;
            let answer = caller
                .ask(PATH, &json!({
                    "lead_sf_id": lead["id"],
                    "match_policy": {
                        "contact": {"by": ["email:eq"], "create_if_no_match": true},
                        "account": {"by": ["company:fuzzy0.9"], "create_if_no_match": true},
                    },
                    "merge_policy": {"on_contact_match": on_contact, "on_account_match": on_account},
                }))
                .await;
            assert_eq!(answer["status"], "converted", "{answer}");
            let merged = answer["contact_id"] == contact["id"];
            assert_eq!(merged, on_contact == "merge_lead_into_contact", "{answer}");
            let attached = answer["account_id"] == account["id"];
            assert_eq!(attached, on_account == "attach_to_account", "{answer}");
            let now = record(&caller, &answer["contact_id"]).await;
            assert_eq!(now["title"], "Analyst");
            if merged {
                // The contact keeps its values and its owner.
                assert_eq!((&now["first_name"], &now["owner_id"]), (&json!("A."), &users[1]["id"]));
                assert_eq!(answer["owner_id"], users[1]["id"]);
            }
            assert_eq!(parents(&caller, &answer["contact_id"]).await, 2);
            assert_eq!(parents(&caller, &lead["id"]).await, 0);
        }
    }
}

#[tokio::test]
async fn what_may_not_be_made_fails_and_changes_nothing() {
    let caller = Caller::start(lifted()).await;
    let lead = lead(&caller).await;
    for part in ["contact", "account"] {
        let mut policy = json!({"contact": {"by": ["email:eq"]}, "account": {"by": ["domain:eq"]}});
        policy[part]["create_if_no_match"] = false.into();
        let body = json!({
            "lead_sf_id": lead["id"], "match_policy": policy, "set_owner_round_robin_pool": "default",
        });
        let answer = caller.ask(PATH, &body).await;
        assert_eq!(answer["status"], "failed", "{answer}");
        assert!(answer["error"].as_str().unwrap().contains(&format!("no {part} matches")));
        assert_eq!(answer["credits_consumed"], 0);
    }
    assert_eq!(record(&caller, &lead["id"]).await, lead);
    let pools = caller.see("/v1/routing/pools").await;
    assert!(pools["pools"].as_array().unwrap().iter().all(|pool| pool["sequence"] == 0));
}

#[tokio::test]
async fn the_owner_comes_from_a_pool_and_the_log_tells_all() {
    let caller = Caller::start(lifted()).await;
    let lead = lead(&caller).await;
    let answer = caller
        .ask(PATH, &json!({"lead_sf_id": lead["id"], "set_owner_round_robin_pool": "default"}))
        .await;
    assert_eq!(answer["credits_consumed"], 1);
    let pools = caller.see("/v1/routing/pools").await;
    let default =
        pools["pools"].as_array().unwrap().iter().find(|p| p["pool"] == "default").unwrap();
    assert_eq!(default["sequence"], 1);
    assert_eq!(record(&caller, &answer["contact_id"]).await["owner_id"], answer["owner_id"]);
    let log = caller.see("/v1/logs/routing?from=2026-01-01&to=2100-01-01&action=convert").await;
    let entry = &log["entries"][0];
    assert_eq!((&entry["object"], &entry["object_id"]), (&json!("Lead"), &lead["id"]));
    assert_eq!((&entry["pool"], &entry["sequence"]), (&json!("default"), &json!(1)));
    assert_eq!(entry["prev_owner"], lead["owner_id"]);
    assert_eq!(entry["diff"]["status"], json!({"from": "New", "to": "Converted"}));
}

#[tokio::test]
async fn parallel_conversions_of_a_lead_make_one_contact() {
    let caller = std::sync::Arc::new(Caller::start(lifted()).await);
    let lead = lead(&caller).await;
    let before = caller.crm("contacts").await.len();
    let body = json!({"lead_sf_id": lead["id"]});
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let (caller, body) = (std::sync::Arc::clone(&caller), body.clone());
            tokio::spawn(async move { caller.ask(PATH, &body).await["status"].clone() })
        })
        .collect();
    let mut converted = 0;
    for call in calls {
        converted += usize::from(call.await.unwrap() == "converted");
    }
    assert_eq!((converted, caller.crm("contacts").await.len()), (1, before + 1));
}

#[tokio::test]
async fn an_id_of_nothing_is_404_and_no_id_is_422() {
    let caller = Caller::start(lifted()).await;
    let unknown =
        caller.crm("leads").await.last().unwrap()["id"].as_str().unwrap()[..12].to_owned();
    for (id, status) in [
        (format!("{unknown}zzz"), 404),
        ("../../etc/passwd".to_owned(), 422),
        ("x'; DROP TABLE leads; --".to_owned(), 422),
        (caller.crm("contacts").await[0]["id"].as_str().unwrap().to_owned(), 422),
    ] {
        let response = caller.post(PATH, &json!({"lead_sf_id": id})).await;
        assert_eq!(response.status(), status, "{id}");
    }
    assert!(!caller.crm("leads").await.is_empty());
}
