//! `POST /v1/workflows/{workflow_id}/trigger`, its audit log, its pushes, and OAuth2 tokens.

use std::{path::PathBuf, sync::Arc};

use axum::{Router, body::Bytes, extract::State, routing::post};
use http::{HeaderMap, StatusCode};
use lantern_server::ServerConfig;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};

use crate::server::common::{Caller, lifted};

/// A webhook that answers as configured, and records what it received.
struct Webhook {
    url: String,
    answers: Arc<Mutex<Vec<u16>>>,
    got: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
}

type Deliveries = (Arc<Mutex<Vec<u16>>>, mpsc::UnboundedSender<(HeaderMap, Bytes)>);

impl Webhook {
    async fn start(answers: Vec<u16>) -> Self {
        let answers = Arc::new(Mutex::new(answers));
        let (send, got) = mpsc::unbounded_channel();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        async fn hook(
            State((answers, send)): State<Deliveries>,
            headers: HeaderMap,
            body: Bytes,
        ) -> StatusCode {
            send.send((headers, body)).unwrap();
            let status = answers.lock().await.pop().unwrap_or(200);
            StatusCode::from_u16(status).unwrap()
        }
        let router =
            Router::new().route("/hook", post(hook)).with_state((Arc::clone(&answers), send));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, answers, got }
    }

    async fn next(&mut self) -> (HeaderMap, Value) {
        let wait = std::time::Duration::from_secs(20);
        let (headers, body) = tokio::time::timeout(wait, self.got.recv()).await.unwrap().unwrap();
        (headers, serde_json::from_slice(&body).unwrap())
    }
}

fn file(folder: &tempfile::TempDir, url: &str, attempts: u32) -> Option<PathBuf> {
    let path = folder.path().join("workflows.toml");
    let text = format!(
        r#"
[[workflow]]
id = "full"
retry = {{ attempts = {attempts}, base_ms = 1 }}
step = [
    {{ do = "enrich" }},
    {{ do = "match", object = "contact", rules = ["email:eq"] }},
    {{ do = "push", to = "crm" }},
    {{ do = "route", pool = "default" }},
    {{ do = "convert" }},
    {{ do = "push", to = "webhook", url = "{url}" }},
]

[[workflow]]
id = "route only"
step = [{{ do = "route", pool = "default" }}]
"#
    );
    std::fs::write(&path, text).unwrap();
    Some(path)
}

async fn runs(caller: &Caller, status: &str) -> Vec<Value> {
    let answer = caller.see(&format!("/_local/workflows/runs?status={status}")).await;
    answer["runs"].as_array().unwrap().clone()
}

/// Waits until a run has this status.
async fn until(caller: &Caller, status: &str) -> Value {
    let found = async {
        loop {
            if let Some(run) = runs(caller, status).await.into_iter().next() {
                return run;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), found).await.unwrap()
}

fn record(caller: &Caller) -> Value {
    let people = crate::server::common::rows(&caller.server.people());
    let own = people.iter().rfind(|own| !own["email"].is_empty()).unwrap();
    json!({
        "first_name": own["first_name"], "last_name": own["last_name"],
        "company": own["company_name"], "api_token": "do-not-log-me",
    })
}

#[tokio::test]
async fn a_record_goes_through_every_step_and_is_pushed_signed() {
    let folder = tempfile::tempdir().unwrap();
    let mut hook = Webhook::start(vec![]).await;
    let caller = Caller::start(ServerConfig {
        workflows: file(&folder, &hook.url, 5),
        key: Some("my-own-key".into()),
        ..lifted()
    })
    .await;
    let body = json!({"record_data": record(&caller), "source_system": "eloqua"});
    let answer = caller.ask("/v1/workflows/full/trigger", &body).await;
    assert_eq!((&answer["status"], &answer["workflow_id"]), (&json!("queued"), &json!("full")));
    assert!(answer["enrichment_job_id"].is_string());
    assert_eq!(answer["credits_consumed"], 4);
    let (headers, got) = hook.next().await;
    assert_eq!(got["request_id"], answer["request_id"]);
    let pushed = &got["record"];
    assert!(pushed["email"].is_string() && pushed["contact_id"].is_string(), "{got}");
    assert_eq!(pushed["source"], "eloqua");
    let signature = headers["x-lantern-signature"].to_str().unwrap();
    assert!(signature.starts_with("t=") && signature.contains(",v1="), "{signature}");
    let run = until(&caller, "done").await;
    assert_eq!(run["request_id"], answer["request_id"]);
    assert_eq!(run["request"]["record_data"]["api_token"], "[redacted]");
    assert!(!run.to_string().contains("do-not-log-me"), "{run}");
    // The usage of a workflow can be queried.
    let usage = caller
        .see("/v1/credits/usage?start_date=2026-01-01&end_date=2100-01-01&workflow_id=full")
        .await;
    assert_eq!(usage["credits_used"], 4.0);
}

#[tokio::test]
async fn the_signature_is_that_of_the_body_by_the_key() {
    use hmac::{Hmac, KeyInit, Mac};
    let folder = tempfile::tempdir().unwrap();
    let mut hook = Webhook::start(vec![]).await;
    let workflows = file(&folder, &hook.url, 5);
    let caller = Caller::start(ServerConfig { workflows, ..lifted() }).await;
    caller.ask("/v1/workflows/full/trigger", &json!({"record_data": record(&caller)})).await;
    let (headers, body) = hook.got.recv().await.unwrap();
    let signature = headers["x-lantern-signature"].to_str().unwrap();
    let (time, hex) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(caller.server.key().as_bytes()).unwrap();
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(&body);
    let expected: String =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected);
}

#[tokio::test]
async fn a_push_is_tried_again_and_given_up_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let mut hook = Webhook::start(vec![500; 3]).await;
    let workflows = file(&folder, &hook.url, 3);
    let caller = Caller::start(ServerConfig { workflows, ..lifted() }).await;
    let body = json!({"record_data": record(&caller)});
    let answer = caller.ask("/v1/workflows/full/trigger", &body).await;
    for _ in 0..3 {
        hook.next().await;
    }
    let dead = until(&caller, "dead").await;
    assert_eq!((&dead["attempts"], &dead["request_id"]), (&json!(3), &answer["request_id"]));
    assert_eq!(dead["error"], "the webhook answered 500");
    hook.answers.lock().await.clear();
    let path = format!("/_local/workflows/runs/{}/replay", answer["request_id"].as_str().unwrap());
    assert_eq!(caller.ask(&path, &json!({})).await["status"], "queued");
    assert_eq!(hook.next().await.1["request_id"], answer["request_id"]);
    until(&caller, "done").await;
    assert!(runs(&caller, "dead").await.is_empty());
    assert_eq!(caller.post(&path, &json!({})).await.status(), 404);
    assert_eq!(caller.server.credits_used(), 4.0);
}

#[tokio::test]
async fn what_a_step_cannot_take_fails_costs_nothing_and_can_be_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let hook = Webhook::start(vec![]).await;
    let workflows = file(&folder, &hook.url, 3);
    let caller = Caller::start(ServerConfig { workflows, ..lifted() }).await;
    let path = "/v1/workflows/route%20only/trigger";
    let answer = caller.ask(path, &json!({"record_data": {"email": "a@b.example"}})).await;
    assert_eq!((&answer["status"], &answer["credits_consumed"]), (&json!("failed"), &json!(0)));
    assert!(answer["error"].as_str().unwrap().contains("needs a record of the CRM"));
    assert_eq!(runs(&caller, "dead").await.len(), 1);
    let lead = caller.crm("leads").await[0]["id"].clone();
    let gone = json!({"record_data": {"id": lead}});
    let delete = caller.request(reqwest::Method::DELETE, "/v1/routing/pools/default");
    delete.send().await.unwrap();
    let answer = caller.ask(path, &gone).await;
    assert_eq!(answer["status"], "failed");
    // The pool exists again, and the replay is a run of its own with its own price.
    let users = caller.crm("users").await;
    let users: Vec<&Value> = users.iter().map(|user| &user["id"]).collect();
    let put = caller.request(reqwest::Method::PUT, "/v1/routing/pools/default");
    put.json(&json!({"users": users})).send().await.unwrap();
    let replay =
        format!("/_local/workflows/runs/{}/replay", answer["request_id"].as_str().unwrap());
    let again = caller.ask(&replay, &json!({})).await;
    assert_eq!((&again["status"], &again["credits_consumed"]), (&json!("triggered"), &json!(2)));
    assert_eq!(runs(&caller, "dead").await.len(), 1);
}

#[tokio::test]
async fn the_default_workflow_enriches_and_preferences_decide() {
    let caller = Caller::start(lifted()).await;
    for (preferences, price) in
        [(json!(null), 3), (json!({"enrich": true}), 3), (json!({"enrich": false}), 1)]
    {
        let body = json!({"record_data": record(&caller), "enrichment_preferences": preferences});
        let answer = caller.ask("/v1/workflows/default/trigger", &body).await;
        assert_eq!(
            (&answer["status"], &answer["credits_consumed"]),
            (&json!("triggered"), &json!(price))
        );
        assert_eq!(answer["enrichment_job_id"].is_string(), price == 3);
    }
    for path in ["nothing", "..%2F..%2Fetc", "x'%3B%20DROP%20TABLE%20workflow_runs"] {
        let (path, body) =
            (format!("/v1/workflows/{path}/trigger"), json!({"record_data": {"a": 1}}));
        assert_eq!(caller.post(&path, &body).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn oauth2_tokens_open_workflows_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig {
        data: Some(folder.path().into()),
        oauth_clients: vec![("cdp".into(), "s3cret".into())],
        ..lifted()
    };
    let caller = Caller::start(config.clone()).await;
    let token = async |grant: &str, id: &str, secret: &str| {
        let form = format!("grant_type={grant}&client_id={id}&client_secret={secret}");
        let response = caller
            .http
            .post(format!("{}/v1/oauth/token", caller.server.url()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.json::<Value>().await.unwrap())
    };
    assert_eq!(token("password", "cdp", "s3cret").await.0, 400);
    for (id, secret) in [("cdp", "wrong"), ("nobody", "s3cret"), ("", "")] {
        let (status, body) = token("client_credentials", id, secret).await;
        assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    }
    let (status, issued) = token("client_credentials", "cdp", "s3cret").await;
    assert_eq!((status, &issued["token_type"]), (200, &json!("Bearer")));
    let bearer = issued["access_token"].as_str().unwrap().to_owned();
    drop(caller);
    // The token outlives the server's process, because its hash is stored.
    let bytes = std::fs::read(folder.path().join("state.sqlite")).unwrap();
    assert!(!bytes.windows(bearer.len()).any(|window| window == bearer.as_bytes()));
    let caller = Caller::start(config).await;
    let call = async |path: &str, token: &str, body: &Value| {
        let url = format!("{}{path}", caller.server.url());
        caller.http.post(url).bearer_auth(token).json(body).send().await.unwrap().status().as_u16()
    };
    let body = json!({"record_data": {"email": "a@b.example"}});
    assert_eq!(call("/v1/workflows/default/trigger", &bearer, &body).await, 200);
    assert_eq!(call("/v1/workflows/default/trigger", "wrong", &body).await, 401);
    assert_eq!(call("/v1/enrich/ai", &bearer, &json!({"query": "x"})).await, 401);
}
