//! How a client is set up: where the API is, how long to wait, how often to ask.

use std::{fmt, path::PathBuf, time::Duration};

use url::Url;

use super::{key::ApiKey, retry::RetryPolicy};
pub use crate::api::limits::RateLimits;
use crate::{
    api::DEFAULT_BASE_URL,
    error::{Error, Result},
    process::loopback::is_loopback,
};

/// Where the base URL is looked for when none is given.
pub const BASE_URL_VARIABLE: &str = "LANTERN_BASE_URL";

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To a TCP and TLS connection: 10 s.
    pub connect: Duration,
    /// Between two pieces of an answer, and to its first: 60 s.
    pub read: Duration,
    /// The whole call with its retries, without the wait for the rate limit: 180 s.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(60),
            total: Duration::from_secs(180),
        }
    }
}

/// Everything that a [`super::Client`] needs to know.
#[derive(Clone)]
pub struct ClientConfig {
    pub api_key: ApiKey,
    pub base_url: Url,
    pub timeouts: Timeouts,
    pub limits: RateLimits,
    pub retry: RetryPolicy,
    /// The most idle connections that are kept open: 32.
    pub pool_size: usize,
    /// Added to the `User-Agent`, to tell an application apart.
    pub user_agent: Option<String>,
    /// A PEM file of certificate authorities beside the system's.
    pub ca_bundle: Option<PathBuf>,
    /// A proxy for every call; otherwise `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` decide.
    pub proxy: Option<String>,
}

impl ClientConfig {
    /// A configuration with the defaults.
    pub fn new(api_key: ApiKey, base_url: Url) -> Self {
        Self {
            api_key,
            base_url,
            timeouts: Timeouts::default(),
            limits: RateLimits::default(),
            retry: RetryPolicy::default(),
            pool_size: 32,
            user_agent: None,
            ca_bundle: None,
            proxy: None,
        }
    }

    /// From arguments where they are given, otherwise `LANTERN_API_KEY` and `LANTERN_BASE_URL`.
    ///
    /// # Errors
    /// No key anywhere, or a base URL that cannot be used.
    pub fn resolve(
        api_key: Option<&str>,
        base_url: Option<&str>,
        allow_http: bool,
    ) -> Result<Self> {
        let api_key = match api_key {
            Some(text) => ApiKey::new(text)?,
            None => ApiKey::from_environment()?,
        };
        let from_environment = std::env::var(BASE_URL_VARIABLE).ok().filter(|url| !url.is_empty());
        let text = base_url.or(from_environment.as_deref()).unwrap_or(DEFAULT_BASE_URL);
        Ok(Self::new(api_key, parse_base_url(text, allow_http)?))
    }

    /// The scope of job keys in a ledger: what stays the same when a key is renewed or a local
    /// server comes back on another port.
    pub fn account(&self) -> String {
        if is_loopback(&self.base_url) {
            return "local".to_owned();
        }
        let port = self.base_url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.base_url.host_str().unwrap_or_default())
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("base_url", &self.base_url.as_str())
            .field("api_key", &self.api_key)
            .field("timeouts", &self.timeouts)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Reads a base URL; plain http is for loopback only, unless it is asked for.
///
/// # Errors
/// No URL, no host, credentials in it, or plain http to another machine.
pub fn parse_base_url(text: &str, allow_http: bool) -> Result<Url> {
    let url = Url::parse(text.trim()).map_err(|error| {
        Error::config(format!("base URL {text:?} is no URL ({error}); write https://host"))
    })?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err(Error::config(format!(
            "base URL {text:?} is no web address; write https://host"
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config(
            "the base URL holds a user name or password; leave them out, the API key is enough",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::config(
            "the base URL holds a query or a fragment; write the part before ? and #",
        ));
    }
    if url.scheme() == "http" && !allow_http && !is_loopback(&url) {
        return Err(Error::config(format!(
            "base URL {text:?} would send the API key unencrypted; use https, \
             or pass allow_http=True for a network that you trust"
        )));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_only() {
        assert!(parse_base_url("http://localhost:8000", false).is_ok());
        assert!(parse_base_url("http://[::1]:8000", false).is_ok());
        let error = parse_base_url("http://example.com", false).unwrap_err().to_string();
        assert!(error.contains("unencrypted"), "{error}");
        assert!(parse_base_url("http://example.com", true).is_ok());
    }

    #[test]
    fn what_is_no_base_url_is_said() {
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "https://u:p@example.com",
            "https://example.com/?key=1",
        ] {
            let error = parse_base_url(text, false).unwrap_err().to_string();
            assert!(!error.contains("u:p@"), "{error}");
        }
    }
}
