//! Budgets above jobs, which several jobs together never exceed.

use std::sync::atomic::{AtomicUsize, Ordering};

use lantern::{
    error::ErrorKind,
    ledger::{Claim, Decision, Doubt, Ended, Loaded, NewJob, Peek, Per, Store},
};
use rusqlite::Connection;

use super::{
    behaviour::promises,
    common::{claim, finish, job, load, run, sqlite},
};

promises!(
    jobs_below_a_budget_share_it,
    what_is_doubtful_stays_counted_and_what_was_refused_comes_back,
    a_lowered_budget_stops_and_a_raised_one_goes_on,
    a_renamed_budget_keeps_its_jobs_and_a_removed_one_stops_them,
    a_job_keeps_its_budget_unless_it_is_given_another,
    threads_of_many_jobs_never_exceed_a_budget,
);

/// A job below a budget.
fn below(budget: &str, key: &str, batches: usize, count: usize, price: u64) -> NewJob {
    NewJob { budget: Some(budget.into()), ..job(key, batches, count, price, 1_000_000) }
}

fn create(store: &dyn Store, job: &NewJob) -> i64 {
    store.create(job).unwrap().0.id
}

fn loaded(credits: u64) -> Loaded {
    Loaded { credits: Some(credits), returned: 1, ..Loaded::default() }
}

/// Sends a batch and loads it. Returns what it reserved.
fn work(store: &dyn Store, job: i64, name: &str, credits: u64) -> Option<u64> {
    let claimed = claim(store, job)?;
    store.accept(job, claimed.number, &claimed.idempotency_key, &run(name)).unwrap();
    finish(store, job, claimed.number, Ended::Completed);
    load(store, job, claimed.number, &loaded(credits));
    Some(claimed.max_credits)
}

/// What was spent, what is reserved and what is left.
fn counts(store: &dyn Store, name: &str) -> (u64, u64, u64) {
    let budget = store.budget(name).unwrap();
    (budget.spent, budget.reserved, budget.left)
}

fn jobs_below_a_budget_share_it(store: &dyn Store) {
    store.set_budget("team", 100, Some(Per::Month)).unwrap();
    let first = create(store, &below("team", "first", 5, 10, 6));
    let second = create(store, &below("team", "second", 5, 10, 6));
    let sent = claim(store, first).unwrap();
    assert_eq!((sent.max_credits, counts(store, "team")), (60, (0, 60, 40)));
    // The other job gets what is left, and its batch is cut there.
    let cut = claim(store, second).unwrap();
    assert_eq!((cut.max_credits, counts(store, "team")), (40, (0, 100, 0)));
    // A job waits for its own batches only, because nobody may be working on those of other jobs.
    assert_eq!(store.claim(first, i64::MAX).unwrap(), Claim::Wait);
    let third = create(store, &below("team", "third", 1, 10, 6));
    assert_eq!(store.peek(third).unwrap(), Peek::BudgetSpent { left: 0 });
    assert_eq!(store.claim(third, i64::MAX).unwrap(), Claim::BudgetSpent { left: 0 });
    store.accept(first, sent.number, &sent.idempotency_key, &run("a")).unwrap();
    finish(store, first, sent.number, Ended::Completed);
    load(store, first, sent.number, &loaded(25));
    assert_eq!(counts(store, "team"), (25, 40, 35));
    assert_eq!(store.peek(third).unwrap(), Peek::Ready);
    assert_eq!(work(store, third, "b", 31), Some(35));
    assert_eq!(store.claim(third, i64::MAX).unwrap(), Claim::AllSent);
    assert_eq!(counts(store, "team"), (56, 40, 4));
    assert_eq!(store.claim(first, i64::MAX).unwrap(), Claim::BudgetSpent { left: 4 });
    // Each job still counts its own spending.
    assert_eq!(store.sums(first).unwrap().spent, 25);
    let (record, _) = store.state(first).unwrap();
    assert_eq!(record.budget.unwrap().left, 4);
}

fn what_is_doubtful_stays_counted_and_what_was_refused_comes_back(store: &dyn Store) {
    store.set_budget("team", 150, None).unwrap();
    let id = create(store, &below("team", "k", 3, 10, 6));
    let refused = claim(store, id).unwrap();
    store.release(id, refused.number, &refused.idempotency_key, "429").unwrap();
    assert_eq!(counts(store, "team"), (0, 0, 150));
    let doubtful = claim(store, id).unwrap();
    let doubt = Doubt { error: "?", ..Doubt::default() };
    store.doubt(id, doubtful.number, &doubtful.idempotency_key, doubt).unwrap();
    assert_eq!(counts(store, "team"), (0, 60, 90));
    store.decide(id, doubtful.number, &Decision::Resend).unwrap();
    assert_eq!(counts(store, "team"), (60, 0, 90), "it may have been paid");
    let again = claim(store, id).unwrap();
    assert_eq!((again.number, counts(store, "team")), (1, (60, 60, 30)));
    store.accept(id, 1, &again.idempotency_key, &run("a")).unwrap();
    finish(store, id, 1, Ended::Failed { why: "no".into(), credits: Some(0) });
    assert_eq!(counts(store, "team"), (60, 0, 90));
    // It did arrive: a person attaches the run, which counts again.
    store.decide(id, 1, &Decision::Attach(run("b"))).unwrap();
    assert_eq!(counts(store, "team"), (60, 60, 30));
    store.decide(id, 1, &Decision::Skip).unwrap();
    assert_eq!(counts(store, "team"), (120, 0, 30));
}

fn a_lowered_budget_stops_and_a_raised_one_goes_on(store: &dyn Store) {
    store.set_budget("team", 100, Some(Per::Week)).unwrap();
    let id = create(store, &below("team", "k", 4, 10, 6));
    assert_eq!(work(store, id, "a", 50), Some(60));
    let lowered = store.set_budget("team", 20, Some(Per::Week)).unwrap();
    assert_eq!((lowered.spent, lowered.left), (50, 0));
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::BudgetSpent { left: 0 });
    // With another period, what was sent in it is counted.
    for per in [Some(Per::Day), Some(Per::Month), Some(Per::Year), None] {
        let changed = store.set_budget("team", 115, per).unwrap();
        assert_eq!((changed.spent, changed.left), (50, 65), "{per:?}");
    }
    assert_eq!(work(store, id, "b", 60), Some(60));
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::BudgetSpent { left: 5 });
}

fn a_renamed_budget_keeps_its_jobs_and_a_removed_one_stops_them(store: &dyn Store) {
    store.set_budget("team", 100, None).unwrap();
    store.set_budget("other", 100, None).unwrap();
    let id = create(store, &below("team", "k", 4, 10, 6));
    assert_eq!(work(store, id, "a", 30), Some(60));
    let sent = claim(store, id).unwrap();
    let error = store.rename_budget("team", "other").unwrap_err();
    assert!(error.to_string().contains("another budget has or had"), "{error}");
    assert_eq!(store.rename_budget("team", "growth").unwrap().name, "growth");
    assert_eq!(counts(store, "growth"), (30, 60, 10));
    let error = store.budget("team").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation, "{error}");
    store.remove_budget("growth").unwrap();
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::Wait);
    // What is in flight is still counted.
    store.accept(id, sent.number, &sent.idempotency_key, &run("b")).unwrap();
    finish(store, id, sent.number, Ended::Completed);
    load(store, id, sent.number, &loaded(40));
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::BudgetSpent { left: 0 });
    assert!(store.state(id).unwrap().0.budget.unwrap().removed);
    let names = |store: &dyn Store| {
        let budgets = store.budgets().unwrap();
        budgets.into_iter().map(|budget| budget.name).collect::<Vec<_>>()
    };
    assert_eq!(names(store), ["other"]);
    assert_eq!(store.set_budget("growth", 130, None).unwrap().left, 60);
    assert_eq!(work(store, id, "c", 60), Some(60));
}

fn a_job_keeps_its_budget_unless_it_is_given_another(store: &dyn Store) {
    store.set_budget("team", 60, None).unwrap();
    store.set_budget("other", 100, None).unwrap();
    let planned = below("team", "k", 3, 10, 6);
    let id = create(store, &planned);
    assert_eq!(work(store, id, "a", 60), Some(60));
    store.resubmit(id, &NewJob { budget: None, ..planned.clone() }).unwrap();
    assert_eq!(store.claim(id, i64::MAX).unwrap(), Claim::BudgetSpent { left: 0 });
    store.resubmit(id, &NewJob { budget: Some("other".into()), ..planned }).unwrap();
    assert_eq!(work(store, id, "b", 10), Some(60));
    assert_eq!((counts(store, "team").0, counts(store, "other").0), (60, 10));
}

fn threads_of_many_jobs_never_exceed_a_budget(store: &dyn Store) {
    const BUDGET: u64 = 600;
    store.set_budget("team", BUDGET, Some(Per::Year)).unwrap();
    let jobs: Vec<i64> =
        (0..4).map(|at| create(store, &below("team", &format!("job {at}"), 20, 5, 6))).collect();
    let paid = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let (id, paid) = (jobs[worker % jobs.len()], &paid);
            scope.spawn(move || {
                loop {
                    let claimed = match store.claim(id, i64::MAX).unwrap() {
                        Claim::Send(claimed) => claimed,
                        Claim::Wait => continue,
                        Claim::AllSent | Claim::BudgetSpent { .. } => break,
                    };
                    let (number, key) = (claimed.number, &claimed.idempotency_key);
                    let budget = store.budget("team").unwrap();
                    assert!(budget.spent + budget.reserved <= BUDGET, "{budget:?}");
                    store.accept(id, number, key, &run(&format!("{id}-{number}"))).unwrap();
                    finish(store, id, number, Ended::Completed);
                    let cost = claimed.max_credits / 2;
                    paid.fetch_add(cost as usize, Ordering::SeqCst);
                    load(store, id, number, &loaded(cost));
                }
            });
        }
    });
    let (spent, reserved, left) = counts(store, "team");
    assert_eq!((spent, reserved), (paid.into_inner() as u64, 0));
    assert!(left < 6, "the last job could have sent more: {left}");
    let own: u64 = jobs.iter().map(|id| store.sums(*id).unwrap().spent).sum();
    assert_eq!(own, spent);
}

#[test]
fn a_new_period_begins_with_nothing_spent_and_old_sendings_stay_in_theirs() {
    let (ledger, folder) = sqlite();
    ledger.set_budget("team", 100, Some(Per::Month)).unwrap();
    let id = create(&ledger, &below("team", "k", 4, 10, 6));
    let other = create(&ledger, &below("team", "other", 4, 10, 6));
    let open = claim(&ledger, id).unwrap();
    assert_eq!(work(&ledger, other, "a", 40), Some(40));
    assert_eq!(counts(&ledger, "team"), (40, 60, 0));
    // 40 days later.
    let database = Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    database.execute("UPDATE lantern_budget_days SET day = day - 40", []).unwrap();
    let earlier = 40_i64 * 86_400_000_000;
    let back = "UPDATE lantern_units SET sent_at = sent_at - ?1";
    database.execute(back, [earlier]).unwrap();
    assert_eq!(counts(&ledger, "team"), (0, 0, 100));
    // What is settled now counts on the day on which it was sent.
    ledger.accept(id, open.number, &open.idempotency_key, &run("b")).unwrap();
    finish(&ledger, id, open.number, Ended::Completed);
    load(&ledger, id, open.number, &loaded(50));
    assert_eq!(counts(&ledger, "team"), (0, 0, 100));
    assert_eq!(work(&ledger, id, "c", 60), Some(60));
    assert_eq!(counts(&ledger, "team"), (60, 0, 40));
    assert_eq!(ledger.set_budget("team", 1_000, None).unwrap().spent, 150, "in all");
    let days: Vec<(i64, i64)> = database
        .prepare("SELECT spent, committed FROM lantern_budget_days ORDER BY day")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(days, [(90, 0), (60, 0)]);
}
