//! `jobs`, `status`, `results`, `credits` and `completions`.

use std::{fs, time::Duration};

use serde_json::Value;

use crate::common::{World, bare, csv_rows};

fn submit<'a>(key: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let plain = ["submit", "people.csv", "--kind", "email", "--max-credits", "1000", "--key", key];
    [&plain[..], more].concat()
}

#[test]
fn jobs_lists_what_was_submitted_and_needs_no_key() {
    let world = World::new(|_| ());
    world.people_csv(300);
    world.run(&submit("monday", &[])).says();
    world.run(&submit("tuesday", &["--batch-size", "100", "--reuse", "false"])).says();
    let keyless = |arguments: &[&str]| {
        world.done(world.command(arguments).env_remove("LANTERN_API_KEY")).says()
    };
    let listed = keyless(&["jobs"]);
    let lines: Vec<Vec<&str>> =
        listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0][..3], ["KEY", "KIND", "STATE"]);
    assert_eq!(
        lines[1][..9],
        ["tuesday", "email", "done", "300", "300", "300", "3/3", "150", "1,000"]
    );
    assert_eq!(lines[2][..7], ["monday", "email", "done", "300", "300", "300", "1/1"]);
    let jobs: Value = serde_json::from_str(&keyless(&["jobs", "--json"])).unwrap();
    assert_eq!(jobs[0]["key"], "tuesday");
    let account = jobs[0]["account"].as_str().unwrap();
    assert!(account.starts_with("local/"), "{account}");
    assert_eq!((&jobs[0]["spent"], &jobs[0]["loaded"]), (&150.into(), &3.into()));
    assert!(jobs[0]["created_at"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn jobs_of_other_base_urls_are_listed_when_asked() {
    let world = World::new(|_| ());
    world.people_csv(1);
    world.run(&submit("here", &[])).says();
    let there = ["jobs", "--base-url", "https://api.example.com"];
    let none = world.run(&there).says();
    assert!(none.starts_with("no jobs for https://api.example.com in "), "{none}");
    let all = world.run(&[&there[..], &["--all-accounts"]].concat()).says();
    assert!(all.contains("here") && all.contains("local"), "{all}");
}

#[test]
fn a_job_that_was_not_awaited_is_looked_at_and_picked_up() {
    let world = World::new(|_| ());
    world.people_csv(300);
    let said = world.run(&submit("later", &["--no-wait", "--batch-size", "150"])).says();
    assert!(said.contains("`lantern results later --out FILE` resumes it"), "{said}");
    assert_eq!(world.runs(), 2);
    let idle = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    idle.block_on(world.server.idle());

    let offline = world.run(&["status", "later", "--offline", "--json"]).json();
    assert_eq!(offline["batches_detail"][0]["state"], "accepted", "{offline}");
    let status = world.run(&["status", "later", "--json"]).json();
    assert_eq!(status["batches_detail"][1]["state"], "completed", "{status}");
    assert!(status["batches_detail"][1]["sent_at"].as_str().unwrap().ends_with('Z'));
    let text = world.run(&["status", "later"]).says();
    assert!(text.contains("0 of 2 loaded, 2 in flight"), "{text}");

    let early = world.run(&["results", "later", "--no-wait", "--out", "early.csv"]).says();
    assert!(early.contains("pending 300 100.0 %"), "{early}");
    let said = world.run(&["results", "later", "--out", "late.parquet"]).says();
    assert!(said.contains("found 150 50.0 %"), "{said}");
    assert!(world.path("late.parquet").exists());
    assert_eq!(csv_rows(&fs::read_to_string(world.path("early.csv")).unwrap()).len(), 301);
    assert_eq!(world.runs(), 2, "nothing was sent a second time");
    let text = world.run(&["status", "later"]).says();
    assert!(text.contains("2 of 2 loaded") && text.contains("150 of 1,000"), "{text}");
}

#[test]
fn a_wait_that_takes_too_long_is_exit_code_7_and_the_job_goes_on() {
    let world = World::new(|config| config.work_delay = Duration::from_secs(2));
    world.people_csv(10);
    let done = world.run(&submit("slow", &["--timeout", "0.2"]));
    assert!(done.stderr.contains("note: job slow is in the ledger"), "{}", done.stderr);
    let error = done.error(7);
    assert!(error.starts_with("job \"slow\" is not finished after 0.2 s"), "{error}");
    let json = world.run(&submit("slow", &["--timeout", "100ms", "--json"]));
    let error: Value = serde_json::from_str(&json.stderr).unwrap();
    assert_eq!(
        (&error["error"]["kind"], &error["error"]["job"]),
        (&"timeout".into(), &"slow".into())
    );
    assert!(world.run(&["results", "slow"]).says().contains("found 5"));
    assert_eq!(world.runs(), 1);
}

#[test]
fn credits_are_told_with_a_span_when_asked() {
    let world = World::new(|_| ());
    world.people_csv(100);
    world.run(&submit("x", &[])).says();
    let said = world.run(&["credits"]).says();
    assert_eq!(said, "remaining 999,950 of 1,000,000 credits\n");
    let told = world.run(&["credits", "--from", "2020-01-01", "--json"]).json();
    assert_eq!(told["credits_used"], 50.0, "{told}");
    assert_eq!(told["start_date"], "2020-01-01T00:00:00Z");
    let old = ["credits", "--from", "2020-01-01", "--to", "2020-01-31", "--json"];
    let told = world.run(&old).json();
    assert_eq!(
        (&told["credits_used"], &told["end_date"]),
        (&0.0.into(), &"2020-02-01T00:00:00Z".into())
    );
    let error = world.run(&["credits", "--from", "2020-02-01", "--to", "2020-01-01"]).error(4);
    assert!(error.contains("--from 2020-02-01T00:00:00Z is after"), "{error}");
    assert_eq!(world.run(&["credits", "--from", "yesterday"]).code, Some(2));
    assert_eq!(world.run(&["credits", "--to", "2020-01-01"]).code, Some(2));
}

#[test]
fn completions_know_every_command() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = bare(home.path()).args(["completions", shell]).output().unwrap();
        assert!(output.status.success());
        let script = String::from_utf8(output.stdout).unwrap();
        for word in ["submit", "resolve", "max-credits", "env-file"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
        let values = matches!(shell, "bash" | "zsh" | "fish");
        assert_eq!(script.contains("phone-email"), values, "{shell}");
    }
    let left = fs::read_dir(home.path()).unwrap().count();
    assert_eq!(left, 0, "a script needs no ledger");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let world = World::new(|_| ());
    world.people_csv(300);
    world.run(&submit("piped", &[])).says();
    for arguments in [&["jobs"][..], &["results", "piped", "--out", "-"], &["completions", "bash"]]
    {
        let mut child = world.spawn(&mut world.command(arguments));
        drop(child.stdout.take());
        let done = world.check(child.wait_with_output().unwrap());
        assert_eq!(done.code, Some(0), "{arguments:?}: {}", done.stderr);
    }
}

#[test]
fn help_lists_the_exit_codes() {
    let home = tempfile::tempdir().unwrap();
    let output = bare(home.path()).arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for code in ["0 ", "1 ", "2 ", "3 ", "4 ", "5 ", "6 ", "7 ", "130 "] {
        assert!(help.lines().any(|line| line.starts_with(&format!("  {code}"))), "{code} {help}");
    }
}

#[test]
fn help_names_no_delimiter_as_the_default_because_it_is_found() {
    let home = tempfile::tempdir().unwrap();
    for command in ["submit", "map", "match", "dedupe", "describe"] {
        let output = bare(home.path()).args([command, "--help"]).output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(
            help.contains("first 64 KiB") && !help.contains("[default: ,]"),
            "{command}: {help}"
        );
    }
}
