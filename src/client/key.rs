//! The API key, which must not appear in logs, representations, errors, pickles or the ledger.

use std::fmt;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::error::{Advice, Error, Result};

/// The environment variable for the key, used if none is given.
pub const KEY_VARIABLE: &str = "LANTERN_API_KEY";

/// An API key. Its `Debug` shows no part of it.
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// # Errors
    /// If the key is empty, or contains a character that a header cannot hold.
    pub fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::config("the API key is empty").advise(Advice::SetKey));
        }
        if HeaderValue::from_str(text).is_err() || !text.is_ascii() {
            return Err(Error::config(
                "the API key contains an invalid character, perhaps a line break",
            )
            .advise(Advice::text("copy it again")));
        }
        Ok(Self(SecretString::from(text)))
    }

    /// The key from the environment.
    ///
    /// # Errors
    /// If `LANTERN_API_KEY` is not set or is invalid.
    pub fn from_environment() -> Result<Self> {
        match std::env::var(KEY_VARIABLE) {
            Ok(text) => Self::new(&text),
            Err(_) => Err(Error::config("there is no API key").advise(Advice::SetKey)),
        }
    }

    /// The `Authorization` header, marked so that HTTP libraries do not print it.
    pub fn header(&self) -> Option<HeaderValue> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret())).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The key as text, for the one caller that has to send it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Sixteen hexadecimal digits that distinguish keys without revealing anything about them.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(format!("lantern rate limits\0{}", self.0.expose_secret()));
        hex::encode(&digest[..8])
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let key = ApiKey::new("secret-1234").unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(***)");
        assert!(!format!("{:?}", key.header()).contains("1234"));
        assert_eq!(key.fingerprint().len(), 16);
    }

    #[test]
    fn an_empty_or_broken_key_is_refused_in_words() {
        assert!(ApiKey::new("  ").unwrap_err().to_string().contains("LANTERN_API_KEY"));
        assert!(ApiKey::new("a\nb").unwrap_err().to_string().contains("copy it again"));
    }
}
