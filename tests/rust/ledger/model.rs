//! Random histories of a job, compared with a simple model of what it may have cost.

use std::collections::{HashMap, HashSet};

use lantern::ledger::{BatchState, Claim, Decision, Doubt, Ended, Loaded, Store};
use proptest::prelude::*;

use super::common::{finish, job, load, run};

#[derive(Debug, Clone)]
enum Step {
    Claim,
    Release(usize),
    Accept(usize),
    Doubt(usize),
    Finish(usize, bool),
    /// The fraction of its maximum that it cost, if the report says so, and the number of ids that
    /// are cut.
    Load(usize, Option<f64>, usize),
    Resend(usize),
    Skip(usize),
    Attach(usize),
    Budget(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0_usize..64;
    prop_oneof![
        6 => Just(Step::Claim),
        1 => at.clone().prop_map(Step::Release),
        5 => at.clone().prop_map(Step::Accept),
        1 => at.clone().prop_map(Step::Doubt),
        5 => (at.clone(), prop::bool::weighted(0.9)).prop_map(|(at, well)| Step::Finish(at, well)),
        5 => (at.clone(), prop::option::weighted(0.8, 0.0..=1.0), 0_usize..4)
            .prop_map(|(at, part, cut)| Step::Load(at, part, cut)),
        1 => at.clone().prop_map(Step::Resend),
        1 => at.clone().prop_map(Step::Skip),
        1 => at.prop_map(Step::Attach),
        1 => (0_u64..400).prop_map(Step::Budget),
    ]
}

/// One sending, as seen outside of the ledger.
struct Sending {
    number: u32,
    key: String,
    /// What it may cost, or did cost.
    cost: u64,
}

/// Runs `steps` on a new job. After each it checks that what the job may have cost is within the
/// budget and equals what the ledger says.
fn walk(store: &dyn Store, steps: Vec<Step>) {
    let mut planned = job("k", 4, 5, 6, 100);
    let id = store.create(&planned).unwrap().0.id;
    // Every sending that was not reverted, and those of them that got no answer.
    let mut sendings: Vec<Sending> = Vec::new();
    let mut resends: HashMap<u32, u32> = HashMap::new();
    for step in steps {
        let batches = store.batches(id).unwrap();
        let states: Vec<BatchState> = batches.iter().map(|batch| batch.state).collect();
        let pick = |at: usize, from: &[BatchState]| {
            let fit: Vec<_> = batches.iter().filter(|batch| from.contains(&batch.state)).collect();
            (!fit.is_empty()).then(|| fit[at % fit.len()].clone())
        };
        let exposed: u64 = sendings.iter().map(|sending| sending.cost).sum();
        match step {
            Step::Claim => match store.claim(id, i64::MAX).unwrap() {
                Claim::Send(claimed) => {
                    let before = states.get(claimed.number as usize - 1);
                    assert!(before.is_none_or(|state| *state == BatchState::Planned));
                    assert!(
                        exposed + claimed.max_credits <= planned.max_credits,
                        "{exposed} and {} of {}",
                        claimed.max_credits,
                        planned.max_credits
                    );
                    let earlier = sendings.iter().filter(|old| old.number == claimed.number);
                    assert!(
                        earlier.count() as u32 <= *resends.get(&claimed.number).unwrap_or(&0),
                        "sent twice, and nobody said so"
                    );
                    sendings.push(Sending {
                        number: claimed.number,
                        key: claimed.idempotency_key,
                        cost: claimed.max_credits,
                    });
                }
                Claim::BudgetSpent { left } => {
                    assert_eq!(left, planned.max_credits.saturating_sub(exposed));
                }
                Claim::Wait | Claim::AllSent => {}
            },
            Step::Release(at) => {
                if let Some(batch) = pick(at, &[BatchState::Sending]) {
                    store.release(id, batch.number, &batch.idempotency_key, "").unwrap();
                    sendings.retain(|sending| sending.key != batch.idempotency_key);
                }
            }
            Step::Accept(at) => {
                if let Some(batch) = pick(at, &[BatchState::Sending, BatchState::InDoubt]) {
                    let key = &batch.idempotency_key;
                    assert!(store.accept(id, batch.number, key, &run(key)).unwrap());
                }
            }
            Step::Doubt(at) => {
                if let Some(batch) = pick(at, &[BatchState::Sending]) {
                    store
                        .doubt(
                            id,
                            batch.number,
                            &batch.idempotency_key,
                            Doubt { error: "", ..Doubt::default() },
                        )
                        .unwrap();
                }
            }
            Step::Finish(at, well) => {
                if let Some(batch) = pick(at, &[BatchState::Accepted]) {
                    let end = if well { Ended::Completed } else { Ended::failed("no") };
                    finish(store, id, batch.number, end);
                }
            }
            Step::Load(at, part, cut) => {
                if let Some(batch) = pick(at, &[BatchState::Completed]) {
                    let credits = part.map(|part| (batch.max_credits as f64 * part) as u64);
                    let ids = store.batch_ids(id, batch.number).unwrap();
                    let cut_ids = ids[ids.len() - cut.min(ids.len())..].to_vec();
                    let loaded = Loaded { credits, cut_ids, ..Loaded::default() };
                    load(store, id, batch.number, &loaded);
                    let own = sendings.iter_mut().find(|own| own.key == batch.idempotency_key);
                    own.unwrap().cost = credits.unwrap_or(batch.max_credits);
                }
            }
            Step::Resend(at) => {
                let from = [BatchState::InDoubt, BatchState::Failed, BatchState::Skipped];
                if let Some(batch) = pick(at, &from) {
                    store.decide(id, batch.number, &Decision::Resend).unwrap();
                    *resends.entry(batch.number).or_default() += 1;
                }
            }
            Step::Skip(at) => {
                if let Some(batch) = pick(at, &[BatchState::InDoubt]) {
                    store.decide(id, batch.number, &Decision::Skip).unwrap();
                }
            }
            Step::Attach(at) => {
                if let Some(batch) = pick(at, &[BatchState::InDoubt, BatchState::Skipped]) {
                    store.decide(id, batch.number, &Decision::Attach(run("attached"))).unwrap();
                }
            }
            Step::Budget(credits) => {
                planned.max_credits = credits;
                store.resubmit(id, &planned).unwrap();
            }
        }
        let sums = store.sums(id).unwrap();
        let exposed: u64 = sendings.iter().map(|sending| sending.cost).sum();
        assert_eq!(sums.spent + sums.committed, exposed, "{sums:?}");
        // No id is in two batches that may still be sent or answered.
        let mut open = HashSet::new();
        for batch in store.batches(id).unwrap().iter().filter(|batch| !batch.state.ended()) {
            for own in store.batch_ids(id, batch.number).unwrap() {
                assert!(open.insert(own.clone()), "{own} stands in two open batches");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_exceeds_the_budget_or_sends_a_batch_twice(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        let (ledger, _folder) = super::common::sqlite();
        walk(&ledger, steps);
    }
}

proptest! {
    // Each history has a database of its own.
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_on_postgres_exceeds_the_budget_or_sends_a_batch_twice(
        steps in prop::collection::vec(step(), 1..80)
    ) {
        if let Some((ledger, ..)) = super::server::ledger() {
            walk(&ledger, steps);
        }
    }
}
