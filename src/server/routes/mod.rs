//! The routes, one file per family of calls.

mod agents;
mod body;
mod credits;
mod local;
mod openapi;

use std::sync::Arc;

use axum::{Router, middleware::from_fn_with_state, routing::get};
use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

use super::{
    gate::{frame, unknown_path, wrong_method},
    shared::Shared,
};

/// Answers below this size are not worth compressing on loopback.
const WORTH_GZIP: u16 = 1024;

/// The whole API.
pub(super) fn routes(shared: &Arc<Shared>) -> Router {
    Router::new()
        .merge(agents::routes(shared))
        .merge(credits::routes(shared))
        .merge(local::routes(shared))
        .route("/openapi.json", get(openapi::document))
        .method_not_allowed_fallback(wrong_method)
        .fallback(unknown_path)
        .layer(from_fn_with_state(Arc::clone(shared), frame))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(WORTH_GZIP)))
        .with_state(Arc::clone(shared))
}
