//! Answers that are errors, in the forms of the contract.
//!
//! A handler returns a [`Refusal`]; the outermost layer turns it into a body, because only that
//! knows the id of the request.

use std::time::Duration;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use lantern::{
    api::{ApiErrorBody, ValidationDetail, answer::ValidationBody},
    process::sqlite::DatabaseError,
};

/// Why a call is not done.
#[derive(Debug, Clone)]
pub(super) enum Refusal {
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
    /// What a fault rule asks for.
    Fault { status: StatusCode, body: Option<String>, retry_after: Option<f64> },
}

impl Refusal {
    /// A 422 for one place of the request.
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

    /// What is wrong, in words.
    pub fn message(&self) -> String {
        match self {
            Self::BadRequest(message)
            | Self::NotFound(message)
            | Self::Method(message)
            | Self::Internal(message) => message.clone(),
            Self::Unauthenticated(message) => (*message).to_owned(),
            Self::Invalid(detail) => detail.msg.clone().unwrap_or_default(),
            Self::OverBudget { required, most, .. } => {
                format!("the call costs {required} credits and its max_credits is {most}; raise it")
            }
            other => other.status().canonical_reason().unwrap_or("refused").to_owned(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            Self::Credits { .. } | Self::OverBudget { .. } => StatusCode::PAYMENT_REQUIRED,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Fault { status, .. } => *status,
        }
    }

    /// The answer with its body.
    pub fn answer(self, request_id: &str) -> Response {
        let status = self.status();
        let mut body =
            ApiErrorBody { request_id: Some(request_id.to_owned()), ..ApiErrorBody::default() };
        let mut retry_after = None;
        let message = self.message();
        match self {
            Self::Invalid(detail) => {
                return (status, Json(ValidationBody { detail: vec![detail] })).into_response();
            }
            Self::Fault { body: Some(text), retry_after: seconds, .. } => {
                let mut response = (status, text).into_response();
                wait(&mut response, seconds);
                return response;
            }
            Self::BadRequest(message) | Self::NotFound(message) | Self::Method(message) => {
                body.error = message;
            }
            Self::Unauthenticated(message) => body.error = message.to_owned(),
            Self::Internal(message) => {
                tracing::error!(request_id, "{message}");
                body.error = message;
            }
            Self::TooLarge { most } => {
                body.error = format!(
                    "the body is larger than the {} MiB that one call takes; send fewer records",
                    most >> 20
                );
            }
            Self::Credits { required, available, reserved } => {
                body.error = format!(
                    "the call may cost {required} credits and {available} are left\
                     {}; lower max_credits, send fewer records, or get more credits",
                    if reserved > 0 {
                        format!(" beside the {reserved} that queued batches may cost")
                    } else {
                        String::new()
                    }
                );
                body.credits_required = Some(json!(required));
                body.credits_remaining = Some(json!(available));
            }
            Self::OverBudget { required, available, .. } => {
                body.error = message;
                body.credits_required = Some(json!(required));
                body.credits_remaining = Some(json!(available));
            }
            Self::TooMany { per_minute, wait } => {
                let seconds = wait.as_secs_f64();
                body.error = format!(
                    "over the limit of {per_minute} requests a minute; try again in {seconds:.1} s"
                );
                retry_after = Some(seconds);
            }
            Self::Fault { body: None, retry_after: seconds, .. } => {
                let reason = status.canonical_reason().unwrap_or("an error");
                body.error = format!("{reason}, by a fault rule of the local server");
                retry_after = seconds;
            }
        }
        body.retry_after = retry_after.map(Value::from);
        let mut response = (status, Json(body)).into_response();
        wait(&mut response, retry_after);
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// `Retry-After` is whole seconds, and never too short.
fn wait(response: &mut Response, seconds: Option<f64>) {
    if let Some(seconds) = seconds {
        let whole = seconds.ceil().clamp(0.0, 1e9) as u64;
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole));
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Self {
        Self::Internal(format!("the server's state cannot be used: {error}"))
    }
}
