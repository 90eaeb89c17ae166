//! A server on loopback that plays scripts byte by byte, and counts what arrived.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A request, as far as it was read.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub method: String,
    /// With its query.
    pub path: String,
    pub body: Vec<u8>,
    pub range: Option<String>,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The account of the key, which a job asks for first.
    Account,
    Status,
    Result,
    Report,
    Call,
}

impl Arrived {
    pub fn step(&self) -> Step {
        match self.path.as_str() {
            path if path.starts_with("/v1/agents/runs/") => Step::Status,
            path if path.contains("_credits.csv") => Step::Report,
            path if path.ends_with(".csv") => Step::Result,
            "/v1/credits/remaining" => Step::Account,
            _ => Step::Call,
        }
    }
}

/// When a script begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// After the head of the request was read. Its body stays unread, so the request cannot be
    /// processed.
    Head,
    /// After the whole request was read, which then counts as arrived.
    Whole,
}

/// What is sent, and how the answer ends.
#[derive(Debug, Clone)]
pub struct Script {
    pub when: Moment,
    pub bytes: Vec<u8>,
    pub then: Then,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The connection stays open for the next request.
    Keep,
    Close,
    /// A reset (RST) instead of an end.
    Reset,
    /// Nothing more is sent, and the connection stays open.
    Silence,
    /// These bytes are repeated, with a pause in between.
    Drip(&'static [u8]),
    /// These bytes are repeated, as fast as the client takes them.
    Flood(&'static [u8]),
}

impl Script {
    pub fn new(bytes: impl Into<Vec<u8>>, then: Then) -> Self {
        Self { when: Moment::Whole, bytes: bytes.into(), then }
    }
}

/// The script for a request, by its number among the requests of its step.
pub trait Play: Fn(&Arrived, usize) -> Script + Send + Sync + 'static {}
impl<F: Fn(&Arrived, usize) -> Script + Send + Sync + 'static> Play for F {}

/// A scripted server; see the module.
pub struct Server {
    pub url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Server {
    pub async fn start(play: impl Play) -> Self {
        Self::start_knowing_its_url(move |_| play).await
    }

    /// `make` gets the server's own URL.
    pub async fn start_knowing_its_url<P: Play>(make: impl FnOnce(&str) -> P) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let kept = arrived.clone();
        let (play, heads) = (Arc::new(make(&url)), Arc::new(Mutex::new(Vec::new())));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (play, kept, heads) = (play.clone(), kept.clone(), heads.clone());
                tokio::spawn(async move { serve(socket, &*play, &kept, &heads).await });
            }
        });
        Self { url, arrived }
    }

    /// Number of requests of a step that were read completely.
    pub fn count(&self, step: Step) -> usize {
        self.arrived().iter().filter(|request| request.step() == step).count()
    }

    /// The requests that were read completely.
    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }
}

async fn serve(
    mut socket: TcpStream,
    play: &impl Play,
    kept: &Mutex<Vec<Arrived>>,
    heads: &Mutex<Vec<Step>>,
) -> Option<()> {
    let _ = socket.set_nodelay(true);
    let mut read = Vec::new();
    loop {
        let (mut request, length) = head(&mut socket, &mut read).await?;
        let number = {
            let mut heads = heads.lock().unwrap();
            heads.push(request.step());
            heads.iter().filter(|step| **step == request.step()).count() - 1
        };
        // A script that begins with the head does not read the body.
        let early = play(&request, number);
        let script = if early.when == Moment::Head {
            early
        } else {
            while read.len() < length {
                (socket.read_buf(&mut read).await.ok()? > 0).then_some(())?;
            }
            request.body = read.drain(..length).collect();
            kept.lock().unwrap().push(request.clone());
            play(&request, number)
        };
        socket.write_all(&script.bytes).await.ok()?;
        match script.then {
            Then::Keep => {}
            Then::Close => return socket.shutdown().await.ok(),
            Then::Reset => {
                socket.set_zero_linger().ok()?;
                return None;
            }
            // Until the client goes away.
            Then::Silence => while socket.read(&mut [0; 1024]).await.ok()? > 0 {},
            Then::Drip(bytes) => loop {
                socket.write_all(bytes).await.ok()?;
                tokio::time::sleep(Duration::from_millis(10)).await;
            },
            Then::Flood(bytes) => loop {
                socket.write_all(bytes).await.ok()?;
            },
        }
    }
}

/// Reads a head. What follows it stays in `read`. Returns the head and the length of the body.
async fn head(socket: &mut TcpStream, read: &mut Vec<u8>) -> Option<(Arrived, usize)> {
    let end = loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        (socket.read_buf(read).await.ok()? > 0).then_some(())?;
    };
    let head: Vec<u8> = read.drain(..end + 4).collect();
    let text = String::from_utf8_lossy(&head);
    let mut lines = text.lines();
    let mut words = lines.next()?.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let header = |name: &str| {
        text.lines().find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length").map_or(0, |length| length.parse().unwrap());
    let range = header("range");
    Some((Arrived { method, path, body: Vec::new(), range }, length))
}

/// An answer of HTTP/1.1 with an announced length.
pub fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// An answer of JSON.
pub fn json(status: &str, body: &[u8]) -> Vec<u8> {
    answer(status, "content-type: application/json\r\n", body)
}
