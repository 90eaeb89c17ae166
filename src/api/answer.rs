//! Bodies of answers that report an error.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient::{Lenient, answer};

answer! {
    /// The error body: `{"success": false, "error": "...", ...}`.
    #[derive(Default)]
    pub struct ApiErrorBody {
        /// Always false.
        #[serde(default)]
        pub success: bool,
        /// What went wrong, in plain words.
        #[serde(default)]
        pub error: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub details: Option<Value>,
        #[serde(default)]
        pub request_id: Option<String>,
        /// Credits that the call needs, if the error is that too few are left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub credits_required: Option<Value>,
        /// Credits that are left, if the error is that they are too few.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub credits_remaining: Option<Value>,
        /// Seconds to wait, if the error is that the rate limit was exceeded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub retry_after: Option<Value>,
    }
}

/// Whether an answer says `"success": false`.
pub fn says_failed(answer: &Value) -> bool {
    answer.get("success").filter(|said| bool::fits(said)).cloned().and_then(bool::read)
        == Some(false)
}

/// One entry of a 422 body: `{"detail": [{"loc": ["body", "ids"], "msg": "...", "type": "..."}]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValidationDetail {
    /// The place in the request: strings and positions, of which the first is `body`, `query` or
    /// `path`.
    #[serde(default)]
    pub loc: Vec<Value>,
    #[serde(default)]
    pub msg: Option<String>,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
}

/// The body of a 422 answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ValidationBody {
    pub detail: Vec<ValidationDetail>,
}

impl ValidationDetail {
    /// The field at fault, dotted and without the leading `body`, `query` or `path`.
    pub fn field(&self) -> Option<String> {
        let mut parts: Vec<String> = self
            .loc
            .iter()
            .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
            .collect();
        if parts.len() > 1 && matches!(parts[0].as_str(), "body" | "query" | "path") {
            parts.remove(0);
        }
        (!parts.is_empty()).then(|| parts.join("."))
    }
}
