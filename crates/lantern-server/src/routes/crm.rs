//! `/_local/crm`, `/_local/workflows` and `/_local/poll`: the CRM and the audit log of the local
//! server, for whoever wants to look at what a call did, or to change records as a user of the CRM
//! would. Answered to callers on this machine only, with the key.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Request, State, rejection::PathRejection},
    middleware::from_fn,
    routing::{get, post},
};
use serde_json::{Map, Value, json};

use super::{
    super::{
        crm::{self, Object, edit, record},
        gate::behind,
        refusal::Refusal,
        shared::{Shared, blocking},
        workflows,
    },
    Answer, body,
    local::only_here,
    routing::name,
};
use crate::caller::caller;

/// Records where no limit is given.
const DEFAULT_LIMIT: usize = 1000;

type Part = Result<Path<String>, PathRejection>;

pub(super) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let routes = Router::new()
        .route("/_local/crm/{object}", get(list).post(create))
        .route("/_local/crm/records/{id}", get(read).patch(change))
        .route("/_local/poll", post(poll))
        .route("/_local/workflows/runs", get(runs))
        .route("/_local/workflows/runs/{request_id}/replay", post(replay))
        .route_layer(from_fn(only_here));
    behind(routes, shared, None)
}

fn object(part: Part) -> Result<Object, Refusal> {
    edit::object(&name(part)?)
}

fn id(part: Part) -> Result<(Object, String), Refusal> {
    edit::id(&name(part)?)
}

async fn list(State(shared): State<Arc<Shared>>, object: Part, request: Request) -> Answer<Value> {
    let object = self::object(object)?;
    let query = body::query(request.uri());
    let asked = |name: &str| query.get(name).and_then(Value::as_str);
    let limit = asked("limit").and_then(|limit| limit.parse().ok()).unwrap_or(DEFAULT_LIMIT);
    let after = asked("after").unwrap_or_default().to_owned();
    blocking(move || {
        shared.crm_ready()?;
        let records = shared
            .store
            .database()
            .with(|connection| record::list(connection, object, &after, limit))?;
        Ok(json!({"records": records}))
    })
    .await
    .map(Json)
}

async fn read(State(shared): State<Arc<Shared>>, id: Part) -> Answer<Map<String, Value>> {
    let (object, id) = self::id(id)?;
    blocking(move || {
        shared.crm_ready()?;
        shared
            .store
            .database()
            .with(|connection| record::read(connection, object, &id))?
            .ok_or_else(|| Refusal::NotFound(format!("there is no record {id} in the CRM")))
    })
    .await
    .map(Json)
}

async fn create(
    State(shared): State<Arc<Shared>>,
    object: Part,
    request: Request,
) -> Answer<Map<String, Value>> {
    let object = self::object(object)?;
    let caller = caller(&request);
    let fields: Map<String, Value> = body::json(request).await?;
    blocking(move || shared.crm_create(&caller, object, &fields)).await.map(Json)
}

async fn change(
    State(shared): State<Arc<Shared>>,
    id: Part,
    request: Request,
) -> Answer<Map<String, Value>> {
    let (object, id) = self::id(id)?;
    let caller = caller(&request);
    let fields: Map<String, Value> = body::json(request).await?;
    blocking(move || shared.crm_change(&caller, (object, &id), &fields)).await.map(Json)
}

/// Polls the CRM now instead of when it is time.
async fn poll(State(shared): State<Arc<Shared>>) -> Answer<Value> {
    blocking(move || Ok(json!({"worked": crm::trigger::poll(&shared)?}))).await.map(Json)
}

async fn runs(State(shared): State<Arc<Shared>>, request: Request) -> Answer<Value> {
    let query = body::query(request.uri());
    let status = query.get("status").and_then(Value::as_str).map(str::to_owned);
    blocking(move || {
        Ok(json!({"runs": workflows::runs(&shared, status.as_deref(), DEFAULT_LIMIT as u32)?}))
    })
    .await
    .map(Json)
}

async fn replay(
    State(shared): State<Arc<Shared>>,
    request_id: Part,
) -> Answer<lantern::api::workflows::WorkflowTriggered> {
    let request_id = name(request_id)?;
    blocking(move || workflows::replay(&shared, &request_id)).await.map(Json)
}
