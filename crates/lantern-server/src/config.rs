//! Settings of the local server.

use std::{fmt, path::PathBuf, time::Duration};

use super::{CrmSize, CrmSources, DirectorySource, FaultRule, ModelEndpoint, Prices};
pub use lantern::api::RateLimits as Limits;

/// Settings of a [`LocalServer`](super::LocalServer).
#[derive(Clone)]
pub struct ServerConfig {
    /// Where to listen. Default `127.0.0.1`.
    pub host: String,
    /// Further names by which the server may be called (default none). It answers to `localhost`,
    /// loopback addresses and `host`, and refuses all other names: a web page could otherwise reach
    /// it under a name of its own (DNS rebinding).
    pub names: Vec<String>,
    /// The port of the API. Default 0: any free one.
    pub port: u16,
    /// The port of the S3 endpoint that serves results. Default 0: any free one.
    pub s3_port: u16,
    /// The folder that holds runs, credits and results. Default `None`: a temporary folder that
    /// is removed with the server. A server that is started on the same folder resumes the queued
    /// batches.
    pub data: Option<PathBuf>,
    /// The API key that calls must carry. Default `None`: a random one, which the data folder keeps.
    pub key: Option<String>,
    /// The people that can be looked up. Default: 10,000 made from seed 7.
    pub people: DirectorySource,
    /// The companies that can be looked up. Default `None`: those of the people.
    pub companies: Option<DirectorySource>,
    /// Requests a minute. Default: the API's.
    pub limits: Limits,
    /// What a record costs.
    pub prices: Prices,
    /// The credits that the tenant begins with. Default 1,000,000.
    pub credits: f64,
    /// Faults to answer with. Default: none.
    pub faults: Vec<FaultRule>,
    /// How long a batch lies before it is worked. Default: not at all.
    pub work_delay: Duration,
    /// The tenant's number. Default 1.
    pub tenant_id: i64,
    /// The keys of further tenants, numbered on from the first. Each has credits, limits, batches,
    /// results and a CRM of its own, whose ids no other tenant has. Default: none.
    pub tenants: Vec<String>,
    /// A TOML or JSON file of workflows. Default `None`: one named `default`, which enriches.
    pub workflows: Option<PathBuf>,
    /// URL that forms push to with `push_to: webhook`. Default `None`: nowhere.
    pub webhook: Option<String>,
    /// The language model that AI matching, `enrich/ai` and `enrich/research` ask. Default `None`:
    /// what is known on this machine answers.
    pub model: Option<ModelEndpoint>,
    /// OAuth2 clients: id and secret. Default: `lantern-local` with the server's key.
    pub oauth_clients: Vec<(String, String)>,
    /// How often the CRM is asked for changes that no webhook announced. Default 2 minutes.
    pub poll_every: Duration,
    /// How many records the CRM has when the data folder is new.
    pub crm: CrmSize,
    /// The records that it has then instead. What is not among them is empty, but for users.
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
    /// Leaves the key out.
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
