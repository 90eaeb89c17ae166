//! Units that are mapped calls: answered at once, decided about as batches are.

use std::collections::HashSet;

use lantern::ledger::{Answered, BatchState, Claim, Decision, Doubt, Event, Store};

use super::{
    behaviour::promises,
    common::{calls, claim},
};

promises!(
    a_call_is_answered_at_once_and_counted,
    a_call_that_the_budget_reaches_in_part_is_split,
    a_call_is_decided_about_as_a_batch_is,
    what_a_failed_call_cost_stays_spent_when_it_is_sent_again,
    an_answer_that_cannot_be_read_is_kept,
);

fn answered(credits: u64) -> Answered {
    Answered { credits: Some(credits), rows: vec![r#"{"a":1}"#.into()], ..Answered::default() }
}

fn a_call_is_answered_at_once_and_counted(store: &dyn Store) {
    let planned = calls("k", 5, 1, 2, 100);
    let (record, new) = store.create(&planned).unwrap();
    assert!(new && record.rows == 5 && record.ids == 5);
    let id = record.id;
    assert_eq!(store.requests(id).unwrap(), [vec![1, 2, 3]]);
    let first = claim(store, id).unwrap();
    assert_eq!((first.first, first.count, first.max_credits), (0, 1, 2));
    assert_eq!(first.idempotency_key, "k:0");
    let second = claim(store, id).unwrap();
    assert_eq!((second.number, second.first), (2, 1));
    let sending = Some(first.idempotency_key.as_str());
    assert!(store.step(id, 1, sending, Event::Answer(answered(1))).unwrap().fits);
    assert!(!store.step(id, 1, sending, Event::Answer(answered(1))).unwrap().fits, "only once");
    let sums = store.sums(id).unwrap();
    assert_eq!((sums.spent, sums.committed, sums.loaded, sums.planned), (1, 2, 1, 3));
    assert_eq!(store.answers(id).unwrap()[&1], br#"[{"a":1}]"#);
    // An answer that does not give its cost counts with the maximum that it may have cost.
    let untold = Answered { credits: None, ..answered(0) };
    let sending = Some(second.idempotency_key.as_str());
    store.step(id, 2, sending, Event::Answer(untold)).unwrap();
    assert_eq!(store.sums(id).unwrap().spent, 3);
    assert_eq!(store.jobs(None).unwrap().len(), 1, "it stands in the list of jobs");
}

fn a_call_that_the_budget_reaches_in_part_is_split(store: &dyn Store) {
    let id = store.create(&calls("k", 7, 3, 2, 10)).unwrap().0.id;
    let first = claim(store, id).unwrap();
    assert_eq!((first.first, first.count, first.max_credits), (0, 3, 6));
    store.step(id, 1, None, Event::Answer(answered(6))).unwrap();
    let part = claim(store, id).unwrap();
    assert_eq!((part.number, part.first, part.count, part.max_credits), (2, 3, 2, 4));
    store.step(id, 2, None, Event::Answer(answered(4))).unwrap();
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::BudgetSpent { left: 0 });
    store.resubmit(id, &calls("k", 7, 3, 2, 100)).unwrap();
    let mut rows: Vec<(u64, u32)> = std::iter::from_fn(|| claim(store, id))
        .map(|claimed| (claimed.first, claimed.count))
        .collect();
    rows.sort_unstable();
    assert_eq!(rows, [(5, 1), (6, 1)], "what was left out, once");
    assert_eq!(store.sums(id).unwrap().committed, 4);
}

fn a_call_is_decided_about_as_a_batch_is(store: &dyn Store) {
    let id = store.create(&calls("k", 3, 1, 2, 100)).unwrap().0.id;
    for number in 1..=3 {
        let key = claim(store, id).unwrap().idempotency_key;
        store.doubt(id, number, &key, Doubt { error: "reset", ..Doubt::default() }).unwrap();
    }
    assert_eq!(store.sums(id).unwrap().in_doubt, 3);
    store.decide(id, 1, &Decision::Resend).unwrap();
    store.decide(id, 2, &Decision::Skip).unwrap();
    store.decide(id, 3, &Decision::Answer(answered(1))).unwrap();
    let states: Vec<_> = store.batches(id).unwrap().iter().map(|unit| unit.state).collect();
    assert_eq!(states, [BatchState::Planned, BatchState::Skipped, BatchState::Loaded]);
    // 2 for the first sending of 1, 2 for the one given up, 1 for the one that was answered.
    assert_eq!(store.sums(id).unwrap().spent, 5);
    assert_eq!(claim(store, id).unwrap().number, 1);
}

fn what_a_failed_call_cost_stays_spent_when_it_is_sent_again(store: &dyn Store) {
    let id = store.create(&calls("k", 1, 1, 5, 20)).unwrap().0.id;
    let mut keys = HashSet::new();
    for sent in 1..=4 {
        let claimed = claim(store, id).unwrap();
        assert!(keys.insert(claimed.idempotency_key.clone()), "another name for each sending");
        let failed = Answered { failure: Some("no".into()), ..answered(5) };
        store.step(id, 1, Some(&claimed.idempotency_key), Event::Answer(failed)).unwrap();
        let unit = store.batches(id).unwrap().remove(0);
        assert_eq!((unit.state, unit.sends), (BatchState::Failed, sent));
        assert_eq!(store.sums(id).unwrap().spent, u64::from(sent) * 5);
        store.decide(id, 1, &Decision::Resend).unwrap();
    }
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::BudgetSpent { left: 0 });
}

fn an_answer_that_cannot_be_read_is_kept(store: &dyn Store) {
    let id = store.create(&calls("k", 1, 1, 5, 20)).unwrap().0.id;
    let key = claim(store, id).unwrap().idempotency_key;
    let body = Some("<html>paid</html>".to_owned());
    let event = Event::Doubt { error: "not JSON".into(), run_id: None, body };
    store.step(id, 1, Some(&key), event).unwrap();
    assert_eq!(store.bodies(id).unwrap()[&1], b"<html>paid</html>");
}
