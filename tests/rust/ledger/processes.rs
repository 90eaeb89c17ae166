//! Several processes on one ledger: this test program starts itself again.

// fork(2), as Airflow and multiprocessing call it.
#![allow(unsafe_code)]

use std::{
    collections::HashSet,
    path::Path,
    process::{Child, Command, Stdio},
};

use lantern::{
    api::LimitClass,
    ledger::{BatchState, Claim, Store, postgres::PostgresLedger, sqlite::SqliteLedger},
    process::clock::now,
};

use super::common::{claim, job};

macro_rules! promises {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $name() {
                let (ledger, folder) = crate::ledger::common::sqlite();
                super::$name(&ledger, folder.path().join("ledger.sqlite").to_str().unwrap());
            })+
        }
        mod on_postgres {
            $(#[test] fn $name() {
                let Some((ledger, url, _folder)) = crate::ledger::server::ledger() else { return };
                super::$name(&ledger, &url);
            })+
        }
        mod behind_pgbouncer {
            $(#[test] fn $name() {
                let Some((ledger, url, _folder)) = crate::ledger::server::pooled_ledger() else { return };
                super::$name(&ledger, &url);
            })+
        }
    };
}

promises!(
    processes_that_claim_at_once_send_each_batch_once_within_the_budget,
    the_batch_of_a_process_that_died_is_in_doubt,
    the_batch_of_a_killed_process_is_in_doubt_though_a_child_of_it_lives,
    processes_share_the_slots_of_a_key,
);

const LEDGER: &str = "LANTERN_TEST_LEDGER";

/// Runs one of the ignored tests below in a process of its own, on the ledger at `place`.
fn start(role: &str, place: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("ledger::processes::{role}"), "--ignored", "--nocapture"])
        .env(LEDGER, place)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The lines that a process wrote for its parent.
fn said(child: Child) -> Vec<String> {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.split('\n')
        .filter_map(|line| line.rsplit_once("said:").map(|(_, word)| word.trim().to_owned()))
        .collect()
}

fn ledger_of_parent() -> Option<(Box<dyn Store>, i64)> {
    let place = std::env::var(LEDGER).ok()?;
    let ledger: Box<dyn Store> = if place.contains("://") {
        Box::new(PostgresLedger::open(&place, &std::env::temp_dir()).unwrap())
    } else {
        Box::new(SqliteLedger::open(Path::new(&place)).unwrap())
    };
    let job = ledger.find("api.example.com", "k").unwrap().unwrap().id;
    Some((ledger, job))
}

#[test]
#[ignore = "the part of a child process"]
fn claim_all() {
    let Some((ledger, job)) = ledger_of_parent() else { return };
    while let Claim::Send(claimed) = ledger.claim(job, i64::MAX).unwrap() {
        println!("\nsaid:{}", claimed.number);
    }
}

#[test]
#[ignore = "the part of a child process"]
fn claim_one_and_die() {
    let Some((ledger, job)) = ledger_of_parent() else { return };
    claim(ledger.as_ref(), job).unwrap();
    std::process::abort();
}

#[test]
#[ignore = "the part of a child process"]
fn claim_one_fork_and_be_killed() {
    let Some((ledger, job)) = ledger_of_parent() else { return };
    claim(ledger.as_ref(), job).unwrap();
    // SAFETY: the child only closes its output, sleeps and leaves by `_exit`; the alarm ends it.
    let child = unsafe { libc::fork() };
    if child == 0 {
        unsafe {
            // The parent reads the output of this process to its end.
            libc::close(1);
            libc::alarm(60);
            libc::pause();
            libc::_exit(0);
        }
    }
    println!("\nsaid:{child}");
    // SAFETY: it is this process.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
}

#[test]
#[ignore = "the part of a child process"]
fn take_slots() {
    let Some((ledger, _)) = ledger_of_parent() else { return };
    for _ in 0..20 {
        loop {
            let at = now();
            match ledger.take_slot("key", LimitClass::Sync, at, 5_000).unwrap() {
                None => break println!("\nsaid:{at}"),
                Some(wait) => {
                    std::thread::sleep(std::time::Duration::from_micros(wait.unsigned_abs()));
                }
            }
        }
    }
}

fn processes_that_claim_at_once_send_each_batch_once_within_the_budget(
    ledger: &dyn Store,
    place: &str,
) {
    let id = ledger.create(&job("k", 60, 1, 6, 300)).unwrap().0.id;
    let children: Vec<_> = (0..4).map(|_| start("claim_all", place)).collect();
    let claimed: Vec<String> = children.into_iter().flat_map(said).collect();
    assert_eq!(claimed.len(), 50, "300 credits pay for 50 batches");
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 50);
    assert_eq!(ledger.sums(id).unwrap().committed, 300);
    // They ended without an answer, so all of their batches are in doubt.
    expire_leases(place);
    ledger.find_doubt(id).unwrap();
    assert_eq!(ledger.sums(id).unwrap().in_doubt, 50);
}

/// Waits as long as a process counts as alive after its last sign of life. On SQLite that is no
/// time at all, because the system releases its lock at once.
fn expire_leases(place: &str) {
    if place.contains("://") {
        let mut client = super::server::administrator(place);
        client.batch_execute("UPDATE lantern_leases SET until = until - 30000000").unwrap();
    }
}

fn the_batch_of_a_process_that_died_is_in_doubt(ledger: &dyn Store, place: &str) {
    let id = ledger.create(&job("k", 2, 1, 6, 300)).unwrap().0.id;
    said(start("claim_one_and_die", place));
    expire_leases(place);
    claim(ledger, id).unwrap();
    // Every reader notices it: nobody is shown a sending whose process has ended.
    let batches = ledger.batches(id).unwrap();
    assert_eq!(batches[0].state, BatchState::InDoubt);
    assert!(batches[0].error.as_deref().unwrap().contains("ended before an answer"));
    assert_eq!(batches[1].state, BatchState::Sending, "this process lives");
}

fn the_batch_of_a_killed_process_is_in_doubt_though_a_child_of_it_lives(
    ledger: &dyn Store,
    place: &str,
) {
    let id = ledger.create(&job("k", 1, 1, 6, 300)).unwrap().0.id;
    let told = said(start("claim_one_fork_and_be_killed", place));
    let child: i32 = told[0].parse().unwrap();
    expire_leases(place);
    // SAFETY: signal 0 only asks whether the process is there; the other ends it.
    let lives = unsafe { libc::kill(child, 0) } == 0;
    let listed = ledger.jobs(None).unwrap()[0].1.in_doubt;
    let state = ledger.batches(id).unwrap()[0].state;
    unsafe { libc::kill(child, libc::SIGKILL) };
    assert!(lives, "the child had ended, so the test says nothing");
    assert_eq!((listed, state), (1, BatchState::InDoubt));
}

fn processes_share_the_slots_of_a_key(ledger: &dyn Store, place: &str) {
    ledger.create(&job("k", 1, 1, 6, 300)).unwrap();
    let children: Vec<_> = (0..3).map(|_| start("take_slots", place)).collect();
    let mut times: Vec<i64> =
        children.into_iter().flat_map(said).map(|time| time.parse().unwrap()).collect();
    times.sort_unstable();
    assert_eq!(times.len(), 60);
    let closest = times.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
    assert!(closest >= 5_000, "two calls were {closest} µs apart");
}

#[cfg(unix)]
#[test]
fn a_forked_child_claims_as_itself_and_its_parent_sees_it_end() {
    let (ledger, _folder) = super::common::sqlite();
    let id = ledger.create(&job("k", 3, 1, 6, 300)).unwrap().0.id;
    claim(&ledger, id).unwrap();
    // SAFETY: the child only uses the ledger and leaves by `_exit`; the alarm ends one that hangs.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        unsafe { libc::alarm(30) };
        // The child sees its parent alive, and claims with an identity of its own.
        let fine = ledger.find_doubt(id).is_ok()
            && matches!(ledger.claim(id, i64::MAX), Ok(Claim::Send(_)))
            && ledger.batches(id).is_ok_and(|batches| {
                batches[0].state == BatchState::Sending && batches[0].owner != batches[1].owner
            });
        unsafe { libc::_exit(i32::from(!fine)) };
    }
    let mut status = 0;
    // SAFETY: `pid` is our child.
    unsafe { libc::waitpid(pid, &mut status, 0) };
    assert_eq!(status, 0);
    ledger.find_doubt(id).unwrap();
    let states: Vec<_> = ledger.batches(id).unwrap().iter().map(|batch| batch.state).collect();
    assert_eq!(states, [BatchState::Sending, BatchState::InDoubt, BatchState::Planned]);
}
