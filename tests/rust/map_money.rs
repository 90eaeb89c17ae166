//! What a table of calls may cost if calls fail, are in doubt, or are no longer awaited.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use arrow::array::{AsArray, RecordBatch};
use axum::{Json, Router, response::IntoResponse, routing::post};
use lantern::{
    Client, ClientConfig,
    client::RateLimits,
    error::ErrorKind,
    jobs::{
        Ledger, OnInDoubt,
        map::{Kind, MapRequest, run},
    },
    ledger::{Reuse, UnitState},
};
use serde_json::{Map, Value, json};

/// A client of an API whose answers are computed by `answer` from the number of the request.
async fn api<F, A, R>(path: &str, answer: F) -> Client
where
    F: Fn(usize, Value) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = R> + Send,
    R: IntoResponse,
{
    let count = Arc::new(AtomicUsize::new(0));
    let handler = move |Json(body): Json<Value>| {
        let (answer, at) = (answer.clone(), count.fetch_add(1, Ordering::SeqCst));
        async move { answer(at, body).await.into_response() }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app: Router = Router::new().route(path, post(handler));
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

struct World {
    ledger: Ledger,
    _folder: tempfile::TempDir,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path().join("ledger.sqlite").to_str().unwrap()).unwrap();
    World { ledger, _folder: folder }
}

fn companies(world: &World, rows: usize, max_credits: u64) -> MapRequest {
    let request = |row: usize| json!({"record_id": row.to_string(), "domain": row.to_string()});
    MapRequest {
        kind: Kind::named("enrich.company").unwrap(),
        shared: Map::new(),
        extra: Map::new(),
        rows: (0..rows).map(|row| request(row).as_object().unwrap().clone()).collect(),
        max_credits,
        credits_per_row: None,
        rows_per_call: None,
        concurrency: 2,
        key: Some("k".to_owned()),
        on_in_doubt: OnInDoubt::Raise,
        budget: None,
        suppress: Vec::new(),
        ledger: world.ledger.clone(),
        reuse: Reuse::ALWAYS,
        sample: None,
        provenance: false,
    }
}

fn count(table: &RecordBatch, status: &str) -> usize {
    let column = table.column_by_name("status").unwrap().as_string::<i32>();
    column.iter().filter(|own| *own == Some(status)).count()
}

/// An answer that is cut off, so that it is unknown whether it was paid.
fn unreadable() -> axum::response::Response {
    ([("content-type", "application/json")], "{\"success\": tr").into_response()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_in_doubt_that_are_sent_again_stay_within_the_budget() {
    let world = world();
    let sent = Arc::new(AtomicUsize::new(0));
    let own = sent.clone();
    let client = api("/v1/enrich/company", move |_, _| {
        own.fetch_add(1, Ordering::SeqCst);
        async { unreadable() }
    })
    .await;
    for _ in 0..6 {
        let asked = MapRequest { on_in_doubt: OnInDoubt::Resend, ..companies(&world, 10, 4) };
        // Rows are in doubt as long as the budget pays for more, and over the budget after that.
        if let Err(error) = run(&client, asked).await {
            assert!(error.is(ErrorKind::OutcomeUnknown), "{error}");
        }
    }
    let sent = sent.load(Ordering::SeqCst);
    assert_eq!(sent, 4, "4 credits pay for four calls");
    let sums = world.ledger.store().jobs(None).unwrap().remove(0).1;
    assert_eq!(sums.spent + sums.committed, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_sent_three_times_at_most() {
    let world = world();
    let sent = Arc::new(AtomicUsize::new(0));
    let own = sent.clone();
    let client = api("/v1/enrich/company", move |_, _| {
        own.fetch_add(1, Ordering::SeqCst);
        async { unreadable() }
    })
    .await;
    for _ in 0..5 {
        let asked = MapRequest { on_in_doubt: OnInDoubt::Resend, ..companies(&world, 1, 50) };
        run(&client, asked).await.unwrap_err();
    }
    assert_eq!(sent.load(Ordering::SeqCst), 3);
    let job = world.ledger.store().jobs(None).unwrap().remove(0);
    assert_eq!((job.1.in_doubt, job.1.spent + job.1.committed), (1, 3), "all three are counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_sent_again_by_later_runs_three_times_at_most() {
    let world = world();
    let sent = Arc::new(AtomicUsize::new(0));
    let own = sent.clone();
    let client = api("/v1/enrich/company", move |_, _| {
        own.fetch_add(1, Ordering::SeqCst);
        async { (http::StatusCode::NOT_FOUND, Json(json!({"success": false, "error": "no"}))) }
    })
    .await;
    for _ in 0..5 {
        let table = run(&client, companies(&world, 1, 50)).await.unwrap();
        assert_eq!(count(&table, "failed"), 1);
    }
    assert_eq!(sent.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stops_after_three_doubts_in_a_row() {
    let world = world();
    let client = api("/v1/enrich/company", |_, _| async { unreadable() }).await;
    let asked = MapRequest { concurrency: 1, ..companies(&world, 400, 400) };
    let error = run(&client, asked).await.unwrap_err();
    assert!(error.is(ErrorKind::OutcomeUnknown), "{error}");
    let sums = world.ledger.store().jobs(None).unwrap().remove(0).1;
    assert_eq!((sums.in_doubt, sums.planned), (3, 397));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_left_is_written_down_though_nobody_waits_any_more() {
    let world = world();
    let (arrived, may_answer) =
        (Arc::new(tokio::sync::Semaphore::new(0)), Arc::new(tokio::sync::Semaphore::new(0)));
    let (tell, wait) = (arrived.clone(), may_answer.clone());
    let client = api("/v1/enrich/company", move |_, body| {
        let (tell, wait) = (tell.clone(), wait.clone());
        async move {
            tell.add_permits(1);
            wait.acquire().await.unwrap().forget();
            Json(json!({"success": true, "credits_consumed": 1, "record_id": body["record_id"]}))
        }
    })
    .await;
    let asked = MapRequest { concurrency: 4, ..companies(&world, 40, 40) };
    let work = tokio::spawn(async move { run(&client, asked).await });
    arrived.acquire_many(4).await.unwrap().forget();
    // As with a cancelled task, `asyncio.wait_for` and Ctrl-C.
    work.abort();
    assert!(work.await.unwrap_err().is_cancelled());
    may_answer.add_permits(100);
    let store = world.ledger.store();
    let job = store.jobs(None).unwrap().remove(0).0.id;
    let begun = std::time::Instant::now();
    while store.sums(job).unwrap().in_flight > 0 {
        assert!(begun.elapsed().as_secs() < 60, "{:?}", store.sums(job).unwrap());
        tokio::task::yield_now().await;
    }
    let loaded = store.units_in(job, &[UnitState::Loaded]).unwrap().len();
    let sums = store.sums(job).unwrap();
    assert_eq!((sums.in_doubt, sums.spent), (0, loaded as u64));
    assert!((4..40).contains(&loaded), "{loaded}: the four that had left, and not all");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_of_a_job_share_its_calls() {
    let world = world();
    let sent = Arc::new(AtomicUsize::new(0));
    let own = sent.clone();
    let client = api("/v1/enrich/company", move |_, body| {
        own.fetch_add(1, Ordering::SeqCst);
        async move {
            Json(json!({"success": true, "credits_consumed": 1, "record_id": body["record_id"]}))
        }
    })
    .await;
    let (one, two) = tokio::join!(
        run(&client, companies(&world, 60, 60)),
        run(&client, companies(&world, 60, 60))
    );
    assert_eq!((count(&one.unwrap(), "done"), count(&two.unwrap(), "done")), (60, 60));
    assert_eq!(sent.load(Ordering::SeqCst), 60);
}
