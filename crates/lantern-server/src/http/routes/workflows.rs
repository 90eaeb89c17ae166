//! `POST /v1/workflows/{workflow_id}/trigger`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::post,
};

use super::Answer;
use crate::{
    blocking::blocking,
    http::{
        middleware::guarded,
        request::{PathPart, name, receive_with},
        state::Parts,
    },
    workflows::{self, Workflows},
};
use lantern::api::{
    ApiErrorBody, Call,
    answer::ValidationBody,
    workflows::{TriggerWorkflow, WorkflowTriggered},
};

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new().route("/v1/workflows/{workflow_id}/trigger", post(trigger));
    guarded(routes, parts, Some(TriggerWorkflow::CLASS))
}

/// Run a workflow on a record. Takes an API key or an OAuth2 token.
///
/// A record costs 1 credit, 2 more with enrichment and 1 more with routing. If a step cannot
/// process the record, the answer is `failed`, nothing is charged, and the record is kept as a dead
/// letter.
#[utoipa::path(
    post, path = "/v1/workflows/{workflow_id}/trigger", tag = "workflows",
    params(("workflow_id" = String, Path, description = "The workflow's id")),
    request_body = TriggerWorkflow, security(("key" = [])),
    responses(
        (status = 200, description = "The answer", body = WorkflowTriggered),
        (status = 400, description = "The id cannot be read", body = ApiErrorBody),
        (status = 401, description = "The key or token is missing or wrong", body = ApiErrorBody),
        (status = 402, description = "Too few credits", body = ApiErrorBody),
        (status = 404, description = "There is no such workflow", body = ApiErrorBody),
        (status = 413, description = "The body is too large", body = ApiErrorBody),
        (status = 422, description = "The body does not validate", body = ValidationBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn trigger(
    State(workflows): State<Arc<Workflows>>,
    workflow_id: PathPart,
    request: Request,
) -> Answer<WorkflowTriggered> {
    let workflow_id = name(workflow_id)?;
    let fill = |call: &mut TriggerWorkflow| call.workflow_id = workflow_id;
    let (caller, call) = receive_with(request, fill).await?;
    blocking(move || workflows::trigger(&workflows, &caller, &call)).await.map(Json)
}
