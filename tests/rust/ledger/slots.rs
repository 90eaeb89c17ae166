//! The slots of the rate limits, which all processes on a ledger share.

use lantern::{api::LimitClass, client::limit::slots::Ask, ledger::Store};

use super::behaviour::promises;

promises!(
    slots_are_shared_and_holds_add_up,
    slots_go_in_turn_to_those_that_wait,
    slots_are_taken_in_groups_and_ahead_of_their_time,
);

fn slots_are_shared_and_holds_add_up(store: &dyn Store) {
    let take = |scope: &str, now| store.take_slot(scope, LimitClass::Sync, now, 100).unwrap();
    assert_eq!(take("a", 1_000), None);
    assert_eq!(take("a", 1_040), Some(60));
    assert_eq!(take("b", 1_040), None, "another key has slots of its own");
    assert_eq!(store.take_slot("a", LimitClass::Credits, 1_040, 100).unwrap(), None);
    store.hold_slot("a", LimitClass::Sync, 5_000).unwrap();
    store.hold_slot("a", LimitClass::Sync, 2_000).unwrap();
    assert_eq!(take("a", 3_000), Some(2_000), "a shorter hold does not end a longer one");
    assert_eq!(take("a", 5_000), None);
}

/// When the tests of slots begin, in microseconds since 1970.
const BEGUN: i64 = 1_000_000_000;

fn slots_go_in_turn_to_those_that_wait(store: &dyn Store) {
    let ask = |waiter: &str, at: i64| {
        let ask = Ask { now: BEGUN + at, interval: 100_000, most: 1, ahead: 0 };
        store.take_slots("s", LimitClass::Batches, waiter, ask).unwrap()
    };
    assert!(ask("a", 0).is_ok());
    assert_eq!(ask("b", 10_000).unwrap_err().wait, 90_000);
    assert_eq!(ask("c", 20_000).unwrap_err().wait, 180_000, "it is behind b");
    assert!(ask("a", 30_000).is_err());
    assert!(ask("c", 100_000).is_err(), "the slot is free, and it is b's turn");
    assert!(ask("b", 100_001).is_ok());
    assert!(ask("new", 200_001).is_err(), "c and a were here before");
    assert!(ask("c", 200_002).is_ok());
    // `a` does not come back, so its place is not kept forever.
    assert!(ask("new", 300_002).is_err());
    assert!(ask("new", 5_000_000).is_ok());
}

fn slots_are_taken_in_groups_and_ahead_of_their_time(store: &dyn Store) {
    let ask = |waiter: &str, at: i64| {
        let ask = Ask { now: BEGUN + at, interval: 10_000, most: 8, ahead: 50_000 };
        store.take_slots("s", LimitClass::Sync, waiter, ask).unwrap()
    };
    let departures: Vec<i64> =
        ask("a", 0).unwrap().departures().map(|departure| departure - BEGUN).collect();
    assert_eq!(departures, [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000]);
    assert_eq!(ask("a", 0).unwrap_err().wait, 30_000);
    let next = ask("a", 40_000).unwrap();
    assert_eq!((next.first - BEGUN, next.count), (80_000, 8), "none is lost while they ask");
    store.hold_slot("s", LimitClass::Sync, BEGUN + 900_000).unwrap();
    let refused = ask("a", 880_000).unwrap_err();
    assert_eq!((refused.wait, refused.held), (20_000, 20_000), "a hold is waited for to its end");
}
