//! `/_local/*`: what only the local server has, so that tests can look into a server of another
//! process. Answered to callers on this machine only, with the key.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        FaultRule,
        gate::behind,
        listen::Connection,
        refusal::Refusal,
        shared::{Shared, blocking},
        store::Run,
    },
    body,
};

pub(super) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let routes = Router::new()
        .route("/_local/runs", get(runs))
        .route("/_local/faults", get(faults).put(set_faults))
        .route_layer(from_fn(only_here));
    behind(routes, shared, None)
}

pub(super) async fn only_here(request: Request, next: Next) -> Response {
    let here = request
        .extensions()
        .get::<Connection>()
        .is_some_and(|connection| connection.peer.ip().to_canonical().is_loopback());
    if here {
        next.run(request).await
    } else {
        Refusal::NotFound("/_local is answered on this machine only".to_owned()).into_response()
    }
}

#[derive(Serialize)]
struct Runs {
    runs: Vec<Run>,
}

async fn runs(State(shared): State<Arc<Shared>>) -> Result<Json<Runs>, Refusal> {
    blocking(move || Ok(Json(Runs { runs: shared.store.runs()? }))).await
}

/// Fault rules as text.
#[derive(Serialize, Deserialize)]
struct Rules {
    rules: Vec<String>,
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Rules> {
    Json(Rules { rules: shared.faults.rules().iter().map(FaultRule::to_string).collect() })
}

async fn set_faults(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Json<Rules>, Refusal> {
    let given: Rules = body::json(request).await?;
    let mut rules = Vec::with_capacity(given.rules.len());
    for (at, text) in given.rules.iter().enumerate() {
        rules.push(text.parse::<FaultRule>().map_err(|invalid| {
            let place = vec!["body".into(), "rules".into(), at.into()];
            Refusal::invalid(place, "value_error", invalid.message)
        })?);
    }
    shared.faults.set(rules);
    Ok(Json(given))
}
