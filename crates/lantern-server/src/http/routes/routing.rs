//! `POST /v1/routing/assign` and `/v1/routing/pools`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Request, State},
    routing::{get, post, put},
};

use super::{Answer, spending_call::spending_call};
use crate::{
    blocking::blocking,
    crm::{Crm, pools},
    http::{
        middleware::guarded,
        request::{PathPart, name, receive, receive_with},
        state::Parts,
    },
};
use lantern::api::{
    ApiErrorBody, Call,
    answer::ValidationBody,
    routing::{Assign, Assigned, Deleted, Pool, Pools, PutPool},
};

pub(super) fn routes(parts: &Parts) -> Router<Parts> {
    let routes = Router::new()
        .route("/v1/routing/assign", post(assign))
        .route("/v1/routing/pools", get(list_pools))
        .route("/v1/routing/pools/{pool}", put(put_pool).delete(delete_pool));
    guarded(routes, parts, Some(Assign::CLASS))
}

spending_call! {
    /// Assign a record to the next user of a pool.
    ///
    /// An assignment costs 1 credit, and with reset rules 2.
    assign(Assign) -> Assigned, "/v1/routing/assign", "routing",
    Crm, pools::assign
}

/// List all pools.
#[utoipa::path(
    get, path = "/v1/routing/pools", tag = "routing", security(("key" = [])),
    responses(
        (status = 200, description = "All pools", body = Pools),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn list_pools(State(crm): State<Arc<Crm>>) -> Answer<Pools> {
    blocking(move || pools::list(&crm)).await.map(Json)
}

/// Create a pool, or change its users.
#[utoipa::path(
    put, path = "/v1/routing/pools/{pool}", tag = "routing", security(("key" = [])),
    params(("pool" = String, Path, description = "The pool's name")), request_body = PutPool,
    responses(
        (status = 200, description = "The pool", body = Pool),
        (status = 400, description = "The name cannot be read", body = ApiErrorBody),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 404, description = "There is no such path", body = ApiErrorBody),
        (status = 413, description = "The body is too large", body = ApiErrorBody),
        (status = 422, description = "The body does not validate", body = ValidationBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn put_pool(
    State(crm): State<Arc<Crm>>,
    pool: PathPart,
    request: Request,
) -> Answer<Pool> {
    let pool = name(pool)?;
    let (caller, call) = receive_with(request, |call: &mut PutPool| call.pool = pool).await?;
    blocking(move || pools::put(&crm, &caller, &call)).await.map(Json)
}

/// Remove a pool.
#[utoipa::path(
    delete, path = "/v1/routing/pools/{pool}", tag = "routing", security(("key" = [])),
    params(("pool" = String, Path, description = "The pool's name")),
    responses(
        (status = 200, description = "Whether there was one", body = Deleted),
        (status = 400, description = "The name cannot be read", body = ApiErrorBody),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 404, description = "There is no such path", body = ApiErrorBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn delete_pool(State(crm): State<Arc<Crm>>, pool: PathPart) -> Answer<Deleted> {
    let pool = name(pool)?;
    blocking(move || pools::delete(&crm, &pool)).await.map(Json)
}
