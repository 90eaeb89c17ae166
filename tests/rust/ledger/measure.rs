//! Measures the steps of the ledger in a large job. Run with `cargo test --test ledger -- --ignored
//! --nocapture measure`.

use std::time::{Duration, Instant};

use lantern::ledger::{Claim, Store};

use super::common::{job, sqlite};

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn timed<T>(rounds: usize, mut work: impl FnMut() -> T) -> Duration {
    median(
        (0..rounds)
            .map(|_| {
                let begun = Instant::now();
                work();
                begun.elapsed()
            })
            .collect(),
    )
}

#[test]
#[ignore = "measures, and asserts nothing"]
fn measure_a_job_of_10_000_batches() {
    let (ledger, _folder) = sqlite();
    let planned = job("large", 10_000, 1_000, 6, 60_000_000);
    let begun = Instant::now();
    let (record, _) = ledger.create(&planned).unwrap();
    println!("create: {:?}", begun.elapsed());
    println!("peek: {:?}", timed(21, || ledger.peek(record.id).unwrap()));
    println!("sums: {:?}", timed(21, || ledger.sums(record.id).unwrap()));
    println!("batches: {:?}", timed(11, || ledger.batches(record.id).unwrap()));
    println!("find_doubt: {:?}", timed(11, || ledger.find_doubt(record.id).unwrap()));
    println!("jobs: {:?}", timed(5, || ledger.jobs(None).unwrap()));
    println!(
        "claim: {:?}",
        timed(51, || assert!(matches!(ledger.claim(record.id, i64::MAX), Ok(Claim::Send(_)))))
    );
}
