//! Configuration of a client: where the API is, how long to wait, and how many requests to send.

use std::{fmt, path::PathBuf, time::Duration};

use url::Url;

use super::{key::ApiKey, rates::Rates, retry::RetryPolicy};
pub use crate::api::limits::RateLimits;
use crate::{
    api::DEFAULT_BASE_URL,
    error::{Advice, Error, Result},
    process::loopback::is_loopback,
};

/// The environment variable for the base URL, used if none is given.
pub const BASE_URL_VARIABLE: &str = "LANTERN_BASE_URL";

/// How long a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To establish a TCP and TLS connection: 10 s by default.
    pub connect: Duration,
    /// Until the answer begins, and between two pieces of it: 60 s by default.
    pub read: Duration,
    /// For the whole call with its retries, without the wait for the rate limit: 180 s by default.
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
    /// Upper limits that hold even if the API grants more; `None` leaves a class to the API.
    pub ceilings: RateLimits,
    /// Maximum share of the rate limit that polling of runs may use, 0 to 1 (default 0.5).
    pub poll_share: f64,
    pub retry: RetryPolicy,
    /// Maximum number of idle connections that are kept open (default 32).
    pub pool_size: usize,
    /// Text added to the `User-Agent` header, to identify an application.
    pub user_agent: Option<String>,
    /// A PEM file of certificate authorities that are trusted in addition to the system's.
    pub ca_bundle: Option<PathBuf>,
    /// The proxy for all calls. Without it, `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` decide.
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
            ceilings: RateLimits::LIFTED,
            poll_share: 0.5,
            retry: RetryPolicy::default(),
            pool_size: 32,
            user_agent: None,
            ca_bundle: None,
            proxy: None,
        }
    }

    /// Resolve the key and the base URL from arguments, or from `LANTERN_API_KEY` and
    /// `LANTERN_BASE_URL` if they are not given; the rate limits come from `LANTERN_RATE`.
    ///
    /// # Errors
    /// If there is no key, or the base URL or `LANTERN_RATE` is invalid.
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
        let mut config = Self::new(api_key, parse_base_url(text, allow_http)?);
        if let Some(rates) = Rates::from_environment()? {
            config.limit(&rates);
        }
        Ok(config)
    }

    /// Applies rate limits: the client starts with them, and those that `rates` sets itself hold
    /// even if the API grants more.
    pub fn limit(&mut self, rates: &Rates) {
        self.limits = rates.into();
        self.ceilings = rates.ceilings();
    }

    /// The base URL in a canonical form: with its path, and without a trailing slash.
    pub fn place(&self) -> String {
        self.base_url.as_str().trim_end_matches('/').to_owned()
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

/// Parses a base URL. Plain http is allowed for loopback addresses only, unless `allow_http` is
/// set.
///
/// # Errors
/// If the text is not a URL, has no host or holds credentials, or is plain http to another machine.
pub fn parse_base_url(text: &str, allow_http: bool) -> Result<Url> {
    // It is not quoted: it may hold a password, or be the API key in the place of the URL.
    let url = Url::parse(text.trim()).map_err(|error| {
        Error::config(format!("the base URL is not a URL ({error})"))
            .advise(Advice::text("write https://host"))
            .caused_by(error)
    })?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        // Without the slashes, it may be a part of a key.
        let scheme = if text.contains("://") { url.scheme() } else { "" };
        let happened = if scheme.is_empty() {
            "the base URL does not begin with https://".to_owned()
        } else {
            format!("the base URL begins with {scheme}:// and not with https://")
        };
        return Err(Error::config(happened).advise(Advice::text("write https://host")));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config("the base URL contains a user name or a password")
            .advise(Advice::text("leave them out, the API key is enough")));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::config("the base URL contains a query or a fragment")
            .advise(Advice::text("write the part before ? and #")));
    }
    // The path of each call begins with `/v1`, so a base URL that ends with it would double it.
    let mut url = url;
    let path = url.path().trim_end_matches('/');
    if let Some(before) = path.strip_suffix("/v1") {
        let before = before.to_owned();
        url.set_path(&before);
    }
    if url.scheme() == "http" && !allow_http && !is_loopback(&url) {
        return Err(Error::config(format!(
            "the base URL {url} would send the API key unencrypted"
        ))
        .advise(Advice::PassAllowHttp));
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
    fn two_paths_of_a_host_are_two_places() {
        let place = |url: &str| {
            let url = parse_base_url(url, false).unwrap();
            ClientConfig::new(ApiKey::new("key").unwrap(), url).place()
        };
        assert_eq!(place("https://api.example.com/"), "https://api.example.com");
        assert_eq!(place("https://API.example.com:443/v1/"), "https://api.example.com");
        assert_eq!(place("https://api.example.com/prod/"), "https://api.example.com/prod");
        assert_ne!(place("http://127.0.0.1:8000"), place("http://127.0.0.1:8001"));
    }

    #[test]
    fn a_base_url_may_end_in_the_version() {
        for (given, meant) in [
            ("https://api.example.com/v1", "https://api.example.com/"),
            ("https://api.example.com/v1/", "https://api.example.com/"),
            ("https://api.example.com/prod/v1", "https://api.example.com/prod"),
            ("https://api.example.com/v10", "https://api.example.com/v10"),
        ] {
            assert_eq!(parse_base_url(given, false).unwrap().as_str(), meant);
        }
    }

    #[test]
    fn what_is_no_base_url_is_said() {
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "https://u:pass-word@example.com",
            "https://u:pass-word@example.com:99999",
            "https://u:pass-word@[::1",
            "http://u:pass-word@example.com",
            "ftp://u:pass-word@example.com",
            "u:pass-word@example.com",
            "pass-word",
            "https://example.com/?key=pass-word",
            "https://example.com/#pass-word",
        ] {
            let error = parse_base_url(text, false).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("pass-word"), "{error:?}");
        }
    }
}
