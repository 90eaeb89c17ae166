//! Deadlines of `wait` and `poll`, and their handling of failures, against an API that misbehaves.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arrow::array::{Array, ArrayRef, StringArray};
use axum::{http::Method, response::Response};
use lantern::{
    Client, ClientConfig, Error,
    api::agents::BatchKind,
    client::RateLimits,
    error::ErrorKind,
    jobs::{
        Job, JobOptions, JobState, Ledger, OnFailed, Progress, WaitOptions,
        ids::Ids,
        plan::{Request, Submission},
    },
    ledger::BatchState,
};

use crate::odd_api::{BATCHES, OddApi, Received, accepted, drips, json, never, run_id, status};

/// Far longer than the deadlines in these tests, and far shorter than that of a call.
const GUARD: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(700);

/// A job at a misbehaving API.
struct World {
    job: Job,
    ledger: Ledger,
    _folder: tempfile::TempDir,
}

async fn world(url: &str, ids: usize, change: impl FnOnce(&mut JobOptions)) -> World {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite").to_string_lossy()).unwrap();
    let mut config = ClientConfig::resolve(Some("key-of-a-test"), Some(url), true).unwrap();
    config.limits = RateLimits::LIFTED;
    config.retry.transient = Duration::from_millis(1);
    let client = Client::with_slots(config, Some(ledger.slots())).unwrap();
    let ids: Vec<String> = (0..ids).map(|id| format!("p{id}")).collect();
    let column: ArrayRef = Arc::new(StringArray::from(ids));
    let ids = Ids::read("id", column.data_type(), std::slice::from_ref(&column)).unwrap();
    let mut submission = Submission::new(Request::new(BatchKind::Email), 1_000);
    submission.batch_size = 1;
    let mut options = JobOptions::default();
    change(&mut options);
    let job = Job::submit(&client, &ledger, &submission, "id", &ids, options).await.unwrap();
    World { job, ledger, _folder: folder }
}

async fn guarded<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(GUARD, work).await.expect("it goes on beyond its deadline")
}

async fn wait(job: &Job, timeout: Duration) -> Result<Progress, Error> {
    guarded(job.wait(Some(timeout), |_| ())).await
}

/// A working API, except for what `odd` answers. It gets a call and the number of earlier ones.
async fn api<F>(
    odd: impl Fn(Received, usize, String) -> Option<F> + Send + Sync + 'static,
) -> OddApi
where
    F: Future<Output = Response> + Send + 'static,
{
    // The id that each run is for, by the number of the run.
    let runs: Arc<Mutex<Vec<String>>> = Arc::default();
    let odd = Arc::new(odd);
    // The API's address is known only once it listens, so each answer reads it from here.
    let place: Arc<std::sync::OnceLock<String>> = Arc::default();
    let known = place.clone();
    let api = OddApi::start(move |asked, before| {
        let (runs, odd, known) = (runs.clone(), odd.clone(), known.clone());
        async move {
            let url = known.get().cloned().unwrap_or_default();
            if let Some(answer) = odd(asked.clone(), before, url.clone()) {
                return answer.await;
            }
            if asked.path == BATCHES {
                let batch: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
                let mut runs = runs.lock().unwrap();
                runs.push(batch["ids"][0].as_str().unwrap().to_owned());
                return accepted(&url, runs.len() - 1);
            }
            if asked.path.ends_with("/status") {
                return status(&asked.path, "completed");
            }
            if let Some(file) = asked.path.strip_prefix("/files/") {
                let number: usize = file[34..36].parse().unwrap();
                let id = runs.lock().unwrap()[number].clone();
                let rows = "id,first_name,last_name,company_name,company_url,linkedin,email,\
                            email_found\n";
                return Response::new(format!("{rows}{id},,,,,,,false\n").into());
            }
            json(404, "{}")
        }
    })
    .await;
    place.set(api.url.clone()).unwrap();
    api
}

type Boxed = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

fn hangs_at(asked: &Received, part: &str) -> Option<Boxed> {
    asked.path.contains(part).then(|| -> Boxed { Box::pin(never()) })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_and_a_poll_end_at_their_deadline_whatever_hangs() {
    type Hangs = fn(&Received) -> Option<Boxed>;
    let cases: [(&str, Hangs); 4] = [
        ("a batch is not answered", |asked| hangs_at(asked, BATCHES)),
        ("a status is not answered", |asked| hangs_at(asked, "/status")),
        ("a status drips", |asked| {
            asked.path.contains("/status").then(|| -> Boxed { Box::pin(async { drips() }) })
        }),
        ("a result stalls", |asked| hangs_at(asked, "/files/")),
    ];
    for (what, odd) in cases {
        let api = api(move |asked, _, _| odd(&asked)).await;
        let world = world(&api.url, 1, |_| ()).await;
        let error = wait(&world.job, SHORT).await.unwrap_err();
        assert!(error.is(ErrorKind::Unfinished), "{what}: {error:?}");
        assert!(error.to_string().contains("0.7 s"), "{what}: {error}");
        let options = WaitOptions { timeout: Some(SHORT), ..WaitOptions::default() };
        let polled = guarded(world.job.poll_with(options)).await;
        match polled {
            Ok(progress) => assert_eq!(progress.state, JobState::Running, "{what}"),
            Err(error) => assert!(error.is(ErrorKind::Timeout), "{what}: {error:?}"),
        }
        assert_eq!(api.asked(BATCHES).len(), 1, "{what}: it was sent again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_at_the_deadline_says_what_was_last_seen() {
    let api = api(|asked: Received, _, _| {
        asked
            .path
            .ends_with("/status")
            .then(|| -> Boxed { Box::pin(async move { status(&asked.path, "warming up") }) })
    })
    .await;
    let world = world(&api.url, 1, |_| ()).await;
    let error = wait(&world.job, SHORT).await.unwrap_err().to_string();
    for part in ["0 of 1 batches loaded", "1 in flight", &run_id(0), "\"warming up\""] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_ended_are_loaded_beside_one_that_hangs() {
    let api = api(|asked: Received, _, _| hangs_at(&asked, &run_id(0))).await;
    let world = world(&api.url, 3, |_| ()).await;
    let error = wait(&world.job, Duration::from_secs(3)).await.unwrap_err();
    assert!(error.is(ErrorKind::Unfinished), "{error:?}");
    let sums = world.job.progress().await.unwrap().sums;
    assert_eq!((sums.loaded, sums.in_flight), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_for_ever_ends_a_wait() {
    for part in [BATCHES, "/status"] {
        let api = api(move |asked: Received, _, _| {
            asked.path.contains(part).then(|| -> Boxed { Box::pin(async { json(429, "{}") }) })
        })
        .await;
        let outage = Duration::from_millis(300);
        let world = world(&api.url, 1, |options| options.outage = outage).await;
        let error = guarded(world.job.wait(None, |_| ())).await.unwrap_err();
        assert!(error.is(ErrorKind::RateLimit), "{part}: {error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_says_at_once_is_not_called_without_a_pause() {
    let api = api(|asked: Received, _, _| {
        (asked.path == BATCHES).then(|| -> Boxed {
            Box::pin(async {
                let mut answer = json(429, r#"{"success": false, "retry_after": 0}"#);
                answer.headers_mut().insert("retry-after", "0".parse().unwrap());
                answer
            })
        })
    })
    .await;
    let world = world(&api.url, 50, |_| ()).await;
    let error = wait(&world.job, Duration::from_secs(2)).await.unwrap_err();
    assert!(error.is(ErrorKind::Unfinished), "{error:?}");
    // The first eight are polled together, and then pause for at least a second.
    let sent = api.asked(BATCHES).len();
    assert!(sent <= 8 + 2 * 8, "{sent} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_returns_while_there_is_always_something_to_send() {
    let api = api(|_, _, _| None::<Boxed>).await;
    let world = world(&api.url, 90, |options| options.sends_at_once = 1).await;
    // Each answer takes a while, so that 90 of them take longer than the poll may.
    let options = WaitOptions { timeout: Some(Duration::from_millis(100)), ..Default::default() };
    let mut polls = 0;
    loop {
        match guarded(world.job.poll_with(options)).await {
            Ok(progress) if progress.state.ended() => break,
            Ok(_) => polls += 1,
            // On a busy machine, 100 ms may be too short for an answer.
            Err(error) => {
                assert!(error.is(ErrorKind::Timeout), "{error:?}");
                polls += 1;
            }
        }
    }
    assert!(polls > 0, "90 batches were sent, looked at and loaded within a poll of 100 ms");
    assert_eq!(api.asked(BATCHES).len(), 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_others_hold_does_not_outlast_a_deadline() {
    let api = api(|_, _, _| None::<Boxed>).await;
    let world = world(&api.url, 1, |_| ()).await;
    let held = rusqlite::Connection::open(world.ledger.place()).unwrap();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = wait(&world.job, SHORT).await.unwrap_err();
    assert!(error.is(ErrorKind::Unfinished), "{error:?}");
    let options = WaitOptions { timeout: Some(SHORT), ..WaitOptions::default() };
    // The progress does not wait for the lock.
    let progress = guarded(world.job.poll_with(options)).await.unwrap();
    assert_eq!((progress.state, progress.sums.loaded), (JobState::Running, 0));
    held.execute_batch("ROLLBACK").unwrap();
    assert_eq!(wait(&world.job, GUARD).await.unwrap().state, JobState::Done);
}

/// Every run fails, or the first `times` of them; each has a credit report or none.
async fn failing(times: usize) -> OddApi {
    api(move |asked: Received, _, _| {
        let path = asked.path.clone();
        let number = || path.split('/').nth_back(1).and_then(|run| run[34..].parse().ok());
        let fails = path.ends_with("/status") && number().is_some_and(|run: usize| run < times);
        fails.then(|| -> Boxed { Box::pin(async move { status(&asked.path, "failed") }) })
    })
    .await
}

async fn end(world: &World, on_failed: OnFailed) -> Result<Progress, Error> {
    let options = WaitOptions { timeout: Some(GUARD), on_failed };
    guarded(world.job.wait_with(options, |_| ())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_is_an_error_unless_the_caller_keeps_it() {
    let api = failing(1).await;
    let world = world(&api.url, 2, |options| options.sends_at_once = 1).await;
    for _ in 0..2 {
        let error = end(&world, OnFailed::Raise).await.unwrap_err();
        assert!(error.is(ErrorKind::Job), "{error:?}");
        assert_eq!(error.facts().batch, Some(1));
        assert!(error.to_string().contains("the run failed"), "{error}");
    }
    let options = WaitOptions { timeout: Some(GUARD), ..WaitOptions::default() };
    let polled = guarded(world.job.poll_with(options)).await.unwrap_err();
    assert!(polled.is(ErrorKind::Job), "{polled:?}");
    let kept = end(&world, OnFailed::Keep).await.unwrap();
    assert_eq!((kept.state, kept.sums.failed, kept.sums.loaded), (JobState::Done, 1, 1));
    assert_eq!(api.asked(BATCHES).len(), 2, "nothing was sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_is_sent_again_three_times_in_all() {
    let api = failing(1).await;
    let world = world(&api.url, 1, |_| ()).await;
    let done = end(&world, OnFailed::Resend).await.unwrap();
    assert_eq!((done.state, done.sums.failed), (JobState::Done, 0));
    assert_eq!(api.asked(BATCHES).len(), 2);

    let api = failing(99).await;
    let world = self::world(&api.url, 1, |_| ()).await;
    let error = end(&world, OnFailed::Resend).await.unwrap_err();
    assert!(error.is(ErrorKind::Job), "{error:?}");
    assert_eq!(api.asked(BATCHES).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_may_not_spend_loads_what_was_sent_and_sends_nothing() {
    let api = api(|_, _, _| None::<Boxed>).await;
    let world = world(&api.url, 3, |options| options.spend = false).await;
    let progress = wait(&world.job, GUARD).await.unwrap();
    assert_eq!((progress.sums.planned, progress.sums.loaded), (3, 0));
    assert!(api.asked(BATCHES).is_empty());
}

#[cfg(unix)]
#[test]
fn spending_that_is_switched_off_leaves_known_answers_and_no_paid_call() {
    // Environment variables apply to the whole process, so the test runs in a process of its own.
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "waiting::part_of_a_child_that_may_not_spend", "--ignored"])
        .env("LANTERN_SPEND", "off")
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the part of a child process"]
async fn part_of_a_child_that_may_not_spend() {
    let api = api(|_, _, _| None::<Boxed>).await;
    let world = world(&api.url, 3, |_| ()).await;
    for _ in 0..2 {
        let error = wait(&world.job, GUARD).await.unwrap_err();
        assert!(error.is(ErrorKind::CreditLimit), "{error:?}");
        assert!(error.to_string().contains("LANTERN_SPEND"), "{error}");
    }
    assert!(world.job.batches().await.unwrap().iter().all(|b| b.state == BatchState::Planned));
    assert!(api.asked(BATCHES).is_empty());
    let config = ClientConfig::resolve(Some("key"), Some(&api.url), true).unwrap();
    let client = Client::new(config).unwrap();
    let question = lantern::api::workflows::TriggerWorkflow {
        workflow_id: "w".into(),
        record_data: [("email".to_owned(), "ada@example.com".into())].into_iter().collect(),
        ..Default::default()
    };
    let error = client.call(&question).await.unwrap_err();
    assert!(error.is(ErrorKind::CreditLimit), "{error:?}");
    assert_eq!(api.asked("/v1/workflows").len(), 0);
    assert_eq!(api.asked("/").iter().filter(|asked| asked.method == Method::POST).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_behind_one_address_and_two_paths_are_four_accounts() {
    // The API distinguishes tenants by their keys.
    let tenant = Arc::new(AtomicUsize::new(1));
    let told = tenant.clone();
    let api = api(move |asked: Received, _, _| {
        let tenant = told.load(Ordering::SeqCst);
        asked.path.ends_with("/v1/credits/remaining").then(|| -> Boxed {
            Box::pin(async move {
                json(200, &format!(r#"{{"tenant_id": {tenant}, "remaining_credits": 1}}"#))
            })
        })
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.sqlite").to_string_lossy()).unwrap();
    let mut accounts = std::collections::HashSet::new();
    for path in ["/staging", "/prod"] {
        for number in [1, 2] {
            tenant.store(number, Ordering::SeqCst);
            let url = format!("{}{path}", api.url);
            let config = ClientConfig::resolve(Some("a key"), Some(&url), true).unwrap();
            let client = Client::new(config).unwrap();
            accounts.insert(lantern::jobs::account::account(&client, &ledger).await.unwrap());
        }
    }
    assert_eq!(accounts.len(), 4, "{accounts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_this_machine_that_does_not_say_who_it_is_is_known_by_its_address_and_key() {
    let api = api(|_, _, _| None::<Boxed>).await;
    let world = world(&api.url, 1, |_| ()).await;
    let account = world.job.record().await.unwrap().account;
    assert!(account.starts_with(&format!("{}#key/", api.url)), "{account}");
    assert!(!account.contains("key-of-a-test"), "{account}");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_poll_once_ask_first_about_what_nobody_has_asked_for_the_longest_time() {
    let api = api(|asked: Received, _, _| {
        let stuck = asked.path.ends_with("/status") && asked.path.contains(&run_id(0));
        stuck.then(|| -> Boxed { Box::pin(async move { status(&asked.path, "queued") }) })
    })
    .await;
    let world = world(&api.url, 3, |options| options.sends_at_once = 1).await;
    guarded(world.job.poll()).await.unwrap();
    assert_eq!(api.asked(BATCHES).len(), 3);
    assert!(api.asked("/v1/agents/runs/").is_empty(), "what was just sent is not asked about");
    for _ in 0..3 {
        // Each has room for one poll.
        let mut config =
            ClientConfig::resolve(Some("key-of-a-test"), Some(&api.url), true).unwrap();
        config.limits.sync = Some(60);
        let client = Client::new(config).unwrap();
        let options = JobOptions::default();
        let job = Job::load(&client, &world.ledger, world.job.key(), options).await.unwrap();
        guarded(job.poll()).await.unwrap();
    }
    let asked: std::collections::HashSet<String> =
        api.asked("/v1/agents/runs/").into_iter().map(|asked| asked.path).collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
}
