//! Files as servers of others deliver them: without a length, behind redirects, in another region,
//! with odd names, or without end.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use lantern::{
    error::ErrorKind,
    storage::{Location, Storage, StorageOptions},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A server that answers each request with what `answer` returns for its number and head, and
/// closes the connection; and the heads that it received.
pub async fn server(
    answer: impl Fn(usize, &str) -> Vec<u8> + Send + Sync + 'static,
) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let (got, count) = (heads.clone(), AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let head = head(&mut socket).await;
            let answer = answer(count.fetch_add(1, Ordering::SeqCst), &head);
            got.lock().unwrap().push(head);
            let _ = socket.write_all(&answer).await;
            let _ = socket.shutdown().await;
        }
    });
    (url, heads)
}

async fn head(socket: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") && socket.read(&mut byte).await.is_ok_and(|read| read > 0) {
        text.push(byte[0]);
    }
    String::from_utf8_lossy(&text).into_owned()
}

pub fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

fn storage(options: &[(&str, &str)]) -> Storage {
    let quick = [("max_retries", "1"), ("retry_init_backoff_ms", "1")];
    Storage::new(StorageOptions::new(options.iter().chain(&quick).copied()).unwrap())
}

fn s3(url: &str, region: &str) -> Storage {
    storage(&[
        ("endpoint_url", url),
        ("access_key_id", "lantern"),
        ("secret_access_key", "a-secret-of-s3"),
        ("session_token", "a-token-of-s3"),
        ("region", region),
    ])
}

fn target() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answer.csv");
    (folder, path)
}

const TEXT: &str = "id,email\n1,a\n";

#[tokio::test]
async fn an_answer_need_not_tell_its_length() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n\
                   9\r\nid,email\n\r\n4\r\n1,a\n\r\n0\r\n\r\n";
    let closed = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{TEXT}");
    for body in [chunked.to_owned(), closed] {
        let (url, _) = server(move |_, _| body.clone().into_bytes()).await;
        let (_folder, to) = target();
        let got = storage(&[]).download(&format!("{url}/a.csv"), &to).await.unwrap().unwrap();
        assert_eq!((got.bytes, std::fs::read_to_string(&to).unwrap().as_str()), (13, TEXT));
    }
}

#[tokio::test]
async fn chunks_that_break_off_are_no_file() {
    let half = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nid,email\n\r\n4\r\n1";
    let (url, heads) = server(move |_, _| half.as_bytes().to_vec()).await;
    let error = storage(&[]).read(&format!("{url}/a.csv")).await.unwrap_err();
    assert!(error.to_string().contains("was cut off after"), "{error}");
    assert_eq!(heads.lock().unwrap().len(), 3);
}

/// What S3 says of every object.
const OBJECT: &str = "etag: \"1\"\r\nlast-modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n";

#[tokio::test]
async fn a_part_that_nobody_asked_for_is_no_file() {
    for told in
        ["bytes 0-12/26", "bytes 13-25/26", "bytes 0-12/*", "bytes */13", "lines 0-12/13", ""]
    {
        let headers = format!("{OBJECT}content-range: {told}\r\n");
        let (url, _) = server(move |_, _| answer("206 Partial Content", &headers, TEXT)).await;
        for (storage, place) in [
            (storage(&[]), format!("{url}/a.csv")),
            (s3(&url, "us-east-1"), "s3://results/a.csv".to_owned()),
            (s3(&url, "us-east-1"), "s3://results/a//b.csv".to_owned()),
        ] {
            let (folder, to) = target();
            let error = storage.download(&place, &to).await.unwrap_err();
            assert!(error.is(ErrorKind::Results), "{told}: {error:?}");
            assert!(error.to_string().contains("a part of the file"), "{told}: {error}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }
    let headers = format!("{OBJECT}content-range: bytes 0-12/13\r\n");
    let (url, _) = server(move |_, _| answer("206 Partial Content", &headers, TEXT)).await;
    let whole = storage(&[]).read(&format!("{url}/a.csv")).await.unwrap().unwrap();
    assert_eq!(whole, TEXT);
}

#[tokio::test]
async fn another_part_than_the_missing_one_is_fetched_again_with_the_whole_file() {
    let half = format!("HTTP/1.1 200 OK\r\ncontent-length: 13\r\n{OBJECT}\r\nid,em");
    for (told, body) in [
        // It tells the truth, and that is another part than was asked for.
        ("content-range: bytes 3-12/13\r\n", &TEXT[3..]),
        // It tells what was asked for, and sends more, or something of another file.
        ("content-range: bytes 5-12/13\r\n", TEXT),
        ("content-range: bytes 5-12/99\r\n", &TEXT[5..]),
        ("", &TEXT[5..]),
        ("content-range: bytes 5-12/13\r\ncontent-range: bytes 0-12/13\r\n", &TEXT[5..]),
    ] {
        let (half, headers) = (half.clone(), format!("{OBJECT}{told}"));
        let (url, heads) = server(move |number, _| match number {
            0 => half.clone().into_bytes(),
            1 => answer("206 Partial Content", &headers, body),
            _ => answer("200 OK", OBJECT, TEXT),
        })
        .await;
        let (_folder, to) = target();
        storage(&[]).download(&format!("{url}/a.csv"), &to).await.unwrap().unwrap();
        assert_eq!(std::fs::read_to_string(&to).unwrap(), TEXT, "{told}");
        let heads = heads.lock().unwrap();
        assert_eq!(heads.len(), 3, "{told}");
        assert!(heads[1].contains("range: bytes=5-12") && !heads[2].contains("range: bytes"));
    }
}

#[tokio::test]
async fn a_signed_url_is_asked_for_as_it_was_signed() {
    let (url, heads) = server(|_, _| answer("200 OK", "", TEXT)).await;
    for path in [
        "/b/a%2Bb%2Fc.csv?X-Amz-Signature=a%2Bb%2Fc%3D",
        "/b//a.csv?x=1",
        "/b/folder/?x=a+b",
        "/b/a+b%20c.csv",
        "/b/%E6%9D%B1.csv",
    ] {
        storage(&[]).read(&format!("{url}{path}")).await.unwrap().unwrap();
        let got = heads.lock().unwrap().pop().unwrap();
        assert!(got.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{path}: {got}");
    }
}

#[tokio::test]
async fn a_redirect_within_a_server_is_followed_and_one_to_another_is_not() {
    let (elsewhere, heads) = server(|_, _| answer("200 OK", "", TEXT)).await;
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let to = format!("location: {elsewhere}/a.csv?secret=hide-me\r\n");
        let (url, _) = server(move |_, head| match head.starts_with("GET /within ") {
            true => answer(status, "location: /there\r\n", ""),
            false if head.starts_with("GET /there ") => answer("200 OK", "", TEXT),
            false => answer(status, &to, ""),
        })
        .await;
        let own = storage(&[]);
        assert_eq!(own.read(&format!("{url}/within")).await.unwrap().unwrap(), TEXT);
        let error = own.read(&format!("{url}/a.csv")).await.unwrap_err();
        assert!(error.is(ErrorKind::Config), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains(&format!("redirects to {elsewhere}, which is not followed")),
            "{text}"
        );
        assert!(!text.contains("hide-me"), "{text}");
    }
    assert_eq!(heads.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_redirect_that_leads_to_no_file_says_where_it_leads() {
    for (to, said) in [
        ("location: /a.csv\r\n", "redirects within its server without end"),
        ("location: ?page=2\r\n", "redirects within its server without end"),
        ("location: file:///etc/passwd\r\n", "redirects to file:, which is not followed"),
        ("location: http://127.0.0.1:70000/\r\n", "redirects to nowhere"),
        ("", "redirects to nowhere"),
    ] {
        let (url, heads) = server(move |_, _| answer("303 See Other", to, "")).await;
        let error = storage(&[]).read(&format!("{url}/a.csv")).await.unwrap_err();
        assert!(error.to_string().contains(said), "{to:?}: {error}");
        assert!(heads.lock().unwrap().len() < 10);
    }
}

#[tokio::test]
async fn s3_does_not_hand_its_token_to_another_server() {
    let (elsewhere, heads) = server(|_, _| answer("200 OK", "etag: \"1\"\r\n", TEXT)).await;
    for key in ["a.csv", "a//b.csv"] {
        let to = format!("location: {elsewhere}/results/a.csv\r\n");
        let (url, _) = server(move |_, _| answer("307 Temporary Redirect", &to, "")).await;
        let error = s3(&url, "us-east-1").read(&format!("s3://results/{key}")).await.unwrap_err();
        assert!(error.is(ErrorKind::Config), "{error:?}");
        assert!(error.to_string().contains("set the bucket's region"), "{error}");
    }
    assert_eq!(heads.lock().unwrap().len(), 0, "the token went elsewhere");
}

#[tokio::test]
async fn the_region_that_s3_names_is_learned_and_signed_for() {
    let malformed = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is wrong\
                     </Message><Region>eu-west-1</Region></Error>";
    let moved = "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>";
    for (status, headers, body) in [
        ("301 Moved Permanently", "x-amz-bucket-region: eu-west-1\r\n", moved),
        ("400 Bad Request", "x-amz-bucket-region: eu-west-1\r\n", malformed),
        ("400 Bad Request", "", malformed),
    ] {
        let (url, heads) = server(move |_, head| match head.contains("/eu-west-1/s3/") {
            true => answer(
                "200 OK",
                "etag: \"1\"\r\nlast-modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n",
                TEXT,
            ),
            false => answer(status, headers, body),
        })
        .await;
        let storage = s3(&url, "us-east-1");
        assert_eq!(storage.read("s3://results/a.csv").await.unwrap().unwrap(), TEXT, "{status}");
        assert_eq!(heads.lock().unwrap().len(), 2);
        assert_eq!(storage.read("s3://results/b.csv").await.unwrap().unwrap(), TEXT);
        assert_eq!(heads.lock().unwrap().len(), 3, "it is remembered");
    }
    let (url, _) = server(move |_, _| answer("301 Moved Permanently", "", moved)).await;
    let error = s3(&url, "us-east-1").read("s3://results/a.csv").await.unwrap_err().to_string();
    assert!(error.contains("set the bucket's region, as AWS_REGION"), "{error}");
}

#[tokio::test]
async fn credentials_that_have_expired_are_read_anew_and_said_to_have() {
    let expired = "<Error><Code>ExpiredToken</Code><Message>The provided token has expired.\
                   </Message></Error>";
    let file = || {
        answer("200 OK", "etag: \"1\"\r\nlast-modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n", TEXT)
    };
    let (url, heads) = server(move |n, _| match n {
        1 => answer("400 Bad Request", "", expired),
        _ => file(),
    })
    .await;
    let storage = s3(&url, "us-east-1");
    for _ in 0..2 {
        assert_eq!(storage.read("s3://results/a.csv").await.unwrap().unwrap(), TEXT);
    }
    assert_eq!(heads.lock().unwrap().len(), 3);

    for key in ["a.csv", "a//b.csv"] {
        let (url, _) = server(move |_, _| answer("400 Bad Request", "", expired)).await;
        let error = s3(&url, "us-east-1").read(&format!("s3://results/{key}")).await.unwrap_err();
        assert!(error.is(ErrorKind::Config), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("have expired") && text.contains("renew them"), "{text}");
    }
}

#[tokio::test]
async fn keys_with_empty_parts_are_signed_and_asked_for_as_they_are() {
    let (url, heads) = server(|_, _| answer("200 OK", "", TEXT)).await;
    let storage = s3(&url, "us-east-1");
    for (key, path) in [
        ("a//b.csv", "/results/a//b.csv"),
        ("/a.csv", "/results//a.csv"),
        ("folder/", "/results/folder/"),
        ("a//b c+d%20.csv", "/results/a//b%20c%2Bd%2520.csv"),
    ] {
        assert_eq!(storage.read(&format!("s3://results/{key}")).await.unwrap().unwrap(), TEXT);
        let got = heads.lock().unwrap().pop().unwrap();
        assert!(got.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{key}: {got}");
        assert!(got.contains("authorization: AWS4-HMAC-SHA256 Credential=lantern/"), "{got}");
        assert!(got.contains("x-amz-security-token: a-token-of-s3"), "{got}");
    }
    let error = storage.read("s3://results/a//../b.csv").await.unwrap_err().to_string();
    assert!(error.contains("a URL cannot contain the steps . and .."), "{error}");
}

#[tokio::test]
async fn credentials_that_no_request_can_carry_are_refused_and_not_shown() {
    let (url, heads) = server(|_, _| answer("200 OK", "", TEXT)).await;
    let good = [
        ("endpoint_url", url.as_str()),
        ("access_key_id", "lantern"),
        ("secret_access_key", "a-secret-of-s3"),
        ("region", "us-east-1"),
    ];
    for name in ["access_key_id", "session_token", "region"] {
        for odd in ["hide-me\r\nx-evil: 1", "hide-me\n", "hide-me\0", "hide-mé", "hide-me\u{7f}"] {
            let mut options = good.to_vec();
            options.retain(|(own, _)| *own != name);
            options.push((name, odd));
            for key in ["a.csv", "a//b.csv"] {
                let read = storage(&options).read(&format!("s3://results/{key}")).await;
                let error = read.unwrap_err();
                assert!(error.is(ErrorKind::Config), "{name}: {error:?}");
                assert!(!format!("{error:?}").contains("hide-m"), "{error:?}");
            }
        }
    }
    assert_eq!(heads.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_file_that_is_too_large_or_never_ends_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a.csv", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                head(&mut socket).await;
                let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                while socket.write_all(&[b'a'; 65_536]).await.is_ok() {}
            });
        }
    });
    let (folder, to) = target();
    let place = Location::parse(&url).unwrap();
    let error = storage(&[]).download_from(&place, &to, 3 << 20).await.unwrap_err();
    assert!(error.is(ErrorKind::Results), "{error:?}");
    assert!(error.to_string().contains("larger than 3 MiB"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left over");

    let (url, _) =
        server(|_, _| b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\nid".to_vec()).await;
    let place = Location::parse(&format!("{url}/a.csv")).unwrap();
    let error = storage(&[]).download_from(&place, &to, 1 << 20).await.unwrap_err();
    assert!(error.to_string().contains("larger than 1 MiB"), "{error}");
}

#[tokio::test]
async fn pipes_and_devices_are_no_files() {
    let (folder, to) = target();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    for place in [pipe.to_str().unwrap(), "/dev/zero", "/dev/stdin", "/tmp"] {
        let error = storage(&[]).download(place, &to).await.unwrap_err().to_string();
        assert!(error.contains("is not a file") || error.contains("cannot be read"), "{error}");
    }
}

#[tokio::test]
async fn the_error_of_a_store_may_be_endless() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut count = 0;
        while let Ok((mut socket, _)) = listener.accept().await {
            let status = ["403 Forbidden", "400 Bad Request", "503 Slow Down"][count % 3];
            count += 1;
            tokio::spawn(async move {
                head(&mut socket).await;
                // A length that no memory can hold, and a body without an end.
                let length = ["", "content-length: 9999999999999999\r\n"][count % 2];
                let begun = format!("HTTP/1.1 {status}\r\n{length}\r\n<Error><Code>Odd</Code>");
                let _ = socket.write_all(begun.as_bytes()).await;
                while socket.write_all(&[b'\xff'; 65_536]).await.is_ok() {}
            });
        }
    });
    let storage = s3(&url, "us-east-1");
    for key in ["a.csv", "a//b.csv"] {
        for _ in 0..3 {
            // It ends, and uses little memory.
            let error = storage.read(&format!("s3://results/{key}")).await.unwrap_err();
            assert!(error.to_string().len() < 20_000, "{error}");
        }
    }
}

#[tokio::test]
async fn a_store_that_quotes_its_request_shows_no_secret() {
    use base64::Engine;
    let quote = |head: &str, form: usize| {
        let bytes = head.as_bytes();
        let percent: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
        match form {
            0 => head.to_owned(),
            1 => serde_json::Value::from(head).to_string(),
            2 => percent,
            3 => base64::engine::general_purpose::STANDARD.encode(head),
            _ => head.to_ascii_uppercase(),
        }
    };
    let signed = "X-Amz-Signature=0123456789abcdef0123&X-Amz-Security-Token=a%2Btoken%2Fof%2Fs3";
    for form in 0..5 {
        let (url, _) = server(move |_, head| {
            // The quotation is at the beginning, which is the part that is shown.
            let own: Vec<&str> = head
                .lines()
                .filter(|line| line.contains("token") || line.contains("uthorization"))
                .flat_map(str::split_whitespace)
                .collect();
            let said = quote(&own.join("\n"), form);
            let body = format!("<Error><Code>Odd</Code><Message>{said}</Message></Error>");
            answer("400 Bad Request", "", &body)
        })
        .await;
        let storage = s3(&url, "us-east-1");
        for place in [
            "s3://results/a.csv".to_owned(),
            "s3://results/a//b.csv".to_owned(),
            format!("{url}/b?token=1&{signed}"),
        ] {
            let error = storage.read(&place).await.unwrap_err();
            let shown = format!("{error} {error:?}").to_lowercase();
            assert!(shown.contains("odd"), "{shown}");
            for secret in ["a-token-of-s3", "0123456789abcdef0123", "a+token/of/s3", "a%2btoken"] {
                // The digits that do not depend on neighbouring bytes, at each offset.
                let encoded = (0..3).map(|before| {
                    let text = format!("{}{secret}", &"   "[..before]);
                    let whole = base64::engine::general_purpose::STANDARD.encode(text);
                    whole[4..whole.len() - 4].to_lowercase()
                });
                let encoded = encoded.filter(|form| form.len() > 8);
                for form in encoded.chain([secret.to_owned()]) {
                    assert!(!shown.contains(&form), "{secret} as {form}: {shown}");
                }
            }
            assert!(!shown.contains("signature=0") && !shown.contains("%61%2d%74"), "{shown}");
        }
    }
}
