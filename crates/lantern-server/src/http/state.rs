//! The parts of a running server. A handler takes those that it needs.

use std::sync::Arc;

use axum::extract::FromRef;

use super::{access::Access, host_names::HostNames, rate_limits::RateLimiter};
use crate::{
    batches::Batches, billing::Billing, crm::Crm, directory::Directory, enrich::Enricher,
    faults::Faults, matching::Matcher, pages::CallCounts, workflows::Workflows,
};

/// Identifies the data of one tenant, whatever port it is served on.
#[derive(Debug)]
pub(crate) struct Instance(pub String);

/// The parts of one tenant's server.
#[derive(Clone, FromRef)]
pub(crate) struct Parts {
    pub instance: Arc<Instance>,
    pub access: Arc<Access>,
    pub host_names: Arc<HostNames>,
    pub rate_limiter: Arc<RateLimiter>,
    pub faults: Arc<Faults>,
    pub calls: Arc<CallCounts>,
    pub billing: Arc<Billing>,
    pub directory: Arc<Directory>,
    pub batches: Arc<Batches>,
    pub enricher: Arc<Enricher>,
    pub crm: Arc<Crm>,
    pub matcher: Arc<Matcher>,
    pub workflows: Arc<Workflows>,
}
