//! The faults: what the API, or a proxy in front of it, does instead of answering correctly.
//!
//! A fault is data: the bytes that it sends, and what a caller may conclude from them. The correct
//! outcome of a cell of the matrix follows from that and from the effect of the call.

use std::io::Write;

use lantern::error::ErrorKind;
use serde_json::Value;

use super::server::{Moment, Script, Then, answer, json};

/// What a caller may conclude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// The request was not read, so nothing was done.
    Unread,
    /// It was refused permanently, and nothing was done. The error has this kind.
    Refused(ErrorKind),
    /// It was refused temporarily, and nothing was done.
    Throttled,
    /// It may have been processed. `passes`: a retry may help, if it costs nothing.
    Unclear { passes: bool },
    /// It was processed, and the answer can be read in spite of its oddities.
    Worked,
    /// It was processed. Whether the answer can be read depends on the fields of this call.
    WorkedPerhaps,
}

/// A fault; see the module.
#[derive(Debug, Clone)]
pub struct Fault {
    pub name: String,
    pub script: Script,
    pub says: Says,
    /// It ends with a time-out of the client.
    pub hangs: bool,
}

impl Fault {
    fn new(name: impl Into<String>, says: Says, script: Script) -> Self {
        let hangs = matches!(script.then, Then::Silence | Then::Drip(_)) && says != Says::Worked;
        Self { name: name.into(), script, says, hangs }
    }

    fn bytes(name: impl Into<String>, says: Says, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(name, says, Script::new(bytes, Then::Close))
    }
}

/// A text that no error and no ledger may contain; several faults quote it.
pub const KEY: &str = "sentinel-key-of-the-matrix";

const UNCLEAR: Says = Says::Unclear { passes: false };
const PASSES: Says = Says::Unclear { passes: true };

/// Every fault, for a call whose successful answer is `good`. `elsewhere` is another server, which
/// must never be called.
pub fn all(good: &Value, elsewhere: &str) -> Vec<Fault> {
    let text = good.to_string().into_bytes();
    let mut faults = statuses();
    faults.extend(throttles());
    faults.extend(redirects(elsewhere));
    faults.extend(breaks(&text));
    faults.extend(framing(&text));
    faults.extend(headers(&text));
    faults.extend(packed(&text));
    faults.extend(bodies(good));
    faults.extend(types(good));
    faults
}

/// One fault of each kind, for cells that are too slow to be run with all of them.
pub fn kinds(good: &Value, elsewhere: &str) -> Vec<Fault> {
    const NAMES: [&str; 34] = [
        "400",
        "401",
        "402",
        "404",
        "409",
        "422",
        "500",
        "502",
        "503",
        "504",
        "520",
        "502 as HTML",
        "429",
        "429, at once",
        "429 with a date",
        "307 elsewhere",
        "303 elsewhere",
        "reset at the head",
        "reset before an answer",
        "reset within the head",
        "reset within the body",
        "close before an answer",
        "close within the body",
        "silence",
        "silence within the body",
        "slow body",
        "a length too long",
        "chunks that break off",
        "a torn gzip",
        "HTML with 200",
        "a half document",
        "an empty body",
        "null",
        "an array",
    ];
    let all = all(good, elsewhere);
    let found: Vec<Fault> =
        all.into_iter().filter(|fault| NAMES.contains(&fault.name.as_str())).collect();
    assert_eq!(found.len(), NAMES.len(), "a name is misspelt");
    found
}

fn says_of(status: u16) -> Says {
    match status {
        401 | 403 => Says::Refused(ErrorKind::Authentication),
        402 => Says::Refused(ErrorKind::CreditLimit),
        404 => Says::Refused(ErrorKind::NotFound),
        407 => Says::Refused(ErrorKind::Config),
        // A gateway that timed out may have forwarded the request.
        408 | 499 => PASSES,
        429 => Says::Throttled,
        400..500 => Says::Refused(ErrorKind::Validation),
        501 | 505 | 506 | 508 | 510 | 511 => UNCLEAR,
        500..600 => PASSES,
        _ => UNCLEAR,
    }
}

fn statuses() -> Vec<Fault> {
    let codes = (400..=431)
        .chain([451, 498, 499])
        .chain(500..=511)
        .chain([520, 521, 522, 523, 524])
        .chain([525, 526, 527, 529, 530, 561, 598, 599, 600, 700, 999]);
    let mut faults = Vec::new();
    for code in codes {
        let line = format!("{code} Odd");
        let said = format!(
            r#"{{"success": false, "error": "no \u001b[2J (Authorization: Bearer {KEY})"}}"#
        );
        let html = format!("<html>\u{1b}[31m{code}: you sent Bearer {KEY}</html>");
        let says = says_of(code);
        faults.push(Fault::bytes(code.to_string(), says, json(&line, said.as_bytes())));
        let html = answer(&line, "content-type: text/html\r\n", html.as_bytes());
        faults.push(Fault::bytes(format!("{code} as HTML"), says, html));
        faults.push(Fault::bytes(format!("{code} and no body"), says, answer(&line, "", b"")));
    }
    for code in ["000", "099", "1000", "20", "abc", "-200", "2 0"] {
        let bytes = json(code, b"{}");
        faults.push(Fault::bytes(format!("the status {code}"), Says::WorkedPerhaps, bytes));
    }
    for (name, bytes) in [
        ("HTTP/0.9", &b"hello\n"[..]),
        ("another protocol", b"SSH-2.0-OpenSSH_9.6\r\n"),
        ("TLS to a plain client", b"\x15\x03\x03\x00\x02\x02\x28"),
        ("HTTP/2 to a client of HTTP/1.1", b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"),
        ("a blank line", b"\r\n\r\n"),
        ("zeros", &[0; 4096]),
    ] {
        faults.push(Fault::bytes(name, PASSES, bytes));
    }
    faults
}

fn throttles() -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |name: &str, headers: &str, body: &str| {
        let bytes = answer("429 Too Many Requests", headers, body.as_bytes());
        faults.push(Fault::bytes(name, Says::Throttled, bytes));
    };
    for (name, value) in [
        ("429, at once", "0"),
        ("429, soon", "0.01"),
        ("429, never", "99999999999999999999"),
        ("429 with infinity", "inf"),
        ("429 with NaN", "NaN"),
        ("429 with a negative wait", "-1"),
        ("429 with words", "in a while"),
        ("429 with a date", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("429 with a broken date", "Wed, 99 Oct 2015 07:28:00 GMT"),
        ("429 with nothing", ""),
    ] {
        add(name, &format!("retry-after: {value}\r\n"), "{}");
    }
    for (name, body) in [
        ("429 with a wait in its body", r#"{"retry_after": 0.01}"#),
        ("429 with a wait of text", r#"{"retry_after": "0.01"}"#),
        ("429 with a negative wait in its body", r#"{"retry_after": -5}"#),
        ("429 with a huge wait in its body", r#"{"retry_after": 1e300}"#),
        ("429 with a list as its wait", r#"{"retry_after": [1]}"#),
        ("429 with null as its wait", r#"{"retry_after": null}"#),
        ("429 of an array", "[429]"),
        ("429 of half a document", r#"{"retry_after": 1"#),
    ] {
        add(name, "", body);
    }
    add("429 with two waits", "retry-after: 0\r\nretry-after: 0\r\n", "");
    faults
}

fn redirects(elsewhere: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    for code in 300..=308 {
        // A "See other" is sent after the request was processed.
        let says = if code == 303 { UNCLEAR } else { Says::Refused(ErrorKind::Server) };
        for (name, location) in [
            ("elsewhere", format!("{elsewhere}/v1/credits/remaining")),
            ("to itself", "/v1/again".to_owned()),
            ("to a file", "file:///etc/passwd".to_owned()),
            ("to nothing", "http://".to_owned()),
        ] {
            let headers = format!("location: {location}\r\n");
            let bytes = answer(&format!("{code} Odd"), &headers, b"");
            faults.push(Fault::bytes(format!("{code} {name}"), says, bytes));
        }
    }
    faults
}

/// Connections that end at each moment, in each way.
fn breaks(good: &[u8]) -> Vec<Fault> {
    let whole = json("200 OK", good);
    let body_at = whole.len() - good.len();
    let ends: [(&str, Then); 4] = [
        ("reset", Then::Reset),
        ("close", Then::Close),
        ("silence", Then::Silence),
        ("slow", Then::Drip(b"x")),
    ];
    let mut faults = Vec::new();
    for (name, then) in ends {
        if !matches!(then, Then::Drip(_)) {
            faults.push(Fault::new(
                format!("{name} at the head"),
                Says::Unread,
                Script { when: Moment::Head, bytes: Vec::new(), then },
            ));
            let name =
                if name == "silence" { name.into() } else { format!("{name} before an answer") };
            faults.push(Fault::new(name, PASSES, Script::new("", then)));
        }
        let parts = [("head", body_at / 2), ("body", body_at + good.len() / 2)];
        for (part, at) in parts {
            let name = match then {
                Then::Drip(_) => format!("{name} {part}"),
                _ => format!("{name} within the {part}"),
            };
            // Additional bytes make a body with an announced length too long, and invalid.
            let bytes = whole[..at].to_vec();
            let says = match (then, part) {
                (Then::Drip(_), "body") => Says::WorkedPerhaps,
                _ => PASSES,
            };
            let mut fault = Fault::new(name, says, Script::new(bytes, then));
            if matches!(then, Then::Drip(_)) && part == "body" {
                // So slow that the whole exchange exceeds its time limit.
                let head = String::from_utf8_lossy(&whole[..body_at]);
                let long = head.replace(&good.len().to_string(), "999999");
                fault.script.bytes = [long.as_bytes(), &whole[body_at..at]].concat();
                fault.says = PASSES;
            }
            faults.push(fault);
        }
    }
    faults.push(Fault::new(
        "interim answers without end",
        PASSES,
        Script::new("", Then::Drip(b"HTTP/1.1 102 Processing\r\n\r\n")),
    ));
    faults.push(Fault::new(
        "headers without end",
        PASSES,
        Script::new("HTTP/1.1 200 OK\r\n", Then::Flood(b"x-more: and more and more and more\r\n")),
    ));
    faults.push(Fault::new(
        "a body without end",
        UNCLEAR,
        Script::new("HTTP/1.1 200 OK\r\n\r\n", Then::Flood(&[b' '; 65_536])),
    ));
    faults.push(Fault::new(
        "chunks without end",
        UNCLEAR,
        Script::new(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            Then::Flood(b"10;an=extension\r\n                \r\n"),
        ),
    ));
    faults.push(Fault::new(
        "an extension of a chunk without end",
        PASSES,
        Script::new(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;",
            Then::Flood(&[b'x'; 4096]),
        ),
    ));
    faults
}

/// Lengths and chunks that do not match what is sent.
fn framing(good: &[u8]) -> Vec<Fault> {
    let length = good.len();
    let with = |headers: &str, body: &[u8]| {
        [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat()
    };
    let told = |length: &str| with(&format!("content-length: {length}\r\n"), good);
    let chunk = |size: &str| [size.as_bytes(), b"\r\n", good, b"\r\n"].concat();
    let whole = [&chunk(&format!("{length:x}"))[..], b"0\r\n\r\n"].concat();
    let chunked = "transfer-encoding: chunked\r\n";
    let half = &good[..length / 2];
    vec![
        Fault::bytes("no length", Says::Worked, with("", good)),
        Fault::bytes("chunks", Says::Worked, with(chunked, &whole)),
        Fault::bytes("chunks with an extension", Says::Worked, {
            let named =
                [&chunk(&format!("{length:X};a=\"b\""))[..], b"0\r\nx-t: 1\r\n\r\n"].concat();
            with(chunked, &named)
        }),
        Fault::bytes("chunks and a length", Says::WorkedPerhaps, {
            with(&format!("content-length: {length}\r\n{chunked}"), &whole)
        }),
        Fault::bytes("a length too long", PASSES, told(&(length + 10).to_string())),
        Fault::bytes("a length far too long", PASSES, told("18446744073709551615")),
        Fault::bytes("a length that overflows", PASSES, told("18446744073709551616")),
        Fault::bytes("a length too short", UNCLEAR, told(&(length - 3).to_string())),
        Fault::bytes("a length of 0", Says::WorkedPerhaps, told("0")),
        Fault::bytes("a negative length", PASSES, told("-1")),
        Fault::bytes("a length of words", PASSES, told("many")),
        Fault::bytes("two lengths", PASSES, {
            with(&format!("content-length: {length}\r\ncontent-length: 3\r\n"), good)
        }),
        Fault::bytes("two equal lengths", Says::WorkedPerhaps, {
            with(&format!("content-length: {length}, {length}\r\n"), good)
        }),
        Fault::bytes("chunks that break off", PASSES, with(chunked, &chunk("fff"))),
        Fault::bytes(
            "chunks without their end",
            PASSES,
            with(chunked, &chunk(&format!("{length:x}"))),
        ),
        Fault::bytes("a chunk of words", PASSES, with(chunked, &chunk("xyz"))),
        Fault::bytes("a chunk too short", PASSES, with(chunked, &chunk("5"))),
        Fault::bytes("a chunk that overflows", PASSES, with(chunked, &chunk("fffffffffffffffff"))),
        Fault::bytes("an unknown transfer encoding", UNCLEAR, {
            with("transfer-encoding: gzip\r\ncontent-length: 3\r\n", half)
        }),
        Fault::bytes("an interim answer first", Says::Worked, {
            [
                &b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"[..],
                &json("200 OK", good),
            ]
            .concat()
        }),
        Fault::bytes("an answer twice", Says::Worked, {
            [json("200 OK", good), json("200 OK", b"{}")].concat()
        }),
        Fault::bytes("another protocol is agreed on", UNCLEAR, {
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"
                .to_vec()
        }),
        Fault::bytes("HTTP/1.0", Says::Worked, [b"HTTP/1.0 200 OK\r\n\r\n", good].concat()),
        Fault::bytes("HTTP/3.0", PASSES, [b"HTTP/3.0 200 OK\r\n\r\n", good].concat()),
        Fault::bytes("no reason", Says::Worked, {
            [format!("HTTP/1.1 200\r\ncontent-length: {length}\r\n\r\n").as_bytes(), good].concat()
        }),
        Fault::bytes("lines that end with LF alone", Says::WorkedPerhaps, {
            [format!("HTTP/1.1 200 OK\ncontent-length: {length}\n\n").as_bytes(), good].concat()
        }),
        Fault::bytes("201", Says::Worked, json("201 Created", good)),
        Fault::bytes("202", Says::Worked, json("202 Accepted", good)),
        Fault::bytes("203", Says::Worked, json("203 Changed", good)),
        Fault::bytes("206", Says::Worked, json("206 Partial Content", good)),
        Fault::bytes("299", Says::Worked, json("299 Odd", good)),
        Fault::bytes("204", Says::WorkedPerhaps, b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        Fault::bytes("205", Says::WorkedPerhaps, answer("205 Reset Content", "", b"")),
    ]
}

fn headers(good: &[u8]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut add = |name: &str, says, headers: String| {
        faults.push(Fault::bytes(name, says, answer("200 OK", &headers, good)));
    };
    let many = (0..90).map(|n| format!("x-{n}: 1\r\n")).collect();
    add("90 headers", Says::Worked, many);
    let many = (0..5_000).map(|n| format!("x-{n}: 1\r\n")).collect();
    add("5,000 headers", PASSES, many);
    add("a header of 60 kB", Says::Worked, format!("x-a: {}\r\n", "a".repeat(60_000)));
    add("a header of 2 MB", PASSES, format!("x-a: {}\r\n", "a".repeat(2_000_000)));
    add("a header without a colon", PASSES, "nonsense\r\n".into());
    add("a header without a name", PASSES, ": value\r\n".into());
    add("a folded header", Says::WorkedPerhaps, "x-a: 1\r\n  and more\r\n".into());
    add("a header with NUL", PASSES, "x-a: a\0b\r\n".into());
    add("a header of Latin-1", Says::Worked, "x-a: M\u{fc}ller\r\n".into());
    add("a request id of 60 kB", Says::Worked, format!("x-request-id: {}\r\n", "r".repeat(60_000)));
    add("a request id that colours", PASSES, "x-request-id: \u{1b}[31mred\r\n".into());
    for limit in ["0", "-1", "1e9", "99999999999999999999", "many", "", "60, 60;w=60"] {
        add(
            &format!("a rate limit of {limit:?}"),
            Says::Worked,
            format!("x-ratelimit-limit: {limit}\r\n"),
        );
    }
    for left in ["NaN", "inf", "-5", "1e400", "few"] {
        add(
            &format!("{left} credits left"),
            Says::Worked,
            format!("x-credits-remaining: {left}\r\n"),
        );
    }
    for kind in
        ["text/html", "application/octet-stream", "application/json; charset=utf-16", "", "x"]
    {
        add(&format!("the type {kind:?}"), Says::Worked, format!("content-type: {kind}\r\n"));
    }
    add("the type of a CSV file", Says::Worked, "content-type: text/csv\r\n".into());
    add("a cookie", Says::Worked, format!("set-cookie: key={KEY}\r\n"));
    add("an alternative service", Says::Worked, "alt-svc: h3=\":443\"\r\nrefresh: 0\r\n".into());
    faults
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn packed(good: &[u8]) -> Vec<Fault> {
    let packed = gzip(good);
    let mut corrupted = packed.clone();
    let middle = corrupted.len() / 2;
    corrupted[middle] ^= 0xff;
    let mut wrong_sum = packed.clone();
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 0xff;
    // 64 MB in 64 kB: more than the maximum size of an answer.
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let with = |encoding: &str, body: &[u8]| {
        answer("200 OK", &format!("content-encoding: {encoding}\r\n"), body)
    };
    vec![
        Fault::bytes("gzip", Says::Worked, with("gzip", &packed)),
        Fault::bytes("a torn gzip", PASSES, with("gzip", &packed[..packed.len() / 2])),
        Fault::bytes("a corrupted gzip", PASSES, with("gzip", &corrupted)),
        Fault::bytes("a gzip with a wrong sum", PASSES, with("gzip", &wrong_sum)),
        Fault::bytes("a gzip that is none", PASSES, with("gzip", good)),
        Fault::bytes("an empty gzip", Says::WorkedPerhaps, with("gzip", b"")),
        Fault::bytes("a gzip within a gzip", UNCLEAR, with("gzip", &gzip(&packed))),
        Fault::bytes("a gzip bomb", UNCLEAR, with("gzip", &bomb)),
        Fault::bytes(
            "an encoding that nobody asked for",
            UNCLEAR,
            with("br", b"\x1b\x03\x00\xf8\xff"),
        ),
        Fault::bytes("a length of the unpacked body", PASSES, {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
                good.len() + 999
            );
            [head.as_bytes(), &packed].concat()
        }),
    ]
}

/// Documents of every kind instead of the answer.
fn bodies(good: &Value) -> Vec<Fault> {
    let text = good.to_string();
    let half = &text.as_bytes()[..text.len() / 2];
    let fields = &text[1..text.len() - 1];
    let mut faults = Vec::new();
    let mut add = |name: &str, says, body: &[u8]| {
        faults.push(Fault::bytes(name, says, json("200 OK", body)));
    };
    add("a half document", UNCLEAR, half);
    for (name, body) in [
        ("an empty body", ""),
        ("white space", " \r\n\t"),
        ("null", "null"),
        ("an array", "[]"),
        ("an array of objects", "[{}]"),
        ("a text", "\"OK\""),
        ("a number", "42"),
        ("true", "true"),
        ("an empty object", "{}"),
    ] {
        add(name, Says::WorkedPerhaps, body.as_bytes());
    }
    for (name, body) in [
        ("OK", "OK"),
        ("Python", "{'success': True}"),
        ("a bracket", "}"),
        ("half a word", "nul"),
        ("a huge number", "1e999999999"),
        ("half a surrogate", "\"\\ud800"),
        ("XML", "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code></Error>"),
    ] {
        add(name, Says::WorkedPerhaps, body.as_bytes());
    }
    add("HTML with 200", UNCLEAR, format!("<!doctype html><p>you sent Bearer {KEY}").as_bytes());
    add("100,000 brackets", UNCLEAR, "[".repeat(100_000).as_bytes());
    add("100,000 objects", UNCLEAR, "{\"a\":".repeat(100_000).as_bytes());
    add("a byte order mark", Says::Worked, [b"\xef\xbb\xbf", text.as_bytes()].concat().as_slice());
    add(
        "space around it",
        Says::Worked,
        format!(" \n{text}\r\n\0\n").trim_end_matches(['\0', '\n']).as_bytes(),
    );
    add(
        "an unknown field",
        Says::Worked,
        format!("{{\"new\": {{\"a\": [1]}}, {fields}}}").as_bytes(),
    );
    add("NaN in an unknown field", Says::Worked, format!("{{\"new\": NaN, {fields}}}").as_bytes());
    add(
        "infinity in an unknown field",
        Says::Worked,
        format!("{{\"new\": [-Infinity], {fields}}}").as_bytes(),
    );
    add("a lone surrogate", Says::Worked, format!("{{\"new\": \"\\ud800\", {fields}}}").as_bytes());
    add(
        "a Latin-1 byte",
        Says::Worked,
        [b"{\"new\": \"M\xfcller\", ", fields.as_bytes(), b"}"].concat().as_slice(),
    );
    add("a NUL byte", Says::WorkedPerhaps, format!("{{\"new\": \"\0\", {fields}}}").as_bytes());
    add("a field twice", Says::Worked, format!("{{{fields}, {fields}}}").as_bytes());
    add("two documents", Says::WorkedPerhaps, format!("{text}{text}").as_bytes());
    add("a comma too many", Says::WorkedPerhaps, format!("{{{fields},}}").as_bytes());
    add("an envelope", Says::WorkedPerhaps, format!("{{\"data\": {text}}}").as_bytes());
    add("a list around it", Says::WorkedPerhaps, format!("[{text}]").as_bytes());
    add("an envelope of text", Says::Worked, Value::String(text.clone()).to_string().as_bytes());
    add("a JSONP call", Says::WorkedPerhaps, format!("callback({text})").as_bytes());
    add(
        "UTF-16",
        Says::WorkedPerhaps,
        &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
    );
    let failed = format!(r#"{{"success": false, "error": "{KEY}"}}"#);
    add("200 that failed", Says::Refused(ErrorKind::Server), failed.as_bytes());
    faults
}

/// The successful answer with each of its fields replaced by each other type, removed, and null.
fn types(good: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some(fields) = good.as_object() else { return faults };
    let others = [
        "null",
        "true",
        "-1",
        "1e300",
        "\"\"",
        "\"text\"",
        "[]",
        "[[{}]]",
        "{}",
        "{\"a\": {\"a\": 1}}",
    ];
    for name in fields.keys() {
        // A value of `"success": false` is tested separately.
        let says = Says::WorkedPerhaps;
        for other in others {
            let mut changed = good.clone();
            changed[name] = serde_json::from_str(other).unwrap();
            let bytes = json("200 OK", changed.to_string().as_bytes());
            faults.push(Fault::bytes(format!("{name} is {other}"), says, bytes));
        }
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(name);
        let bytes = json("200 OK", without.to_string().as_bytes());
        faults.push(Fault::bytes(format!("no {name}"), says, bytes));
    }
    faults
}
