//! A disk that is full from each moment of a job and of a table of calls on, and has room again later.
//!
//! A limit on the size of files holds for a whole process (it is what SQLite and the results meet on a
//! full disk), so that a process of its own tries these cells, one after the other.

use std::{
    process::{Command, Stdio},
    sync::{Arc, Mutex, OnceLock},
};

use lantern::{
    Error,
    api::agents::BatchKind,
    error::ErrorKind,
    jobs::{Ledger, OnInDoubt, map::run},
};

use super::{
    calls,
    databases::{ROWS, companies, company, paid_twice},
    jobs::{Book, IDS, audit, submit, wait, works},
    report::{self, GUARD},
    server::{Arrived, Server, Step},
};

const CHILD: &str = "LANTERN_TEST_FULL_DISK";

/// Lets no file of this process grow, or lets them again.
fn disk(full: bool) {
    let limit = if full { "--fsize=0:unlimited" } else { "--fsize=unlimited:unlimited" };
    let own = std::process::id().to_string();
    assert!(Command::new("prlimit").args(["--pid", &own, limit]).status().unwrap().success());
}

/// What is wrong with an error of a disk that is full.
fn judge(error: &Error) -> Vec<String> {
    let mut wrong = calls::readable(error);
    // That a batch was accepted, and is written down once there is room, is said of the job.
    if !matches!(error.kind(), ErrorKind::Ledger | ErrorKind::Results | ErrorKind::Job) {
        wrong.push(format!("it is {:?}: {error}", error.kind()));
    }
    wrong
}

async fn job(step: Step, nth: usize) -> Vec<String> {
    let book: Arc<Mutex<Book>> = Arc::default();
    let place: Arc<OnceLock<String>> = Arc::default();
    let (kept, known) = (book.clone(), place.clone());
    let server = Server::start(move |asked: &Arrived, number: usize| {
        let whole = asked.step() != Step::Call || !asked.body.is_empty();
        if whole && asked.step() == step && number == nth {
            disk(true);
        }
        works(asked, known.get().unwrap(), &kept, whole)
    })
    .await;
    place.set(server.url.clone()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("l.sqlite").to_string_lossy()).unwrap();
    let mut wrong = Vec::new();
    let mut kept = None;
    for _ in 0..4 {
        let outcome = async {
            if kept.is_none() {
                kept = Some(submit(&server.url, false, BatchKind::Email, &ledger).await?);
            }
            let job = kept.as_ref().unwrap();
            wait(job).await.ok_or_else(|| Error::config("it hangs"))?
        };
        let outcome = outcome.await;
        disk(false);
        match outcome {
            Err(error) => wrong.extend(judge(&error)),
            Ok(progress) if progress.state.ended() => {
                wrong.extend(audit(&progress.sums, &book.lock().unwrap(), true));
                if progress.sums.returned != IDS as u64 {
                    wrong.push(format!("{:?}", progress.sums));
                }
                return wrong;
            }
            Ok(_) => {}
        }
    }
    wrong.push("it does not end once there is room".into());
    wrong
}

async fn map(nth: usize) -> Vec<String> {
    let paid: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = paid.clone();
    let server = Server::start(move |asked: &Arrived, number: usize| {
        if asked.step() == Step::Call && !asked.body.is_empty() && number == nth {
            disk(true);
        }
        company(asked, &kept)
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("l.sqlite").to_string_lossy()).unwrap();
    let client = calls::client(&server.url, false);
    let mut wrong = Vec::new();
    for _ in 0..4 {
        let asked = companies(&ledger, OnInDoubt::Raise);
        let outcome = tokio::time::timeout(GUARD, run(&client, asked)).await;
        disk(false);
        match outcome {
            Err(_) => wrong.push("it hangs".into()),
            Ok(Err(error)) => wrong.extend(judge(&error)),
            Ok(Ok(_)) => {
                let sums = ledger.store().jobs(None).unwrap()[0].1;
                let paid = paid.lock().unwrap();
                if (sums.spent, paid.len()) != (ROWS as u64, ROWS) {
                    wrong.push(format!("{} paid, and {sums:?}", paid.len()));
                }
                wrong.extend(paid_twice(&paid));
                return wrong;
            }
        }
    }
    wrong.push("it does not end once there is room".into());
    wrong
}

/// A process that would end at the first write gets an error in place of it.
const IGNORING: &str = r#"trap "" XFSZ; exec "$0" "$@""#;

#[test]
fn a_disk_that_is_full_at_any_step_loses_nothing_and_sends_nothing_twice() {
    let own = std::env::current_exe().unwrap();
    let child = Command::new("sh")
        .args(["-c", IGNORING])
        .arg(own)
        .args(["--exact", "faults::disk::part_of_a_child", "--ignored", "--nocapture"])
        .env(CHILD, "1")
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let done = child.wait_with_output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    print!("{said}");
    assert!(done.status.success(), "{said}");
    assert!(said.contains("full disks: "), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the part of a child process"]
async fn part_of_a_child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let steps = [Step::Account, Step::Call, Step::Status, Step::Result, Step::Report];
    let mut cells: Vec<(Option<Step>, usize)> =
        steps.into_iter().flat_map(|step| (0..IDS).map(move |nth| (Some(step), nth))).collect();
    // The account is asked for once.
    cells.retain(|(step, nth)| *step != Some(Step::Account) || *nth == 0);
    cells.extend((0..ROWS).map(|nth| (None, nth)));
    report::run(
        "full disks",
        cells,
        1,
        |_| false,
        |(step, nth)| async move {
            match step {
                Some(step) => (format!("a job, {step:?} {nth}"), job(step, nth).await),
                None => (format!("a map, row {nth}"), map(nth).await),
            }
        },
    )
    .await
    .done();
}
