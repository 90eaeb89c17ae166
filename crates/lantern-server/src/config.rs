//! Settings of the local server.

use std::{fmt, path::PathBuf, time::Duration};

use super::{CrmSize, CrmSources, DirectorySource, FaultRule, ModelEndpoint, Prices};
pub use lantern::api::RateLimits as Limits;

/// Settings of a [`LocalServer`](super::LocalServer).
#[derive(Clone)]
pub struct ServerConfig {
    /// Address to listen on (default `127.0.0.1`).
    pub host: String,
    /// Additional host names of the server (default none). It accepts `localhost`, loopback
    /// addresses and `host`, and refuses requests with any other name, since a web page could
    /// otherwise reach it under a name of its own (DNS rebinding).
    pub names: Vec<String>,
    /// Port of the API (default 0: any free one).
    pub port: u16,
    /// Port of the S3 endpoint that serves results (default 0: any free one).
    pub s3_port: u16,
    /// Folder for runs, credits and results. By default (`None`) a temporary folder, which is
    /// removed together with the server. A server that is started on an existing folder resumes the
    /// queued batches.
    pub data: Option<PathBuf>,
    /// API key that calls must carry. By default (`None`) a random one, which is stored in the data
    /// folder.
    pub key: Option<String>,
    /// The people that can be looked up (default: 10,000, generated from seed 7).
    pub people: DirectorySource,
    /// The companies that can be looked up. By default (`None`) those of the people.
    pub companies: Option<DirectorySource>,
    /// Requests a minute (default: those of the API).
    pub limits: Limits,
    /// Prices of records.
    pub prices: Prices,
    /// Initial credits of the tenant (default 1,000,000).
    pub credits: f64,
    /// Faults to simulate (default: none).
    pub faults: Vec<FaultRule>,
    /// How long a batch waits before it is worked on (default: not at all).
    pub work_delay: Duration,
    /// The tenant's number (default 1).
    pub tenant_id: i64,
    /// Keys of further tenants, which are numbered consecutively after the first (default: none).
    /// Each has its own credits, limits, batches, results and CRM, with ids that no other tenant
    /// has.
    pub tenants: Vec<String>,
    /// A TOML or JSON file of workflows. By default (`None`) there is one named `default`, which
    /// enriches.
    pub workflows: Option<PathBuf>,
    /// URL to which forms with `push_to: webhook` are sent. By default (`None`) they are not sent.
    pub webhook: Option<String>,
    /// The language model for AI matching, `enrich/ai` and `enrich/research`. By default (`None`)
    /// they are answered from what is known on this machine.
    pub model: Option<ModelEndpoint>,
    /// Ids and secrets of OAuth2 clients (default: `lantern-local` with the server's key).
    pub oauth_clients: Vec<(String, String)>,
    /// How often the CRM is polled for changes that no webhook announced (default 2 minutes).
    pub poll_every: Duration,
    /// Number of records in the CRM of a new data folder.
    pub crm: CrmSize,
    /// Records with which the CRM of a new data folder begins instead. Kinds that are not given are
    /// empty, except for users.
    pub crm_records: CrmSources,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            names: Vec::new(),
            port: 0,
            s3_port: 0,
            data: None,
            key: None,
            people: DirectorySource::default(),
            companies: None,
            limits: Limits::default(),
            prices: Prices::default(),
            credits: 1_000_000.0,
            faults: Vec::new(),
            work_delay: Duration::ZERO,
            tenant_id: 1,
            tenants: Vec::new(),
            workflows: None,
            webhook: None,
            model: None,
            oauth_clients: Vec::new(),
            poll_every: Duration::from_secs(120),
            crm: CrmSize::default(),
            crm_records: CrmSources::new(),
        }
    }
}

impl fmt::Debug for ServerConfig {
    /// Leaves out the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConfig")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("data", &self.data)
            .field("limits", &self.limits)
            .field("prices", &self.prices)
            .field("credits", &self.credits)
            .field("faults", &self.faults)
            .field("work_delay", &self.work_delay)
            .field("tenant_id", &self.tenant_id)
            .finish_non_exhaustive()
    }
}
