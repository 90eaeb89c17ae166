//! Suppressed ids are never claimed, and nothing of an erased person is left.

use lantern::ledger::{
    Answered, Claim, Ended, Event, Loaded, NewJob, Store,
    erasure::{Person, is_erased},
    suppression::{Entry, Identifier},
};

use super::{
    behaviour::promises,
    common::{calls, claim, finish, job, load, run},
};

promises!(
    ids_on_the_list_are_taken_out_of_every_claim,
    a_list_of_a_job_holds_for_it_alone,
    an_erased_id_leaves_its_place_and_its_money,
    an_erased_call_leaves_its_place_and_its_money,
    old_answers_are_deleted_once,
    settings_are_kept,
);

fn id(text: &str) -> Entry {
    Entry { kind: Identifier::Id, text: text.into() }
}

fn create(store: &dyn Store, job: &NewJob) -> i64 {
    store.create(job).unwrap().0.id
}

fn work(store: &dyn Store, job: i64, name: &str, credits: u64) -> Option<Vec<String>> {
    let claimed = claim(store, job)?;
    store.accept(job, claimed.number, &claimed.idempotency_key, &run(name)).unwrap();
    finish(store, job, claimed.number, Ended::Completed);
    let loaded = Loaded { credits: Some(credits), returned: 1, ..Loaded::default() };
    load(store, job, claimed.number, &loaded);
    Some(claimed.ids)
}

fn ids_on_the_list_are_taken_out_of_every_claim(store: &dyn Store) {
    let first = create(store, &job("k", 3, 2, 6, 1_000));
    assert_eq!(store.suppress(&[id("person-0-1"), id("person-1-0"), id("person-1-1")]).unwrap(), 3);
    let claimed = claim(store, first).unwrap();
    assert_eq!((claimed.ids, claimed.max_credits), (vec!["person-0-0".to_owned()], 6));
    // A batch whose ids are all suppressed is set aside, and costs nothing.
    assert_eq!(work(store, first, "b", 5), Some(vec!["person-2-0".into(), "person-2-1".into()]));
    assert_eq!(store.claim(first, i64::MAX).unwrap(), Claim::AllSent);
    let sums = store.sums(first).unwrap();
    assert_eq!((sums.loaded, sums.planned, sums.in_flight, sums.spent), (2, 0, 1, 5));
    assert_eq!(store.all_ids(first).unwrap().len(), 6, "the rows keep their places");
    assert_eq!(store.unsuppress(&[id("person-0-1"), id("nobody")]).unwrap(), 1);
    assert_eq!(store.suppressed_kinds().unwrap(), [(Identifier::Id, 2)]);
    let other = create(store, &job("other", 1, 2, 6, 1_000));
    assert_eq!(claim(store, other).unwrap().ids, ["person-0-0", "person-0-1"]);
}

fn a_list_of_a_job_holds_for_it_alone(store: &dyn Store) {
    let planned = NewJob { suppress: vec![id("person-0-0")], ..job("k", 1, 3, 6, 1_000) };
    let own = create(store, &planned);
    store.resubmit(own, &NewJob { suppress: vec![id("person-0-2")], ..planned }).unwrap();
    assert_eq!(claim(store, own).unwrap().ids, ["person-0-1"], "the lists hold together");
    assert!(store.suppressed(Some(own)).unwrap().has_id("person-0-0"));
    assert!(store.suppressed(None).unwrap().is_empty());
    assert_eq!(store.suppressed_state(Some(own)).unwrap().0, 2);
    let other = create(store, &job("other", 1, 3, 6, 1_000));
    assert_eq!(claim(store, other).unwrap().ids.len(), 3);
}

fn an_erased_id_leaves_its_place_and_its_money(store: &dyn Store) {
    let own = create(store, &job("k", 3, 2, 6, 1_000));
    work(store, own, "a", 9).unwrap();
    let sent = claim(store, own).unwrap();
    let person = |ids: &[&str]| Person::new(ids.iter().map(|id| (*id).to_owned()), &[]);
    let erased = store.erase(&person(&["person-0-1", "person-1-0", "person-2-0"])).unwrap();
    assert_eq!((erased.ids, erased.under_way), (2, 1), "what is under way stays: {erased:?}");
    let all = store.all_ids(own).unwrap();
    assert!(is_erased(&all[1]) && is_erased(&all[4]), "{all:?}");
    assert_eq!((all[0].as_str(), all[2].as_str()), ("person-0-0", "person-1-0"));
    assert_ne!(all[1], all[4]);
    // Ids that were not sent before are no longer sent.
    assert_eq!(work(store, own, "c", 4), Some(vec!["person-2-1".into()]));
    store.accept(own, sent.number, &sent.idempotency_key, &run("b")).unwrap();
    finish(store, own, sent.number, Ended::Completed);
    load(store, own, sent.number, &Loaded { credits: Some(3), ..Loaded::default() });
    assert_eq!(store.sums(own).unwrap().spent, 16);
    assert_eq!(store.erase(&person(&["person-1-0"])).unwrap().ids, 1);
    assert_eq!(store.erase(&person(&["person-1-0"])).unwrap(), Default::default());
}

/// A job of calls with requests in plain JSON.
fn calls_of(rows: &[serde_json::Value]) -> NewJob {
    let packed = lantern::ledger::packed::pack_bytes(&serde_json::to_vec(rows).unwrap()).unwrap();
    let mut planned = calls("k", rows.len() as u64, 1, 5, 100);
    planned.calls.as_mut().unwrap().requests = vec![packed];
    planned
}

fn an_erased_call_leaves_its_place_and_its_money(store: &dyn Store) {
    let asked = |id: u32| serde_json::json!({"record_id": id.to_string(), "name": "Ada"});
    let own = create(store, &calls_of(&[asked(1), asked(2), asked(3)]));
    for (number, email) in [(1, "ada@acme.com"), (2, "bob@acme.com")] {
        let claimed = claim(store, own).unwrap();
        let answer = Answered {
            credits: Some(2),
            rows: vec![format!("{{\"email\": {email:?}}}")],
            ..Answered::default()
        };
        let key = Some(claimed.idempotency_key.as_str());
        assert!(store.step(own, number, key, Event::Answer(answer)).unwrap().fits);
    }
    let person = Person::new([], &["ADA@acme.com".to_owned()]);
    assert_eq!(store.recognize(&person).unwrap().ids.into_iter().collect::<Vec<_>>(), ["1"]);
    let person = Person::new(["1".to_owned(), "3".to_owned()], &["ada@acme.com".to_owned()]);
    let erased = store.erase(&person).unwrap();
    assert_eq!((erased.calls, erased.under_way), (2, 0));
    let answers = store.answers(own).unwrap();
    assert_eq!(answers[&1], br#"[{"lantern:erased":true}]"#);
    assert!(String::from_utf8_lossy(&answers[&2]).contains("bob@acme.com"));
    let requests = store.requests(own).unwrap().concat();
    let requests = lantern::ledger::packed::unpack_bytes(&requests).unwrap();
    let requests: Vec<serde_json::Value> = serde_json::from_slice(&requests).unwrap();
    assert_eq!(requests, [serde_json::json!({}), asked(2), serde_json::json!({})]);
    // The call that was not sent is set aside.
    assert_eq!(store.claim(own, i64::MAX).unwrap(), Claim::AllSent);
    assert_eq!(store.sums(own).unwrap().spent, 4);
    assert_eq!(store.recognize(&person).unwrap().ids, person.ids);
}

fn old_answers_are_deleted_once(store: &dyn Store) {
    let own = create(store, &job("k", 2, 2, 6, 1_000));
    work(store, own, "a", 9).unwrap();
    assert!(store.purge(0).unwrap().is_empty());
    let purged = store.purge(i64::MAX).unwrap();
    assert_eq!(purged.len(), 1);
    assert_eq!((purged[0].0.id, purged[0].1.run_id.as_deref()), (own, Some("a")));
    assert!(store.purge(i64::MAX).unwrap().is_empty());
    let batches = store.batches(own).unwrap();
    assert!(batches[0].purged_at.is_some() && batches[1].purged_at.is_none());
    assert_eq!(store.sums(own).unwrap().spent, 9);
    assert_eq!(work(store, own, "b", 9).unwrap().len(), 2, "the rest is sent as before");
}

fn settings_are_kept(store: &dyn Store) {
    assert_eq!(store.setting("retention").unwrap(), None);
    store.set_setting("retention", Some("30d")).unwrap();
    store.set_setting("retention", Some("60d")).unwrap();
    assert_eq!(store.setting("retention").unwrap().as_deref(), Some("60d"));
    store.set_setting("retention", None).unwrap();
    assert_eq!(store.setting("retention").unwrap(), None);
    store.remove_leftovers().unwrap();
    store.scrub().unwrap();
}
