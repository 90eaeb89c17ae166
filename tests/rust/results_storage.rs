//! Files are fetched from S3, https and this machine: completely, privately, and distinguished from
//! missing files. The S3 endpoint is a real one (s3s), and the broken ones are real sockets.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use arrow::array::AsArray;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use lantern::{
    error::ErrorKind,
    storage::{Storage, StorageOptions},
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const SECRET: &str = "a-secret/that+must=not.show";

/// An S3 endpoint over a folder with the bucket `results`.
struct S3 {
    address: SocketAddr,
    folder: TempDir,
}

impl S3 {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("results/run 1")).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
        service.set_auth(SimpleAuth::from_single("lantern", SECRET));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let _ = Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(socket), service)
                        .await;
                });
            }
        });
        Self { address, folder }
    }

    fn put(&self, key: &str, text: &str) -> String {
        fs::write(self.folder.path().join("results").join(key), text).unwrap();
        format!("s3://results/{key}")
    }

    fn storage(&self, secret: &str) -> Storage {
        storage(&[
            ("aws_access_key_id", "lantern"),
            ("secret_access_key", secret),
            ("AWS_ENDPOINT_URL", &format!("http://{}", self.address)),
            ("region", "us-east-1"),
        ])
    }
}

fn storage(options: &[(&str, &str)]) -> Storage {
    let quick = [("max_retries", "1"), ("retry_init_backoff_ms", "1")];
    Storage::new(StorageOptions::new(options.iter().chain(&quick).copied()).unwrap())
}

/// An HTTP server that answers each request with what `answer` returns for its number and text, and
/// then closes the connection.
async fn http(
    answer: impl Fn(usize, &str) -> Vec<u8> + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let request = request(&mut socket).await;
            let answer = answer(count.fetch_add(1, Ordering::SeqCst), &request);
            let _ = socket.write_all(&answer).await;
            let _ = socket.shutdown().await;
        }
    });
    (url, requests)
}

async fn request(socket: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") && socket.read(&mut byte).await.is_ok_and(|read| read > 0) {
        text.push(byte[0]);
    }
    String::from_utf8_lossy(&text).to_lowercase()
}

/// An answer that announces `promised` bytes and sends `body`.
fn answer(promised: usize, extra: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {promised}\r\n{extra}connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

fn target() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answer.csv");
    (folder, path)
}

fn entries(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[tokio::test]
async fn a_file_comes_from_s3_whole_and_private() {
    let s3 = S3::start().await;
    let text = "id,email\n1,a\n".repeat(100_000);
    let url = s3.put("run 1/answer.csv", &text);
    let (folder, to) = target();
    let storage = s3.storage(SECRET);
    let got = storage.download(&url, &to).await.unwrap().unwrap();
    assert_eq!((got.url.as_str(), got.bytes), (url.as_str(), text.len() as u64));
    assert!(got.etag.is_some());
    assert_eq!(fs::read_to_string(&to).unwrap(), text);
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(entries(folder.path()), 1, "no part is left over");
    assert!(storage.exists(&url).await.unwrap());
    assert_eq!(storage.read(&url).await.unwrap().unwrap().len(), text.len());
}

#[tokio::test]
async fn a_file_that_is_not_there_yet_is_no_error() {
    let s3 = S3::start().await;
    let storage = s3.storage(SECRET);
    let (folder, to) = target();
    for url in ["s3://results/run 1/later.csv", "/nowhere/later.csv"] {
        assert!(!storage.exists(url).await.unwrap());
        assert_eq!(storage.read(url).await.unwrap(), None);
        assert_eq!(storage.download(url, &to).await.unwrap(), None);
    }
    assert_eq!(entries(folder.path()), 0);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_an_error() {
    let body = "<Error><Code>NoSuchBucket</Code><Message>no such bucket</Message></Error>";
    let (url, _) = http(move |_, _| {
        let length = body.len();
        format!(
            "HTTP/1.1 404 Not Found\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .into_bytes()
    })
    .await;
    let storage =
        storage(&[("endpoint_url", &url), ("access_key_id", "a"), ("secret_access_key", "b")]);
    let error = storage.read("s3://resultz/a.csv").await.unwrap_err().to_string();
    assert!(error.contains("no bucket s3://resultz"), "{error}");
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_never_shown() {
    let s3 = S3::start().await;
    let url = s3.put("a.csv", "id\n1\n");
    let wrong = "wrong-secret-value";
    let storage = s3.storage(wrong);
    let error = storage.read(&url).await.unwrap_err();
    assert!(error.is(ErrorKind::Config), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("s3://results/a.csv cannot be read with these credentials"), "{text}");
    assert!(text.contains("SignatureDoesNotMatch"), "{text}");
    assert!(!text.contains(wrong) && !format!("{error:?} {storage:?}").contains(wrong));
}

#[tokio::test]
async fn many_files_come_in_order_and_one_failure_keeps_no_other_back() {
    let s3 = S3::start().await;
    let storage = s3.storage(SECRET);
    let folder = tempfile::tempdir().unwrap();
    let mut wanted: Vec<(String, PathBuf)> = (0..40)
        .map(|n| (s3.put(&format!("{n}.csv"), &n.to_string()), folder.path().join(n.to_string())))
        .collect();
    wanted[7].0 = "s3://results/none.csv".into();
    wanted[9].0 = "ftp://results/none.csv".into();
    let got = storage.download_all(wanted, 16).await;
    for (n, got) in got.into_iter().enumerate() {
        match n {
            7 => assert_eq!(got.unwrap(), None),
            9 => assert!(got.unwrap_err().to_string().contains("ftp://")),
            _ => {
                let path = got.unwrap().unwrap().path;
                assert_eq!(fs::read_to_string(path).unwrap(), n.to_string());
            }
        }
    }
}

#[tokio::test]
async fn results_are_read_from_a_bucket_and_a_folder_by_pattern() {
    let s3 = S3::start().await;
    for n in 0..3 {
        s3.put(&format!("run 1/{n}.csv"), &format!("id,phone_found\n{n},true\n"));
    }
    s3.put("run 1/notes.txt", "no result");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("9.csv"), "id,phone_found\n9,false\n").unwrap();
    let storage = s3.storage(SECRET);
    let places =
        ["s3://results/run 1/*.csv".to_owned(), format!("{}/*.csv", folder.path().display())];
    let chunks = storage.read_results(&places, None).await.unwrap();
    let ids: Vec<String> = chunks
        .iter()
        .flat_map(|chunk| chunk.column(0).as_string::<i32>().iter().flatten().map(str::to_owned))
        .collect();
    assert_eq!(ids, ["0", "1", "2", "9"]);

    s3.put("run 1/3.csv", "id,phone_found\n3,tr");
    match storage.read_results(&places, None).await {
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Results);
            assert_eq!(error.facts().line, Some(2));
            assert_eq!(error.facts().file.as_deref(), Some("s3://results/run 1/3.csv"));
        }
        other => panic!("{other:?}"),
    }
    let none = storage.read_results(&["s3://results/x*.csv".to_owned()], None).await.unwrap_err();
    assert!(none.to_string().contains("no file matches s3://results/x*.csv"), "{none}");
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_fetched_again() {
    let text = "id,email\n1,a\n";
    let (url, requests) = http(move |n, _| {
        if n == 0 { answer(text.len(), "", &text[..9]) } else { answer(text.len(), "", text) }
    })
    .await;
    let (_folder, to) = target();
    let got = storage(&[]).download(&format!("{url}/a.csv"), &to).await.unwrap().unwrap();
    assert_eq!(fs::read_to_string(&got.path).unwrap(), text);
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_body_that_is_always_cut_off_is_an_error_and_leaves_nothing() {
    let (url, requests) = http(|_, _| answer(100, "", "id,email\n1,a\n")).await;
    let (folder, to) = target();
    let url = format!("{url}/a.csv?X-Amz-Signature=hide-me");
    let error = storage(&[]).download(&url, &to).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Results);
    assert!(error.facts().file.as_ref().is_some_and(|file| file.ends_with("/a.csv")));
    let text = error.to_string();
    assert!(text.contains("was cut off after 13 of 100 bytes (end of file before"), "{text}");
    assert!(!format!("{error:?}").contains("hide-me"), "{error:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 3);
    assert_eq!(entries(folder.path()), 0);
}

#[tokio::test]
async fn a_file_that_changes_while_it_is_fetched_on_is_fetched_anew() {
    let (old, new) = ("id,email\n1,old\n2,old\n", "id,email\n1,new\n");
    let (url, requests) = http(move |n, request| match n {
        0 => answer(old.len(), "etag: \"1\"\r\n", &old[..12]),
        // The rest is requested, but it is the rest of another file.
        1 => {
            assert!(request.contains("range: bytes=12-20"), "{request}");
            format!(
                "HTTP/1.1 206 Partial Content\r\ncontent-length: 3\r\netag: \"2\"\r\n\
                 content-range: bytes 12-14/15\r\nconnection: close\r\n\r\n{}",
                &new[12..]
            )
            .into_bytes()
        }
        _ => answer(new.len(), "etag: \"2\"\r\n", new),
    })
    .await;
    let bytes = storage(&[]).read(&format!("{url}/a.csv")).await.unwrap().unwrap();
    assert_eq!(bytes, new);
    assert_eq!(requests.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_signed_url_keeps_its_query_and_its_secret() {
    let (url, _) = http(|_, request| {
        if request.starts_with("get /results/run%201/a.csv?x-amz-signature=abc%2f1&x=1 ") {
            answer(2, "", "ok")
        } else {
            b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec()
        }
    })
    .await;
    let storage = storage(&[]);
    let signed = format!("{url}/results/run%201/a.csv?X-Amz-Signature=abc%2F1&x=1");
    assert_eq!(storage.read(&signed).await.unwrap().unwrap(), "ok");
    let expired = format!("{url}/results/run%201/a.csv?X-Amz-Signature=old-one");
    let error = storage.read(&expired).await.unwrap_err();
    assert!(error.to_string().contains("a signed URL may have expired"), "{error}");
    assert!(!format!("{error:?} {error}").contains("old-one"), "{error:?}");
}

#[tokio::test]
async fn an_endpoint_without_encryption_is_refused() {
    let far = {
        let all = [
            ("endpoint_url", "http://192.0.2.1:9"),
            ("access_key_id", "a"),
            ("secret_access_key", "b"),
        ];
        storage(&all)
    };
    let error = far.read("s3://b/k").await.unwrap_err().to_string();
    assert!(error.contains("allow_http"), "{error}");
}

#[tokio::test]
async fn a_store_that_cannot_be_reached_is_an_error() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error = storage(&[]).read(&format!("http://127.0.0.1:{port}/a.csv")).await.unwrap_err();
    assert!(error.to_string().contains("could not be fetched"), "{error}");
}

#[tokio::test]
async fn a_local_file_is_copied() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("a b#1.csv");
    fs::write(&from, "id\n1\n").unwrap();
    let to = folder.path().join("b.csv");
    let url = url::Url::from_file_path(&from).unwrap();
    let got = storage(&[]).download(url.as_str(), &to).await.unwrap().unwrap();
    assert_eq!((got.bytes, fs::read_to_string(&to).unwrap().as_str()), (5, "id\n1\n"));
    let nowhere = folder.path().join("none/b.csv");
    let error = storage(&[]).download(url.as_str(), &nowhere).await.unwrap_err().to_string();
    assert!(error.contains("cannot be written"), "{error}");
}
