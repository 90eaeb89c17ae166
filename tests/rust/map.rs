//! One call per row: what a table of calls promises about credits and order.

use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use serde_json::{Map, Value, json};

use lantern::{
    Client, ClientConfig,
    client::RateLimits,
    error::ErrorKind,
    jobs::{
        Ledger, OnInDoubt,
        map::{Kind, MapRequest, run},
    },
    ledger::Reuse,
};
use lantern_server::{CrmSize, DirectorySource, FaultRule, Limits, LocalServer, ServerConfig};

async fn server() -> LocalServer {
    let people = DirectorySource::Generated { seed: 7, people: 100, companies: 40 };
    let crm = CrmSize { accounts: 5, contacts: 5, leads: 5, users: 3 };
    let config = ServerConfig { limits: Limits::LIFTED, people, crm, ..ServerConfig::default() };
    LocalServer::start(config).await.unwrap()
}

fn client(server: &LocalServer) -> Client {
    let mut config = ClientConfig::resolve(Some(server.key()), Some(&server.url()), false).unwrap();
    config.limits = RateLimits::LIFTED;
    Client::new(config).unwrap()
}

fn companies(server: &LocalServer) -> Vec<Map<String, Value>> {
    let batch = server.companies();
    let domains = batch.column_by_name("domain").unwrap().as_string::<i32>();
    let request = |(row, domain): (usize, Option<&str>)| {
        json!({"record_id": row.to_string(), "domain": domain}).as_object().unwrap().clone()
    };
    domains.iter().enumerate().map(request).collect()
}

fn asked(folder: &Path, requests: Vec<Map<String, Value>>, max_credits: u64) -> MapRequest {
    MapRequest {
        kind: Kind::named("enrich.company").unwrap(),
        shared: Map::new(),
        extra: Map::new(),
        rows: requests,
        max_credits,
        credits_per_row: None,
        rows_per_call: None,
        concurrency: 4,
        key: Some("k".to_owned()),
        on_in_doubt: OnInDoubt::Raise,
        budget: None,
        suppress: Vec::new(),
        ledger: Ledger::open(folder.join("ledger.sqlite").to_str().unwrap()).unwrap(),
        reuse: Reuse::ALWAYS,
        sample: None,
        provenance: false,
    }
}

/// An API that answers with a company to everything that `admit` accepts.
async fn api<F, A>(admit: F) -> Client
where
    F: Fn(String) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = ()> + Send,
{
    use axum::{Json, Router, http::HeaderMap, routing::post};
    let answer = move |headers: HeaderMap, Json(body): Json<Value>| {
        let admit = admit.clone();
        async move {
            admit(headers["idempotency-key"].to_str().unwrap().to_owned()).await;
            Json(json!({
                "success": true, "record_id": body["record_id"], "credits_consumed": 1,
                "company": {"name": body["domain"]},
            }))
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app: Router = Router::new().route("/v1/enrich/company", post(answer));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = hyper_util::service::TowerToHyperService::new(app.clone());
            let stream = hyper_util::rt::TokioIo::new(stream);
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(stream, service),
            );
        }
    });
    let mut config = ClientConfig::resolve(Some("k"), Some(&url), false).unwrap();
    config.limits = RateLimits::LIFTED;
    Client::new(config).unwrap()
}

fn numbered(rows: usize) -> Vec<Map<String, Value>> {
    let request = |row: usize| json!({"record_id": row.to_string(), "domain": row.to_string()});
    (0..rows).map(|row| request(row).as_object().unwrap().clone()).collect()
}

#[tokio::test]
async fn a_slow_call_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, others) = (50, std::sync::Arc::new(tokio::sync::Semaphore::new(0)));
    let client = api(move |key| {
        let others = std::sync::Arc::clone(&others);
        async move {
            if key == "k:0" {
                // The first call is answered last. If calls were made in waves, it would wait
                // forever for later ones.
                others.acquire_many(rows - 1).await.unwrap().forget();
            } else {
                others.add_permits(1);
            }
        }
    })
    .await;
    let asked = MapRequest { concurrency: 2, ..asked(folder.path(), numbered(rows as usize), 100) };
    let work = run(&client, asked);
    let table =
        tokio::time::timeout(std::time::Duration::from_secs(60), work).await.unwrap().unwrap();
    assert_eq!(count(&table, "done"), rows as usize);
    // The rows are in their order, whatever the order of the answers was.
    let names = table.column_by_name("name").unwrap().as_string::<i32>();
    assert!(names.iter().enumerate().all(|(row, name)| name == Some(&row.to_string())));
}

#[tokio::test]
async fn a_row_is_on_the_disk_before_its_call_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("ledger.sqlite");
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let (own, reader) = (seen.clone(), path.clone());
    let client = api(move |key| {
        let (seen, path) = (own.clone(), reader.clone());
        async move {
            let row: i64 = key.strip_prefix("k:").unwrap().parse().unwrap();
            let database = rusqlite::Connection::open(path).unwrap();
            let (state, credits): (String, i64) = database
                .query_row(
                    "SELECT state, max_credits FROM lantern_units WHERE first_row = ?",
                    [row],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .unwrap();
            assert_eq!((state.as_str(), credits), ("sending", 1), "row {row}");
            seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    })
    .await;
    let asked = MapRequest { concurrency: 8, ..asked(folder.path(), numbered(60), 100) };
    let table = run(&client, asked).await.unwrap();
    assert_eq!(count(&table, "done"), 60);
    assert_eq!(seen.load(std::sync::atomic::Ordering::SeqCst), 60);
}

#[tokio::test]
async fn candidates_share_a_call_and_its_cost() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let contacts = server.crm("contacts").unwrap();
    let address = contacts.column_by_name("email").unwrap().as_string::<i32>();
    // Rows that ask the same are sent once, so each has an address of its own.
    let candidate = |(row, email): (usize, Option<&str>)| {
        let nobody = format!("nobody{row}@nowhere.example");
        json!({"email": email.unwrap_or(&nobody)}).as_object().unwrap().clone()
    };
    let rows: Vec<_> = address.iter().enumerate().map(candidate).collect();
    let client = client(&server);
    let rules = json!({"mode": "grouped", "groups": [{"all": ["email:eq"]}]});
    let go = |max_credits: u64| {
        let shared = json!({"object": "contact", "rules": rules}).as_object().unwrap().clone();
        let asked = MapRequest {
            kind: Kind::named("match").unwrap(),
            shared,
            rows_per_call: Some(2),
            concurrency: 1,
            ..asked(folder.path(), rows.clone(), max_credits)
        };
        run(&client, asked)
    };
    // 5 rows at 2 credits: one call with two rows and one with one are within 7.
    let table = go(7).await.unwrap();
    assert_eq!((count(&table, "done"), count(&table, "over_budget")), (3, 2));
    assert_eq!(server.credits_used(), 6.0);
    let table = go(10).await.unwrap();
    assert_eq!((count(&table, "done"), server.credits_used()), (5, 10.0));
    let ids = table.column_by_name("sf_id").unwrap().as_string::<i32>();
    let own = contacts.column_by_name("id").unwrap().as_string::<i32>();
    for row in 0..5 {
        if !address.is_null(row) {
            assert_eq!(ids.value(row), own.value(row));
        }
    }
}

fn count(table: &RecordBatch, status: &str) -> usize {
    let column = table.column_by_name("status").unwrap().as_string::<i32>();
    column.iter().filter(|own| *own == Some(status)).count()
}

#[tokio::test]
async fn a_table_is_enriched_once_and_the_same_job_again_sends_nothing() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let (client, requests) = (client(&server), companies(&server));
    let table = run(&client, asked(folder.path(), requests.clone(), 100)).await.unwrap();
    assert_eq!((table.num_rows(), count(&table, "done")), (40, 40));
    let names = table.column_by_name("name").unwrap().as_string::<i32>();
    let own = server.companies();
    let own = own.column_by_name("name").unwrap().as_string::<i32>();
    assert!(names.iter().eq(own.iter()));
    assert_eq!(server.credits_used(), 40.0);
    server.add_fault("POST /v1/enrich/*: status 500".parse::<FaultRule>().unwrap());
    let again = run(&client, asked(folder.path(), requests, 100)).await.unwrap();
    assert_eq!(again, table);
}

#[tokio::test]
async fn a_budget_is_never_passed_and_a_larger_one_goes_on() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let (client, requests) = (client(&server), companies(&server));
    let table = run(&client, asked(folder.path(), requests.clone(), 13)).await.unwrap();
    assert_eq!((count(&table, "done"), count(&table, "over_budget")), (13, 27));
    assert_eq!(server.credits_used(), 13.0);
    let table = run(&client, asked(folder.path(), requests, 40)).await.unwrap();
    assert_eq!((count(&table, "done"), server.credits_used()), (40, 40.0));
}

#[tokio::test]
async fn a_row_that_may_have_arrived_is_in_doubt_until_somebody_decides() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let (client, requests) = (client(&server), companies(&server));
    server.add_fault("POST /v1/enrich/*: reset after nth 3".parse::<FaultRule>().unwrap());
    let go = |on_in_doubt| {
        let asked = MapRequest { on_in_doubt, ..asked(folder.path(), requests.clone(), 100) };
        run(&client, asked)
    };
    let error = go(OnInDoubt::Raise).await.unwrap_err();
    assert!(
        error.is(ErrorKind::OutcomeUnknown) && error.facts().job.as_deref() == Some("k"),
        "{error}"
    );
    assert!(error.to_string().contains("1 rows"), "{error}");
    server.set_faults(Vec::new());
    let sent = server.credits_used();
    // It was paid before, and is not paid again.
    assert_eq!(sent, 40.0);
    let table = go(OnInDoubt::Skip).await.unwrap();
    assert_eq!((count(&table, "done"), count(&table, "in_doubt")), (39, 1));
    assert_eq!(server.credits_used(), sent);
    let table = go(OnInDoubt::Resend).await.unwrap();
    assert_eq!(count(&table, "done"), 40);
}

#[tokio::test]
async fn what_would_stop_every_call_stops_the_job_and_loses_nothing() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let requests = companies(&server);
    let mut config = ClientConfig::resolve(Some("wrong"), Some(&server.url()), false).unwrap();
    config.limits = RateLimits::LIFTED;
    let wrong = Client::new(config).unwrap();
    let error = run(&wrong, asked(folder.path(), requests.clone(), 100)).await.unwrap_err();
    assert!(error.is(ErrorKind::Authentication), "{error}");
    let table = run(&client(&server), asked(folder.path(), requests, 100)).await.unwrap();
    assert_eq!((count(&table, "done"), server.credits_used()), (40, 40.0));
}

#[tokio::test]
async fn a_row_that_is_refused_has_its_error_and_the_others_their_answers() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let lead = server.crm("leads").unwrap();
    let ids = lead.column_by_name("id").unwrap().as_string::<i32>();
    let request = |id: &str| {
        let fields = json!({"object": "lead", "sf_id": id, "pool": "default"});
        fields.as_object().unwrap().clone()
    };
    let requests = vec![request(ids.value(0)), request("00QLc0zzzzzzzzz"), request(ids.value(1))];
    let kind = Kind::named("routing.assign").unwrap();
    let asked = MapRequest { kind, ..asked(folder.path(), requests, 100) };
    let table = run(&client(&server), asked).await.unwrap();
    assert_eq!((count(&table, "done"), count(&table, "failed")), (2, 1));
    let error = table.column_by_name("error").unwrap().as_string::<i32>();
    assert!(error.value(1).contains("there is no Lead"), "{}", error.value(1));
}

#[tokio::test]
async fn a_bad_row_is_named_before_anything_is_sent() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let mut requests = companies(&server);
    requests[7].remove("record_id");
    let error = run(&client(&server), asked(folder.path(), requests, 100)).await.unwrap_err();
    assert!(error.to_string().contains("row 7: record_id"), "{error}");
    let ledger = Ledger::open(folder.path().join("ledger.sqlite").to_str().unwrap()).unwrap();
    assert!(ledger.store().jobs(None).unwrap().is_empty());
    assert_eq!(server.credits_used(), 0.0);
}

#[tokio::test]
async fn another_plan_under_the_same_key_is_refused() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let (client, requests) = (client(&server), companies(&server));
    run(&client, asked(folder.path(), requests[..3].to_vec(), 100)).await.unwrap();
    let error = run(&client, asked(folder.path(), requests, 100)).await.unwrap_err();
    assert!(error.is(ErrorKind::Job), "{error}");
    assert_eq!(server.credits_used(), 3.0);
}
