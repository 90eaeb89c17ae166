//! `POST /v1/match`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::post,
};

use super::{
    super::{
        caller::receive,
        gate::behind,
        matching,
        shared::{Shared, blocking},
    },
    Answer,
    documented::spending,
};
use lantern::api::{
    Call,
    matching::{Match, Matched},
};

pub(super) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let routes = Router::new().route("/v1/match", post(match_records));
    behind(routes, shared, Some(Match::CLASS))
}

spending! {
    /// Find the CRM's records that candidates are.
    ///
    /// A candidate costs 1 credit with simple rules, 2 with groups and 5 with AI.
    match_records(Match) -> Matched, "/v1/match", "matching",
    |shared, caller, call| matching::answer(shared, caller, call)
}
