//! What every request passes through: a request id and the contract's headers, simulated faults,
//! the key, and the rate limit.

use std::{sync::Arc, time::Instant};

use axum::{
    Json, Router,
    extract::{MatchedPath, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use uuid::Uuid;

use super::{
    access::Access, connections::Connection, host_names::HostNames, rate_limits::RateLimiter,
    state::Parts,
};
use crate::{
    batches::RunFault,
    billing::Billing,
    caller::Caller,
    faults::{Fault, RequestFaults},
    refusal::Refusal,
};
use lantern::{
    api::{ApiErrorBody, LimitClass},
    error::printable::beginning,
};

/// Puts the routes behind faults, the key, and the rate limit of `class` if there is one.
pub(super) fn guarded(
    routes: Router<Parts>,
    parts: &Parts,
    class: Option<LimitClass>,
) -> Router<Parts> {
    routes.route_layer(from_fn_with_state((parts.clone(), class), guard))
}

async fn guard(
    State((parts, class)): State<(Parts, Option<LimitClass>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let connection = request.extensions().get::<Connection>().cloned();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    // Routes without a class are not part of the API: a rule for `*` must not prevent changing the
    // rules.
    let met = match class {
        Some(_) => parts.faults.meet(request.method(), request.uri().path()),
        None => RequestFaults::default(),
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
            let response = match admit(&parts, class, &request) {
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
                    "<html><body>This is not JSON, by a fault rule.</body></html>",
                )
                    .into_response(),
                _ => response,
            }
        }
    };
    if let Some(class) = class {
        response.extensions_mut().insert(class);
        if let Some(route) = route {
            parts.calls.count(&method, route.as_str(), response.status());
        }
    }
    response
}

fn admit(parts: &Parts, class: Option<LimitClass>, request: &Request) -> Result<(), Refusal> {
    parts.access.check(request)?;
    let Some(class) = class else { return Ok(()) };
    let limiter = &parts.rate_limiter;
    limiter
        .take(class, Instant::now())
        .map_err(|wait| Refusal::TooMany { per_minute: limiter.header(class), wait })
}

/// The outermost layer: gives the request its id, and the answer its headers and error body.
pub(super) async fn frame(
    State(rate_limiter): State<Arc<RateLimiter>>,
    State(billing): State<Arc<Billing>>,
    State(access): State<Arc<Access>>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = Uuid::new_v4().to_string();
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let admitted = access.check(&request).is_ok();
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
    headers.insert("x-ratelimit-limit", HeaderValue::from(rate_limiter.header(class)));
    // Only callers with the key may learn how many credits a tenant has.
    if admitted && let Ok(left) = HeaderValue::from_str(&billing.account.remaining().to_string()) {
        headers.insert("x-credits-remaining", left);
    }
    response
}

/// Refuses requests with a host name that is not one of the server's.
pub(super) async fn for_this_server(
    State(names): State<Arc<HostNames>>,
    request: Request,
    next: Next,
) -> Response {
    if names.accept(request.headers(), request.uri()) {
        return next.run(request).await;
    }
    Refusal::NotFound(
        "the request has a host name that is not the server's; use 127.0.0.1 or localhost, or \
         start it with this name among its names"
            .to_owned(),
    )
    .into_response()
}

/// How much of a request an error quotes, in characters.
const QUOTED: usize = 200;

/// Refuses a path that does not exist.
pub(super) async fn unknown_path(request: Request) -> Refusal {
    Refusal::NotFound(format!(
        "there is no {}; /openapi.json lists the calls",
        beginning(request.uri().path(), QUOTED)
    ))
}

/// Refuses a method that the path does not support.
pub(super) async fn wrong_method(request: Request) -> Refusal {
    Refusal::Method(format!(
        "{} does not take {}; /openapi.json lists the calls",
        beginning(request.uri().path(), QUOTED),
        beginning(request.method().as_str(), QUOTED)
    ))
}
