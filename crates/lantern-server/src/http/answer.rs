//! Converts refusals into answers in the forms of the contract.
//!
//! A handler returns a [`Refusal`]. The outermost layer adds the body, because only it knows the id
//! of the request.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::refusal::Refusal;
use lantern::api::{ApiErrorBody, answer::ValidationBody};

impl Refusal {
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
        let mut body = ApiErrorBody {
            error: self.message(),
            request_id: Some(request_id.to_owned()),
            ..ApiErrorBody::default()
        };
        let mut retry_after = None;
        match self {
            Self::Invalid(detail) => {
                return (status, Json(ValidationBody { detail: vec![detail] })).into_response();
            }
            Self::Fault { body: Some(text), retry_after: seconds, .. } => {
                let mut response = (status, text).into_response();
                set_retry_after(&mut response, seconds);
                return response;
            }
            Self::Internal(message) => tracing::error!(request_id, "{message}"),
            Self::Credits { required, available, .. }
            | Self::OverBudget { required, available, .. } => {
                body.credits_required = Some(json!(required));
                body.credits_remaining = Some(json!(available));
            }
            Self::TooMany { wait, .. } => retry_after = Some(wait.as_secs_f64()),
            Self::Fault { body: None, retry_after: seconds, .. } => retry_after = seconds,
            Self::BadRequest(_)
            | Self::NotFound(_)
            | Self::Method(_)
            | Self::Unauthenticated(_)
            | Self::TooLarge { .. } => {}
        }
        body.retry_after = retry_after.map(Value::from);
        let mut response = (status, Json(body)).into_response();
        set_retry_after(&mut response, retry_after);
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// `Retry-After` is a whole number of seconds, rounded up.
fn set_retry_after(response: &mut Response, seconds: Option<f64>) {
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
