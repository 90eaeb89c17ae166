//! Every failure has an exit code and a single sentence.

use std::net::TcpListener;

use serde_json::Value;

use crate::common::{KEY, World, bare};

const SUBMIT: [&str; 6] = ["submit", "people.csv", "--kind", "email", "--max-credits", "100"];

#[test]
fn a_key_that_is_missing_empty_broken_or_wrong_is_exit_code_3() {
    let world = World::new(|_| ());
    world.people_csv(2);
    let with = |key: Option<&str>| {
        let mut command = world.command(&SUBMIT);
        match key {
            Some(key) => command.env("LANTERN_API_KEY", key),
            None => command.env_remove("LANTERN_API_KEY"),
        };
        world.done(&mut command).error(3)
    };
    let error = with(None);
    assert!(error.contains("set LANTERN_API_KEY, or pass --api-key"), "{error}");
    assert!(error.contains("`lantern serve`"), "{error}");
    assert!(with(Some("  ")).contains("the API key is empty"));
    assert!(with(Some("sekret\nsekret")).contains("copy it again"));
    let error = with(Some("sekret-2"));
    assert!(error.contains("401") && error.contains("(LANTERN_API_KEY or --api-key)"), "{error}");
    assert!(!error.contains("sekret"), "{error}");
    assert_eq!(world.runs(), 0);
}

#[test]
fn a_key_is_not_repeated_whatever_is_wrong_beside_it() {
    let world = World::new(|_| ());
    for arguments in [
        &["--api-key", KEY, "frob"][..],
        &["credits", "--api-key", KEY, "--from", "never"],
        &["credits", "--api-key", KEY, "more"],
        &["--api-key", KEY, "credits", "--help"],
        &["-vv", "--api-key", KEY, "credits"],
        &["serve", "--key", KEY, "--host", "nowhere.invalid", "--port", "0"],
        &["results", "x", "--storage-option", KEY],
    ] {
        // `run` checks that the output does not contain the key.
        let done = world.run(arguments);
        assert!(!done.stdout.is_empty() || !done.stderr.is_empty());
    }
}

#[test]
fn a_host_that_cannot_be_reached_is_exit_code_7_and_nothing_is_lost() {
    let world = World::new(|_| ());
    world.people_csv(2);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    let done = world.run(&[&SUBMIT[..], &["--base-url", &url]].concat());
    assert!(!done.stderr.contains("note: job email-"), "{}", done.stderr);
    let error = done.error(7);
    assert!(error.contains("nothing was sent") && error.contains("base URL"), "{error}");
    // The tenant of a server that cannot be reached is unknown, so no job was planned for it.
    world.run(&SUBMIT).ok();
    assert_eq!((world.runs(), world.jobs().len()), (1, 1));
}

#[test]
fn a_budget_that_pays_for_nothing_is_exit_code_4() {
    let world = World::new(|_| ());
    world.people_csv(2);
    let submit =
        |budget| world.run(&["submit", "people.csv", "--kind", "phone", "--max-credits", budget]);
    let error = submit("0").error(5);
    assert!(error.contains("the budget of 0 credits does not reach 2 rows"), "{error}");
    let error = submit("4").error(4);
    assert!(error.contains("one phone record can cost 5"), "{error}");
    assert!(error.contains("--credits-per-id if your price is lower"), "{error}");
    let error = world.run(&[&SUBMIT[..], &["--batch-size", "1001"]].concat()).error(4);
    assert!(error.starts_with("--batch-size is 1001"), "{error}");
    assert_eq!((world.runs(), world.jobs().len()), (0, 1));
}

#[test]
fn credits_that_are_used_up_at_the_api_are_exit_code_5() {
    let world = World::new(|config| config.credits = 1.0);
    world.people_csv(200);
    let done = world.run(&[&SUBMIT[..], &["--json"]].concat());
    assert_eq!(done.code, Some(5), "{}", done.stderr);
    let error: Value = serde_json::from_str(&done.stderr).unwrap();
    let error = &error["error"];
    assert_eq!(
        (&error["kind"], &error["status"]),
        (&"credit_limit".into(), &402.into()),
        "{error}"
    );
    assert_eq!(error["credits_remaining"], 1.0, "{error}");
    assert_eq!(error["path"], "/v1/agents/email");
}

#[test]
fn a_job_that_nobody_knows_is_exit_code_4() {
    let world = World::new(|_| ());
    for arguments in [
        &["status", "nobody"][..],
        &["results", "nobody", "--out", "x.csv"],
        &["resolve", "nobody", "0", "--skip"],
    ] {
        let error = world.run(arguments).error(4);
        assert!(error.contains("has no job \"nobody\" for "), "{error}");
        assert!(error.ends_with("`lantern jobs` lists its jobs"), "{error}");
    }
}

#[test]
fn a_key_that_is_spelled_like_an_argument_is_shown_as_it_is() {
    let world = World::new(|_| ());
    let error = world.run(&["results", "max_credits"]).error(4);
    assert!(error.contains("has no job \"max_credits\""), "{error}");
}

#[test]
fn another_table_under_the_same_key_is_exit_code_4() {
    let world = World::new(|_| ());
    world.people_csv(20);
    let named = [&SUBMIT[..], &["--key", "monday"]].concat();
    world.run(&named).ok();
    world.people_csv(19);
    let error = world.run(&named).error(4);
    assert!(error.contains("lacks 1 that it has; use another --key"), "{error}");
}

#[test]
fn settings_that_cannot_be_used_are_exit_code_4() {
    let world = World::new(|_| ());
    world.people_csv(2);
    for (more, said) in [
        (&["--base-url", "http://example.com"][..], "pass --allow-http for a network"),
        (&["--base-url", "example"], "is not a URL"),
        (&["--storage-option", "aws_acces_key=x"], "did you mean aws_access_key_id"),
        (&["--storage-option", "x"], "has no '='"),
        (&["--ca-bundle", "people.csv"], "the CA bundle people.csv cannot be used"),
        (&["--ledger", "mysql://x/y"], "the ledger cannot be at mysql://"),
        (&["--entity-type", "company"], "use deep-research for companies"),
    ] {
        let error = world.run(&[&SUBMIT[..], more].concat()).error(4);
        assert!(error.contains(said), "{said:?}: {error}");
    }
    let absent = ["--ledger", "postgres://127.0.0.1:1/y"];
    let error = world.run(&[&SUBMIT[..], &absent].concat()).error(1);
    assert!(error.contains("Connection refused"), "{error}");
    assert_eq!(world.runs(), 0);
}

#[test]
fn wrong_usage_is_exit_code_2_also_for_machines() {
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| bare(home.path()).args(arguments).output().unwrap();
    for arguments in [
        &["submit"][..],
        &["submit", "x.csv", "--kind", "fax", "--max-credits", "1"],
        &["submit", "x.csv", "--kind", "email", "--max-credits", "-5"],
        &["submit", "x.csv", "--kind", "email", "--max-credits", "5", "--rate", "sync=0"],
        &["resolve", "key", "0"],
        &["resolve", "key", "0", "--skip", "--resend"],
        &["serve", "--fault", "nonsense"],
        &["serve", "--price", "fax=1"],
        &[],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        let output = run(&[&["--json"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let error: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(error["error"]["kind"], "usage", "{error}");
        assert!(!error["error"]["message"].as_str().unwrap().is_empty(), "{error}");
    }
    let missing = run(&["submit", "--json"]);
    let error: Value = serde_json::from_slice(&missing.stderr).unwrap();
    let message = error["error"]["message"].as_str().unwrap();
    assert!(message.contains("--kind <KIND>") && message.contains("<FILE>"), "{message}");
}

#[test]
fn an_answer_that_is_none_and_a_result_that_is_cut_have_their_codes() {
    let world = World::new(|config| {
        config.faults = vec![
            "GET /v1/credits/*: not-json times 1".parse().unwrap(),
            "GET /v1/credits/*: status 500".parse().unwrap(),
            "POST /v1/agents/*: truncate half".parse().unwrap(),
        ];
    });
    world.people_csv(50);
    for _ in 0..2 {
        let error = world.run(&["credits"]).error(7);
        assert!(error.contains("GET /v1/credits/remaining"), "{error}");
    }
    let error = world.run(&SUBMIT).error(1);
    assert!(error.contains("s3://"), "{error}");
}

#[test]
fn a_ledger_that_is_none_is_exit_code_1() {
    let world = World::new(|_| ());
    world.write("ledger.sqlite", "this is a letter, not a database, and long enough to tell so");
    let error = world.run(&["jobs"]).error(1);
    assert!(error.contains("ledger.sqlite"), "{error}");
}
