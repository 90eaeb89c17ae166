//! What every request passes: an id and the contract's headers, faults on demand, the key and the
//! rate limit.

use std::{sync::Arc, time::Instant};

use axum::{
    Json, Router,
    extract::{MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    caller::Caller,
    faults::{Fault, Met},
    listen::Connection,
    refusal::Refusal,
    shared::Shared,
    store::RunFault,
};
use lantern::api::{ApiErrorBody, LimitClass};

/// The key, as what is compared with it. Hashes are compared, so that the time that a comparison
/// takes tells nothing of the key.
pub(super) struct Key([u8; 32]);

impl Key {
    pub fn new(key: &str) -> Self {
        Self(Sha256::digest(key).into())
    }

    pub fn is(&self, key: &str) -> bool {
        self.0 == <[u8; 32]>::from(Sha256::digest(key))
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        let Some(value) = request.headers().get(header::AUTHORIZATION) else {
            return Err(Refusal::Unauthenticated(
                "no API key; send it as \"Authorization: Bearer <key>\"",
            ));
        };
        match bearer(value) {
            None => Err(Refusal::Unauthenticated(
                "the Authorization header holds no API key; send \"Bearer <key>\"",
            )),
            Some("") => Err(Refusal::Unauthenticated("the API key is empty")),
            Some(key) if self.is(key) => Ok(()),
            Some(_) => Err(Refusal::Unauthenticated("the API key is wrong")),
        }
    }
}

/// The key or token that a header carries.
pub(super) fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, key) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// Puts the routes behind faults, the key, and the rate limit of `class` (where there is one).
pub(super) fn behind(
    routes: Router<Arc<Shared>>,
    shared: &Arc<Shared>,
    class: Option<LimitClass>,
) -> Router<Arc<Shared>> {
    routes.route_layer(from_fn_with_state((Arc::clone(shared), class), gate))
}

async fn gate(
    State((shared, class)): State<(Arc<Shared>, Option<LimitClass>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let connection = request.extensions().get::<Connection>().cloned();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    // Without a class it is no call of the API; `*` must not lock out whoever changes the rules.
    let met = match class {
        Some(_) => shared.faults.meet(request.method(), request.uri().path()),
        None => Met::default(),
    };
    if !met.delay.is_zero() {
        tokio::time::sleep(met.delay).await;
    }
    let mut response = match (met.fault, connection) {
        (Some(Fault::Status { code, body, retry_after }), _) => {
            Refusal::Fault { status: code, body, retry_after }.into_response()
        }
        (Some(Fault::SuccessFalse), _) => {
            let error = "the call failed, by a fault rule of the local server".to_owned();
            Json(ApiErrorBody { error, ..ApiErrorBody::default() }).into_response()
        }
        (Some(Fault::ResetBefore), Some(connection)) => {
            connection.reset().await;
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        (fault, connection) => {
            match fault {
                Some(Fault::RunFails) => {
                    request.extensions_mut().insert(RunFault::Fails);
                }
                Some(Fault::TruncateResult { bytes }) => {
                    request.extensions_mut().insert(RunFault::Truncate(bytes));
                }
                _ => {}
            }
            let response = match admit(&shared, class, &request) {
                Ok(()) => next.run(request).await,
                Err(refusal) => refusal.into_response(),
            };
            match (fault, connection) {
                (Some(Fault::ResetAfter), Some(connection)) => {
                    connection.reset().await;
                    response
                }
                (Some(Fault::BodyNotJson), _) => (
                    [(header::CONTENT_TYPE, "text/html")],
                    "<html><body>This is no JSON, by a fault rule.</body></html>",
                )
                    .into_response(),
                _ => response,
            }
        }
    };
    if let Some(class) = class {
        response.extensions_mut().insert(class);
        if let Some(route) = route {
            shared.calls.count(&method, route.as_str(), response.status());
        }
    }
    response
}

fn admit(shared: &Shared, class: Option<LimitClass>, request: &Request) -> Result<(), Refusal> {
    if let Err(refusal) = shared.key.check(request) {
        // Workflows also take the tokens of OAuth2 clients.
        let for_token = request.uri().path().starts_with("/v1/workflows/");
        let token = request.headers().get(header::AUTHORIZATION).and_then(bearer);
        if !(for_token && token.is_some_and(|token| shared.tokens.holds(token))) {
            return Err(refusal);
        }
    }
    let Some(class) = class else { return Ok(()) };
    shared
        .limiter
        .take(class, Instant::now())
        .map_err(|wait| Refusal::TooMany { per_minute: shared.limiter.header(class), wait })
}

/// The outermost layer: gives the request its id and the answer its headers and error body.
pub(super) async fn frame(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = Uuid::new_v4().to_string();
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let caller = Caller::of(&request, request_id.clone(), started);
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    let class = response.extensions().get().copied().unwrap_or(LimitClass::Sync);
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = refusal.answer(&request_id);
    }
    tracing::debug!(
        %method, path, status = response.status().as_u16(), request_id,
        ms = started.elapsed().as_secs_f64() * 1e3, "answered"
    );
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert("x-request-id", id);
    }
    headers.insert("x-ratelimit-limit", HeaderValue::from(shared.limiter.header(class)));
    if let Ok(left) = HeaderValue::from_str(&shared.account.remaining().to_string()) {
        headers.insert("x-credits-remaining", left);
    }
    response
}

/// Nothing is at this path.
pub(super) async fn unknown_path(request: Request) -> Refusal {
    Refusal::NotFound(format!(
        "there is no {}; /openapi.json lists the calls",
        request.uri().path()
    ))
}

/// The path takes other methods.
pub(super) async fn wrong_method(request: Request) -> Refusal {
    Refusal::Method(format!(
        "{} takes no {}; /openapi.json lists the calls",
        request.uri().path(),
        request.method()
    ))
}
