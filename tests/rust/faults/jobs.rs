//! Batches: each step of a job (sending, status, result, credit report) × a fault of each kind.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use arrow::array::{Array, ArrayRef, StringArray};
use lantern::{
    Error,
    api::agents::{BatchKind, EntityType},
    error::ErrorKind,
    jobs::{
        Job, JobOptions, Ledger, OnFailed, Progress, WaitOptions,
        ids::Ids,
        plan::{Request, Submission},
    },
    ledger::{Accepted, Decision, rules::Sums},
    storage::StorageOptions,
};
use serde_json::{Value, json};

use super::{
    calls::{self, AT_ONCE, Lasts, READ, TOTAL, readable},
    catalogue::{self, Fault, Says},
    report::{self, GUARD, Tried},
    server::{self, Arrived, Script, Server, Step, Then},
};

pub const IDS: usize = 3;
const BUDGET: u64 = 60;
/// Far longer than a cell needs on a busy machine, but shorter than [`GUARD`].
const DEADLINE: Duration = Duration::from_secs(600);

/// What the API did: the id of each run, and how often each id may have been paid for.
#[derive(Debug, Default)]
pub struct Book {
    runs: Vec<String>,
    paid: HashMap<String, usize>,
    /// Ids whose batch was accepted.
    accepted: Vec<String>,
}

/// A working API. The third argument says whether the answer to a call is successful.
pub fn works(asked: &Arrived, url: &str, book: &Mutex<Book>, whole: bool) -> Script {
    let keep = |bytes| Script::new(bytes, Then::Keep);
    let mut book = book.lock().unwrap();
    match asked.step() {
        Step::Account => keep(server::json("404 Not Found", b"{}")),
        Step::Call => {
            if !whole {
                return Script::new("", Then::Keep);
            }
            let id = id_of(asked);
            book.runs.push(id.clone());
            book.accepted.push(id.clone());
            *book.paid.entry(id).or_default() += 1;
            let run = accepted(url, book.runs.len() - 1);
            let said = json!({"run_id": run.run_id, "result_path": run.result_path,
                "credits_csv_path": run.credits_path});
            keep(server::json("200 OK", said.to_string().as_bytes()))
        }
        Step::Status => {
            let run = asked.path.split('/').nth_back(1).unwrap();
            let said = json!({"run_id": run, "status": "completed"});
            keep(server::json("200 OK", said.to_string().as_bytes()))
        }
        Step::Result | Step::Report => {
            let at = asked.path.find("5a1f").unwrap() + 4;
            let number: usize = asked.path[at..at + 4].parse().unwrap();
            let id = &book.runs[number];
            let text = if asked.step() == Step::Report {
                format!("id,credits\n{id},1\n")
            } else {
                format!("id,email,email_found,phone_number,phone_found\n{id},a@b.co,true,+1,true\n")
            };
            keep(server::answer("200 OK", "content-type: text/csv\r\n", text.as_bytes()))
        }
    }
}

fn id_of(asked: &Arrived) -> String {
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    body["ids"][0].as_str().unwrap().to_owned()
}

/// A job over [`IDS`] ids, one per batch.
pub async fn submit(
    url: &str,
    hangs: bool,
    kind: BatchKind,
    ledger: &Ledger,
) -> Result<Job, Error> {
    let client = calls::client(url, hangs);
    let ids: Vec<String> = (0..IDS).map(|id| format!("person-{id}")).collect();
    let column: ArrayRef = Arc::new(StringArray::from(ids));
    let ids = Ids::read("id", column.data_type(), std::slice::from_ref(&column)).unwrap();
    let mut request = Request::new(kind);
    request.entity_type = EntityType::Person;
    let mut submission = Submission::new(request, BUDGET);
    submission.batch_size = 1;
    submission.key = Some("k".into());
    let (read, total) = (format!("{READ:?}"), format!("{TOTAL:?}"));
    let mut storage = vec![("max_retries", "1"), ("retry_init_backoff_ms", "1")];
    if hangs {
        storage.extend([("read_timeout", read.as_str()), ("timeout", total.as_str())]);
    }
    let options = JobOptions {
        sends_at_once: 1,
        patience: Duration::from_millis(400),
        patience_unknown: Duration::from_millis(400),
        outage: Duration::from_millis(400),
        storage: StorageOptions::new(storage).unwrap(),
        ..JobOptions::default()
    };
    Job::submit(&client, ledger, &submission, "id", &ids, options).await
}

pub async fn wait(job: &Job) -> Option<Result<Progress, Error>> {
    let options = WaitOptions { timeout: Some(DEADLINE), on_failed: OnFailed::Keep };
    tokio::time::timeout(GUARD, job.wait_with(options, |_| ())).await.ok()
}

/// The answer of the API to a batch that it accepted: its run, and where its files lie.
fn accepted(url: &str, number: usize) -> Accepted {
    let run_id = format!("7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f{number:04}");
    let result_path = format!("{url}/{run_id}.csv");
    let credits_path = Some(format!("{url}/{run_id}_credits.csv"));
    Accepted { run_id, result_path, credits_path }
}

/// Decides what is in doubt, as a person does who looks at the runs of the API: on a busy machine the
/// answer to a batch that was accepted may come too late.
pub async fn settle_doubts(job: &Job, book: &Mutex<Book>, url: &str) -> Result<(), Error> {
    for batch in job.in_doubt().await? {
        let id = format!("person-{}", batch.number);
        let run = book.lock().unwrap().runs.iter().position(|own| *own == id);
        let decision = match run {
            Some(run) => Decision::Attach(accepted(url, run)),
            None => Decision::Skip,
        };
        job.decide(batch.number, decision).await?;
    }
    Ok(())
}

/// Compares credits and answers with what the API counted.
pub fn audit(sums: &Sums, book: &Book, ended: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let counted = sums.spent + sums.committed;
    let paid = book.paid.len() as u64;
    if counted > BUDGET || counted < paid {
        wrong.push(format!("{counted} credits of {BUDGET}, and {paid} ids may have been paid for"));
    }
    for (id, times) in book.paid.iter().filter(|(_, times)| **times > 1) {
        wrong.push(format!("{id} was paid for {times} times"));
    }
    let lost = (book.accepted.len() as u64).saturating_sub(sums.returned + sums.failed);
    if ended && lost > 0 {
        wrong.push(format!("{lost} answers are lost: {sums:?}"));
    }
    wrong
}

async fn cell(kind: BatchKind, step: Step, fault: &Fault, lasts: Lasts) -> Vec<String> {
    let book: Arc<Mutex<Book>> = Arc::default();
    let (script, kept) = (fault.script.clone(), book.clone());
    let counts = !matches!(fault.says, Says::Refused(_) | Says::Throttled | Says::Unread);
    let own: Arc<OnceLock<String>> = Arc::default();
    let known = own.clone();
    let play = move |asked: &Arrived, number: usize| {
        let odd = asked.step() == step && (number == 1 || lasts == Lasts::ForEver);
        let whole = asked.step() != Step::Call || !asked.body.is_empty();
        if !odd {
            return works(asked, known.get().unwrap(), &kept, whole);
        }
        if step == Step::Call && whole && counts {
            *kept.lock().unwrap().paid.entry(id_of(asked)).or_default() += 1;
        }
        script.clone()
    };
    let server = Server::start(play).await;
    own.set(server.url.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("l.sqlite").to_string_lossy()).unwrap();
    let job = match submit(&server.url, fault.hangs, kind, &ledger).await {
        Ok(job) => job,
        Err(error) => return vec![format!("it cannot be submitted: {error:?}")],
    };
    let mut wrong = Vec::new();
    let times = if lasts == Lasts::Once { 4 } else { 2 };
    let mut ended = false;
    for _ in 0..times {
        let Some(outcome) = wait(&job).await else {
            wrong.push("it hangs".into());
            return wrong;
        };
        match &outcome {
            Err(error) => {
                let mut unreadable = readable(error);
                // A server of files does not get the key, so its answers may contain anything.
                if matches!(step, Step::Result | Step::Report) {
                    unreadable.retain(|what| !what.starts_with("it shows the key"));
                }
                wrong.extend(unreadable);
                let bug = matches!(error.kind(), ErrorKind::Ledger | ErrorKind::Input);
                let late = error.is(ErrorKind::Unfinished);
                if bug || late || error.happened().contains("broken off") {
                    wrong.push(format!("{error:?}"));
                }
            }
            Ok(progress) => ended = progress.state.ended(),
        }
        wrong.extend(audit(&job.progress().await.unwrap().sums, &book.lock().unwrap(), false));
        if ended {
            break;
        }
    }
    if lasts == Lasts::Once && !ended {
        // What is left is in doubt, and a person decides.
        if let Err(error) = settle_doubts(&job, &book, &server.url).await {
            wrong.push(format!("it cannot be decided: {error:?}"));
        }
        match wait(&job).await {
            Some(Ok(progress)) => ended = progress.state.ended(),
            other => wrong.push(format!("it does not end once decided: {other:?}")),
        }
    }
    let sums = job.progress().await.unwrap().sums;
    if lasts == Lasts::Once && !ended {
        wrong.push(format!("it does not end: {sums:?}"));
    }
    wrong.extend(audit(&sums, &book.lock().unwrap(), ended));
    wrong
}

async fn every_step(which: Tried) {
    let other = Server::start(|_, _| Script::new(server::json("200 OK", b"{}"), Then::Keep)).await;
    let good = json!({"run_id": "7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0000", "result_path": "s3://b/k"});
    let mut steps: Vec<(BatchKind, Step)> =
        BatchKind::ALL.into_iter().map(|kind| (kind, Step::Call)).collect();
    steps.extend(
        [Step::Status, Step::Result, Step::Report].map(|step| (BatchKind::PhoneEmail, step)),
    );
    let mut cells = Vec::new();
    for (kind, step) in steps {
        for fault in catalogue::kinds(&good, &other.url) {
            for lasts in [Lasts::Once, Lasts::ForEver] {
                cells.push((kind, step, fault.clone(), lasts));
            }
        }
    }
    let waits = |(_, _, fault, _): &(BatchKind, Step, Fault, Lasts)| fault.hangs;
    let cells = which.of(cells, waits);
    let mut findings =
        report::run("jobs", cells, AT_ONCE, waits, |(kind, step, fault, lasts)| async move {
            let wrong = cell(kind, step, &fault, lasts).await;
            (format!("{kind}, {step:?} × {}, {lasts:?}", fault.name), wrong)
        })
        .await;
    findings.add(
        "the other server",
        other.arrived().iter().map(|asked| format!("{asked:?}")).collect(),
    );
    findings.done();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long; `make test-faults` runs it"]
async fn every_step_of_a_job_bears_every_kind_of_fault() {
    every_step(Tried::All).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_of_the_steps_of_a_job_bears_a_sample_of_faults() {
    every_step(Tried::Some(40)).await;
}

/// The columns with times, by table.
const TIMES: [(&str, &str); 9] = [
    ("lantern_units", "sending_until"),
    ("lantern_units", "sent_at"),
    ("lantern_units", "accepted_at"),
    ("lantern_units", "finished_at"),
    ("lantern_units", "looked_at"),
    ("lantern_units", "unknown_since"),
    ("lantern_jobs", "created_at"),
    ("lantern_slots", "last"),
    ("lantern_slots", "held"),
];

/// A job whose clock jumps by `jump` microseconds when `done` runs have completed.
async fn jump(jump: i64, done: usize) -> Vec<String> {
    let book: Arc<Mutex<Book>> = Arc::default();
    let held = Arc::new(AtomicBool::new(true));
    let own: Arc<OnceLock<String>> = Arc::default();
    let (kept, known, stop) = (book.clone(), own.clone(), held.clone());
    let play = move |asked: &Arrived, number: usize| {
        let whole = asked.step() != Step::Call || !asked.body.is_empty();
        if asked.step() == Step::Status && stop.load(Ordering::SeqCst) && number >= done {
            let run = asked.path.split('/').nth_back(1).unwrap();
            let said = json!({"run_id": run, "status": "queued"}).to_string();
            return Script::new(server::json("200 OK", said.as_bytes()), Then::Keep);
        }
        works(asked, known.get().unwrap(), &kept, whole)
    };
    let server = Server::start(play).await;
    own.set(server.url.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.sqlite");
    let ledger = Ledger::open(&path.to_string_lossy()).unwrap();
    let job = submit(&server.url, false, BatchKind::Email, &ledger).await.unwrap();
    let short = WaitOptions { timeout: Some(Duration::from_millis(300)), ..Default::default() };
    let _ = tokio::time::timeout(GUARD, job.poll_with(short)).await;
    // The clock advances by `jump`, so every recorded time is that much further in the past.
    let database = rusqlite::Connection::open(&path).unwrap();
    for (table, column) in TIMES {
        let change = format!("UPDATE {table} SET {column} = {column} - ?1");
        database.execute(&change, [jump]).unwrap();
    }
    drop(database);
    held.store(false, Ordering::SeqCst);
    // As after a restart, with nothing in memory.
    let again = submit(&server.url, false, BatchKind::Email, &ledger).await.unwrap();
    let mut wrong = match wait(&again).await {
        Some(Ok(progress)) if progress.state.ended() => Vec::new(),
        other => vec![format!("it does not end: {other:?}")],
    };
    let sums = again.progress().await.unwrap().sums;
    wrong.extend(audit(&sums, &book.lock().unwrap(), true));
    if sums.returned != IDS as u64 {
        wrong.push(format!("{sums:?}"));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_loses_nothing_and_sends_nothing_twice() {
    const SECOND: i64 = 1_000_000;
    const DAY: i64 = 86_400 * SECOND;
    let jumps = [30 * SECOND, -30 * SECOND, DAY, -DAY, 3_650 * DAY, -3_650 * DAY];
    let cells: Vec<(i64, usize)> =
        jumps.into_iter().flat_map(|by| (0..3).map(move |done| (by, done))).collect();
    report::run(
        "clocks",
        cells,
        AT_ONCE,
        |_| false,
        |(by, done)| async move { (format!("{done} done, {by} us"), jump(by, done).await) },
    )
    .await
    .done();
}
