//! The client against servers that misbehave: raw sockets on loopback that count what reaches them.

use std::{
    future::Future,
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use lantern::{
    Client, ClientConfig, Error,
    api::{
        LimitClass,
        agents::{BatchKind, ContactBatch, EntityType, RunStatus},
        credits::CreditsRemaining,
    },
    client::{CallOptions, RateLimits},
    error::{Advice, ErrorKind},
    jobs::Ledger,
    process::clock::now,
};

pub const KEY: &str = "key-that-nobody-may-see";
pub const RUN: &str =
    r#"{"run_id":"7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0a11","result_path":"s3://b/k","eta":3}"#;
pub const CREDITS: &str = r#"{"success":true,"tenant_id":1,"remaining_credits":5.0,"plan":"x"}"#;

/// How a server reacts to a request that it has read.
#[derive(Clone)]
pub enum Then {
    Say(String),
    Hang,
    Close,
}

pub fn say(status: &str, headers: &str, body: &str) -> Then {
    Then::Say(format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()))
}

/// A server on loopback that reads whole requests and follows a script.
pub struct Raw {
    pub url: String,
    pub heads: Arc<Mutex<Vec<String>>>,
}

impl Raw {
    pub fn start(script: impl Fn(usize) -> Then + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, script) = (heads.clone(), Arc::new(script));
        std::thread::spawn(move || {
            for mut socket in listener.incoming().flatten() {
                let (heads, script) = (kept.clone(), script.clone());
                std::thread::spawn(move || {
                    while let Some(head) = read_request(&mut socket) {
                        let number = {
                            let mut heads = heads.lock().unwrap();
                            heads.push(head);
                            heads.len() - 1
                        };
                        match script(number) {
                            Then::Say(answer) => {
                                let _ = socket.write_all(answer.as_bytes());
                                // An answer that is shorter than announced ends here.
                                if answer.contains("content-length: 999") {
                                    return;
                                }
                            }
                            Then::Hang => while socket.read(&mut [0; 64]).is_ok_and(|n| n > 0) {},
                            Then::Close => return,
                        }
                    }
                });
            }
        });
        Self { url, heads }
    }

    pub fn count(&self) -> usize {
        self.heads.lock().unwrap().len()
    }
}

/// Reads one request with its body; `None` at the end of the connection.
fn read_request(socket: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if socket.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.trim().parse().unwrap());
    socket.read_exact(&mut vec![0; length]).ok()?;
    Some(head)
}

pub fn config(url: &str) -> ClientConfig {
    let mut config = ClientConfig::resolve(Some(KEY), Some(url), true).unwrap();
    config.limits = RateLimits::LIFTED;
    config.retry.transient = Duration::from_millis(1);
    config.retry.throttled = Duration::from_millis(1);
    config
}

pub fn client(url: &str) -> Client {
    Client::new(config(url)).unwrap()
}

pub fn batch() -> ContactBatch {
    ContactBatch {
        kind: BatchKind::Phone,
        ids: Some(vec!["1".into()]),
        records: None,
        entity_type: EntityType::Person,
        max_credits: 5,
    }
}

fn status() -> RunStatus {
    RunStatus { run_id: "7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0a11".into() }
}

/// Checks that an error shows the key in neither of its forms.
fn check_secret<T: std::fmt::Debug>(outcome: &Result<T, Error>) {
    if let Err(error) = outcome {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(KEY), "{shown}");
        assert_eq!(shown.matches("http://").count(), 0, "an error shows a URL: {shown}");
    }
}

/// The outcome of a paid call, and the number of requests that arrived.
async fn paid(script: impl Fn(usize) -> Then + Send + Sync + 'static) -> (Error, usize) {
    let server = Raw::start(script);
    let outcome = client(&server.url).call(&batch()).await;
    check_secret(&outcome);
    (outcome.unwrap_err(), server.count())
}

async fn read(
    script: impl Fn(usize) -> Then + Send + Sync + 'static,
) -> (Result<(), Error>, usize) {
    let server = Raw::start(script);
    let outcome = client(&server.url).call(&CreditsRemaining {}).await;
    check_secret(&outcome);
    (outcome.map(drop), server.count())
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_also_for_paid_calls() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = client(&format!("http://{port}"));
    for outcome in
        [client.call(&batch()).await.map(drop), client.call(&CreditsRemaining {}).await.map(drop)]
    {
        check_secret(&outcome);
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection);
        let call = error.call().unwrap();
        assert_eq!((call.attempts, call.status), (6, None));
        assert!(error.happened().contains("refused"), "{error}");
    }
}

#[tokio::test]
async fn a_call_that_did_not_leave_takes_one_slot_however_often_it_is_tried() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut config = config(&format!("http://{port}"));
    config.limits = RateLimits::default();
    let client = Client::new(config).unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(30), client.call(&batch())).await;
    let error = outcome.expect("at 1 a minute it waits for other slots").unwrap_err();
    assert_eq!(error.call().unwrap().attempts, 6);
}

#[tokio::test]
async fn a_paid_call_whose_request_was_read_is_in_doubt_and_arrives_once() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n\
                {\"run_id\":\"7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0a11\",\"res";
    let run = r#"{"success":false,"error":"x","run_id":"r-1"}"#;
    for (what, then) in [
        ("closed", Then::Close),
        ("half an answer", Then::Say(half.into())),
        ("half a head", Then::Say("HTTP/1.1 200 OK\r\ncontent-length: 999".into())),
        ("half a document", say("200 OK", "", "{\"run_id\": \"7f2c")),
        ("no JSON", say("200 OK", "", "<html>hello</html>")),
        ("no run", say("200 OK", "", r#"{"run_id":null,"result_path":"s3://b/k"}"#)),
        ("500", say("500 Internal Server Error", "", r#"{"success":false,"error":"oops"}"#)),
        ("502", say("502 Bad Gateway", "", "")),
        ("503", say("503 Service Unavailable", "", "")),
        ("504", say("504 Gateway Timeout", "", "")),
        ("408", say("408 Request Timeout", "", "")),
        ("303", say("303 See Other", "location: /elsewhere\r\n", "")),
        ("failed with a run", say("200 OK", "", run)),
        ("302 with a run", say("302 Found", "location: /elsewhere\r\n", run)),
        ("400 with a run", say("400 Bad Request", "", run)),
        ("401 with a run", say("401 Unauthorized", "", run)),
        ("402 with a run", say("402 Payment Required", "", run)),
        ("404 with a run", say("404 Not Found", "", run)),
        ("409 with a run", say("409 Conflict", "", run)),
        ("429 with a run", say("429 Too Many Requests", "", run)),
    ] {
        let (error, arrived) = paid(move |_| then.clone()).await;
        assert!(error.is(ErrorKind::OutcomeUnknown), "{what}: {error:?}");
        assert_eq!(arrived, 1, "{what}");
        let text = error.to_string();
        assert!(text.contains("may have arrived") && !text.contains("try again"), "{what}: {text}");
        let run = match what {
            "half an answer" => Some("7f2c1c6e-58a5-4b9e-8c34-0f2f5a1f0a11"),
            _ if what.ends_with("with a run") => Some("r-1"),
            _ => None,
        };
        assert_eq!(error.call().unwrap().run_id.as_deref(), run, "{what}: the run's id is lost");
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_unread_never_becomes_two_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let outcome = client(&url).call(&batch()).await;
    check_secret(&outcome);
    let error = outcome.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Connection), "{error:?}");
}

#[tokio::test]
async fn what_the_api_refused_is_not_in_doubt_and_not_sent_again() {
    for (answer, word) in [
        (say("401 Unauthorized", "", r#"{"success":false,"error":"bad key"}"#), "LANTERN_API_KEY"),
        (say("402 Payment Required", "", r#"{"credits_required":40}"#), "40 needed"),
        (say("404 Not Found", "", ""), "404"),
        (say("400 Bad Request", "", r#"{"success":false,"error":"no"}"#), "no"),
        (say("422 Unprocessable", "", r#"{"detail":[{"loc":["body","ids"],"msg":"bad"}]}"#), "ids"),
        (say("307 Temporary Redirect", "location: /x\r\n", ""), "redirects"),
        (say("200 OK", "", r#"{"success":false,"error":"locked"}"#), "locked"),
    ] {
        let (error, arrived) = paid(move |_| answer.clone()).await;
        assert!(!error.is(ErrorKind::OutcomeUnknown), "{error:?}");
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(arrived, 1, "{error}");
    }
}

#[tokio::test]
async fn a_read_is_tried_again_where_that_may_help() {
    let fine = || say("200 OK", "", CREDITS);
    for broken in [
        Then::Close,
        say("502 Bad Gateway", "", ""),
        say("503 Service Unavailable", "", ""),
        say("504 Gateway Timeout", "", ""),
        say("500 Internal Server Error", "", ""),
        say("520 Unknown Error", "", ""),
        Then::Say("HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{".into()),
    ] {
        let (outcome, arrived) = read(move |n| if n < 2 { broken.clone() } else { fine() }).await;
        outcome.unwrap();
        assert_eq!(arrived, 3);
    }
    for final_ in [
        say("501 Not Implemented", "", ""),
        say("200 OK", "", "<html>"),
        say("200 OK", "", r#"{"success":false,"error":"locked"}"#),
        say("302 Found", "location: /x\r\n", ""),
    ] {
        let (outcome, arrived) = read(move |_| final_.clone()).await;
        assert!(matches!(&outcome, Err(error) if error.is(ErrorKind::Server)), "{outcome:?}");
        assert_eq!(arrived, 1);
    }
}

#[tokio::test]
async fn each_timeout_says_which_it_was() {
    let server = Raw::start(|_| Then::Hang);
    let within = |change: fn(&mut ClientConfig)| {
        let mut config = config(&server.url);
        config.retry.attempts = 1;
        change(&mut config);
        Client::new(config).unwrap()
    };
    let read = within(|config| config.timeouts.read = Duration::from_millis(50));
    let error = read.call(&CreditsRemaining {}).await.unwrap_err();
    assert!(error.is(ErrorKind::Timeout), "{error:?}");
    assert!(error.to_string().contains("read timeout"), "{error}");
    let error = read.call(&batch()).await.unwrap_err();
    assert!(error.is(ErrorKind::OutcomeUnknown), "{error:?}");
    let total = within(|config| config.timeouts.total = Duration::from_millis(50));
    let error = total.call(&CreditsRemaining {}).await.unwrap_err();
    assert!(error.to_string().contains("no full answer within"), "{error}");
    let error = total.call(&batch()).await.unwrap_err();
    assert!(error.is(ErrorKind::OutcomeUnknown), "{error:?}");
}

#[tokio::test]
async fn a_429_is_tried_again_when_the_api_says_so_also_for_paid_calls() {
    for told in [
        say("429 Too Many Requests", "retry-after: 0.2\r\n", ""),
        say("429 Too Many Requests", "", r#"{"success":false,"retry_after":0.2}"#),
    ] {
        let server =
            Raw::start(move |n| if n == 0 { told.clone() } else { say("200 OK", "", RUN) });
        let mut config = config(&server.url);
        config.limits.batches = Some(60_000);
        let begun = Instant::now();
        let answered = Client::new(config).unwrap().call(&batch()).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(200), "{:?}", begun.elapsed());
        assert_eq!((answered.attempts, server.count()), (2, 2));
        assert_eq!(answered.value.extra["eta"], 3, "fields that nobody named are kept");
    }
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_an_error_with_its_seconds_at_once() {
    let server = Raw::start(|_| say("429 Too Many Requests", "retry-after: 900\r\n", ""));
    let mut config = config(&server.url);
    config.limits.batches = Some(60_000);
    let client = Client::new(config).unwrap();
    let error = client.call(&batch()).await.unwrap_err();
    assert!(error.is(ErrorKind::RateLimit), "{error:?}");
    assert_eq!(error.facts().retry_after, Some(900.0));
    // The next call knows about the hold, and neither sends nor waits.
    let next = tokio::time::timeout(Duration::from_secs(10), client.call(&batch())).await;
    let error = next.expect("it waits for a quarter of an hour").unwrap_err();
    assert!(error.is(ErrorKind::RateLimit), "{error:?}");
    assert!(error.to_string().contains("was not sent"), "{error}");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn the_limit_that_an_answer_states_holds() {
    let server = Raw::start(|_| say("200 OK", "x-ratelimit-limit: 600, 600;w=60\r\n", CREDITS));
    let client = client(&server.url);
    assert_eq!(client.per_minute(LimitClass::Credits).unwrap(), None);
    client.call(&CreditsRemaining {}).await.unwrap();
    assert_eq!(client.per_minute(LimitClass::Credits).unwrap(), Some(600));
    assert_eq!(client.per_minute(LimitClass::Sync).unwrap(), None, "each class has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clients_on_one_ledger_send_evenly_in_turns() {
    let times: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let noted = times.clone();
    let server = Raw::start(move |_| {
        noted.lock().unwrap().push(Instant::now());
        say("200 OK", "", CREDITS)
    });
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("ledger.sqlite");
    let client = || {
        let mut config = config(&server.url);
        config.limits.credits = Some(1_200);
        let ledger = Ledger::open(&place.to_string_lossy()).unwrap();
        Client::with_slots(config, Some(ledger.slots())).unwrap()
    };
    let (one, two) = (client(), client());
    let served = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
    let mut calls = Vec::new();
    for n in 0..20 {
        let (client, served) =
            (if n % 2 == 0 { &one } else { &two }.clone(), served[n % 2].clone());
        calls.push(tokio::spawn(async move {
            client.call(&CreditsRemaining {}).await.unwrap();
            served.fetch_add(1, Ordering::Relaxed);
        }));
    }
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(served.map(|served| served.load(Ordering::Relaxed)), [10, 10]);
    let times = times.lock().unwrap();
    let whole = times[19] - times[0];
    assert!(whole >= Duration::from_millis(19 * 50 - 60), "20 calls at 20 a second took {whole:?}");
}

#[tokio::test]
async fn a_request_says_who_sends_it_and_a_batch_has_an_idempotency_key() {
    let server = Raw::start(|_| say("200 OK", "", RUN));
    let mut config = config(&server.url);
    config.user_agent = Some("warehouse/7".into());
    Client::new(config).unwrap().call(&batch()).await.unwrap();
    let head = server.heads.lock().unwrap()[0].to_lowercase();
    assert!(head.starts_with("post /v1/agents/phone http/1.1"), "{head}");
    assert!(head.contains(&format!("user-agent: lantern/{}", env!("CARGO_PKG_VERSION"))), "{head}");
    for part in [" warehouse/7\r\n", "idempotency-key: ", "accept-encoding: gzip", KEY] {
        assert!(head.contains(part), "{part}: {head}");
    }
}

#[tokio::test]
async fn a_proxy_gets_the_calls_and_is_never_printed() {
    let proxy = Raw::start(|_| say("200 OK", "", CREDITS));
    let mut config = config("http://api.example.com");
    config.proxy = Some(proxy.url.replace("http://", "http://user:pass-word@"));
    assert!(!format!("{config:?}").contains("pass-word"), "{config:?}");
    assert!(!format!("{config:?}").contains(KEY), "{config:?}");
    Client::new(config).unwrap().call(&CreditsRemaining {}).await.unwrap();
    let head = proxy.heads.lock().unwrap()[0].clone();
    assert!(head.starts_with("GET http://api.example.com/v1/credits/remaining "), "{head}");
}

/// A TLS server with a self-signed certificate, and the certificate as PEM.
async fn tls(protocol: &'static [u8]) -> (String, String, Arc<AtomicUsize>) {
    lantern::process::runtime::install_crypto();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = made.cert.pem();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let mut settings = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    settings.alpn_protocols = vec![protocol.to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(settings));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = requests.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, counted) = (acceptor.clone(), counted.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(socket).await else { return };
                let service = hyper::service::service_fn(move |request: http::Request<_>| {
                    let _: &hyper::body::Incoming = request.body();
                    counted.fetch_add(1, Ordering::SeqCst);
                    let body =
                        http_body_util::Full::new(bytes::Bytes::from_static(CREDITS.as_bytes()));
                    let version = format!("{:?}", request.version());
                    async move { http::Response::builder().header("x-request-id", version).body(body) }
                });
                let io = hyper_util::rt::TokioIo::new(stream);
                let executor = hyper_util::rt::TokioExecutor::new();
                let _ = hyper_util::server::conn::auto::Builder::new(executor)
                    .serve_connection(io, service)
                    .await;
            });
        }
    });
    (url, pem, requests)
}

async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ca_bundle_opens_tls_with_http_2_and_with_http_1() {
    for (protocol, version) in [(&b"h2"[..], "HTTP/2.0"), (b"http/1.1", "HTTP/1.1")] {
        let (url, pem, _) = tls(protocol).await;
        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join("ca.pem");
        std::fs::write(&bundle, pem).unwrap();
        let mut config = config(&url);
        config.ca_bundle = Some(bundle);
        let answered =
            within(Client::new(config).unwrap().call(&CreditsRemaining {})).await.unwrap();
        assert_eq!(answered.request_id.as_deref(), Some(version));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_trusted_is_said_at_once_and_nothing_is_sent() {
    let (url, _, requests) = tls(b"http/1.1").await;
    for outcome in [
        within(client(&url).call(&batch())).await.map(drop),
        within(client(&url).call(&status())).await.map(drop),
    ] {
        let error = outcome.unwrap_err();
        assert!(error.is(ErrorKind::Connection), "{error:?}");
        assert_eq!(error.advice(), Some(&Advice::PassCaBundle), "{error}");
        assert_eq!(error.call().unwrap().attempts, 1, "trying again does not help");
    }
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_request_whose_time_to_leave_is_over_does_not_leave() {
    let server = Raw::start(|_| say("200 OK", "", RUN));
    let by = |leave_by| CallOptions { leave_by: Some(leave_by), ..CallOptions::default() };
    let client = client(&server.url);
    let error = client.call_with(&batch(), by(now() - 1)).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Connection | ErrorKind::Timeout), "{error:?}");
    assert!(error.to_string().contains("its time to be sent had passed"), "{error}");
    assert_eq!((error.call().unwrap().attempts, server.count()), (1, 0));
    client.call_with(&batch(), by(now() + 60_000_000)).await.unwrap();
    assert_eq!(server.count(), 1);
}

#[test]
fn a_ca_bundle_that_cannot_be_used_is_named() {
    let mut config = config("https://api.example.com");
    let folder = tempfile::tempdir().unwrap();
    config.ca_bundle = Some(folder.path().join("missing.pem"));
    let error = Client::new(config.clone()).unwrap_err().to_string();
    assert!(error.contains("missing.pem"), "{error}");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    config.ca_bundle = Some(empty);
    let error = Client::new(config).unwrap_err().to_string();
    assert!(error.contains("no certificate"), "{error}");
}

#[cfg(unix)]
#[test]
fn proxies_come_from_the_environment_but_not_for_this_machine() {
    // Environment variables apply to the whole process, so the test runs in a process of its own.
    let proxy = Raw::start(|_| say("200 OK", "", CREDITS));
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "client::part_of_a_child_with_a_proxy", "--ignored"])
        .env("HTTP_PROXY", &proxy.url)
        .env("http_proxy", &proxy.url)
        .env("NO_PROXY", "")
        .env_remove("REQUEST_METHOD")
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(proxy.count(), 1, "one call went through the proxy, the one to loopback did not");
}

#[tokio::test]
#[ignore = "the part of a child process"]
async fn part_of_a_child_with_a_proxy() {
    client("http://api.example.com").call(&CreditsRemaining {}).await.unwrap();
    let own = Raw::start(|_| say("200 OK", "", CREDITS));
    client(&own.url).call(&CreditsRemaining {}).await.unwrap();
    assert_eq!(own.count(), 1);
}
