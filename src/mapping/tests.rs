use std::path::Path;

use arrow::array::{AsArray, RecordBatch};
use serde_json::{Map, Value, json};

use super::{Asked, Kind, run};
use crate::{
    Client, ClientConfig, Error,
    client::RateLimits,
    jobs::OnInDoubt,
    server::{CrmSize, DirectorySource, FaultRule, Limits, LocalServer, ServerConfig},
};

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

fn asked(folder: &Path, requests: Vec<Map<String, Value>>, max_credits: u64) -> Asked {
    Asked {
        kind: Kind::named("enrich.company").unwrap(),
        shared: Map::new(),
        rows: requests,
        max_credits,
        credits_per_row: None,
        rows_per_call: None,
        concurrency: 4,
        key: Some("k".to_owned()),
        on_in_doubt: OnInDoubt::Raise,
        ledger: folder.join("ledger.sqlite"),
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
        let asked = Asked { on_in_doubt, ..asked(folder.path(), requests.clone(), 100) };
        run(&client, asked)
    };
    let error = go(OnInDoubt::Raise).await.unwrap_err();
    assert!(
        matches!(&error, Error::OutcomeUnknown { job: Some(key), .. } if key == "k"),
        "{error}"
    );
    assert!(error.to_string().contains("1 rows"), "{error}");
    server.set_faults(Vec::new());
    let sent = server.credits_used();
    // It was paid, and is not paid again.
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
    assert!(matches!(error, Error::Authentication { .. }), "{error}");
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
    let asked = Asked { kind, ..asked(folder.path(), requests, 100) };
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
    assert!(!folder.path().join("ledger.calls.sqlite").exists());
    assert_eq!(server.credits_used(), 0.0);
}

#[tokio::test]
async fn another_plan_under_the_same_key_is_refused() {
    let (server, folder) = (server().await, tempfile::tempdir().unwrap());
    let (client, requests) = (client(&server), companies(&server));
    run(&client, asked(folder.path(), requests[..3].to_vec(), 100)).await.unwrap();
    let error = run(&client, asked(folder.path(), requests, 100)).await.unwrap_err();
    assert!(matches!(error, Error::Job { .. }), "{error}");
    assert_eq!(server.credits_used(), 3.0);
}
