//! The namespaces of a client, in which each method is one call.

pub mod agents;
pub mod credits;
pub mod enrich;
pub mod forms;
pub mod logs;
pub mod routing;
pub mod salesforce;
pub mod send;
pub mod triggers;
pub mod workflows;
