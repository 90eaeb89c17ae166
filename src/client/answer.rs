//! An answer as it came, before anybody knows what it means.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The body was longer than it may be, and this is its beginning.
    pub cut: bool,
}

/// What takes the place of a secret.
const HIDDEN: &str = "***";
/// Anything shorter would be found in ordinary words.
const SHORTEST: usize = 8;

impl Answer {
    /// The same answer without a secret: some servers quote the request, with its key, in what they
    /// answer. Nothing that is kept, shown or written down may hold it, so it goes first.
    #[must_use]
    pub fn without(mut self, secret: &str) -> Self {
        if secret.len() < SHORTEST {
            return self;
        }
        self.body = without(self.body, secret);
        for form in forms(secret) {
            for value in self.headers.values_mut() {
                if let Some(clean) = replaced(value.as_bytes(), form.as_bytes()) {
                    *value =
                        HeaderValue::from_bytes(&clean).unwrap_or(HeaderValue::from_static(HIDDEN));
                }
            }
        }
        self
    }
}

/// A body without a secret.
pub fn without(mut body: Bytes, secret: &str) -> Bytes {
    if secret.len() < SHORTEST {
        return body;
    }
    for form in forms(secret) {
        if let Some(clean) = replaced(&body, form.as_bytes()) {
            body = clean.into();
        }
    }
    body
}

/// How a secret is written: as it is, in JSON, in a URL.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let url = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC);
    let query: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut forms = vec![secret.to_owned(), json, url.to_string(), query];
    forms.dedup();
    forms
}

fn replaced(bytes: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let mut found = bytes.windows(secret.len()).enumerate().filter(|(_, part)| *part == secret);
    let first = found.next()?.0;
    let mut out = bytes[..first].to_vec();
    let mut at = first;
    while at < bytes.len() {
        if bytes[at..].starts_with(secret) {
            out.extend_from_slice(HIDDEN.as_bytes());
            at += secret.len();
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    Some(out)
}

/// The beginning of a text of the API, of at most `most` characters.
pub fn beginning(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// The longest id of a run.
const LONGEST_ID: usize = 256;

/// The run that an answer names, also one that breaks off or cannot be read whole.
pub fn named_run(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("\"run_id\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (run, _) = rest.split_once('"')?;
    (!run.is_empty() && run.len() <= LONGEST_ID).then(|| run.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_in_every_form() {
        let secret = "key/\"7f3a+9\"";
        let body = format!(
            "{secret} {} {} {}",
            serde_json::Value::from(secret),
            "key%2F%227f3a%2B9%22",
            "key%2F%227f3a%2B9%22"
        );
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", HeaderValue::from_str(&format!("r-{secret}")).unwrap());
        let answer = Answer { status: StatusCode::OK, headers, body: body.into(), cut: false };
        let answer = answer.without(secret);
        assert_eq!(answer.body, "*** \"***\" *** ***");
        assert_eq!(answer.headers["x-request-id"], "r-***");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(beginning("äöü", 3), "äöü");
        assert_eq!(beginning("äöüx", 3), "äöü…");
    }
}
