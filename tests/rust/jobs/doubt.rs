//! Batches of which it is unknown whether they were paid: they are never sent again automatically, and
//! a person or a policy decides about them.

use std::{collections::HashSet, time::Duration};

use lantern::{
    error::ErrorKind,
    jobs::{JobState, Ledger, OnInDoubt},
};

use super::{finish, phone_email, table, texts, world};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_is_in_doubt_and_never_sent_again_by_itself() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: reset after nth 2".parse().unwrap()];
    })
    .await;
    let ids = world.people(3000);
    let mut submission = phone_email(100_000);
    submission.key = Some("doubt".into());
    let job = world.submit(&ids, &submission).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(
        error.is(ErrorKind::OutcomeUnknown) && error.facts().job.as_deref() == Some("doubt"),
        "{error}"
    );
    assert!(error.to_string().contains("may have arrived"), "{error}");
    for _ in 0..3 {
        let _ = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    }
    let runs = world.server.runs().unwrap();
    let keys = texts(&runs, "idempotency_key");
    assert_eq!(keys.len(), keys.iter().collect::<HashSet<_>>().len(), "a batch was sent twice");

    // It did arrive: the server knows its run, and nothing of it is lost.
    let doubtful = job.in_doubt().await.unwrap();
    for batch in &doubtful {
        let at =
            keys.iter().position(|key| key.as_deref() == Some(&batch.idempotency_key)).unwrap();
        let run_id = texts(&runs, "run_id")[at].clone().unwrap();
        job.attach(batch.number, &run_id, None, None).await.unwrap();
    }
    assert_eq!(finish(&job).await.state, JobState::Done);
    let status = texts(&table(&job).await, "status");
    assert!(status.iter().all(|s| matches!(s.as_deref(), Some("found" | "not_found"))));
    assert_eq!(world.server.runs().unwrap().num_rows(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_may_decide_beforehand_about_doubt() {
    for (policy, runs, state) in
        [(OnInDoubt::Resend, 3, JobState::Done), (OnInDoubt::Skip, 2, JobState::Done)]
    {
        let mut world = world(|config| {
            config.faults = vec!["POST /v1/agents/*: reset after nth 1".parse().unwrap()];
        })
        .await;
        world.options.on_in_doubt = policy;
        world.options.sends_at_once = 1;
        let job = world.submit(&world.people(2000), &phone_email(100_000)).await.unwrap();
        let progress = finish(&job).await;
        assert_eq!(progress.state, state, "{policy:?}");
        assert_eq!(world.server.runs().unwrap().num_rows(), runs, "{policy:?}");
    }
}

/// Makes the ledger refuse a batch's new state if `when` matches it, as a failing disk would.
fn break_ledger(ledger: &Ledger, when: &str) -> rusqlite::Connection {
    let file = rusqlite::Connection::open(ledger.place()).unwrap();
    file.busy_timeout(Duration::from_secs(30)).unwrap();
    file.execute_batch(&format!(
        "CREATE TRIGGER broken BEFORE UPDATE ON lantern_units WHEN {when} \
         BEGIN SELECT RAISE(ABORT, 'the disk fell off'); END"
    ))
    .unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_ledger_could_not_note_is_not_lost_and_not_sent_again() {
    let mut world = world(|_| ()).await;
    world.options.on_in_doubt = OnInDoubt::Resend;
    let job = world.submit(&world.people(100), &phone_email(50_000)).await.unwrap();
    let file = break_ledger(&world.ledger, "NEW.state = 'accepted'");
    let error = job.wait(None, |_| ()).await.unwrap_err().to_string();
    let run_id = texts(&world.server.runs().unwrap(), "run_id")[0].clone().unwrap();
    assert!(error.contains(&run_id) && error.contains("the disk fell off"), "{error}");
    let error = job.wait(None, |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::Ledger), "nothing goes on before it is noted: {error}");
    file.execute_batch("DROP TRIGGER broken").unwrap();
    assert_eq!(finish(&job).await.state, JobState::Done);
    assert_eq!(world.server.runs().unwrap().num_rows(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_dropped_while_a_batch_is_being_sent_loses_nothing() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: delay 300ms".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(100), &phone_email(50_000)).await.unwrap();
    let waiting = {
        let job = job.clone();
        tokio::spawn(async move { job.wait(None, |_| ()).await })
    };
    while job.batches().await.unwrap()[0].sent_at.is_none() {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert_eq!(finish(&job).await.state, JobState::Done);
    assert_eq!(world.server.runs().unwrap().num_rows(), 1);
    assert_eq!(job.batches().await.unwrap()[0].sends, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_again_by_itself_ends_and_each_sending_counts_against_the_budget() {
    let mut world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: reset after".parse().unwrap()];
    })
    .await;
    world.options.on_in_doubt = OnInDoubt::Resend;
    let people = world.people(100);
    let job = world.submit(&people, &phone_email(50_000)).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::OutcomeUnknown), "{error:?}");
    assert_eq!(world.server.runs().unwrap().num_rows(), 3);
    let sums = job.progress().await.unwrap().sums;
    assert_eq!((sums.spent, sums.committed), (1_200, 600), "three sendings of up to 600");

    // A budget for one sending allows only one sending.
    let mut small = phone_email(600);
    small.key = Some("small".into());
    // It does not wait for an answer to the first one.
    small.reuse = lantern::ledger::Reuse::NEVER;
    let job = world.submit(&people, &small).await.unwrap();
    let _ = job.wait(Some(Duration::from_secs(60)), |_| ()).await;
    assert_eq!(job.progress().await.unwrap().state, JobState::BudgetSpent);
    assert_eq!(world.server.runs().unwrap().num_rows(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_run_that_the_api_knows_can_be_attached_and_a_wrong_one_can_be_corrected() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: reset after nth 2".parse().unwrap()];
    })
    .await;
    let ids = world.people(200);
    let other = world.submit(&ids[150..], &phone_email(50_000)).await.unwrap();
    finish(&other).await;
    let foreign = other.batches().await.unwrap()[0].run_id.clone().unwrap();
    let mut submission = phone_email(50_000);
    submission.batch_size = 50;
    let job = world.submit(&ids[..100], &submission).await.unwrap();
    let _ = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    let doubtful = job.in_doubt().await.unwrap();
    let number = doubtful[0].number;
    let sibling = job.batches().await.unwrap().into_iter().find_map(|batch| batch.run_id);

    let error = job.attach(number, "no uuid", None, None).await.unwrap_err();
    assert!(error.is(ErrorKind::Validation), "{error:?}");
    let unknown = "7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0a11";
    let error = job.attach(number, unknown, None, None).await.unwrap_err();
    assert!(error.is(ErrorKind::NotFound), "{error:?}");
    if let Some(sibling) = sibling {
        let error = job.attach(number, &sibling, None, None).await.unwrap_err().to_string();
        assert!(error.contains("a run of its own"), "{error}");
    }
    assert_eq!(job.in_doubt().await.unwrap(), doubtful, "nothing of that changed anything");

    job.attach(number, &foreign, Some("s3://nowhere/x.csv"), None).await.unwrap();
    let runs = world.server.runs().unwrap();
    let (keys, run_ids) = (texts(&runs, "idempotency_key"), texts(&runs, "run_id"));
    let at = keys.iter().position(|key| key.as_deref() == Some(&doubtful[0].idempotency_key));
    let own = run_ids[at.unwrap()].clone().unwrap();
    let path = other.batches().await.unwrap()[0].result_path.clone().unwrap();
    let path = path.replace(&foreign, &own);
    job.attach(number, &own, Some(&path), None).await.unwrap();
    assert_eq!(finish(&job).await.state, JobState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_is_raised_once_all_else_is_loaded() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: reset after nth 4".parse().unwrap()];
    })
    .await;
    let mut submission = phone_email(50_000);
    submission.batch_size = 50;
    let job = world.submit(&world.people(200), &submission).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::OutcomeUnknown), "{error:?}");
    let sums = job.progress().await.unwrap().sums;
    assert_eq!((sums.in_doubt, sums.loaded), (1, 3), "{sums:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_an_unusable_answer_named_is_kept_with_its_batch() {
    let run = "7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0a11";
    let world = world(|config| {
        let rule = format!(
            "POST /v1/agents/*: status 200 body {{\"success\": false, \"error\": \"late\", \
             \"run_id\": \"{run}\"}}"
        );
        config.faults = vec![rule.parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(50), &phone_email(50_000)).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::OutcomeUnknown), "{error:?}");
    assert!(error.to_string().contains(run), "{error}");
    let doubtful = job.in_doubt().await.unwrap();
    assert_eq!(doubtful[0].run_id.as_deref(), Some(run));
}
