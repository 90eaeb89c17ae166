//! `POST /v1/oauth/token`: bearer tokens for workflows, by client credentials (RFC 6749, 4.4).

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::post,
};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::{
    blocking::blocking,
    http::{access::Access, body, oauth_tokens::LIFETIME, state::Parts},
    refusal::Refusal,
};

/// More than a form with two secrets can need.
const MAX_BYTES: usize = 64 << 10;

pub(super) fn routes(_: &Parts) -> Router<Parts> {
    // Without a key, because the client's secret is in the form.
    Router::new().route("/v1/oauth/token", post(token))
}

#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
pub(super) struct TokenForm {
    /// Always `client_credentials`.
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Token {
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Lifetime in seconds.
    expires_in: i64,
    /// The calls for which the token is valid.
    scope: &'static str,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct TokenError {
    /// The error code of RFC 6749.
    error: &'static str,
    error_description: &'static str,
}

fn refuse(status: StatusCode, error: &'static str, error_description: &'static str) -> Response {
    let body = Json(TokenError { error, error_description });
    (status, [(header::CACHE_CONTROL, "no-store")], body).into_response()
}

/// Issue a bearer token for workflows, by client credentials.
#[utoipa::path(
    post, path = "/v1/oauth/token", tag = "workflows",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token", body = Token),
        (status = 400, description = "Another grant, or no form", body = TokenError),
        (status = 401, description = "There is no such client, or its secret is another", body = TokenError),
        (status = 413, description = "The form is too large", body = TokenError),
    )
)]
pub(super) async fn token(
    State(access): State<Arc<Access>>,
    request: Request,
) -> Result<Response, Refusal> {
    let bytes = match body::bytes(request, MAX_BYTES, body::DEADLINE).await {
        Ok(bytes) => bytes,
        Err(Refusal::TooLarge { .. }) => {
            return Ok(refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                "invalid_request",
                "the form is too large",
            ));
        }
        Err(_) => {
            return Ok(refuse(StatusCode::BAD_REQUEST, "invalid_request", "the form was cut off"));
        }
    };
    let Ok(form) = serde_urlencoded::from_bytes::<TokenForm>(&bytes) else {
        return Ok(refuse(StatusCode::BAD_REQUEST, "invalid_request", "the body is not a form"));
    };
    if form.grant_type != "client_credentials" {
        return Ok(refuse(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "grant_type must be client_credentials",
        ));
    }
    let issued = blocking(move || Ok(access.tokens.issue(&form.client_id, &form.client_secret)?));
    Ok(match issued.await? {
        Some(access_token) => {
            let token = Token {
                access_token,
                token_type: "Bearer",
                expires_in: LIFETIME,
                scope: "workflows",
            };
            ([(header::CACHE_CONTROL, "no-store")], Json(token)).into_response()
        }
        None => refuse(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "there is no such client, or its secret is wrong",
        ),
    })
}
