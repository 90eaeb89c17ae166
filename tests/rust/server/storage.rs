//! Results by the S3 protocol, as any S3 client reads them.

use chrono::Utc;
use futures_util::TryStreamExt;
use hmac::{Hmac, KeyInit, Mac};
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::server::common::{Caller, lifted};

#[tokio::test]
async fn a_wrong_secret_or_access_key_is_refused() {
    let caller = Caller::start(lifted()).await;
    let run = caller.submit_ids("email", &["P0000001"], 1).await;
    caller.server.idle().await;
    let address = run["result_path"].as_str().unwrap();
    let secret = caller.server.storage_options()["aws_secret_access_key"].clone();
    assert_eq!(secret.len(), 40);
    for change in [
        ("aws_secret_access_key", "0000000000000000000000000000000000000000"),
        ("aws_access_key_id", "LANTERNAAAAAAAAAAAAA"),
        ("aws_skip_signature", "true"),
    ] {
        let (store, path) = caller.store(address, &[change]);
        let error = store.get(&path).await.unwrap_err();
        let refused = matches!(
            error,
            object_store::Error::PermissionDenied { .. }
                | object_store::Error::Unauthenticated { .. }
        );
        assert!(refused, "{change:?}: {error:?}");
        assert!(!format!("{error}").contains(&secret));
    }
    let (store, path) = caller.store(address, &[]);
    assert!(store.get(&path).await.is_ok());
}

#[tokio::test]
async fn results_are_listed_read_in_ranges_and_missing_ones_not_found() {
    let caller = Caller::start(lifted()).await;
    let run = caller.submit_ids("email", &["P0000001", "P0000002"], 2).await;
    caller.server.idle().await;
    let (store, path) = caller.store(run["result_path"].as_str().unwrap(), &[]);
    let found: Vec<_> = store.list(None).try_collect().await.unwrap();
    let mut names: Vec<_> = found.iter().filter_map(|object| object.location.filename()).collect();
    names.sort_unstable();
    let run_id = run["run_id"].as_str().unwrap();
    assert!(names[0].ends_with("_credits.csv") && names[0].contains(run_id), "{names:?}");
    assert!(names[1].starts_with("phone-email-enrichment-batch_"), "{names:?}");
    assert_eq!(names.len(), 2);
    let whole = store.get(&path).await.unwrap();
    assert_eq!(whole.meta.size, found.iter().find(|o| o.location == path).unwrap().size);
    assert!(whole.meta.e_tag.is_some());
    let whole = whole.bytes().await.unwrap();
    let range = GetOptions { range: Some(GetRange::Bounded(3..20)), ..GetOptions::default() };
    let part = store.get_opts(&path, range).await.unwrap().bytes().await.unwrap();
    assert_eq!(part, whole.slice(3..20));
    let missing = path.parent().unwrap().join("other.csv");
    let error = store.get(&missing).await.unwrap_err();
    assert!(matches!(error, object_store::Error::NotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn a_completed_run_can_always_be_read() {
    let caller = Caller::start(lifted()).await;
    let (store, _) = caller.store("s3://lantern-results/x", &[]);
    for _ in 0..30 {
        let run = caller.submit_ids("email", &["P0000001"], 1).await;
        let key = run["result_path"].as_str().unwrap().strip_prefix("s3://lantern-results/");
        let path = object_store::path::Path::from(key.unwrap());
        // Polled without a pause: a run must not be completed before its file exists.
        while caller.status(&run).await != "completed" {}
        assert!(store.get(&path).await.is_ok());
    }
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The answer to a presigned GET of a path, which is sent as it is written.
async fn presigned(caller: &Caller, path: &str, expires_in: u64) -> String {
    presigned_as(caller, "GET", path, expires_in, "").await
}

/// The answer to a presigned call for a path, with further headers.
async fn presigned_as(
    caller: &Caller,
    method: &str,
    path: &str,
    expires_in: u64,
    headers: &str,
) -> String {
    let options = caller.server.storage_options();
    let host = options["aws_endpoint_url"].strip_prefix("http://").unwrap();
    let now = Utc::now();
    let (time, day) = (now.format("%Y%m%dT%H%M%SZ").to_string(), now.format("%Y%m%d").to_string());
    let scope = format!("{day}/us-east-1/s3/aws4_request");
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}%2F{}&X-Amz-Date={time}\
         &X-Amz-Expires={expires_in}&X-Amz-SignedHeaders=host",
        options["aws_access_key_id"],
        scope.replace('/', "%2F")
    );
    let request = format!("{method}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
    let hashed = hex(&Sha256::digest(request));
    let signed = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashed}");
    let secret = format!("AWS4{}", options["aws_secret_access_key"]);
    let key = [day.as_str(), "us-east-1", "s3", "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| hmac(&key, part));
    let signature = hex(&hmac(&key, &signed));
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "{method} {path}?{query}&X-Amz-Signature={signature} HTTP/1.1\r\nhost: {host}\r\n\
         {headers}connection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_signed_key_stays_in_its_bucket_and_a_signature_is_short_lived() {
    let caller = Caller::start(lifted()).await;
    let run = caller.submit_ids("email", &["P0000001"], 1).await;
    caller.server.idle().await;
    let path = run["result_path"].as_str().unwrap().replacen("s3:/", "", 1);
    assert!(presigned(&caller, &path, 60).await.starts_with("HTTP/1.1 200"));
    for key in ["..", "a/../..", "../x", "./x", "/x", "a/.."] {
        let answer = presigned(&caller, &format!("/lantern-results/{key}"), 60).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{key}: {answer}");
        assert!(answer.contains("A key must not begin with /"), "{key}: {answer}");
    }
    let answer = presigned(&caller, &path, 604_801).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(presigned(&caller, &path, 604_800).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_odd_key_is_the_callers_fault_and_never_the_servers() {
    let caller = Caller::start(lifted()).await;
    let run = caller.submit_ids("email", &["P0000001"], 1).await;
    caller.server.idle().await;
    let file = run["result_path"].as_str().unwrap().replacen("s3://lantern-results/", "", 1);
    let (folder, _) = file.rsplit_once('/').unwrap();
    let (long, longer) = ("x".repeat(300), "x/".repeat(3_000));
    let below = format!("{file}/x");
    for method in ["GET", "HEAD", "DELETE"] {
        for key in [
            "%00",
            "a%00b",
            "a%0Ab",
            "a%0D%0Ax-evil%3A%201",
            "%FF%FE",
            "%E2%80%AEcsv.exe",
            "%5C..%5C..%5Cx",
            "a%5Cb",
            "a%2F..%2F..%2Fx",
            "%2e%2e",
            "..%2Fx",
            "%7E%2F.ssh",
            "C%3A",
            long.as_str(),
            longer.as_str(),
            below.as_str(),
            folder,
            "x//y",
            "x/",
        ] {
            let answer =
                presigned_as(&caller, method, &format!("/lantern-results/{key}"), 60, "").await;
            let status = answer.get(9..12).unwrap_or_default();
            // Deleting an object that does not exist is not an error.
            let fine = status.starts_with('4') || (method == "DELETE" && status == "204");
            assert!(fine, "{method} {key}: {answer}");
            assert!(!answer.to_lowercase().contains("\r\nx-evil:"), "{answer}");
        }
    }
    // A copy reads a key other than the one in the path.
    for source in [
        "lantern-results/../x",
        "/lantern-results/..%2f..%2fx",
        "../../etc/passwd",
        "other/x",
        "lantern-results/%00",
        "%",
        "",
    ] {
        let headers = format!("x-amz-copy-source: {source}\r\ncontent-length: 0\r\n");
        let answer = presigned_as(&caller, "PUT", "/lantern-results/copy", 60, &headers).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{source}: {answer}");
    }
    assert!(presigned(&caller, &format!("/lantern-results/{file}"), 60).await.contains(" 200 "));
}
