//! The promises of a store, each tested on a ledger of its own. Another store adds a line below.

use std::{collections::HashSet, sync::Mutex};

use lantern::{
    api::LimitClass,
    client::limit::slots::Ask,
    ledger::{
        Answered, BatchState, Claim, Decision, Doubt, Ended, Event, Finished, Loaded, Peek, Step,
        Store, Wanted, rules::Sums,
    },
};

use super::common::{calls, claim, finish, job, load, run};

macro_rules! promises {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[test] fn $name() {
                let (ledger, _folder) = crate::ledger::common::sqlite();
                super::$name(&ledger);
            })+
        }
        mod on_postgres {
            $(#[test] fn $name() {
                let Some((ledger, _, _folder)) = crate::ledger::server::ledger() else { return };
                super::$name(&ledger);
            })+
        }
        mod behind_pgbouncer {
            $(#[test] fn $name() {
                let Some((ledger, _, _folder)) = crate::ledger::server::pooled_ledger() else { return };
                super::$name(&ledger);
            })+
        }
    };
}
pub(super) use promises;

promises!(
    a_job_is_written_down_once_for_each_account_and_key,
    a_batch_goes_from_planned_to_loaded,
    a_step_that_does_not_fit_changes_nothing,
    a_released_batch_is_as_if_never_claimed,
    what_a_batch_may_cost_stays_counted_when_it_is_sent_again,
    a_late_answer_to_a_batch_that_was_sent_again_changes_nothing,
    what_became_of_a_run_that_was_replaced_changes_nothing,
    the_result_of_a_run_that_ended_is_loaded_without_its_state,
    a_sending_that_never_left_is_planned_again_though_it_was_taken_for_dead,
    a_doubt_keeps_the_run_that_its_answer_named,
    a_run_that_the_api_does_not_know_is_told_since_when,
    a_run_is_accepted_though_its_batch_was_taken_for_lost,
    a_decision_fits_the_state_or_is_refused,
    ids_that_the_budget_did_not_reach_go_to_later_batches,
    ids_that_the_budget_did_not_reach_are_sent_in_batches_of_the_size_asked_for,
    a_higher_budget_goes_on_and_a_lower_one_stops,
    a_sending_that_lasts_too_long_is_in_doubt_and_a_live_one_is_not,
    threads_that_claim_never_exceed_the_budget_and_send_each_batch_once,
    slots_are_shared_and_holds_add_up,
    slots_go_in_turn_to_those_that_wait,
    slots_are_taken_in_groups_and_ahead_of_their_time,
    a_call_is_answered_at_once_and_counted,
    a_call_that_the_budget_reaches_in_part_is_split,
    a_call_is_decided_about_as_a_batch_is,
    what_a_failed_call_cost_stays_spent_when_it_is_sent_again,
    units_are_claimed_in_groups_within_the_budget,
    what_a_transaction_loads_is_claimed_in_it,
    an_answer_that_cannot_be_read_is_kept,
    the_run_that_was_not_looked_at_for_the_longest_comes_first,
    a_result_that_answers_something_else_fails_its_batch,
    the_sums_are_those_of_the_units,
);

fn state(store: &dyn Store, job: i64, number: u32) -> BatchState {
    store.batches(job).unwrap()[number as usize - 1].state
}

fn loaded(credits: u64) -> Loaded {
    Loaded { credits: Some(credits), returned: 1, ..Loaded::default() }
}

/// Sends a batch and loads it.
fn work(store: &dyn Store, job: i64, name: &str, result: &Loaded) -> Option<u32> {
    let claimed = claim(store, job)?;
    let number = claimed.number;
    assert!(store.accept(job, number, &claimed.idempotency_key, &run(name)).unwrap());
    finish(store, job, number, Ended::Completed);
    load(store, job, number, result);
    Some(number)
}

fn a_job_is_written_down_once_for_each_account_and_key(store: &dyn Store) {
    let planned = job("k", 2, 3, 6, 100);
    let (first, new) = store.create(&planned).unwrap();
    assert!(new);
    let (again, new) = store.create(&planned).unwrap();
    assert!(!new);
    assert_eq!(first, again);
    let mut other = planned.clone();
    other.account = "other.example.com".into();
    let (elsewhere, new) = store.create(&other).unwrap();
    assert!(new && elsewhere.id != first.id);
    claim(store, elsewhere.id).unwrap();
    assert_eq!(store.sums(first.id).unwrap().in_flight, 0);
    assert_eq!(store.find("api.example.com", "k").unwrap(), Some(first.clone()));
    assert_eq!(store.find("nobody", "k").unwrap(), None);
    assert_eq!(store.jobs(None).unwrap().len(), 2);
    let own = store.jobs(Some("other.example.com")).unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!((own[0].0.id, own[0].1.in_flight), (elsewhere.id, 1));
    assert_eq!(store.all_ids(first.id).unwrap(), planned.batches.concat());
    assert_eq!(store.batch_ids(first.id, 2).unwrap(), planned.batches[1]);
}

fn a_batch_goes_from_planned_to_loaded(store: &dyn Store) {
    let id = store.create(&job("k", 1, 2, 6, 100)).unwrap().0.id;
    assert_eq!(store.peek(id).unwrap(), Peek::Ready);
    let claimed = claim(store, id).unwrap();
    assert_eq!((claimed.number, claimed.max_credits), (1, 12));
    assert_eq!(claimed.ids, ["person-0-0", "person-0-1"]);
    assert_eq!(state(store, id, 1), BatchState::Sending);
    assert!(store.accept(id, 1, &claimed.idempotency_key, &run("r")).unwrap());
    assert_eq!(state(store, id, 1), BatchState::Accepted);
    assert_eq!(store.sums(id).unwrap().committed, 12);
    finish(store, id, 1, Ended::Completed);
    assert_eq!(state(store, id, 1), BatchState::Completed);
    store.note(id, 1, "not there yet").unwrap();
    load(store, id, 1, &Loaded { credits: Some(7), returned: 2, dearest: Some(9), ..loaded(7) });
    let batch = store.batches(id).unwrap().remove(0);
    assert_eq!((batch.state, batch.credits, batch.error), (BatchState::Loaded, Some(7), None));
    assert_eq!((batch.run_id.as_deref(), batch.sends), (Some("r"), 1));
    let expected = Sums { batches: 1, loaded: 1, spent: 7, returned: 2, ..Sums::default() };
    assert_eq!(store.sums(id).unwrap(), expected);
    assert_eq!(store.find("api.example.com", "k").unwrap().unwrap().price, 9);
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::AllSent);
}

fn a_step_that_does_not_fit_changes_nothing(store: &dyn Store) {
    let id = store.create(&job("k", 1, 1, 6, 100)).unwrap().0.id;
    let check = |expected: BatchState, key: &str| {
        // Each of these decisions is for a state that the batch is not in.
        if expected != BatchState::Sending {
            store.release(id, 1, key, "").unwrap();
            store.doubt(id, 1, key, Doubt { error: "", ..Doubt::default() }).unwrap();
        }
        if expected != BatchState::Accepted {
            finish(store, id, 1, Ended::failed("no"));
        }
        if expected != BatchState::Completed {
            load(store, id, 1, &loaded(1));
        }
        assert_eq!(state(store, id, 1), expected);
    };
    let key = store.batches(id).unwrap()[0].idempotency_key.clone();
    assert!(!store.accept(id, 1, &key, &run("early")).unwrap());
    check(BatchState::Planned, &key);
    claim(store, id).unwrap();
    check(BatchState::Sending, &key);
    store.accept(id, 1, &key, &run("r")).unwrap();
    check(BatchState::Accepted, &key);
    assert!(!store.accept(id, 1, &key, &run("second")).unwrap(), "a second run is one too many");
    assert!(store.accept(id, 1, &key, &run("r")).unwrap(), "the same run is what it is");
    finish(store, id, 1, Ended::Completed);
    check(BatchState::Completed, &key);
    load(store, id, 1, &loaded(3));
    check(BatchState::Loaded, &key);
    assert_eq!(store.sums(id).unwrap().spent, 3);
}

fn a_released_batch_is_as_if_never_claimed(store: &dyn Store) {
    let id = store.create(&job("k", 1, 1, 6, 6)).unwrap().0.id;
    for _ in 0..3 {
        let claimed = claim(store, id).unwrap();
        store.release(id, 1, &claimed.idempotency_key, "refused").unwrap();
        let sums = store.sums(id).unwrap();
        assert_eq!((sums.planned, sums.spent, sums.committed), (1, 0, 0));
        let batch = store.batches(id).unwrap().remove(0);
        assert_eq!((batch.sends, batch.error.as_deref()), (0, Some("refused")));
    }
}

fn what_a_batch_may_cost_stays_counted_when_it_is_sent_again(store: &dyn Store) {
    let id = store.create(&job("k", 1, 10, 6, 100)).unwrap().0.id;
    let claimed = claim(store, id).unwrap();
    store
        .doubt(id, 1, &claimed.idempotency_key, Doubt { error: "reset", ..Doubt::default() })
        .unwrap();
    store.decide(id, 1, &Decision::Resend).unwrap();
    let sums = store.sums(id).unwrap();
    assert_eq!((sums.planned, sums.spent), (1, 60));
    let again = claim(store, id).unwrap();
    assert_eq!(again.max_credits, 40, "the rest of the budget, and no credit more");
    assert_ne!(again.idempotency_key, claimed.idempotency_key);
    store.accept(id, 1, &again.idempotency_key, &run("r")).unwrap();
    finish(store, id, 1, Ended::failed("no"));
    store.decide(id, 1, &Decision::Resend).unwrap();
    assert_eq!(store.sums(id).unwrap().spent, 100);
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::BudgetSpent { left: 0 });
}

fn a_late_answer_to_a_batch_that_was_sent_again_changes_nothing(store: &dyn Store) {
    let id = store.create(&job("k", 1, 1, 6, 100)).unwrap().0.id;
    let first = claim(store, id).unwrap().idempotency_key;
    store
        .doubt(id, 1, &first, Doubt { error: "its sending lasted too long", ..Doubt::default() })
        .unwrap();
    store.decide(id, 1, &Decision::Resend).unwrap();
    let second = claim(store, id).unwrap().idempotency_key;
    store.release(id, 1, &first, "refused").unwrap();
    assert_eq!(state(store, id, 1), BatchState::Sending, "the second sending is under way");
    store.doubt(id, 1, &first, Doubt { error: "reset", ..Doubt::default() }).unwrap();
    assert_eq!(state(store, id, 1), BatchState::Sending);
    assert!(!store.accept(id, 1, &first, &run("first")).unwrap(), "it is told of the second");
    assert!(store.accept(id, 1, &second, &run("second")).unwrap());
    assert_eq!(store.batches(id).unwrap()[0].run_id.as_deref(), Some("second"));
}

fn what_became_of_a_run_that_was_replaced_changes_nothing(store: &dyn Store) {
    let id = store.create(&job("k", 1, 1, 6, 100)).unwrap().0.id;
    let key = claim(store, id).unwrap().idempotency_key;
    store.doubt(id, 1, &key, Doubt { error: "reset", ..Doubt::default() }).unwrap();
    store.decide(id, 1, &Decision::Attach(run("wrong"))).unwrap();
    store.decide(id, 1, &Decision::Attach(run("right"))).unwrap();
    let ended = Finished { number: 1, run_id: "wrong".into(), end: Ended::failed("no") };
    store.finish(id, &[ended]).unwrap();
    assert_eq!(state(store, id, 1), BatchState::Accepted);
    finish(store, id, 1, Ended::Completed);
    store.load(id, 1, "wrong", &loaded(6)).unwrap();
    assert_eq!(state(store, id, 1), BatchState::Completed);
    load(store, id, 1, &loaded(2));
    assert_eq!(store.sums(id).unwrap().spent, 2);
}

fn the_result_of_a_run_that_ended_is_loaded_without_its_state(store: &dyn Store) {
    let id = store.create(&job("k", 1, 1, 6, 100)).unwrap().0.id;
    let key = claim(store, id).unwrap().idempotency_key;
    assert!(store.accept(id, 1, &key, &run("stuck")).unwrap());
    store.decide(id, 1, &Decision::AttachEnded(run("stuck"))).unwrap();
    assert_eq!(state(store, id, 1), BatchState::Completed);
    store.load(id, 1, "stuck", &loaded(2)).unwrap();
    assert_eq!(state(store, id, 1), BatchState::Loaded);
    assert_eq!(store.sums(id).unwrap().spent, 2);
}

fn a_sending_that_never_left_is_planned_again_though_it_was_taken_for_dead(store: &dyn Store) {
    let id = store.create(&job("k", 1, 1, 6, 100)).unwrap().0.id;
    let Claim::Send(claimed) = store.claim(id, 0).unwrap() else { panic!("nothing to claim") };
    store.find_doubt(id).unwrap();
    assert_eq!(state(store, id, 1), BatchState::InDoubt);
    store.release(id, 1, &claimed.idempotency_key, "no connection").unwrap();
    let sums = store.sums(id).unwrap();
    assert_eq!((sums.planned, sums.spent, sums.committed), (1, 0, 0));
}

fn a_doubt_keeps_the_run_that_its_answer_named(store: &dyn Store) {
    let id = store.create(&job("k", 1, 1, 6, 100)).unwrap().0.id;
    let key = claim(store, id).unwrap().idempotency_key;
    store
        .doubt(
            id,
            1,
            &key,
            Doubt { error: "the answer broke off", run_id: Some("r-7"), body: Some("<html>") },
        )
        .unwrap();
    assert_eq!(store.batches(id).unwrap()[0].run_id.as_deref(), Some("r-7"));
    assert_eq!(store.bodies(id).unwrap()[&1], b"<html>", "it was paid for");
}

fn a_run_that_the_api_does_not_know_is_told_since_when(store: &dyn Store) {
    let id = store.create(&job("k", 1, 1, 6, 100)).unwrap().0.id;
    let key = claim(store, id).unwrap().idempotency_key;
    assert_eq!(store.unknown(id, 1, "r", true).unwrap(), None, "it has no run yet");
    store.accept(id, 1, &key, &run("r")).unwrap();
    let since = store.unknown(id, 1, "r", true).unwrap();
    assert!(since.is_some());
    assert_eq!(store.unknown(id, 1, "r", true).unwrap(), since, "the first time counts");
    assert_eq!(store.unknown(id, 1, "r", false).unwrap(), None);
    store.unknown(id, 1, "r", true).unwrap();
    store.decide(id, 1, &Decision::Attach(run("other"))).unwrap();
    assert_eq!(store.batches(id).unwrap()[0].unknown_since, None, "another run, another time");
}

fn a_run_is_accepted_though_its_batch_was_taken_for_lost(store: &dyn Store) {
    let id = store.create(&job("k", 2, 1, 6, 100)).unwrap().0.id;
    for number in [1, 2] {
        let key = claim(store, id).unwrap().idempotency_key;
        store
            .doubt(
                id,
                number,
                &key,
                Doubt { error: "its sending lasted too long", ..Doubt::default() },
            )
            .unwrap();
        if number == 2 {
            store.decide(id, number, &Decision::Skip).unwrap();
        }
        assert!(store.accept(id, number, &key, &run("late")).unwrap());
        assert_eq!(state(store, id, number), BatchState::Accepted);
    }
    assert_eq!(store.sums(id).unwrap().committed, 12);
}

fn a_decision_fits_the_state_or_is_refused(store: &dyn Store) {
    let decisions = || {
        [
            ("resend", Decision::Resend),
            ("skip", Decision::Skip),
            ("attach", Decision::Attach(run("a"))),
            ("attach ended", Decision::AttachEnded(run("a"))),
        ]
    };
    let reach = |name: &str, target: BatchState| {
        let id = store.create(&job(name, 1, 1, 6, 100)).unwrap().0.id;
        if target == BatchState::Planned {
            return id;
        }
        let key = claim(store, id).unwrap().idempotency_key;
        match target {
            BatchState::InDoubt | BatchState::Skipped => {
                store.doubt(id, 1, &key, Doubt { error: "", ..Doubt::default() }).unwrap();
                if target == BatchState::Skipped {
                    store.decide(id, 1, &Decision::Skip).unwrap();
                }
            }
            BatchState::Planned | BatchState::Sending => {}
            later => {
                store.accept(id, 1, &key, &run("r")).unwrap();
                match later {
                    BatchState::Failed => {
                        finish(store, id, 1, Ended::failed("no"));
                    }
                    BatchState::Accepted => {}
                    _ => finish(store, id, 1, Ended::Completed),
                }
                if later == BatchState::Loaded {
                    load(store, id, 1, &loaded(1));
                }
            }
        }
        id
    };
    for from in BatchState::ALL {
        for (name, decision) in decisions() {
            let allowed = match name {
                "resend" => {
                    matches!(from, BatchState::InDoubt | BatchState::Failed | BatchState::Skipped)
                }
                "skip" => {
                    matches!(
                        from,
                        BatchState::InDoubt | BatchState::Accepted | BatchState::Completed
                    )
                }
                _ => matches!(
                    from,
                    BatchState::InDoubt
                        | BatchState::Skipped
                        | BatchState::Failed
                        | BatchState::Accepted
                        | BatchState::Completed
                ),
            };
            let id = reach(&format!("{from}-{name}"), from);
            assert_eq!(state(store, id, 1), from);
            let decided = store.decide(id, 1, &decision);
            assert_eq!(decided.is_ok(), allowed, "{name} from {from}: {decided:?}");
            if let Err(error) = decided {
                assert_eq!(state(store, id, 1), from);
                assert!(error.to_string().contains(&format!("batch 1 is {from}")), "{error}");
            }
        }
    }
    let id = reach("none", BatchState::Planned);
    let error = store.decide(id, 9, &Decision::Skip).unwrap_err().to_string();
    assert!(error.contains("there is no batch 9"), "{error}");
}

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

fn a_sending_that_lasts_too_long_is_in_doubt_and_a_live_one_is_not(store: &dyn Store) {
    let id = store.create(&job("k", 2, 1, 6, 100)).unwrap().0.id;
    assert!(matches!(store.claim(id, 0).unwrap(), Claim::Send(_)));
    claim(store, id).unwrap();
    store.find_doubt(id).unwrap();
    let batches = store.batches(id).unwrap();
    assert_eq!(batches[0].state, BatchState::InDoubt);
    assert!(batches[0].error.as_deref().unwrap().contains("took longer"));
    assert_eq!(batches[1].state, BatchState::Sending);
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

fn an_answer_that_cannot_be_read_is_kept(store: &dyn Store) {
    let id = store.create(&calls("k", 1, 1, 5, 20)).unwrap().0.id;
    let key = claim(store, id).unwrap().idempotency_key;
    let body = Some("<html>paid</html>".to_owned());
    let event = Event::Doubt { error: "not JSON".into(), run_id: None, body };
    store.step(id, 1, Some(&key), event).unwrap();
    assert_eq!(store.bodies(id).unwrap()[&1], b"<html>paid</html>");
}

fn the_run_that_was_not_looked_at_for_the_longest_comes_first(store: &dyn Store) {
    let id = store.create(&job("k", 3, 1, 6, 100)).unwrap().0.id;
    for number in 1..=3 {
        let key = claim(store, id).unwrap().idempotency_key;
        store.accept(id, number, &key, &run(&number.to_string())).unwrap();
    }
    let order = || -> Vec<u32> {
        let accepted = store.units_in(id, &[BatchState::Accepted]).unwrap();
        accepted.iter().map(|unit| unit.number).collect()
    };
    assert_eq!(order(), [1, 2, 3]);
    store.unknown(id, 1, "1", false).unwrap();
    assert_eq!(order(), [2, 3, 1]);
    store.unknown(id, 2, "2", false).unwrap();
    assert_eq!(order(), [3, 1, 2]);
}

fn a_result_that_answers_something_else_fails_its_batch(store: &dyn Store) {
    let id = store.create(&job("k", 1, 4, 6, 100)).unwrap().0.id;
    let key = claim(store, id).unwrap().idempotency_key;
    store.accept(id, 1, &key, &run("r")).unwrap();
    finish(store, id, 1, Ended::Completed);
    store.fail(id, 1, "r", "the result holds other ids", Some(7)).unwrap();
    assert_eq!(state(store, id, 1), BatchState::Failed);
    let sums = store.sums(id).unwrap();
    assert_eq!((sums.spent, sums.cut, sums.planned), (7, 0, 0), "nothing is planned anew");
}

fn the_sums_are_those_of_the_units(store: &dyn Store) {
    let id = store.create(&job("k", 4, 4, 6, 60)).unwrap().0.id;
    let check = || {
        let mut again = Sums::default();
        store.batches(id).unwrap().iter().for_each(|unit| again.add(unit));
        assert_eq!(store.sums(id).unwrap(), again);
    };
    check();
    let cut = Loaded { credits: Some(20), cut_ids: vec!["person-0-3".into()], ..loaded(0) };
    work(store, id, "one", &cut);
    check();
    let key = claim(store, id).unwrap().idempotency_key;
    store.doubt(id, 2, &key, Doubt { error: "reset", ..Doubt::default() }).unwrap();
    check();
    store.decide(id, 2, &Decision::Resend).unwrap();
    check();
    while let Some(claimed) = claim(store, id) {
        let name = claimed.number.to_string();
        store.accept(id, claimed.number, &claimed.idempotency_key, &run(&name)).unwrap();
        finish(store, id, claimed.number, Ended::Completed);
        load(store, id, claimed.number, &loaded(1));
        check();
    }
}
