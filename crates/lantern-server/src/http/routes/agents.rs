//! `POST /v1/agents/*` and `GET /v1/agents/runs/{run_id}/status`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Request as HttpRequest, State},
    routing::{get, post},
};
use serde_json::Map;
use uuid::Uuid;

use super::Answer;
use crate::{
    batches::{Batches, Request, RunFault},
    blocking::blocking,
    http::{
        body,
        middleware::guarded,
        request::{PathPart, caller},
        state::Parts,
    },
    refusal::Refusal,
};
use lantern::api::{
    ApiErrorBody, Call,
    agents::{
        BatchAccepted, BatchKind, ContactBatch, DeepResearchBatch, EntityType, MAX_BATCH, RunState,
        RunStatus,
    },
    answer::ValidationBody,
};

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let batches = Router::new()
        .route(BatchKind::Phone.path(), post(phone))
        .route(BatchKind::Email.path(), post(email))
        .route(BatchKind::PhoneEmail.path(), post(phone_email))
        .route(BatchKind::DeepResearch.path(), post(deep_research));
    let runs = Router::new().route("/v1/agents/runs/{run_id}/status", get(status));
    let batches = guarded(batches, parts, Some(ContactBatch::CLASS));
    batches.merge(guarded(runs, parts, Some(RunStatus::CLASS)))
}

macro_rules! contact {
    ($name:ident, $path:literal, $kind:expr, $what:literal) => {
        #[doc = $what]
        #[utoipa::path(
            post, path = $path, tag = "batches", request_body = ContactBatch,
            security(("key" = [])),
            responses(
                (status = 200, description = "The run that works the batch", body = BatchAccepted),
                (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
                (status = 402, description = "Too few credits", body = ApiErrorBody),
                (status = 413, description = "The body is too large", body = ApiErrorBody),
                (status = 422, description = "The body does not validate", body = ValidationBody),
                (status = 429, description = "Over the rate limit", body = ApiErrorBody),
            )
        )]
        pub(super) async fn $name(
            State(batches): State<Arc<Batches>>,
            request: HttpRequest,
        ) -> Answer<BatchAccepted> {
            contacts(batches, $kind, request).await
        }
    };
}

contact!(phone, "/v1/agents/phone", BatchKind::Phone, "Find phone numbers of people.");
contact!(email, "/v1/agents/email", BatchKind::Email, "Find e-mail addresses of people.");
contact!(
    phone_email,
    "/v1/agents/phone-email",
    BatchKind::PhoneEmail,
    "Find phone numbers and e-mail addresses of people."
);

/// Research people or companies.
#[utoipa::path(
    post, path = "/v1/agents/deep-research", tag = "batches", request_body = DeepResearchBatch,
    security(("key" = [])),
    responses(
        (status = 200, description = "The run that works the batch", body = BatchAccepted),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 402, description = "Too few credits", body = ApiErrorBody),
        (status = 413, description = "The body is too large", body = ApiErrorBody),
        (status = 422, description = "The body does not validate", body = ValidationBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn deep_research(
    State(batches): State<Arc<Batches>>,
    request: HttpRequest,
) -> Answer<BatchAccepted> {
    let sender = Sender::of(&request);
    let batch: DeepResearchBatch = body::json(request).await?;
    check_count("ids", batch.ids.len())?;
    check_credits(batch.max_credits)?;
    accept(batches, Request::Research(batch), sender).await
}

async fn contacts(
    batches: Arc<Batches>,
    kind: BatchKind,
    request: HttpRequest,
) -> Answer<BatchAccepted> {
    let sender = Sender::of(&request);
    let batch = ContactBatch { kind, ..body::json(request).await? };
    match (&batch.ids, &batch.records) {
        (Some(ids), None) => check_count("ids", ids.len())?,
        (None, Some(records)) => check_count("records", records.len())?,
        (None, None) => {
            return Err(Refusal::field("ids", "missing", "neither ids nor records is given"));
        }
        (Some(_), Some(_)) => {
            return Err(Refusal::field("records", "value_error", "both ids and records are given"));
        }
    }
    if batch.entity_type != EntityType::Person {
        return Err(Refusal::field(
            "entity_type",
            "enum",
            format!("entity_type of a {kind} batch is person"),
        ));
    }
    check_credits(batch.max_credits)?;
    accept(batches, Request::Contact(batch), sender).await
}

/// What is known about a batch's request apart from its body.
struct Sender {
    idempotency_key: Option<String>,
    fault: Option<RunFault>,
}

impl Sender {
    fn of(request: &HttpRequest) -> Self {
        Self {
            idempotency_key: caller(request).idempotency_key,
            fault: request.extensions().get().copied(),
        }
    }
}

fn check_count(field: &str, count: usize) -> Result<(), Refusal> {
    match count {
        0 => Err(Refusal::field(field, "too_short", format!("{field} is empty; send at least 1"))),
        1..=MAX_BATCH => Ok(()),
        more => Err(Refusal::field(
            field,
            "too_long",
            format!("{field} has {more} entries, and a batch takes at most {MAX_BATCH}"),
        )),
    }
}

fn check_credits(max_credits: u64) -> Result<(), Refusal> {
    if max_credits == 0 {
        return Err(Refusal::field(
            "max_credits",
            "greater_than",
            "max_credits must be greater than 0",
        ));
    }
    // The contract declares its format as int64.
    if i64::try_from(max_credits).is_err() {
        let text = format!("max_credits must be at most {}", i64::MAX);
        return Err(Refusal::field("max_credits", "less_than_equal", text));
    }
    Ok(())
}

async fn accept(batches: Arc<Batches>, request: Request, sender: Sender) -> Answer<BatchAccepted> {
    // Runs as one piece, so that a caller that disconnects does not leave credits reserved for
    // nothing.
    blocking(move || batches.accept(request, sender.idempotency_key.as_deref(), sender.fault))
        .await
        .map(Json)
}

/// The status of a run.
#[utoipa::path(
    get, path = "/v1/agents/runs/{run_id}/status", tag = "batches",
    params(("run_id" = Uuid, Path, description = "The run_id that a batch answered")),
    security(("key" = [])),
    responses(
        (status = 200, description = "queued, completed or failed", body = RunState),
        (status = 400, description = "run_id is not a UUID", body = ApiErrorBody),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 404, description = "There is no such run", body = ApiErrorBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn status(
    State(batches): State<Arc<Batches>>,
    run_id: PathPart,
) -> Answer<RunState> {
    let run_id =
        run_id.ok().and_then(|Path(text)| Uuid::try_parse(&text).ok()).ok_or_else(|| {
            Refusal::BadRequest(
                "the run id is not a UUID; use the run_id that a batch answered".into(),
            )
        })?;
    let found = blocking(move || Ok(batches.status(run_id)?)).await?;
    let (status, error) =
        found.ok_or_else(|| Refusal::NotFound(format!("there is no run {run_id}")))?;
    let mut extra = Map::new();
    if let Some(error) = error {
        extra.insert("error".to_owned(), error.into());
    }
    Ok(Json(RunState { run_id: run_id.to_string(), status, extra }))
}
