//! Jobs whose ledger is on a server that is remote, full, behind a pooler, or loses connections.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use lantern::{
    Client, ClientConfig,
    api::{agents::BatchKind, credits::CreditsRemaining, enrich::EnrichCompany},
    error::ErrorKind,
    jobs::{
        Job, JobOptions, JobState, Ledger, Progress,
        ids::Ids,
        plan::{Request, Submission},
    },
    storage::StorageOptions,
};
use lantern_server::{Limits, LocalServer, ServerConfig};

use crate::ledger::server;

/// A slow network in front of a server: whenever the client speaks after the server did, a round
/// trip is counted and delayed.
struct Distance {
    port: u16,
    trips: Arc<AtomicU64>,
    connections: Arc<AtomicU64>,
}

impl Distance {
    fn before(server: u16, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (trips, connections): (Arc<AtomicU64>, Arc<AtomicU64>) = Default::default();
        let (counted, connected) = (trips.clone(), connections.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                connected.fetch_add(1, Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                // Small messages must not be delayed to be sent with others.
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let (back, forth) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let (answered, trips) = (Arc::new(AtomicBool::new(true)), counted.clone());
                let told = answered.clone();
                std::thread::spawn(move || {
                    carry(client, forth, || {
                        if answered.swap(false, Ordering::SeqCst) {
                            trips.fetch_add(1, Ordering::SeqCst);
                            std::thread::sleep(delay);
                        }
                    });
                });
                std::thread::spawn(move || {
                    carry(server, back, || told.store(true, Ordering::SeqCst))
                });
            }
        });
        Self { port, trips, connections }
    }

    fn trips(&self) -> u64 {
        self.trips.load(Ordering::SeqCst)
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, first: impl Fn()) {
    let mut bytes = [0; 65_536];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        first();
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

/// Runs blocking work on a thread of its own, because the administrator's client contains a
/// runtime.
fn run_blocking<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
}

fn port_of(url: &str) -> u16 {
    let place = url.rsplit('@').next().unwrap().split('/').next().unwrap();
    place.rsplit(':').next().unwrap().parse().unwrap()
}

struct World {
    server: LocalServer,
    client: Client,
    ledger: Ledger,
}

/// The local server, and a client whose ledger is at `url`. Both have the same rate limits.
async fn world(url: &str, per_minute: Option<u32>) -> World {
    let limits =
        Limits { batches: per_minute, sync: per_minute, credits: per_minute, ..Limits::LIFTED };
    let config = ServerConfig { limits, ..ServerConfig::default() };
    let server = LocalServer::start(config).await.unwrap();
    let ledger = Ledger::open(url).unwrap();
    let mut config = ClientConfig::resolve(Some(server.key()), Some(&server.url()), false).unwrap();
    config.limits = limits;
    let client = Client::with_slots(config, Some(ledger.slots())).unwrap();
    World { server, client, ledger }
}

impl World {
    /// A job of `count` batches with one id each.
    async fn submit(&self, batches: usize) -> Job {
        let people = self.server.people();
        let ids = people.column_by_name("id").unwrap().as_string::<i32>();
        let ids: Vec<Option<String>> =
            ids.iter().take(batches).map(|id| id.map(str::to_owned)).collect();
        let column: ArrayRef = Arc::new(StringArray::from(ids));
        let ids = Ids::read("id", column.data_type(), std::slice::from_ref(&column)).unwrap();
        let mut submission = Submission::new(Request::new(BatchKind::Email), 10_000);
        submission.batch_size = 1;
        let storage = StorageOptions::new(self.server.storage_options()).unwrap();
        let options = JobOptions { storage, ..JobOptions::default() };
        Job::submit(&self.client, &self.ledger, &submission, "id", &ids, options).await.unwrap()
    }

    async fn done(&self, job: &Job, mut report: impl FnMut(&Progress) + Send) {
        let done = job.wait(Some(Duration::from_secs(120)), &mut report).await.unwrap();
        assert_eq!(done.state, JobState::Done, "{done:?}");
    }
}

async fn round_trips_of_100_batches(per_minute: Option<u32>) -> Option<f64> {
    let url = run_blocking(server::database)?;
    let port = port_of(&url);
    let distance = Distance::before(port, Duration::from_millis(5));
    let far = url.replace(&format!(":{port}/"), &format!(":{}/", distance.port));
    let world = world(&far, per_minute).await;
    let before = distance.trips();
    let job = world.submit(100).await;
    world.done(&job, |_| ()).await;
    assert_eq!(world.server.runs().unwrap().num_rows(), 100);
    let connections = distance.connections.load(Ordering::SeqCst);
    assert!((2..=3).contains(&connections), "{connections} connections to a far server");
    let a_batch = (distance.trips() - before) as f64 / 100.0;
    println!("{a_batch} round trips a batch");
    Some(a_batch)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_costs_at_most_five_round_trips_to_the_ledger() {
    for per_minute in [None, Some(6_000)] {
        let Some(a_batch) = round_trips_of_100_batches(per_minute).await else { return };
        assert!(a_batch <= 5.0, "{a_batch} round trips a batch at {per_minute:?} a minute");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_worked_behind_a_pooler_that_gives_each_transaction_another_session() {
    let Some(url) = run_blocking(server::pooled_database) else { return };
    let world = world(&url, Some(6_000)).await;
    let job = world.submit(40).await;
    world.done(&job, |_| ()).await;
    let runs = world.server.runs().unwrap().num_rows();
    assert_eq!(runs, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_goes_on_when_its_connections_are_killed() {
    for url in [run_blocking(server::database), run_blocking(server::pooled_database)] {
        let Some(url) = url else { continue };
        let world = world(&url, Some(600)).await;
        let job = world.submit(30).await;
        let mut killed = 0;
        world
            .done(&job, |progress| {
                if killed < 3 && progress.sums.loaded > killed * 8 {
                    killed += 1;
                    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                                WHERE datname = current_database() AND pid <> pg_backend_pid()";
                    run_blocking(|| server::administrator(&url).batch_execute(kill)).unwrap();
                }
            })
            .await;
        assert!(killed > 0);
        assert_eq!(world.server.runs().unwrap().num_rows(), 30, "each batch was sent once");
    }
}

/// The URL of a role of its own in the database of `url`.
fn role(url: &str, name: &str, grants: &str) -> String {
    let mut administrator = server::administrator(url);
    // Roles exist on the whole server, so each is named after its database.
    let database = url.rsplit('/').next().unwrap().split('?').next().unwrap();
    let role = format!("{name}_{database}");
    administrator.batch_execute(&format!("CREATE ROLE {role} LOGIN")).unwrap();
    administrator.batch_execute(&grants.replace("<role>", &role)).unwrap();
    url.replace("postgres:secret@", &format!("{role}:secret@"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_full_is_used_once_it_has_room_and_nothing_is_spent_before() {
    let Some(url) = run_blocking(server::database) else { return };
    let url = run_blocking(|| {
        role(
            &url,
            "full",
            "GRANT ALL ON SCHEMA public TO <role>; ALTER ROLE <role> CONNECTION LIMIT 0",
        )
    });
    let world = world(&url, Some(600)).await;
    world
        .client
        .call(&CreditsRemaining {})
        .await
        .expect("a call that costs nothing needs no ledger");
    let paid = EnrichCompany {
        record_id: "1".into(),
        domain: Some("acme.com".into()),
        ..EnrichCompany::default()
    };
    let refused = world.client.call(&paid).await.unwrap_err();
    assert!(refused.is(ErrorKind::Ledger) && refused.to_string().contains("too many"), "{refused}");
    assert_eq!(world.server.credits_used(), 0.0);
    let name = url.split("//").nth(1).unwrap().split(':').next().unwrap().to_owned();
    let more = format!("ALTER ROLE {name} CONNECTION LIMIT 10");
    run_blocking(|| server::administrator(&url).batch_execute(&more)).unwrap();
    let job = world.submit(3).await;
    world.done(&job, |_| ()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_only_use_the_tables_works_a_job_and_one_without_tables_is_told() {
    let Some(url) = run_blocking(server::database) else { return };
    let nobody = run_blocking(|| role(&url, "early", "GRANT USAGE ON SCHEMA public TO <role>"));
    let told = Ledger::open(&nobody).unwrap_err();
    assert!(told.to_string().contains("permission denied"), "{told}");
    assert!(told.advice().is_some(), "{told:?}");
    drop(Ledger::open(&url).unwrap());
    let used = run_blocking(|| {
        role(
            &url,
            "user",
            "GRANT USAGE ON SCHEMA public TO <role>; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO <role>",
        )
    });
    let world = world(&used, Some(6_000)).await;
    let job = world.submit(5).await;
    world.done(&job, |_| ()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_of_which_there_are_few_are_left_to_other_workers() {
    let Some(url) = run_blocking(server::database) else { return };
    drop(Ledger::open(&url).unwrap());
    let few = run_blocking(|| {
        role(
            &url,
            "few",
            "GRANT USAGE ON SCHEMA public TO <role>; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO <role>; \
             ALTER ROLE <role> CONNECTION LIMIT 3",
        )
    });
    let port = port_of(&few);
    let distance = Distance::before(port, Duration::from_millis(5));
    let world =
        world(&few.replace(&format!(":{port}/"), &format!(":{}/", distance.port)), None).await;
    let job = world.submit(30).await;
    world.done(&job, |_| ()).await;
    let name = few.split("//").nth(1).unwrap().split(':').next().unwrap();
    let open = format!("SELECT count(*) FROM pg_stat_activity WHERE usename = '{name}'");
    let open: i64 =
        run_blocking(|| server::administrator(&url).query_one(open.as_str(), &[]).unwrap().get(0));
    // One is in use, and one that was tried may still be closing.
    assert!((1..=2).contains(&open), "{open} connections");
}
