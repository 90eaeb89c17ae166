//! HTTP/2 between the client and the local server: in cleartext with prior knowledge, and behind
//! TLS with negotiation.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arrow::array::{Array, ArrayRef};
use http::Version;
use lantern::{
    Client, ClientConfig,
    api::{
        agents::{BatchKind, ContactBatch, EntityType},
        credits::CreditsRemaining,
    },
    client::RateLimits,
    error::ErrorKind,
    jobs::{
        Job, JobOptions, JobState, Ledger,
        ids::Ids,
        plan::{Request, Submission},
    },
    storage::StorageOptions,
};
use lantern_server::{Limits, LocalServer, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The preface of HTTP/2 connections, with which no other connection begins (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a connection negotiated in its handshake, and what it then spoke.
#[derive(Debug, PartialEq)]
struct Spoken {
    agreed: Option<String>,
    preface: bool,
}

/// The server's side of TLS that agrees on HTTP/2, and its certificate.
fn acceptor() -> (tokio_rustls::TlsAcceptor, String) {
    lantern::process::runtime::install_crypto();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der());
    let mut settings = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.unwrap())
        .unwrap();
    settings.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (tokio_rustls::TlsAcceptor::from(Arc::new(settings)), made.cert.pem())
}

/// A server that answers each request over HTTP/2 with the head of a success if it `begins`, and
/// then says that it refused the stream. Returns its URL, its certificate, and the count of
/// requests.
async fn refuses_streams(begins: bool) -> (String, String, Arc<AtomicUsize>) {
    /// Frames (RFC 9113, 4.1 and 6): length, type, flags and stream, and then the payload.
    fn frame(kind: u8, flags: u8, stream: [u8; 4], payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).unwrap();
        [&[0, 0, length, kind, flags][..], &stream[..], payload].concat()
    }
    let (acceptor, certificate) = acceptor();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let requests: Arc<AtomicUsize> = Arc::default();
    let counted = requests.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, counted) = (acceptor.clone(), counted.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(socket).await else { return };
                let mut preface = vec![0; PREFACE.len()];
                if stream.read_exact(&mut preface).await.is_err() {
                    return;
                }
                let mut answer = frame(SETTINGS, 0, [0; 4], &[]);
                loop {
                    if stream.write_all(&answer).await.is_err() || stream.flush().await.is_err() {
                        return;
                    }
                    answer.clear();
                    let mut head = [0; 9];
                    if stream.read_exact(&mut head).await.is_err() {
                        return;
                    }
                    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                    let mut payload = vec![0; usize::try_from(length).unwrap()];
                    if stream.read_exact(&mut payload).await.is_err() {
                        return;
                    }
                    let id = [head[5], head[6], head[7], head[8]];
                    match (head[3], head[4] & 1) {
                        (SETTINGS, 0) => answer = frame(SETTINGS, 1, [0; 4], &[]),
                        // The last frame of a request.
                        (DATA | HEADERS, 1) => {
                            counted.fetch_add(1, Ordering::SeqCst);
                            if begins {
                                // The entry 8 of the static table is `:status: 200`.
                                answer = frame(HEADERS, 4, id, &[0x88]);
                            }
                            answer.extend(frame(RST_STREAM, 0, id, &REFUSED_STREAM));
                        }
                        _ => {}
                    }
                }
            });
        }
    });
    (url, certificate, requests)
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const REFUSED_STREAM: [u8; 4] = 7_u32.to_be_bytes();

/// TLS in front of a local server, like a load balancer: it terminates TLS and forwards the bytes.
struct Balancer {
    url: String,
    certificate: String,
    spoken: Arc<Mutex<Vec<Spoken>>>,
}

impl Balancer {
    async fn before(server: &LocalServer) -> Self {
        let (acceptor, certificate) = acceptor();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let behind = server.url().trim_start_matches("http://").to_owned();
        let spoken: Arc<Mutex<Vec<Spoken>>> = Arc::default();
        let noted = spoken.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, behind, noted) = (acceptor.clone(), behind.clone(), noted.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(socket).await else { return };
                    let agreed = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
                    let mut first = vec![0; PREFACE.len()];
                    if stream.read_exact(&mut first).await.is_err() {
                        return;
                    }
                    noted.lock().unwrap().push(Spoken {
                        agreed: agreed.map(|name| String::from_utf8(name).unwrap()),
                        preface: first == PREFACE,
                    });
                    let mut server = tokio::net::TcpStream::connect(behind).await.unwrap();
                    server.write_all(&first).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
                });
            }
        });
        Self { url, certificate, spoken }
    }

    fn client(&self, server: &LocalServer, folder: &std::path::Path) -> Client {
        let bundle = folder.join("ca.pem");
        std::fs::write(&bundle, &self.certificate).unwrap();
        let mut config = ClientConfig::resolve(Some(server.key()), Some(&self.url), false).unwrap();
        config.limits = RateLimits::LIFTED;
        config.ca_bundle = Some(bundle);
        Client::new(config).unwrap()
    }

    /// Whether all connections so far spoke HTTP/2.
    fn check(&self) {
        let spoken = self.spoken.lock().unwrap();
        assert!(!spoken.is_empty());
        for connection in spoken.iter() {
            let wanted = Spoken { agreed: Some("h2".into()), preface: true };
            assert_eq!(*connection, wanted);
        }
    }
}

async fn server(faults: &[&str]) -> LocalServer {
    let faults = faults.iter().map(|rule| rule.parse().unwrap()).collect();
    let config = ServerConfig { limits: Limits::LIFTED, faults, ..ServerConfig::default() };
    LocalServer::start(config).await.unwrap()
}

/// Submits `count` people in batches of 50.
async fn job(client: &Client, server: &LocalServer, folder: &std::path::Path, count: usize) -> Job {
    let ledger = Ledger::open(&folder.join("ledger.sqlite").to_string_lossy()).unwrap();
    let people = server.people();
    let column: ArrayRef = people.column_by_name("id").unwrap().slice(0, count);
    let ids = Ids::read("id", column.data_type(), std::slice::from_ref(&column)).unwrap();
    let mut submission = Submission::new(Request::new(BatchKind::Email), 10_000);
    submission.batch_size = 50;
    let storage = StorageOptions::new(server.storage_options()).unwrap();
    let options = JobOptions { storage, ..JobOptions::default() };
    Job::submit(client, &ledger, &submission, "id", &ids, options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_worked_over_http_2() {
    let (server, folder) = (server(&[]).await, tempfile::tempdir().unwrap());
    let balancer = Balancer::before(&server).await;
    let client = balancer.client(&server, folder.path());
    client.call(&CreditsRemaining {}).await.unwrap();
    let job = job(&client, &server, folder.path(), 200).await;
    let progress = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap();
    assert_eq!((progress.state, progress.sums.loaded), (JobState::Done, 4));
    assert_eq!(server.runs().unwrap().num_rows(), 4);
    balancer.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_request_whose_stream_broke_over_http_2_is_in_doubt_and_sent_once() {
    let server = server(&["POST /v1/agents/*: reset after nth 1"]).await;
    let folder = tempfile::tempdir().unwrap();
    let balancer = Balancer::before(&server).await;
    let client = balancer.client(&server, folder.path());
    let job = job(&client, &server, folder.path(), 50).await;
    let error = job.wait(Some(Duration::from_secs(60)), |_| ()).await.unwrap_err();
    assert!(error.is(ErrorKind::OutcomeUnknown), "{error:?}");
    assert_eq!(server.runs().unwrap().num_rows(), 1);
    balancer.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_refused_after_the_head_of_an_answer_is_in_doubt() {
    for begins in [false, true] {
        let (url, certificate, requests) = refuses_streams(begins).await;
        let folder = tempfile::tempdir().unwrap();
        let bundle = folder.path().join("ca.pem");
        std::fs::write(&bundle, certificate).unwrap();
        let mut config = ClientConfig::resolve(Some("key-of-a-test"), Some(&url), false).unwrap();
        config.limits = RateLimits::LIFTED;
        config.ca_bundle = Some(bundle);
        config.retry.attempts = 3;
        let call = ContactBatch {
            kind: BatchKind::Email,
            ids: Some(vec!["a".to_owned()]),
            records: None,
            entity_type: EntityType::Person,
            max_credits: 1,
        };
        let error = Client::new(config).unwrap().call(&call).await.unwrap_err();
        let (kind, sent) = match begins {
            true => (ErrorKind::OutcomeUnknown, 1),
            false => (ErrorKind::Connection, 3),
        };
        assert!(error.is(kind), "{error:?}");
        assert_eq!(requests.load(Ordering::SeqCst), sent);
    }
}

/// A connection whose other end is gone: it takes bytes and answers none. The first request on the
/// first connection is answered, and so is every request on the later ones.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_connection_is_not_used_for_the_next_attempt() {
    let (acceptor, certificate) = acceptor();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let connections: Arc<AtomicUsize> = Arc::default();
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let first = counted.fetch_add(1, Ordering::SeqCst) == 0;
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(socket).await else { return };
                let asked = AtomicUsize::new(0);
                let service =
                    hyper::service::service_fn(move |_: http::Request<hyper::body::Incoming>| {
                        let dead = first && asked.fetch_add(1, Ordering::SeqCst) > 0;
                        async move {
                            if dead {
                                std::future::pending::<()>().await;
                            }
                            let answer = r#"{"success": true, "remaining_credits": 7}"#;
                            Ok::<_, std::convert::Infallible>(http::Response::new(
                                answer.to_owned(),
                            ))
                        }
                    });
                let io = hyper_util::rt::TokioIo::new(stream);
                let executor = hyper_util::rt::TokioExecutor::new();
                let _ = hyper::server::conn::http2::Builder::new(executor)
                    .serve_connection(io, service)
                    .await;
            });
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("ca.pem");
    std::fs::write(&bundle, certificate).unwrap();
    let mut config = ClientConfig::resolve(Some("key-of-a-test"), Some(&url), false).unwrap();
    config.limits = RateLimits::LIFTED;
    config.ca_bundle = Some(bundle);
    config.timeouts.read = Duration::from_millis(500);
    let client = Client::new(config).unwrap();
    for attempts in [1, 2] {
        let answered = client.call(&CreditsRemaining {}).await.unwrap();
        assert_eq!((answered.value.remaining_credits, answered.attempts), (7.0, attempts));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_server_speaks_http_2_in_clear_to_those_who_know() {
    let server = server(&[]).await;
    lantern::process::runtime::install_crypto();
    let knows = reqwest::Client::builder().no_proxy().http2_prior_knowledge();
    for (client, version) in
        [(knows, Version::HTTP_2), (reqwest::Client::builder().no_proxy(), Version::HTTP_11)]
    {
        let url = format!("{}/v1/credits/remaining", server.url());
        let request = client.build().unwrap().get(url).bearer_auth(server.key());
        let answer = request.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.version()), (200, version));
    }
}
