//! The ledger as a file: its schema and its location.

use lantern::ledger::{BatchState, Store, packed::pack, sqlite::SqliteLedger};
use rusqlite::{Connection, params};

use super::common::{claim, finish, job, load, run, sqlite};

#[test]
fn a_ledger_of_the_first_version_is_brought_up_to_date_with_its_money() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../../src/ledger/schema.sql")).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute(
        "INSERT INTO jobs VALUES (1, 'api.example.com', 'k', 'phone', '{}', 'd', 'id', 'Utf8', 3, \
         3, x'', 100, 5, 'https://api.example.com', 0)",
        [],
    )
    .unwrap();
    let ids = |names: &[&str]| pack(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
    old.execute(
        "INSERT INTO batches (job, number, count, ids, state, max_credits, credits, \
         idempotency_key, cut, cut_ids) VALUES (1, 1, 2, ?, 'loaded', 10, 7, 'x', 1, ?)",
        params![ids(&["a", "b"]).unwrap(), ids(&["b"]).unwrap()],
    )
    .unwrap();
    old.execute(
        "INSERT INTO batches (job, number, count, ids, idempotency_key) VALUES (1, 2, 1, ?, 'y')",
        params![ids(&["c"]).unwrap()],
    )
    .unwrap();
    drop(old);

    let ledger = SqliteLedger::open(&path).unwrap();
    assert_eq!(ledger.sums(1).unwrap().spent, 7);
    assert_eq!(ledger.all_ids(1).unwrap(), ["a", "b", "c"]);
    let second = claim(&ledger, 1).unwrap();
    assert_eq!(second.ids, ["c"]);
    assert!(ledger.accept(1, 2, "y", &run("r")).unwrap());
    finish(&ledger, 1, 2, lantern::ledger::Ended::Completed);
    load(&ledger, 1, 2, &Default::default());
    assert_eq!(claim(&ledger, 1).unwrap().ids, ["b"], "what was cut is still known");
}

#[test]
fn a_newer_ledger_is_refused_and_left_as_it_is() {
    let (ledger, folder) = sqlite();
    let path = folder.path().join("ledger.sqlite");
    drop(ledger);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = SqliteLedger::open(&path).err().unwrap().to_string();
    assert!(error.contains("schema version 99") && error.contains("upgrade lantern"), "{error}");
}

#[test]
fn a_ledger_survives_being_closed_and_its_sendings_are_then_in_doubt() {
    let (ledger, folder) = sqlite();
    let id = ledger.create(&job("k", 2, 1, 6, 100)).unwrap().0.id;
    claim(&ledger, id).unwrap();
    drop(ledger);
    let again = SqliteLedger::open(&folder.path().join("ledger.sqlite")).unwrap();
    again.find_doubt(id).unwrap();
    assert_eq!(again.batches(id).unwrap()[0].state, BatchState::InDoubt);
}

#[cfg(unix)]
#[test]
fn nothing_is_sent_once_the_file_was_deleted_or_replaced() {
    let (ledger, folder) = sqlite();
    let path = folder.path().join("ledger.sqlite");
    let id = ledger.create(&job("k", 3, 1, 6, 100)).unwrap().0.id;
    claim(&ledger, id).unwrap();
    let aside = folder.path().join("aside.sqlite");
    std::fs::rename(&path, &aside).unwrap();
    let error = ledger.claim(id, i64::MAX).unwrap_err().to_string();
    assert!(error.contains("was deleted while it was in use"), "{error}");
    std::fs::copy(&aside, &path).unwrap();
    let error = ledger.claim(id, i64::MAX).unwrap_err().to_string();
    assert!(error.contains("was replaced while it was in use"), "{error}");
    std::fs::rename(&aside, &path).unwrap();
    assert_eq!(claim(&ledger, id).unwrap().number, 2, "the right file is back");
}

#[test]
fn nothing_is_sent_once_the_file_was_set_back() {
    let (ledger, folder) = sqlite();
    let id = ledger.create(&job("k", 5, 1, 6, 100)).unwrap().0.id;
    claim(&ledger, id).unwrap();
    claim(&ledger, id).unwrap();
    // As it would be in a copy from before the claims.
    let file = Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    file.execute("UPDATE lantern_claims SET claims = 0", []).unwrap();
    let error = ledger.claim(id, i64::MAX).unwrap_err().to_string();
    assert!(error.contains("set back to an earlier copy"), "{error}");
    assert_eq!(ledger.sums(id).unwrap().in_flight, 2);
}

#[cfg(unix)]
#[test]
fn a_living_sender_is_seen_through_a_link() {
    let (ledger, folder) = sqlite();
    let id = ledger.create(&job("k", 1, 1, 6, 100)).unwrap().0.id;
    claim(&ledger, id).unwrap();
    let link = folder.path().join("link.sqlite");
    std::os::unix::fs::symlink(folder.path().join("ledger.sqlite"), &link).unwrap();
    let other = SqliteLedger::open(&link).unwrap();
    assert_eq!(other.place(), ledger.place());
    other.find_doubt(id).unwrap();
    assert_eq!(other.batches(id).unwrap()[0].state, BatchState::Sending);
}

#[test]
fn a_relative_path_is_decided_when_the_ledger_is_opened() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let name = std::path::Path::new(folder.path().file_name().unwrap()).join("ledger.sqlite");
    let ledger = SqliteLedger::open(&name).unwrap();
    assert!(std::path::Path::new(&ledger.place()).is_absolute(), "{}", ledger.place());
}
