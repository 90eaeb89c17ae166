//! `/_local/crm`, `/_local/workflows` and `/_local/poll`: the CRM and the audit log of the local
//! server, for inspecting what a call did, and for changing records as a user of the CRM would.
//! They are only answered on this machine, and with the key.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::from_fn,
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use super::{Answer, local::only_here};
use crate::{
    blocking::blocking,
    crm::{Crm, Object, editing, trigger},
    http::{
        body,
        middleware::guarded,
        request::{PathPart, caller, name},
        state::Parts,
    },
    refusal::Refusal,
    workflows::{Workflows, replay as replay_run},
};

/// Default maximum number of records.
const DEFAULT_LIMIT: usize = 1000;

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new()
        .route("/_local/crm/{object}", get(list).post(create))
        .route("/_local/crm/records/{id}", get(read).patch(change))
        .route("/_local/poll", post(poll))
        .route("/_local/workflows/runs", get(runs))
        .route("/_local/workflows/runs/{request_id}/replay", post(replay))
        .route_layer(from_fn(only_here));
    guarded(routes, parts, None)
}

fn object(part: PathPart) -> Result<Object, Refusal> {
    editing::object(&name(part)?)
}

fn id(part: PathPart) -> Result<(Object, String), Refusal> {
    editing::id(&name(part)?)
}

async fn list(State(crm): State<Arc<Crm>>, object: PathPart, request: Request) -> Answer<Value> {
    let object = self::object(object)?;
    let query = body::query(request.uri());
    let asked = |name: &str| query.get(name).and_then(Value::as_str);
    let limit = asked("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_LIMIT);
    let after = asked("after").unwrap_or_default().to_owned();
    blocking(move || Ok(json!({"records": crm.list(object, &after, limit)?}))).await.map(Json)
}

async fn read(State(crm): State<Arc<Crm>>, id: PathPart) -> Answer<Map<String, Value>> {
    let (object, id) = self::id(id)?;
    blocking(move || {
        crm.read(object, &id)?
            .ok_or_else(|| Refusal::NotFound(format!("there is no record {id} in the CRM")))
    })
    .await
    .map(Json)
}

async fn create(
    State(crm): State<Arc<Crm>>,
    object: PathPart,
    request: Request,
) -> Answer<Map<String, Value>> {
    let object = self::object(object)?;
    let caller = caller(&request);
    let fields: Map<String, Value> = body::json(request).await?;
    blocking(move || crm.create(&caller, object, &fields)).await.map(Json)
}

async fn change(
    State(crm): State<Arc<Crm>>,
    id: PathPart,
    request: Request,
) -> Answer<Map<String, Value>> {
    let (object, id) = self::id(id)?;
    let caller = caller(&request);
    let fields: Map<String, Value> = body::json(request).await?;
    blocking(move || crm.change(&caller, (object, &id), &fields)).await.map(Json)
}

/// Polls the CRM now instead of at its regular time.
async fn poll(State(crm): State<Arc<Crm>>) -> Answer<Value> {
    blocking(move || Ok(json!({"worked": trigger::poll(&crm)?}))).await.map(Json)
}

async fn runs(State(workflows): State<Arc<Workflows>>, request: Request) -> Answer<Value> {
    let query = body::query(request.uri());
    let status = query.get("status").and_then(Value::as_str).map(str::to_owned);
    blocking(move || Ok(json!({"runs": workflows.runs(status.as_deref(), DEFAULT_LIMIT as u32)?})))
        .await
        .map(Json)
}

async fn replay(
    State(workflows): State<Arc<Workflows>>,
    request_id: PathPart,
) -> Answer<lantern::api::workflows::WorkflowTriggered> {
    let request_id = name(request_id)?;
    blocking(move || replay_run(&workflows, &request_id)).await.map(Json)
}
