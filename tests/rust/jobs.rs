//! Jobs against the local server: what is sent, what is paid, and what is returned.

use std::{collections::HashSet, sync::Arc, time::Duration};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringArray},
    compute::concat_batches,
    datatypes::Int64Type,
};
use lantern::{
    Client, ClientConfig, Error,
    api::agents::BatchKind,
    client::RateLimits,
    error::ErrorKind,
    jobs::{
        Job, JobOptions, JobState, Ledger, OnFailed, OnInDoubt, WaitOptions,
        ids::Ids,
        plan::{Request, Submission},
    },
    ledger::BatchState,
    storage::StorageOptions,
};
use lantern_server::{Limits, LocalServer, ServerConfig};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

struct World {
    server: LocalServer,
    client: Client,
    ledger: Ledger,
    options: JobOptions,
    _folder: tempfile::TempDir,
}

async fn world(change: impl FnOnce(&mut ServerConfig)) -> World {
    let mut config = ServerConfig { limits: Limits::LIFTED, ..ServerConfig::default() };
    change(&mut config);
    let server = LocalServer::start(config).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite").to_string_lossy()).unwrap();
    let mut config = ClientConfig::resolve(Some(server.key()), Some(&server.url()), false).unwrap();
    config.limits = RateLimits::LIFTED;
    let client = Client::with_slots(config, Some(ledger.slots())).unwrap();
    let options = JobOptions {
        storage: StorageOptions::new(server.storage_options()).unwrap(),
        ..JobOptions::default()
    };
    World { server, client, ledger, options, _folder: folder }
}

impl World {
    fn people(&self, count: usize) -> Vec<Option<String>> {
        let people = self.server.people();
        let ids = people.column_by_name("id").unwrap().as_string::<i32>();
        ids.iter().take(count).map(|id| id.map(str::to_owned)).collect()
    }

    async fn submit(&self, ids: &[Option<String>], submission: &Submission) -> Result<Job, Error> {
        let column: ArrayRef = Arc::new(StringArray::from(ids.to_vec()));
        let ids =
            Ids::read("person_id", column.data_type(), std::slice::from_ref(&column)).unwrap();
        Job::submit(&self.client, &self.ledger, submission, "person_id", &ids, self.options.clone())
            .await
    }
}

fn phone_email(max_credits: u64) -> Submission {
    Submission::new(Request::new(BatchKind::PhoneEmail), max_credits)
}

async fn table(job: &Job) -> RecordBatch {
    let (schema, batches) = job.table().await.unwrap();
    concat_batches(&schema, &batches).unwrap()
}

fn texts(table: &RecordBatch, column: &str) -> Vec<Option<String>> {
    let column = table.column_by_name(column).unwrap().as_string::<i32>();
    column.iter().map(|text| text.map(str::to_owned)).collect()
}

async fn finish(job: &Job) -> lantern::jobs::Progress {
    job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_row_comes_back_per_input_row_in_input_order() {
    let world = world(|_| ()).await;
    let mut ids = world.people(1500);
    ids.reverse();
    ids.insert(3, None);
    ids.insert(700, Some(String::new()));
    ids.push(ids[0].clone());
    ids.push(Some("nobody".to_owned()));
    let job = world.submit(&ids, &phone_email(100_000)).await.unwrap();
    assert_eq!(finish(&job).await.state, JobState::Done);

    let table = table(&job).await;
    assert!(texts(&table, "person_id") == ids);
    let status = texts(&table, "status");
    assert_eq!(status[3].as_deref(), Some("no_id"));
    assert_eq!(status[700].as_deref(), Some("no_id"));
    assert_eq!(status[1503].as_deref(), Some("missing"));
    assert_eq!(table.slice(0, 1).columns()[1..], table.slice(1502, 1).columns()[1..]);

    // The directory provides the expected values: each row contains what it has for that id.
    let people = world.server.people();
    let known: std::collections::HashMap<_, _> = texts(&people, "id")
        .into_iter()
        .zip(texts(&people, "email").into_iter().zip(texts(&people, "phone_number")))
        .collect();
    let (emails, phones) = (texts(&table, "email"), texts(&table, "phone_number"));
    for (row, id) in
        ids.iter().enumerate().filter(|(row, _)| status[*row].as_deref() == Some("found"))
    {
        assert_eq!(known[id], (emails[row].clone(), phones[row].clone()), "row {row}");
    }
    let found = status.iter().filter(|status| status.as_deref() == Some("found")).count();
    assert!(found > 1000, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_job_again_sends_and_spends_nothing() {
    let world = world(|_| ()).await;
    let ids = world.people(2500);
    let job = world.submit(&ids, &phone_email(100_000)).await.unwrap();
    finish(&job).await;
    let (runs, spent) = (world.server.runs().unwrap().num_rows(), world.server.credits_used());
    assert_eq!(runs, 3);
    let mut shuffled = ids.clone();
    shuffled.rotate_left(777);
    let again = world.submit(&shuffled, &phone_email(100_000)).await.unwrap();
    finish(&again).await;
    assert_eq!(again.key(), job.key());
    assert!(texts(&table(&again).await, "person_id") == shuffled, "the newest order of rows holds");
    assert_eq!(world.server.runs().unwrap().num_rows(), runs);
    assert_eq!(world.server.credits_used(), spent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_kept_to_the_credit_and_a_higher_one_goes_on() {
    let world = world(|_| ()).await;
    let ids = world.people(4000);
    let whole: f64 = {
        let people = world.server.people();
        let paid = |column: &str, price: f64| {
            texts(&people, column).iter().take(4000).filter(|value| value.is_some()).count() as f64
                * price
        };
        paid("email", 1.0) + paid("phone_number", 5.0)
    };
    let budget = (whole * 0.6) as u64;
    let job = world.submit(&ids, &phone_email(budget)).await.unwrap();
    let progress = finish(&job).await;
    assert_eq!(progress.state, JobState::BudgetSpent);
    assert_eq!(progress.sums.spent as f64, world.server.credits_used());
    assert!(progress.sums.spent <= budget);
    assert!(budget - progress.sums.spent < 6, "{} of {budget} spent", progress.sums.spent);
    let status = texts(&table(&job).await, "status");
    let over = status.iter().filter(|s| s.as_deref() == Some("over_budget")).count();
    assert_eq!(over, 4000 - progress.sums.returned as usize);
    assert_eq!(job.missing().await.unwrap().num_rows(), over);
    let credits = job.credits().await.unwrap();
    let spent: i64 = credits
        .column_by_name("credits")
        .unwrap()
        .as_primitive::<Int64Type>()
        .iter()
        .flatten()
        .sum();
    assert_eq!(spent as f64, world.server.credits_used());

    let more = world.submit(&ids, &phone_email(100_000)).await.unwrap();
    assert_eq!(more.key(), job.key());
    let progress = finish(&more).await;
    assert_eq!(progress.state, JobState::Done);
    assert_eq!(progress.sums.spent as f64, whole, "every id is paid for once");
    assert_eq!(world.server.credits_used(), whole);
    let status = texts(&table(&more).await, "status");
    assert!(status.iter().all(|s| matches!(s.as_deref(), Some("found" | "not_found"))));
}

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

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_and_two_servers_do_not_share_answers_and_a_renewed_key_does() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite").to_string_lossy()).unwrap();
    let with = |data: &str| ServerConfig {
        limits: Limits::LIFTED,
        data: Some(folder.path().join(data)),
        key: Some("the first key".into()),
        tenants: vec!["the second key".into()],
        ..ServerConfig::default()
    };
    let one = LocalServer::start(with("one")).await.unwrap();
    let other = LocalServer::start(with("other")).await.unwrap();
    let submit = async |server: &LocalServer, key: &str| {
        let mut config = ClientConfig::resolve(Some(key), Some(&server.url()), false).unwrap();
        config.limits = RateLimits::LIFTED;
        let client = Client::with_slots(config, Some(ledger.slots())).unwrap();
        let people: ArrayRef = server.people().column_by_name("id").unwrap().slice(0, 5);
        let ids = Ids::read("id", people.data_type(), std::slice::from_ref(&people)).unwrap();
        let storage = server.storage_options_by(key).unwrap();
        let options =
            JobOptions { storage: StorageOptions::new(storage).unwrap(), ..JobOptions::default() };
        let job =
            Job::submit(&client, &ledger, &phone_email(60), "id", &ids, options).await.unwrap();
        finish(&job).await;
        job.record().await.unwrap().account
    };
    let accounts = [
        submit(&one, "the first key").await,
        submit(&one, "the second key").await,
        submit(&other, "the first key").await,
    ];
    assert_eq!(accounts.iter().collect::<HashSet<_>>().len(), 3, "{accounts:?}");
    assert_eq!(submit(&one, "the first key").await, accounts[0]);
    assert_eq!((one.runs().unwrap().num_rows(), other.runs().unwrap().num_rows()), (1, 1));
    one.stop().await;
    drop(one);
    // The same data on another port, with another key of the same tenant.
    let renewed = ServerConfig { key: Some("a renewed key".into()), ..with("one") };
    let again = LocalServer::start(renewed).await.unwrap();
    assert_eq!(submit(&again, "a renewed key").await, accounts[0]);
    assert_eq!(again.runs().unwrap().num_rows(), 1, "nothing is paid again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_that_cost_nothing_counts_as_nothing_and_leaves_its_budget() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: run-fails times 1".parse().unwrap()];
    })
    .await;
    // The budget pays for the ids once.
    let job = world.submit(&world.people(5), &phone_email(30)).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::Job), "{error:?}");
    assert_eq!(job.progress().await.unwrap().sums.spent, 0);
    let resend =
        WaitOptions { timeout: Some(Duration::from_secs(60)), on_failed: OnFailed::Resend };
    let done = job.wait_with(resend, |_| ()).await.unwrap();
    assert_eq!((done.state, done.sums.returned), (JobState::Done, 5));
    assert_eq!(done.sums.spent as f64, world.server.credits_used());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_of_nothing_asks_for_known_answers_only() {
    let world = world(|_| ()).await;
    let job = world.submit(&world.people(5), &phone_email(0)).await.unwrap();
    let progress = finish(&job).await;
    assert_eq!((progress.state, progress.sums.returned), (JobState::BudgetSpent, 0));
    assert!(
        texts(&table(&job).await, "status").iter().all(|s| s.as_deref() == Some("over_budget"))
    );
    assert_eq!(world.server.runs().unwrap().num_rows(), 0);
    let paid = world.submit(&world.people(5), &phone_email(30)).await.unwrap();
    finish(&paid).await;
    let again = world.submit(&world.people(5), &phone_email(0)).await.unwrap();
    assert_eq!(finish(&again).await.sums.returned, 5);
    assert_eq!(world.server.runs().unwrap().num_rows(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_batch_goes_on_once_the_cause_is_gone() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: status 402 times 1".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(1200), &phone_email(50_000)).await.unwrap();
    let error = job.wait(None, |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::CreditLimit), "{error:?}");
    assert_eq!(finish(&job).await.state, JobState::Done);
    assert_eq!(world.server.runs().unwrap().num_rows(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_cut_is_an_error_that_names_file_and_line() {
    let world = world(|config| {
        config.faults = vec!["POST /v1/agents/*: truncate half".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(300), &phone_email(50_000)).await.unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Results);
    let file = error.facts().file.as_deref().unwrap();
    assert!(file.starts_with("s3://") && error.happened().contains(file), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_table_under_the_same_key_is_refused() {
    let world = world(|_| ()).await;
    let mut submission = phone_email(50_000);
    submission.key = Some("monday".into());
    let ids = world.people(100);
    world.submit(&ids, &submission).await.unwrap();
    let error = world.submit(&ids[..90], &submission).await.unwrap_err().to_string();
    assert!(error.contains("lacks 10 that it has"), "{error}");
    submission.request.kind = BatchKind::Email;
    let error = world.submit(&ids, &submission).await.unwrap_err().to_string();
    assert!(error.contains("phone-email there and for email here"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_table_and_one_without_ids_make_no_call() {
    let world = world(|_| ()).await;
    for ids in [vec![], vec![None, Some(" ".to_owned()), None]] {
        let job = world.submit(&ids, &phone_email(100)).await.unwrap();
        assert_eq!(finish(&job).await.state, JobState::Done);
        let table = table(&job).await;
        assert_eq!(table.num_rows(), ids.len());
        assert!(table.column_by_name("phone_number").is_some());
    }
    assert_eq!(world.server.runs().unwrap().num_rows(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_work_the_same_job_send_one_set_of_batches() {
    let world = world(|_| ()).await;
    let ids = world.people(10_000);
    let mut submission = phone_email(100_000);
    submission.batch_size = 250;
    let mut waits = Vec::new();
    for _ in 0..4 {
        let job = world.submit(&ids, &submission).await.unwrap();
        waits.push(tokio::spawn(async move { finish(&job).await }));
    }
    for wait in waits {
        assert_eq!(wait.await.unwrap().state, JobState::Done);
    }
    assert_eq!(world.server.runs().unwrap().num_rows(), 40);
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

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_the_api_does_not_know_fails_its_batch_and_not_the_job() {
    let mut world = world(|config| {
        config.faults = vec!["GET /v1/agents/runs/*: status 404 times 30".parse().unwrap()];
    })
    .await;
    world.options.patience = Duration::from_millis(500);
    let job = world.submit(&world.people(50), &phone_email(50_000)).await.unwrap();
    let keep = WaitOptions { timeout: Some(Duration::from_secs(60)), on_failed: OnFailed::Keep };
    assert_eq!(job.wait_with(keep, |_| ()).await.unwrap().state, JobState::Done);
    let batch = job.batches().await.unwrap().remove(0);
    assert_eq!(batch.state, BatchState::Failed);
    assert!(batch.error.as_deref().unwrap().contains("does not know run"), "{:?}", batch.error);

    // It is found after all: nothing is sent again, and nothing is lost.
    let (run_id, path) = (batch.run_id.unwrap(), batch.result_path.unwrap());
    while job.attach(1, &run_id, Some(&path), batch.credits_path.as_deref()).await.is_err() {}
    assert_eq!(finish(&job).await.state, JobState::Done);
    assert_eq!(job.batches().await.unwrap()[0].state, BatchState::Loaded);
    assert_eq!(world.server.runs().unwrap().num_rows(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_patience_with_a_missing_result_does_not_begin_anew_with_each_handle() {
    let world = world(|config| {
        config.faults = vec!["/lantern-results/*: status 404".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(50), &phone_email(50_000)).await.unwrap();
    while job.batches().await.unwrap()[0].finished_at.is_none() {
        job.poll().await.unwrap();
    }
    // It was finished half an hour ago.
    let file = rusqlite::Connection::open(world.ledger.place()).unwrap();
    file.busy_timeout(Duration::from_secs(30)).unwrap();
    file.execute("UPDATE lantern_units SET finished_at = finished_at - 1800000000", []).unwrap();
    let again = Job::load(&world.client, &world.ledger, job.key(), world.options.clone());
    let wait = again.await.unwrap().wait(Some(Duration::from_secs(30)), |_| ()).await;
    assert!(matches!(&wait, Err(error) if error.is(ErrorKind::Results)), "{wait:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_result_is_not_compared_with_ids_that_the_ledger_lost() {
    let world = world(|config| {
        config.faults = vec!["/lantern-results/*: status 404".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(50), &phone_email(50_000)).await.unwrap();
    while job.batches().await.unwrap()[0].finished_at.is_none() {
        job.poll().await.unwrap();
    }
    let file = rusqlite::Connection::open(world.ledger.place()).unwrap();
    file.busy_timeout(Duration::from_secs(30)).unwrap();
    file.execute("DELETE FROM lantern_unit_ids", []).unwrap();
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::Ledger), "{error:?}");
    assert!(error.happened().contains("batch 1"), "{error}");
    assert_eq!(job.batches().await.unwrap()[0].state, BatchState::Completed);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_will_be_the_same_again_ends_a_wait() {
    let world = world(|config| {
        config.faults = vec!["GET /v1/agents/runs/*: success-false".parse().unwrap()];
    })
    .await;
    let job = world.submit(&world.people(50), &phone_email(50_000)).await.unwrap();
    let wait = tokio::time::timeout(Duration::from_secs(30), job.wait(None, |_| ())).await;
    let error = wait.expect("it repeats for ever").unwrap_err();
    assert!(error.is(ErrorKind::Server), "{error:?}");
}

/// The table of a job, assembled from its parts.
async fn in_parts(job: &Job) -> RecordBatch {
    let mut tables = job.tables().await.unwrap();
    let mut parts = Vec::new();
    while let Some(part) = tables.next().await.unwrap() {
        parts.push(part);
    }
    concat_batches(&tables.schema(), &parts).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_a_table_are_the_table_and_a_file_holds_it() {
    let world = world(|_| ()).await;
    let mut ids = world.people(2_300);
    ids.reverse();
    ids.insert(3, None);
    ids.insert(700, Some(String::new()));
    ids.push(ids[0].clone());
    ids.push(Some("nobody".to_owned()));
    let mut shuffled = ids.clone();
    shuffled.rotate_left(777);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.parquet");
    // The first budget ends within a batch, so that later batches take over the ids that it did not
    // reach.
    for (ids, budget) in [(&ids, 3_000), (&ids, 5_003), (&shuffled, 100_000)] {
        let mut submission = phone_email(budget);
        submission.key = Some("parts".to_owned());
        let job = world.submit(ids, &submission).await.unwrap();
        finish(&job).await;
        let whole = table(&job).await;
        assert_eq!(in_parts(&job).await, whole, "at {budget}");
        assert_eq!(job.write(&path).await.unwrap(), ids.len() as u64);
        let file = std::fs::File::open(&path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let read: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        assert_eq!(concat_batches(&read[0].schema(), &read).unwrap().columns(), whole.columns());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    let job =
        Job::load(&world.client, &world.ledger, "parts", world.options.clone()).await.unwrap();
    let error = job.write(&folder.path().join("no/where.parquet")).await.unwrap_err();
    assert!(error.to_string().contains("where.parquet cannot be written"), "{error}");
}
