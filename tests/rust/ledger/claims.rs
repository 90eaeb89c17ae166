//! Claims: which batches the budget of a job lets a process send.

use std::{collections::HashSet, sync::Mutex};

use lantern::ledger::{Claim, Ended, Event, Loaded, Peek, Step, Store, Wanted};

use super::{
    behaviour::promises,
    common::{claim, finish, job, load, loaded, run, work},
};

promises!(
    ids_that_the_budget_did_not_reach_go_to_later_batches,
    ids_that_the_budget_did_not_reach_are_sent_in_batches_of_the_size_asked_for,
    a_higher_budget_goes_on_and_a_lower_one_stops,
    threads_that_claim_never_exceed_the_budget_and_send_each_batch_once,
    units_are_claimed_in_groups_within_the_budget,
    what_a_transaction_loads_is_claimed_in_it,
);

fn ids_that_the_budget_did_not_reach_go_to_later_batches(store: &dyn Store) {
    let id = store.create(&job("k", 2, 4, 6, 30)).unwrap().0.id;
    let cut = Loaded { credits: Some(22), cut_ids: vec!["person-0-3".into()], ..loaded(0) };
    assert_eq!(work(store, id, "one", &cut), Some(1));
    // 8 credits are left, which is less than the four ids of batch 2 can cost, and more than one id
    // can.
    let claimed = claim(store, id).unwrap();
    assert_eq!((claimed.number, claimed.max_credits), (2, 8));
    store.accept(id, 2, &claimed.idempotency_key, &run("two")).unwrap();
    finish(store, id, 2, Ended::Completed);
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::Wait, "batch 2 may give credits back");
    let cut = Loaded { credits: Some(1), cut_ids: vec!["person-1-3".into()], ..loaded(0) };
    load(store, id, 2, &cut);
    let third = claim(store, id).unwrap();
    assert_eq!((third.number, third.max_credits), (3, 7));
    assert_eq!(third.ids, ["person-0-3", "person-1-3"]);
    assert_eq!(store.sums(id).unwrap().cut, 0, "they have a batch again");
    store.accept(id, 3, &third.idempotency_key, &run("three")).unwrap();
    finish(store, id, 3, Ended::Completed);
    load(
        store,
        id,
        3,
        &Loaded { credits: Some(6), cut_ids: vec!["person-1-3".into()], ..loaded(0) },
    );
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::BudgetSpent { left: 1 });
    assert_eq!(store.all_ids(id).unwrap().len(), 8, "the first plan is what it was");
}

fn ids_that_the_budget_did_not_reach_are_sent_in_batches_of_the_size_asked_for(store: &dyn Store) {
    let mut planned = job("k", 2, 4, 6, 30);
    let id = store.create(&planned).unwrap().0.id;
    let cut = |ids: &[&str]| Loaded {
        credits: Some(2),
        cut_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..Loaded::default()
    };
    work(store, id, "one", &cut(&["person-0-1", "person-0-2", "person-0-3"])).unwrap();
    work(store, id, "two", &cut(&["person-1-1", "person-1-2", "person-1-3"])).unwrap();
    planned.max_credits = 1_000;
    store.resubmit(id, &planned).unwrap();
    let sizes: Vec<usize> =
        std::iter::from_fn(|| claim(store, id)).map(|claimed| claimed.ids.len()).collect();
    assert_eq!(sizes, [4, 2], "the job was submitted with 4 ids a batch");
}

fn a_higher_budget_goes_on_and_a_lower_one_stops(store: &dyn Store) {
    let mut planned = job("k", 3, 1, 6, 6);
    let id = store.create(&planned).unwrap().0.id;
    assert_eq!(work(store, id, "one", &loaded(6)), Some(1));
    assert_eq!(store.peek(id).unwrap(), Peek::BudgetSpent { left: 0 });
    planned.max_credits = 12;
    store.resubmit(id, &planned).unwrap();
    assert_eq!(work(store, id, "two", &loaded(6)), Some(2));
    planned.max_credits = 7;
    store.resubmit(id, &planned).unwrap();
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::BudgetSpent { left: 0 });
}

fn threads_that_claim_never_exceed_the_budget_and_send_each_batch_once(store: &dyn Store) {
    const BUDGET: u64 = 1_000;
    let id = store.create(&job("k", 60, 5, 6, BUDGET)).unwrap().0.id;
    let sent = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let claimed = match store.claim(id, i64::MAX).unwrap() {
                        Claim::Send(claimed) => claimed,
                        Claim::Wait => continue,
                        Claim::AllSent | Claim::BudgetSpent { .. } => break,
                    };
                    let sums = store.sums(id).unwrap();
                    assert!(sums.spent + sums.committed <= BUDGET, "{sums:?}");
                    let number = claimed.number;
                    sent.lock().unwrap().push(number);
                    let key = &claimed.idempotency_key;
                    store.accept(id, number, key, &run(&number.to_string())).unwrap();
                    finish(store, id, number, Ended::Completed);
                    load(store, id, number, &loaded(claimed.max_credits / 2));
                }
            });
        }
    });
    let sent = sent.into_inner().unwrap();
    assert_eq!(sent.len(), sent.iter().collect::<HashSet<_>>().len(), "a batch was sent twice");
    let sums = store.sums(id).unwrap();
    assert!(sums.planned == 0 || BUDGET - sums.spent < 6, "{sums:?}");
}

fn units_are_claimed_in_groups_within_the_budget(store: &dyn Store) {
    let id = store.create(&job("k", 9, 2, 6, 60)).unwrap().0.id;
    let some = |most| store.claim_some(id, Wanted { most, until: i64::MAX }).unwrap();
    let first = some(3);
    let numbers: Vec<u32> = first.units.iter().map(|claimed| claimed.number).collect();
    assert_eq!((numbers, first.then), (vec![1, 2, 3], Peek::Ready));
    assert!(first.units.iter().all(|claimed| claimed.ids.len() == 2));
    let rest = some(8);
    assert_eq!((rest.units.len(), rest.then), (2, Peek::Wait), "60 credits pay for five");
    assert_eq!(store.sums(id).unwrap().committed, 60);
}

fn what_a_transaction_loads_is_claimed_in_it(store: &dyn Store) {
    let id = store.create(&job("k", 1, 4, 6, 100)).unwrap().0.id;
    let key = claim(store, id).unwrap().idempotency_key;
    store.accept(id, 1, &key, &run("r")).unwrap();
    finish(store, id, 1, Ended::Completed);
    let cut = vec!["person-0-2".to_owned(), "person-0-3".to_owned()];
    let loaded =
        Loaded { credits: Some(10), returned: 2, cut_ids: cut.clone(), ..Loaded::default() };
    let event = Event::Load { run_id: "r".into(), loaded };
    let steps = [Step { number: 1, sending: None, event }];
    let turn = store.turn(id, &steps, Some(Wanted { most: 8, until: i64::MAX })).unwrap();
    let claims = turn.claims.unwrap();
    assert_eq!(claims.units.len(), 1, "{claims:?}");
    assert_eq!(claims.units[0].ids, cut, "the ids that the budget did not reach");
}
