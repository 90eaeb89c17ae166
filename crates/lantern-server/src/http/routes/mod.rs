//! The routes, one file per family of calls.

mod agents;
mod credits;
mod crm;
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
mod spending_call;
mod workflows;

use axum::{Json, Router, middleware::from_fn_with_state, routing::get};
use tower_http::compression::{CompressionLayer, predicate::SizeAbove};

use super::{
    middleware::{for_this_server, frame, unknown_path, wrong_method},
    state::Parts,
};
use crate::refusal::Refusal;

type Answer<T> = Result<Json<T>, Refusal>;

/// Smaller answers are not worth compressing on loopback.
const WORTH_GZIP: u16 = 1024;

/// The whole API.
pub(crate) fn routes(parts: &Parts) -> Router {
    Router::new()
        .merge(agents::routes(parts))
        .merge(credits::routes(parts))
        .merge(enrich::routes(parts))
        .merge(forms::routes(parts))
        .merge(oauth::routes(parts))
        .merge(workflows::routes(parts))
        .merge(logs::routes(parts))
        .merge(matching::routes(parts))
        .merge(routing::routes(parts))
        .merge(salesforce::routes(parts))
        .merge(local::routes(parts))
        .merge(crm::routes(parts))
        .merge(pages::routes())
        .route("/openapi.json", get(openapi::document))
        .method_not_allowed_fallback(wrong_method)
        .fallback(unknown_path)
        .layer(from_fn_with_state(parts.clone(), for_this_server))
        .layer(from_fn_with_state(parts.clone(), frame))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(WORTH_GZIP)))
        .with_state(parts.clone())
}
