//! Measures the speed of the server. Run with `cargo test --release --test server measure --
//! --ignored --nocapture --test-threads=1`.

use std::time::Instant;

use lantern_server::{DirectorySource, LocalServer, ServerConfig};
use reqwest::Method;
use serde_json::json;

use crate::server::common::{Caller, lifted};

#[test]
#[ignore = "measures"]
fn starting_and_stopping() {
    let mut took: Vec<_> = (0..9)
        .map(|_| {
            let begin = Instant::now();
            let server = LocalServer::start_blocking(ServerConfig::default()).unwrap();
            let started = begin.elapsed();
            let begin = Instant::now();
            drop(server);
            (started, begin.elapsed())
        })
        .collect();
    took.sort_unstable();
    eprintln!("start {:?}, stop {:?} (median of 9)", took[4].0, took[4].1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn a_million_ids_in_a_thousand_batches() {
    let begin = Instant::now();
    let people = DirectorySource::Generated { seed: 7, people: 1_000_000, companies: 50_000 };
    let config = ServerConfig { people, credits: 1e9, ..lifted() };
    let caller = Caller::start(config).await;
    eprintln!("start with 1,000,000 people: {:?}", begin.elapsed());
    let begin = Instant::now();
    let mut runs = Vec::new();
    for batch in 0..1_000 {
        let ids: Vec<String> =
            (1..=1_000).map(|at| format!("P{:07}", batch * 1_000 + at)).collect();
        runs.push(caller.submit("phone-email", &json!({"ids": ids, "max_credits": 6_000})).await);
    }
    eprintln!("1,000 batches accepted: {:?}", begin.elapsed());
    caller.server.idle().await;
    eprintln!("1,000 batches worked: {:?}", begin.elapsed());
    let begin = Instant::now();
    let (store, _) = caller.store("s3://lantern-results/x", &[]);
    let store = std::sync::Arc::new(store);
    let (mut bytes, mut lines) = (0, 0);
    for runs in runs.chunks(16) {
        let reads = runs.iter().map(|run| {
            let address = run["result_path"].as_str().unwrap();
            let path = address.strip_prefix("s3://lantern-results/").unwrap().into();
            let store = store.clone();
            async move {
                use object_store::ObjectStoreExt;
                store.get(&path).await.unwrap().bytes().await.unwrap()
            }
        });
        for file in futures_util::future::join_all(reads).await {
            bytes += file.len();
            lines += file.iter().filter(|&&byte| byte == b'\n').count();
        }
    }
    eprintln!("{lines} lines, {} MB read by S3: {:?}", bytes >> 20, begin.elapsed());
    assert_eq!(lines, 1_001_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    for line in status.lines().filter(|line| line.starts_with("VmHWM")) {
        eprintln!("{line} (server and caller)");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn calls_in_a_second() {
    let caller = Caller::start(lifted()).await;
    let caller = std::sync::Arc::new(caller);
    let begin = Instant::now();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let caller = caller.clone();
            tokio::spawn(async move {
                for _ in 0..1_000 {
                    let request = caller.request(Method::GET, "/v1/credits/remaining");
                    assert_eq!(request.send().await.unwrap().status(), 200);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    eprintln!("{:.0} calls a second", 16_000.0 / begin.elapsed().as_secs_f64());
}
