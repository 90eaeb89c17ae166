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
        caller::Stop,
        crm::{self, Object, ids, record},
        gate::behind,
        refusal::Refusal,
        shared::{Shared, blocking},
        workflows,
    },
    Answer, body,
    local::only_here,
    routing::name,
};
use crate::server::caller::caller;

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
    let text = name(part)?;
    Object::named(&text).ok_or_else(|| {
        Refusal::NotFound(format!(
            "the CRM has no {text:?}; it has accounts, contacts, leads, opportunities, users, \
             tasks and notes"
        ))
    })
}

fn id(part: Part) -> Result<(Object, String), Refusal> {
    let text = name(part)?;
    ids::normal(&text)
        .and_then(|id| Some((ids::object_of(&id)?, id)))
        .ok_or_else(|| Refusal::NotFound(format!("{text:?} is no id of the CRM")))
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

/// Fields that the kind has, with values that they can hold.
fn check(object: Object, record: &Map<String, Value>) -> Result<(), Refusal> {
    for (field, value) in record {
        if !object.fields().contains(&field.as_str()) {
            let fields = object.fields().join(", ");
            return Err(Refusal::field(
                field,
                "value_error",
                format!("{} has no such field; it has {fields}", object.name()),
            ));
        }
        if !record::fits(field, value) {
            return Err(Refusal::field(field, "type_error", "the field holds another type"));
        }
    }
    Ok(())
}

async fn create(
    State(shared): State<Arc<Shared>>,
    object: Part,
    request: Request,
) -> Answer<Map<String, Value>> {
    let object = self::object(object)?;
    let caller = caller(&request);
    let fields: Map<String, Value> = body::json(request).await?;
    check(object, &fields)?;
    blocking(move || {
        shared.crm_ready()?;
        let (made, _) = shared.charged(&caller, None, |transaction, _| {
            let at = record::modstamp(transaction)?;
            let id = record::insert(transaction, object, &fields, at)?;
            Ok(record::read(transaction, object, &id)?.unwrap_or_default())
        })?;
        Ok(made)
    })
    .await
    .map(Json)
}

async fn change(
    State(shared): State<Arc<Shared>>,
    id: Part,
    request: Request,
) -> Answer<Map<String, Value>> {
    let (object, id) = self::id(id)?;
    let caller = caller(&request);
    let fields: Map<String, Value> = body::json(request).await?;
    check(object, &fields)?;
    blocking(move || {
        shared.crm_ready()?;
        let (changed, _) = shared.charged(&caller, None, |transaction, _| {
            let before = record::read(transaction, object, &id)?.ok_or_else(|| {
                Stop::from(Refusal::NotFound(format!("there is no record {id} in the CRM")))
            })?;
            let at = record::modstamp(transaction)?;
            record::update(transaction, object, &before, &fields, at)?;
            Ok(record::read(transaction, object, &id)?.unwrap_or_default())
        })?;
        Ok(changed)
    })
    .await
    .map(Json)
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
) -> Answer<crate::api::workflows::WorkflowTriggered> {
    let request_id = name(request_id)?;
    blocking(move || workflows::replay(&shared, &request_id)).await.map(Json)
}
