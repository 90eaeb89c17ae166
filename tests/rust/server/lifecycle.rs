//! Starting and stopping.

// fork(2), to test what a child of a program with a server must not do.
#![allow(unsafe_code)]

use std::time::Duration;

use lantern_server::{DirectorySource, LocalServer, ServerConfig};
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::server::common::{Caller, client, lifted};

async fn refused(config: ServerConfig) -> String {
    LocalServer::start(config).await.unwrap_err().to_string()
}

#[tokio::test]
async fn each_server_has_a_key_that_nobody_can_know() {
    let (one, other) = (Caller::start(lifted()).await, Caller::start(lifted()).await);
    assert_ne!(one.server.key(), other.server.key());
    assert!(one.server.key().len() >= 40);
    let url = format!("{}/v1/credits/remaining", one.server.url());
    for (key, status) in
        [(one.server.key(), 200), (other.server.key(), 401), ("lantern-local-key", 401)]
    {
        assert_eq!(one.http.get(&url).bearer_auth(key).send().await.unwrap().status(), status);
    }
    let config = ServerConfig { key: Some("given".into()), host: "localhost".into(), ..lifted() };
    assert_eq!(Caller::start(config).await.server.key(), "given");
}

#[tokio::test]
async fn a_data_folder_keeps_the_key_of_its_server() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig { data: Some(folder.path().into()), ..lifted() };
    let first = LocalServer::start(config.clone()).await.unwrap();
    let key = first.key().to_owned();
    first.stop().await;
    let again = Caller::start(config).await;
    assert_eq!(again.server.key(), key);
    assert_eq!(again.get("/v1/credits/remaining").await.status(), 200);
}

#[cfg(unix)]
#[tokio::test]
async fn a_data_folder_with_planted_links_or_that_others_can_write_is_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let set_mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("precious");
    std::fs::write(&target, "precious").unwrap();
    for planted in ["lock", "state.sqlite", "objects", "objects/lantern-results", "tenants"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(planted);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let is_folder = !["lock", "state.sqlite"].contains(&planted);
        // A link of the user's own to a file is followed, but not one into a folder that others can
        // write.
        set_mode(outside.path(), 0o777);
        symlink(if is_folder { outside.path() } else { &target }, &path).unwrap();
        let config = ServerConfig {
            data: Some(folder.path().into()),
            tenants: vec!["another-key".into()],
            ..lifted()
        };
        let error = refused(config).await;
        assert!(error.contains("cannot be used"), "{planted}: {error}");
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "precious", "{planted}");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1, "{planted}");
    }
    for mode in [0o777, 0o1777] {
        let folder = tempfile::tempdir().unwrap();
        set_mode(folder.path(), mode);
        let error = refused(ServerConfig { data: Some(folder.path().into()), ..lifted() }).await;
        assert!(error.contains("other users can write"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named() {
    let base = ServerConfig::default;
    let running = LocalServer::start(base()).await.unwrap();
    let port = running.url().rsplit(':').next().unwrap().parse().unwrap();
    let error = refused(ServerConfig { port, ..base() }).await;
    assert!(error.contains(&format!("port {port} of 127.0.0.1 is taken")), "{error}");
    let error = refused(ServerConfig { key: Some(" ".into()), ..base() }).await;
    assert!(error.contains("key is empty"), "{error}");
    let error = refused(ServerConfig { credits: f64::NAN, ..base() }).await;
    assert!(error.contains("credits is NaN"), "{error}");
    let error = refused(ServerConfig { host: "no such host".into(), ..base() }).await;
    assert!(error.contains("no such host"), "{error}");
    let people = DirectorySource::Path("/nowhere/people.parquet".into());
    let error = refused(ServerConfig { people, ..base() }).await;
    assert!(error.contains("/nowhere/people.parquet cannot be read"), "{error}");
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = refused(ServerConfig { data: Some(file.path().into()), ..base() }).await;
    assert!(error.contains("data folder") && error.contains("cannot be used"), "{error}");
}

#[tokio::test]
async fn two_servers_never_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig { data: Some(folder.path().into()), ..ServerConfig::default() };
    let first = LocalServer::start(config.clone()).await.unwrap();
    let error = refused(config.clone()).await;
    assert!(error.contains("another server is running on the data folder"), "{error}");
    first.stop().await;
    assert!(LocalServer::start(config).await.is_ok());
}

#[test]
fn a_caller_that_is_not_async_starts_and_stops_one() {
    let server = LocalServer::start_blocking(lifted()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let get = || {
        let request = client().get(format!("{}/v1/credits/remaining", server.url()));
        runtime.block_on(request.bearer_auth(server.key()).send())
    };
    assert_eq!(get().unwrap().status(), 200);
    server.stop_blocking();
    server.stop_blocking();
    assert!(get().unwrap_err().is_connect());
}

const BODY: &str = r#"{"ids": ["P0000001"], "max_credits": 1}"#;

/// Sends a batch's head, and returns when the server waits for its body.
async fn half_sent(caller: &Caller) -> TcpStream {
    let address = caller.server.url();
    let mut stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).await.unwrap();
    let head = format!(
        "POST /v1/agents/email HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        caller.server.key(),
        BODY.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 25];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn a_stop_lets_a_running_request_finish_and_takes_no_new_one() {
    let caller = Caller::start(lifted()).await;
    let mut running = half_sent(&caller).await;
    let stopping = async {
        caller.server.stop().await;
        caller.server.stop().await;
    };
    let finishing = async {
        // Once a call is refused the server is stopping, and the running request still runs.
        while caller.request(Method::GET, "/v1/credits/remaining").send().await.is_ok() {}
        running.write_all(BODY.as_bytes()).await.unwrap();
        let mut answer = String::new();
        running.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let ((), answer) = tokio::join!(stopping, finishing);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(caller.runs().len(), 1);
}

#[tokio::test]
async fn a_drop_does_not_wait_for_requests() {
    let caller = Caller::start(lifted()).await;
    let mut running = half_sent(&caller).await;
    let start = std::time::Instant::now();
    drop(caller);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let mut rest = Vec::new();
    // Closed or reset, but not answered.
    let _ = running.read_to_end(&mut rest).await;
    assert_eq!(rest, b"");
}

#[cfg(unix)]
#[test]
fn a_forked_child_does_not_stop_its_parents_server() {
    let folder = tempfile::tempdir().unwrap();
    let config = ServerConfig { data: Some(folder.path().into()), ..lifted() };
    let server = LocalServer::start_blocking(config).unwrap();
    for _ in 0..5 {
        // SAFETY: the child only drops the server and leaves by `_exit`.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            drop(server);
            unsafe { libc::_exit(0) };
        }
        let mut status = 0;
        // SAFETY: `pid` is our child.
        unsafe { libc::waitpid(pid, &mut status, 0) };
        assert_eq!(status, 0);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let request = client().get(format!("{}/v1/credits/remaining", server.url()));
    let answer = runtime.block_on(request.bearer_auth(server.key()).send()).unwrap();
    assert_eq!(answer.status(), 200);
}
