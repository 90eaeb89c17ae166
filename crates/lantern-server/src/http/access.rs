//! API keys, and access to a tenant's API.

use axum::extract::Request;
use http::{HeaderValue, header};

use super::oauth_tokens::Tokens;
use crate::{refusal::Refusal, secrets::hash};

/// An API key, stored as its hash.
pub(crate) struct Key(String);

impl Key {
    pub fn new(key: &str) -> Self {
        Self(hash(key))
    }

    pub fn is(&self, key: &str) -> bool {
        self.0 == hash(key)
    }
}

/// The key or token in an `Authorization` header.
pub(crate) fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, key) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// The key and the tokens that give access to a tenant's API.
pub(crate) struct Access {
    pub key: Key,
    pub tokens: Tokens,
}

impl Access {
    /// Accepts the API key, and for workflows also OAuth2 tokens.
    pub fn check(&self, request: &Request) -> Result<(), Refusal> {
        let header = request.headers().get(header::AUTHORIZATION);
        let given = header.map(bearer);
        if let Some(Some(token)) = given
            && request.uri().path().starts_with("/v1/workflows/")
            && self.tokens.holds(token)
        {
            return Ok(());
        }
        match given {
            None => Err(Refusal::Unauthenticated(
                "no API key; send it as \"Authorization: Bearer <key>\"",
            )),
            Some(None) => Err(Refusal::Unauthenticated(
                "the Authorization header contains no API key; send \"Bearer <key>\"",
            )),
            Some(Some("")) => Err(Refusal::Unauthenticated("the API key is empty")),
            Some(Some(key)) if self.key.is(key) => Ok(()),
            Some(Some(_)) => Err(Refusal::Unauthenticated("the API key is wrong")),
        }
    }
}
