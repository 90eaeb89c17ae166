//! Whatever happens in whatever order, a ledger never exceeds its budget and never allows a batch
//! to be sent twice. Written against `dyn Store`, so that it can test every store.

use std::collections::{HashMap, HashSet};

use lantern::ledger::{
    Accepted, BatchState, Claim, Decision, Doubt, Ended, Finished, Loaded, NewJob, Store,
    sqlite::SqliteLedger,
};
use proptest::prelude::*;

fn job(key: &str, batches: &[usize], max_credits: u64, price: u64) -> NewJob {
    let mut next = 0;
    let batches: Vec<Vec<String>> = batches
        .iter()
        .map(|count| {
            let ids = (next..next + count).map(|id| format!("id{id}")).collect();
            next += count;
            ids
        })
        .collect();
    NewJob {
        account: "test".into(),
        key: key.into(),
        kind: "email".into(),
        parameters: "{}".into(),
        digest: "d".into(),
        id_column: "id".into(),
        id_type: "Utf8".into(),
        rows: next as u64,
        batches,
        row_ids: Vec::new(),
        max_credits,
        price,
        base_url: "http://localhost".into(),
        calls: None,
        memory: None,
        suppress: Vec::new(),
        budget: None,
    }
}

fn run(number: u32) -> Accepted {
    Accepted {
        run_id: format!("run-{number}"),
        result_path: format!("s3://b/{number}.csv"),
        credits_path: None,
    }
}

/// Ends the current run of a batch.
fn finish(store: &dyn Store, job: i64, number: u32, end: Ended) {
    let run_id = run(number).run_id;
    store.finish(job, &[Finished { number, run_id, end }]).unwrap();
}

const LATER: i64 = i64::MAX;

fn open() -> (tempfile::TempDir, SqliteLedger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = SqliteLedger::open(&folder.path().join("ledger.sqlite")).unwrap();
    (folder, ledger)
}

fn claim(store: &dyn Store, job: i64) -> Option<lantern::ledger::Claimed> {
    match store.claim(job, LATER).unwrap() {
        Claim::Send(claimed) => Some(claimed),
        _ => None,
    }
}

#[derive(Debug, Clone)]
enum Step {
    Claim,
    Release(usize),
    Accept(usize),
    Doubt(usize),
    Resend(usize),
    Skip(usize),
    Finish(usize, bool),
    /// The fraction of its credits that a batch cost, whether the report says so, and how many ids
    /// it cut.
    Load(usize, f64, bool, usize),
    Budget(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let nth = 0_usize..8;
    prop_oneof![
        4 => Just(Step::Claim),
        1 => nth.clone().prop_map(Step::Release),
        3 => nth.clone().prop_map(Step::Accept),
        1 => nth.clone().prop_map(Step::Doubt),
        1 => nth.clone().prop_map(Step::Resend),
        1 => nth.clone().prop_map(Step::Skip),
        3 => (nth.clone(), prop::bool::weighted(0.9)).prop_map(|(n, ok)| Step::Finish(n, ok)),
        3 => (nth, 0.0..=1.0_f64, any::<bool>(), 0_usize..4)
            .prop_map(|(n, part, told, cut)| Step::Load(n, part, told, cut)),
        1 => (20_u64..2_000).prop_map(Step::Budget),
    ]
}

/// One history: what is submitted, and what happens to it.
type History = (Vec<usize>, u64, u64, Vec<Step>);

fn history() -> impl Strategy<Value = History> {
    (
        prop::collection::vec(1_usize..20, 1..8),
        10_u64..600,
        1_u64..8,
        prop::collection::vec(step(), 1..80),
    )
}

/// Runs a history on a ledger, and checks the invariants after each step.
fn walk(
    store: &dyn Store,
    (counts, max_credits, price, steps): History,
) -> Result<(), TestCaseError> {
    let (record, _) = store.create(&job("k", &counts, max_credits, price)).unwrap();
    let (id, mut budget) = (record.id, max_credits);
    // How often each request may be sent, and how often it was sent.
    let mut sent: HashMap<String, u32> = HashMap::new();
    // What the sendings of batches that were sent again may have cost.
    let mut written_off = 0;
    for step in steps {
        let batches = store.batches(id).unwrap();
        let pick = |n: usize, states: &[BatchState]| {
            let fit: Vec<_> = batches.iter().filter(|b| states.contains(&b.state)).collect();
            (!fit.is_empty()).then(|| fit[n % fit.len()].clone())
        };
        match step {
            Step::Claim => {
                if let Some(claimed) = claim(store, id) {
                    prop_assert!(claimed.max_credits >= 1);
                    *sent.entry(claimed.idempotency_key).or_default() += 1;
                }
            }
            Step::Release(n) => {
                if let Some(batch) = pick(n, &[BatchState::Sending]) {
                    store.release(id, batch.number, &batch.idempotency_key, "refused").unwrap();
                    // It was not sent, so it may be sent with the same idempotency key.
                    *sent.entry(batch.idempotency_key).or_default() -= 1;
                }
            }
            Step::Accept(n) => {
                if let Some(batch) = pick(n, &[BatchState::Sending]) {
                    let key = &batch.idempotency_key;
                    prop_assert!(store.accept(id, batch.number, key, &run(batch.number)).unwrap());
                }
            }
            Step::Doubt(n) => {
                if let Some(batch) = pick(n, &[BatchState::Sending]) {
                    store
                        .doubt(
                            id,
                            batch.number,
                            &batch.idempotency_key,
                            Doubt { error: "reset", ..Doubt::default() },
                        )
                        .unwrap();
                }
            }
            Step::Resend(n) => {
                if let Some(batch) = pick(n, &[BatchState::InDoubt, BatchState::Failed]) {
                    store.decide(id, batch.number, &Decision::Resend).unwrap();
                    written_off += batch.max_credits;
                }
            }
            Step::Skip(n) => {
                if let Some(batch) = pick(n, &[BatchState::InDoubt]) {
                    store.decide(id, batch.number, &Decision::Skip).unwrap();
                }
            }
            Step::Finish(n, ok) => {
                if let Some(batch) = pick(n, &[BatchState::Accepted]) {
                    let end = if ok { Ended::Completed } else { Ended::failed("f") };
                    finish(store, id, batch.number, end);
                }
            }
            Step::Load(n, part, told, cut) => {
                if let Some(batch) = pick(n, &[BatchState::Completed]) {
                    let ids = store.batch_ids(id, batch.number).unwrap();
                    let cut_ids = ids[ids.len() - cut.min(ids.len())..].to_vec();
                    let credits = told.then_some((batch.max_credits as f64 * part) as u64);
                    let returned = (ids.len() - cut_ids.len()) as u32;
                    let loaded = Loaded { credits, returned, cut_ids, ..Loaded::default() };
                    store.load(id, batch.number, &run(batch.number).run_id, &loaded).unwrap();
                }
            }
            Step::Budget(new) => {
                budget = new;
                store.resubmit(id, &job("k", &counts, new, price)).unwrap();
            }
        }
        let sums = store.sums(id).unwrap();
        // A lowered budget may be below what was spent; then nothing more is sent.
        if sums.spent + sums.committed > budget {
            prop_assert!(claim(store, id).is_none());
        }
        prop_assert!(sent.values().all(|count| *count <= 1), "a request left twice");
        let after = store.batches(id).unwrap();
        let all: u64 = after
            .iter()
            .filter(|batch| batch.state != BatchState::Planned)
            .map(|batch| match batch.state {
                BatchState::Loaded => batch.credits.unwrap_or(batch.max_credits),
                _ => batch.max_credits,
            })
            .sum();
        prop_assert_eq!(all + written_off, sums.spent + sums.committed);
    }
    // No id is answered by two batches, and none disappears from the plan.
    let mut answered = HashSet::new();
    let mut known = HashSet::new();
    for batch in store.batches(id).unwrap() {
        let ids = store.batch_ids(id, batch.number).unwrap();
        let reached = ids.len() - batch.cut as usize;
        known.extend(ids.iter().cloned());
        if batch.state == BatchState::Loaded {
            for id in &ids[..reached] {
                prop_assert!(answered.insert(id.clone()), "{} was paid for twice", id);
            }
        }
    }
    prop_assert_eq!(known.len(), counts.iter().sum::<usize>());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_order_of_events_exceeds_the_budget_or_sends_twice(history in history()) {
        let (_folder, ledger) = open();
        walk(&ledger, history)?;
    }
}

proptest! {
    // Each history has a database of its own.
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_events_on_postgres_exceeds_the_budget_or_sends_twice(history in history()) {
        if let Some((ledger, ..)) = crate::ledger::server::ledger() {
            walk(&ledger, history)?;
        }
    }
}

#[test]
fn many_threads_claim_each_batch_once_within_the_budget() {
    let (folder, _ledger) = open();
    let path = folder.path().join("ledger.sqlite");
    let first = SqliteLedger::open(&path).unwrap();
    let (record, _) = first.create(&job("k", &[10; 60], 305, 1)).unwrap();
    let claimed: Vec<u32> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..6)
            .map(|_| {
                let path = &path;
                scope.spawn(move || {
                    let own = SqliteLedger::open(path).unwrap();
                    let mut got = Vec::new();
                    while let Some(claimed) = claim(&own, record.id) {
                        got.push(claimed.number);
                        let (number, key) = (claimed.number, &claimed.idempotency_key);
                        assert!(own.accept(record.id, number, key, &run(number)).unwrap());
                    }
                    got
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(claimed.len(), 30, "305 credits pay for 30 batches of 10 ids");
    assert_eq!(claimed.iter().collect::<HashSet<_>>().len(), 30);
}

#[test]
fn a_sending_is_in_doubt_once_its_owner_is_gone_and_not_before() {
    let (folder, first) = open();
    let (record, _) = first.create(&job("k", &[5, 5], 100, 1)).unwrap();
    let claimed = claim(&first, record.id).unwrap();
    let second = SqliteLedger::open(&folder.path().join("ledger.sqlite")).unwrap();
    second.find_doubt(record.id).unwrap();
    assert_eq!(second.batches(record.id).unwrap()[0].state, BatchState::Sending);
    drop(first);
    second.find_doubt(record.id).unwrap();
    let batch = &second.batches(record.id).unwrap()[0];
    assert_eq!(batch.state, BatchState::InDoubt);
    assert!(batch.error.as_deref().unwrap().contains("ended before an answer came"));
    assert_eq!(claim(&second, record.id).unwrap().number, 2, "it is never sent again by itself");
    // An answer that arrives late is accepted nevertheless.
    assert!(second.accept(record.id, 1, &claimed.idempotency_key, &run(1)).unwrap());
    assert_eq!(second.batches(record.id).unwrap()[0].state, BatchState::Accepted);
}

#[test]
fn a_sending_that_lasts_too_long_is_in_doubt() {
    let (_folder, ledger) = open();
    let (record, _) = ledger.create(&job("k", &[5], 100, 1)).unwrap();
    assert!(matches!(ledger.claim(record.id, 1).unwrap(), Claim::Send(_)));
    ledger.find_doubt(record.id).unwrap();
    assert_eq!(ledger.batches(record.id).unwrap()[0].state, BatchState::InDoubt);
}

#[test]
fn the_same_key_of_two_accounts_names_two_jobs() {
    let (_folder, ledger) = open();
    let mine = job("monday", &[5], 100, 1);
    let other = NewJob { account: "other".into(), ..mine.clone() };
    let (first, new) = ledger.create(&mine).unwrap();
    assert!(new);
    let (second, new) = ledger.create(&other).unwrap();
    assert!(new && first.id != second.id);
    assert!(!ledger.create(&mine).unwrap().1);
    assert_eq!(ledger.jobs(Some("other")).unwrap().len(), 1);
    assert_eq!(ledger.jobs(None).unwrap().len(), 2);
}

#[test]
fn only_a_batch_in_doubt_can_be_decided_about() {
    let (_folder, ledger) = open();
    let (record, _) = ledger.create(&job("k", &[5], 100, 1)).unwrap();
    for decision in [Decision::Resend, Decision::Skip, Decision::Attach(run(1))] {
        let error = ledger.decide(record.id, 1, &decision).unwrap_err().to_string();
        assert!(error.contains("batch 1 is planned"), "{error}");
    }
    let error = ledger.decide(record.id, 9, &Decision::Skip).unwrap_err().to_string();
    assert!(error.contains("there is no batch 9"), "{error}");
}
