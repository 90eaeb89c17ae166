//! `lantern submit`: from a file to a file.

use std::{fs, sync::Arc};

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use lantern_server::{DirectorySource, Limits};

use crate::common::{World, csv_rows, email, id, phone};

/// The CSV that is expected for people 1 to `count`: id, status, e-mail, phone.
fn expected(count: usize) -> Vec<[String; 4]> {
    let row = |number: usize| {
        let (email, phone) = (email(number), phone(number));
        let found = email.is_some() || phone.is_some();
        let status = if found { "found" } else { "not_found" };
        [id(number), status.into(), email.unwrap_or_default(), phone.unwrap_or_default()]
    };
    (1..=count).map(row).collect()
}

/// The same columns of the actual result.
#[track_caller]
fn answered(csv: &str) -> Vec<[String; 4]> {
    let rows = csv_rows(csv);
    let at = |name: &str| rows[0].iter().position(|column| column == name).unwrap();
    let columns = [0, at("status"), at("email"), at("phone_number")];
    rows[1..].iter().map(|row| columns.map(|at| row[at].clone())).collect()
}

#[test]
fn a_csv_file_comes_back_as_one_row_per_row_with_its_leading_zeros() {
    let world = World::new(|_| ());
    world.people_csv(250);
    let said = world
        .run(&["submit", "people.csv", "--kind", "phone-email", "--max-credits", "5000"])
        .says();
    assert!(said.contains("250"), "{said}");
    let said = world
        .run(&[
            "submit",
            "people.csv",
            "--kind",
            "phone-email",
            "--max-credits",
            "5000",
            "--out",
            "out.csv",
            "--batch-size",
            "100",
        ])
        .says();
    for words in ["done after", "found 125 50.0 %", "credits 250 of 5,000", "out.csv"] {
        assert!(said.contains(words), "{words:?} is not in\n{said}");
    }
    assert_eq!(answered(&fs::read_to_string(world.path("out.csv")).unwrap()), expected(250));
    assert_eq!(world.server.credits_used(), 250.0);
}

#[test]
fn standard_input_goes_to_standard_output_which_holds_nothing_else() {
    let world = World::new(|_| ());
    let input = fs::read(world.people_csv(20)).unwrap();
    let arguments = ["submit", "-", "--kind", "phone-email", "--max-credits", "500", "--out", "-"];
    let done = world.with_stdin(&mut world.command(&arguments), &input);
    assert!(done.stderr.contains("done after"), "{}", done.stderr);
    assert_eq!(answered(&done.ok()), expected(20));
}

#[test]
fn a_pipe_that_has_a_path_is_read_like_a_file() {
    let world = World::new(|_| ());
    let input = fs::read(world.people_csv(20)).unwrap();
    let arguments = ["submit", "/dev/stdin", "--kind", "email", "--max-credits", "500"];
    let said = world.with_stdin(&mut world.command(&arguments), &input).says();
    assert!(said.contains("e-mails 10"), "{said}");
}

#[test]
fn the_same_again_sends_and_spends_nothing() {
    let world = World::new(|_| ());
    world.people_csv(50);
    let arguments = ["submit", "people.csv", "--kind", "email", "--max-credits", "500"];
    world.run(&arguments).says();
    let (runs, spent) = (world.runs(), world.server.credits_used());
    assert_eq!((runs, spent), (1, 25.0));
    let again = world.run(&[&arguments[..], &["--out", "again.csv"]].concat()).says();
    assert_eq!((world.runs(), world.server.credits_used()), (runs, spent));
    assert!(again.contains("found 25"), "{again}");
    assert_eq!(csv_rows(&fs::read_to_string(world.path("again.csv")).unwrap()).len(), 51);
}

#[test]
fn a_dry_run_sends_nothing_and_writes_no_job_down() {
    let world = World::new(|config| config.limits = Limits::default());
    world.write("twice.csv", "id\n0001\n0002\n0001\n\"\"\n0003\n");
    let arguments = [
        "submit",
        "twice.csv",
        "--kind",
        "phone-email",
        "--max-credits",
        "12",
        "--batch-size",
        "1",
        "--dry-run",
    ];
    let said = world.done(&mut world.limited(&arguments)).says();
    for words in [
        "nothing is sent yet",
        "rows 5, 1 that come again, 1 without an id",
        "batches 3",
        "12 at most, of a budget of 12",
        "2 ids for sure",
        "2 min 0 s at least",
    ] {
        assert!(said.contains(words), "{words:?} is not in\n{said}");
    }
    let plan = world.run(&[&arguments[..], &["--json"]].concat()).json();
    assert_eq!((&plan["ids"], &plan["known"]), (&3.into(), &false.into()), "{plan}");
    assert_eq!((world.runs(), world.jobs().len()), (0, 0));
}

#[test]
fn a_budget_that_runs_out_is_exit_code_5_with_all_that_was_found() {
    let world = World::new(|_| ());
    world.people_csv(300);
    let done = world.run(&[
        "submit",
        "people.csv",
        "--kind",
        "email",
        "--max-credits",
        "60",
        "--out",
        "out.csv",
    ]);
    let error = done.error(5);
    assert!(error.contains("the budget of 60 credits does not reach"), "{error}");
    assert_eq!(world.server.credits_used(), 60.0);
    let rows = csv_rows(&fs::read_to_string(world.path("out.csv")).unwrap());
    assert_eq!(rows.len(), 301);
    let found = rows.iter().filter(|row| row[1] == "found").count();
    assert_eq!(found, 60);
    let over = rows.iter().filter(|row| row[1] == "over_budget").count();
    assert!(error.contains(&format!("does not reach {over} rows")), "{error}, {over}");
    let more = ["submit", "people.csv", "--kind", "email", "--max-credits", "600"];
    world.run(&more).says();
    assert_eq!(world.server.credits_used(), 150.0, "what was paid is not paid again");
}

#[test]
fn json_tells_the_numbers_and_errors_are_one_object() {
    let world = World::new(|_| ());
    world.people_csv(100);
    let arguments = [
        "--json",
        "submit",
        "people.csv",
        "--kind",
        "email",
        "--max-credits",
        "30",
        "--key",
        "a b",
        "--out",
        "out.csv",
    ];
    let done = world.run(&arguments);
    assert_eq!(done.code, Some(5), "{}", done.stderr);
    let told: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&told["state"], &told["spent"]), (&"budget_spent".into(), &30.into()), "{told}");
    assert_eq!(told["row_counts"]["found"], 30);
    assert_eq!((&told["key"], &told["out"]), (&"a b".into(), &"out.csv".into()));
    let error: serde_json::Value = serde_json::from_str(&done.stderr).unwrap();
    let error = &error["error"];
    assert_eq!((&error["kind"], &error["exit_code"]), (&"budget".into(), &5.into()), "{error}");
    assert_eq!(error["job"], "a b");
}

#[test]
fn an_empty_table_and_one_without_ids_make_no_call() {
    let world = World::new(|_| ());
    for (name, text, rows) in [("none.csv", "id\n", 1), ("null.csv", "id,x\n,1\n,2\n", 3)] {
        world.write(name, text);
        let said = world
            .run(&["submit", name, "--kind", "phone", "--max-credits", "50", "--out", "-"])
            .says();
        let written = csv_rows(&said);
        assert_eq!(written.len(), rows, "{said}");
        assert!(written[0].contains(&"phone_number".to_owned()), "{said}");
        assert!(written[1..].iter().all(|row| row[1] == "no_id"), "{said}");
    }
    assert_eq!(world.runs(), 0);
}

#[test]
fn deep_research_takes_what_it_looks_for() {
    let world = World::new(|_| ());
    world.people_csv(3);
    let said = world
        .run(&[
            "submit",
            "people.csv",
            "--kind",
            "deep-research",
            "--max-credits",
            "100",
            "--effort",
            "low",
            "--query-hint",
            "recent funding",
            "--agent-type",
            "funding",
            "--entity-type",
            "person",
            "--credits-per-id",
            "5",
            "--out",
            "-",
        ])
        .says();
    assert_eq!(csv_rows(&said).len(), 4);
    let (job, _) = &world.jobs()[0];
    for words in ["recent funding", "\"low\"", "\"funding\""] {
        assert!(job.parameters.contains(words), "{}", job.parameters);
    }
}

#[test]
fn events_are_told_on_standard_error_when_asked() {
    let world = World::new(|_| ());
    world.people_csv(2);
    let arguments = ["submit", "people.csv", "--kind", "email", "--max-credits", "9", "--out", "-"];
    let done = world.done(world.command(&arguments).env("LANTERN_LOG", "debug"));
    let words = ["DEBUG", "call{method=POST path=/v1/agents/email}", "status=200"];
    for words in words {
        assert!(done.stderr.contains(words), "{words} is not in {}", done.stderr);
    }
    assert_eq!(csv_rows(&done.ok()).len(), 3);
    let silent = world.run(&["credits"]);
    assert_eq!(silent.stderr, "");
    let wrong = world.done(world.command(&["credits"]).env("LANTERN_LOG", "debuq")).error(4);
    assert!(wrong.contains("LANTERN_LOG is \"debuq\""), "{wrong}");
}

#[test]
fn people_are_submitted_by_their_profiles_and_names() {
    let world = World::new(|config| config.people = DirectorySource::Table(vec![named_people()]));
    let rows = "Ada,Byron,Acme\nBOB,Stone,Zeta Inc.\nEve,,Acme\nNobody,Here,Acme\n";
    world.write("leads.csv", format!("First,Last,Account\n{rows}"));
    let columns = [
        "--column",
        "first_name=First",
        "--column",
        "last_name=Last",
        "--column",
        "company=Account",
    ];
    let submit = ["submit", "leads.csv", "--kind", "email", "--max-credits", "9"];
    let command = [&submit[..], &columns].concat();
    let plan = world.run(&[&command[..], &["--dry-run"]].concat()).says();
    assert!(plan.contains("rows 4, 1 that lack a field"), "{plan}");
    assert_eq!(world.runs(), 0);
    world.run(&[&command[..], &["--out", "out.csv"]].concat()).ok();
    let csv = csv_rows(&fs::read_to_string(world.path("out.csv")).unwrap());
    let at = |name: &str| csv[0].iter().position(|column| column == name).unwrap();
    let answers: Vec<_> = csv[1..]
        .iter()
        .map(|row| [at("row"), at("status"), at("email")].map(|at| row[at].as_str()))
        .collect();
    assert_eq!(
        answers,
        [
            ["0", "found", "ada@acme.com"],
            ["1", "found", "bob@zeta.com"],
            ["2", "incomplete", ""],
            ["3", "not_found", ""],
        ]
    );
    assert!(csv[3][at("error")].starts_with("last_name (column \"Last\") is missing"));
    // The same people with other names of columns: nothing is sent.
    world.write("again.csv", format!("f,l,a\n{rows}"));
    let columns = ["--column", "first_name=f", "--column", "last_name=l", "--column", "company=a"];
    let submit = ["submit", "again.csv", "--kind", "email", "--max-credits", "9"];
    world.run(&[&submit[..], &columns].concat()).ok();
    assert_eq!(world.runs(), 1);
}

fn named_people() -> RecordBatch {
    let column = |values: [&str; 2]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    RecordBatch::try_from_iter([
        ("id", column(["1", "2"])),
        ("first_name", column(["Ada", "Bob"])),
        ("last_name", column(["Byron", "Stone"])),
        ("company_name", column(["Acme", "Zeta Inc."])),
        ("email", column(["ada@acme.com", "bob@zeta.com"])),
    ])
    .unwrap()
}

#[test]
fn a_column_that_is_wrong_is_named_with_the_option() {
    let world = World::new(|_| ());
    world.write("leads.csv", "First,Last,Account\nAda,Byron,Acme\n");
    let run = |columns: &[&str]| {
        let submit = ["submit", "leads.csv", "--kind", "email", "--max-credits", "9"];
        let columns = columns.iter().flat_map(|column| ["--column", column]);
        let command: Vec<&str> = submit.into_iter().chain(columns).collect();
        world.run(&command).error(4)
    };
    let error = run(&["linkedin=Frist"]);
    assert!(error.contains("--column FIELD=First"), "{error}");
    let error = run(&["linkedn=First"]);
    assert!(error.contains("linkedin"), "{error}");
    let error = run(&["first_name=First", "last_name=Last"]);
    assert!(error.contains("--column do not identify a person"), "{error}");
    let error = run(&["linkedin=First", "linkedin=Last"]);
    assert!(error.contains("twice"), "{error}");
    assert_eq!(world.runs(), 0);
}
