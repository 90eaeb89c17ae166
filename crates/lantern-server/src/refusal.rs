//! Reasons for refusing a call.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use lantern::{api::ValidationDetail, error::Error, process::sqlite::DatabaseError};

/// A refused call, and why.
#[derive(Debug, Clone)]
pub(crate) enum Refusal {
    /// 400
    BadRequest(String),
    /// 401
    Unauthenticated(&'static str),
    /// 402
    Credits { required: u64, available: f64, reserved: u64 },
    /// 402: the call costs more than its own `max_credits`.
    OverBudget { required: u64, most: u64, available: f64 },
    /// 404
    NotFound(String),
    /// 405
    Method(String),
    /// 413
    TooLarge { most: usize },
    /// 422
    Invalid(ValidationDetail),
    /// 429
    TooMany { per_minute: u32, wait: Duration },
    /// 500
    Internal(String),
    /// A fault rule's answer.
    Fault { status: StatusCode, body: Option<String>, retry_after: Option<f64> },
}

impl Refusal {
    /// A 422 for one place in the request.
    pub fn invalid(loc: Vec<Value>, kind: &str, message: impl Into<String>) -> Self {
        Self::Invalid(ValidationDetail {
            loc,
            msg: Some(message.into()),
            kind: Some(kind.to_owned()),
        })
    }

    /// A 422 for a field of the body.
    pub fn field(field: &str, kind: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec!["body".into(), field.into()], kind, message)
    }

    /// The reason, in a sentence.
    pub fn message(&self) -> String {
        match self {
            Self::BadRequest(message)
            | Self::NotFound(message)
            | Self::Method(message)
            | Self::Internal(message) => message.clone(),
            Self::Unauthenticated(message) => (*message).to_owned(),
            Self::Invalid(detail) => detail.msg.clone().unwrap_or_default(),
            Self::OverBudget { required, most, .. } => {
                format!(
                    "the call costs {required} credits, but its max_credits is {most}; raise it"
                )
            }
            Self::Credits { required, available, reserved } => {
                let held = match reserved {
                    0 => String::new(),
                    _ => format!(" beside the {reserved} that queued batches may cost"),
                };
                format!(
                    "the call may cost {required} credits and {available} are left{held}; lower \
                     max_credits, send fewer records, or get more credits"
                )
            }
            Self::TooLarge { most } => format!(
                "the body is larger than {} MiB, which is the maximum of a call; send fewer records",
                most >> 20
            ),
            Self::TooMany { per_minute, wait } => format!(
                "over the limit of {per_minute} requests a minute; try again in {:.1} s",
                wait.as_secs_f64()
            ),
            Self::Fault { status, .. } => format!(
                "{}, by a fault rule of the local server",
                status.canonical_reason().unwrap_or("an error")
            ),
        }
    }
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Self {
        Self::Internal(format!("the server's state cannot be used: {error}"))
    }
}

/// Blocking work that panicked, or a runtime that has ended.
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Internal(error.to_string())
    }
}
