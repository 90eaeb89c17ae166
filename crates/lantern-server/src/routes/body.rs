//! Reads a request's body or query into the types of [`lantern::api`], or says what is wrong with it.

use axum::{body::to_bytes, extract::Request};
use http::{Uri, header};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value};
use serde_path_to_error::{Path, Segment};

use super::super::refusal::Refusal;

/// The largest body: a thousand records of some kilobytes.
pub(super) const MOST: usize = 8 << 20;

/// Reads a JSON body.
pub(crate) async fn json<T: DeserializeOwned>(request: Request) -> Result<T, Refusal> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MOST as u64) {
        return Err(Refusal::TooLarge { most: MOST });
    }
    let bytes = to_bytes(request.into_body(), MOST).await.map_err(|error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(|source| source.is::<http_body_util::LengthLimitError>()) {
            Refusal::TooLarge { most: MOST }
        } else {
            Refusal::BadRequest("the body broke off; send the call again".to_owned())
        }
    })?;
    // serde would also take a struct from an array of its fields.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(match serde_json::from_slice::<IgnoredAny>(&bytes) {
            Ok(_) => {
                Refusal::invalid(vec!["body".into()], "type_error", "the body is no JSON object")
            }
            Err(error) => not_json(&error),
        });
    }
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let place = location("body", error.path());
        let inner = error.into_inner();
        if inner.is_data() {
            return invalid(place, &inner.to_string());
        }
        // For a word, serde_json calls a value of another type a mistake of syntax.
        if serde_json::from_slice::<IgnoredAny>(&bytes).is_ok() {
            return invalid(place, "invalid type: this is no word");
        }
        not_json(&inner)
    })?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// The pairs of a query string; empty values count as absent, as in a form.
pub(super) fn query(uri: &Uri) -> Map<String, Value> {
    serde_urlencoded::from_str::<Vec<(String, String)>>(uri.query().unwrap_or_default())
        .unwrap_or_default()
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, Value::String(value)))
        .collect()
}

/// Reads an object that came by `root` (`query` or `path`) into a type.
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
    Refusal::invalid(vec!["body".into()], "json_invalid", format!("the body is no JSON: {error}"))
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
    // serde_json appends where in the text it is, which `loc` says better.
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
