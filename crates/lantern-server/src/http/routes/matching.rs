//! `POST /v1/match`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::post,
};

use super::{Answer, spending_call::spending_call};
use crate::{
    blocking::blocking,
    http::{middleware::guarded, request::receive, state::Parts},
    matching::{self, Matcher},
};
use lantern::api::{
    Call,
    matching::{Match, Matched},
};

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new().route("/v1/match", post(match_records));
    guarded(routes, parts, Some(Match::CLASS))
}

spending_call! {
    /// Find the records of the CRM that match each candidate.
    ///
    /// A candidate costs 1 credit with simple rules, 2 with groups and 5 with AI.
    match_records(Match) -> Matched, "/v1/match", "matching",
    Matcher, matching::answer
}
