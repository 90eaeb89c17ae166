//! `POST /v1/routing/assign` and `/v1/routing/pools`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Request, State, rejection::PathRejection},
    routing::{get, post, put},
};

use super::{
    super::{
        caller::{receive, receive_with},
        crm::pools,
        gate::behind,
        refusal::Refusal,
        shared::{Shared, blocking},
    },
    Answer,
    documented::spending,
};
use lantern::api::{
    ApiErrorBody, Call,
    answer::ValidationBody,
    routing::{Assign, Assigned, Deleted, Pool, Pools, PutPool},
};

pub(super) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    let routes = Router::new()
        .route("/v1/routing/assign", post(assign))
        .route("/v1/routing/pools", get(list_pools))
        .route("/v1/routing/pools/{pool}", put(put_pool).delete(delete_pool));
    behind(routes, shared, Some(Assign::CLASS))
}

spending! {
    /// Give a record to the next user of a pool.
    ///
    /// An assignment costs 1 credit, with reset rules 2.
    assign(Assign) -> Assigned, "/v1/routing/assign", "routing",
    |shared, caller, call| pools::assign(shared, caller, call)
}

/// All pools.
#[utoipa::path(
    get, path = "/v1/routing/pools", tag = "routing", security(("key" = [])),
    responses(
        (status = 200, description = "All pools", body = Pools),
        (status = 401, description = "The key is missing or wrong", body = ApiErrorBody),
        (status = 429, description = "Over the rate limit", body = ApiErrorBody),
    )
)]
pub(super) async fn list_pools(State(shared): State<Arc<Shared>>) -> Answer<Pools> {
    blocking(move || pools::list(&shared)).await.map(Json)
}

/// Make a pool, or change its users.
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
    State(shared): State<Arc<Shared>>,
    pool: Result<Path<String>, PathRejection>,
    request: Request,
) -> Answer<Pool> {
    let pool = name(pool)?;
    let (caller, call) = receive_with(request, |call: &mut PutPool| call.pool = pool).await?;
    blocking(move || pools::put(&shared, &caller, &call)).await.map(Json)
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
pub(super) async fn delete_pool(
    State(shared): State<Arc<Shared>>,
    pool: Result<Path<String>, PathRejection>,
) -> Answer<Deleted> {
    let pool = name(pool)?;
    blocking(move || pools::delete(&shared, &pool)).await.map(Json)
}

/// A name from the path.
pub(super) fn name(part: Result<Path<String>, PathRejection>) -> Result<String, Refusal> {
    part.map(|Path(name)| name)
        .map_err(|_| Refusal::BadRequest("the name in the path is no UTF-8 text".into()))
}
