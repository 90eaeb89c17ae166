//! The HTTP API as types: requests and responses, one file for each family of calls.
//!
//! A call is a value that knows its method, path, limit class and response type. The client sends
//! it and the local server receives it, so both share one definition. How a call is sent is
//! described in [`crate::client`].

pub mod agents;
pub mod answer;
mod check;
pub mod credits;
pub mod enrich;
pub mod fields;
pub mod forms;
pub mod lenient;
pub mod limits;
pub mod logs;
pub mod matching;
pub mod metering;
pub mod routing;
pub mod rules;
pub mod salesforce;
mod string_enum;
pub mod triggers;
mod unknown_fields;
pub mod workflows;

use std::borrow::Cow;

use http::Method;
use serde::{Serialize, de::DeserializeOwned};

pub use answer::{ApiErrorBody, ValidationDetail};
pub use fields::UnknownField;
pub use limits::{LimitClass, RateLimits};
pub use metering::{Metered, Metering};

/// The version of the API that the types of this module follow.
pub const API_VERSION: &str = "1.4.1";

/// The default base URL of the API.
pub const DEFAULT_BASE_URL: &str = "https://api-gateway.agenthq.withlantern.com";

/// The effect of a call, which alone decides whether a failed attempt may be retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something, but sending it twice has the same effect as sending it once.
    Idempotent,
    /// Spends credits each time it arrives, so it is never retried once it may have arrived.
    SpendsCredits,
}

/// A request that violates the contract, found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
pub struct Invalid {
    /// The field at fault, as the API spells it.
    pub field: Cow<'static, str>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<Cow<'static, str>>,
    /// The field and where it stands, if the error is that the contract does not know it.
    pub unknown: Option<Box<UnknownField>>,
}

impl Invalid {
    pub fn new(field: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), hint: None, unknown: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<UnknownField> for Invalid {
    fn from(unknown: UnknownField) -> Self {
        let (field, message) = (unknown.path().into(), unknown.to_string());
        Self { field, message, hint: None, unknown: Some(Box::new(unknown)) }
    }
}

/// One call of the API.
///
/// The serialized value is the JSON body of a POST, or the query of a GET.
pub trait Call: Serialize + DeserializeOwned + Send + Sync {
    type Response: DeserializeOwned + Send + 'static;
    const METHOD: Method;
    const CLASS: LimitClass;
    const EFFECT: Effect;
    /// Whether the call can cost credits, so that it is not sent where spending is switched off.
    const CAN_COST: bool = matches!(Self::EFFECT, Effect::SpendsCredits);
    /// Maximum number of bytes of an answer that are read: far more than any valid answer has, and
    /// little enough that a broken server cannot exhaust the caller's memory.
    const LARGEST_ANSWER: usize = match Self::CLASS {
        LimitClass::Batches | LimitClass::Credits => 1 << 20,
        LimitClass::Sync | LimitClass::Bursts => 32 << 20,
    };

    /// The path below the base URL, beginning with `/v1/`.
    fn path(&self) -> String;

    /// The value of an answer without a body, such as a 204; `None` if this call always has a body.
    fn unanswered(&self) -> Option<Self::Response> {
        None
    }

    /// Checks the request against the contract before it is sent.
    ///
    /// # Errors
    /// If a field is invalid; the error names it.
    fn check(&self) -> Result<(), Invalid>;

    /// Whether a part of the call is a map with a list of valid names, such as a record of a batch.
    /// It is the only place where a call built from this type can have an unknown field.
    fn has_listed_maps(&self) -> bool {
        false
    }
}
