//! `GET /v1/logs/routing`, its statistics, and `/v1/logs/retention`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::Utc;
use http::{Uri, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Answer, credits::read_time};
use crate::{
    blocking::blocking,
    crm::{Crm, routing_log},
    http::{
        body,
        middleware::guarded,
        request::{receive, refused},
        state::Parts,
    },
    refusal::Refusal,
};
use lantern::api::{
    ApiErrorBody, Call,
    answer::ValidationBody,
    logs::{LogCounts, LogEntries, LogFormat, LogStats, Retention, RoutingLogs, SetRetention},
};

/// Default maximum number of entries.
const DEFAULT_LIMIT: u32 = 1000;

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new()
        .route("/v1/logs/routing", get(routing))
        .route("/v1/logs/routing/stats", get(stats))
        .route("/v1/logs/retention", get(retention).put(set_retention));
    guarded(routes, parts, Some(RoutingLogs::CLASS))
}

/// Reads a query with `from` and `to`. A time without a time zone is UTC, and a day means its
/// beginning.
fn read<C: Call + DeserializeOwned>(uri: &Uri) -> Result<C, Refusal> {
    let mut pairs = body::query(uri);
    for name in ["from", "to"] {
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
    let typed = |text: &str, name: &str| match name {
        "limit" => text.parse::<u64>().ok().map(Value::from),
        _ => text.parse::<bool>().ok().map(Value::from),
    };
    for name in ["limit", "include_diff"] {
        let Some(Value::String(text)) = pairs.get(name) else { continue };
        let value = typed(&text.to_ascii_lowercase(), name).ok_or_else(|| {
            let what = if name == "limit" { "a whole number" } else { "true or false" };
            Refusal::invalid(
                vec!["query".into(), name.into()],
                "type_error",
                format!("{name} is {what}"),
            )
        })?;
        pairs.insert(name.to_owned(), value);
    }
    let call: C = body::object("query", pairs)?;
    call.check().map_err(|invalid| refused("query", invalid))?;
    Ok(call)
}

/// Actions on records, oldest first, from `from` until before `to`.
#[utoipa::path(
    get, path = "/v1/logs/routing", tag = "logs", params(RoutingLogs), security(("key" = [])),
    responses(
        (status = 200, description = "The entries", content(
            (LogEntries = "application/json"),
            (String = "text/csv"),
        )),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 422, description = "The query does not validate", body = ValidationBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn routing(
    State(crm): State<Arc<Crm>>,
    request: Request,
) -> Result<Response, Refusal> {
    let call: RoutingLogs = read(request.uri())?;
    let filter = LogStats {
        from: call.from,
        to: call.to,
        pool: call.pool,
        object: call.object,
        action: call.action,
    };
    let limit = call.limit.unwrap_or(DEFAULT_LIMIT);
    let with_diff = call.include_diff.unwrap_or(true);
    let entries = blocking(move || {
        Ok(crm
            .database()
            .with(|connection| routing_log::entries(connection, &filter, with_diff, limit))?)
    })
    .await?;
    if call.format == Some(LogFormat::Csv) {
        let file = routing_log::csv(&entries)
            .map_err(|error| Refusal::Internal(format!("the CSV cannot be written: {error}")))?;
        return Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], file).into_response());
    }
    Ok(Json(LogEntries { success: Some(true), entries }).into_response())
}

/// The number of entries, by action, object, pool and day.
#[utoipa::path(
    get, path = "/v1/logs/routing/stats", tag = "logs", params(LogStats),
    security(("key" = [])),
    responses(
        (status = 200, description = "The counts", body = LogCounts),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 422, description = "The query does not validate", body = ValidationBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn stats(State(crm): State<Arc<Crm>>, request: Request) -> Answer<LogCounts> {
    let call: LogStats = read(request.uri())?;
    blocking(move || {
        Ok(crm.database().with(|connection| routing_log::counts(connection, &call))?)
    })
    .await
    .map(Json)
}

/// The number of days for which entries are kept.
#[utoipa::path(
    get, path = "/v1/logs/retention", tag = "logs", security(("key" = [])),
    responses(
        (status = 200, description = "The days", body = Retention),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn retention(State(crm): State<Arc<Crm>>) -> Answer<Retention> {
    blocking(move || {
        let days = crm.database().with(|connection| routing_log::retention(connection))?;
        Ok(Retention { success: Some(true), days: Some(days), deleted: None, extra: Map::new() })
    })
    .await
    .map(Json)
}

/// Set the number of days for which entries are kept. Older entries are removed immediately.
#[utoipa::path(
    put, path = "/v1/logs/retention", tag = "logs", security(("key" = [])),
    request_body = SetRetention,
    responses(
        (status = 200, description = "The days, and how many entries went", body = Retention),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 413, description = "The body is too large", body = ApiErrorBody),
        (status = 422, description = "The body does not validate", body = ValidationBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn set_retention(
    State(crm): State<Arc<Crm>>,
    request: Request,
) -> Answer<Retention> {
    let (_, call): (_, SetRetention) = receive(request).await?;
    blocking(move || {
        let deleted = crm.database().transact(|transaction| {
            routing_log::set_retention(transaction, call.days)?;
            routing_log::clean(transaction, Utc::now())
        })?;
        Ok(Retention {
            success: Some(true),
            days: Some(call.days),
            deleted: Some(deleted),
            extra: Map::new(),
        })
    })
    .await
    .map(Json)
}
