//! `/_local/*`: runs and fault rules, so that tests can inspect a server in another process, and
//! the server's identity, so that a client can distinguish it from another server at the same
//! address. They are only answered on this machine, and with the key.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};

use super::Answer;
use crate::{
    FaultRule,
    batches::{Batches, Run},
    blocking::blocking,
    faults::Faults,
    http::{
        body,
        connections::Connection,
        middleware::guarded,
        state::{Instance, Parts},
    },
    refusal::Refusal,
};

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new()
        .route("/_local/instance", get(instance))
        .route("/_local/runs", get(runs))
        .route("/_local/faults", get(list_faults).put(set_faults))
        .route_layer(from_fn(only_here));
    guarded(routes, parts, None)
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
struct WhichServer {
    instance_id: String,
}

async fn instance(State(instance): State<Arc<Instance>>) -> Json<WhichServer> {
    Json(WhichServer { instance_id: instance.0.clone() })
}

#[derive(Serialize)]
struct Runs {
    runs: Vec<Run>,
}

async fn runs(State(batches): State<Arc<Batches>>) -> Answer<Runs> {
    blocking(move || Ok(Json(Runs { runs: batches.runs()? }))).await
}

/// Fault rules as text.
#[derive(Serialize, Deserialize)]
struct Rules {
    rules: Vec<String>,
}

async fn list_faults(State(faults): State<Arc<Faults>>) -> Json<Rules> {
    Json(Rules { rules: faults.rules().iter().map(FaultRule::to_string).collect() })
}

async fn set_faults(State(faults): State<Arc<Faults>>, request: Request) -> Answer<Rules> {
    let given: Rules = body::json(request).await?;
    let mut rules = Vec::with_capacity(given.rules.len());
    for (at, text) in given.rules.iter().enumerate() {
        rules.push(text.parse::<FaultRule>().map_err(|invalid| {
            let place = vec!["body".into(), "rules".into(), at.into()];
            Refusal::invalid(place, "value_error", invalid.to_string())
        })?);
    }
    faults.set(rules);
    Ok(Json(given))
}
