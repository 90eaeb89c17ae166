//! Two keys on one server: no tenant can see anything of the other.

use lantern_server::ServerConfig;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::common::{Caller, lifted};

const OTHER: &str = "another-key";

async fn start() -> Caller {
    Caller::start(ServerConfig { tenants: vec![OTHER.to_owned()], credits: 500.0, ..lifted() })
        .await
}

/// The answers that the other tenant gets.
async fn other(caller: &Caller, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
    let url = format!("{}{path}", caller.server.url());
    let mut request = caller.http.request(method, url).bearer_auth(OTHER);
    if let Some(body) = body {
        request = request.json(body);
    }
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn another_tenants_id_is_404_for_every_family() {
    let caller = start().await;
    let lead = caller.crm("leads").await[0]["id"].clone();
    let account = caller.crm("accounts").await[0]["id"].clone();
    let user = caller.crm("users").await[0]["id"].clone();
    let run = caller.submit_ids("email", &["P0000001"], 1).await;
    let run_id = run["run_id"].as_str().unwrap();
    let record = json!({"record_data": {"a": "b"}});
    let triggered = caller.ask("/v1/workflows/default/trigger", &record).await;
    let request_id = triggered["request_id"].as_str().unwrap().to_owned();
    let made = json!({"users": [user]});
    let own = caller.request(Method::PUT, "/v1/routing/pools/own").json(&made).send().await;
    assert_eq!(own.unwrap().status(), StatusCode::OK);

    for (method, path, body) in [
        (Method::POST, "/v1/salesforce/convert".to_owned(), json!({"lead_sf_id": lead})),
        (
            Method::POST,
            "/v1/routing/assign".to_owned(),
            json!({"object": "lead", "sf_id": lead, "pool": "default"}),
        ),
        (
            Method::POST,
            "/v1/routing/assign".to_owned(),
            json!({"object": "account", "sf_id": account, "pool": "own"}),
        ),
        (Method::PUT, "/v1/routing/pools/mine".to_owned(), made.clone()),
        (
            Method::PATCH,
            format!("/_local/crm/records/{}", lead.as_str().unwrap()),
            json!({"title": "x"}),
        ),
        (Method::POST, format!("/_local/workflows/runs/{request_id}/replay"), json!({})),
    ] {
        let (status, answer) = other(&caller, method, &path, Some(&body)).await;
        assert!(matches!(status, 404 | 422), "{path} {status} {answer}");
        assert_ne!(answer["success"], true, "{path} {answer}");
    }
    for path in [
        format!("/v1/agents/runs/{run_id}/status"),
        format!("/_local/crm/records/{}", account.as_str().unwrap()),
    ] {
        let (status, answer) = other(&caller, Method::GET, &path, None).await;
        assert_eq!(status, 404, "{path} {answer}");
    }
    let (_, answer) = other(&caller, Method::DELETE, "/v1/routing/pools/own", None).await;
    assert_eq!(answer["deleted"], false);
    // A trigger reports that each record does not exist.
    let fields = json!({
        "object": "Lead", "ids": [lead], "event": "after_update", "org_id": "00D",
    });
    let (_, answer) = other(&caller, Method::POST, "/v1/triggers/salesforce", Some(&fields)).await;
    assert_ne!(answer["processed_count"], 1, "{answer}");
    // None of it was done.
    let after = caller.crm("leads").await;
    assert_eq!((&after[0]["id"], &after[0]["status"]), (&lead, &json!("New")));
    assert_ne!(after[0]["title"], "x");
    assert_eq!(caller.see("/v1/routing/pools").await["pools"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn credits_answers_logs_and_ids_are_each_tenants_own() {
    let caller = start().await;
    let company = caller.server.companies();
    let domain = arrow::array::AsArray::as_string::<i32>(company.column_by_name("domain").unwrap());
    let body = json!({"record_id": "1", "domain": domain.value(0)});
    for _ in 0..2 {
        caller.ask("/v1/enrich/company", &body).await;
    }
    let (_, answer) = other(&caller, Method::POST, "/v1/enrich/company", Some(&body)).await;
    assert_eq!((&answer["cached"], &answer["credits_remaining"]), (&json!(false), &json!(499)));
    let (_, left) = other(&caller, Method::GET, "/v1/credits/remaining", None).await;
    assert_eq!((&left["tenant_id"], &left["remaining_credits"]), (&json!(2), &json!(499.0)));
    let left = caller.see("/v1/credits/remaining").await;
    assert_eq!((&left["tenant_id"], &left["remaining_credits"]), (&json!(1), &json!(499.0)));

    // The same people, with ids that no other tenant has and that refer to one another.
    let (_, theirs) = other(&caller, Method::GET, "/_local/crm/contacts?limit=1000", None).await;
    let theirs = theirs["records"].as_array().unwrap();
    let ours = caller.crm("contacts").await;
    assert_eq!(theirs.len(), ours.len());
    assert_eq!(theirs[3]["email"], ours[3]["email"]);
    assert!(theirs.iter().all(|one| ours.iter().all(|own| own["id"] != one["id"])));
    let account = theirs.iter().find_map(|one| one["account_id"].as_str()).unwrap();
    let path = format!("/_local/crm/records/{account}");
    assert_eq!(other(&caller, Method::GET, &path, None).await.0, 200);

    let lead = caller.crm("leads").await[0]["id"].clone();
    caller
        .ask("/v1/routing/assign", &json!({"object": "lead", "sf_id": lead, "pool": "default"}))
        .await;
    let log = "/v1/logs/routing?from=2026-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
    let (status, entries) = other(&caller, Method::GET, log, None).await;
    assert_eq!((status, &entries["entries"]), (200, &json!([])), "{entries}");
}

#[tokio::test]
async fn results_are_read_with_the_tenants_own_storage_keys() {
    use object_store::ObjectStoreExt;

    let caller = start().await;
    let body = json!({"ids": ["P0000001"], "max_credits": 5});
    let (_, run) = other(&caller, Method::POST, "/v1/agents/email", Some(&body)).await;
    let path = run["result_path"].as_str().unwrap();
    let status = format!("/v1/agents/runs/{}/status", run["run_id"].as_str().unwrap());
    while other(&caller, Method::GET, &status, None).await.1["status"] != "completed" {
        tokio::task::yield_now().await;
    }
    let theirs = caller.server.storage_options_by(OTHER).unwrap();
    let changes: Vec<(&str, &str)> =
        theirs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (store, key) = caller.store(path, &changes);
    assert!(store.get(&key).await.is_ok());
    let (store, key) = caller.store(path, &[]);
    assert!(store.get(&key).await.is_err(), "the first tenant reads the second's results");
    assert!(caller.server.storage_options_by("nobody").is_none());
}

#[tokio::test]
async fn two_tenants_need_two_keys() {
    for tenants in [vec![""], vec!["a", "a"], vec!["own"]] {
        let tenants = tenants.into_iter().map(str::to_owned).collect();
        let config = ServerConfig { key: Some("own".to_owned()), tenants, ..lifted() };
        let error = lantern_server::LocalServer::start(config).await.unwrap_err();
        assert!(error.to_string().contains("a key of its own"), "{error}");
    }
}

#[tokio::test]
async fn a_tenants_faults_are_met_by_its_own_calls_only() {
    let caller = start().await;
    let rules = json!({"rules": ["GET /v1/credits/remaining: status 503"]});
    assert_eq!(other(&caller, Method::PUT, "/_local/faults", Some(&rules)).await.0, 200);
    assert_eq!(other(&caller, Method::GET, "/v1/credits/remaining", None).await.0, 503);
    assert_eq!(caller.get("/v1/credits/remaining").await.status(), StatusCode::OK);
    assert_eq!(caller.see("/_local/faults").await, json!({"rules": []}));
}
