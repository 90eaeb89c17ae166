//! Matching on the command line: files in, files out, nothing sent.

use std::fs;

use serde_json::Value;

use crate::common::{Done, World, csv_rows};

const LEADS: &str =
    "id,company,domain\nl0,ACME Incorporated,acme.com\nl1,Globex,\nl2,Umbrella,umbrella.org\n";
const ACCOUNTS: &str =
    "key,company,domain\na0,Globex LLC,\na1,\"Acme, Inc.\",www.acme.com\na2,Initech,initech.com\n";
const RULES: [&str; 4] = ["--rule", "domain:eq and company:fuzzy0.85", "--rule", "company:eq"];

fn world() -> World {
    let world = World::new(|_| ());
    world.write("leads.csv", LEADS);
    world.write("accounts.csv", ACCOUNTS);
    world
}

fn run(world: &World, command: &str, more: &[&str]) -> Done {
    let files = ["leads.csv", "accounts.csv", "--left-id", "id", "--right-id", "key"];
    world.run(&[&[command], &files[..], more].concat())
}

fn json(world: &World, command: &str, more: &[&str]) -> Value {
    run(world, command, &[&["--json"], more].concat()).json()
}

#[test]
fn two_tables_are_matched_by_rules_and_the_columns_of_both_come_out() {
    let world = world();
    let out = run(&world, "match", &[&RULES[..], &["--out", "-"]].concat()).ok();
    let rows = csv_rows(&out);
    assert_eq!(rows[0], ["left", "right", "left_id", "right_id", "confidence", "rules"]);
    let ids: Vec<_> = rows[1..].iter().map(|row| (row[2].as_str(), row[3].as_str())).collect();
    assert_eq!(ids, [("l0", "a1"), ("l1", "a0")]);
    assert_eq!(rows[1][5], "domain:eq; company:fuzzy0.85; company:eq");
    let columns = ["--left-column", "company", "--right-column", "*", "--out", "joined.csv"];
    let said = json(&world, "match", &[&RULES[..], &columns].concat());
    assert_eq!((&said["matches"], &said["matched_left"]), (&2.into(), &2.into()));
    let rows = csv_rows(&fs::read_to_string(world.path("joined.csv")).unwrap());
    let heads =
        ["left_id", "right_id", "confidence", "left_company", "right_company", "right_domain"];
    assert_eq!(rows[0][2..], heads);
    assert_eq!(rows[1][5..7], ["ACME Incorporated", "Acme, Inc."]);
    assert_eq!(world.runs(), 0, "nothing is sent");
}

#[test]
fn every_format_goes_in_and_out() {
    let world = world();
    for end in ["parquet", "arrow", "arrows"] {
        let joined = format!("joined.{end}");
        let columns = ["--right-column", "company", "--right-column", "domain", "--out", &joined];
        run(&world, "match", &[&RULES[..], &columns].concat()).ok();
        let fields = ["--rule", "right_company:eq", "--id", "right_id"];
        let said = world.run(&[&["dedupe", &joined, "--json"], &fields[..]].concat()).json();
        assert_eq!((&said["rows"], &said["clusters"]), (&2.into(), &2.into()), "{end}");
    }
    let mut command = world.command(&["dedupe", "-", "--rule", "domain:eq", "--out", "-"]);
    let out = world.with_stdin(&mut command, b"domain\nacme.com\nglobex.com\nwww.acme.com\n").ok();
    let clusters: Vec<_> = csv_rows(&out)[1..].iter().map(|row| row[1].clone()).collect();
    assert_eq!(clusters, ["0", "1", "0"]);
}

#[test]
fn decisions_of_a_page_or_a_table_bind() {
    let world = world();
    let said = run(&world, "review", &[&RULES[..], &["--out", "review.csv"]].concat()).says();
    assert!(said.contains("pairs 2"), "{said}");
    let rows = csv_rows(&fs::read_to_string(world.path("review.csv")).unwrap());
    let decision = rows[0].iter().position(|name| name == "decision").unwrap();
    assert!(rows[1..].iter().all(|row| row[decision].is_empty()));
    world.write("decided.csv", "right_id,decision,left_id\na1,no,l0\na2,Yes,l2\ngone,yes,l2\n");
    let labels = ["--labels", "decided.csv", "--out", "-"];
    let done = run(&world, "match", &[&RULES[..], &labels].concat());
    assert!(
        done.stderr.contains(
            "1 label names an id that the tables do not have (ids 'l2' and 'gone' in row 4 of"
        ),
        "{}",
        done.stderr
    );
    let rows = csv_rows(&done.ok());
    let ids: Vec<_> = rows[1..].iter().map(|row| (row[2].as_str(), row[3].as_str())).collect();
    assert_eq!(ids, [("l1", "a0"), ("l2", "a2")]);
    run(&world, "review", &[&RULES[..], &["--out", "review.html"]].concat()).ok();
    let page = fs::read_to_string(world.path("review.html")).unwrap();
    assert!(page.contains("Content-Security-Policy") && page.contains("Globex LLC"));
    world.write("wrong.csv", "left,right,decision\n0,1,perhaps so\n");
    let error = run(&world, "match", &[&RULES[..], &["--labels", "wrong.csv"]].concat()).error(4);
    assert!(error.starts_with("wrong.csv: 'perhaps so' in row 2 of the file"), "{error}");
}

#[test]
fn a_workbook_is_filled_in_by_a_colleague() {
    let world = world();
    run(&world, "review", &[&RULES[..], &["--out", "review.xlsx"]].concat()).ok();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in ["note", "right_id", "Decision", "left_id"].into_iter().enumerate() {
        sheet.write_string(0, column as u16, name).unwrap();
    }
    for (row, (right, decision, left)) in
        [("a1", "nein", "l0"), ("a2", "x", "l2")].into_iter().enumerate()
    {
        for (column, text) in [(1, right), (2, decision), (3, left)] {
            sheet.write_string(row as u32 + 1, column, text).unwrap();
        }
    }
    book.save(world.path("decided.xlsx")).unwrap();
    let decided = ["--labels", "decided.xlsx", "--out", "-"];
    let rows = csv_rows(&run(&world, "match", &[&RULES[..], &decided].concat()).ok());
    let ids: Vec<_> = rows[1..].iter().map(|row| (row[2].as_str(), row[3].as_str())).collect();
    assert_eq!(ids, [("l1", "a0"), ("l2", "a2")]);
    // As it was written, without decisions, the file has no effect.
    let open = ["--labels", "review.xlsx", "--out", "-"];
    let rows = csv_rows(&run(&world, "match", &[&RULES[..], &open].concat()).ok());
    assert_eq!(rows.len(), 3);
    let error = run(&world, "review", &[&RULES[..], &["--out", "r.pdf"]].concat()).error(4);
    assert!(error.contains(".xlsx"), "{error}");
}

#[test]
fn workbooks_are_matched_and_their_labels_split_and_merge_clusters() {
    let world = World::new(|_| ());
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows = [["Nr.", "E-Mail"], ["1", "x@x.com"], ["2", "X@x.com"], ["3", "y@y.com"]];
    for (row, cells) in rows.iter().enumerate() {
        for (column, text) in cells.iter().enumerate() {
            sheet.write_string(row as u32, column as u16, *text).unwrap();
        }
    }
    book.save(world.path("people.xlsx")).unwrap();
    let rule = ["--rule", "E-Mail:eq", "--id", "Nr."];
    let plain = ["dedupe", "people.xlsx", "--out", "plain.parquet", "--json"];
    let said = world.run(&[&plain[..], &rule].concat()).json();
    assert_eq!((&said["rows"], &said["clusters"]), (&3.into(), &2.into()));
    world.write("decided.csv", "left_id;right_id;decision\n2;1;nein\n1;3;ja\n");
    let labels = ["dedupe", "people.xlsx", "--labels", "decided.csv", "--since", "plain.parquet"];
    let out = world.run(&[&labels[..], &["--out", "-"], &rule[..]].concat()).ok();
    let rows = csv_rows(&out);
    let of: Vec<_> = rows[1..].iter().map(|row| (row[1].as_str(), row[2].as_str())).collect();
    assert_eq!(of, [("1", "0"), ("2", "1"), ("3", "0")]);
    let golden = ["dedupe", "people.xlsx", "--labels", "decided.csv", "--golden", "--out", "-"];
    let out = world.run(&[&golden[..], &rule].concat()).ok();
    assert_eq!(csv_rows(&out).len(), 1 + 2, "{out}");
    let review = ["review", "people.xlsx", "--out", "review.html", "--json"];
    assert_eq!(world.run(&[&review[..], &rule].concat()).json()["pairs"], 1);
}

#[test]
fn any_pair_is_explained_by_id_or_by_row() {
    let world = world();
    let pair = ["--left-row", "l0", "--right-row", "a1"];
    let said = json(&world, "explain", &[&RULES[..], &pair].concat());
    assert_eq!(said["matched"], true);
    let pair = ["--left-row", "l0", "--right-row", "a2"];
    let said = json(&world, "explain", &[&RULES[..], &pair].concat());
    assert_eq!(said["matched"], false);
    let why = said["why_not"].as_str().unwrap();
    assert!(why.contains("'company:fuzzy0.85'"), "{why}");
    let rows = ["explain", "leads.csv", "accounts.csv", "--left-row", "0", "--right-row", "1"];
    let said = world.run(&[&rows[..], &RULES].concat()).says();
    assert!(said.starts_with("Left row 0 and right row 1 match"), "{said}");
    let error =
        run(&world, "explain", &[&RULES[..], &["--left-row", "x", "--right-row", "a1"]].concat());
    assert!(error.error(4).contains("no row has the id 'x'"));
}

#[test]
fn no_value_of_a_table_commands_the_terminal() {
    let world = World::new(|_| ());
    let heads = "id,\"na\u{1b}[31mme\u{9b}\nsecond\"\n";
    let rows =
        "1,Anna\u{1b}[2J Bell\n2,\u{202e}Otto Karl\n3,Maria Lopez\n4,Wei Chen\n5,Priya Patel\n";
    world.write("a.csv", format!("{heads}{rows}"));
    for command in [
        &["describe", "a.csv"][..],
        &["explain", "a.csv", "a.csv", "--left-row", "0", "--right-row", "0"][..],
        &["explain", "a.csv", "a.csv", "--left-row", "0", "--right-row", "1"][..],
        &["dedupe", "a.csv"][..],
    ] {
        let done = world.run(command);
        let shown = done.says();
        assert!(!shown.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{shown:?}");
        if command[0] != "dedupe" {
            assert!(shown.contains("na\\u{1b}[31mme"), "{shown:?}");
        }
    }
}

#[test]
fn columns_are_described_and_a_result_is_measured() {
    let world = world();
    let said = run(&world, "describe", &[]).says();
    assert!(said.contains("left company company"), "{said}");
    let said = json(&world, "describe", &[]);
    assert!(said.as_array().unwrap().iter().any(|column| column["kind"] == "domain"));
    world.write("truth.csv", "left_id,right_id\nl0,a1\nl1,a2\n");
    let said = json(&world, "evaluate", &[&RULES[..], &["--truth", "truth.csv"]].concat());
    assert_eq!(said["at"]["precision"]["value"], 0.5);
    assert_eq!(said["at"]["recall"]["value"], 0.5);
    assert_eq!(said["blocking_recall"]["value"], 1.0);
    let kinds: Vec<_> =
        said["errors"].as_array().unwrap().iter().map(|error| error["mistake"].clone()).collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&"false_match".into()) && kinds.contains(&"missed_match".into()));
    let said = run(&world, "evaluate", &[&RULES[..], &["--truth", "truth.csv"]].concat()).says();
    assert!(said.contains("precision 0.500 (0.095 to 0.905)"), "{said}");
    world.write("others.csv", "left_id,right_id\nl0,a1\ngone,a1\n");
    let done = run(&world, "evaluate", &[&RULES[..], &["--truth", "others.csv"]].concat());
    let note = "note: 1 label names an id that the tables do not have";
    assert!(done.stderr.contains(note), "{}", done.stderr);
    world.write("others.csv", "left_id,right_id\ngone,a1\n");
    let done = run(&world, "evaluate", &[&RULES[..], &["--truth", "others.csv"]].concat());
    assert!(done.error(4).contains("name no rows of these tables"));
}

#[test]
fn a_learned_model_is_saved_and_used_again() {
    let world = World::new(|_| ());
    let people = |from: usize| -> String {
        let rows = (from..from + 120)
            .map(|at| format!("Person{at} Surname{at},person{at}@firm{at}.com\n"));
        format!("name,email\n{}", rows.collect::<String>())
    };
    world.write("one.csv", people(0));
    world.write("two.csv", people(60));
    let first = ["match", "one.csv", "two.csv", "--json", "--out", "a.csv"];
    let said = world.run(&[&first[..], &["--save-model", "model.json"]].concat()).json();
    assert_eq!(said["matches"], 60);
    let again = ["match", "one.csv", "two.csv", "--json", "--out", "b.csv"];
    world.run(&[&again[..], &["--model", "model.json"]].concat()).json();
    let read = |name: &str| fs::read_to_string(world.path(name)).unwrap();
    assert_eq!(read("a.csv"), read("b.csv"));
    let chosen = world.run(&[&again[..], &["--at-precision", "0.9"]].concat()).json();
    let precision = &chosen["chosen"]["precision"];
    assert!(
        precision["value"].as_f64().unwrap() >= 0.9
            && precision["low"].as_f64() < precision["high"].as_f64()
    );
}

#[test]
fn what_goes_wrong_is_said_in_words_of_the_shell() {
    let world = world();
    let error = world.run(&["match", "leads.csv", "none.csv"]).error(4);
    assert!(error.contains("none.csv cannot be read"), "{error}");
    let error = run(&world, "match", &["--rule", "compny:eq"]).error(4);
    assert!(error.contains("compny"), "{error}");
    let done = run(&world, "match", &["--rule", "company"]);
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    let done = world.run(&["match", "-", "-"]);
    assert_eq!(done.error(2), "standard input cannot be both tables; name a file for one of them");
    let done = run(&world, "match", &["--weight", "company=0.5"]);
    assert!(done.error(2).contains("--weight belongs to rules"));
}

#[test]
fn clusters_keep_their_numbers_from_run_to_run() {
    let world = world();
    world.write("monday.csv", "id,email\na,x@x.com\nb,X@x.com\nc,c@c.com\n");
    world.write("tuesday.csv", "id,email\nd,d@d.com\nc,c@c.com\nb,x@x.com\na,x@x.com\n");
    let rule = ["--rule", "email:eq", "--id", "id"];
    world.run(&[&["dedupe", "monday.csv", "--out", "before.csv"], &rule[..]].concat()).ok();
    let since = ["dedupe", "tuesday.csv", "--since", "before.csv", "--out", "after.csv"];
    let said = world.run(&[&since[..], &rule].concat()).says();
    assert!(said.contains("2 kept, 1 new"), "{said}");
    let rows = csv_rows(&fs::read_to_string(world.path("after.csv")).unwrap());
    assert_eq!(rows[0], ["row", "id", "cluster", "rows", "stable", "stable_next"]);
    let stable: Vec<_> = rows[1..].iter().map(|row| (row[1].as_str(), row[4].as_str())).collect();
    assert_eq!(stable, [("d", "2"), ("c", "1"), ("b", "0"), ("a", "0")]);
    // The number of a cluster that is gone does not come back for another one.
    world.write("wednesday.csv", "id,email\nc,c@c.com\nb,x@x.com\na,x@x.com\n");
    world.write("thursday.csv", "id,email\ne,e@e.com\nc,c@c.com\nb,x@x.com\na,c@c.com\n");
    for (today, since) in [("wednesday.csv", "after.csv"), ("thursday.csv", "wednesday-after.csv")]
    {
        let out = today.replace(".csv", "-after.csv");
        let since = ["dedupe", today, "--since", since, "--out", &out, "--changes", "changes.csv"];
        world.run(&[&since[..], &rule].concat()).ok();
    }
    let rows = csv_rows(&fs::read_to_string(world.path("thursday-after.csv")).unwrap());
    let stable: Vec<_> = rows[1..].iter().map(|row| (row[1].as_str(), row[4].as_str())).collect();
    assert_eq!(stable, [("e", "3"), ("c", "0"), ("b", "4"), ("a", "0")]);
    let rows = csv_rows(&fs::read_to_string(world.path("changes.csv")).unwrap());
    assert_eq!(rows[0], ["stable", "cluster", "rows", "before", "change"]);
    let changes: Vec<_> = rows[1..].iter().map(|row| (row[3].as_str(), row[4].as_str())).collect();
    assert_eq!(changes, [("", "new"), ("0; 1", "merged"), ("0", "split")]);
}

/// Two leads of one account, and a lead without one.
fn shared_account() -> World {
    let world = World::new(|_| ());
    world.write("leads.csv", "id,domain\nl0,acme.com\nl1,www.acme.com\nl2,globex.com\n");
    world.write("accounts.csv", "key,domain\na0,acme.com\na1,acme.com\na2,initech.com\n");
    world
}

#[test]
fn what_was_matched_with_all_matches_or_one_to_one_is_measured_and_explained_so() {
    let world = shared_account();
    let rule = ["--rule", "domain:eq"];
    let with = |command: &str, more: &[&str]| json(&world, command, &[&rule[..], more].concat());
    world.write("truth.csv", "left_id,right_id\nl0,a0\nl0,a1\nl1,a0\nl1,a1\n");
    let truth = ["--truth", "truth.csv"];
    for (more, matches, recall) in [
        (&[][..], 2, 0.5),
        (&["--top", "all"][..], 4, 1.0),
        (&["--top", "2"][..], 4, 1.0),
        (&["--one-to-one"][..], 2, 0.5),
    ] {
        assert_eq!(with("match", more)["matches"], matches, "{more:?}");
        let said = with("evaluate", &[&truth[..], more].concat());
        assert_eq!(said["at"]["matches"], matches, "{more:?}");
        assert_eq!(said["at"]["recall"]["value"], recall, "{more:?}");
        assert!(!said["calibration"].as_array().unwrap().is_empty());
    }
    // Both leads have the first account, unless each account has one lead.
    let pair = ["--left-row", "l1", "--right-row", "a0"];
    assert_eq!(with("explain", &pair)["matched"], true);
    let said = with("explain", &[&pair[..], &["--one-to-one"]].concat());
    assert_eq!(said["matched"], false);
    let pair = ["--left-row", "l0", "--right-row", "a1"];
    assert_eq!(with("explain", &pair)["matched"], false);
    assert_eq!(with("explain", &[&pair[..], &["--top", "all"]].concat())["matched"], true);
    let review = |more: &[&str]| with("review", &[&["--out", "review.csv"], more].concat());
    assert_eq!(review(&[])["pairs"], 2);
    assert_eq!(review(&["--top", "all"])["pairs"], 4);
    let done = run(&world, "evaluate", &[&truth[..], &["--top", "0"]].concat());
    assert_eq!(done.code, Some(2), "{}", done.stderr);
    let done = world.run(&["review", "leads.csv", "--top", "all", "--out", "review.csv"]);
    assert!(done.error(2).contains("need two tables"));
}

#[test]
fn every_table_of_a_result_is_written_to_a_file() {
    let world = shared_account();
    let rule = ["--rule", "domain:eq"];
    let read = |name: &str| csv_rows(&fs::read_to_string(world.path(name)).unwrap());
    let files = ["--unmatched-left", "left.csv", "--unmatched-right", "right.csv"];
    let said = json(&world, "match", &[&rule[..], &files].concat());
    assert_eq!((&said["matched_left"], &said["matched_right"]), (&2.into(), &1.into()));
    assert_eq!(read("left.csv"), [["row", "id", "domain"], ["2", "l2", "globex.com"]]);
    assert_eq!(read("right.csv").len(), 1 + 2);
    run(&world, "describe", &["--out", "described.csv"]).ok();
    let described = read("described.csv");
    assert_eq!(described[0][..3], ["side", "column", "kind"]);
    assert!(described[1..].iter().any(|row| row[1] == "domain" && row[8].contains("--field domain=domain:domain:domain")));
    world.write("truth.csv", "left_id,right_id\nl0,a0\n");
    let measured = ["--truth", "truth.csv", "--out", "measured.csv"];
    run(&world, "evaluate", &[&rule[..], &measured].concat()).ok();
    assert_eq!(read("measured.csv")[0][..4], ["threshold", "matches", "hits", "precision"]);
    let dedupe = ["dedupe", "leads.csv", "--id", "id", "--pairs", "pairs.csv", "--golden"];
    let golden = ["--no-provenance", "--out", "golden.csv"];
    world.run(&[&dedupe[..], &golden, &rule].concat()).ok();
    assert_eq!(read("golden.csv")[0], ["cluster", "rows", "id", "domain"]);
    assert_eq!(read("pairs.csv")[1][2..4], ["l1", "l0"]);
    let both = ["dedupe", "leads.csv", "--pairs", "-", "--out", "-"];
    let error = world.run(&[&both[..], &rule].concat()).error(2);
    assert!(error.starts_with("--pairs and --out - both write"), "{error}");
    let error = run(&world, "match", &["--unmatched-left", "left.pdf"]).error(4);
    assert!(error.starts_with("--unmatched-left left.pdf has no known extension"), "{error}");
    let done = run(&world, "match", &[&rule[..], &["--unmatched-right", "-"]].concat());
    assert_eq!(csv_rows(&done.ok())[0], ["row", "key", "domain"]);
}

#[test]
fn a_file_of_decisions_is_a_sample_unless_it_is_said_to_be_complete() {
    let world = shared_account();
    let rule = ["--rule", "domain:eq"];
    world.write("decided.csv", "left_id;right_id;decision\nl0;a0;ja\n");
    let said = |more: &[&str]| {
        let truth = ["--truth", "decided.csv"];
        json(&world, "evaluate", &[&rule[..], &truth, more].concat())["at"]["matches"].clone()
    };
    assert_eq!((said(&[]), said(&["--complete", "yes"])), (1.into(), 2.into()));
    let wrong = ["--truth", "decided.csv", "--complete", "perhaps"];
    assert_eq!(run(&world, "evaluate", &wrong).code, Some(2));
}
