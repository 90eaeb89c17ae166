//! What the network does to calls: servers that are busy or go away, proxies, certificates.

use std::{
    net::TcpListener,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use lantern::{
    Client, ClientConfig, Error,
    api::{
        credits::CreditsRemaining,
        logs::SetRetention,
        routing::{DeletePool, PutPool},
    },
    error::{Advice, ErrorKind},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::client::{CREDITS, RUN, Raw, Then, batch, client, config, say};

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says() {
    let server = Raw::start(|number| match number {
        0 => say("503 Service Unavailable", "retry-after: 1\r\n", ""),
        _ => say("200 OK", "", CREDITS),
    });
    let begun = Instant::now();
    client(&server.url).call(&CreditsRemaining {}).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(server.count(), 2);

    let server = Raw::start(|_| say("503 Service Unavailable", "retry-after: 900\r\n", ""));
    let error = client(&server.url).call(&CreditsRemaining {}).await.unwrap_err();
    assert_eq!((error.kind(), error.facts().retry_after), (ErrorKind::Server, Some(900.0)));
    assert_eq!(server.count(), 1, "nobody waits for a quarter of an hour within a call");
}

#[tokio::test]
async fn a_429_for_ever_ends_a_call() {
    for told in ["", "retry-after: 0\r\n"] {
        let server = Raw::start(move |_| say("429 Too Many Requests", told, ""));
        let error = client(&server.url).call(&batch()).await.unwrap_err();
        assert!(error.is(ErrorKind::RateLimit), "{error:?}");
        assert_eq!(server.count(), 6);
    }
}

#[tokio::test]
async fn no_content_is_the_success_of_a_change_and_of_nothing_else() {
    let server = Raw::start(|_| Then::Say("HTTP/1.1 204 No Content\r\n\r\n".into()));
    let client = client(&server.url);
    let deleted = client.call(&DeletePool { pool: "emea".into() }).await.unwrap().value;
    assert_eq!(deleted.success, Some(true));
    let put = PutPool { pool: "emea".into(), users: vec!["u1".into()] };
    let pool = client.call(&put).await.unwrap().value;
    assert_eq!((pool.pool.as_str(), pool.users[0].id.as_str()), ("emea", "u1"));
    let retention = client.call(&SetRetention { days: 30 }).await.unwrap().value;
    assert_eq!(retention.days, Some(30));
    assert!(client.call(&CreditsRemaining {}).await.unwrap_err().is(ErrorKind::Server));
    assert!(client.call(&batch()).await.unwrap_err().is(ErrorKind::OutcomeUnknown));
}

#[tokio::test]
async fn a_base_url_may_end_in_the_version() {
    let server = Raw::start(|_| say("200 OK", "", CREDITS));
    client(&format!("{}/staging/v1/", server.url)).call(&CreditsRemaining {}).await.unwrap();
    let head = server.heads.lock().unwrap()[0].clone();
    assert!(head.starts_with("GET /staging/v1/credits/remaining "), "{head}");
}

/// A closed port of this machine.
fn closed() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn through(proxy: &str, base_url: &str) -> ClientConfig {
    let mut config = config(base_url);
    config.proxy = Some(proxy.to_owned());
    config
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named_and_its_password_is_not() {
    let closed = closed();
    for base_url in ["http://api.example.com", "https://api.example.com"] {
        let config = through(&format!("http://ada:pass-word@{closed}"), base_url);
        let error = Client::new(config).unwrap().call(&batch()).await.unwrap_err();
        let text = error.to_string();
        assert!(error.is(ErrorKind::Connection), "{error:?}");
        assert!(text.contains(&format!("the proxy http://{closed}")), "{text}");
        assert!(!format!("{error:?}").contains("pass-word"), "{error:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_asks_who_calls_is_named_and_nothing_is_in_doubt() {
    for base_url in ["http://api.example.com", "https://api.example.com"] {
        let proxy = Raw::start(|_| {
            say("407 Proxy Authentication Required", "proxy-authenticate: Basic\r\n", "")
        });
        let client = Client::new(through(&proxy.url, base_url)).unwrap();
        let error = client.call(&batch()).await.unwrap_err();
        assert!(error.is(ErrorKind::Config), "{base_url}: {error:?}");
        let text = error.to_string();
        assert!(text.contains(&proxy.url) && text.contains("user:password@"), "{text}");
        assert_eq!(proxy.count(), 1, "asking again does not help");
    }
}

#[tokio::test]
async fn a_proxy_that_opens_no_connection_is_named_with_its_status() {
    for (status, kind, attempts, advice) in [
        ("403 Forbidden", ErrorKind::Config, 1, "ask those who run the proxy"),
        ("502 Bad Gateway", ErrorKind::Connection, 3, "can reach the API"),
        ("503 Service Unavailable", ErrorKind::Connection, 3, "can reach the API"),
    ] {
        let proxy = Raw::start(move |_| say(status, "", ""));
        let mut config = through(&proxy.url, "https://api.example.com");
        config.retry.attempts = 3;
        let error = Client::new(config).unwrap().call(&batch()).await.unwrap_err();
        let text = error.to_string();
        assert!(error.is(kind), "{status}: {error:?}");
        assert_eq!(error.call().unwrap().attempts, attempts, "{text}");
        for part in [proxy.url.as_str(), status, "to CONNECT", advice] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let heads = proxy.heads.lock().unwrap();
        assert!(heads.iter().all(|head| head.starts_with("CONNECT api.example.com:443 ")));
    }
    let proxy = Raw::start(|_| Then::Say("SSH-2.0-OpenSSH\r\n\r\n".into()));
    let mut config = through(&proxy.url, "https://api.example.com");
    config.retry.attempts = 1;
    let error = Client::new(config).unwrap().call(&batch()).await.unwrap_err();
    assert!(error.to_string().contains("refuses to open one to the API"), "{error}");
}

#[test]
fn a_misspelt_proxy_is_refused() {
    for proxy in ["http//proxy:3128", "proxy:port", "ftp://proxy:3128"] {
        let error = Client::new(through(proxy, "https://api.example.com")).unwrap_err();
        assert!(error.is(ErrorKind::Config), "{error:?}");
        assert!(error.to_string().contains("proxy"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_misspelt_proxy_of_the_environment_is_named_by_its_variable() {
    // Environment variables apply to the whole process, so the test runs in a process of its own.
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "network::part_of_a_child_with_a_misspelt_proxy", "--ignored"])
        .env("HTTPS_PROXY", "http//proxy.example:3128")
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
#[ignore = "the part of a child process"]
fn part_of_a_child_with_a_misspelt_proxy() {
    let error = Client::new(config("https://api.example.com")).unwrap_err().to_string();
    assert!(error.contains("HTTPS_PROXY") && error.contains("proxy.example:3128"), "{error}");
    // Calls to this machine never take a proxy.
    Client::new(config("http://127.0.0.1:9")).unwrap();
}

/// A self-signed certificate, and TLS with it.
fn certified(
    name: &str,
    change: impl FnOnce(&mut rcgen::CertificateParams),
) -> (String, tokio_rustls::TlsAcceptor) {
    lantern::process::runtime::install_crypto();
    let mut parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    change(&mut parameters);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let secret = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut settings = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], secret)
        .unwrap();
    settings.alpn_protocols = vec![b"h2".to_vec()];
    (certificate.pem(), tokio_rustls::TlsAcceptor::from(Arc::new(settings)))
}

/// Listens on loopback, and passes each connection to `serve` after the TLS handshake.
async fn listen<F: Future<Output = ()> + Send + 'static>(
    acceptor: tokio_rustls::TlsAcceptor,
    serve: impl Fn(tokio_rustls::server::TlsStream<tokio::net::TcpStream>) -> F + Send + Sync + 'static,
) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let serve = Arc::new(serve);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, serve) = (acceptor.clone(), serve.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(socket).await {
                    serve(stream).await;
                }
            });
        }
    });
    url
}

fn trusting(url: &str, bundle: &Path) -> Client {
    let mut config = config(url);
    config.ca_bundle = Some(bundle.to_owned());
    Client::new(config).unwrap()
}

async fn refused_certificate(
    name: &str,
    change: impl FnOnce(&mut rcgen::CertificateParams),
) -> Error {
    let (pem, acceptor) = certified(name, change);
    let url = listen(acceptor, |_| async {}).await;
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("ca.pem");
    std::fs::write(&bundle, pem).unwrap();
    let error = trusting(&url, &bundle).call(&batch()).await.unwrap_err();
    assert!(error.is(ErrorKind::Connection), "{error:?}");
    assert_eq!(error.call().unwrap().attempts, 1, "{error}");
    error
}

#[tokio::test]
async fn a_certificate_that_has_expired_or_is_misnamed_says_what_to_do() {
    let error = refused_certificate("localhost", |certificate| {
        certificate.not_before = rcgen::date_time_ymd(2019, 1, 1);
        certificate.not_after = rcgen::date_time_ymd(2020, 1, 1);
    })
    .await;
    assert!(error.to_string().contains("has expired"), "{error}");
    assert_ne!(error.advice(), Some(&Advice::PassCaBundle));
    let error = refused_certificate("localhost", |certificate| {
        certificate.not_before = rcgen::date_time_ymd(2999, 1, 1);
        certificate.not_after = rcgen::date_time_ymd(3000, 1, 1);
    })
    .await;
    assert!(error.to_string().contains("not valid yet"), "{error}");
    let error = refused_certificate("elsewhere.example", |_| ()).await;
    assert!(error.to_string().contains("for another name"), "{error}");
    assert!(error.to_string().contains("base URL"), "{error}");
}

/// How an HTTP/2 server reacts to a request that has arrived completely.
#[derive(Clone, Copy)]
enum Http2 {
    Answer,
    /// RST_STREAM with this code.
    Reset(u8),
    /// GOAWAY that names this stream as the last one, and then the end of the connection.
    GoAway {
        last: u8,
    },
}

/// One frame (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Speaks as much HTTP/2 as a client of one call needs. `script` gets the number of the request.
async fn http2(
    script: impl Fn(usize) -> Http2 + Send + Sync + 'static,
) -> (Client, Arc<AtomicUsize>) {
    const PREFACE: usize = 24;
    const END_STREAM: u8 = 1;
    let (pem, acceptor) = certified("localhost", |_| ());
    let arrived = Arc::new(AtomicUsize::new(0));
    let (count, script) = (arrived.clone(), Arc::new(script));
    let url = listen(acceptor, move |mut stream| {
        let (count, script) = (count.clone(), script.clone());
        async move {
            let mut preface = [0; PREFACE];
            if stream.read_exact(&mut preface).await.is_err() {
                return;
            }
            stream.write_all(&frame(4, 0, 0, &[])).await.unwrap();
            let mut head = [0; 9];
            while stream.read_exact(&mut head).await.is_ok() {
                let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
                let (kind, flags) = (head[3], head[4]);
                let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
                stream.read_exact(&mut vec![0; length]).await.unwrap();
                let is_request = matches!(kind, 0 | 1) && flags & END_STREAM != 0;
                let answer = match kind {
                    4 if flags == 0 => frame(4, 1, 0, &[]),
                    _ if !is_request => continue,
                    _ => match script(count.fetch_add(1, Ordering::SeqCst)) {
                        Http2::Answer => {
                            // 0x88 is ":status: 200" in HPACK's static table.
                            [frame(1, 4, id, &[0x88]), frame(0, END_STREAM, id, RUN.as_bytes())]
                                .concat()
                        }
                        Http2::Reset(code) => frame(3, 0, id, &[0, 0, 0, code]),
                        Http2::GoAway { last } => {
                            let away = frame(7, 0, 0, &[0, 0, 0, last, 0, 0, 0, 0]);
                            let _ = stream.write_all(&away).await;
                            let _ = stream.shutdown().await;
                            return;
                        }
                    },
                };
                if stream.write_all(&answer).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("ca.pem");
    std::fs::write(&bundle, pem).unwrap();
    (trusting(&url, &bundle), arrived)
}

const INTERNAL_ERROR: u8 = 2;
const REFUSED_STREAM: u8 = 7;
const CANCEL: u8 = 8;

#[tokio::test]
async fn a_paid_request_that_the_server_did_not_work_on_is_sent_again() {
    for then in [Http2::Reset(REFUSED_STREAM), Http2::GoAway { last: 0 }] {
        let (client, arrived) = http2(move |n| if n < 2 { then } else { Http2::Answer }).await;
        let answered = client.call(&batch()).await.unwrap();
        assert_eq!((answered.attempts, arrived.load(Ordering::SeqCst)), (3, 3));
    }
}

#[tokio::test]
async fn a_paid_request_that_the_server_may_have_worked_on_is_in_doubt() {
    for then in [Http2::Reset(INTERNAL_ERROR), Http2::Reset(CANCEL), Http2::GoAway { last: 1 }] {
        let (client, arrived) = http2(move |_| then).await;
        let error = client.call(&batch()).await.unwrap_err();
        assert!(error.is(ErrorKind::OutcomeUnknown), "{error:?}");
        assert_eq!(arrived.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_server_that_never_works_on_a_request_ends_it_without_doubt() {
    let (client, arrived) = http2(|_| Http2::Reset(REFUSED_STREAM)).await;
    let error = client.call(&batch()).await.unwrap_err();
    assert!(error.is(ErrorKind::Connection), "{error:?}");
    assert_eq!(arrived.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn a_bundle_with_a_byte_order_mark_is_read() {
    let (pem, acceptor) = certified("localhost", |_| ());
    drop(acceptor);
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("ca.pem");
    std::fs::write(&bundle, format!("\u{feff}{pem}")).unwrap();
    trusting("https://localhost:9", &bundle);
}
