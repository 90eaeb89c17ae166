//! Jobs against the local server: what is sent, what is paid, and what is returned.

mod doubt;
mod failures;

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
    jobs::{
        Job, JobOptions, JobState, Ledger,
        ids::Ids,
        plan::{Request, Submission},
    },
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
