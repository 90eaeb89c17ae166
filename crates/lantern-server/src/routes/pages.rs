//! `GET /` and `GET /docs`: pages for people on this machine. They need no key, which a browser
//! would not send, and show nothing of what is in a record.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::HeaderValue,
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::header;
use utoipa::OpenApi;

use super::{
    super::{
        pages,
        refusal::Refusal,
        shared::{Shared, blocking},
    },
    local::only_here,
    openapi::Document,
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(status))
        .route("/docs", get(reference))
        .route_layer(from_fn(own_name))
        .route_layer(from_fn(only_here))
}

/// A page of another site must not read these by a name that leads to this machine.
async fn own_name(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or(request.uri().host()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let own = name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !own {
        return Refusal::NotFound("the pages are at 127.0.0.1 and localhost only".to_owned())
            .into_response();
    }
    let mut response = next.run(request).await;
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

async fn status(State(shared): State<Arc<Shared>>) -> Result<Html<String>, Refusal> {
    blocking(move || pages::status(&shared)).await.map(Html)
}

async fn reference() -> Result<Html<String>, Refusal> {
    let document = serde_json::to_value(Document::openapi())
        .map_err(|error| Refusal::Internal(format!("there is no document: {error}")))?;
    Ok(Html(pages::reference(&document)))
}
