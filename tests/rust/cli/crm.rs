//! `lantern crm`

use serde_json::Value;

use crate::common::World;

#[test]
fn records_are_listed_made_shown_and_changed() {
    let world = World::new(|_| ());
    let listed = world.run(&["crm", "list", "leads", "--limit", "3"]).says();
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 4, "{listed}");
    assert!(lines[0].starts_with("ID ") && lines[1].starts_with("00Q"), "{listed}");
    let made = ["crm", "add", "leads", "email=ada@acme.example", "last_name=Byron", "--json"];
    let made: Value = serde_json::from_str(&world.run(&made).says()).unwrap();
    assert_eq!((&made["email"], &made["status"]), (&"ada@acme.example".into(), &"New".into()));
    let id = made["id"].as_str().unwrap();
    world.run(&["crm", "set", id, "title=Analyst", "last_name="]).says();
    let shown = world.run(&["crm", "show", id]).says();
    let line = |field: &str| {
        let line = shown.lines().find(|line| line.split_whitespace().next() == Some(field));
        line.unwrap().split_whitespace().nth(1).map(str::to_owned)
    };
    assert_eq!((line("title").as_deref(), line("last_name")), (Some("Analyst"), None));
}

#[test]
fn what_is_not_there_is_said() {
    let world = World::new(|_| ());
    for (arguments, says) in [
        (&["crm", "list", "dragons"][..], "the CRM has no \"dragons\""),
        (&["crm", "show", "nobody"], "is not an id of the CRM"),
        (&["crm", "show", "00QLc0zzzzzzzzz"], "there is no record"),
        (&["crm", "add", "users", "active=perhaps"], "active is true or false"),
        (&["crm", "add", "leads", "wings=2"], "Lead has no such field"),
    ] {
        let done = world.run(arguments);
        assert_ne!(done.code, Some(0));
        assert!(done.stderr.contains(says), "{arguments:?} {}", done.stderr);
    }
}
