//! An answer as it was received, before it is interpreted.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::redaction::{self, HIDDEN, SHORTEST, replaced};

/// An answer as it was received.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether the body was longer than allowed, so that only its beginning is kept.
    pub cut: bool,
}

impl Answer {
    /// Removes a secret from the answer, since some servers quote the request in their answers. It
    /// is called before anything of the answer is stored, shown or logged.
    #[must_use]
    pub fn without(mut self, secret: &str) -> Self {
        self.body = redaction::without(self.body, secret);
        for value in self.headers.values_mut() {
            if let Some(clean) = replaced(value.as_bytes(), secret.as_bytes()) {
                *value =
                    HeaderValue::from_bytes(&clean).unwrap_or(HeaderValue::from_static(HIDDEN));
            }
        }
        self
    }

    /// Removes the API key of the request from the answer.
    #[must_use]
    pub fn without_key(self, key: &str) -> Self {
        self.without(&quoted(key))
    }
}

/// Removes the API key of the request from a body.
pub fn without_key(body: Bytes, key: &str) -> Bytes {
    redaction::without(body, &quoted(key))
}

/// The text to look for: a key too short to be distinguished from ordinary words is recognized by
/// its scheme only.
fn quoted(key: &str) -> Cow<'_, str> {
    if key.len() < SHORTEST { format!("Bearer {key}").into() } else { key.into() }
}

/// Maximum length of a run's id.
const LONGEST_ID: usize = 256;

/// The run that an answer names, even if the answer is cut off or is not valid JSON.
pub fn named_run(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("\"run_id\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start();
    let run = match rest.strip_prefix('"') {
        Some(rest) => rest.split_once('"')?.0,
        None => number(rest)?,
    };
    (!run.is_empty() && run.len() <= LONGEST_ID).then(|| run.to_owned())
}

/// The digits at the beginning of a text, if they are a whole value of JSON.
fn number(text: &str) -> Option<&str> {
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    rest.starts_with([',', '}', ']', ' ', '\t', '\r', '\n']).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(body: &str, header: &str, key: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", HeaderValue::from_str(header).unwrap());
        Answer { status: StatusCode::OK, headers, body: body.to_owned().into(), cut: false }
            .without_key(key)
    }

    #[test]
    fn a_secret_goes_in_every_form() {
        let answer =
            answered("key/7f3a+9 key\\/7f3a+9 key%2f7f3a%2B9", "r-key/7f3a+9", "key/7f3a+9");
        assert_eq!(answer.body, "*** *** ***");
        assert_eq!(answer.headers["x-request-id"], "r-***");
    }

    #[test]
    fn a_run_may_be_named_by_a_number() {
        assert_eq!(named_run(br#"{"run_id": 4711}"#).as_deref(), Some("4711"));
        assert_eq!(named_run(br#"{"run_id":4711,"x":1}"#).as_deref(), Some("4711"));
        for none in [&br#"{"run_id": 47"#[..], br#"{"run_id": 4.5}"#, br#"{"run_id": null}"#] {
            assert_eq!(named_run(none), None);
        }
    }

    #[test]
    fn a_short_key_goes_where_its_header_is_quoted() {
        let answer = answered("a key: Bearer a key", "Bearer%20a+key", "a key");
        assert_eq!(answer.body, "a key: ***");
        assert_eq!(answer.headers["x-request-id"], "***");
    }
}
