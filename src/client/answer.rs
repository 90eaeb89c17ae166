//! An answer as it came, before anybody knows what it means.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// The run that an answer names, also one that breaks off or cannot be read whole.
pub fn named_run(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("\"run_id\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (run, _) = rest.split_once('"')?;
    (!run.is_empty() && run.len() <= 64).then(|| run.to_owned())
}
