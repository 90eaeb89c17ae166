//! The promises of a store, each tested on a ledger of its own. Another store adds a line below.

use lantern::ledger::{
    BatchState, Claim, Decision, Doubt, Ended, Finished, Loaded, Peek, Store, rules::Sums,
};

use super::common::{claim, finish, job, load, loaded, run, work};

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
    a_sending_that_lasts_too_long_is_in_doubt_and_a_live_one_is_not,
    the_run_that_was_not_looked_at_for_the_longest_comes_first,
    a_result_that_answers_something_else_fails_its_batch,
    the_sums_are_those_of_the_units,
);

fn state(store: &dyn Store, job: i64, number: u32) -> BatchState {
    store.batches(job).unwrap()[number as usize - 1].state
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
