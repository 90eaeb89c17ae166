//! Settings for stores, with the names that obstore and Polars use.

use std::{collections::BTreeMap, fmt, time::Duration};

use object_store::{BackoffConfig, ClientConfigKey, RetryConfig, aws::AmazonS3ConfigKey};

use crate::{Error, Result, tabular::suggestion::likeness};

/// Settings for object stores: `aws_access_key_id`, `endpoint_url`, `aws_allow_http`, …
///
/// All keys of `object_store`'s S3 store and HTTP client are valid, with and without `aws_` and in
/// any case. So are Polars' `max_retries`, `retry_timeout_ms`, `retry_init_backoff_ms` and
/// `retry_max_backoff_ms`, and `aws_profile` (a profile of `~/.aws`). Values are never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StorageOptions {
    store: BTreeMap<String, String>,
    profile: Option<String>,
    retries: Option<usize>,
    retry_timeout: Option<Duration>,
    first_backoff: Option<Duration>,
    longest_backoff: Option<Duration>,
}

/// The keys that are suggested if one is unknown.
const SUGGESTED: [&str; 20] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_region",
    "aws_default_region",
    "aws_endpoint_url",
    "aws_virtual_hosted_style_request",
    "aws_skip_signature",
    "aws_request_payer",
    "aws_allow_http",
    "aws_profile",
    "aws_role_arn",
    "aws_web_identity_token_file",
    "allow_invalid_certificates",
    "connect_timeout",
    "read_timeout",
    "timeout",
    "proxy_url",
    "max_retries",
    "retry_timeout_ms",
];

impl StorageOptions {
    /// Checks the keys.
    ///
    /// # Errors
    /// If a key is unknown, with the nearest known one as advice, or if a number is invalid.
    pub fn new<K, V>(options: impl IntoIterator<Item = (K, V)>) -> Result<Self>
    where
        K: AsRef<str>,
        V: Into<String>,
    {
        let mut known = Self::default();
        for (key, value) in options {
            let (given, value) = (key.as_ref(), value.into());
            let key = given.to_ascii_lowercase();
            match key.as_str() {
                "aws_profile" | "profile" | "profile_name" => known.profile = Some(value),
                "max_retries" => known.retries = Some(number(given, &value)?),
                "retry_timeout_ms" => known.retry_timeout = Some(milliseconds(given, &value)?),
                "retry_init_backoff_ms" => known.first_backoff = Some(milliseconds(given, &value)?),
                "retry_max_backoff_ms" => {
                    known.longest_backoff = Some(milliseconds(given, &value)?);
                }
                _ if key.parse::<AmazonS3ConfigKey>().is_ok() => {
                    known.store.insert(key, value);
                }
                _ => return Err(Error::config(unknown(given))),
            }
        }
        Ok(known)
    }

    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// The settings of the store itself.
    pub fn store(&self) -> impl Iterator<Item = (AmazonS3ConfigKey, &str)> {
        self.store.iter().filter_map(|(key, value)| Some((key.parse().ok()?, value.as_str())))
    }

    /// How long a store may take to answer, with all retries: `retry_timeout_ms`, or else the time limit
    /// of a request, if it is set.
    pub(super) fn patience(&self) -> Duration {
        const PATIENCE: Duration = Duration::from_secs(60);
        let timeout = || {
            let key = AmazonS3ConfigKey::Client(ClientConfigKey::Timeout);
            let mut set = self.store().filter(|(own, _)| *own == key);
            set.find_map(|(_, value)| humantime::parse_duration(value).ok())
        };
        self.retry_timeout.or_else(timeout).unwrap_or(PATIENCE)
    }

    /// When the last attempt is cut off. Without time for retries, the first attempt may take as long as
    /// it takes.
    pub(super) fn time_limit(&self) -> Duration {
        let patience = self.patience();
        if patience.is_zero() { Duration::MAX } else { patience }
    }

    /// How often the store retries a request that failed in transit or with a 5xx.
    pub fn retries(&self) -> RetryConfig {
        let backoff = BackoffConfig::default();
        RetryConfig {
            max_retries: self.retries.unwrap_or(6),
            retry_timeout: self.patience(),
            backoff: BackoffConfig {
                init_backoff: self.first_backoff.unwrap_or(backoff.init_backoff),
                max_backoff: self.longest_backoff.unwrap_or(backoff.max_backoff),
                ..backoff
            },
        }
    }
}

impl fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.store.keys()).finish()
    }
}

fn number(key: &str, value: &str) -> Result<usize> {
    value.parse().map_err(|_| {
        Error::config(format!("storage option {key} is {value:?}")).hint("give a number")
    })
}

fn milliseconds(key: &str, value: &str) -> Result<Duration> {
    Ok(Duration::from_millis(number(key, value)? as u64))
}

fn unknown(key: &str) -> String {
    let mut near: Vec<(f64, &str)> = SUGGESTED
        .into_iter()
        .filter_map(|known| {
            let short = known.strip_prefix("aws_").unwrap_or(known);
            let alike = [known, short].into_iter().filter_map(|spelling| likeness(key, spelling));
            Some((alike.max_by(f64::total_cmp)?, known))
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.truncate(3);
    let near: Vec<&str> = near.into_iter().map(|(_, known)| known).collect();
    if near.is_empty() {
        format!(
            "there is no storage option {key:?}; known are the keys of object_store's S3 store, \
             such as aws_access_key_id, aws_region and aws_endpoint_url"
        )
    } else {
        format!("there is no storage option {key:?}; did you mean {}?", near.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pairs: &[(&str, &str)]) -> Result<StorageOptions> {
        StorageOptions::new(pairs.iter().copied())
    }

    #[test]
    fn every_spelling_of_a_key_is_known() {
        let all = [
            ("aws_access_key_id", "a"),
            ("ACCESS_KEY_ID", "a"),
            ("AWS_SECRET_ACCESS_KEY", "b"),
            ("endpoint_url", "http://127.0.0.1:1"),
            ("aws_endpoint_url", "http://127.0.0.1:1"),
            ("aws_allow_http", "true"),
            ("allow_http", "true"),
            ("region", "eu-west-1"),
            ("timeout", "5s"),
            ("profile", "work"),
            ("max_retries", "3"),
        ];
        let options = options(&all).unwrap();
        assert_eq!(options.profile(), Some("work"));
        assert_eq!(options.retries().max_retries, 3);
        assert_eq!(options.store().count(), 9);
        for key in SUGGESTED {
            assert!(StorageOptions::new([(key, "1")]).is_ok(), "{key} is suggested but unknown");
        }
    }

    #[test]
    fn the_time_limit_of_a_request_holds_for_its_retries_unless_they_have_their_own() {
        let patience = |pairs: &[(&str, &str)]| options(pairs).unwrap().patience().as_millis();
        assert_eq!(patience(&[]), 60_000);
        assert_eq!(patience(&[("timeout", "4s")]), 4_000);
        assert_eq!(patience(&[("aws_timeout", "4s"), ("retry_timeout_ms", "9000")]), 9_000);
        let once = options(&[("retry_timeout_ms", "0")]).unwrap();
        assert_eq!((once.patience(), once.time_limit()), (Duration::ZERO, Duration::MAX));
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest() {
        let error = options(&[("aws_acces_key", "x")]).unwrap_err().to_string();
        assert!(error.contains("did you mean aws_access_key_id"), "{error}");
        let error = options(&[("endpoint_uri", "x")]).unwrap_err().to_string();
        assert!(error.contains("aws_endpoint_url"), "{error}");
        let error = options(&[("zzz", "x")]).unwrap_err().to_string();
        assert!(error.contains("such as aws_access_key_id"), "{error}");
    }

    #[test]
    fn values_are_not_shown() {
        let shown = format!("{:?}", options(&[("secret_access_key", "hunter2")]).unwrap());
        assert!(shown.contains("secret_access_key") && !shown.contains("hunter2"), "{shown}");
        let error = options(&[("max_retries", "many")]).unwrap_err().to_string();
        assert_eq!(error, "storage option max_retries is \"many\"; give a number");
    }
}
