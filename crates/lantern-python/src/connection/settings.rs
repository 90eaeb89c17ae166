//! The settings of a client.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use lantern::{
    api::LimitClass,
    client::{ClientConfig, RateLimits},
    error::{Error, Result},
    ledger::place::without_password,
    tabular::suggestion::did_you_mean,
};

/// The settings that a client was made from, which suffice to make it again elsewhere.
#[derive(Clone, Default)]
pub struct Settings {
    /// Whether the key was given as an argument; otherwise it came from the environment.
    pub key_given: bool,
    pub base_url: Option<String>,
    pub ledger: Option<String>,
    pub storage_options: BTreeMap<String, String>,
    pub results: Vec<String>,
    pub limits: Option<BTreeMap<String, Option<u32>>>,
    pub timeout: Option<f64>,
    pub connect_timeout: Option<f64>,
    pub read_timeout: Option<f64>,
    pub retries: Option<u32>,
    pub ca_bundle: Option<String>,
    pub proxy: Option<String>,
    pub allow_http: bool,
    pub user_agent: Option<String>,
    pub pool_size: Option<usize>,
    pub poll_share: Option<f64>,
}

impl Settings {
    /// The configuration for these settings, completed from the environment.
    ///
    /// # Errors
    /// If a setting is invalid, or there is no key.
    pub fn configuration(&self, api_key: Option<&str>) -> Result<ClientConfig> {
        let mut config = ClientConfig::resolve(api_key, self.base_url.as_deref(), self.allow_http)?;
        if let Some(limits) = &self.limits {
            config.limits = limits_from(config.limits, limits)?;
            config.ceilings = limits_from(config.ceilings, limits)?;
        }
        let timeouts = &mut config.timeouts;
        timeouts.total = seconds("timeout", self.timeout, timeouts.total)?;
        timeouts.connect = seconds("connect_timeout", self.connect_timeout, timeouts.connect)?;
        timeouts.read = seconds("read_timeout", self.read_timeout, timeouts.read)?;
        if let Some(retries) = self.retries {
            config.retry.attempts = retries.saturating_add(1);
        }
        config.pool_size = self.pool_size.unwrap_or(config.pool_size);
        if let Some(share) = self.poll_share {
            if !(share > 0.0 && share <= 1.0) {
                return Err(Error::config(format!(
                    "poll_share is {share}, and must be above 0 and at most 1"
                )));
            }
            config.poll_share = share;
        }
        config.user_agent.clone_from(&self.user_agent);
        config.ca_bundle = self.ca_bundle.as_ref().map(Into::into);
        config.proxy.clone_from(&self.proxy);
        Ok(config)
    }

    /// Refuses settings that contain a secret, and says how else the secret can be provided.
    ///
    /// # Errors
    /// If a setting contains a secret.
    pub fn without_secrets(&self) -> Result<()> {
        let refused = |what: String, hint: &'static str| {
            let happened = format!("the client cannot be pickled, because {what}");
            Err(Error::config(happened).hint(hint))
        };
        if self.key_given {
            return refused(
                "its API key was passed as api_key=, and a pickle must not contain it".into(),
                "leave api_key= out and set LANTERN_API_KEY, here and where it is unpickled",
            );
        }
        if self.ledger.as_deref().is_some_and(|ledger| without_password(ledger) != ledger) {
            return refused(
                "the URL in ledger= contains a password".into(),
                "set PGPASSWORD or LANTERN_LEDGER instead, here and where it is unpickled",
            );
        }
        if self.proxy.as_deref().is_some_and(|proxy| proxy.contains('@')) {
            return refused(
                "the URL in proxy= contains a user name or a password".into(),
                "set HTTPS_PROXY instead, here and where it is unpickled",
            );
        }
        if let Some(name) = self.storage_options.keys().find(|name| is_secret(name)) {
            return refused(
                format!("storage_options= contains {name:?}"),
                "set the AWS_* variables instead, here and where it is unpickled",
            );
        }
        Ok(())
    }
}

fn seconds(name: &str, value: Option<f64>, default: Duration) -> Result<Duration> {
    let Some(value) = value else { return Ok(default) };
    Duration::try_from_secs_f64(value).ok().filter(|duration| !duration.is_zero()).ok_or_else(
        || Error::config(format!("{name} is {value}")).hint("pass a number of seconds above 0"),
    )
}

/// A path as text. A path that is not UTF-8 is refused, because its text would name another file.
///
/// # Errors
/// If the path is not UTF-8.
pub fn ledger_place(path: PathBuf) -> Result<String> {
    path.into_os_string().into_string().map_err(|path| {
        Error::config(format!("the ledger's path is not UTF-8: {}", path.display()))
            .hint("name a path that is, for example through a symbolic link")
    })
}

/// Whether a storage option is a secret, or may contain one.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "token", "access_key", "password", "credential", "proxy", "customer_key"]
        .iter()
        .any(|word| name.contains(word))
}

/// Parses `{"batches": 60, "sync": None}`. Classes that are left out keep their limits.
pub fn limits_from(
    mut limits: RateLimits,
    given: &BTreeMap<String, Option<u32>>,
) -> Result<RateLimits> {
    for (name, value) in given {
        if *value == Some(0) {
            return Err(Error::config(format!("the limit of {name:?} is 0"))
                .hint("write requests a minute, or None for no limit"));
        }
        *(match name.as_str() {
            "sync" => &mut limits.sync,
            "batches" => &mut limits.batches,
            "credits" => &mut limits.credits,
            "bursts" => &mut limits.bursts,
            _ => {
                let meant = did_you_mean(name, LimitClass::ALL.map(LimitClass::name));
                return Err(Error::config(format!("there is no limit {name:?}{meant}"))
                    .hint("the limits are sync, batches, credits and bursts"));
            }
        }) = *value;
    }
    Ok(limits)
}
