//! Jobs for tests, of any size.

use lantern::ledger::{
    Accepted, Claim, Claimed, Ended, Finished, Loaded, NewCalls, NewJob, Store,
    sqlite::SqliteLedger,
};

/// A ledger in a folder of its own.
pub fn sqlite() -> (SqliteLedger, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger.sqlite")).unwrap();
    (ledger, folder)
}

/// A job of `batches` batches with `count` ids, whose records cost at most `price`.
pub fn job(key: &str, batches: usize, count: usize, price: u64, max_credits: u64) -> NewJob {
    NewJob {
        account: "api.example.com".into(),
        key: key.into(),
        kind: "phone-email".into(),
        parameters: "{}".into(),
        digest: format!("{batches} of {count}"),
        id_column: "id".into(),
        id_type: "Utf8".into(),
        rows: (batches * count) as u64,
        batches: (0..batches)
            .map(|batch| (0..count).map(|at| format!("person-{batch}-{at}")).collect())
            .collect(),
        row_ids: Vec::new(),
        max_credits,
        price,
        base_url: "https://api.example.com".into(),
        calls: None,
        memory: None,
        suppress: Vec::new(),
        budget: None,
    }
}

/// A job of `rows` calls with `rows_per_call` rows each, each of which costs at most `price`.
pub fn calls(key: &str, rows: u64, rows_per_call: u32, price: u64, max_credits: u64) -> NewJob {
    NewJob {
        kind: "enrich.company".into(),
        id_column: String::new(),
        id_type: String::new(),
        rows,
        batches: Vec::new(),
        calls: Some(NewCalls { rows_per_call, requests: vec![vec![1, 2, 3]] }),
        ..job(key, 0, 0, price, max_credits)
    }
}

/// The run that the API would return for a batch.
pub fn run(name: &str) -> Accepted {
    Accepted {
        run_id: name.into(),
        result_path: format!("s3://results/{name}.csv"),
        credits_path: None,
    }
}

/// Claims a batch, which must be available.
pub fn claim(store: &dyn Store, job: i64) -> Option<Claimed> {
    match store.claim(job, i64::MAX).unwrap() {
        Claim::Send(claimed) => Some(claimed),
        _ => None,
    }
}

/// A result of one record, which cost `credits`.
pub fn loaded(credits: u64) -> Loaded {
    Loaded { credits: Some(credits), returned: 1, ..Loaded::default() }
}

/// Sends a batch and loads it.
pub fn work(store: &dyn Store, job: i64, name: &str, result: &Loaded) -> Option<u32> {
    let claimed = claim(store, job)?;
    let number = claimed.number;
    assert!(store.accept(job, number, &claimed.idempotency_key, &run(name)).unwrap());
    finish(store, job, number, Ended::Completed);
    load(store, job, number, result);
    Some(number)
}

/// Ends the current run of a batch.
pub fn finish(store: &dyn Store, job: i64, number: u32, end: Ended) {
    let run_id = run_of(store, job, number);
    store.finish(job, &[Finished { number, run_id, end }]).unwrap();
}

/// Loads the result of the current run of a batch.
pub fn load(store: &dyn Store, job: i64, number: u32, loaded: &Loaded) {
    let run_id = run_of(store, job, number);
    store.load(job, number, &run_id, loaded).unwrap();
}

fn run_of(store: &dyn Store, job: i64, number: u32) -> String {
    let batches = store.batches(job).unwrap();
    batches[number as usize - 1].run_id.clone().unwrap_or_default()
}
