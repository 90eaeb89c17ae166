//! The memory of records: known answers are not asked for, what other jobs ask for is waited for,
//! and no history of jobs buys a record twice.

use std::collections::HashMap;

use lantern::{
    api::agents::BatchKind,
    ledger::{
        BatchState, Claimed, Decision, Doubt, Ended, Loaded, NewJob, Reuse, Store,
        memory::{Answer, EMAIL, NewMemory, PHONE, Parts, Question, Wish, found, kind_of, parts},
        suppression::{Entry, Identifier},
    },
};
use proptest::prelude::*;

use super::common::{claim, finish, job, run, sqlite};

fn wish(kind: BatchKind, reuse: Reuse) -> Wish {
    let question = Question {
        account: "api.example.com".into(),
        family: "contact".into(),
        parameters: "{}".into(),
    };
    Wish { question, parts: parts(kind), reuse }
}

/// Plans a job as a submission does, in batches of `size`.
fn plan(
    store: &dyn Store,
    key: &str,
    kind: BatchKind,
    ids: &[&str],
    size: usize,
    reuse: Reuse,
) -> i64 {
    let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let wish = wish(kind, reuse);
    let recall = store.recall(&wish, &ids, None).unwrap();
    let (mut batches, mut kinds, mut reused, mut partly) = (vec![], vec![], vec![], vec![]);
    let mut groups: HashMap<Parts, Vec<String>> = HashMap::new();
    for (id, recalled) in ids.iter().zip(&recall.of) {
        if recalled.missing == 0 {
            reused.push((id.clone(), *recalled));
            continue;
        }
        if recalled.flags != 0 {
            partly.push((id.clone(), *recalled));
        }
        groups.entry(recalled.missing).or_default().push(id.clone());
    }
    for (missing, ids) in groups {
        for batch in ids.chunks(size) {
            batches.push(batch.to_vec());
            kinds.push(Some(kind_of(kind, missing)).filter(|own| *own != kind));
        }
    }
    let memory = NewMemory { wish, as_of: recall.as_of, kinds, reused, partly };
    let planned = NewJob {
        kind: kind.name().into(),
        rows: ids.len() as u64,
        batches,
        memory: Some(memory),
        ..job(key, 0, 0, 6, 1_000)
    };
    store.create(&planned).unwrap().0.id
}

/// Answers a claimed unit, with every id found.
fn answer(store: &dyn Store, job: i64, claimed: &Claimed, kind: BatchKind) {
    let asked = parts(claimed.kind.unwrap_or(kind));
    let flags = asked | found(asked & EMAIL) | found(asked & PHONE);
    let key = &claimed.idempotency_key;
    store.accept(job, claimed.number, key, &run(key)).unwrap();
    finish(store, job, claimed.number, Ended::Completed);
    let records = claimed.ids.iter().map(|_| Answer { flags, credits: Some(1) }).collect();
    let loaded = Loaded {
        credits: Some(claimed.ids.len() as u64),
        returned: claimed.ids.len() as u32,
        records,
        ..Loaded::default()
    };
    store.load(job, claimed.number, key, &loaded).unwrap();
}

fn what_is_known_is_not_asked(store: &dyn Store) {
    let first = plan(store, "first", BatchKind::Email, &["a", "b", "c"], 2, Reuse::ALWAYS);
    while let Some(claimed) = claim(store, first) {
        answer(store, first, &claimed, BatchKind::Email);
    }
    let second = plan(store, "second", BatchKind::Email, &["c", "d", "a"], 2, Reuse::ALWAYS);
    assert_eq!(store.all_ids(second).unwrap(), ["d", "c", "a"]);
    assert_eq!(store.sums(second).unwrap().reused, 2);
    let claimed = claim(store, second).unwrap();
    assert_eq!(claimed.ids, ["d"]);
    answer(store, second, &claimed, BatchKind::Email);
    assert!(claim(store, second).is_none());
    // A job for pairs knows the addresses and asks for the phone numbers only.
    let pair = plan(store, "pair", BatchKind::PhoneEmail, &["a", "x"], 2, Reuse::ALWAYS);
    let mut asked: Vec<_> = std::iter::from_fn(|| claim(store, pair))
        .map(|claimed| (claimed.ids.clone(), claimed.kind))
        .collect();
    asked.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        asked,
        [(vec!["a".to_owned()], Some(BatchKind::Phone)), (vec!["x".to_owned()], None)]
    );
    // A job that accepts no known answers asks for everything.
    let anew = plan(store, "anew", BatchKind::Email, &["a"], 2, Reuse::NEVER);
    assert_eq!(claim(store, anew).unwrap().ids, ["a"]);
}

fn what_another_job_asks_is_waited_for(store: &dyn Store) {
    let first = plan(store, "first", BatchKind::Email, &["a", "b"], 10, Reuse::ALWAYS);
    let second = plan(store, "second", BatchKind::Email, &["b", "c"], 10, Reuse::ALWAYS);
    let of_first = claim(store, first).unwrap();
    let of_second = claim(store, second).unwrap();
    assert_eq!(of_second.ids, ["c"], "b is on its way");
    assert_eq!(store.sums(second).unwrap().held, 1);
    assert!(!store.replan(second).unwrap().changed);
    answer(store, first, &of_first, BatchKind::Email);
    assert!(store.replan(second).unwrap().changed);
    let sums = store.sums(second).unwrap();
    assert_eq!((sums.held, sums.reused), (0, 1));
    answer(store, second, &of_second, BatchKind::Email);
    assert!(claim(store, second).is_none());
    assert_eq!(store.sums(second).unwrap().returned, 1);
    // A unit without any ids left is loaded without being sent.
    let third = plan(store, "third", BatchKind::Email, &["z"], 10, Reuse::ALWAYS);
    let fourth = plan(store, "fourth", BatchKind::Email, &["z"], 10, Reuse::ALWAYS);
    let claimed = claim(store, third).unwrap();
    assert!(claim(store, fourth).is_none());
    assert_eq!(store.batches(fourth).unwrap()[0].state, BatchState::Loaded);
    // Once that run has failed, the other job asks itself.
    let key = &claimed.idempotency_key;
    store.accept(third, claimed.number, key, &run(key)).unwrap();
    finish(store, third, claimed.number, Ended::failed("no"));
    assert!(store.replan(fourth).unwrap().changed);
    assert_eq!(claim(store, fourth).unwrap().ids, ["z"]);
}

fn what_was_answered_by_a_foreign_result_waits_for_a_decision(store: &dyn Store) {
    let first = plan(store, "first", BatchKind::Email, &["a", "b"], 10, Reuse::ALWAYS);
    let fail = |claimed: &Claimed| {
        let key = &claimed.idempotency_key;
        store.accept(first, claimed.number, key, &run(key)).unwrap();
        finish(store, first, claimed.number, Ended::Completed);
        store.fail(first, claimed.number, key, "it does not fit", Some(2)).unwrap();
    };
    fail(&claim(store, first).unwrap());
    let second = plan(store, "second", BatchKind::Email, &["b", "c"], 10, Reuse::ALWAYS);
    assert_eq!(claim(store, second).unwrap().ids, ["c"], "b was probably paid for");
    let waits = store.replan(second).unwrap().waits;
    assert_eq!(
        waits.iter().map(|wait| (wait.job, wait.state)).collect::<Vec<_>>(),
        [(first, BatchState::Failed)]
    );
    assert!(waits[0].needs_decision());
    // It is sent again, and the same happens. Once it is given up, the other job asks itself.
    store.decide(first, 1, &Decision::Resend).unwrap();
    fail(&claim(store, first).unwrap());
    assert!(!store.replan(second).unwrap().changed);
    store.decide(first, 1, &Decision::Skip).unwrap();
    assert!(store.replan(second).unwrap().changed);
    assert_eq!(claim(store, second).unwrap().ids, ["b"]);
    assert_eq!(store.sums(first).unwrap().spent, 4);
}

/// A UUID in small letters and in capitals.
fn uuid(number: u32) -> [String; 2] {
    let small = format!("8c6f2a10-0b1d-4e5f-9abc-{number:012x}");
    [small.clone(), small.to_uppercase()]
}

fn texts(ids: &[String]) -> Vec<&str> {
    ids.iter().map(String::as_str).collect()
}

fn a_uuid_in_another_case_is_the_same_record(store: &dyn Store) {
    let [ids, capitals]: [Vec<String>; 2] =
        [0, 1].map(|case| (0xa..0xd).map(|number| uuid(number)[case].clone()).collect());
    let first = plan(store, "first", BatchKind::Email, &texts(&capitals[..2]), 2, Reuse::ALWAYS);
    let claimed = claim(store, first).unwrap();
    assert_eq!(claimed.ids, capitals[..2], "it is sent as it is spelled");
    // What is on its way is waited for in every case.
    let second = plan(store, "second", BatchKind::Email, &texts(&ids), 3, Reuse::ALWAYS);
    let of_second = claim(store, second).unwrap();
    assert_eq!((of_second.ids.as_slice(), store.sums(second).unwrap().held), (&ids[2..], 2));
    answer(store, first, &claimed, BatchKind::Email);
    assert!(store.replan(second).unwrap().changed);
    assert_eq!(store.sums(second).unwrap().reused, 2);
    answer(store, second, &of_second, BatchKind::Email);
    // What is known is known in every case, before and after it is folded.
    for _ in 0..2 {
        for asked in [&ids, &capitals] {
            let recall = store.recall(&wish(BatchKind::Email, Reuse::ALWAYS), asked, None).unwrap();
            assert!(recall.of.iter().all(|recalled| recalled.missing == 0), "{asked:?}");
        }
    }
    // A list in one case holds in the other.
    let entry = |id: &String| Entry { kind: Identifier::Id, text: id.clone() };
    let [small, large] = uuid(0xff);
    assert_eq!(store.suppress(&[entry(&large)]).unwrap(), 1);
    let third = plan(store, "third", BatchKind::Email, &[small.as_str()], 2, Reuse::ALWAYS);
    assert!(claim(store, third).is_none());
    assert_eq!(store.unsuppress(&[entry(&small)]).unwrap(), 1);
    assert!(!store.suppressed(None).unwrap().has_id(&large));
    // Other ids are other records.
    let fourth = plan(store, "fourth", BatchKind::Email, &["p7"], 2, Reuse::ALWAYS);
    answer(store, fourth, &claim(store, fourth).unwrap(), BatchKind::Email);
    let fifth = plan(store, "fifth", BatchKind::Email, &["P7"], 2, Reuse::ALWAYS);
    assert_eq!(claim(store, fifth).unwrap().ids, ["P7"]);
}

super::behaviour::promises! {
    what_is_known_is_not_asked,
    what_another_job_asks_is_waited_for,
    what_was_answered_by_a_foreign_result_waits_for_a_decision,
    a_uuid_in_another_case_is_the_same_record,
}

#[derive(Debug, Clone)]
enum Move {
    /// A job that asks a kind for some of ten people, given as a set of bits.
    Submit(usize, u16),
    Claim(usize),
    Release(usize),
    Doubt(usize),
    Answer(usize),
    Fail(usize),
    Resend(usize),
    Skip(usize),
    Replan(usize),
    Remember,
}

const KINDS: [BatchKind; 3] = [BatchKind::Email, BatchKind::Phone, BatchKind::PhoneEmail];
const PEOPLE: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];

fn moves() -> impl Strategy<Value = Move> {
    let at = 0_usize..64;
    prop_oneof![
        3 => (0_usize..3, any::<u16>()).prop_map(|(kind, ids)| Move::Submit(kind, ids)),
        8 => at.clone().prop_map(Move::Claim),
        1 => at.clone().prop_map(Move::Release),
        1 => at.clone().prop_map(Move::Doubt),
        6 => at.clone().prop_map(Move::Answer),
        1 => at.clone().prop_map(Move::Fail),
        1 => at.clone().prop_map(Move::Resend),
        1 => at.clone().prop_map(Move::Skip),
        3 => at.prop_map(Move::Replan),
        1 => Just(Move::Remember),
    ]
}

/// Runs a history of many jobs, and checks that no part of a person's answer is in flight twice or
/// bought although it is known, except for what a person has sent again or given up, and for failed
/// runs.
fn walk(store: &dyn Store, moves: Vec<Move>) {
    let mut jobs: Vec<(i64, BatchKind, Vec<&str>)> = Vec::new();
    let mut open: Vec<(usize, Claimed)> = Vec::new();
    // What was bought and answered, and what was lost by a person's decision.
    let mut known: HashMap<(String, Parts), u32> = HashMap::new();
    for each in moves {
        match each {
            Move::Submit(kind, bits) => {
                let ids: Vec<&str> = PEOPLE
                    .into_iter()
                    .enumerate()
                    .filter(|(at, _)| bits & (1 << at) != 0)
                    .map(|(_, id)| id)
                    .collect();
                let key = format!("job {}", jobs.len());
                let id = plan(store, &key, KINDS[kind], &ids, 3, Reuse::ALWAYS);
                jobs.push((id, KINDS[kind], ids));
            }
            Move::Claim(at) if !jobs.is_empty() => {
                let at = at % jobs.len();
                let Some(claimed) = claim(store, jobs[at].0) else { continue };
                let asked = parts(claimed.kind.unwrap_or(jobs[at].1));
                for part in [EMAIL, PHONE].into_iter().filter(|part| asked & part != 0) {
                    for id in &claimed.ids {
                        assert!(!known.contains_key(&(id.clone(), part)), "{id} is known");
                        let twice = open.iter().any(|(other, own)| {
                            parts(own.kind.unwrap_or(jobs[*other].1)) & part != 0
                                && own.ids.contains(id)
                        });
                        assert!(!twice, "{id} is on its way twice");
                    }
                }
                open.push((at, claimed));
            }
            Move::Release(at) if !open.is_empty() => {
                let at = at % open.len();
                let (of, claimed) = &open[at];
                let key = &claimed.idempotency_key;
                store.release(jobs[*of].0, claimed.number, key, "refused").unwrap();
                open.swap_remove(at);
            }
            Move::Doubt(at) if !open.is_empty() => {
                let (of, claimed) = &open[at % open.len()];
                let key = &claimed.idempotency_key;
                store
                    .doubt(
                        jobs[*of].0,
                        claimed.number,
                        key,
                        Doubt { error: "lost", ..Doubt::default() },
                    )
                    .unwrap();
            }
            Move::Answer(at) if !open.is_empty() => {
                let (of, claimed) = open.swap_remove(at % open.len());
                answer(store, jobs[of].0, &claimed, jobs[of].1);
                let asked = parts(claimed.kind.unwrap_or(jobs[of].1));
                for part in [EMAIL, PHONE].into_iter().filter(|part| asked & part != 0) {
                    for id in &claimed.ids {
                        *known.entry((id.clone(), part)).or_default() += 1;
                    }
                }
            }
            Move::Fail(at) if !open.is_empty() => {
                let (of, claimed) = open.swap_remove(at % open.len());
                let key = &claimed.idempotency_key;
                store.accept(jobs[of].0, claimed.number, key, &run(key)).unwrap();
                finish(store, jobs[of].0, claimed.number, Ended::failed("no"));
            }
            Move::Resend(at) | Move::Skip(at) if !open.is_empty() => {
                let at = at % open.len();
                let (of, claimed) = &open[at];
                let decision = match each {
                    Move::Resend(_) => Decision::Resend,
                    _ => Decision::Skip,
                };
                let unit = &store.batches(jobs[*of].0).unwrap()[claimed.number as usize - 1];
                if unit.state == BatchState::InDoubt {
                    store.decide(jobs[*of].0, claimed.number, &decision).unwrap();
                    open.swap_remove(at);
                }
            }
            Move::Replan(at) if !jobs.is_empty() => {
                store.replan(jobs[at % jobs.len()].0).unwrap();
            }
            Move::Remember => {
                if let Some((id, ..)) = jobs.first() {
                    let question = store.state(*id).unwrap().0.question.unwrap();
                    store.remember(question).unwrap();
                }
            }
            _ => {}
        }
    }
    // In the end everything is answered that can be, and no id is lost.
    for _ in 0..PEOPLE.len() * 4 {
        for (of, claimed) in open.drain(..) {
            let unit = &store.batches(jobs[of].0).unwrap()[claimed.number as usize - 1];
            if matches!(unit.state, BatchState::Sending | BatchState::InDoubt) {
                answer(store, jobs[of].0, &claimed, jobs[of].1);
            }
        }
        for (at, (id, ..)) in jobs.iter().enumerate() {
            store.replan(*id).unwrap();
            while let Some(claimed) = claim(store, *id) {
                open.push((at, claimed));
            }
        }
        // A job may wait for one whose last ids were taken out in this round.
        let waits = |id| store.sums(id).unwrap().held > 0;
        if open.is_empty() && !jobs.iter().any(|(id, ..)| waits(*id)) {
            break;
        }
    }
    for (id, _, ids) in &jobs {
        let sums = store.sums(*id).unwrap();
        assert_eq!(sums.held, 0, "{sums:?}");
        assert_eq!(sums.planned, 0, "{sums:?}");
        let mut all = store.all_ids(*id).unwrap();
        all.sort();
        assert_eq!(all, *ids, "each id stands in the plan once");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_of_many_jobs_buys_what_is_known_or_on_its_way(
        moves in prop::collection::vec(moves(), 1..80)
    ) {
        let (ledger, _folder) = sqlite();
        walk(&ledger, moves);
    }
}

proptest! {
    // Each history has a database of its own.
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_history_on_postgres_buys_what_is_known_or_on_its_way(
        moves in prop::collection::vec(moves(), 1..60)
    ) {
        if let Some((ledger, ..)) = super::server::ledger() {
            walk(&ledger, moves);
        }
    }
}

#[test]
fn many_layers_find_what_one_would() {
    let (ledger, _folder) = sqlite();
    let ids: Vec<String> = (0..5_000).map(|at| format!("person {at}")).collect();
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    for (at, part) in texts.chunks(700).enumerate() {
        let job = plan(&ledger, &at.to_string(), BatchKind::Email, part, 100, Reuse::ALWAYS);
        while let Some(claimed) = claim(&ledger, job) {
            answer(&ledger, job, &claimed, BatchKind::Email);
        }
    }
    let mut asked = ids.clone();
    asked.extend((0..500).map(|at| format!("stranger {at}")));
    let recall = ledger.recall(&wish(BatchKind::Email, Reuse::ALWAYS), &asked, None).unwrap();
    for (at, recalled) in recall.of.iter().enumerate() {
        assert_eq!(recalled.missing == 0, at < ids.len(), "{}", asked[at]);
    }
    let few = vec![ids[17].clone(), "nobody".to_owned()];
    let recall = ledger.recall(&wish(BatchKind::Email, Reuse::ALWAYS), &few, None).unwrap();
    assert_eq!(recall.of.map_missing(), [0, EMAIL]);
}

trait Missing {
    fn map_missing(&self) -> Vec<Parts>;
}

impl Missing for Vec<lantern::ledger::memory::Recalled> {
    fn map_missing(&self) -> Vec<Parts> {
        self.iter().map(|recalled| recalled.missing).collect()
    }
}
