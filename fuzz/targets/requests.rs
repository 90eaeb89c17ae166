//! HTTP as it may come to the local server: any bytes, in which `$KEY` stands for the key.
//!
//! The server answers or closes. It never panics, which it would show as 500, and answers the next.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::OnceLock,
    time::Duration,
};

use lantern_server::{CrmSize, DirectorySource, Limits, LocalServer, ServerConfig};

static SERVER: OnceLock<LocalServer> = OnceLock::new();

fn server() -> &'static LocalServer {
    SERVER.get_or_init(|| {
        let people = DirectorySource::Generated { seed: 7, people: 20, companies: 5 };
        let crm = CrmSize { accounts: 5, contacts: 5, leads: 5, users: 3 };
        let config =
            ServerConfig { limits: Limits::LIFTED, people, crm, ..ServerConfig::default() };
        LocalServer::start_blocking(config).expect("a port is free")
    })
}

fn replaced(bytes: &[u8], of: &[u8], by: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(of.len()).position(|part| part == of) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(by);
        rest = &rest[at + of.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// What the server answers, as far as it comes.
fn ask(bytes: &[u8]) -> Vec<u8> {
    let place = server().url();
    let place = place.trim_start_matches("http://");
    let mut stream = TcpStream::connect(place).expect("the server takes connections");
    // A request that lacks its end waits for more until a deadline of the server, which is longer.
    stream.set_read_timeout(Some(Duration::from_millis(200))).expect("it is not zero");
    let _ = stream.write_all(bytes);
    let mut answer = vec![0; 64];
    let length = stream.read(&mut answer).unwrap_or_default();
    answer.truncate(length);
    answer
}

pub fn run(bytes: &[u8]) {
    let request = replaced(bytes, b"$KEY", server().key().as_bytes());
    let host = server().url();
    let request = replaced(&request, b"$HOST", host.trim_start_matches("http://").as_bytes());
    let answer = ask(&request);
    let failed = answer.starts_with(b"HTTP/1.1 500") || answer.starts_with(b"HTTP/1.1 501");
    assert!(!failed, "{}", String::from_utf8_lossy(&answer));
}
