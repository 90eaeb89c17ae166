//! `GET /v1/credits/{usage,remaining}`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::get,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use http::Uri;
use serde_json::{Map, Value};

use super::Answer;
use crate::{
    billing::Billing,
    blocking::blocking,
    http::{body, middleware::guarded, request::refused, state::Parts},
    refusal::Refusal,
};
use lantern::api::{
    ApiErrorBody, Call,
    answer::ValidationBody,
    credits::{CreditsRemaining, CreditsUsage, Remaining, Usage},
};

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new()
        .route("/v1/credits/usage", get(usage))
        .route("/v1/credits/remaining", get(remaining));
    guarded(routes, parts, Some(CreditsRemaining::CLASS))
}

/// Credits used from `start_date` until before `end_date`.
///
/// `workflow_run_id` may be the run_id of a batch or the request id of a call. Nothing is charged
/// to custom values, so usage for them is 0.
#[utoipa::path(
    get, path = "/v1/credits/usage", tag = "credits", params(CreditsUsage),
    security(("key" = [])),
    responses(
        (status = 200, description = "The credits used", body = Usage),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 422, description = "The query does not validate", body = ValidationBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn usage(State(billing): State<Arc<Billing>>, request: Request) -> Answer<Usage> {
    let asked = read_usage(request.uri())?;
    asked.check().map_err(|invalid| refused("query", invalid))?;
    let tenant_id = billing.tenant_id;
    let (start, end) = (asked.start_date, asked.end_date);
    let used = blocking(move || {
        if asked.custom_key.is_some() || asked.custom_value.is_some() {
            return Ok(0);
        }
        let (run, workflow) = (asked.workflow_run_id.as_deref(), asked.workflow_id.as_deref());
        Ok(billing.usage(start, end, run, workflow)?)
    })
    .await?;
    let iso = |time: DateTime<Utc>| Some(time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    Ok(Json(Usage {
        success: Some(true),
        tenant_id: Some(tenant_id),
        start_date: iso(start),
        end_date: iso(end),
        credits_used: used as f64,
        extra: Map::new(),
    }))
}

/// Reads the query. A time without a time zone is UTC, and a day means its beginning.
fn read_usage(uri: &Uri) -> Result<CreditsUsage, Refusal> {
    let mut pairs = body::query(uri);
    for name in ["start_date", "end_date"] {
        let Some(Value::String(text)) = pairs.get(name) else { continue };
        let time = read_time(text).ok_or_else(|| {
            Refusal::invalid(
                vec!["query".into(), name.into()],
                "datetime_parsing",
                format!("{name} is not an ISO time; write for example 2026-11-24T00:00:00Z"),
            )
        })?;
        pairs.insert(name.to_owned(), Value::String(time.to_rfc3339()));
    }
    body::object("query", pairs)
}

pub(super) fn read_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .or_else(|_| text.parse::<NaiveDateTime>().map(|time| time.and_utc()))
        .or_else(|_| text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc()))
        .ok()
}

/// Credits left.
#[utoipa::path(
    get, path = "/v1/credits/remaining", tag = "credits",
    security(("key" = [])),
    responses(
        (status = 200, description = "The credits left and in all", body = Remaining),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn remaining(State(billing): State<Arc<Billing>>) -> Json<Remaining> {
    Json(Remaining {
        success: Some(true),
        tenant_id: Some(billing.tenant_id),
        remaining_credits: billing.account.remaining(),
        total_credits: Some(billing.account.total()),
        extra: Map::new(),
    })
}
