//! Options that all commands share: the API, its key, and the ledger.

use std::path::PathBuf;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};

use super::{
    face::ShellFace,
    failure::{Exit, Failure, Result},
};
use lantern::{
    api::DEFAULT_BASE_URL,
    client::{
        ApiKey, Client, ClientConfig,
        config::{BASE_URL_VARIABLE, parse_base_url},
        key::KEY_VARIABLE,
        rates::{RATE_VARIABLE, Rates},
    },
    jobs::{JobOptions, Ledger, OnInDoubt, account::Place},
    ledger::handle::LEDGER_VARIABLE,
    storage::StorageOptions,
};

#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Base URL of the API
    #[arg(long, global = true, value_name = "URL", env = BASE_URL_VARIABLE, hide_env_values = true)]
    base_url: Option<String>,
    /// API key; better set the variable, because other users can read the arguments of a process
    #[arg(long, global = true, value_name = "KEY", env = KEY_VARIABLE, hide_env_values = true)]
    api_key: Option<SecretString>,
    /// Ledger: a file, or a postgresql:// URL; by default ~/.local/state/lantern/ledger.sqlite
    // `--help` shows the values of other variables, and this one can hold a password.
    #[arg(long, global = true, value_name = "FILE", env = LEDGER_VARIABLE, hide_env_values = true)]
    ledger: Option<String>,
    /// Allow a base URL with plain http on another machine, which sends the API key unencrypted
    #[arg(long, global = true)]
    allow_http: bool,
    /// PEM file of certificate authorities to trust in addition to the system's
    #[arg(long, global = true, value_name = "FILE")]
    ca_bundle: Option<PathBuf>,
    /// Requests per minute, such as batches=60,sync=off, or off for no limits
    #[arg(long, global = true, value_name = "LIMITS", env = RATE_VARIABLE)]
    rate: Option<Rates>,
}

impl Connection {
    fn base_url(&self) -> Result<url::Url> {
        let given = self.base_url.as_deref().filter(|url| !url.trim().is_empty());
        Ok(parse_base_url(given.unwrap_or(DEFAULT_BASE_URL), self.allow_http)?)
    }

    fn config(&self) -> Result<ClientConfig> {
        let key = match &self.api_key {
            Some(key) => ApiKey::new(key.expose_secret()),
            None => ApiKey::from_environment(),
        };
        let key = key.map_err(|error| {
            Failure::from(error).of_sort(Exit::Authentication, "authentication")
        })?;
        let mut config = ClientConfig::new(key, self.base_url()?);
        config.ca_bundle.clone_from(&self.ca_bundle);
        config.user_agent = Some("lantern-cli".to_owned());
        if let Some(rates) = &self.rate {
            config.limit(rates);
        }
        Ok(config)
    }

    /// The API whose jobs are meant. Listing them needs no key, so those of all its tenants are
    /// included.
    pub fn place(&self) -> Result<Place> {
        // The key is not part of the place.
        let no_key = ApiKey::new("none")?;
        Ok(Place::of(&ClientConfig::new(no_key, self.base_url()?)))
    }

    pub fn ledger(&self) -> Result<Ledger> {
        Ok(Ledger::resolve(self.ledger.as_deref().filter(|place| !place.is_empty()))?)
    }

    /// A client whose rate limits are shared with all processes on the ledger.
    pub fn client(&self, ledger: &Ledger) -> Result<Client> {
        Ok(Client::with_slots(self.config()?, Some(ledger.slots()))?)
    }
}

/// Where results are stored.
#[derive(Debug, Args)]
pub struct StorageArgs {
    /// Setting of the result storage, such as aws_region=eu-west-1 (repeatable), in addition to the
    /// AWS_* variables and profiles
    #[arg(long = "storage-option", value_name = "NAME=VALUE")]
    storage_options: Vec<String>,
    /// Place from which results may be read, such as s3://bucket/prefix (repeatable). By default
    /// s3:// and https:// places; files and plain http only if the API runs on this machine
    #[arg(long, value_name = "PLACE")]
    results: Vec<String>,
}

impl StorageArgs {
    /// The options for working on a job.
    pub fn job_options(&self, on_in_doubt: OnInDoubt) -> Result<JobOptions> {
        Ok(JobOptions {
            on_in_doubt,
            storage: self.options()?,
            results: self.results.clone(),
            face: &ShellFace,
            ..JobOptions::default()
        })
    }

    fn options(&self) -> Result<StorageOptions> {
        let pairs = self.storage_options.iter().map(|pair| {
            // The text is not quoted, because it may be a secret.
            pair.split_once('=').ok_or_else(|| {
                Failure::input("a --storage-option has no '='; write --storage-option NAME=VALUE")
            })
        });
        Ok(StorageOptions::new(pairs.collect::<Result<Vec<_>>>()?)?)
    }
}
