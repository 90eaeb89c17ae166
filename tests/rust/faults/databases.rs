//! PostgreSQL whose connection breaks at each statement of a job and of a table of calls: before
//! the statement arrives, and after it was executed but not acknowledged.

use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use lantern::{
    Error,
    api::agents::BatchKind,
    jobs::{
        Ledger, OnInDoubt,
        map::{Kind, MapRequest, run},
    },
    ledger::Reuse,
};
use serde_json::{Map, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    calls,
    jobs::{Book, audit, settle_doubts, submit, wait, works},
    report::{self, GUARD, Tried},
    server::{self, Arrived, Script, Server, Step, Then},
};

/// When a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    BeforeItArrives,
    BeforeItIsAnswered,
}

/// A proxy in front of PostgreSQL that cuts the connection at a statement, given by its number over
/// all connections.
async fn proxy(database: &str, at: usize, cut: Cut) -> String {
    let url = url::Url::parse(database).unwrap();
    let behind = format!("127.0.0.1:{}", url.port().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut own = url.clone();
    own.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    let statements = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (behind, statements) = (behind.clone(), statements.clone());
            tokio::spawn(async move {
                let Ok(mut server) = TcpStream::connect(behind).await else { return };
                let (mut asked, mut told) = (vec![0; 65_536], vec![0; 65_536]);
                let mut deaf = false;
                loop {
                    tokio::select! {
                        read = client.read(&mut asked) => {
                            let Ok(length @ 1..) = read else { return };
                            let number = statements.fetch_add(1, Ordering::SeqCst);
                            if number == at && cut == Cut::BeforeItArrives {
                                return;
                            }
                            deaf |= number == at;
                            if server.write_all(&asked[..length]).await.is_err() { return }
                        }
                        read = server.read(&mut told) => {
                            let Ok(length @ 1..) = read else { return };
                            // It was executed, but not acknowledged.
                            if deaf { return }
                            if client.write_all(&told[..length]).await.is_err() { return }
                        }
                    }
                }
            });
        }
    });
    own.to_string()
}

async fn job(url: &str) -> Vec<String> {
    let book: Arc<Mutex<Book>> = Arc::default();
    let place: Arc<OnceLock<String>> = Arc::default();
    let (kept, known) = (book.clone(), place.clone());
    let server = Server::start(move |asked: &Arrived, _| {
        let whole = asked.step() != Step::Call || !asked.body.is_empty();
        works(asked, known.get().unwrap(), &kept, whole)
    })
    .await;
    place.set(server.url.clone()).unwrap();
    let mut wrong = Vec::new();
    let mut ended = None;
    // Each round acts as a new process, which knows only what the ledger contains.
    for _ in 0..4 {
        let attempt = async {
            let ledger = opened(url).await?;
            let job = submit(&server.url, false, BatchKind::Email, &ledger).await?;
            let outcome = wait(&job).await;
            if outcome.as_ref().is_some_and(Result::is_err) {
                settle_doubts(&job, &book, &server.url).await?;
            }
            let progress = outcome.ok_or_else(|| Error::config("it hangs"))??;
            Ok::<_, Error>((progress.state.ended(), progress.sums))
        };
        match attempt.await {
            Ok((true, sums)) => {
                ended = Some(sums);
                break;
            }
            Ok(_) => {}
            Err(error) if error.happened() == "it hangs" => wrong.push("it hangs".into()),
            Err(error) => wrong.extend(calls::readable(&error)),
        }
    }
    match ended {
        Some(sums) => wrong.extend(audit(&sums, &book.lock().unwrap(), true)),
        None => wrong.push("it does not end".into()),
    }
    wrong
}

async fn opened(url: &str) -> Result<Ledger, Error> {
    let url = url.to_owned();
    tokio::task::spawn_blocking(move || Ledger::open(&url)).await.unwrap()
}

pub const ROWS: usize = 4;

/// A table of companies, of which each costs a credit.
pub fn companies(ledger: &Ledger, on_in_doubt: OnInDoubt) -> MapRequest {
    let row = |row: usize| {
        let fields = json!({"record_id": row.to_string(), "domain": format!("{row}.example")});
        fields.as_object().unwrap().clone()
    };
    MapRequest {
        kind: Kind::named("enrich.company").unwrap(),
        shared: Map::new(),
        extra: Map::new(),
        rows: (0..ROWS).map(row).collect(),
        max_credits: ROWS as u64,
        credits_per_row: None,
        rows_per_call: None,
        concurrency: 1,
        key: Some("k".into()),
        on_in_doubt,
        budget: None,
        suppress: Vec::new(),
        ledger: ledger.clone(),
        reuse: Reuse::ALWAYS,
        sample: None,
        provenance: false,
    }
}

/// The good answer for a row of [`companies`], which is noted as paid.
pub fn company(asked: &Arrived, paid: &Mutex<Vec<String>>) -> Script {
    if asked.step() == Step::Account {
        return Script::new(server::json("404 Not Found", b"{}"), Then::Keep);
    }
    let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap_or_default();
    if let Some(row) = body["record_id"].as_str() {
        paid.lock().unwrap().push(row.to_owned());
    }
    let said = json!({"success": true, "record_id": body["record_id"], "credits_consumed": 1});
    Script::new(server::json("200 OK", said.to_string().as_bytes()), Then::Keep)
}

/// The rows that were paid for more than once.
pub fn paid_twice(paid: &[String]) -> Vec<String> {
    let times = |row: &str| paid.iter().filter(|own| *own == row).count();
    (0..ROWS)
        .map(|row| row.to_string())
        .filter(|row| times(row) > 1)
        .map(|row| format!("row {row} was paid for {} times", times(&row)))
        .collect()
}

async fn map(url: &str) -> Vec<String> {
    let paid: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = paid.clone();
    let server = Server::start(move |asked: &Arrived, _| company(asked, &kept)).await;
    let client = calls::client(&server.url, false);
    let mut wrong = Vec::new();
    let mut done = false;
    for on_in_doubt in [OnInDoubt::Raise, OnInDoubt::Raise, OnInDoubt::Skip, OnInDoubt::Skip] {
        let Ok(ledger) = opened(url).await else { continue };
        match tokio::time::timeout(GUARD, run(&client, companies(&ledger, on_in_doubt))).await {
            Err(_) => wrong.push("it hangs".into()),
            Ok(Err(error)) => wrong.extend(calls::readable(&error)),
            Ok(Ok(_)) => {
                done = true;
                let sums =
                    tokio::task::spawn_blocking(move || ledger.store().jobs(None)).await.unwrap();
                let sums = sums.unwrap()[0].1;
                let counted = sums.spent + sums.committed;
                let (sent, rows) = (paid.lock().unwrap().len(), ROWS as u64);
                if counted > rows || counted < sent as u64 {
                    wrong.push(format!("{counted} credits counted, and {sent} paid"));
                }
                break;
            }
        }
    }
    if !done {
        wrong.push("it does not end".into());
    }
    wrong.extend(paid_twice(&paid.lock().unwrap()));
    wrong
}

async fn every_statement(which: Tried) {
    if tokio::task::spawn_blocking(crate::ledger::server::database).await.unwrap().is_none() {
        return;
    }
    const STATEMENTS: usize = 60;
    let mut cells = Vec::new();
    for at in 0..STATEMENTS {
        for cut in [Cut::BeforeItArrives, Cut::BeforeItIsAnswered] {
            for batches in [true, false] {
                cells.push((at, cut, batches));
            }
        }
    }
    let cells = which.of(cells, |_| false);
    report::run(
        "PostgreSQL",
        cells,
        4,
        |_| false,
        |(at, cut, batches)| async move {
            let database = tokio::task::spawn_blocking(crate::ledger::server::database)
                .await
                .unwrap()
                .unwrap();
            // The tables already exist, so that only the statements of the work fail.
            drop(opened(&database).await.unwrap());
            let url = proxy(&database, at, cut).await;
            let wrong = if batches { job(&url).await } else { map(&url).await };
            (format!("{} × {cut:?} {at}", if batches { "a job" } else { "a map" }), wrong)
        },
    )
    .await
    .done();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long; `make test-faults` runs it"]
async fn a_database_that_breaks_at_any_statement_loses_nothing_and_sends_nothing_twice() {
    every_statement(Tried::All).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_breaks_at_some_statements_loses_nothing() {
    every_statement(Tried::Some(16)).await;
}
