//! Result files: how they are fetched × what S3 and other servers do.
//!
//! A fetch returns a complete file, nothing if it is missing, or an error; never a part of a file,
//! and never a mixture of two versions.

use std::sync::Arc;

use lantern::{
    Error,
    error::ErrorKind,
    storage::{Storage, StorageOptions},
};

use super::{
    calls::{AT_ONCE, READ, TOTAL, readable},
    catalogue::{self, Says},
    report::{self, GUARD, Tried},
    server::{self, Arrived, Script, Server, Then},
};

const SECRET: &str = "sentinel-secret-of-the-matrix";
const DATE: &str = "last-modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n";

/// The file: longer than a frame, with distinct lines.
fn text(version: usize) -> String {
    let mut text = String::from("id,email\n");
    for line in 0..2_000 {
        text.push_str(&format!("{version}-{line},a@example.com\n"));
    }
    text
}

/// How the file is requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    ToDisk,
    ToMemory,
    Exists,
}

/// Where the file is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    S3,
    /// A key that object_store does not accept, so that this crate signs the request.
    OddKey,
    Http,
}

/// The answer to each attempt; the last one is repeated.
struct Case {
    name: String,
    /// The results that are allowed besides an error: versions of the file, or that there is none.
    versions: Vec<usize>,
    missing: bool,
    /// Whether it must succeed in the end.
    passes: bool,
    hangs: bool,
    scripts: Vec<Served>,
}

#[derive(Clone)]
enum Served {
    As(Script),
    /// The file, or the requested part of it.
    File(usize),
    /// The head of the file and the first half of its body.
    Half(usize, Then),
    /// Another range than the requested one.
    WrongRange(usize),
    /// The whole file, although a range was requested.
    NoRange(usize),
}

fn serve(served: &Served, asked: &Arrived) -> Script {
    let from = asked
        .range
        .as_deref()
        .and_then(|range| range.strip_prefix("bytes=")?.split('-').next()?.parse::<usize>().ok());
    let head = |version: usize, status: &str, more: &str, length: usize| {
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {length}\r\netag: \"{version}\"\r\n{DATE}{more}\r\n"
        )
    };
    let file = |version: usize, from: Option<usize>, shown: Option<usize>| {
        let whole = text(version);
        let start = from.unwrap_or(0).min(whole.len());
        let part = &whole.as_bytes()[start..];
        let (status, more) = match shown.or(from) {
            Some(at) => (
                "206 Partial Content",
                format!("content-range: bytes {at}-{}/{}\r\n", whole.len() - 1, whole.len()),
            ),
            None => ("200 OK", String::new()),
        };
        let body = if asked.method == "HEAD" { &[][..] } else { part };
        [head(version, status, &more, part.len()).as_bytes(), body].concat()
    };
    match served {
        Served::As(script) => script.clone(),
        Served::File(version) => Script::new(file(*version, from, None), Then::Keep),
        Served::NoRange(version) => Script::new(file(*version, None, None), Then::Keep),
        Served::WrongRange(version) => {
            Script::new(file(*version, from.map(|at| at / 2), from), Then::Keep)
        }
        Served::Half(version, then) => {
            let whole = file(*version, from, None);
            Script::new(whole[..whole.len() / 2].to_vec(), *then)
        }
    }
}

fn error(status: &str, code: &str) -> Served {
    let body = format!(
        "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>\u{1b}[31m {SECRET}</Message></Error>"
    );
    Served::As(Script::new(
        server::answer(status, "content-type: application/xml\r\n", body.as_bytes()),
        Then::Close,
    ))
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add =
        |name: &str, versions: &[usize], missing: bool, passes: bool, scripts: Vec<Served>| {
            let hangs = scripts.iter().any(|served| match served {
                Served::As(script) => matches!(script.then, Then::Silence | Then::Drip(_)),
                Served::Half(_, then) => matches!(then, Then::Silence | Then::Drip(_)),
                _ => false,
            });
            let versions = versions.to_vec();
            cases.push(Case { name: name.into(), versions, missing, passes, hangs, scripts });
        };
    let file = || Served::File(1);
    add("a file", &[1], false, true, vec![file()]);
    for (status, code, passes) in [
        ("500 Internal Server Error", "InternalError", true),
        ("503 Slow Down", "SlowDown", true),
        ("503 Service Unavailable", "ServiceUnavailable", true),
        ("429 Too Many Requests", "SlowDown", true),
        ("408 Request Timeout", "RequestTimeout", true),
        ("400 Bad Request", "ExpiredToken", false),
        ("400 Bad Request", "RequestTimeout", false),
        ("400 Bad Request", "InvalidToken", false),
        ("403 Forbidden", "AccessDenied", false),
        ("403 Forbidden", "ExpiredToken", false),
        ("403 Forbidden", "RequestTimeTooSkewed", false),
        ("403 Forbidden", "InvalidAccessKeyId", false),
        ("403 Forbidden", "SignatureDoesNotMatch", false),
        ("301 Moved Permanently", "PermanentRedirect", false),
        ("409 Conflict", "OperationAborted", false),
        ("410 Gone", "Gone", false),
        ("412 Precondition Failed", "PreconditionFailed", false),
        ("416 Range Not Satisfiable", "InvalidRange", false),
        ("501 Not Implemented", "NotImplemented", false),
        ("520 Odd", "Odd", false),
    ] {
        let name = format!("{status} {code}");
        let gone = status.starts_with("410");
        add(
            &format!("{name}, once"),
            &[1],
            gone,
            passes && !status.starts_with("408"),
            vec![error(status, code), file()],
        );
        add(&format!("{name}, for ever"), &[], gone, false, vec![error(status, code)]);
    }
    let gone = || error("404 Not Found", "NoSuchKey");
    add("404, then a file", &[1], true, false, vec![gone(), file()]);
    add("404 for ever", &[], true, false, vec![gone()]);
    add("no bucket", &[], true, false, vec![error("404 Not Found", "NoSuchBucket")]);
    // Additional bytes in a file with an announced length are part of it, so no such fault is tried
    // here.
    for (name, then) in [("reset", Then::Reset), ("close", Then::Close), ("silence", Then::Silence)]
    {
        let half = |version| Served::Half(version, then);
        add(
            &format!("half a file, {name}, then the rest"),
            &[1],
            false,
            false,
            vec![half(1), file()],
        );
        add(
            &format!("half a file, {name}, then another version"),
            &[2],
            false,
            false,
            vec![half(1), Served::File(2)],
        );
        add(
            &format!("half a file, {name}, then a wrong range"),
            // The fault is noticed, and the whole file is requested.
            &[1],
            false,
            false,
            vec![half(1), Served::WrongRange(1)],
        );
        add(
            &format!("half a file, {name}, then no range"),
            &[1],
            false,
            false,
            vec![half(1), Served::NoRange(1)],
        );
        add(
            &format!("half a file, {name}, then 416"),
            &[],
            false,
            false,
            vec![half(1), error("416 Odd", "InvalidRange")],
        );
        add(&format!("half a file, {name}, then 404"), &[], true, false, vec![half(1), gone()]);
        add(&format!("half a file, {name}, for ever"), &[], false, false, vec![half(1)]);
    }
    // The faults of the API, which other servers and proxies can show as well.
    let good = serde_json::json!({"a": 1});
    for fault in catalogue::kinds(&good, "http://127.0.0.1:9") {
        // A successful answer is a file, whatever it contains.
        if matches!(fault.says, Says::Worked | Says::WorkedPerhaps)
            || fault.name.contains("200")
            || fault.name == "a half document"
            // Nothing is unpacked on the way: who reads the file finds out that it is torn.
            || fault.name == "a torn gzip"
        {
            continue;
        }
        let once = vec![Served::As(fault.script.clone()), file()];
        let missing = fault.name.starts_with("404");
        add(&format!("{}, once", fault.name), &[1], missing, false, once);
        add(
            &format!("{}, for ever", fault.name),
            &[],
            missing,
            false,
            vec![Served::As(fault.script.clone())],
        );
    }
    cases
}

fn storage(place: Where, url: &str, hangs: bool) -> Storage {
    let (read, total) = (format!("{READ:?}"), format!("{TOTAL:?}"));
    let mut options =
        vec![("max_retries", "2"), ("retry_init_backoff_ms", "1"), ("retry_max_backoff_ms", "2")];
    if hangs {
        options.extend([("read_timeout", read.as_str()), ("timeout", total.as_str())]);
    }
    if place != Where::Http {
        options.extend([
            ("endpoint_url", url),
            ("access_key_id", "lantern"),
            ("secret_access_key", SECRET),
            ("session_token", SECRET),
            ("region", "us-east-1"),
        ]);
    }
    Storage::new(StorageOptions::new(options).unwrap())
}

fn judge_error(error: &Error, place: Where) -> Vec<String> {
    let mut wrong = readable(error);
    // Other servers get neither the key nor the secret, so their answers may contain anything.
    wrong.retain(|what| !what.starts_with("it shows the key"));
    if place != Where::Http && format!("{error:?}").contains(SECRET) {
        wrong.push(format!("it shows a secret: {error:?}"));
    }
    let kinds = [ErrorKind::Results, ErrorKind::Config, ErrorKind::Connection, ErrorKind::Timeout];
    if !kinds.contains(&error.kind()) {
        wrong.push(format!("it is {:?}: {error}", error.kind()));
    }
    wrong
}

async fn cell(case: &Case, how: How, place: Where) -> Vec<String> {
    let scripts = case.scripts.clone();
    let server = Server::start(move |asked: &Arrived, number: usize| {
        serve(&scripts[number.min(scripts.len() - 1)], asked)
    })
    .await;
    let storage = storage(place, &server.url, case.hangs);
    let address = match place {
        Where::S3 => "s3://results/a.csv".to_owned(),
        Where::OddKey => "s3://results/a//b.csv".to_owned(),
        Where::Http => format!("{}/a.csv", server.url),
    };
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("answer.csv");
    let work = async {
        match how {
            How::Exists => storage.exists(&address).await.map(|there| there.then(String::new)),
            How::ToMemory => storage
                .read(&address)
                .await
                .map(|bytes| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
            How::ToDisk => storage.download(&address, &to).await.map(|got| {
                got.map(|_| String::from_utf8_lossy(&std::fs::read(&to).unwrap()).into_owned())
            }),
        }
    };
    let Ok(outcome) = tokio::time::timeout(GUARD, work).await else {
        return vec!["it hangs".into()];
    };
    let mut wrong = Vec::new();
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    match outcome {
        // An existing file may still be cut off while it is fetched.
        Ok(Some(_)) if how == How::Exists => {}
        Ok(Some(got)) => {
            let whole = case.versions.iter().any(|version| got == text(*version));
            if !whole {
                wrong.push(format!(
                    "{} bytes that are no version of the file: {:?}",
                    got.len(),
                    &got[..got.len().min(80)]
                ));
            }
        }
        Ok(None) if !case.missing => wrong.push("it is said to be missing".into()),
        Ok(None) => {}
        Err(error) => {
            wrong.extend(judge_error(&error, place));
            if case.passes && how != How::Exists {
                wrong.push(format!("it was given up: {error}"));
            }
            if left > 0 {
                wrong.push("a part is left over".into());
            }
        }
    }
    wrong
}

async fn every_way_to_fetch(which: Tried) {
    let cases: Vec<Arc<Case>> = cases().into_iter().map(Into::into).collect();
    let mut cells = Vec::new();
    for case in &cases {
        for how in [How::ToDisk, How::ToMemory, How::Exists] {
            for place in [Where::S3, Where::OddKey, Where::Http] {
                cells.push((case.clone(), how, place));
            }
        }
    }
    let waits = |(case, _, _): &(Arc<Case>, How, Where)| case.hangs;
    let cells = which.of(cells, waits);
    report::run("files", cells, AT_ONCE, waits, |(case, how, place)| async move {
        (format!("{how:?} of {place:?} × {}", case.name), cell(&case, how, place).await)
    })
    .await
    .done();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long; `make test-faults` runs it"]
async fn every_way_to_fetch_a_file_bears_every_fault_of_a_store() {
    every_way_to_fetch(Tried::All).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_of_the_ways_to_fetch_a_file_bears_a_sample_of_faults() {
    every_way_to_fetch(Tried::Some(120)).await;
}
