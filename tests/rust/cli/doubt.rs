//! Batches in doubt and failed batches: who decides about them, and how.

use crate::common::{World, texts};

/// The budget pays for the batch of 100 ids, and for an earlier sending of it that may have
/// arrived.
const SUBMIT: [&str; 8] =
    ["submit", "people.csv", "--kind", "email", "--max-credits", "200", "--key", "a"];

/// A server whose first answer to a batch is lost in transit.
fn lossy() -> World {
    let world = World::new(|config| {
        config.faults = vec!["POST /v1/agents/*: reset after nth 1".parse().unwrap()];
    });
    world.people_csv(100);
    world
}

#[test]
fn an_answer_that_is_lost_is_exit_code_6_and_is_not_sent_again() {
    let world = lossy();
    for _ in 0..3 {
        let error = world.run(&SUBMIT).error(6);
        assert!(error.contains("may have arrived"), "{error}");
        let batch = world.jobs()[0].1[0].number;
        let advice = format!("`lantern resolve a {batch}`, or with --on-in-doubt");
        assert!(error.contains(&advice), "{error}");
    }
    let error = world.run(&["results", "a", "--no-wait"]).error(6);
    assert!(error.contains("1 of 1 batches may have arrived"), "{error}");
    assert!(world.run(&["status", "a"]).says().contains("in doubt"));
    assert_eq!(world.runs(), 1);
}

#[test]
fn a_batch_that_did_arrive_is_attached_to_its_run() {
    let world = lossy();
    world.run(&SUBMIT).error(6);
    let run_id = texts(&world.server.runs().unwrap(), "run_id")[0].clone().unwrap();
    let batch = world.jobs()[0].1[0].number.to_string();
    let attach = ["resolve", "a", &batch, "--run-id", &run_id];
    let error = world.run(&attach).error(4);
    assert!(error.contains("pass --result-path (and --credits-path)"), "{error}");

    // Another job shows where this server stores its results.
    world.write("other.csv", "id\n9001\n");
    let other = ["submit", "other.csv", "--kind", "email", "--max-credits", "9", "--key", "b"];
    world.run(&other).ok();
    let other = world.jobs().into_iter().find(|(job, _)| job.key == "b").unwrap().1.remove(0);
    let place = |path: &Option<String>| {
        path.as_deref().unwrap().replace(other.run_id.as_deref().unwrap(), &run_id)
    };
    let (result, credits) = (place(&other.result_path), place(&other.credits_path));
    let whole = [&attach[..], &["--result-path", &result, "--credits-path", &credits]].concat();
    let said = world.run(&whole).ok();
    assert!(said.contains("`lantern results a --out FILE` resumes"), "{said}");
    assert!(world.run(&["results", "a"]).says().contains("found 50"));
    assert_eq!(world.runs(), 2, "nothing was sent a second time");
}

#[test]
fn a_batch_is_sent_again_or_given_up_by_who_says_so() {
    for (decision, runs, said) in [("--resend", 2, "found 50"), ("--skip", 1, "skipped 100")] {
        let world = lossy();
        world.run(&SUBMIT).error(6);
        let batch = world.jobs()[0].1[0].number.to_string();
        world.run(&["resolve", "a", &batch, decision]).says();
        let done = world.run(&SUBMIT).says();
        assert!(done.contains(said), "{done}");
        assert_eq!(world.runs(), runs);
        let error = world.run(&["resolve", "a", &batch, decision]).error(4);
        assert!(error.contains(&format!("batch {batch}")), "{error}");
        let error = world.run(&["resolve", "a", "77", decision]).error(4);
        assert!(error.contains("there is no batch 77; `lantern status a`"), "{error}");
    }
}

#[test]
fn a_policy_decides_beforehand() {
    for (policy, runs) in [("resend", 2), ("skip", 1)] {
        let world = lossy();
        let arguments = [&SUBMIT[..], &["--on-in-doubt", policy]].concat();
        // The doubt of this same round may be reported once.
        let first = world.run(&arguments);
        assert!(matches!(first.code, Some(0 | 6)), "{}", first.stderr);
        world.run(&["results", "a", "--on-in-doubt", policy]).says();
        assert_eq!(world.runs(), runs, "{policy}");
    }
}

#[test]
fn a_failed_batch_is_exit_code_1_and_can_be_sent_again() {
    let world = World::new(|config| {
        config.faults = vec!["POST /v1/agents/*: run-fails nth 1".parse().unwrap()];
    });
    world.people_csv(100);
    let error = world.run(&SUBMIT).error(1);
    assert!(error.starts_with("1 of 1 batches failed; `lantern status a` says why"), "{error}");
    let status = world.run(&["status", "a"]).says();
    let batch = world.jobs()[0].1[0].number.to_string();
    let advice = format!("`lantern resolve a {batch} --resend` sends it again");
    assert!(status.contains(&advice), "{status}");
    world.run(&["results", "a", "--out", "failed.csv"]).error(1);
    let csv = std::fs::read_to_string(world.path("failed.csv")).unwrap();
    assert!(csv.contains("`lantern resolve a BATCH --resend`"), "{csv}");
    assert!(!csv.contains("job."), "{csv}");
    world.run(&["resolve", "a", &batch, "--resend"]).says();
    assert!(world.run(&["results", "a"]).says().contains("found 50"));
    assert_eq!(world.runs(), 2);
}
