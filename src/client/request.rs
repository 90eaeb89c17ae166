//! A call as an HTTP request: its URL, headers and body.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};

use super::config::ClientConfig;
use crate::{
    api::{Call, Effect, LimitClass, fields},
    error::{Error, Result},
};

/// The header that names a paid request, so that the API's support can find it. The API does not
/// promise to act on it.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What the sending of a call needs to know about its type.
pub(super) struct Kind {
    pub method: Method,
    pub class: LimitClass,
    pub effect: Effect,
    /// Whether the call can cost credits.
    pub can_cost: bool,
    /// In bytes.
    pub largest_answer: usize,
}

/// The content of a call, in its query or its body.
pub(super) struct Content {
    query: Vec<(String, String)>,
    body: Option<Bytes>,
}

impl Content {
    /// The content of a call, with fields that this version does not know.
    ///
    /// # Errors
    /// If a field is unknown, or a field of `extra` is one that the contract knows.
    pub fn of<C: Call>(
        call: &C,
        extra: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Self> {
        let unserializable = |error: serde_json::Error| {
            Error::internal(format!("the request cannot be written as JSON: {error}"))
                .caused_by(error)
        };
        if C::METHOD == Method::GET {
            if let Some(field) = extra.keys().next() {
                let happened = format!("the extra field {field:?} cannot be sent in a GET");
                return Err(Error::validation(field, happened).hint("leave it out"));
            }
            let query = serde_json::to_value(call).map(query).map_err(unserializable)?;
            return Ok(Self { query, body: None });
        }
        let body = if extra.is_empty() && !call.has_listed_maps() {
            serde_json::to_vec(call)
        } else {
            let mut body = serde_json::to_value(call).map_err(unserializable)?;
            fields::check::<C>(&body)?;
            fields::add::<C>(&mut body, extra)?;
            serde_json::to_vec(&body)
        };
        let body = Bytes::from(body.map_err(unserializable)?);
        Ok(Self { query: Vec::new(), body: Some(body) })
    }
}

fn query(call: serde_json::Value) -> Vec<(String, String)> {
    let serde_json::Value::Object(fields) = call else { return Vec::new() };
    fields
        .into_iter()
        .filter_map(|(name, value)| match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some((name, text)),
            other => Some((name, other.to_string())),
        })
        .collect()
}

/// A call that is ready to be sent, any number of times.
pub(super) struct Prepared {
    method: Method,
    url: url::Url,
    pub body: Option<Bytes>,
    authorization: HeaderValue,
    idempotency_key: Option<String>,
}

impl Prepared {
    /// Prepares a call. A paid one without an idempotency key gets a random one.
    ///
    /// # Errors
    /// If the API key cannot be sent.
    pub fn new(
        config: &ClientConfig,
        kind: &Kind,
        Content { query, body }: Content,
        path: &str,
        idempotency_key: Option<&str>,
    ) -> Result<Self> {
        let mut url = config.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(&query);
        }
        let authorization = config
            .api_key
            .header()
            .ok_or_else(|| Error::internal("the API key cannot be sent as a header"))?;
        let idempotency_key = (kind.effect == Effect::SpendsCredits).then(|| {
            idempotency_key.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
        });
        Ok(Self { method: kind.method.clone(), url, body, authorization, idempotency_key })
    }

    pub fn request(&self, http: &reqwest::Client) -> reqwest::RequestBuilder {
        let mut request = http
            .request(self.method.clone(), self.url.clone())
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::ACCEPT, "application/json");
        if self.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(key) = &self.idempotency_key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        request
    }
}
