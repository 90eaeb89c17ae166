//! `GET /` and `GET /docs`: pages for people on this machine. They need no key, because a browser
//! would not send one, and show nothing of the contents of records.

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

use super::{local::only_here, openapi::Document};
use crate::{
    batches::Batches,
    billing::Billing,
    blocking::blocking,
    crm::Crm,
    directory::Directory,
    http::state::Parts,
    pages::{self, CallCounts},
    refusal::Refusal,
    workflows::Workflows,
};

pub(super) fn routes() -> Router<Parts> {
    Router::new()
        .route("/", get(status))
        .route("/docs", get(reference))
        .route("/style.css", get(style))
        .route_layer(from_fn(protected))
        .route_layer(from_fn(only_here))
}

/// Pages load only their style sheet, and no other site may embed them in a frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// Makes browsers isolate a page from other sites.
async fn protected(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], pages::STYLE).into_response()
}

async fn status(
    State(billing): State<Arc<Billing>>,
    State(batches): State<Arc<Batches>>,
    State(directory): State<Arc<Directory>>,
    State(crm): State<Arc<Crm>>,
    State(workflows): State<Arc<Workflows>>,
    State(calls): State<Arc<CallCounts>>,
) -> Result<Html<String>, Refusal> {
    blocking(move || {
        let parts = pages::StatusOf {
            billing: &billing,
            batches: &batches,
            directory: &directory,
            crm: &crm,
            workflows: &workflows,
            calls: &calls,
        };
        Ok(Html(pages::status(&parts)?.into_string()))
    })
    .await
}

async fn reference() -> Result<Html<String>, Refusal> {
    let document = serde_json::to_value(Document::openapi()).map_err(|error| {
        Refusal::Internal(format!("the reference cannot be generated: {error}"))
    })?;
    Ok(Html(pages::reference(&document).into_string()))
}
