//! Reads calls from requests and checks them.

use std::time::Instant;

use axum::extract::{Path, Request, rejection::PathRejection};
use serde::de::DeserializeOwned;

use super::body;
use crate::{caller::Caller, refusal::Refusal};
use lantern::api::{Call, Invalid};

/// A part of the path, or the error with which it could not be read.
pub(super) type PathPart = Result<Path<String>, PathRejection>;

impl Caller {
    /// The caller of a request that the server has given an id.
    pub(super) fn of(request: &Request, request_id: String, started: Instant) -> Self {
        let key = request.headers().get("idempotency-key");
        Self {
            request_id,
            idempotency_key: key.map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned()),
            started,
        }
    }
}

/// Reads a call and checks it.
pub(super) async fn receive<C: Call + DeserializeOwned>(
    request: Request,
) -> Result<(Caller, C), Refusal> {
    receive_with(request, |_: &mut C| {}).await
}

/// Reads a call, adds what its path contains, and checks it.
pub(super) async fn receive_with<C: Call + DeserializeOwned>(
    request: Request,
    fill: impl FnOnce(&mut C),
) -> Result<(Caller, C), Refusal> {
    let caller = caller(&request);
    let mut call: C = body::json(request).await?;
    fill(&mut call);
    call.check().map_err(|invalid| refused("body", invalid))?;
    Ok((caller, call))
}

/// The caller, as recorded by the outermost layer.
pub(super) fn caller(request: &Request) -> Caller {
    request.extensions().get::<Caller>().cloned().unwrap_or_else(Caller::own)
}

/// A 422 for a request that violates the contract.
pub(super) fn refused(root: &str, invalid: Invalid) -> Refusal {
    let message = invalid.to_string();
    Refusal::invalid(vec![root.into(), invalid.field.into()], "value_error", message)
}

/// A name in the path.
pub(super) fn name(part: PathPart) -> Result<String, Refusal> {
    part.map(|Path(name)| name)
        .map_err(|_| Refusal::BadRequest("the name in the path is not valid UTF-8".into()))
}
