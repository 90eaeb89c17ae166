//! Ctrl-C and SIGTERM in the middle of a job.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader},
    process::Child,
    time::Duration,
};

use lantern::ledger::BatchState;

use crate::common::{Done, World, signal};

const SUBMIT: [&str; 8] =
    ["submit", "people.csv", "--kind", "email", "--max-credits", "100", "--key", "a"];

fn ended(world: &World, child: Child) -> Done {
    world.check(child.wait_with_output().unwrap())
}

#[test]
fn an_interrupted_wait_is_exit_code_130_and_the_job_is_picked_up() {
    for name in ["INT", "TERM"] {
        let world = World::new(|config| config.work_delay = Duration::from_secs(3));
        world.people_csv(100);
        let child = world.spawn(&mut world.command(&SUBMIT));
        world.until_first_batch_is(BatchState::Accepted);
        signal(&child, name);
        let error = ended(&world, child).error(130);
        assert_eq!(
            error,
            "interrupted; job a resumes with the same command, or with \
             `lantern results a --out FILE`"
        );
        assert!(world.run(&["results", "a"]).says().contains("found 50"));
        assert_eq!(world.runs(), 1, "it was sent once");
    }
}

#[test]
fn a_batch_that_is_being_sent_is_awaited_and_not_in_doubt() {
    let world = World::new(|config| {
        config.faults = vec!["POST /v1/agents/*: delay 1s".parse().unwrap()];
    });
    world.people_csv(100);
    let child = world.spawn(&mut world.command(&SUBMIT));
    world.until_first_batch_is(BatchState::Sending);
    signal(&child, "INT");
    let done = ended(&world, child);
    assert!(
        done.stderr.starts_with("stopping when what is being sent is answered"),
        "{}",
        done.stderr
    );
    done.error(130);
    assert_eq!(world.jobs()[0].1[0].state, BatchState::Accepted);
    world.run(&SUBMIT).says();
    assert_eq!(world.runs(), 1, "it was sent once");
}

#[test]
fn a_second_signal_stops_at_once_and_what_was_under_way_is_in_doubt() {
    let world = World::new(|config| {
        config.faults = vec!["POST /v1/agents/*: delay 50s".parse().unwrap()];
    });
    world.people_csv(100);
    let mut child = world.spawn(&mut world.command(&SUBMIT));
    world.until_first_batch_is(BatchState::Sending);
    signal(&child, "INT");
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("stopping when what is being sent is answered"), "{line}");
    signal(&child, "INT");
    line.clear();
    stderr.read_line(&mut line).unwrap();
    assert!(line.contains("`lantern status a` shows whether a batch is in doubt"), "{line}");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(world.run(&["status", "a"]).says().contains("in doubt"));
    world.run(&SUBMIT).error(6);
}

#[test]
fn a_read_of_standard_input_can_be_interrupted() {
    let world = World::new(|_| ());
    let mut command =
        world.command(&["-v", "submit", "-", "--kind", "email", "--max-credits", "9"]);
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The ledger is opened after the signal handlers are installed, and before the input is read.
    crate::common::until(|| world.path("ledger.sqlite").exists());
    let open = child.stdin.take();
    signal(&child, "INT");
    let error = ended(&world, child).error(130);
    assert_eq!(error, "interrupted");
    drop(open);
}
