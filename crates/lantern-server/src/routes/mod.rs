//! The routes, one file per family of calls.

mod agents;
pub(super) mod body;
mod credits;
mod crm;
mod documented;
mod enrich;
mod forms;
mod local;
mod logs;
mod matching;
mod oauth;
mod openapi;
mod pages;
mod routing;
mod salesforce;
mod workflows;

use std::sync::Arc;

use axum::{Json, Router, middleware::from_fn_with_state, routing::get};
use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

use super::{
    gate::{frame, unknown_path, wrong_method},
    refusal::Refusal,
    shared::Shared,
};

type Answer<T> = Result<Json<T>, Refusal>;

/// Answers below this size are not worth compressing on loopback.
const WORTH_GZIP: u16 = 1024;

/// The whole API.
pub(super) fn routes(shared: &Arc<Shared>) -> Router {
    Router::new()
        .merge(agents::routes(shared))
        .merge(credits::routes(shared))
        .merge(enrich::routes(shared))
        .merge(forms::routes(shared))
        .merge(oauth::routes(shared))
        .merge(workflows::routes(shared))
        .merge(logs::routes(shared))
        .merge(matching::routes(shared))
        .merge(routing::routes(shared))
        .merge(salesforce::routes(shared))
        .merge(local::routes(shared))
        .merge(crm::routes(shared))
        .merge(pages::routes())
        .route("/openapi.json", get(openapi::document))
        .method_not_allowed_fallback(wrong_method)
        .fallback(unknown_path)
        .layer(from_fn_with_state(Arc::clone(shared), frame))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(WORTH_GZIP)))
        .with_state(Arc::clone(shared))
}
