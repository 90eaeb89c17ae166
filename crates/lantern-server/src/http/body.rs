//! Reads a request's body or query into the types of [`lantern::api`], or reports what is wrong
//! with it.

use std::time::Duration;

use axum::{
    body::{Bytes, to_bytes},
    extract::Request,
};
use http::{Uri, header};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use tokio::time::timeout;

use crate::refusal::Refusal;
use lantern::api::fields;

/// Time limit for receiving a body.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

/// Maximum size of a body: enough for a thousand records of several kilobytes.
const MAX_BYTES: usize = 8 << 20;

/// Reads a JSON body.
pub(super) async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Refusal> {
    json_within(request, DEADLINE).await
}

/// Reads a body, if it is not too large and arrives in time.
pub(super) async fn bytes(
    request: Request,
    most: usize,
    deadline: Duration,
) -> Result<Bytes, Refusal> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > most as u64) {
        return Err(Refusal::TooLarge { most });
    }
    let read = timeout(deadline, to_bytes(request.into_body(), most)).await;
    let read = read.map_err(|_| {
        Refusal::BadRequest(format!(
            "the body did not arrive within {} s; send the call again",
            deadline.as_secs()
        ))
    })?;
    read.map_err(|error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(|source| source.is::<http_body_util::LengthLimitError>()) {
            Refusal::TooLarge { most }
        } else {
            Refusal::BadRequest("the body was cut off; send the call again".to_owned())
        }
    })
}

async fn json_within<T: DeserializeOwned>(
    request: Request,
    deadline: Duration,
) -> Result<T, Refusal> {
    let bytes = bytes(request, MAX_BYTES, deadline).await?;
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(match serde_json::from_slice::<IgnoredAny>(&bytes) {
            Ok(_) => {
                Refusal::invalid(vec!["body".into()], "type_error", "the body is not a JSON object")
            }
            Err(error) => not_json(&error),
        });
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| not_json(&error))?;
    fields::take(&value).map_err(|error| {
        let place = location("body", error.path());
        invalid(place, &error.into_inner().to_string())
    })
}

/// The pairs of a query string. Empty values count as absent, as in a form.
pub(super) fn query(uri: &Uri) -> Map<String, Value> {
    serde_urlencoded::from_str::<Vec<(String, String)>>(uri.query().unwrap_or_default())
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, Value::String(value)))
        .collect()
}

/// Reads an object from `root` (`query` or `path`) into a type.
pub(super) fn object<T: DeserializeOwned>(
    root: &str,
    object: Map<String, Value>,
) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(Value::Object(object)).map_err(|error| {
        let place = location(root, error.path());
        invalid(place, &error.into_inner().to_string())
    })
}

fn not_json(error: &serde_json::Error) -> Refusal {
    Refusal::invalid(vec!["body".into()], "json_invalid", format!("the body is not JSON: {error}"))
}

fn location(root: &str, path: &Path) -> Vec<Value> {
    let mut place = vec![Value::from(root)];
    place.extend(path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(Value::from(*index)),
        Segment::Map { key } => Some(Value::from(key.as_str())),
        Segment::Enum { variant } => Some(Value::from(variant.as_str())),
        Segment::Unknown => None,
    }));
    place
}

fn invalid(mut place: Vec<Value>, message: &str) -> Refusal {
    // serde_json appends the position in the text, which `loc` expresses better.
    let message = message.split(" at line ").next().unwrap_or(message);
    let kind = if let Some(field) = message.strip_prefix("missing field `") {
        place.push(field.trim_end_matches('`').into());
        "missing"
    } else if message.starts_with("unknown variant") {
        "enum"
    } else if message.starts_with("invalid type") {
        "type_error"
    } else {
        "value_error"
    };
    Refusal::invalid(place, kind, message)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::stream::{self, StreamExt};

    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_arrive_is_given_up() {
        let half = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{\"query\": "))]);
        let request = Request::new(Body::from_stream(half.chain(stream::pending())));
        let read = json_within::<Value>(request, Duration::from_millis(20)).await;
        let message = read.unwrap_err().message();
        assert!(message.contains("did not arrive"), "{message}");
    }
}
