//! The namespaces of a client: one call each.

pub mod agents;
pub mod crm;
pub mod enrich;
