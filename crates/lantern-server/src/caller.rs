//! What is known about a request apart from its body.

use std::time::Instant;

/// The caller: the ids that are recorded in the routing log and with charges.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub request_id: String,
    pub idempotency_key: Option<String>,
    pub started: Instant,
}

impl Caller {
    /// The server itself, as the caller of its own background work.
    pub fn own() -> Self {
        Self {
            request_id: uuid::Uuid::new_v4().to_string(),
            idempotency_key: None,
            started: Instant::now(),
        }
    }
}
