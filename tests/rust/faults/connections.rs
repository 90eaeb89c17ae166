//! Single calls over TLS and HTTP/2: each family of the API × what goes wrong with a name, a handshake,
//! a certificate, a stream.
//!
//! The server speaks HTTP/2 frame by frame (RFC 9113), because a library would refuse to send most of
//! this.

use std::{
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use lantern::{Client, error::ErrorKind};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use super::{
    calls::{self, AT_ONCE, Lasts, Operation, judge, readable},
    catalogue::{Fault, Says},
    report::{self, GUARD, Tried},
    server::{self, Script, Then},
};

/// What a server answers on a stream to a request with this body, frame by frame.
type Frames = fn(u32, &Value) -> Vec<u8>;

/// Where a connection goes wrong.
#[derive(Debug, Clone)]
enum Where {
    /// Nobody is reached at this address.
    Address(String),
    /// In place of a handshake, once its first message was read.
    Handshake(Vec<u8>, Then),
    Certificate(Certificate),
    /// On a connection that stands, as soon as it does.
    Begin(Vec<u8>, Then),
    /// Once the whole request was read; the frames are made for its stream.
    Answer(Frames, Then),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certificate {
    Good,
    Expired,
    NotYetValid,
    AnotherName,
    AnotherAuthority,
}

#[derive(Debug, Clone)]
struct Odd {
    fault: Fault,
    at: Where,
}

const PREFACE: usize = 24;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header field, written out (RFC 7541, 6.2.2).
fn field(name: &str, value: &str) -> Vec<u8> {
    let mut bytes = vec![0];
    for text in [name, value] {
        assert!(text.len() < 127);
        bytes.push(text.len() as u8);
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// `:status: 200`, which has a number of its own.
const OK: u8 = 0x88;

fn head(stream: u32, flags: u8) -> Vec<u8> {
    let fields = [&[OK][..], &field("content-type", "application/json")].concat();
    frame(HEADERS, END_HEADERS | flags, stream, &fields)
}

fn good(stream: u32, body: &Value) -> Vec<u8> {
    [head(stream, 0), frame(DATA, END_STREAM, stream, body.to_string().as_bytes())].concat()
}

fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

fn goaway(last: u32, code: u32) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes(), *b"odd\x1b"].concat())
}

/// What goes wrong once the request was read.
type Answered = (&'static str, Says, Then, Frames);

const PASSES: Says = Says::Unclear { passes: true };

fn answers() -> Vec<Answered> {
    fn half(body: &Value) -> Vec<u8> {
        let text = body.to_string().into_bytes();
        text[..text.len() / 2].to_vec()
    }
    let mut answers: Vec<Answered> = vec![
        ("a good answer", Says::Worked, Then::Silence, good),
        ("a refused stream", Says::Unread, Then::Silence, |id, _| reset(id, 7)),
        ("GOAWAY before the stream", Says::Unread, Then::Close, |_, _| goaway(0, 0)),
        ("GOAWAY after the stream, and the end", PASSES, Then::Close, |id, _| goaway(id, 0)),
        ("GOAWAY, and a good answer", Says::Worked, Then::Close, |id, body| {
            [goaway(id, 0), good(id, body)].concat()
        }),
        ("the end", PASSES, Then::Close, |_, _| vec![]),
        ("a reset of the connection", PASSES, Then::Reset, |_, _| vec![]),
        ("nothing", PASSES, Then::Silence, |_, _| vec![]),
        ("half a body, and a reset", PASSES, Then::Silence, |id, body| {
            [head(id, 0), frame(DATA, 0, id, &half(body)), reset(id, 8)].concat()
        }),
        ("half a body, and the end", PASSES, Then::Close, |id, body| {
            [head(id, 0), frame(DATA, 0, id, &half(body))].concat()
        }),
        ("half a body, and nothing", PASSES, Then::Silence, |id, body| {
            [head(id, 0), frame(DATA, 0, id, &half(body))].concat()
        }),
        ("no status", PASSES, Then::Close, |id, _| {
            frame(HEADERS, END_HEADERS | END_STREAM, id, &field("a", "b"))
        }),
        ("two statuses", PASSES, Then::Close, |id, _| {
            frame(HEADERS, END_HEADERS | END_STREAM, id, &[OK, OK])
        }),
        ("a status after a field", PASSES, Then::Close, |id, _| {
            frame(HEADERS, END_HEADERS | END_STREAM, id, &[&field("a", "b")[..], &[OK]].concat())
        }),
        ("a name in capitals", PASSES, Then::Close, |id, _| {
            let fields = [&[OK][..], &field("X-A", "b")].concat();
            frame(HEADERS, END_HEADERS | END_STREAM, id, &fields)
        }),
        ("fields that cannot be unpacked", PASSES, Then::Close, |id, _| {
            frame(HEADERS, END_HEADERS | END_STREAM, id, &[0xff; 64])
        }),
        ("a value with a line break", PASSES, Then::Close, |id, _| {
            let fields = [&[OK][..], &field("x-a", "b\r\nx-b: c")].concat();
            frame(HEADERS, END_HEADERS | END_STREAM, id, &fields)
        }),
        ("a length too long", PASSES, Then::Close, |id, body| {
            let fields = [&[OK][..], &field("content-length", "999999")].concat();
            let text = body.to_string();
            [frame(HEADERS, END_HEADERS, id, &fields), frame(DATA, END_STREAM, id, text.as_bytes())]
                .concat()
        }),
        ("a length too short", PASSES, Then::Close, |id, body| {
            let fields = [&[OK][..], &field("content-length", "1")].concat();
            let text = body.to_string();
            [frame(HEADERS, END_HEADERS, id, &fields), frame(DATA, END_STREAM, id, text.as_bytes())]
                .concat()
        }),
        ("a body before its head", PASSES, Then::Close, |id, body| {
            frame(DATA, END_STREAM, id, body.to_string().as_bytes())
        }),
        ("a body of another stream", PASSES, Then::Close, |id, _| frame(DATA, 0, id + 2, b"x")),
        ("a head of no stream", PASSES, Then::Close, |_, _| frame(HEADERS, END_HEADERS, 0, &[OK])),
        ("a frame that is too large", PASSES, Then::Close, |id, _| {
            frame(DATA, 0, id, &vec![b' '; 1 << 20])
        }),
        ("a frame of a length that never comes", PASSES, Then::Close, |id, _| {
            [&[0, 0xff, 0xff, DATA, 0][..], &id.to_be_bytes(), b"x"].concat()
        }),
        ("a promise", PASSES, Then::Close, |id, _| {
            let fields = [&2_u32.to_be_bytes()[..], &[0x82, 0x84, 0x86]].concat();
            frame(PUSH_PROMISE, END_HEADERS, id, &fields)
        }),
        ("a window that overflows", PASSES, Then::Close, |id, _| {
            frame(WINDOW_UPDATE, 0, id, &0x7fff_ffff_u32.to_be_bytes()).repeat(2)
        }),
        ("an update of nothing", PASSES, Then::Close, |id, _| {
            frame(WINDOW_UPDATE, 0, id, &0_u32.to_be_bytes())
        }),
        ("padding longer than its frame", PASSES, Then::Close, |id, _| {
            [head(id, 0), frame(DATA, PADDED | END_STREAM, id, &[200, b'{'])].concat()
        }),
        ("HTTP/1.1 in place of frames", PASSES, Then::Close, |_, body| {
            server::json("200 OK", body.to_string().as_bytes())
        }),
        ("more body than was asked for", PASSES, Then::Silence, |id, _| {
            let full = frame(DATA, 0, id, &[b' '; 16_384]);
            [head(id, 0), full.repeat(4_096)].concat()
        }),
        ("settings of a wrong length", PASSES, Then::Close, |_, _| frame(SETTINGS, 0, 0, b"odd")),
        ("an acknowledged PING of nobody", Says::Worked, Then::Silence, |id, body| {
            [frame(PING, ACK, 0, b"8 octets"), good(id, body)].concat()
        }),
        ("frames of unknown kinds", Says::Worked, Then::Silence, |id, body| {
            let odd = frame(0x77, 0xff, id, b"odd");
            let priority = frame(PRIORITY, 0, id, &[0, 0, 0, 0, 16]);
            [odd.clone(), priority, head(id, 0), odd, good(id, body).split_off(head(id, 0).len())]
                .concat()
        }),
        ("padding and a trailer", Says::Worked, Then::Silence, |id, body| {
            let text = body.to_string();
            let padded = [&[3][..], text.as_bytes(), &[0; 3]].concat();
            let trailer = frame(HEADERS, END_HEADERS | END_STREAM, id, &field("x-t", "1"));
            [head(id, 0), frame(DATA, PADDED, id, &padded), trailer].concat()
        }),
        ("a head in three frames", Says::Worked, Then::Silence, |id, body| {
            let more = frame(CONTINUATION, 0, id, &field("x-a", "b"));
            let last = frame(CONTINUATION, END_HEADERS, id, &field("x-c", "d"));
            let body = frame(DATA, END_STREAM, id, body.to_string().as_bytes());
            [frame(HEADERS, 0, id, &[OK]), more, last, body].concat()
        }),
        ("interim answers first", Says::Worked, Then::Silence, |id, body| {
            let interim = frame(HEADERS, END_HEADERS, id, &field(":status", "103"));
            [interim.repeat(20), good(id, body)].concat()
        }),
        ("interim answers without end", PASSES, Then::Silence, |id, _| {
            frame(HEADERS, END_HEADERS, id, &field(":status", "102")).repeat(200_000)
        }),
        ("a head without end", PASSES, Then::Silence, |id, _| {
            let more = frame(CONTINUATION, 0, id, &field("x-more", &"m".repeat(100)));
            [frame(HEADERS, 0, id, &[OK]), more.repeat(100_000)].concat()
        }),
        ("empty frames without end", PASSES, Then::Silence, |id, _| {
            [head(id, 0), frame(DATA, 0, id, b"").repeat(500_000)].concat()
        }),
        ("settings without end", PASSES, Then::Silence, |_, _| {
            frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]).repeat(100_000)
        }),
        ("PINGs without end", PASSES, Then::Silence, |_, _| {
            frame(PING, 0, 0, b"8 octets").repeat(100_000)
        }),
    ];
    // Codes by which a server gives up a stream that it may have worked on.
    let codes: [(&str, Frames); 7] = [
        ("reset: no error", |id, _| reset(id, 0)),
        ("reset: protocol error", |id, _| reset(id, 1)),
        ("reset: internal error", |id, _| reset(id, 2)),
        ("reset: stream closed", |id, _| reset(id, 5)),
        ("reset: cancelled", |id, _| reset(id, 8)),
        ("reset: calm down", |id, _| reset(id, 11)),
        ("reset: an unknown code", |id, _| reset(id, 0xdead_beef)),
    ];
    answers.extend(codes.map(|(name, frames)| (name, PASSES, Then::Silence, frames)));
    answers
}

/// Every fault of a connection.
fn odd(closed: &str) -> Vec<Odd> {
    let add = |name: &str, says, hangs, at| {
        let script = Script::new("", Then::Close);
        Odd { fault: Fault { name: name.to_owned(), script, says, hangs }, at }
    };
    let unreached = Says::Refused(ErrorKind::Connection);
    let mut all = Vec::new();
    for (name, address) in [
        ("a closed port", closed.to_owned()),
        // Longer than a name's parts may be, so that no server is asked.
        ("a name that cannot be", format!("https://{}.invalid", "x".repeat(64))),
        ("a port of nobody", "https://127.0.0.1:0".to_owned()),
    ] {
        all.push(add(name, unreached, false, Where::Address(address)));
    }
    let alert = |code| vec![0x15, 3, 3, 0, 2, 2, code];
    for (name, bytes, then) in [
        ("plain HTTP in place of TLS", server::json("200 OK", b"{}"), Then::Close),
        ("an alert of TLS", alert(40), Then::Close),
        ("an alert that there is no such name", alert(112), Then::Close),
        ("zeros in place of TLS", vec![0; 4_096], Then::Close),
        ("half a record of TLS", vec![0x16, 3, 3, 0x40, 0, 2], Then::Close),
        ("the end in place of TLS", vec![], Then::Close),
        ("a reset in place of TLS", vec![], Then::Reset),
        ("nothing in place of TLS", vec![], Then::Silence),
        ("SSH in place of TLS", b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(), Then::Silence),
    ] {
        let hangs = then == Then::Silence && bytes.is_empty();
        all.push(add(name, Says::Unread, hangs, Where::Handshake(bytes, then)));
    }
    for (name, certificate) in [
        ("a certificate that has expired", Certificate::Expired),
        ("a certificate of the future", Certificate::NotYetValid),
        ("a certificate of another name", Certificate::AnotherName),
        ("a certificate of another authority", Certificate::AnotherAuthority),
    ] {
        all.push(add(name, unreached, false, Where::Certificate(certificate)));
    }
    let setting = |id: u8, value: u32| {
        let payload = [&[0, id][..], &value.to_be_bytes()].concat();
        frame(SETTINGS, 0, 0, &payload)
    };
    for (name, says, hangs, bytes, then) in [
        // A client may send before it has read them, and what the connection took is in doubt.
        ("no stream is allowed", Says::WorkedPerhaps, true, setting(3, 0), Then::Keep),
        ("no byte of a body is allowed", Says::WorkedPerhaps, true, setting(4, 0), Then::Keep),
        ("a window that is too large", PASSES, false, setting(4, 0x8000_0000), Then::Close),
        ("frames that are too small", PASSES, false, setting(5, 1), Then::Close),
        ("a table of no fields", Says::Worked, false, setting(1, 0), Then::Keep),
        ("an unknown setting", Says::Worked, false, setting(0xff, 7), Then::Keep),
        ("GOAWAY at once", Says::Unread, false, goaway(0, 0), Then::Close),
        ("GOAWAY at once: calm down", Says::Unread, false, goaway(0, 11), Then::Close),
        ("no settings", PASSES, false, frame(PING, 0, 0, b"8 octets"), Then::Close),
        (
            "a text in place of frames",
            PASSES,
            false,
            b"HTTP/1.1 400 Odd\r\n\r\n".to_vec(),
            Then::Close,
        ),
    ] {
        all.push(add(name, says, hangs, Where::Begin(bytes, then)));
    }
    for (name, says, then, frames) in answers() {
        let endless = name.ends_with("without end") || name.starts_with("more body");
        let hangs = then == Then::Silence && (name.ends_with("nothing") || endless);
        all.push(add(name, says, hangs, Where::Answer(frames, then)));
    }
    all
}

/// A server of TLS, how many requests it has read whole, and whether one was sent to a connection that
/// broke at its beginning.
struct Tls {
    url: String,
    bundle: PathBuf,
    arrived: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
    _folder: tempfile::TempDir,
}

impl Tls {
    async fn start(odd: Odd, lasts: Lasts, body: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = match &odd.at {
            Where::Address(url) => url.clone(),
            _ => format!("https://{}", listener.local_addr().unwrap()),
        };
        let (folder, arrived) = (tempfile::tempdir().unwrap(), Arc::<AtomicUsize>::default());
        let bundle = folder.path().join("ca.pem");
        std::fs::write(&bundle, &certificates().trusted).unwrap();
        let (count, met) = (arrived.clone(), Arc::<AtomicUsize>::default());
        let broken = Arc::<AtomicBool>::default();
        let sent = broken.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (odd, body, count, met, sent) =
                    (odd.clone(), body.clone(), count.clone(), met.clone(), sent.clone());
                tokio::spawn(async move {
                    serve(socket, odd, lasts, &body, (&count, &met, &sent)).await
                });
            }
        });
        Self { url, bundle, arrived, broken, _folder: folder }
    }
}

/// Serves one connection. `met` counts how often the fault was met, and `sent` says whether a request
/// was sent to a connection that had met it at its beginning.
async fn serve(
    mut socket: TcpStream,
    odd: Odd,
    lasts: Lasts,
    body: &Value,
    (arrived, met, sent): (&AtomicUsize, &AtomicUsize, &AtomicBool),
) -> Option<()> {
    let strikes = || met.fetch_add(1, Ordering::SeqCst) == 0 || lasts == Lasts::ForEver;
    let mut certificate = Certificate::Good;
    match &odd.at {
        Where::Handshake(bytes, then) if strikes() => {
            let _length = socket.read(&mut [0; 4_096]).await.ok()?;
            socket.write_all(bytes).await.ok()?;
            if *then == Then::Reset {
                socket.set_zero_linger().ok()?;
                return None;
            }
            if *then == Then::Close {
                return socket.shutdown().await.ok();
            }
            // Until the client goes away.
            while socket.read(&mut [0; 1_024]).await.ok()? > 0 {}
            return Some(());
        }
        Where::Certificate(odd) if strikes() => certificate = *odd,
        _ => {}
    }
    let socket_fd = socket;
    let mut stream = certificates().acceptor(certificate).accept(socket_fd).await.ok()?;
    let mut preface = [0; PREFACE];
    stream.read_exact(&mut preface).await.ok()?;
    match &odd.at {
        Where::Begin(bytes, then) if strikes() => {
            stream.write_all(bytes).await.ok()?;
            if *then != Then::Keep {
                stream.flush().await.ok()?;
                // What the client says meanwhile is read, or the end would be a reset.
                return linger(&mut stream, sent).await;
            }
        }
        _ => stream.write_all(&frame(SETTINGS, 0, 0, b"")).await.ok()?,
    }
    loop {
        let mut start = [0; 9];
        stream.read_exact(&mut start).await.ok()?;
        let length = u32::from_be_bytes([0, start[0], start[1], start[2]]);
        let (kind, flags) = (start[3], start[4]);
        let id = u32::from_be_bytes([start[5], start[6], start[7], start[8]]) & 0x7fff_ffff;
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.ok()?;
        if kind == SETTINGS && flags & ACK == 0 {
            stream.write_all(&frame(SETTINGS, ACK, 0, b"")).await.ok()?;
        }
        if !matches!(kind, HEADERS | DATA) || flags & END_STREAM == 0 {
            continue;
        }
        let frames = match &odd.at {
            Where::Answer(frames, then) if strikes() => Some((frames, *then)),
            _ => None,
        };
        // A server that says it has not worked on a request has not, although it read it.
        if frames.is_none() || odd.fault.says != Says::Unread {
            arrived.fetch_add(1, Ordering::SeqCst);
        }
        match frames {
            None => stream.write_all(&good(id, body)).await.ok()?,
            Some((frames, then)) => {
                // The client may have gone away by then.
                let _ = stream.write_all(&frames(id, body)).await;
                let _ = stream.flush().await;
                match then {
                    Then::Reset => {
                        stream.get_ref().0.set_zero_linger().ok()?;
                        return None;
                    }
                    Then::Close => return stream.shutdown().await.ok(),
                    // Other streams of this connection are answered.
                    _ => {}
                }
            }
        }
    }
}

/// Reads frames to the end, and notes whether a request was among them.
async fn linger(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    sent: &AtomicBool,
) -> Option<()> {
    stream.shutdown().await.ok()?;
    loop {
        let mut start = [0; 9];
        stream.read_exact(&mut start).await.ok()?;
        sent.fetch_or(start[3] == HEADERS, Ordering::SeqCst);
        let length = u32::from_be_bytes([0, start[0], start[1], start[2]]);
        stream.read_exact(&mut vec![0_u8; length as usize]).await.ok()?;
    }
}

/// The certificates of all cells, made once.
struct Certificates {
    /// What the clients trust, as PEM.
    trusted: String,
    acceptors: Vec<(Certificate, TlsAcceptor)>,
}

impl Certificates {
    fn acceptor(&self, of: Certificate) -> &TlsAcceptor {
        &self.acceptors.iter().find(|(own, _)| *own == of).unwrap().1
    }
}

fn certificates() -> &'static Certificates {
    static MADE: OnceLock<Certificates> = OnceLock::new();
    MADE.get_or_init(|| {
        lantern::process::runtime::install_crypto();
        let (mut trusted, mut acceptors) = (String::new(), Vec::new());
        for own in [
            Certificate::Good,
            Certificate::Expired,
            Certificate::NotYetValid,
            Certificate::AnotherName,
            Certificate::AnotherAuthority,
        ] {
            let name = if own == Certificate::AnotherName { "127.0.0.2" } else { "127.0.0.1" };
            let mut about = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
            match own {
                Certificate::Expired => about.not_after = rcgen::date_time_ymd(2020, 1, 1),
                Certificate::NotYetValid => about.not_before = rcgen::date_time_ymd(2090, 1, 1),
                _ => {}
            }
            let key = rcgen::KeyPair::generate().unwrap();
            let made = about.self_signed(&key).unwrap();
            if own != Certificate::AnotherAuthority {
                trusted.push_str(&made.pem());
            }
            let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
            let mut settings = rustls::ServerConfig::builder()
                .with_no_client_auth()
                .with_single_cert(vec![made.der().clone()], key)
                .unwrap();
            settings.alpn_protocols = vec![b"h2".to_vec()];
            acceptors.push((own, TlsAcceptor::from(Arc::new(settings))));
        }
        Certificates { trusted, acceptors }
    })
}

async fn cell(operation: &Operation, odd: &Odd, lasts: Lasts) -> Vec<String> {
    let server = Tls::start(odd.clone(), lasts, operation.good.clone()).await;
    let mut config = calls::config(&server.url, odd.fault.hangs);
    config.ca_bundle = Some(server.bundle.clone());
    let client = Client::new(config).unwrap();
    let Ok(outcome) = tokio::time::timeout(GUARD, (operation.send)(client)).await else {
        return vec!["it hangs".into()];
    };
    let arrived = server.arrived.load(Ordering::SeqCst);
    let begins = matches!(odd.at, Where::Begin(..));
    let unsent = begins && !server.broken.load(Ordering::SeqCst);
    let kind = outcome.as_ref().err().map(lantern::Error::kind);
    let mut wrong = match kind {
        // On a busy machine the handshake may take longer than the answer may: the fault was not met.
        Some(ErrorKind::Timeout | ErrorKind::Connection) if arrived == 0 => Vec::new(),
        // The connection broke before the request was sent to it, so it was sent to another one.
        None if lasts == Lasts::Once && unsent && arrived == 1 => Vec::new(),
        _ => judge(operation.effect, &odd.fault, lasts, &outcome, arrived),
    };
    if let Err(error) = &outcome {
        wrong.extend(readable(error));
    }
    wrong
}

async fn every_connection(which: Tried) {
    // A port that nobody listens to, and that nobody else is given.
    let held = tokio::net::TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = format!("https://{}", held.local_addr().unwrap());
    let mut cells = Vec::new();
    for operation in calls::operations() {
        for odd in odd(&closed) {
            let lasting = Lasts::of(odd.fault.says);
            cells.extend(lasting.iter().map(|lasts| (operation.clone(), odd.clone(), *lasts)));
        }
    }
    let waits = |(_, odd, _): &(Operation, Odd, Lasts)| odd.fault.hangs;
    let cells = which.of(cells, waits);
    report::run("connections", cells, AT_ONCE, waits, |(operation, odd, lasts)| async move {
        let wrong = cell(&operation, &odd, lasts).await;
        (format!("{} × {}, {lasts:?}", operation.name, odd.fault.name), wrong)
    })
    .await
    .done();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long; `make test-faults` runs it"]
async fn every_call_bears_every_fault_of_a_connection() {
    every_connection(Tried::All).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_of_calls_bears_a_sample_of_faults_of_connections() {
    every_connection(Tried::Some(150)).await;
}
